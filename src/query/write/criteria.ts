/** Criteria of UPDATE and DELETE → their WHERE clause; what would match every row is refused. */

import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import { isEmptyCriteria, labelWhere } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { EntityMap } from '../mapping/entity-map.js';
import { collectValues } from '../shape-cache.js';
import type { StatementWriter } from '../statement.js';

interface Criteria {
  readonly text: string;
  readonly params: SqlValue[];
}

/** @param table the one that is written, where a row of the entity stands in several */
export function writeCriteria(
  map: EntityMap,
  where: unknown,
  writer: StatementWriter,
  method: string,
  table: EntityMap = map.parts?.[0] ?? map,
): Criteria {
  const empty = (): Error => error('CRITERIA_EMPTY', { entity: map.meta.name, method });
  if (isEmptyCriteria(where)) throw empty();
  const values = collectValues((shape) => labelWhere(map, where, shape));
  const text = writeWhere(map, where, map.sql, writer);
  // An embedded object without conditions says nothing either.
  if (text === '') throw empty();
  // Only rows of this class; whether they are soft-deleted makes no difference to a write.
  const visible = writeVisible(map, map.sql, writer, { withDeleted: true });
  const clause = whereClause([text, ...visible]);
  return {
    text: table !== map || readsItself(map, text) ? byKey(map, clause, writer, table) : clause,
    params: writer.binder()(values),
  };
}

/** Whether a condition asks about rows of the very table that is to be written. */
function readsItself(map: EntityMap, text: string): boolean {
  return text.includes(` FROM ${map.sql} AS `) || text.includes(` JOIN ${map.sql} AS `);
}

/**
 * The rows by their keys. MySQL does not read a table that it writes, unless what it reads is made a table of its
 * own first, which DISTINCT sees to ("Error 1093", "Derived Tables").
 */
export function byKey(
  map: EntityMap,
  clause: string,
  writer: StatementWriter,
  written: EntityMap = map,
): string {
  const inner = writer.alias();
  const keys = map.key.map(({ sql }) => sql);
  const row = (table: string): string => keys.map((key) => `${table}.${key}`).join(', ');
  const found = `SELECT DISTINCT ${row(map.sql)} FROM ${map.source}${clause}`;
  const own = keys.length === 1 ? row(written.sql) : `(${row(written.sql)})`;
  return ` WHERE ${own} IN (SELECT ${row(inner)} FROM (${found}) AS ${inner})`;
}
