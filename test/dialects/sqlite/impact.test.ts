/** What a change costs on SQLite: one writer in any case, and for how long is read off the plan. */

import { impactSqlite } from '../../../src/dialects/sqlite/impact';
import type { Operation } from '../../../src/schema/operations';
import { column, schema, table } from '../../schema/schemas';

const BEFORE = schema([
  table('t', [column('id', { nullable: false }), column('n'), column('v', { type: { kind: 'text' } })], {
    primaryKey: { name: 'pk_t', columns: ['id'] },
  }),
]);

test.each<[string, Operation, string | undefined]>([
  ['a column', { kind: 'addColumn', table: 't', column: column('x') }, 'catalog'],
  [
    'a column with a moment as its default, which ADD COLUMN cannot',
    {
      kind: 'addColumn',
      table: 't',
      column: column('x', { default: { kind: 'expression', sql: 'CURRENT_TIMESTAMP' } }),
    },
    'rewrite',
  ],
  ['a column less', { kind: 'dropColumn', table: 't', name: 'v' }, 'rewrite'],
  ['another name of a column', { kind: 'renameColumn', table: 't', name: 'v', to: 'w' }, 'catalog'],
  [
    'another type',
    { kind: 'alterColumn', table: 't', name: 'n', change: { type: { kind: 'text' } } },
    'rewrite',
  ],
  [
    'an index',
    { kind: 'createIndex', table: 't', index: { name: 'i', columns: [{ column: 'n' }], unique: false } },
    'index build',
  ],
  ['a table less', { kind: 'dropTable', table: 't' }, 'catalog'],
  ['a new table', { kind: 'createTable', table: table('q', [column('id')]) }, undefined],
])('%s', (_, operation, work) => {
  const impacts = impactSqlite(BEFORE, operation);
  expect(impacts).toEqual(
    work === undefined ? [] : [{ lock: 'the write lock', blocks: 'writes', work, tables: ['t'] }],
  );
});
