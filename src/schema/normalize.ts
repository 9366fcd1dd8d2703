/**
 * The normal form of a schema: lists of named things sorted by name, nothing `undefined`, frozen.
 *
 * Equal schemas then are equal structures, whichever way they came about. Columns keep their order in the
 * value, for people read tables in the order in which they wrote them, but equality does not look at it.
 */

import { error } from '../base/error-codes.js';
import { deepEqual, freeze } from '../base/structure.js';
import type { Schema, Table } from './model.js';

/** Orders names by code point, the same on every machine and locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sorted<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => compareNames(a.name, b.name));
}

/** One table in normal form. */
export function normalizeTable(table: Table): Table {
  return {
    ...table,
    uniques: sorted(table.uniques),
    checks: sorted(table.checks),
    foreignKeys: sorted(table.foreignKeys),
    indexes: sorted(table.indexes),
    exclusions: sorted(table.exclusions),
  };
}

/**
 * A schema in normal form, frozen.
 *
 * @throws SCHEMA_DUPLICATE when two tables, columns or constraints of a table, or values of an enum have one name
 */
export function normalize(schema: Schema): Schema {
  if (normal.has(schema)) return schema;
  refuseDuplicates('table', schema.tables);
  refuseDuplicates('enum', schema.enums);
  for (const { name, values } of schema.enums) {
    refuseDuplicates(
      `value of enum '${name}'`,
      values.map((value) => ({ name: value })),
    );
  }
  refuseDuplicates('view', schema.views);
  refuseDuplicates('sequence', schema.sequences);
  for (const table of schema.tables) refuseDuplicatesIn(table);
  const result = freeze({
    tables: sorted(schema.tables).map(normalizeTable),
    enums: sorted(schema.enums),
    views: sorted(schema.views),
    sequences: sorted(schema.sequences),
    triggers: [...schema.triggers].sort(
      (a, b) => compareNames(a.table, b.table) || compareNames(a.name, b.name),
    ),
  });
  normal.add(result);
  return result;
}

/** Schemas known to be in normal form; being frozen they stay so, and a thousand tables are not sorted twice. */
const normal = new WeakSet<Schema>();

function refuseDuplicatesIn(table: Table): void {
  refuseDuplicates('column', table.columns, table.name);
  refuseDuplicates('index', table.indexes, table.name);
  const { uniques, checks, foreignKeys, exclusions, primaryKey } = table;
  const constraints = [
    ...uniques,
    ...checks,
    ...foreignKeys,
    ...exclusions,
    ...(primaryKey ? [primaryKey] : []),
  ];
  refuseDuplicates('constraint', constraints, table.name);
}

function refuseDuplicates(object: string, list: readonly { readonly name: string }[], table?: string): void {
  const seen = new Set<string>();
  for (const { name } of list) {
    if (seen.has(name)) throw error('SCHEMA_DUPLICATE', { object, name, table });
    seen.add(name);
  }
}

/** Whether two tables are equal: the order of columns does not count, that inside keys and indexes does. */
export function sameTable(a: Table, b: Table): boolean {
  const unordered = (table: Table): unknown => ({ ...normalizeTable(table), columns: sorted(table.columns) });
  return deepEqual(unordered(a), unordered(b));
}

/** Whether two schemas are equal. */
export function sameSchema(a: Schema, b: Schema): boolean {
  const unordered = (schema: Schema): unknown => {
    const normal = normalize(schema);
    return {
      ...normal,
      tables: normal.tables.map((table) => ({ ...table, columns: sorted(table.columns) })),
    };
  };
  return deepEqual(unordered(a), unordered(b));
}
