/** Rows told by their keys: conditions on many of them at once. */

import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import type { PackedColumn } from '../../dialects/shared/write-forms.js';
import { keyName } from '../find/row-keys.js';
import type { EntityMap, MappedColumn } from '../mapping/entity-map.js';
import { chain, inTurn } from '../maybe-promise.js';

/** Keys in one statement: beyond it a compound condition would come near SQLite's depth of expressions. */
export const MAX_KEYS = 256;

export type Key = readonly SqlValue[];

/**
 * `a IN (?, …)`, or for keys of several columns `(a = ? AND b = ?) OR …`; placeholders are counted on.
 *
 * @param place the index of the first placeholder
 */
export function writeKeyList(
  columns: readonly string[],
  count: number,
  placeholder: (index: number) => string,
  place = 0,
): string {
  let next = place;
  const times = Array.from({ length: count });
  if (columns.length === 1) return `${columns[0]} IN (${times.map(() => placeholder(next++)).join(', ')})`;
  const one = (): string => columns.map((column) => `${column} = ${placeholder(next++)}`).join(' AND ');
  return count === 1 ? one() : `(${times.map(() => `(${one()})`).join(' OR ')})`;
}

/** A column as rows that are packed have it. */
export function packedColumn({ sql, meta }: MappedColumn): PackedColumn {
  return { column: sql, type: meta.type };
}

/** Slices of a list, each short enough for one statement. */
export function chunked<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  if (list.length <= size) return [list];
  const chunks: (readonly T[])[] = [];
  for (let from = 0; from < list.length; from += size) chunks.push(list.slice(from, from + size));
  return chunks;
}

/**
 * Which of some rows are there.
 *
 * @param more columns to read beside the key
 * @returns by the name of the key, what the row holds for `more`
 */
export function readKeys(
  connection: Connection,
  map: EntityMap,
  keys: readonly Key[],
  more: readonly MappedColumn[] = [],
): MaybePromise<ReadonlyMap<unknown, Key>> {
  const found = new Map<unknown, Key>();
  const columns = map.key.map(({ sql }) => sql);
  const list = [...map.key, ...more].map(({ sql }) => sql).join(', ');
  const bigints = [...map.key, ...more].some((column) => column.needsBigints);
  const read = (chunk: readonly Key[]): MaybePromise<void> => {
    const where = writeKeyList(columns, chunk.length, map.dialect.placeholder);
    const sql = `SELECT ${list} FROM ${map.source} WHERE ${where}`;
    return chain(connection.queryArrays(sql, chunk.flat(), { bigints }), (rows) => {
      for (const row of rows) found.set(rowName(map.key, row), row.slice(map.key.length));
    });
  };
  return chain(inTurn(chunked(keys, MAX_KEYS), read), () => found);
}

/** The name of a key that is the same as it is written and as the database words it. */
export function rowName(columns: readonly MappedColumn[], key: readonly SqlValue[]): unknown {
  return keyName(
    columns.map((column, i) => {
      const value = key[i] ?? null;
      return value === null ? null : column.encode(column.decode(value));
    }),
  );
}
