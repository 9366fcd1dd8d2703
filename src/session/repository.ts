/**
 * `Repository<T>`: reading and writing one entity. Checks what it is given, and leaves the statements to
 * `query/` and the order of writing to `save.ts`.
 */

import type { AsFound, Draft, NoBareNull } from '../metadata/relation-types.js';
import type { FindOneOptions } from '../query/find/find-options.js';
import type { Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { nested, put, valueAt } from '../query/mapping/related.js';
import { createEntity, mergeDraft } from './drafts.js';
import { idOf } from './entity-hooks.js';
import { type Deed, writeEntities } from './save.js';
import { checkSaveOptions, type SaveOptions } from './save-options.js';
import type { Entry } from './unit-of-work/graph.js';
import { WriteRepository } from './write-repository.js';

export class Repository<T extends object> extends WriteRepository<T> {
  /** New entities from plain data; nothing is written. @throws PROPERTY_UNKNOWN */
  create(): T;
  create(draft: Draft<T>): T;
  create(drafts: readonly Draft<T>[]): T[];
  create(draft?: Draft<T> | readonly Draft<T>[]): T | T[] {
    if (Array.isArray(draft)) return draft.map((each) => createEntity(this.map, each) as T);
    return createEntity(this.map, draft) as T;
  }

  /**
   * Assigns plain data to an entity and gives it back; what is `undefined` there stays as it is. Related entities
   * that are the same by their key are assigned to as well, not replaced.
   */
  merge<E extends AsFound<T>>(entity: E, ...drafts: readonly Draft<T>[]): E {
    for (const draft of drafts) mergeDraft(this.map, entity as Values, draft as Values);
    return entity;
  }

  /**
   * Finds the row of a draft by its key, with the relations that the draft names, and assigns the draft to it;
   * nothing is written.
   *
   * @returns undefined where the draft has no key or no row has it
   */
  async preload(draft: Draft<T>): Promise<T | undefined> {
    const values = draft as Values;
    this.checkDraft(values, 'preload');
    const { key, meta } = this.map;
    const parts = key.map((column) => readColumn(column, values));
    if (parts.some((part) => part === undefined || part === null)) return undefined;
    const named = meta.relations.filter(({ path }) => isGiven(valueAt(values, path)));
    const options = {
      where: nested(key.map(({ meta: { path } }, i) => [path, parts[i]])),
      relations: nested(named.map(({ path }) => [path, true])),
    };
    const found = (await this.findOne(options as FindOneOptions<T>)) as Values | null;
    if (found === null) return undefined;
    mergeDraft(this.map, found, values);
    return found as T;
  }

  /** Whether every part of an entity's key is set. */
  hasId(entity: AsFound<T> | Draft<T>): boolean {
    return this.map.key.every((column) => isGiven(readColumn(column, entity)));
  }

  /** The key of an entity: its value where it is one column, an object of its parts otherwise. */
  getId(entity: AsFound<T> | Draft<T>): unknown {
    return idOf(this.map, entity);
  }

  /**
   * Writes what changed since the entity was loaded, or inserts it. Several are written whole or not at all.
   *
   * ```ts
   * const book = await repository.findOneByOrFail({ id: 1 });
   * book.title = 'Dune';
   * await repository.save(book); // UPDATE "books" SET "title" = ? WHERE "id" = ?
   * ```
   *
   * @throws OPTIMISTIC_LOCK when somebody else wrote a row that has a version · ROW_GONE · RELATED_NOT_SAVED
   */
  save<E extends AsFound<T>>(entity: E & NoBareNull<T, E>, options?: SaveOptions): Promise<E>;
  save(draft: Draft<T>, options?: SaveOptions): Promise<T>;
  save<E extends AsFound<T>>(
    entities: readonly (E & NoBareNull<T, E>)[],
    options?: SaveOptions,
  ): Promise<E[]>;
  save(drafts: readonly Draft<T>[], options?: SaveOptions): Promise<T[]>;
  async save(given: unknown, options?: SaveOptions): Promise<unknown> {
    const isList = Array.isArray(given);
    const drafts = (isList ? given : [given]) as unknown[];
    const entities = drafts.map((draft) => this.#entityOf(draft, 'save'));
    await this.#write('save', entities, options);
    entities.forEach((entity, i) => {
      if (entity !== drafts[i]) this.#showKey(entity, drafts[i] as Values);
    });
    return isList ? entities : entities[0];
  }

  /**
   * Deletes the rows of entities; they keep their keys.
   *
   * @throws KEY_MISSING for an entity that has none · OPTIMISTIC_LOCK
   */
  remove<E extends AsFound<T>>(entity: E, options?: SaveOptions): Promise<E>;
  remove<E extends AsFound<T>>(entities: readonly E[], options?: SaveOptions): Promise<E[]>;
  async remove(given: unknown, options?: SaveOptions): Promise<unknown> {
    return this.#each(given, 'remove', options);
  }

  /**
   * Marks entities as deleted by their `@DeleteDateColumn`: finds leave them out from then on.
   *
   * ```ts
   * await notes.softRemove(note); // UPDATE "notes" SET "deleted_at" = ? WHERE "id" = ?
   * ```
   *
   * @throws DELETE_DATE_MISSING · KEY_MISSING · OPTIMISTIC_LOCK
   */
  softRemove<E extends AsFound<T>>(entity: E, options?: SaveOptions): Promise<E>;
  softRemove<E extends AsFound<T>>(entities: readonly E[], options?: SaveOptions): Promise<E[]>;
  async softRemove(given: unknown, options?: SaveOptions): Promise<unknown> {
    return this.#each(given, 'softRemove', options);
  }

  /** Takes the mark of deletion from entities. @throws DELETE_DATE_MISSING · KEY_MISSING · OPTIMISTIC_LOCK */
  recover<E extends AsFound<T>>(entity: E, options?: SaveOptions): Promise<E>;
  recover<E extends AsFound<T>>(entities: readonly E[], options?: SaveOptions): Promise<E[]>;
  async recover(given: unknown, options?: SaveOptions): Promise<unknown> {
    return this.#each(given, 'recover', options);
  }

  async #each(given: unknown, deed: Deed, options: SaveOptions | undefined): Promise<unknown> {
    const entities = (Array.isArray(given) ? given : [given]) as object[];
    for (const entity of entities) this.checkDraft(entity, deed);
    await this.#write(deed, entities, options);
    return given;
  }

  #write(deed: Deed, entities: readonly object[], given: unknown): Promise<unknown> | undefined {
    const options = checkSaveOptions(given, deed);
    if (entities.length === 0) return undefined;
    const entries = entities.map((entity): Entry => ({ map: this.map, entity }));
    return writeEntities(this.runner, deed, entries, this.hooks, options);
  }

  #entityOf(draft: unknown, method: string): object {
    this.checkDraft(draft, method);
    return this.map.isInstance(draft) ? draft : createEntity(this.map, draft);
  }

  /** A draft that was saved learns its key, as an entity does. */
  #showKey(entity: object, draft: Values): void {
    for (const column of this.map.key) {
      const { path, role } = column.meta;
      if (role === 'relation') continue;
      if (!isGiven(valueAt(draft, path))) put(draft, path, readColumn(column, entity));
    }
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
