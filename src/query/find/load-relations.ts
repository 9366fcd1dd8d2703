/**
 * Relations of entities that were just read: one more query for each relation and level, whatever the number
 * of entities, by the keys that their rows hold. Rows are never multiplied, and a row that several entities or
 * relations lead to is one object, where the same was asked of it.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, SqlValue } from '../../dialects/contract.js';
import {
  isOwningToOne,
  type MappedColumn,
  type MappedRelation,
  type RowLayout,
  type Values,
} from '../mapping/entity-map.js';
import { layoutOf, rememberHidden, rememberMembers, rowOf } from '../mapping/row-state.js';
import type { RelationSelection, Selection } from './selection.js';

type Key = readonly SqlValue[];

/** One find: where it asks, and what it has read so far. */
export interface Loading {
  readonly connection: Connection;
  /** The values of the call, of which each relation takes its own. */
  readonly values: readonly unknown[];
  /** Entities of selections that several relations share, by key. */
  readonly seen: Map<Selection, Map<unknown, Values>>;
}

const EXACT = { bigints: true };
const NO_MEMBERS: Values[] = [];

/** Loads every relation of a selection into the entities that it has read. */
export async function loadRelations(
  loading: Loading,
  entities: readonly Values[],
  selection: Selection,
): Promise<void> {
  for (const wanted of selection.relations) await loadRelation(loading, entities, wanted);
}

async function loadRelation(
  loading: Loading,
  entities: readonly Values[],
  wanted: RelationSelection,
): Promise<void> {
  const { relation, isWhole } = wanted;
  const { property } = relation.meta;
  const keys = new Map<unknown, Key>();
  const ownKeys = entities.map((entity) => {
    const key = keyOf(entity, relation.local);
    if (key === undefined) return undefined;
    const name = keyName(key);
    keys.set(name, key);
    return name;
  });
  const members = await readMembers(loading, [...keys.values()], wanted);
  const holdsKey = isOwningToOne(relation.meta);
  entities.forEach((entity, i) => {
    const name = ownKeys[i];
    const found = (name === undefined ? undefined : members.get(name)) ?? NO_MEMBERS;
    if (relation.toMany) {
      // A list of its own for each entity: two that share a key must not share what is pushed into it.
      entity[property] = [...found];
      if (isWhole) rememberMembers(entity, property, found);
    } else {
      entity[property] = found[0] ?? null;
      if (holdsKey && name !== undefined && found.length === 0) rememberHidden(entity, property);
      // The other side holds the key: who it was is needed when it is replaced.
      if (!holdsKey && isWhole) rememberMembers(entity, property, found);
    }
  });
}

/** The entities of the other side, by the key of this side that they belong to. */
async function readMembers(
  loading: Loading,
  keys: readonly Key[],
  wanted: RelationSelection,
): Promise<Map<unknown, Values[]>> {
  const members: Members = { byKey: new Map(), added: [], seen: seenBy(loading, wanted) };
  const { query, selection } = wanted;
  const options = selection.bigints ? EXACT : undefined;
  const own = loading.values.slice(wanted.from, wanted.to);
  for (let from = 0; from < keys.length; from += query.maxKeys) {
    const { sql, params } = query.statement(keys.slice(from, from + query.maxKeys), own);
    const rows = await loading.connection.queryArrays(sql, params, options);
    for (const row of rows) addMember(row, wanted, members);
  }
  if (members.added.length > 0) await loadRelations(loading, members.added, selection);
  return members.byKey;
}

interface Members {
  readonly byKey: Map<unknown, Values[]>;
  /** Those that nobody has read before. */
  readonly added: Values[];
  /** Where a row can come more than once: what was made of it. */
  readonly seen: Map<unknown, Values> | undefined;
}

function seenBy(
  loading: Loading,
  { relation, selection }: RelationSelection,
): Map<unknown, Values> | undefined {
  if (!selection.isShared) return relation.joinTable === undefined ? undefined : new Map();
  let seen = loading.seen.get(selection);
  if (seen === undefined) {
    seen = new Map();
    loading.seen.set(selection, seen);
  }
  return seen;
}

function addMember(row: SqlValue[], { relation, selection }: RelationSelection, members: Members): void {
  const { layout } = selection;
  const owner =
    relation.joinTable === undefined
      ? keyName(pick(row, layout, relation.remote))
      : keyName(row.slice(layout.columns.length));
  const entity = entityOf(row, relation, selection, members);
  const list = members.byKey.get(owner);
  if (list === undefined) members.byKey.set(owner, [entity]);
  else list.push(entity);
}

function entityOf(
  row: SqlValue[],
  { target }: MappedRelation,
  { layout, read }: Selection,
  { seen, added }: Members,
): Values {
  const name = seen === undefined ? undefined : keyName(pick(row, layout, target.key));
  const known = seen?.get(name);
  if (known !== undefined) return known;
  const entity = read(row);
  seen?.set(name, entity);
  added.push(entity);
  return entity;
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
