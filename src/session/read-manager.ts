/** The reading half of `EntityManager`: a repository's methods with the class before their arguments. */

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
import type { Average, Found, NumberKey, ValueKey } from '../query/find/result-types.js';
import type { Repository } from './repository.js';

export abstract class ReadManager {
  /** @throws ENTITY_UNKNOWN naming the class */
  abstract getRepository<T extends object>(target: EntityClass<T>): Repository<T>;

  find<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options?: FindOptions<T, S, R>,
  ): Promise<Found<T, S, R>[]> {
    return this.getRepository(target).find(options);
  }

  findBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<Loaded<T>[]> {
    return this.getRepository(target).findBy(where);
  }

  findAndCount<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options?: FindOptions<T, S, R>,
  ): Promise<[Found<T, S, R>[], number]> {
    return this.getRepository(target).findAndCount(options);
  }

  findAndCountBy<T extends object>(
    target: EntityClass<T>,
    where: WhereAny<T>,
  ): Promise<[Loaded<T>[], number]> {
    return this.getRepository(target).findAndCountBy(where);
  }

  findOne<T extends object, const S extends Select<T> = Nothing, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    options: FindOneOptions<T, S, R>,
  ): Promise<Found<T, S, R> | null> {
    return this.getRepository(target).findOne(options);
  }

  findOneBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<Loaded<T> | null> {
    return this.getRepository(target).findOneBy(where);
  }

  /** @throws ENTITY_NOT_FOUND */
  findOneOrFail<
    T extends object,
    const S extends Select<T> = Nothing,
    const R extends Relations<T> = Nothing,
  >(target: EntityClass<T>, options: FindOneOptions<T, S, R>): Promise<Found<T, S, R>> {
    return this.getRepository(target).findOneOrFail(options);
  }

  /** @throws ENTITY_NOT_FOUND */
  findOneByOrFail<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<Loaded<T>> {
    return this.getRepository(target).findOneByOrFail(where);
  }

  count<T extends object>(target: EntityClass<T>, options?: CriteriaOptions<T>): Promise<number> {
    return this.getRepository(target).count(options);
  }

  countBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<number> {
    return this.getRepository(target).countBy(where);
  }

  exists<T extends object>(target: EntityClass<T>, options?: CriteriaOptions<T>): Promise<boolean> {
    return this.getRepository(target).exists(options);
  }

  existsBy<T extends object>(target: EntityClass<T>, where: WhereAny<T>): Promise<boolean> {
    return this.getRepository(target).existsBy(where);
  }

  sum<T extends object, K extends NumberKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<NonNullable<T[K]> | null> {
    return this.getRepository(target).sum(property, where);
  }

  average<T extends object, K extends NumberKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<Average<T[K]> | null> {
    return this.getRepository(target).average(property, where);
  }

  minimum<T extends object, K extends ValueKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<NonNullable<T[K]> | null> {
    return this.getRepository(target).minimum(property, where);
  }

  maximum<T extends object, K extends ValueKey<T>>(
    target: EntityClass<T>,
    property: K,
    where?: WhereAny<T>,
  ): Promise<NonNullable<T[K]> | null> {
    return this.getRepository(target).maximum(property, where);
  }
}
