/** The data source: its life, its schema, and SQL by hand. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDataSource } from '../../src/config';
import { DataSource } from '../../src/data-source';
import { Column, Entity, PrimaryGeneratedColumn } from '../../src/decorators/index';
import { Author, Book, entities } from './library';
import { openLibrary } from './open-library';

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { code?: string }) => cause.code ?? cause,
  );

const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-ds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('its life', () => {
  test('begins with initialize() and ends with destroy(), each as often as one likes', async () => {
    const db = new DataSource({ url: 'sqlite::memory:', entities });
    expect(db.isInitialized).toBe(false);
    expect(() => db.getRepository(Author)).toThrow('not initialized');
    expect(() => db.manager).toThrow('not initialized');
    expect(await codeOf(db.query('SELECT 1'))).toBe('DATA_SOURCE_CLOSED');
    expect(await codeOf(db.transaction(async () => 1))).toBe('DATA_SOURCE_CLOSED');
    await Promise.all([db.initialize(), db.initialize()]);
    expect(await db.initialize()).toBe(db);
    expect(db.isInitialized).toBe(true);
    const repository = db.getRepository(Author);
    await db.destroy();
    await db.destroy();
    expect(db.isInitialized).toBe(false);
    expect(() => db.getRepository(Author)).toThrow('was destroyed');
    expect(await codeOf(repository.find())).toBe('CONNECTION_CLOSED');
    await db.initialize();
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await db.destroy();
  });

  test('ends with its block where that has `await using`', async () => {
    const db = new DataSource({ url: 'sqlite::memory:', entities });
    await db.initialize();
    await db[Symbol.asyncDispose]();
    expect(db.isInitialized).toBe(false);
  });

  test('does not begin where the configuration or an entity is wrong', async () => {
    expect(await codeOf(new DataSource({ url: '' }).initialize())).toBe('CONFIG_INVALID');
    class Plain {}
    expect(await codeOf(new DataSource({ url: 'sqlite::memory:', entities: [Plain] }).initialize())).toBe(
      'METADATA_INVALID',
    );
  });

  test('can do without entities', async () => {
    const db = await new DataSource({ url: 'sqlite::memory:' }).initialize();
    expect(await db.query('SELECT ? AS a', [1])).toEqual([{ a: 1 }]);
    expect(() => db.getRepository(Author)).toThrow("'Author' is no entity");
    await db.destroy();
  });

  test('a relative file is relative to the working directory', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      const db = await new DataSource({ url: 'sqlite:here.db', entities }).initialize();
      await db.destroy();
    } finally {
      process.chdir(before);
    }
    expect(existsSync(path.join(folder, 'here.db'))).toBe(true);
  });

  test('is known as a data source, and tells its options and metadata', async () => {
    const { db } = await openLibrary();
    expect(isDataSource(db)).toBe(true);
    expect(db.options.url).toBe('sqlite::memory:');
    expect(db.metadata(Book).tableName).toBe('books');
    class Stranger {}
    expect(() => db.metadata(Stranger)).toThrow("'Stranger' is no entity");
    await db.destroy();
  });
});

describe('SQL by hand', () => {
  test('binds its values, whichever way it is written', async () => {
    const { db } = await openLibrary();
    const evil = "x'; DROP TABLE authors; --";
    await db.sql`INSERT INTO authors (name) VALUES (${evil})`;
    expect(await db.query('SELECT name FROM authors WHERE name = ?', [evil])).toEqual([{ name: evil }]);
    expect(await db.sql`SELECT id FROM authors WHERE id IN (${[1, 2]}) AND ${true}`).toEqual([{ id: 1 }]);
    expect(await db.sql`SELECT id FROM authors WHERE id IN (${[]})`).toEqual([]);
    expect(await db.query('SELECT ? AS d', [new Date(0)])).toEqual([{ d: '1970-01-01 00:00:00.000' }]);
    expect(await codeOf(db.query('SELECT ?', [undefined]))).toBe('VALUE_INVALID');
    expect(await codeOf(db.query('SELEC 1'))).toBe('QUERY_FAILED');
    expect(await db.query('WITH x AS (SELECT 1 AS a) SELECT a FROM x')).toEqual([{ a: 1 }]);
    expect(await db.query('UPDATE authors SET bio = ? RETURNING bio', ['b'])).toEqual([{ bio: 'b' }]);
    await db.destroy();
  });

  test('may begin with any number of comments', async () => {
    const { db } = await openLibrary();
    expect(await db.query(`${'/**/'.repeat(200_000)}SELECT 1 AS a`)).toEqual([{ a: 1 }]);
    expect(await db.query(`${'/* * */'.repeat(200_000)}UPDATE authors SET bio = NULL`)).toEqual([]);
    await db.destroy();
  });
});

describe('its schema', () => {
  test('is made whole, again without harm, and dropped with the migrations’ tables', async () => {
    const { db } = await openLibrary();
    await db.getRepository(Author).save({ name: 'kept', books: [{ title: 'A' }] });
    await db.createSchema();
    expect(await db.getRepository(Author).count()).toBe(1);
    await db.query('CREATE TABLE limbeck_version (version_num VARCHAR(32) NOT NULL)');
    await db.query('CREATE TABLE others (id integer)');
    await db.dropSchema();
    expect(
      await db.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"),
    ).toEqual([{ name: 'others' }]);
    await db.dropSchema();
    await db.createSchema();
    expect(await db.getRepository(Author).count()).toBe(0);
    expect(await db.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    await db.destroy();
  });

  test('is dropped although a table that stays refers to it', async () => {
    const { db } = await openLibrary();
    await db.query('CREATE TABLE others (author_id integer REFERENCES authors (id))');
    await db.getRepository(Author).save({ name: 'a' });
    await db.query('INSERT INTO others VALUES (1)');
    await db.dropSchema();
    expect(await db.query('SELECT * FROM others')).toEqual([{ author_id: 1 }]);
    await db.destroy();
  });

  test('half of it there, the rest is added', async () => {
    const { db } = await openLibrary({
      url: `sqlite:${path.join(folder, 'half.db')}`,
      classes: [Author, Book, ...entities.slice(2)],
    });
    await db.query('DROP TABLE books_tags');
    await db.createSchema();
    expect(await db.query('SELECT * FROM books_tags')).toEqual([]);
    await db.destroy();
  });
});

describe('synchronize()', () => {
  const url = (): string => `sqlite:${path.join(folder, `sync${Math.random()}.db`)}`;
  @Entity('things')
  class Before {
    @PrimaryGeneratedColumn() id!: number;
    @Column('text') name!: string;
    @Column('text', { nullable: true }) gone!: string | null;
  }
  @Entity('things')
  class After {
    @PrimaryGeneratedColumn() id!: number;
    @Column('text') name!: string;
    @Column('integer', { default: 3 }) added!: number;
  }
  const open = async (at: string, entity: new () => object): Promise<DataSource> =>
    new DataSource({ url: at, entities: [entity] }).initialize();

  test('adds what is missing, and finds nothing to do afterwards', async () => {
    const db = await open(url(), Before);
    await db.synchronize();
    await db.getRepository(Before).save({ name: 'a', gone: 'x' });
    await db.query('CREATE TABLE others (id integer)');
    await db.synchronize();
    expect(await db.getRepository(Before).count()).toBe(1);
    expect(await db.query('SELECT * FROM others')).toEqual([]);
    await db.destroy();
  });

  test('refuses what would destroy, listing it, and does nothing', async () => {
    const at = url();
    const before = await open(at, Before);
    await before.synchronize();
    await before.getRepository(Before).save({ name: 'a', gone: 'x' });
    await before.destroy();
    const after = await open(at, After);
    const error = await after.synchronize().catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'SYNCHRONIZE_LOSS',
      name: 'DataLossError',
      context: { losses: ["column 'things.gone' would be dropped"] },
    });
    expect(await after.query('SELECT gone FROM things')).toEqual([{ gone: 'x' }]);
    await after.synchronize({ force: true });
    expect(await after.query('SELECT * FROM things')).toEqual([{ id: 1, name: 'a', added: 3 }]);
    await after.destroy();
  });
});
