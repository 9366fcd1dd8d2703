/** DELETE of the rows of entities, many in one statement. */

import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { classCondition, classValues, whereClause } from '../conditions/where-sql.js';
import type { EntityMap } from '../mapping/entity-map.js';
import { requireWritable } from '../mapping/writable.js';
import { chain, inTurn } from '../maybe-promise.js';
import { keyOfRow, staleError } from './delete.js';
import { chunked, MAX_KEYS, packedColumn, readKeys, rowName, writeKeyList } from './keys.js';

interface RowDelete {
  readonly entity: object;
  readonly key: readonly SqlValue[];
  readonly version: SqlValue | undefined;
}

/**
 * Deletes the rows of entities of one class. Who is gone already is what was wanted, unless its class has a version.
 *
 * @throws OPTIMISTIC_LOCK
 */
export function deleteEntities(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
): MaybePromise<void> {
  requireWritable(map, 'remove');
  const rows = entities.map((entity) => ({ entity, ...keyOfRow(map, entity) }));
  const versioned = rows.filter(({ version }) => version !== undefined);
  const free = versioned.length === 0 ? rows : rows.filter(({ version }) => version === undefined);
  const remove = (list: readonly RowDelete[]): MaybePromise<void> => {
    const packed = packedDelete(map, list);
    if (packed === undefined) {
      return inTurn(chunked(list, MAX_KEYS), (chunk) => deleteChunk(connection, map, chunk));
    }
    return inTurn(chunked(list, MAX_PACKED_ROWS), (chunk) => packed(connection, chunk));
  };
  return chain(remove(free), () => remove(versioned));
}

/** From how many rows on they are packed, and how many of them at most. */
const MIN_PACKED_ROWS = 16;
const MAX_PACKED_ROWS = 4_096;

/** Rows joined with the table by their keys; undefined where that cannot be said, or is not worth it. */
function packedDelete(
  map: EntityMap,
  rows: readonly RowDelete[],
): ((connection: Connection, rows: readonly RowDelete[]) => MaybePromise<void>) | undefined {
  if (rows.length < MIN_PACKED_ROWS || classValues(map) !== undefined || map.parts !== undefined)
    return undefined;
  const isChecked = rows[0]?.version !== undefined && map.version !== undefined;
  const keys = isChecked ? [...map.key, map.version as NonNullable<typeof map.version>] : map.key;
  const packed = map.dialect.writeForms.packedRows?.(keys.map(packedColumn), []);
  if (packed === undefined) return undefined;
  const sql = packed.delete(map.sql);
  return (connection, chunk) => {
    const params = packed.pack(
      chunk.map(({ key, version }) => (isChecked ? [...key, version as SqlValue] : key)),
    );
    return chain(connection.run(sql, params), ({ changes }) => {
      if (isChecked && changes < chunk.length) return refuse(connection, map, chunk);
    });
  };
}

function deleteChunk(connection: Connection, map: EntityMap, rows: readonly RowDelete[]): MaybePromise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const isChecked = first.version !== undefined && map.version !== undefined;
  const columns = map.key.map(({ sql }) => sql);
  if (isChecked) columns.push((map.version as NonNullable<typeof map.version>).sql);
  const where =
    rows.length === 1
      ? columns.map((column, i) => `${column} = ${map.dialect.placeholder(i)}`).join(' AND ')
      : writeKeyList(columns, rows.length, map.dialect.placeholder);
  const params = rows.flatMap(({ key, version }) => (isChecked ? [...key, version as SqlValue] : key));
  let next = params.length;
  const ofClass = classCondition(map, () => map.dialect.placeholder(next++));
  params.push(...(classValues(map) ?? []));
  // Where each class of a family has a table, the others' rows go with that of the first one.
  const table = map.parts?.[0] ?? map;
  const sql = `DELETE FROM ${table.sql}${whereClause([where, ...ofClass])}`;
  return chain(connection.run(sql, params), ({ changes }) => {
    if (isChecked && changes < rows.length) return refuse(connection, map, rows);
  });
}

/** Rows that are still there have another version; where there is none, one was gone before. */
function refuse(connection: Connection, map: EntityMap, rows: readonly RowDelete[]): MaybePromise<never> {
  const keys = rows.map(({ key }) => key);
  return chain(readKeys(connection, map, keys), (found) => {
    const stale = rows.find(({ key }) => found.has(rowName(map.key, key))) ?? (rows[0] as RowDelete);
    throw staleError(map, stale.entity, stale.version as SqlValue);
  });
}
