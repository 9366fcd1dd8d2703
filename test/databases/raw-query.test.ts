/** SQL by hand: what may be bound, what is refused and how, and fragments that are put together. */

import { DataSource, sql } from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

describe.each(testDatabases())('%s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;
  const types = {
    sqlite: 'i integer, b bigint, d text, z boolean, x blob, s text',
    postgres: 'i integer, b bigint, d timestamp(3), z boolean, x bytea, s text',
    mysql: 'i integer, b bigint, d datetime(3), z boolean, x blob, s text',
  };
  const at = new Date(Date.UTC(2020, 0, 2, 3, 4, 5, 6));
  /** A placeholder as the driver has it. */
  const p = (place: number): string => (kind === 'postgres' ? `$${place}` : '?');
  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({ url: database.url }).initialize();
    await db.query(`CREATE TABLE t (${types[kind]})`);
    const places = [1, 2, 3, 4, 5, 6].map(p).join(', ');
    const values = [1, 9007199254740993n, at, true, Buffer.from([0, 1, 255]), "ž'; DROP TABLE t; --"];
    await db.query(`INSERT INTO t VALUES (${places})`, values);
    await db.sql`INSERT INTO t VALUES (${2}, ${null}, ${null}, ${false}, ${new Uint8Array([7])}, ${'two'})`;
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  const found = async (condition: string, params: readonly unknown[]): Promise<unknown[]> =>
    (await db.query<{ i: number }>(`SELECT i FROM t WHERE ${condition} ORDER BY i`, params)).map(
      ({ i }) => i,
    );

  test.each<[string, unknown]>([
    ['i', 1],
    ['b', 9007199254740993n],
    ['d', at],
    ['z', true],
    ['x', Buffer.from([0, 1, 255])],
    ['x', new Uint8Array([0, 1, 255])],
    ['s', "ž'; DROP TABLE t; --"],
  ])('%s = %p is bound as what it is', async (column, value) => {
    expect(await found(`${column} = ${p(1)}`, [value])).toEqual([1]);
    expect(await db.sql`SELECT i FROM t WHERE ${sql.id(column)} = ${value}`).toEqual([{ i: 1 }]);
  });

  test('null stands where a placeholder cannot', async () => {
    expect(await db.sql`SELECT i FROM t WHERE b IS ${null}`).toEqual([{ i: 2 }]);
    expect(await db.sql`SELECT i FROM t WHERE b IS NOT ${null} AND i = ${1}`).toEqual([{ i: 1 }]);
    expect(await db.sql`SELECT i FROM t WHERE b = ${null}`).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    ['an object', { a: 1 }, /pass JSON\.stringify\(object\)/],
    ['a map', new Map(), /pass JSON\.stringify\(object\)/],
    ['undefined', undefined, /undefined/],
    ['a function', () => 1, /a function/],
    ['a symbol', Symbol('x'), /a symbol/],
    ['NaN', Number.NaN, /NaN/],
    ['an invalid date', new Date(Number.NaN), /invalid Date/],
    ['half of a surrogate pair', '\ud800', /surrogate/],
    ['an unsafe integer', 2 ** 53, /bigint/],
    ['a fragment', sql`1`, /belongs into the text of sql`…`/],
  ])('%s is refused with the cure, and never shown', async (_, value, cure) => {
    await expect(db.query(`SELECT ${p(1)} AS x`, [value])).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    await expect(db.query(`SELECT ${p(1)} AS x`, [value])).rejects.toThrow(cure);
  });

  test('an array is one parameter where the database has arrays, and refused elsewhere with the cure', async () => {
    if (kind === 'postgres') {
      expect(await found('i = ANY($1)', [[1, 2]])).toEqual([1, 2]);
      expect(await db.sql`SELECT i FROM t WHERE i = ANY(${sql.val([2, 3])})`).toEqual([{ i: 2 }]);
      return;
    }
    const failure = db.query('SELECT i FROM t WHERE i IN (?)', [[1, 2]]);
    await expect(failure).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    await expect(failure).rejects.toThrow('IN (…)');
  });

  test.each([[[1]], [[1, 2, 3]], [[]]])(
    '%j for two placeholders is a mistake of the query, and harms nothing',
    async (params) => {
      const failure = db.query(`SELECT i FROM t WHERE i = ${p(1)} OR i = ${p(2)}`, params);
      await expect(failure).rejects.toMatchObject({ code: 'QUERY_FAILED', retryable: false });
      expect(await found(`i = ${p(1)} OR i = ${p(2)}`, [1, 2])).toEqual([1, 2]);
      await db.transaction(async () => {
        await db.query('SELECT 1');
        await db.transaction(() => db.query(`SELECT ${p(1)}`, [])).catch(() => {});
        expect(await found(`i = ${p(1)}`, [1])).toEqual([1]);
      });
    },
  );

  test.each(['SELECT 1; SELECT 2', 'SELECT 1; DROP TABLE t', 'SELECT 1 AS x; INSERT INTO t (i) VALUES (9);'])(
    '%s: several statements are refused, and none runs',
    async (text) => {
      await expect(db.query(text)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
      expect(await found('1 = 1', [])).toEqual([1, 2]);
    },
  );

  test('one statement may end in a semicolon', async () => {
    expect(await db.query('SELECT 1 AS one;')).toEqual([{ one: 1 }]);
  });

  test.each<[unknown, unknown]>([
    [null, []],
    [undefined, []],
    [{ text: 'SELECT 1' }, []],
    [sql`SELECT 1`, []],
    ['SELECT 1', { a: 1 }],
    ['SELECT 1', 'abc'],
  ])('query(%p, %p) is refused', async (text, params) => {
    const failure = db.query(text as string, params as unknown[]);
    await expect(failure).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('fragments are put together, and their values stay values', async () => {
    const genre = "two' OR 1=1 --";
    const conditions = [sql`${sql.id('t', 's')} = ${'two'}`, sql`i > ${0}`];
    const rows =
      await db.sql`SELECT i FROM ${sql.id('t')} WHERE ${sql.join(conditions, sql` AND `)} ${sql.raw('ORDER BY i')}`;
    expect(rows).toEqual([{ i: 2 }]);
    expect(await db.sql`SELECT i FROM t WHERE s = ${genre}`).toEqual([]);
    expect(await db.sql`SELECT i FROM t WHERE i IN (${[1, 2, 3]}) ORDER BY i`).toHaveLength(2);
    expect(await db.sql`SELECT i FROM t WHERE i IN (${sql.join([1, 2, 3])}) ORDER BY i`).toHaveLength(2);
    expect(await db.sql`SELECT i FROM t WHERE i IN (${[]})`).toEqual([]);
    const columns = sql.join(['i', 's'].map((name) => sql.id(name)));
    expect(await db.sql`SELECT ${columns} FROM t WHERE i = ${2}`).toEqual([{ i: 2, s: 'two' }]);
    const separator = ' AND ' as never;
    expect(() => sql.join(conditions, separator)).toThrow('the separator is a fragment');
  });

  test('what JSON carries never becomes SQL', async () => {
    const body = JSON.parse('{"strings":["1=1"],"values":[],"path":["t"],"value":1}');
    await expect(db.sql`SELECT i FROM t WHERE i = ${body}`).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    const quoted = db.sql`SELECT ${sql.id('i" FROM t; --')} FROM t`;
    await expect(quoted).rejects.toMatchObject({ code: 'QUERY_FAILED' });
  });
});
