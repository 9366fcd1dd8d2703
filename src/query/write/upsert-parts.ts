/**
 * `upsert()` of classes that have a table each: one upsert a table, in one transaction. The key by which a row is found
 * to be there lies in one of the tables; the others are told by the primary key.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { labelWhere } from '../conditions/where-shape.js';
import { writeWhere } from '../conditions/where-sql.js';
import { type EntityMap, type MappedColumn, writePath } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { collectValues } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import type { UpsertOrder } from './conflict-target.js';
import { insertEntities } from './insert.js';
import { chunked, MAX_KEYS, rowName, writeKeyList } from './keys.js';
import { whole } from './whole.js';

type Key = readonly SqlValue[];

/** Upserts entities into one table. */
export type UpsertRows = (
  connection: Connection,
  part: EntityMap,
  entities: readonly object[],
  order: UpsertOrder,
) => MaybePromise<void>;

/**
 * Inserts or updates entities of one class in every table of it.
 *
 * @throws UNIQUE_VIOLATION where a row of another class is there by the key
 */
export function upsertParts(
  connection: Connection,
  map: EntityMap,
  entities: readonly object[],
  order: UpsertOrder,
  upsertRows: UpsertRows,
): Promise<void> {
  const parts = map.parts as readonly EntityMap[];
  const [first, ...others] = parts as [EntityMap, ...EntityMap[]];
  const holder = parts.find((part) => order.target.columns.every((column) => has(part, column))) as EntityMap;
  return whole(connection, map.dialect, async () => {
    const { present, left } = await findPresent(connection, map, holder, entities, order);
    const written = entities.filter((entity) => !left.has(entity));
    const fresh = holder === first ? [] : written.filter((entity) => !present.has(entity));
    if (fresh.length > 0) await insertEntities(connection, map, fresh, false);
    const rest = written.filter((entity) => !fresh.includes(entity));
    if (rest.length === 0) return;
    const stamps = rest.some((entity) => others.some((part) => says(part, entity, order)));
    const byKey = { columns: first.key, where: undefined };
    const target =
      holder === first ? { ...order.target, columns: order.target.columns.map(on(first)) } : byKey;
    await upsertRows(connection, first, rest, { ...orderFor(first, order), target, stamps });
    for (const part of others) {
      const own = { columns: part.key, where: undefined };
      await upsertRows(connection, part, rest, { ...orderFor(part, order), target: own });
    }
  });
}

const has = (part: EntityMap, { meta }: MappedColumn): boolean =>
  part.columns.some((column) => column.meta.name === meta.name);

function on(part: EntityMap): (column: MappedColumn) => MappedColumn {
  return ({ meta }) => part.columnNamed(meta.name);
}

function orderFor(part: EntityMap, { update, onlyChanged, target }: UpsertOrder): UpsertOrder {
  const own = update && [...update].filter((column) => has(part, column)).map(on(part));
  return { target, update: own && new Set(own), onlyChanged, where: undefined };
}

/** Whether something of a table is to be written to a row that is there. */
function says(part: EntityMap, entity: object, { update }: UpsertOrder): boolean {
  return part.columns.some(
    (column) =>
      !column.meta.primary &&
      (update === undefined
        ? readColumn(column, entity) !== undefined
        : [...update].some(({ meta }) => meta.name === column.meta.name)),
  );
}

interface Found {
  /** Entities whose row is there; their keys are those of the rows. */
  readonly present: ReadonlySet<object>;
  /** Those of them whose row does not meet the condition. */
  readonly left: ReadonlySet<object>;
}

/** The rows that are there by the key that is meant: of the class, or they are in the way. */
async function findPresent(
  connection: Connection,
  map: EntityMap,
  holder: EntityMap,
  entities: readonly object[],
  { target, where }: UpsertOrder,
): Promise<Found> {
  const present = new Map<object, Key>();
  const columns = target.columns.map(on(holder));
  const keyOf = (entity: object): Key =>
    columns.map((column) => column.encode(readColumn(column, entity) ?? null));
  const told = entities.map((entity) => [entity, keyOf(entity)] as const);
  const known = told.filter(([, key]) => !key.includes(null));
  for (const chunk of known.length === 0 ? [] : chunked(known, MAX_KEYS)) {
    const rows = await readKeys(
      connection,
      holder,
      columns,
      chunk.map(([, key]) => key),
      target.where,
    );
    for (const [entity, key] of chunk) {
      const found = rows.get(rowName(columns, key));
      if (found !== undefined) present.set(entity, found);
    }
  }
  if (present.size === 0) return { present: new Set(), left: new Set() };
  const ofClass = await readOwn(connection, map, [...present.values()], undefined);
  const meeting =
    where === undefined ? ofClass : await readOwn(connection, map, [...present.values()], where);
  const left = new Set<object>();
  for (const [entity, key] of present) {
    const name = rowName(map.key, key);
    if (!ofClass.has(name)) throw error('UNIQUE_VIOLATION', { table: holder.meta.tableName });
    if (!meeting.has(name)) left.add(entity);
    map.key.forEach((column, i) => {
      if (column.meta.role !== 'relation') {
        writePath(map, entity, column.meta.path, column.decode(key[i] as SqlValue));
      }
    });
  }
  return { present: new Set(present.keys()), left };
}

/** The primary keys of rows, by another key of theirs. */
async function readKeys(
  connection: Connection,
  table: EntityMap,
  columns: readonly MappedColumn[],
  keys: readonly Key[],
  predicate: string | undefined,
): Promise<ReadonlyMap<unknown, Key>> {
  const params = keys.flat();
  const list = writeKeyList(
    columns.map(({ sql }) => sql),
    keys.length,
    (i) => table.dialect.placeholder(i),
  );
  const names = [...columns, ...table.key].map(({ sql }) => sql).join(', ');
  const only = predicate === undefined ? '' : ` AND (${predicate})`;
  const rows = await connection.queryArrays(
    `SELECT ${names} FROM ${table.sql} WHERE ${list}${only}`,
    params,
    { bigints: [...columns, ...table.key].some((column) => column.needsBigints) },
  );
  return new Map(rows.map((row) => [rowName(columns, row), row.slice(columns.length)]));
}

/** Which of some rows are of the class and meet a condition, by the name of their key. */
async function readOwn(
  connection: Connection,
  map: EntityMap,
  keys: readonly Key[],
  where: unknown,
): Promise<ReadonlySet<unknown>> {
  const found = new Set<unknown>();
  for (const chunk of chunked(keys, MAX_KEYS)) {
    const writer = new StatementWriter(map.dialect);
    const params = chunk.flat();
    const columns = map.key.map(({ sql }) => `${map.sql}.${sql}`);
    const list = writeKeyList(columns, chunk.length, (i) => writer.constant(params[i]));
    const values = where === undefined ? [] : collectValues((shape) => labelWhere(map, where, shape));
    const condition = where === undefined ? '' : writeWhere(map, where, map.sql, writer);
    const rows = await connection.queryArrays(
      `SELECT ${columns.join(', ')} FROM ${map.source} WHERE ${list}${condition === '' ? '' : ` AND (${condition})`}`,
      writer.binder()(values),
      { bigints: map.key.some((column) => column.needsBigints) },
    );
    for (const row of rows) found.add(rowName(map.key, row));
  }
  return found;
}
