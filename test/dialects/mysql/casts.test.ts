/**
 * Changes of a column's type on a real server, through the plan: every value either becomes exactly what it says, or is
 * counted and refused; NULL stays NULL; and what was not refused can be taken back.
 */

import type { PlanCheck } from '../../../src/dialects/contract';
import { decimalText, parseDecimal } from '../../../src/dialects/shared/decimals';
import type { Column, ColumnType, Schema } from '../../../src/schema/model';
import { CAST_TYPES } from '../../support/cast-types';
import { Refusal, SchemaBench, schemaOf, table } from './schema-bench';

let bench: SchemaBench;

beforeAll(async () => {
  bench = await SchemaBench.open();
});

afterAll(() => bench.close());

beforeEach(() => bench.clear());

const STATES = ['open', 'done', '1', "it's"];
const ENUMS = [{ name: 't_v_enum', values: STATES }];

const TYPES = {
  ...CAST_TYPES,
  enum: { kind: 'enum', name: 't_v_enum' },
  mediumint: { kind: 'native', sql: { mysql: 'mediumint unsigned' } },
  varbinary: { kind: 'native', sql: { mysql: 'varbinary(4)' } },
  point: { kind: 'native', sql: { mysql: 'year' } },
} as const satisfies Record<string, ColumnType>;

type TypeName = keyof typeof TYPES;

const UUID = '00000000-0000-4000-8000-00000000000a';

/** Values as SQL. */
const VALUES: Record<TypeName, readonly string[]> = {
  smallint: ['0', '1', '-1', '42', '32767', '-32768'],
  integer: ['0', '1', '-5', '32768', '2147483647', '-2147483648'],
  bigint: ['0', '1', '2147483648', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  boolean: ['0', '1'],
  real: ['0.5', '-2.25', '3.5', '1e30', '0.1', '16777217'],
  double: ['0.1', '-1e-7', '1e300', '1.5', '123456789012345.6', '9.3e18', '3'],
  decimal: [
    '1',
    '1.5',
    '-0.01',
    '123456789012345',
    '0',
    '12345678901234567890.123456789012345678901234567891',
  ],
  'decimal(5,2)': ['1', '999.99', '-0.01', '12.3', '12.30'],
  'decimal(3)': ['1', '-999'],
  'char(3)': ["'abc'", "'1'", "''", "'a b'", "'1.5'", "'ä😀x'", "' '"],
  'varchar(5)': [
    ...[
      "'abc'",
      "'12'",
      "'-7'",
      "''",
      "'12:00'",
      "'1e5'",
      "' 1'",
      "'01'",
      "'+1'",
      "'1.5'",
      "'1.50'",
      "'OPEN'",
    ],
    ...["'open '", "'true'", "'1\\n'", "'0x1F'", "'40000'", "'ab  '", "'[1]'", "'null'", "'-0'"],
  ],
  varchar: [
    ...[
      `'${UUID}'`,
      "'2020-02-29'",
      "'2020-02-30'",
      "'0000-00-00'",
      "'2020-2-9'",
      "'13:14:15'",
      "'25:00:00'",
    ],
    ...[
      "'13:14:15.5'",
      "'2020-02-29 13:14:15.123'",
      "'2020-02-29 13:14:15'",
      "'2020-02-29T13:14:15Z'",
      "'open'",
    ],
    ...[
      `'{"a": 1}'`,
      "'9223372036854775808'",
      "'99999999999999999999999'",
      "'1e400'",
      "'12345678.9'",
      "'0.1'",
    ],
    ...[
      "'2020-02-29 13:14:15.1234567'",
      "'-838:59:59'",
      "'2020-02-29 00:00:00.000'",
      `'${UUID.toUpperCase()}'`,
    ],
    ...["'2020-02-29\\n'", "'1 '"],
  ],
  text: ["'x'", "repeat('ä', 300)", "'12'", "''", "'Done'"],
  'simple-array': ["'a,b'", "'1,2'"],
  enum: STATES.map((state) => `'${state.replaceAll("'", "''")}'`),
  date: ["'2020-02-29'", "'9999-12-31'", "'0001-01-01'"],
  time: ["'13:14:15'", "'13:14:15.5'", "'00:00:00'"],
  'time(0)': ["'13:14:15'"],
  timestamp: ["'2020-02-29 13:14:15.123'", "'2020-02-29 00:00:00'", "'2038-02-01 00:00:00'"],
  'timestamp(0)': ["'2020-02-29 13:14:15'", "'2020-02-29 00:00:00'"],
  'timestamp(6)': [
    "'2020-02-29 13:14:15.123456'",
    "'2020-02-29 13:14:15.123'",
    "'2020-02-29 23:59:59.999999'",
  ],
  timestamptz: ["'2020-02-29 13:14:15.123'"],
  json: [`'{"a": "it\\'s"}'`, "'null'", "'12'", '\'"x"\'', "'[1, 2]'"],
  uuid: [`'${UUID}'`],
  blob: ["x''", "x'00ff'", "'12'", "'ä😀'", "x'ff'", "'open'", "repeat('x', 9)"],
  mediumint: ['0', '1', '16777215', '70000'],
  varbinary: ["x'00ff'", "'12'", "'abcd'"],
  point: ['2020', '1901'],
};

const column = (type: ColumnType): Column => ({ name: 'v', type, nullable: true });

function schemaFor(type: ColumnType): Schema {
  const columns = [{ name: 'id', type: { kind: 'integer' }, nullable: false } as const, column(type)];
  const enums = type.kind === 'enum' ? ENUMS : [];
  return schemaOf([table('t', { columns, primaryKey: { name: 'pk_t', columns: ['id'] } })], { enums });
}

/** What a value says, whatever type says it: a number, a moment, or its text. */
async function said(type: TypeName, isReal: boolean): Promise<Map<number, string | null>> {
  const sql = 'SELECT id, v, CAST(v AS CHAR), HEX(v) FROM t ORDER BY id';
  const rows = await bench.connection.queryArrays(sql, [], { bigints: true });
  return new Map(
    rows.map(([id, value, text, hex]) => {
      if (value === null) return [Number(id), null];
      if (['real', 'double'].includes(type)) return [Number(id), meaning(Buffer.from(String(value)), isReal)];
      const isBytes = ['blob', 'varbinary'].includes(type);
      return [
        Number(id),
        meaning(isBytes ? Buffer.from(String(hex), 'hex') : Buffer.from(String(text)), isReal),
      ];
    }),
  );
}

/** @param isReal numbers go through a REAL, and are only as exact as it is */
function meaning(bytes: Buffer, isReal: boolean): string {
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) return `bytes ${bytes.toString('hex')}`;
  const decimal = parseDecimal(text);
  if (decimal) return isReal ? `number ${Math.fround(Number(text))}` : `number ${decimalText(decimal)}`;
  const moment = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.(\d+))?)?$/.exec(text);
  if (moment) return `moment ${moment[1]} ${moment[2] ?? '00:00:00'}.${(moment[3] ?? '').replace(/0+$/, '')}`;
  const time = /^(\d\d:\d\d:\d\d)(?:\.(\d+))?$/.exec(text);
  if (time) return `time ${time[1]}.${(time[2] ?? '').replace(/0+$/, '')}`;
  return `text ${text}`;
}

const NAMES = Object.keys(TYPES) as TypeName[];
const PAIRS = NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const));

/** Writes the values and NULL, each in a row of its own. */
async function fill(from: TypeName): Promise<void> {
  await bench.make(schemaFor(TYPES[from]));
  const values = [...VALUES[from], 'NULL'].map((value, i) => `(${i}, ${value})`);
  await bench.script(`INSERT INTO t VALUES ${values.join(', ')}`);
}

async function alter(to: TypeName): Promise<void> {
  const enums = to === 'enum' ? [{ kind: 'createEnum', name: 't_v_enum', values: STATES } as const] : [];
  await bench.apply([...enums, { kind: 'alterColumn', table: 't', name: 'v', change: { type: TYPES[to] } }]);
}

/** Takes away the rows that a check counts. */
async function deleteCounted(check: PlanCheck): Promise<number[]> {
  const where = check.countSql.slice(check.countSql.indexOf(' WHERE ') + 7);
  const rows = await bench.rows(`SELECT id FROM t WHERE ${where}`);
  const ids = rows.map(([id]) => Number(id));
  await bench.script(`DELETE FROM t WHERE id IN (${ids.join(', ')})`);
  return ids;
}

test.each(PAIRS)('%s becomes %s exactly, or is refused, and comes back', async (from, to) => {
  const isReal = from === 'real' || to === 'real';
  await fill(from);
  const all = await said(from, isReal);
  try {
    await alter(to);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    expect(await said(from, isReal)).toEqual(all);
    expect(await deleteCounted(cause.check)).toHaveLength(cause.rows);
    await alter(to);
  }
  const now = await said(to, isReal);
  for (const [id, meant] of now) expect([id, meant]).toEqual([id, all.get(id)]);
  expect([...now.values()].filter((value) => value === null)).toHaveLength(1);
  await alter(from);
  const again = await said(from, isReal);
  for (const [id, meant] of again) expect([id, meant]).toEqual([id, all.get(id)]);
  expect(again.size).toBe(now.size);
});

/** What must not be refused, by pairs of types: the values as they were written. */
const KEPT: readonly (readonly [TypeName, TypeName, readonly string[]])[] = [
  ['smallint', 'bigint', VALUES.smallint],
  ['integer', 'text', VALUES.integer],
  ['integer', 'double', VALUES.integer],
  ['integer', 'json', VALUES.integer],
  ['boolean', 'text', VALUES.boolean],
  ['boolean', 'integer', VALUES.boolean],
  ['integer', 'boolean', ['0', '1']],
  ['varchar(5)', 'integer', ["'12'", "'-7'", "'40000'"]],
  ['varchar(5)', 'decimal(5,2)', ["'12'", "'-7'", "'1.5'", "'1.50'"]],
  ['varchar(5)', 'text', VALUES['varchar(5)']],
  [
    'varchar',
    'timestamp',
    ["'2020-02-29 13:14:15.123'", "'2020-02-29 13:14:15'", "'2020-02-29 00:00:00.000'"],
  ],
  ['varchar', 'date', ["'2020-02-29'"]],
  ['varchar', 'time', ["'13:14:15'", "'13:14:15.5'"]],
  ['varchar', 'uuid', [`'${UUID}'`, `'${UUID.toUpperCase()}'`]],
  ['varchar', 'json', [`'{"a": 1}'`, "'0.1'"]],
  ['varchar', 'enum', ["'open'"]],
  ['enum', 'text', VALUES.enum],
  ['enum', 'integer', ["'1'"]],
  ['integer', 'enum', ['1']],
  ['timestamp', 'text', VALUES.timestamp],
  ['timestamp', 'date', ["'2020-02-29 00:00:00'", "'2038-02-01 00:00:00'"]],
  ['date', 'timestamp', VALUES.date],
  ['timestamp(6)', 'timestamp', ["'2020-02-29 13:14:15.123'"]],
  ['uuid', 'text', VALUES.uuid],
  ['json', 'text', VALUES.json],
  ['blob', 'text', ["x''", "'12'", "'ä😀'", "'open'", "repeat('x', 9)"]],
  ['text', 'blob', VALUES.text],
  ['decimal(5,2)', 'decimal(3)', ['1']],
  ['double', 'integer', ['3']],
];

test.each(KEPT)('of %s to %s nothing is refused that fits: %j', async (from, to, kept) => {
  await fill(from);
  await bench.script(
    `DELETE FROM t WHERE id NOT IN (${kept.map((value) => VALUES[from].indexOf(value)).join(', ')})`,
  );
  const before = await said(from, false);
  expect(before.size).toBe(kept.length);
  await alter(to);
  expect(await said(to, false)).toEqual(before);
});
