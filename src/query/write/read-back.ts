/**
 * What a database has given the rows of an INSERT, where the statement cannot return it: the generated keys
 * follow from the first one, and whatever else there is, is read by key.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, RunResult, SqlValue } from '../../dialects/contract.js';
import type { EntityMap, MappedColumn } from '../mapping/entity-map.js';
import { chain } from '../maybe-promise.js';
import { type Key, readKeys, rowName } from './keys.js';

/** A row that was inserted, by `MappedColumn.index`; undefined where the database gave the value. */
interface InsertedRow {
  readonly row: readonly (SqlValue | undefined)[];
}

/** @returns what the database gave, in the order of the columns asked for, row by row */
export type ReadBack = (
  connection: Connection,
  rows: readonly InsertedRow[],
  result: RunResult,
) => MaybePromise<readonly (readonly SqlValue[])[]>;

/**
 * How to learn the values of some columns.
 *
 * @param isLastTold whether the key that the database tells is the last row's, not the first one's
 * @throws CAPABILITY_MISSING where the database makes the key itself, and not by counting
 */
export function readBackFor(
  map: EntityMap,
  returned: readonly MappedColumn[],
  isLastTold: boolean,
): ReadBack {
  const counted = returned.find(isCounted);
  const unknown = map.key.find((column) => column !== counted && returned.includes(column));
  const rest = returned.filter((column) => column !== counted);
  if (unknown !== undefined || (rest.length > 0 && map.key.length === 0)) {
    throw error('CAPABILITY_MISSING', {
      database: map.dialect.name,
      feature: 'way to say what key it has made',
      object: unknown?.owner ?? map.meta.name,
    });
  }
  if (counted !== undefined && rest.length === 0) {
    return (_, rows, result) => {
      const before = isLastTold ? rows.length - 1 : 0;
      return rows.map((_row, i) => [countedKey(counted, result, i - before)]);
    };
  }
  return (connection, rows, result) => {
    const keys = rows.map(({ row }, i) =>
      map.key.map((column) =>
        column === counted ? countedKey(column, result, i) : (row[column.index] ?? null),
      ),
    );
    return chain(readKeys(connection, map, keys, rest), (found) =>
      rows.map((_, i) => {
        const row = found.get(rowName(map.key, keys[i] as Key));
        const values = new Map(rest.map((column, at) => [column, row?.[at] ?? null]));
        if (counted !== undefined) values.set(counted, countedKey(counted, result, i));
        return returned.map((column) => values.get(column) ?? null);
      }),
    );
  };
}

/** Whether a key that the database counts on is all there is to learn. */
export function isCountedAlone(returned: readonly MappedColumn[]): boolean {
  const [only, second] = returned;
  return only !== undefined && second === undefined && isCounted(only);
}

/** Whether the database makes it by counting. */
export function isCounted({ meta }: MappedColumn): boolean {
  return meta.generation === 'increment' || meta.generation === 'identity';
}

/** Rows of one statement get neighbouring keys ("InnoDB AUTO_INCREMENT Lock Modes": simple inserts). */
function countedKey(
  column: MappedColumn,
  { lastInsertId, insertIdStep = 1 }: RunResult,
  row: number,
): SqlValue {
  if (lastInsertId === undefined) return null;
  if (!column.needsBigints && typeof lastInsertId === 'number') {
    const number = lastInsertId + insertIdStep * row;
    if (Number.isSafeInteger(number)) return number;
  }
  const key = BigInt(lastInsertId) + BigInt(insertIdStep) * BigInt(row);
  const number = Number(key);
  return column.needsBigints || !Number.isSafeInteger(number) ? key : number;
}
