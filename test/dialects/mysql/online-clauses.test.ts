/** Every change asks for the strongest ALGORITHM and LOCK that the server grants: the text is asserted, and it runs. */

import { worstImpact } from '../../../src/dialects/shared/impact';
import type { Column, Table } from '../../../src/schema/model';
import type { Operation } from '../../../src/schema/operations';
import { SchemaBench, schemaOf, statementsOf, table } from './schema-bench';

let bench: SchemaBench;

beforeAll(async () => {
  bench = await SchemaBench.open();
});

afterAll(() => bench.close());

beforeEach(() => bench.clear());

const column = (name: string, kind: 'integer' | 'bigint' | 'text', rest: Partial<Column> = {}): Column => ({
  name,
  type: { kind },
  nullable: true,
  ...rest,
});

const PARENT = table('p', {
  columns: [column('id', 'integer', { nullable: false })],
  primaryKey: { name: 'pk_p', columns: ['id'] },
});

const PLAIN: Table = table('t', {
  columns: [
    column('id', 'integer', { nullable: false, autoIncrement: 'increment' }),
    { name: 'a', type: { kind: 'varchar', length: 10 }, nullable: true },
    column('b', 'integer', { nullable: false, default: { kind: 'literal', value: 1 } }),
    column('c', 'text'),
    { name: 'e', type: { kind: 'enum', name: 't_e_enum' }, nullable: true },
    { name: 'd', type: { kind: 'decimal', precision: 10, scale: 2 }, nullable: true },
    column('p_id', 'integer'),
  ],
  primaryKey: { name: 'pk_t', columns: ['id'] },
  uniques: [{ name: 'uq', columns: ['a'] }],
  checks: [{ name: 'ck', expression: 'b > 0' }],
  indexes: [{ name: 'ix', columns: [{ column: 'b' }], unique: false }],
  foreignKeys: [{ name: 'fk', columns: ['p_id'], refTable: 'p', refColumns: ['id'] }],
});

const INSTANT = 'ALGORITHM=INSTANT, LOCK=NONE';
const NOCOPY = 'ALGORITHM=NOCOPY, LOCK=NONE';
const INPLACE = 'ALGORITHM=INPLACE, LOCK=NONE';

const add = (rest: Partial<Column>): Operation => ({
  kind: 'addColumn',
  table: 't',
  column: { name: 'n', type: { kind: 'integer' }, nullable: true, ...rest },
});
const alter = (name: string, change: Extract<Operation, { kind: 'alterColumn' }>['change']): Operation => ({
  kind: 'alterColumn',
  table: 't',
  name,
  change,
});
const index = (name: string, rest: object = {}): Operation => ({
  kind: 'createIndex',
  table: 't',
  index: { name: 'n', columns: [{ column: name }], unique: false, ...rest },
});

const CASES: [string, Operation[], string | undefined][] = [
  ['a column', [add({})], INSTANT],
  ['a column with a constant', [add({ nullable: false, default: { kind: 'literal', value: 3 } })], INSTANT],
  [
    'a column with the moment',
    [add({ type: { kind: 'timestamp' }, default: { kind: 'expression', sql: 'now()' } })],
    INSTANT,
  ],
  [
    'a text with a constant',
    [add({ type: { kind: 'text' }, default: { kind: 'literal', value: 'x' } })],
    INSTANT,
  ],
  ['a JSON column', [add({ type: { kind: 'json' } })], INSTANT],
  [
    'a column with a value for each row',
    [add({ type: { kind: 'uuid' }, default: { kind: 'expression', sql: 'uuid()' } })],
    undefined,
  ],
  ['a virtual column', [add({ generated: { sql: 'b * 2', stored: false } })], INSTANT],
  [
    'a virtual column that is never NULL',
    [add({ nullable: false, generated: { sql: 'b * 2', stored: false } })],
    INSTANT,
  ],
  ['a stored column', [add({ generated: { sql: 'b * 2', stored: true } })], undefined],
  [
    'a virtual column and another',
    [add({ generated: { sql: 'b * 2', stored: false } }), { kind: 'dropColumn', table: 't', name: 'c' }],
    undefined,
  ],
  ['a column less', [{ kind: 'dropColumn', table: 't', name: 'c' }], INSTANT],
  ['a column more and one less', [add({}), { kind: 'dropColumn', table: 't', name: 'c' }], undefined],
  ['another name', [{ kind: 'renameColumn', table: 't', name: 'c', to: 'cc' }], INSTANT],
  [
    'another name where a check says it',
    [{ kind: 'renameColumn', table: 't', name: 'b', to: 'bb' }],
    INSTANT,
  ],
  ['another name in a foreign key', [{ kind: 'renameColumn', table: 't', name: 'p_id', to: 'pp' }], INSTANT],
  ['a longer varchar', [alter('a', { type: { kind: 'varchar', length: 300 } })], INSTANT],
  ['a shorter varchar', [alter('a', { type: { kind: 'varchar', length: 5 } })], undefined],
  ['another type', [alter('b', { type: { kind: 'bigint' } })], undefined],
  ['another scale', [alter('d', { type: { kind: 'decimal', precision: 12, scale: 2 } })], undefined],
  ['NOT NULL', [alter('a', { nullable: false })], INPLACE],
  ['NULL', [alter('b', { nullable: true })], INPLACE],
  ['another default', [alter('b', { default: { kind: 'literal', value: 7 } })], INSTANT],
  ['no default', [alter('b', { default: null })], INSTANT],
  ['a comment', [alter('b', { comment: 'x' })], INSTANT],
  ['an invisible column', [alter('c', { options: { 'mysql.invisible': true } })], INSTANT],
  ['one more enum value', [{ kind: 'alterEnum', name: 't_e_enum', add: [{ value: 'c' }] }], INSTANT],
  ['an enum in another order', [{ kind: 'alterEnum', name: 't_e_enum', order: ['b', 'a'] }], undefined],
  ['an index', [index('d')], NOCOPY],
  ['a unique index', [index('d', { unique: true })], NOCOPY],
  ['an index and a column', [add({}), index('n')], INPLACE],
  ['a FULLTEXT index', [index('c', { method: 'fulltext' })], 'ALGORITHM=INPLACE, LOCK=SHARED'],
  ['an index less', [{ kind: 'dropIndex', table: 't', name: 'ix' }], NOCOPY],
  ['a unique constraint less', [{ kind: 'dropConstraint', table: 't', name: 'uq' }], NOCOPY],
  [
    'another name of an index',
    [
      { kind: 'dropIndex', table: 't', name: 'ix' },
      { kind: 'createIndex', table: 't', index: { name: 'ix2', columns: [{ column: 'b' }], unique: false } },
    ],
    INSTANT,
  ],
  ['an index and a comment', [index('d'), alter('b', { comment: 'x' })], NOCOPY],
  ['a check less', [{ kind: 'dropConstraint', table: 't', name: 'ck' }], INSTANT],
  ['a check less and an index', [{ kind: 'dropConstraint', table: 't', name: 'ck' }, index('d')], NOCOPY],
  ['a check', [{ kind: 'createCheck', table: 't', check: { name: 'n', expression: 'b < 9' } }], undefined],
  ['a foreign key less, and its index', [{ kind: 'dropConstraint', table: 't', name: 'fk' }], NOCOPY],
  [
    'a foreign key',
    [
      {
        kind: 'createForeignKey',
        table: 't',
        foreignKey: { name: 'n', columns: ['b'], refTable: 'p', refColumns: ['id'] },
      },
    ],
    undefined,
  ],
  [
    'another primary key',
    [
      alter('id', { autoIncrement: null }),
      { kind: 'dropConstraint', table: 't', name: 'pk_t' },
      { kind: 'createPrimaryKey', table: 't', primaryKey: { name: 'pk_t', columns: ['id', 'b'] } },
    ],
    undefined,
  ],
  ['a comment of the table', [{ kind: 'setTableComment', table: 't', comment: 'x' }], INSTANT],
];

test.each(CASES)('%s', async (_, operations, asked) => {
  const enums = [{ name: 't_e_enum', values: ['a', 'b'] }];
  await bench.make(schemaOf([PARENT, PLAIN], { enums }));
  await bench.script(
    "INSERT INTO p VALUES (1), (2); INSERT INTO t (a, b, c, e, d, p_id) VALUES ('x', 1, 'y', 'a', 1.5, 1), ('z', 2, 'y', 'b', 2.5, 2)",
  );
  const statements = statementsOf(await bench.apply(operations));
  expect(statements).toHaveLength(1);
  const clause = /, (ALGORITHM=\w+, LOCK=\w+)$/.exec(statements[0] ?? '')?.[1];
  expect(clause).toBe(asked);
});

const WORK: Readonly<Record<string, string>> = { INSTANT: 'catalog', COPY: 'rewrite' };

test.each(CASES.filter(([, operations]) => operations.length === 1))(
  'impact() of %s is what the server grants',
  async (_, [operation], asked) => {
    const schema = schemaOf([PARENT, PLAIN], { enums: [{ name: 't_e_enum', values: ['a', 'b'] }] });
    const impact = worstImpact(bench.dialect.impact(schema, operation as Operation));
    const { lock = '', blocks, work } = impact ?? {};
    expect(lock).toBe(asked ?? 'ALGORITHM=COPY, LOCK=SHARED');
    expect(blocks).toBe(lock.endsWith('NONE') ? 'nothing' : 'writes');
    const algorithm = /ALGORITHM=(\w+)/.exec(lock)?.[1] ?? '';
    if (WORK[algorithm] !== undefined) expect(work).toBe(WORK[algorithm]);
  },
);

test.each([
  ['another type', alter('b', { type: { kind: 'bigint' } }), 'MODIFY COLUMN b bigint'],
  [
    'a check',
    { kind: 'createCheck', table: 't', check: { name: 'n', expression: 'b < 9' } } as Operation,
    'ADD CONSTRAINT n CHECK (b < 9)',
  ],
])(
  '%s, of which impact() says that it is a copy, is refused where it may not be one',
  async (_, operation, clause) => {
    const enums = [{ name: 't_e_enum', values: ['a', 'b'] }];
    const schema = schemaOf([PARENT, PLAIN], { enums });
    await bench.make(schema);
    expect(bench.dialect.impact(schema, operation)).toMatchObject([{ work: 'rewrite', blocks: 'writes' }]);
    await expect(bench.script(`ALTER TABLE t ${clause}, ALGORITHM=INPLACE, LOCK=NONE`)).rejects.toThrow();
  },
);

/** Tables of which the server asks more: nothing that it refuses may be asked of them. */
const AWKWARD: [string, Partial<Table>][] = [
  ['compressed', { options: { 'mysql.rowFormat': 'COMPRESSED' } }],
  ['of another engine', { options: { 'mysql.engine': 'Aria' }, foreignKeys: [] }],
  [
    'with a FULLTEXT index',
    { indexes: [{ name: 'ft', columns: [{ column: 'c' }], unique: false, method: 'fulltext' }] },
  ],
  [
    'with an index over a virtual column',
    {
      columns: [...PLAIN.columns, column('v', 'integer', { generated: { sql: 'b + 1', stored: false } })],
      indexes: [{ name: 'iv', columns: [{ column: 'v' }], unique: false }],
    },
  ],
  [
    'with virtual and stored columns',
    {
      columns: [
        ...PLAIN.columns,
        column('v', 'integer', { generated: { sql: 'b + 1', stored: false } }),
        column('s', 'integer', { generated: { sql: 'b + 2', stored: true } }),
      ],
    },
  ],
  [
    'without a primary key',
    {
      columns: PLAIN.columns
        .map((each) => ({ ...each, ...(each.name === 'id' && { autoIncrement: undefined }) }) as Column)
        .map(({ autoIncrement: _, ...rest }) => rest),
      primaryKey: undefined,
      uniques: [{ name: 'uq', columns: ['id', 'b'] }],
    } as Partial<Table>,
  ],
];

const CHANGES: Operation[][] = [
  [add({})],
  [add({ nullable: false, default: { kind: 'literal', value: 3 } })],
  [add({ generated: { sql: 'b * 2', stored: false } })],
  [{ kind: 'dropColumn', table: 't', name: 'd' }],
  [{ kind: 'renameColumn', table: 't', name: 'd', to: 'dd' }],
  [alter('a', { type: { kind: 'varchar', length: 30 } })],
  [alter('b', { nullable: true })],
  [alter('a', { nullable: false })],
  [alter('b', { comment: 'x' })],
  [index('d')],
  [index('d', { unique: true })],
  [add({}), index('n')],
  [add({}), alter('b', { nullable: true })],
  [
    { kind: 'dropConstraint', table: 't', name: 'ck2' },
    { kind: 'dropColumn', table: 't', name: 'd' },
  ],
  [{ kind: 'dropConstraint', table: 't', name: 'ck2' }, add({})],
];

describe.each(AWKWARD)('a table %s', (_, parts) => {
  test.each(CHANGES.map((change) => [JSON.stringify(change).slice(0, 120), change] as const))(
    '%s',
    async (_name, change) => {
      const enums = [{ name: 't_e_enum', values: ['a', 'b'] }];
      const checks = [...PLAIN.checks, { name: 'ck2', expression: 'd > 0' }];
      await bench.make(schemaOf([PARENT, { ...PLAIN, checks, ...parts }], { enums }));
      await bench.script(
        "INSERT INTO t (id, a, b, c, e, d) VALUES (1, 'x', 1, 'y', 'a', 1.5), (2, 'z', 2, 'y', 'b', 2.5)",
      );
      await bench.apply(change);
      expect(await bench.rows('SELECT id FROM t ORDER BY id')).toEqual([[1], [2]]);
    },
  );
});
