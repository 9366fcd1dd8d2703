import type { Connection } from '../../../src/dialects/contract.js';
import { isAvailable } from '../../support/databases.js';
import { codeOf, connect, emptyDatabase, errorOf, open } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;

described('a connection to MySQL or MariaDB', () => {
  describe('reads', () => {
    test('rows as objects and as arrays, in the types of the contract', async () => {
      const connection = await connect();
      await connection.script(`CREATE TABLE t (
        i int, b bigint, u bigint unsigned, d decimal(30,10), f float, g double, t tinyint(1), y year,
        dt datetime(3), d0 datetime, ts timestamp(6) NULL, da date, ti time(3), j json, bl longblob, bi bit(10),
        e enum('a','b'), s set('x','y'), tx longtext, p point, n int)`);
      await connection.run(
        "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, b'1000000001', ?, ?, ?, POINT(1, 2), ?)",
        [
          7,
          -(2n ** 53n - 1n),
          12,
          '12345678901234567890.0123456789',
          0.5,
          0.1,
          true,
          2020,
          '2020-01-02 03:04:05.600',
          '2020-01-02 00:00:00',
          '2020-01-02 03:04:05.000001',
          '2020-01-02',
          '-30:01:02.5',
          '{"a": 1}',
          Buffer.from([0, 1, 255]),
          'b',
          'x,y',
          'naïve 😀',
          null,
        ],
      );
      const expected = {
        i: 7,
        b: -(2 ** 53 - 1),
        u: 12,
        d: '12345678901234567890.0123456789',
        f: 0.5,
        g: 0.1,
        t: 1,
        y: 2020,
        dt: '2020-01-02 03:04:05.600',
        d0: '2020-01-02 00:00:00',
        ts: '2020-01-02 03:04:05.000001',
        da: '2020-01-02',
        ti: '-30:01:02.500',
        j: '{"a": 1}',
        bl: Buffer.from([0, 1, 255]),
        bi: Buffer.from([2, 1]),
        e: 'b',
        s: 'x,y',
        tx: 'naïve 😀',
        p: expect.any(Buffer),
        n: null,
      };
      expect(await connection.query('SELECT * FROM t')).toEqual([expected]);
      expect(await connection.queryArrays('SELECT * FROM t')).toEqual([Object.values(expected)]);
    });

    test('integers exact: as bigints where these are asked for, and never rounded otherwise', async () => {
      const connection = await connect();
      const big = 2n ** 63n - 1n;
      const sql =
        'SELECT CAST(? AS SIGNED) AS big, 1 AS small, CAST(18446744073709551615 AS UNSIGNED) AS huge';
      expect(await connection.query(sql, [big], { bigints: true })).toEqual([
        { big, small: 1n, huge: 2n ** 64n - 1n },
      ]);
      expect(await errorOf(() => connection.query(sql, [big]))).toMatchObject({
        code: 'VALUE_INVALID',
        message: 'column big: the integer is beyond 2^53; read it with bigints.',
      });
      expect(await connection.query('SELECT 9007199254740991 AS n')).toEqual([{ n: 9007199254740991 }]);
    });

    test.each([
      ['datetime(3)', '2020-01-02 00:00:00', '2020-01-02 00:00:00.000'],
      ['datetime(6)', '2020-01-02 10:00:00.5', '2020-01-02 10:00:00.500000'],
      ['time(2)', '10:00:00', '10:00:00.00'],
      ['time', '10:00:00', '10:00:00'],
      ['date', '9999-12-31', '9999-12-31'],
    ])('a fraction of a second of %s with all its digits', async (type, value, read) => {
      const connection = await connect();
      await connection.script(`CREATE TABLE t (v ${type})`);
      await connection.run('INSERT INTO t VALUES (?)', [value]);
      expect(await connection.queryArrays('SELECT v FROM t')).toEqual([[read]]);
    });

    test('a column called __proto__ as any other', async () => {
      const connection = await connect();
      const [row] = await connection.query('SELECT 1 AS `__proto__`, 2 AS b');
      expect(Object.entries(row ?? {})).toEqual([
        ['__proto__', 1],
        ['b', 2],
      ]);
      expect(({} as Record<string, unknown>).b).toBeUndefined();
    });

    test('what a procedure returns', async () => {
      const connection = await connect();
      await connection.script('CREATE PROCEDURE p () BEGIN SELECT 1 AS a; SELECT 2 AS b; END');
      expect(await connection.query('CALL p()')).toEqual([{ a: 1 }]);
    });
  });

  describe('binds', () => {
    test.each([
      ['text with quotes', 'a\'b"c\\d`e', 'a\'b"c\\d`e'],
      ['text with a NUL', 'a\0b', 'a\0b'],
      ['emoji', '😀', '😀'],
      ['nothing', '', ''],
      ['an integer', 5, '5'],
      ['the largest safe integer', 2 ** 53 - 1, '9007199254740991'],
      ['a bigint', -(2n ** 63n), '-9223372036854775808'],
      ['an unsigned bigint', 2n ** 64n - 1n, '18446744073709551615'],
      ['true', true, '1'],
      ['false', false, '0'],
      ['minus zero', -0, '0'],
    ])('%s', async (_, value, read) => {
      const connection = await connect();
      expect(await connection.queryArrays('SELECT CONCAT(?)', [value])).toEqual([[read]]);
    });

    test('whole numbers as integers', async () => {
      const connection = await connect();
      await connection.script('CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2), (3)');
      expect(await connection.queryArrays('SELECT a FROM t ORDER BY a LIMIT ? OFFSET ?', [1, 1])).toEqual([
        [2],
      ]);
      expect(await connection.queryArrays('SELECT ? + 9007199254740990', [1], { bigints: true })).toEqual([
        [9007199254740991n],
      ]);
    });

    test.each([
      ['undefined', undefined, 'got undefined'],
      ['an object', { toString: () => '1' }, 'got an object'],
      ['an array', [1], 'got an array'],
      ['a date', new Date(0), 'got a Date'],
      ['NaN', Number.NaN, 'SQL has no number NaN'],
      ['infinity', Number.POSITIVE_INFINITY, 'SQL has no number Infinity'],
      ['half a surrogate pair', '\ud800', 'half of a surrogate pair'],
      ['an unsafe integer', 2 ** 53, 'beyond 2^53'],
      ['an integer of 65 bits', 2n ** 64n, 'more than 64 bits'],
      ['a function', () => 1, 'got a function'],
    ])('never %s', async (_, value, problem) => {
      const connection = await connect();
      const failure = await errorOf(() => connection.query('SELECT 1, ?', [value]));
      expect(failure.code).toBe('VALUE_INVALID');
      expect(failure.message).toContain('parameter 1');
      expect(failure.message).toContain(problem);
    });

    test.each([
      [[], 1],
      [[1, 2], 1],
    ])('as many values as there are placeholders, not %p', async (params, placeholders) => {
      const connection = await connect();
      const failure = await errorOf(() => connection.query('SELECT ?', params));
      expect(failure).toMatchObject({ code: 'QUERY_FAILED' });
      if (params.length > 0) expect(failure.message).toContain(`${placeholders} placeholders`);
      expect(await connection.queryArrays('SELECT 1')).toEqual([[1]]);
    });

    test('what the server would hang up on is refused', async () => {
      const connection = await connect();
      const [[limit] = []] = await connection.queryArrays('SELECT @@max_allowed_packet');
      const failure = await errorOf(() => connection.query('SELECT ?', ['x'.repeat(Number(limit))]));
      expect(failure.code).toBe('VALUE_INVALID');
      expect(failure.message).toContain('max_allowed_packet');
      expect(await connection.queryArrays('SELECT 1')).toEqual([[1]]);
    });
  });

  describe('writes', () => {
    test('rows that match, also those that stay as they are', async () => {
      const connection = await connect();
      await connection.script('CREATE TABLE t (a int PRIMARY KEY, b int)');
      expect(await connection.run('INSERT INTO t VALUES (1, 1), (2, 1)')).toEqual({ changes: 2 });
      expect(await connection.run('UPDATE t SET b = 1')).toEqual({ changes: 2 });
      expect(await connection.run('UPDATE t SET b = 1 WHERE a = ?', [9])).toEqual({ changes: 0 });
      expect(await connection.run('DELETE FROM t WHERE a = 1')).toEqual({ changes: 1 });
      expect(await connection.run('SELECT * FROM t')).toEqual({ changes: 0 });
    });

    test('and says the first key that was generated', async () => {
      const connection = await connect();
      await connection.script('CREATE TABLE t (a bigint AUTO_INCREMENT PRIMARY KEY, b int)');
      expect(await connection.run('INSERT INTO t (b) VALUES (1), (2)')).toEqual({
        changes: 2,
        lastInsertId: 1,
        insertIdStep: 1,
      });
      await connection.run('INSERT INTO t (a) VALUES (?)', [2n ** 62n]);
      expect(await connection.run('INSERT INTO t (b) VALUES (1)')).toMatchObject({
        lastInsertId: 2n ** 62n + 1n,
      });
    });

    test('a key of 0 as 0, which MySQL by itself would replace', async () => {
      const connection = await connect();
      await connection.script('CREATE TABLE t (a int AUTO_INCREMENT PRIMARY KEY)');
      await connection.run('INSERT INTO t VALUES (?)', [0]);
      expect(await connection.queryArrays('SELECT a FROM t')).toEqual([[0]]);
    });

    test('one statement at a time, whatever its text says', async () => {
      const connection = await connect();
      await connection.script('CREATE TABLE t (a int)');
      for (const sql of ['SELECT 1; DROP TABLE t', 'DO 1; DROP TABLE t', 'SELECT ?; DROP TABLE t']) {
        expect(await codeOf(() => connection.run(sql, sql.includes('?') ? [1] : []))).toBe('QUERY_FAILED');
      }
      expect(await connection.queryArrays('SELECT COUNT(*) FROM t')).toEqual([[0]]);
    });

    test('the same statement again after the table has changed', async () => {
      const connection = await connect();
      await connection.script('CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
      expect(await connection.queryArrays('SELECT * FROM t')).toEqual([[1]]);
      await connection.run("ALTER TABLE t ADD b text DEFAULT 'x', MODIFY a bigint");
      expect(await connection.queryArrays('SELECT * FROM t', [], { bigints: true })).toEqual([[1n, 'x']]);
      await connection.run('DROP TABLE t');
      expect(await codeOf(() => connection.queryArrays('SELECT * FROM t'))).toBe('QUERY_FAILED');
    });

    test('more texts than are kept prepared', async () => {
      const connection = await connect();
      for (let i = 0; i < 600; i++) await connection.queryArrays(`SELECT ${i}`);
      expect(await connection.queryArrays('SELECT 0')).toEqual([[0]]);
      const [[count] = []] = await connection.queryArrays(
        "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'PREPARED_STMT_COUNT'",
      );
      expect(Number(count)).toBeLessThan(2_000);
    });
  });

  describe('knows whether a transaction is open', () => {
    const steps = async (connection: Connection, ...texts: string[]): Promise<boolean[]> => {
      const states: boolean[] = [];
      for (const text of texts) {
        await Promise.resolve(connection.run(text)).catch(() => {});
        states.push(connection.inTransaction);
      }
      return states;
    };

    test.each([
      ['after COMMIT', ['START TRANSACTION', 'SELECT * FROM t', 'COMMIT'], [true, true, false]],
      ['after ROLLBACK', ['BEGIN', 'INSERT INTO t VALUES (1)', 'ROLLBACK'], [true, true, false]],
      [
        'after savepoints',
        ['BEGIN', 'SAVEPOINT a', 'ROLLBACK TO SAVEPOINT a', 'COMMIT'],
        [true, true, true, false],
      ],
      [
        'after an error',
        ['BEGIN', 'SELECT nothing', 'INSERT INTO t VALUES (1), (1)', 'COMMIT'],
        [true, true, true, false],
      ],
      ['after DDL, which commits', ['BEGIN', 'CREATE TABLE u (a int)'], [true, false]],
      ['after DDL that fails, which commits', ['BEGIN', 'CREATE TABLE t (a int)'], [true, false]],
      ['after ANALYZE, which returns rows and commits', ['BEGIN', 'ANALYZE TABLE t'], [true, false]],
      ['outside of one', ['SELECT 1', 'INSERT INTO t VALUES (5)', 'SELECT nothing'], [false, false, false]],
    ])('%s', async (_, texts, states) => {
      const connection = await connect();
      await connection.script('CREATE TABLE t (a int PRIMARY KEY)');
      expect(await steps(connection, ...texts)).toEqual(states);
    });

    test('after a script that fails half-way', async () => {
      const connection = await connect();
      expect(await codeOf(() => connection.script('BEGIN; SELECT nothing; COMMIT'))).toBe('QUERY_FAILED');
      expect(connection.inTransaction).toBe(true);
    });

    test('after a deadlock, which has rolled it back', async () => {
      const url = await emptyDatabase();
      const [one, two] = await Promise.all([open(url), open(url)]);
      const [a, b] = [(await one.acquire('write')).connection, (await two.acquire('write')).connection];
      await a.script('CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 0), (2, 0)');
      await a.run('BEGIN');
      await b.run('BEGIN');
      await a.run('UPDATE t SET b = 1 WHERE a = 1');
      await b.run('UPDATE t SET b = 2 WHERE a = 2');
      const first = Promise.resolve(a.run('UPDATE t SET b = 1 WHERE a = 2')).then(
        () => 'done',
        (cause) => cause.code,
      );
      const second = Promise.resolve(b.run('UPDATE t SET b = 2 WHERE a = 1')).then(
        () => 'done',
        (cause) => cause.code,
      );
      const results = await Promise.all([first, second]);
      expect([...results].sort()).toEqual(['DEADLOCK', 'done']);
      const [loser, winner] = results[0] === 'DEADLOCK' ? [a, b] : [b, a];
      expect([loser.inTransaction, winner.inTransaction]).toEqual([false, true]);
    });
  });
});
