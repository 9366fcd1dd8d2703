/**
 * `ReadRepository<T>`: everything that reads one entity and changes nothing. Checks what it is given, and leaves
 * the statements to `query/`.
 */

import { error } from '../base/error-codes.js';
import type { Connection, MaybePromise } from '../dialects/contract.js';
import type { EntityMetadata } from '../metadata/entity.js';
import type { Loaded } from '../metadata/relation-types.js';
import type { WhereAny } from '../query/conditions/where-types.js';
import type {
  CriteriaOptions,
  FindOneOptions,
  FindOptions,
  Nothing,
  Relations,
  Select,
} from '../query/find/find-options.js';
import { loadRelations } from '../query/find/load-relations.js';
import type { Found } from '../query/find/result-types.js';
import { type LooseFindOptions, type SelectCall, type SelectMode, selectFor } from '../query/find/select.js';
import type { EntityMap, Values } from '../query/mapping/entity-map.js';
import { chain } from '../query/maybe-promise.js';
import { tellLoaded } from './after-load.js';
import { type EntityHooks, NO_HOOKS } from './entity-hooks.js';
import type { Runner } from './transactions.js';

export class ReadRepository<T extends object> {
  protected readonly map: EntityMap;
  protected readonly runner: Runner;
  protected readonly hooks: EntityHooks;

  /** @internal Repositories come from `getRepository()`. */
  constructor(map: EntityMap, runner: Runner, hooks: EntityHooks = NO_HOOKS) {
    this.map = map;
    this.runner = runner;
    this.hooks = hooks;
  }

  /** The entity's metadata. */
  get metadata(): EntityMetadata<T> {
    return this.map.meta as EntityMetadata<T>;
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

  #rows(options: unknown): Promise<Values[]> {
    return this.#select(options, 'rows', (rows) => rows);
  }

  #first(options: unknown): Promise<Values | null> {
    return this.#select(options, 'first', (rows) => rows[0] ?? null);
  }

  // Not async, so that a find by key costs one promise; what is thrown is a rejection all the same.
  #select<V>(options: unknown, mode: 'rows' | 'first', pick: (rows: Values[]) => V): Promise<V> {
    try {
      const found = selectFor(this.map, checkedOptions(options, mode), mode);
      if (this.hooks.hearsLoads) return this.#selectAndTell(found, pick);
      return this.runner.read((connection) => chain(readRows(connection, this.map, found), pick));
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  /** Listeners are called when the connection is free again: they may read and write themselves. */
  async #selectAndTell<V>(found: SelectCall, pick: (rows: Values[]) => V): Promise<V> {
    const rows = await this.runner.read((connection) => readRows(connection, this.map, found));
    await tellLoaded(this.hooks, this.runner, rows, found.select.selection);
    return pick(rows);
  }

  #single<V>(options: unknown, mode: 'count' | 'exists', read: (value: unknown) => V): Promise<V> {
    try {
      const { select, params } = selectFor(this.map, checkedOptions(options, mode), mode);
      return this.runner.read((connection) =>
        chain(connection.queryArrays(select.sql, params), (rows) => read(rows[0]?.[0])),
      );
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #orFail(found: Values | null): Values {
    if (found === null) throw error('ENTITY_NOT_FOUND', { entity: this.map.meta.name });
    return found;
  }
}

const EXACT = { bigints: true };

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
  { select: { sql, selection }, params, values }: SelectCall,
): MaybePromise<Values[]> {
  const options = selection.bigints ? EXACT : undefined;
  const { read, relations } = selection;
  if (relations.length === 0) {
    return chain(connection.queryArrays(sql, params, options), (rows) => rows.map(read));
  }
  const all = async (): Promise<Values[]> => {
    const entities = (await connection.queryArrays(sql, params, options)).map(read);
    if (entities.length > 0)
      await loadRelations({ connection, values, seen: new Map() }, entities, selection);
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
