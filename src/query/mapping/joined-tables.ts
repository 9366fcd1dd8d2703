/**
 * Families with a table for each class: the tables of a class as one that can be read, and each of them as an
 * entity of its own that can be written.
 *
 * What is read is a subquery with the class's tables joined, and beside them, by LEFT JOIN, those of the classes
 * below it. So conditions, orders and relations name its columns as they name those of any table, and one statement
 * finds rows of every class; a second one for each class would see another state and could not page. All three
 * databases merge such a subquery into the statement around it, so a key is still found by its index.
 */

import type { Dialect } from '../../dialects/contract.js';
import type { ColumnMetadata, EntityMetadata, RelationMetadata, TablePart } from '../../metadata/entity.js';

/** The column of a subquery that says the class of a row where no column of a table does. */
export const CLASS_COLUMN = '_class';

export interface JoinedTables {
  /** `SELECT … FROM … JOIN …` */
  readonly select: string;
  /** By table and column: the quoted name under which a column of a class below is shown. */
  nameOf(table: string, column: string): string | undefined;
}

/**
 * The tables of a class and of the classes below it as one.
 *
 * @param below all classes below it, in the order of its family
 */
export function joinTables(
  dialect: Dialect,
  meta: EntityMetadata,
  below: readonly EntityMetadata[],
): JoinedTables {
  const own = partsOf(meta).map(({ tableName }) => tableName);
  const tables = [...own, ...below.map(({ tableName }) => tableName)];
  const aliases = aliasesOf(tables, dialect);
  const key = meta.primaryColumns.map(({ name }) => dialect.quoteIdentifier(name));
  const column = (table: string, name: string): string =>
    `${aliases.get(table)}.${dialect.quoteIdentifier(name)}`;
  const [first, ...others] = tables as [string, ...string[]];
  const joins = others.map((table) => {
    const pairs = key.map((sql) => `${aliases.get(table)}.${sql} = ${aliases.get(first)}.${sql}`);
    return ` ${own.includes(table) ? 'JOIN' : 'LEFT JOIN'} ${named(table, aliases, dialect)} ON ${pairs.join(' AND ')}`;
  });
  const list = meta.columns.map(({ name }) => column(partHolding(meta, name).tableName, name));
  const names = namesBelow(meta, below);
  for (const { table, name, shown } of names) {
    const alias = shown === name ? '' : ` AS ${dialect.quoteIdentifier(shown)}`;
    list.push(`${column(table, name)}${alias}`);
  }
  if (below.length > 0 && meta.discriminator === undefined) {
    const isThere = ({ tableName }: EntityMetadata): string =>
      `${aliases.get(tableName)}.${key[0]} IS NOT NULL`;
    list.push(`${classOf(below, isThere)} AS ${dialect.quoteIdentifier(CLASS_COLUMN)}`);
  }
  const shownAs = new Map(
    names.map((each) => [`${each.table}\n${each.name}`, dialect.quoteIdentifier(each.shown)]),
  );
  return {
    select: `SELECT ${list.join(', ')} FROM ${named(first, aliases, dialect)}${joins.join('')}`,
    nameOf: (table, name) => shownAs.get(`${table}\n${name}`),
  };
}

function partsOf(meta: EntityMetadata): readonly TablePart[] {
  return meta.parts as readonly TablePart[];
}

/** The table of a row that holds a column; the first one, for the key. */
export function partHolding(meta: EntityMetadata, column: string): TablePart {
  return partsOf(meta).find(({ columns }) => columns.includes(column)) as TablePart;
}

/** A table's name without its schema, unless two tables have that one. */
function aliasesOf(tables: readonly string[], dialect: Dialect): ReadonlyMap<string, string> {
  const short = tables.map(withoutSchema);
  const isUnique = (name: string): boolean => short.indexOf(name) === short.lastIndexOf(name);
  return new Map(
    tables.map((table, i) => {
      const name = short[i] as string;
      return [table, dialect.quoteIdentifier(isUnique(name) ? name : `_${i}`)];
    }),
  );
}

function named(table: string, aliases: ReadonlyMap<string, string>, dialect: Dialect): string {
  const [quoted, alias] = [dialect.quoteTable(table), aliases.get(table)];
  return quoted === alias ? quoted : `${quoted} AS ${alias}`;
}

export function withoutSchema(table: string): string {
  return table.slice(table.lastIndexOf('.') + 1);
}

interface ShownColumn {
  readonly table: string;
  readonly name: string;
  readonly shown: string;
}

/** Two classes may have columns of one name: then the later one is shown with its table's. */
function namesBelow(meta: EntityMetadata, below: readonly EntityMetadata[]): ShownColumn[] {
  const taken = new Set(meta.columns.map(({ name }) => name));
  const isKey = (name: string): boolean => meta.primaryColumns.some((column) => column.name === name);
  return below.flatMap((member) => {
    const table = member.tableName;
    const columns =
      partsOf(member)
        .at(-1)
        ?.columns.filter((name) => !isKey(name)) ?? [];
    return columns.map((name) => {
      const shown = taken.has(name) ? `${withoutSchema(table)}.${name}` : name;
      taken.add(shown);
      return { table, name, shown };
    });
  });
}

/** The place of the lowest class that has a row, 0 for the class itself. */
function classOf(below: readonly EntityMetadata[], isThere: (meta: EntityMetadata) => string): string {
  const cases = below.map((meta, i) => ({ meta, place: i + 1, depth: partsOf(meta).length }));
  cases.sort((a, b) => b.depth - a.depth);
  return `CASE ${cases.map(({ meta, place }) => `WHEN ${isThere(meta)} THEN ${place}`).join(' ')} ELSE 0 END`;
}

/** One of the tables of a row as an entity of its own; the key is made in the first, the others are told it. */
export function partEntity(meta: EntityMetadata, place: number): EntityMetadata {
  const { parts: _parts, parent, discriminator, ...rest } = meta;
  const { tableName, columns, target } = partsOf(meta)[place] as TablePart;
  const own = meta.columns.filter(({ name }) => columns.includes(name));
  const made = place === 0 ? own : own.map(withoutGeneration);
  const holds = ({ owning, joinColumns, joinTable }: RelationMetadata): boolean =>
    owning && joinTable === undefined && joinColumns.every(({ column }) => columns.includes(column));
  const isChild = target !== meta.target && parent !== undefined;
  return {
    ...rest,
    tableName,
    columns: made,
    primaryColumns: made.filter(({ primary }) => primary),
    relations: meta.relations.filter(holds),
    children: [],
    virtualColumns: [],
    relationIds: [],
    // Of a shared table, only rows of the class are its to write.
    ...(place === 0 && discriminator !== undefined && { discriminator, ...(isChild && { parent }) }),
  };
}

function withoutGeneration(column: ColumnMetadata): ColumnMetadata {
  const { generation: _generation, default: _default, ...rest } = column;
  return column.primary ? rest : column;
}
