import { Client } from 'pg';
import type { Connection, Database, DatabaseSnapshot, ScratchDatabase } from '../../../src/dialects/contract';
import { openPostgres } from '../../../src/dialects/postgres/database';
import { createScratch } from '../../../src/dialects/postgres/scratch';
import { parsePostgresUrl } from '../../../src/dialects/postgres/url';
import { serverUrl } from '../../support/databases';
import { failure, NO_DIALECT } from './connection-support';

const SCHEMA = `
  CREATE TYPE mood AS ENUM ('sad', 'glad');
  CREATE SCHEMA other;
  CREATE TABLE authors (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, boss int REFERENCES authors);
  CREATE TABLE books (id serial PRIMARY KEY, author int NOT NULL REFERENCES authors ON DELETE CASCADE, mood mood,
    twice int GENERATED ALWAYS AS (id * 2) STORED);
  CREATE TABLE "od""d $x$" (a int, "b,c" text[]);
  CREATE TABLE other.books (id int PRIMARY KEY, "from" text);
  CREATE TABLE a_circle (id int PRIMARY KEY, b int);
  CREATE TABLE b_circle (id int PRIMARY KEY, a int REFERENCES a_circle);
  ALTER TABLE a_circle ADD FOREIGN KEY (b) REFERENCES b_circle;
  CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
  CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE log (what text);
  CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.log VALUES (TG_OP); RETURN NULL; END $$;
  CREATE TRIGGER watch AFTER INSERT OR DELETE ON books FOR EACH ROW EXECUTE FUNCTION logged();
  CREATE SEQUENCE free START 100;
  INSERT INTO authors (name, boss) VALUES ('Ada', NULL), ('Bob', 1);
  INSERT INTO other.books VALUES (1, 'it''s "so"'), (2, NULL);
  CREATE MATERIALIZED VIEW names AS SELECT name FROM authors;
  CREATE MATERIALIZED VIEW numbers AS SELECT id FROM authors;
`;

let scratch: ScratchDatabase;
let database: Database;
let snapshot: DatabaseSnapshot;

async function use<R>(work: (connection: Connection) => R): Promise<Awaited<R>> {
  const lease = await database.acquire('write');
  try {
    return await work(lease.connection);
  } finally {
    lease.release();
  }
}

const rows = (sql: string) => use((connection) => connection.queryArrays(sql));
const run = (sql: string) => use((connection) => connection.script(sql));

async function reset() {
  const former = database;
  database = await snapshot.open();
  await former.close();
  return former;
}

/** Everything that a test can see. */
const state = () =>
  rows(`
    SELECT (SELECT json_agg(a ORDER BY id) FROM authors a)::text, (SELECT json_agg(b ORDER BY id) FROM books b)::text,
           (SELECT json_agg(o) FROM "od""d $x$" o)::text, (SELECT json_agg(o ORDER BY id) FROM other.books o)::text,
           (SELECT count(*) FROM a_circle) + (SELECT count(*) FROM b_circle), (SELECT count(*) FROM parts), (SELECT count(*) FROM log),
           (SELECT json_agg(n ORDER BY name) FROM names n)::text,
           (SELECT json_agg(pg_sequence_last_value(oid) ORDER BY relname) FROM pg_class WHERE relkind = 'S')::text,
           (SELECT last_value FROM free), (SELECT is_called FROM free),
           (SELECT count(*) FROM information_schema.columns WHERE table_schema IN ('public', 'other')),
           (SELECT string_agg(enumlabel, ',') FROM pg_enum), obj_description('books'::regclass),
           (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^pg_')`);

let before: unknown;
const pid = async () => (await rows('SELECT pg_backend_pid()'))[0]?.[0];

beforeAll(async () => {
  scratch = await createScratch(await serverUrl('postgres'));
  database = await openPostgres({ url: scratch.url, mode: 'existing' }, NO_DIALECT);
  await run(SCHEMA);
  before = await state();
  snapshot = await (database.snapshot as () => Promise<DatabaseSnapshot>)();
});
afterAll(async () => {
  await database?.close();
  await snapshot?.discard();
  await scratch?.drop();
});

describe('a snapshot restores', () => {
  const inPlace: [what: string, sql: string][] = [
    ['nothing where nothing has changed', 'SELECT 1'],
    [
      'rows that were added, with their keys',
      "INSERT INTO authors (name) VALUES ('C'), ('D'); INSERT INTO books (author) VALUES (3), (1)",
    ],
    [
      'rows that were changed',
      "UPDATE authors SET name = 'X' WHERE id = 2; UPDATE other.books SET \"from\" = ''",
    ],
    ['rows that are gone', 'DELETE FROM authors WHERE id = 2; DELETE FROM other.books'],
    ['rows with odd names and types', `INSERT INTO "od""d $x$" VALUES (1, '{"a,b",NULL}')`],
    [
      'rows whose keys form a circle',
      'INSERT INTO a_circle VALUES (1); INSERT INTO b_circle VALUES (1, 1); UPDATE a_circle SET b = 1',
    ],
    ['rows of partitions', "INSERT INTO parts VALUES (1, '2024-05-05')"],
    ['what triggers wrote', 'INSERT INTO books (author) VALUES (1); DELETE FROM books'],
    ['sequences', "SELECT nextval('free'), nextval('free'), nextval('books_id_seq')"],
    ['sequences that began elsewhere', 'ALTER SEQUENCE free RESTART WITH 7'],
    ['tables that were truncated', 'TRUNCATE authors, books RESTART IDENTITY CASCADE; TRUNCATE other.books'],
    ['materialized views', 'REFRESH MATERIALIZED VIEW numbers'],
  ];

  test.each(inPlace)('%s, on the same connection', async (_, sql) => {
    const connection = await pid();
    await run(sql);
    await reset();
    expect(await state()).toEqual(before);
    expect(await pid()).toBe(connection);
  });

  const anew: [what: string, sql: string][] = [
    ['a column that was added', 'ALTER TABLE authors ADD x int'],
    ['a column that was dropped', 'ALTER TABLE other.books DROP "from"'],
    ['a column of another type', 'ALTER TABLE other.books ALTER id TYPE bigint'],
    ['a table that was made', 'CREATE TABLE made (a int)'],
    ['a table that was dropped', 'DROP TABLE log'],
    ['a table that was renamed', 'ALTER TABLE log RENAME TO log2'],
    ['an index', 'CREATE INDEX ON log (what)'],
    ['a default', "ALTER TABLE log ALTER what SET DEFAULT 'x'"],
    ['a constraint', 'ALTER TABLE log ADD CHECK (true)'],
    ['an enum value', "ALTER TYPE mood ADD VALUE 'mad'"],
    ['a comment', "COMMENT ON TABLE books IS 'x'"],
    ['a trigger', 'DROP TRIGGER watch ON books'],
    ['a trigger that was disabled', 'ALTER TABLE books DISABLE TRIGGER watch'],
    [
      'a function',
      'CREATE OR REPLACE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
    ],
    ['a view', 'CREATE VIEW v AS SELECT 1'],
    ['a schema', 'CREATE SCHEMA third'],
    ['a schema without what is in it', 'DROP SCHEMA other CASCADE'],
    ['a right', 'GRANT SELECT ON log TO PUBLIC'],
    ['row security', 'ALTER TABLE log ENABLE ROW LEVEL SECURITY'],
    [
      'a materialized view with text',
      "INSERT INTO authors (name) VALUES ('C'); REFRESH MATERIALIZED VIEW names",
    ],
    ['a sequence', 'ALTER SEQUENCE free INCREMENT BY 5'],
  ];

  test.each(anew)('%s, in a new copy', async (_, sql) => {
    await run(sql);
    await run("INSERT INTO authors (name) VALUES ('E')");
    await reset();
    expect(await state()).toEqual(before);
    await run("INSERT INTO authors (name) VALUES ('F')");
    await reset();
    expect(await state()).toEqual(before);
  });
});

describe('the former handle', () => {
  test('refuses further use, and closing it does no harm', async () => {
    const lease = await database.acquire('write');
    await lease.connection.run('BEGIN');
    await lease.connection.run("INSERT INTO authors (name) VALUES ('G')");
    const former = await reset();
    expect(await failure(() => lease.connection.run('COMMIT'))).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await failure(former.acquire('read'))).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await failure(async () => former.tryAcquire?.('read'))).toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
    lease.release();
    await former.close();
    expect(await state()).toEqual(before);
  });

  test('ends what it has under way', async () => {
    const lease = await database.acquire('write');
    await lease.connection.run('BEGIN');
    await lease.connection.run("INSERT INTO authors (name) VALUES ('H')");
    await lease.connection.run("UPDATE authors SET name = 'I' WHERE id = 1");
    const running = failure(lease.connection.run('SELECT pg_sleep(30)'));
    await run("UPDATE authors SET name = 'J' WHERE id = 2");
    const connection = await pid();
    await reset();
    expect(await running).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await state()).toEqual(before);
    // It was restored in place: who held the rows was not waited for in vain.
    expect(await pid()).toBe(connection);
  });

  test('may be closed before the snapshot is opened again', async () => {
    await database.close();
    database = await snapshot.open();
    expect(await state()).toEqual(before);
  });
});

test('who else holds a lock does not keep the database from being restored', async () => {
  const client = new Client(scratch.url);
  client.on('error', () => {});
  await client.connect();
  await client.query('BEGIN');
  await client.query("UPDATE authors SET name = 'I' WHERE id = 1");
  await run("UPDATE authors SET name = 'J' WHERE id = 2");
  await reset();
  expect(await state()).toEqual(before);
  await client.end().catch(() => {});
});

test('settings that a test has left in a session are gone', async () => {
  await run("SET TimeZone = 'Asia/Tokyo'");
  await reset();
  expect(await rows("SELECT current_setting('TimeZone')")).toEqual([['UTC']]);
});

test('a database that was not made for tests has no snapshot', async () => {
  const real = await openPostgres({ url: await serverUrl('postgres'), mode: 'existing' }, NO_DIALECT);
  expect(await failure((real.snapshot as () => Promise<unknown>)())).toMatchObject({
    code: 'CAPABILITY_MISSING',
  });
  await real.close();
});

describe('without the right to suspend keys and triggers', () => {
  const OWNED = `
    CREATE TABLE parents (id serial PRIMARY KEY, self int REFERENCES parents);
    CREATE TABLE children (id serial PRIMARY KEY, parent int NOT NULL REFERENCES parents);
    CREATE TABLE empty (id int PRIMARY KEY, child int REFERENCES children ON DELETE RESTRICT);
    INSERT INTO parents VALUES (1, NULL), (2, 1);
    INSERT INTO children VALUES (1, 2)`;

  async function owned(sql: string, test: () => Promise<void>) {
    const admin = new Client(await serverUrl('postgres'));
    await admin.connect();
    await admin.query('CREATE ROLE modest LOGIN CREATEDB');
    const url = new URL(await serverUrl('postgres'));
    url.username = 'modest';
    const [outerDatabase, outerSnapshot] = [database, snapshot];
    const own = await createScratch(url.toString());
    database = await openPostgres({ url: own.url, mode: 'existing' }, NO_DIALECT);
    try {
      await run(sql);
      snapshot = await (database.snapshot as () => Promise<DatabaseSnapshot>)();
      await test();
    } finally {
      await database.close();
      await snapshot.discard();
      await own.drop();
      [database, snapshot] = [outerDatabase, outerSnapshot];
      await admin.query('DROP ROLE modest');
      await admin.end();
    }
  }
  const contents = () =>
    rows(
      'SELECT (SELECT json_agg(p ORDER BY id) FROM parents p)::text, (SELECT json_agg(c) FROM children c)::text, (SELECT count(*) FROM empty)',
    );

  test('rows are restored in the order that keys ask for', async () => {
    await owned(OWNED, async () => {
      const was = await contents();
      for (const sql of [
        'INSERT INTO parents (id) VALUES (7); INSERT INTO children (id, parent) VALUES (8, 7); INSERT INTO empty VALUES (1, 8)',
        'INSERT INTO empty VALUES (1, 1)',
        'DELETE FROM children; DELETE FROM parents',
        'UPDATE parents SET self = 2',
      ]) {
        const connection = await pid();
        await run(sql);
        await reset();
        expect(await contents()).toEqual(was);
        expect(await pid()).toBe(connection);
      }
    });
  });

  test('where triggers are in the way, all is made anew', async () => {
    const trigger = `
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
      CREATE TRIGGER never BEFORE DELETE ON parents FOR EACH ROW EXECUTE FUNCTION refuse()`;
    await owned(`${OWNED}; ${trigger}`, async () => {
      const was = await contents();
      await run('INSERT INTO parents (id) VALUES (7)');
      await reset();
      expect(await contents()).toEqual(was);
    });
  });
});

describe('a database for tests', () => {
  test('is named after the configured one, empty, and gone when dropped', async () => {
    const url = await serverUrl('postgres');
    const one = await createScratch(url);
    const { database: name } = parsePostgresUrl(one.url);
    expect(name).toMatch(
      new RegExp(`^${parsePostgresUrl(url).database}_test_\\w+_${process.pid}_[0-9a-f]{8}$`),
    );
    const opened = await openPostgres({ url: one.url, mode: 'existing' }, NO_DIALECT);
    const lease = await opened.acquire('read');
    expect(await lease.connection.queryArrays('SELECT count(*) FROM pg_class WHERE oid >= 16384')).toEqual([
      [0],
    ]);
    // Not released and not closed: it is dropped all the same.
    await one.drop();
    expect(await failure(openPostgres({ url: one.url, mode: 'existing' }, NO_DIALECT))).toMatchObject({
      code: 'DATABASE_MISSING',
    });
    await opened.close();
    await one.drop();
  });

  test('has a name that fits, whatever the configured one is called, which need not be there', async () => {
    const url = new URL(await serverUrl('postgres'));
    url.pathname = `/${encodeURIComponent('ä "quoted" \u{1f600}'.repeat(9))}`;
    const one = await createScratch(url.toString());
    const { database: name } = parsePostgresUrl(one.url);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(61);
    const opened = await openPostgres({ url: one.url, mode: 'existing' }, NO_DIALECT);
    await opened.close();
    await one.drop();
  });

  test('that a killed run has left behind is taken away by the next one', async () => {
    const admin = new Client(await serverUrl('postgres'));
    await admin.connect();
    const { hostname } = jest.requireActual<typeof import('node:os')>('node:os');
    await admin.query('CREATE DATABASE limbeck_left_behind TEMPLATE template0');
    await admin.query(
      `COMMENT ON DATABASE limbeck_left_behind IS 'limbeck test database of ${hostname()}:999999999'`,
    );
    await (await createScratch(await serverUrl('postgres'))).drop();
    const { rows: left } = await admin.query(
      "SELECT 1 FROM pg_database WHERE datname = 'limbeck_left_behind'",
    );
    expect(left).toEqual([]);
    await admin.end();
  });
});
