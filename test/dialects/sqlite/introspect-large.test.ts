/** Introspection of databases of real size: a thousand tables, and a public sample with names of its own. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { introspect } from '../../../src/dialects/sqlite/introspect.js';
import type { Table } from '../../../src/schema/model.js';
import { cpuMs } from '../../support/cpu-time.js';
import { connectMemory, open } from './support.js';

test('a thousand tables are read in one query and well under a second', async () => {
  const connection = await connectMemory();
  const tables = Array.from(
    { length: 1000 },
    (
      _,
      i,
    ) => `CREATE TABLE t${i} (id integer PRIMARY KEY, name varchar(50) NOT NULL DEFAULT 'x', price decimal(10,2),
      at timestamp DEFAULT CURRENT_TIMESTAMP, parent_id integer REFERENCES t${Math.max(0, i - 1)} (id) ON DELETE CASCADE,
      CONSTRAINT uq_${i} UNIQUE (name), CONSTRAINT ck_${i} CHECK (price > 0));
      CREATE INDEX ix_${i} ON t${i} (parent_id);`,
  );
  await connection.script(`BEGIN; ${tables.join('')} COMMIT`);
  let queries = 0;
  const counting: typeof connection = Object.assign(Object.create(connection), {
    queryArrays: (...args: Parameters<typeof connection.queryArrays>) => {
      queries++;
      return connection.queryArrays(...args);
    },
  });
  const started = cpuMs();
  const schema = await introspect(counting, []);
  expect(cpuMs() - started).toBeLessThan(1500);
  expect(schema.tables).toHaveLength(1000);
  expect(queries).toBe(1);
});

describe('Chinook', () => {
  const file = path.resolve('../shared/data/chinook/Chinook_Sqlite.sqlite');
  const present = existsSync(file);
  if (!present) console.warn(`Chinook is absent (${file}): its tests are skipped.`);

  (present ? test : test.skip)('is read whole', async () => {
    const { connection } = await (await open(`sqlite:${file}`, 'inspect')).acquire('read');
    const schema = await introspect(connection, []);
    expect(schema.tables).toHaveLength(11);
    expect(schema.tables.every((table) => table.options === undefined)).toBe(true);
    const line = schema.tables.find((table) => table.name === 'InvoiceLine') as Table;
    expect(line.primaryKey).toEqual({ name: 'PK_InvoiceLine', columns: ['InvoiceLineId'] });
    expect(line.columns.find((column) => column.name === 'UnitPrice')?.type).toEqual({
      kind: 'decimal',
      precision: 10,
      scale: 2,
    });
    expect(line.foreignKeys.map((key) => key.name)).toEqual([
      'fk_InvoiceLine_InvoiceId_Invoice',
      'fk_InvoiceLine_TrackId_Track',
    ]);
    const natives = schema.tables
      .flatMap((table) => table.columns)
      .filter((column) => column.type.kind === 'native');
    expect(natives).toEqual([]);
    expect(schema.tables.flatMap((table) => table.indexes).length).toBeGreaterThan(5);
  });
});
