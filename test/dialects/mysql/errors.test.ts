import type { Connection } from '../../../src/dialects/contract.js';
import { translateMysqlError } from '../../../src/dialects/mysql/errors.js';
import { isAvailable } from '../../support/databases.js';
import { connect, emptyDatabase, errorOf, open } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;

const SCHEMA = `
  CREATE TABLE \`au thors\` (id int PRIMARY KEY, email varchar(100), a int, b int,
    CONSTRAINT uq_email UNIQUE (email), UNIQUE INDEX \`od\`\`d, na'me\` (a, b));
  CREATE TABLE books (id int AUTO_INCREMENT PRIMARY KEY, author_id int NOT NULL, pages int,
    CONSTRAINT \`fk bo\`\`ok\` FOREIGN KEY (author_id) REFERENCES \`au thors\` (id),
    CONSTRAINT ck_pages CHECK (pages > 0));
  CREATE TABLE audit (id int, UNIQUE INDEX uq_audit (id));
  CREATE TABLE loud (id int PRIMARY KEY);
  CREATE TRIGGER tr BEFORE INSERT ON loud FOR EACH ROW INSERT INTO audit VALUES (1);
  CREATE TABLE kinds (t tinyint, s varchar(3), d decimal(4,2), dt date, e enum('a','b'), j json);
  INSERT INTO \`au thors\` VALUES (1, 'x', 1, 1), (2, 'y', NULL, NULL)`;

described('what the server refuses', () => {
  let connection: Connection;

  beforeEach(async () => {
    connection = await connect();
    await connection.script(SCHEMA);
  });

  test.each([
    [
      'a duplicate of a unique constraint',
      "INSERT INTO `au thors` VALUES (3, 'x', 5, 5)",
      'UNIQUE_VIOLATION',
      { constraint: 'uq_email', table: 'au thors', columns: ['email'] },
    ],
    [
      'a duplicate of an index over two columns with an odd name',
      'UPDATE `au thors` SET a = 1, b = 1 WHERE id = 2',
      'UNIQUE_VIOLATION',
      { constraint: "od`d, na'me", table: 'au thors', columns: ['a', 'b'] },
    ],
    [
      'a duplicate key',
      'INSERT INTO `au thors` (id) VALUES (1)',
      'UNIQUE_VIOLATION',
      { constraint: 'PRIMARY', table: 'au thors', columns: ['id'] },
    ],
    [
      'a duplicate value that looks like a message',
      "UPDATE `au thors` SET email = 'x' WHERE id = 2 AND 'z'' for key ''nowhere' <> ''",
      'UNIQUE_VIOLATION',
      { constraint: 'uq_email' },
    ],
    [
      'a duplicate in a table that a trigger writes',
      'INSERT INTO loud VALUES (1), (2)',
      'UNIQUE_VIOLATION',
      { constraint: 'uq_audit', table: 'audit', columns: ['id'] },
    ],
    [
      'a row without its parent',
      'INSERT INTO books (author_id) VALUES (9)',
      'FOREIGN_KEY_VIOLATION',
      { constraint: 'fk bo`ok', table: 'books', columns: ['author_id'] },
    ],
    [
      'a parent that is referred to',
      'DELETE a FROM `au thors` a, books WHERE 1 = 0 OR a.id = 1',
      'FOREIGN_KEY_VIOLATION',
      { constraint: 'fk bo`ok', table: 'books', columns: ['author_id'] },
      'INSERT INTO books (author_id) VALUES (1)',
    ],
    [
      'NULL',
      'INSERT INTO books (author_id) VALUES (NULL)',
      'NOT_NULL_VIOLATION',
      { table: 'books', columns: ['author_id'] },
    ],
    [
      'a column that is left out and has no default',
      'INSERT INTO books (pages) VALUES (1)',
      'NOT_NULL_VIOLATION',
      { table: 'books', columns: ['author_id'] },
    ],
    [
      'what a check does not hold of',
      'INSERT INTO books (author_id, pages) VALUES (1, 0)',
      'CHECK_VIOLATION',
      { constraint: 'ck_pages', table: 'books' },
    ],
    ['a table that is not there', 'SELECT * FROM nowhere', 'QUERY_FAILED', {}],
    ['what is no SQL', 'SELEKT 1', 'QUERY_FAILED', {}],
    [
      'to write in a transaction that reads',
      'INSERT INTO audit VALUES (5)',
      'DATABASE_READONLY',
      {},
      'START TRANSACTION READ ONLY',
    ],
  ])('%s', async (_, sql, code, context, before = 'DO 0') => {
    await connection.run(before);
    const failure = await errorOf(() => connection.run(sql));
    expect({ code: failure.code, context: failure.context }).toMatchObject({ code, context });
    expect(failure.cause).toMatchObject({ errno: expect.any(Number) });
    for (const name of ['constraint', 'table', 'columns'] as const) {
      if (name in context) expect(failure[name]).toEqual((context as Record<string, unknown>)[name]);
    }
  });

  test.each([
    ['a number that is too large', 't', 1000],
    ['text that is too long', 's', 'canary'],
    ['text that is no number', 't', 'canary'],
    ['a day that no calendar has', 'dt', '2021-02-30'],
    ['what is no value of the enum', 'e', 'canary'],
  ])('%s, without showing it', async (_, column, value) => {
    const failure = await errorOf(() => connection.run(`INSERT INTO kinds (${column}) VALUES (?)`, [value]));
    expect(failure).toMatchObject({ code: 'VALUE_INVALID', context: { owner: `column 'kinds.${column}'` } });
    expect(`${failure.message}${JSON.stringify(failure.context)}`).not.toContain('canary');
  });

  test('what the user may not do', async () => {
    const url = new URL(await emptyDatabase());
    const admin = (await (await open(url.toString())).acquire('write')).connection;
    await admin.run("CREATE OR REPLACE USER 'limbeck_weak'@'127.0.0.1' IDENTIFIED BY 'x'");
    await admin.run(`GRANT SELECT ON \`${url.pathname.slice(1)}\`.* TO 'limbeck_weak'@'127.0.0.1'`);
    url.username = 'limbeck_weak';
    url.password = 'x';
    const weak = (await (await open(url.toString())).acquire('write')).connection;
    expect(await errorOf(() => weak.run('CREATE TABLE t (a int)'))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await admin.run("DROP USER 'limbeck_weak'@'127.0.0.1'");
  });

  test('to wait longer for a lock', async () => {
    const url = await emptyDatabase();
    const [one, two] = await Promise.all([open(url), open(url)]);
    const [a, b] = [(await one.acquire('write')).connection, (await two.acquire('write')).connection];
    await a.script('CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1); BEGIN; UPDATE t SET a = 2');
    await b.run('SET SESSION lock_wait_timeout = 1, SESSION innodb_lock_wait_timeout = 1');
    const [row, table] = await Promise.all([
      errorOf(() => b.run('UPDATE t SET a = 3')),
      errorOf(() => b.run('ALTER TABLE t ADD b int')),
    ]);
    expect([row.code, table.code]).toEqual(['LOCK_NOT_AVAILABLE', 'LOCK_NOT_AVAILABLE']);
    expect(row.retryable).toBe(true);
  });
});

describe('the numbers of errors', () => {
  const of = (errno: number, message = 'words'): any =>
    translateMysqlError(Object.assign(new Error(message), { errno, code: 'ER' }), {
      sql: 'INSERT INTO t VALUES (1)',
      database: 'db',
    });

  test.each([
    [1062, 'UNIQUE_VIOLATION'],
    [1586, 'UNIQUE_VIOLATION'],
    [1451, 'FOREIGN_KEY_VIOLATION'],
    [1217, 'FOREIGN_KEY_VIOLATION'],
    [1048, 'NOT_NULL_VIOLATION'],
    [3819, 'CHECK_VIOLATION'],
    [4025, 'CHECK_VIOLATION'],
    [1213, 'DEADLOCK'],
    [1020, 'SERIALIZATION_FAILURE'],
    [1205, 'LOCK_NOT_AVAILABLE'],
    [3572, 'LOCK_NOT_AVAILABLE'],
    [1142, 'PERMISSION_DENIED'],
    [1227, 'PERMISSION_DENIED'],
    [1370, 'PERMISSION_DENIED'],
    [1114, 'DATABASE_FULL'],
    [1021, 'DATABASE_FULL'],
    [1290, 'DATABASE_READONLY'],
    [1792, 'DATABASE_READONLY'],
    [1053, 'CONNECTION_LOST'],
    [1927, 'CONNECTION_LOST'],
    [4031, 'CONNECTION_LOST'],
    [1406, 'VALUE_INVALID'],
    [3140, 'VALUE_INVALID'],
    [1194, 'DATABASE_CORRUPT'],
    [1064, 'QUERY_FAILED'],
  ])('%i is %s', (errno, code) => {
    expect(of(errno).code).toBe(code);
  });

  test.each([
    ['PROTOCOL_CONNECTION_LOST', 'CONNECTION_LOST'],
    ['ECONNRESET', 'CONNECTION_LOST'],
    ['EPIPE', 'CONNECTION_LOST'],
    ['ER_WHATEVER', 'QUERY_FAILED'],
  ])('without one the code %s is %s', (code, expected) => {
    expect(translateMysqlError(Object.assign(new Error('words'), { code, errno: -104 })).code).toBe(expected);
  });

  test.each([
    ["Duplicate entry 'x' for key 't.uq'", { constraint: 'uq', table: 't' }],
    ["Duplicate entry 'x' for key 'T.uq'", { constraint: 'uq', table: 't' }],
    ["Duplicate entry 'x' for key 'uq'", { constraint: 'uq', table: 't' }],
    ["Duplicate entry 'a' for key 'b' for key 't.u.q'", { constraint: 'u.q', table: 't' }],
  ])('the name of a key comes out of %s', (message, context) => {
    expect(of(1062, message).context).toMatchObject(context);
  });

  test("a full disk is found behind an engine's error", () => {
    expect(of(1030, 'Got error 28 "No space left on device" from storage engine InnoDB').code).toBe(
      'DATABASE_FULL',
    );
    expect(of(3, 'Error writing file \'/x\' (Errcode: 28 "No space left on device")').code).toBe(
      'DATABASE_FULL',
    );
    expect(of(1026, "Error writing file '/x' (errno: 5)").code).toBe('DATABASE_IO');
    expect(of(1030, 'Got error 168 from storage engine').code).toBe('QUERY_FAILED');
  });

  test('MySQL words checks and columns in its own way', () => {
    expect(of(3819, "Check constraint 'ck_a' is violated.").context).toMatchObject({
      constraint: 'ck_a',
      table: 't',
    });
    expect(of(1048, "Column 'it's' cannot be null").context).toMatchObject({ columns: ["it's"] });
  });
});
