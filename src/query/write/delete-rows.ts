/** DELETE of the rows of entities, many in one statement. */

import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { classCondition, classValues, whereClause } from '../conditions/where-sql.js';
import type { EntityMap } from '../mapping/entity-map.js';
import { requireWritable } from '../mapping/writable.js';
import { chain, inTurn } from '../maybe-promise.js';
import { keyOfRow, staleError } from './delete.js';
import { chunked, MAX_KEYS, readKeys, rowName, writeKeyList } from './keys.js';

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
  const remove = (chunk: readonly RowDelete[]): MaybePromise<void> => deleteChunk(connection, map, chunk);
  return chain(inTurn(chunked(free, MAX_KEYS), remove), () => inTurn(chunked(versioned, MAX_KEYS), remove));
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
