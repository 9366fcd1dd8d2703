import type { CodecOptions } from '../../../src/dialects/contract';
import { arrayText, parseArray } from '../../../src/dialects/postgres/arrays';
import { postgresCodec } from '../../../src/dialects/postgres/codecs';
import type { ColumnType } from '../../../src/schema/model';
import { failure, useDatabase } from './connection-support';

const place = useDatabase();
const codec = (type: ColumnType, options: Partial<CodecOptions> = {}) =>
  postgresCodec(type, { owner: 'Book.field', ...options });

interface Case {
  readonly type: ColumnType;
  readonly sql: string;
  readonly options?: Partial<CodecOptions>;
  /** What is written, and what is read where that differs. */
  readonly values: readonly (readonly [written: unknown, read?: unknown])[];
}

/** A whole number is the same whether it comes as a bigint or not. */
const exact = (value: unknown) => (Number.isInteger(value) ? BigInt(value as number) : value);
const date = (text: string) => new Date(text);
const CASES: readonly Case[] = [
  { type: { kind: 'smallint' }, sql: 'smallint', values: [[0], [-0, 0], [-32768], [32767]] },
  { type: { kind: 'integer' }, sql: 'integer', values: [[-2147483648], [2147483647]] },
  { type: { kind: 'bigint' }, sql: 'bigint', values: [[0n], [-(2n ** 63n)], [2n ** 63n - 1n], [5, 5n]] },
  {
    type: { kind: 'bigint' },
    sql: 'bigint',
    options: { as: 'number' },
    values: [[5], [2 ** 53 - 1], [7n, 7]],
  },
  {
    type: { kind: 'bigint' },
    sql: 'bigint',
    options: { as: 'string' },
    values: [['-9223372036854775808'], [5, '5']],
  },
  { type: { kind: 'real' }, sql: 'real', values: [[0.1], [-1.5e30], [16777216]] },
  {
    type: { kind: 'double' },
    sql: 'double precision',
    values: [[0.1], [1e308], [5e-324], [2 ** 60], [-0, 0]],
  },
  {
    type: { kind: 'decimal', precision: 10, scale: 2 },
    sql: 'numeric(10,2)',
    values: [['12345678.90'], ['0.1', '0.10'], [1.5, '1.50'], [3n, '3.00'], ['-0.00', '0.00']],
  },
  {
    type: { kind: 'decimal', precision: 10, scale: 2 },
    sql: 'numeric(10,2)',
    options: { as: 'number' },
    values: [[1.25]],
  },
  { type: { kind: 'decimal', precision: 5 }, sql: 'numeric(5)', values: [['12345']] },
  {
    type: { kind: 'decimal' },
    sql: 'numeric',
    values: [['123456789012345678901234567890.123456789'], ['1.50', '1.5'], ['-7']],
  },
  { type: { kind: 'boolean' }, sql: 'boolean', values: [[true], [false]] },
  { type: { kind: 'char', length: 5 }, sql: 'char(5)', values: [['ab'], ['abcde'], [''], ['é\u{1f600}']] },
  {
    type: { kind: 'varchar', length: 3 },
    sql: 'varchar(3)',
    values: [['abc'], ['a  '], ['\u{1f600}\u{1f600}\u{1f600}']],
  },
  { type: { kind: 'varchar' }, sql: 'varchar', values: [['x'.repeat(5000)]] },
  { type: { kind: 'text' }, sql: 'text', values: [[''], [' '], ['\'"\\\n\r\t\u{1f600}'], ['NULL'], ['{}']] },
  { type: { kind: 'date' }, sql: 'date', values: [['2024-02-29'], ['0001-01-01'], ['9999-12-31']] },
  {
    type: { kind: 'time' },
    sql: 'time(3)',
    values: [
      ['01:02:03'],
      ['23:59:59.999'],
      ['01:02', '01:02:00'],
      ['01:02:03.500', '01:02:03.5'],
      ['00:00:00.000', '00:00:00'],
    ],
  },
  { type: { kind: 'time', precision: 6 }, sql: 'time(6)', values: [['01:02:03.000001']] },
  { type: { kind: 'time', precision: 0 }, sql: 'time(0)', values: [['01:02:03']] },
  ...(['timestamp', 'timestamptz'] as const).flatMap((kind): Case[] => [
    {
      type: { kind },
      sql: `${kind}(3)`,
      values: [
        [date('2024-02-29T23:59:59.999Z')],
        [date('2024-02-29T23:59:59Z')],
        [date('2024-02-29T23:59:59.120Z')],
        [date('1969-12-31T23:59:59.001Z')],
        [date('0001-01-01T00:00:00Z')],
        [date('0099-12-31T00:00:00.100Z')],
        [date('9999-12-31T23:59:59.999Z')],
      ],
    },
    { type: { kind, precision: 0 }, sql: `${kind}(0)`, values: [[date('2024-02-29T23:59:59Z')]] },
    {
      type: { kind, precision: 6 },
      sql: `${kind}(6)`,
      values: [
        ['2024-02-29T23:59:59.000001Z'],
        ['2024-02-29T23:59:59.120000Z'],
        ['2024-02-29 01:00+02:00', '2024-02-28T23:00:00.000000Z'],
      ],
    },
    { type: { kind }, sql: `${kind}(3)`, options: { as: 'string' }, values: [['2024-02-29T23:59:59.120Z']] },
  ]),
  {
    type: { kind: 'json' },
    sql: 'jsonb',
    values: [
      [null],
      [0],
      ['text'],
      [true],
      [[]],
      [{ a: [1, { b: null }], 'k"\\': '\u{1f600}\u0001' }],
      ['back\\u0000slash'],
    ],
  },
  {
    type: { kind: 'uuid' },
    sql: 'uuid',
    values: [['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
  },
  {
    type: { kind: 'blob' },
    sql: 'bytea',
    values: [
      [Buffer.alloc(0)],
      [Buffer.from([0, 92, 120, 255])],
      [new Uint8Array([1, 2]), Buffer.from([1, 2])],
    ],
  },
  {
    type: { kind: 'enum', name: 'mood' },
    sql: 'mood',
    options: { enumValues: ['sad', "it's"] },
    values: [['sad'], ["it's"]],
  },
  { type: { kind: 'simple-array' }, sql: 'text', values: [[[]], [['a', 'b c', '']]] },
  { type: { kind: 'native', sql: { postgres: 'inet' } }, sql: 'inet', values: [['10.0.0.1']] },
  { type: { kind: 'native', sql: { postgres: 'oid' } }, sql: 'oid', values: [[7]] },
  { type: { kind: 'array', of: { kind: 'integer' } }, sql: 'integer[]', values: [[[]], [[1, null, -3]]] },
  { type: { kind: 'array', of: { kind: 'bigint' } }, sql: 'bigint[]', values: [[[2n ** 62n, null]]] },
  { type: { kind: 'array', of: { kind: 'boolean' } }, sql: 'boolean[]', values: [[[true, false, null]]] },
  { type: { kind: 'array', of: { kind: 'double' } }, sql: 'double precision[]', values: [[[0.1, -5e-324]]] },
  {
    type: { kind: 'array', of: { kind: 'text' } },
    sql: 'text[]',
    values: [
      [
        [
          '',
          'a',
          'a b',
          'NULL',
          'null',
          null,
          '{,}',
          '"',
          '\\',
          "'",
          '\n',
          ' \t',
          '\u{1f600}',
          '\u00a0',
          '\u000b',
        ],
      ],
    ],
  },
  {
    type: { kind: 'array', of: { kind: 'decimal', precision: 6, scale: 2 } },
    sql: 'numeric(6,2)[]',
    values: [[['1.50', null]]],
  },
  { type: { kind: 'array', of: { kind: 'date' } }, sql: 'date[]', values: [[['2024-02-29', null]]] },
  {
    type: { kind: 'array', of: { kind: 'timestamptz' } },
    sql: 'timestamptz(3)[]',
    values: [[[date('2024-02-29T23:59:59.120Z'), null]]],
  },
  {
    type: { kind: 'array', of: { kind: 'json' } },
    sql: 'jsonb[]',
    values: [[[{ a: [1, 'x,"y"'] }, [1], 'text', null]]],
  },
  {
    type: { kind: 'array', of: { kind: 'blob' } },
    sql: 'bytea[]',
    values: [[[Buffer.from([0, 255]), Buffer.alloc(0)]]],
  },
  {
    type: { kind: 'array', of: { kind: 'enum', name: 'mood' } },
    sql: 'mood[]',
    options: { enumValues: ['sad', "it's"] },
    values: [[['sad', "it's"]]],
  },
  {
    type: { kind: 'array', of: { kind: 'array', of: { kind: 'integer' } } },
    sql: 'integer[][]',
    values: [
      [
        [
          [1, 2],
          [3, null],
        ],
      ],
    ],
  },
];

beforeAll(async () => {
  await place.connection.run("CREATE TYPE mood AS ENUM ('sad', 'it''s')");
});

describe.each(CASES)('$sql', ({ type, sql, options, values }) => {
  test.each(values.map((pair) => ({ written: pair[0], read: pair.length > 1 ? pair[1] : pair[0] })))(
    'keeps $written',
    async ({ written, read }) => {
      const { encode, decode, needsBigints } = codec(type, options);
      const encoded = encode(written);
      const [[stored] = []] = await place.connection.queryArrays(`SELECT $1::${sql}`, [encoded], {
        bigints: needsBigints === true,
      });
      expect(decode(stored as never)).toEqual(read);
      // What was read and is written again is the same text, so an entity that was not changed is not written. Of
      // JSON and padded text only what it means is the same.
      if (JSON.stringify(type).match(/json|char|time"/)) return;
      const again = encode(decode(stored as never));
      expect(exact(again)).toEqual(exact(stored));
    },
  );
});

describe('refused with the name of its owner:', () => {
  const cases: [
    what: string,
    type: ColumnType,
    value: unknown,
    problem: RegExp,
    options?: Partial<CodecOptions>,
  ][] = [
    ['text for an integer', { kind: 'integer' }, '5', /expected an integer, got a string/],
    ['a fraction for an integer', { kind: 'integer' }, 1.5, /expected an integer/],
    ['a large smallint', { kind: 'smallint' }, 32768, /outside -32768 to 32767/],
    ['a large integer', { kind: 'integer' }, 2147483648, /outside/],
    ['a bigint of 65 bits', { kind: 'bigint' }, 2n ** 63n, /more than 64 bits/],
    ['a number that is not exact', { kind: 'bigint' }, 2 ** 53, /expected an integer as a bigint/],
    ['NaN', { kind: 'double' }, Number.NaN, /expected a finite number, got NaN/],
    ['a double for a real', { kind: 'real' }, 1e39, /too large/],
    [
      'digits after the point that are not kept',
      { kind: 'decimal', precision: 5, scale: 1 },
      '1.25',
      /2 digits after the point/,
    ],
    [
      'digits before the point that are not kept',
      { kind: 'decimal', precision: 3, scale: 1 },
      '123.4',
      /3 digits before/,
    ],
    ['text that is no number', { kind: 'decimal' }, 'NaN', /expected a decimal number/],
    ['1 for a boolean', { kind: 'boolean' }, 1, /expected a boolean/],
    ['long text', { kind: 'varchar', length: 2 }, 'abc', /longer than 2 characters/],
    ['long text for char', { kind: 'char' }, 'ab', /longer than 1 characters/],
    ['a NUL', { kind: 'text' }, 'a\0', /NUL/],
    ['half of a surrogate pair', { kind: 'varchar', length: 9 }, '\udc00', /surrogate/],
    ['a NUL in JSON', { kind: 'json' }, { a: ['x\0'] }, /NUL or half of a surrogate pair in JSON/],
    ['half of a surrogate pair in JSON', { kind: 'json' }, { 'k\ud800': 1 }, /in JSON/],
    ['undefined in JSON', { kind: 'json' }, undefined, /JSON cannot hold undefined/],
    ['a day that is none', { kind: 'date' }, '2023-02-29', /no such day/],
    ['the year 0', { kind: 'date' }, '0000-01-01', /no year 0/],
    ['a moment of the year 0', { kind: 'timestamptz' }, new Date('0000-06-01T00:00:00Z'), /no year 0/],
    ['a Date for a date', { kind: 'date' }, new Date(), /expected a date/],
    ['text for a timestamp', { kind: 'timestamp' }, '2024-01-01', /expected a Date, got a string/],
    ['a Date finer than the column', { kind: 'timestamp', precision: 0 }, new Date(1), /finer/],
    ['a time finer than the column', { kind: 'time' }, '01:02:03.0001', /finer/],
    ['no UUID', { kind: 'uuid' }, 'a0eebc999c0b4ef8bb6d6bb9bd380a11', /expected a UUID/],
    ['text for bytes', { kind: 'blob' }, 'abc', /expected a Buffer/],
    [
      'a value that the enum lacks',
      { kind: 'enum', name: 'mood' },
      'glad',
      /expected one of 'sad'/,
      { enumValues: ['sad'] },
    ],
    ['a comma in a simple array', { kind: 'simple-array' }, ['a,b'], /comma/],
    ['a NUL in a simple array', { kind: 'simple-array' }, ['a\0'], /NUL/],
    ['no array', { kind: 'array', of: { kind: 'integer' } }, 5, /expected an array, got a number/],
    [
      'a wrong element',
      { kind: 'array', of: { kind: 'integer' } },
      [1, '2'],
      /expected an integer, got a string/,
    ],
    ['an undefined element', { kind: 'array', of: { kind: 'text' } }, ['a', undefined], /undefined/],
    ['a hole', { kind: 'array', of: { kind: 'text' } }, new Array(2), /undefined/],
    [
      'arrays of several lengths',
      { kind: 'array', of: { kind: 'array', of: { kind: 'integer' } } },
      [[1], [1, 2]],
      /of one length/,
    ],
    ['an object for a native type', { kind: 'native', sql: {} }, {}, /got an object/],
  ];

  // The default keeps jest from taking the last parameter for its callback.
  test.each(cases)('%s', async (_, type, value, problem, options = {}) => {
    const error = await failure(() => codec(type, options).encode(value));
    expect(error).toMatchObject({ code: 'VALUE_INVALID', message: expect.stringMatching(/^Book\.field: /) });
    expect(error.message).toMatch(problem);
  });
});

describe('what others have stored', () => {
  const cases: [what: string, type: ColumnType, sql: string, read: unknown][] = [
    ['a numeric without a scale', { kind: 'decimal' }, '1.500::numeric', '1.5'],
    ['a numeric that is none', { kind: 'decimal' }, "'NaN'::numeric", 'NaN'],
    ['a double that is none', { kind: 'double' }, "'NaN'::float8", Number.NaN],
    [
      'an array with other bounds',
      { kind: 'array', of: { kind: 'integer' } },
      "'[2:3]={5,6}'::int[]",
      [5, 6],
    ],
    [
      'an array in an array',
      { kind: 'array', of: { kind: 'integer' } },
      "'{{1,2},{3,4}}'::int[]",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a value that the enum has not', { kind: 'enum', name: 'mood' }, "'new'", 'new'],
    ['midnight at the end of a day', { kind: 'time' }, "time '24:00'", '24:00:00'],
    [
      'a finer moment',
      { kind: 'timestamp' },
      "timestamp '2024-01-01 00:00:00.123456'",
      new Date('2024-01-01T00:00:00.123Z'),
    ],
  ];

  test.each(cases)('is read: %s', async (_, type, sql, read) => {
    const [[stored] = []] = await place.connection.queryArrays(`SELECT ${sql}`);
    expect(codec(type, { enumValues: ['old'] }).decode(stored as never)).toEqual(read);
  });

  test.each([
    ['infinity', { kind: 'timestamptz' as const }, "'infinity'::timestamptz"],
    ['a year BC', { kind: 'timestamp' as const }, "timestamp '0044-03-15 BC'"],
    ['a date without end', { kind: 'date' as const }, "'infinity'::date"],
    ['an integer that no number holds', { kind: 'integer' as const }, '9007199254740993'],
  ])('and no value of JavaScript is refused: %s', async (_, type, sql) => {
    const [[stored] = []] = await place.connection.queryArrays(`SELECT ${sql}`, [], { bigints: true });
    const error = await failure(() => codec(type).decode(stored as never));
    expect(error.code).toBe('VALUE_INVALID');
  });
});

describe('the text of an array', () => {
  test.each(['', 'a', '{', '{a', '{"a', '{a}b', '{a,}', '{,}', '{"a"b}', '{{a}', '[1:2]', '{"a\\'])(
    'is refused where it is none: %s',
    (text) => {
      expect(parseArray(text)).toBeUndefined();
    },
  );

  test('is what the server writes, and read as the server reads it', async () => {
    const texts = [
      'a',
      'A b',
      '',
      'null',
      'NULLs',
      'x,y',
      '{',
      '}',
      '"',
      '\\',
      "'",
      '\t',
      '\u00a0',
      '\u2003',
      '\u{1f600}',
    ];
    const [[server] = []] = await place.connection.queryArrays('SELECT $1::text[]', [texts]);
    expect(arrayText(texts)).toBe(server);
    expect(parseArray(server as string)).toEqual(texts);
  });
});
