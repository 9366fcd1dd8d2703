/**
 * Relations of entities that were just read: one more query for each relation and level, whatever the number
 * of entities, by the keys that their rows hold. Rows are never multiplied, and entities that stand for the
 * same row of one relation are one object.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, SqlValue } from '../../dialects/contract.js';
import { labelWhere, roomFor } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { EntityMap, MappedColumn, MappedRelation, RowLayout, Values } from '../mapping/entity-map.js';
import { layoutOf, rememberMembers, rowOf } from '../mapping/row-state.js';
import { collectValues } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import { writeOrder } from './order.js';
import type { RelationSelection, Selection } from './selection.js';

/** Most keys in one query; beyond it, a compound condition would reach SQLite's depth of expressions. */
const MAX_KEYS = 512;

type Key = readonly SqlValue[];

/** Loads every relation of a selection into the entities that it has read. */
export async function loadRelations(
  connection: Connection,
  entities: readonly Values[],
  selection: Selection,
): Promise<void> {
  for (const wanted of selection.relations) await loadRelation(connection, entities, wanted);
}

async function loadRelation(
  connection: Connection,
  entities: readonly Values[],
  wanted: RelationSelection,
): Promise<void> {
  const { relation } = wanted;
  const keys = new Map<unknown, Key>();
  const ownKeys = entities.map((entity) => {
    const key = keyOf(entity, relation.local);
    if (key === undefined) return undefined;
    const name = keyName(key);
    keys.set(name, key);
    return name;
  });
  const members = await readMembers(connection, [...keys.values()], wanted);
  entities.forEach((entity, i) => {
    const found = members.get(ownKeys[i]) ?? [];
    const { property } = relation.meta;
    // A list of its own for each entity: two that share a key must not share what is pushed into it.
    entity[property] = relation.toMany ? [...found] : (found[0] ?? null);
    if (relation.toMany && isWhole(wanted)) rememberMembers(entity, property, found);
  });
}

/** Whether a list holds all members: one that was filtered says nothing of those who are not in it. */
function isWhole({ where }: RelationSelection): boolean {
  return where === undefined;
}

/** The entities of the other side, by the key of this side that they belong to. */
async function readMembers(
  connection: Connection,
  keys: readonly Key[],
  wanted: RelationSelection,
): Promise<Map<unknown, Values[]>> {
  const members = new Map<unknown, Values[]>();
  const one = new Map<unknown, Values>();
  for (let from = 0; from < keys.length; from += MAX_KEYS) {
    const rows = await readChunk(connection, keys.slice(from, from + MAX_KEYS), wanted);
    for (const row of rows) addMember(row, wanted, members, one);
  }
  const all = wanted.relation.joinTable === undefined ? [...members.values()].flat() : [...one.values()];
  if (all.length > 0) await loadRelations(connection, all, wanted.selection);
  return members;
}

function addMember(
  row: SqlValue[],
  { relation, selection }: RelationSelection,
  members: Map<unknown, Values[]>,
  one: Map<unknown, Values>,
): void {
  const { layout, read } = selection;
  if (relation.joinTable === undefined) {
    push(members, keyName(pick(row, layout, relation.remote)), read(row));
    return;
  }
  const owner = keyName(row.slice(layout.columns.length));
  const own = keyName(pick(row, layout, relation.target.key));
  let entity = one.get(own);
  if (entity === undefined) {
    entity = read(row);
    one.set(own, entity);
  }
  push(members, owner, entity);
}

function push(members: Map<unknown, Values[]>, key: unknown, entity: Values): void {
  const list = members.get(key);
  if (list === undefined) members.set(key, [entity]);
  else list.push(entity);
}

async function readChunk(
  connection: Connection,
  keys: readonly Key[],
  { relation, selection, where, order, withDeleted }: RelationSelection,
): Promise<SqlValue[][]> {
  const { target, joinTable } = relation;
  const writer = new StatementWriter(target.dialect);
  const between = joinTable === undefined ? undefined : writer.alias();
  const keyColumns =
    between === undefined
      ? relation.remote.map((column) => `${target.sql}.${column.sql}`)
      : (joinTable as NonNullable<typeof joinTable>).local.map((name) => `${between}.${name}`);
  const list = [selection.list(target.sql), ...(between === undefined ? [] : keyColumns)].join(', ');
  const parts = [writeKeys(keyColumns, relation.local, keys.length, writer)];
  const values = paddedKeys(keys, roomFor(keys.length)).flat();
  if (where !== undefined) parts.push(writeNested(target, where, values, writer));
  // A key that is stored is followed, whatever became of its row; lists leave out what was deleted.
  if (relation.toMany) parts.push(...writeVisible(target, target.sql, writer, { withDeleted }));
  const from = between === undefined ? target.source : joinedTable(relation, between);
  const ordered =
    writeOrder(target, order ?? target.meta.orderBy, target.sql, writer) || orderByKey(relation);
  const sql = `SELECT ${list} FROM ${from}${whereClause(parts)}${ordered}`;
  return connection.queryArrays(sql, writer.binder()(values), { bigints: selection.bigints });
}

function joinedTable(relation: MappedRelation, between: string): string {
  const { target, joinTable, remote } = relation;
  const pairs = remote.map((column, i) => `${between}.${joinTable?.remote[i]} = ${target.sql}.${column.sql}`);
  return `${joinTable?.sql} AS ${between} JOIN ${target.source} ON ${pairs.join(' AND ')}`;
}

/** Lists that ask for no order stand in that of their keys, so that the same rows are always the same list. */
function orderByKey({ toMany, target }: MappedRelation): string {
  if (!toMany) return '';
  return ` ORDER BY ${target.key.map((column) => `${target.sql}.${column.sql}`).join(', ')}`;
}

function writeNested(target: EntityMap, where: unknown, values: unknown[], writer: StatementWriter): string {
  values.push(...collectValues((shape) => labelWhere(target, where, shape)));
  return writeWhere(target, where, target.sql, writer);
}

/** `key IN (?, …)`, with room for the next power of two, so that few lengths make few statements. */
function writeKeys(
  columns: readonly string[],
  local: readonly MappedColumn[],
  count: number,
  writer: StatementWriter,
): string {
  const room = Array.from({ length: roomFor(count) });
  // Keys come from rows, so they are what the database stores already.
  const raw = (value: unknown): SqlValue => value as SqlValue;
  if (columns.length === 1) return `${columns[0]} IN (${room.map(() => writer.value(raw)).join(', ')})`;
  const one = (): string => `(${local.map((_, i) => `${columns[i]} = ${writer.value(raw)}`).join(' AND ')})`;
  return `(${room.map(one).join(' OR ')})`;
}

function paddedKeys(keys: readonly Key[], room: number): Key[] {
  return Array.from({ length: room }, (_, i) => keys[Math.min(i, keys.length - 1)] as Key);
}

/** The values of some columns as the row holds them; undefined where one is NULL, so there is no other side. */
function keyOf(entity: Values, columns: readonly MappedColumn[]): Key | undefined {
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  if (row === undefined || layout === undefined) {
    throw error('ENTITY_INVALID', { entity: 'entity', problem: 'it was not read from the database' });
  }
  const key = pick(row, layout, columns);
  return key.includes(null) ? undefined : key;
}

function pick(row: readonly SqlValue[], layout: RowLayout, columns: readonly MappedColumn[]): SqlValue[] {
  return columns.map((column) => row[layout.positions[column.index] as number] ?? null);
}

/** A key as a map finds it again: a bigint and a number of the same value are the same key. */
export function keyName(key: Key): unknown {
  if (key.length === 1) return partName(key[0] as SqlValue);
  return JSON.stringify(key.map((part) => String(partName(part))));
}

function partName(part: SqlValue): unknown {
  if (typeof part === 'bigint') {
    const number = Number(part);
    return Number.isSafeInteger(number) ? number : part;
  }
  return part instanceof Uint8Array ? `bytes:${Buffer.from(part).toString('hex')}` : part;
}
