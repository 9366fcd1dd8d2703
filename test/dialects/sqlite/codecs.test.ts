import fc from 'fast-check';
import type { CodecOptions, Connection, SqlValue } from '../../../src/dialects/contract.js';
import { sqliteCodec } from '../../../src/dialects/sqlite/codecs.js';
import { typeText } from '../../../src/dialects/sqlite/types.js';
import type { ColumnType } from '../../../src/schema/model.js';
import { codeOf, connectMemory, errorOf } from './support.js';

const owner = 'Book.field';

let connection: Connection;
beforeEach(async () => {
  connection = await connectMemory();
});

/** Writes a value through a column of the type and reads it back, with exact integers or without. */
async function roundTrip(
  type: ColumnType,
  value: unknown,
  options: Partial<CodecOptions> = {},
): Promise<unknown> {
  const codec = sqliteCodec(type, { owner, ...options });
  await connection.script(`DROP TABLE IF EXISTS t; CREATE TABLE t (v ${typeText(type)})`);
  await connection.run('INSERT INTO t VALUES (?)', [codec.encode(value)]);
  const read = async (bigints: boolean): Promise<unknown> => {
    const [row] = await connection.queryArrays('SELECT v FROM t', [], { bigints });
    return codec.decode(row?.[0] as SqlValue);
  };
  const exact = await read(true);
  if (codec.needsBigints !== true) expect(await read(false)).toEqual(exact);
  return exact;
}

describe('values that come back as they went in', () => {
  test.each<[ColumnType, unknown, Partial<CodecOptions>?]>([
    [{ kind: 'smallint' }, -32768],
    [{ kind: 'integer' }, 2147483647],
    [{ kind: 'bigint' }, 9007199254740993n],
    [{ kind: 'bigint' }, -(2n ** 63n)],
    [{ kind: 'bigint' }, 42, { as: 'number' }],
    [{ kind: 'bigint' }, '9223372036854775807', { as: 'string' }],
    [{ kind: 'real' }, 0.1],
    [{ kind: 'double' }, 1e300],
    [{ kind: 'double' }, 2 ** 60],
    [{ kind: 'double' }, -(2 ** 62)],
    [{ kind: 'double' }, 2 ** 63],
    [{ kind: 'double' }, 5e-324],
    [{ kind: 'double' }, 3],
    [{ kind: 'decimal', precision: 10, scale: 2 }, '1.50'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, '-0.05'],
    [{ kind: 'decimal', precision: 15, scale: 2 }, '9999999999999.99'],
    [{ kind: 'decimal', precision: 10 }, '7'],
    [{ kind: 'decimal' }, '0.000000000123'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, 1.5, { as: 'number' }],
    [{ kind: 'boolean' }, true],
    [{ kind: 'boolean' }, false],
    [{ kind: 'char', length: 2 }, 'de'],
    [{ kind: 'varchar', length: 2 }, '😀é'],
    [{ kind: 'text' }, "quote' \u2028 12345678901234567890"],
    [{ kind: 'text' }, '1e400'],
    [{ kind: 'date' }, '2024-02-29'],
    [{ kind: 'time' }, '23:59:59'],
    [{ kind: 'time', precision: 6 }, '00:00:00.000001'],
    [{ kind: 'timestamp' }, new Date('2024-02-29T12:34:56.789Z')],
    [{ kind: 'timestamptz' }, new Date('0050-01-01T00:00:00.000Z')],
    [{ kind: 'timestamp', precision: 6 }, '2024-02-29T12:34:56.789123Z'],
    [{ kind: 'timestamp' }, '2024-02-29T12:34:56.789Z', { as: 'string' }],
    [{ kind: 'json' }, { a: [1, null, 'x', { __proto__x: true }], d: 1e300 }],
    [{ kind: 'json' }, '12345678901234567890'],
    [{ kind: 'json' }, 12.5],
    [{ kind: 'json' }, [false]],
    [{ kind: 'uuid' }, '3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
    [{ kind: 'blob' }, Buffer.from([0, 255, 1])],
    [{ kind: 'blob' }, Buffer.alloc(0)],
    [{ kind: 'enum', name: 'status' }, 'open', { enumValues: ['open', 'done'] }],
    [{ kind: 'simple-array' }, ['007', '', 'b']],
    [{ kind: 'simple-array' }, []],
    [{ kind: 'native', sql: { sqlite: 'ANY' } }, 'x'],
  ])('%j keeps %p', async (type, value, options = {}) => {
    expect(await roundTrip(type, value, options)).toEqual(value);
  });

  test('what may be said in several ways comes back in one', async () => {
    const money = { kind: 'decimal', precision: 10, scale: 2 } as const;
    expect(await roundTrip(money, '1.5')).toBe('1.50');
    expect(await roundTrip(money, '007.10')).toBe('7.10');
    expect(await roundTrip(money, 3n)).toBe('3.00');
    expect(await roundTrip({ kind: 'time' }, '10:30')).toBe('10:30:00');
    expect(await roundTrip({ kind: 'timestamp', precision: 6 }, '2024-01-01T02:00:00+02:00')).toBe(
      '2024-01-01T00:00:00.000000Z',
    );
    expect(await roundTrip({ kind: 'double' }, -0)).toBe(0);
    expect(await roundTrip({ kind: 'json' }, { at: new Date(0), none: undefined })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
    });
  });
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

describe('values that do not fit are refused and never rounded', () => {
  test.each<[ColumnType, unknown, Partial<CodecOptions>?]>([
    [{ kind: 'smallint' }, 32768],
    [{ kind: 'integer' }, 2147483648],
    [{ kind: 'integer' }, 1.5],
    [{ kind: 'integer' }, '1'],
    [{ kind: 'integer' }, true],
    [{ kind: 'integer' }, 1n],
    [{ kind: 'integer' }, { $gt: '' }],
    [{ kind: 'integer' }, Number.NaN],
    [{ kind: 'bigint' }, 2n ** 63n],
    [{ kind: 'bigint' }, 2 ** 53],
    [{ kind: 'bigint' }, '1'],
    [{ kind: 'bigint' }, '1.5', { as: 'string' }],
    [{ kind: 'real' }, Number.POSITIVE_INFINITY],
    [{ kind: 'double' }, '1.5'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, '1.505'],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '100'],
    [{ kind: 'decimal' }, '1234567890123456'],
    [{ kind: 'decimal' }, '1e9999'],
    [{ kind: 'decimal' }, 'abc'],
    [{ kind: 'decimal' }, ''],
    [{ kind: 'decimal' }, '.'],
    [{ kind: 'decimal' }, Number.NaN],
    [{ kind: 'decimal' }, ['1']],
    [{ kind: 'boolean' }, 1],
    [{ kind: 'boolean' }, 'true'],
    [{ kind: 'varchar', length: 2 }, 'abc'],
    [{ kind: 'varchar', length: 2 }, '😀😀😀'],
    [{ kind: 'text' }, 5],
    [{ kind: 'text' }, { toString: () => 'x' }],
    [{ kind: 'text' }, '\ud800'],
    [{ kind: 'text' }, 'a\0'],
    [{ kind: 'json' }, '\ud800 alone'],
    [{ kind: 'json' }, { a: 'x\0' }],
    [{ kind: 'char', length: 3 }, 'a '],
    [{ kind: 'date' }, '0000-01-01'],
    [{ kind: 'timestamp' }, new Date('0000-12-31T23:59:59.999Z')],
    [{ kind: 'date' }, '2023-02-29'],
    [{ kind: 'date' }, '1900-02-29'],
    [{ kind: 'date' }, '2024-13-01'],
    [{ kind: 'date' }, '2024-1-1'],
    [{ kind: 'date' }, new Date()],
    [{ kind: 'time' }, '24:00:00'],
    [{ kind: 'time', precision: 0 }, '10:00:00.5'],
    [{ kind: 'timestamp' }, new Date(Number.NaN)],
    [{ kind: 'timestamp' }, '2024-01-01T00:00:00Z'],
    [{ kind: 'timestamp' }, 0],
    [{ kind: 'timestamp' }, new Date('+010000-01-01T00:00:00Z')],
    [{ kind: 'timestamp', precision: 0 }, new Date(1)],
    [{ kind: 'timestamp', precision: 6 }, '2024-01-01T00:00:00.1234567Z'],
    [{ kind: 'timestamp', precision: 6 }, '2024-02-30T00:00:00Z'],
    [{ kind: 'json' }, () => 1],
    [{ kind: 'json' }, { deep: [() => 1] }],
    [{ kind: 'json' }, [undefined]],
    [{ kind: 'json' }, Symbol('x')],
    [{ kind: 'json' }, cyclic],
    [{ kind: 'json' }, { n: 1n }],
    [{ kind: 'json' }, Number.NaN],
    [{ kind: 'json' }, new Map()],
    [{ kind: 'json' }, { at: new Date(Number.NaN) }],
    [{ kind: 'uuid' }, 'not-a-uuid'],
    [{ kind: 'uuid' }, '3f2504e04f8941d39a0c0305e82c3301'],
    [{ kind: 'blob' }, 'text'],
    [{ kind: 'enum', name: 'status' }, 'other', { enumValues: ['open'] }],
    [{ kind: 'enum', name: 'status' }, '__proto__', { enumValues: ['open'] }],
    [{ kind: 'simple-array' }, ['a,b']],
    [{ kind: 'simple-array' }, ['']],
    [{ kind: 'simple-array' }, [1]],
    [{ kind: 'simple-array' }, 'a'],
    [{ kind: 'native', sql: { sqlite: 'x' } }, {}],
  ])('%j refuses %p', async (type, value, options = {}) => {
    const error = await errorOf(() => sqliteCodec(type, { owner, ...options }).encode(value));
    expect(error.code).toBe('VALUE_INVALID');
    expect(error.message).toMatch(/^Book\.field: /);
  });

  test('the refusal does not repeat the value', async () => {
    const error = await errorOf(() => sqliteCodec({ kind: 'uuid' }, { owner }).encode('s3cret'));
    expect(error.message).not.toContain('s3cret');
  });

  test('an array has no codec', async () => {
    const type: ColumnType = { kind: 'array', of: { kind: 'text' } };
    expect(await codeOf(() => sqliteCodec(type, { owner }))).toBe('CAPABILITY_MISSING');
  });
});

describe('what others have stored', () => {
  test.each<[ColumnType, SqlValue, unknown]>([
    [{ kind: 'timestamp' }, '2024-01-02 03:04:05', new Date('2024-01-02T03:04:05Z')],
    [{ kind: 'timestamp' }, '2024-01-02T03:04:05Z', new Date('2024-01-02T03:04:05Z')],
    [{ kind: 'timestamp' }, '2024-01-02 03:04', new Date('2024-01-02T03:04:00Z')],
    [{ kind: 'timestamp' }, '2024-01-02', new Date('2024-01-02T00:00:00Z')],
    [{ kind: 'timestamptz' }, '2024-01-02 03:04:05.123456+02:00', new Date('2024-01-02T01:04:05.123Z')],
    [{ kind: 'timestamptz' }, '2024-01-02 03:04:05-0530', new Date('2024-01-02T08:34:05Z')],
    [{ kind: 'timestamptz' }, '2024-01-02 03:04:05+02', new Date('2024-01-02T01:04:05Z')],
    [{ kind: 'timestamp', precision: 6 }, '2024-01-02 03:04:05', '2024-01-02T03:04:05.000000Z'],
    [{ kind: 'date' }, '2024-01-02 00:00:00.000', '2024-01-02'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, 0.1 + 0.2, '0.30'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, 1, '1.00'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, '2.5', '2.50'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, 1.255, '1.255'],
    [{ kind: 'json' }, 12, 12],
    [{ kind: 'varchar' }, 12, '12'],
    [{ kind: 'bigint' }, 12, 12n],
    [{ kind: 'integer' }, 12n, 12],
    [{ kind: 'boolean' }, 1n, true],
    [{ kind: 'enum', name: 'status' }, 'a later value', 'a later value'],
  ])('%j reads %p as %p', (type, stored, value) => {
    expect(sqliteCodec(type, { owner }).decode(stored)).toEqual(value);
  });

  test.each<[ColumnType, SqlValue]>([
    [{ kind: 'integer' }, 'abc'],
    [{ kind: 'integer' }, 1.5],
    [{ kind: 'integer' }, 2n ** 60n],
    [{ kind: 'bigint' }, 1.5],
    [{ kind: 'double' }, 'x'],
    [{ kind: 'decimal' }, 'x'],
    [{ kind: 'boolean' }, 2],
    [{ kind: 'boolean' }, 'true'],
    [{ kind: 'text' }, Buffer.from('x')],
    [{ kind: 'date' }, '2024-01-02 10:00:00'],
    [{ kind: 'timestamp' }, '2024-02-30 00:00:00.000'],
    [{ kind: 'timestamp' }, '2024-02-03 25:00:00.000'],
    [{ kind: 'timestamp' }, 1700000000],
    [{ kind: 'json' }, '{'],
    [{ kind: 'blob' }, 'x'],
  ])('%j says that %p does not belong there', async (type, stored) => {
    expect(await codeOf(() => sqliteCodec(type, { owner }).decode(stored))).toBe('VALUE_INVALID');
  });
});

describe('any value at all', () => {
  const dates = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  const decimals = fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.nat({ max: 15 }))
    .map(([negative, digits, scale]) => {
      const text = String(digits).padStart(scale + 1, '0');
      const whole = text.slice(0, text.length - scale);
      return `${negative ? '-' : ''}${whole}${scale === 0 ? '' : `.${text.slice(text.length - scale)}`}`;
    });
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withNullPrototype: true,
    withTypedArray: true,
  });
  const cases: readonly [string, ColumnType, fc.Arbitrary<unknown>][] = [
    ['text', { kind: 'text' }, fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))],
    ['integer', { kind: 'integer' }, fc.integer()],
    ['bigint', { kind: 'bigint' }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    [
      'double',
      { kind: 'double' },
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0 || 0),
    ],
    ['boolean', { kind: 'boolean' }, fc.boolean()],
    ['blob', { kind: 'blob' }, fc.uint8Array().map((bytes) => Buffer.from(bytes))],
    ['uuid', { kind: 'uuid' }, fc.uuid()],
    ['timestamp', { kind: 'timestamp' }, dates],
    [
      'json',
      { kind: 'json' },
      fc
        .jsonValue()
        .filter((value) => value !== null)
        .map((v) => JSON.parse(JSON.stringify(v))),
    ],
  ];

  test.each(cases)('%s comes back exact', async (_, type, values) => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        expect(await roundTrip(type, value)).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  test('a decimal comes back as the same number', async () => {
    await fc.assert(
      fc.asyncProperty(decimals, async (value) => {
        const read = String(await roundTrip({ kind: 'decimal' }, value));
        const plain = (text: string): string =>
          (text.includes('.') ? text.replace(/\.?0+$/, '') : text).replace(/^-(0)$/, '$1');
        expect(plain(read)).toBe(plain(value));
      }),
      { numRuns: 300 },
    );
  });

  const kinds = [
    'smallint',
    'integer',
    'bigint',
    'real',
    'boolean',
    'text',
    'date',
    'json',
    'uuid',
    'blob',
  ] as const;
  test.each([...kinds, 'simple-array', 'timestamp', 'time', 'varchar', 'decimal'] as const)(
    '%s takes anything exactly or refuses it by name',
    async (kind) => {
      const type = { kind } as ColumnType;
      await fc.assert(
        fc.asyncProperty(anything, async (value) => {
          fc.pre(value !== null && value !== undefined);
          let read: unknown;
          try {
            read = await roundTrip(type, value);
          } catch (cause) {
            expect((cause as { code?: string }).code).toBe('VALUE_INVALID');
            return;
          }
          if (kind === 'json') expect(JSON.stringify(read)).toBe(JSON.stringify(value));
          else if (kind === 'bigint') expect(read).toBe(BigInt(value as number));
          else if (kind === 'decimal') expect(Number(read)).toBe(Number(value));
          else if (kind === 'blob') expect(Buffer.from(value as Uint8Array)).toEqual(read);
          else if (typeof value === 'number') expect(read === value).toBe(true);
          else expect(read).toEqual(value);
        }),
        { numRuns: 300 },
      );
    },
  );
});
