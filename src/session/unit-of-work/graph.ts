/**
 * Entities to save or remove → everything that a unit of work touches: what their relations cascade to, which
 * members have joined and left their lists, and which rows of join tables follow from that. Nothing is asked of
 * the database, and no entity is changed.
 */

import { error } from '../../base/error-codes.js';
import { moment, relatedNotSaved } from '../../query/mapping/column-values.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedRelation,
  type Values,
} from '../../query/mapping/entity-map.js';
import { relatedOf } from '../../query/mapping/related.js';
import { additionsOf, membersOf } from '../../query/mapping/row-state.js';
import { isPromise } from '../../query/maybe-promise.js';
import type { Given } from '../../query/write/given.js';
import { addMembers, dropMembers, type JoinChange, type List, type Reach } from './lists.js';
import { type Action, isEntity, isReference, knowledgeOf, requireKey, type Subject } from './subject.js';

/** An entity and the map of its class. */
export interface Entry {
  readonly map: EntityMap;
  readonly entity: object;
}

/** What a unit of work is asked to do. */
export interface Work {
  readonly save?: readonly Entry[];
  /** Entities that are new, whatever keys they have. */
  readonly insert?: readonly Entry[];
  readonly remove?: readonly Entry[];
  readonly softRemove?: readonly Entry[];
  readonly recover?: readonly Entry[];
  /** Entities whose rows are gone and that nobody has asked for again, though lists may still name them. */
  readonly gone?: { has(entity: object): boolean } | undefined;
}

export class Graph implements Reach {
  readonly subjects = new Map<object, Subject>();
  /** Whatever may be in somebody's list: in the order in which they were found. */
  readonly lists: List[] = [];
  readonly joins: JoinChange[] = [];
  /** Further instances of rows that are new themselves. */
  readonly twins: Subject[] = [];
  /** Now, for everything that is soft-removed by this unit. */
  readonly now = new Date();
  readonly #gone: Work['gone'];
  readonly #toVisit: Subject[] = [];
  readonly #awaited: { readonly list: List; readonly member: Values }[] = [];
  #visitedCount = 0;
  #droppedCount = 0;

  constructor(gone?: Work['gone']) {
    this.#gone = gone;
  }

  isGone(entity: object): boolean {
    return this.subjects.get(entity)?.action === 'remove' || this.#gone?.has(entity) === true;
  }

  save({ map, entity }: Entry, isNew = false): void {
    const subject = this.#touch(map, entity as Values, 'save');
    subject.saves = true;
    subject.inserts = true;
    subject.isRoot = true;
    if (isNew && subject.knowledge === 'unknown') subject.knowledge = 'new';
    this.#visitLater(subject);
  }

  remove({ map, entity }: Entry, action: Exclude<Action, 'save'> = 'remove'): void {
    const subject = this.#touch(map, entity as Values, action);
    if (action === 'remove') this.take(subject);
    else this.#hide(subject, action);
    this.#visitLater(subject);
  }

  /** Goes through everything that was handed over. @throws RELATED_NOT_SAVED · RELATION_REQUIRED · KEY_MISSING */
  complete(): this {
    // Whoever leaves a list last, when it is known who has joined another one; and may take others along.
    while (this.#visitedCount < this.#toVisit.length || this.#droppedCount < this.lists.length) {
      this.#visitAll();
      for (; this.#droppedCount < this.lists.length; this.#droppedCount++) {
        const list = this.lists[this.#droppedCount] as List;
        if (list.subject.action === 'save' || list.subject.action === 'remove') dropMembers(this, list);
      }
    }
    this.#requireAwaited();
    return this;
  }

  /** Who was on the other side of a one-to-one, as the database says: he goes, where he is there no longer. */
  learn(list: List, holder: Values | null): void {
    list.before = new Set(holder === null ? [] : [holder]);
    list.isWhole = true;
    dropMembers(this, list);
  }

  await(list: List, member: Values): void {
    this.#awaited.push({ list, member });
  }

  /** Whom a list names need not be reached through it: its other side may have been saved in the first place. */
  #requireAwaited(): void {
    for (const { list, member } of this.#awaited) {
      if (this.subjects.get(member)?.inserts !== true) throw relatedNotSaved(list.subject.map, list.relation);
    }
  }

  /** In the order in which they were reached, which is the order in which rows of a class are inserted. */
  #visitAll(): void {
    for (; this.#visitedCount < this.#toVisit.length; this.#visitedCount++) {
      const subject = this.#toVisit[this.#visitedCount] as Subject;
      if (subject.action === 'save') this.#visitSaved(subject);
      else this.#visitRemoved(subject);
    }
  }

  /** A member that is given something from outside: the key of an owner. */
  give(relation: MappedRelation, member: Values, given: (i: number) => Given | undefined): Subject {
    const subject = this.#touch(relation.target, member, 'save');
    subject.given ??= new Map();
    relation.remote.forEach((column, i) => {
      const value = given(i);
      if (value === undefined) return;
      subject.given?.set(
        subject.map === relation.target ? column : subject.map.columnNamed(column.meta.name),
        value,
      );
    });
    return subject;
  }

  /** Goes on to the other side of a relation, as far as the relation cascades. @returns undefined where it does not */
  cascade(relation: MappedRelation, related: Values): Subject | undefined {
    const { cascade } = relation.meta;
    const [inserts, saves] = [cascade.includes('insert'), cascade.includes('update')];
    if (!inserts && !saves) return undefined;
    const subject = this.#touch(relation.target, related, 'save');
    if (subject.action !== 'save') return subject;
    subject.inserts ||= inserts;
    subject.saves ||= saves || (inserts && subject.knowledge === 'new');
    this.#visitLater(subject);
    return subject;
  }

  /** Marks a subject's row as one to delete. */
  take(subject: Subject): void {
    requireKey(subject.map, subject.entity, 'remove');
    subject.action = 'remove';
  }

  #hide(subject: Subject, action: 'soft-remove' | 'recover'): void {
    const { map, entity } = subject;
    const { deleteDate } = map;
    const method = action === 'recover' ? 'recover' : 'softRemove';
    if (deleteDate === undefined) throw error('DELETE_DATE_MISSING', { entity: map.meta.name, method });
    requireKey(map, entity, method);
    subject.action = action;
    subject.given ??= new Map();
    subject.given.set(deleteDate, { value: action === 'recover' ? null : moment(deleteDate, this.now) });
  }

  #touch(map: EntityMap, entity: Values, action: Action): Subject {
    const known = this.subjects.get(entity);
    if (known !== undefined) return known;
    const own = map.mapOfInstance(entity);
    const subject: Subject = {
      map: own,
      entity,
      knowledge: knowledgeOf(own, entity),
      action,
      saves: false,
      inserts: false,
      isRoot: false,
      visited: false,
      given: undefined,
      early: false,
      twin: undefined,
    };
    this.subjects.set(entity, subject);
    return subject;
  }

  #visitLater(subject: Subject): void {
    if (subject.visited) return;
    subject.visited = true;
    this.#toVisit.push(subject);
  }

  #visitSaved(subject: Subject): void {
    const { map, entity } = subject;
    for (const relation of map.relations()) {
      const value = relatedOf(entity, relation);
      if (value === undefined) continue;
      if (!isOwningToOne(relation.meta)) this.#visitList(subject, relation, value);
      else if (isEntity(value)) {
        if (isPromise(value)) throw notRelated(relation, value);
        this.cascade(relation, value);
      }
    }
  }

  #visitList(subject: Subject, relation: MappedRelation, value: unknown): void {
    const { entity } = subject;
    const { property } = relation.meta;
    if (value !== null && !isRelated(relation, value)) throw notRelated(relation, value);
    const loaded = membersOf(entity, property);
    const before = loaded ?? additionsOf(entity, property);
    if (value === null && before === undefined && relation.toMany) return;
    const members = (value === null ? [] : relation.toMany ? value : [value]) as readonly Values[];
    const list: List = { subject, relation, members, before, isWhole: loaded !== undefined };
    this.lists.push(list);
    addMembers(this, list);
  }

  #visitRemoved(subject: Subject): void {
    const { map, entity, action } = subject;
    for (const relation of map.relations()) {
      if (action === 'save') return;
      const value = relatedOf(entity, relation);
      const related = (Array.isArray(value) ? value : [value]).filter(isEntity);
      if (relation.meta.cascade.includes(action)) {
        for (const each of related) this.#removeAlong(relation, each, action);
      }
      // Who has left the list since it was loaded is an orphan all the same; rows of join tables go with their owner.
      const { property } = relation.meta;
      const loaded = isOwningToOne(relation.meta) ? undefined : membersOf(entity, property);
      const before = loaded ?? additionsOf(entity, property);
      if (action === 'remove' && before !== undefined && relation.joinTable === undefined) {
        this.lists.push({ subject, relation, members: related, before, isWhole: loaded !== undefined });
      }
    }
  }

  /** Who has no row yet has nothing to lose, and is not inserted either. */
  #removeAlong({ target }: MappedRelation, entity: Values, action: Exclude<Action, 'save'>): void {
    if (knowledgeOf(target, entity) === 'new') this.#touch(target, entity, action).action = action;
    else this.remove({ map: target, entity }, action);
  }
}

/** Whether something is what the side of a relation without the key may hold: an entity, or a list of them. */
function isRelated({ toMany }: MappedRelation, value: unknown): boolean {
  if (!toMany) return isEntity(value) && !Array.isArray(value) && !isPromise(value);
  return Array.isArray(value) && value.every(isEntity);
}

/** What would be left out quietly is told. */
function notRelated({ map, meta, target, toMany }: MappedRelation, value: unknown): Error {
  const owner = `${map.meta.name}.${meta.property}`;
  const wanted = toMany
    ? `a list of entities of '${target.meta.name}'`
    : `an entity of '${target.meta.name}'`;
  const member = Array.isArray(value) ? value.findIndex((each) => !isEntity(each)) : -1;
  const found =
    member >= 0
      ? `a list that holds ${String((value as readonly unknown[])[member])} at ${member}; an object with a key means its row`
      : isEntity(value) && isPromise(value)
        ? 'a Promise; await it, relations are not lazy'
        : describe(value);
  return error('VALUE_INVALID', { owner, problem: `expected ${wanted}, got ${found}` });
}

function describe(value: unknown): string {
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Everything that some work touches. */
export function collect(work: Work): Graph {
  const graph = new Graph(work.gone);
  // What is removed is known first, so that nobody saves it on the way.
  for (const entry of work.remove ?? []) graph.remove(entry);
  for (const entry of work.softRemove ?? []) graph.remove(entry, 'soft-remove');
  for (const entry of work.recover ?? []) graph.remove(entry, 'recover');
  for (const entry of work.insert ?? []) graph.save(entry, true);
  for (const entry of work.save ?? []) graph.save(entry);
  return graph.complete();
}

/** Whether the database must be asked if the row of a subject is there. */
export function mustAsk({ knowledge, action, inserts, isRoot, map, entity }: Subject): boolean {
  return knowledge === 'unknown' && action === 'save' && inserts && (isRoot || !isReference(map, entity));
}
