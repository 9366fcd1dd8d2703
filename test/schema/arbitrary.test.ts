/** The random schemas themselves: a law that is only tried on empty tables proves nothing. */

import fc from 'fast-check';
import { deepEqual } from '../../src/base/structure';
import { apply } from '../../src/schema/apply';
import { diff } from '../../src/schema/diff';
import type { ForeignKey, Schema, Table } from '../../src/schema/model';
import { EMPTY_SCHEMA } from '../../src/schema/model';
import { normalize } from '../../src/schema/normalize';
import { arbitraryOperations } from '../support/arbitrary-operations';
import { arbitrarySchema, arbitrarySchemaPair } from '../support/arbitrary-schema';

const SEED = 20260101;
const schemas = fc.sample(arbitrarySchema(), { numRuns: 1500, seed: SEED });
const forSqlite = fc.sample(arbitrarySchema({ forSqlite: true }), { numRuns: 1500, seed: SEED });

function isCycle(key: ForeignKey, table: Table, schema: Schema): boolean {
  const target = schema.tables.find(({ name }) => name === key.refTable);
  return target !== table && target?.foreignKeys.some(({ refTable }) => refTable === table.name) === true;
}

type Feature = readonly [name: string, has: (schema: Schema) => boolean];

const someTable =
  (has: (table: Table, schema: Schema) => boolean) =>
  (schema: Schema): boolean =>
    schema.tables.some((table) => has(table, schema));
const someKey = (has: (key: ForeignKey, table: Table, schema: Schema) => boolean) =>
  someTable((table, schema) => table.foreignKeys.some((key) => has(key, table, schema)));
const text =
  (part: string) =>
  (schema: Schema): boolean =>
    JSON.stringify(schema).includes(part);

const EVERYWHERE: readonly Feature[] = [
  ['no table', ({ tables }) => tables.length === 0],
  ['six tables', ({ tables }) => tables.length === 6],
  ['a composite primary key', someTable(({ primaryKey }) => (primaryKey?.columns.length ?? 0) > 1)],
  ['no primary key', someTable(({ primaryKey }) => primaryKey === undefined)],
  ['a key to itself', someKey((key, table) => key.refTable === table.name)],
  ['a circle of keys', someKey(isCycle)],
  ['a composite foreign key', someKey((key) => key.columns.length > 1)],
  [
    'a key to a unique',
    someKey((key, _, s) =>
      s.tables.some((t) => t.name === key.refTable && !deepEqual(t.primaryKey?.columns, key.refColumns)),
    ),
  ],
  ...['CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT'].flatMap((action): Feature[] => [
    [`ON DELETE ${action}`, someKey(({ onDelete }) => onDelete === action)],
    [`ON UPDATE ${action}`, someKey(({ onUpdate }) => onUpdate === action)],
  ]),
  ['a deferred key', someKey(({ deferrable }) => deferrable === 'deferred')],
  ['a partial index', someTable(({ indexes }) => indexes.some(({ where }) => where !== undefined))],
  ['a unique index', someTable(({ indexes }) => indexes.some(({ unique }) => unique))],
  ['an index on an expression', text('"expression":"lower(')],
  ['a descending index', text('"order":"desc"')],
  ['a stored column', text('"stored":true')],
  ['a virtual column', text('"stored":false')],
  [
    'a generated column from a generated one',
    someTable((t) =>
      t.columns.some(
        (c) =>
          c.generated &&
          t.columns.some((o) => o.generated && c.generated?.sql.includes(JSON.stringify(o.name))),
      ),
    ),
  ],
  [
    'a string default with a quote',
    someTable((t) =>
      t.columns.some((c) => c.default?.kind === 'literal' && String(c.default.value).includes("'")),
    ),
  ],
  ['a number default', text('"default":{"kind":"literal","value":42}')],
  ['a boolean default', text('"default":{"kind":"literal","value":false}')],
  ['an expression default', text('"default":{"kind":"expression"')],
  [
    'a shared enum',
    ({ tables }) => {
      const used = tables.flatMap((t) =>
        t.columns.flatMap((c) => (c.type.kind === 'enum' ? [c.type.name] : [])),
      );
      return new Set(used).size < used.length;
    },
  ],
  ...(['increment', 'identity'] as const).map((kind): Feature => [kind, text(`"autoIncrement":"${kind}"`)]),
  ['a collation', text('"collation"')],
  ['a strict table', text('"sqlite.strict":true')],
  ['a view', ({ views }) => views.length > 0],
  ['a trigger', ({ triggers }) => triggers.length > 0],
  ...[
    'smallint',
    'integer',
    'bigint',
    'real',
    'double',
    'boolean',
    'text',
    'date',
    'json',
    'uuid',
    'blob',
    'simple-array',
    'char',
    'varchar',
    'decimal',
    'time',
    'timestamp',
    'timestamptz',
    'enum',
    'native',
  ].map((kind): Feature => [`type ${kind}`, text(`"type":{"kind":"${kind}"`)]),
  ...[
    'select',
    'two words',
    'say "hi"',
    "it's",
    '`tick`',
    '[x]',
    '日本語',
    '😀',
    '__proto__',
    'constructor',
    'a.b',
    'a:b',
    '1st',
    'CamelCase',
  ].map(
    (name): Feature => [
      `a column named ${name}`,
      someTable(({ columns }) => columns.some((c) => c.name === name)),
    ],
  ),
  ['a name of more than 63 bytes', someTable((t) => t.columns.some((c) => Buffer.byteLength(c.name) > 70))],
];

const ELSEWHERE: readonly Feature[] = [
  [
    'names that differ in case only',
    someTable(({ columns }) => new Set(columns.map((c) => c.name.toLowerCase())).size < columns.length),
  ],
  ['an exclusion', someTable(({ exclusions }) => exclusions.length > 0)],
  ['a sequence', ({ sequences }) => sequences.length > 0],
  ['a comment', text('"comment"')],
  ['an array', text('"type":{"kind":"array"')],
  ['a deferrable unique', someTable(({ uniques }) => uniques.some(({ deferrable }) => deferrable))],
  ['an index that includes', text('"include"')],
  [
    'an unused enum',
    (s) =>
      s.enums.some(
        ({ name }) => !JSON.stringify(s.tables).includes(`"kind":"enum","name":${JSON.stringify(name)}`),
      ),
  ],
];

const WITHOUT_ROWID: Feature = ['a table without rowid', text('"sqlite.withoutRowid":true')];

test.each([...EVERYWHERE, ...ELSEWHERE])('among random schemas there is %s', (_, has) => {
  expect(schemas.some(has)).toBe(true);
});

test.each([...EVERYWHERE, WITHOUT_ROWID])('among those for SQLite there is %s', (_, has) => {
  expect(forSqlite.some(has)).toBe(true);
});

test.each(ELSEWHERE)('among those for SQLite there is not %s', (_, has) => {
  expect(forSqlite.some(has)).toBe(false);
});

test('what SQLite takes for one name is one name', () => {
  for (const { tables, views } of forSqlite) {
    const relations = [
      ...tables.flatMap((t) => [t.name, ...t.indexes.map(({ name }) => name)]),
      ...views.map(({ name }) => name),
    ];
    expect(new Set(relations.map((name) => name.toLowerCase())).size).toBe(relations.length);
    for (const { columns } of tables)
      expect(new Set(columns.map((c) => c.name.toLowerCase())).size).toBe(columns.length);
  }
});

test('every one is valid and frozen, and some are not in normal form', () => {
  for (const schema of [...schemas, ...forSqlite]) {
    expect(Object.isFrozen(schema)).toBe(true);
    for (const table of schema.tables)
      apply(schema, [{ kind: 'createTable', table: { ...table, name: 'another one' } }]);
    for (const { columns } of schema.tables) expect(columns.some((c) => !c.generated)).toBe(true);
  }
  expect(schemas.some((schema) => JSON.stringify(schema) !== JSON.stringify(normalize(schema)))).toBe(true);
});

test('most pairs differ, in every kind of operation that a diff can make', () => {
  const pairs = fc.sample(arbitrarySchemaPair(), { numRuns: 1500, seed: SEED });
  const diffs = pairs.map(([a, b]) => diff(a, b));
  expect(diffs.filter(({ length }) => length > 0).length).toBeGreaterThan(1200);
  expect([...new Set(diffs.flat().map(({ kind }) => kind))].sort()).toEqual([
    ...[
      'addColumn',
      'alterColumn',
      'alterEnum',
      'alterSequence',
      'createCheck',
      'createEnum',
      'createExclusion',
    ],
    ...[
      'createForeignKey',
      'createIndex',
      'createPrimaryKey',
      'createSequence',
      'createTable',
      'createTrigger',
    ],
    ...[
      'createUnique',
      'createView',
      'dropColumn',
      'dropConstraint',
      'dropEnum',
      'dropIndex',
      'dropSequence',
    ],
    ...['dropTable', 'dropTrigger', 'dropView', 'replaceView', 'setTableComment', 'setTableOptions'],
  ]);
});

test('random operations are of all 28 kinds', () => {
  const samples = fc.sample(arbitraryOperations(), { numRuns: 1500, seed: SEED });
  const kinds = new Set(samples.flatMap(({ operations }) => operations.map(({ kind }) => kind)));
  expect(kinds.size).toBe(28);
});

test('the simplest one is empty, and so a failing one shrinks to a small one', () => {
  const property = fc.property(arbitrarySchema(), ({ tables }) =>
    tables.every(({ uniques }) => uniques.length === 0),
  );
  const { counterexample } = fc.check(property, { seed: SEED, numRuns: 200 });
  const smallest = counterexample?.[0] ?? EMPTY_SCHEMA;
  expect(smallest.tables).toHaveLength(1);
  expect(smallest.tables[0]?.columns).toHaveLength(1);
});
