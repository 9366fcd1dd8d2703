/**
 * Who holds what a statement has waited for in vain. MySQL keeps a table of the locks on tables; MariaDB has a
 * plugin for it that is seldom installed, so that transactions that are open are named instead.
 */

import type { Connection, SqlValue } from '../contract.js';
import type { Flavour } from './flavour.js';

/**
 * The sessions that are in the way, in words for people; empty where nobody can be named.
 *
 * @param tables those that the statement needs; all of the database's when empty
 */
export async function findBlockers(
  flavour: Flavour,
  connection: Connection,
  tables: readonly string[],
): Promise<readonly string[]> {
  const ask = flavour.mariadb ? mariadbHolders : mysqlHolders;
  const holders =
    (await tried(() => ask(connection, tables))) ?? (await tried(() => openTransactions(connection))) ?? [];
  const ids = [...new Set(holders)];
  if (ids.length === 0) return [];
  const words = await sessionWords(connection, ids).catch(() => new Map<number, string>());
  return ids.map((id) => words.get(id) ?? `connection ${id}`);
}

/** Undefined where the server does not let us ask, or has nothing to tell. */
async function tried(ask: () => Promise<number[]>): Promise<number[] | undefined> {
  try {
    const ids = await ask();
    return ids.length === 0 ? undefined : ids;
  } catch {
    return undefined;
  }
}

function among(column: string, tables: readonly string[]): string {
  return tables.length === 0 ? '' : ` AND ${column} IN (${tables.map(() => '?').join(', ')})`;
}

/** "The metadata_locks Table"; on by default in MySQL 8. */
async function mysqlHolders(connection: Connection, tables: readonly string[]): Promise<number[]> {
  const rows = await connection.queryArrays(
    `SELECT DISTINCT t.processlist_id FROM performance_schema.metadata_locks AS l
      JOIN performance_schema.threads AS t ON t.thread_id = l.owner_thread_id
      WHERE l.object_type = 'TABLE' AND l.object_schema = DATABASE() AND l.lock_status = 'GRANTED'
      AND t.processlist_id IS NOT NULL AND t.processlist_id <> CONNECTION_ID()${among('l.object_name', tables)}`,
    tables,
  );
  return numbers(rows);
}

/** "Metadata Lock Info Plugin". */
async function mariadbHolders(connection: Connection, tables: readonly string[]): Promise<number[]> {
  const rows = await connection.queryArrays(
    `SELECT DISTINCT thread_id FROM information_schema.metadata_lock_info
      WHERE table_schema = DATABASE() AND thread_id <> CONNECTION_ID()${among('table_name', tables)}`,
    tables,
  );
  return numbers(rows);
}

/** Needs the right PROCESS. */
async function openTransactions(connection: Connection): Promise<number[]> {
  const rows = await connection.queryArrays(
    `SELECT t.trx_mysql_thread_id FROM information_schema.innodb_trx AS t
      JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
      WHERE t.trx_mysql_thread_id <> CONNECTION_ID() AND p.db = DATABASE() ORDER BY t.trx_started`,
  );
  return numbers(rows);
}

function numbers(rows: readonly SqlValue[][]): number[] {
  return rows.map(([id]) => Number(id));
}

/**
 * Sessions in words, by their number. Without the right PROCESS a user sees only sessions of its own; the others
 * are named by their number alone.
 */
export async function sessionWords(
  connection: Connection,
  ids: readonly number[],
): Promise<Map<number, string>> {
  const words = new Map(ids.map((id) => [id, `connection ${id}`]));
  const rows = await connection.queryArrays(
    `SELECT p.id, p.user, p.host, p.command, p.time, NOW() - INTERVAL p.time SECOND
      FROM information_schema.processlist AS p WHERE p.id IN (${ids.map(() => '?').join(', ')})`,
    ids,
  );
  for (const [id, user, host, command, seconds, since] of rows) {
    const doing = String(command).toLowerCase() === 'sleep' ? 'idle' : 'busy';
    words.set(
      Number(id),
      `connection ${id} of ${user} from ${host}, ${doing} for ${seconds} s (since ${String(since).slice(0, 19)} UTC)`,
    );
  }
  return words;
}
