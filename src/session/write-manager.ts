/** The writing half of `EntityManager`: a repository's methods with the class before their arguments. */

import { error } from '../base/error-codes.js';
import type { EntityClass } from '../metadata/entity.js';
import type { AsFound, Draft } from '../metadata/relation-types.js';
import { ReadManager } from './read-manager.js';
import type { Repository } from './repository.js';
import type { Deed } from './save.js';
import { checkSaveOptions, type SaveOptions } from './save-options.js';
import type {
  ColumnPath,
  Criteria,
  InsertResult,
  NumberOf,
  NumericKey,
  Row,
  UpdateValues,
  UpsertOptions,
  UpsertResult,
  WriteResult,
} from './write-types.js';

export abstract class WriteManager extends ReadManager {
  /** Writes entities of several classes as one unit of work: whoever is needed by another comes first. */
  protected abstract together(
    deed: Deed,
    entries: readonly { readonly target: EntityClass; readonly entity: object }[],
    options: SaveOptions | undefined,
  ): Promise<unknown>;

  create<T extends object>(target: EntityClass<T>): T;
  create<T extends object>(target: EntityClass<T>, draft: Draft<T>): T;
  create<T extends object>(target: EntityClass<T>, drafts: readonly Draft<T>[]): T[];
  create<T extends object>(target: EntityClass<T>, draft: Draft<T> | readonly Draft<T>[] = {}): T | T[] {
    return this.getRepository(target).create(draft as Draft<T>);
  }

  merge<T extends object, E extends AsFound<T>>(
    target: EntityClass<T>,
    entity: E,
    ...drafts: readonly Draft<T>[]
  ): E {
    return this.getRepository(target).merge(entity, ...drafts);
  }

  /** An entity as its row is, with the values of a draft over it; undefined where the row is not there. */
  preload<T extends object>(target: EntityClass<T>, draft: Draft<T>): Promise<T | undefined> {
    return this.getRepository(target).preload(draft);
  }

  hasId(entity: object): boolean {
    return this.#repositoryOf(entity, 'hasId').hasId(entity);
  }

  getId(entity: object): unknown {
    return this.#repositoryOf(entity, 'getId').getId(entity);
  }

  /** Saves entities, of several classes too, or drafts of one class. @throws as `Repository.save` */
  save<T extends object>(target: EntityClass<T>, draft: Draft<T>, options?: SaveOptions): Promise<T>;
  save<T extends object>(
    target: EntityClass<T>,
    drafts: readonly Draft<T>[],
    options?: SaveOptions,
  ): Promise<T[]>;
  save<E extends object>(entity: E, options?: SaveOptions): Promise<E>;
  save<E extends object>(entities: readonly E[], options?: SaveOptions): Promise<E[]>;
  save(first: unknown, second?: unknown, third?: unknown): Promise<unknown> {
    return this.#write('save', first, second, third);
  }

  /** Deletes the rows of entities, of several classes too. @throws as `Repository.remove` */
  remove<T extends object>(target: EntityClass<T>, entity: AsFound<T>, options?: SaveOptions): Promise<T>;
  remove<T extends object>(
    target: EntityClass<T>,
    entities: readonly AsFound<T>[],
    options?: SaveOptions,
  ): Promise<T[]>;
  remove<E extends object>(entity: E, options?: SaveOptions): Promise<E>;
  remove<E extends object>(entities: readonly E[], options?: SaveOptions): Promise<E[]>;
  remove(first: unknown, second?: unknown, third?: unknown): Promise<unknown> {
    return this.#write('remove', first, second, third);
  }

  /** Marks entities as deleted. @throws as `Repository.softRemove` */
  softRemove<T extends object>(target: EntityClass<T>, entity: AsFound<T>, options?: SaveOptions): Promise<T>;
  softRemove<T extends object>(
    target: EntityClass<T>,
    entities: readonly AsFound<T>[],
    options?: SaveOptions,
  ): Promise<T[]>;
  softRemove<E extends object>(entity: E, options?: SaveOptions): Promise<E>;
  softRemove<E extends object>(entities: readonly E[], options?: SaveOptions): Promise<E[]>;
  softRemove(first: unknown, second?: unknown, third?: unknown): Promise<unknown> {
    return this.#write('softRemove', first, second, third);
  }

  /** Takes the mark of deletion from entities. @throws as `Repository.recover` */
  recover<T extends object>(target: EntityClass<T>, entity: AsFound<T>, options?: SaveOptions): Promise<T>;
  recover<T extends object>(
    target: EntityClass<T>,
    entities: readonly AsFound<T>[],
    options?: SaveOptions,
  ): Promise<T[]>;
  recover<E extends object>(entity: E, options?: SaveOptions): Promise<E>;
  recover<E extends object>(entities: readonly E[], options?: SaveOptions): Promise<E[]>;
  recover(first: unknown, second?: unknown, third?: unknown): Promise<unknown> {
    return this.#write('recover', first, second, third);
  }

  insert<T extends object>(target: EntityClass<T>, rows: Row<T> | readonly Row<T>[]): Promise<InsertResult> {
    return this.getRepository(target).insert(rows);
  }

  upsert<T extends object>(
    target: EntityClass<T>,
    rows: Row<T> | readonly Row<T>[],
    conflictPathsOrOptions: readonly ColumnPath<T>[] | UpsertOptions<T>,
  ): Promise<UpsertResult> {
    return this.getRepository(target).upsert(rows, conflictPathsOrOptions);
  }

  update<T extends object>(
    target: EntityClass<T>,
    criteria: Criteria<T>,
    values: UpdateValues<T>,
  ): Promise<WriteResult> {
    return this.getRepository(target).update(criteria, values);
  }

  delete<T extends object>(target: EntityClass<T>, criteria: Criteria<T>): Promise<WriteResult> {
    return this.getRepository(target).delete(criteria);
  }

  softDelete<T extends object>(target: EntityClass<T>, criteria: Criteria<T>): Promise<WriteResult> {
    return this.getRepository(target).softDelete(criteria);
  }

  restore<T extends object>(target: EntityClass<T>, criteria: Criteria<T>): Promise<WriteResult> {
    return this.getRepository(target).restore(criteria);
  }

  increment<T extends object, K extends NumericKey<T>>(
    target: EntityClass<T>,
    criteria: Criteria<T>,
    property: K,
    value: NumberOf<T[K]>,
  ): Promise<WriteResult> {
    return this.getRepository(target).increment(criteria, property, value);
  }

  decrement<T extends object, K extends NumericKey<T>>(
    target: EntityClass<T>,
    criteria: Criteria<T>,
    property: K,
    value: NumberOf<T[K]>,
  ): Promise<WriteResult> {
    return this.getRepository(target).decrement(criteria, property, value);
  }

  /** Deletes every row of a class. */
  clear<T extends object>(target: EntityClass<T>): Promise<WriteResult> {
    return this.getRepository(target).clear();
  }

  async #write(deed: Deed, first: unknown, second: unknown, third: unknown): Promise<unknown> {
    if (typeof first === 'function') {
      return doWith(this.getRepository(first as EntityClass), deed, second as object, third as SaveOptions);
    }
    const entries = ((Array.isArray(first) ? first : [first]) as object[]).map((entity) => ({
      target: classOf(entity, deed),
      entity,
    }));
    const options = checkSaveOptions(second, deed);
    const [one] = entries;
    if (one === undefined) return first;
    const isOneClass = entries.every(({ target }) => target === one.target);
    if (isOneClass) return doWith(this.getRepository(one.target), deed, first as object, options);
    await this.together(deed, entries, options);
    return first;
  }

  #repositoryOf(entity: object, method: string): ReturnType<typeof this.getRepository<object>> {
    return this.getRepository(classOf(entity, method));
  }
}

/** The class of an entity, without which nobody knows its table. */
function classOf(entity: unknown, method: string): EntityClass {
  const owner: unknown = typeof entity === 'object' && entity !== null ? entity.constructor : undefined;
  if (typeof owner === 'function' && owner !== Object) return owner as EntityClass;
  const problem = 'takes instances of entities; give the class first where it is plain data';
  throw error('OPTION_INVALID', { option: `manager.${method}`, problem });
}

/** The methods take the same, but for their types. */
function doWith(
  repository: Repository<object>,
  deed: Deed,
  given: object,
  options: SaveOptions | undefined,
): Promise<unknown> {
  const act = repository[deed] as (given: object, options?: SaveOptions) => Promise<unknown>;
  return act.call(repository, given, options);
}
