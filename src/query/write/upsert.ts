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
import { chain, inTurn } from '../maybe-promise.js';
import { collectValues } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import type { ConflictTarget, UpsertOrder } from './conflict-target.js';
import { draftOf, type InsertDraft, insertEntities, planOf } from './insert.js';
import { chunked, rowName } from './keys.js';
import { upsertParts } from './upsert-parts.js';

/** Rows in one statement; each costs a comparison of keys when it is read back. */
const MAX_ROWS = 128;

/**
 * Inserts entities or updates the rows that are there. Keys and what the database has made are written back.
 *
 * @throws UNIQUE_VIOLATION for a row that is there by another key than the one that is meant
 */
export function upsertEntities(
  connection: Connection,
  declared: EntityMap,
  entities: readonly object[],
  order: UpsertOrder,
): MaybePromise<void> {
  const { family } = declared;
  const written =
    family === undefined
      ? upsertOf(connection, declared, entities, order)
      : inTurn(family, (map) => {
          const own = entities.filter((entity) => declared.mapOfInstance(entity) === map);
          return own.length === 0 ? undefined : upsertOf(connection, map, own, order);
        });
  return chain(written, () => {
    for (const entity of entities) forgetRow(entity);
  });
}

function upsertOf(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  order: UpsertOrder,
): MaybePromise<void> {
  if (map.parts === undefined) return upsertSame(connection, map, entities, order);
  return upsertParts(connection, map, entities, order, upsertSame);
}

function upsertSame(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  order: UpsertOrder,
): MaybePromise<void> {
  const now = new Date();
  const plan = planOf(map);
  const open: object[] = [];
  const rows: InsertDraft[] = [];
  for (const entity of entities) {
    const draft = draftOf(map, plan, entity, now, undefined);
    const isOpen = order.target.columns.some(
      (column) => !isGiven(draft, column) || draft.row[column.index] === null,
    );
    if (isOpen) open.push(entity);
    else rows.push(draft);
  }
  return chain(requireOwnRows(connection, map, rows, order.target), () =>
    chain(open.length === 0 ? undefined : insertEntities(connection, map, open, false), () =>
      inTurn(chunksOf(map, rows, order), (chunk) => upsertChunk(connection, map, chunk, order)),
    ),
  );
}

/**
 * A row of another class of the table is no row of this one, and must not become half of one: where there can be
 * any it is looked for before.
 *
 * @throws UNIQUE_VIOLATION
 */
function requireOwnRows(
  connection: Connection,
  map: EntityMap,
  drafts: readonly InsertDraft[],
  target: ConflictTarget,
): MaybePromise<void> {
  const { discriminator, meta } = map;
  if (discriminator === undefined || meta.parent === undefined || drafts.length === 0) return;
  const { column, values } = discriminator;
  return inTurn(chunked(drafts, MAX_ROWS), (group) => {
    const keys = group.map((draft) => keyOf(target, draft));
    return chain(readByKeys(connection, map, target.columns, keys, [column, ...target.columns]), (rows) => {
      const isStrange = rows.some(([kind]) => !values.includes(kind ?? null));
      if (!isStrange) return;
      const columns = target.columns.map((each) => each.meta.name);
      throw error('UNIQUE_VIOLATION', { table: meta.tableName, columns });
    });
  });
}

/** Whether the entity itself says it: what Limbeck filled in says nothing of a row that is there. */
function isGiven({ row, filled }: InsertDraft, column: MappedColumn): boolean {
  return row[column.index] !== undefined && !filled.includes(column);
}

/** Rows that say the same columns, and no key twice. */
interface Chunk {
  readonly shape: InsertDraft['shape'];
  readonly filled: string;
  readonly keys: Set<unknown>;
  readonly drafts: InsertDraft[];
}

function chunksOf(map: EntityMap, drafts: readonly InsertDraft[], { target }: UpsertOrder): Chunk[] {
  const most = Math.floor(map.dialect.capabilities.maxParameters / (map.columns.length + 1)) - 1;
  const size = Math.max(1, Math.min(MAX_ROWS, most));
  const chunks: Chunk[] = [];
  let last: Chunk | undefined;
  for (const draft of drafts) {
    const { shape } = draft;
    const filled = indexesOf(draft.filled);
    const key = drafts.length === 1 ? undefined : rowName(target.columns, keyOf(target, draft));
    const fits = last !== undefined && last.shape === shape && last.filled === filled;
    if (fits && last !== undefined && last.drafts.length < size && !last.keys.has(key)) {
      last.drafts.push(draft);
      last.keys.add(key);
    } else {
      last = { shape, filled, keys: new Set([key]), drafts: [draft] };
      chunks.push(last);
    }
  }
  return chunks;
}

function indexesOf(columns: Iterable<MappedColumn>): string {
  let text = '';
  for (const { index } of columns) text += `${index},`;
  return text;
}

function keyOf({ columns }: ConflictTarget, { row }: InsertDraft): SqlValue[] {
  return columns.map((column) => row[column.index] ?? null);
}

function upsertChunk(
  connection: Connection,
  map: EntityMap,
  { drafts, filled }: Chunk,
  order: UpsertOrder,
): MaybePromise<void> {
  const { sql, read, returning, bigints, bind } = statementFor(map, drafts, filled, order);
  const params = bind(drafts);
  if (!returning) {
    return chain(connection.run(sql, params), () =>
      read.length === 0 ? undefined : absorbRows(connection, map, drafts, order, read, []),
    );
  }
  return chain(connection.queryArrays(sql, params, { bigints }), (found) => {
    if (isNamed(map) && drafts.length === 1 && found.length === 1) {
      absorb(map, drafts[0] as InsertDraft, order.target.columns, read, found[0] as SqlValue[]);
      return;
    }
    return absorbRows(connection, map, drafts, order, read, found);
  });
}

/** Whether a row is found by the key that is meant; elsewhere another one may have led to it, so it is looked at. */
function isNamed({ dialect }: EntityMap): boolean {
  return dialect.writeForms.upsertKind === 'on-conflict-do-update';
}

/** @param found what the statement returned; the rest is read by key */
async function absorbRows(
  connection: Connection,
  map: EntityMap,
  drafts: readonly InsertDraft[],
  { target }: UpsertOrder,
  read: readonly MappedColumn[],
  found: readonly SqlValue[][],
): Promise<void> {
  const { columns } = target;
  const rows = new Map(found.map((row) => [rowName(columns, row), row]));
  const named = (draft: InsertDraft): unknown => rowName(columns, keyOf(target, draft));
  // What was left alone is not returned; and where nothing is, everything is read.
  const missing = drafts.filter((draft) => !rows.has(named(draft)));
  const keys = missing.map((draft) => keyOf(target, draft));
  for (const row of keys.length === 0 ? [] : await readByKeys(connection, map, columns, keys, read)) {
    rows.set(rowName(columns, row), row);
  }
  for (const draft of drafts) {
    const row = rows.get(named(draft)) ?? (await readAlone(connection, map, target, draft, read));
    if (row !== undefined) absorb(map, draft, columns, read, row);
  }
}

/**
 * The key that tells rows apart first, then what an entity may not know of its row; empty where it knows
 * everything, and the row needs no other look.
 */
function columnsToRead(
  map: EntityMap,
  { row }: InsertDraft,
  target: readonly MappedColumn[],
): readonly MappedColumn[] {
  const stamps = map.columns.filter(
    (column) => column === map.version || column === map.updateDate || column.meta.role === 'createDate',
  );
  const unsaid = map.columns.filter((column) => row[column.index] === undefined);
  const read = [...new Set([...target, ...map.key, ...stamps, ...unsaid])];
  const isKnown = read.every((column) => target.includes(column) || !isShown(column));
  return isKnown && isNamed(map) ? [] : read;
}

/** Whether an entity has a property of its own for it. */
function isShown({ meta: { role, path } }: MappedColumn): boolean {
  return role !== 'relation' && path.length > 0;
}

interface UpsertStatement {
  readonly sql: string;
  /** What it returns, or what is read after it. */
  readonly read: readonly MappedColumn[];
  readonly returning: boolean;
  readonly bigints: boolean;
  readonly bind: (drafts: readonly InsertDraft[]) => SqlValue[];
}

const statements = new WeakMap<EntityMap, Map<string, UpsertStatement>>();

/** Written once for rows that say the same columns; conditions hold values of their own, and are written anew. */
function statementFor(
  map: EntityMap,
  drafts: readonly InsertDraft[],
  filled: string,
  order: UpsertOrder,
): UpsertStatement {
  const { target, update, onlyChanged, where, stamps = false } = order;
  if (where !== undefined || target.where !== undefined) return writeUpsert(map, drafts, order);
  const { shape } = drafts[0] as InsertDraft;
  const changed = update === undefined ? '*' : indexesOf(update);
  const name = `${shape}/${filled}/${drafts.length}/${indexesOf(target.columns)}/${changed}/${onlyChanged}/${stamps}`;
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
  const returning = map.dialect.capabilities.returning && read.length > 0;
  const bind = writer.binder();
  return {
    sql: `${into}${clause}${returning ? ` RETURNING ${names(read)}` : ''}`,
    read,
    returning,
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
  { target, update, onlyChanged, stamps = false }: UpsertOrder,
): Omit<UpsertParts, 'table'> {
  const said = map.columns.filter(
    (column) =>
      (update?.has(column) ?? isGiven(first, column)) &&
      first.row[column.index] !== undefined &&
      isUpdated(map, column, target),
  );
  const set: UpsertAssignment[] = said.map(({ sql }) => ({ column: sql, value: 'inserted' }));
  const { updateDate, version } = map;
  if (said.length > 0 || stamps) {
    if (updateDate !== undefined && !said.includes(updateDate) && first.row[updateDate.index] !== undefined)
      set.push({ column: updateDate.sql, value: 'inserted' });
    if (version !== undefined) set.push({ column: version.sql, value: 'counted' });
  }
  return {
    target: target.columns.map(({ sql }) => sql),
    targetWhere: target.where,
    set,
    changed: onlyChanged && said.length > 0 && !stamps ? said.map(({ sql }) => sql) : undefined,
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
    if (row !== undefined || isNamed(map)) return row;
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
    if (target.includes(column) || !isShown(column)) return;
    writePath(map, entity, column.meta.path, column.decode(row[i] ?? null));
  });
}
