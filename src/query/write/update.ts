/** What changed in an entity → UPDATE by key. */

import type { SqlValue } from '../../dialects/contract.js';
import { classCondition, whereClause } from '../conditions/where-sql.js';
import { isComputed, moment, sameValue, storedValue, valueToWrite } from '../mapping/column-values.js';
import { type EntityMap, type MappedColumn, type RowLayout, writePath } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { layoutOfColumns } from '../mapping/row-layout.js';
import { layoutOf, rememberRow, rowOf } from '../mapping/row-state.js';
import { type GivenValues, givenOn, givenValue } from './given.js';

/** One column that is to be written, with the value as the database stores it. */
export interface Change {
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
 * @param from columns whose value comes from outside the entity
 * @param onlyGiven whether the entity's own changes are left for another time
 * @throws VALUE_INVALID · RELATED_NOT_SAVED
 */
export function changesOf(
  declared: EntityMap,
  entity: object,
  from?: GivenValues,
  onlyGiven = false,
): EntityChanges {
  const map = declared.mapOfInstance(entity);
  const given = map === declared ? from : givenOn(map, from);
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  const known = row !== undefined && layout !== undefined;
  const changes: Change[] = [];
  for (const column of map.columns) {
    const stored = known ? storedValue(row, layout, column) : undefined;
    if (column === map.version || (!known && (column.meta.primary || column === map.updateDate))) continue;
    if (onlyGiven && given?.has(column) !== true) continue;
    const change = changeOf(map, column, entity, stored, given);
    if (change !== undefined) changes.push(change);
  }
  if (changes.length === 0) return NO_CHANGES;
  const version = map.version === undefined ? undefined : versionOf(map.version, entity, row, layout);
  addStamps(map, changes, version);
  return { changes, key: keyOf(map, entity, given), version };
}

const NO_CHANGES: EntityChanges = { changes: [], key: [], version: undefined };

/** The key of an entity as its row has it, or as the entity says it. */
export function keyOf(map: EntityMap, entity: object, given?: GivenValues): SqlValue[] {
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  const key: SqlValue[] = [];
  for (const column of map.key) {
    const stored = row !== undefined && layout !== undefined ? storedValue(row, layout, column) : undefined;
    const value = stored !== undefined ? stored : column.encode(keyPart(map, column, entity, given));
    key.push(value);
  }
  return key;
}

function keyPart(
  map: EntityMap,
  column: MappedColumn,
  entity: object,
  given: GivenValues | undefined,
): unknown {
  return given?.has(column) === true ? givenValue(given, column) : valueToWrite(map, column, entity);
}

function changeOf(
  map: EntityMap,
  column: MappedColumn,
  entity: object,
  stored: SqlValue | undefined,
  given: GivenValues | undefined,
): Change | undefined {
  const { update, role, transformers } = column.meta;
  if (!update || role === 'discriminator') return undefined;
  const isGiven = given?.has(column) === true;
  const value = isGiven ? givenValue(given, column) : valueToWrite(map, column, entity, stored);
  if (value === undefined) return undefined;
  if (value === stored && transformers.length === 0) return undefined;
  const encoded = column.encode(value);
  if (stored !== undefined && sameValue(column, stored, encoded)) return undefined;
  return isComputed(column) ? undefined : { column, value: encoded };
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

/** Adds the columns that change whenever anything else does. */
function addStamps(map: EntityMap, changes: Change[], version: SqlValue | undefined): void {
  const { updateDate } = map;
  if (updateDate !== undefined && !changes.some(({ column }) => column === updateDate)) {
    changes.push({ column: updateDate, value: updateDate.encode(moment(updateDate, new Date())) });
  }
  if (map.version !== undefined && version !== undefined && version !== null) {
    const next = typeof version === 'bigint' ? version + 1n : Number(version) + 1;
    changes.push({ column: map.version, value: next });
  }
}

const updates = new WeakMap<EntityMap, Map<string, string>>();

/** The text of an UPDATE by key, kept by the columns that it writes. */
export function updateSql(map: EntityMap, { changes, version }: EntityChanges): string {
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
  where.push(...classCondition(map, () => map.dialect.placeholder(next++)));
  return `UPDATE ${map.sql} SET ${set.join(', ')}${whereClause(where)}`;
}

function holdsAll({ positions }: RowLayout, changes: readonly Change[]): boolean {
  for (const { column } of changes) if (positions[column.index] === -1) return false;
  return true;
}

/** Keeps what was written with the entity, and shows it the stamps that it did not set itself. */
export function absorbUpdate(map: EntityMap, entity: object, { changes, key }: EntityChanges): void {
  for (const { column, value } of changes) {
    if (column === map.version || column === map.updateDate)
      writePath(map, entity, column.meta.path, column.decode(value));
  }
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  if (row !== undefined && layout !== undefined && holdsAll(layout, changes)) {
    // A copy, because a transaction that is rolled back gives the entity its old row back.
    const copy = row.slice();
    for (const { column, value } of changes) copy[layout.positions[column.index] as number] = value;
    rememberRow(entity, copy, layout);
    return;
  }
  const written = new Map(changes.map(({ column, value }) => [column, value]));
  const before = (column: MappedColumn): SqlValue | undefined =>
    row !== undefined && layout !== undefined ? storedValue(row, layout, column) : undefined;
  map.key.forEach((column, i) => {
    if (!written.has(column)) written.set(column, key[i] as SqlValue);
  });
  const columns = map.columns.filter((column) => written.has(column) || before(column) !== undefined);
  const merged = columns.map((column) => written.get(column) ?? before(column) ?? null);
  rememberRow(entity, merged, layoutOfColumns(map, columns));
}
