/** A connection in a read-only transaction: what the database refuses there has its own name. */

import { error } from '../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../base/errors.js';
import type {
  Connection,
  MaybePromise,
  QueryOptions,
  RunResult,
  SqlRow,
  SqlValue,
} from '../dialects/contract.js';
import { isPromise } from '../query/maybe-promise.js';

export class ReadOnlyConnection implements Connection {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get inTransaction(): boolean {
    return this.#connection.inTransaction;
  }

  get lostBy(): LimbeckError | undefined {
    return this.#connection.lostBy;
  }

  cancel(): Promise<void> {
    return Promise.resolve(this.#connection.cancel?.());
  }

  query(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlRow[]> {
    return named(() => this.#connection.query(sql, params, options));
  }

  queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlValue[][]> {
    return named(() => this.#connection.queryArrays(sql, params, options));
  }

  run(sql: string, params?: readonly unknown[]): MaybePromise<RunResult> {
    return named(() => this.#connection.run(sql, params));
  }

  script(sql: string): MaybePromise<void> {
    return named(() => this.#connection.script(sql));
  }
}

function named<R>(action: () => MaybePromise<R>): MaybePromise<R> {
  try {
    const result = action();
    return isPromise(result) ? result.then(undefined, refused) : result;
  } catch (cause) {
    return refused(cause);
  }
}

function refused(cause: unknown): never {
  if (!isLimbeckError(cause) || cause.code !== 'DATABASE_READONLY') throw cause;
  throw error('READ_ONLY', { reason: String(cause.context.reason) }, { cause: cause.cause });
}
