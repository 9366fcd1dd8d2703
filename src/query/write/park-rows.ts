/**
 * Rows that give up a unique value before another row takes it: until they are written for good they hold NULL in
 * the column, or a value that nobody else has.
 */

import { crypto } from '../../base/crypto.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { whereClause } from '../conditions/where-sql.js';
import type { EntityMap, MappedColumn } from '../mapping/entity-map.js';
import { inTurn } from '../maybe-promise.js';
import { chunked, type Key, MAX_KEYS, writeKeyList } from './keys.js';

/** A value that no other row is likely to have; NULL where that may be, undefined where there is none to be had. */
export function placeholderFor({ meta }: MappedColumn): SqlValue | undefined {
  const { type } = meta;
  if (meta.nullable && !meta.primary) return null;
  switch (type.kind) {
    case 'smallint':
      return -crypto().randomInt(1, 2 ** 15);
    case 'integer':
      return -crypto().randomInt(1, 2 ** 31);
    case 'bigint':
    case 'real':
    case 'double':
      return -crypto().randomInt(1, 2 ** 47);
    case 'decimal':
      return decimalPlaceholder(type.precision, type.scale);
    case 'uuid':
      return crypto().randomUUID();
    case 'text':
      return crypto().randomUUID();
    case 'char':
    case 'varchar':
      return textPlaceholder(type.length);
    default:
      return undefined;
  }
}

/** Shorter than four characters others may have it. */
function textPlaceholder(length = 255): string | undefined {
  return length < 4 ? undefined : crypto().randomUUID().replaceAll('-', '').slice(0, length);
}

function decimalPlaceholder(precision = 10, scale = 0): string | undefined {
  const digits = Math.min(precision - scale, 12);
  return digits < 4 ? undefined : `-${crypto().randomInt(1, 10 ** digits)}`;
}

/** One row, by its key, and what it holds meanwhile. */
export interface ParkedRow {
  readonly key: Key;
  readonly value: SqlValue;
}

/** Puts rows aside: versions, dates and whoever listens know nothing of it. */
export function parkRows(
  connection: Connection,
  map: EntityMap,
  column: MappedColumn,
  rows: readonly ParkedRow[],
): MaybePromise<void> {
  const holder = map.parts?.find((part) => part.columns.some(({ sql }) => sql === column.sql)) ?? map;
  const { placeholder } = map.dialect;
  const set = `UPDATE ${holder.sql} SET ${column.sql} = `;
  const keys = holder.key.map(({ sql }) => sql);
  const isEmptied = rows.every(({ value }) => value === null);
  if (!isEmptied) {
    const where = keys.map((key, i) => `${key} = ${placeholder(i + 1)}`);
    const sql = `${set}${placeholder(0)}${whereClause(where)}`;
    return inTurn(rows, ({ key, value }) => ignored(connection.run(sql, [value, ...key])));
  }
  return inTurn(chunked(rows, MAX_KEYS), (chunk) => {
    const sql = `${set}NULL${whereClause([writeKeyList(keys, chunk.length, placeholder)])}`;
    return ignored(
      connection.run(
        sql,
        chunk.flatMap(({ key }) => [...key]),
      ),
    );
  });
}

/** Whether a row is there, and as it was, is seen when it is written for good. */
function ignored(result: MaybePromise<unknown>): MaybePromise<void> {
  return result as MaybePromise<void>;
}
