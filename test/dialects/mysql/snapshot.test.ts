import type { Connection, Database, DatabaseSnapshot } from '../../../src/dialects/contract.js';
import { isAvailable } from '../../support/databases.js';
import { codeOf, emptyDatabase, open } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;

const SCHEMA = `
  CREATE TABLE authors (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50) UNIQUE, loud varchar(50) AS (UPPER(name)));
  CREATE TABLE books (id int AUTO_INCREMENT PRIMARY KEY, author_id int, title text,
    CONSTRAINT fk FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE);
  CREATE TABLE tags (name varchar(50) PRIMARY KEY);
  CREATE TABLE logs (what varchar(50));
  CREATE TABLE \`odd\`\`name's\` (\`a b\` int);
  CREATE TRIGGER tr_tags AFTER INSERT ON tags FOR EACH ROW INSERT INTO logs VALUES (NEW.name);
  CREATE TRIGGER tr_gone AFTER DELETE ON tags FOR EACH ROW INSERT INTO logs VALUES ('gone');
  CREATE VIEW v AS SELECT name FROM authors;
  CREATE VIEW a_view AS SELECT name FROM v;
  CREATE FUNCTION f (a int) RETURNS int DETERMINISTIC RETURN a + 1;
  INSERT INTO authors (name) VALUES ('Ann'), ('Bob'), ('Gone');
  DELETE FROM authors WHERE name = 'Gone';
  INSERT INTO tags VALUES ('x')`;

interface Kit {
  readonly database: Database;
  readonly snapshot: DatabaseSnapshot;
  readonly url: string;
}

let kits: DatabaseSnapshot[] = [];
afterEach(async () => {
  for (const snapshot of kits) await snapshot.discard();
  kits = [];
});

async function snapshotOf(script: string): Promise<Kit> {
  const url = await emptyDatabase();
  const database = await open(url);
  await on(database, (connection) => connection.script(script));
  const snapshot = await database.snapshot?.();
  if (snapshot === undefined) throw new Error('There is no snapshot.');
  kits.push(snapshot);
  return { database, snapshot, url };
}

async function on<T>(database: Database, work: (connection: Connection) => PromiseLike<T> | T): Promise<T> {
  const lease = await database.acquire('write');
  try {
    return await work(lease.connection);
  } finally {
    lease.release();
  }
}

/** All that there is to see of a database. */
async function contents(database: Database): Promise<unknown> {
  return on(database, async (connection) => {
    const all: Record<string, unknown> = {};
    for (const [table, type] of await connection.queryArrays('SHOW FULL TABLES')) {
      const name = `\`${String(table).replaceAll('`', '``')}\``;
      const [[, text] = []] = await connection.queryArrays(`SHOW CREATE TABLE ${name}`);
      all[`${type} ${table}`] = [text, await connection.queryArrays(`SELECT * FROM ${name} ORDER BY 1`)];
    }
    const triggers = await connection.query('SHOW TRIGGERS');
    all.triggers = triggers.map(({ Created, ...rest }) => rest);
    all.routines = await connection.queryArrays(
      'SELECT routine_name, routine_definition FROM information_schema.routines WHERE routine_schema = DATABASE()',
    );
    return all;
  });
}

described('a snapshot of a database', () => {
  test.each([
    ['nothing', 'DO 0'],
    [
      'rows that were added',
      "INSERT INTO authors (name) VALUES ('New'); INSERT INTO books (author_id) VALUES (1)",
    ],
    [
      'rows that were deleted, and their children',
      'INSERT INTO books (author_id) VALUES (1); DELETE FROM authors',
    ],
    ['rows that were changed', "UPDATE authors SET name = CONCAT(name, '!')"],
    ['rows in a table with triggers', "INSERT INTO tags VALUES ('y'); DELETE FROM tags WHERE name = 'x'"],
    [
      'generated keys alone',
      "INSERT INTO authors (name) VALUES ('New'); DELETE FROM authors WHERE name = 'New'",
    ],
    ['generated keys of an empty table', 'INSERT INTO books () VALUES (); DELETE FROM books'],
    [
      'keys that were emptied',
      'TRUNCATE TABLE books; DELETE FROM authors; ALTER TABLE authors AUTO_INCREMENT = 1',
    ],
    ['rows in a table with an odd name', "INSERT INTO `odd``name's` VALUES (1)"],
    [
      'a new table that refers to an old one',
      'CREATE TABLE new (a int, FOREIGN KEY (a) REFERENCES authors (id)); INSERT INTO new VALUES (1)',
    ],
    ['a table that was dropped', 'DROP TABLE books'],
    ['a table with rows that was dropped', 'SET foreign_key_checks = 0; DROP TABLE authors'],
    ['a column that was added', 'ALTER TABLE authors ADD age int DEFAULT 5'],
    ['an index that was dropped', 'ALTER TABLE authors DROP INDEX name'],
    ['a comment', "ALTER TABLE books COMMENT 'x AUTO_INCREMENT=5'"],
    ['a table that was renamed', 'RENAME TABLE books TO tomes'],
    ['a trigger that was dropped', 'DROP TRIGGER tr_tags'],
    [
      'a trigger that was changed',
      'DROP TRIGGER tr_tags; CREATE TRIGGER tr_tags AFTER INSERT ON tags FOR EACH ROW SET @a = 1',
    ],
    ['a new trigger', 'CREATE TRIGGER tr_new BEFORE INSERT ON books FOR EACH ROW SET NEW.title = 1'],
    [
      'views',
      'DROP VIEW a_view; CREATE OR REPLACE VIEW v AS SELECT 1 AS name; CREATE VIEW w AS SELECT 2 AS b',
    ],
    ['a broken view', 'CREATE TABLE x (a int); CREATE VIEW broken AS SELECT a FROM x; DROP TABLE x'],
    ['a function', 'DROP FUNCTION f; CREATE FUNCTION g () RETURNS int RETURN 1'],
    [
      'a function that was changed',
      'DROP FUNCTION f; CREATE FUNCTION f (a int) RETURNS int DETERMINISTIC RETURN a + 2',
    ],
    ['everything', 'SET foreign_key_checks = 0; DROP VIEW a_view, v; DROP TABLE authors, books, tags, logs'],
  ])('brings back what it was: %s', async (_, change) => {
    const { database, snapshot } = await snapshotOf(SCHEMA);
    const before = await contents(database);
    await on(database, (connection) => connection.script(change));
    const fresh = await snapshot.open();
    try {
      expect(await contents(fresh)).toEqual(before);
      await on(fresh, async (connection) => {
        expect(await connection.run("INSERT INTO authors (name) VALUES ('Next')")).toMatchObject({
          lastInsertId: 4,
        });
        expect(await connection.run('INSERT INTO books (author_id) VALUES (4)')).toMatchObject({
          lastInsertId: 1,
        });
        await connection.run("INSERT INTO tags VALUES ('z')");
        expect(await connection.queryArrays('SELECT what FROM logs')).toEqual([['x'], ['z']]);
      });
      const again = await snapshot.open();
      expect(await contents(again)).toEqual(before);
      await again.close();
    } finally {
      await fresh.close();
    }
  });

  test('leaves no trace of itself in the database', async () => {
    const { database } = await snapshotOf(SCHEMA);
    const tables = await on(database, (connection) => connection.queryArrays('SHOW TABLES'));
    expect(tables.flat()).toEqual(['a_view', 'authors', 'books', 'logs', "odd`name's", 'tags', 'v']);
  });

  test('of an empty database takes away whatever came later', async () => {
    const { database, snapshot } = await snapshotOf('DO 0');
    await on(database, (connection) =>
      connection.script('CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t'),
    );
    const fresh = await snapshot.open();
    expect(await on(fresh, (connection) => connection.queryArrays('SHOW TABLES'))).toEqual([]);
    await fresh.close();
  });

  test('brings sequences back', async () => {
    const { database, snapshot } = await snapshotOf('CREATE SEQUENCE s START WITH 5 INCREMENT BY 2');
    const next = (of: Database): Promise<unknown> =>
      on(of, (connection) => connection.queryArrays('SELECT NEXTVAL(s)'));
    expect(await next(database)).toEqual([[5]]);
    const fresh = await snapshot.open();
    expect(await next(fresh)).toEqual([[5]]);
    await on(fresh, (connection) => connection.run('DROP SEQUENCE s'));
    const again = await snapshot.open();
    expect(await next(again)).toEqual([[5]]);
    await again.close();
  });

  test('ends transactions that are still open, and those that wait for them', async () => {
    const { database, snapshot } = await snapshotOf(SCHEMA);
    const [one, two] = [await database.acquire('write'), await database.acquire('write')];
    await one.connection.script("BEGIN; UPDATE authors SET name = 'x' WHERE id = 1");
    const waits = codeOf(() => two.connection.run("UPDATE authors SET name = 'y' WHERE id = 1"));
    const fresh = await snapshot.open();
    expect(['CONNECTION_CLOSED', 'CONNECTION_LOST']).toContain(await waits);
    expect(await codeOf(() => one.connection.run('COMMIT'))).toBe('CONNECTION_CLOSED');
    const names = await on(fresh, (connection) =>
      connection.queryArrays('SELECT name FROM authors ORDER BY id'),
    );
    expect(names).toEqual([['Ann'], ['Bob']]);
    one.release();
    two.release();
    await database.close();
    expect(await on(fresh, (connection) => connection.queryArrays('SELECT 1'))).toEqual([[1]]);
    await fresh.close();
  });

  test('takes the database away from who had it before', async () => {
    const { database, snapshot } = await snapshotOf(SCHEMA);
    const fresh = await snapshot.open();
    expect(await codeOf(() => database.acquire('read'))).toBe('CONNECTION_CLOSED');
    expect(await codeOf(() => database.tryAcquire?.('read'))).toBe('CONNECTION_CLOSED');
    const again = await snapshot.open();
    expect(await codeOf(() => fresh.acquire('read'))).toBe('CONNECTION_CLOSED');
    await fresh.close();
    await database.close();
    expect(await on(again, (connection) => connection.queryArrays('SELECT 1'))).toEqual([[1]]);
    await again.close();
  });

  test('can be opened when all have closed it, and taken of what was opened from it', async () => {
    const { database, snapshot } = await snapshotOf(SCHEMA);
    await database.close();
    const fresh = await snapshot.open();
    await on(fresh, (connection) => connection.run("INSERT INTO logs VALUES ('later')"));
    const later = (await fresh.snapshot?.()) as DatabaseSnapshot;
    kits.push(later);
    const again = await later.open();
    expect(await on(again, (connection) => connection.queryArrays('SELECT what FROM logs'))).toEqual([
      ['x'],
      ['later'],
    ]);
    await again.close();
  });

  test('cannot be opened when it was discarded, which may be done twice', async () => {
    const { snapshot } = await snapshotOf(SCHEMA);
    await snapshot.discard();
    await snapshot.discard();
    expect(await codeOf(() => snapshot.open())).toBe('CONNECTION_CLOSED');
  });
});
