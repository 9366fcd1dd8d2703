/**
 * A database that a tracer listens to. Where nobody wants to hear, leases are the database's own: that is asked
 * each time one is taken, since subscribers come and go.
 */

import type { LimbeckError } from '../base/errors.js';
import type {
  Connection,
  Database,
  DatabaseSnapshot,
  Dialect,
  Lease,
  MaybePromise,
  OpenStream,
  QueryOptions,
  RowStream,
  RunOptions,
  RunResult,
  SqlRow,
  SqlValue,
} from '../dialects/contract.js';
import type { Tracer } from './tracer.js';

export class TracedDatabase implements Database {
  readonly #database: Database;
  readonly #tracer: Tracer;
  /** For people; never a password. */
  readonly name: string;

  constructor(database: Database, tracer: Tracer, name: string) {
    this.#database = database;
    this.#tracer = tracer;
    this.name = name;
  }

  get dialect(): Dialect {
    return this.#database.dialect;
  }

  get singleWriter(): boolean {
    return this.#database.singleWriter;
  }

  get readsAside(): boolean {
    return this.#database.readsAside === true;
  }

  async acquire(purpose: 'read' | 'write'): Promise<Lease> {
    try {
      return this.#listen(await this.#database.acquire(purpose));
    } catch (cause) {
      this.#tracer.tellOfConnection(cause);
      throw cause;
    }
  }

  tryAcquire(purpose: 'read' | 'write'): Lease | undefined {
    const lease = this.#database.tryAcquire?.(purpose);
    return lease && this.#listen(lease);
  }

  async snapshot(): Promise<DatabaseSnapshot> {
    const snapshot = await this.#database.snapshot?.();
    if (snapshot === undefined) throw new TypeError('this database takes no snapshots');
    return {
      open: async () => new TracedDatabase(await snapshot.open(), this.#tracer, this.name),
      discard: () => snapshot.discard(),
    };
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #listen(lease: Lease): Lease {
    if (!this.#tracer.hearsQueries) return lease;
    const connection = new TracedConnection(lease.connection, this.#tracer, this.name);
    return { connection, release: () => lease.release() };
  }
}

class TracedConnection implements Connection {
  readonly #connection: Connection;
  readonly #tracer: Tracer;
  readonly #database: string;

  constructor(connection: Connection, tracer: Tracer, database: string) {
    this.#connection = connection;
    this.#tracer = tracer;
    this.#database = database;
  }

  get inTransaction(): boolean {
    return this.#connection.inTransaction;
  }

  get lostBy(): LimbeckError | undefined {
    return this.#connection.lostBy;
  }

  countsKeys(table: string, column: string): boolean {
    return this.#connection.countsKeys?.(table, column) === true;
  }

  cancel(): Promise<void> {
    return Promise.resolve(this.#connection.cancel?.());
  }

  query(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlRow[]> {
    const statement = { sql, params, database: this.#database };
    return this.#tracer.query(statement, () => this.#connection.query(sql, params, options), countOf);
  }

  queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlValue[][]> {
    const statement = { sql, params, database: this.#database };
    return this.#tracer.query(statement, () => this.#connection.queryArrays(sql, params, options), countOf);
  }

  run(sql: string, params?: readonly unknown[], options?: RunOptions): MaybePromise<RunResult> {
    const statement = { sql, params, database: this.#database };
    return this.#tracer.query(statement, () => this.#connection.run(sql, params, options), changesOf);
  }

  get stream(): OpenStream | undefined {
    if (this.#connection.stream === undefined) return undefined;
    return (sql, params, options) => {
      const statement = { sql, params, database: this.#database };
      const open = (): MaybePromise<RowStream> =>
        this.#connection.stream?.(sql, params, options) as MaybePromise<RowStream>;
      return this.#tracer.query(statement, open, nothing);
    };
  }

  script(sql: string): MaybePromise<void> {
    const statement = { sql, database: this.#database };
    return this.#tracer.query(statement, () => this.#connection.script(sql), nothing);
  }
}

const countOf = (rows: readonly unknown[]): number => rows.length;
const changesOf = ({ changes }: RunResult): number => changes;
const nothing = (): undefined => undefined;
