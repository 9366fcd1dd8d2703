/** UPDATE of the rows that meet some criteria: values, counters, and the time at which rows were soft-deleted. */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise } from '../../dialects/contract.js';
import { isComputed, moment } from '../mapping/column-values.js';
import type { EntityMap, MappedColumn, Values } from '../mapping/entity-map.js';
import { chain } from '../maybe-promise.js';
import { StatementWriter } from '../statement.js';
import { writePartValues, writeStamps, writeValues } from './assignments.js';
import { readCriteriaKeys, writeCriteria } from './criteria.js';
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
  if (map.parts !== undefined) writeValues(map, values, new StatementWriter(map.dialect));
  return runUpdate(connection, map, where, {
    method: 'update',
    write: (table, writer, place) =>
      place === undefined
        ? writeValues(table, values, writer)
        : writePartValues(table, place, values, writer),
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
  const now = column.encode(moment(column, new Date()));
  return runUpdate(connection, map, where, {
    method: 'softDelete',
    only: `${map.sql}.${column.sql} IS NULL`,
    write: (table, writer) =>
      writeOne(table, writer, column, ({ sql }) => `${sql} = ${writer.constant(now)}`),
  });
}

/** Takes the mark of deletion from rows that have it. @throws CRITERIA_EMPTY · DELETE_DATE_MISSING */
export function restoreWhere(connection: Connection, map: EntityMap, where: unknown): MaybePromise<number> {
  const column = deleteDateOf(map, 'restore');
  return runUpdate(connection, map, where, {
    method: 'restore',
    only: `${map.sql}.${column.sql} IS NOT NULL`,
    write: (table, writer) => writeOne(table, writer, column, ({ sql }) => `${sql} = NULL`),
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
  addition: { readonly property: string; readonly sign: '+' | '-'; readonly value: unknown },
): MaybePromise<number> {
  const method = addition.sign === '+' ? 'increment' : 'decrement';
  const column = numericColumn(map, addition.property, method);
  if (addition.value === null || addition.value === undefined) {
    throw error('VALUE_INVALID', { owner: method, problem: `the number is ${String(addition.value)}` });
  }
  const { sum } = map.dialect.writeForms;
  const value = column.encode(addition.value);
  return runUpdate(connection, map, where, {
    method,
    write: (table, writer) =>
      writeOne(
        table,
        writer,
        column,
        ({ sql, meta }) => `${sql} = ${sum(sql, addition.sign, writer.constant(value), meta.type)}`,
      ),
  });
}

interface Update {
  readonly method: string;
  /** A further condition on the rows, in SQL. */
  readonly only?: string;
  /** The assignments in a table; with the place of the table where the rows stand in several. */
  write(table: EntityMap, writer: StatementWriter, place: number | undefined): readonly string[];
}

/** One column of the table that holds it, and what changes with it. */
function writeOne(
  table: EntityMap,
  writer: StatementWriter,
  { meta }: MappedColumn,
  assign: (column: MappedColumn) => string,
): string[] {
  const column = table.columns.find((each) => each.meta.name === meta.name);
  const set = column === undefined ? [] : [assign(column)];
  return [...set, ...writeStamps(table, writer, new Set(column === undefined ? [] : [column]))];
}

function runUpdate(
  connection: Connection,
  map: EntityMap,
  where: unknown,
  update: Update,
): MaybePromise<number> {
  if (map.parts !== undefined) return updateParts(connection, map, map.parts, where, update);
  const writer = new StatementWriter(map.dialect);
  const set = update.write(map, writer, undefined);
  const { text, params } = writeCriteria(map, where, writer, update.method, update.only);
  return chain(
    connection.run(`UPDATE ${map.sql} SET ${set.join(', ')}${text}`, params),
    (result) => result.changes,
  );
}

/** Rows that stand in several tables are found first: what is written to one table may be what finds them. */
function updateParts(
  connection: Connection,
  map: EntityMap,
  parts: readonly EntityMap[],
  where: unknown,
  { method, only, write }: Update,
): Promise<number> {
  return whole(connection, map.dialect, async () => {
    const keys = await readCriteriaKeys(connection, map, where, method, only);
    for (const chunk of keys.length === 0 ? [] : chunked(keys, MAX_KEYS)) {
      for (const [place, part] of parts.entries()) {
        const writer = new StatementWriter(map.dialect);
        const set = write(part, writer, place);
        if (set.length === 0) continue;
        const params = chunk.flat();
        const placeholder = (i: number): string => writer.constant(params[i]);
        const list = writeKeyList(
          part.key.map(({ sql }) => sql),
          chunk.length,
          placeholder,
        );
        await connection.run(`UPDATE ${part.sql} SET ${set.join(', ')} WHERE ${list}`, writer.binder()([]));
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
