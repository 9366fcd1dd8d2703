/** Opening databases in tests: in memory, or in a folder of their own that goes with the test. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Connection, Database, Dialect, OpenOptions } from '../../../src/dialects/contract.js';
import { openSqlite } from '../../../src/dialects/sqlite/database.js';
import { introspect } from '../../../src/dialects/sqlite/introspect.js';
import type { Schema, Table } from '../../../src/schema/model.js';

/** These tests ask a database for everything but its dialect. */
const NO_DIALECT = {} as Dialect;

const folders: string[] = [];
const databases: Database[] = [];

afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-sqlite-'));
  folders.push(folder);
  return folder;
}

export async function open(url: string, mode: OpenOptions['mode'] = 'create'): Promise<Database> {
  const database = await openSqlite({ url, mode }, NO_DIALECT);
  databases.push(database);
  return database;
}

/** The writer's connection of a new database in memory. */
export async function connectMemory(): Promise<Connection> {
  const lease = await (await open('sqlite::memory:')).acquire('write');
  return lease.connection;
}

export async function schemaOf(sql: string, ignore: readonly string[] = []): Promise<Schema> {
  const connection = await connectMemory();
  await connection.script(sql);
  return introspect(connection, ignore);
}

/** The only table that a script makes, or the one of a name. */
export async function tableOf(sql: string, name?: string): Promise<Table> {
  const { tables } = await schemaOf(sql);
  const table = name === undefined ? tables[0] : tables.find((each) => each.name === name);
  if (table === undefined) throw new Error(`There is no table ${name ?? ''}.`);
  return table;
}

/** The code of the error that something ends in; fails where it does not. */
export async function codeOf(action: () => unknown): Promise<string> {
  return (await errorOf(action)).code;
}

export async function errorOf(action: () => unknown): Promise<any> {
  try {
    await action();
  } catch (cause) {
    return cause;
  }
  throw new Error('No error was thrown.');
}
