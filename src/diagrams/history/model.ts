/** A history of revisions as the pictures see it: plain data, made by whoever knows the graph. */

/** One revision of the picture. */
export interface DrawnRevision {
  readonly revision: string;
  /** Full ids, also of such as the picture leaves out. */
  readonly downRevisions: readonly string[];
  /** Full ids of what it depends on without standing on it. */
  readonly dependsOn: readonly string[];
  /** The labels that its own file gives. */
  readonly branchLabels: readonly string[];
  readonly message: string;
  /** `null` where no database could be asked. */
  readonly state: 'applied' | 'pending' | null;
  /** Whether the database stands here. */
  readonly isCurrent: boolean;
  /** Whether nothing stands on it. */
  readonly isHead: boolean;
  readonly isBranchPoint: boolean;
  readonly isMergePoint: boolean;
}

/** Why one revision comes after another: it stands on it, or only needs it. */
export type EdgeKind = 'parent' | 'dependency';

/** The words that stand behind an id, in their order. */
export function marksOf(node: DrawnRevision): string[] {
  return [
    ...(node.isCurrent ? ['current'] : []),
    ...(node.isHead ? ['head'] : []),
    ...(node.isBranchPoint ? ['branchpoint'] : []),
    ...(node.isMergePoint ? ['mergepoint'] : []),
  ];
}

/** How many there are of each state. */
export interface Tally {
  readonly applied: number;
  readonly pending: number;
  readonly current: number;
}

export function tallyOf(nodes: readonly DrawnRevision[]): Tally {
  const count = (is: (node: DrawnRevision) => boolean): number => nodes.filter(is).length;
  return {
    applied: count(({ state }) => state === 'applied'),
    pending: count(({ state }) => state === 'pending'),
    current: count(({ isCurrent }) => isCurrent),
  };
}
