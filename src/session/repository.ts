/**
 * `Repository<T>`: reading and writing one entity. Checks what it is given, and leaves the statements to
 * `query/` and the order of writing to `save.ts`.
 */

import { error } from '../base/error-codes.js';
import type { Connection, MaybePromise } from '../dialects/contract.js';
import type { Draft, Plain } from '../metadata/relation-types.js';
import { In } from '../query/conditions/operators.js';
import { isEmptyCriteria } from '../query/conditions/where-shape.js';
import type { WhereAny } from '../query/conditions/where-types.js';
import type { Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { deleteAll, deleteWhere } from '../query/write/delete.js';
import { insertEntities } from '../query/write/insert.js';
import { updateWhere } from '../query/write/update-where.js';
import { assignDraft, createEntity } from './drafts.js';
import { ReadRepository } from './read-repository.js';
import { note, recoverEntities, removeEntities, saveEntities, softRemoveEntities } from './save.js';

/** The value of a key that is one column. */
export type KeyValue = string | number | bigint | Date;

/** Which rows: conditions, or keys. */
export type Criteria<T> = WhereAny<T> | KeyValue | readonly KeyValue[];

export interface WriteResult {
  /** How many rows were written. */
  readonly affected: number;
}

export interface InsertResult extends WriteResult {
  /** The keys of the new rows, by property, in the order of what was given. */
  readonly identifiers: readonly Record<string, unknown>[];
}

export class Repository<T extends object> extends ReadRepository<T> {
  /** New entities from plain data; nothing is written. @throws PROPERTY_UNKNOWN */
  create(): T;
  create(draft: Draft<T>): T;
  create(drafts: readonly Draft<T>[]): T[];
  create(draft?: Draft<T> | readonly Draft<T>[]): T | T[] {
    if (Array.isArray(draft)) return draft.map((each) => createEntity(this.map, each) as T);
    return createEntity(this.map, draft) as T;
  }

  /** Assigns plain data to an entity and gives it back; what is `undefined` there stays as it is. */
  merge<E extends Plain<T>>(entity: E, ...drafts: readonly Draft<T>[]): E {
    for (const draft of drafts) assignDraft(this.map, entity as Values, draft as Values);
    return entity;
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
  save<E extends Plain<T>>(entity: E): Promise<E>;
  save(draft: Draft<T>): Promise<T>;
  save<E extends Plain<T>>(entities: readonly E[]): Promise<E[]>;
  save(drafts: readonly Draft<T>[]): Promise<T[]>;
  async save(given: unknown): Promise<unknown> {
    const isList = Array.isArray(given);
    const drafts = (isList ? given : [given]) as unknown[];
    const entities = drafts.map((draft) => this.#entityOf(draft, 'save'));
    if (entities.length > 0) await saveEntities(this.runner, this.map, entities, this.hooks);
    entities.forEach((entity, i) => {
      if (entity !== drafts[i]) this.#showKey(entity, drafts[i] as Values);
    });
    return isList ? entities : entities[0];
  }

  /**
   * Inserts rows without asking whether they are there, cascading to nothing. Generated values are written
   * back to what was given.
   */
  async insert(rows: Draft<T> | Plain<T> | readonly (Draft<T> | Plain<T>)[]): Promise<InsertResult> {
    const list = (Array.isArray(rows) ? rows : [rows]) as Values[];
    for (const row of list) this.#checkDraft(row, 'insert');
    if (list.length > 0) await this.#insert(list);
    return { identifiers: list.map((row) => this.#identifier(row)), affected: list.length };
  }

  /**
   * Writes values to all rows that meet the criteria, in one statement.
   *
   * @throws CRITERIA_EMPTY for `{}`, `[]` and their like · UPDATE_EMPTY
   */
  async update(criteria: Criteria<T>, values: Draft<T>): Promise<WriteResult> {
    const where = this.#whereOf(criteria, 'update');
    const affected = await this.runner.write((connection) =>
      updateWhere(connection, this.map, where, values as Values),
    );
    return { affected };
  }

  /**
   * Deletes all rows that meet the criteria, in one statement.
   *
   * @throws CRITERIA_EMPTY for `{}`, `[]` and their like; `clear()` is the way to mean it
   */
  async delete(criteria: Criteria<T>): Promise<WriteResult> {
    const where = this.#whereOf(criteria, 'delete');
    const affected = await this.runner.write((connection) => deleteWhere(connection, this.map, where));
    return { affected };
  }

  /**
   * Deletes the rows of entities; they keep their keys.
   *
   * @throws KEY_MISSING for an entity that has none · OPTIMISTIC_LOCK
   */
  remove<E extends Plain<T>>(entity: E): Promise<E>;
  remove<E extends Plain<T>>(entities: readonly E[]): Promise<E[]>;
  async remove(given: unknown): Promise<unknown> {
    return this.#each(given, 'remove', removeEntities);
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
  softRemove<E extends Plain<T>>(entity: E): Promise<E>;
  softRemove<E extends Plain<T>>(entities: readonly E[]): Promise<E[]>;
  async softRemove(given: unknown): Promise<unknown> {
    return this.#each(given, 'softRemove', softRemoveEntities);
  }

  /** Takes the mark of deletion from entities. @throws DELETE_DATE_MISSING · KEY_MISSING · OPTIMISTIC_LOCK */
  recover<E extends Plain<T>>(entity: E): Promise<E>;
  recover<E extends Plain<T>>(entities: readonly E[]): Promise<E[]>;
  async recover(given: unknown): Promise<unknown> {
    return this.#each(given, 'recover', recoverEntities);
  }

  async #each(given: unknown, method: string, write: typeof removeEntities): Promise<unknown> {
    const entities = (Array.isArray(given) ? given : [given]) as object[];
    for (const entity of entities) this.#checkDraft(entity, method);
    if (entities.length > 0) await write(this.runner, this.map, entities, this.hooks);
    return given;
  }

  /** Deletes every row. */
  async clear(): Promise<WriteResult> {
    return { affected: await this.runner.write((connection) => deleteAll(connection, this.map)) };
  }

  #entityOf(draft: unknown, method: string): object {
    this.#checkDraft(draft, method);
    return this.map.isInstance(draft) ? draft : createEntity(this.map, draft);
  }

  #checkDraft(draft: unknown, method: string): void {
    const { name } = this.map.meta;
    const isObject = typeof draft === 'object' && draft !== null && !Array.isArray(draft);
    if (!isObject || this.map.isStranger(draft)) {
      const found = isObject ? `'${draft.constructor.name}'` : typeof draft;
      throw error('ENTITY_INVALID', {
        entity: name,
        problem: `${method} takes entities or plain objects, not ${found}`,
      });
    }
    if (method !== 'insert' || this.map.isInstance(draft)) return;
    for (const property of Object.keys(draft)) {
      if (!this.map.knows(property)) throw this.map.unknown(property, 'values');
    }
  }

  #insert(list: readonly Values[]): Promise<void> {
    const map = this.map;
    const isInstance = list.every((row) => map.isInstance(row));
    const insert = (connection: Connection): MaybePromise<void> =>
      insertEntities(connection, map, list, isInstance);
    if (list.length === 1) {
      return this.runner.write((connection, journal) => {
        note(map, list[0] as Values, journal);
        return insert(connection);
      });
    }
    return this.runner.atomic((connection, journal) => {
      for (const row of list) note(map, row, journal);
      return insert(connection);
    });
  }

  #identifier(row: Values): Record<string, unknown> {
    return Object.fromEntries(this.map.key.map((column) => [column.meta.property, readColumn(column, row)]));
  }

  /** A draft that was saved learns its key, as an entity does. */
  #showKey(entity: object, draft: Values): void {
    for (const column of this.map.key) {
      const [property, ...inner] = column.meta.path as [string, ...string[]];
      if (inner.length === 0 && column.meta.role !== 'relation')
        draft[property] ??= readColumn(column, entity);
    }
  }

  /** Keys as conditions on the key column. */
  #whereOf(criteria: unknown, method: string): unknown {
    if (isEmptyCriteria(criteria)) throw error('CRITERIA_EMPTY', { entity: this.map.meta.name, method });
    const list = Array.isArray(criteria) ? criteria : [criteria];
    if (!list.every(isKey)) return criteria;
    const [column, second] = this.map.key;
    if (column === undefined || second !== undefined || column.meta.path.length !== 1) {
      const problem = `the key of '${this.map.meta.name}' is not one column; name its columns`;
      throw error('OPTION_INVALID', { option: method, problem });
    }
    return { [column.meta.property]: In(list) };
  }
}

function isKey(value: unknown): boolean {
  return (
    typeof value !== 'object' || value === null || Object.prototype.toString.call(value) === '[object Date]'
  );
}
