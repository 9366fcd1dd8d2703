/**
 * Puts a history into lanes: a column for every revision, and one for every edge from a revision down to what it
 * stands on. An edge has its lane for itself from the one end to the other, so nothing ever lies under a revision
 * that it does not belong to.
 */

import type { DrawnRevision, EdgeKind } from './model.js';

/** An edge on its way down. */
export interface Lane {
  readonly child: string;
  readonly parent: string;
  readonly kind: EdgeKind;
  readonly column: number;
}

/** One revision with the lanes around it. */
export interface LaneRow {
  readonly node: DrawnRevision;
  readonly column: number;
  /** Lanes that go by, also those that end or begin beside the revision. */
  readonly passing: readonly Lane[];
  /** Lanes that end here; the one in the revision's own column is among them. */
  readonly ending: readonly Lane[];
  /** Lanes that begin here; the first is in the revision's own column. */
  readonly beginning: readonly Lane[];
  /** Whether it stands on something that the picture leaves out. */
  readonly isCut: boolean;
}

/** @param nodes newest first: nothing stands before what stands on it */
export function layLanes(nodes: readonly DrawnRevision[]): LaneRow[] {
  const shown = new Set(nodes.map(({ revision }) => revision));
  const lanes: (Lane | undefined)[] = [];
  return nodes.map((node) => {
    const id = node.revision;
    const ending = lanes.filter((lane) => lane?.parent === id) as Lane[];
    const own = ending.find(({ kind }) => kind === 'parent') ?? ending[0];
    const column = own?.column ?? freeColumn(lanes, 0);
    for (const lane of ending) lanes[lane.column] = undefined;
    const passing = lanes.filter((lane) => lane !== undefined);
    const beginning: Lane[] = [];
    for (const [parent, kind] of edgesOf(node)) {
      if (!shown.has(parent)) continue;
      const at = beginning.length === 0 ? column : freeColumn(lanes, column + 1);
      const lane = { child: id, parent, kind, column: at };
      lanes[at] = lane;
      beginning.push(lane);
    }
    const isCut = edgesOf(node).some(([parent]) => !shown.has(parent));
    return { node, column, passing, ending, beginning, isCut };
  });
}

function edgesOf({ downRevisions, dependsOn }: DrawnRevision): (readonly [string, EdgeKind])[] {
  const parents = downRevisions.map((parent) => [parent, 'parent'] as const);
  const others = dependsOn.filter((id) => !downRevisions.includes(id));
  return [...parents, ...others.map((id) => [id, 'dependency'] as const)];
}

function freeColumn(lanes: readonly (Lane | undefined)[], from: number): number {
  for (let column = from; ; column++) if (lanes[column] === undefined) return column;
}
