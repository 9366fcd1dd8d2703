/** Criteria of UPDATE and DELETE → their WHERE clause; what would match every row is refused. */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise } from '../../dialects/contract.js';
import { findsEverything } from '../conditions/everything.js';
import { isEmptyCriteria, labelWhere } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { EntityMap } from '../mapping/entity-map.js';
import { requireWritable } from '../mapping/writable.js';
import { collectValues } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import type { Key } from './keys.js';

/**
 * The WHERE clause of criteria, which is the same for all of one shape.
 *
 * @param where checked already, as its values were collected
 * @throws CRITERIA_EMPTY where every row is meant
 */
export function compileCriteria(
  map: EntityMap,
  where: unknown,
  writer: StatementWriter,
  method: string,
  only = '',
): string {
  const { clause, text } = conditionsOf(map, where, writer, method, only);
  // Where a row of the entity stands in several tables, it is the first one's that is written.
  const table = map.parts?.[0] ?? map;
  return table !== map || readsItself(map, text) ? byKey(map, clause, writer, table) : clause;
}

/** The keys of the rows that meet criteria: one SELECT. @throws CRITERIA_EMPTY where every row is meant */
export function readCriteriaKeys(
  connection: Connection,
  map: EntityMap,
  where: unknown,
  method: string,
  only = '',
): MaybePromise<readonly Key[]> {
  const writer = new StatementWriter(map.dialect);
  const values = criteriaValues(map, where, method);
  const { clause } = conditionsOf(map, where, writer, method, only);
  const list = map.key.map(({ sql }) => `${map.sql}.${sql}`).join(', ');
  const bigints = map.key.some((column) => column.needsBigints);
  return connection.queryArrays(
    `SELECT DISTINCT ${list} FROM ${map.source}${clause}`,
    writer.binder()(values),
    { bigints },
  );
}

/** Refuses what is wrong with criteria, before anything is written of them. */
function criteriaValues(map: EntityMap, where: unknown, method: string): readonly unknown[] {
  requireWritable(map, method);
  if (isEmptyCriteria(where)) throw criteriaEmpty(map, method);
  return collectValues((shape) => labelWhere(map, where, shape));
}

/** The error for criteria that mean every row. */
export function criteriaEmpty(map: EntityMap, method: string): Error {
  return error('CRITERIA_EMPTY', { entity: map.meta.name, method });
}

interface Conditions {
  readonly clause: string;
  /** Those that were given, without what stands on every statement of the entity. */
  readonly text: string;
}

function conditionsOf(
  map: EntityMap,
  where: unknown,
  writer: StatementWriter,
  method: string,
  only: string,
): Conditions {
  const text = writeWhere(map, where, map.sql, writer);
  if (findsEverything(map, where)) throw criteriaEmpty(map, method);
  // Only rows of this class; whether they are soft-deleted makes no difference to a write.
  const visible = writeVisible(map, map.sql, writer, { withDeleted: true });
  return { clause: whereClause([text, only, ...visible]), text };
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
