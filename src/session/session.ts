/**
 * `Session`: a unit of work as SQLAlchemy has it. Every row is one instance, what is changed in it is written by
 * `flush()`, and `commit()` ends the transaction that began with the first write.
 */

import { error } from '../base/error-codes.js';
import type { GoBack } from '../dialects/shared/holding.js';
import type { EntityClass } from '../metadata/entity.js';
import type { Draft } from '../metadata/relation-types.js';
import type { FindOneOptions, Nothing, Relations } from '../query/find/find-options.js';
import type { FindLock, PessimisticLock } from '../query/find/lock.js';
import type { Found } from '../query/find/result-types.js';
import type { Values } from '../query/mapping/entity-map.js';
import { bulkWrite } from './bulk-write.js';
import { EntityManager } from './entity-manager.js';
import { FlushingRunner } from './flushing-runner.js';
import type { Managed } from './identity-map.js';
import type { Kysely, KyselyDatabase } from './kysely/types.js';
import { Merging } from './merge.js';
import type { Journal } from './scope.js';
import { type BulkWrite, SessionBulk } from './session-bulk.js';
import { SessionContents } from './session-contents.js';
import type { SessionRead } from './session-finds.js';
import { isLoaded, keyObject, keyOfManaged, type SessionKey } from './session-keys.js';
import type { GetOptions, SessionOptions, SessionPlace } from './session-options.js';
import { SessionReader } from './session-reader.js';
import { SessionTransaction } from './session-transaction.js';
import { Turns } from './turns.js';
import { changesOfGraph, type PlannedChange } from './unit-of-work/changes.js';
import { collect, type Entry } from './unit-of-work/graph.js';
import { write } from './unit-of-work/write.js';
import type { WriteResult } from './write-types.js';

export class Session extends SessionBulk {
  readonly #place: SessionPlace;
  readonly #options: SessionOptions;
  readonly #transaction: SessionTransaction;
  readonly #turns = new Turns();
  readonly #contents = new SessionContents();
  readonly #reader: SessionReader;
  #manager: EntityManager | undefined;
  #isFlushing = false;
  /** How many functions run that want no autoflush. */
  #unflushedCount = 0;
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
    this.#reader = new SessionReader(this.#contents, this.#transaction, place.hooks);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Repositories and SQL on the session's own connection and in its transaction, after what was changed is flushed.
   * What they write the session does not know of: `refresh()` or `expire()` what they have changed.
   */
  get manager(): EntityManager {
    this.#requireOpen();
    this.#transaction.tie();
    const { mapping, hooks } = this.#place;
    const runner = new FlushingRunner(this.#transaction, (task) => this.#turn(() => this.#afterFlush(task)));
    this.#manager ??= new EntityManager(mapping, runner, hooks);
    return this.#manager;
  }

  /** A Kysely instance on the session's own connection and in its transaction; see `EntityManager.kysely`. */
  kysely<Tables extends object>(): Kysely<KyselyDatabase<Tables>> {
    return this.manager.kysely<Tables>();
  }

  /** Whether a transaction is open: its own, or the one of the calling flow. */
  get inTransaction(): boolean {
    return this.#transaction.isOpen;
  }

  /** Entities that the next flush inserts. */
  get new(): readonly object[] {
    return this.#contents.added;
  }

  /** Entities of which something was changed since they were read or written. */
  get dirty(): readonly object[] {
    return this.#contents.modified;
  }

  /** Entities whose rows the next flush deletes. */
  get deleted(): readonly object[] {
    return this.#contents.removed;
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

  /** Forgets everything; what was changed and not flushed is not written. */
  detachAll(): void {
    this.#requireOpen();
    this.#join();
    this.#contents.clear();
  }

  /** Whether the next flush writes something of an entity: it is new, to be removed, or was changed. */
  isModified(entity: object): boolean {
    return this.#contents.isModified(entity);
  }

  /**
   * Takes over what an entity of somewhere else says (another session, a request body) into the instance that the
   * session has for the same row; a row that it does not have is read, and one that is not there will be inserted.
   * It goes along relations that are there and cascade inserts or updates; of others only the row is meant. A list
   * that is given takes the place of the one that is there. What was handed over stays as it is.
   *
   * ```ts
   * const book = await session.merge(Book, { id: 1, title: 'Dune' }); // SELECT … WHERE "books"."id" IN (?)
   * await session.commit();                                          // UPDATE "books" SET "title" = ? …
   * ```
   *
   * @throws OPTIMISTIC_LOCK where it is of another version than the row · PROPERTY_UNKNOWN
   */
  merge<T extends object>(target: EntityClass<T>, draft: Draft<T>): Promise<T>;
  merge<E extends object>(entity: E): Promise<E>;
  merge(given: object, draft?: object): Promise<unknown> {
    return this.#turn(async () => {
      const { map, entity } =
        draft === undefined
          ? this.#entryOf(given)
          : { map: this.#place.mapping.of(given as EntityClass), entity: this.#objectOf(draft) };
      return this.#afterFlush(() => new Merging(this.#contents, this.#reader).merge(map, entity as Values));
    });
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
  async get<T extends object, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    key: SessionKey,
    options: GetOptions<T, R> = {},
  ): Promise<Found<T, Nothing, R> | null> {
    this.#requireOpen();
    this.#join();
    const map = this.#place.mapping.of(target);
    const where = keyObject(map, key);
    const known = this.#contents.find(map, where);
    if (known !== undefined && this.#contents.isRemoved(known.entity)) return null;
    const isHere = known !== undefined && options.lock === undefined && this.#contents.isFresh(known);
    if (isHere && isLoaded(map, known.entity, options.relations)) return known.entity as Found<T, Nothing, R>;
    const found = await this.findOne(target, { ...options, where, withDeleted: true } as never);
    // Its row is gone since.
    if (found === null && known !== undefined) this.detach(known.entity);
    return found as Found<T, Nothing, R> | null;
  }

  /** The entity with a key. @throws ENTITY_NOT_FOUND · KEY_MISSING */
  async getOne<T extends object, const R extends Relations<T> = Nothing>(
    target: EntityClass<T>,
    key: SessionKey,
    options: GetOptions<T, R> = {},
  ): Promise<Found<T, Nothing, R>> {
    const found = await this.get(target, key, options);
    if (found === null) throw error('ENTITY_NOT_FOUND', { entity: this.#place.mapping.of(target).meta.name });
    return found;
  }

  /**
   * Reads an entity's row again and gives it what it holds, over what was changed and not flushed.
   *
   * @param options relations to load again as well, and how the row is to be locked
   * @throws SESSION_STRANGER · ROW_GONE
   */
  async refresh<E extends object>(
    entity: E,
    options: { readonly relations?: Readonly<Record<string, unknown>>; readonly lock?: FindLock } = {},
  ): Promise<E> {
    const managed = this.#managedOf(entity, 'refresh');
    this.#contents.expire(managed);
    await this.#readAgain(managed, options);
    return entity;
  }

  /**
   * Locks an entity's row until the transaction ends, which is opened for it, and brings the entity up to date.
   *
   * ```ts
   * await session.lock(account, { mode: 'pessimistic_write' }); // BEGIN; SELECT … FOR UPDATE
   * ```
   *
   * @throws SESSION_STRANGER · ROW_GONE · CAPABILITY_MISSING
   */
  async lock<E extends object>(entity: E, lock: PessimisticLock): Promise<E> {
    const managed = this.#managedOf(entity, 'lock');
    await this.#readAgain(managed, { lock });
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

  /** Runs a function whose queries do not flush what was changed. */
  async noAutoflush<R>(run: (session: this) => Promise<R>): Promise<R> {
    this.#unflushedCount += 1;
    try {
      return await run(this);
    } finally {
      this.#unflushedCount -= 1;
    }
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

  protected read<T extends object, R>(
    target: EntityClass<T>,
    read: SessionRead<T, R>,
    lock?: unknown,
  ): Promise<R> {
    const map = this.#place.mapping.of(target);
    return this.#turn(() => this.#afterFlush(() => this.#reader.read(map, read, lock)));
  }

  protected async *streamOf(target: EntityClass, options: object): AsyncGenerator<object, void, undefined> {
    const map = this.#place.mapping.of(target);
    await this.#turn(() => this.#afterFlush(async () => {}));
    yield* this.#reader.stream(map, options);
  }

  protected async loadInto<T extends object>(
    target: EntityClass<T>,
    entities: readonly object[],
    relations: Relations<T>,
  ): Promise<void> {
    const map = this.#place.mapping.of(target);
    const known = entities.map((entity) => this.#managedOf(entity, 'load').entity);
    await this.#turn(() => this.#afterFlush(() => this.#reader.load(map, known, relations as never)));
  }

  protected bulk<T extends object>(target: EntityClass<T>, write: BulkWrite<T>): Promise<WriteResult> {
    const map = this.#place.mapping.of(target);
    const place = {
      contents: this.#contents,
      reader: this.#reader,
      transaction: this.#transaction,
      hooks: this.#place.hooks,
    };
    return this.#turn(() => this.#afterFlush(() => bulkWrite(place, map, write)));
  }

  async #readAgain(managed: Managed, options: object): Promise<void> {
    const { map, entity, name } = managed;
    const target = map.meta.target as EntityClass<object>;
    const where = keyOfManaged(managed);
    const found = await this.findOne(target, {
      ...options,
      where,
      withDeleted: true,
    } as FindOneOptions<object>);
    if (found !== null) return;
    this.detach(entity);
    throw error('ROW_GONE', { entity: map.meta.name, key: String(name), isRead: true });
  }

  async #afterFlush<R>(task: () => Promise<R>): Promise<R> {
    const isMeant = this.#options.autoflush !== false && this.#unflushedCount === 0;
    if (isMeant && !this.#isFlushing) await this.#flush();
    return task();
  }

  async #flush(): Promise<void> {
    const work = this.#contents.work();
    if (work === undefined) return;
    this.#isFlushing = true;
    try {
      const written = await write(this.#transaction.whole, work, this.#place.hooks);
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
    const target = this.#objectOf(entity).constructor as EntityClass;
    return { map: this.#place.mapping.of(target), entity };
  }

  #objectOf(entity: object): object {
    const isObject = typeof entity === 'object' && entity !== null && !Array.isArray(entity);
    if (isObject) return entity;
    throw error('ENTITY_INVALID', { entity: 'session', problem: 'it takes entities' });
  }

  #requireOpen(): void {
    if (this.#isClosed) throw error('SESSION_CLOSED', {});
  }
}
