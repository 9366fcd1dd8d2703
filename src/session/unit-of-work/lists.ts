/**
 * The members of a relation as they stand on an entity → keys to put into the members' rows, or rows of a join
 * table. A list that was loaded says who has joined and who has left; of one that was not, only those can leave
 * who were put into it before.
 *
 * What changed wins: a member that was on the list already says by its own property whose it is.
 */

import { error } from '../../base/error-codes.js';
import { keyName } from '../../query/find/row-keys.js';
import { storedValue } from '../../query/mapping/column-values.js';
import type { EntityMap, MappedColumn, MappedRelation, Values } from '../../query/mapping/entity-map.js';
import { readColumn } from '../../query/mapping/read-column.js';
import { relatedOf } from '../../query/mapping/related.js';
import { layoutOf, rowOf } from '../../query/mapping/row-state.js';
import { nulledColumns, tellingColumn } from '../../query/mapping/shared-keys.js';
import type { Given } from '../../query/write/given.js';
import { isEntity, knowledgeOf, type Subject } from './subject.js';

/** A list (or, on the side of a one-to-one without the key, one entity) as it was found. */
export interface List {
  readonly subject: Subject;
  readonly relation: MappedRelation;
  readonly members: readonly Values[];
  /** Who was in it when it was loaded or saved last; undefined where nobody knows. */
  before: ReadonlySet<object> | undefined;
  /** Whether nobody else was in it: it was loaded, not only added to. */
  isWhole: boolean;
}

/** A row of a join table that comes or goes. */
export interface JoinChange {
  readonly kind: 'link' | 'unlink';
  readonly relation: MappedRelation;
  readonly owner: Subject;
  readonly member: Values;
  /** Whether the row may be there already: the list was not loaded. */
  readonly isDoubtful: boolean;
}

/** What lists say to the graph that they are part of. */
export interface Reach {
  readonly subjects: ReadonlyMap<object, Subject>;
  readonly joins: JoinChange[];
  /** Whether the row of an entity goes, or has gone. */
  isGone(entity: object): boolean;
  cascade(relation: MappedRelation, related: Values): Subject | undefined;
  give(relation: MappedRelation, member: Values, given: (i: number) => Given | undefined): Subject;
  /** Takes note of a member without a row: something else in the graph must insert it. */
  await(list: List, member: Values): void;
  remove(entry: { readonly map: EntityMap; readonly entity: object }, action?: 'soft-remove'): void;
}

/** Goes on to the members of a list, and gives those that have joined their owner. */
export function addMembers(graph: Reach, list: List): void {
  const { subject, relation, before } = list;
  const joined = before === undefined ? undefined : new Set(missing(relation.target, list.members, before));
  for (const member of list.members) {
    if (!isEntity(member) || graph.isGone(member)) continue;
    const reached = graph.cascade(relation, member);
    if (joined !== undefined && !joined.has(member)) continue;
    if (reached?.inserts !== true && knowledgeOf(relation.target, member) === 'new')
      graph.await(list, member);
    if (relation.joinTable !== undefined) graph.joins.push(linkOf(list, member));
    else graph.give(relation, member, ownerKey(subject.entity, relation));
  }
}

function ownerKey(
  owner: Values,
  { local }: MappedRelation,
): (i: number) => { owner: Values; column: MappedColumn } {
  return (i) => ({ owner, column: local[i] as MappedColumn });
}

function linkOf({ subject, relation, isWhole }: List, member: Values): JoinChange {
  const isFresh = isWhole || subject.knowledge === 'new';
  return { kind: 'link', relation, owner: subject, member, isDoubtful: !isFresh };
}

/** Takes out those that are known to have been on a list and no longer are, unless they have moved to another one. */
export function dropMembers(graph: Reach, list: List): void {
  const { relation, before } = list;
  if (before === undefined) return;
  for (const member of missing(relation.target, before as ReadonlySet<Values>, list.members)) {
    if (graph.isGone(member)) continue;
    if (relation.joinTable === undefined) orphan(graph, list, member);
    else graph.joins.push({ kind: 'unlink', relation, owner: list.subject, member, isDoubtful: false });
  }
}

function orphan(graph: Reach, { subject, relation }: List, member: Values): void {
  const { entity: owner, map } = subject;
  if (!isHeldBy(owner, relation, member) || hasMoved(graph, owner, relation, member)) return;
  const inverse = relation.target.relation(relation.meta.inverse as string) as MappedRelation;
  const action = relation.meta.orphanedRowAction ?? inverse.meta.orphanedRowAction ?? 'nullify';
  const entry = { map: relation.target, entity: member };
  if (action === 'disable') return;
  if (action === 'delete') {
    graph.remove(entry);
    return;
  }
  if (action === 'soft-delete') {
    graph.remove(entry, 'soft-remove');
    return;
  }
  const nulled = nulledColumns(relation.remote);
  if (nulled.length === 0) {
    // What becomes of it when its owner goes, the database has been told.
    if (subject.action === 'remove') return;
    throw error('RELATION_REQUIRED', {
      entity: map.meta.name,
      property: relation.meta.property,
      inverse: `${relation.target.meta.name}.${relation.meta.inverse}`,
    });
  }
  const given = (i: number): Given | undefined =>
    nulled.includes(relation.remote[i] as MappedColumn) ? { value: null } : undefined;
  graph.give(relation, member, given).early = !relation.toMany;
}

/** Whether a member says, or is told by another list, that it has an owner elsewhere. */
function hasMoved(graph: Reach, owner: Values, relation: MappedRelation, member: Values): boolean {
  const told = graph.subjects.get(member)?.given?.get(tellingColumn(relation.remote));
  if (told?.owner !== undefined) return told.owner !== owner;
  const elsewhere = relatedOf(
    member,
    relation.target.relation(relation.meta.inverse as string) as MappedRelation,
  );
  return isEntity(elsewhere) && elsewhere !== owner && !isSame(relation, elsewhere, owner);
}

/** Whether two objects stand for one owner. */
function isSame({ local }: MappedRelation, a: Values, b: Values): boolean {
  return local.every((column) => {
    const [x, y] = [readColumn(column, a), readColumn(column, b)];
    return x !== undefined && x !== null && keyName([column.encode(x)]) === keyName([column.encode(y)]);
  });
}

/** Whether a member's row, as far as it is known, still holds the owner's key. */
export function isHeldBy(owner: Values, { local, remote }: MappedRelation, member: Values): boolean {
  const row = rowOf(member);
  const layout = layoutOf(member);
  if (row === undefined || layout === undefined) return false;
  return remote.every((column, i) => {
    const own = local[i] as MappedColumn;
    const stored = storedValue(row, layout, column);
    return stored !== undefined && keyName([stored]) === keyName([own.encode(readColumn(own, owner))]);
  });
}

/** Those of a list that are not in another one; two instances of one key are the same. */
function missing(map: EntityMap, list: Iterable<Values>, other: Iterable<object>): Values[] {
  const present = other instanceof Set ? (other as ReadonlySet<object>) : new Set(other);
  const strangers: Values[] = [];
  for (const entity of list) if (!present.has(entity)) strangers.push(entity);
  if (strangers.length === 0) return strangers;
  const names = new Set([...present].map((entity) => nameOf(map, entity)));
  return strangers.filter((entity) => !names.has(nameOf(map, entity)));
}

/** Its key as a map finds it again; the entity itself where it has none. */
export function nameOf(map: EntityMap, entity: object): unknown {
  const key = map.key.map((column) => readColumn(column, entity));
  if (key.some((value) => value === undefined || value === null)) return entity;
  return keyName(map.key.map((column, i) => column.encode(key[i])));
}
