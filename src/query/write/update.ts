/**
 * What changed in an entity → UPDATE by key; and UPDATE and DELETE by criteria.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import {
  isEmptyCriteria,
  labelWhere,
  readColumn,
  whereClause,
  writeVisible,
  writeWhere,
} from '../conditions/where.js';
import {
  describeKey,
  isComputed,
  moment,
  sameValue,
  storedValue,
  valueToWrite,
} from '../mapping/column-values.js';
import {
  type EntityMap,
  layoutOfColumns,
  type MappedColumn,
  type RowLayout,
  type Values,
  writePath,
} from '../mapping/entity-map.js';
import { layoutOf, rememberRow, rowOf } from '../mapping/row-state.js';
import { chain } from '../maybe-promise.js';
import { collectValues } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';

/** One column that is to be written, with the value as the database stores it. */
interface Change {
  readonly column: MappedColumn;
  readonly value: SqlValue;
}

/** What `save()` has to write of an entity. */
export interface EntityChanges {
  readonly changes: readonly Change[];
  /** The key of the row as the database has it. */
  readonly key: readonly SqlValue[];
  /** The version that the row must still have. */
  readonly version: SqlValue | undefined;
}

/**
 * What differs between an entity and its row, or, where it was never read, all that it says.
 *
 * @throws VALUE_INVALID · RELATED_NOT_SAVED
 */
export function changesOf(map: EntityMap, entity: object): EntityChanges {
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  const known = row !== undefined && layout !== undefined;
  const changes: Change[] = [];
  for (const column of map.columns) {
    const stored = known ? storedValue(row, layout, column) : undefined;
    if (column === map.version || (!known && (column.meta.primary || column === map.updateDate))) continue;
    const change = changeOf(map, column, entity, stored);
    if (change !== undefined) changes.push(change);
  }
  const key = map.key.map((column) =>
    keyPart(map, column, entity, known ? storedValue(row, layout, column) : undefined),
  );
  const version = map.version === undefined ? undefined : versionOf(map.version, entity, row, layout);
  return {
    changes: changes.length === 0 ? changes : [...changes, ...stamps(map, changes, version)],
    key,
    version,
  };
}

function changeOf(
  map: EntityMap,
  column: MappedColumn,
  entity: object,
  stored: SqlValue | undefined,
): Change | undefined {
  const { update, role, transformers } = column.meta;
  if (!update || role === 'discriminator') return undefined;
  const value = valueToWrite(map, column, entity, stored);
  if (value === undefined) return undefined;
  if (value === stored && transformers.length === 0) return undefined;
  const encoded = column.encode(value);
  if (stored !== undefined && sameValue(column, stored, encoded)) return undefined;
  return isComputed(map, column) ? undefined : { column, value: encoded };
}

function keyPart(
  map: EntityMap,
  column: MappedColumn,
  entity: object,
  stored: SqlValue | undefined,
): SqlValue {
  return stored ?? column.encode(valueToWrite(map, column, entity));
}

function versionOf(
  column: MappedColumn,
  entity: object,
  row: readonly SqlValue[] | undefined,
  layout: RowLayout | undefined,
): SqlValue | undefined {
  const stored = row !== undefined && layout !== undefined ? storedValue(row, layout, column) : undefined;
  if (stored !== undefined) return stored;
  const own = readColumn(column, entity);
  return own === undefined ? undefined : column.encode(own);
}

/** The columns that change whenever anything else does. */
function stamps(map: EntityMap, changes: readonly Change[], version: SqlValue | undefined): Change[] {
  const made: Change[] = [];
  const { updateDate } = map;
  if (updateDate !== undefined && !changes.some(({ column }) => column === updateDate)) {
    made.push({ column: updateDate, value: updateDate.encode(moment(updateDate, new Date())) });
  }
  if (map.version !== undefined && version !== undefined && version !== null) {
    made.push({
      column: map.version,
      value: typeof version === 'bigint' ? version + 1n : Number(version) + 1,
    });
  }
  return made;
}

const updates = new WeakMap<EntityMap, Map<string, string>>();

/** The text of an UPDATE by key, kept by the columns that it writes. */
function updateSql(map: EntityMap, { changes, version }: EntityChanges): string {
  let statements = updates.get(map);
  if (statements === undefined) {
    statements = new Map();
    updates.set(map, statements);
  }
  const name = changes.map(({ column }) => column.index).join(',') + (version === undefined ? '' : '/v');
  let sql = statements.get(name);
  if (sql === undefined) {
    sql = writeUpdate(map, changes, version !== undefined);
    statements.set(name, sql);
  }
  return sql;
}

function writeUpdate(map: EntityMap, changes: readonly Change[], checksVersion: boolean): string {
  let next = 0;
  const assign = (column: MappedColumn): string => `${column.sql} = ${map.dialect.placeholder(next++)}`;
  const set = changes.map(({ column }) => assign(column));
  // A version that nobody knows is counted on by the database itself.
  if (map.version !== undefined && !checksVersion) set.push(`${map.version.sql} = ${map.version.sql} + 1`);
  const where = map.key.map(assign);
  if (map.version !== undefined && checksVersion) where.push(assign(map.version));
  return `UPDATE ${map.sql} SET ${set.join(', ')}${whereClause(where)}`;
}

/**
 * Writes the changes of an entity.
 *
 * @returns whether a row had that key (and version); the entity is brought up to date only then
 */
export function updateEntity(
  connection: Connection,
  map: EntityMap,
  entity: object,
  changes: EntityChanges,
): MaybePromise<boolean> {
  const params = [...changes.changes.map(({ value }) => value), ...changes.key];
  if (changes.version !== undefined) params.push(changes.version);
  return chain(connection.run(updateSql(map, changes), params), (result) => {
    if (result.changes === 0) return false;
    absorb(map, entity, changes);
    return true;
  });
}

/** Keeps what was written with the entity, and shows it the stamps that it did not set itself. */
function absorb(map: EntityMap, entity: object, { changes, key }: EntityChanges): void {
  for (const { column, value } of changes) {
    if (column === map.version || column === map.updateDate)
      writePath(map, entity, column.meta.path, column.decode(value));
  }
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  const written = new Map(changes.map(({ column, value }) => [column, value]));
  if (
    row !== undefined &&
    layout !== undefined &&
    changes.every(({ column }) => layout.positions[column.index] !== -1)
  ) {
    // A copy, because a transaction that is rolled back gives the entity its old row back.
    const copy = row.slice();
    for (const [column, value] of written) copy[layout.positions[column.index] as number] = value;
    rememberRow(entity, copy, layout);
    return;
  }
  const before = (column: MappedColumn): SqlValue | undefined =>
    row !== undefined && layout !== undefined ? storedValue(row, layout, column) : undefined;
  map.key.forEach((column, i) => {
    if (!written.has(column)) written.set(column, key[i] as SqlValue);
  });
  const columns = map.columns.filter((column) => written.has(column) || before(column) !== undefined);
  const merged = columns.map((column) => written.get(column) ?? before(column) ?? null);
  rememberRow(entity, merged, layoutOfColumns(map, columns));
}

/** Whether a row has the key of an entity. */
export function rowExists(
  connection: Connection,
  map: EntityMap,
  key: readonly SqlValue[],
): MaybePromise<boolean> {
  const where = map.key.map((column, i) => `${column.sql} = ${map.dialect.placeholder(i)}`);
  const rows = connection.queryArrays(`SELECT 1 FROM ${map.sql}${whereClause(where)}`, key);
  return chain(rows, (found) => found.length > 0);
}

/** Deletes the row of an entity. @returns how many rows went */
export function deleteEntity(connection: Connection, map: EntityMap, entity: object): MaybePromise<number> {
  const { key, version } = changesOfKey(map, entity);
  let next = 0;
  const assign = (column: MappedColumn): string => `${column.sql} = ${map.dialect.placeholder(next++)}`;
  const where = map.key.map(assign);
  if (map.version !== undefined && version !== undefined) where.push(assign(map.version));
  const params = version === undefined ? key : [...key, version];
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
  const { text, params } = criteria(map, where, new StatementWriter(map.dialect), 'delete');
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

/**
 * Writes values to the rows that meet some criteria.
 *
 * @throws CRITERIA_EMPTY · UPDATE_EMPTY · PROPERTY_UNKNOWN
 */
export function updateWhere(
  connection: Connection,
  map: EntityMap,
  where: unknown,
  values: Values,
): MaybePromise<number> {
  const writer = new StatementWriter(map.dialect);
  const changes = assignments(map, values);
  const set = changes.map(({ column, value }) => `${column.sql} = ${writer.constant(value)}`);
  if (map.version !== undefined && !changes.some(({ column }) => column === map.version)) {
    set.push(`${map.version.sql} = ${map.version.sql} + 1`);
  }
  const { text, params } = criteria(map, where, writer, 'update');
  const sql = `UPDATE ${map.sql} SET ${set.join(', ')}${text}`;
  return chain(connection.run(sql, params), (result) => result.changes);
}

function assignments(map: EntityMap, values: Values): Change[] {
  for (const property in values) if (!map.fields.has(property)) throw map.unknown(property, 'values');
  const toMany = Object.keys(values).find((property) => {
    const field = map.fields.get(property);
    return values[property] !== undefined && field?.kind === 'relation' && field.toMany;
  });
  if (toMany !== undefined) {
    throw error('OPTION_INVALID', {
      option: 'values',
      problem: `'${map.meta.name}.${toMany}' has many members; save() writes them`,
    });
  }
  const changes: Change[] = [];
  for (const column of map.columns) {
    const value = valueToWrite(map, column, values);
    if (value !== undefined && !isComputed(map, column))
      changes.push({ column, value: column.encode(value) });
  }
  if (changes.length === 0) throw error('UPDATE_EMPTY', { entity: map.meta.name });
  const { updateDate } = map;
  if (updateDate !== undefined && !changes.some(({ column }) => column === updateDate)) {
    changes.push({ column: updateDate, value: updateDate.encode(moment(updateDate, new Date())) });
  }
  return changes;
}

interface Criteria {
  readonly text: string;
  readonly params: SqlValue[];
}

function criteria(map: EntityMap, where: unknown, writer: StatementWriter, method: string): Criteria {
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
    text: readsItself(map, text) ? byKey(map, clause, writer) : clause,
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
function byKey(map: EntityMap, clause: string, writer: StatementWriter): string {
  const own = writer.alias();
  const keys = map.key.map(({ sql }) => sql);
  const row = (table: string): string => keys.map((key) => `${table}.${key}`).join(', ');
  const found = `SELECT DISTINCT ${row(map.sql)} FROM ${map.sql}${clause}`;
  const written = keys.length === 1 ? row(map.sql) : `(${row(map.sql)})`;
  return ` WHERE ${written} IN (SELECT ${row(own)} FROM (${found}) AS ${own})`;
}
