/** Writing rows by criteria within a session: one statement, and what the session has of them is what they hold then. */

import type { EntityClass } from '../metadata/entity.js';
import { SessionFinds } from './session-finds.js';
import type { WriteRepository } from './write-repository.js';
import type { Criteria, NumberOf, NumericKey, UpdateValues, WriteResult } from './write-types.js';

/** What becomes of rows that meet some criteria. */
export interface BulkWrite<T extends object> {
  readonly method: 'update' | 'delete' | 'softDelete' | 'restore' | 'increment' | 'decrement';
  readonly criteria: unknown;
  write(repository: WriteRepository<T>): Promise<WriteResult>;
}

export abstract class SessionBulk extends SessionFinds {
  /** Writes when the session's turn comes, after what was changed is flushed. */
  protected abstract bulk<T extends object>(
    target: EntityClass<T>,
    write: BulkWrite<T>,
  ): Promise<WriteResult>;

  /**
   * Writes values to all rows that meet the criteria, in one statement of the session's transaction. Those that the
   * session has are read again.
   *
   * ```ts
   * await session.update(Book, { genre: 'sf' }, { pages: sql`pages + ${1}` });
   * // UPDATE "books" SET "pages" = pages + ? WHERE "books"."genre" = ?
   * ```
   *
   * @throws as `Repository.update`
   */
  update<T extends object>(
    target: EntityClass<T>,
    criteria: Criteria<T>,
    values: UpdateValues<T>,
  ): Promise<WriteResult> {
    return this.bulk(target, {
      method: 'update',
      criteria,
      write: (repository) => repository.update(criteria, values),
    });
  }

  /**
   * Deletes all rows that meet the criteria, in one statement. Those that the session has leave it; what the database
   * may have taken along is read again when it is asked for.
   *
   * @throws as `Repository.delete`
   */
  delete<T extends object>(target: EntityClass<T>, criteria: Criteria<T>): Promise<WriteResult> {
    return this.bulk(target, {
      method: 'delete',
      criteria,
      write: (repository) => repository.delete(criteria),
    });
  }

  /** Marks all rows that meet the criteria as deleted. @throws as `Repository.softDelete` */
  softDelete<T extends object>(target: EntityClass<T>, criteria: Criteria<T>): Promise<WriteResult> {
    return this.bulk(target, {
      method: 'softDelete',
      criteria,
      write: (repository) => repository.softDelete(criteria),
    });
  }

  /** Takes the mark of deletion from all rows that meet the criteria. @throws as `Repository.restore` */
  restore<T extends object>(target: EntityClass<T>, criteria: Criteria<T>): Promise<WriteResult> {
    return this.bulk(target, {
      method: 'restore',
      criteria,
      write: (repository) => repository.restore(criteria),
    });
  }

  /** Adds to a column in the database itself, so that no addition is lost. @throws as `Repository.increment` */
  increment<T extends object, K extends NumericKey<T>>(
    target: EntityClass<T>,
    criteria: Criteria<T>,
    property: K,
    value: NumberOf<T[K]>,
  ): Promise<WriteResult> {
    return this.bulk(target, {
      method: 'increment',
      criteria,
      write: (repository) => repository.increment(criteria, property, value),
    });
  }

  /** Takes from a column in the database itself. @throws as `Repository.decrement` */
  decrement<T extends object, K extends NumericKey<T>>(
    target: EntityClass<T>,
    criteria: Criteria<T>,
    property: K,
    value: NumberOf<T[K]>,
  ): Promise<WriteResult> {
    return this.bulk(target, {
      method: 'decrement',
      criteria,
      write: (repository) => repository.decrement(criteria, property, value),
    });
  }
}
