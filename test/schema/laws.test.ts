/** The laws of DESIGN.md, section 1, over random schemas. */

import fc from 'fast-check';
import { canonicalSql } from '../../src/base/sql-tokens';
import { freeze } from '../../src/base/structure';
import { apply } from '../../src/schema/apply';
import { diff } from '../../src/schema/diff';
import type { Schema, Table } from '../../src/schema/model';
import { EMPTY_SCHEMA } from '../../src/schema/model';
import { normalize, sameSchema } from '../../src/schema/normalize';
import { reverse } from '../../src/schema/reverse';
import { arbitraryOperations } from '../support/arbitrary-operations';
import { arbitrarySchema, arbitrarySchemaPair } from '../support/arbitrary-schema';

const RUNS = 1000;

/** Every list the other way round: the same schema, for order says nothing outside of keys and enums. */
function backwards(schema: Schema): Schema {
  const turned = (table: Table): Table => ({
    ...table,
    columns: [...table.columns].reverse(),
    uniques: [...table.uniques].reverse(),
    checks: [...table.checks].reverse(),
    foreignKeys: [...table.foreignKeys].reverse(),
    indexes: [...table.indexes].reverse(),
    exclusions: [...table.exclusions].reverse(),
  });
  return {
    tables: [...schema.tables].reverse().map(turned),
    enums: [...schema.enums].reverse(),
    views: [...schema.views].reverse(),
    sequences: [...schema.sequences].reverse(),
    triggers: [...schema.triggers].reverse(),
  };
}

/** `sameSchema`, but with a diff in the message where it is not so. */
function expectSame(a: Schema, b: Schema): void {
  if (sameSchema(a, b)) return;
  const sorted = (schema: Schema): unknown => {
    const normal = normalize(schema);
    const byName = (x: { name: string }, y: { name: string }): number => (x.name < y.name ? -1 : 1);
    return {
      ...normal,
      tables: normal.tables.map((table) => ({ ...table, columns: [...table.columns].sort(byName) })),
    };
  };
  expect(sorted(a)).toStrictEqual(sorted(b));
  throw new Error('The schemas differ where toStrictEqual sees no difference.');
}

describe.each([
  ['any database', {}],
  ['SQLite', { forSqlite: true }],
])('the algebra on schemas for %s', (_, options) => {
  test('what diff says leads from one schema to the other', () => {
    const property = fc.property(arbitrarySchemaPair(options), ([a, b]) =>
      expectSame(apply(a, diff(a, b)), b),
    );
    fc.assert(property, { numRuns: RUNS });
  });

  test('a schema does not differ from itself, in whatever order its parts are listed', () => {
    const property = fc.property(arbitrarySchema(options), (a) => {
      expect(diff(a, a)).toEqual([]);
      expect(diff(a, backwards(a))).toEqual([]);
      expect(sameSchema(a, backwards(a))).toBe(true);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  test('schemas between which there is nothing to do are equal, and the other way round', () => {
    const property = fc.property(arbitrarySchemaPair(options), ([a, b]) => {
      expect(diff(a, b).length === 0).toBe(sameSchema(a, b));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  test('the way back from a diff ends where it began', () => {
    const property = fc.property(arbitrarySchemaPair(options), ([a, b]) => {
      const operations = diff(a, b);
      expectSame(apply(apply(a, operations), reverse(a, operations)), a);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  test('the way back from any operations ends where it began', () => {
    const property = fc.property(arbitraryOperations(options), ({ schema, operations }) => {
      expectSame(apply(apply(schema, operations), reverse(schema, operations)), schema);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  test('the way back from the way back is a way there', () => {
    const property = fc.property(arbitraryOperations(options), ({ schema, operations }) => {
      const there = apply(schema, operations);
      const back = reverse(schema, operations);
      expectSame(apply(apply(there, back), reverse(there, back)), there);
    });
    fc.assert(property, { numRuns: RUNS / 2 });
  });

  test('operations mean the same one by one and all at once', () => {
    const property = fc.property(arbitraryOperations(options), ({ schema, operations }) => {
      const oneByOne = operations.reduce((current, operation) => apply(current, [operation]), schema);
      expectSame(apply(schema, operations), oneByOne);
    });
    fc.assert(property, { numRuns: RUNS / 2 });
  });

  test('everything can be made from nothing and taken down again', () => {
    const property = fc.property(arbitrarySchema(options), (a) => {
      expectSame(apply(EMPTY_SCHEMA, diff(EMPTY_SCHEMA, a)), a);
      expectSame(apply(a, diff(a, EMPTY_SCHEMA)), EMPTY_SCHEMA);
    });
    fc.assert(property, { numRuns: RUNS / 2 });
  });

  test('a diff is the same whatever the order in which the parts are listed', () => {
    const property = fc.property(arbitrarySchemaPair(options), ([a, b]) => {
      // The order of columns is the order in which they are made, so it stays.
      const turned = (schema: Schema): Schema => {
        const columns = new Map(schema.tables.map((table) => [table.name, table.columns]));
        const other = backwards(schema);
        return { ...other, tables: other.tables.map((t) => ({ ...t, columns: columns.get(t.name) ?? [] })) };
      };
      expect(diff(turned(a), turned(b))).toEqual(diff(a, b));
    });
    fc.assert(property, { numRuns: RUNS / 2 });
  });

  test('nothing that goes in is changed', () => {
    const property = fc.property(arbitraryOperations(options), ({ schema, operations }) => {
      const before = JSON.stringify([schema, operations]);
      apply(freeze(schema), freeze(operations));
      reverse(schema, operations);
      diff(schema, apply(schema, operations));
      expect(JSON.stringify([schema, operations])).toBe(before);
    });
    fc.assert(property, { numRuns: RUNS / 4 });
  });
});

describe('expressions in which columns stand without quotes', () => {
  const column = (name: string): Table['columns'][number] => ({
    name,
    type: { kind: 'integer' },
    nullable: true,
  });
  const canonical = (schema: Schema): unknown =>
    schema.tables.map(({ checks }) => checks.map(({ expression }) => canonicalSql(expression)));

  test.each([
    ['price', 'cost', 'Price > 0 AND length("price") < 3'],
    ['price', 'two words', 'price > 0'],
    ['Two Words', 'x', '"Two Words" IS NOT NULL'],
    ['a', 'select', 'a + [a] + `a` > 0'],
    ['key', 'a', 'key > 1'],
  ])('renaming %s to %s and back means the same', (name, to, expression) => {
    const table: Table = {
      name: 't',
      columns: [column(name), column('other')],
      uniques: [],
      checks: [{ name: 'ck', expression }],
      foreignKeys: [],
      indexes: [],
      exclusions: [],
    };
    const schema = { ...EMPTY_SCHEMA, tables: [table] };
    const operations = [{ kind: 'renameColumn', table: 't', name, to } as const];
    const back = apply(apply(schema, operations), reverse(schema, operations));
    expect(canonical(back)).toEqual(canonical(schema));
  });
});
