/**
 * The graph of all migration files: who stands on whom, which branch is called what, and in which order
 * everything runs. Validated as a whole when it is made, immutable afterwards; every command asks it, and
 * nothing in it touches a file or a database.
 *
 * Two kinds of edges: `downRevisions` make lineages; `dependsOn` only says what must be applied before.
 * "Versioned" heads look at the first kind alone, "real" heads at both.
 */

import { invertEdges, reachableFrom } from '../../base/graph.js';
import { branchOrder } from './order.js';
import type { Revision } from './revision.js';
import { findGraphProblems } from './validate.js';

const NONE: readonly string[] = [];

/** All revisions and their relations; made anew when a file changes. */
export class RevisionGraph {
  /** As given; this order decides between revisions that no edge orders, so sort by file name. */
  readonly revisions: readonly Revision[];
  /** Ids without a child. A head that others depend on is among them (an "effective head"). */
  readonly heads: readonly string[];
  /** Ids that nothing stands on and nothing depends on: the rows of a database that has everything. */
  readonly realHeads: readonly string[];
  /** Ids without a parent. */
  readonly bases: readonly string[];
  /** All ids, oldest first: the order of every upgrade, and reversed that of every downgrade. */
  readonly order: readonly string[];

  readonly #byId: ReadonlyMap<string, Revision>;
  readonly #labelOwners: ReadonlyMap<string, string>;
  readonly #parents: ReadonlyMap<string, readonly string[]>;
  readonly #children: ReadonlyMap<string, readonly string[]>;
  readonly #dependents: ReadonlyMap<string, readonly string[]>;
  readonly #rank: ReadonlyMap<string, number>;
  readonly #labels: ReadonlyMap<string, ReadonlySet<string>>;

  /**
   * @param revisions in the order of their files
   * @throws the first of `findGraphProblems`: a cycle, something missing, twice or misnamed; O(V + E)
   */
  constructor(revisions: readonly Revision[]) {
    const [problem] = findGraphProblems(revisions);
    if (problem !== undefined) throw problem;

    const ids = revisions.map((revision) => revision.id);
    this.revisions = [...revisions];
    this.#byId = new Map(revisions.map((revision) => [revision.id, revision]));
    this.#labelOwners = new Map(
      revisions.flatMap(({ id, branchLabels }) => branchLabels.map((label) => [label, id])),
    );
    this.#parents = new Map(
      revisions.map(({ id, downRevisions }) => [
        id,
        [...new Set([...downRevisions, ...this.dependenciesOf(id)])],
      ]),
    );
    this.#children = invertEdges(ids, (id) => new Set(this.downsOf(id)));
    this.#dependents = invertEdges(ids, (id) => this.parentsOf(id));
    this.heads = ids.filter((id) => this.childrenOf(id).length === 0);
    this.realHeads = ids.filter((id) => this.dependentsOf(id).length === 0);
    this.bases = ids.filter((id) => this.downsOf(id).length === 0);
    this.order = branchOrder(this.realHeads, this.#parents, this.#dependents);
    this.#rank = new Map(this.order.map((id, index) => [id, index]));
    this.#labels = this.#spreadLabels();
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): Revision | undefined {
    return this.#byId.get(id);
  }

  /** The revision of an id that is known to be in the graph. */
  revision(id: string): Revision {
    const revision = this.#byId.get(id);
    if (revision === undefined)
      throw new RangeError(`Revision ${id} is not in the graph: resolve the argument first.`);
    return revision;
  }

  /** The parents as the file names them; none for a base. */
  downsOf(id: string): readonly string[] {
    return this.#byId.get(id)?.downRevisions ?? NONE;
  }

  /** What a revision depends on, labels turned into ids. */
  dependenciesOf(id: string): readonly string[] {
    const names = this.#byId.get(id)?.dependsOn;
    return names === undefined || names.length === 0
      ? NONE
      : names.map((name) => this.#labelOwners.get(name) ?? name);
  }

  /** Parents and dependencies, each once, parents first: all that must be applied right before. */
  parentsOf(id: string): readonly string[] {
    return this.#parents.get(id) ?? NONE;
  }

  /** The revisions that name this one as a parent. */
  childrenOf(id: string): readonly string[] {
    return this.#children.get(id) ?? NONE;
  }

  /** The revisions that name this one as a parent or a dependency. */
  dependentsOf(id: string): readonly string[] {
    return this.#dependents.get(id) ?? NONE;
  }

  /** Everything that is applied where these are, themselves included. */
  ancestorsOf(ids: Iterable<string>): Set<string> {
    return reachableFrom(ids, (id) => this.parentsOf(id));
  }

  /** Everything that needs one of these, directly or not, themselves included. */
  descendantsOf(ids: Iterable<string>): Set<string> {
    return reachableFrom(ids, (id) => this.dependentsOf(id));
  }

  /** The descendants by parentage alone, themselves included. */
  lineOf(ids: Iterable<string>): Set<string> {
    return reachableFrom(ids, (id) => this.childrenOf(id));
  }

  /** The lineage of a revision: its ancestors and descendants by parentage alone, itself included. */
  lineageOf(id: string): Set<string> {
    const lineage = reachableFrom([id], (each) => this.downsOf(each));
    for (const each of this.lineOf([id])) lineage.add(each);
    return lineage;
  }

  /** Those of a set that nothing else of the set stands on or depends on, in the order of the files. */
  tipsOf(applied: ReadonlySet<string>): string[] {
    return this.inFileOrder(
      [...applied].filter((id) => !this.dependentsOf(id).some((next) => applied.has(next))),
    );
  }

  /** A copy in the order of the files. */
  inFileOrder(ids: Iterable<string>): string[] {
    const wanted = new Set(ids);
    if (wanted.size < 2) return [...wanted];
    return this.revisions.filter(({ id }) => wanted.has(id)).map(({ id }) => id);
  }

  /** A copy in the order of an upgrade, oldest first. O(n log n) in the ids given. */
  oldestFirst(ids: Iterable<string>): string[] {
    const rank = (id: string): number => this.#rank.get(id) ?? -1;
    return [...ids].sort((a, b) => rank(a) - rank(b));
  }

  /** A copy in the order of a downgrade and of `history`, newest first. */
  newestFirst(ids: Iterable<string>): string[] {
    return this.oldestFirst(ids).reverse();
  }

  isBranchPoint(id: string): boolean {
    return this.childrenOf(id).length > 1;
  }

  isMergePoint(id: string): boolean {
    return this.downsOf(id).length > 1;
  }

  /** Branch points, newest first. */
  get branchPoints(): readonly string[] {
    return this.newestFirst(this.#byId.keys()).filter((id) => this.isBranchPoint(id));
  }

  /** Merge points, newest first. */
  get mergePoints(): readonly string[] {
    return this.newestFirst(this.#byId.keys()).filter((id) => this.isMergePoint(id));
  }

  /** All labels, in the order of the files. */
  get labels(): readonly string[] {
    return [...this.#labelOwners.keys()];
  }

  /** The one revision whose file gives a label. */
  ownerOfLabel(label: string): string | undefined {
    return this.#labelOwners.get(label);
  }

  /**
   * The labels that apply to a revision, sorted: its own, those of its ancestors, and those of descendants
   * down to the branch point or merge before them.
   */
  labelsOf(id: string): readonly string[] {
    return [...(this.#labels.get(id) ?? NONE)].sort();
  }

  #spreadLabels(): Map<string, Set<string>> {
    const labels = new Map<string, Set<string>>();
    const add = (id: string, label: string): void => {
      const present = labels.get(id);
      if (present === undefined) labels.set(id, new Set([label]));
      else present.add(label);
    };
    for (const [label, owner] of this.#labelOwners) {
      for (const id of this.lineOf([owner])) add(id, label);
      // Alembic starts this walk at whichever leaf its traversal met last, so that whether an ancestor has the
      // label hangs on what was added above; its documentation, and we, start at the labelled revision.
      for (
        let id: string | undefined = owner;
        id !== undefined && this.#isPlain(id);
        id = this.downsOf(id)[0]
      ) {
        add(id, label);
      }
    }
    return labels;
  }

  #isPlain(id: string): boolean {
    return this.dependentsOf(id).length < 2 && !this.isMergePoint(id);
  }
}
