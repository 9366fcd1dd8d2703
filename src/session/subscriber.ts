/**
 * What a subscriber may listen to, and what it is told: TypeORM's names. Every method may be asynchronous and is
 * awaited; what it throws undoes the write.
 */

import type { ColumnMetadata, EntityClass, EntityMetadata, RelationMetadata } from '../metadata/entity.js';
import type { EntityManager } from './entity-manager.js';

/** An entity was read, with the relations that were asked for. */
export interface LoadEvent<T extends object = object> {
  /** Runs in the transaction of the read, where there is one. */
  readonly manager: EntityManager;
  readonly metadata: EntityMetadata<T>;
  readonly entity: T;
}

interface WriteEvent<T extends object> {
  /** Runs in the transaction of the write. */
  readonly manager: EntityManager;
  readonly metadata: EntityMetadata<T>;
  /** The key: its value where it is one column, an object of its parts otherwise. */
  readonly entityId: unknown;
  /** What the call gave for its subscribers: `save(book, { data })`. */
  readonly data: unknown;
}

export interface InsertEvent<T extends object = object> extends WriteEvent<T> {
  /** What it says after `beforeInsert` is what is written. */
  readonly entity: T;
}

export interface UpdateEvent<T extends object = object> extends WriteEvent<T> {
  readonly entity: T;
  /** The entity as it was loaded, without relations; undefined where it never was. */
  readonly databaseEntity: T | undefined;
  readonly updatedColumns: readonly ColumnMetadata[];
  readonly updatedRelations: readonly RelationMetadata[];
}

export interface RemoveEvent<T extends object = object> extends WriteEvent<T> {
  readonly entity: T;
  /** The entity as it was loaded, without relations; undefined where it never was. */
  readonly databaseEntity: T | undefined;
}

export interface SoftRemoveEvent<T extends object = object> extends RemoveEvent<T> {}
export interface RecoverEvent<T extends object = object> extends RemoveEvent<T> {}

export interface TransactionStartEvent {
  readonly manager: EntityManager;
}
export interface TransactionCommitEvent {
  readonly manager: EntityManager;
}
export interface TransactionRollbackEvent {
  readonly manager: EntityManager;
}

type Told = Promise<unknown> | unknown;

/**
 * Listens to entities and transactions.
 *
 * `save`, `remove`, `softRemove` and `recover` tell of every entity that they write, cascaded ones included,
 * `insert` of every row; `find` and its kin of every entity that they read. Writes by criteria (`update`, `delete`,
 * `softDelete`, `restore`, `increment`, `decrement`, `clear`) know no entities, and `upsert` does not know which
 * of the two it does: they tell nobody. Of transactions the outermost one is told of, not the
 * savepoints inside it, and each attempt of one that is retried; a write that is one statement needs none.
 *
 * ```ts
 * @EventSubscriber()
 * export class Audit implements EntitySubscriberInterface<Book> {
 *   listenTo() { return Book; }
 *   async afterUpdate({ manager, entity, updatedColumns }: UpdateEvent<Book>) {
 *     await manager.getRepository(Log).insert({ book: entity.id, columns: updatedColumns.map((c) => c.property) });
 *   }
 * }
 * ```
 */
export interface EntitySubscriberInterface<T extends object = object> {
  /** The class whose entities are meant, those of classes below it included; every entity when absent. */
  listenTo?(): EntityClass<T>;
  afterLoad?(entity: T, event: LoadEvent<T>): Told;
  beforeInsert?(event: InsertEvent<T>): Told;
  afterInsert?(event: InsertEvent<T>): Told;
  beforeUpdate?(event: UpdateEvent<T>): Told;
  afterUpdate?(event: UpdateEvent<T>): Told;
  beforeRemove?(event: RemoveEvent<T>): Told;
  afterRemove?(event: RemoveEvent<T>): Told;
  beforeSoftRemove?(event: SoftRemoveEvent<T>): Told;
  afterSoftRemove?(event: SoftRemoveEvent<T>): Told;
  beforeRecover?(event: RecoverEvent<T>): Told;
  afterRecover?(event: RecoverEvent<T>): Told;
  /** Before BEGIN, outside: what its manager does is not part of the transaction. What it throws stops it. */
  beforeTransactionStart?(event: TransactionStartEvent): Told;
  afterTransactionStart?(event: TransactionStartEvent): Told;
  /** What it writes belongs to the transaction; what it throws rolls it back. */
  beforeTransactionCommit?(event: TransactionCommitEvent): Told;
  /** Outside again. What it throws reaches the caller, but nothing is taken back any more. */
  afterTransactionCommit?(event: TransactionCommitEvent): Told;
  /** Something in it was thrown, which reaches the caller whatever happens here. */
  beforeTransactionRollback?(event: TransactionRollbackEvent): Told;
  /** Outside again; also after a COMMIT that the database refused, of which it alone is told. */
  afterTransactionRollback?(event: TransactionRollbackEvent): Told;
}

/** A class of subscribers, made without arguments. */
export type SubscriberClass = new () => object;
