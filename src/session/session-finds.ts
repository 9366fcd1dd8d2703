/** The finds of a session: those of repositories, for every entity, with one instance for each row. */

import type { EntityClass } from '../metadata/entity.js';
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
import type { Found } from '../query/find/result-types.js';
import type { ReadRepository } from './read-repository.js';

/** Reads by a repository; `adopt` turns what was read into the session's own instances. */
export type SessionRead<T extends object, R> = (
  repository: ReadRepository<T>,
  adopt: (found: unknown) => unknown,
) => Promise<R>;

export abstract class SessionFinds {
  /** Reads when the session's turn comes, after what was changed is flushed. */
  protected abstract read<T extends object, R>(target: EntityClass<T>, read: SessionRead<T, R>): Promise<R>;

  /** Finds entities, as repositories do; a row that the session knows is the instance that it has. */
  find<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options?: FindOptions<T, S, R>,
  ): Promise<Found<T, S, R>[]> {
    return this.read(
      target,
      async (repository, adopt) => (await repository.find(options)).map(adopt) as never,
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
    return this.read(target, async (repository, adopt) => adopt(await repository.findOne(options)) as never);
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
    return this.read(target, async (repository, adopt) => {
      const [found, count] = await repository.findAndCount(options);
      return [found.map(adopt) as never, count];
    });
  }

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
}
