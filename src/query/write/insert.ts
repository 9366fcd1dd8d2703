/**
 * Entities → INSERT with many rows, and what the database made of them back into the entities: by RETURNING, or
 * where a database has none by what `read-back.ts` asks it afterwards.
 *
 * Rows of one statement name the same columns: what an entity leaves out has its default from the database,
 * which cannot be said row by row everywhere.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { generatedValue, isComputed, valueToWrite } from '../mapping/column-values.js';
import {
  type EntityMap,
  type MappedColumn,
  type RowLayout,
  type Values,
  writePath,
} from '../mapping/entity-map.js';
import { layoutOfColumns } from '../mapping/row-layout.js';
import { rememberRow } from '../mapping/row-state.js';
import { requireWritable } from '../mapping/writable.js';
import { chain, inTurn } from '../maybe-promise.js';
import { type GivenValues, givenOn, givenValue } from './given.js';
import { insertParts } from './insert-parts.js';
import { chunked } from './keys.js';
import { isCounted, isCountedAlone, type ReadBack, readBackFor } from './read-back.js';

/** Rows in one statement: beyond a hundred, longer statements were not faster, but where each is a round trip. */
const MAX_ROWS = 128;
const MAX_ROWS_PER_TRIP = 1_000;
/** Rows that are held beside their entities on their way into the database: so many, and what fills a statement. */
const AT_A_TIME = 32 * MAX_ROWS;

/** What inserting needs to know of an entity, found once. */
export interface InsertPlan {
  readonly columns: readonly InsertColumn[];
  readonly layout: RowLayout;
  readonly statements: Map<string, InsertStatement>;
}

export interface InsertColumn {
  readonly column: MappedColumn;
  /** Whether the database gives a value where none is written. */
  readonly hasDefault: boolean;
  /** Never written: the database computes it, or the entity says `insert: false`. */
  readonly skipped: boolean;
  /** Whether the entity has nothing to say of it: its class is what it is. */
  readonly fixed: boolean;
  /** Of a discriminator that is a property as well: what it may say, as text. */
  readonly classes?: ReadonlySet<string> | undefined;
  /** Whether null asks for the value that the database or Limbeck makes. */
  readonly isMade: boolean;
  /** The property that alone says it, where it is one of the entity itself. */
  readonly own: string | undefined;
}

interface InsertStatement {
  readonly sql: string;
  /** Columns that the database gives values. */
  readonly returned: readonly MappedColumn[];
  readonly bigints: boolean;
  /** Of a type of the database's own nobody knows how it reads text. */
  readonly assigns: boolean;
  /** How to learn them where the statement itself cannot say. */
  readonly readBack: ReadBack | undefined;
}

const plans = new WeakMap<EntityMap, InsertPlan>();

/** @internal What `upsert.ts` shares with an INSERT. */
export function planOf(map: EntityMap): InsertPlan {
  let plan = plans.get(map);
  if (plan === undefined) {
    plan = {
      columns: map.columns.map((column) => ({
        column,
        hasDefault: hasDefault(column),
        skipped: !column.meta.insert || isComputed(column),
        fixed: column.meta.role === 'discriminator' && column.meta.path.length === 0,
        classes: classesOf(map, column),
        isMade:
          (column.meta.generation !== undefined && !column.meta.nullable) ||
          column.meta.role === 'discriminator',
        own: column.relation === undefined && column.meta.path.length === 1 ? column.meta.path[0] : undefined,
      })),
      layout: layoutOfColumns(map, map.columns),
      statements: new Map(),
    };
    plans.set(map, plan);
  }
  return plan;
}

/** A new row may be said to be of a class below; where each class has a table, its other rows would be missing. */
function classesOf({ meta }: EntityMap, column: MappedColumn): ReadonlySet<string> | undefined {
  const { discriminator, parts } = meta;
  if (column.meta.role !== 'discriminator' || discriminator === undefined) return undefined;
  const below = parts === undefined ? discriminator.values : [];
  return new Set([discriminator.value, ...below].map(String));
}

function noSuchClass(column: MappedColumn, value: unknown, classes: ReadonlySet<string>): Error {
  const known = [...classes].map((each) => `'${each}'`).join(', ');
  return error('VALUE_INVALID', {
    owner: column.owner,
    problem: `'${value}' is none of its classes: ${known}`,
  });
}

function hasDefault({ meta }: MappedColumn): boolean {
  return meta.default !== undefined || meta.generation === 'increment' || meta.generation === 'identity';
}

/** One entity on its way into a row. */
export interface InsertDraft {
  readonly entity: object;
  /** By `MappedColumn.index`; undefined where the database gives the value. */
  readonly row: (SqlValue | undefined)[];
  /** Columns that the entity left out, so that what was written is written back. */
  readonly filled: readonly MappedColumn[];
  /** Tells the columns that are left to the database: a bit each, or their names where there are many. */
  readonly shape: number | string;
  /** Whether every column is. */
  readonly isEmpty: boolean;
}

export function draftOf(
  map: EntityMap,
  plan: InsertPlan,
  entity: object,
  now: Date,
  given: GivenValues | undefined,
): InsertDraft {
  const row = new Array<SqlValue | undefined>(plan.columns.length);
  let filled: MappedColumn[] | undefined;
  let shape: number | string = plan.columns.length > MAX_BITS ? '' : 0;
  let isEmpty = true;
  for (let i = 0; i < plan.columns.length; i++) {
    const { column, hasDefault, skipped, fixed, classes, own, isMade } = plan.columns[i] as InsertColumn;
    let value: unknown;
    if (given?.has(column) === true) value = givenValue(given, column);
    else if (!skipped && !fixed) {
      value = own === undefined ? valueToWrite(map, column, entity) : (entity as Values)[own];
    }
    if (value === null && isMade) value = undefined;
    if (classes !== undefined && value !== undefined && !classes.has(String(value))) {
      throw noSuchClass(column, value, classes);
    }
    if (value === undefined && !skipped) {
      value = generatedValue(map, column, now);
      if (value === undefined && !hasDefault && column.meta.nullable) value = null;
      if (value !== undefined) {
        filled ??= [];
        filled.push(column);
      }
    }
    if (value === undefined) shape = typeof shape === 'number' ? shape | (1 << i) : `${shape}${i},`;
    else {
      row[i] = column.encode(value);
      isEmpty = false;
    }
  }
  return { entity, row, filled: filled ?? NOTHING, shape, isEmpty };
}

const MAX_BITS = 31;
const NOTHING: readonly MappedColumn[] = [];

/** What the columns of an entity are given from outside it. */
export type GivenOf = (entity: object) => GivenValues | undefined;

/**
 * Inserts entities of one class, or of those below it; generated values are written back to them.
 *
 * @param remember whether the rows are kept with the entities, as if they had been read
 * @param givenOf what columns of an entity are given from outside it
 */
export function insertEntities(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  remember: boolean,
  givenOf?: GivenOf,
): MaybePromise<void> {
  requireWritable(map, 'insert');
  if (map.family !== undefined) return insertFamily(connection, map.family, map, entities, remember, givenOf);
  return insertSame(connection, map, entities, remember, givenOf);
}

/** Entities of a family: those of one class together, the classes in the order in which they are declared. */
async function insertFamily(
  connection: Connection,
  family: readonly EntityMap[],
  first: EntityMap,
  entities: readonly object[],
  remember: boolean,
  givenOf: GivenOf | undefined,
): Promise<void> {
  for (const map of family) {
    const own = entities.filter((entity) => first.mapOfInstance(entity) === map);
    const given = map === first ? givenOf : onMap(map, givenOf);
    if (own.length > 0) await insertSame(connection, map, own, remember, given);
  }
}

function insertSame(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  remember: boolean,
  givenOf: GivenOf | undefined,
): MaybePromise<void> {
  if (map.parts === undefined) return insertRows(connection, map, entities, remember, givenOf);
  return insertParts(connection, map, entities, remember, (part, keep) =>
    insertRows(connection, part, entities, keep, onMap(part, givenOf)),
  );
}

function onMap(map: EntityMap, givenOf: GivenOf | undefined): GivenOf | undefined {
  return givenOf === undefined ? undefined : (entity) => givenOn(map, givenOf(entity));
}

function insertRows(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  remember: boolean,
  givenOf: GivenOf | undefined,
): MaybePromise<void> {
  const plan = planOf(map);
  const now = new Date();
  const [only, second] = entities;
  if (only !== undefined && second === undefined) {
    return insertChunk(
      connection,
      map,
      plan,
      [draftOf(map, plan, only, now, givenOf?.(only))],
      remember,
      false,
    );
  }
  const counted = map.key.find(isCounted);
  const isNeighbourly =
    counted !== undefined && connection.countsKeys?.(map.meta.tableName, counted.meta.name) === true;
  const insert = (chunk: readonly InsertDraft[]): MaybePromise<void> =>
    insertChunk(connection, map, plan, chunk, remember, isNeighbourly);
  const perStatement = rowsPerStatement(map, plan);
  return inTurn(chunked(entities, Math.ceil(AT_A_TIME / perStatement) * perStatement), (some) => {
    const drafts = some.map((entity) => draftOf(map, plan, entity, now, givenOf?.(entity)));
    return inTurn(chunksOf(drafts, perStatement), insert);
  });
}

function rowsPerStatement({ dialect: { capabilities } }: EntityMap, { columns }: InsertPlan): number {
  const most = capabilities.roundTrips ? MAX_ROWS_PER_TRIP : MAX_ROWS;
  return Math.max(1, Math.min(most, Math.floor(capabilities.maxParameters / columns.length)));
}

/** Neighbours of one shape, in the order in which they came; a row of defaults alone can only be said alone. */
function chunksOf(drafts: readonly InsertDraft[], size: number): (readonly InsertDraft[])[] {
  const chunks: InsertDraft[][] = [];
  for (const draft of drafts) {
    const last = chunks.at(-1);
    const fits = last !== undefined && last.length < size && last[0]?.shape === draft.shape;
    if (fits && !draft.isEmpty) last.push(draft);
    else chunks.push([draft]);
  }
  return chunks;
}

function insertChunk(
  connection: Connection,
  map: EntityMap,
  plan: InsertPlan,
  drafts: readonly InsertDraft[],
  remember: boolean,
  isNeighbourly: boolean,
): MaybePromise<void> {
  const first = drafts[0] as InsertDraft;
  const statement = statementFor(map, plan, first, drafts.length, isNeighbourly);
  const { sql, returned, bigints, assigns, readBack } = statement;
  const params: SqlValue[] = [];
  for (const { row } of drafts) {
    for (let i = 0; i < row.length; i++) {
      const value = row[i];
      if (value !== undefined) params.push(value);
    }
  }
  if (readBack !== undefined) {
    return chain(connection.run(sql, params, { assigns }), (result) =>
      chain(readBack(connection, drafts, result), (rows) =>
        absorbAll(drafts, plan.layout, returned, rows, remember),
      ),
    );
  }
  if (returned.length === 0) {
    return chain(connection.run(sql, params, { assigns }), () =>
      absorbAll(drafts, plan.layout, [], [], remember),
    );
  }
  return chain(connection.queryArrays(sql, params, { bigints, assigns }), (rows) =>
    absorbAll(drafts, plan.layout, returned, rows, remember),
  );
}

function statementFor(
  map: EntityMap,
  plan: InsertPlan,
  { row, shape }: InsertDraft,
  rows: number,
  isNeighbourly: boolean,
): InsertStatement {
  const name = `${shape}/${rows}${isNeighbourly ? '+' : ''}`;
  let statement = plan.statements.get(name);
  if (statement === undefined) {
    statement = writeInsert(map, row, rows, isNeighbourly);
    // Of longer ones only the longest comes again and again.
    if (rows <= MAX_ROWS || rows === rowsPerStatement(map, plan)) plan.statements.set(name, statement);
  }
  return statement;
}

function writeInsert(
  map: EntityMap,
  row: readonly (SqlValue | undefined)[],
  rows: number,
  isNeighbourly: boolean,
): InsertStatement {
  const written = map.columns.filter((column) => row[column.index] !== undefined);
  const returned = map.columns.filter((column) => row[column.index] === undefined);
  let next = 0;
  const values = (): string => `(${written.map(() => map.dialect.placeholder(next++)).join(', ')})`;
  const into =
    written.length === 0 && rows === 1
      ? ` ${map.dialect.emptyRow}`
      : ` (${names(written)}) VALUES ${list(rows, values)}`;
  // Where the driver knows the keys, that costs less than to return them.
  const isKnown = isNeighbourly || (rows === 1 && map.dialect.capabilities.tellsInsertId);
  const isTold = isKnown && isCountedAlone(returned);
  const isReturned = returned.length > 0 && map.dialect.capabilities.returning && !isTold;
  const returning = isReturned ? ` RETURNING ${names(returned)}` : '';
  return {
    sql: `INSERT INTO ${map.sql}${into}${returning}`,
    returned,
    bigints: returned.some((column) => column.needsBigints),
    assigns: written.every(({ meta }) => meta.type.kind !== 'native'),
    readBack: returned.length === 0 || isReturned ? undefined : readBackFor(map, returned, isNeighbourly),
  };
}

function names(columns: readonly MappedColumn[]): string {
  return columns.map((column) => column.sql).join(', ');
}

function list(count: number, make: () => string): string {
  return Array.from({ length: count }, make).join(', ');
}

/** Writes back what was generated, and keeps the rows with the entities. */
function absorbAll(
  drafts: readonly InsertDraft[],
  layout: RowLayout,
  returned: readonly MappedColumn[],
  rows: readonly (readonly SqlValue[])[],
  remember: boolean,
): void {
  for (let i = 0; i < drafts.length; i++) {
    const { entity, row, filled } = drafts[i] as InsertDraft;
    for (let at = 0; at < returned.length; at++) {
      const column = returned[at] as MappedColumn;
      row[column.index] = rows[i]?.[at] ?? null;
      show(layout.map, entity, row, column);
    }
    for (const column of filled) show(layout.map, entity, row, column);
    if (remember) rememberRow(entity, row as SqlValue[], layout);
  }
}

function show(
  map: EntityMap,
  entity: object,
  row: readonly (SqlValue | undefined)[],
  { meta, index, decode }: MappedColumn,
): void {
  if (meta.role === 'relation' || meta.path.length === 0) return;
  writePath(map, entity, meta.path, decode(row[index] ?? null));
}
