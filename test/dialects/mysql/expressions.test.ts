/** Portable expressions become what MySQL reads as the same, and what it prints becomes portable again. */

import {
  canonicalExpression,
  portableName,
  queryToMysql,
  toMysql,
  toPortable,
} from '../../../src/dialects/mysql/expressions';
import { canonicalQuery, viewQuery } from '../../../src/dialects/mysql/view-text';
import { SchemaBench } from './schema-bench';

const COLUMNS = ['a', 'b', 'Order', 'rank', 'two words', 'it`s', 'end'];

test.each([
  ['"a" > 1', '`a` > 1'],
  ['"A" > 1', '`a` > 1'],
  ['a>1', 'a>1'],
  ['"nothing" = a', "'nothing' = a"],
  ['order > 1 AND rank < 2', '`Order` > 1 AND `rank` < 2'],
  ['"two words" IS NULL OR "it`s" = 1', '`two words` IS NULL OR `it``s` = 1'],
  ["a <> '\\'", "a <> '\\\\'"],
  ["a LIKE '%\\_%'", "a LIKE '%\\\\_%'"],
  ["a = 'it''s'", "a = 'it''s'"],
  ['`a` > 1', '`a` > 1'],
  ['a == b', 'a = b'],
  ['a > 1 -- why\n AND b /* of course */ < 2', 'a > 1 AND b < 2'],
  ["CASE WHEN a > 1 THEN 'x' END", "CASE WHEN a > 1 THEN 'x' END"],
  ['CAST(a AS text)', 'CAST(a AS char)'],
  ['CAST(a AS VARCHAR(10))', 'CAST(a AS char(10))'],
  ['CAST(CAST(a AS integer) AS double precision)', 'CAST(CAST(a AS signed) AS double)'],
  ['CAST(a AS decimal(5,2))', 'CAST(a AS decimal(5,2))'],
  ["a || b || 'x'", "concat(a, b, 'x')"],
  ["lower(a) || '-' || (b + 1)", "concat(lower(a), '-', (b + 1))"],
  ["a = b || 'x' AND b > 1", "a = concat(b, 'x') AND b > 1"],
  [
    "CASE WHEN a || b = 'x' THEN a ELSE b END || 'y'",
    "concat(CASE WHEN concat(a, b) = 'x' THEN a ELSE b END, 'y')",
  ],
  ["(a || b) || 'c'", "concat((concat(a, b)), 'c')"],
  ['t.a || t.b', 'concat(t.a, t.b)'],
  ["NOT (a IN ('x') OR a || 'y' IN ('z'))", "NOT (a IN ('x') OR concat(a, 'y') IN ('z'))"],
  ["'||' || a", "concat('||', a)"],
])('%s', (portable, mysql) => {
  expect(toMysql(portable, COLUMNS)).toBe(mysql);
});

test('in a query everything in double quotes is a name', () => {
  expect(queryToMysql('SELECT "a" AS "Shown" FROM "two words" WHERE "a" <> \'"x"\'')).toBe(
    'SELECT `a` AS `Shown` FROM `two words` WHERE `a` <> \'"x"\'',
  );
});

test.each([
  ["`a` <> 'it\\'s'", "a <> 'it''s'"],
  ["`Order` = 'a\\\\b\\nc\\0'", `"Order" = 'a\\b\nc\0'`],
  ["`rank` = '\\\\%\\_'", `"rank" = '\\%\\_'`],
  ["(`a` = _utf8mb4'x')", "(a = 'x')"],
  ['`it``s` > 1', '"it`s" > 1'],
  ['`say "hi"` = \'say "hi"\'', `"say ""hi""" = 'say "hi"'`],
])('printed %s', (printed, portable) => {
  expect(toPortable(printed)).toBe(portable);
});

test.each([
  ['a > 1', '( "A" > 1 )', true],
  ["concat(a, 'x')", "a || 'x'", true],
  ['CAST(a AS text)', 'cast(`a` as char)', true],
  ["a = 'X'", "a = 'x'", false],
  ['"null" > 1', 'null > 1', false],
  ["'a b'", "'a  b'", false],
])('%s and %s are the same: %j', (one, other, same) => {
  expect(canonicalExpression(one) === canonicalExpression(other)).toBe(same);
});

test.each(['plain', 'Case', 'order', 'rank', 'a b', 'a"b', 'é'])('a name comes back: %s', (name) => {
  const portable = portableName(name);
  expect(toMysql(portable, [name]).replaceAll('`', '')).toBe(name);
});

test('the text of a view loses its database, and nothing inside of strings', () => {
  const printed = "select `d`.`t`.`a` AS `a`,'`d`.x' AS `d` from `d`.`t` where `d`.`t`.`b` = 'it\\'s'";
  expect(viewQuery(printed, 'd')).toBe("select t.a AS a,'`d`.x' AS d from t where t.b = 'it''s'");
  expect(canonicalQuery(viewQuery(printed, 'd'))).toBe(
    canonicalQuery(`SELECT a, '\`d\`.x' AS "d" FROM t WHERE "b" = 'it''s'`),
  );
});

test('what is written means the same to the server as on other databases', async () => {
  const bench = await SchemaBench.open();
  try {
    await bench.script(
      "CREATE TABLE t (a varchar(9), `order` int, `a\"b` int); INSERT INTO t VALUES ('x\\\\', 1, 2)",
    );
    const values = [
      "a || '\\' || 5",
      '"order" + "a""b"',
      "a LIKE 'x\\'",
      'CAST("order" AS text) || a',
      "'it''s \\n'",
    ];
    const list = values.map((value) => toMysql(value, ['a', 'order', 'a"b'])).join(', ');
    expect(await bench.rows(`SELECT ${list} FROM t`)).toEqual([['x\\\\5', 3, 1, '1x\\', "it's \\n"]]);
  } finally {
    await bench.close();
  }
});
