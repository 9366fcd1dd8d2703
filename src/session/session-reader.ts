/**
 * Reads into what a session has in its hands: repositories read, and what they have read becomes the session's own
 * instances. Nothing is flushed here, and nobody waits for his turn.
 */

import { In } from '../query/conditions/operators.js';
import type { FindOptions, Relations } from '../query/find/find-options.js';
import { rowLockOf } from '../query/find/lock.js';
import type { EntityMap, MappedRelation, Values } from '../query/mapping/entity-map.js';
import { nested, relatedOf, valueAt } from '../query/mapping/related.js';
import { isChanged } from './adopt.js';
import { tellEach } from './after-load.js';
import { type EntityHooks, NO_HOOKS } from './entity-hooks.js';
import { ReadRepository } from './read-repository.js';
import type { SessionContents } from './session-contents.js';
import type { SessionRead } from './session-finds.js';
import type { SessionTransaction } from './session-transaction.js';

export class SessionReader {
  readonly #contents: SessionContents;
  readonly #transaction: SessionTransaction;
  readonly #hooks: EntityHooks;
  readonly #repositories = new Map<EntityMap, ReadRepository<object>>();

  constructor(contents: SessionContents, transaction: SessionTransaction, hooks: EntityHooks) {
    this.#contents = contents;
    this.#transaction = transaction;
    this.#hooks = hooks;
  }

  /** Reads by a repository. @param lock where rows are locked, the session's transaction is opened for it */
  async read<T extends object, R>(map: EntityMap, read: SessionRead<T, R>, lock?: unknown): Promise<R> {
    if (lock !== undefined && rowLockOf(lock) !== undefined) await this.#transaction.begin();
    const adoption = this.#contents.adoption();
    const adopt = (found: unknown): unknown => (found === null ? null : adoption.adopt(map, found as Values));
    const found = await read(this.repositoryOf(map), adopt);
    if (this.#hooks.hearsLoads) await tellEach(adoption.loaded, this.#hooks, this.#transaction);
    return found;
  }

  /** Rows by their keys, soft-deleted ones included; many in one query. */
  async rows(map: EntityMap, keys: readonly Values[]): Promise<void> {
    const options = { where: whereKeys(map, keys), withDeleted: true } as FindOptions<object>;
    await this.read(map, async (repository, adopt) => (await repository.find(options)).map(adopt));
  }

  /** A relation of entities that the session has. */
  relation(map: EntityMap, entities: readonly Values[], { meta }: MappedRelation): Promise<void> {
    return this.load(map, entities, nested([[meta.path, true]]));
  }

  /** Loads relations into entities; what was changed in them and not flushed stays. */
  async load(map: EntityMap, entities: readonly Values[], relations: Relations<object>): Promise<void> {
    const asked = map.relations().filter(({ meta }) => isAsked(valueAt(relations, meta.path)));
    const loaded = asked.flatMap((relation) =>
      entities.map((entity) => ({
        relation,
        entity,
        kept: isChanged(relation, entity) ? relatedOf(entity, relation) : undefined,
      })),
    );
    const adoption = this.#contents.adoption();
    await this.repositoryOf(map).load(entities, relations as never);
    for (const { relation, entity, kept } of loaded) adoption.adoptInto(relation, entity, kept);
    if (this.#hooks.hearsLoads) await tellEach(adoption.loaded, this.#hooks, this.#transaction);
  }

  /** Entities of a stream, one by one; those that nobody has changed are forgotten when the next one is asked for. */
  async *stream(map: EntityMap, options: unknown): AsyncGenerator<Values, void, undefined> {
    for await (const fresh of this.repositoryOf(map).stream(options as never)) {
      const adoption = this.#contents.adoption();
      const entity = adoption.adopt(map, fresh as unknown as Values);
      if (this.#hooks.hearsLoads) await tellEach(adoption.loaded, this.#hooks, this.#transaction);
      try {
        yield entity;
      } finally {
        this.#contents.letGo(adoption.came);
      }
    }
  }

  /** Who listens is told of the session's own instances, when they have taken over what was read. */
  repositoryOf<T extends object>(map: EntityMap): ReadRepository<T> {
    let repository = this.#repositories.get(map);
    if (repository === undefined) {
      repository = new ReadRepository<object>(map, this.#transaction, NO_HOOKS);
      this.#repositories.set(map, repository);
    }
    // The map's key is the entity whose repository it holds.
    return repository as unknown as ReadRepository<T>;
  }
}

function isAsked(options: unknown): boolean {
  return options !== undefined && options !== false;
}

/** Keys as conditions. */
function whereKeys({ key }: EntityMap, keys: readonly Values[]): unknown {
  const [column, second] = key;
  if (second !== undefined || column === undefined) return keys;
  const { path } = column.meta;
  return nested([[path, In(keys.map((each) => valueAt(each, path)))]]);
}
