/**
 * Changes of a column's type, each kind to each other one, on a real server and through the plan: every value
 * either becomes exactly what it says, or is counted and refused; NULL stays NULL; and what was not refused can be
 * taken back.
 */

import { cast } from '../../../src/dialects/postgres/casts.js';
import { typeText } from '../../../src/dialects/postgres/types.js';
import { type ColumnType, EMPTY_SCHEMA, type Schema } from '../../../src/schema/model.js';
import { CAST_TYPES } from '../../support/cast-types';
import { isAvailable } from '../../support/databases';
import { Bench, Refused } from './schema-support.js';

const STATES = ['open', 'done', '1', "it's"];

const TYPES = {
  ...CAST_TYPES,
  'decimal(2,2)': { kind: 'decimal', precision: 2, scale: 2 },
  'timestamptz(6)': { kind: 'timestamptz', precision: 6 },
  'integer[]': { kind: 'array', of: { kind: 'integer' } },
  'text[]': { kind: 'array', of: { kind: 'text' } },
  'enum[]': { kind: 'array', of: { kind: 'enum', name: 'state' } },
  inet: { kind: 'native', sql: { postgres: 'inet' } },
  interval: { kind: 'native', sql: { postgres: 'interval' } },
} as const satisfies Record<string, ColumnType>;

type TypeName = keyof typeof TYPES;
const NAMES = Object.keys(TYPES) as TypeName[];

const UUID = '00000000-0000-4000-8000-00000000000a';

const VALUES: Record<TypeName, readonly string[]> = {
  smallint: ['0', '1', '-1', '42', '32767', '-32768'],
  integer: ['0', '1', '-5', '32768', '2147483647', '-2147483648', '16777217'],
  bigint: ['0', '1', '2147483648', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  boolean: ['true', 'false'],
  real: ['0.5', '-2.25', '3', '1e30', '0.1', 'NaN', 'Infinity', '-Infinity', '2147483648', '1e-30', '0'],
  double: [
    '0.1',
    '-1e-7',
    '1e300',
    '1.5',
    '1',
    '0',
    '123456789012345.6',
    '9.3e18',
    'NaN',
    '-Infinity',
    '1e-300',
  ],
  decimal: [
    '1',
    '1.5',
    '-0.01',
    '123456789012345',
    '0',
    '1e40',
    '0.30000000000000004',
    'NaN',
    '1.50',
    '1e400',
  ],
  'decimal(5,2)': ['1', '999.99', '-0.01', '12.3', '0.5'],
  'decimal(3)': ['1', '-999', '0'],
  'decimal(2,2)': ['0.99', '0', '-0.5'],
  'char(3)': ['abc', '1', '', 'a b', '1.5', 'ä😀x', '{}', 'a'],
  'varchar(5)': [
    'abc',
    '12',
    '-7',
    '',
    '12:00',
    '1e5',
    ' 1',
    '01',
    '+1',
    'true',
    '{}',
    '1.50',
    '.5',
    '5.',
    'ab  ',
    't',
    '{1}',
  ],
  varchar: [
    ...['9223372036854775807', '9223372036854775808', '0.1', '-0', 'NaN', 'Infinity', '9007199254740993'],
    ...[
      '0.30000000000000004',
      'now',
      'infinity',
      '1e999',
      '1e-999',
      '1e400',
      '123456789012345678901234567890',
    ],
    ...['2020-02-30', '2020-02-29', '0000-01-01', '2020-13-01', '2021-02-29', '24:00:00', '12:34:56.789'],
    ...[
      '2020-02-29 12:34:56.789',
      '2020-02-29T12:34:56Z',
      '2020-02-29 12:34:56.7891',
      '2020-02-29 12:34:56+02',
    ],
    ...['2020-02-29 12:34:56.1234567', 'today', '12:00:00.5', '2020-02-29 12:34:56 BC', '12:34:60'],
  ],
  text: [
    ...[
      '',
      '--1',
      '1-2',
      '.',
      '1.2.3',
      '007',
      '-0.0',
      '1.0',
      '100000000000000',
      '0000000000000000001',
      'open',
    ],
    ...[
      "it's",
      'null',
      UUID,
      UUID.toUpperCase(),
      '{"a":1}',
      '{"a":1,"a":2}',
      '[1, 2]',
      '"x"',
      '{',
      '{1,2}',
      '{a,b}',
    ],
    ...[
      '{open,NULL}',
      '{{1},{2}}',
      '10.0.0.1',
      '1 day',
      'ä\u00a0',
      'x'.repeat(300),
      'true',
      'TRUE',
      'f',
      '12',
    ],
    ...['2020-02-29', '\\x00ff', '{"n":12345678901234567890}', '999.99', '999.999', '5', '5.00', '-999.995'],
  ],
  'simple-array': ['a,b', '', '1'],
  enum: STATES,
  date: ['2020-02-29', '1970-01-01', '9999-12-31', 'infinity', '0044-03-15 BC'],
  time: ['12:34:56', '00:00:00', '23:59:59.5', '24:00:00'],
  'time(0)': ['12:34:56'],
  timestamp: ['2020-02-29 12:34:56.789', '2020-02-29 00:00:00', '1969-12-31 23:59:59.999', 'infinity'],
  'timestamp(0)': ['2020-02-29 12:34:56', '2020-02-29 00:00:00'],
  'timestamp(6)': ['2020-02-29 12:34:56.789123', '2020-02-29 00:00:00', '2020-02-29 12:34:56.789'],
  timestamptz: [
    '2020-02-29 12:34:56.789+00',
    '2020-02-29 00:00:00+00',
    '2020-02-29 00:00:00+02',
    '-infinity',
  ],
  'timestamptz(6)': ['2020-02-29 12:34:56.789123+00', '2020-02-29 00:00:00+00'],
  json: ['{"a": 1}', 'null', '[1, 2]', '"x"', '1', '12345678901234567890', 'true', '1.50'],
  uuid: [UUID],
  blob: ['abc', '', 'ä£😀', '12']
    .map((text) => `\\x${Buffer.from(text).toString('hex')}`)
    .concat(
      ['00ff', 'c328', '80', 'c3a9a9', '6100', 'eda080', 'f4908080', 'e08080'].map((hex) => `\\x${hex}`),
    ),
  'integer[]': ['{1,2}', '{}', '{NULL}'],
  'text[]': ['{1,2}', '{}', '{a,"b c"}', '{open,1}', '{NULL}'],
  'enum[]': ['{open}', '{}', '{1,"it\'s"}'],
  inet: ['10.0.0.1', '::1'],
  interval: ['1 day', '00:00:01'],
};

/** Texts that mean a value in more than one spelling; what comes back is the server's own. */
const RESPELLED: ReadonlySet<string> = new Set([
  ...['real', 'double', 'decimal', 'date', 'time', 'timestamp', 'timestamptz', 'json', 'uuid', 'char'],
]);

function schemaWith(type: ColumnType): Schema {
  return {
    ...EMPTY_SCHEMA,
    enums: [{ name: 'state', values: STATES }],
    tables: [
      {
        name: 't',
        columns: [{ name: 'a', type, nullable: true }],
        uniques: [],
        checks: [],
        foreignKeys: [],
        indexes: [],
        exclusions: [],
      },
    ],
  };
}

const change = (type: ColumnType, more: object = {}) =>
  ({ kind: 'alterColumn', table: 't', name: 'a', change: { type }, ...more }) as const;

const describeServer = isAvailable('postgres') ? describe : describe.skip;

describeServer('a change of type', () => {
  let db: Bench;

  beforeAll(async () => {
    db = await Bench.open();
    await db.script(`CREATE TYPE state AS ENUM ('open', 'done', '1', 'it''s')`);
  });
  afterAll(() => db.close());

  async function table(type: ColumnType, values: readonly (string | null)[]): Promise<void> {
    await db.script(`DROP TABLE IF EXISTS t; CREATE TABLE t (id serial, a ${typeText(type)})`);
    for (const value of values) await db.run('INSERT INTO t (a) VALUES ($1)', [value]);
  }

  const stored = () => db.values('SELECT a::text FROM t ORDER BY id');

  describe.each(NAMES)('from %s', (from) => {
    test.each(NAMES.filter((to) => to !== from))('to %s is exact or refused', async (to) => {
      for (const version of [160000, 120000]) {
        // Before version 16 nothing tells whether a text is one of these, so the server itself refuses it.
        if (version < 160000 && ['json', 'integer[]', 'text[]', 'enum[]', 'inet', 'interval'].includes(to))
          continue;
        await table(TYPES[from], [...VALUES[from], null]);
        const { offending = 'false' } = cast('"a"', TYPES[from], TYPES[to], {
          schema: schemaWith(TYPES[to]),
          version,
        });
        const refused = Number(await db.value(`SELECT count(*) FROM t WHERE ${offending}`));
        if (refused > 0) {
          const attempt = db.apply(schemaWith(TYPES[from]), [change(TYPES[to])], {
            serverVersion: version,
          } as never);
          await expect(attempt).rejects.toMatchObject({
            rows: refused,
            check: { problem: "hold a value in 't.a' that would change" },
          });
        }
        await db.run(`DELETE FROM t WHERE ${offending}`);
        const before = await stored();
        await db.apply(schemaWith(TYPES[from]), [change(TYPES[to])], { serverVersion: version } as never);
        const after = await stored();
        expect(after.at(-1)).toBeNull();
        // What JSON holds exactly, JavaScript may not; a decimal is not put there then.
        if (from === 'json' && TYPES[to].kind === 'decimal') continue;
        await db.apply(schemaWith(TYPES[to]), [change(TYPES[from])]);
        const back = await stored();
        const isText = ['text', 'varchar', 'char', 'simple-array'].includes(TYPES[from].kind);
        const mayRespell =
          (isText || TYPES[from].kind === 'json' || TYPES[from].kind === 'blob') &&
          RESPELLED.has(TYPES[to].kind);
        if (!mayRespell && !(TYPES[from].kind === 'decimal' || TYPES[from].kind === 'json'))
          expect(back).toEqual(before);
        // In whatever spelling, it is the same value.
        await db.apply(schemaWith(TYPES[from]), [change(TYPES[to])]);
        expect(await stored()).toEqual(after);
      }
    });
  });

  test.each([
    ['text', 'integer', ['12', '-7', '0'], ['12', '-7', '0']],
    ['text', 'bigint', ['9223372036854775807'], ['9223372036854775807']],
    ['text', 'decimal(5,2)', ['5', '5.00', '999.99', '-0.5'], ['5.00', '5.00', '999.99', '-0.50']],
    ['text', 'double', ['1.5', '1e+300', '0.1', '5.00'], ['1.5', '1e+300', '0.1', '5']],
    ['text', 'boolean', ['true', 'false'], ['true', 'false']],
    ['text', 'date', ['2020-02-29'], ['2020-02-29']],
    [
      'text',
      'timestamp',
      ['2020-02-29T12:34:56.700Z', '2020-02-29 12:34'],
      ['2020-02-29 12:34:56.7', '2020-02-29 12:34:00'],
    ],
    [
      'text',
      'timestamptz',
      ['2020-02-29T12:00:00+02:00', '2020-02-29 12:00:00'],
      ['2020-02-29 10:00:00+00', '2020-02-29 12:00:00+00'],
    ],
    ['text', 'json', ['{"b":1,"a":[]}'], ['{"a": [], "b": 1}']],
    ['text', 'uuid', [UUID.toUpperCase()], [UUID]],
    ['text', 'enum', ['open', "it's"], ['open', "it's"]],
    ['text', 'blob', ['ä'], ['\\xc3a4']],
    ['text', 'enum[]', ['{open,NULL}'], ['{open,NULL}']],
    ['blob', 'text', ['\\xc3a4'], ['ä']],
    ['integer', 'boolean', ['0', '1'], ['false', 'true']],
    ['boolean', 'smallint', ['true', 'false'], ['1', '0']],
    ['integer', 'text', ['-5'], ['-5']],
    ['real', 'double', ['0.1'], ['0.1']],
    ['double', 'decimal', ['0.1', '123456789012345.6'], ['0.1', '123456789012345.6']],
    ['timestamp', 'date', ['2020-02-29 00:00:00'], ['2020-02-29']],
    ['timestamp', 'timestamptz', ['2020-02-29 12:00:00'], ['2020-02-29 12:00:00+00']],
    ['date', 'timestamp', ['2020-02-29'], ['2020-02-29 00:00:00']],
    ['text[]', 'integer[]', ['{1,2}'], ['{1,2}']],
    ['integer', 'decimal(5,2)', ['5'], ['5.00']],
  ] as const)('%s becomes %s where it says the same', async (from, to, values, expected) => {
    await table(TYPES[from], values);
    await db.apply(schemaWith(TYPES[from]), [change(TYPES[to])]);
    expect(await stored()).toEqual(expected);
  });

  test.each([
    ['text', 'integer', '12x'],
    ['text', 'integer', '007'],
    ['text', 'integer', '2147483648'],
    ['text', 'decimal(5,2)', '1000'],
    ['text', 'decimal(5,2)', '0.001'],
    ['text', 'date', '2021-02-29'],
    ['text', 'date', 'today'],
    ['text', 'timestamp', '2020-02-29 12:00:00+02'],
    ['text', 'json', '{"a":1,"a":2}'],
    ['text', 'enum', 'closed'],
    ['text', 'varchar(5)', 'abcdef'],
    ['text', 'char(3)', 'a '],
    ['decimal', 'decimal(5,2)', '0.005'],
    ['decimal', 'integer', '1.5'],
    ['bigint', 'integer', '2147483648'],
    ['bigint', 'double', '9007199254740993'],
    ['integer', 'boolean', '2'],
    ['double', 'real', '0.123456789'],
    ['timestamp', 'date', '2020-02-29 12:00:00'],
    ['timestamp(6)', 'timestamp', '2020-02-29 12:00:00.1234'],
    ['blob', 'text', '\\x00'],
    ['uuid', 'integer', UUID],
  ] as const)('%s does not become %s where it would change: %s', async (from, to, value) => {
    await table(TYPES[from], [value, value]);
    const attempt = db.apply(schemaWith(TYPES[from]), [change(TYPES[to])]);
    await expect(attempt).rejects.toThrow(Refused);
    await expect(attempt).rejects.toMatchObject({ rows: 2 });
    expect(await stored()).toEqual([value, value]);
  });

  test.each([
    ['text', 'integer', ['12', 'x', '99999999999', null], ['12', null, null, null]],
    ['text', 'varchar(5)', ['abcdefgh'], ['abcde']],
    ['text', 'date', ['2021-02-29', '2020-02-29'], [null, '2020-02-29']],
    ['text', 'enum', ['closed', 'open'], [null, 'open']],
    ['decimal', 'integer', ['1.5', '1e40'], ['2', null]],
    ['decimal', 'decimal(5,2)', ['0.005', '99999'], ['0.01', null]],
    ['bigint', 'integer', ['2147483648', '5'], [null, '5']],
    ['integer', 'boolean', ['2', '0'], ['true', 'false']],
    ['timestamp', 'date', ['2020-02-29 12:00:00'], ['2020-02-29']],
    ['text', 'json', ['{', '1'], [null, '1']],
    ['blob', 'text', ['\\x00', '\\x61'], [null, 'a']],
    ['double', 'real', ['1e300', '0.123456789'], [null, '0.12345679']],
  ] as const)('%s becomes %s as well as it can where loss is allowed', async (from, to, values, expected) => {
    await table(TYPES[from], values);
    await db.apply(schemaWith(TYPES[from]), [change(TYPES[to], { options: { allowLoss: 'known' } })]);
    expect(await stored()).toEqual(expected);
  });

  test('an expression of one’s own takes the place of the cast, checks included', async () => {
    await table(TYPES.text, ['a', 'bb', null]);
    await db.apply(schemaWith(TYPES.text), [change(TYPES.integer, { using: 'length(a) -- of it' })]);
    expect(await stored()).toEqual(['1', '2', null]);
  });
});
