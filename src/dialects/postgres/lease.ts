/** What the holder of a connection sees of it. */

import type { LimbeckError } from '../../base/errors.js';
import type { Connection, Lease, QueryOptions, RunResult, SqlRow, SqlValue } from '../contract.js';
import type { PostgresConnection } from './driver.js';
import type { ConnectionPool } from './pool.js';

/** A connection as its holder sees it: no more when it was given back. */
export class LeasedConnection implements Connection, Lease {
  #connection: PostgresConnection | undefined;
  readonly #pool: ConnectionPool;
  readonly #onRelease: (lease: LeasedConnection) => void;

  constructor(
    connection: PostgresConnection,
    pool: ConnectionPool,
    onRelease: (lease: LeasedConnection) => void,
  ) {
    this.#connection = connection;
    this.#pool = pool;
    this.#onRelease = onRelease;
  }

  get connection(): Connection {
    return this;
  }

  get inTransaction(): boolean {
    return this.#connection?.inTransaction === true;
  }

  get lostBy(): LimbeckError | undefined {
    return this.#connection === undefined ? this.#pool.closedError() : this.#connection.lostBy;
  }

  cancel(): Promise<void> {
    return this.#connection?.cancel() ?? Promise.resolve();
  }

  query(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<SqlRow[]> {
    return this.#own().query(sql, params, options);
  }

  queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<SqlValue[][]> {
    return this.#own().queryArrays(sql, params, options);
  }

  run(sql: string, params?: readonly unknown[]): Promise<RunResult> {
    return this.#own().run(sql, params);
  }

  script(sql: string): Promise<void> {
    return this.#own().script(sql);
  }

  release(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    this.#onRelease(this);
    this.#pool.giveBack(connection);
  }

  /** Takes the connection away from its holder; what is under way fails. */
  async revoke(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (connection.isBusy) {
      this.#connection = undefined;
      this.#onRelease(this);
      await this.#pool.end(connection);
    } else this.release();
  }

  #own(): PostgresConnection {
    if (this.#connection === undefined) throw this.#pool.closedError();
    return this.#connection;
  }
}
