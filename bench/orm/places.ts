/** Where the workloads run: a database for each candidate, all of them with the same library in them. */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { createDatabase, serverUrl, type TestDatabase } from '../../test/support/databases.js';
import { driver } from './driver.js';
import { fill, libraryRows } from './library.js';
import { openLimbeck } from './limbeck.js';
import { mysqlDriver, postgresDriver } from './server-driver.js';
import type { Candidate } from './workloads.js';

export interface Place {
  readonly name: 'sqlite' | 'postgres' | 'mariadb';
  /** Code written by hand, which all others are compared with. */
  readonly driver: Candidate;
  /** How much of the usual number of calls and rounds: on a server each takes its time. */
  readonly effort: number;
  make(count: number): Promise<Made>;
}

/** Files or URLs, and how to get rid of them. */
interface Made {
  readonly places: readonly string[];
  remove(): Promise<void>;
}

const TABLES = ['authors', 'tags', 'books', 'chapters', 'books_tags', 'notes'];
const WITH_KEYS = ['authors', 'books', 'chapters', 'notes'];

export const PLACES: Readonly<Record<Place['name'], Place>> = {
  sqlite: { name: 'sqlite', driver, effort: 1, make: makeFiles },
  postgres: { name: 'postgres', driver: postgresDriver, effort: 0.1, make: makeOnPostgres },
  mariadb: { name: 'mariadb', driver: mysqlDriver, effort: 0.1, make: makeOnMariadb },
};

async function makeFiles(count: number): Promise<Made> {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-bench-'));
  const seed = path.join(folder, 'seed.db');
  await createSchema(seed);
  fill(seed);
  const places = Array.from({ length: count }, (_, i) => path.join(folder, `${i}.db`));
  for (const file of places) copyFileSync(seed, file);
  return { places, remove: async () => rmSync(folder, { recursive: true, force: true }) };
}

async function createSchema(place: string): Promise<void> {
  const db = await openLimbeck(place);
  await db.createSchema();
  await db.destroy();
}

/** Copies of one database, which the server makes by itself. */
async function makeOnPostgres(count: number): Promise<Made> {
  const seed = await createDatabase('postgres');
  await createSchema(seed.url);
  const client = new Client({ connectionString: seed.url });
  await client.connect();
  for (const [table, names, rows] of portions()) {
    const marks = rows.map((row, r) => `(${row.map((_, c) => `$${r * names.length + c + 1}`).join(', ')})`);
    await client.query(`INSERT INTO ${table} (${names.join(', ')}) VALUES ${marks.join(', ')}`, rows.flat());
  }
  for (const table of WITH_KEYS) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}))`,
    );
  }
  await client.query('VACUUM ANALYZE');
  await client.end();
  const seedName = new URL(seed.url).pathname.slice(1);
  const admin = new Client({ connectionString: await serverUrl('postgres') });
  await admin.connect();
  const names = Array.from({ length: count }, (_, i) => `${seedName}_${i}`);
  for (const name of names) await admin.query(`CREATE DATABASE ${name} TEMPLATE ${seedName}`);
  const remove = async (): Promise<void> => {
    for (const name of names) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
    await seed.drop();
  };
  return { places: names.map((name) => seed.url.replace(seedName, name)), remove };
}

/** Databases of one schema each, filled from the first one. */
async function makeOnMariadb(count: number): Promise<Made> {
  const made: TestDatabase[] = [];
  for (let i = 0; i < count; i++) {
    const database = await createDatabase('mysql');
    made.push(database);
    await createSchema(database.url);
  }
  const names = made.map(({ url }) => new URL(url).pathname.slice(1));
  const connection = await createConnection((made[0]?.url ?? '').replace(/^mariadb:/, 'mysql:'));
  for (const [table, columns, rows] of portions()) {
    await connection.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ?`, [rows]);
  }
  for (const name of names.slice(1)) {
    for (const table of TABLES)
      await connection.query(`INSERT INTO ${name}.${table} SELECT * FROM ${names[0]}.${table}`);
  }
  const tables = names.flatMap((name) => TABLES.map((table) => `${name}.${table}`));
  await connection.query(`ANALYZE TABLE ${tables.join(', ')}`);
  await connection.end();
  const remove = async (): Promise<void> => {
    for (const database of made) await database.drop();
  };
  return { places: made.map(({ url }) => url), remove };
}

type Portion = readonly [table: string, columns: readonly string[], rows: unknown[][]];

/** The library in statements of a thousand rows. */
function* portions(): Generator<Portion> {
  let table = '';
  let columns: readonly string[] = [];
  let rows: unknown[][] = [];
  for (const [name, row] of sorted()) {
    if (rows.length === 1_000 || (name !== table && rows.length > 0)) {
      yield [table, columns, rows];
      rows = [];
    }
    if (name !== table) columns = Object.keys(row);
    table = name;
    rows.push(Object.values(row));
  }
  if (rows.length > 0) yield [table, columns, rows];
}

function sorted(): (readonly [string, object])[] {
  const place = new Map(TABLES.map((name, i) => [name, i]));
  const rank = (name: string): number => place.get(name) ?? 0;
  return [...libraryRows()].sort(([a], [b]) => rank(a) - rank(b));
}
