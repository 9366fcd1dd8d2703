/**
 * The arithmetic of the version table: which rows a step inserts, updates and deletes. One row stands for
 * each revision that nothing applied stands on or depends on, which is how Alembic keeps its table.
 */

import type { RevisionGraph } from './graph.js';

/** One statement on the version table; each must match exactly one row. */
export type RowOperation =
  | { readonly kind: 'insert'; readonly version: string }
  | { readonly kind: 'update'; readonly from: string; readonly to: string }
  | { readonly kind: 'delete'; readonly version: string };

/** Applies operations to rows, as the database does; an updated row keeps its place. */
export function applyRows(rows: readonly string[], operations: readonly RowOperation[]): string[] {
  let result = [...rows];
  for (const operation of operations) {
    switch (operation.kind) {
      case 'insert':
        result.push(operation.version);
        break;
      case 'update':
        result = result.map((row) => (row === operation.from ? operation.to : row));
        break;
      case 'delete':
        result = result.filter((row) => row !== operation.version);
        break;
      default:
        operation satisfies never;
    }
  }
  return result;
}

/** Replaces some rows by one: nothing to replace is an INSERT, several are all but the last DELETEd. */
export function joinRows(from: readonly string[], to: string): RowOperation[] {
  const last = from.at(-1);
  if (last === undefined) return [{ kind: 'insert', version: to }];
  return [...deleteRows(from.slice(0, -1)), { kind: 'update', from: last, to }];
}

/** Replaces one row by some: by none is a DELETE, all but the last are INSERTed before the UPDATE. */
export function splitRow(from: string, to: readonly string[]): RowOperation[] {
  const last = to.at(-1);
  if (last === undefined) return deleteRows([from]);
  return [
    ...to.slice(0, -1).map((version): RowOperation => ({ kind: 'insert', version })),
    { kind: 'update', from, to: last },
  ];
}

export function deleteRows(rows: readonly string[]): RowOperation[] {
  return rows.map((version) => ({ kind: 'delete', version }));
}

/**
 * The rows after `revision` was applied on top of `rows`.
 *
 * What it stands on or depends on is a row only as long as nothing else applied needs it, so every one that
 * is a row gives way.
 */
export function upgradeRows(graph: RevisionGraph, rows: readonly string[], revision: string): RowOperation[] {
  return joinRows(
    graph.parentsOf(revision).filter((parent) => rows.includes(parent)),
    revision,
  );
}

/**
 * The rows after `revision`, one of the rows, was taken back.
 *
 * @param applied what is still applied afterwards; what something in it needs is implied and gets no row
 */
export function downgradeRows(
  graph: RevisionGraph,
  revision: string,
  applied: ReadonlySet<string>,
): RowOperation[] {
  const restored = graph
    .parentsOf(revision)
    .filter((parent) => !graph.dependentsOf(parent).some((other) => applied.has(other)));
  return splitRow(revision, restored);
}
