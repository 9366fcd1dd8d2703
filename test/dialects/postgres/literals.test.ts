import { literalText, quoteIdentifier, quoteTable } from '../../../src/dialects/postgres/literals';
import { dialectFor } from '../../../src/dialects/registry';
import { splitTableName } from '../../../src/schema/table-names';
import { failure, useDatabase } from './connection-support';

const place = useDatabase();

describe('a name', () => {
  test.each([
    ['books', { name: 'books' }, '"books"'],
    ['audit.logs', { schema: 'audit', name: 'logs' }, '"audit"."logs"'],
    ['a.b.c', { schema: 'a', name: 'b.c' }, '"a"."b.c"'],
    ['.a', { name: '.a' }, '".a"'],
    ['a.', { name: 'a.' }, '"a."'],
    ['.a.b', { schema: '.a', name: 'b' }, '".a"."b"'],
    ['.', { name: '.' }, '"."'],
    ['..', { name: '..' }, '".."'],
    ['...', { schema: '.', name: '.' }, '"."."."'],
    ['s"q.t"u', { schema: 's"q', name: 't"u' }, '"s""q"."t""u"'],
    ['', { name: '' }, '""'],
  ])('%p is split at the first dot that is neither first nor last', (name, split, quoted) => {
    expect(splitTableName(name)).toEqual(split);
    expect(quoteTable(name)).toBe(quoted);
    expect(quoteIdentifier(name)).toBe(`"${name.replaceAll('"', '""')}"`);
  });

  test.each(['a\0b', 'a\ud800'])('that no database can hold is refused: %j', async (name) => {
    for (const quote of [quoteIdentifier, quoteTable]) {
      expect(await failure(() => quote(name))).toMatchObject({ code: 'VALUE_INVALID' });
    }
  });

  test.each(['a"b', 'é\u{1f600}', ' ', "'; DROP TABLE x; --", '$1', 'select', 'A.b', '%I', 'a\\b', '\n'])(
    'comes back as it is: %j',
    async (name) => {
      const rows = await place.connection.query(`SELECT 1 AS ${quoteIdentifier(name)}`);
      expect(Object.keys(rows[0] as object)).toEqual([name]);
    },
  );
});

describe('a literal', () => {
  test.each<[string | number | boolean | null, string]>([
    [null, 'NULL'],
    [true, 'TRUE'],
    [false, 'FALSE'],
    [-0, '0'],
    [1.5, '1.5'],
    [-7, '-7'],
    [1e21, '1e+21'],
    ['', "''"],
    ["it's", "'it''s'"],
    ['a\\', "'a\\'"],
    ["\\'; DROP TABLE x; --", "'\\''; DROP TABLE x; --'"],
    ['$1 $$ \n \u{1f600}', "'$1 $$ \n \u{1f600}'"],
  ])('%p is written so that it comes back as it is', async (value, text) => {
    expect(literalText(value)).toBe(text);
    const [[back] = []] = await place.connection.queryArrays(`SELECT ${text}`);
    if (typeof value === 'string' || typeof value === 'boolean') expect(back).toBe(value);
    else expect(back === null ? null : Number(back)).toBe(value === 0 ? 0 : value);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 'a\0b', '\udc00'])(
    'that SQL has not is refused: %p',
    async (value) => {
      expect(await failure(() => literalText(value))).toMatchObject({ code: 'VALUE_INVALID' });
    },
  );
});

test('a script means the same where backslashes are escapes', async () => {
  const { revisionScript } = await dialectFor('postgres://h/b');
  expect(revisionScript(['SELECT 1;'], false)).toEqual(['BEGIN;', '', 'SELECT 1;', '', 'COMMIT;']);
  const lines = revisionScript([`CREATE TABLE scripted (a text DEFAULT ${literalText("\\'; x")});`], false);
  await place.connection.run('SET standard_conforming_strings = off');
  // One by one, as psql sends them.
  for (const line of lines.filter((each) => each !== '')) await place.connection.run(line);
  await place.connection.run('SET standard_conforming_strings = on');
  const rows = await place.connection.queryArrays('INSERT INTO scripted DEFAULT VALUES RETURNING a');
  expect(rows).toEqual([["\\'; x"]]);
});
