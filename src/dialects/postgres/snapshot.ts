/**
 * Snapshots of a test database. Opening one puts the database itself back to what it was, and hands out a new
 * handle on the same connections; the former handle is of no more use.
 *
 * Rows and sequences are restored in place. Where a test has changed the schema, the database is made anew from a
 * copy that was taken with the snapshot.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import type { Database, DatabaseSnapshot, OpenOptions } from '../contract.js';
import { connect } from './connect.js';
import type { PostgresConnection } from './driver.js';
import { openPool } from './open-pool.js';
import type { ConnectionPool } from './pool.js';
import { prepareRestorer, type Restorer, restore } from './restore-function.js';
import { createDatabase, dropDatabase, onServer, requireScratch } from './scratch.js';
import { describePostgresUrl, parsePostgresUrl } from './url.js';

/** What a snapshot asks of a handle on the database. */
export interface SnapshotHost extends Database {
  readonly options: OpenOptions;
  readonly pool: ConnectionPool;
  /** Ends what its holders have under way, and gives away its connections; undefined where it is closed already. */
  retire(): Promise<ConnectionPool | undefined>;
  /** A handle on the same database. */
  successor(pool: ConnectionPool): SnapshotHost;
}

/**
 * Keeps a database as it is now.
 *
 * @throws CAPABILITY_MISSING for one that was not made for tests, since opening the snapshot throws away what
 * is in it
 */
export async function takeSnapshot(host: SnapshotHost): Promise<DatabaseSnapshot> {
  const { url } = host.options;
  const name = describePostgresUrl(url);
  const { database } = parsePostgresUrl(url);
  const lease = await host.pool.take();
  try {
    await requireScratch(lease, name);
  } finally {
    host.pool.giveBack(lease);
  }
  const copy = `${database}_c`;
  await host.pool.withoutConnections(() =>
    onServer(url, async (server) => {
      await dropDatabase(server, copy);
      await copyDatabase(server, database, copy);
    }),
  );
  const snapshot = new PostgresSnapshot(host, database, copy);
  await snapshot.prepare();
  return snapshot;
}

/** A database can be copied when nobody is connected; who has just left may still be on his way out. */
async function copyDatabase(server: PostgresConnection, from: string, to: string): Promise<void> {
  // The server itself would look only every 100 ms.
  const connected = 'SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = $1';
  for (let attempt = 0; attempt < 100; attempt++) {
    const [[count] = []] = await server.queryArrays(connected, [from]);
    if (count === 0) break;
    await sleep(2);
  }
  await createDatabase(server, to, from);
}

class PostgresSnapshot implements DatabaseSnapshot {
  readonly #database: string;
  readonly #copy: string;
  /** The handle that is good now. */
  #host: SnapshotHost;
  /** Restores, beside the connections of tests, and holds the rows that were there. */
  #keeper: PostgresConnection | undefined;
  #restorer: Restorer | undefined;
  #isDiscarded = false;

  constructor(host: SnapshotHost, database: string, copy: string) {
    this.#host = host;
    this.#database = database;
    this.#copy = copy;
  }

  get #url(): string {
    return this.#host.options.url;
  }

  get #name(): string {
    return describePostgresUrl(this.#url);
  }

  /** Has a session ready that restores; the database must be as it is to be. */
  async prepare(): Promise<void> {
    const keeper = await connect(parsePostgresUrl(this.#url), { name: this.#name, defaultSchema: undefined });
    this.#keeper = keeper;
    // What a crash would lose, a test would not miss; and who still holds a lock is not waited for.
    await keeper.script("SET synchronous_commit = off; SET lock_timeout = '500ms'");
    this.#restorer = await prepareRestorer(keeper);
    keeper.keepAlive(false);
  }

  async open(): Promise<Database> {
    if (this.#isDiscarded) throw error('CONNECTION_CLOSED', { database: `the snapshot of ${this.#name}` });
    const former = await this.#host.retire();
    await former?.quiet();
    const isRestored = await this.#restoreInPlace(former?.takeInterrupted() ?? []);
    if (!isRestored) {
      await former?.close();
      await this.#recreate();
    }
    const pool = isRestored && former !== undefined ? former : (await openPool(this.#host.options)).pool;
    this.#host = this.#host.successor(pool);
    return this.#host;
  }

  async discard(): Promise<void> {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    await this.#keeper?.close();
    await onServer(this.#url, (server) => dropDatabase(server, this.#copy));
  }

  /** @param interrupted processes that may hold locks for a statement whose answer nobody waits for any more */
  async #restoreInPlace(interrupted: readonly number[]): Promise<boolean> {
    const [keeper, restorer] = [this.#keeper, this.#restorer];
    if (keeper === undefined || restorer === undefined) return false;
    keeper.keepAlive(true);
    try {
      if (interrupted.length > 0) {
        await keeper.run('SELECT pg_catalog.pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [
          interrupted,
        ]);
      }
      return await restore(keeper, restorer);
    } catch (cause) {
      // Somebody else holds a lock, or has ended the session: the copy does not depend on either.
      if (isLimbeckError(cause)) return false;
      throw cause;
    } finally {
      keeper.keepAlive(false);
    }
  }

  async #recreate(): Promise<void> {
    await this.#keeper?.close();
    await onServer(this.#url, async (server) => {
      await dropDatabase(server, this.#database);
      await createDatabase(server, this.#database, this.#copy);
    });
    await this.prepare();
  }
}
