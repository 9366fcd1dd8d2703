// The demo's own eyes: the database read by its driver alone, for Limbeck is not asked about its own work.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Tables that the demo makes, those that refer to others first. */
export const DEMO_TABLES = ['books', 'authors', 'limbeck_version', 'limbeck_journal', 'limbeck_lock'];

/**
 * Opens what a URL names.
 *
 * @returns rows by column name for a statement, and the closing of it
 */
export async function openByDriver(url) {
  switch (url.split(':', 1)[0]) {
    case 'sqlite':
      return openSqlite(url.slice('sqlite:'.length));
    case 'postgres':
    case 'postgresql':
      return openPostgres(url);
    case 'mysql':
    case 'mariadb':
      return openMysql(url);
    default:
      throw new Error(
        `--url takes sqlite:, postgres://, mysql:// or mariadb://, not '${url.split(':', 1)[0]}:'.`,
      );
  }
}

function openSqlite(file) {
  const Database = require('better-sqlite3');
  const database = new Database(file);
  return {
    rows: async (sql) => {
      const statement = database.prepare(sql);
      if (statement.reader) return statement.all();
      statement.run();
      return [];
    },
    tables: async () => database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all(),
    columns: async (table) => database.pragma(`table_info(${table})`).map(({ name }) => name),
    close: async () => database.close(),
  };
}

async function openPostgres(url) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  const rows = async (sql) => (await client.query(sql)).rows;
  return { rows, ...catalogOf(rows, 'current_schema()'), close: () => client.end() };
}

async function openMysql(url) {
  const { createConnection } = require('mysql2/promise');
  const connection = await createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
  const rows = async (sql) => (await connection.query(sql))[0];
  return { rows, ...catalogOf(rows, 'database()'), close: () => connection.end() };
}

/** The standard's catalog, which both servers have. */
function catalogOf(rows, schema) {
  const names = async (what, condition) => {
    const found = await rows(
      `SELECT ${what}_name AS name FROM information_schema.${what}s WHERE table_schema = ${schema}${condition}`,
    );
    return found.map(({ name }) => name);
  };
  return {
    tables: () => names('table', ''),
    columns: (table) => names('column', ` AND table_name = '${table}'`),
  };
}
