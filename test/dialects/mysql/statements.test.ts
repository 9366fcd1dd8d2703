import { flavourOf, isAtLeast } from '../../../src/dialects/mysql/flavour.js';
import { literalText, quoteIdentifier } from '../../../src/dialects/mysql/literals.js';
import { splitStatements } from '../../../src/dialects/mysql/split-statements.js';
import { firstWord, mayChangeSession, targetTable } from '../../../src/dialects/mysql/statement-kinds.js';
import { isAvailable } from '../../support/databases.js';
import { codeOf, connect } from './open-databases.js';

const described = isAvailable('mysql') ? describe : describe.skip;

describe('a script', () => {
  test.each([
    ['', []],
    [' ; ;\n-- nothing\n; /* nothing */ ;# nothing', []],
    ['SELECT 1', ['SELECT 1']],
    ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
    [
      "SELECT ';', \";\", `;`; SELECT 'a\\';b'; SELECT 'a'';b'",
      ['SELECT \';\', ";", `;`', "SELECT 'a\\';b'", "SELECT 'a'';b'"],
    ],
    [
      'SELECT 1 -- a; b\n; SELECT 2 # c; d\n; SELECT /* e; f */ 3',
      ['SELECT 1 -- a; b', 'SELECT 2 # c; d', 'SELECT /* e; f */ 3'],
    ],
    ['SELECT 5--1; SELECT 2', ['SELECT 5--1', 'SELECT 2']],
    ['/*! SET @a = 1 */; SELECT 1', ['/*! SET @a = 1 */', 'SELECT 1']],
    [
      'CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW SET @x = 1; SELECT 1',
      ['CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW SET @x = 1', 'SELECT 1'],
    ],
    [
      'CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE 1 WHEN 1 THEN SELECT 2; END CASE; SELECT CASE WHEN 1 THEN 2 END; WHILE 0 DO SELECT 3; END WHILE; END; SELECT 4',
      [
        'CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE 1 WHEN 1 THEN SELECT 2; END CASE; SELECT CASE WHEN 1 THEN 2 END; WHILE 0 DO SELECT 3; END WHILE; END',
        'SELECT 4',
      ],
    ],
    ['BEGIN; INSERT INTO t VALUES (1); COMMIT', ['BEGIN', 'INSERT INTO t VALUES (1)', 'COMMIT']],
    ["SELECT 'never closed; SELECT 2", ["SELECT 'never closed; SELECT 2"]],
  ])('%j comes apart', (script, statements) => {
    expect(splitStatements(script)).toEqual(statements);
  });

  test.each([
    '('.repeat(300_000),
    "'".repeat(300_001),
    '-'.repeat(300_000),
    '/*'.repeat(150_000),
    ';'.repeat(300_000),
  ])('of odd text takes no longer for it', (text) => {
    const before = process.cpuUsage();
    splitStatements(text);
    expect(process.cpuUsage(before).user).toBeLessThan(3_000_000);
  });
});

describe('the first words of a statement', () => {
  test.each([
    ['SELECT 1', 'select'],
    [' /* a */ -- b\n # c\n ((select 1))', 'select'],
    ['/*! SET x */', ''],
    ['', ''],
    ['INSERT', 'insert'],
  ])('%j begins with %j', (sql, word) => {
    expect(firstWord(sql)).toBe(word);
  });

  test.each([
    ['SELECT * FROM t', false],
    ["INSERT INTO t VALUES ('x')", false],
    ['CREATE TABLE t (a int)', false],
    ['COMMIT', false],
    ['SET x = 1', true],
    ['SELECT @a := 1', true],
    ["select get_lock ('a', 1)", true],
    ['USE other', true],
    ['LOCK TABLES t READ', true],
    ['CREATE TEMPORARY TABLE t (a int)', true],
    ['create or replace temporary table t (a int)', true],
    ['CALL p()', true],
    ['PREPARE a FROM b', true],
    ['/*! SET x */', true],
  ])('%j may change the session: %s', (sql, may) => {
    expect(mayChangeSession(sql)).toBe(may);
  });

  test.each([
    ['INSERT INTO t VALUES (1)', 't'],
    ['insert ignore into `a``b` (c) select 1', 'a`b'],
    ['INSERT t SET a = 1', 't'],
    ['REPLACE INTO db.t VALUES (1)', 't'],
    ['UPDATE `x y` SET a = 1', 'x y'],
    ['UPDATE IGNORE `d`.`x y` SET a = 1', 'x y'],
    ['DELETE FROM t WHERE a', 't'],
    ['ALTER TABLE t ADD UNIQUE (a)', 't'],
    ['ALTER TABLE IF EXISTS t ADD UNIQUE (a)', 't'],
    ['CREATE UNIQUE INDEX a ON t (b)', 't'],
    ['CREATE TABLE t (a int)', undefined],
    ['SELECT 1', undefined],
    [undefined, undefined],
  ])('%j writes %j', (sql, table) => {
    expect(targetTable(sql)).toBe(table);
  });
});

describe('the version of a server', () => {
  test.each([
    ['8.0.36', { mariadb: false, version: [8, 0, 36] }],
    ['8.4.0-commercial', { mariadb: false, version: [8, 4, 0] }],
    ['8.0.mysql_aurora.3.04.0', { mariadb: false, version: [8, 0, 0] }],
    ['10.11.19-MariaDB-0+deb12u1', { mariadb: true, version: [10, 11, 19] }],
    ['5.5.5-10.6.12-MariaDB', { mariadb: true, version: [10, 6, 12] }],
    ['5.7.25-TiDB-v7', { mariadb: false, version: [5, 7, 25] }],
    ['nonsense', { mariadb: false, version: [0, 0, 0] }],
  ])('%s is read', (text, flavour) => {
    expect(flavourOf('mysql', text)).toEqual({ name: 'mysql', ...flavour });
  });

  test.each([
    [[8, 0, 13], true],
    [[8, 0, 20], true],
    [[8, 0, 21], false],
    [[8, 1], false],
    [[9], false],
    [[7, 9, 99], true],
  ] as const)('8.0.20 is at least %p: %s', (least, is) => {
    const [major, minor, patch] = least;
    expect(isAtLeast({ name: 'mysql', mariadb: false, version: [8, 0, 20] }, major, minor, patch)).toBe(is);
  });
});

const TEXTS = ["it's", '\\', "\\'", "';DROP TABLE t;--", 'a\0b', 'ü😀', '"', '`', '\n\r\t\x1a', '%_', ''];
const NAMES = [
  'a b',
  'a`b',
  "a'b",
  'a"b',
  'a\\b',
  'sélect',
  'select',
  'a.b',
  '0',
  'x'.repeat(64),
  ' a',
  '?',
  '--',
  '名前',
];

described('names and literals', () => {
  test.each(TEXTS)('the text %j comes back unchanged', async (text) => {
    const connection = await connect();
    expect(await connection.queryArrays(`SELECT ${literalText(text)}`)).toEqual([[text]]);
    await connection.script(
      `CREATE TABLE t (a varchar(50) DEFAULT ${literalText(text)} COMMENT ${literalText(text)})`,
    );
    await connection.run('INSERT INTO t () VALUES ()');
    expect(await connection.queryArrays('SELECT a FROM t')).toEqual([[text]]);
  });

  test.each([
    [null, 'NULL'],
    [true, '1'],
    [false, '0'],
    [1.5, '1.5'],
    [-0, '0'],
    [1e300, '1e+300'],
  ])('%p is %s', async (value, text) => {
    expect(literalText(value)).toBe(text);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800'])('there is no literal for %p', async (value) => {
    expect(await codeOf(() => literalText(value))).toBe('VALUE_INVALID');
  });

  test.each(NAMES)('a table and a column may be called %j', async (name) => {
    const connection = await connect();
    await connection.run(`CREATE TABLE ${quoteIdentifier(name)} (${quoteIdentifier(name)} int)`);
    await connection.run(`INSERT INTO ${quoteIdentifier(name)} VALUES (1)`);
    expect(await connection.query(`SELECT ${quoteIdentifier(name)} FROM ${quoteIdentifier(name)}`)).toEqual([
      { [name]: 1 },
    ]);
  });

  test.each(['', 'a\0', 'a ', '\ud800', 'a😀'])('no object may be called %j', async (name) => {
    expect(await codeOf(() => quoteIdentifier(name))).toBe('VALUE_INVALID');
    const connection = await connect();
    const bare = `\`${name}\``;
    expect(await codeOf(() => connection.run(`CREATE TABLE ${bare} (a int)`))).toMatch(
      /QUERY_FAILED|VALUE_INVALID/,
    );
  });
});
