/** DELETE of the row of an entity, of the rows that meet some criteria, of all rows. */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { classCondition, classValues, whereClause, writeVisible } from '../conditions/where-sql.js';
import { describeKey, storedValue } from '../mapping/column-values.js';
import type { EntityMap, MappedColumn } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { layoutOf, rowOf } from '../mapping/row-state.js';
import { chain } from '../maybe-promise.js';
import { StatementWriter } from '../statement.js';
import { writeCriteria } from './criteria.js';
import type { EntityChanges } from './update.js';

/** Deletes the row of an entity. @returns how many rows went */
export function deleteEntity(
  connection: Connection,
  declared: EntityMap,
  entity: object,
): MaybePromise<number> {
  const map = declared.mapOfInstance(entity);
  const { key, version } = changesOfKey(map, entity);
  let next = 0;
  const assign = (column: MappedColumn): string => `${column.sql} = ${map.dialect.placeholder(next++)}`;
  const where = map.key.map(assign);
  if (map.version !== undefined && version !== undefined) where.push(assign(map.version));
  where.push(...classCondition(map, () => map.dialect.placeholder(next++)));
  const params = [...key, ...(version === undefined ? [] : [version]), ...(classValues(map) ?? [])];
  return chain(connection.run(`DELETE FROM ${map.sql}${whereClause(where)}`, params), (result) => {
    if (result.changes === 0 && version !== undefined) throw staleError(map, entity, version);
    return result.changes;
  });
}

function changesOfKey(map: EntityMap, entity: object): Pick<EntityChanges, 'key' | 'version'> {
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  const known = row !== undefined && layout !== undefined;
  const key = map.key.map(
    (column) =>
      (known ? storedValue(row, layout, column) : undefined) ?? column.encode(readColumn(column, entity)),
  );
  return {
    key,
    version: map.version === undefined || !known ? undefined : storedValue(row, layout, map.version),
  };
}

export function staleError(map: EntityMap, entity: object, version: SqlValue): Error {
  return error('OPTIMISTIC_LOCK', {
    entity: map.meta.name,
    key: describeKey(map, entity),
    version: String(version),
  });
}

/** Deletes the rows that meet some criteria, soft-deleted ones included. @returns how many */
export function deleteWhere(connection: Connection, map: EntityMap, where: unknown): MaybePromise<number> {
  const { text, params } = writeCriteria(map, where, new StatementWriter(map.dialect), 'delete');
  return chain(connection.run(`DELETE FROM ${map.sql}${text}`, params), (result) => result.changes);
}

/** Deletes every row of the entity. @returns how many */
export function deleteAll(connection: Connection, map: EntityMap): MaybePromise<number> {
  const writer = new StatementWriter(map.dialect);
  const text = whereClause(writeVisible(map, map.sql, writer, { withDeleted: true }));
  return chain(
    connection.run(`DELETE FROM ${map.sql}${text}`, writer.binder()([])),
    (result) => result.changes,
  );
}
