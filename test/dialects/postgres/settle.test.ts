/** The server's own wording of expressions: equal for what is equal, without anything left behind. */

import type { ExpressionQuestion } from '../../../src/dialects/contract.js';
import { isOneExpression } from '../../../src/dialects/postgres/expressions.js';
import { settle } from '../../../src/dialects/postgres/settle.js';
import {
  type Column,
  type ColumnType,
  EMPTY_SCHEMA,
  type Schema,
  type Table,
} from '../../../src/schema/model.js';
import { isAvailable } from '../../support/databases';
import { Bench } from './schema-support.js';

const describeServer = isAvailable('postgres') ? describe : describe.skip;

const column = (name: string, type: ColumnType): Column => ({ name, type, nullable: true });

const TABLE: Table = {
  name: 'books',
  columns: [
    column('n', { kind: 'integer' }),
    column('title', { kind: 'varchar', length: 20 }),
    column('mood', { kind: 'enum', name: 'mood' }),
    column('spot', { kind: 'native', sql: { postgres: 'point' } }),
  ],
  uniques: [],
  checks: [],
  foreignKeys: [],
  indexes: [],
  exclusions: [],
};

const SCHEMA: Schema = { ...EMPTY_SCHEMA, tables: [TABLE], enums: [{ name: 'mood', values: ['ok', 'sad'] }] };

const about = (
  kind: ExpressionQuestion['kind'],
  sql: string,
  table = TABLE,
  name = 'title',
): ExpressionQuestion => ({
  kind,
  sql,
  table,
  column: table.columns.find((each) => each.name === name) as Column,
});

/** Everything of the server that a block could leave behind. */
const STATE = `SELECT (SELECT count(*) FROM pg_class) || ' ' || (SELECT count(*) FROM pg_type) || ' ' || (SELECT count(*) FROM pg_constraint)
  || ' ' || current_setting('search_path') || ' ' || coalesce(current_setting('limbeck.settled', true), '')`;

describeServer('settling', () => {
  let db: Bench;

  beforeEach(async () => {
    db = await Bench.open();
  });
  afterEach(() => db.close());

  test.each([
    [
      'check',
      "title IN ('a', 'b')",
      "((title)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
    ],
    ['check', 'n BETWEEN 1 AND 5', 'n >= 1 AND n <= 5'],
    ['check', 'books.n > 0 -- why', '(n > 0)'],
    ['check', "mood = 'ok'", "(mood = 'ok'::mood)"],
    ['predicate', 'n IS NOT NULL AND n>0', '((n IS NOT NULL) AND (n > 0))'],
    ['index', "lower(title) || 'x'", "(lower((title)::text) || 'x'::text)"],
    ['index', 'spot', 'spot'],
    ['generated', "lower(title) || 'x'", "(lower((title)::text) || 'x'::text)"],
    ['default', "'a'", "'a'::character varying"],
    ['default', "lower('A') /* a */", "lower('A'::text)"],
    ['exclusion', 'n WITH =, "title" WITH =', 'n WITH =, title WITH ='],
    ['exclusion', 'int4range(n, n+1) WITH &&', 'int4range(n, (n + 1)) WITH &&'],
  ] as const)('%s %s is the same as %s', async (kind, one, other) => {
    const [a, b] = (await settle(db, [about(kind, one), about(kind, other)], SCHEMA)) as string[];
    expect(typeof a).toBe('string');
    expect(a).toBe(b);
    expect(a).not.toMatch(/limbeck|pg_temp/);
  });

  test.each([
    ['check', 'n > 0', 'n >= 0'],
    ['check', "title = 'a'", "title = 'a '"],
    ['predicate', 'n > 0', 'NOT n > 0'],
    ['index', 'lower(title)', 'upper(title)'],
    ['generated', 'n', 'n + 0'],
    ['default', "'a'", "'a' || ''"],
    ['exclusion', 'n WITH =', 'n WITH <>'],
  ] as const)('%s %s is not the same as %s', async (kind, one, other) => {
    const [a, b] = (await settle(db, [about(kind, one), about(kind, other)], SCHEMA)) as string[];
    expect(a).not.toBe(b);
  });

  test('views look at the tables that are there', async () => {
    await db.script('CREATE TABLE t (a int, b text)');
    const ask = (sql: string): ExpressionQuestion => ({ kind: 'view', sql });
    const answers = await settle(
      db,
      [
        ask('select b, t.a from t where a in (1,2);'),
        ask('SELECT t.b,\n t.a FROM t WHERE t.a = ANY (ARRAY[1, 2])'),
        ask('SELECT c FROM t'),
        ask('SELECT * FROM none'),
      ],
      SCHEMA,
    );
    expect(answers).toEqual([expect.stringContaining('SELECT b'), expect.any(String), undefined, undefined]);
    expect((answers as string[])[0]).toBe((answers as string[])[1]);
  });

  test('one that is refused spoils no other, in the order asked', async () => {
    const answers = await settle(
      db,
      [
        about('check', 'nonsense > 0'),
        about('check', 'n > 0'),
        about('default', "'x'::nonsense"),
        about('index', 'lower(title)'),
        about('check', 'n +'),
      ],
      SCHEMA,
    );
    expect(answers).toEqual([undefined, '(n > 0)', undefined, 'lower((title)::text)', undefined]);
  });

  test('a column whose type is not there spoils no other', async () => {
    const table = {
      ...TABLE,
      columns: [...TABLE.columns, column('odd', { kind: 'native', sql: { postgres: 'citext' } })],
    };
    expect(
      await settle(db, [about('check', 'n > 0', table), about('check', 'odd IS NULL', table)], SCHEMA),
    ).toEqual(['(n > 0)', undefined]);
  });

  test('tables, columns and enums with the names of types, catalogs and of what it makes itself', async () => {
    for (const name of [
      'date',
      'text',
      'int4',
      'pg_constraint',
      'pg_attrdef',
      'limbeck_view',
      'audit.date',
      'public.a.b',
    ]) {
      const columns = ['limbeck', 'limbeck_1_1', 'date', 'answer', 'job', 'texts'].map((each) =>
        column(each, { kind: 'date' }),
      );
      const table: Table = { ...TABLE, name, columns };
      const questions = [
        about('check', "date > '2020-01-01'", table, 'date'),
        about('default', "'2020-01-01'", table, 'date'),
      ];
      expect(await settle(db, questions, SCHEMA)).toEqual([
        "(date > '2020-01-01'::date)",
        "'2020-01-01'::date",
      ]);
    }
  });

  test('enums that are there are used, and those that are not are made for the while', async () => {
    const ask = () => settle(db, [about('check', "mood = 'ok'"), about('check', "mood = 'new'")], SCHEMA);
    expect(await ask()).toEqual(["(mood = 'ok'::mood)", undefined]);
    await db.script("CREATE TYPE mood AS ENUM ('new', 'ok')");
    expect(await ask()).toEqual(["(mood = 'ok'::mood)", "(mood = 'new'::mood)"]);
  });

  test('leaves nothing behind, inside a transaction and outside of one', async () => {
    const questions = [
      about('check', 'n > 0'),
      about('default', "'x'"),
      about('exclusion', 'n WITH ='),
      { kind: 'view', sql: 'SELECT 1' } as const,
    ];
    const before = await db.value(STATE);
    await settle(db, questions, SCHEMA);
    expect(await db.value(STATE)).toBe(before);

    await db.script('CREATE TABLE own (a int)');
    await db.script('BEGIN; INSERT INTO own VALUES (1); SAVEPOINT here');
    const inside = await db.value(STATE);
    Object.defineProperty(db, 'inTransaction', { value: true });
    expect(await settle(db, questions, SCHEMA)).toHaveLength(4);
    expect(String(await db.value(STATE)).replace(/ \{.*/s, '')).toBe(String(inside).trimEnd());
    await db.script('COMMIT');
    expect(await db.value('SELECT count(*) FROM own')).toBe('1');
    expect(String(await db.value(STATE)).trimEnd()).toBe(String(inside).trimEnd());
  });

  test.each([
    '1); DROP TABLE victim; --',
    'true)) ; DROP TABLE victim; SELECT ((1',
    "E'\\''; DROP TABLE victim; --'",
    '`;` DROP TABLE victim',
    "$$'$$; DROP TABLE victim; --",
    'true -- x\r; DROP TABLE victim',
    '[;] DROP TABLE victim',
    'true) , ADD CHECK (true',
    '',
    ' ',
    '(',
    "'",
    '"',
    '/*',
    '$a$',
  ])('what is more than one expression is not asked about: %s', async (sql) => {
    await db.script('CREATE TABLE victim (a int)');
    const kinds = ['check', 'default', 'index', 'generated', 'predicate', 'exclusion', 'view'] as const;
    for (const kind of kinds) {
      expect(await settle(db, [about(kind, sql), about('check', 'n > 0')], SCHEMA)).toEqual([
        undefined,
        '(n > 0)',
      ]);
    }
    expect(await db.value('SELECT count(*) FROM victim')).toBe('0');
  });

  test('who may not make temporary tables is told so, and nothing is concluded', async () => {
    await db.script(
      `REVOKE TEMPORARY ON DATABASE "${await db.value('SELECT current_database()')}" FROM PUBLIC`,
    );
    await db.script('CREATE ROLE limbeck_settle_reader; SET ROLE limbeck_settle_reader');
    try {
      expect(await settle(db, [about('check', 'n > 0')], SCHEMA)).toEqual({
        denied: expect.stringContaining('temporary'),
      });
      expect(await settle(db, [{ kind: 'view', sql: 'SELECT 1' }], SCHEMA)).toEqual({
        denied: expect.any(String),
      });
    } finally {
      await db.script('RESET ROLE; DROP ROLE limbeck_settle_reader');
    }
  });

  test('a connection that is read-only by default may ask; a transaction that is read-only may not', async () => {
    await db.script('SET default_transaction_read_only = on');
    expect(await settle(db, [about('check', 'n > 0')], SCHEMA)).toEqual(['(n > 0)']);
    await db.script('BEGIN READ ONLY; SELECT 1');
    Object.defineProperty(db, 'inTransaction', { value: true });
    expect(await settle(db, [about('check', 'n > 0')], SCHEMA)).toEqual({
      denied: expect.stringContaining('read-only'),
    });
  });

  test('asks in one go, however many questions there are', async () => {
    const tables = Array.from({ length: 50 }, (_, i) => ({ ...TABLE, name: `t${i}` }));
    const questions = tables.flatMap((table) => [
      about('check', 'n > 0', table),
      about('default', "'x'", table),
    ]);
    const answers = await settle(db, questions, SCHEMA);
    expect(answers).toEqual(tables.flatMap(() => ['(n > 0)', "'x'::character varying"]));
  });
});

describe('whether a text is one expression', () => {
  test.each([
    'a',
    '(a)',
    "'a;b'",
    '"a;b"',
    "E'\\';'",
    '$$;$$',
    '$a$ ; $b$ $a$',
    'a -- ;',
    'a -- ;\n',
    '/* ; */ a',
    '/* /* ; */ ; */ a',
    "'it''s;'",
    "e'\\\\'",
    'a$b$c',
    'a[1]',
    '1.5::numeric(5,2)',
  ])('yes: %s', (sql) => {
    expect(isOneExpression(sql)).toBe(true);
  });

  test.each(['a;', ';', 'a) (b', 'a)', '(a', "'a", '"a', '/* a', '$$a', "E'\\'", '-- a\r;', "'\\';'"])(
    'no: %s',
    (sql) => {
      expect(isOneExpression(sql)).toBe(false);
    },
  );

  test('takes time by the length of the text alone', () => {
    for (const part of ['(', "'", '/*', '--', '$', 'a', '"'])
      expect(typeof isOneExpression(part.repeat(300_000))).toBe('boolean');
  });
});
