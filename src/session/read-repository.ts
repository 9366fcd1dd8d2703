/**
 * `ReadRepository<T>`: everything that reads one entity and changes nothing. Checks what it is given, and leaves
 * the statements to `query/`.
 */

import { error } from '../base/error-codes.js';
import type { Connection, MaybePromise } from '../dialects/contract.js';
import type { EntityMetadata } from '../metadata/entity.js';
import type { Loaded, Plain, WithLoaded } from '../metadata/relation-types.js';
import type { WhereAny } from '../query/conditions/where-types.js';
import { type Aggregate, aggregate } from '../query/find/aggregate.js';
import { askingOn } from '../query/find/asking.js';
import { checkedOptions, criteriaOf, isSpecial, totalOf } from '../query/find/checked-options.js';
import type {
  CriteriaOptions,
  ExactRelations,
  FindOneOptions,
  FindOptions,
  Nothing,
  PageOptions,
  Relations,
  Select,
  StreamOptions,
} from '../query/find/find-options.js';
import { type LateCall, latePartsFor, loadLate, refuseStranger } from '../query/find/late-loading.js';
import { checkVersions, refuseLockOutside } from '../query/find/lock.js';
import { type Page, pageFor, readPage } from '../query/find/page.js';
import { readRows } from '../query/find/read-rows.js';
import type { Average, Found, NumberKey, ValueKey } from '../query/find/result-types.js';
import { type LooseFindOptions, type SelectCall, selectFor } from '../query/find/select.js';
import { readBatches, type StreamCall, type StreamPlace, streamFor } from '../query/find/stream.js';
import type { EntityMap, Values } from '../query/mapping/entity-map.js';
import { relatedOf } from '../query/mapping/related.js';
import { chain } from '../query/maybe-promise.js';
import { tellLoaded } from './after-load.js';
import { type EntityHooks, NO_HOOKS } from './entity-hooks.js';
import { ReadOnlyConnection } from './read-only.js';
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

  /**
   * Finds a page of entities, and how many meet the conditions on all pages. They are counted by a query of their
   * own only where the page itself does not tell.
   */
  async findAndCount<const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    options?: FindOptions<T, S, R>,
  ): Promise<[Found<T, S, R>[], number]> {
    const found = await this.#rows(options);
    const total = totalOf(found.length, options) ?? (await this.count(criteriaOf(options)));
    return [found as unknown as Found<T, S, R>[], total];
  }

  /** All entities that meet the conditions, and their number: one query. */
  async findAndCountBy(where: WhereAny<T>): Promise<[Loaded<T>[], number]> {
    const found = await this.findBy(where);
    return [found, found.length];
  }

  /**
   * The sum of a column, in the JavaScript type of the column and exact; null where no row has a value.
   *
   * @throws OPTION_INVALID for a column that holds no numbers
   */
  sum<K extends NumberKey<T>>(property: K, where?: WhereAny<T>): Promise<NonNullable<T[K]> | null> {
    return this.#aggregate('sum', property, where);
  }

  /**
   * The average of a column: a number, of decimals and bigints exact decimal text with four more digits.
   *
   * @throws OPTION_INVALID for a column that holds no numbers
   */
  average<K extends NumberKey<T>>(property: K, where?: WhereAny<T>): Promise<Average<T[K]> | null> {
    return this.#aggregate('average', property, where);
  }

  /** The smallest value of a column, as the entity would hold it; null where no row has one. */
  minimum<K extends ValueKey<T>>(property: K, where?: WhereAny<T>): Promise<NonNullable<T[K]> | null> {
    return this.#aggregate('minimum', property, where);
  }

  /** The largest value of a column, as the entity would hold it; null where no row has one. */
  maximum<K extends ValueKey<T>>(property: K, where?: WhereAny<T>): Promise<NonNullable<T[K]> | null> {
    return this.#aggregate('maximum', property, where);
  }

  /**
   * A page of entities behind `after` or before `before`, a cursor of another page. However far behind, a page
   * costs the same, and rows that come and go meanwhile move no others.
   *
   * ```ts
   * const page = await repository.page({ first: 20, order: { title: 'asc' } });
   * const next = await repository.page({ first: 20, order: { title: 'asc' }, after: page.endCursor });
   * // SELECT … WHERE "books"."title" >= ? AND ("books"."title" > ? OR ("books"."title" = ? AND "books"."id" > ?))
   * //   ORDER BY "books"."title" ASC, "books"."id" ASC LIMIT ?
   * ```
   *
   * @throws CURSOR_INVALID for a cursor of another order or entity, or one that was changed
   */
  async page<const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    options: PageOptions<T, S, R>,
  ): Promise<Page<Found<T, S, R>>> {
    const checked = checkedOptions(options, 'rows');
    const call = pageFor(this.map, checked);
    const page = await this.runner.read((connection) =>
      readPage(askingOn(connection, checked), this.map, call),
    );
    if (this.hooks.hearsLoads) await tellLoaded(this.hooks, this.runner, page.items, call.call.selection);
    return page as unknown as Page<Found<T, S, R>>;
  }

  /**
   * Entities one by one, of which only a batch is held in memory at a time, with their relations.
   *
   * Ending the loop gives the connection back. What is written meanwhile is not seen, but in a database in memory,
   * which has one connection only.
   *
   * ```ts
   * for await (const book of repository.stream({ where: { pages: MoreThan(100) } })) print(book.title);
   * ```
   */
  stream<const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    options: StreamOptions<T, S, R> = {},
  ): AsyncGenerator<Found<T, S, R>, void, undefined> {
    const checked = checkedOptions(options, 'rows');
    const call = streamFor(this.map, checked);
    return this.#stream(call) as unknown as AsyncGenerator<Found<T, S, R>, void, undefined>;
  }

  /**
   * Loads relations into entities that were read, created or saved before: a query for each relation and level,
   * whatever the number of entities. They are the same objects; the returned type says what is loaded now.
   *
   * @throws KEY_MISSING for an entity that was never saved
   */
  load<E extends Partial<Plain<T>>, const R extends Relations<T>>(
    entities: readonly E[],
    relations: R & ExactRelations<T, R>,
  ): Promise<WithLoaded<T, E, R>[]>;
  load<E extends Partial<Plain<T>>, const R extends Relations<T>>(
    entity: E,
    relations: R & ExactRelations<T, R>,
  ): Promise<WithLoaded<T, E, R>>;
  async load(given: unknown, relations: unknown): Promise<unknown> {
    const entities = (Array.isArray(given) ? given : [given]) as Values[];
    for (const entity of entities) refuseStranger(this.map, entity);
    for (const part of latePartsFor(this.map, entities, relations)) {
      const { map, entities: own, call } = part;
      if (own.length === 0 || call.selection.relations.length === 0) continue;
      await this.runner.read((connection) => loadLate(connection, map, own, call));
      if (this.hooks.hearsLoads) await this.#tellRelated(own, call);
    }
    return given;
  }

  /** The entities themselves were told of when they were read. */
  async #tellRelated(entities: readonly Values[], { selection }: LateCall): Promise<void> {
    for (const { relation, selection: inner } of selection.relations) {
      const related = entities.flatMap((entity) => relatedOf(entity, relation) as Values | Values[] | null);
      const found = related.filter((each): each is Values => each !== null && each !== undefined);
      await tellLoaded(this.hooks, this.runner, [...new Set(found)], inner);
    }
  }

  async *#stream(call: StreamCall): AsyncGenerator<Values, void, undefined> {
    const held = await this.runner.hold();
    const place: StreamPlace = {
      isSteady: held.isSteady,
      isAlone: held.isAlone,
      ask: (work) => held.ask((connection) => work(askingOn(connection, call.options))),
    };
    try {
      for await (const batch of readBatches(place, this.map, call)) {
        if (this.hooks.hearsLoads) {
          const { selection } = selectFor(this.map, call.options, 'rows').select;
          await tellLoaded(this.hooks, this.runner, batch, selection);
        }
        yield* batch;
      }
    } finally {
      await held.release();
    }
  }

  /** How many rows meet the conditions, on all pages: the options of a find may be given whole. */
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
      const checked = checkedOptions(options, mode);
      const found = selectFor(this.map, checked, mode);
      if (this.hooks.hearsLoads || isSpecial(checked)) return this.#selectSpecially(found, checked, pick);
      return this.runner.read((connection) => chain(readRows(connection, this.map, found), pick));
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  /** Listeners are called when the connection is free again: they may read and write themselves. */
  async #selectSpecially<V>(
    found: SelectCall,
    options: LooseFindOptions,
    pick: (rows: Values[]) => V,
  ): Promise<V> {
    const { lock } = options;
    const rows = await this.runner.read((connection) => {
      if (lock !== undefined) refuseLockOutside(lock, lockPlaceOf(connection));
      return readRows(askingOn(connection, options), this.map, found);
    });
    if (lock !== undefined) checkVersions(this.map, lock, rows);
    if (this.hooks.hearsLoads) await tellLoaded(this.hooks, this.runner, rows, found.select.selection);
    return pick(rows);
  }

  #single<V>(options: unknown, mode: 'count' | 'exists', read: (value: unknown) => V): Promise<V> {
    try {
      const checked = checkedOptions(options, mode);
      const { select, params } = selectFor(this.map, checked, mode);
      return this.runner.read((connection) =>
        chain(askingOn(connection, checked).queryArrays(select.sql, params), (rows) => read(rows[0]?.[0])),
      );
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #aggregate<V>(kind: Aggregate, property: string, where: unknown): Promise<V> {
    try {
      if (where !== undefined) checkedOptions({ where }, 'count');
      return this.runner.read(
        (connection) => aggregate(connection, this.map, kind, property, where) as MaybePromise<V>,
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

/** Where a lock is asked for. */
function lockPlaceOf(connection: Connection): 'outside' | 'readOnly' | 'writing' {
  if (!connection.inTransaction) return 'outside';
  return connection instanceof ReadOnlyConnection ? 'readOnly' : 'writing';
}
