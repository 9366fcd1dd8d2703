/** Rows of a join table: which are there, which come and which go; several in one statement. */

import type { Connection, Dialect, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { keyName } from '../find/row-keys.js';
import { chain, inTurn } from '../maybe-promise.js';
import { chunked, MAX_KEYS, writeKeyList } from './keys.js';

/** A join table, by its quoted names. */
export interface JoinTable {
  readonly sql: string;
  readonly columns: readonly string[];
  readonly dialect: Dialect;
}

export type JoinRow = readonly SqlValue[];

export function insertJoinRows(
  connection: Connection,
  { sql, columns, dialect }: JoinTable,
  rows: readonly JoinRow[],
): MaybePromise<void> {
  return inTurn(chunked(rows, MAX_KEYS), (chunk) => {
    let next = 0;
    const row = (): string => `(${columns.map(() => dialect.placeholder(next++)).join(', ')})`;
    const text = `INSERT INTO ${sql} (${columns.join(', ')}) VALUES ${chunk.map(row).join(', ')}`;
    return chain(connection.run(text, chunk.flat()), () => {});
  });
}

export function deleteJoinRows(
  connection: Connection,
  { sql, columns, dialect }: JoinTable,
  rows: readonly JoinRow[],
): MaybePromise<void> {
  return inTurn(chunked(rows, MAX_KEYS), (chunk) => {
    const where = writeKeyList(columns, chunk.length, dialect.placeholder);
    return chain(connection.run(`DELETE FROM ${sql} WHERE ${where}`, chunk.flat()), () => {});
  });
}

/** Those of some rows that are not there yet. */
export function missingJoinRows(
  connection: Connection,
  { sql, columns, dialect }: JoinTable,
  rows: readonly JoinRow[],
): MaybePromise<readonly JoinRow[]> {
  const present = new Set<unknown>();
  const read = (chunk: readonly JoinRow[]): MaybePromise<void> => {
    const where = writeKeyList(columns, chunk.length, dialect.placeholder);
    const text = `SELECT ${columns.join(', ')} FROM ${sql} WHERE ${where}`;
    return chain(connection.queryArrays(text, chunk.flat(), { bigints: true }), (found) => {
      for (const row of found) present.add(keyName(row));
    });
  };
  return chain(inTurn(chunked(rows, MAX_KEYS), read), () => rows.filter((row) => !present.has(keyName(row))));
}
