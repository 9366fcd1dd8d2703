/** Expressions in the server's own words: what is the same comes out the same, and nothing is left behind. */

import type { ExpressionQuestion } from '../../../src/dialects/contract';
import { MARIADB_10_11 } from '../../../src/dialects/mysql/flavour';
import { makeMysql } from '../../../src/dialects/mysql/index';
import { settle } from '../../../src/dialects/mysql/settle';
import type { Column, Schema } from '../../../src/schema/model';
import { SchemaBench, schemaOf, table } from './schema-bench';

let bench: SchemaBench;

beforeAll(async () => {
  bench = await SchemaBench.open();
});

afterAll(() => bench.close());

beforeEach(() => bench.clear());

const COLUMNS: Column[] = [
  { name: 'id', type: { kind: 'integer' }, nullable: false, autoIncrement: 'increment' },
  { name: 'a', type: { kind: 'varchar', length: 20 }, nullable: true },
  { name: 'b', type: { kind: 'integer' }, nullable: true },
  { name: 'at', type: { kind: 'timestamp' }, nullable: true },
  { name: 'settle_1', type: { kind: 'integer' }, nullable: true },
  { name: 'line\nbreak', type: { kind: 'integer' }, nullable: true },
  { name: 'state', type: { kind: 'enum', name: 'status' }, nullable: true },
];
const T = table('t', { columns: COLUMNS, primaryKey: { name: 'pk_t', columns: ['id'] } });
const SCHEMA: Schema = schemaOf([T], { enums: [{ name: 'status', values: ['open', 'done'] }] });

async function ask(
  questions: readonly ExpressionQuestion[],
  schema = SCHEMA,
): Promise<readonly (string | undefined)[]> {
  const answers = await settle(MARIADB_10_11, bench.connection, questions, schema);
  if ('denied' in answers) throw new Error(answers.denied);
  return answers;
}

const check = (sql: string): ExpressionQuestion => ({ kind: 'check', sql, table: T });
const column = (kind: 'default' | 'generated', sql: string, name: string): ExpressionQuestion => ({
  kind,
  sql,
  table: T,
  column: COLUMNS.find((each) => each.name === name) as Column,
});

const SAME: [ExpressionQuestion, ExpressionQuestion][] = [
  [check('"a" <> \'x\' OR b IS NULL'), check("((a != 'x') or (`b` is null))")],
  [check('length(a) < 5'), check('octet_length("a") < 5')],
  [check('b BETWEEN 1 AND 5'), check('`b` between 1 and 5')],
  [check('NOT (b > 5)'), check('b <= 5')],
  [check('"line\nbreak" > 1'), check('`line\nbreak` > 1')],
  [check('settle_1 > 1'), check('"settle_1" > 1')],
  [check("state <> 'open'"), check('"state" != \'open\'')],
  [column('generated', "a || '-' || b", 'a'), column('generated', "concat(`a`,'-',`b`)", 'a')],
  [column('generated', 'lower(a)', 'a'), column('generated', 'lcase(`a`)', 'a')],
  [column('default', '1+2', 'b'), column('default', '(1 + 2)', 'b')],
  [column('default', "lower('X')", 'a'), column('default', "lcase('X')", 'a')],
  [column('default', 'now()', 'at'), column('default', 'current_timestamp(3)', 'at')],
  [
    { kind: 'view', sql: "SELECT a FROM t WHERE b > 1 AND a = 'x'" },
    { kind: 'view', sql: "select `t`.`a` AS `a` from `t` where `t`.`b` > 1 and `t`.`a` = 'x'" },
  ],
  [
    { kind: 'view', sql: 'SELECT t.a, u.b FROM t JOIN t u ON u.id = t.b' },
    {
      kind: 'view',
      sql: 'select `t`.`a` AS `a`,`u`.`b` AS `b` from (`t` join `t` `u` on(`u`.`id` = `t`.`b`))',
    },
  ],
];

test.each(SAME.map(([one, other]) => [one.sql, other.sql, one, other] as const))(
  '%s is %s',
  async (_, __, one, other) => {
    const [first, second] = await ask([one, other]);
    expect(first).toBeDefined();
    expect(bench.dialect.canonical.expression(second ?? '')).toBe(
      bench.dialect.canonical.expression(first ?? ''),
    );
  },
);

const OTHER: [ExpressionQuestion, ExpressionQuestion][] = [
  [check("a <> 'x'"), check("a <> 'X'")],
  [check('(b > 1 OR a IS NULL) AND b < 9'), check('b > 1 OR (a IS NULL AND b < 9)')],
  [column('generated', 'b + 1', 'b'), column('generated', 'b + 2', 'b')],
  [
    { kind: 'view', sql: 'SELECT a FROM t WHERE id = 1' },
    { kind: 'view', sql: 'SELECT a FROM t WHERE id = 1 AND b = 2' },
  ],
  [
    { kind: 'view', sql: 'SELECT a FROM t WHERE id = 1' },
    { kind: 'view', sql: 'SELECT a FROM t WHERE id = 2' },
  ],
];

test.each(OTHER.map(([one, other]) => [one.sql, other.sql, one, other] as const))(
  '%s is not %s',
  async (_, __, one, other) => {
    const [first, second] = await ask([one, other]);
    expect(first).not.toBe(second);
  },
);

test('what is refused spoils nothing else', async () => {
  const answers = await ask([
    check('a > 1'),
    check('nothing > 1'),
    column('default', 'no_such_function()', 'a'),
    column('generated', "concat(a, 'x')", 'a'),
    check('b >'),
    { kind: 'view', sql: 'SELECT nothing FROM t' },
    { kind: 'view', sql: 'SELECT b FROM t' },
  ]);
  expect(answers.map((answer) => answer !== undefined)).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
});

test('nothing is left behind, and a transaction that is open stays so', async () => {
  await bench.script('CREATE TABLE t (id int PRIMARY KEY)');
  await bench.connection.run('START TRANSACTION');
  await bench.connection.run('INSERT INTO t VALUES (1)');
  await ask([check('a > 1'), check('nothing > 1'), { kind: 'view', sql: 'SELECT id FROM t' }]);
  expect(bench.connection.inTransaction).toBe(true);
  await bench.connection.run('ROLLBACK');
  expect(await bench.rows('SELECT * FROM t')).toEqual([]);
  expect(await bench.rows('SHOW FULL TABLES')).toEqual([['t', 'BASE TABLE']]);
});

test('the rows of a table do not get into the text of a view over it', async () => {
  await bench.script(
    "CREATE TABLE t (id int PRIMARY KEY, a varchar(20), b int); INSERT INTO t VALUES (1, 'secret', 5)",
  );
  const [text] = await ask([{ kind: 'view', sql: 'SELECT a FROM t WHERE id = 1' }]);
  expect(text).not.toContain('secret');
  expect(await bench.rows('SELECT a FROM t')).toEqual([['secret']]);
});

test('of everything in one table one statement is asked, and of nothing none', async () => {
  const asked: string[] = [];
  const listening: typeof bench.connection = Object.assign(Object.create(bench.connection), {
    run: (sql: string) => {
      asked.push(sql);
      return bench.connection.run(sql);
    },
    queryArrays: (sql: string) => {
      asked.push(sql);
      return bench.connection.queryArrays(sql);
    },
  });
  await settle(
    MARIADB_10_11,
    listening,
    [check('a > 1'), column('default', '5', 'b'), check('b > 1')],
    SCHEMA,
  );
  expect(asked.map((sql) => sql.split(' ').slice(0, 3).join(' '))).toEqual([
    'DROP TEMPORARY TABLE',
    'CREATE TEMPORARY TABLE',
    'SHOW CREATE TABLE',
    'DROP TEMPORARY TABLE',
  ]);
  asked.length = 0;
  await settle(MARIADB_10_11, listening, [], SCHEMA);
  expect(asked).toEqual([]);
});

test('without the right to make temporary tables nothing is concluded', async () => {
  const [[database] = []] = await bench.rows('SELECT DATABASE()');
  await bench.script(
    "CREATE TABLE t (id int); DROP USER IF EXISTS 'poor'@'127.0.0.1'; CREATE USER 'poor'@'127.0.0.1' IDENTIFIED BY 'poor'",
  );
  await bench.script(`GRANT SELECT ON \`${database}\`.* TO 'poor'@'127.0.0.1'`);
  const port = (await bench.rows('SELECT @@port'))[0]?.[0];
  const poor = await makeMysql(MARIADB_10_11).open({
    url: `mariadb://poor:poor@127.0.0.1:${port}/${database}`,
    mode: 'existing',
  });
  try {
    const { connection } = await poor.acquire('read');
    for (const question of [check('a > 1'), { kind: 'view', sql: 'SELECT id FROM t' } as const]) {
      expect(await settle(MARIADB_10_11, connection, [question], SCHEMA)).toEqual({
        denied: expect.stringMatching(/^temporary tables are not allowed here: /),
      });
    }
  } finally {
    await poor.close();
    await bench.script("DROP USER 'poor'@'127.0.0.1'");
  }
});
