/**
 * Changes of a column's type on real SQLite, through the plan: every value either becomes exactly what it
 * says, or is counted and refused; NULL stays NULL; and what was not refused can be taken back.
 */

import Database from 'better-sqlite3';
import type { PlanCheck } from '../../../src/dialects/contract.js';
import { sqliteCodec } from '../../../src/dialects/sqlite/codecs.js';
import { createTableText } from '../../../src/dialects/sqlite/ddl.js';
import { planSqlite } from '../../../src/dialects/sqlite/plan.js';
import type { ColumnType, Schema, Table } from '../../../src/schema/model.js';
import { CAST_TYPES } from '../../support/cast-types';

type Stored = number | bigint | string | Buffer;

const STATES = ['open', 'done', '1', "it's"];

/** Types by the name that the tests below give them. */
const TYPES = {
  ...CAST_TYPES,
  native: { kind: 'native', sql: { sqlite: 'geometry' } },
} as const satisfies Record<string, ColumnType>;

type TypeName = keyof typeof TYPES;

const UUID = '00000000-0000-4000-8000-00000000000a';
const bytes = (...list: readonly number[]): Buffer => Buffer.from(list);

/** Values as the ORM stores them, and texts that only look like something. */
const VALUES: Record<TypeName, readonly Stored[]> = {
  smallint: [0, 1, -1, 42, 32_767, -32_768],
  integer: [0, 1, -5, 32_768, 2_147_483_647, -2_147_483_648],
  bigint: [
    0,
    1,
    2_147_483_648,
    9_007_199_254_740_993n,
    9_223_372_036_854_775_807n,
    -9_223_372_036_854_775_808n,
  ],
  boolean: [0, 1],
  real: [0.5, -2.25, 3.5, 1e300, 0.1],
  double: [0.1, -1e-7, 1e300, 1.5, 123_456_789_012_345.6, 9.3e18],
  decimal: [1, 1.5, -0.01, 123_456_789_012_345, 0],
  'decimal(5,2)': [1, 999.99, -0.01, 12.3],
  'decimal(3)': [1, -999],
  'char(3)': ['abc', '1', '', 'a b', '1.5', 'ä😀x'],
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
    '0x1F',
    'true',
    '{}',
    '1.50',
    '.5',
    '5.',
  ],
  varchar: [
    '9223372036854775807',
    '9223372036854775808',
    '0.1',
    '-0',
    'NaN',
    'Infinity',
    '9007199254740993',
    '0.30000000000000004',
    'now',
  ],
  text: [
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
    "it's",
    'null',
  ],
  'simple-array': ['a,b', '', '1'],
  enum: STATES,
  date: ['2020-02-29', '1970-01-01', '9999-12-31'],
  time: ['12:34:56', '00:00:00', '23:59:59.5'],
  'time(0)': ['12:34:56'],
  timestamp: [
    '2020-02-29 12:34:56.789',
    '2020-02-29 00:00:00.000',
    '1969-12-31 23:59:59.999',
    '2020-01-01 00:00:01',
  ],
  'timestamp(0)': ['2020-02-29 12:34:56.000', '2020-02-29 00:00:00.000'],
  'timestamp(6)': ['2020-02-29 12:34:56.789123', '2020-02-29 00:00:00.000000', '2020-02-29 12:34:56.789000'],
  timestamptz: ['2020-02-29 12:34:56.789', '2020-02-29 00:00:00.000'],
  json: ['{"a":1}', 'null', '[1,2]', '"x"', '1', '12345678901234567890', 'true'],
  uuid: [UUID],
  blob: [
    Buffer.from('abc'),
    Buffer.from(''),
    Buffer.from('ä£😀'),
    Buffer.from('12'),
    bytes(0, 255),
    bytes(0xc3, 0x28),
    bytes(0x80),
    bytes(0xc3, 0xa9, 0xa9),
    bytes(0x61, 0),
  ],
  native: ['POINT(1 2)', bytes(1, 2), 5, 0.5],
};

function schemaWith(type: ColumnType): Schema {
  const column = { name: 'a', type, nullable: true };
  const table: Table = {
    name: 't',
    columns: [column],
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
    exclusions: [],
  };
  return {
    tables: [table],
    enums: [{ name: 'state', values: STATES }],
    views: [],
    sequences: [],
    triggers: [],
  };
}

class Column {
  readonly #native = new Database(':memory:').defaultSafeIntegers(true);
  #type: ColumnType;

  constructor(type: ColumnType, values: readonly (Stored | null)[]) {
    const schema = schemaWith(type);
    this.#type = type;
    this.#native.exec(createTableText(schema.tables[0] as Table, schema));
    const insert = this.#native.prepare('INSERT INTO t VALUES (?)');
    for (const value of values) {
      const isWhole =
        typeof value === 'number' &&
        Number.isInteger(value) &&
        type.kind !== 'real' &&
        type.kind !== 'double';
      insert.run(isWhole ? BigInt(value) : value);
    }
  }

  /** Changes the type; how many rows were in the way, 0 when it was done. */
  change(to: ColumnType, using?: string): number {
    const operation = {
      kind: 'alterColumn',
      table: 't',
      name: 'a',
      change: { type: to },
      ...(using !== undefined && { using }),
    } as const;
    for (const step of planSqlite(schemaWith(this.#type), [operation]).steps) {
      if (step.kind === 'statement') this.#native.exec(step.sql);
      else if (step.kind === 'check') {
        const rows = this.#count(step);
        if (rows > 0) return rows;
      }
    }
    this.#type = to;
    return 0;
  }

  #count(check: PlanCheck): number {
    return Number(this.#native.prepare(check.countSql).pluck().get());
  }

  get values(): (Stored | null)[] {
    return this.#native.prepare('SELECT a FROM t ORDER BY rowid').pluck().all() as (Stored | null)[];
  }

  close(): void {
    this.#native.close();
  }
}

/** A value with the kind that it is stored as: 1 and 1.0 differ. */
function shown(value: Stored | null | undefined): string {
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`;
  return typeof value === 'number'
    ? `real ${value}`
    : typeof value === 'bigint'
      ? `integer ${value}`
      : JSON.stringify(value);
}

const NAMES = Object.keys(TYPES) as TypeName[];

describe('every type to every other', () => {
  test.each(NAMES)('from %s', (from) => {
    const surprises: string[] = [];
    for (const to of NAMES) {
      if (from === to) continue;
      for (const value of VALUES[from]) {
        const column = new Column(TYPES[from], [value, null]);
        const before = column.values.map(shown);
        const say = (what: string): number => surprises.push(`${from} → ${to}: ${before[0]} ${what}`);
        const refused = column.change(TYPES[to]);
        if (refused > 0) {
          if (refused !== 1) say(`and ${refused - 1} more are refused`);
          if (column.values.map(shown).join() !== before.join()) say('changed though it was refused');
        } else {
          const [now, nothing] = column.values;
          if (nothing !== null) say(`turned NULL into ${shown(nothing)}`);
          const unreadable = problemOf(TYPES[to], now as Stored);
          if (unreadable !== undefined) say(`became ${shown(now)}: ${unreadable}`);
          if (column.change(TYPES[from]) > 0) say(`became ${shown(now)} and does not come back`);
          else if (column.values.map(shown).join() !== before.join())
            say(`came back as ${shown(column.values[0])}`);
        }
        column.close();
      }
    }
    expect(surprises).toEqual([]);
  });

  /** What the codec of a type has against a stored value. */
  function problemOf(type: ColumnType, value: Stored): string | undefined {
    if (type.kind === 'native') return undefined;
    const codec = sqliteCodec(type, { owner: 'a', enumValues: STATES });
    try {
      const handed = typeof value === 'bigint' && !codec.needsBigints ? Number(value) : value;
      codec.encode(codec.decode(handed));
      return undefined;
    } catch (cause) {
      return (cause as Error).message;
    }
  }
});

const REFUSED = Symbol('refused');

describe('what becomes of values', () => {
  const whole = (value: number | bigint): bigint => BigInt(value);

  test.each<[from: TypeName, to: TypeName, value: Stored, expected: Stored | typeof REFUSED]>([
    ['smallint', 'bigint', -32_768, whole(-32_768)],
    ['integer', 'smallint', 32_767, whole(32_767)],
    ['integer', 'smallint', 32_768, REFUSED],
    ['bigint', 'integer', 2_147_483_648, REFUSED],
    ['bigint', 'double', 9_007_199_254_740_992n, 9_007_199_254_740_992],
    ['bigint', 'double', 9_007_199_254_740_993n, REFUSED],
    ['bigint', 'double', 9_223_372_036_854_775_807n, REFUSED],
    ['bigint', 'decimal', 999_999_999_999_999n, whole(999_999_999_999_999)],
    ['bigint', 'decimal', 9_007_199_254_740_993n, REFUSED],
    ['bigint', 'decimal(5,2)', -9_223_372_036_854_775_808n, REFUSED],
    ['bigint', 'json', 9_007_199_254_740_993n, REFUSED],
    ['bigint', 'text', -9_223_372_036_854_775_808n, '-9223372036854775808'],
    ['integer', 'boolean', 1, whole(1)],
    ['integer', 'boolean', 2, REFUSED],
    ['integer', 'text', -5, '-5'],
    ['integer', 'date', 2020, REFUSED],
    ['double', 'integer', 3, whole(3)],
    ['double', 'integer', 3.5, REFUSED],
    ['double', 'text', 3, '3'],
    ['double', 'text', 0.1, '0.1'],
    ['double', 'decimal(5,2)', 1.25, 1.25],
    ['double', 'decimal(5,2)', 1.255, REFUSED],
    ['double', 'decimal(5,2)', 1000, REFUSED],
    ['double', 'decimal(3)', 1.5, REFUSED],
    ['decimal(5,2)', 'decimal(3)', 1.5, REFUSED],
    ['decimal(5,2)', 'text', 999.99, '999.99'],
    ['boolean', 'text', 1, '1'],
    ['boolean', 'double', 1, 1],
    ['text', 'integer', '42', whole(42)],
    ['text', 'integer', '42x', REFUSED],
    ['text', 'integer', '007', REFUSED],
    ['text', 'integer', '', REFUSED],
    ['text', 'bigint', '9223372036854775808', REFUSED],
    ['text', 'double', '1', 1],
    ['text', 'double', '0.30000000000000004', 0.30000000000000004],
    ['text', 'double', '1.2.3', REFUSED],
    ['text', 'double', 'NaN', REFUSED],
    ['text', 'decimal(5,2)', '1.5', 1.5],
    ['text', 'decimal(5,2)', '1.555', REFUSED],
    ['text', 'decimal(5,2)', '1.50', REFUSED],
    ['text', 'boolean', '1', whole(1)],
    ['text', 'boolean', 'true', REFUSED],
    ['text', 'varchar(5)', 'ä😀xyz', 'ä😀xyz'],
    ['text', 'varchar(5)', 'sixish', REFUSED],
    ['text', 'varchar(5)', 'nul\u0000 hidden', REFUSED],
    ['varchar', 'text', 'nul\u0000 kept', 'nul\u0000 kept'],
    ['text', 'enum', "it's", "it's"],
    ['text', 'enum', 'OPEN', REFUSED],
    ['enum', 'text', 'open', 'open'],
    ['text', 'date', '2020-02-29', '2020-02-29'],
    ['text', 'date', '2021-02-29', REFUSED],
    ['text', 'date', '2020-2-1', REFUSED],
    ['text', 'date', 'now', REFUSED],
    ['text', 'date', '2459000.5', REFUSED],
    ['text', 'time', '23:59:59.123456789', '23:59:59.123456789'],
    ['text', 'time', '24:00:00', REFUSED],
    ['text', 'time(0)', '23:59:59.5', REFUSED],
    ['text', 'time', '12:00', REFUSED],
    ['text', 'timestamp', '2020-02-29 12:34:56.789', '2020-02-29 12:34:56.789'],
    ['text', 'timestamp', '2020-02-29 12:34:56', '2020-02-29 12:34:56'],
    ['text', 'timestamp', '2020-02-29T12:34:56Z', REFUSED],
    ['text', 'timestamp', '2020-02-29 12:34:56.78', REFUSED],
    ['text', 'timestamp', '2020-02-30 12:34:56.789', REFUSED],
    ['date', 'timestamp', '2020-02-29', '2020-02-29 00:00:00.000'],
    ['date', 'timestamp(6)', '2020-02-29', '2020-02-29 00:00:00.000000'],
    ['timestamp', 'date', '2020-02-29 00:00:00.000', '2020-02-29'],
    ['timestamp', 'date', '2020-02-29 00:00:00.001', REFUSED],
    ['timestamp', 'timestamptz', '2020-02-29 12:34:56.789', '2020-02-29 12:34:56.789'],
    ['timestamp', 'timestamp(6)', '2020-02-29 12:34:56.789', '2020-02-29 12:34:56.789000'],
    ['timestamp', 'timestamp(6)', '2020-02-29 12:34:56', '2020-02-29 12:34:56'],
    ['timestamp(6)', 'timestamp', '2020-02-29 12:34:56.789000', '2020-02-29 12:34:56.789'],
    ['timestamp(6)', 'timestamp', '2020-02-29 12:34:56.789001', REFUSED],
    ['timestamp', 'timestamp(0)', '2020-02-29 12:34:56.000', '2020-02-29 12:34:56.000'],
    ['timestamp', 'timestamp(0)', '2020-02-29 12:34:56.001', REFUSED],
    ['text', 'json', '{"a": [1, null]}', '{"a": [1, null]}'],
    ['text', 'json', '{a: 1}', REFUSED],
    ['text', 'json', 'plain', REFUSED],
    ['json', 'text', '{"a":1}', '{"a":1}'],
    ['integer', 'json', 5, '5'],
    ['json', 'integer', '5', whole(5)],
    ['json', 'integer', '"5"', REFUSED],
    ['text', 'uuid', UUID, UUID],
    ['text', 'uuid', UUID.toUpperCase(), UUID.toUpperCase()],
    ['text', 'uuid', UUID.replaceAll('-', ''), REFUSED],
    ['text', 'blob', 'ä', Buffer.from('ä')],
    ['text', 'blob', 'nul\u0000', REFUSED],
    ['blob', 'text', Buffer.from('ä£😀'), 'ä£😀'],
    ['blob', 'text', bytes(0xff), REFUSED],
    ['blob', 'text', bytes(0x61, 0, 0x62), REFUSED],
    ['blob', 'text', bytes(0xc3, 0xa9, 0xa9), REFUSED],
    ['blob', 'text', Buffer.alloc(100_000, 'a'), 'a'.repeat(100_000)],
    ['blob', 'text', Buffer.from('é'.repeat(5000)), REFUSED],
    ['blob', 'integer', Buffer.from('12'), whole(12)],
    ['blob', 'json', Buffer.from('[1]'), '[1]'],
    ['uuid', 'blob', UUID, Buffer.from(UUID)],
    ['native', 'text', 'POINT(1 2)', 'POINT(1 2)'],
    ['native', 'text', bytes(1), REFUSED],
    ['native', 'blob', bytes(1), bytes(1)],
    ['native', 'integer', 5, whole(5)],
    ['native', 'integer', 0.5, REFUSED],
    ['native', 'date', 'POINT(1 2)', REFUSED],
    ['text', 'native', 'POINT(1 2)', 'POINT(1 2)'],
    ['text', 'native', ' 1e5', REFUSED],
  ])('%s → %s: %p → %p', (from, to, value, expected) => {
    const column = new Column(TYPES[from], [value, null]);
    const refused = column.change(TYPES[to]);
    if (expected === REFUSED) expect(refused).toBe(1);
    else {
      expect(refused).toBe(0);
      expect(shown(column.values[0])).toBe(shown(expected));
    }
    expect(column.values[1]).toBeNull();
    column.close();
  });

  test('a value that strayed into a column of another type is kept by text, and refused elsewhere', () => {
    const column = new Column(TYPES.integer, [1, 'abc', 1.5]);
    expect(column.change(TYPES.bigint)).toBe(2);
    expect(column.change(TYPES.text)).toBe(0);
    expect(column.values).toEqual(['1', 'abc', '1.5']);
    column.close();
  });

  test('all rows in the way are counted, NULL is not', () => {
    const column = new Column(TYPES.text, ['1', 'x', null, 'y', '2']);
    expect(column.change(TYPES.integer)).toBe(2);
    expect(column.values).toEqual(['1', 'x', null, 'y', '2']);
    column.close();
  });

  test('`using` decides by itself', () => {
    const column = new Column(TYPES.text, ['007', 'x', null]);
    expect(column.change(TYPES.integer, "CASE WHEN a GLOB '[0-9]*' THEN CAST(a AS INTEGER) END")).toBe(0);
    expect(column.values).toEqual([7n, null, null]);
    column.close();
  });
});
