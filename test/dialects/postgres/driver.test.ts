import { hostname } from 'node:os';
import type { SqlValue } from '../../../src/dialects/contract';
import { failure, useDatabase } from './connection-support';

const place = useDatabase();
const run = (sql: string, params?: readonly unknown[]) => place.connection.run(sql, params);
const rows = (sql: string, params?: readonly unknown[], options?: { bigints?: boolean }) =>
  place.connection.queryArrays(sql, params, options);
const value = async (sql: string, params?: readonly unknown[], options?: { bigints?: boolean }) =>
  (await rows(sql, params, options))[0]?.[0];

describe('values come', () => {
  const cases: [sql: string, expected: SqlValue][] = [
    ['1::smallint', 1],
    ['-2147483648', -2147483648],
    ['9007199254740991', 9007199254740991],
    ['4000000000::oid', 4000000000],
    ['1.50::numeric(10,2)', '1.50'],
    ['0.1::float8', 0.1],
    ['0.1::float4', 0.1],
    ["'-Infinity'::float8", Number.NEGATIVE_INFINITY],
    ["'NaN'::float8", Number.NaN],
    ['1e-7::float8 + 0.1 + 0.2', 0.3000001],
    ['true', true],
    ['1 = 2', false],
    ['NULL::int', null],
    ["''", ''],
    ["'é\u{1f600}'", 'é\u{1f600}'],
    ["'a\\b''c'", "a\\b'c"],
    ["'\\x00ff10'::bytea", Buffer.from([0, 255, 16])],
    ["''::bytea", Buffer.alloc(0)],
    ["date '2024-02-29'", '2024-02-29'],
    ["time '01:02:03.4'", '01:02:03.4'],
    ["timestamp '2024-02-29 01:02:03.45'", '2024-02-29 01:02:03.45'],
    ["timestamptz '2024-02-29 01:02:03+05'", '2024-02-28 20:02:03+00'],
    ["interval '1 day 2 hours'", '1 day 02:00:00'],
    ['\'{"b": 1, "a": 2}\'::jsonb', '{"a": 2, "b": 1}'],
    ['ARRAY[1,NULL,3]', '{1,NULL,3}'],
    ["uuid 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ];

  test.each(cases)('of %s as they are', async (sql, expected) => {
    expect(await value(`SELECT ${sql}`)).toEqual(expected);
  });

  test('of a domain as of the type below it', async () => {
    await run('CREATE DOMAIN positive AS integer CHECK (VALUE > 0)');
    expect(await value('SELECT 5::positive')).toBe(5);
  });

  test('as bigints where all integers are to be exact', async () => {
    const [row] = await rows('SELECT 1::int2, 2, 9223372036854775807, 1.5::float8, NULL::int8', [], {
      bigints: true,
    });
    expect(row).toEqual([1n, 2n, 9223372036854775807n, 1.5, null]);
  });

  test('never rounded: an integer beyond 2^53 is refused by its column', async () => {
    const error = await failure(rows('SELECT 1 AS a, 9007199254740993 AS big'));
    expect(error).toMatchObject({
      code: 'VALUE_INVALID',
      message: 'column big: the integer is beyond 2^53; read it with bigints.',
    });
  });

  test('as objects by column name, the last of a name counting, whatever the name', async () => {
    const result = await place.connection.query('SELECT 1 AS a, 2 AS a, 3 AS "__proto__", 4 AS "B c"');
    expect(Object.entries(result[0] as object)).toEqual([
      ['a', 2],
      ['__proto__', 3],
      ['B c', 4],
    ]);
    expect(Object.getPrototypeOf(result[0])).toBe(Object.prototype);
  });

  test('the same when a statement is prepared and when it was', async () => {
    for (let i = 0; i < 4; i++) {
      expect(await place.connection.query('SELECT $1::int AS n, true AS b', [i])).toEqual([
        { n: i, b: true },
      ]);
    }
    const names = await rows(
      "SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int AS n%'",
    );
    expect(names).toHaveLength(1);
  });

  test('from large results whole', async () => {
    const result = await rows('SELECT i, repeat($1, 100) FROM generate_series(1, 20000) AS i', ['ä']);
    expect(result).toHaveLength(20_000);
    expect(result[19_999]).toEqual([20_000, 'ä'.repeat(100)]);
  });
});

describe('parameters', () => {
  beforeAll(() =>
    place.connection.script(`
      CREATE TYPE mood AS ENUM ('sad', 'so "so"');
      CREATE TABLE bound (id int, big int8, num numeric, f float8, b boolean, t text, v varchar(5), raw bytea, ts timestamptz(3),
        plain timestamp(3), d date, j jsonb, u uuid, m mood, list int[], names text[])`),
  );

  const cases: [column: string, value: unknown, read: SqlValue][] = [
    ['id', 5, 5],
    ['id', -0, 0],
    ['big', 2n ** 62n, (2n ** 62n).toString()],
    ['num', 123456789012345678901234567890n, '123456789012345678901234567890'],
    ['num', '0.10', '0.10'],
    ['f', 1e300, '1e+300'],
    ['f', 0.1, '0.1'],
    ['b', true, 'true'],
    ['b', false, 'false'],
    ['t', "a'b\\c\u{1f600}\n", "a'b\\c\u{1f600}\n"],
    ['v', 'abcde', 'abcde'],
    ['raw', Buffer.from([0, 1, 255]), '\\x0001ff'],
    ['raw', new Uint8Array([7]), '\\x07'],
    ['ts', new Date('2024-02-29T01:02:03.040Z'), '2024-02-29 01:02:03.04+00'],
    ['plain', new Date('2024-02-29T01:02:03.040Z'), '2024-02-29 01:02:03.04'],
    ['d', '2024-02-29', '2024-02-29'],
    ['j', '{"a": [1, "x"]}', '{"a": [1, "x"]}'],
    ['u', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['m', 'so "so"', 'so "so"'],
    ['list', [1, null, 3], '{1,NULL,3}'],
    ['names', ['a', 'b c', '"', 'NULL', '', '{,}', null], '{a,"b c","\\"","NULL","","{,}",NULL}'],
    ['names', [], '{}'],
  ];

  test.each(cases)('of column %s bind: %p', async (column, given, read) => {
    await run('DELETE FROM bound');
    expect(await run(`INSERT INTO bound (${column}) VALUES ($1)`, [given])).toEqual({ changes: 1 });
    expect(String(await value(`SELECT ${column}::text FROM bound WHERE ${column} = $1`, [given]))).toBe(
      String(read),
    );
  });

  test('take the type of their place', async () => {
    expect(
      await rows('SELECT i FROM generate_series(1, 5) AS i ORDER BY i LIMIT $1 OFFSET $2', [2, 1]),
    ).toEqual([[2], [3]]);
    expect(await value("SELECT 'a1' LIKE $1", ['a%'])).toBe(true);
    expect(await value('SELECT 3 IN ($1, $2)', [1, 3])).toBe(true);
    expect(await value('SELECT (\'{"a": {"b": 7}}\'::jsonb) #>> $1', [['a', 'b']])).toBe('7');
    expect(
      await rows('INSERT INTO bound (id, t) VALUES ($1, $2), ($3, $4) RETURNING id, t', [1, null, 2, 'x']),
    ).toEqual([
      [1, null],
      [2, 'x'],
    ]);
    expect(await rows('SELECT id FROM bound WHERE id = ANY($1) ORDER BY id', [[2, 9, 1]])).toEqual([
      [1],
      [2],
    ]);
  });

  const refused: [what: string, value: unknown, problem: RegExp][] = [
    ['undefined', undefined, /got undefined/],
    ['NaN', Number.NaN, /no number NaN/],
    ['an infinity', Number.POSITIVE_INFINITY, /no number Infinity/],
    ['an integer that is not exact', 2 ** 53, /beyond 2\^53/],
    ['half of a surrogate pair', 'a\ud800', /surrogate/],
    ['a NUL', 'a\0b', /NUL/],
    ['an object', { a: 1 }, /got an object/],
    ['a function', () => 1, /got a function/],
    ['an invalid Date', new Date(Number.NaN), /expected a Date, got an invalid Date/],
    ['a Date of a year with six digits', new Date('+020000-01-01T00:00:00Z'), /year/],
    ['a NUL in a list', ['ok', 'a\0b'], /NUL/],
    ['undefined in a list', ['ok', undefined], /got undefined/],
  ];

  test.each(refused)('refuse %s, and the connection goes on', async (_, given, problem) => {
    const error = await failure(run('SELECT $1, $2', ['fine', given]));
    expect(error.code).toBe('VALUE_INVALID');
    expect(error.message).toMatch(problem);
    expect(error.message).toContain('parameter 2');
    expect(await value('SELECT 1')).toBe(1);
  });

  test('are never more than the protocol can count', async () => {
    expect(await failure(run('SELECT 1', new Array(65_536).fill(1)))).toMatchObject({
      code: 'VALUE_INVALID',
    });
    const params = new Array(65_535).fill(1);
    const list = params.map((_, i) => `$${i + 1}::int`).join(',');
    expect(await value(`SELECT cardinality(ARRAY[${list}])`, params)).toBe(65_535);
  });
});

describe('a statement', () => {
  test('tells how many rows it has changed', async () => {
    await run('CREATE TABLE counted (id int PRIMARY KEY, n int)');
    expect(await run('INSERT INTO counted SELECT i, i FROM generate_series(1, 7) AS i')).toEqual({
      changes: 7,
    });
    expect(await run('UPDATE counted SET n = 0 WHERE id > $1', [4])).toEqual({ changes: 3 });
    expect(await run('INSERT INTO counted VALUES (1, 2) ON CONFLICT DO NOTHING')).toEqual({ changes: 0 });
    expect(await run('DELETE FROM counted')).toEqual({ changes: 7 });
    expect(await run('SELECT 1')).toEqual({ changes: 0 });
    expect(await run('CREATE TABLE other AS SELECT 1 AS a')).toEqual({ changes: 0 });
  });

  test('is one statement: what is smuggled in behind it does not run', async () => {
    const error = await failure(place.connection.query('SELECT 1; CREATE TABLE smuggled (a int)'));
    expect(error.code).toBe('QUERY_FAILED');
    expect(await value("SELECT to_regclass('smuggled')::text")).toBeNull();
  });

  test('that is empty, or holds a comment alone, returns nothing', async () => {
    expect(await rows('')).toEqual([]);
    expect(await place.connection.query('-- nothing')).toEqual([]);
  });

  test('with a NUL is refused', async () => {
    expect(await failure(() => run('SELECT 1\0'))).toMatchObject({ code: 'QUERY_FAILED' });
  });

  test('of a script runs with all the others or not at all', async () => {
    await place.connection.script(
      'CREATE TABLE scripted (a int); INSERT INTO scripted VALUES (1); INSERT INTO scripted VALUES (2)',
    );
    expect(await value('SELECT count(*) FROM scripted')).toBe(2);
    const error = await failure(place.connection.script('INSERT INTO scripted VALUES (3); SELECT 1/0'));
    expect(error).toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining('division by zero'),
    });
    expect(await value('SELECT count(*) FROM scripted')).toBe(2);
  });

  test('that copies from a client is refused instead of waiting', async () => {
    expect(await failure(run('COPY scripted FROM STDIN'))).toMatchObject({ code: 'QUERY_FAILED' });
    expect(await value('SELECT 1')).toBe(1);
  });

  test('made while another runs comes after it', async () => {
    const order: number[] = [];
    const wait = (ms: number, n: number) =>
      Promise.resolve(rows('SELECT pg_sleep($1)', [ms / 1000])).then(() => order.push(n));
    await Promise.all([
      wait(30, 1),
      wait(0, 2),
      failure(run('broken')).then(() => order.push(3)),
      wait(0, 4),
    ]);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('fails in the words of the database, with its text and without its values', async () => {
    const error = await failure(run('SELECT * FROM nowhere WHERE a = $1', ['s3cret']));
    expect(error.code).toBe('QUERY_FAILED');
    expect(error.message).toBe('relation "nowhere" does not exist\n  in: SELECT * FROM nowhere WHERE a = $1');
    expect(JSON.stringify(error.context)).not.toContain('s3cret');
    expect(error.stack).toMatch(/driver\.test\.ts/);
  });
});

describe('prepared statements', () => {
  test('survive that a table gets other columns', async () => {
    const another = await place.open();
    const lease = await another.acquire('write');
    await run('CREATE TABLE changing (a int)');
    await run('INSERT INTO changing VALUES (1)');
    const sql = 'SELECT * FROM changing';
    for (let i = 0; i < 3; i++) expect(await lease.connection.query(sql)).toEqual([{ a: 1 }]);
    await run("ALTER TABLE changing ADD b text DEFAULT 'x'");
    for (let i = 0; i < 3; i++) expect(await lease.connection.query(sql)).toEqual([{ a: 1, b: 'x' }]);
    await run('ALTER TABLE changing ALTER a TYPE text');
    await lease.connection.run('BEGIN');
    const error = await failure(lease.connection.query(sql));
    expect(error).toMatchObject({ code: 'SERIALIZATION_FAILURE', retryable: true });
    await lease.connection.run('ROLLBACK');
    for (let i = 0; i < 3; i++) expect(await lease.connection.query(sql)).toEqual([{ a: '1', b: 'x' }]);
    lease.release();
  });

  test('survive that they fail, again and again', async () => {
    await run('CREATE TABLE failing (a int CHECK (a > 0))');
    for (let i = 0; i < 4; i++) {
      expect(await failure(run('INSERT INTO failing VALUES ($1)', [-1]))).toMatchObject({
        code: 'CHECK_VIOLATION',
      });
      expect(await failure(run('SELECT * FROM failing_nowhere'))).toMatchObject({ code: 'QUERY_FAILED' });
    }
    await run('BEGIN');
    expect(await failure(run('INSERT INTO failing VALUES ($1)', [-1]))).toMatchObject({
      code: 'CHECK_VIOLATION',
    });
    await run('ROLLBACK');
    await run('CREATE TABLE failing_nowhere (a int)');
    expect(await rows('SELECT * FROM failing_nowhere')).toEqual([]);
    expect(await run('INSERT INTO failing VALUES ($1)', [1])).toEqual({ changes: 1 });
  });

  test('survive DDL on their own connection, also inside a transaction and after its rollback', async () => {
    await run('CREATE TABLE turning (a int)');
    await run('INSERT INTO turning VALUES (1)');
    const sql = 'SELECT a FROM turning';
    for (let i = 0; i < 3; i++) expect(await value(sql)).toBe(1);
    await run('BEGIN');
    expect(await value(sql)).toBe(1);
    await run('ALTER TABLE turning ALTER a TYPE text');
    for (let i = 0; i < 3; i++) expect(await value(sql)).toBe('1');
    await run('ROLLBACK');
    await run('BEGIN');
    for (let i = 0; i < 3; i++) expect(await value(sql)).toBe(1);
    await run('ROLLBACK');
  });

  test('survive that the server has forgotten them', async () => {
    for (const forget of ['DEALLOCATE ALL', 'DISCARD ALL']) {
      for (let i = 0; i < 3; i++) expect(await value('SELECT 40 + 2')).toBe(42);
      await run(forget);
      for (let i = 0; i < 3; i++) expect(await value('SELECT 40 + 2')).toBe(42);
    }
    // By ways that the connection does not see.
    await run("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$");
    expect(await value('SELECT 40 + 2')).toBe(42);
  });

  test('are kept few', async () => {
    for (let i = 0; i < 600; i++) for (let j = 0; j < 2; j++) await rows(`SELECT ${i}`);
    const kept = await value('SELECT count(*) FROM pg_prepared_statements');
    expect(kept).toBeGreaterThan(100);
    expect(kept).toBeLessThan(300);
  });
});

describe('inTransaction', () => {
  test('is what the database says, whatever ends it', async () => {
    const { connection } = place;
    expect(connection.inTransaction).toBe(false);
    await run('BEGIN');
    expect(connection.inTransaction).toBe(true);
    await failure(run('SELECT 1/0'));
    expect(connection.inTransaction).toBe(true);
    await run('ROLLBACK');
    expect(connection.inTransaction).toBe(false);
    await connection.script('BEGIN; SELECT 1; COMMIT; BEGIN');
    expect(connection.inTransaction).toBe(true);
    await run('COMMIT');
    expect(connection.inTransaction).toBe(false);
  });

  test('is false after a COMMIT that failed', async () => {
    await place.connection.script(`
      CREATE TABLE deferred_parent (id int PRIMARY KEY);
      CREATE TABLE deferred_child (p int CONSTRAINT late REFERENCES deferred_parent DEFERRABLE INITIALLY DEFERRED)`);
    await run('BEGIN');
    await run('INSERT INTO deferred_child VALUES (1)');
    const error = await failure(run('COMMIT'));
    expect(error).toMatchObject({
      code: 'FOREIGN_KEY_VIOLATION',
      constraint: 'late',
      table: 'deferred_child',
      columns: ['p'],
    });
    expect(place.connection.inTransaction).toBe(false);
  });

  test('a COMMIT that the database turns into a rollback is an error', async () => {
    await run('BEGIN');
    await failure(run('SELECT 1/0'));
    expect(await failure(run('SELECT 1'))).toMatchObject({ code: 'TRANSACTION_LOST' });
    expect(await failure(run('COMMIT'))).toMatchObject({ code: 'TRANSACTION_LOST' });
    expect(place.connection.inTransaction).toBe(false);
    await run('BEGIN');
    await run('SAVEPOINT s');
    await failure(run('SELECT 1/0'));
    await run('ROLLBACK TO SAVEPOINT s');
    await run('COMMIT');
  });
});

test('says who it is', async () => {
  expect(await value("SELECT current_setting('application_name')")).toBe(
    `limbeck ${hostname()}:${process.pid}`.slice(0, 63),
  );
});
