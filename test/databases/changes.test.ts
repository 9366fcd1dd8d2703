/**
 * Changes of a schema with rows in it, on every database: autogenerate writes the revision, it runs, nothing is
 * left to do, the rows are what they should be; taken back, all is as it was. What a database cannot do it
 * refuses by name before anything has run, so no case is skipped anywhere.
 */

import { isLimbeckError } from '../../src/base/errors';
import type { ColumnType, Enum, Schema, Table } from '../../src/schema/model';
import { column, key, schema, table } from '../schema/schemas';
import { DatabaseBench } from '../support/database-bench';
import { type DatabaseKind, testDatabases } from '../support/databases';

type Row = Readonly<Record<string, unknown>>;

interface Change {
  readonly title: string;
  readonly from: Schema;
  readonly to: Schema;
  /** Of table `t`, before. */
  readonly rows?: readonly Row[];
  /** Of table `t`, after; those before unless said otherwise, `undefined` where they are not asked about. */
  readonly after?: readonly Row[] | null;
  /** Databases that cannot do it; there it is refused with CAPABILITY_MISSING. */
  readonly refusedBy?: readonly DatabaseKind[];
  /** Databases that have no place for it: there autogenerate finds nothing to do. */
  readonly unknownTo?: readonly DatabaseKind[];
  /** A downgrade that destroys what cannot come back: rows are not compared after it. */
  readonly loses?: boolean;
}

const id = column('id', { nullable: false });
const named = (name: string, ...columns: string[]) => ({ name, columns });

/** Table `t` with a key `id`, some columns and other parts. */
function t(columns: Parameters<typeof table>[1], parts: Partial<Table> = {}): Table {
  return table('t', [id, ...columns], { primaryKey: named('pk_t', 'id'), ...parts });
}

/** A schema that is table `t` alone. */
function one(...given: Parameters<typeof t>): Schema {
  return schema([t(...given)]);
}

const of = (type: ColumnType, nullable = true) => column('v', { type, nullable });

/** A change of the type of column `v`. */
function retyped(from: ColumnType, to: ColumnType, before: unknown, after: unknown): Change {
  const text = (type: ColumnType): string => JSON.stringify(type).replaceAll(/["{}]|kind:/g, '');
  return {
    title: `${text(from)} becomes ${text(to)}`,
    from: one([of(from)]),
    to: one([of(to)]),
    rows: [
      { id: 1, v: before },
      { id: 2, v: null },
    ],
    after: [
      { id: 1, v: after },
      { id: 2, v: null },
    ],
  };
}

const mood: Enum = { name: 'mood', values: ['sad', 'ok', 'happy'] };
const moody = (values: readonly string[]): Schema =>
  schema([t([column('v', { type: { kind: 'enum', name: 'mood' }, nullable: false })])], {
    enums: [{ name: 'mood', values }],
  });

const parent = table('p', [id, column('code', { type: { kind: 'varchar', length: 20 } })], {
  primaryKey: named('pk_p', 'id'),
});

const CHANGES: readonly Change[] = [
  {
    title: 'columns come and go',
    from: one([column('a'), column('v', 'text')]),
    to: one([
      column('v', 'text'),
      column('b', { type: { kind: 'varchar', length: 10 } }),
      column('c', 'json'),
    ]),
    rows: [{ id: 1, a: 5, v: 'x' }],
    after: [{ id: 1, v: 'x', b: null, c: null }],
    loses: true,
  },
  {
    title: 'a new column with a default gives it to rows that are there',
    from: one([]),
    to: one([
      column('n', { nullable: false, default: { kind: 'literal', value: 7 } }),
      column('s', {
        type: { kind: 'varchar', length: 20 },
        nullable: false,
        default: { kind: 'literal', value: 'it\'s \\ "x"' },
      }),
      column('b', { type: { kind: 'boolean' }, nullable: false, default: { kind: 'literal', value: true } }),
    ]),
    rows: [{ id: 1 }],
    after: [{ id: 1, n: 7, s: 'it\'s \\ "x"', b: true }],
  },
  {
    title: 'defaults come, change and go',
    from: one([
      column('a', { default: { kind: 'literal', value: 1 } }),
      column('b'),
      column('c', { default: { kind: 'literal', value: 3 } }),
    ]),
    to: one([
      column('a', { default: { kind: 'literal', value: 2 } }),
      column('b', { default: { kind: 'literal', value: -4 } }),
      column('c'),
    ]),
    rows: [{ id: 1, a: 1, b: 2, c: 3 }],
  },
  {
    title: 'NOT NULL is switched on and off',
    from: one([column('a'), column('b', { nullable: false })]),
    to: one([column('a', { nullable: false }), column('b')]),
    rows: [{ id: 1, a: 1, b: 2 }],
  },
  retyped({ kind: 'smallint' }, { kind: 'bigint' }, 7, 7n),
  retyped({ kind: 'integer' }, { kind: 'varchar', length: 12 }, -12, '-12'),
  retyped({ kind: 'varchar', length: 12 }, { kind: 'integer' }, '-12', -12),
  retyped({ kind: 'varchar', length: 50 }, { kind: 'varchar', length: 10 }, 'short', 'short'),
  retyped({ kind: 'varchar', length: 10 }, { kind: 'text' }, 'Łódź 😀', 'Łódź 😀'),
  // As text it comes back in the database's own spelling.
  {
    ...retyped({ kind: 'text' }, { kind: 'json' }, '{"a":[1,null]}', { a: [1, null] }),
    loses: true,
  },
  retyped({ kind: 'boolean' }, { kind: 'integer' }, true, 1),
  retyped({ kind: 'integer' }, { kind: 'boolean' }, 1, true),
  retyped(
    { kind: 'decimal', precision: 8, scale: 2 },
    { kind: 'decimal', precision: 12, scale: 4 },
    '-1.25',
    '-1.2500',
  ),
  retyped({ kind: 'integer' }, { kind: 'decimal', precision: 10, scale: 2 }, 5, '5.00'),
  retyped(
    { kind: 'text' },
    { kind: 'uuid' },
    '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002',
    '0b9c1d5e-8f0a-4b0e-9a55-0242ac120002',
  ),
  retyped({ kind: 'date' }, { kind: 'timestamp' }, '2026-02-28', new Date('2026-02-28T00:00:00Z')),
  {
    ...retyped(
      { kind: 'timestamp' },
      { kind: 'timestamptz' },
      new Date('2026-02-28T10:11:12.345Z'),
      new Date('2026-02-28T10:11:12.345Z'),
    ),
    // Both are a DATETIME in UTC there.
    unknownTo: ['mysql'],
  },
  retyped(
    { kind: 'text' },
    { kind: 'timestamp' },
    '2026-02-28 10:11:12.345',
    new Date('2026-02-28T10:11:12.345Z'),
  ),
  retyped({ kind: 'text' }, { kind: 'date' }, '2026-02-28', '2026-02-28'),
  retyped({ kind: 'real' }, { kind: 'double' }, 0.5, 0.5),
  {
    title: 'a primary key grows by a column',
    from: one([column('v', { nullable: false })]),
    to: schema([
      table('t', [id, column('v', { nullable: false })], { primaryKey: named('pk_t', 'id', 'v') }),
    ]),
    rows: [{ id: 1, v: 2 }],
  },
  {
    title: 'generated keys are switched on',
    from: one([column('v')]),
    to: schema([
      table('t', [column('id', { nullable: false, autoIncrement: 'increment' }), column('v')], {
        primaryKey: named('pk_t', 'id'),
      }),
    ]),
    rows: [{ id: 41, v: 2 }],
  },
  {
    title: 'uniques, checks and indexes come',
    from: one([column('a'), column('v', { type: { kind: 'varchar', length: 30 } })]),
    to: one([column('a'), column('v', { type: { kind: 'varchar', length: 30 } })], {
      uniques: [named('uq_t_a_v', 'a', 'v')],
      checks: [{ name: 'ck_t_a', expression: 'a > 0 AND "v" <> \'x\'' }],
      indexes: [
        { name: 'ix_t_v', columns: [{ column: 'v' }], unique: false },
        { name: 'ix_t_v_a', columns: [{ column: 'v' }, { column: 'a', order: 'desc' }], unique: false },
      ],
    }),
    rows: [{ id: 1, a: 1, v: 'y' }],
  },
  {
    title: 'a check says something else',
    from: one([column('a')], { checks: [{ name: 'ck_t_a', expression: 'a > 0' }] }),
    to: one([column('a')], { checks: [{ name: 'ck_t_a', expression: 'a >= 0 OR a IN (-1, -2)' }] }),
    rows: [{ id: 1, a: 1 }],
  },
  {
    title: 'an index on an expression',
    from: one([column('v', { type: { kind: 'varchar', length: 30 } })]),
    to: one([column('v', { type: { kind: 'varchar', length: 30 } })], {
      indexes: [{ name: 'ix_low', columns: [{ expression: 'lower(v)' }], unique: false }],
    }),
    rows: [{ id: 1, v: 'Y' }],
    refusedBy: ['mysql'],
  },
  {
    title: 'a partial index',
    from: one([column('v')]),
    to: one([column('v')], {
      indexes: [{ name: 'ix_part', columns: [{ column: 'v' }], unique: true, where: 'v > 3' }],
    }),
    rows: [
      { id: 1, v: 1 },
      { id: 2, v: 1 },
    ],
    refusedBy: ['mysql'],
  },
  {
    title: 'a foreign key comes, with its index and its actions',
    from: schema([parent, t([column('p_id')])]),
    to: schema([
      parent,
      t([column('p_id')], {
        foreignKeys: [key('p_id', 'p', 'id', { onDelete: 'CASCADE', onUpdate: 'CASCADE' })],
        indexes: [{ name: 'ix_t_p_id', columns: [{ column: 'p_id' }], unique: false }],
      }),
    ]),
    rows: [{ id: 1, p_id: null }],
  },
  {
    title: 'the type of a key changes with the keys that refer to it',
    from: schema([parent, t([column('p_id')], { foreignKeys: [key('p_id', 'p', 'id')] })]),
    to: schema([
      { ...parent, columns: [{ ...id, type: { kind: 'bigint' } }, ...parent.columns.slice(1)] },
      t([column('p_id', { type: { kind: 'bigint' } })], { foreignKeys: [key('p_id', 'p', 'id')] }),
    ]),
    rows: [{ id: 1, p_id: null }],
  },
  {
    title: 'tables that refer to each other come and go',
    from: one([column('u_id')], {}),
    to: schema([
      t([column('u_id')], { foreignKeys: [key('u_id', 'u', 'id', { onDelete: 'SET NULL' })] }),
      table('u', [id, column('t_id')], {
        primaryKey: named('pk_u', 'id'),
        foreignKeys: [key('t_id', 't', 'id')],
      }),
    ]),
    rows: [{ id: 1, u_id: null }],
  },
  {
    title: 'an enum comes with its column, and goes',
    from: one([]),
    to: schema([t([column('v', { type: { kind: 'enum', name: 'mood' } })])], { enums: [mood] }),
    rows: [{ id: 1 }],
    after: [{ id: 1, v: null }],
  },
  {
    title: 'an enum gets values in places',
    from: moody(['sad', 'happy']),
    to: moody(['glum', 'sad', 'ok', 'happy', 'glad']),
    rows: [{ id: 1, v: 'sad' }],
  },
  {
    title: 'an enum loses a value that no row has',
    from: moody(['sad', 'ok', 'happy']),
    to: moody(['sad', 'happy']),
    rows: [{ id: 1, v: 'sad' }],
  },
  {
    title: 'the values of an enum change places',
    from: moody(['sad', 'ok', 'happy']),
    to: moody(['happy', 'sad', 'ok']),
    rows: [{ id: 1, v: 'sad' }],
  },
  {
    title: 'text becomes an enum',
    from: one([of({ kind: 'varchar', length: 10 })]),
    to: schema([t([of({ kind: 'enum', name: 'mood' })])], { enums: [mood] }),
    rows: [{ id: 1, v: 'ok' }],
  },
  {
    title: 'a generated column comes',
    from: one([column('a', { nullable: false })]),
    to: one([column('a', { nullable: false }), column('v', { generated: { sql: 'a * 2', stored: true } })]),
    rows: [{ id: 1, a: 4 }],
    after: [{ id: 1, a: 4, v: 8 }],
  },
  {
    title: 'comments come and go',
    unknownTo: ['sqlite'],
    from: schema([{ ...t([column('v', { comment: "it's old" })]), comment: 'one' }]),
    to: schema([{ ...t([column('v', { comment: 'new \\ "x" ${y}' })]), comment: "two's" }]),
    rows: [{ id: 1, v: 2 }],
  },
  {
    title: 'a column is an array',
    from: one([]),
    to: one([of({ kind: 'array', of: { kind: 'text' } })]),
    rows: [{ id: 1 }],
    after: [{ id: 1, v: null }],
    refusedBy: ['sqlite', 'mysql'],
  },
  {
    title: 'an exclusion constraint',
    from: one([column('v')]),
    to: one([column('v')], {
      exclusions: [{ name: 'ex_t', elements: 'int4range(id, v) WITH &&', method: 'gist' }],
    }),
    rows: [{ id: 1, v: 2 }],
    refusedBy: ['sqlite', 'mysql'],
  },
  {
    title: 'names that need quoting',
    from: schema([
      table('select "x" `y` ž', [column('order', { nullable: false }), column("it's a 'col'")], {
        primaryKey: named('pk "q" `b`', 'order'),
      }),
    ]),
    to: schema([
      table(
        'select "x" `y` ž',
        [column('order', { nullable: false }), column("it's a 'col'", 'bigint'), column('group', 'text')],
        {
          primaryKey: named('pk "q" `b`', 'order'),
          indexes: [{ name: 'ix " ` \'', columns: [{ column: "it's a 'col'" }], unique: true }],
        },
      ),
    ]),
  },
];

async function rowsOf(bench: DatabaseBench, wanted: Schema): Promise<Row[]> {
  const found = wanted.tables.find(({ name }) => name === 't') as Table;
  const { dialect } = bench;
  const names = found.columns.map(({ name }) => dialect.quoteIdentifier(name)).join(', ');
  const rows = await bench.with((connection) =>
    Promise.resolve(
      connection.queryArrays(`SELECT ${names} FROM ${dialect.quoteTable('t')} ORDER BY 1`, [], {
        bigints: true,
      }),
    ),
  );
  const codecs = found.columns.map(({ name, type }) => {
    const enumValues =
      type.kind === 'enum' ? wanted.enums.find((each) => each.name === type.name)?.values : undefined;
    return dialect.codec(type, { owner: name, ...(enumValues && { enumValues }) });
  });
  return rows.map((row) =>
    Object.fromEntries(
      found.columns.map(({ name }, i) => [name, row[i] === null ? null : codecs[i]?.decode(row[i] as never)]),
    ),
  );
}

describe.each(testDatabases())('on %s', (kind) => {
  const open: DatabaseBench[] = [];
  afterEach(async () => {
    for (const bench of open.splice(0)) await bench.close();
  });

  test.each(CHANGES.map((change) => [change.title, change] as const))('%s', async (_, change) => {
    const bench = await DatabaseBench.open(kind);
    open.push(bench);
    await bench.autogenerate(change.from);
    await bench.commands.upgrade('head');
    expect(await bench.differences(change.from)).toEqual([]);
    const { rows } = change;
    if (rows !== undefined) await bench.run((op) => op.bulkInsert('t', rows));
    if (change.refusedBy?.includes(kind)) {
      const refusal = await bench.autogenerate(change.to).catch((cause) => cause);
      expect(isLimbeckError(refusal) && refusal.code).toBe('CAPABILITY_MISSING');
      return;
    }
    const generated = await bench.autogenerate(change.to);
    expect(generated === null).toBe(change.unknownTo?.includes(kind) ?? false);
    if (generated === null) return;
    await bench.commands.upgrade('head');
    expect(await bench.differences(change.to)).toEqual([]);
    if (rows !== undefined) expect(await rowsOf(bench, change.to)).toEqual(change.after ?? rows);
    await bench.commands.downgrade('-1');
    expect(await bench.differences(change.from)).toEqual([]);
    if (rows !== undefined && !change.loses) expect(await rowsOf(bench, change.from)).toEqual(rows);
  });
});
