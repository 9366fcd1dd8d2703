import fc from 'fast-check';
import { literalText, quoteIdentifier, readDefault } from '../../../src/dialects/sqlite/literals.js';
import { codeOf, connectMemory } from './support.js';

const HOSTILE = [
  "it's",
  "''",
  '"; DROP TABLE x;--',
  '`; ${process.exit(7)}',
  '*/ --',
  'a\nb\r\n\u2028',
  'nul\0inside',
  '\\',
  '😀',
  '',
];

describe('literals', () => {
  test.each(HOSTILE)('the text %j comes back unchanged from a literal and from a DEFAULT', async (value) => {
    const connection = await connectMemory();
    expect(await connection.queryArrays(`SELECT ${literalText(value)}`)).toEqual([[value]]);
    await connection.script(`CREATE TABLE t (a text DEFAULT ${literalText(value)}, b int)`);
    await connection.run('INSERT INTO t (b) VALUES (1)');
    expect(await connection.queryArrays('SELECT a FROM t')).toEqual([[value]]);
    expect(readDefault(literalText(value), true)).toEqual({ kind: 'literal', value });
  });

  test('any text is a literal or refused', async () => {
    const connection = await connectMemory();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
        expect(await connection.queryArrays(`SELECT ${literalText(value)}`)).toEqual([[value]]);
      }),
    );
    expect(await codeOf(() => literalText('\ud800'))).toBe('VALUE_INVALID');
    expect(await codeOf(() => literalText(Number.NaN))).toBe('VALUE_INVALID');
  });

  test.each([
    [null, 'NULL'],
    [true, '1'],
    [false, '0'],
    [-0, '0'],
    [1.5, '1.5'],
    [-3, '-3'],
  ])('%j is %s', (value, text) => {
    expect(literalText(value)).toBe(text);
  });

  test.each(['a', 'a b', 'a"b', "a'b", '`', '[x]', 'select', '__proto__', 'ünï😀', ''])(
    'the name %j can be quoted',
    async (name) => {
      const connection = await connectMemory();
      await connection.script(
        `CREATE TABLE ${quoteIdentifier(`t${name}`)} (${quoteIdentifier(`c${name}`)} int)`,
      );
      expect(await connection.queryArrays('SELECT name FROM sqlite_schema')).toEqual([[`t${name}`]]);
    },
  );

  test('a name with a NUL is refused', async () => {
    expect(await codeOf(() => quoteIdentifier('a\0b'))).toBe('VALUE_INVALID');
  });

  test.each<[string, unknown]>([
    ['5', { kind: 'literal', value: 5 }],
    ['-5', { kind: 'literal', value: -5 }],
    ['(- 5)', { kind: 'literal', value: -5 }],
    ['+5', { kind: 'literal', value: 5 }],
    ['0.1', { kind: 'literal', value: 0.1 }],
    ['1.0', { kind: 'expression', sql: '1.0' }],
    ['9007199254740993', { kind: 'expression', sql: '9007199254740993' }],
    ['1e400', { kind: 'expression', sql: '1e400' }],
    ['0x10', { kind: 'expression', sql: '0x10' }],
    ["'5'", { kind: 'literal', value: '5' }],
    ["('it''s')", { kind: 'literal', value: "it's" }],
    ['TRUE', { kind: 'literal', value: true }],
    ['false', { kind: 'literal', value: false }],
    ['NULL', undefined],
    ['(null)', undefined],
    ['CURRENT_TIMESTAMP', { kind: 'expression', sql: 'CURRENT_TIMESTAMP' }],
    ["datetime('now') -- why", { kind: 'expression', sql: "datetime('now')" }],
    ["x'00ff'", { kind: 'expression', sql: "x'00ff'" }],
    ["'a' || 'b'", { kind: 'expression', sql: "'a' || 'b'" }],
    ['abc', { kind: 'literal', value: 'abc' }],
    ['"abc"', { kind: 'literal', value: 'abc' }],
  ])('DEFAULT %s is %j', (sql, value) => {
    expect(readDefault(sql, true)).toEqual(value);
  });

  test('a bare word means text only where SQLite reads it so', async () => {
    const connection = await connectMemory();
    await connection.script(`CREATE TABLE t (a DEFAULT abc, b DEFAULT "x y", c DEFAULT true, d)`);
    await connection.run('INSERT INTO t (d) VALUES (1)');
    expect(await connection.queryArrays('SELECT a, b, c FROM t')).toEqual([['abc', 'x y', 1]]);
    expect(readDefault('abc', false)).toEqual({ kind: 'expression', sql: 'abc' });
  });
});
