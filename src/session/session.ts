/**
 * `Session`: a unit of work as SQLAlchemy has it. Every row is one instance, what is changed in it is written by
 * `flush()`, and `commit()` ends the transaction that began with the first write.
 */

import { error } from '../base/error-codes.js';
import type { GoBack } from '../dialects/shared/holding.js';
import type { EntityClass } from '../metadata/entity.js';
import type { Loaded } from '../metadata/relation-types.js';
import type { WhereAny } from '../query/conditions/where-types.js';
import type { EntityMap, Mapping, Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { nested, valueAt } from '../query/mapping/related.js';
import { tellEach } from './after-load.js';
import { type EntityHooks, NO_HOOKS } from './entity-hooks.js';
import { EntityManager } from './entity-manager.js';
import type { Managed } from './identity-map.js';
import { ReadRepository } from './read-repository.js';
import type { Journal } from './scope.js';
import { SessionContents } from './session-contents.js';
import { SessionFinds, type SessionRead } from './session-finds.js';
import { SessionTransaction } from './session-transaction.js';
import type { TransactionOptions } from './transaction-options.js';
import type { Runner } from './transactions.js';
import { Turns } from './turns.js';
import { changesOfGraph, type PlannedChange } from './unit-of-work/changes.js';
import { collect, type Entry } from './unit-of-work/graph.js';
import { write } from './unit-of-work/write.js';

export interface SessionOptions {
  /** Whether queries write first what was changed, so that they see it; true when absent. */
  readonly autoflush?: boolean | undefined;
  /**
   * Whether what is read after a commit is read anew: `get()` asks the database again, and finds bring known
   * instances up to date. Instances keep their values meanwhile. True when absent.
   */
  readonly expireOnCommit?: boolean | undefined;
  /** Of the session's transaction; the server's default when absent. */
  readonly isolation?: TransactionOptions['isolation'];
}

/** The key of an entity: its value, or an object of its parts. */
export type SessionKey = string | number | bigint | Date | Readonly<Record<string, unknown>>;

/** What a session needs of its data source. */
export interface SessionPlace {
  readonly mapping: Mapping;
  readonly runner: Runner;
  readonly hooks: EntityHooks;
  /** The transaction that the calling flow is inside. */
  joined(): Journal | undefined;
}

export class Session extends SessionFinds {
  readonly #place: SessionPlace;
  readonly #options: SessionOptions;
  readonly #transaction: SessionTransaction;
  readonly #turns = new Turns();
  readonly #contents = new SessionContents();
  readonly #repositories = new Map<EntityMap, ReadRepository<object>>();
  #manager: EntityManager | undefined;
  #isFlushing = false;
  /** Transactions of the calling flow in which it was used. */
  readonly #joined = new WeakSet<Journal>();
  #joinedCount = 0;
  #isClosed = false;

  /** @internal Sessions come from `db.session()`. */
  constructor(place: SessionPlace, options: SessionOptions = {}) {
    super();
    this.#place = place;
    this.#options = options;
    const isJoined = (): boolean => place.joined() !== undefined;
    const { isolation } = options;
    this.#transaction = new SessionTransaction(place.runner, isJoined, { isolation }, () =>
      this.#noteBefore(),
    );
    this.#transaction.tie();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Repositories and SQL on the session's own connection and in its transaction. What they write the session does
   * not know of: `refresh()` or `expire()` what they have changed.
   */
  get manager(): EntityManager {
    this.#requireOpen();
    this.#transaction.tie();
    this.#manager ??= new EntityManager(this.#place.mapping, this.#transaction, this.#place.hooks);
    return this.#manager;
  }

  /**
   * Puts an entity into the session: a new one is inserted by the next flush, one that was read elsewhere is
   * watched from now on.
   *
   * @throws ENTITY_UNKNOWN · SESSION_DUPLICATE where another instance stands for its row already
   */
  add<E extends object>(entity: E): E {
    this.#requireOpen();
    this.#join();
    this.#contents.add(this.#entryOf(entity));
    return entity;
  }

  addAll<E extends object>(entities: readonly E[]): readonly E[] {
    for (const entity of entities) this.add(entity);
    return entities;
  }

  /** The row of an entity goes with the next flush; one that was only added is forgotten. @throws KEY_MISSING */
  remove<E extends object>(entity: E): E {
    this.#requireOpen();
    this.#join();
    if (!this.#contents.takeBack(entity)) this.#contents.remove(this.#entryOf(entity));
    return entity;
  }

  /** Whether an entity is in the session, added ones included. */
  contains(entity: object): boolean {
    return this.#contents.has(entity);
  }

  /** Forgets an entity; what was changed in it is not written. */
  detach(entity: object): void {
    this.#join();
    this.#contents.detach(entity);
  }

  /** What `flush()` would write, in its order; nothing is sent. */
  changes(): PlannedChange[] {
    this.#requireOpen();
    return changesOfGraph(collect(this.#contents.work() ?? {}));
  }

  /**
   * The entity with a key: the instance that the session has, without a statement, or the row.
   *
   * ```ts
   * const book = await session.get(Book, 1); // SELECT … FROM "books" WHERE "books"."id" = ? LIMIT 1
   * book === (await session.get(Book, 1));   // true, and nothing is sent
   * ```
   *
   * @throws KEY_MISSING where a part of the key is not given
   */
  async get<T extends object>(target: EntityClass<T>, key: SessionKey): Promise<Loaded<T> | null> {
    this.#requireOpen();
    this.#join();
    const map = this.#place.mapping.of(target);
    const where = keyObject(map, key);
    const known = this.#contents.find(map, where);
    if (known !== undefined && this.#contents.isRemoved(known.entity)) return null;
    if (known !== undefined && this.#contents.isFresh(known)) return known.entity as Loaded<T>;
    const found = await this.findOne(target, { where: where as WhereAny<T>, withDeleted: true });
    // Its row is gone since.
    if (found === null && known !== undefined) this.detach(known.entity);
    return found as Loaded<T> | null;
  }

  /**
   * Reads an entity's row again and gives it what it holds, over what was changed and not flushed.
   *
   * @throws SESSION_STRANGER · ROW_GONE
   */
  async refresh<E extends object>(entity: E): Promise<E> {
    const managed = this.#managedOf(entity, 'refresh');
    this.#contents.expire(managed);
    const key = nested(
      managed.map.key.map((column) => [column.meta.path, readColumn(column, managed.entity)]),
    );
    if ((await this.get(managed.map.meta.target, key)) === null) {
      throw error('ROW_GONE', { entity: managed.map.meta.name, key: String(managed.name), isRead: true });
    }
    return entity;
  }

  /** Drops what was changed in an entity and not flushed; the next read reads its row again. @throws SESSION_STRANGER */
  expire(entity: object): void {
    this.#contents.expire(this.#managedOf(entity, 'expire'));
  }

  /** The same for every entity of the session. */
  expireAll(): void {
    this.#contents.expireAll();
  }

  /**
   * Writes what was added, changed and removed, in an order in which every key is there before it is used, many
   * rows in a statement. Nothing changed means nothing is sent.
   *
   * @throws OPTIMISTIC_LOCK · ROW_GONE and what else `save()` throws; nothing of the flush is written then
   */
  flush(): Promise<void> {
    return this.#turn(() => this.#flush());
  }

  /** Flushes, and commits what the session has written. Inside a transaction of the calling flow it only flushes. */
  commit(): Promise<void> {
    return this.#turn(() =>
      this.#transaction.ending(async () => {
        await this.#flush();
        try {
          await this.#transaction.commit();
        } catch (cause) {
          this.#contents.resetAll();
          throw cause;
        }
        if (this.#options.expireOnCommit !== false) this.#contents.age();
      }),
    );
  }

  /**
   * Takes back everything since the last commit: entities hold what they held then, new ones are new again and
   * out of the session, removed ones are back.
   *
   * @throws SESSION_JOINED inside a transaction of the calling flow, which its own function rolls back by throwing
   */
  rollback(): Promise<void> {
    return this.#turn(async () => {
      await this.#transaction.rollback();
      this.#contents.resetAll();
    });
  }

  /**
   * Runs a function inside a savepoint: what throws takes back what was written since, in the database and in the
   * entities, and the session goes on.
   */
  savepoint<R>(run: (session: this) => Promise<R>): Promise<R> {
    return this.#turn(async () => {
      await this.#flush();
      try {
        return await this.#transaction.transaction(async () => {
          const result = await run(this);
          await this.#turns.take(() => this.#flush());
          return result;
        });
      } catch (cause) {
        this.#contents.resetAll();
        throw cause;
      }
    });
  }

  /** Another name for `savepoint()`. */
  transaction<R>(run: (session: this) => Promise<R>): Promise<R> {
    return this.savepoint(run);
  }

  /** Ends the session: what was not committed is rolled back. Called again, it does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#turns.take(async () => {
      this.#isClosed = true;
      const isHeld = this.#transaction.isHeld;
      await this.#transaction.abandon();
      if (isHeld) this.#contents.resetAll();
      this.#contents.clear();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #turn<R>(task: () => Promise<R>): Promise<R> {
    this.#requireOpen();
    this.#join();
    this.#transaction.tie();
    return this.#turns.take(() => {
      this.#requireOpen();
      return task();
    });
  }

  protected read<T extends object, R>(target: EntityClass<T>, read: SessionRead<T, R>): Promise<R> {
    return this.#turn(async () => {
      const map = this.#place.mapping.of(target);
      if (this.#options.autoflush !== false && !this.#isFlushing) await this.#flush();
      const adoption = this.#contents.adoption();
      const adopt = (found: unknown): unknown =>
        found === null ? null : adoption.adopt(map, found as Values);
      const found = await read(this.#repositoryOf(map) as unknown as ReadRepository<T>, adopt);
      const { hooks } = this.#place;
      if (hooks.hearsLoads) await tellEach(adoption.loaded, hooks, this.#transaction);
      return found;
    });
  }

  #repositoryOf(map: EntityMap): ReadRepository<object> {
    let repository = this.#repositories.get(map);
    if (repository === undefined) {
      // Who listens is told of the session's own instances, when they have taken over what was read.
      repository = new ReadRepository<object>(map, this.#transaction, NO_HOOKS);
      this.#repositories.set(map, repository);
    }
    return repository;
  }

  async #flush(): Promise<void> {
    const work = this.#contents.work();
    if (work === undefined) return;
    this.#isFlushing = true;
    try {
      const written = await write(this.#transaction, work, this.#place.hooks);
      const subjects = written?.graph.subjects.values() ?? this.#contents.renamed(work);
      if (subjects === undefined) return;
      const takeBack = this.#contents.absorb(subjects);
      await this.#transaction.read((_, journal) => {
        journal.remember(takeBack);
      });
    } finally {
      this.#isFlushing = false;
    }
  }

  /** Used in a transaction of the calling flow, it will be as it was before when that is rolled back. */
  #join(): void {
    const journal = this.#transaction.isHeld ? undefined : this.#place.joined();
    if (journal === undefined || this.#joined.has(journal)) return;
    this.#joined.add(journal);
    this.#joinedCount += 1;
    journal.remember(this.#contents.note());
  }

  /** Before a transaction of the flow, which may change entities before it calls the session. */
  #noteBefore(): GoBack | undefined {
    if (this.#isClosed || this.#transaction.isHeld || this.#contents.isEmpty) return undefined;
    const joinedCount = this.#joinedCount;
    const goBack = this.#contents.note();
    // Without the session it was another one's transaction; what will be done again must not be done twice.
    return (again) => {
      const isMeant = again || this.#joinedCount > joinedCount;
      if (isMeant && !this.#isClosed && !this.#transaction.isHeld) goBack();
    };
  }

  #managedOf(entity: object, method: string): Managed {
    this.#requireOpen();
    const managed = this.#contents.of(entity);
    if (managed === undefined) throw error('SESSION_STRANGER', { method });
    return managed;
  }

  #entryOf(entity: object): Entry {
    const isObject = typeof entity === 'object' && entity !== null && !Array.isArray(entity);
    if (!isObject) throw error('ENTITY_INVALID', { entity: 'session', problem: 'it takes entities' });
    return { map: this.#place.mapping.of(entity.constructor as EntityClass), entity };
  }

  #requireOpen(): void {
    if (this.#isClosed) throw error('SESSION_CLOSED', {});
  }
}

/** A key as conditions. @throws KEY_MISSING */
function keyObject(map: EntityMap, key: unknown): Values {
  const isObject =
    typeof key === 'object' && key !== null && Object.prototype.toString.call(key) !== '[object Date]';
  const [, second] = map.key;
  const parts = map.key.map(({ meta }) => (isObject ? valueAt(key, meta.path) : second ? undefined : key));
  const missing = map.key.filter((_, i) => (parts[i] ?? null) === null);
  if (missing.length === 0) return nested(map.key.map(({ meta }, i) => [meta.path, parts[i]]));
  throw error('KEY_MISSING', {
    entity: map.meta.name,
    method: 'get',
    columns: missing.map(({ meta }) => meta.property),
  });
}
