/** The connections of a database: the first one is made at once, so that what is wrong is known at once. */

import type { OpenOptions, SqlValue } from '../contract.js';
import { connect } from './connect.js';
import type { ConnectionPlace, PostgresConnection } from './driver.js';
import { quoteIdentifier } from './literals.js';
import { ConnectionPool } from './pool.js';
import { searchPathOf, sessionReset, sessionSetup } from './session.js';
import { describePostgresUrl, type PostgresLocation, parsePostgresUrl } from './url.js';

const MAX_CONNECTIONS = 10;

export interface OpenedPool {
  readonly pool: ConnectionPool;
  /** Of the server, as a number: 170010 for 17.10. */
  readonly version: number;
}

/**
 * Opens the connections of a database.
 *
 * @throws URL_INVALID · DRIVER_MISSING · DATABASE_MISSING · CONNECTION_FAILED
 */
export async function openPool(options: OpenOptions): Promise<OpenedPool> {
  const location = parsePostgresUrl(options.url);
  const name = describePostgresUrl(options.url);
  const place: ConnectionPlace = { name, defaultSchema: undefined };
  const first = await connect(location, place);
  let searchPath: string | undefined;
  let version: number;
  try {
    searchPath = await prepareSchema(first, options);
    const [[schema, versionText] = []] = await first.queryArrays(
      "SELECT pg_catalog.current_schema(), pg_catalog.current_setting('server_version_num')",
    );
    place.defaultSchema = typeof schema === 'string' ? schema : undefined;
    version = Number(versionText);
  } catch (cause) {
    await first.close();
    throw cause;
  }
  const limit = options.maxConnections ?? MAX_CONNECTIONS;
  const waitMs = options.acquireTimeoutMs;
  return { pool: poolOf(first, { location, place, searchPath, limit, waitMs }), version };
}

interface PoolParts {
  readonly location: PostgresLocation;
  readonly place: ConnectionPlace;
  readonly searchPath: string | undefined;
  readonly limit: number;
  readonly waitMs: number | undefined;
}

function poolOf(
  first: PostgresConnection,
  { location, place, searchPath, limit, waitMs }: PoolParts,
): ConnectionPool {
  const pool = new ConnectionPool({
    name: place.name,
    limit,
    waitMs,
    resetScript: sessionReset(searchPath),
    open: () => connect(location, place, searchPath),
  });
  place.askElsewhere = (sql, params) => askSpare(pool, sql, params);
  pool.adopt(first);
  return pool;
}

/**
 * Sees to the schema that was asked for.
 *
 * @returns the search path for it; undefined where the connection's default is meant
 */
async function prepareSchema(
  connection: PostgresConnection,
  options: OpenOptions,
): Promise<string | undefined> {
  const { schema, mode } = options;
  if (schema === undefined) return undefined;
  let exists = await hasSchema(connection, schema);
  if (!exists && mode === 'create') {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
    exists = true;
  }
  const searchPath = searchPathOf(schema, exists);
  await connection.refresh(sessionSetup(searchPath));
  return searchPath;
}

async function hasSchema(connection: PostgresConnection, schema: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1';
  return (await connection.queryArrays(sql, [schema])).length > 0;
}

async function askSpare(
  pool: ConnectionPool,
  sql: string,
  params: readonly string[],
): Promise<SqlValue[][] | undefined> {
  const connection = await pool.takeSpare();
  if (connection === undefined) return undefined;
  try {
    return await connection.queryArrays(sql, params);
  } finally {
    pool.giveBack(connection);
  }
}
