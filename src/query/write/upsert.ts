/**
 * Entities → INSERT of those that are not there, UPDATE of those that are, told apart by a unique key in the
 * database itself, and what the rows hold afterwards back into the entities.
 *
 * A row that leaves the key open cannot be there: it is inserted as any other. Rows of one key in one call come
 * in statements of their own, one after the other, for no database agrees with another about them.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import type { UpsertAssignment, UpsertParts } from '../../dialects/shared/write-forms.js';
import { labelWhere } from '../conditions/where-shape.js';
import { writeWhere } from '../conditions/where-sql.js';
import { isComputed } from '../mapping/column-values.js';
import { type EntityMap, type MappedColumn, writePath } from '../mapping/entity-map.js';
import { forgetRow } from '../mapping/row-state.js';
import { chain } from '../maybe-promise.js';
import { collectValues } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import type { ConflictTarget } from './conflict-target.js';
import { draftOf, type InsertDraft, insertEntities, planOf } from './insert.js';
import { rowName } from './keys.js';

export interface UpsertOrder {
  readonly target: ConflictTarget;
  /** The columns that are written to a row which is there; all that an entity says when absent. */
  readonly update: ReadonlySet<MappedColumn> | undefined;
  /** Whether rows that would stay as they are, are left alone. */
  readonly onlyChanged: boolean;
  /** What a row that is there must meet to be written. */
  readonly where: unknown;
}

/** Rows in one statement; each costs a comparison of keys when it is read back. */
const MAX_ROWS = 128;

/**
 * Inserts entities or updates the rows that are there. Keys and what the database has made are written back.
 *
 * @throws UNIQUE_VIOLATION for a row that is there by another key than the one that is meant
 */
export async function upsertEntities(
  connection: Connection,
  declared: EntityMap,
  entities: readonly object[],
  order: UpsertOrder,
): Promise<void> {
  if (declared.parts !== undefined) {
    const problem = `rows of '${declared.meta.name}' stand in several tables; save() writes them`;
    throw error('OPTION_INVALID', { option: 'upsert', problem });
  }
  const now = new Date();
  for (const map of declared.family ?? [declared]) {
    const own = entities.filter((entity) => declared.mapOfInstance(entity) === map);
    const drafts = own.map((entity) => draftOf(map, planOf(map), entity, now, undefined));
    const isOpen = (draft: InsertDraft): boolean =>
      order.target.columns.some((column) => !isGiven(draft, column) || draft.row[column.index] === null);
    const open = drafts.filter(isOpen).map(({ entity }) => entity);
    if (open.length > 0) await insertEntities(connection, map, open, false);
    const rows = drafts.filter((draft) => !isOpen(draft));
    for (const chunk of chunksOf(map, rows, order)) await upsertChunk(connection, map, chunk, order);
  }
  for (const entity of entities) forgetRow(entity);
}

/** Whether the entity itself says it: what Limbeck filled in says nothing of a row that is there. */
function isGiven({ row, filled }: InsertDraft, column: MappedColumn): boolean {
  return row[column.index] !== undefined && !filled.includes(column);
}

/** Rows that say the same columns, and no key twice. */
interface Chunk {
  readonly shape: string;
  readonly keys: Set<unknown>;
  readonly drafts: InsertDraft[];
}

function chunksOf(map: EntityMap, drafts: readonly InsertDraft[], { target }: UpsertOrder): Chunk[] {
  const most = Math.floor(map.dialect.capabilities.maxParameters / (map.columns.length + 1)) - 1;
  const size = Math.max(1, Math.min(MAX_ROWS, most));
  const chunks: Chunk[] = [];
  for (const draft of drafts) {
    const shape = `${draft.shape}/${draft.filled.map(({ index }) => index).join(',')}`;
    const key = rowName(target.columns, keyOf(target, draft));
    const last = chunks.at(-1);
    if (last !== undefined && last.shape === shape && last.drafts.length < size && !last.keys.has(key)) {
      last.drafts.push(draft);
      last.keys.add(key);
    } else chunks.push({ shape, keys: new Set([key]), drafts: [draft] });
  }
  return chunks;
}

function keyOf({ columns }: ConflictTarget, { row }: InsertDraft): SqlValue[] {
  return columns.map((column) => row[column.index] ?? null);
}

async function upsertChunk(
  connection: Connection,
  map: EntityMap,
  { drafts }: Chunk,
  order: UpsertOrder,
): Promise<void> {
  const columns = order.target.columns;
  const { sql, read, bigints, bind } = statementFor(map, drafts, order);
  const params = bind(drafts);
  const found = map.dialect.capabilities.returning
    ? await connection.queryArrays(sql, params, { bigints })
    : await runForNoRows(connection, sql, params);
  // Elsewhere another key may have led to the row, so it is looked at.
  const isNamed = map.dialect.writeForms.upsertKind === 'on-conflict-do-update';
  if (isNamed && drafts.length === 1 && found.length === 1) {
    absorb(map, drafts[0] as InsertDraft, columns, read, found[0] as SqlValue[]);
    return;
  }
  const rows = new Map(found.map((row) => [rowName(columns, row), row]));
  const named = (draft: InsertDraft): unknown => rowName(columns, keyOf(order.target, draft));
  // What was left alone is not returned; and where nothing is, everything is read.
  const missing = drafts.filter((draft) => !rows.has(named(draft)));
  const keys = missing.map((draft) => keyOf(order.target, draft));
  for (const row of keys.length === 0 ? [] : await readByKeys(connection, map, columns, keys, read)) {
    rows.set(rowName(columns, row), row);
  }
  for (const draft of drafts) {
    const row = rows.get(named(draft)) ?? (await readAlone(connection, map, order.target, draft, read));
    if (row !== undefined) absorb(map, draft, columns, read, row);
  }
}

async function runForNoRows(connection: Connection, sql: string, params: SqlValue[]): Promise<SqlValue[][]> {
  await connection.run(sql, params);
  return [];
}

/** The key that tells rows apart first, then what an entity may not know of its row. */
function columnsToRead(
  map: EntityMap,
  { row }: InsertDraft,
  target: readonly MappedColumn[],
): readonly MappedColumn[] {
  const stamps = map.columns.filter(
    (column) => column === map.version || column === map.updateDate || column.meta.role === 'createDate',
  );
  const unsaid = map.columns.filter((column) => row[column.index] === undefined);
  return [...new Set([...target, ...map.key, ...stamps, ...unsaid])];
}

interface UpsertStatement {
  readonly sql: string;
  /** What it returns, or what is read after it. */
  readonly read: readonly MappedColumn[];
  readonly bigints: boolean;
  readonly bind: (drafts: readonly InsertDraft[]) => SqlValue[];
}

const statements = new WeakMap<EntityMap, Map<string, UpsertStatement>>();

/** Written once for rows that say the same columns; conditions hold values of their own, and are written anew. */
function statementFor(map: EntityMap, drafts: readonly InsertDraft[], order: UpsertOrder): UpsertStatement {
  const { target, update, onlyChanged, where } = order;
  if (where !== undefined || target.where !== undefined) return writeUpsert(map, drafts, order);
  const { shape, filled } = drafts[0] as InsertDraft;
  const indexes = (columns: Iterable<MappedColumn>): string =>
    Array.from(columns, ({ index }) => index).join(',');
  const changed = update === undefined ? '*' : indexes(update);
  const name = `${shape}/${indexes(filled)}/${drafts.length}/${indexes(target.columns)}/${changed}/${onlyChanged}`;
  let known = statements.get(map);
  if (known === undefined) {
    known = new Map();
    statements.set(map, known);
  }
  let statement = known.get(name);
  if (statement === undefined) {
    statement = writeUpsert(map, drafts, order);
    known.set(name, statement);
  }
  return statement;
}

function writeUpsert(map: EntityMap, drafts: readonly InsertDraft[], order: UpsertOrder): UpsertStatement {
  const first = drafts[0] as InsertDraft;
  const read = columnsToRead(map, first, order.target.columns);
  const written = map.columns.filter((column) => first.row[column.index] !== undefined);
  const writer = new StatementWriter(map.dialect);
  const stored = (value: unknown): SqlValue => value as SqlValue;
  const rows = drafts.map(() => `(${written.map(() => writer.value(stored)).join(', ')})`);
  const parts = assignmentsOf(map, first, order);
  const hasCondition = order.where !== undefined && parts.set.length > 0;
  const values = hasCondition ? collectValues((shape) => labelWhere(map, order.where, shape)) : [];
  const where = hasCondition ? writeWhere(map, order.where, map.sql, writer) || undefined : undefined;
  const clause = map.dialect.writeForms.upsert({ table: map.sql, ...parts, where });
  const into = `INSERT INTO ${map.sql} (${names(written)}) VALUES ${rows.join(', ')}`;
  const returning = map.dialect.capabilities.returning ? ` RETURNING ${names(read)}` : '';
  const bind = writer.binder();
  return {
    sql: `${into}${clause}${returning}`,
    read,
    bigints: read.some((column) => column.needsBigints),
    bind: (given) => {
      const all: unknown[] = [];
      for (const { row } of given) for (const { index } of written) all.push(row[index]);
      for (const value of values) all.push(value);
      return bind(all);
    },
  };
}

function assignmentsOf(
  map: EntityMap,
  first: InsertDraft,
  { target, update, onlyChanged }: UpsertOrder,
): Omit<UpsertParts, 'table'> {
  const said = map.columns.filter(
    (column) =>
      (update?.has(column) ?? isGiven(first, column)) &&
      first.row[column.index] !== undefined &&
      isUpdated(map, column, target),
  );
  const set: UpsertAssignment[] = said.map(({ sql }) => ({ column: sql, value: 'inserted' }));
  const { updateDate, version } = map;
  if (said.length > 0) {
    if (updateDate !== undefined && !said.includes(updateDate) && first.row[updateDate.index] !== undefined)
      set.push({ column: updateDate.sql, value: 'inserted' });
    if (version !== undefined) set.push({ column: version.sql, value: 'counted' });
  }
  return {
    target: target.columns.map(({ sql }) => sql),
    targetWhere: target.where,
    set,
    changed: onlyChanged && said.length > 0 ? said.map(({ sql }) => sql) : undefined,
  };
}

/** Keys, the class and the time of creation stay what they are. */
function isUpdated(map: EntityMap, column: MappedColumn, target: ConflictTarget): boolean {
  const { update, primary, role } = column.meta;
  const isFixed = primary || role === 'createDate' || role === 'discriminator' || column === map.version;
  return update && !isFixed && !isComputed(column) && !target.columns.includes(column);
}

function names(columns: readonly MappedColumn[]): string {
  return columns.map((column) => column.sql).join(', ');
}

function readByKeys(
  connection: Connection,
  map: EntityMap,
  columns: readonly MappedColumn[],
  keys: readonly (readonly SqlValue[])[],
  read: readonly MappedColumn[],
): MaybePromise<SqlValue[][]> {
  let next = 0;
  const equals = (column: MappedColumn): string => `${column.sql} = ${map.dialect.placeholder(next++)}`;
  const where = keys.map(() => `(${columns.map(equals).join(' AND ')})`).join(' OR ');
  const bigints = read.some((column) => column.needsBigints);
  return connection.queryArrays(`SELECT ${names(read)} FROM ${map.sql} WHERE ${where}`, keys.flat(), {
    bigints,
  });
}

/** The row of a key that the database holds in other words: a collation takes 'a' and 'A' for the same. */
function readAlone(
  connection: Connection,
  map: EntityMap,
  target: ConflictTarget,
  draft: InsertDraft,
  read: readonly MappedColumn[],
): MaybePromise<SqlValue[] | undefined> {
  const key = keyOf(target, draft);
  return chain(readByKeys(connection, map, target.columns, [key], read), ([row]) => {
    if (row !== undefined || map.dialect.writeForms.upsertKind === 'on-conflict-do-update') return row;
    // It was not inserted and is not there by this key: another one stood in its way.
    throw error('UNIQUE_VIOLATION', { table: map.meta.tableName });
  });
}

function absorb(
  map: EntityMap,
  { entity }: InsertDraft,
  target: readonly MappedColumn[],
  read: readonly MappedColumn[],
  row: readonly SqlValue[],
): void {
  read.forEach((column, i) => {
    const { role, path } = column.meta;
    if (target.includes(column) || role === 'relation' || path.length === 0) return;
    writePath(map, entity, path, column.decode(row[i] ?? null));
  });
}
