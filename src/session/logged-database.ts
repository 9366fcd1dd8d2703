/** A database that tells a logger of every statement: the text and how long it took, never the values. */

import type { LimbeckError } from '../base/errors.js';
import type {
  Connection,
  Database,
  DatabaseSnapshot,
  Dialect,
  Lease,
  MaybePromise,
  QueryOptions,
  RunOptions,
  RunResult,
  SqlRow,
  SqlValue,
} from '../dialects/contract.js';
import { isPromise } from '../query/maybe-promise.js';

/** What is told of one statement. */
export interface StatementEntry {
  readonly kind: 'query';
  readonly sql: string;
  readonly durationMs: number;
  readonly error?: unknown;
}

export type StatementLogger = (entry: StatementEntry) => void;

/** The same database, listened to. */
export function loggedDatabase(database: Database, log: StatementLogger): Database {
  return new LoggedDatabase(database, log);
}

class LoggedDatabase implements Database {
  readonly #database: Database;
  readonly #log: StatementLogger;

  constructor(database: Database, log: StatementLogger) {
    this.#database = database;
    this.#log = log;
  }

  get dialect(): Dialect {
    return this.#database.dialect;
  }

  get singleWriter(): boolean {
    return this.#database.singleWriter;
  }

  async acquire(purpose: 'read' | 'write'): Promise<Lease> {
    return this.#listen(await this.#database.acquire(purpose));
  }

  tryAcquire(purpose: 'read' | 'write'): Lease | undefined {
    const lease = this.#database.tryAcquire?.(purpose);
    return lease && this.#listen(lease);
  }

  async snapshot(): Promise<DatabaseSnapshot> {
    const snapshot = await this.#database.snapshot?.();
    if (snapshot === undefined) throw new TypeError('this database takes no snapshots');
    return {
      open: async () => new LoggedDatabase(await snapshot.open(), this.#log),
      discard: () => snapshot.discard(),
    };
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #listen(lease: Lease): Lease {
    return { connection: new LoggedConnection(lease.connection, this.#log), release: () => lease.release() };
  }
}

class LoggedConnection implements Connection {
  readonly #connection: Connection;
  readonly #log: StatementLogger;

  constructor(connection: Connection, log: StatementLogger) {
    this.#connection = connection;
    this.#log = log;
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
    return this.#timed(sql, () => this.#connection.query(sql, params, options));
  }

  queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlValue[][]> {
    return this.#timed(sql, () => this.#connection.queryArrays(sql, params, options));
  }

  run(sql: string, params?: readonly unknown[], options?: RunOptions): MaybePromise<RunResult> {
    return this.#timed(sql, () => this.#connection.run(sql, params, options));
  }

  script(sql: string): MaybePromise<void> {
    return this.#timed(sql, () => this.#connection.script(sql));
  }

  #timed<R>(sql: string, action: () => MaybePromise<R>): MaybePromise<R> {
    const start = performance.now();
    const done = (failure?: { readonly error: unknown }): void =>
      this.#log({ kind: 'query', sql, durationMs: performance.now() - start, ...failure });
    try {
      const result = action();
      if (isPromise(result)) return this.#afterwards(result, done);
      done();
      return result;
    } catch (cause) {
      done({ error: cause });
      throw cause;
    }
  }

  async #afterwards<R>(
    result: PromiseLike<R>,
    done: (failure?: { readonly error: unknown }) => void,
  ): Promise<R> {
    try {
      const value = await result;
      done();
      return value;
    } catch (cause) {
      done({ error: cause });
      throw cause;
    }
  }
}
