/**
 * Everything that can be wrong with a set of migration files as a graph, found before anything uses it.
 * `RevisionGraph` throws the first problem; `lint` may show them all.
 */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';
import { findCycles } from '../../base/graph.js';
import { MAX_REVISION_ID_LENGTH, placeOf, RESERVED_NAMES, type Revision } from './revision.js';

const ILLEGAL = ['+', '-', ':', '@'];

/** The characters of a name that arguments give a meaning to. */
export function illegalCharacters(name: string): string[] {
  return ILLEGAL.filter((character) => name.includes(character));
}

/**
 * Finds every problem of a set of revisions: ids, labels, references to what is not there, and cycles.
 *
 * @returns errors in the order of the files, names before references before cycles; O(V + E)
 */
export function findGraphProblems(revisions: readonly Revision[]): LimbeckError[] {
  const byId = new Map<string, Revision>();
  const problems: LimbeckError[] = [];
  for (const revision of revisions) {
    problems.push(...idProblems(revision.id, revision.path));
    const other = byId.get(revision.id);
    if (other === undefined) byId.set(revision.id, revision);
    else
      problems.push(
        error('REVISION_DUPLICATE', { revision: revision.id, files: pathsOf([other, revision]) }),
      );
  }
  const labels = new Map<string, Revision>();
  for (const revision of byId.values()) {
    for (const label of revision.branchLabels) problems.push(...labelProblems(label, revision, byId, labels));
  }
  for (const revision of byId.values()) problems.push(...referenceProblems(revision, byId, labels));
  problems.push(...cycleProblems(byId, labels));
  return problems;
}

/** What is wrong with an id by itself: empty, reserved, too long, illegal characters. */
export function idProblems(id: string, file: string | undefined): LimbeckError[] {
  const problems: LimbeckError[] = [];
  if (id === '' || RESERVED_NAMES.includes(id)) {
    problems.push(error('REVISION_ID_RESERVED', { kind: 'revision identifier', name: id, file }));
  }
  const characters = illegalCharacters(id);
  if (characters.length > 0) problems.push(error('REVISION_ID_INVALID', { characters, revision: id, file }));
  const length = [...id].length;
  if (length > MAX_REVISION_ID_LENGTH) {
    problems.push(error('REVISION_ID_TOO_LONG', { revision: id, length, max: MAX_REVISION_ID_LENGTH, file }));
  }
  return problems;
}

function labelProblems(
  label: string,
  revision: Revision,
  byId: ReadonlyMap<string, Revision>,
  labels: Map<string, Revision>,
): LimbeckError[] {
  if (label === '' || RESERVED_NAMES.includes(label)) {
    return [error('REVISION_ID_RESERVED', { kind: 'branch label', name: label, file: revision.path })];
  }
  const characters = illegalCharacters(label);
  if (characters.length > 0)
    return [error('BRANCH_LABEL_INVALID', { characters, label, revision: revision.id })];
  const same = byId.get(label);
  if (same !== undefined) {
    return [
      error('BRANCH_LABEL_IS_REVISION', { label, revision: revision.id, files: pathsOf([revision, same]) }),
    ];
  }
  const other = labels.get(label);
  if (other !== undefined) {
    const files = pathsOf([other, revision]);
    return [error('BRANCH_LABEL_DUPLICATE', { label, revision: revision.id, other: other.id, files })];
  }
  labels.set(label, revision);
  return [];
}

function referenceProblems(
  revision: Revision,
  byId: ReadonlyMap<string, Revision>,
  labels: ReadonlyMap<string, Revision>,
): LimbeckError[] {
  const problems: LimbeckError[] = [];
  const loop = { revisions: [revision.id], files: pathsOf([revision]) };
  const missing = (name: string, role: string): LimbeckError =>
    error('REVISION_MISSING_FILE', { revision: name, referrer: revision.id, role, file: placeOf(revision) });
  for (const down of revision.downRevisions) {
    if (down === revision.id) problems.push(error('REVISION_SELF_LOOP', loop));
    else if (!byId.has(down)) problems.push(missing(down, 'downRevision'));
  }
  for (const name of revision.dependsOn) {
    const dependency = byId.get(name) ?? labels.get(name);
    if (dependency === revision) problems.push(error('REVISION_DEPENDENCY_SELF_LOOP', loop));
    else if (dependency === undefined) problems.push(missing(name, 'dependsOn'));
  }
  return problems;
}

function cycleProblems(
  byId: ReadonlyMap<string, Revision>,
  labels: ReadonlyMap<string, Revision>,
): LimbeckError[] {
  // Self-loops are reported by themselves; what is missing is no edge.
  const downs = (id: string): string[] => (byId.get(id)?.downRevisions ?? []).filter((down) => down !== id);
  const all = (id: string): string[] => [
    ...downs(id),
    ...(byId.get(id)?.dependsOn ?? [])
      .map((name) => labels.get(name)?.id ?? name)
      .filter((name) => name !== id),
  ];
  const contextOf = (ids: readonly string[]) => ({
    revisions: [...ids].sort(),
    files: pathsOf(ids.map((id) => byId.get(id)).filter((revision) => revision !== undefined)),
  });
  const cycles = findCycles(byId.keys(), downs);
  if (cycles.length > 0) return cycles.map((ids) => error('REVISION_CYCLE', contextOf(ids)));
  return findCycles(byId.keys(), all).map((ids) => error('REVISION_DEPENDENCY_CYCLE', contextOf(ids)));
}

function pathsOf(revisions: readonly Revision[]): string[] {
  return revisions.map((revision) => revision.path).filter((path) => path !== undefined);
}
