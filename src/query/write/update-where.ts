/** UPDATE of the rows that meet some criteria: values, counters, and the time at which rows were soft-deleted. */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { isEmptyCriteria, labelWhere } from '../conditions/where-shape.js';
import { isComputed, moment } from '../mapping/column-values.js';
import type { EntityMap, MappedColumn, Values } from '../mapping/entity-map.js';
import { requireWritable } from '../mapping/writable.js';
import { chain } from '../maybe-promise.js';
import { collectValues } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import {
  labelSettings,
  partSettings,
  type Setting,
  settingsOf,
  withStamps,
  writeSettings,
} from './assignments.js';
import { compileCriteria, criteriaEmpty, readCriteriaKeys } from './criteria.js';
import { chunked, MAX_KEYS, writeKeyList } from './keys.js';
import { whole } from './whole.js';

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
  // Of several tables one may have nothing to write, but not all of them.
  const settings = settingsOf(map, values);
  return runUpdate(connection, map, where, {
    method: 'update',
    settings: (table, place) => (place === undefined ? settings : partSettings(table, place, values)),
  });
}

/**
 * Marks rows as deleted; those that are marked already keep their time.
 *
 * @throws CRITERIA_EMPTY · DELETE_DATE_MISSING
 */
export function softDeleteWhere(
  connection: Connection,
  map: EntityMap,
  where: unknown,
): MaybePromise<number> {
  const column = deleteDateOf(map, 'softDelete');
  const value = moment(column, new Date());
  return runUpdate(connection, map, where, {
    method: 'softDelete',
    only: `${map.sql}.${column.sql} IS NULL`,
    settings: (table) => oneSetting(table, { column, kind: 'value', value }),
  });
}

/** Takes the mark of deletion from rows that have it. @throws CRITERIA_EMPTY · DELETE_DATE_MISSING */
export function restoreWhere(connection: Connection, map: EntityMap, where: unknown): MaybePromise<number> {
  const column = deleteDateOf(map, 'restore');
  return runUpdate(connection, map, where, {
    method: 'restore',
    only: `${map.sql}.${column.sql} IS NOT NULL`,
    settings: (table) => oneSetting(table, { column, kind: 'null' }),
  });
}

/**
 * Adds a number to a column of the rows that meet some criteria, in the database, so that no addition is lost.
 *
 * @param addition `sign` is `+` or `-`
 * @throws CRITERIA_EMPTY · PROPERTY_UNKNOWN · OPTION_INVALID for what is no number · VALUE_INVALID
 */
export function addWhere(
  connection: Connection,
  map: EntityMap,
  where: unknown,
  { property, sign, value }: { readonly property: string; readonly sign: '+' | '-'; readonly value: unknown },
): MaybePromise<number> {
  const method = sign === '+' ? 'increment' : 'decrement';
  const column = numericColumn(map, property, method);
  if (value === null || value === undefined) {
    throw error('VALUE_INVALID', { owner: method, problem: `the number is ${String(value)}` });
  }
  return runUpdate(connection, map, where, {
    method,
    settings: (table) => oneSetting(table, { column, kind: sign, value }),
  });
}

interface Update {
  readonly method: string;
  /** A further condition on the rows, in SQL. */
  readonly only?: string;
  /** What is written to a table; with the place of the table where the rows stand in several. */
  settings(table: EntityMap, place: number | undefined): readonly Setting[];
}

/** One column of the table that holds it, and what changes with it. */
function oneSetting(table: EntityMap, setting: Setting): readonly Setting[] {
  const { name } = setting.column.meta;
  const column = table.columns.find(({ meta }) => meta.name === name);
  return withStamps(table, column === undefined ? [] : [{ ...setting, column }]);
}

interface CompiledUpdate {
  readonly sql: string;
  readonly bind: (values: readonly unknown[]) => SqlValue[];
}

function runUpdate(
  connection: Connection,
  map: EntityMap,
  where: unknown,
  update: Update,
): MaybePromise<number> {
  if (map.parts !== undefined) return updateParts(connection, map, map.parts, where, update);
  const { method, only } = update;
  const settings = update.settings(map, undefined);
  requireWritable(map, method);
  if (isEmptyCriteria(where)) throw criteriaEmpty(map, method);
  const { compiled, values } = map.shapes.get<CompiledUpdate>(
    (shape) => {
      shape.label(method);
      labelSettings(settings, shape);
      // No column is called so: what follows are conditions.
      shape.label(-1);
      labelWhere(map, where, shape);
    },
    () => {
      const writer = new StatementWriter(map.dialect);
      const set = writeSettings(settings, writer);
      const text = compileCriteria(map, where, writer, method, only);
      return { sql: `UPDATE ${map.sql} SET ${set}${text}`, bind: writer.binder() };
    },
  );
  return chain(connection.run(compiled.sql, compiled.bind(values)), ({ changes }) => changes);
}

/** Rows that stand in several tables are found first: what is written to one table may be what finds them. */
function updateParts(
  connection: Connection,
  map: EntityMap,
  parts: readonly EntityMap[],
  where: unknown,
  { method, only, settings: settingsIn }: Update,
): Promise<number> {
  return whole(connection, map.dialect, async () => {
    const keys = await readCriteriaKeys(connection, map, where, method, only);
    for (const chunk of keys.length === 0 ? [] : chunked(keys, MAX_KEYS)) {
      for (const [place, part] of parts.entries()) {
        const settings = settingsIn(part, place);
        if (settings.length === 0) continue;
        const writer = new StatementWriter(map.dialect);
        const set = writeSettings(settings, writer);
        const params = chunk.flat();
        const placeholder = (i: number): string => writer.constant(params[i]);
        const list = writeKeyList(
          part.key.map(({ sql }) => sql),
          chunk.length,
          placeholder,
        );
        const values = collectValues((shape) => labelSettings(settings, shape));
        await connection.run(`UPDATE ${part.sql} SET ${set} WHERE ${list}`, writer.binder()(values));
      }
    }
    return keys.length;
  });
}

function deleteDateOf(map: EntityMap, method: string): MappedColumn {
  if (map.deleteDate !== undefined) return map.deleteDate;
  throw error('DELETE_DATE_MISSING', { entity: map.meta.name, method });
}

const NUMERIC = new Set(['smallint', 'integer', 'bigint', 'real', 'double', 'decimal']);

function numericColumn(map: EntityMap, property: string, method: string): MappedColumn {
  const column = map.columns.find(({ meta }) => meta.property === property && meta.role !== 'relation');
  if (column === undefined) throw map.unknown(property, method);
  const { type, update, transformers } = column.meta;
  const problem = !NUMERIC.has(type.kind)
    ? 'is no number'
    : !update || isComputed(column)
      ? 'may not be updated'
      : transformers.length > 0
        ? 'has a transformer, which the database does not know'
        : undefined;
  if (problem === undefined) return column;
  throw error('OPTION_INVALID', { option: method, problem: `'${map.meta.name}.${property}' ${problem}` });
}
