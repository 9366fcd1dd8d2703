/**
 * DELETE of the row of an entity, of the rows that meet some criteria, of all rows. Where each class of a family has
 * a table, rows go from that of the first class, and the others' go with them by their foreign keys.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { isEmptyCriteria, labelWhere } from '../conditions/where-shape.js';
import { whereClause, writeVisible } from '../conditions/where-sql.js';
import { describeKey, storedValue } from '../mapping/column-values.js';
import type { EntityMap } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { layoutOf, rowOf } from '../mapping/row-state.js';
import { requireWritable } from '../mapping/writable.js';
import { chain } from '../maybe-promise.js';
import { StatementWriter } from '../statement.js';
import { byKey, compileCriteria, criteriaEmpty } from './criteria.js';
import type { EntityChanges } from './update.js';

/** The key of an entity's row and the version at which it was read, as the database holds them. */
export function keyOfRow(map: EntityMap, entity: object): Pick<EntityChanges, 'key' | 'version'> {
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
  requireWritable(map, 'delete');
  if (isEmptyCriteria(where)) throw criteriaEmpty(map, 'delete');
  const { compiled, values } = map.shapes.get(
    (shape) => {
      shape.label('delete');
      labelWhere(map, where, shape);
    },
    () => compileDelete(map, where),
  );
  return chain(connection.run(compiled.sql, compiled.bind(values)), (result) => result.changes);
}

interface CompiledDelete {
  readonly sql: string;
  readonly bind: (values: readonly unknown[]) => SqlValue[];
}

/** Criteria that mean every row have no text, so no shape that was compiled once is one of them. */
function compileDelete(map: EntityMap, where: unknown): CompiledDelete {
  const writer = new StatementWriter(map.dialect);
  const text = compileCriteria(map, where, writer, 'delete');
  const table = map.parts?.[0] ?? map;
  return { sql: `DELETE FROM ${table.sql}${text}`, bind: writer.binder() };
}

/** Deletes every row of the entity. @returns how many */
export function deleteAll(connection: Connection, map: EntityMap): MaybePromise<number> {
  requireWritable(map, 'clear');
  const writer = new StatementWriter(map.dialect);
  const clause = whereClause(writeVisible(map, map.sql, writer, { withDeleted: true }));
  const table = map.parts?.[0] ?? map;
  // Rows of a child's table go with those of the first one, whatever class they are of.
  const text = map.parts === undefined || map.parts.length === 1 ? clause : byKey(map, clause, writer, table);
  return chain(
    connection.run(`DELETE FROM ${table.sql}${text}`, writer.binder()([])),
    (result) => result.changes,
  );
}
