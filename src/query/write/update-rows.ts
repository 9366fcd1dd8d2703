/**
 * UPDATE of many rows by key, each with values of its own. Where a statement costs a round trip, one writes many
 * rows by CASE; elsewhere the same prepared statement runs row by row, which an embedded database does faster.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { roomFor } from '../conditions/where-shape.js';
import { classCondition, classValues, whereClause } from '../conditions/where-sql.js';
import { describeKey, sameValue } from '../mapping/column-values.js';
import type { EntityMap, MappedColumn } from '../mapping/entity-map.js';
import { rowOf } from '../mapping/row-state.js';
import { requireWritable } from '../mapping/writable.js';
import { chain, inTurn, isPromise } from '../maybe-promise.js';
import { staleError } from './delete.js';
import { chunked, packedColumn, readKeys, rowName, writeKeyList } from './keys.js';
import { type EntityChanges, updateSql } from './update.js';
import { whole } from './whole.js';

/** One row and what is written to it. */
export interface RowUpdate extends EntityChanges {
  readonly entity: object;
}

/** Rows in one statement: every row is compared with every other one's key, so more are not faster. */
const MAX_ROWS = 64;
/** Where a row more costs no more than its values. */
const MAX_PACKED_ROWS = 4_096;

/**
 * Writes rows whose changes are of the same columns.
 *
 * @param written called for every row in turn when it is written
 * @param isLoose whether a row that is not there is nobody's mistake
 * @throws OPTIMISTIC_LOCK · ROW_GONE naming the first row that is not as it was
 */
export function updateRows<R extends RowUpdate>(
  connection: Connection,
  map: EntityMap,
  rows: readonly R[],
  written: (row: R) => void,
  isLoose: (row: R) => boolean,
): MaybePromise<void> {
  requireWritable(map, 'save');
  if (map.parts !== undefined) return updateParts(connection, map, map.parts, rows, written, isLoose);
  if (rows.length === 1 || !map.dialect.capabilities.roundTrips) {
    return updateOneByOne(connection, map, rows, written, isLoose);
  }
  const packed = packedUpdate(map, rows[0] as RowUpdate);
  return inTurn(chunked(rows, packed === undefined ? MAX_ROWS : MAX_PACKED_ROWS), (chunk) => {
    const { sql, params } = packed === undefined ? writeCase(map, chunk) : packed(chunk);
    return chain(connection.run(sql, params), ({ changes }) => {
      if (changes < chunk.length && !chunk.some(isLoose)) return refuse(connection, map, chunk);
      for (const row of chunk) written(row);
    });
  });
}

/**
 * The same where every class of a family has a table: the changes of each table in statements of their own, in one
 * transaction, the first class's before the others'; it keeps the version.
 */
function updateParts<R extends RowUpdate>(
  connection: Connection,
  map: EntityMap,
  parts: readonly EntityMap[],
  rows: readonly R[],
  written: (row: R) => void,
  isLoose: (row: R) => boolean,
): Promise<void> {
  return whole(connection, map.dialect, async () => {
    const there = await knownRows(connection, map, rows, isLoose);
    for (const [i, part] of there.length === 0 ? [] : parts.entries()) {
      const updates = there.map((row) => ({ row, ...changesOfPart(part, i, row) }));
      if (updates[0]?.changes.length === 0 && part.version === undefined) continue;
      const isRowLoose = ({ row }: { readonly row: R }): boolean => isLoose(row);
      await updateRows(connection, part, updates, () => {}, isRowLoose);
    }
    for (const row of rows) written(row);
  });
}

/** The key of a row that was never read may be that of another class's, whose table has it as well. */
async function knownRows<R extends RowUpdate>(
  connection: Connection,
  map: EntityMap,
  rows: readonly R[],
  isLoose: (row: R) => boolean,
): Promise<readonly R[]> {
  const doubtful = rows.filter(({ entity }) => rowOf(entity) === undefined);
  if (doubtful.length === 0) return rows;
  const keys = doubtful.map(({ key }) => key);
  const found = await readKeys(connection, map, keys);
  const missing = new Set(doubtful.filter(({ key }) => !found.has(rowName(map.key, key))));
  for (const row of missing) if (!isLoose(row)) throw goneOrStale(map, row);
  return rows.filter((row) => !missing.has(row));
}

function changesOfPart(
  part: EntityMap,
  place: number,
  { entity, changes, key, version }: RowUpdate,
): RowUpdate {
  const own = changes.flatMap(({ column, value }) => {
    const inPart = part.columns.find(({ meta }) => meta.name === column.meta.name);
    return inPart === undefined || (inPart.meta.primary && place > 0) ? [] : [{ column: inPart, value }];
  });
  return { entity, changes: own, key, version: part.version === undefined ? undefined : version };
}

/** No promise, and nothing made, for a row that is written at once. */
function updateOneByOne<R extends RowUpdate>(
  connection: Connection,
  map: EntityMap,
  rows: readonly R[],
  written: (row: R) => void,
  isLoose: (row: R) => boolean,
  from = 0,
): MaybePromise<void> {
  const sql = updateSql(map, rows[0] as RowUpdate);
  const ofClass = classValues(map);
  const finish = (row: R, changes: number): void => {
    if (changes === 0 && !isLoose(row)) throw goneOrStale(map, row);
    written(row);
  };
  for (let i = from; i < rows.length; i++) {
    const row = rows[i] as R;
    const result = connection.run(sql, paramsOf(row, ofClass));
    if (isPromise(result)) {
      return result.then(({ changes }) => {
        finish(row, changes);
        return updateOneByOne(connection, map, rows, written, isLoose, i + 1);
      });
    }
    finish(row, result.changes);
  }
}

function paramsOf(
  { changes, key, version }: EntityChanges,
  ofClass: readonly SqlValue[] | undefined,
): SqlValue[] {
  const params: SqlValue[] = [];
  for (const { value } of changes) params.push(value);
  for (const value of key) params.push(value);
  if (version !== undefined) params.push(version);
  if (ofClass !== undefined) params.push(...ofClass);
  return params;
}

/** A row that was read is no longer there, or not at the version at which it was read. */
export function goneOrStale(map: EntityMap, { entity, version }: RowUpdate): Error {
  if (version !== undefined) return staleError(map, entity, version);
  return error('ROW_GONE', {
    entity: map.meta.name,
    key: describeKey(map, entity),
    isRead: rowOf(entity) !== undefined,
  });
}

interface Written {
  readonly sql: string;
  readonly params: SqlValue[];
}

/** Rows joined with the table by their keys; undefined where that cannot be said. */
function packedUpdate(
  map: EntityMap,
  { changes, version }: RowUpdate,
): ((rows: readonly RowUpdate[]) => Written) | undefined {
  const isVersioned = map.version !== undefined && version !== undefined;
  if ((map.version !== undefined && !isVersioned) || classValues(map) !== undefined) return undefined;
  const keys = isVersioned ? [...map.key, map.version as MappedColumn] : map.key;
  const packed = map.dialect.writeForms.packedRows?.(
    keys.map(packedColumn),
    changes.map(({ column }) => packedColumn(column)),
  );
  if (packed === undefined) return undefined;
  const sql = packed.update(map.sql);
  return (rows) => {
    const values = rows.map(({ key, version: known, changes: own }) => {
      const row = isVersioned ? [...key, known as SqlValue] : [...key];
      for (const { value } of own) row.push(value);
      return row;
    });
    return { sql, params: packed.pack(values) };
  };
}

/** One UPDATE of several rows; a value that is the same in all of them is said once. */
function writeCase(map: EntityMap, rows: readonly RowUpdate[]): Written {
  const { placeholder } = map.dialect;
  const params: SqlValue[] = [];
  const bind = (value: SqlValue): string => placeholder(params.push(value) - 1);
  // Room for the next power of two, so that few lengths make few statements.
  const room = roomFor(rows.length);
  const padded = Array.from({ length: room }, (_, i) => rows[Math.min(i, rows.length - 1)] as RowUpdate);
  const first = rows[0] as RowUpdate;
  const set = first.changes.map(({ column, value }, i) => {
    const isSame = rows.every(({ changes }) => changes[i]?.value === value);
    if (isSame) return `${column.sql} = ${bind(value)}`;
    if (column === map.version) return `${column.sql} = ${column.sql} + 1`;
    return `${column.sql} = ${writeChoice(map, column, i, padded, bind)}`;
  });
  if (map.version !== undefined && first.version === undefined) {
    set.push(`${map.version.sql} = ${map.version.sql} + 1`);
  }
  const columns = map.key.map(({ sql }) => sql);
  if (map.version !== undefined && first.version !== undefined) columns.push(map.version.sql);
  const where = writeKeyList(columns, room, placeholder, params.length);
  for (const { key, version } of padded) {
    params.push(...key);
    if (version !== undefined) params.push(version);
  }
  let next = params.length;
  const ofClass = classCondition(map, () => placeholder(next++));
  params.push(...(classValues(map) ?? []));
  return { sql: `UPDATE ${map.sql} SET ${set.join(', ')}${whereClause([where, ...ofClass])}`, params };
}

/** ELSE names the column itself: from it a server learns of which type the values are. */
function writeChoice(
  map: EntityMap,
  column: MappedColumn,
  at: number,
  rows: readonly RowUpdate[],
  bind: (value: SqlValue) => string,
): string {
  const [only, second] = map.key as readonly [MappedColumn, MappedColumn?];
  const cases = rows.map(({ key, changes }) => {
    const is =
      second === undefined
        ? bind(key[0] as SqlValue)
        : map.key.map(({ sql }, i) => `${sql} = ${bind(key[i] as SqlValue)}`).join(' AND ');
    return `WHEN ${is} THEN ${bind(changes[at]?.value as SqlValue)}`;
  });
  return `CASE ${second === undefined ? `${only.sql} ` : ''}${cases.join(' ')} ELSE ${column.sql} END`;
}

/**
 * Finds out which row of a statement was not there any more. Where a version is checked, somebody else has most
 * often written the very version that this statement would have written, so what else was written is compared.
 */
function refuse(connection: Connection, map: EntityMap, rows: readonly RowUpdate[]): MaybePromise<never> {
  const [first] = rows as readonly [RowUpdate];
  const isVersioned = first.version !== undefined;
  const columns = isVersioned ? first.changes.map(({ column }) => column) : [];
  const keys = rows.map(({ key }) => key);
  return chain(readKeys(connection, map, keys, columns), (found) => {
    const isWritten = ({ key, changes }: RowUpdate): boolean => {
      const row = found.get(rowName(map.key, key));
      if (row === undefined || !isVersioned) return row !== undefined;
      return changes.every(({ column, value }, i) => sameValue(column, row[i] ?? null, value));
    };
    // Where somebody else has written the very same, nobody can tell whose row it was.
    throw goneOrStale(map, rows.find((row) => !isWritten(row)) ?? first);
  });
}
