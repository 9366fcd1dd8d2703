/** Whatever a database is made with, tables come out the same, hold every text, and differ from their model in nothing. */

import type { Column, Schema, Table } from '../../../src/schema/model';
import { SchemaBench, schemaOf, table } from './schema-bench';

const id: Column = { name: 'id', type: { kind: 'integer' }, nullable: false, autoIncrement: 'increment' };
const T: Table = table('t', {
  columns: [
    id,
    {
      name: 'a',
      type: { kind: 'varchar', length: 50 },
      nullable: false,
      default: { kind: 'literal', value: 'ä😀' },
    },
    { name: 'body', type: { kind: 'text' }, nullable: true },
    { name: 'own', type: { kind: 'varchar', length: 9 }, nullable: true, collation: 'utf8mb4_unicode_ci' },
    { name: 'usual', type: { kind: 'varchar', length: 9 }, nullable: true, collation: 'utf8mb4_bin' },
    { name: 'state', type: { kind: 'enum', name: 'status' }, nullable: true },
    { name: 'key', type: { kind: 'uuid' }, nullable: true },
    { name: 'j', type: { kind: 'json' }, nullable: true },
    {
      name: 'made',
      type: { kind: 'varchar', length: 90 },
      nullable: false,
      generated: { sql: 'lower("a") || \'!\'', stored: true },
    },
    { name: 'parent_id', type: { kind: 'integer' }, nullable: true },
  ],
  primaryKey: { name: 'pk_t', columns: ['id'] },
  uniques: [{ name: 'uq', columns: ['a'] }],
  checks: [{ name: 'ck', expression: "\"a\" <> 'ä' AND \"state\" IN ('open', 'Open')" }],
  indexes: [{ name: 'ix', columns: [{ column: 'body' }], unique: false }],
  foreignKeys: [{ name: 'fk', columns: ['parent_id'], refTable: 't', refColumns: ['id'] }],
  comment: 'rows',
});
const SCHEMA: Schema = schemaOf([T], {
  enums: [{ name: 'status', values: ['open', 'Open', 'öpen'] }],
  views: [{ name: 'v', query: 'SELECT "a" AS "shown" FROM "t" WHERE "a" <> \'ä\'' }],
});

describe.each([
  'utf8mb4_bin',
  'utf8mb4_unicode_ci',
  'utf8mb4_general_ci',
  'latin1_swedish_ci',
  'ucs2_general_ci',
  'utf8mb3_general_ci',
])('a database of %s', (collation) => {
  let bench: SchemaBench;

  beforeAll(async () => {
    bench = await SchemaBench.open({ collation });
  });

  afterAll(() => bench.close());

  test('holds what every other one holds', async () => {
    await bench.make(SCHEMA);
    expect(await bench.differences(SCHEMA)).toEqual([]);
    await bench.connection.run("INSERT INTO t (body, state, j) VALUES (?, 'Open', '{}')", ['日本語 😀']);
    expect(await bench.rows('SELECT a, body, state, made FROM t')).toEqual([
      ['ä😀', '日本語 😀', 'Open', 'ä😀!'],
    ]);
    await bench.apply([
      { kind: 'alterColumn', table: 't', name: 'a', change: { type: { kind: 'varchar', length: 60 } } },
      {
        kind: 'alterColumn',
        table: 't',
        name: 'body',
        change: { type: { kind: 'varchar', length: 20 }, collation: 'utf8mb4_bin' },
      },
      {
        kind: 'addColumn',
        table: 't',
        column: { name: 'n', type: { kind: 'text' }, nullable: false },
        fill: { kind: 'literal', value: '😀' },
      },
    ]);
    expect(await bench.rows('SELECT a, body, n FROM t')).toEqual([['ä😀', '日本語 😀', '😀']]);
  });
});

test('a table of the database of others keeps its character set, and is proposed for no change', async () => {
  const bench = await SchemaBench.open({ collation: 'latin1_swedish_ci' });
  try {
    await bench.script('CREATE TABLE t (id int NOT NULL, a varchar(9))');
    const wanted = schemaOf([
      table('t', {
        columns: [
          { name: 'id', type: { kind: 'integer' }, nullable: false },
          { name: 'a', type: { kind: 'varchar', length: 9 }, nullable: true },
        ],
      }),
    ]);
    expect(await bench.differences(wanted)).toEqual([]);
  } finally {
    await bench.close();
  }
});
