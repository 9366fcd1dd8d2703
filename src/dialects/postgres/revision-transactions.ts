/**
 * The lock of one revision on PostgreSQL: an advisory lock of the session that runs the DDL, so it is held for as
 * long as that DDL may run, and goes with its connection.
 *
 * It is polled: who waits for an advisory lock holds a snapshot, for which the holder's CREATE INDEX CONCURRENTLY
 * waits in turn, and the server calls that a deadlock.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import type { BeginRevisionOptions, Connection, RevisionTransactions, SqlRow } from '../contract.js';
import { blockersOf } from './blockers.js';
import { fingerprint } from './fingerprint.js';

/**
 * How long a statement waits for a lock of others: all who come after it wait behind it, readers too
 * ("lock_timeout"). The runner tries again.
 */
const LOCK_TIMEOUT_MS = 500;
/** How soon the server notices that a killed runner is gone, while a statement of its runs. */
const CHECK_INTERVAL = '500ms';

/** One lock for each schema of each database; `public` and a schema of its own have their own version tables. */
const KEY =
  "pg_catalog.hashtextextended(pg_catalog.format('limbeck %L %L', current_database(), current_schema()), 0)";

/** The keys that a connection holds: a migration may have set another search path meanwhile. */
const held = new WeakMap<Connection, string>();

export const revisionTransactions: RevisionTransactions = {
  // The server itself says who holds a lock.
  async announce() {},
  async retire() {},

  async begin(connection, options) {
    const key = await takeLock(connection, options);
    held.set(connection, key);
    try {
      await connection.run(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await checkClient(connection);
      if (!options.stepwise) await connection.run('BEGIN');
    } catch (cause) {
      await revisionTransactions.rollback(connection);
      throw cause;
    }
  },

  // Keys are enforced always.
  async brokenForeignKeys() {
    return [];
  },

  async commit(connection) {
    if (connection.inTransaction) await connection.run('COMMIT');
    await letGo(connection);
  },

  async rollback(connection) {
    try {
      if (connection.inTransaction) await connection.run('ROLLBACK');
      await letGo(connection);
    } catch (cause) {
      // With the connection the server has undone the transaction and let go of the lock.
      if (!isLimbeckError(cause) || !['CONNECTION_LOST', 'CONNECTION_CLOSED'].includes(cause.code))
        throw cause;
    }
  },

  fingerprint,

  tableWaitMs: LOCK_TIMEOUT_MS,
  blockers: blockersOf,
};

/** Before PostgreSQL 14 there is no such setting, and not every operating system can do it. */
async function checkClient(connection: Connection): Promise<void> {
  try {
    await connection.run(`SET client_connection_check_interval = '${CHECK_INTERVAL}'`);
  } catch (cause) {
    if (!isLimbeckError(cause) || cause.code !== 'QUERY_FAILED') throw cause;
  }
}

async function letGo(connection: Connection): Promise<void> {
  const key = held.get(connection);
  if (key === undefined) return;
  held.delete(connection);
  await connection.script(
    `SELECT pg_catalog.pg_advisory_unlock(${key});
     SELECT pg_catalog.set_config(name, reset_val, false)
       FROM pg_catalog.pg_settings WHERE name IN ('lock_timeout', 'client_connection_check_interval')`,
  );
}

/** @returns the lock's key; the event loop is free between two tries */
async function takeLock(connection: Connection, options: BeginRevisionOptions): Promise<string> {
  const deadline = Date.now() + options.timeoutMs;
  for (let attempt = 0; ; attempt++) {
    const [[key, isOurs] = []] = await connection.queryArrays(
      `SELECT key::text, pg_catalog.pg_try_advisory_lock(key) FROM (SELECT ${KEY} AS key) AS lock`,
    );
    if (isOurs === true) return String(key);
    if (Date.now() >= deadline) throw await lockTimeout(connection, String(key), options.timeoutMs);
    // Runners that wait together must not try together.
    await sleep(Math.min(100, 5 * 2 ** Math.min(attempt, 4)) * (0.5 + Math.random()));
  }
}

async function lockTimeout(connection: Connection, key: string, timeoutMs: number): Promise<Error> {
  const rows = await connection.query(HOLDER, [key]);
  return error('LOCK_TIMEOUT', {
    seconds: timeoutMs / 1000,
    holder: rows[0] && describeHolder(rows[0]),
    isHeld: true,
  });
}

/** A key of 64 bits is kept as two of 32 (54.13 "pg_locks"). */
const HOLDER = `
  SELECT a.pid, a.application_name, a.usename, pg_catalog.host(a.client_addr) AS client,
         pg_catalog.to_char(pg_catalog.timezone('UTC', a.backend_start), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
    FROM pg_catalog.pg_locks l
    JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
   WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND (l.classid::bigint << 32) | l.objid::bigint = $1::bigint
   LIMIT 1`;

function describeHolder({ pid, application_name, usename, client, since }: SqlRow): string {
  const parts = [
    application_name ? `${application_name}` : `user ${usename}`,
    `server process ${pid}`,
    ...(client ? [`from ${client}`] : []),
    // Of other users' sessions only their members may know.
    ...(since ? [`connected since ${since}`] : []),
  ];
  return parts.join(', ');
}
