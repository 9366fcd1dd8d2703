/**
 * What `@RelationId` shows of entities that were just read: the keys of a to-one relation from the row itself, those
 * of a to-many relation by one query for all entities of a level. (A key of one column that the row holds is read with
 * the row, as a virtual column: see `EntityMap.virtuals`.)
 */

import type { Connection, SqlValue } from '../../dialects/contract.js';
import { roomFor } from '../conditions/where-shape.js';
import { whereClause, writeVisible } from '../conditions/where-sql.js';
import type {
  MappedColumn,
  MappedRelation,
  MappedRelationId,
  RowLayout,
  Values,
} from '../mapping/entity-map.js';
import { isOwningToOne, writePath } from '../mapping/entity-map.js';
import { nested } from '../mapping/related.js';
import { layoutOf, rowOf } from '../mapping/row-state.js';
import { StatementWriter } from '../statement.js';
import { type Key, keyName } from './row-keys.js';

/** Most keys in one query; beyond it, a compound condition would reach SQLite's depth of expressions. */
const MAX_KEYS = 512;

/** Fills one property of entities that were read. */
export async function loadRelationIds(
  connection: Connection,
  read: readonly Values[],
  { map, path, relation }: MappedRelationId,
): Promise<void> {
  const entities = read.filter((entity) => map.isInstance(entity));
  const own = entities.map((entity) => keyOf(entity, relation.local));
  if (isOwningToOne(relation.meta)) {
    entities.forEach((entity, i) => {
      const key = own[i];
      writePath(map, entity, path, key === undefined ? null : shownKey(relation.remote, key));
    });
    return;
  }
  const keys = new Map(own.flatMap((key) => (key === undefined ? [] : [[keyName(key), key] as const])));
  const members = await readIds(connection, [...keys.values()], relation);
  entities.forEach((entity, i) => {
    const key = own[i];
    const found = (key === undefined ? undefined : members.get(keyName(key))) ?? [];
    writePath(map, entity, path, relation.toMany ? [...found] : (found[0] ?? null));
  });
}

/** The value of a key of one column, an object by property for several. */
export function shownKey(columns: readonly MappedColumn[], key: Key): unknown {
  return shownValues(
    columns,
    columns.map((column, i) => column.decode(key[i] as SqlValue)),
  );
}

/** The same of values as entities hold them. */
export function shownValues(columns: readonly MappedColumn[], values: readonly unknown[]): unknown {
  if (values.length === 1) return values[0];
  return nested(columns.map((column, i) => [column.meta.path, values[i]]));
}

async function readIds(
  connection: Connection,
  keys: readonly Key[],
  relation: MappedRelation,
): Promise<ReadonlyMap<unknown, unknown[]>> {
  const members = new Map<unknown, unknown[]>();
  const shown = shownColumns(relation);
  const bigints = [...relation.local, ...shown].some((column) => column.needsBigints);
  for (let from = 0; from < keys.length; from += MAX_KEYS) {
    const chunk = keys.slice(from, from + MAX_KEYS);
    const { sql, params } = statement(relation, shown, chunk);
    for (const row of await connection.queryArrays(sql, params, { bigints })) {
      const owner = keyName(row.slice(0, relation.local.length));
      const id = shownKey(shown, row.slice(relation.local.length));
      const list = members.get(owner);
      if (list === undefined) members.set(owner, [id]);
      else list.push(id);
    }
  }
  return members;
}

/** The columns of the other side whose values are shown. */
export function shownColumns({ joinTable, remote, target }: MappedRelation): readonly MappedColumn[] {
  return joinTable === undefined ? target.key : remote;
}

/** Owner's key and shown key, in the order of the latter. */
function statement(
  relation: MappedRelation,
  shown: readonly MappedColumn[],
  keys: readonly Key[],
): { readonly sql: string; readonly params: SqlValue[] } {
  const { target, joinTable, remote } = relation;
  const writer = new StatementWriter(target.dialect);
  const alias = joinTable === undefined ? target.sql : writer.alias();
  const owner = (joinTable?.local ?? remote.map(({ sql }) => sql)).map((name) => `${alias}.${name}`);
  const ids = (joinTable?.remote ?? shown.map(({ sql }) => sql)).map((name) => `${alias}.${name}`);
  const parts = [writeKeys(owner, keys.length, writer)];
  // A list leaves out what was deleted, and so do the keys of its members.
  const visible = writeVisible(target, target.sql, writer, { withDeleted: false });
  const from = fromClause(relation, alias, visible.length > 0);
  const columns = [...owner, ...ids].join(', ');
  const sql = `SELECT ${columns} FROM ${from}${whereClause([...parts, ...visible])} ORDER BY ${ids.join(', ')}`;
  return { sql, params: writer.binder()(paddedKeys(keys)) };
}

/** The join table holds the keys of both sides; the other table is only asked who of it is visible. */
function fromClause({ target, joinTable, remote }: MappedRelation, alias: string, joins: boolean): string {
  if (joinTable === undefined) return target.source;
  const between = `${joinTable.sql} AS ${alias}`;
  if (!joins) return between;
  const pairs = remote.map((column, i) => `${alias}.${joinTable.remote[i]} = ${target.sql}.${column.sql}`);
  return `${between} JOIN ${target.source} ON ${pairs.join(' AND ')}`;
}

/** The values of some columns as the row holds them; undefined where one is NULL, so there is no other side. */
function keyOf(entity: Values, columns: readonly MappedColumn[]): Key | undefined {
  // Whoever calls has just read it.
  const row = rowOf(entity) as readonly SqlValue[];
  const { positions } = layoutOf(entity) as RowLayout;
  const key = columns.map((column) => row[positions[column.index] as number] ?? null);
  return key.includes(null) ? undefined : key;
}

/** `key IN (?, …)`, with room for the next power of two, so that few lengths make few statements. */
function writeKeys(columns: readonly string[], count: number, writer: StatementWriter): string {
  const room = Array.from({ length: roomFor(count) });
  // Keys come from rows, so they are what the database stores already.
  const raw = (value: unknown): SqlValue => value as SqlValue;
  if (columns.length === 1) return `${columns[0]} IN (${room.map(() => writer.value(raw)).join(', ')})`;
  const one = (): string => `(${columns.map((column) => `${column} = ${writer.value(raw)}`).join(' AND ')})`;
  return `(${room.map(one).join(' OR ')})`;
}

function paddedKeys(keys: readonly Key[]): readonly SqlValue[] {
  const last = keys[keys.length - 1] as Key;
  return Array.from({ length: roomFor(keys.length) }, (_, i) => keys[i] ?? last).flat();
}
