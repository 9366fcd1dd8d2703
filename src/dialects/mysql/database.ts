/** A database on a server: hands out leases on a pool of connections, and can be put back into an earlier state. */

import { error } from '../../base/error-codes.js';
import type { Database, DatabaseSnapshot, Dialect, Lease, OpenOptions } from '../contract.js';
import type { Flavour } from './flavour.js';
import type { ConnectionPool } from './pool.js';
import { Server } from './server.js';
import { takeSnapshot } from './snapshot.js';
import { parseDatabaseUrl } from './url.js';

const DEFAULT_CONNECTIONS = 10;

/**
 * Opens a database on a MySQL or MariaDB server.
 *
 * @param dialectOf what `Database.dialect` is to be, once the server has said who it is
 * @throws URL_INVALID · DRIVER_MISSING · DATABASE_MISSING · CONNECTION_FAILED
 */
export async function openMysql(
  options: OpenOptions,
  dialectOf: (flavour: Flavour) => Dialect,
): Promise<Database> {
  const location = parseDatabaseUrl(options.url);
  const server = await Server.connect(location);
  const { maxConnections: connections = DEFAULT_CONNECTIONS, acquireTimeoutMs: waitMs } = options;
  const pool = server.pool({ connections, waitMs });
  return new MysqlDatabase(dialectOf(server.facts.flavour), server, pool);
}

/** Who shares a pool: the database that was opened, and those that were opened from its snapshot after it. */
export interface SharedPool {
  readonly pool: ConnectionPool;
  users: number;
}

/** An open database on a server. */
export class MysqlDatabase implements Database {
  readonly singleWriter = false;
  readonly dialect: Dialect;
  readonly #server: Server;
  readonly #shared: SharedPool;
  #closed = false;

  constructor(dialect: Dialect, server: Server, pool: ConnectionPool | SharedPool) {
    this.dialect = dialect;
    this.#server = server;
    this.#shared = 'users' in pool ? pool : { pool, users: 0 };
    this.#shared.users += 1;
  }

  tryAcquire(_purpose: 'read' | 'write'): Lease | undefined {
    this.#refuseClosed();
    return this.#shared.pool.tryAcquire(this);
  }

  async acquire(_purpose: 'read' | 'write'): Promise<Lease> {
    this.#refuseClosed();
    return this.#shared.pool.acquire(this);
  }

  /**
   * Keeps the database as it is. Opening the snapshot puts this very database back into that state: whoever had it
   * open before has it no longer.
   */
  async snapshot(): Promise<DatabaseSnapshot> {
    this.#refuseClosed();
    let present: MysqlDatabase = this;
    return takeSnapshot(this.#server, {
      supersede: () => present.#supersede(),
      reopen: () => {
        const next = present.#next();
        present = next;
        return next;
      },
    });
  }

  /** Closes every connection, leased ones too, unless another database has taken them over. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#leave();
  }

  #refuseClosed(): void {
    if (this.#closed) throw error('CONNECTION_CLOSED', { database: this.#server.facts.name });
  }

  /** Ends what is still held of it. @returns the server's numbers of the connections on which it was */
  #supersede(): number[] {
    return this.#shared.pool.evict(this);
  }

  /** The database that takes over, with the same connections where these are still open. */
  #next(): MysqlDatabase {
    const { pool, users } = this.#shared;
    const isOpen = users > 0 && !pool.isClosed;
    const next = new MysqlDatabase(
      this.dialect,
      this.#server,
      isOpen ? this.#shared : this.#server.pool(pool.limits),
    );
    if (!this.#closed) {
      this.#closed = true;
      this.#shared.users -= 1;
    }
    return next;
  }

  async #leave(): Promise<void> {
    this.#shared.users -= 1;
    if (this.#shared.users === 0) await this.#shared.pool.close();
  }
}
