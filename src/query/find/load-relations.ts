/**
 * Relations of entities that were just read: one more query for each relation and level, whatever the number
 * of entities, by the keys that their rows hold. Rows are never multiplied, and a row that several entities or
 * relations lead to is one object, where the same was asked of it.
 */

import type { Connection, SqlValue } from '../../dialects/contract.js';
import { isOwningToOne, type MappedColumn, type RowLayout, type Values } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { setRelated } from '../mapping/related.js';
import { layoutOf, rememberHidden, rememberMembers, rowOf } from '../mapping/row-state.js';
import type { ReadEntity } from './read-entity.js';
import { loadRelationIds } from './relation-ids.js';
import { type Key, keyName, keyReader, partsReader } from './row-keys.js';
import type { RelationSelection, Selection } from './selection.js';

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

/** Loads every relation of a selection, and the keys that `@RelationId` shows, into the entities that it has read. */
export async function loadRelations(
  loading: Loading,
  entities: readonly Values[],
  selection: Selection,
): Promise<void> {
  for (const wanted of selection.relations) await loadRelation(loading, entities, wanted);
  for (const wanted of selection.relationIds) await loadRelationIds(loading.connection, entities, wanted);
}

async function loadRelation(
  loading: Loading,
  read: readonly Values[],
  wanted: RelationSelection,
): Promise<void> {
  const { relation, isWhole, owner } = wanted;
  const entities = owner === undefined ? read : read.filter((entity) => owner.isInstance(entity));
  const { property } = relation.meta;
  const keys = new Map<unknown, Key>();
  const ownKeys = namesOfKeys(entities, relation.local, keys);
  const members = await readMembers(loading, [...keys.values()], wanted);
  const holdsKey = isOwningToOne(relation.meta);
  entities.forEach((entity, i) => {
    const name = ownKeys[i];
    const found = (name === undefined ? undefined : members.get(name)) ?? NO_MEMBERS;
    if (relation.toMany) {
      // A list of its own for each entity: two that share a key must not share what is pushed into it.
      setRelated(entity, relation, [...found]);
      if (isWhole) rememberMembers(entity, property, found);
    } else {
      setRelated(entity, relation, found[0] ?? null);
      if (holdsKey && name !== undefined && found.length === 0) rememberHidden(entity, property);
      // The other side holds the key: who it was is needed when it is replaced.
      if (!holdsKey && isWhole) rememberMembers(entity, property, found);
    }
  });
}

/** The keys of entities by name, each once; and the name for each entity, undefined where its key is NULL. */
function namesOfKeys(
  entities: readonly Values[],
  columns: readonly MappedColumn[],
  keys: Map<unknown, Key>,
): readonly unknown[] {
  let layout: RowLayout | undefined;
  let read: (row: readonly SqlValue[]) => Key = () => [];
  return entities.map((entity) => {
    const row = rowOf(entity);
    const own = layoutOf(entity);
    // Nearly always all have one layout.
    if (own !== undefined && own !== layout) {
      layout = own;
      read = partsReader(own, columns);
    }
    const key = row === undefined || own === undefined ? saidKey(entity, columns) : read(row);
    if (key.includes(null)) return undefined;
    const name = keyName(key);
    if (!keys.has(name)) keys.set(name, key);
    return name;
  });
}

/** Of an entity that has no row: what it says itself. */
function saidKey(entity: Values, columns: readonly MappedColumn[]): Key {
  return columns.map((column) => column.encode(readColumn(column, entity)));
}

/** The entities of the other side, by the key of this side that they belong to. */
async function readMembers(
  loading: Loading,
  keys: readonly Key[],
  wanted: RelationSelection,
): Promise<Map<unknown, Values[]>> {
  const { query, selection, relation } = wanted;
  const { layout } = selection;
  const members: Members = {
    byKey: new Map(),
    added: [],
    seen: seenBy(loading, wanted),
    // With a join table the key stands behind the columns.
    ownerOf:
      relation.joinTable === undefined
        ? keyReader(layout, relation.remote)
        : (row) => keyName(row.slice(layout.columns.length)),
    nameOf: keyReader(layout, relation.target.key),
  };
  const options = selection.bigints ? EXACT : undefined;
  const own = loading.values.slice(wanted.from, wanted.to);
  for (let from = 0; from < keys.length; from += query.maxKeys) {
    const { sql, params } = query.statement(keys.slice(from, from + query.maxKeys), own);
    const rows = await loading.connection.queryArrays(sql, params, options);
    for (const row of rows) addMember(row, selection, members);
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
  /** The key of the entity that a row belongs to. */
  readonly ownerOf: (row: readonly SqlValue[]) => unknown;
  /** The row's own key. */
  readonly nameOf: (row: readonly SqlValue[]) => unknown;
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

function addMember(row: SqlValue[], { read }: Selection, members: Members): void {
  const owner = members.ownerOf(row);
  const entity = entityOf(row, read, members);
  const list = members.byKey.get(owner);
  if (list === undefined) members.byKey.set(owner, [entity]);
  else list.push(entity);
}

function entityOf(row: SqlValue[], read: ReadEntity, { seen, added, nameOf }: Members): Values {
  const name = seen === undefined ? undefined : nameOf(row);
  const known = seen?.get(name);
  if (known !== undefined) return known;
  const entity = read(row);
  seen?.set(name, entity);
  added.push(entity);
  return entity;
}
