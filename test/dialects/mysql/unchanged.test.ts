/** Created from a model, a database differs from that model in nothing: every type, default, check, key and index. */

import type { Column, ColumnDefault, ColumnType, Table } from '../../../src/schema/model';
import { SchemaBench, schemaOf, table } from './schema-bench';

let bench: SchemaBench;

beforeAll(async () => {
  bench = await SchemaBench.open();
});

afterAll(() => bench.close());

beforeEach(() => bench.clear());

const id: Column = { name: 'id', type: { kind: 'integer' }, nullable: false };
const primaryKey = { name: 'pk_t', columns: ['id'] };

async function expectUnchanged(one: Table, rest: Parameters<typeof schemaOf>[1] = {}): Promise<void> {
  const wanted = schemaOf([one], rest);
  await bench.make(wanted);
  expect(await bench.differences(wanted)).toEqual([]);
}

const TYPES: ColumnType[] = [
  { kind: 'smallint' },
  { kind: 'integer' },
  { kind: 'bigint' },
  { kind: 'real' },
  { kind: 'double' },
  { kind: 'boolean' },
  { kind: 'char' },
  { kind: 'char', length: 36 },
  { kind: 'varchar' },
  { kind: 'varchar', length: 1 },
  { kind: 'varchar', length: 8000 },
  { kind: 'text' },
  { kind: 'simple-array' },
  { kind: 'date' },
  { kind: 'time' },
  { kind: 'time', precision: 0 },
  { kind: 'time', precision: 6 },
  { kind: 'timestamp' },
  { kind: 'timestamp', precision: 0 },
  { kind: 'timestamp', precision: 6 },
  { kind: 'timestamptz' },
  { kind: 'timestamptz', precision: 3 },
  { kind: 'json' },
  { kind: 'uuid' },
  { kind: 'blob' },
  { kind: 'decimal' },
  { kind: 'decimal', precision: 10 },
  { kind: 'decimal', precision: 10, scale: 2 },
  { kind: 'decimal', precision: 65, scale: 30 },
  ...[
    'tinyint',
    'TINYINT UNSIGNED',
    'mediumint(5)',
    'int unsigned',
    'bit(3)',
    'year',
    'tinytext',
    'text',
    'mediumblob',
  ]
    .concat([
      'varbinary(20)',
      'binary(16)',
      "set('a','b')",
      "enum('x','y')",
      'geometry',
      'inet6',
      'VARCHAR(20)',
      'point',
    ])
    .concat([
      'double precision',
      'int(11)',
      'numeric(8,3)',
      'timestamp',
      'datetime(6)',
      'uuid',
      'json',
      'float(7,3)',
    ])
    .map((text): ColumnType => ({ kind: 'native', sql: { mysql: text } })),
  { kind: 'native', sql: { mariadb: 'inet4', mysql: 'no such type' } },
  { kind: 'native', sql: { postgres: 'tsvector', default: 'text' } },
];

test.each(TYPES.map((type) => [JSON.stringify(type), type] as const))(
  'a column of type %s',
  async (_, type) => {
    await expectUnchanged(
      table('t', {
        columns: [id, { name: 'a', type, nullable: true }, { name: 'b', type, nullable: false }],
      }),
    );
  },
);

const literal = (value: string | number | boolean): ColumnDefault => ({ kind: 'literal', value });
const sql = (text: string): ColumnDefault => ({ kind: 'expression', sql: text });
const HOSTILE = [
  `it's`,
  `\\`,
  `a\\'b`,
  '"',
  '`',
  '',
  ' ',
  'NULL',
  'CURRENT_TIMESTAMP',
  '%',
  '\\%',
  'ä😀',
  'a\nb\tc',
  "''",
  '--',
  '0',
  '\r\u001a',
];

const DEFAULTS: [ColumnType, ColumnDefault][] = [
  ...HOSTILE.flatMap((text): [ColumnType, ColumnDefault][] => [
    [{ kind: 'varchar', length: 30 }, literal(text)],
    [{ kind: 'text' }, literal(text)],
  ]),
  [{ kind: 'integer' }, literal(0)],
  [{ kind: 'integer' }, literal(-5)],
  [{ kind: 'integer' }, literal('7')],
  [{ kind: 'bigint' }, literal('9223372036854775807')],
  [{ kind: 'bigint' }, literal('-9223372036854775808')],
  [{ kind: 'real' }, literal(0.5)],
  [{ kind: 'double' }, literal(1e300)],
  [{ kind: 'double' }, literal(0.1)],
  [{ kind: 'decimal', precision: 10, scale: 2 }, literal('1.50')],
  [{ kind: 'decimal', precision: 10, scale: 2 }, literal(3)],
  [{ kind: 'decimal' }, literal('-0.000000000000000000000000000001')],
  [{ kind: 'boolean' }, literal(true)],
  [{ kind: 'boolean' }, literal(false)],
  [{ kind: 'boolean' }, sql('true')],
  [{ kind: 'date' }, literal('2020-02-29')],
  [{ kind: 'date' }, sql('CURRENT_DATE')],
  [{ kind: 'time' }, literal('12:00')],
  [{ kind: 'time' }, literal('12:00:00.5')],
  [{ kind: 'time' }, sql('CURRENT_TIME')],
  [{ kind: 'timestamp' }, literal('2020-02-29 12:00:00')],
  [{ kind: 'timestamp' }, literal('2020-02-29T12:00:00.000Z')],
  [{ kind: 'timestamp' }, sql('CURRENT_TIMESTAMP')],
  [{ kind: 'timestamp' }, sql('now()')],
  [{ kind: 'timestamp', precision: 0 }, sql('CURRENT_TIMESTAMP')],
  [{ kind: 'timestamp', precision: 6 }, sql('CURRENT_TIMESTAMP(6)')],
  [{ kind: 'timestamptz' }, sql('CURRENT_TIMESTAMP')],
  [{ kind: 'native', sql: { mysql: 'timestamp' } }, sql('CURRENT_TIMESTAMP')],
  [{ kind: 'native', sql: { mysql: 'bit(3)' } }, sql("b'101'")],
  [{ kind: 'native', sql: { mysql: 'mediumint' } }, literal(5)],
  [{ kind: 'json' }, literal('{"a": "it\'s \\\\"}')],
  [{ kind: 'json' }, literal('[]')],
  [{ kind: 'uuid' }, literal('00000000-0000-4000-8000-000000000000')],
  [{ kind: 'uuid' }, sql('uuid()')],
  [{ kind: 'blob' }, sql("x'00ff'")],
  [{ kind: 'blob' }, literal('abc')],
  [{ kind: 'simple-array' }, literal('a,b')],
  [{ kind: 'integer' }, sql('1 + 2')],
  [{ kind: 'integer' }, sql('abs(-3)')],
  [{ kind: 'integer' }, sql('(4)')],
  [{ kind: 'integer' }, sql('NULL')],
  [{ kind: 'text' }, sql("lower('ABC')")],
  [{ kind: 'text' }, sql("'a' || 'b' || upper('\\c')")],
  [{ kind: 'varchar' }, sql("'it''s \\'")],
  [{ kind: 'varchar' }, sql('CURRENT_TIMESTAMP')],
  [{ kind: 'varchar' }, sql("concat('limbeck', ' ', 5)")],
];

test.each(
  DEFAULTS.map(([type, value]) => [JSON.stringify(value), JSON.stringify(type), type, value] as const),
)('a default %s of a column of type %s', async (_, __, type, value) => {
  await expectUnchanged(table('t', { columns: [id, { name: 'a', type, nullable: true, default: value }] }));
});

test.each(HOSTILE)('the default of a text is the value that rows get: %j', async (text) => {
  const columns: Column[] = [
    id,
    { name: 'a', type: { kind: 'text' }, nullable: true, default: literal(text) },
  ];
  await bench.make(schemaOf([table('t', { columns })]));
  await bench.script('INSERT INTO t (id) VALUES (1)');
  expect(await bench.rows('SELECT a FROM t')).toEqual([[text]]);
});

const a: Column = { name: 'a', type: { kind: 'varchar', length: 20 }, nullable: true };
const b: Column = { name: 'b', type: { kind: 'integer' }, nullable: true };
const body: Column = { name: 'body', type: { kind: 'text' }, nullable: true };
const order: Column = { name: 'order', type: { kind: 'integer' }, nullable: true };

const EXPRESSIONS = [
  'a IS NOT NULL',
  '"a" <> \'x\' OR "b" IS NULL',
  'length(a) < 100 AND b >= 3',
  "\"a\" IN ('a', 'it''s', '\\')",
  '(b BETWEEN 0 AND 10)',
  '"order" > 0',
  'order > 0',
  "a LIKE '%\\_%'",
  'NOT (b > 3)',
  '((b)) > ((3))',
  'b % 2 = 0 AND b != 7',
  "a || '-' || b <> 'x-1'",
  "CASE WHEN b > 0 THEN a ELSE 'y' END = 'y' -- why\n",
  "CAST(b AS text) <> '5'",
  "coalesce(a, \"a\", 'c') /* of a */ <> 'd'",
  'b > 0 AND (a IS NULL OR b < 5)',
  'a <> \'say "hi" `x`\'',
  'lower(a) = a',
  'A = a',
];

test.each(EXPRESSIONS)('a check %j', async (expression) => {
  await expectUnchanged(table('t', { columns: [id, a, b, order], checks: [{ name: 'ck_x', expression }] }));
});

test.each(EXPRESSIONS.flatMap((text) => [[text, false] as const, [text, true] as const]))(
  'a generated column of %j, stored: %j',
  async (expression, stored) => {
    const made: Column = {
      name: 'made',
      type: { kind: 'boolean' },
      nullable: true,
      generated: { sql: expression, stored },
    };
    await expectUnchanged(table('t', { columns: [id, a, b, order, made] }));
  },
);

const PARTS: [string, Partial<Table>][] = [
  ['a primary key of a name of its own', { primaryKey: { name: 'my key', columns: ['id'] } }],
  [
    'a primary key of two columns',
    { columns: [id, a, { ...b, nullable: false }], primaryKey: { name: 'pk_t', columns: ['b', 'id'] } },
  ],
  ['a unique constraint', { uniques: [{ name: 'uq_t_a', columns: ['a'] }] }],
  ['a unique constraint over two columns', { uniques: [{ name: 'odd', columns: ['b', 'a'] }] }],
  ['a unique index', { indexes: [{ name: 'ix_t_a', columns: [{ column: 'a' }], unique: true }] }],
  [
    'a unique index and a unique constraint over the same columns',
    {
      uniques: [{ name: 'uq', columns: ['a'] }],
      indexes: [{ name: 'ix', columns: [{ column: 'a' }], unique: true }],
    },
  ],
  ['an index', { indexes: [{ name: 'ix_t_a', columns: [{ column: 'a' }], unique: false }] }],
  [
    'an index over a text without a length',
    { indexes: [{ name: 'ix', columns: [{ column: 'body' }], unique: false }] },
  ],
  [
    'an index over the beginning of a text',
    { indexes: [{ name: 'ix', columns: [{ column: 'body', length: 10 }], unique: false }] },
  ],
  [
    'a unique index over the beginning of a text',
    { indexes: [{ name: 'ix', columns: [{ column: 'body', length: 10 }], unique: true }] },
  ],
  [
    'a descending index',
    { indexes: [{ name: 'ix', columns: [{ column: 'a', order: 'desc' }, { column: 'b' }], unique: false }] },
  ],
  [
    'a unique descending index',
    { indexes: [{ name: 'ix', columns: [{ column: 'a', order: 'desc' }], unique: true }] },
  ],
  [
    'a FULLTEXT index',
    {
      indexes: [
        { name: 'ix', columns: [{ column: 'body' }, { column: 'a' }], unique: false, method: 'fulltext' },
      ],
    },
  ],
  [
    'a SPATIAL index',
    {
      columns: [id, { name: 'place', type: { kind: 'native', sql: { mysql: 'point' } }, nullable: false }],
      indexes: [{ name: 'ix', columns: [{ column: 'place' }], unique: false, method: 'SPATIAL' }],
    },
  ],
  [
    'an index with a method',
    { indexes: [{ name: 'ix', columns: [{ column: 'a' }], unique: false, method: 'hash' }] },
  ],
  [
    'an ignored index',
    {
      indexes: [
        { name: 'ix', columns: [{ column: 'a' }], unique: false, options: { 'mysql.invisible': true } },
      ],
    },
  ],
  ['a comment', { comment: `it's \\ "the" table` }],
  ['a key that numbers itself', { columns: [{ ...id, autoIncrement: 'increment' }, a], primaryKey }],
  [
    'a key that numbers itself in another way',
    { columns: [{ ...id, autoIncrement: 'identity' }, a], primaryKey },
  ],
  ['an engine', { options: { 'mysql.engine': 'Aria' } }],
  ['an engine that is the usual one', { options: { 'mysql.engine': 'innodb' } }],
  ['a row format', { options: { 'mysql.rowFormat': 'compressed' } }],
  ['a character set', { options: { 'mysql.charset': 'latin1' } }],
  ['a collation', { options: { 'mysql.collation': 'utf8mb4_bin' } }],
  [
    'a character set and a collation',
    { options: { 'mysql.charset': 'latin1', 'mysql.collation': 'latin1_bin' } },
  ],
  ['a character set that is the usual one', { options: { 'mysql.charset': 'utf8mb4' } }],
  ['options of other databases', { options: { 'sqlite.strict': true } }],
  ['a column comment', { columns: [id, { ...a, comment: `it's \\` }] }],
  ['a column collation', { columns: [id, { ...a, collation: 'utf8mb4_bin' }] }],
  ['a column collation that is the usual one', { columns: [id, { ...a, collation: 'utf8mb4_general_ci' }] }],
  ['a column character set', { columns: [id, { ...a, options: { 'mysql.charset': 'latin1' } }] }],
  ['a column collation of another character set', { columns: [id, { ...a, collation: 'latin1_bin' }] }],
  ['an unsigned column', { columns: [id, { ...b, options: { 'mysql.unsigned': true } }] }],
  ['an unsigned column with zeros', { columns: [id, { ...b, options: { 'mysql.zerofill': true } }] }],
  ['an invisible column', { columns: [id, { ...b, options: { 'mysql.invisible': true } }] }],
  [
    'a column that follows the moment',
    {
      columns: [
        id,
        {
          name: 'at',
          type: { kind: 'timestamp' },
          nullable: true,
          options: { 'mysql.onUpdate': 'CURRENT_TIMESTAMP(3)' },
        },
        {
          name: 'at0',
          type: { kind: 'timestamp', precision: 0 },
          nullable: false,
          default: sql('now()'),
          options: { 'mysql.onUpdate': 'now()' },
        },
      ],
    },
  ],
  [
    'a generated column that is never NULL',
    {
      columns: [
        id,
        { ...a, name: 'made', nullable: false, generated: { sql: "coalesce(id, '')", stored: false } },
      ],
    },
  ],
  [
    'a stored column that is never NULL',
    { columns: [id, { ...a, name: 'made', nullable: false, generated: { sql: 'id', stored: true } }] },
  ],
];

test.each(PARTS)('%s', async (_, parts) => {
  await expectUnchanged(table('t', { columns: [id, a, b, body, order], ...parts }));
});

describe('enums', () => {
  const enums = (name: string, values = ['open', `it's`, 'a,b', 'c\\d', '', 'Open', 'ä😀']) => [
    { name, values },
  ];
  const state = (name: string): Column => ({
    name: 'state',
    type: { kind: 'enum', name },
    nullable: true,
    default: literal('open'),
  });

  test.each(['t_state_enum', 'status', `it's "odd"`])('an enum called %j', async (name) => {
    await expectUnchanged(table('t', { columns: [id, state(name)] }), { enums: enums(name) });
  });

  test('an enum of two columns', async () => {
    const columns = [id, state('status'), { ...state('status'), name: 'second' }];
    await expectUnchanged(table('t', { columns }), { enums: enums('status') });
  });

  test('a generated enum', async () => {
    const made: Column = {
      name: 'made',
      type: { kind: 'enum', name: 'kind' },
      nullable: false,
      generated: { sql: "'open'", stored: true },
    };
    await expectUnchanged(table('t', { columns: [id, made] }), { enums: enums('kind') });
  });
});

describe('foreign keys', () => {
  const parent = table('p', {
    columns: [id, { ...a, nullable: false }],
    primaryKey: { name: 'pk_p', columns: ['id'] },
    uniques: [{ name: 'uq_p', columns: ['a', 'id'] }],
  });
  const child = (key: Partial<Table['foreignKeys'][number]>, parts: Partial<Table> = {}): Table =>
    table('c', {
      columns: [id, { ...b, name: 'p_id' }, { ...a, name: 'p_a' }],
      foreignKeys: [{ name: 'fk_c', columns: ['p_id'], refTable: 'p', refColumns: ['id'], ...key }],
      ...parts,
    });
  const KEYS: [string, Table][] = [
    ['without an index', child({})],
    [
      'with an index',
      child(
        {},
        { indexes: [{ name: 'ix', columns: [{ column: 'p_id' }, { column: 'id' }], unique: false }] },
      ),
    ],
    [
      'with an index that does not serve it',
      child(
        {},
        { indexes: [{ name: 'ix', columns: [{ column: 'id' }, { column: 'p_id' }], unique: false }] },
      ),
    ],
    ['over two columns', child({ columns: ['p_a', 'p_id'], refColumns: ['a', 'id'] })],
    ['CASCADE', child({ onDelete: 'CASCADE', onUpdate: 'CASCADE' })],
    ['SET NULL', child({ onDelete: 'SET NULL', onUpdate: 'SET NULL' })],
    ['RESTRICT', child({ onDelete: 'RESTRICT' })],
    [
      'two over the same columns',
      child(
        {},
        {
          foreignKeys: [
            { name: 'fk_1', columns: ['p_id'], refTable: 'p', refColumns: ['id'] },
            { name: 'fk_2', columns: ['p_id'], refTable: 'p', refColumns: ['id'], onDelete: 'CASCADE' },
          ],
        },
      ),
    ],
    [
      'one that begins as another',
      child(
        {},
        {
          foreignKeys: [
            { name: 'fk_1', columns: ['p_a'], refTable: 'p', refColumns: ['a'] },
            { name: 'fk_2', columns: ['p_a', 'p_id'], refTable: 'p', refColumns: ['a', 'id'] },
          ],
        },
      ),
    ],
  ];

  test.each(KEYS)('%s', async (_, table) => {
    const wanted = schemaOf([parent, table]);
    await bench.make(wanted);
    expect(await bench.differences(wanted)).toEqual([]);
  });
});

test('views, however they are spelled', async () => {
  const one = table('t', { columns: [id, a, b], primaryKey });
  const views = [
    'SELECT "a" AS "shown" FROM "t"',
    "select t.a, b from t where b > 3 and a <> 'x'",
    'SELECT count(*) AS n, max(b) AS "most" FROM t AS "other" GROUP BY "other".a HAVING count(*) > 1',
    'SELECT x.a FROM t x JOIN t y ON x.id = y.b LEFT JOIN "t" z ON z.id = x.id ORDER BY x.a DESC LIMIT 5',
    "SELECT a || '\\' AS joined FROM t",
    'SELECT * FROM t WHERE id = 1',
    'WITH q AS (SELECT id FROM t) SELECT id FROM q UNION ALL SELECT b FROM t',
  ].map((query, i) => ({ name: `v${i}`, query }));
  const wanted = schemaOf([one], { views });
  await bench.make(wanted);
  expect(await bench.differences(wanted)).toEqual([]);
  const changed = schemaOf([one], {
    views: views.map((view) => ({
      ...view,
      query: view.query.replace(/\b3\b/, '4').replace('id = 1', 'id = 1 AND b = 2'),
    })),
  });
  expect((await bench.differences(changed)).map((op) => op.kind)).toEqual(['replaceView', 'replaceView']);
});

test('sequences', async () => {
  const wanted = schemaOf([], { sequences: [{ name: 's' }, { name: 's2', start: 5, increment: 2 }] });
  await bench.make(wanted);
  expect(await bench.differences(wanted)).toEqual([]);
});
