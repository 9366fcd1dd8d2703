/** Databases on the test server, opened by the pack's own door and gone with the test. */

import type { Connection, Database, Dialect, OpenOptions } from '../../../src/dialects/contract.js';
import { openMysql } from '../../../src/dialects/mysql/database.js';
import type { Flavour } from '../../../src/dialects/mysql/flavour.js';
import { createDatabase, type DatabaseOptions, type TestDatabase } from '../../support/databases.js';

const tests: TestDatabase[] = [];
const databases: Database[] = [];

afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.close()));
  await Promise.all(tests.splice(0).map((database) => database.drop()));
});

/** The URL of an empty database. */
export async function emptyDatabase(options?: DatabaseOptions): Promise<string> {
  const database = await createDatabase('mysql', options);
  tests.push(database);
  return database.url;
}

/** These tests ask a database for everything but its dialect. */
export async function open(url: string, options: Partial<OpenOptions> = {}): Promise<Database> {
  const dialectOf = (flavour: Flavour): Dialect => ({ flavour }) as unknown as Dialect;
  const database = await openMysql({ url, mode: 'existing', ...options }, dialectOf);
  databases.push(database);
  return database;
}

/** A connection to an empty database. */
export async function connect(options?: DatabaseOptions): Promise<Connection> {
  return (await (await open(await emptyDatabase(options))).acquire('write')).connection;
}

/** The error that something ends in; fails where it does not. */
export async function errorOf(action: () => unknown): Promise<any> {
  try {
    await action();
  } catch (cause) {
    return cause;
  }
  throw new Error('No error was thrown.');
}

export async function codeOf(action: () => unknown): Promise<string> {
  return (await errorOf(action)).code;
}
