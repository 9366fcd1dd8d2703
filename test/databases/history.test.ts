/** One history of migrations, written once, up and down on every database. */

import path from 'node:path';
import { type Config, DataSource, migrations } from 'limbeck';
import { databaseOf } from '../../src/data-source';
import { ownTables } from '../../src/migration/environment';
import type { Schema, Table } from '../../src/schema/model';
import { createDatabase, type DatabaseKind, testDatabases } from '../support/databases';
import { ENTITIES } from './history-entities';

const folder = path.join(__dirname, 'history');
const LENGTH = 13;

/** A schema as far as every database can tell it in the same words. */
type Summary = Readonly<Record<string, unknown>>;

function summary({ tables }: Schema): Summary {
  return Object.fromEntries(tables.map((table) => [table.name, tableSummary(table)]));
}

function tableSummary(table: Table): unknown {
  return {
    columns: table.columns.map(({ name, nullable }) => `${name}${nullable ? '?' : ''}`).sort(),
    primaryKey: table.primaryKey?.columns,
    uniques: table.uniques.map(({ columns }) => columns),
    foreignKeys: table.foreignKeys.map(({ columns, refTable, refColumns, onDelete, onUpdate }) => ({
      columns,
      refTable,
      refColumns,
      onDelete,
      onUpdate,
    })),
    indexes: table.indexes.map(({ name }) => name),
    checks: table.checks.map(({ name }) => name),
  };
}

interface Walk {
  readonly up: Summary[];
  readonly down: Summary[];
  readonly rows: unknown[];
}

async function walk(kind: DatabaseKind): Promise<Walk> {
  const { url, drop } = await createDatabase(kind);
  const config: Config = { url, migrations: folder, entities: ENTITIES };
  const source = new DataSource(config);
  await source.initialize();
  try {
    const commands = migrations(source);
    const result: Walk = { up: [], down: [], rows: [] };
    for (let i = 0; i < LENGTH; i++) {
      const [{ revision } = { revision: 'head' }] = [...(await commands.history())].reverse().slice(i);
      await commands.upgrade(revision);
      result.up.push(summary(await schemaOf(source)));
    }
    expect((await commands.diff()).changes).toEqual([]);
    const alone = migrations({ ...config, url: kind === 'sqlite' ? 'sqlite:none.db' : unreachable(url) });
    expect((await alone.check({ fromMigrations: true })).changes).toEqual([]);
    result.rows.push(...(await rowsOf(source)));
    await commands.downgrade('000000000003');
    result.down.push(summary(await schemaOf(source)));
    result.rows.push(
      await source.query('SELECT id, title, status, author_id FROM books ORDER BY id'),
      await source.query('SELECT id, name, born FROM authors ORDER BY id'),
    );
    await commands.upgrade('head');
    expect((await commands.diff()).changes).toEqual([]);
    await commands.downgrade('base');
    const empty = await schemaOf(source);
    expect([empty.tables, empty.enums]).toEqual([[], []]);
    return result;
  } finally {
    await source.destroy();
    await drop();
  }
}

/** The same kind of database, where none answers. */
function unreachable(url: string): string {
  return url.replace(/\/\/.*$/, '//nobody:nothing@127.0.0.1:1/none');
}

async function schemaOf(source: DataSource): Promise<Schema> {
  const database = databaseOf(source);
  const lease = await database.acquire('read');
  try {
    return await database.dialect.introspect(lease.connection, {
      ignoreTables: ownTables({ versionTable: 'limbeck_version' }),
    });
  } finally {
    lease.release();
  }
}

async function rowsOf(source: DataSource): Promise<unknown[]> {
  return [
    await source.manager.getRepository(ENTITIES[1] as never).find({ order: { id: 'asc' } as never }),
    await source.manager.getRepository(ENTITIES[0] as never).find({ order: { id: 'asc' } as never }),
    await source.manager.getRepository(ENTITIES[4] as never).find({}),
    await source.manager.getRepository(ENTITIES[2] as never).find({}),
  ].map((list) => (list as object[]).map((entity) => ({ ...entity, madeAt: undefined })));
}

test('up and down on every database, with the same schema after each revision and the same rows', async () => {
  const [sqlite, ...others] = await Promise.all(testDatabases().map(walk));
  expect(sqlite?.up).toHaveLength(LENGTH);
  expect(Object.keys(sqlite?.up.at(-1) ?? {})).toEqual([
    'authors',
    'departments',
    'employees',
    'publications',
    'reviews',
  ]);
  expect(sqlite?.rows[0]).toMatchObject([
    { id: 1, heading: 'The Dispossessed', price: '12.5000', status: 'printed', inPrint: 1 },
    { id: 2, heading: "It's Solaris", price: '8.9900', status: 'lost', inPrint: 0 },
    { id: 3, heading: 'Łód; -- "x"', price: '0.1000', status: 'gone', inPrint: 1 },
  ]);
  for (const other of others) expect(other).toEqual(sqlite);
}, 120_000);
