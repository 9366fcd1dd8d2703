/** What was made from a model is found unchanged: every type, default, check, key and feature of an index. */

import {
  type Check,
  type Column,
  type ColumnType,
  EMPTY_SCHEMA,
  type Exclusion,
  type Index,
  type Schema,
  type Unique,
} from '../../../src/schema/model.js';
import { table } from '../../schema/schemas';
import { isAvailable } from '../../support/databases';
import { Bench, column } from './schema-support.js';

const describeServer = isAvailable('postgres') ? describe : describe.skip;

const ENUMS = [
  { name: 'mood', values: ['sad', 'ok', "it's"] },
  { name: 'audit.level', values: ['low', 'high'] },
  { name: 'date', values: ['soon'] },
  { name: 'Select "x"', values: ['', '😀'] },
];

const TYPES: readonly ColumnType[] = [
  ...(
    [
      'smallint',
      'integer',
      'bigint',
      'real',
      'double',
      'boolean',
      'text',
      'date',
      'json',
      'uuid',
      'blob',
    ] as const
  ).map((kind) => ({ kind })),
  { kind: 'simple-array' },
  { kind: 'char' },
  { kind: 'char', length: 5 },
  { kind: 'varchar' },
  { kind: 'varchar', length: 10485760 },
  { kind: 'decimal' },
  { kind: 'decimal', precision: 5 },
  { kind: 'decimal', precision: 10, scale: 2 },
  { kind: 'decimal', precision: 5, scale: 0 },
  ...(['time', 'timestamp', 'timestamptz'] as const).flatMap((kind) => [
    { kind },
    { kind, precision: 0 },
    { kind, precision: 3 },
    { kind, precision: 6 },
  ]),
  ...ENUMS.map(({ name }) => ({ kind: 'enum', name }) as const),
  { kind: 'array', of: { kind: 'integer' } },
  { kind: 'array', of: { kind: 'varchar', length: 20 } },
  { kind: 'array', of: { kind: 'timestamp' } },
  { kind: 'array', of: { kind: 'enum', name: 'mood' } },
  { kind: 'array', of: { kind: 'array', of: { kind: 'enum', name: 'audit.level' } } },
  { kind: 'array', of: { kind: 'simple-array' } },
  ...[
    ...[
      'tsvector',
      'INET',
      'cidr',
      'macaddr',
      'interval',
      'interval(3)',
      'INTERVAL  DAY TO SECOND',
      'money',
      'xml',
    ],
    ...['point', 'json', 'bit', 'bit(3)', 'varbit', 'varbit(8)', 'bit varying', 'timetz', 'timetz(2)'],
    ...[
      'time (2) with time zone',
      'int4range',
      'oid',
      'name',
      '"char"',
      'Numeric(7)',
      'Decimal( 5 , 2 )',
      'FLOAT',
    ],
    ...[
      'float(24)',
      'INT8',
      'timestamp',
      'timestamp with time zone',
      'character varying(20)',
      'bpchar',
      'VARCHAR',
    ],
    ...['text[]', 'integer ARRAY', 'int[3][3]', 'pg_catalog.int4', '"text"', 'double  precision', 'jsonb'],
    ...['public.mood', 'jsonpath', 'regclass', 'citext_like'],
  ].map((text) => ({ kind: 'native', sql: { postgres: text } }) as const),
  { kind: 'native', sql: { mysql: 'geometry', default: 'text' } },
];

type Default = readonly [type: ColumnType, value: string | number | boolean | { readonly sql: string }];

const DEFAULTS: readonly Default[] = [
  ...[0, 1, -1, 42, '5', ' 7 ', { sql: '1 + 2' }, { sql: '(4)' }, { sql: '-5' }, { sql: "length('a')" }].map(
    (value): Default => [{ kind: 'integer' }, value],
  ),
  [{ kind: 'smallint' }, -32768],
  [{ kind: 'bigint' }, '9223372036854775807'],
  [{ kind: 'bigint' }, { sql: '9223372036854775807' }],
  ...[0, 1.5, -0.5, '1.50', 100, { sql: '0.00' }, 1e21, 1e-7, '12345678901234567890.12'].map(
    (value): Default => [{ kind: 'decimal' }, value],
  ),
  [{ kind: 'decimal', precision: 10, scale: 2 }, 0],
  [{ kind: 'decimal', precision: 10, scale: 2 }, '1.5'],
  ...[0, 0.1, -2.5, '1e10', 'NaN', { sql: 'pi()' }].map((value): Default => [{ kind: 'double' }, value]),
  [{ kind: 'real' }, 0.1],
  ...[true, false, 'true', 'f', { sql: 'TRUE' }, { sql: 'NOT false' }].map(
    (value): Default => [{ kind: 'boolean' }, value],
  ),
  ...[
    ...[
      '',
      ' ',
      "it's",
      'say "hi"',
      '\\',
      "\\'",
      '$$',
      '$1',
      '%s',
      'line\nbreak',
      '😀',
      '--',
      '/* x */',
      'NULL',
      'now()',
    ],
    ...["'::text", 'a::b', "x'y", 'true', '0', 5, true, { sql: "lower('A')" }, { sql: "'a' || 'b'" }],
    ...[
      { sql: "'a'::text" },
      { sql: "E'\\n'" },
      { sql: 'current_user' },
      { sql: 'CURRENT_TIMESTAMP' },
      { sql: 'NULL' },
    ],
    ...[{ sql: "CAST('x' AS varchar(3))" }, { sql: "(('y'))" }, { sql: "'a' -- why" }],
  ].flatMap((value): Default[] => [
    [{ kind: 'text' }, value],
    [{ kind: 'varchar', length: 50 }, value],
  ]),
  [{ kind: 'char', length: 5 }, 'ab'],
  [{ kind: 'char', length: 5 }, 'ab   '],
  [{ kind: 'simple-array' }, 'a,b'],
  [{ kind: 'date' }, '2020-02-29'],
  [{ kind: 'date' }, { sql: 'CURRENT_DATE' }],
  [{ kind: 'date' }, { sql: 'now()' }],
  [{ kind: 'time' }, '12:30'],
  [{ kind: 'time' }, '12:30:15.500'],
  [{ kind: 'time' }, { sql: 'LOCALTIME' }],
  ...['2020-02-29 12:00:00.000', '2020-02-29T12:00:00Z', '2020-02-29', '2020-02-29 12:00:00.5'].flatMap(
    (value): Default[] => [
      [{ kind: 'timestamp' }, value],
      [{ kind: 'timestamptz' }, value],
    ],
  ),
  ...[
    'now()',
    'CURRENT_TIMESTAMP',
    'current_timestamp(3)',
    "timezone('utc', now())",
    "now() + interval '1 day'",
  ].flatMap((sql): Default[] => [
    [{ kind: 'timestamp' }, { sql }],
    [{ kind: 'timestamptz' }, { sql }],
  ]),
  ...[
    '{}',
    '[]',
    '{"b": 1, "a": {"c": [1,  2]}}',
    '"x"',
    'null',
    '1.50',
    '12345678901234567890',
    { sql: "'{}'::jsonb" },
    { sql: 'jsonb_build_object()' },
  ].map((value): Default => [{ kind: 'json' }, value]),
  [{ kind: 'uuid' }, '00000000-0000-4000-8000-00000000000A'],
  [{ kind: 'uuid' }, { sql: 'gen_random_uuid()' }],
  [{ kind: 'blob' }, '\\x00FF'],
  [{ kind: 'blob' }, { sql: "decode('00', 'hex')" }],
  [{ kind: 'enum', name: 'mood' }, "it's"],
  [{ kind: 'enum', name: 'mood' }, { sql: "'ok'::mood" }],
  [{ kind: 'enum', name: 'audit.level' }, 'low'],
  [{ kind: 'enum', name: 'date' }, 'soon'],
  [{ kind: 'enum', name: 'Select "x"' }, ''],
  [{ kind: 'array', of: { kind: 'integer' } }, '{}'],
  [{ kind: 'array', of: { kind: 'integer' } }, '{1, 2}'],
  [{ kind: 'array', of: { kind: 'text' } }, { sql: "ARRAY['a', 'b']" }],
  [{ kind: 'array', of: { kind: 'enum', name: 'mood' } }, '{ok}'],
  [{ kind: 'native', sql: { postgres: 'interval' } }, '1 day'],
  [{ kind: 'native', sql: { postgres: 'inet' } }, '10.0.0.1'],
  [{ kind: 'native', sql: { postgres: 'bit(3)' } }, { sql: "B'101'" }],
  [{ kind: 'integer' }, { sql: "nextval('counter')" }],
  [{ kind: 'integer' }, { sql: `nextval('"Odd ""name"""'::regclass)` }],
];

const CHECKED: readonly Column[] = [
  column('n', { kind: 'integer' }),
  column('price', { kind: 'decimal', precision: 10, scale: 2 }),
  column('title', { kind: 'varchar', length: 50 }),
  column('body', { kind: 'text' }),
  column('code', { kind: 'char', length: 3 }),
  column('day', { kind: 'date' }),
  column('at', { kind: 'timestamptz' }),
  column('done', { kind: 'boolean' }),
  column('mood', { kind: 'enum', name: 'mood' }),
  column('data', { kind: 'json' }),
  column('tags', { kind: 'array', of: { kind: 'text' } }),
  column('Odd "name"', { kind: 'integer' }),
  column('select', { kind: 'integer' }),
];

const CHECKS = [
  ...['n > 0', 'n>0', '(n > 0)', '((n)) > (0)', 'N > 0', '"n" > 0', 'n > 0 -- positive', 'n /* the */ > 0'],
  ...['n BETWEEN 1 AND 10', 'n IN (1, 2, 3)', 'n NOT IN (1, 2)', 'n IS NOT NULL AND n <> 5 OR n IS NULL'],
  ...[
    'NOT (n = 1)',
    'n % 2 = 0',
    "n::text <> 'x'",
    'CAST(n AS bigint) > 0',
    'abs(n) < 100',
    '-n < 5',
    'n > -5',
  ],
  ...['price > 0', 'price >= 0.01', 'price * n > 1', 'round(price) = price', 'coalesce(price, 0) >= 0'],
  ...[
    "title <> ''",
    "title IN ('a', 'b')",
    "title NOT IN ('it''s', 'b')",
    'length(title) > 3',
    "title LIKE 'a%'",
  ],
  ...[
    "title ILIKE '%b'",
    "title ~ '^[a-z]+$'",
    'lower(title) = title',
    "title || body <> ''",
    "title SIMILAR TO 'a+'",
  ],
  ...[
    "body <> 'a;b'",
    "body <> '--' AND body <> '/*'",
    "code = 'abc'",
    "trim(code) <> ''",
    "substring(body FROM 1 FOR 2) <> 'x'",
  ],
  ...[
    "day > '2020-01-01'",
    "day >= DATE '2020-01-01'",
    "at > '2020-01-01 00:00:00+00'",
    'extract(year FROM at) > 2000',
  ],
  ...[
    'done',
    'NOT done',
    'done IS TRUE',
    'done = true',
    'done IS NOT NULL',
    "mood = 'ok'",
    "mood IN ('sad', 'ok')",
  ],
  ...[
    "mood <> 'it''s'::mood",
    "data ? 'a'",
    "data->>'a' = 'b'",
    "(data->'n')::int > 5",
    'data @> \'{"a": 1}\'',
  ],
  ...[
    "'a' = ANY (tags)",
    'cardinality(tags) > 0',
    "tags @> ARRAY['x']",
    '"Odd ""name""" > 0',
    '"select" > 0',
  ],
  ...[
    'CASE WHEN n > 0 THEN title IS NOT NULL ELSE body IS NULL END',
    'n IS DISTINCT FROM 5',
    '(n, "select") = (1, 2)',
  ],
  ...['num_nonnulls(n, price) = 1', 'n = ALL (ARRAY[1, 2])', 'true', 'checked.n > 1', 'current_date > day'],
];

const expression = (sql: string, more: object = {}): Index['columns'][number] => ({
  expression: sql,
  ...more,
});

const INDEXES: readonly Omit<Index, 'name'>[] = [
  { columns: [{ column: 'n' }], unique: false },
  { columns: [{ column: 'n' }, { column: 'Odd "name"' }], unique: true },
  { columns: [{ column: 'n', order: 'desc' }], unique: false },
  { columns: [{ column: 'n', nulls: 'first' }], unique: false },
  { columns: [{ column: 'n', nulls: 'last' }], unique: false },
  { columns: [{ column: 'n', order: 'desc', nulls: 'first' }], unique: false },
  { columns: [{ column: 'n', order: 'desc', nulls: 'last' }], unique: false },
  { columns: [{ column: 'title', collation: 'C' }], unique: false },
  { columns: [{ column: 'body', operatorClass: 'text_pattern_ops' }], unique: false },
  { columns: [{ column: 'title', operatorClass: 'varchar_pattern_ops', order: 'desc' }], unique: false },
  { columns: [{ column: 'title', collation: 'POSIX', operatorClass: 'varchar_pattern_ops' }], unique: false },
  { columns: [expression('lower(title)')], unique: false },
  { columns: [expression('title || body')], unique: false },
  { columns: [expression('(n + 1)')], unique: true },
  { columns: [expression("data->>'a'"), { column: 'n' }], unique: false },
  { columns: [expression('lower(title)', { collation: 'C', order: 'desc' })], unique: false },
  { columns: [expression('lower(title)', { operatorClass: 'text_pattern_ops' })], unique: false },
  { columns: [expression('coalesce(n, 0)'), expression('upper(body)')], unique: false },
  { columns: [expression('n + 1 -- a comment')], unique: false },
  { columns: [{ column: 'n' }], unique: false, where: 'n > 0' },
  { columns: [{ column: 'n' }], unique: true, where: 'done' },
  { columns: [{ column: 'n' }], unique: false, where: "mood = 'ok' AND title IN ('a', 'b') -- why" },
  { columns: [{ column: 'n' }], unique: false, where: 'day IS NULL' },
  { columns: [{ column: 'n' }], unique: false, include: ['title', 'body'] },
  { columns: [{ column: 'n' }], unique: true, nullsNotDistinct: true },
  { columns: [{ column: 'n' }], unique: false, method: 'hash' },
  { columns: [{ column: 'n' }], unique: false, method: 'btree' },
  { columns: [{ column: 'n' }], unique: false, method: 'BRIN' },
  { columns: [{ column: 'data' }], unique: false, method: 'gin' },
  { columns: [{ column: 'data', operatorClass: 'jsonb_path_ops' }], unique: false, method: 'gin' },
  { columns: [{ column: 'tags' }], unique: false, method: 'gin' },
  { columns: [expression("to_tsvector('english', body)")], unique: false, method: 'gin' },
  { columns: [expression('point(n, n)')], unique: false, method: 'gist' },
  { columns: [{ column: 'mood' }], unique: false },
];

const UNIQUES: readonly Omit<Unique, 'name'>[] = [
  { columns: ['n'] },
  { columns: ['n'], deferrable: 'immediate' },
  { columns: ['title', 'n'], deferrable: 'deferred' },
  { columns: ['n', 'title'], nullsNotDistinct: true },
  { columns: ['n', 'title'] },
  { columns: ['id'] },
];

const EXCLUSIONS: readonly Omit<Exclusion, 'name'>[] = [
  { elements: 'int4range(n, n + 1) WITH &&' },
  { elements: 'int4range(n, n + 1) WITH &&', method: 'gist', where: 'n > 0' },
  { elements: '"n" WITH =, lower(title) WITH =', method: 'btree' },
  { elements: 'n WITH =', method: 'hash', deferrable: 'deferred' },
  { elements: '(title || body) WITH =', method: 'btree', where: "title <> 'a)b'" },
  { elements: '"Odd ""name""" WITH =', method: 'btree' },
];

describeServer('a model found unchanged', () => {
  let db: Bench;

  beforeEach(async () => {
    db = await Bench.open();
  });
  afterEach(() => db.close());

  async function expectUnchanged(schema: Schema): Promise<void> {
    await db.create(schema);
    expect(await db.differences(schema)).toEqual([]);
    // Nor does the way by the server's own wording change anything: made from what was found, it is the same again.
    const found = await db.introspect();
    expect(await db.differences(found)).toEqual([]);
  }

  test('types', async () => {
    const known = TYPES.filter((type) => type.kind !== 'native' || type.sql.postgres !== 'citext_like');
    await expectUnchanged({
      ...EMPTY_SCHEMA,
      enums: ENUMS,
      tables: [
        table(
          't',
          known.map((type, i) => column(`c${i}`, type, { nullable: i % 2 === 0 })),
        ),
      ],
    });
  });

  test('defaults', async () => {
    await expectUnchanged({
      ...EMPTY_SCHEMA,
      enums: ENUMS,
      sequences: [{ name: 'counter' }, { name: 'Odd "name"' }],
      tables: [
        table(
          't',
          DEFAULTS.map(([type, value], i) =>
            column(`c${i}`, type, {
              default:
                typeof value === 'object' ? { kind: 'expression', ...value } : { kind: 'literal', value },
            }),
          ),
        ),
      ],
    });
    expect(await db.run('INSERT INTO t DEFAULT VALUES RETURNING *').catch((cause) => cause)).toEqual({
      changes: 1,
    });
  });

  test('a default that changes is seen', async () => {
    const withDefault = (type: ColumnType, value: string | number | boolean): Schema => ({
      ...EMPTY_SCHEMA,
      tables: [table('t', [column('a', type, { default: { kind: 'literal', value } })])],
    });
    for (const [type, from, to] of [
      [{ kind: 'integer' }, 1, 2],
      [{ kind: 'text' }, '1', '1 '],
      [{ kind: 'text' }, 'a', 'A'],
      [{ kind: 'boolean' }, true, false],
      [{ kind: 'json' }, '{"a":1}', '{"a":"1"}'],
      [{ kind: 'json' }, '[1,2]', '[2,1]'],
      [{ kind: 'timestamp' }, '2020-01-01 00:00:00', '2020-01-01 00:00:01'],
      [{ kind: 'decimal' }, '0.1', '0.10000000000000001'],
    ] as const) {
      const other = await Bench.open();
      try {
        await other.create(withDefault(type, from));
        expect(await other.differences(withDefault(type, to))).toHaveLength(1);
      } finally {
        await other.close();
      }
    }
  });

  test('checks', async () => {
    const checks = CHECKS.map((text, i): Check => ({ name: `ck${i}`, expression: text }));
    await expectUnchanged({ ...EMPTY_SCHEMA, enums: ENUMS, tables: [table('checked', CHECKED, { checks })] });
  });

  test('a check that changes is seen', async () => {
    const withCheck = (text: string): Schema => ({
      ...EMPTY_SCHEMA,
      enums: ENUMS,
      tables: [table('checked', CHECKED, { checks: [{ name: 'ck', expression: text }] })],
    });
    await db.create(withCheck("title IN ('a', 'b') AND n > 0"));
    for (const other of [
      "title IN ('a', 'c') AND n > 0",
      "title IN ('a', 'b') AND n >= 0",
      "title IN ('a', 'b') OR n > 0",
      'nonsense(n)',
    ]) {
      expect(await db.differences(withCheck(other))).toHaveLength(2);
    }
  });

  test('generated columns', async () => {
    const made = [
      ["lower(title) || 'x'", { kind: 'text' }],
      ["lower(title) || 'x'", { kind: 'varchar', length: 100 }],
      ['n * 2', { kind: 'integer' }],
      ['n * price', { kind: 'decimal' }],
      ['n', { kind: 'bigint' }],
      ['"Odd ""name""" + 1 -- one more', { kind: 'integer' }],
      ["data->>'a'", { kind: 'text' }],
      ["coalesce(title, 'none')", { kind: 'varchar' }],
      ['n > 0 AND done', { kind: 'boolean' }],
      ["mood = 'ok'", { kind: 'boolean' }],
    ] as const;
    await expectUnchanged({
      ...EMPTY_SCHEMA,
      enums: ENUMS,
      tables: [
        table('t', [
          ...CHECKED,
          ...made.map(([sql, type], i) =>
            column(`g${i}`, type, { generated: { sql, stored: true }, nullable: i % 2 === 0 }),
          ),
        ]),
      ],
    });
  });

  test('indexes', async () => {
    const indexes = INDEXES.map((index, i): Index => ({ ...index, name: `ix${i}` }));
    await expectUnchanged({ ...EMPTY_SCHEMA, enums: ENUMS, tables: [table('t', CHECKED, { indexes })] });
  });

  test('uniques, primary keys, exclusions', async () => {
    const columns = [column('id', { kind: 'integer' }, { nullable: false }), ...CHECKED];
    const uniques = UNIQUES.map((unique, i): Unique => ({ ...unique, name: `uq${i}` }));
    const exclusions = EXCLUSIONS.map((exclusion, i): Exclusion => ({ ...exclusion, name: `ex${i}` }));
    const primaryKey = { name: 'the key', columns: ['id'] };
    await expectUnchanged({
      ...EMPTY_SCHEMA,
      enums: ENUMS,
      tables: [table('t', columns, { uniques, exclusions, primaryKey })],
    });
  });

  test('foreign keys: actions, cycles, to itself, across schemas, deferrable', async () => {
    const actions = ['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', undefined] as const;
    const id = column('id', { kind: 'integer' }, { nullable: false, autoIncrement: 'increment' });
    const parent = table('parent', [id, column('child', { kind: 'integer' })], {
      primaryKey: { name: 'pk_parent', columns: ['id'] },
      foreignKeys: [{ name: 'fk_child', columns: ['child'], refTable: 'audit.child', refColumns: ['id'] }],
    });
    const child = table(
      'audit.child',
      [
        id,
        ...actions.map((_, i) =>
          column(`p${i}`, { kind: 'integer' }, { default: { kind: 'literal', value: 1 } }),
        ),
      ],
      {
        primaryKey: { name: 'pk_child', columns: ['id'] },
        foreignKeys: actions.map((action, i) => ({
          name: `fk${i}`,
          columns: [`p${i}`],
          refTable: i === 0 ? 'audit.child' : 'parent',
          refColumns: ['id'],
          ...(action && { onDelete: action, onUpdate: action }),
          ...(i % 2 === 1 && { deferrable: i === 1 ? ('deferred' as const) : ('immediate' as const) }),
        })),
      },
    );
    await expectUnchanged({ ...EMPTY_SCHEMA, tables: [parent, child] });
  });

  test('keys that make themselves, collations, comments, options, sequences and views', async () => {
    const kinds = ['smallint', 'integer', 'bigint'] as const;
    const tables = kinds.flatMap((kind) =>
      (['increment', 'identity'] as const).map((autoIncrement) =>
        table(`${kind} ${autoIncrement}`, [column('id', { kind }, { nullable: false, autoIncrement })], {
          primaryKey: { name: `pk ${kind} ${autoIncrement}`, columns: ['id'] },
        }),
      ),
    );
    const rich = table(
      'Rich "table"',
      [
        column('a', { kind: 'text' }, { collation: 'C', comment: 'it\'s\n"a" \\ comment' }),
        column('b', { kind: 'varchar', length: 5 }, { collation: 'und-x-icu', comment: '' }),
      ],
      {
        comment: '$$ ; --',
        options: {
          'postgres.unlogged': true,
          'postgres.fillfactor': 70,
          'postgres.autovacuum_enabled': false,
        },
      },
    );
    await expectUnchanged({
      ...EMPTY_SCHEMA,
      tables: [...tables, rich, table('empty', [])],
      sequences: [
        { name: 'a' },
        { name: 'b', start: 5 },
        { name: 'c', start: -5, increment: 3 },
        { name: 'd', increment: -1 },
        { name: 'audit.e', increment: -2, start: 7 },
      ],
      views: [
        {
          name: 'v1',
          query: 'SELECT a, b AS "Other" FROM "Rich ""table""" WHERE a IN (\'x\', \'y\') -- done',
        },
        { name: 'a_view_over_v1', query: 'select * from v1' },
        { name: 'audit.m', query: 'SELECT count(*) AS n FROM v1 GROUP BY a;', materialized: true },
      ],
    });
  });
});
