/** `--sql`, run through the drivers: it leaves a database that a later run accepts, and the same bytes each time. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import {
  Check,
  Column,
  DataSource,
  Entity,
  Index,
  ManyToOne,
  type Migrations,
  migrations,
  type One,
  PrimaryColumn,
} from 'limbeck';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('shelves')
class Shelf {
  @PrimaryColumn('integer') id!: number;
  @Column('varchar', { length: 20 }) label!: string;
}

@Entity('books')
class Book {
  @PrimaryColumn('integer') id!: number;
  @Column('varchar', { length: 20 }) title!: string;
  @ManyToOne(() => Shelf, { nullable: true, onDelete: 'CASCADE' }) shelf!: One<Shelf> | null;
}

/** Of which SQLite must rebuild both tables: one others refer to. */
@Entity('shelves')
@Check('ck_label', "label <> ''")
class LaterShelf {
  @PrimaryColumn('integer') id!: number;
  @Column('varchar', { length: 40, nullable: true }) label!: string | null;
}

@Entity('books')
class LaterBook {
  @PrimaryColumn('integer') id!: number;
  @Index('ix_title') @Column('varchar', { length: 60, default: "it's" }) title!: string;
  @Column('integer', { nullable: true }) pages!: number | null;
  @ManyToOne(() => LaterShelf, { nullable: true }) shelf!: One<LaterShelf> | null;
}

/** A whole script at once, as a person would paste it. */
async function runScript({ kind, url }: TestDatabase, script = ''): Promise<void> {
  if (kind === 'sqlite') {
    const database = new Sqlite(url.slice('sqlite:'.length));
    try {
      database.pragma('foreign_keys = ON');
      database.exec(script);
    } finally {
      database.close();
    }
  } else if (kind === 'postgres') {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(script).finally(() => client.end());
  } else {
    const connection = await createConnection({
      uri: url.replace(/^mariadb:/, 'mysql:'),
      multipleStatements: true,
    });
    await connection.query(script).finally(() => connection.end());
  }
}

describe.each(testDatabases())('scripts on %s', (kind) => {
  let folder: string;
  const databases: TestDatabase[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-accepted-'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
    // The files are written as people have them written.
    const first = await empty();
    await on(first, [Book, Shelf]).revision({ autogenerate: true, revId: 'a1', message: 'books' });
    await on(first, [Book, Shelf]).upgrade('head');
    await on(first).revision({ autogenerate: true, revId: 'a2', message: 'more' });
  });
  afterAll(async () => {
    for (const database of databases) await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function empty(): Promise<TestDatabase> {
    const database = await createDatabase(kind);
    databases.push(database);
    return database;
  }
  const on = ({ url }: TestDatabase, entities = [LaterBook, LaterShelf] as never[] | object[]): Migrations =>
    migrations({ url, entities: entities as never[], migrations: path.join(folder, 'migrations') });

  async function accepted(database: TestDatabase): Promise<void> {
    const online = on(database);
    expect((await online.current()).map(({ revision }) => revision)).toEqual(['a2']);
    await expect(online.upgrade('head')).resolves.toMatchObject({ steps: [], heads: ['a2'] });
    await expect(online.check()).resolves.toMatchObject({ changes: [] });
    await online.downgrade('base');
    await online.upgrade('head');
    await expect(online.check()).resolves.toMatchObject({ changes: [] });
  }

  test.each(['head', 'heads', 'a2', '+2', 'base:head', 'base:a2'])(
    'upgrade --sql %s from nothing is accepted by a run',
    async (target) => {
      const database = await empty();
      const { sql } = await on(database).upgrade(target, { sql: true });
      await runScript(database, sql);
      await accepted(database);
    },
  );

  test('an upgrade in two ranges keeps rows, where foreign keys are on as well', async () => {
    const database = await empty();
    await runScript(database, (await on(database).upgrade('a1', { sql: true })).sql);
    await runScript(
      database,
      "INSERT INTO shelves VALUES (1, 'A'); INSERT INTO books (id, title, shelf_id) VALUES (1, 'x', 1);",
    );
    await runScript(database, (await on(database).upgrade('a1:head', { sql: true })).sql);
    const source = await new DataSource({ url: database.url }).initialize();
    expect(await source.query('SELECT id, title, shelf_id, pages FROM books')).toEqual([
      { id: 1, title: 'x', shelf_id: 1, pages: null },
    ]);
    await source.destroy();
    await accepted(database);
  });

  test.each(['a2:a1', 'head:a1', 'head:-1', 'head:head-1'])(
    'downgrade --sql %s is accepted by a run',
    async (range) => {
      const database = await empty();
      await on(database).upgrade('head');
      await runScript(database, (await on(database).downgrade(range, { sql: true })).sql);
      const before = migrations({
        url: database.url,
        entities: [Book, Shelf],
        migrations: path.join(folder, 'migrations'),
      });
      expect((await before.current()).map(({ revision }) => revision)).toEqual(['a1']);
      expect((await before.diff({ fromMigrations: false }).catch((cause) => cause)).code).toBe(
        'NOT_UP_TO_DATE',
      );
      await on(database).upgrade('head');
      await accepted(database);
    },
  );

  test.each(['head:base', 'a2:base'])('downgrade --sql %s leaves nothing', async (range) => {
    const database = await empty();
    await on(database).upgrade('head');
    await runScript(database, (await on(database).downgrade(range, { sql: true })).sql);
    await expect(on(database).current()).resolves.toEqual([]);
    await on(database).upgrade('head');
    await accepted(database);
  });

  test.each(['a2', 'head', 'base:head'])('stamp --sql %s is accepted by a run', async (target) => {
    const database = await empty();
    const source = await new DataSource({
      url: database.url,
      entities: [LaterBook, LaterShelf],
    }).initialize();
    await source.createSchema();
    await source.destroy();
    await runScript(database, (await on(database).stamp(target, { sql: true })).sql);
    await accepted(database);
  });

  test('a stamp in a range moves the row that is there', async () => {
    const database = await empty();
    await runScript(database, (await on(database).stamp('a1', { sql: true })).sql);
    await runScript(database, (await on(database).stamp('a1:a2', { sql: true })).sql);
    expect((await on(database).current()).map(({ revision }) => revision)).toEqual(['a2']);
  });

  test('the same files give the same bytes', async () => {
    const [one, two] = [await empty(), await empty()];
    for (const write of [
      (m: Migrations) => m.upgrade('head', { sql: true }),
      (m: Migrations) => m.downgrade('head:base', { sql: true }),
      (m: Migrations) => m.stamp('head', { sql: true }),
      (m: Migrations) => m.ensureVersion({ sql: true }),
    ]) {
      expect((await write(on(one))).sql).toBe((await write(on(two))).sql);
    }
  });
});
