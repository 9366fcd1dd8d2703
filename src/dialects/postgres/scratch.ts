/**
 * Databases made for tests: beside the one of a configuration, which is not opened, and gone when they are done.
 * A comment on each says whose it is, so that what a killed run left behind is taken away by the next one, and so
 * that nothing else is ever taken for one of ours.
 */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import type { ScratchDatabase } from '../contract.js';
import { connect } from './connect.js';
import type { PostgresConnection } from './driver.js';
import { literalText, quoteIdentifier } from './literals.js';
import { describePostgresUrl, parsePostgresUrl, withDatabase } from './url.js';

const MARK = 'limbeck test database of ';
/** Identifiers are cut there; a copy of a database has two more. */
const MAX_NAME_BYTES = 61;

/**
 * An empty database.
 *
 * @param url of a configuration; its server, user and options are used
 * @throws CONNECTION_FAILED · PERMISSION_DENIED where the user may not make databases
 */
export async function createScratch(url: string): Promise<ScratchDatabase> {
  const name = scratchName(parsePostgresUrl(url).database);
  await onServer(url, async (connection) => {
    await dropAbandoned(connection);
    // Not template1, in which anybody may have put anything, and which must not be in use meanwhile.
    await createDatabase(connection, name, 'template0');
  });
  return {
    url: withDatabase(url, name),
    drop: () => onServer(url, (connection) => dropDatabase(connection, name)),
  };
}

/** The configured name, the test worker, the process, and chance. */
function scratchName(database: string): string {
  const worker = process.env.JEST_WORKER_ID ?? process.env.VITEST_POOL_ID ?? '1';
  const end = `_test_${worker}_${process.pid}_${randomBytes(4).toString('hex')}`;
  let start = database;
  while (Buffer.byteLength(start + end) > MAX_NAME_BYTES) start = [...start].slice(0, -1).join('');
  return start + end;
}

/**
 * Runs work on a connection to a database of the server that is always there.
 *
 * @param url of another database, which is asked only where no other one lets us in
 */
export async function onServer<R>(
  url: string,
  work: (connection: PostgresConnection) => Promise<R>,
): Promise<R> {
  const connection = await connectToServer(url);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

async function connectToServer(url: string): Promise<PostgresConnection> {
  const configured = parsePostgresUrl(url);
  let first: unknown;
  for (const database of ['postgres', configured.database, 'template1']) {
    const name = describePostgresUrl(withDatabase(url, database));
    try {
      return await connect({ ...configured, database }, { name, defaultSchema: undefined });
    } catch (cause) {
      first ??= cause;
      // A server that is not there at all is not asked again for another database.
      const refused =
        isLimbeckError(cause) && (cause.cause as { severity?: unknown } | undefined)?.severity !== undefined;
      if (!refused) throw cause;
    }
  }
  throw first;
}

/** Makes a database that is marked as one of ours. */
export async function createDatabase(
  connection: PostgresConnection,
  name: string,
  template: string,
): Promise<void> {
  const quoted = quoteIdentifier(name);
  await connection.run(`CREATE DATABASE ${quoted} TEMPLATE ${quoteIdentifier(template)}`);
  await connection.run(
    `COMMENT ON DATABASE ${quoted} IS ${literalText(`${MARK}${hostname()}:${process.pid}`)}`,
  );
}

/** Drops a database whoever is connected to it. */
export async function dropDatabase(connection: PostgresConnection, name: string): Promise<void> {
  const drop = `DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`;
  try {
    await connection.run(`${drop} WITH (FORCE)`);
  } catch (cause) {
    // Before PostgreSQL 13 it is a syntax error.
    if (!isLimbeckError(cause) || (cause.cause as { code?: unknown } | undefined)?.code !== '42601')
      throw cause;
    await connection.run(
      'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1',
      [name],
    );
    await connection.run(drop);
  }
}

/** What killed processes of this host have left; one that somebody uses cannot be dropped, and stays. */
async function dropAbandoned(connection: PostgresConnection): Promise<void> {
  const rows = await connection.queryArrays(
    `SELECT d.datname, pg_catalog.shobj_description(d.oid, 'pg_database') FROM pg_catalog.pg_database d
      WHERE pg_catalog.starts_with(pg_catalog.shobj_description(d.oid, 'pg_database'), $1)`,
    [`${MARK}${hostname()}:`],
  );
  for (const [name, mark] of rows) {
    if (!hasEnded(Number(String(mark).slice(String(mark).lastIndexOf(':') + 1)))) continue;
    await connection.run(`DROP DATABASE IF EXISTS ${quoteIdentifier(String(name))}`).catch(() => {});
  }
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Makes sure that a database is one of ours before anything in it is thrown away. @throws CAPABILITY_MISSING */
export async function requireScratch(connection: PostgresConnection, name: string): Promise<void> {
  const [[mark] = []] = await connection.queryArrays(
    "SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = current_database()",
  );
  if (typeof mark === 'string' && mark.startsWith(MARK)) return;
  throw error('CAPABILITY_MISSING', {
    database: 'PostgreSQL',
    feature: 'snapshot of a database that was not made for tests',
    object: name,
  });
}
