/**
 * Whether the files are still those that a database was made with: what was applied is on record with its
 * content and its place, and a file that says otherwise by now is told before anything runs.
 */

import { basename, extname } from 'node:path';
import { error } from '../base/error-codes.js';
import type { MigrationDirectory, MigrationFile } from './directory.js';
import type { AppliedFile } from './journal.js';

/** What became of the file of an applied revision. */
export type FileChange =
  | { readonly kind: 'edited'; readonly revision: string; readonly path: string }
  | { readonly kind: 'deleted'; readonly revision: string; readonly name: string | undefined }
  | { readonly kind: 'renamed'; readonly revision: string; readonly path: string; readonly name: string }
  | {
      readonly kind: 'reordered';
      readonly revision: string;
      readonly path: string;
      /** What it stood on, and stands on now; ids, what it depends on included. */
      readonly from: readonly string[];
      readonly to: readonly string[];
    };

/** What goes on record of a file when its revision is applied. */
export function recordOf({ revision, path, checksum }: MigrationFile): AppliedFile {
  const { id, downRevisions, dependsOn } = revision;
  return { revision: id, checksum, name: basename(path), downRevisions, dependsOn };
}

/** Compares what is on record with the files, in the order of the graph; one change a revision. */
export function changedFiles(
  directory: MigrationDirectory,
  records: readonly AppliedFile[],
): readonly FileChange[] {
  const changes = new Map<string, FileChange>();
  for (const record of records) {
    const change = directory.graph.has(record.revision)
      ? changeOf(record, directory.file(record.revision))
      : ({ kind: 'deleted', revision: record.revision, name: record.name } as const);
    if (change !== undefined) changes.set(record.revision, change);
  }
  const known = directory.graph.oldestFirst([...changes.keys()]);
  return known.map((id) => changes.get(id) as FileChange);
}

function changeOf(record: AppliedFile, file: MigrationFile): FileChange | undefined {
  const { revision, path } = file;
  const name = basename(path);
  // Rows of earlier releases know the content alone.
  const knowsPlace = record.name !== undefined;
  const from = [...record.downRevisions, ...record.dependsOn];
  const to = [...revision.downRevisions, ...revision.dependsOn];
  if (knowsPlace && !sameMembers(from, to)) {
    return { kind: 'reordered', revision: revision.id, path, from, to };
  }
  // What a compiler makes of a file has another text, and says the same.
  const isComparable = record.name === undefined || languageOf(record.name) === languageOf(name);
  if (isComparable && record.checksum !== file.checksum) {
    return { kind: 'edited', revision: revision.id, path };
  }
  if (record.name !== undefined && stemOf(record.name) !== stemOf(name)) {
    return { kind: 'renamed', revision: revision.id, path, name: record.name };
  }
  return undefined;
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}

const languageOf = (name: string): string => (/\.[cm]?ts$/.test(name) ? 'typescript' : 'javascript');
const stemOf = (name: string): string => basename(name, extname(name));

const CODES = {
  edited: 'REVISION_EDITED',
  deleted: 'REVISION_DELETED',
  renamed: 'REVISION_RENAMED',
  reordered: 'REVISION_REORDERED',
} as const;

/**
 * Refuses to go on with files that are not those which were applied.
 *
 * @throws REVISION_REORDERED · REVISION_EDITED · REVISION_DELETED · REVISION_RENAMED, after the first; all are listed
 */
export function requireUnchanged(directory: MigrationDirectory, records: readonly AppliedFile[]): void {
  const changes = changedFiles(directory, records);
  const [first] = changes;
  if (first !== undefined)
    throw error(CODES[first.kind], { revision: first.revision, changes: changes.map(told) });
}

/** A change in words and as data. */
function told(change: FileChange): FileChange & { readonly text: string } {
  return { ...change, text: textOf(change) };
}

function textOf(change: FileChange): string {
  switch (change.kind) {
    case 'edited':
      return `${change.revision} was edited: ${change.path}`;
    case 'deleted':
      return `${change.revision} was deleted${change.name === undefined ? '' : `: ${change.name}`}`;
    case 'renamed':
      return `${change.revision} was renamed: ${change.name} is now ${change.path}`;
    case 'reordered':
      return `${change.revision} was put elsewhere: it stood on ${ids(change.from)} and stands on ${ids(change.to)} (${change.path})`;
    default:
      return change satisfies never;
  }
}

const ids = (list: readonly string[]): string => (list.length === 0 ? 'nothing' : list.join(', '));
