import type { Connection } from '../../../src/dialects/contract.js';
import { connectMemory } from './support.js';

const TABLE = 'CREATE TABLE t (id integer PRIMARY KEY, x text UNIQUE)';

let connection: Connection;
beforeEach(async () => {
  connection = await connectMemory();
});

const isCounted = (column = 'id', table = 't'): boolean => connection.countsKeys?.(table, column) === true;

/** The keys of three rows of one INSERT, as they are and as they follow from the last one. */
async function insertThree(): Promise<{ readonly there: unknown[]; readonly told: number[] }> {
  const { lastInsertId } = await connection.run("INSERT INTO t (x) VALUES ('a'), ('b'), ('c')");
  const last = Number(lastInsertId);
  const rows = await connection.queryArrays("SELECT id FROM t WHERE x IN ('a', 'b', 'c') ORDER BY x");
  return { there: rows.flat(), told: [last - 2, last - 1, last] };
}

test.each([
  ['a table', TABLE],
  ['one that never uses a key twice', TABLE.replace('KEY', 'KEY AUTOINCREMENT')],
  ['one whose words are spelled otherwise', 'create table t (id INTEGER primary key not null, x)'],
  ['one with a named constraint', 'CREATE TABLE t (id integer CONSTRAINT pk PRIMARY KEY, x)'],
  ['one with a hole', `${TABLE}; INSERT INTO t VALUES (7, 'seven')`],
  ['one with keys below zero', `${TABLE}; INSERT INTO t VALUES (-7, 'seven')`],
  [
    'one beside a table with a trigger',
    `${TABLE}; CREATE TABLE u (a); CREATE TRIGGER b AFTER INSERT ON u BEGIN SELECT 1; END`,
  ],
])('keys of %s are counted', async (_, script) => {
  await connection.script(script);
  expect(isCounted()).toBe(true);
  const { there, told } = await insertThree();
  expect(told).toEqual(there);
});

test.each([
  ['that is not there', 'SELECT 1'],
  ['with a trigger', `${TABLE}; CREATE TRIGGER b AFTER INSERT ON T BEGIN SELECT 1; END`],
  ['with a trigger for a while', `${TABLE}; CREATE TEMP TRIGGER b AFTER INSERT ON t BEGIN SELECT 1; END`],
  ['behind another one of its name', `${TABLE}; CREATE TEMP TABLE t (id, x)`],
  ['whose key is no rowid', 'CREATE TABLE t (id int PRIMARY KEY, x)'],
  ['whose key is no rowid for the word DESC', 'CREATE TABLE t (id integer PRIMARY KEY DESC, x)'],
  ['without rowids', 'CREATE TABLE t (id integer PRIMARY KEY, x) WITHOUT ROWID'],
  ['whose key is of two columns', 'CREATE TABLE t (id integer, x, PRIMARY KEY (id, x))'],
  ['that leaves rows out', 'CREATE TABLE t (id integer PRIMARY KEY, x UNIQUE ON CONFLICT IGNORE)'],
  ['that is a view', 'CREATE VIEW t AS SELECT 1 AS id, 2 AS x'],
  ['that is virtual', 'CREATE VIRTUAL TABLE t USING fts5(x)'],
  ['that is nearly full', `${TABLE}; INSERT INTO t VALUES (9223372036854775807, 'last')`],
])('nothing is promised of a table %s', async (_, script) => {
  await connection.script(script);
  expect(isCounted()).toBe(false);
});

test('a column that is not the key is not counted', async () => {
  await connection.script(TABLE);
  expect(isCounted('x')).toBe(false);
});

test.each([
  ['as a script', (sql: string) => connection.script(sql)],
  ['as a statement', (sql: string) => connection.run(sql)],
  ['as a query', (sql: string) => connection.query(sql)],
  ['as a query of arrays', (sql: string) => connection.queryArrays(sql)],
])('a trigger that comes %s is seen, and that it has gone', async (_, send) => {
  await connection.script(TABLE);
  const trigger = 'CREATE TRIGGER b AFTER INSERT ON t BEGIN SELECT 1; END';
  expect(isCounted()).toBe(true);
  await send(trigger);
  expect(isCounted()).toBe(false);
  await send('DROP TRIGGER b');
  expect(isCounted()).toBe(true);
  await connection.run('BEGIN');
  await send(trigger);
  expect(isCounted()).toBe(false);
  await send('ROLLBACK');
  expect(isCounted()).toBe(true);
});

test('a schema that was rolled back is not taken for another of the same version', async () => {
  await connection.script(TABLE);
  await connection.run('BEGIN');
  await connection.run('CREATE TABLE u (a)');
  expect(isCounted()).toBe(true);
  await connection.run('ROLLBACK');
  await connection.run('CREATE TRIGGER b AFTER INSERT ON t BEGIN SELECT 1; END');
  expect(isCounted()).toBe(false);
});
