/** Plans a stamp: the version table is moved to some revisions, and nothing runs. */

import { parseArgument } from './argument.js';
import type { RevisionGraph } from './graph.js';
import { requireNoOverlap, type StampStep } from './path.js';
import { requireKnownRows, resolveBranch, resolveRevisions } from './resolve.js';
import { applyRows, deleteRows, joinRows, type RowOperation } from './rows.js';

export interface StampOptions {
  /** Delete all rows first, also those that no file knows. */
  readonly purge?: boolean | undefined;
}

/**
 * Plans a stamp.
 *
 * A row that is an ancestor or a descendant of a target, by parentage or dependency, gives way to it; all
 * others stay. `base` deletes every row, `BRANCH@base` those of the branch.
 *
 * @param currentHeads the rows of the version table
 * @param targets arguments; several, or `heads`, for several rows
 * @returns one step a move; none where the rows are as wanted
 * @throws REVISIONS_OVERLAP for targets that imply each other, MULTIPLE_HEADS, REVISION_DATABASE_AHEAD (not
 *   with `purge`) and what `resolveRevisions` throws
 */
export function planStamp(
  graph: RevisionGraph,
  currentHeads: readonly string[],
  targets: string | readonly string[],
  options: StampOptions = {},
): StampStep[] {
  const purge = options.purge === true;
  if (!purge) requireKnownRows(graph, currentHeads);
  const present = purge ? [] : [...new Set(currentHeads)];
  const texts = typeof targets === 'string' ? [targets] : targets;
  const wanted = [
    ...new Set(
      texts.flatMap((text) => resolveRevisions(graph, text, { currentHeads: present, purpose: 'stamp' })),
    ),
  ];
  requireNoOverlap(graph, wanted);

  const moves: { from: readonly string[]; to: string; rows: RowOperation[] }[] = [];
  let rows: readonly string[] = present;
  const move = (from: readonly string[], to: string, operations: RowOperation[]): void => {
    rows = applyRows(rows, operations);
    moves.push({ from, to, rows: operations });
  };
  const teardown = texts.flatMap((text) => rowsToTearDown(graph, present, text));
  for (const row of new Set(teardown)) move([row], '', deleteRows([row]));

  for (const target of wanted) {
    const related = graph.ancestorsOf([target]);
    for (const id of graph.descendantsOf([target])) related.add(id);
    const from = present.filter((row) => row !== target && related.has(row));
    // An earlier move may have used up a row already: a merge that is stamped back to both its parents.
    const left = from.filter((row) => rows.includes(row));
    if (!rows.includes(target)) move(from, target, joinRows(left, target));
    else if (left.length > 0) move(from, target, deleteRows(left));
  }
  if (purge) return purged(currentHeads, moves);
  return toSteps(present, moves);
}

function rowsToTearDown(graph: RevisionGraph, rows: readonly string[], text: string): readonly string[] {
  const { branch, symbol, offset } = parseArgument(text);
  if (symbol !== 'base' || offset !== undefined) return [];
  if (branch === undefined) return rows;
  // What the branch depends on belongs to others; what depends on the branch cannot stay without it.
  const owner = resolveBranch(graph, branch, text);
  const gone = graph.descendantsOf([owner]);
  for (const id of graph.lineageOf(owner)) gone.add(id);
  return rows.filter((row) => gone.has(row));
}

/** All rows go at once with the first move; without a move they still go. */
function purged(
  rows: readonly string[],
  moves: readonly { from: readonly string[]; to: string; rows: RowOperation[] }[],
): StampStep[] {
  const deletes = deleteRows([...new Set(rows)]);
  const [first, ...rest] = moves;
  if (first !== undefined) return toSteps(rows, [{ ...first, rows: [...deletes, ...first.rows] }, ...rest]);
  return deletes.length === 0 ? [] : toSteps(rows, [{ from: rows, to: '', rows: deletes }]);
}

function toSteps(
  rows: readonly string[],
  moves: readonly { from: readonly string[]; to: string; rows: readonly RowOperation[] }[],
): StampStep[] {
  let headsAfter = rows;
  return moves.map(({ from, to, rows: operations }) => {
    headsAfter = applyRows(headsAfter, operations);
    return {
      direction: 'stamp',
      revision: undefined,
      from: from.join(', '),
      to,
      rows: operations,
      headsAfter,
    };
  });
}
