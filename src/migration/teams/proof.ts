/**
 * Whether two lines of revisions may run in either order: the files of both are replayed from where they part,
 * once one line first and once the other, and the schemas compared. What works with rows is proven only where
 * the lines keep to tables of their own.
 */

import { isLimbeckError } from '../../base/errors.js';
import { diff } from '../../schema/diff.js';
import { describeChanges } from '../autogenerate/changes.js';
import type { RevisionGraph } from '../history/graph.js';
import { planUpgrade } from '../history/path.js';
import type { RecordedMigration, Timeline } from '../replay/timeline.js';
import type { MergeClash, MergeProof } from '../types.js';
import {
  isShared,
  objectText,
  operationsOf,
  type RowStep,
  rowStepsOf,
  type TouchedObject,
  touchedObjects,
} from './touched.js';

/** Compares the lines of several heads, each with each other. */
export async function proveMerge(
  timeline: Timeline,
  graph: RevisionGraph,
  heads: readonly string[],
): Promise<MergeProof> {
  const clashes: MergeClash[] = [];
  const unproven: MergeClash[] = [];
  for (const [i, left] of heads.entries()) {
    for (const right of heads.slice(i + 1)) {
      const pair = await openPair(timeline, graph, left, right);
      const found = await clashOf(timeline, pair);
      if (found === undefined) unproven.push(...sharedRows(pair));
      else clashes.push(found);
    }
  }
  const verdict = clashes.length > 0 ? 'clashes' : unproven.length > 0 ? 'unproven' : 'commutes';
  return { verdict, clashes, unproven };
}

/** Two lines from where they part. */
interface Pair {
  readonly left: Line;
  readonly right: Line;
}

interface Line {
  readonly head: string;
  readonly runs: readonly RecordedMigration[];
}

async function openPair(
  timeline: Timeline,
  graph: RevisionGraph,
  left: string,
  right: string,
): Promise<Pair> {
  const others = graph.ancestorsOf([right]);
  const common = new Set([...graph.ancestorsOf([left])].filter((id) => others.has(id)));
  const base = graph.tipsOf(common);
  const line = async (head: string): Promise<Line> => ({
    head,
    runs: await timeline.record(base, planUpgrade(graph, base, head)),
  });
  return { left: await line(left), right: await line(right) };
}

/** What goes wrong, or differs, when one line runs behind the other. */
async function clashOf(timeline: Timeline, { left, right }: Pair): Promise<MergeClash | undefined> {
  const [leftFirst, rightFirst] = [await behind(timeline, right, left), await behind(timeline, left, right)];
  for (const outcome of [leftFirst, rightFirst]) {
    if ('failed' in outcome) return describeClash(left, right, outcome.problem, outcome.failed);
  }
  if ('failed' in leftFirst || 'failed' in rightFirst) return undefined;
  const differences = describeChanges(leftFirst.schema, diff(leftFirst.schema, rightFirst.schema));
  if (differences.length === 0) return undefined;
  const problem = `with ${right.head} first there is: ${differences.join('; ')}`;
  return describeClash(left, right, problem);
}

type Outcome =
  | { readonly schema: RecordedMigration['after']['schema'] }
  | { readonly failed: string; readonly problem: string };

/** The schema when a line runs behind another, or what it fails with. */
async function behind(timeline: Timeline, line: Line, first: Line): Promise<Outcome> {
  let after = first.runs.at(-1)?.after ?? line.runs[0]?.before;
  if (after === undefined) throw new RangeError('two lines without a revision');
  for (const { step } of line.runs) {
    try {
      const [run] = await timeline.recordFrom(after, [step]);
      if (run !== undefined) after = run.after;
    } catch (cause) {
      if (!isLimbeckError(cause)) throw cause;
      const { id } = step.revision;
      return { failed: id, problem: `behind ${first.head}, ${id} fails: ${cause.message}` };
    }
  }
  return { schema: after.schema };
}

function describeClash(left: Line, right: Line, problem: string, failed?: string): MergeClash {
  const [ofLeft, ofRight] = [touchedBy(left), touchedBy(right)];
  const shared = [...meetings(ofLeft, ofRight), ...meetings(ofRight, ofLeft)];
  const revisions = [...shared.map(({ revision }) => revision), ...(failed === undefined ? [] : [failed])];
  return {
    between: [left.head, right.head],
    revisions: [...new Set(revisions)],
    objects: [...new Set(shared.map(({ object }) => objectText(object)))].sort(),
    problem,
  };
}

interface Touch {
  readonly object: TouchedObject;
  readonly revision: string;
}

function touchedBy(line: Line): Touch[] {
  return line.runs.flatMap((run) =>
    touchedObjects(operationsOf(run)).map((object) => ({ object, revision: run.step.revision.id })),
  );
}

function meetings(touches: readonly Touch[], others: readonly Touch[]): Touch[] {
  return touches.filter(({ object }) => others.some((other) => isShared(object, other.object)));
}

/** Statements of one line that work with what the other line works on. */
function sharedRows({ left, right }: Pair): MergeClash[] {
  return [...sharedFrom(left, right), ...sharedFrom(right, left)];
}

function sharedFrom(line: Line, other: Line): MergeClash[] {
  const others = new Set(other.runs.flatMap(tablesOf));
  return line.runs.flatMap((run) =>
    rowStepsOf(run)
      .filter(({ isOpaque, tables }) => isOpaque || [...tables].some((table) => others.has(table)))
      .map((step) => unprovenStep(run.step.revision.id, step, line.head, other.head)),
  );
}

function tablesOf(run: RecordedMigration): string[] {
  const owners = touchedObjects(operationsOf(run)).map(({ owner }) => owner);
  return [...owners, ...rowStepsOf(run).flatMap(({ tables }) => [...tables])];
}

function unprovenStep(revision: string, step: RowStep, head: string, other: string): MergeClash {
  const text = step.text.replace(/\s+/g, ' ').slice(0, 80);
  return {
    between: [head, other],
    revisions: [revision],
    objects: [...step.tables],
    problem: `${step.place ?? revision} works with rows, and nobody knows whether the order matters: ${text}`,
  };
}
