/**
 * A SQLite database as a `Schema`: the catalog's rows and the texts in it, read by our own parsers and held
 * against SQLite's pragmas. What no model can hold is told in the table's options (`sqlite.unmodelled`), so
 * that a rebuild can refuse instead of losing it.
 */

import type { Check, Column, Enum, Index, Schema, Table, Trigger, View } from '../../schema/model.js';
import { normalize } from '../../schema/normalize.js';
import type { Connection } from '../contract.js';
import { type CatalogColumn, type CatalogObject, readCatalog } from './catalog.js';
import { describeTable, foldName } from './describe-table.js';
import { type EnumUse, readEnumCheck } from './enum-checks.js';
import { SyntaxGap } from './parse-cursor.js';
import { parseIndex, parseView } from './parse-index.js';
import { type ParsedColumn, type ParsedTable, parseTable } from './parse-table.js';

/**
 * Reads the whole schema in one query.
 *
 * @param ignoreTables left out together with their indexes and triggers
 */
export async function introspect(connection: Connection, ignoreTables: readonly string[]): Promise<Schema> {
  return describeCatalog(await readCatalog(connection), ignoreTables);
}

/** The schema that a catalog describes. */
export function describeCatalog(catalog: readonly CatalogObject[], ignoreTables: readonly string[]): Schema {
  const ignored = new Set(ignoreTables.map(foldName));
  const objects = catalog.filter((object) => !ignored.has(foldName(object.table)));
  // Foreign keys may refer to an ignored table, whose columns are asked for nevertheless.
  const parsed = new Map(
    ofType(catalog, 'table').map((object) => [foldName(object.name), readTable(object)]),
  );
  const find = (name: string): ParsedTable | undefined => parsed.get(foldName(name));
  const indexes = groupByTable(ofType(objects, 'index'));
  const described = ofType(objects, 'table').map((object) => {
    const table = describeTable(find(object.name) as ParsedTable, find);
    return withIndexes(table, indexes.get(foldName(object.name)) ?? []);
  });
  const { tables, enums } = liftEnums(described);
  return normalize({
    tables,
    enums,
    views: ofType(objects, 'view').map(readView),
    sequences: [],
    triggers: ofType(objects, 'trigger').map((object) => readTrigger(object, find)),
  });
}

function ofType(objects: readonly CatalogObject[], type: CatalogObject['type']): CatalogObject[] {
  return objects.filter((object) => object.type === type);
}

function groupByTable(objects: readonly CatalogObject[]): Map<string, CatalogObject[]> {
  const groups = new Map<string, CatalogObject[]>();
  for (const object of objects) {
    const key = foldName(object.table);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [object]);
    else group.push(object);
  }
  return groups;
}

/** Parses a table's text; where our grammar and SQLite do not agree, SQLite is right and the table is marked. */
function readTable(object: CatalogObject): ParsedTable {
  try {
    const table = { ...parseTable(object.sql), name: object.name };
    const difference = disagreement(table, object.columns);
    if (difference === undefined) return table;
    return fromCatalog(object, difference);
  } catch (cause) {
    if (!(cause instanceof SyntaxGap)) throw cause;
    return fromCatalog(object, cause.message);
  }
}

function disagreement(table: ParsedTable, columns: readonly CatalogColumn[]): string | undefined {
  if (table.columns.length !== columns.length)
    return `${columns.length} columns, not ${table.columns.length}`;
  const keys = (table.primaryKey?.columns ?? []).map(foldName);
  for (const [i, column] of table.columns.entries()) {
    const said = columns[i] as CatalogColumn;
    const isKey = keys.indexOf(foldName(column.name)) + 1 === said.key;
    const generated = (said.hidden === 2 || said.hidden === 3) === (column.generated !== undefined);
    if (
      column.name !== said.name ||
      !isKey ||
      !generated ||
      (column.default === undefined) !== (said.default === null)
    ) {
      return `column ${said.name} reads differently`;
    }
  }
  return undefined;
}

/** A table from pragmas alone: columns and key, and the mark that there is more. */
function fromCatalog(object: CatalogObject, reason: string): ParsedTable {
  const keys = object.columns.filter((column) => column.key > 0).sort((a, b) => a.key - b.key);
  return {
    name: object.name,
    columns: object.columns.map(
      (column): ParsedColumn => ({
        name: column.name,
        type: column.type,
        notNull: column.notNull,
        autoIncrement: false,
        ...(column.default !== null && { default: { sql: column.default, bare: false } }),
      }),
    ),
    ...(keys.length > 0 && { primaryKey: { columns: keys.map((column) => column.name) } }),
    uniques: [],
    checks: [],
    foreignKeys: [],
    strict: false,
    withoutRowid: false,
    unmodelled: [`the text of its CREATE TABLE (${reason})`],
  };
}

function withIndexes(table: Table, objects: readonly CatalogObject[]): Table {
  const names = table.columns.map((column) => column.name);
  const unread: string[] = [];
  const indexes = objects.flatMap((object): Index[] => {
    try {
      return [{ ...parseIndex(object.sql, names), name: object.name }];
    } catch (cause) {
      if (!(cause instanceof SyntaxGap)) throw cause;
      unread.push(`index ${object.name} (${cause.message})`);
      return [];
    }
  });
  if (unread.length === 0) return { ...table, indexes };
  const before = table.options?.['sqlite.unmodelled'];
  const unmodelled = [...(before === undefined ? [] : [String(before)]), ...unread].join('; ');
  return { ...table, indexes, options: { ...table.options, 'sqlite.unmodelled': unmodelled } };
}

function readView(object: CatalogObject): View {
  try {
    return { ...parseView(object.sql), name: object.name };
  } catch (cause) {
    if (!(cause instanceof SyntaxGap)) throw cause;
    return { name: object.name, query: object.sql };
  }
}

/** A trigger stays the text it is; its table is named as the table names itself. */
function readTrigger(object: CatalogObject, find: (name: string) => ParsedTable | undefined): Trigger {
  return { name: object.name, table: find(object.table)?.name ?? object.table, sql: { sqlite: object.sql } };
}

/**
 * Turns text columns with an enum's check into enum columns.
 *
 * Where two checks of one name hold different values there is no such enum: all of them stay checks, and
 * their columns text.
 */
function liftEnums(tables: readonly Table[]): {
  readonly tables: readonly Table[];
  readonly enums: readonly Enum[];
} {
  const values = new Map<string, readonly string[] | undefined>();
  for (const use of tables.flatMap(enumUses)) {
    const known = values.get(use.enumName);
    const same = known !== undefined && JSON.stringify(known) === JSON.stringify(use.values);
    values.set(use.enumName, same || !values.has(use.enumName) ? use.values : undefined);
  }
  const enums = [...values].flatMap(([name, list]) => (list === undefined ? [] : [{ name, values: list }]));
  const known = new Set(enums.map((each) => each.name));
  return { tables: tables.map((table) => liftTable(table, known)), enums };
}

/** The enums that columns of a table are kept to: one a column, and of text columns only. */
function enumUses(table: Table): EnumUse[] {
  const uses = table.checks.flatMap((check) => readUse(check.name, check.expression, table.columns) ?? []);
  return uses.filter((use) => uses.filter((other) => other.column === use.column).length === 1);
}

function readUse(name: string, expression: string, columns: readonly Column[]): EnumUse | undefined {
  const use = readEnumCheck({ name, expression });
  return columns.some((each) => each.name === use?.column && each.type.kind === 'text') ? use : undefined;
}

function liftTable(table: Table, known: ReadonlySet<string>): Table {
  const uses = enumUses(table).filter((use) => known.has(use.enumName));
  const enumOf = new Map(uses.map((use) => [use.column, use.enumName]));
  return {
    ...table,
    columns: table.columns.map((column): Column => {
      const name = enumOf.get(column.name);
      return name === undefined ? column : { ...column, type: { kind: 'enum', name } };
    }),
    checks: distinct(
      table.checks.filter((check) => {
        const use = readUse(check.name, check.expression, table.columns);
        return use === undefined || enumOf.get(use.column) !== use.enumName;
      }),
    ),
  };
}

/** Numbers checks of one name, as all other constraints are numbered: such that stayed checks. */
function distinct(checks: readonly Check[]): readonly Check[] {
  const names = new Set<string>();
  return checks.map((check) => {
    let { name } = check;
    for (let n = 2; names.has(name); n++) name = `${check.name}_${n}`;
    names.add(name);
    return name === check.name ? check : { ...check, name };
  });
}
