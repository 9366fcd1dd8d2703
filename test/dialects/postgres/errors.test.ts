import type { Connection } from '../../../src/dialects/contract';
import { translatePostgresError } from '../../../src/dialects/postgres/errors';
import { keyColumns } from '../../../src/dialects/postgres/key-columns';
import { failure, useDatabase } from './connection-support';

const place = useDatabase();
const run = (sql: string, params?: readonly unknown[]) => place.connection.run(sql, params);
const serverSays = (code: string, more: object = {}) =>
  Object.assign(new Error('in words\nand more'), { code, severity: 'ERROR', ...more });

async function another(): Promise<Connection> {
  return (await (await place.open()).acquire('write')).connection;
}

describe('a broken constraint', () => {
  beforeAll(() =>
    place.connection.script(`
      CREATE EXTENSION IF NOT EXISTS btree_gist;
      CREATE SCHEMA "s.p";
      CREATE DOMAIN even AS int CONSTRAINT is_even CHECK (VALUE % 2 = 0);
      CREATE TABLE "pa""rent" (id int CONSTRAINT pk PRIMARY KEY, a int, "b, (c)" int, "D""=(" text, e even, room int, during int4range,
        CONSTRAINT "un(iq" UNIQUE (a, "b, (c)", "D""=("), CONSTRAINT ck CHECK (a < "b, (c)"),
        CONSTRAINT ex EXCLUDE USING gist (room WITH =, during WITH &&));
      CREATE UNIQUE INDEX ux ON "pa""rent" (lower("D""=("), id);
      CREATE TABLE "s.p".child (id int PRIMARY KEY, "x, y" int NOT NULL CONSTRAINT "fk)" REFERENCES "pa""rent" ON DELETE RESTRICT)`),
  );
  beforeEach(async () => {
    await place.connection.script('DELETE FROM "s.p".child; DELETE FROM "pa""rent"');
    await run(`INSERT INTO "pa""rent" VALUES (1, 1, 2, 'x', 4, 1, '[1,5)')`);
    await run('INSERT INTO "s.p".child VALUES (1, 1)');
  });

  const cases: [what: string, sql: string, expected: object][] = [
    [
      'a primary key',
      'INSERT INTO "pa""rent" (id) VALUES (1)',
      { name: 'UniqueViolationError', constraint: 'pk', table: 'pa"rent', columns: ['id'] },
    ],
    [
      'a unique constraint over odd names',
      `INSERT INTO "pa""rent" (id, a, "b, (c)", "D""=(") VALUES (2, 1, 2, 'x')`,
      { name: 'UniqueViolationError', constraint: 'un(iq', columns: ['a', 'b, (c)', 'D"=('] },
    ],
    [
      'an exclusion constraint',
      `INSERT INTO "pa""rent" (id, room, during) VALUES (2, 1, '[4,6)')`,
      { name: 'UniqueViolationError', constraint: 'ex', columns: ['room', 'during'] },
    ],
    [
      'a check over two columns',
      'INSERT INTO "pa""rent" (id, a, "b, (c)") VALUES (2, 2, 1)',
      { name: 'CheckViolationError', constraint: 'ck', table: 'pa"rent', columns: ['a', 'b, (c)'] },
    ],
    [
      'the check of a domain',
      'INSERT INTO "pa""rent" (id, e) VALUES (2, 3)',
      { name: 'CheckViolationError', constraint: 'is_even' },
    ],
    [
      'a foreign key, from the child',
      'INSERT INTO "s.p".child VALUES (2, 9)',
      { name: 'ForeignKeyViolationError', constraint: 'fk)', table: 's.p.child', columns: ['x, y'] },
    ],
    [
      'a foreign key, from the parent',
      'DELETE FROM "pa""rent"',
      { name: 'ForeignKeyViolationError', constraint: 'fk)', table: 's.p.child', columns: ['x, y'] },
    ],
    [
      'NOT NULL',
      'INSERT INTO "s.p".child VALUES (2, NULL)',
      { name: 'NotNullViolationError', table: 's.p.child', columns: ['x, y'] },
    ],
  ];

  test.each(cases)('is told by its names: %s', async (_, sql, expected) => {
    expect(await failure(run(sql))).toMatchObject(expected);
    await run('BEGIN');
    expect(await failure(run(sql))).toMatchObject(expected);
    await run('ROLLBACK');
  });

  test('of an index on an expression tells the columns that are columns', async () => {
    await run('ALTER TABLE "pa""rent" DROP CONSTRAINT pk CASCADE');
    const error = await failure(run(`INSERT INTO "pa""rent" (id, "D""=(") VALUES (1, 'X')`));
    expect(error).toMatchObject({ name: 'UniqueViolationError', constraint: 'ux', columns: ['id'] });
  });

  test('that the user may not look into is told without its columns', async () => {
    await place.connection.script(`
      CREATE TABLE secret (id int PRIMARY KEY); INSERT INTO secret VALUES (1);
      DROP ROLE IF EXISTS writer; CREATE ROLE writer; GRANT INSERT ON secret TO writer`);
    await run('SET ROLE writer');
    expect(await failure(run('INSERT INTO secret VALUES (1)'))).toMatchObject({
      code: 'UNIQUE_VIOLATION',
      table: 'secret',
      columns: [],
    });
    expect(await failure(run('SELECT * FROM secret'))).toMatchObject({ code: 'PERMISSION_DENIED' });
    await run('RESET ROLE');
    await place.connection.script('DROP TABLE secret; DROP ROLE writer');
  });
});

describe('key columns', () => {
  test.each<[detail: string | undefined, columns: readonly string[] | undefined]>([
    ['Key (a)=(1) already exists.', ['a']],
    ['Schlüssel »(a, b)=(1, 2)« existiert bereits.', ['a', 'b']],
    ['Key ("a)=(", "b ""c""", d)=(x, y)=(z) already exists.', ['a)=(', 'b "c"', 'd']],
    ["Key (lower(a), b, (c + 1), COALESCE(d, ')'::text), e)=(1) already exists.", ['b', 'e']],
    ['Key (a)=(x\'y") conflicts with existing key (a)=(z).', ['a']],
    ['キー (a)=(1) はすでに存在します。', ['a']],
    ['Failing row contains (1, 2).', undefined],
    ['', undefined],
    ['(', undefined],
    [undefined, undefined],
  ])('are read: %s', (detail, columns) => {
    expect(keyColumns(detail)).toEqual(columns);
  });
});

describe('transactions in each other’s way', () => {
  beforeAll(() =>
    place.connection.script(
      'CREATE TABLE shared (id int PRIMARY KEY, n int); INSERT INTO shared VALUES (1, 0), (2, 0)',
    ),
  );

  test('that wait for each other are a deadlock, which may be tried again', async () => {
    const [a, b] = [await another(), await another()];
    for (const [connection, id] of [
      [a, 1],
      [b, 2],
    ] as const) {
      await connection.run("SET deadlock_timeout = '10ms'");
      await connection.run('BEGIN');
      await connection.run('UPDATE shared SET n = 1 WHERE id = $1', [id]);
    }
    const outcomes = await Promise.allSettled([
      a.run('UPDATE shared SET n = 1 WHERE id = 2'),
      b.run('UPDATE shared SET n = 1 WHERE id = 1'),
    ]);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    expect(failed).toEqual([
      expect.objectContaining({ name: 'DeadlockError', code: 'DEADLOCK', retryable: true }),
    ]);
    for (const connection of [a, b]) await connection.run('ROLLBACK');
  });

  test('that saw what is no more cannot be serialized, and may be tried again', async () => {
    const a = await another();
    await a.run('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await a.query('SELECT * FROM shared');
    await run('UPDATE shared SET n = n + 1 WHERE id = 1');
    expect(await failure(a.run('UPDATE shared SET n = 0 WHERE id = 1'))).toMatchObject({
      name: 'SerializationError',
      code: 'SERIALIZATION_FAILURE',
      retryable: true,
    });
    await a.run('ROLLBACK');
  });

  test('that lock what another one wants make it wait, or not', async () => {
    const a = await another();
    await a.run('BEGIN');
    await a.run('SELECT * FROM shared FOR UPDATE');
    expect(await failure(run('SELECT * FROM shared FOR UPDATE NOWAIT'))).toMatchObject({
      code: 'LOCK_NOT_AVAILABLE',
      retryable: true,
    });
    await a.run('ROLLBACK');
  });

  test('that add an enum value cannot use it', async () => {
    await run("CREATE TYPE light AS ENUM ('red')");
    await run('BEGIN');
    await run("ALTER TYPE light ADD VALUE 'green'");
    expect(await failure(run("SELECT 'green'::light"))).toMatchObject({ code: 'ENUM_VALUE_UNCOMMITTED' });
    await run('ROLLBACK');
  });

  test('that take too long are cancelled', async () => {
    await run("SET statement_timeout = '20ms'");
    expect(await failure(run('SELECT pg_sleep(5)'))).toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringMatching(/statement timeout/),
    });
    await run('RESET statement_timeout');
  });

  test('that may only read do not write', async () => {
    await run('BEGIN READ ONLY');
    expect(await failure(run('INSERT INTO shared VALUES (3, 3)'))).toMatchObject({
      code: 'DATABASE_READONLY',
    });
    await run('ROLLBACK');
  });
});

describe('the code alone decides', () => {
  test.each([
    ['40P01', 'DEADLOCK'],
    ['40001', 'SERIALIZATION_FAILURE'],
    ['55P03', 'LOCK_NOT_AVAILABLE'],
    ['55P04', 'ENUM_VALUE_UNCOMMITTED'],
    ['42501', 'PERMISSION_DENIED'],
    ['53100', 'DATABASE_FULL'],
    ['58030', 'DATABASE_IO'],
    ['25006', 'DATABASE_READONLY'],
    ['25P02', 'TRANSACTION_LOST'],
    ['53300', 'CONNECTION_FAILED'],
    ['57P01', 'CONNECTION_LOST'],
    ['57P02', 'CONNECTION_LOST'],
    ['57P05', 'CONNECTION_LOST'],
    ['25P03', 'CONNECTION_LOST'],
    ['08006', 'CONNECTION_LOST'],
    ['XX001', 'DATABASE_CORRUPT'],
    ['57014', 'QUERY_FAILED'],
    ['42P01', 'QUERY_FAILED'],
    ['22003', 'QUERY_FAILED'],
    ['23000', 'QUERY_FAILED'],
    ['P0001', 'QUERY_FAILED'],
  ])('%s is %s', (state, code) => {
    const error = translatePostgresError(serverSays(state), { sql: 'SELECT 1', database: 'h/b' });
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('and more');
  });

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED'])(
    '%s of a socket is a lost connection',
    (code) => {
      const error = translatePostgresError(Object.assign(new Error('write'), { code }), { database: 'h/b' });
      expect(error).toMatchObject({ code: 'CONNECTION_LOST', message: expect.stringContaining('h/b') });
    },
  );

  test('what is an error of ours stays so, and anything else is a failed query', () => {
    const ours = translatePostgresError(serverSays('40001'));
    expect(translatePostgresError(ours)).toBe(ours);
    expect(translatePostgresError(undefined).code).toBe('QUERY_FAILED');
    expect(translatePostgresError('text').code).toBe('QUERY_FAILED');
  });

  test('of objects that others need, it is told which', async () => {
    await place.connection.script('CREATE TABLE needed (a int); CREATE VIEW needs AS SELECT a FROM needed');
    const error = await failure(run('DROP TABLE needed'));
    expect(error.message).toMatch(
      /cannot drop table needed because other objects depend on it \(view needs depends on table needed\)/,
    );
  });
});
