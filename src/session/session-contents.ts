/**
 * What a session has in its hands: an instance for each row that it knows, entities that will be rows, and those
 * whose rows will go. It can go back to what it stood for at a moment, and nothing here asks the database.
 */

import { error } from '../base/error-codes.js';
import { storedValue } from '../query/mapping/column-values.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedColumn,
  type MappedRelation,
  type Values,
} from '../query/mapping/entity-map.js';
import { nested } from '../query/mapping/related.js';
import { layoutOf, rowOf } from '../query/mapping/row-state.js';
import { Adoption } from './adopt.js';
import { IdentityMap, type Managed, nameOfKey, nameOfRow } from './identity-map.js';
import { resetEntity } from './refresh-entity.js';
import { Changes, isModified } from './session-state.js';
import { collect, type Entry, type Work } from './unit-of-work/graph.js';
import type { Action } from './unit-of-work/subject.js';

export class SessionContents {
  readonly #identities = new IdentityMap();
  /** Entities that will be rows when they are flushed, and those whose rows will go. */
  readonly #added = new Map<object, Entry>();
  readonly #removed = new Map<object, Entry>();
  /** Whose rows are gone: lists may still name them, and nobody means them to come back. */
  readonly #gone = new WeakSet<object>();
  #expiry = 0;

  /** Whether it stands for no rows. */
  get isEmpty(): boolean {
    return this.#identities.isEmpty;
  }

  /** Whether an entity is in it, added ones included. */
  has(entity: object): boolean {
    return this.#added.has(entity) || this.#identities.of(entity) !== undefined;
  }

  /** @throws SESSION_DUPLICATE where another instance stands for its row already */
  add(entry: Entry): void {
    const { map, entity } = entry;
    this.#removed.delete(entity);
    this.#gone.delete(entity);
    if (this.#identities.of(entity) !== undefined) return;
    if (rowOf(entity) === undefined) this.#added.set(entity, entry);
    else if (this.#identities.add(map, entity as Values, this.#expiry) !== undefined) {
      throw error('SESSION_DUPLICATE', { entity: map.meta.name });
    }
  }

  /** Forgets an entity that was only added. @returns whether it was */
  takeBack(entity: object): boolean {
    return this.#added.delete(entity);
  }

  /** @throws KEY_MISSING */
  remove(entry: Entry): void {
    // Says now, and not at the next flush, that no row is meant.
    collect({ remove: [entry] });
    this.#removed.set(entry.entity, entry);
  }

  isRemoved(entity: object): boolean {
    return this.#removed.has(entity);
  }

  /** Forgets an entity; what was changed in it is not written. */
  detach(entity: object): void {
    this.#added.delete(entity);
    this.#removed.delete(entity);
    this.#identities.delete(entity);
  }

  /** Forgets those that are as their rows are. */
  letGo(entities: readonly Values[]): void {
    for (const entity of entities) {
      const managed = this.of(entity);
      if (managed !== undefined && !this.isRemoved(entity) && !isModified(managed.map, entity))
        this.#identities.delete(entity);
    }
  }

  /** Whether a flush would write something of an entity. */
  isModified(entity: object): boolean {
    if (this.#added.has(entity) || this.#removed.has(entity)) return true;
    const managed = this.of(entity);
    return managed !== undefined && isModified(managed.map, managed.entity);
  }

  get added(): object[] {
    return [...this.#added.keys()];
  }

  get modified(): object[] {
    const all = [...this.#identities.all()];
    return all
      .filter(({ map, entity }) => !this.#removed.has(entity) && isModified(map, entity))
      .map(({ entity }) => entity);
  }

  get removed(): object[] {
    return [...this.#removed.keys()];
  }

  /** Those of a family of classes. */
  ofFamily(map: EntityMap): Managed[] {
    return [...this.#identities.all()].filter(
      (each) => each.map.root === map.root && map.isInstance(each.entity),
    );
  }

  /** Takes rows out that are gone. @returns puts them back, should the transaction be rolled back */
  drop(gone: readonly Managed[]): () => void {
    for (const { entity } of gone) {
      this.detach(entity);
      this.#gone.add(entity);
    }
    return () => this.#putBack(gone);
  }

  #putBack(all: readonly Managed[]): void {
    for (const managed of all) {
      managed.goodUntil = -1;
      this.#gone.delete(managed.entity);
      this.#identities.restore(managed);
    }
  }

  /** Rows that the database may have changed or taken along with those of a class are read again when asked for. */
  ageDependents(map: EntityMap, seen = new Set<EntityMap>()): void {
    const maps = new Set([...this.#identities.all()].map((managed) => managed.map));
    for (const each of maps) {
      const refers = each
        .relations()
        .some(({ meta, target }) => isOwningToOne(meta) && target.root === map.root);
      if (!refers || seen.has(each)) continue;
      seen.add(each);
      for (const managed of this.ofFamily(each)) managed.goodUntil = -1;
      this.ageDependents(each, seen);
    }
  }

  /** What stands for a row, by the entity. */
  of(entity: object): Managed | undefined {
    return this.#identities.of(entity);
  }

  /** What stands for a row, by the row's key. */
  find(map: EntityMap, key: Values): Managed | undefined {
    return this.#identities.find(map, nameOfKey(map, key));
  }

  /** Whether what an entity holds was read since the last expiry. */
  isFresh(managed: Managed): boolean {
    return managed.goodUntil === this.#expiry;
  }

  /** What takes over the entities of one read. */
  adoption(): Adoption {
    return new Adoption(this.#identities, this.#expiry, this.#findRelated);
  }

  /** From now on everything is old, and is brought up to date by what is read. */
  age(): void {
    this.#expiry += 1;
  }

  /** Drops what was changed in an entity and not flushed, which is old from now on. */
  expire(managed: Managed): void {
    this.#reset(managed);
    managed.goodUntil = -1;
  }

  /** The same for every entity. */
  expireAll(): void {
    for (const managed of this.#identities.all()) this.#reset(managed);
    this.age();
  }

  /** After a rollback: what the rows say, which are those of the last commit, and nothing that came since. */
  resetAll(): void {
    this.#added.clear();
    this.#removed.clear();
    this.expireAll();
  }

  clear(): void {
    this.#added.clear();
    this.#removed.clear();
    this.#identities.clear();
  }

  /** What a flush writes. @returns nothing where there is nothing to look at */
  work(): Work | undefined {
    const save: Entry[] = [];
    for (const managed of this.#identities.all()) if (!this.#removed.has(managed.entity)) save.push(managed);
    if (this.#added.size + this.#removed.size + save.length === 0) return undefined;
    const insert = [...this.#added.values()];
    return { insert, save, remove: [...this.#removed.values()], gone: this.#gone };
  }

  /** Of an entity that was written by itself, alone, only the key may be new. */
  renamed({ save }: Work): readonly Managed[] | undefined {
    const [only, second] = save ?? [];
    const managed = only === undefined || second !== undefined ? undefined : this.of(only.entity);
    return managed !== undefined && isRenamed(managed) ? [managed] : undefined;
  }

  /** Takes note of what was written. @returns takes that back, should the transaction be rolled back */
  absorb(subjects: Iterable<Entry & { readonly action?: Action }>): () => void {
    const waiting = this.#waiting();
    const came: Entry[] = [];
    const left: Managed[] = [];
    // All that go, before any that come in their place: keys may be swapped.
    for (const { map, entity, action } of subjects) {
      const managed = this.#identities.of(entity);
      if (managed !== undefined && action !== 'remove' && !isRenamed(managed)) continue;
      if (managed !== undefined) {
        left.push(managed);
        this.#identities.delete(entity);
      }
      if (action === 'remove') this.#gone.add(entity);
      if (action !== 'remove' && rowOf(entity) !== undefined) came.push({ map, entity });
    }
    for (const { map, entity } of came) this.#identities.add(map, entity as Values, this.#expiry);
    this.#added.clear();
    this.#removed.clear();
    return () => {
      for (const { entity } of came) this.#identities.delete(entity);
      this.#putBack(left);
      waiting();
      this.age();
    };
  }

  /** @returns goes back: every row is read again, and only what is not flushed now is to be flushed then */
  note(): () => void {
    const waiting = this.#waiting();
    const changes = new Changes(this.#identities.all());
    return () => {
      this.resetAll();
      waiting();
      for (const { entity } of this.#identities.all()) changes.redo(entity);
    };
  }

  /** @returns puts back what waits for a flush now */
  #waiting(): () => void {
    const [added, removed] = [[...this.#added], [...this.#removed]];
    return () => {
      for (const [entity, entry] of added) this.#added.set(entity, entry);
      for (const [entity, entry] of removed) this.#removed.set(entity, entry);
    };
  }

  #reset({ map, entity }: Managed): void {
    resetEntity(map, entity, this.#findRelated);
  }

  /** The instance that the row of an entity leads to, where it is known. */
  readonly #findRelated = ({ target, local, remote }: MappedRelation, entity: Values): Values | undefined => {
    const key = nested(remote.map(({ meta }, i) => [meta.path, decodedOf(entity, local[i] as MappedColumn)]));
    const isKey =
      remote.length === target.key.length && remote.every((column) => target.key.includes(column));
    return isKey ? this.find(target, key)?.entity : undefined;
  };
}

/** Whether the key of a row has become another one. */
function isRenamed({ map, entity, name }: Managed): boolean {
  return name !== nameOfRow(map, entity);
}

/** What the row of an entity holds for a column, as a value of the entity. */
function decodedOf(entity: Values, column: MappedColumn): unknown {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  const stored = row === undefined || layout === undefined ? undefined : storedValue(row, layout, column);
  return stored === undefined ? undefined : column.decode(stored);
}
