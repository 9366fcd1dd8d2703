// Fresh, empty databases for tests, one of a kind and cheap. Servers start when the first is asked for; see
// CONTRIBUTING.md for how to keep them between runs.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import {
  isServerAvailable,
  type ServerName,
  serverVariable,
  sharedServerUrl,
} from './servers/shared-servers';

export type { TestServer } from './servers/server-process';
export { canStartServer, startServer } from './servers/shared-servers';

export type DatabaseKind = 'sqlite' | ServerName;

export interface DatabaseOptions {
  /** Of the URL of a MySQL or MariaDB database; `mariadb` unless told. */
  readonly scheme?: 'mysql' | 'mariadb';
  /** Of a MySQL or MariaDB database: `utf8mb4_bin`. The server's default for utf8mb4 unless told. */
  readonly collation?: string;
}

export interface TestDatabase {
  readonly kind: DatabaseKind;
  /** `sqlite:/tmp/…`, `postgres://limbeck@127.0.0.1:…/limbeck_test_…`, `mariadb://limbeck:…@127.0.0.1:…/…` */
  readonly url: string;
  /** Removes it, and ends connections that are still open on it. Twice is once. */
  drop(): Promise<void>;
}

/** Those whose tests are to run here: SQLite always, the others as `isAvailable` says. */
export function testDatabases(): readonly DatabaseKind[] {
  return (['sqlite', 'postgres', 'mysql'] as const).filter(isAvailable);
}

/** Without waiting, for use around `describe`; false only where a server's programs are missing (see there). */
export function isAvailable(kind: DatabaseKind): boolean {
  return kind === 'sqlite' || isServerAvailable(kind);
}

/** The URL of an administrator on the server of this test run; starts it if nobody has yet (about a second). */
export async function serverUrl(kind: ServerName): Promise<string> {
  return sharedServerUrl(kind);
}

/** Makes an empty database with a name of its own: some milliseconds on PostgreSQL, fewer on the others. */
export async function createDatabase(
  kind: DatabaseKind,
  options: DatabaseOptions = {},
): Promise<TestDatabase> {
  switch (kind) {
    case 'sqlite':
      return createFile();
    case 'postgres':
      return createOnPostgres(await serverUrl(kind));
    case 'mysql':
      return createOnMysql(await serverUrl(kind), options);
    default:
      throw new Error(`no databases of kind ${kind satisfies never}`);
  }
}

function createFile(): TestDatabase {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-database-'));
  return {
    kind: 'sqlite',
    url: `sqlite:${path.join(folder, 'test.db')}`,
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function createOnPostgres(server: string): Promise<TestDatabase> {
  const name = newName();
  // template0: nobody can be connected to it, and a connection to template1 would make this fail.
  await onPostgres(server, [{ text: `CREATE DATABASE ${name} TEMPLATE template0` }]);
  return {
    kind: 'postgres',
    url: withDatabase(server, name),
    drop: () =>
      onPostgres(server, [
        // Not DROP … WITH (FORCE), which PostgreSQL 12 does not have.
        { text: 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', values: [name] },
        { text: `DROP DATABASE IF EXISTS ${name}` },
      ]),
  };
}

async function createOnMysql(server: string, options: DatabaseOptions): Promise<TestDatabase> {
  const name = newName();
  const collate = options.collation ? ` COLLATE ${options.collation}` : '';
  await onMysql(server, (query) => query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4${collate}`));
  return {
    kind: 'mysql',
    url: withDatabase(server, name).replace(/^\w+:/, `${options.scheme ?? 'mariadb'}:`),
    drop: () =>
      onMysql(server, async (query) => {
        // DROP DATABASE would wait for the locks of a transaction that a test left open.
        const open = await query('SELECT id FROM information_schema.processlist WHERE db = ?', [name]);
        for (const { id } of open) await query(`KILL ${id}`).catch(ignoreGone);
        await query(`DROP DATABASE IF EXISTS ${name}`);
      }),
  };
}

/** Runs them one after the other, each in a transaction of its own: CREATE DATABASE refuses any other. */
async function onPostgres(server: string, statements: readonly { text: string; values?: string[] }[]) {
  const client = new Client({ connectionString: server, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect().catch((cause) => unreachable('postgres', cause));
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

type Query = (text: string, values?: readonly string[]) => Promise<{ readonly id: number }[]>;

async function onMysql(server: string, work: (query: Query) => Promise<unknown>): Promise<void> {
  const opened = createConnection({ uri: server, connectTimeout: 10_000 });
  const connection = await opened.catch((cause) => unreachable('mysql', cause));
  try {
    await work(async (text, values = []) => {
      const [rows] = await connection.query(text, [...values]);
      return Array.isArray(rows) ? (rows as { id: number }[]) : [];
    });
  } finally {
    await connection.end();
  }
}

/** Without the password that a URL from the environment may hold. */
function unreachable(kind: ServerName, cause: Error): never {
  const place = process.env[serverVariable(kind)] ? serverVariable(kind) : 'the test server';
  throw new Error(`${place} (${kind}) does not answer: ${cause.message || cause}`, { cause });
}

/** ER_NO_SUCH_THREAD: it has ended by itself meanwhile. */
function ignoreGone(cause: { errno?: number }): [] {
  if (cause.errno !== 1094) throw cause;
  return [];
}

const newName = () => `limbeck_test_${randomBytes(6).toString('hex')}`;

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}
