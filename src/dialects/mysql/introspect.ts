/**
 * A MySQL or MariaDB database as a `Schema`.
 *
 * Partitioned and system-versioned tables are left out: no model can hold them, and what is not in the schema is
 * proposed for no change.
 */

import { mentionedColumns } from '../../base/sql-tokens.js';
import { deepEqual } from '../../base/structure.js';
import type {
  Check,
  Column,
  Enum,
  ForeignKey,
  ReferentialAction,
  Schema,
  Sequence,
  Table,
  Trigger,
  View,
} from '../../schema/model.js';
import { normalize } from '../../schema/normalize.js';
import type { Connection, IntrospectionScope } from '../contract.js';
import {
  type Catalog,
  type CatalogKeyPart,
  type CatalogSequence,
  type CatalogTable,
  type CatalogTrigger,
  type CatalogView,
  readCatalog,
} from './catalog.js';
import { columnChecksOption, defaultEnumName, readColumnCheck } from './column-checks.js';
import { unescapeQuotes } from './defaults.js';
import { type DescribedColumn, describeColumn } from './describe-column.js';
import { describeIndexes } from './describe-indexes.js';
import { toPortable } from './expressions.js';
import type { Flavour } from './flavour.js';
import { keyIndexes, ownIndex } from './key-indexes.js';
import { quoteIdentifier as quote } from './literals.js';
import { viewQuery } from './view-text.js';
import { withWholeTexts } from './whole-texts.js';

/** Reads the whole schema of the connection's database. */
export async function introspect(
  flavour: Flavour,
  connection: Connection,
  scope: Pick<IntrospectionScope, 'ignoreTables'>,
): Promise<Schema> {
  return describeCatalog(
    flavour,
    await withWholeTexts(connection, await readCatalog(flavour, connection)),
    scope.ignoreTables,
  );
}

/** The schema that a catalog describes. */
export function describeCatalog(flavour: Flavour, catalog: Catalog, ignoreTables: readonly string[]): Schema {
  const ignored = new Set(ignoreTables);
  const parts = new CatalogParts(catalog);
  const described = catalog.tables
    .filter((table) => isModelled(table) && !ignored.has(table.name))
    .map((table) => describeTable(table, parts, flavour));
  const { tables, enums } = nameEnums(described);
  const names = new Set([...tables.map(({ name }) => name), ...catalog.views.map(({ name }) => name)]);
  return normalize({
    tables,
    enums,
    views: catalog.views.filter(({ name }) => !ignored.has(name)).map((view) => describeView(view, catalog)),
    sequences: catalog.sequences.map(describeSequence),
    triggers: [...catalog.triggers]
      .filter(({ table }) => names.has(table))
      .sort((a, b) => a.order - b.order)
      .map((trigger) => describeTrigger(trigger, flavour)),
  });
}

function isModelled({ type, createOptions }: CatalogTable): boolean {
  return type === 'BASE TABLE' && !/\bpartitioned\b/i.test(createOptions);
}

/** A catalog with its rows by table. */
class CatalogParts {
  readonly catalog: Catalog;
  readonly columns;
  readonly indexParts;
  readonly checks;
  readonly keyParts;
  readonly keyRules;

  constructor(catalog: Catalog) {
    this.catalog = catalog;
    this.columns = byTable(catalog.columns);
    this.indexParts = byTable(catalog.indexParts);
    this.checks = byTable(catalog.checks);
    this.keyParts = byTable(catalog.keyParts);
    this.keyRules = new Map(catalog.keyRules.map((rule) => [JSON.stringify([rule.table, rule.name]), rule]));
  }
}

function byTable<T extends { readonly table: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.table);
    if (group === undefined) groups.set(row.table, [row]);
    else group.push(row);
  }
  return groups;
}

/** A table whose enums have no names yet. */
interface DescribedTable {
  readonly table: Table;
  readonly columns: readonly DescribedColumn[];
  /** The names of enums that checks keep, by column. */
  readonly enumNames: ReadonlyMap<string, string>;
}

function describeTable(source: CatalogTable, parts: CatalogParts, flavour: Flavour): DescribedTable {
  const { name } = source;
  const { own, checks, columnChecks } = describeChecks(name, parts, flavour);
  const jsonColumns = new Set(own.flatMap((each) => (each.json === undefined ? [] : [each.json])));
  const notNull = new Set(own.flatMap(({ read }) => (read?.notNull ? [read.column] : [])));
  const columns = [...(parts.columns.get(name) ?? [])]
    .sort((a, b) => a.position - b.position)
    .map((column) => {
      const described = describeColumn(column, source, parts.catalog, {
        flavour,
        isJson: jsonColumns.has(column.name),
      });
      return notNull.has(column.name)
        ? { ...described, column: { ...described.column, nullable: false } }
        : described;
    });
  const indexes = describeIndexes(parts.indexParts.get(name) ?? [], name, columns, flavour);
  const options = tableOptions(source, parts.catalog, columnChecks);
  const table: Table = {
    name,
    columns: columns.map(({ column }) => column),
    ...(indexes.primaryKey && { primaryKey: indexes.primaryKey }),
    uniques: indexes.uniques,
    checks,
    foreignKeys: describeKeys(name, parts),
    indexes: indexes.indexes,
    exclusions: [],
    ...(source.comment !== '' && { comment: source.comment }),
    ...(Object.keys(options).length > 0 && { options }),
  };
  const enumNames = own.flatMap(({ read }) =>
    read?.enumName === undefined ? [] : [[read.column, read.enumName] as const],
  );
  return { table: withoutKeyIndexes(table), columns, enumNames: new Map(enumNames) };
}

/** What a foreign key needs and nobody asked for belongs to the key. */
function withoutKeyIndexes(table: Table): Table {
  const isOwn = (index: Table['indexes'][number]): boolean =>
    table.foreignKeys.some((key) => deepEqual(ownIndex(key), index));
  const rest = { ...table, indexes: table.indexes.filter((index) => !isOwn(index)) };
  if (rest.indexes.length === table.indexes.length) return table;
  const needed = keyIndexes(rest).map(({ name }) => name);
  return {
    ...table,
    indexes: table.indexes.filter((index) => !(isOwn(index) && needed.includes(index.name))),
  };
}

interface OwnCheck {
  /** The column that the check makes a JSON one. */
  readonly json?: string;
  readonly read?: ReturnType<typeof readColumnCheck>;
}

function describeChecks(
  table: string,
  parts: CatalogParts,
  flavour: Flavour,
): {
  readonly own: readonly OwnCheck[];
  readonly checks: readonly Check[];
  readonly columnChecks: readonly string[];
} {
  const own: OwnCheck[] = [];
  const checks: Check[] = [];
  const columnChecks: string[] = [];
  for (const { name, clause, atColumn } of parts.checks.get(table) ?? []) {
    const expression = toPortable(flavour.mariadb ? clause : unescapeQuotes(clause));
    const json = atColumn ? jsonColumn(clause) : undefined;
    const read = atColumn || !flavour.mariadb ? readColumnCheck(expression) : undefined;
    if (json !== undefined) own.push({ json });
    else if (read !== undefined && (atColumn || read.enumName !== undefined)) own.push({ read });
    else if (atColumn) {
      const column = checkedColumn(name, expression, parts.columns.get(table) ?? []);
      checks.push({ name: column, expression });
      columnChecks.push(column);
    } else checks.push({ name, expression });
  }
  return { own, checks, columnChecks };
}

/**
 * The column that a check stands at. The catalog calls the check as the column was called when it was made; after a
 * rename only the expression tells.
 */
function checkedColumn(
  name: string,
  expression: string,
  columns: readonly { readonly name: string }[],
): string {
  const mentioned = mentionedColumns(
    expression,
    columns.map((column) => column.name),
  );
  return mentioned.includes(name) ? name : (mentioned[0] ?? name);
}

/** The column of the check that MariaDB gives to the type JSON ("JSON Data Type"). */
function jsonColumn(clause: string): string | undefined {
  const match = /^json_valid\(`((?:[^`]|``)*)`\)$/i.exec(clause.trim());
  return match?.[1]?.replaceAll('``', '`');
}

function tableOptions(
  { engine, collation, createOptions }: CatalogTable,
  { database, defaultCollations }: Catalog,
  columnChecks: readonly string[],
): Record<string, string> {
  const usual = [
    database.collation,
    ...(database.charset === 'utf8mb4' ? [] : [defaultCollations.get('utf8mb4')]),
  ];
  const charset = collation.split('_')[0] ?? '';
  const isUsual = collation === '' || usual.includes(collation);
  const format = /\brow_format=(\w+)/i.exec(createOptions)?.[1];
  return {
    ...(engine !== '' && engine.toLowerCase() !== 'innodb' && { 'mysql.engine': engine }),
    ...(!isUsual && charset !== 'utf8mb4' && { 'mysql.charset': charset }),
    ...(!isUsual && collation !== defaultCollations.get(charset) && { 'mysql.collation': collation }),
    ...(!isUsual && charset === 'utf8mb4' && { 'mysql.collation': collation }),
    ...(format !== undefined && { 'mysql.rowFormat': format.toUpperCase() }),
    ...(columnChecks.length > 0 && { 'mysql.columnChecks': columnChecksOption(columnChecks) }),
  };
}

function describeKeys(table: string, parts: CatalogParts): ForeignKey[] {
  const keys = new Map<string, CatalogKeyPart[]>();
  for (const part of parts.keyParts.get(table) ?? [])
    keys.set(part.name, [...(keys.get(part.name) ?? []), part]);
  return [...keys].flatMap(([name, list]): ForeignKey[] => {
    const ordered = [...list].sort((a, b) => a.position - b.position);
    const [first] = ordered;
    if (first === undefined || first.isForeign) return [];
    const rule = parts.keyRules.get(JSON.stringify([table, name]));
    const onDelete = action(rule?.onDelete);
    const onUpdate = action(rule?.onUpdate);
    return [
      {
        name,
        columns: ordered.map(({ column }) => column),
        refTable: first.refTable,
        refColumns: ordered.map(({ refColumn }) => refColumn),
        ...(onDelete && { onDelete }),
        ...(onUpdate && { onUpdate }),
      },
    ];
  });
}

function action(rule: string | undefined): ReferentialAction | undefined {
  const upper = rule?.toUpperCase();
  return upper === 'CASCADE' || upper === 'SET NULL' || upper === 'SET DEFAULT' || upper === 'RESTRICT'
    ? upper
    : undefined;
}

/**
 * Gives the enums their names: the one that a check keeps, else that of table and column. Where columns of one name
 * hold different values there is no such enum, and each column has one of its own.
 */
function nameEnums(described: readonly DescribedTable[]): {
  readonly tables: Table[];
  readonly enums: Enum[];
} {
  const uses = described.flatMap(({ table, columns, enumNames }) =>
    columns.flatMap(({ column, values }) =>
      values === undefined
        ? []
        : [{ table: table.name, column: column.name, values, kept: enumNames.get(column.name) }],
    ),
  );
  const enums = new Map<string, readonly string[]>();
  const names = new Map<string, string>();
  const place = (table: string, column: string): string => JSON.stringify([table, column]);
  const give = (use: (typeof uses)[number], name: string): boolean => {
    const known = enums.get(name);
    if (known !== undefined && !deepEqual(known, use.values)) return false;
    enums.set(name, use.values);
    names.set(place(use.table, use.column), name);
    return true;
  };
  const sameNamed = (use: (typeof uses)[number]): boolean =>
    uses.every((other) => other.kept !== use.kept || deepEqual(other.values, use.values));
  for (const use of uses) if (use.kept !== undefined && sameNamed(use)) give(use, use.kept);
  for (const use of uses) {
    if (names.has(place(use.table, use.column))) continue;
    const name = defaultEnumName(use.table, use.column);
    for (let i = 1; !give(use, i === 1 ? name : `${name}_${i}`); i++);
  }
  const tables = described.map(({ table, columns }) => ({
    ...table,
    columns: table.columns.map((column): Column => {
      const name = names.get(place(table.name, column.name));
      const isEnum = columns.find((each) => each.column.name === column.name)?.values !== undefined;
      return isEnum && name !== undefined ? { ...column, type: { kind: 'enum', name } } : column;
    }),
  }));
  return { tables, enums: [...enums].map(([name, values]) => ({ name, values })) };
}

function describeView({ name, query }: CatalogView, catalog: Catalog): View {
  return { name, query: viewQuery(query, catalog.database.name) };
}

function describeSequence({ name, start, increment }: CatalogSequence): Sequence {
  return { name, ...(start !== 1 && { start }), ...(increment !== 1 && { increment }) };
}

function describeTrigger(
  { name, table, timing, event, statement }: CatalogTrigger,
  flavour: Flavour,
): Trigger {
  const sql = `CREATE TRIGGER ${quote(name)} ${timing} ${event} ON ${quote(table)} FOR EACH ROW ${statement}`;
  return { name, table, sql: { [flavour.name]: sql } };
}
