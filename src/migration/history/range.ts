/** Which revisions `history` lists, and in which order. */

import { error } from '../../base/error-codes.js';
import { parseArgument, parseRange } from './argument.js';
import type { RevisionGraph } from './graph.js';
import { branchLineage, resolveRevision, resolveRevisions } from './resolve.js';
import { walkDown, walkUp } from './walk.js';

export interface HistorySelection {
  /** `[start]:[end]`, both ends included; everything where it is left out. */
  readonly range?: string | undefined;
  /** The rows of the version table, for `current`; only needed where `rangeNeedsDatabase` says so. */
  readonly currentHeads?: readonly string[] | undefined;
}

/** Whether a range can only be told with the rows of the version table at hand. */
export function rangeNeedsDatabase(range: string): boolean {
  const { start, end } = parseRange(range);
  return [start, end].some((part) => part !== undefined && /(^|@)current\b/.test(part));
}

/**
 * Selects the revisions of a range, both ends included.
 *
 * An end that is only a number counts from the other: `-3:current` begins three below what the database is
 * at, `ae1:+2` ends two above ae1; a number beyond the end of the graph stops there.
 *
 * @returns ids, newest first
 * @throws HISTORY_RANGE_INVALID, HISTORY_RANGE_UNRELATED, and what `resolveRevisions` throws
 */
export function selectHistory(graph: RevisionGraph, selection: HistorySelection = {}): string[] {
  if (selection.range === undefined) return graph.newestFirst(graph.order);
  const { start, end } = parseRange(selection.range);
  const lowerFirst = end !== undefined && parseArgument(end).symbol === undefined && end.includes('+');
  let upper: readonly string[];
  let lower: readonly string[];
  if (lowerFirst) {
    lower = start === undefined ? [] : resolveRevisions(graph, start, selection);
    upper = endAbove(graph, end, lower, selection);
  } else {
    upper = end === undefined ? graph.realHeads : fromSymbol(graph, end, selection);
    lower = start === undefined ? [] : startBelow(graph, start, upper, selection);
  }
  const branch = start === undefined ? undefined : branchLineage(graph, parseArgument(start));
  if (branch !== undefined) upper = upper.filter((id) => branch.has(id));

  const required = graph.ancestorsOf(upper);
  if (lower.some((id) => !required.has(id))) {
    throw error('HISTORY_RANGE_UNRELATED', { start: start ?? '', end: end ?? '' });
  }
  if (lower.length === 0) return graph.newestFirst(required);
  const before = graph.ancestorsOf(lower);
  for (const id of lower) before.delete(id);
  return graph.newestFirst([...graph.lineOf(lower)].filter((id) => required.has(id) && !before.has(id)));
}

function startBelow(
  graph: RevisionGraph,
  start: string,
  upper: readonly string[],
  selection: HistorySelection,
): readonly string[] {
  const argument = parseArgument(start);
  if (argument.symbol === undefined && argument.steps < 0) {
    const lineage = branchLineage(graph, argument);
    const tops = lineage === undefined ? upper : upper.filter((id) => lineage.has(id));
    const landings = tops.map((id) => walkDown(graph, id, -argument.steps, { lineage }).landing);
    // One that reaches base takes its whole line: base has no id to start from.
    if (landings.some((landing) => landing.length === 0)) return [];
    return canonicalLower(graph, landings.flat());
  }
  return fromSymbol(graph, start, selection);
}

/** What an end names, steps beyond the graph left out. */
function fromSymbol(graph: RevisionGraph, text: string, selection: HistorySelection): readonly string[] {
  const argument = parseArgument(text);
  const { branch, symbol, steps } = argument;
  if (symbol === undefined || argument.offset === undefined) return resolveRevisions(graph, text, selection);
  const lineage = branchLineage(graph, argument);
  const start = resolveRevision(graph, branch === undefined ? symbol : `${branch}@${symbol}`, selection);
  if (steps < 0) return walkDown(graph, start, -steps, { lineage }).landing;
  const at = walkUp(graph, start, steps, { lineage });
  return at === undefined ? [] : [at];
}

function endAbove(
  graph: RevisionGraph,
  end: string,
  lower: readonly string[],
  selection: HistorySelection,
): readonly string[] {
  if (lower.length > 1) return resolveRevisions(graph, end, { ...selection, currentHeads: lower });
  const argument = parseArgument(end);
  const at = walkUp(graph, lower[0], argument.steps, { lineage: branchLineage(graph, argument) });
  return at === undefined ? [] : [at];
}

/** Of several starts the lowest count: one that stands on another adds nothing. */
function canonicalLower(graph: RevisionGraph, ids: readonly string[]): string[] {
  const distinct = [...new Set(ids)];
  return distinct.filter(
    (id) => !distinct.some((other) => other !== id && graph.ancestorsOf([id]).has(other)),
  );
}
