/**
 * The transaction of one revision on SQLite: BEGIN IMMEDIATE is the lock, held by the very connection that
 * runs the DDL, so a killed runner lets go of it and undoes its work in one.
 *
 * Foreign keys are switched before BEGIN, because inside a transaction that pragma does nothing
 * ("PRAGMA foreign_keys"), and what a rebuild left behind is checked before COMMIT.
 */

import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import type { BeginRevisionOptions, Connection, RevisionTransactions } from '../contract.js';
import { quoteIdentifier as quote } from './literals.js';

const LOCK_TABLE = 'limbeck_lock';

export const revisionTransactions: RevisionTransactions = {
  async announce(connection, options) {
    await beginImmediate(connection, options);
    try {
      await connection.run(
        `CREATE TABLE IF NOT EXISTS ${LOCK_TABLE} (host text NOT NULL, pid integer NOT NULL, since text NOT NULL, PRIMARY KEY (host, pid))`,
      );
      for (const { host, pid } of await announced(connection)) {
        if (hasEnded(host, pid)) await withdraw(connection, host, pid);
      }
      await connection.run(`INSERT OR REPLACE INTO ${LOCK_TABLE} (host, pid, since) VALUES (?, ?, ?)`, [
        hostname(),
        process.pid,
        new Date().toISOString(),
      ]);
      await connection.run('COMMIT');
    } catch (cause) {
      await revisionTransactions.rollback(connection);
      throw cause;
    }
  },

  async retire(connection) {
    await withdraw(connection, hostname(), process.pid);
  },

  async begin(connection, options) {
    await connection.run(`PRAGMA foreign_keys = ${options.enforceForeignKeys ? 'ON' : 'OFF'}`);
    // A revision that was reported as done must survive a power cut ("PRAGMA synchronous").
    await connection.run('PRAGMA synchronous = FULL');
    try {
      await beginImmediate(connection, options);
    } catch (cause) {
      // No rollback follows what never began, and the connection may be lent by an application.
      await settle(connection);
      throw cause;
    }
  },

  async brokenForeignKeys(connection) {
    return brokenKeys(connection);
  },

  async commit(connection) {
    await connection.run('COMMIT');
    await settle(connection);
  },

  async rollback(connection) {
    // A full disk has undone the transaction already ("Response To Errors Within A Transaction").
    if (connection.inTransaction) await connection.run('ROLLBACK');
    await settle(connection);
  },

  async schemaStamp(connection) {
    const [row] = await connection.query('PRAGMA schema_version');
    return String(row?.schema_version);
  },
};

/** Leaves the connection as `database.ts` set it up for applications. */
async function settle(connection: Connection): Promise<void> {
  const [mode] = await connection.query('PRAGMA journal_mode');
  if (mode?.journal_mode === 'wal') await connection.run('PRAGMA synchronous = NORMAL');
  await connection.run('PRAGMA legacy_alter_table = OFF');
  await connection.run('PRAGMA foreign_keys = ON');
}

/** Takes the write lock; while another has it, the event loop is free between two tries. */
async function beginImmediate(
  connection: Connection,
  options: Pick<BeginRevisionOptions, 'timeoutMs'>,
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (let attempt = 0; ; attempt++) {
    try {
      await connection.run('BEGIN IMMEDIATE', [], { waitMs: 0 });
      return;
    } catch (cause) {
      if (!isLimbeckError(cause) || cause.code !== 'DATABASE_BUSY') throw cause;
      if (Date.now() >= deadline) throw await lockTimeout(connection, options.timeoutMs, cause);
      // Runners that wait together must not try together.
      await sleep(Math.min(100, 5 * 2 ** Math.min(attempt, 4)) * (0.5 + Math.random()));
    }
  }
}

async function lockTimeout(connection: Connection, timeoutMs: number, cause: unknown): Promise<Error> {
  return error('LOCK_TIMEOUT', { seconds: timeoutMs / 1000, holder: await holderOf(connection) }, { cause });
}

/** Of those who have announced a run the one who did so first, since the others wait for it as we do. */
async function holderOf(connection: Connection): Promise<string | undefined> {
  try {
    const others = (await announced(connection)).filter(
      ({ host, pid }) => !(host === hostname() && pid === process.pid) && !hasEnded(host, pid),
    );
    const [first] = others;
    return first && `process ${first.pid} on ${first.host}, since ${first.since}`;
  } catch {
    // The table is not there before the first run.
    return undefined;
  }
}

interface Announcement {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

async function announced(connection: Connection): Promise<Announcement[]> {
  const rows = await connection.query(`SELECT host, pid, since FROM ${LOCK_TABLE} ORDER BY since, host, pid`);
  return rows.map(({ host, pid, since }) => ({ host: String(host), pid: Number(pid), since: String(since) }));
}

async function withdraw(connection: Connection, host: string, pid: number): Promise<void> {
  await connection.run(`DELETE FROM ${LOCK_TABLE} WHERE host = ? AND pid = ?`, [host, pid]);
}

/** Whether a runner was killed before it could take its word back; of other hosts nobody knows. */
function hasEnded(host: string, pid: number): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Rows without their parent, as `table → parent: rows`, each with its rowid so that two checks can be compared. */
async function brokenKeys(connection: Connection): ReturnType<RevisionTransactions['brokenForeignKeys']> {
  const rows = await connection.query('PRAGMA foreign_key_check');
  const keys = new Map<string, { table: string; refTable: string; columns: string; rows: string[] }>();
  for (const row of rows) {
    const table = String(row.table);
    const key = `${table}\0${row.parent}\0${row.fkid}`;
    let broken = keys.get(key);
    if (broken === undefined) {
      broken = {
        table,
        refTable: String(row.parent),
        columns: await columnsOf(connection, table, row.fkid),
        rows: [],
      };
      keys.set(key, broken);
    }
    // Rows of a table without rowid are counted, so that a new one is told from those before.
    broken.rows.push(row.rowid === null ? `#${broken.rows.length + 1}` : String(row.rowid));
  }
  return [...keys.values()];
}

async function columnsOf(connection: Connection, table: string, id: unknown): Promise<string> {
  const rows = await connection.query(`PRAGMA foreign_key_list(${quote(table)})`);
  return rows
    .filter((row) => row.id === id)
    .map((row) => String(row.from))
    .join(', ');
}
