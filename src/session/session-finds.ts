/** The finds of a session: those of repositories, for every entity, with one instance for each row. */

import type { EntityClass } from '../metadata/entity.js';
import type { Loaded, Plain, WithLoaded } from '../metadata/relation-types.js';
import type { WhereAny } from '../query/conditions/where-types.js';
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
import type { Page } from '../query/find/page.js';
import type { Average, Found, NumberKey, ValueKey } from '../query/find/result-types.js';
import type { ReadRepository } from './read-repository.js';

/** Reads by a repository; `adopt` turns what was read into the session's own instances. */
export type SessionRead<T extends object, R> = (
  repository: ReadRepository<T>,
  adopt: (found: unknown) => unknown,
) => Promise<R>;

export abstract class SessionFinds {
  /**
   * Reads when the session's turn comes, after what was changed is flushed.
   *
   * @param lock where rows are locked, the session's transaction is opened for it
   */
  protected abstract read<T extends object, R>(
    target: EntityClass<T>,
    read: SessionRead<T, R>,
    lock?: unknown,
  ): Promise<R>;

  /** Finds entities, as repositories do; a row that the session knows is the instance that it has. */
  find<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options?: FindOptions<T, S, R>,
  ): Promise<Found<T, S, R>[]> {
    return this.read(
      target,
      async (repository, adopt) => (await repository.find(options)).map(adopt) as never,
      options?.lock,
    );
  }

  findBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<Loaded<T>[]> {
    return this.read(
      target,
      async (repository, adopt) => (await repository.findBy(where)).map(adopt) as never,
    );
  }

  findOne<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options: FindOneOptions<T, S, R>,
  ): Promise<Found<T, S, R> | null> {
    return this.read(
      target,
      async (repository, adopt) => adopt(await repository.findOne(options)) as never,
      options?.lock,
    );
  }

  findOneBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<Loaded<T> | null> {
    return this.read(target, async (repository, adopt) => adopt(await repository.findOneBy(where)) as never);
  }

  /** @throws ENTITY_NOT_FOUND */
  findOneOrFail<
    T extends object,
    const S extends Select<T> = Nothing,
    const R extends Relations<T> = Nothing,
  >(target: EntityClass<T>, options: FindOneOptions<T, S, R>): Promise<Found<T, S, R>> {
    return this.read(
      target,
      async (repository, adopt) => adopt(await repository.findOneOrFail(options)) as never,
      options?.lock,
    );
  }

  /** @throws ENTITY_NOT_FOUND */
  findOneByOrFail<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<Loaded<T>> {
    return this.read(
      target,
      async (repository, adopt) => adopt(await repository.findOneByOrFail(where)) as never,
    );
  }

  async findAndCount<
    T extends object,
    const S extends Select<T> = Nothing,
    const R extends Relations<T> = Nothing,
  >(target: EntityClass<T>, options?: FindOptions<T, S, R>): Promise<[Found<T, S, R>[], number]> {
    return this.read(
      target,
      async (repository, adopt) => {
        const [found, count] = await repository.findAndCount(options);
        return [found.map(adopt) as never, count];
      },
      options?.lock,
    );
  }

  findAndCountBy<T extends object>(
    target: EntityClass<T>,
    where: WhereAny<T>,
  ): Promise<[Loaded<T>[], number]> {
    return this.findAndCount(target, { where }) as Promise<[Loaded<T>[], number]>;
  }

  /** A page of entities behind or before a cursor, as repositories give it. @throws CURSOR_INVALID */
  page<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options: PageOptions<T, S, R>,
  ): Promise<Page<Found<T, S, R>>> {
    return this.read(target, async (repository, adopt) => {
      const page = await repository.page(options);
      return { ...page, items: page.items.map(adopt) as never };
    });
  }

  /**
   * Entities one by one, of which only a batch is held in memory at a time. What you change in the loop is written
   * by the next flush; an entity that is left as it is leaves the session when the next batch comes, unless the
   * session had it before. `add()` keeps one.
   *
   * ```ts
   * for await (const book of session.stream(Book, { where: { genre: 'sf' } })) book.pages += 1;
   * await session.commit();
   * ```
   */
  stream<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options: StreamOptions<T, S, R> = {},
  ): AsyncGenerator<Found<T, S, R>, void, undefined> {
    return this.streamOf(target, options) as AsyncGenerator<never, void, undefined>;
  }

  protected abstract streamOf(target: EntityClass, options: object): AsyncGenerator<object, void, undefined>;

  /**
   * Loads relations into entities of the session: a query for each relation and level, whatever the number of
   * entities. They are the same objects; the returned type says what is loaded now.
   *
   * @throws SESSION_STRANGER
   */
  load<T extends object, E extends Partial<Plain<T>>, const R extends Relations<T>>(
    target: EntityClass<T>,
    entities: readonly E[],
    relations: R & ExactRelations<T, R>,
  ): Promise<WithLoaded<T, E, R>[]>;
  load<T extends object, E extends Partial<Plain<T>>, const R extends Relations<T>>(
    target: EntityClass<T>,
    entity: E,
    relations: R & ExactRelations<T, R>,
  ): Promise<WithLoaded<T, E, R>>;
  async load<T extends object>(
    target: EntityClass<T>,
    given: unknown,
    relations: Relations<T>,
  ): Promise<unknown> {
    const entities = (Array.isArray(given) ? given : [given]) as object[];
    await this.loadInto(target, entities, relations);
    return given;
  }

  protected abstract loadInto<T extends object>(
    target: EntityClass<T>,
    entities: readonly object[],
    relations: Relations<T>,
  ): Promise<void>;

  count<T extends object>(target: EntityClass<T>, options?: CriteriaOptions<T>): Promise<number> {
    return this.read(target, (repository) => repository.count(options));
  }

  countBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<number> {
    return this.read(target, (repository) => repository.countBy(where));
  }

  exists<T extends object>(target: EntityClass<T>, options?: CriteriaOptions<T>): Promise<boolean> {
    return this.read(target, (repository) => repository.exists(options));
  }

  existsBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<boolean> {
    return this.read(target, (repository) => repository.existsBy(where));
  }

  sum<T extends object, K extends NumberKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<NonNullable<T[K]> | null> {
    return this.read(target, (repository) => repository.sum(property, where));
  }

  average<T extends object, K extends NumberKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<Average<T[K]> | null> {
    return this.read(target, (repository) => repository.average(property, where));
  }

  minimum<T extends object, K extends ValueKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<NonNullable<T[K]> | null> {
    return this.read(target, (repository) => repository.minimum(property, where));
  }

  maximum<T extends object, K extends ValueKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<NonNullable<T[K]> | null> {
    return this.read(target, (repository) => repository.maximum(property, where));
  }
}
