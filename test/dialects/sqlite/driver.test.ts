import type { Connection } from '../../../src/dialects/contract.js';
import { codeOf, connectMemory, errorOf, makeFolder, open } from './support.js';

let connection: Connection;
beforeEach(async () => {
  connection = await connectMemory();
});

describe('parameters', () => {
  test.each([
    [null, null, 'null'],
    [1, 1, 'integer'],
    [-0, 0, 'integer'],
    [1.5, 1.5, 'real'],
    [1e300, 1e300, 'real'],
    [true, 1, 'integer'],
    [false, 0, 'integer'],
    [7n, 7, 'integer'],
    ['x\0y', 'x\0y', 'text'],
    ['', '', 'text'],
    [Buffer.from([1]), Buffer.from([1]), 'blob'],
  ])('%p is stored as %p, of type %s', async (value, stored, type) => {
    expect(await connection.queryArrays('SELECT ?, typeof(?)', [value, value])).toEqual([[stored, type]]);
  });

  test.each([
    ['undefined', undefined],
    ['a Date', new Date()],
    ['an object', { a: 1 }],
    ['an array', [1]],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['an integer that is not exact', 2 ** 53],
    ['a bigint of more than 64 bits', 2n ** 63n],
    ['half a surrogate pair', 'a\ud800'],
    ['a symbol', Symbol('x')],
    ['a function', () => 1],
  ])('%s is refused', async (_, value) => {
    const error = await errorOf(() => connection.query('SELECT ?, ?', [1, value]));
    expect(error.code).toBe('VALUE_INVALID');
    expect(error.message).toMatch(/^parameter 2: /);
  });

  test('whole numbers divide as integers, and the array of the caller stays as it is', async () => {
    const params = [2, true];
    expect(await connection.queryArrays("SELECT 5 / ?, 'n' || ?", params)).toEqual([[2, 'n1']]);
    expect(params).toEqual([2, true]);
  });

  test('too few or too many are an error', async () => {
    expect(await codeOf(() => connection.query('SELECT ?', []))).toBe('QUERY_FAILED');
    expect(await codeOf(() => connection.run('SELECT 1', [1]))).toBe('QUERY_FAILED');
  });
});

describe('results', () => {
  test('rows come as objects or as arrays', async () => {
    expect(await connection.query('SELECT 1 AS a, NULL AS b')).toEqual([{ a: 1, b: null }]);
    expect(await connection.queryArrays('SELECT 1 AS a, NULL AS a')).toEqual([[1, null]]);
    expect(await connection.query('SELECT 1 WHERE 0')).toEqual([]);
  });

  test('an integer beyond 2^53 is an error, unless bigints are asked for', async () => {
    for (const sql of ['SELECT 9007199254740993 AS n', 'SELECT 1 AS a, -9007199254740993 AS n']) {
      expect((await errorOf(() => connection.query(sql))).message).toMatch(/^column n: /);
      expect(await codeOf(() => connection.queryArrays(sql))).toBe('VALUE_INVALID');
    }
    expect(await connection.query('SELECT 9007199254740993 AS n', [], { bigints: true })).toEqual([
      { n: 9007199254740993n },
    ]);
    expect(await connection.queryArrays('SELECT 1, 1.5', [], { bigints: true })).toEqual([[1n, 1.5]]);
    expect(await connection.queryArrays('SELECT 1, 1.5')).toEqual([[1, 1.5]]);
  });

  test('a large REAL is no integer', async () => {
    expect(await connection.queryArrays('SELECT 1e300, 9007199254740994.0, 7')).toEqual([
      [1e300, 9007199254740994, 7],
    ]);
    expect(await connection.query('SELECT 1e300 AS a, 7 AS b')).toEqual([{ a: 1e300, b: 7 }]);
  });

  test('a statement that writes and returns rows runs once, with exact integers', async () => {
    await connection.script('CREATE TABLE t (id integer PRIMARY KEY, n integer)');
    const insert = 'INSERT INTO t (n) VALUES (?) RETURNING id, n';
    expect(await connection.query(insert, [5])).toEqual([{ id: 1, n: 5 }]);
    expect(await codeOf(() => connection.query(insert, [2n ** 60n]))).toBe('VALUE_INVALID');
    expect(await connection.queryArrays('SELECT count(*) FROM t')).toEqual([[2]]);
  });

  test('a column called __proto__ is a column', async () => {
    const [row] = await connection.query('SELECT 1 AS "__proto__", 2 AS a');
    expect(Object.keys(row as object)).toEqual(['__proto__', 'a']);
    expect(Object.entries(row as object)).toEqual([
      ['__proto__', 1],
      ['a', 2],
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('run tells changes and the last key, also beyond 2^53', async () => {
    await connection.script('CREATE TABLE t (id integer PRIMARY KEY, n)');
    expect(await connection.run('INSERT INTO t (n) VALUES (1), (2)')).toEqual({
      changes: 2,
      lastInsertId: 2,
    });
    expect(await connection.run('UPDATE t SET n = 0')).toMatchObject({ changes: 2 });
    expect(await connection.run('INSERT INTO t VALUES (?, 1)', [2n ** 60n + 1n])).toEqual({
      changes: 1,
      lastInsertId: 2n ** 60n + 1n,
    });
    expect(await connection.run('DELETE FROM t WHERE id < 3 RETURNING n')).toMatchObject({ changes: 2 });
    expect(await connection.run('SELECT * FROM t')).toEqual({ changes: 0 });
    expect(await connection.query('UPDATE t SET n = 1')).toEqual([]);
  });

  test('a cached statement sees columns that were added after it was prepared', async () => {
    await connection.script('CREATE TABLE t (a)');
    await connection.run('INSERT INTO t VALUES (1)');
    expect(await connection.query('SELECT * FROM t')).toEqual([{ a: 1 }]);
    await connection.script('ALTER TABLE t ADD COLUMN b DEFAULT 7');
    expect(await connection.query('SELECT * FROM t')).toEqual([{ a: 1, b: 7 }]);
  });

  test('more statements than the cache keeps', async () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 600; i++) expect(await connection.queryArrays(`SELECT ${i}`)).toEqual([[i]]);
    }
  });
});

describe('errors', () => {
  beforeEach(async () => {
    await connection.script(`
      CREATE TABLE parent (id integer PRIMARY KEY);
      CREATE TABLE t (
        id integer PRIMARY KEY,
        a text NOT NULL,
        b int CHECK (b > 0),
        c int, d int,
        p int REFERENCES parent,
        CONSTRAINT positive CHECK (c > 0),
        CONSTRAINT one_a UNIQUE (a),
        UNIQUE (C, d)
      );
      CREATE UNIQUE INDEX ix_low ON t (lower(a)) WHERE d IS NOT 7;
      CREATE UNIQUE INDEX ix_b ON t (b);
      CREATE TABLE "odd.t" ("a, b" int UNIQUE, "c.d" int PRIMARY KEY) WITHOUT ROWID;
      CREATE TABLE strict_t (n int) STRICT;
      INSERT INTO t VALUES (1, 'x', 1, 1, 1, NULL);
      INSERT INTO "odd.t" VALUES (1, 1);
      CREATE TRIGGER no_nine BEFORE INSERT ON parent WHEN new.id = 9 BEGIN SELECT RAISE(ABORT, 'no nine'); END;
    `);
  });

  test.each([
    [
      "INSERT INTO t VALUES (1, 'y', 2, 2, 2, NULL)",
      'UNIQUE_VIOLATION',
      { table: 't', columns: ['id'], constraint: 'pk_t' },
    ],
    [
      "INSERT INTO t (a, d) VALUES ('x', 7)",
      'UNIQUE_VIOLATION',
      { table: 't', columns: ['a'], constraint: 'one_a' },
    ],
    ["INSERT INTO t (a) VALUES ('X')", 'UNIQUE_VIOLATION', { constraint: 'ix_low' }],
    [
      "INSERT INTO t (a, c, d) VALUES ('z', 1, 1)",
      'UNIQUE_VIOLATION',
      { columns: ['c', 'd'], constraint: 'uq_t_c_d' },
    ],
    ["INSERT INTO t (a, b) VALUES ('z', 1)", 'UNIQUE_VIOLATION', { columns: ['b'], constraint: 'ix_b' }],
    ['INSERT INTO t (a) VALUES (NULL)', 'NOT_NULL_VIOLATION', { table: 't', columns: ['a'] }],
    ["INSERT INTO t (a, b) VALUES ('z', 0)", 'CHECK_VIOLATION', { constraint: 'b > 0' }],
    ["INSERT INTO t (a, c) VALUES ('z', 0)", 'CHECK_VIOLATION', { constraint: 'positive' }],
    ["INSERT INTO t (a, p) VALUES ('z', 5)", 'FOREIGN_KEY_VIOLATION', {}],
    ["INSERT INTO strict_t VALUES ('x')", 'QUERY_FAILED', {}],
    ['INSERT INTO parent VALUES (9)', 'QUERY_FAILED', { reason: 'no nine' }],
    ["INSERT INTO parent VALUES ('x')", 'QUERY_FAILED', {}],
    ['SELEKT', 'QUERY_FAILED', { sql: 'SELEKT' }],
    ['SELECT 1; SELECT 2', 'QUERY_FAILED', {}],
    ['', 'QUERY_FAILED', {}],
  ])('%s is %s', async (sql, code, context) => {
    const error = await errorOf(() => connection.run(sql));
    expect(error.code).toBe(code);
    expect(error.context).toMatchObject(context);
    expect(await codeOf(() => connection.query(sql))).toBe(code);
    if (sql !== '')
      expect(await codeOf(() => connection.script(sql === 'SELECT 1; SELECT 2' ? 'X' : sql))).toBe(code);
  });

  test('names with dots and commas come out of the message as far as it tells them', async () => {
    const error = await errorOf(() => connection.run('INSERT INTO "odd.t" VALUES (1, 2)'));
    expect(error.code).toBe('UNIQUE_VIOLATION');
    expect(error.cause.message).toBe('UNIQUE constraint failed: odd.t.a, b');
  });

  test('values of parameters are never in the message', async () => {
    const error = await errorOf(() =>
      connection.run('INSERT INTO t (a, b, c) VALUES (?, ?, 0)', ['s3cret', 's3cret']),
    );
    expect(JSON.stringify(error.context) + error.message).not.toContain('s3cret');
    const failed = await errorOf(() => connection.query('SELECT nothing(?)', ['s3cret']));
    expect(failed.message).toContain('SELECT nothing(?)');
    expect(failed.message).not.toContain('s3cret');
  });

  test('a deferred foreign key fails at COMMIT and leaves the transaction open', async () => {
    await connection.script('CREATE TABLE d (p int REFERENCES parent DEFERRABLE INITIALLY DEFERRED); BEGIN');
    await connection.run('INSERT INTO d VALUES (5)');
    expect(await codeOf(() => connection.run('COMMIT'))).toBe('FOREIGN_KEY_VIOLATION');
    expect(connection.inTransaction).toBe(true);
    await connection.run('ROLLBACK');
    expect(connection.inTransaction).toBe(false);
  });

  test('a full disk has a name, and what was begun may be undone already', async () => {
    const database = await open(`sqlite:${makeFolder()}/full.db`);
    const { connection: file } = await database.acquire('write');
    await file.script('CREATE TABLE t (a); PRAGMA max_page_count = 3');
    const error = await errorOf(() => file.run('INSERT INTO t VALUES (zeroblob(100000))'));
    expect(error.code).toBe('DATABASE_FULL');
    expect(file.inTransaction).toBe(false);
  });
});

describe('locks of other connections', () => {
  test('a statement outside a transaction waits without blocking the event loop', async () => {
    const url = `sqlite:${makeFolder()}/busy.db`;
    const [first, second] = [await open(url), await open(url)];
    const holder = (await first.acquire('write')).connection;
    const other = (await second.acquire('write')).connection;
    await holder.script('CREATE TABLE t (a); BEGIN IMMEDIATE');
    const waiting = other.run('INSERT INTO t VALUES (1)');
    let ticks = 0;
    // The lock goes when the loop has turned so often: were it blocked, the statement would wait in vain.
    const timer = setInterval(() => {
      ticks++;
      if (ticks === 10) void holder.run('COMMIT');
    }, 5);
    expect(await waiting).toMatchObject({ changes: 1 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(10);
  });

  test('BEGIN IMMEDIATE gives up when its time is over, at once if that is 0', async () => {
    const url = `sqlite:${makeFolder()}/busy.db`;
    const [first, second] = [await open(url), await open(url)];
    const holder = (await first.acquire('write')).connection;
    const other = (await second.acquire('write')).connection;
    await holder.run('BEGIN IMMEDIATE');
    expect(await codeOf(() => other.run('BEGIN IMMEDIATE', [], { waitMs: 0 }))).toBe('DATABASE_BUSY');
    const started = performance.now();
    const error = await errorOf(() => other.run('BEGIN IMMEDIATE', [], { waitMs: 100 }));
    expect(error).toMatchObject({ code: 'DATABASE_BUSY', retryable: true });
    expect(performance.now() - started).toBeGreaterThanOrEqual(99);
    expect(error.message).toContain('busy.db');
  });

  test('a transaction that read before another wrote fails at once: it must be run again whole', async () => {
    const url = `sqlite:${makeFolder()}/snapshot.db`;
    const [first, second] = [await open(url), await open(url)];
    const a = (await first.acquire('write')).connection;
    const b = (await second.acquire('write')).connection;
    await a.script('CREATE TABLE t (a)');
    await a.script('BEGIN');
    await a.query('SELECT * FROM t');
    await b.run('INSERT INTO t VALUES (1)');
    const error = await errorOf(() => a.run('INSERT INTO t VALUES (2)'));
    expect(error).toMatchObject({ code: 'DATABASE_BUSY', retryable: true });
  });

  test('closing while a statement waits ends the wait', async () => {
    const url = `sqlite:${makeFolder()}/busy.db`;
    const [first, second] = [await open(url), await open(url)];
    await (await first.acquire('write')).connection.run('BEGIN IMMEDIATE');
    const waiting = codeOf(async () => (await second.acquire('write')).connection.run('BEGIN IMMEDIATE'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await second.close();
    expect(await waiting).toBe('CONNECTION_CLOSED');
  });
});

test('EXPLAIN is asked anew after the schema has changed', async () => {
  const connection = await connectMemory();
  await connection.run('CREATE TABLE t (a integer)');
  const before = (await connection.queryArrays('EXPLAIN SELECT * FROM t')).length;
  await connection.run('ALTER TABLE t ADD COLUMN b integer');
  expect((await connection.queryArrays('EXPLAIN SELECT * FROM t')).length).toBe(before + 1);
});
