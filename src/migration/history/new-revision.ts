/**
 * What `revision` and `merge` are about to create, checked against the whole graph before a file is written:
 * no command leaves a file behind that breaks the next one.
 */

import { error } from '../../base/error-codes.js';
import { RevisionGraph } from './graph.js';
import { requireNoOverlap } from './path.js';
import { resolveRevision, resolveRevisions } from './resolve.js';
import { type Revision, revisionFrom } from './revision.js';
import { idProblems } from './validate.js';

/** What the options of `revision` ask for. */
export interface RevisionRequest {
  /** The id of the new revision: `--rev-id`, or one that was made. */
  readonly id: string;
  /** The parents as arguments; `head` where it is left out, `base` for a new base. */
  readonly head?: string | readonly string[] | undefined;
  /** Allows a parent that is not a head, which makes a branch. */
  readonly splice?: boolean | undefined;
  readonly branchLabels?: readonly string[] | undefined;
  /** Arguments: what is a label stays one, everything else becomes a full id. */
  readonly dependsOn?: readonly string[] | undefined;
  /** The whole opening comment; its first paragraph is the message. */
  readonly doc?: string | undefined;
  /** Where the file is going to be. */
  readonly path?: string | undefined;
}

/** What the options of `merge` ask for. */
export interface MergeRequest extends Omit<RevisionRequest, 'head' | 'dependsOn'> {
  /** The revisions to merge, as arguments; `heads` stands for all of them. */
  readonly revisions: readonly string[];
}

/**
 * Checks a new revision and works out its parents.
 *
 * @returns what the file must say
 * @throws MULTIPLE_HEADS, REVISION_NOT_HEAD, DUPLICATE_HEADS, REVISIONS_OVERLAP, REVISION_ID_TAKEN,
 *   DEPENDENCY_INVALID, what `resolveRevisions` throws, and what `RevisionGraph` says of ids and labels
 */
export function planRevision(graph: RevisionGraph, request: RevisionRequest): Revision {
  requireFreeId(graph, request);
  const heads = typeof request.head === 'string' ? [request.head] : (request.head ?? ['head']);
  const parents = heads.flatMap((head) => resolveRevisions(graph, head, { purpose: 'revision' }));
  return checked(graph, request, parents, resolveDependencies(graph, request.dependsOn ?? []));
}

/**
 * Checks a merge and works out its parents.
 *
 * `heads` means every head by parentage, also one that another depends on: that is what `heads` lists and
 * what stands in the way of `head`.
 *
 * @throws MERGE_NEEDS_SEVERAL for a single revision (Alembic writes an ordinary one), and as `planRevision`
 */
export function planMerge(graph: RevisionGraph, request: MergeRequest): Revision {
  requireFreeId(graph, request);
  const parents = request.revisions.flatMap((text) =>
    text === 'heads' ? graph.heads : resolveRevisions(graph, text, { purpose: 'revision' }),
  );
  requireDistinct(parents);
  if (parents.length < 2) throw error('MERGE_NEEDS_SEVERAL', { revisions: parents });
  return checked(graph, request, parents, []);
}

function checked(
  graph: RevisionGraph,
  request: Omit<RevisionRequest, 'head' | 'dependsOn'>,
  parents: readonly string[],
  dependsOn: readonly string[],
): Revision {
  requireDistinct(parents);
  if (request.splice !== true) {
    const covered = parents.find((id) => graph.childrenOf(id).length > 0);
    if (covered !== undefined) throw error('REVISION_NOT_HEAD', { revision: covered });
  }
  requireSeparateLines(graph, parents);
  const made = revisionFrom({
    id: request.id,
    downRevisions: parents,
    dependsOn,
    branchLabels: [...new Set(request.branchLabels ?? [])],
    doc: request.doc ?? '',
    path: request.path,
  });
  // Whatever else could be wrong with it is what the graph finds when it is loaded next: find it now.
  new RevisionGraph([...graph.revisions, made]);
  return made;
}

function requireFreeId(graph: RevisionGraph, request: { readonly id: string }): void {
  const { id } = request;
  const [problem] = idProblems(id, undefined);
  if (problem !== undefined) throw problem;
  const taken = graph.get(id);
  if (taken !== undefined) {
    throw error('REVISION_ID_TAKEN', { revision: id, by: 'revision', file: taken.path ?? taken.id });
  }
  const owner = graph.ownerOfLabel(id);
  if (owner !== undefined) {
    throw error('REVISION_ID_TAKEN', {
      revision: id,
      by: 'branch label',
      file: graph.get(owner)?.path ?? owner,
    });
  }
}

function requireDistinct(parents: readonly string[]): void {
  const twice = parents.filter((id, index) => parents.indexOf(id) !== index);
  if (twice.length > 0) throw error('DUPLICATE_HEADS', { revisions: [...new Set(twice)] });
}

/** A parent that another parent stands on is no second line to merge; one it only depends on is. */
function requireSeparateLines(graph: RevisionGraph, parents: readonly string[]): void {
  const inOneLine = parents.some((id) =>
    parents.some((other) => other !== id && graph.lineOf([id]).has(other)),
  );
  if (inOneLine) requireNoOverlap(graph, parents);
}

function resolveDependencies(graph: RevisionGraph, names: readonly string[]): readonly string[] {
  const resolved = names.map((name) => {
    if (graph.ownerOfLabel(name) !== undefined) return name;
    const id = resolveRevision(graph, name);
    if (id === undefined) throw error('DEPENDENCY_INVALID', { argument: name });
    return id;
  });
  return [...new Set(resolved)];
}
