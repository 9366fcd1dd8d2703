import fc from 'fast-check';
import type { Codec, Connection } from '../../../src/dialects/contract.js';
import { mysqlCodec } from '../../../src/dialects/mysql/codecs.js';
import { MARIADB_10_11 } from '../../../src/dialects/mysql/flavour.js';
import { typeText } from '../../../src/dialects/mysql/types.js';
import type { ColumnType } from '../../../src/schema/model.js';
import { isAvailable } from '../../support/databases.js';
import { codeOf, connect, errorOf } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;

const codecOf = (type: ColumnType, options = {}): Codec => mysqlCodec(type, { owner: 'E.p', ...options });
const ENUM = { kind: 'enum', name: 'e' } as const;
const declared = (type: ColumnType): string => typeText(type, MARIADB_10_11, () => ['a', "b'c"]);

async function columnOf(type: ColumnType): Promise<Connection> {
  const connection = await connect();
  await connection.run(`CREATE TABLE t (v ${declared(type)})`);
  return connection;
}

async function roundTrip(connection: Connection, codec: Codec, value: unknown): Promise<unknown> {
  await connection.run('DELETE FROM t');
  const encoded = codec.encode(value);
  await connection.run('INSERT INTO t VALUES (?)', [encoded]);
  const bigints = codec.needsBigints === true;
  const [[stored] = []] = await connection.queryArrays('SELECT v FROM t', [], { bigints });
  return codec.decode(stored as never);
}

described('a value goes through the server and comes back', () => {
  const D = (text: string): Date => new Date(text);
  test.each<[ColumnType, readonly unknown[], object?]>([
    [{ kind: 'smallint' }, [-32768, 0, 32767]],
    [{ kind: 'integer' }, [-2147483648, 2147483647]],
    [{ kind: 'bigint' }, [-(2n ** 63n), 2n ** 63n - 1n, 0n]],
    [{ kind: 'bigint' }, [-(2 ** 53 - 1), 5], { as: 'number' }],
    [{ kind: 'bigint' }, ['9223372036854775807', '-1'], { as: 'string' }],
    [{ kind: 'real' }, [0.1, 1.5, -2.5e-7, 0, 16777216, 3.4028235e38, 1e-38]],
    [{ kind: 'double' }, [0.1, Math.PI, 1e308, 5e-324, 2 ** 60, 0]],
    [
      { kind: 'decimal', precision: 65, scale: 30 },
      [`${'9'.repeat(35)}.${'9'.repeat(30)}`, `-0.${'0'.repeat(29)}1`],
    ],
    [{ kind: 'decimal', precision: 10, scale: 2 }, ['1.50', '-99999999.99', '0.00']],
    [{ kind: 'decimal', precision: 5 }, ['12345']],
    [{ kind: 'decimal' }, ['12345678901234567890.123', '0', '-1.5']],
    [{ kind: 'decimal', precision: 10, scale: 2 }, [1.5, 0], { as: 'number' }],
    [{ kind: 'boolean' }, [true, false]],
    [{ kind: 'char', length: 4 }, ['abcd', '', 'é😀', ' a']],
    [{ kind: 'varchar', length: 5 }, ['a b  ', '😀😀😀😀😀', '', "a'\\"]],
    [{ kind: 'text' }, ['x'.repeat(100_000), ' \n\t ', '😀']],
    [{ kind: 'date' }, ['2024-02-29', '9999-12-31', '1000-01-01', '0001-01-01']],
    [{ kind: 'time' }, ['00:00:00', '23:59:59', '10:20:30.5', '10:20:30.123']],
    [{ kind: 'time', precision: 6 }, ['10:20:30.123456']],
    [
      { kind: 'timestamp' },
      [D('2024-02-29T10:20:30.123Z'), D('9999-12-31T23:59:59.999Z'), D('1000-01-01T00:00:00Z')],
    ],
    [{ kind: 'timestamptz' }, [D('2038-01-20T00:00:00Z'), D('1969-12-31T23:59:59.999Z')]],
    [{ kind: 'timestamp', precision: 0 }, [D('2024-03-31T02:30:00Z')]],
    [{ kind: 'timestamp', precision: 6 }, ['2024-02-29T10:20:30.123456Z', '2024-01-01T00:00:00.000000Z']],
    [{ kind: 'timestamp' }, ['2024-02-29T10:20:30.120Z'], { as: 'string' }],
    [
      { kind: 'json' },
      [{ a: [1, 'é😀', null, { b: true }] }, [], 'text', 5, false, { 'a"b\\': '\u0001' }, { n: 1e21 }],
    ],
    [{ kind: 'uuid' }, ['0f8fad5b-d9cb-469f-a165-70867728950e']],
    [{ kind: 'blob' }, [Buffer.from([0, 255, 39, 92]), Buffer.alloc(0), Buffer.alloc(70_000, 7)]],
    [ENUM, ['a', "b'c"], { enumValues: ['a', "b'c"] }],
    [{ kind: 'simple-array' }, [['a', 'b c', "d'"], [], ['', 'x']]],
    [{ kind: 'native', sql: { mysql: 'varchar(10)' } }, ['abc']],
    [{ kind: 'native', sql: { mysql: 'bigint unsigned' } }, [5]],
  ])('%j', async (type, values, ...[options]) => {
    const connection = await columnOf(type);
    for (const value of values) {
      expect(await roundTrip(connection, codecOf(type, options), value)).toEqual(value);
    }
  });

  test('a uuid in lower case, whatever was given', async () => {
    const type = { kind: 'uuid' } as const;
    const connection = await columnOf(type);
    expect(await roundTrip(connection, codecOf(type), '0F8FAD5B-D9CB-469F-A165-70867728950E')).toBe(
      '0f8fad5b-d9cb-469f-a165-70867728950e',
    );
  });

  test('a decimal is compared exactly, also beyond what a double holds', async () => {
    const type = { kind: 'decimal', precision: 65, scale: 30 } as const;
    const connection = await columnOf(type);
    const value = '12345678901234567890123456789.123456789';
    await roundTrip(connection, codecOf(type), value);
    const sql = 'SELECT COUNT(*) FROM t WHERE v = ?';
    expect(await connection.queryArrays(sql, [codecOf(type).encode(value)])).toEqual([[1]]);
    expect(await connection.queryArrays(sql, [codecOf(type).encode(value.replace(/9$/, '8'))])).toEqual([
      [0],
    ]);
  });

  test('a real is found by the value that it was stored with', async () => {
    const type = { kind: 'real' } as const;
    const connection = await columnOf(type);
    await roundTrip(connection, codecOf(type), 0.1);
    expect(
      await connection.queryArrays('SELECT COUNT(*) FROM t WHERE v = ?', [codecOf(type).encode(0.1)]),
    ).toEqual([[1]]);
  });

  test.each<[ColumnType, fc.Arbitrary<unknown>]>([
    [{ kind: 'bigint' }, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
    [{ kind: 'double' }, fc.double({ noNaN: true, noDefaultInfinity: true })],
    [{ kind: 'real' }, fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 })],
    [{ kind: 'text' }, fc.string({ unit: 'binary' })],
    [{ kind: 'json' }, fc.jsonValue()],
    [
      { kind: 'timestamp' },
      fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    ],
    [{ kind: 'blob' }, fc.uint8Array().map((bytes) => Buffer.from(bytes))],
    [
      { kind: 'decimal', precision: 30, scale: 10 },
      fc.bigInt(-(10n ** 29n), 10n ** 29n).map((n) => `${n}`.replace(/(\d{10})$/, '.$1')),
    ],
  ])('any %j exact, or refused', async (type, arbitrary) => {
    const connection = await columnOf(type);
    const codec = codecOf(type);
    await fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        try {
          codec.encode(value);
        } catch (cause) {
          expect(cause).toMatchObject({ code: 'VALUE_INVALID' });
          return;
        }
        const back = await roundTrip(connection, codec, value);
        if (type.kind === 'decimal') expect(Number(back)).toBe(Number(value));
        else if (type.kind === 'json') expect(JSON.stringify(back)).toBe(JSON.stringify(value));
        else if (typeof value === 'number') expect(back === value).toBe(true);
        else expect(back).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what does not fit is refused', () => {
  test.each<[ColumnType, unknown, string, object?]>([
    [{ kind: 'smallint' }, 32768, 'outside'],
    [{ kind: 'integer' }, 1.5, 'expected an integer'],
    [{ kind: 'integer' }, '1', 'expected an integer'],
    [{ kind: 'integer' }, Number.NaN, 'NaN'],
    [{ kind: 'bigint' }, 2n ** 63n, '64 bits'],
    [{ kind: 'bigint' }, 2 ** 53, 'expected an integer'],
    [{ kind: 'bigint' }, '1', 'expected an integer'],
    [{ kind: 'real' }, 1e39, 'too large'],
    [{ kind: 'real' }, Math.PI, 'more digits than a real keeps'],
    [{ kind: 'double' }, Number.POSITIVE_INFINITY, 'finite'],
    [{ kind: 'double' }, Number.NaN, 'finite'],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '1.234', '3 digits after the point'],
    [{ kind: 'decimal', precision: 4, scale: 2 }, '123', '3 digits before the point'],
    [{ kind: 'decimal' }, `1e40`, 'digits before the point'],
    [{ kind: 'decimal' }, `1e-40`, 'digits after the point'],
    [{ kind: 'decimal' }, 'x', 'decimal number'],
    [{ kind: 'boolean' }, 1, 'expected a boolean'],
    [{ kind: 'char', length: 3 }, 'abcd', 'longer than 3'],
    [{ kind: 'char', length: 3 }, 'a ', 'blanks at the end'],
    [{ kind: 'varchar' }, 'x'.repeat(256), 'longer than 255'],
    [{ kind: 'varchar', length: 2 }, '😀😀😀', 'longer than 2'],
    [{ kind: 'text' }, '\udc00', 'surrogate'],
    [{ kind: 'date' }, '2023-02-29', 'no such day'],
    [{ kind: 'date' }, '0000-00-00', 'no such day'],
    [{ kind: 'date' }, new Date(), 'expected a date'],
    [{ kind: 'time' }, '24:00:00', 'expected a time'],
    [{ kind: 'time' }, '10:20:30.1234', 'finer'],
    [{ kind: 'timestamp' }, new Date(Number.NaN), 'expected a Date'],
    [{ kind: 'timestamp' }, new Date(8.64e15), 'year'],
    [{ kind: 'timestamp', precision: 0 }, new Date(1), 'finer'],
    [{ kind: 'timestamp', precision: 6 }, '2024-01-01T00:00:00.1234567Z', 'finer'],
    [{ kind: 'json' }, undefined, 'JSON cannot hold'],
    [{ kind: 'json' }, { a: 1n }, 'bigint'],
    [{ kind: 'uuid' }, 'x', 'UUID'],
    [{ kind: 'blob' }, 'text', 'expected a Buffer'],
    [ENUM, 'z', 'expected one of', { enumValues: ['a'] }],
    [{ kind: 'simple-array' }, ['a,b'], 'comma'],
    [{ kind: 'native', sql: {} }, {}, 'expected text'],
  ])('%j: %p', async (type, value, problem, ...[options]) => {
    const failure = await errorOf(() => codecOf(type, options).encode(value));
    expect(failure.code).toBe('VALUE_INVALID');
    expect(failure.message).toMatch(/^E\.p: /);
    expect(failure.message).toContain(problem);
  });

  test('arrays, which MySQL does not have', async () => {
    expect(await codeOf(() => codecOf({ kind: 'array', of: { kind: 'integer' } } as ColumnType))).toBe(
      'CAPABILITY_MISSING',
    );
  });

  test.each<[ColumnType, unknown]>([
    [{ kind: 'integer' }, 'x'],
    [{ kind: 'boolean' }, 2],
    [{ kind: 'json' }, '{'],
    [{ kind: 'text' }, 5],
    [{ kind: 'timestamp' }, '0000-00-00 00:00:00'],
    [{ kind: 'decimal' }, 'x'],
  ])('and what a database holds that is no %j: %p', async (type, stored) => {
    expect(await codeOf(() => codecOf(type).decode(stored as never))).toBe('VALUE_INVALID');
  });
});
