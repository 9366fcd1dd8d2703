/**
 * The members of a to-many relation as they stand on an entity → keys in the members' rows, or rows of the
 * join table. A list that was loaded says who is in and who is not; one that was not can only add.
 */

import { error } from '../base/error-codes.js';
import type { Connection, SqlValue } from '../dialects/contract.js';
import { keyName } from '../query/find/load-relations.js';
import { storedValue } from '../query/mapping/column-values.js';
import type { EntityMap, MappedColumn, MappedRelation, Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { layoutOf, membersOf, rememberMembers, rowOf } from '../query/mapping/row-state.js';
import { deleteEntity } from '../query/write/delete.js';
import { changesOf, updateEntity } from '../query/write/update.js';
import type { Journal } from './scope.js';

/** A list (or, on the side of a one-to-one without the key, one entity) as it was handed to `save()`. */
export interface ToMany {
  readonly map: EntityMap;
  readonly entity: Values;
  readonly relation: MappedRelation;
  readonly members: readonly Values[];
  /** Whether the list says who is not a member, although it was not loaded. */
  readonly isWhole: boolean;
}

/** What saving members needs of saving entities. */
export interface SaveContext {
  save(map: EntityMap, entities: readonly Values[]): Promise<void>;
  cascadesTo(relation: MappedRelation, related: Values): boolean;
  isNew(map: EntityMap, entity: object): boolean;
  note(map: EntityMap, entity: object, journal: Journal): void;
  relatedNotSaved(map: EntityMap, relation: MappedRelation): Error;
  readonly journal: Journal;
}

/** Adds those that are on a list. */
export async function saveMembers(connection: Connection, list: ToMany, context: SaveContext): Promise<void> {
  if (list.relation.joinTable === undefined) await saveHolders(connection, list, context);
  else await saveJoins(connection, list, context);
}

/** Takes out those that are no longer on a list: last, for they may have moved to another one. */
export async function dropMembers(connection: Connection, list: ToMany, context: SaveContext): Promise<void> {
  const { map, entity, relation, members, isWhole } = list;
  const loaded = membersOf(entity, relation.meta.property);
  for (const member of missing(relation.target, [...(loaded ?? [])] as Values[], members)) {
    if (relation.joinTable === undefined) await orphan(connection, map, entity, relation, member, context);
    else await part(connection, relation, pairOf(relation, entity, member));
  }
  if (!relation.toMany || rowOf(entity) === undefined) return;
  if (loaded !== undefined) {
    context.journal.remember(() => rememberMembers(entity, relation.meta.property, [...loaded]));
  }
  if (loaded !== undefined || isWhole) rememberMembers(entity, relation.meta.property, members);
}

/** Members that hold the entity's key: it is put into their rows. */
async function saveHolders(
  connection: Connection,
  { map, entity, relation, members }: ToMany,
  context: SaveContext,
): Promise<void> {
  const { target, meta } = relation;
  const inverse = meta.inverse as string;
  const cascaded = members.filter((member) => context.cascadesTo(relation, member));
  const linked = members.filter((member) => !context.cascadesTo(relation, member));
  if (linked.some((member) => context.isNew(target, member))) throw context.relatedNotSaved(map, relation);
  await withOwner(members, inverse, entity, async () => {
    if (cascaded.length > 0) await context.save(target, cascaded);
    for (const member of linked) await link(connection, relation, member, context);
  });
}

/**
 * Runs while the members point back at their owner. Those that said nothing of an owner say nothing
 * afterwards: a circle of references that nobody made breaks JSON.
 */
async function withOwner(
  members: readonly Values[],
  inverse: string,
  owner: Values,
  run: () => Promise<void>,
): Promise<void> {
  const silent = members.filter((member) => member[inverse] === undefined);
  const bare = new Set(silent.filter((member) => !Object.hasOwn(member, inverse)));
  for (const member of members) member[inverse] = owner;
  try {
    await run();
  } finally {
    for (const member of silent) {
      if (bare.has(member)) delete member[inverse];
      else member[inverse] = undefined;
    }
  }
}

/** Writes the key of the owner into a member's row and nothing else. */
async function link(
  connection: Connection,
  { target, remote }: MappedRelation,
  member: Values,
  context: SaveContext,
): Promise<void> {
  const all = changesOf(target, member);
  const changes = all.changes.filter(({ column }) => remote.includes(column));
  if (changes.length === 0) return;
  context.note(target, member, context.journal);
  await updateEntity(connection, target, member, { ...all, changes });
}

/** A member that was taken out of a list that was loaded. */
async function orphan(
  connection: Connection,
  map: EntityMap,
  owner: Values,
  relation: MappedRelation,
  member: Values,
  context: SaveContext,
): Promise<void> {
  const { target, remote, meta } = relation;
  const inverse = meta.inverse as string;
  const elsewhere = member[inverse];
  if (
    !isHeldBy(owner, relation, member) ||
    (elsewhere !== undefined && elsewhere !== null && elsewhere !== owner)
  )
    return;
  if (meta.orphanedRowAction === 'disable') return;
  context.note(target, member, context.journal);
  if (meta.orphanedRowAction === 'delete') {
    await deleteEntity(connection, target, member);
    return;
  }
  if (remote.some((column) => !column.meta.nullable)) {
    throw error('RELATION_REQUIRED', {
      entity: map.meta.name,
      property: meta.property,
      inverse: `${target.meta.name}.${inverse}`,
    });
  }
  const { key, version } = changesOf(target, member);
  await updateEntity(connection, target, member, {
    changes: remote.map((column) => ({ column, value: null })),
    key,
    version,
  });
}

/** Whether a member's row, as far as it is known, still holds the owner's key. */
function isHeldBy(owner: Values, { local, remote }: MappedRelation, member: Values): boolean {
  const row = rowOf(member);
  const layout = layoutOf(member);
  if (row === undefined || layout === undefined) return false;
  return remote.every((column, i) => {
    const own = local[i] as MappedColumn;
    const stored = storedValue(row, layout, column);
    return stored !== undefined && keyName([stored]) === keyName([own.encode(readColumn(own, owner))]);
  });
}

/** Members on the other side of a join table. */
async function saveJoins(
  connection: Connection,
  { map, entity, relation, members }: ToMany,
  context: SaveContext,
): Promise<void> {
  const { target } = relation;
  const cascaded = members.filter((member) => context.cascadesTo(relation, member));
  if (cascaded.length > 0) await context.save(target, cascaded);
  if (members.some((member) => context.isNew(target, member))) throw context.relatedNotSaved(map, relation);
  const before = [...(membersOf(entity, relation.meta.property) ?? [])] as Values[];
  for (const member of missing(target, members, before)) {
    await join(connection, relation, pairOf(relation, entity, member));
  }
}

function pairOf({ local, remote }: MappedRelation, entity: Values, member: Values): SqlValue[] {
  return [
    ...local.map((column) => column.encode(readColumn(column, entity))),
    ...remote.map((column) => column.encode(readColumn(column, member))),
  ];
}

/** Adds a row to the join table, unless it is there: a list that was not loaded may name who is in already. */
async function join(
  connection: Connection,
  relation: MappedRelation,
  pair: readonly SqlValue[],
): Promise<void> {
  const { sql, columns } = joinColumns(relation);
  const { placeholder } = relation.target.dialect;
  const values = columns.map((_, i) => placeholder(i)).join(', ');
  const same = columns.map((column, i) => `${column} = ${placeholder(columns.length + i)}`).join(' AND ');
  const text = `INSERT INTO ${sql} (${columns.join(', ')}) SELECT ${values} WHERE NOT EXISTS (SELECT 1 FROM ${sql} WHERE ${same})`;
  await connection.run(text, [...pair, ...pair]);
}

async function part(
  connection: Connection,
  relation: MappedRelation,
  pair: readonly SqlValue[],
): Promise<void> {
  const { sql, columns } = joinColumns(relation);
  const same = columns
    .map((column, i) => `${column} = ${relation.target.dialect.placeholder(i)}`)
    .join(' AND ');
  await connection.run(`DELETE FROM ${sql} WHERE ${same}`, pair);
}

function joinColumns({ joinTable }: MappedRelation): {
  readonly sql: string;
  readonly columns: readonly string[];
} {
  const { sql, local, remote } = joinTable as NonNullable<MappedRelation['joinTable']>;
  return { sql, columns: [...local, ...remote] };
}

/** Those of a list that are not in another one; two instances of one key are the same. */
function missing(map: EntityMap, list: readonly Values[], other: readonly Values[]): Values[] {
  const names = new Set(other.map((entity) => nameOf(map, entity)));
  return list.filter((entity) => !names.has(nameOf(map, entity)));
}

/** Its key as a map finds it again; the entity itself where it has none. */
function nameOf(map: EntityMap, entity: object): unknown {
  const key = map.key.map((column) => readColumn(column, entity));
  if (key.some((value) => value === undefined || value === null)) return entity;
  return keyName(map.key.map((column, i) => column.encode(key[i])));
}
