/**
 * Plans: which revisions run, in which order, and what happens to the version table at each. Nothing here
 * runs anything; the runner executes the steps one by one and asks `remainingFrom` where it stands after
 * another process took part.
 */

import { error } from '../../base/error-codes.js';
import { reachableFrom } from '../../base/graph.js';
import { parseArgument, type RevisionArgument } from './argument.js';
import type { RevisionGraph } from './graph.js';
import {
  branchLineage,
  canonicalHeads,
  requireKnownRows,
  resolveRevision,
  resolveRevisions,
  stepDownFromRows,
} from './resolve.js';
import type { Revision } from './revision.js';
import { applyRows, deleteRows, downgradeRows, type RowOperation, upgradeRows } from './rows.js';
import { walkDown } from './walk.js';

interface StepBase {
  /** As the log shows it: ids joined with `, `, empty for base. */
  readonly from: string;
  readonly to: string;
  /** What to do with the version table, in this order; together with the revision's own statements. */
  readonly rows: readonly RowOperation[];
  /** The rows when the step is done. */
  readonly headsAfter: readonly string[];
}

/** One revision to apply or to take back. */
export interface MigrationStep extends StepBase {
  readonly direction: 'upgrade' | 'downgrade';
  readonly revision: Revision;
}

/** One move of the version table without running anything. */
export interface StampStep extends StepBase {
  readonly direction: 'stamp';
  readonly revision: undefined;
}

export type Step = MigrationStep | StampStep;

/**
 * Plans an upgrade: everything the target needs and the database does not have.
 *
 * A target that is already applied is no error: nothing is to do.
 *
 * @param currentHeads the rows of the version table; a row that another implies is cleaned up with the first step
 * @param target an argument, or ids that must not imply each other
 * @returns steps in order; O(V + E)
 * @throws MULTIPLE_HEADS, RELATIVE_TOO_FAR, RELATIVE_AMBIGUOUS, REVISION_DATABASE_AHEAD, REVISIONS_OVERLAP
 *   and what `resolveRevisions` throws
 */
export function planUpgrade(
  graph: RevisionGraph,
  currentHeads: readonly string[],
  target: string | readonly string[],
): MigrationStep[] {
  requireKnownRows(graph, currentHeads);
  const targets = upgradeTargets(graph, currentHeads, target);
  const applied = graph.ancestorsOf(currentHeads);
  const missing = reachableFrom(
    targets,
    (id) => graph.parentsOf(id),
    (id) => !applied.has(id),
  );
  let rows: readonly string[] = [...new Set(currentHeads)];
  let cleanUp = redundantRows(graph, currentHeads);
  return graph.oldestFirst(missing).map((id) => {
    const operations = [...cleanUp, ...upgradeRows(graph, applyRows(rows, cleanUp), id)];
    cleanUp = [];
    rows = applyRows(rows, operations);
    const revision = graph.revision(id);
    const from = revision.downRevisions.join(', ');
    return { direction: 'upgrade', revision, from, to: id, rows: operations, headsAfter: rows };
  });
}

/**
 * Plans a downgrade: everything above the target that is applied, and whatever depends on it.
 *
 * `BRANCH@…` leaves other branches alone; what the branch depends on stays. `-1` at a merge takes back the
 * merge and lands on all its parents.
 *
 * @param currentHeads the rows of the version table
 * @returns steps in order; none where the database is at the target; O(V + E)
 * @throws DESTINATION_INVALID for a target that is not applied; RELATIVE_TOO_FAR, RELATIVE_AMBIGUOUS,
 *   WALKED_TOO_FAR, REVISION_DATABASE_AHEAD and what `resolveRevisions` throws
 */
export function planDowngrade(
  graph: RevisionGraph,
  currentHeads: readonly string[],
  target: string,
): MigrationStep[] {
  requireKnownRows(graph, currentHeads);
  const applied = graph.ancestorsOf(currentHeads);
  return takeBack(
    graph,
    currentHeads,
    applied,
    downgradeRoots(graph, currentHeads, applied, parseArgument(target)),
  );
}

/**
 * Plans to take back certain revisions, as far as they are applied, and whatever needs them: how a downgrade
 * that has begun goes on after somebody else moved the rows. Its target, asked again, could mean more.
 */
export function planTakeBack(
  graph: RevisionGraph,
  currentHeads: readonly string[],
  revisions: readonly string[],
): MigrationStep[] {
  requireKnownRows(graph, currentHeads);
  return takeBack(graph, currentHeads, graph.ancestorsOf(currentHeads), revisions);
}

/** @param applied is used up */
function takeBack(
  graph: RevisionGraph,
  currentHeads: readonly string[],
  applied: Set<string>,
  roots: readonly string[],
): MigrationStep[] {
  const undone = [...graph.descendantsOf(roots)].filter((id) => applied.has(id));
  let rows: readonly string[] = [...new Set(currentHeads)];
  let cleanUp = redundantRows(graph, currentHeads);
  return graph.newestFirst(undone).map((id) => {
    applied.delete(id);
    const operations = [...cleanUp, ...downgradeRows(graph, id, applied)];
    cleanUp = [];
    rows = applyRows(rows, operations);
    const revision = graph.revision(id);
    const to = revision.downRevisions.join(', ');
    return { direction: 'downgrade', revision, from: id, to, rows: operations, headsAfter: rows };
  });
}

/**
 * Where in a plan a database stands, so that a run that read the rows again need not plan again.
 *
 * @param steps a plan
 * @param currentHeads the rows as they are now, in any order
 * @param after how many steps are known to be done; the search begins there, so that a run which asks after
 *   every step costs nothing
 * @returns the index of the step that is next, `steps.length` where all is done; undefined where the rows are
 *   not on the way of this plan, and it must be made anew
 */
export function remainingFrom(
  steps: readonly Step[],
  currentHeads: readonly string[],
  after = 0,
): number | undefined {
  const now = new Set(currentHeads);
  for (let done = after; done <= steps.length; done++) {
    const rows = headsAt(steps, done);
    if (rows.length === now.size && rows.every((row) => now.has(row))) return done;
  }
  return undefined;
}

/** The rows when so many steps of a plan are done. */
function headsAt(steps: readonly Step[], done: number): readonly string[] {
  const last = steps[done - 1];
  if (last !== undefined) return last.headsAfter;
  const [first] = steps;
  if (first === undefined) return [];
  const undo = first.rows.map((operation): RowOperation => {
    if (operation.kind === 'update') return { kind: 'update', from: operation.to, to: operation.from };
    return { kind: operation.kind === 'insert' ? 'delete' : 'insert', version: operation.version };
  });
  return applyRows(first.headsAfter, undo.reverse());
}

/** The line that the log shows for a step: `Running upgrade a -> b, message`. */
export function stepLine(step: Step): string {
  const verb = step.direction === 'stamp' ? 'stamp_revision' : step.direction;
  const message = step.revision?.message ?? '';
  return `Running ${verb} ${step.from} -> ${step.to}${message === '' ? '' : `, ${message}`}`;
}

function upgradeTargets(
  graph: RevisionGraph,
  currentHeads: readonly string[],
  target: string | readonly string[],
): readonly string[] {
  if (typeof target !== 'string') {
    const targets = [...new Set(target.flatMap((each) => resolveRevisions(graph, each, { currentHeads })))];
    requireNoOverlap(graph, targets);
    return targets;
  }
  const argument = parseArgument(target);
  if (argument.symbol === undefined && argument.steps <= 0) {
    throw error('RELATIVE_TOO_FAR', {
      offset: argument.offset ?? target,
      reason: 'An upgrade goes up: give +N, or use `limbeck downgrade`.',
    });
  }
  // As in Alembic, `current` is for looking only: without the rows it is an unknown name.
  return resolveRevisions(graph, target, argument.symbol === undefined ? { currentHeads } : {});
}

/** @throws REVISIONS_OVERLAP when one of these is an ancestor or a dependency of another */
export function requireNoOverlap(graph: RevisionGraph, ids: readonly string[]): void {
  for (const id of ids.length < 2 ? [] : ids) {
    const below = graph.ancestorsOf([id]);
    const others = ids.filter((other) => other !== id && below.has(other));
    if (others.length > 0) throw error('REVISIONS_OVERLAP', { revision: id, others });
  }
}

/** The lowest revisions that a downgrade takes back; all that needs them goes with them. */
function downgradeRoots(
  graph: RevisionGraph,
  currentHeads: readonly string[],
  applied: ReadonlySet<string>,
  argument: RevisionArgument,
): readonly string[] {
  const { symbol, steps, text } = argument;
  if (symbol === undefined) return stepDownFromRows(graph, currentHeads, argument).undone.slice(-1);

  const lineage = branchLineage(graph, argument);
  const onLineage = (ids: readonly string[]) =>
    lineage === undefined ? ids : ids.filter((id) => lineage.has(id));
  if (steps < 0) {
    const start = text.slice(0, text.length - (argument.offset?.length ?? 0));
    const from = resolveRevision(graph, start);
    const { undone, landing } = walkDown(graph, from, -steps, {
      lineage,
      tooFar: (end, walked) => error('WALKED_TOO_FAR', { argument: text, end, steps: walked }),
    });
    const [only, ...more] = landing;
    if (only !== undefined && more.length === 0) return childrenAbove(only);
    // Below a merge there is no single revision to go to, and below a base none at all, where Alembic takes
    // back every other line as well: the last revision taken back says what is meant.
    requireApplied(landing, currentHeads, applied, text);
    return undone.slice(-1);
  }
  const destination = resolveRevision(graph, text);
  return destination === undefined ? onLineage(graph.bases) : childrenAbove(destination);

  function childrenAbove(id: string): readonly string[] {
    requireApplied([id], currentHeads, applied, text);
    return onLineage(graph.childrenOf(id));
  }
}

function requireApplied(
  ids: readonly string[],
  currentHeads: readonly string[],
  applied: ReadonlySet<string>,
  destination: string,
): void {
  if (ids.every((id) => applied.has(id))) return;
  throw error('DESTINATION_INVALID', { destination, direction: 'downgrade', rows: currentHeads });
}

/** Rows that another row implies, which a stamp by hand may have left: they say nothing and go. */
function redundantRows(graph: RevisionGraph, currentHeads: readonly string[]): RowOperation[] {
  const heads = new Set(canonicalHeads(graph, currentHeads));
  return deleteRows([...new Set(currentHeads)].filter((row) => !heads.has(row)));
}
