/** Empty databases for tests, beside the one that a configuration names, which is never opened. */

import { randomBytes } from 'node:crypto';
import type { ScratchDatabase } from '../contract.js';
import { quoteIdentifier } from './literals.js';
import { Server } from './server.js';
import { parseMysqlUrl, withDatabase } from './url.js';

/** "Identifiers … Maximum Length": 64 characters. */
const MAX_NAME = 64;

/**
 * Makes an empty database, named after the one of the URL, the test worker, the process and chance.
 *
 * @throws CONNECTION_FAILED · PERMISSION_DENIED where the user may not create databases
 */
export async function scratchDatabase(url: string): Promise<ScratchDatabase> {
  const location = parseMysqlUrl(url);
  const name = scratchName(location.database ?? 'limbeck');
  await onServer(url, async (run) => {
    await run(`CREATE DATABASE ${quoteIdentifier(name)} CHARACTER SET utf8mb4`);
  });
  let isThere = true;
  return {
    url: withDatabase(url, name),
    drop: async () => {
      if (!isThere) return;
      isThere = false;
      await onServer(url, async (run, query) => {
        // DROP DATABASE would wait for whatever a test has left open on it.
        for (const id of await query(SESSIONS, [name])) await run(`KILL ${id}`).catch(() => {});
        await run(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
      });
    },
  };
}

const SESSIONS = 'SELECT id FROM information_schema.processlist WHERE db = ?';

function scratchName(base: string): string {
  const worker = process.env.JEST_WORKER_ID ?? process.env.VITEST_POOL_ID ?? '0';
  const tail = `_test_${worker.replaceAll(/\W/g, '')}_${process.pid}_${randomBytes(4).toString('hex')}`;
  return `${base.slice(0, MAX_NAME - tail.length)}${tail}`;
}

type Run = (sql: string) => Promise<void>;
type Query = (sql: string, params: readonly string[]) => Promise<number[]>;

async function onServer(url: string, work: (run: Run, query: Query) => Promise<void>): Promise<void> {
  const server = await Server.connect({ ...parseMysqlUrl(url), database: undefined });
  const connection = await server.takeFirst();
  try {
    await work(
      async (sql) => {
        await connection.run(sql);
      },
      async (sql, params) => (await connection.queryArrays(sql, params)).map(([id]) => Number(id)),
    );
  } finally {
    await connection.end();
  }
}
