/**
 * The lock of one revision on MySQL and MariaDB: a named lock of the server's, held by the very connection that
 * runs the DDL, so that it is free when that connection is gone and not before. No transaction holds DDL here:
 * every such statement commits by itself ("Statements That Cause an Implicit Commit").
 */

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { error } from '../../base/error-codes.js';
import type { Connection, RevisionTransactions } from '../contract.js';
import { findBlockers, sessionWords } from './blockers.js';
import { fingerprint } from './fingerprint.js';
import type { Flavour } from './flavour.js';
import { LOCK_WAIT_SECONDS } from './session.js';

/** How long a data step waits for rows that others have locked, in seconds. */
const ROW_WAIT_SECONDS = 5;

/**
 * How long DDL waits for a table that others use, in seconds: all who come after it wait behind it, readers too.
 * MariaDB can be told not to wait at all, MySQL waits a second at the least ("lock_wait_timeout").
 */
const tableWait = ({ mariadb }: Flavour): number => (mariadb ? 0 : 1);
/** "The maximum length of a lock name is 64 characters." */
const MAX_LOCK_NAME = 64;

/** The revision transactions of a server. */
export function revisionTransactions(flavour: Flavour): RevisionTransactions {
  return {
    // The server says who holds its lock.
    async announce() {},
    async retire() {},

    async begin(connection, options) {
      await takeLock(connection, options.timeoutMs);
      try {
        await connection.run(waitsSql(tableWait(flavour), ROW_WAIT_SECONDS, options.enforceForeignKeys));
        if (options.stepwise !== true) await connection.run('START TRANSACTION');
      } catch (cause) {
        await settle(connection).catch(() => {});
        throw cause;
      }
    },

    // InnoDB has no way to ask, and lets no transaction see a broken key unless it was told not to look.
    async brokenForeignKeys() {
      return [];
    },

    async commit(connection) {
      if (connection.inTransaction) await connection.run('COMMIT');
      await settle(connection);
    },

    async rollback(connection) {
      try {
        if (connection.inTransaction) await connection.run('ROLLBACK');
        await settle(connection);
      } catch {
        // A connection that is gone has undone its transaction and let go of its lock.
      }
    },

    fingerprint,

    tableWaitMs: tableWait(flavour) * 1000,

    blockers: (connection, tables) => findBlockers(flavour, connection, tables),
  };
}

function waitsSql(table: number, rows: number, enforcesForeignKeys: boolean): string {
  return `SET SESSION lock_wait_timeout = ${table}, SESSION innodb_lock_wait_timeout = ${rows}, SESSION foreign_key_checks = ${enforcesForeignKeys ? 1 : 0}`;
}

/** Lets go of the lock and leaves the connection as it is for applications. */
async function settle(connection: Connection): Promise<void> {
  try {
    await connection.run(waitsSql(LOCK_WAIT_SECONDS, LOCK_WAIT_SECONDS, true));
  } finally {
    // By its name it would not be found where a revision has changed the default database.
    await connection.run('DO RELEASE_ALL_LOCKS()');
  }
}

/** One lock for each database of the server; what is longer than a lock's name may be is told by its hash. */
async function lockName(connection: Connection): Promise<string> {
  const [[database] = []] = await connection.queryArrays('SELECT DATABASE()');
  const name = `limbeck:${String(database)}`;
  if (name.length <= MAX_LOCK_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, MAX_LOCK_NAME - 17)}:${hash}`;
}

/** Polls: who waits inside the server waits in its queue of locks, and cannot be told to stop. */
async function takeLock(connection: Connection, timeoutMs: number): Promise<void> {
  const name = await lockName(connection);
  const deadline = Date.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    const [[got] = []] = await connection.queryArrays('SELECT GET_LOCK(?, 0)', [name]);
    if (got === 1) return;
    // NULL is an error of the server's: killed, or no memory.
    if (got === null || got === undefined) {
      throw error('QUERY_FAILED', {
        sql: 'SELECT GET_LOCK(?, 0)',
        reason: 'the server could not take a lock',
      });
    }
    if (Date.now() >= deadline) {
      throw error('LOCK_TIMEOUT', {
        seconds: timeoutMs / 1000,
        holder: await holderOf(connection, name),
        isHeld: true,
      });
    }
    // Runners that wait together must not try together.
    await sleep(Math.min(100, 5 * 2 ** Math.min(attempt, 4)) * (0.5 + Math.random()));
  }
}

async function holderOf(connection: Connection, name: string): Promise<string | undefined> {
  try {
    const [[id] = []] = await connection.queryArrays('SELECT IS_USED_LOCK(?)', [name]);
    // It has let go meanwhile.
    if (id === null || id === undefined) return undefined;
    return (await sessionWords(connection, [Number(id)])).get(Number(id));
  } catch {
    return undefined;
  }
}
