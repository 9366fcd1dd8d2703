/** The public Chinook database as its own scripts make it, on each kind of database. */

import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { DatabaseKind } from '../support/databases';

const FOLDER = path.resolve(__dirname, '../../../shared/data/chinook');

/** Whether the data lies beside the repository. */
export const hasChinook = existsSync(FOLDER);

/** How Chinook calls a table or column: PascalCase, on PostgreSQL snake_case. */
export function chinookName(kind: DatabaseKind): (name: string) => string {
  return kind === 'postgres'
    ? (name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
    : (name) => name;
}

/** Fills an empty database. */
export async function loadChinook(kind: DatabaseKind, url: string): Promise<void> {
  switch (kind) {
    case 'sqlite':
      copyFileSync(path.join(FOLDER, 'Chinook_Sqlite.sqlite'), url.slice('sqlite:'.length));
      return;
    case 'postgres': {
      const text = readFileSync(path.join(FOLDER, 'Chinook_PostgreSql.sql'), 'utf8');
      await onPostgres(url, text.replace(/^(?:DROP DATABASE|CREATE DATABASE|\\c) .*$/gm, ''));
      return;
    }
    case 'mysql': {
      const text = readFileSync(path.join(FOLDER, 'Chinook_MySql.sql'), 'utf8');
      await onMysql(url, text.replace(/^(?:DROP DATABASE|CREATE DATABASE|USE) .*$/gm, ''));
      return;
    }
    default:
      throw new Error(`no Chinook for ${kind satisfies never}`);
  }
}

/** The rows of hand-written SQL, by the driver alone; names stand in double quotes. */
export async function chinookRows(kind: DatabaseKind, url: string, sql: string): Promise<unknown[][]> {
  if (kind === 'postgres') return (await onPostgres(url, sql)) as unknown[][];
  if (kind === 'mysql') return (await onMysql(url, sql.replaceAll('"', '`'))) as unknown[][];
  const db = new Database(url.slice('sqlite:'.length), { readonly: true });
  try {
    return db.prepare(sql).raw().all() as unknown[][];
  } finally {
    db.close();
  }
}

async function onPostgres(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

async function onMysql(url: string, sql: string): Promise<unknown> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  try {
    return (await connection.query({ sql, rowsAsArray: true }))[0];
  } finally {
    await connection.end();
  }
}
