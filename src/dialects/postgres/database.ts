/** An open PostgreSQL database: leases on the connections of a pool. */

import type { Database, DatabaseSnapshot, Dialect, Lease, OpenOptions } from '../contract.js';
import type { PostgresConnection } from './driver.js';
import { LeasedConnection } from './lease.js';
import { openPool } from './open-pool.js';
import type { ConnectionPool } from './pool.js';
import { type SnapshotHost, takeSnapshot } from './snapshot.js';

/**
 * Opens a PostgreSQL database.
 *
 * @param dialectOf what `Database.dialect` is to be, once the server has said its version
 * @throws URL_INVALID · DRIVER_MISSING · DATABASE_MISSING · CONNECTION_FAILED
 */
export async function openPostgres(
  options: OpenOptions,
  dialectOf: (version: number) => Dialect,
): Promise<Database> {
  const { pool, version } = await openPool(options);
  return new PostgresDatabase(pool, options, dialectOf(version));
}

class PostgresDatabase implements Database, SnapshotHost {
  readonly singleWriter = false;
  readonly dialect: Dialect;
  readonly options: OpenOptions;
  readonly #pool: ConnectionPool;
  readonly #leases = new Set<LeasedConnection>();
  #retired = false;

  constructor(pool: ConnectionPool, options: OpenOptions, dialect: Dialect) {
    this.#pool = pool;
    this.options = options;
    this.dialect = dialect;
  }

  tryAcquire(): Lease | undefined {
    if (this.#retired) throw this.#pool.closedError();
    const connection = this.#pool.tryTake();
    return connection && this.#lease(connection);
  }

  async acquire(): Promise<Lease> {
    if (this.#retired) throw this.#pool.closedError();
    const connection = await this.#pool.take();
    if (!this.#retired) return this.#lease(connection);
    this.#pool.giveBack(connection);
    throw this.#pool.closedError();
  }

  snapshot(): Promise<DatabaseSnapshot> {
    return takeSnapshot(this);
  }

  /** Closes every connection; whoever still waits or holds a lease gets CONNECTION_CLOSED. */
  async close(): Promise<void> {
    // Its connections belong to the database that took its place.
    if (this.#retired) return;
    this.#retired = true;
    await this.#pool.close();
  }

  get pool(): ConnectionPool {
    return this.#pool;
  }

  async retire(): Promise<ConnectionPool | undefined> {
    if (this.#retired) return undefined;
    this.#retired = true;
    await Promise.all([...this.#leases].map((lease) => lease.revoke()));
    return this.#pool;
  }

  successor(pool: ConnectionPool): PostgresDatabase {
    return new PostgresDatabase(pool, this.options, this.dialect);
  }

  #lease(connection: PostgresConnection): Lease {
    const lease = new LeasedConnection(connection, this.#pool, this.#forget);
    this.#leases.add(lease);
    return lease;
  }

  readonly #forget = (lease: LeasedConnection): void => {
    this.#leases.delete(lease);
  };
}
