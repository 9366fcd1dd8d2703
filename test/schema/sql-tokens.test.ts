import { canonicalSql, mentionedColumns, mentions, renameInSql, tokenize } from '../../src/base/sql-tokens';
import { growthOf } from '../support/cpu-time.js';

describe('tokenize', () => {
  test.each<[sql: string, tokens: string[]]>([
    ['', []],
    [' \n\t ', []],
    ['[a]] ', ['quoted a', 'symbol ]']],
    ['a+b', ['word a', 'symbol +', 'word b']],
    ["'it''s'", ["string it's"]],
    ['"say ""hi"""', ['quoted say "hi"']],
    ['`a``b`', ['quoted a`b']],
    ['[a b] [c"d]', ['quoted a b', 'quoted c"d']],
    ["x'00FF' X'ab'", ['blob 00ff', 'blob ab']],
    [
      '1 1.5 .5 1e5 1E-5 0xFF 1_000',
      ['1', '1.5', '.5', '1e5', '1E-5', '0xFF', '1_000'].map((n) => `number ${n}`),
    ],
    ['a||b', ['word a', 'symbol ||', 'word b']],
    ['a::text', ['word a', 'symbol ::', 'word text']],
    ['a<=>b->>c', ['word a', 'symbol <=>', 'word b', 'symbol ->>', 'word c']],
    ['a -- b\nc', ['word a', 'word c']],
    ['a /* b */ c', ['word a', 'word c']],
    ['a--', ['word a']],
    ['größe 日本 a😀b 😀', ['word größe', 'word 日本', 'word a😀b', 'word 😀']],
    ["'--' a", ['string --', 'word a']],
    ["'/*' a", ['string /*', 'word a']],
    ['"--" a', ['quoted --', 'word a']],
    ['/* \' " */ a', ['word a']],
    [
      'tags[i] "t"[1] (a)[b] ARRAY[x]',
      [
        'word tags',
        'symbol [',
        'word i',
        'symbol ]',
        'quoted t',
        'symbol [',
        'number 1',
        'symbol ]',
        'symbol (',
        'word a',
        'symbol )',
        'symbol [',
        'word b',
        'symbol ]',
        'word ARRAY',
        'symbol [',
        'word x',
        'symbol ]',
      ],
    ],
    ['t.[a]', ['word t', 'symbol .', 'quoted a']],
    ['$1 ? :name', ['symbol $', 'number 1', 'symbol ?', 'symbol :', 'word name']],
  ])('%j', (sql, tokens) => {
    expect(tokenize(sql).map(({ kind, value }) => `${kind} ${value}`)).toEqual(tokens);
  });

  test.each(["'open", '"open', '`open', '[open', '/* open', "x'00", "'", '"', "x'"])(
    '%j ends where the text ends',
    (sql) => {
      const tokens = tokenize(`a + ${sql}`);
      expect(tokens.slice(0, 2).map((token) => token.text)).toEqual(['a', '+']);
      expect(tokens.at(-1)?.end).toBe(sql.startsWith('/*') ? 3 : `a + ${sql}`.length);
    },
  );

  test.each([
    ["'open", 'open'],
    ["'it''", "it'"],
    ["'", ''],
    ["x'0", '0'],
    ['[open', 'open'],
  ])('what is never closed in %j is %j', (sql, value) => {
    expect(tokenize(sql).map((token) => token.value)).toEqual([value]);
  });

  test('every token says where it stands', () => {
    const sql = `a /* x */ + "b" <> 'c''d' -- e`;
    for (const { text, start, end } of tokenize(sql)) expect(sql.slice(start, end)).toBe(text);
  });
});

describe('canonicalSql', () => {
  test.each([
    ['"a"  >  0', 'A>0'],
    ['((a > 0))', 'a > 0'],
    ['a > 0 -- positive', 'a > /* really */ 0'],
    ['`a b` = [a b]', '"a b" = "a b"'],
    ["X'00FF'", "x'00ff'"],
    ['LENGTH("Name") > 3', 'length(name) > 3'],
    ['"say ""hi""" = 1', '`say "hi"` = 1'],
  ])('%j and %j are the same', (a, b) => {
    expect(canonicalSql(a)).toBe(canonicalSql(b));
  });

  test.each([
    ['(a) + (b)', 'a) + (b'],
    ["a = 'B'", "a = 'b'"],
    ["a = 'b '", "a = 'b'"],
    ["a = 'b'", 'a = "b"'],
    ['a > 0', 'a >= 0'],
    ['"a b"', 'a b'],
    ['a IS "null"', 'a IS NULL'],
    ['a - -1', 'a --1'],
    ['ab', 'a b'],
    ["x'00'", "x'01'"],
    ["'it''s'", "'its'"],
  ])('%j and %j are not', (a, b) => {
    expect(canonicalSql(a)).not.toBe(canonicalSql(b));
  });

  test('is its own canonical form', () => {
    for (const sql of ['(("A" > 0))', 'a || \'x\' || "B c"', "CASE WHEN a THEN x'00' END"]) {
      expect(canonicalSql(canonicalSql(sql))).toBe(canonicalSql(sql));
    }
  });
});

describe('what names a column', () => {
  test.each<[sql: string, name: string, does: boolean]>([
    ['a > 0', 'a', true],
    ['A > 0', 'a', true],
    ['"a" > 0', 'a', true],
    ['`a` > 0', 'a', true],
    ['[a] > 0', 'a', true],
    ['t.a > 0', 'a', true],
    ['"t"."a" > 0', 'a', true],
    ['tags[a] = 1', 'a', true],
    ['CASE WHEN x THEN y END + "end"', 'end', true],
    ['"start" < end', 'end', true],
    ['"and" > 0', 'and', true],
    ['"a""b" > 0', 'a"b', true],
    ['b + a😀 > 0', 'a😀', true],
    ["'a' > 0", 'a', false],
    ["'it''s a' > 0", 'a', false],
    ['b > 0 -- a', 'a', false],
    ['b > 0 /* a */', 'a', false],
    ["b = x'aa'", 'x', false],
    ['a(b) > 0', 'a', false],
    ['"left"(b, 1) > 0', 'left', false],
    ['length (b) > 0', 'length', false],
    ['a.b > 0', 'a', false],
    ['"a"."b" > 0', 'a', false],
    ['ab > 0', 'a', false],
    ['a😀 > 0', 'a', false],
    ['CAST(b AS text)', 'text', false],
    ['b::text', 'text', false],
    ['b COLLATE nocase', 'nocase', false],
    ['b COLLATE "C"', 'C', false],
    ["b > DATE '2020-01-01'", 'date', false],
    ['b > 0 AND c > 0', 'and', false],
    ['b IS NOT NULL', 'null', false],
    ['CASE WHEN x THEN y END', 'end', false],
    ["b LIKE 'x'", 'like', false],
    ['b > CURRENT_TIMESTAMP', 'current_timestamp', false],
    ['', '', false],
  ])('%j: %s %s', (sql, name, does) => {
    expect(mentions(sql, name)).toBe(does);
    expect(renameInSql(sql, name, 'another') !== sql).toBe(does);
  });

  test('of columns that differ in case only, the one that is spelt so', () => {
    const columns = ['a', 'A', 'Ab', 'AB'];
    expect(mentionedColumns('"A" > 0', columns)).toEqual(['A']);
    expect(mentionedColumns('"a" > 0', columns)).toEqual(['a']);
    // PostgreSQL folds what stands bare.
    expect(mentionedColumns('A > 0', columns)).toEqual(['a']);
    expect(mentionedColumns('ab > 0', columns)).toEqual(['Ab']);
    expect(mentionedColumns('x + "AB" + a', columns)).toEqual(['a', 'AB']);
    expect(renameInSql('"a" > "A"', 'A', 'b', columns)).toBe('"a" > "b"');
    expect(renameInSql('"a" > "A"', 'a', 'b', columns)).toBe('"b" > "A"');
  });
});

describe('renameInSql', () => {
  test.each<[sql: string, from: string, to: string, after: string]>([
    ['price > 0', 'price', 'cost', 'cost > 0'],
    ["price > 0 AND note <> 'price'", 'price', 'cost', "cost > 0 AND note <> 'price'"],
    ['price(price) -- price\n + "price"', 'price', 'cost', 'price(cost) -- price\n + "cost"'],
    ['price/*price*/', 'price', 'cost', 'cost/*price*/'],
    ['price > 0', 'price', 'two words', '"two words" > 0'],
    ['price > 0', 'price', 'Order', '"Order" > 0'],
    ['price > 0', 'price', 'order', '"order" > 0'],
    ['price > 0', 'price', 'say "hi"', '"say ""hi""" > 0'],
    ['`price` > 0', 'price', 'a`b', '`a``b` > 0'],
    ['[price] > 0', 'price', 'a]b', '"a]b" > 0'],
    ['"price" > 0', 'price', 'cost', '"cost" > 0'],
    ['t.price + price.t', 'price', 'cost', 't.cost + price.t'],
    ['CAST(text AS text)', 'text', 'body', 'CAST(body AS text)'],
    ['$$ > price', 'price', '$&', '$$ > "$&"'],
    ['price > 0', 'nothing', 'x', 'price > 0'],
    ['', 'a', 'b', ''],
    ['price+price', 'price', 'price', 'price+price'],
    ['😀 + price', 'price', '😀', '😀 + "😀"'],
  ])('%j: %s is %s', (sql, from, to, after) => {
    expect(renameInSql(sql, from, to)).toBe(after);
  });
});

// Eight times the text may take eight times the work and some noise; what is quadratic takes 64 times as much.
const GROWTH_LIMIT = 32;

describe('work grows with the length of the text', () => {
  test.each<[what: string, sql: (length: number) => string]>([
    ['((((', (length) => '('.repeat(length)],
    ['))))', (length) => ')'.repeat(length)],
    ['(((…)))', (length) => `${'('.repeat(length / 2)}a${')'.repeat(length / 2)}`],
    ['----', (length) => '-'.repeat(length)],
    ['- - -', (length) => '- '.repeat(length / 2)],
    ["''''", (length) => "'".repeat(length)],
    ["'''", (length) => "'".repeat(length + 1)],
    ['""""', (length) => '"'.repeat(length)],
    ['[[[[', (length) => '['.repeat(length)],
    ['/*/*', (length) => '/*'.repeat(length / 2)],
    ['blanks', (length) => ' '.repeat(length)],
    ['one word', (length) => 'a'.repeat(length)],
    ['one number', (length) => '1'.repeat(length)],
    ['dots', (length) => '.'.repeat(length)],
    ['emoji', (length) => '😀'.repeat(length / 2)],
    ['case case', (length) => 'case '.repeat(length / 5)],
    ['names', (length) => 'a,'.repeat(length / 2)],
  ])('of %s', (_, text) => {
    for (const work of [canonicalSql, (sql: string) => renameInSql(sql, 'a', 'b')]) {
      expect(growthOf((length) => work(text(length)), 50_000, 400_000)).toBeLessThan(GROWTH_LIMIT);
    }
  });

  test('of a thousand columns in one expression', () => {
    const columnsOf = (length: number): string[] => Array.from({ length }, (_, i) => `column_${i}`);
    const work = (length: number): unknown =>
      mentionedColumns(columnsOf(length).join(' + '), columnsOf(length));
    expect(growthOf(work, 250, 2_000)).toBeLessThan(GROWTH_LIMIT);
    const columns = columnsOf(1_000);
    expect(mentionedColumns(columns.join(' + '), columns)).toEqual(columns);
  });
});
