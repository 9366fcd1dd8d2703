/**
 * `Repository<T>`: reading and writing one entity. Checks what it is given, and leaves the statements to
 * `query/` and the order of writing to `save.ts`.
 */

import { error } from '../base/error-codes.js';
import type { Connection, MaybePromise } from '../dialects/contract.js';
import type { EntityMetadata } from '../metadata/entity.js';
import type { Draft, Loaded, Plain } from '../metadata/relation-types.js';
import { In } from '../query/conditions/operators.js';
import { isEmptyCriteria, readColumn } from '../query/conditions/where.js';
import type {
  CriteriaOptions,
  FindOneOptions,
  FindOptions,
  Nothing,
  Relations,
  Select,
  WhereAny,
} from '../query/find/find-options.js';
import { loadRelations } from '../query/find/load-relations.js';
import type { Found } from '../query/find/result-types.js';
import {
  type CompiledSelect,
  type LooseFindOptions,
  type SelectMode,
  selectFor,
} from '../query/find/select.js';
import type { EntityMap, Values } from '../query/mapping/entity-map.js';
import { chain } from '../query/maybe-promise.js';
import { insertEntities } from '../query/write/insert.js';
import { deleteAll, deleteWhere, updateWhere } from '../query/write/update.js';
import { assignDraft, createEntity } from './drafts.js';
import { removeEntities } from './remove.js';
import { note, saveEntities } from './save.js';
import type { Runner } from './transactions.js';

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

const EXACT = { bigints: true };

export class Repository<T extends object> {
  readonly #map: EntityMap;
  readonly #runner: Runner;

  /** @internal Repositories come from `getRepository()`. */
  constructor(map: EntityMap, runner: Runner) {
    this.#map = map;
    this.#runner = runner;
  }

  /** The entity's metadata. */
  get metadata(): EntityMetadata<T> {
    return this.#map.meta as EntityMetadata<T>;
  }

  /**
   * Finds entities; the result's type says what was loaded.
   *
   * ```ts
   * const books = await repository.find({ where: { pages: MoreThan(100) }, relations: { author: true } });
   * // SELECT "books"."id", … FROM "books" WHERE "books"."pages" > ?
   * // SELECT "authors"."id", … FROM "authors" WHERE "authors"."id" IN (?, …)
   * ```
   *
   * @throws PROPERTY_UNKNOWN with the nearest name · CONDITION_MISSING for undefined and null
   */
  find<const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    options?: FindOptions<T, S, R>,
  ): Promise<Found<T, S, R>[]> {
    return this.#rows(options) as Promise<unknown> as Promise<Found<T, S, R>[]>;
  }

  /** Finds entities by conditions alone. */
  findBy(where: WhereAny<T>): Promise<Loaded<T>[]> {
    return this.#rows({ where }) as Promise<unknown> as Promise<Loaded<T>[]>;
  }

  /** The first entity that is found, or null. */
  findOne<const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    options: FindOneOptions<T, S, R>,
  ): Promise<Found<T, S, R> | null> {
    return this.#first(options) as Promise<unknown> as Promise<Found<T, S, R> | null>;
  }

  findOneBy(where: WhereAny<T>): Promise<Loaded<T> | null> {
    return this.#first({ where }) as Promise<unknown> as Promise<Loaded<T> | null>;
  }

  /** The first entity that is found. @throws ENTITY_NOT_FOUND */
  async findOneOrFail<const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    options: FindOneOptions<T, S, R>,
  ): Promise<Found<T, S, R>> {
    return this.#orFail(await this.#first(options)) as unknown as Found<T, S, R>;
  }

  /** @throws ENTITY_NOT_FOUND */
  async findOneByOrFail(where: WhereAny<T>): Promise<Loaded<T>> {
    return this.#orFail(await this.#first({ where })) as unknown as Loaded<T>;
  }

  /** How many rows meet the conditions. */
  count(options?: CriteriaOptions<T>): Promise<number> {
    return this.#single(options, 'count', (value) => Number(value ?? 0));
  }

  countBy(where: WhereAny<T>): Promise<number> {
    return this.#single({ where }, 'count', (value) => Number(value ?? 0));
  }

  /** Whether any row meets the conditions. */
  exists(options?: CriteriaOptions<T>): Promise<boolean> {
    return this.#single(options, 'exists', (value) => value !== undefined);
  }

  existsBy(where: WhereAny<T>): Promise<boolean> {
    return this.#single({ where }, 'exists', (value) => value !== undefined);
  }

  /** New entities from plain data; nothing is written. @throws PROPERTY_UNKNOWN */
  create(): T;
  create(draft: Draft<T>): T;
  create(drafts: readonly Draft<T>[]): T[];
  create(draft?: Draft<T> | readonly Draft<T>[]): T | T[] {
    if (Array.isArray(draft)) return draft.map((each) => createEntity(this.#map, each) as T);
    return createEntity(this.#map, draft) as T;
  }

  /** Assigns plain data to an entity and gives it back; what is `undefined` there stays as it is. */
  merge<E extends Plain<T>>(entity: E, ...drafts: readonly Draft<T>[]): E {
    for (const draft of drafts) assignDraft(this.#map, entity as Values, draft as Values);
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
    if (entities.length > 0) await saveEntities(this.#runner, this.#map, entities);
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
    const affected = await this.#runner.write((connection) =>
      updateWhere(connection, this.#map, where, values as Values),
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
    const affected = await this.#runner.write((connection) => deleteWhere(connection, this.#map, where));
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
    const entities = (Array.isArray(given) ? given : [given]) as object[];
    for (const entity of entities) this.#checkDraft(entity, 'remove');
    if (entities.length > 0) await removeEntities(this.#runner, this.#map, entities);
    return given;
  }

  /** Deletes every row. */
  async clear(): Promise<WriteResult> {
    return { affected: await this.#runner.write((connection) => deleteAll(connection, this.#map)) };
  }

  #rows(options: unknown): Promise<Values[]> {
    return this.#select(options, 'rows', (rows) => rows);
  }

  #first(options: unknown): Promise<Values | null> {
    return this.#select(options, 'first', (rows) => rows[0] ?? null);
  }

  // Not async, so that a find by key costs one promise; what is thrown is a rejection all the same.
  #select<V>(options: unknown, mode: 'rows' | 'first', pick: (rows: Values[]) => V): Promise<V> {
    try {
      const { select, params } = selectFor(this.#map, checkedOptions(options, mode), mode);
      return this.#runner.read((connection) => chain(readRows(connection, this.#map, select, params), pick));
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #single<V>(options: unknown, mode: 'count' | 'exists', read: (value: unknown) => V): Promise<V> {
    try {
      const { select, params } = selectFor(this.#map, checkedOptions(options, mode), mode);
      return this.#runner.read((connection) =>
        chain(connection.queryArrays(select.sql, params), (rows) => read(rows[0]?.[0])),
      );
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #orFail(found: Values | null): Values {
    if (found === null) throw error('ENTITY_NOT_FOUND', { entity: this.#map.meta.name });
    return found;
  }

  #entityOf(draft: unknown, method: string): object {
    this.#checkDraft(draft, method);
    return this.#map.isInstance(draft) ? draft : createEntity(this.#map, draft);
  }

  #checkDraft(draft: unknown, method: string): void {
    const { name } = this.#map.meta;
    const isObject = typeof draft === 'object' && draft !== null && !Array.isArray(draft);
    if (!isObject || this.#map.isStranger(draft)) {
      const found = isObject ? `'${draft.constructor.name}'` : typeof draft;
      throw error('ENTITY_INVALID', {
        entity: name,
        problem: `${method} takes entities or plain objects, not ${found}`,
      });
    }
    if (method !== 'insert' || this.#map.isInstance(draft)) return;
    for (const property of Object.keys(draft)) {
      if (!this.#map.fields.has(property)) throw this.#map.unknown(property, 'values');
    }
  }

  #insert(list: readonly Values[]): Promise<void> {
    const map = this.#map;
    const isInstance = list.every((row) => map.isInstance(row));
    const insert = (connection: Connection): MaybePromise<void> =>
      insertEntities(connection, map, list, isInstance);
    if (list.length === 1) {
      return this.#runner.write((connection, journal) => {
        note(map, list[0] as Values, journal);
        return insert(connection);
      });
    }
    return this.#runner.atomic((connection, journal) => {
      for (const row of list) note(map, row, journal);
      return insert(connection);
    });
  }

  #identifier(row: Values): Record<string, unknown> {
    return Object.fromEntries(this.#map.key.map((column) => [column.meta.property, readColumn(column, row)]));
  }

  /** A draft that was saved learns its key, as an entity does. */
  #showKey(entity: object, draft: Values): void {
    for (const column of this.#map.key) {
      const [property, ...inner] = column.meta.path as [string, ...string[]];
      if (inner.length === 0 && column.meta.role !== 'relation')
        draft[property] ??= readColumn(column, entity);
    }
  }

  /** Keys as conditions on the key column. */
  #whereOf(criteria: unknown, method: string): unknown {
    if (isEmptyCriteria(criteria)) throw error('CRITERIA_EMPTY', { entity: this.#map.meta.name, method });
    const list = Array.isArray(criteria) ? criteria : [criteria];
    if (!list.every(isKey)) return criteria;
    const [column, second] = this.#map.key;
    if (column === undefined || second !== undefined || column.meta.path.length !== 1) {
      const problem = `the key of '${this.#map.meta.name}' is not one column; name its columns`;
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

/** Options that can be meant: conditions that are missing by mistake must not mean every row. */
function checkedOptions(options: unknown, mode: SelectMode): LooseFindOptions {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw error('OPTION_INVALID', { option: 'options', problem: 'expected an object such as { where: … }' });
  }
  const checked = options as LooseFindOptions;
  if ((checked.where === undefined && 'where' in options) || checked.where === null) {
    throw error('OPTION_INVALID', { option: 'where', problem: `it is ${String(checked.where)}` });
  }
  // An offset needs a limit of its own: only here the row that is wanted is known to be one.
  return mode === 'first' && checked.skip !== undefined ? { ...checked, take: 1 } : checked;
}

function readRows(
  connection: Connection,
  map: EntityMap,
  { sql, selection }: CompiledSelect,
  params: readonly unknown[],
): MaybePromise<Values[]> {
  const options = selection.bigints ? EXACT : undefined;
  const { read, relations } = selection;
  if (relations.length === 0) {
    return chain(connection.queryArrays(sql, params, options), (rows) => rows.map(read));
  }
  const all = async (): Promise<Values[]> => {
    const entities = (await connection.queryArrays(sql, params, options)).map(read);
    if (entities.length > 0) await loadRelations(connection, entities, selection);
    return entities;
  };
  return connection.inTransaction ? all() : inOneState(connection, map, all);
}

/** Several queries see one state of the database, so that no key leads to a row that is gone since. */
async function inOneState<R>(connection: Connection, map: EntityMap, work: () => Promise<R>): Promise<R> {
  await connection.run(map.dialect.begin.read);
  try {
    return await work();
  } finally {
    await connection.run('COMMIT');
  }
}
