/**
 * Where a table uses one of its columns: keys, indexes, checks, generated columns.
 *
 * Dropping a column takes along what belongs to it alone; what it shares with other columns must be
 * dropped first, by name. Renaming one renames it in all of them.
 */

import { mentionedColumns, renameInSql } from '../base/sql-tokens.js';
import type {
  Check,
  Column,
  Exclusion,
  ForeignKey,
  Index,
  IndexColumn,
  PrimaryKey,
  Table,
  Unique,
} from './model.js';

/** What uses a column of a table. */
export type ColumnUse =
  | { readonly kind: 'primaryKey'; readonly name: string; readonly alone: boolean }
  | {
      readonly kind: 'unique' | 'check' | 'foreignKey' | 'exclusion' | 'index';
      readonly name: string;
      readonly alone: boolean;
    }
  | { readonly kind: 'generated'; readonly name: string; readonly alone: false };

/** Names of the columns of a table that an expression mentions. */
export function columnsIn(sql: string, table: Table): string[] {
  return mentionedColumns(
    sql,
    table.columns.map((column) => column.name),
  );
}

/** Columns of a table that an index needs, those of its expressions and of its condition included. */
export function indexColumns(index: Index, table: Table): string[] {
  const direct = index.columns.flatMap((part) =>
    'column' in part ? [part.column] : columnsIn(part.expression, table),
  );
  const condition = index.where === undefined ? [] : columnsIn(index.where, table);
  return [...new Set([...direct, ...condition, ...(index.include ?? [])])];
}

function exclusionColumns({ elements, where }: Exclusion, table: Table): string[] {
  return [
    ...new Set([...columnsIn(elements, table), ...(where === undefined ? [] : columnsIn(where, table))]),
  ];
}

/** Everything that uses a column. */
export function usesOf(table: Table, column: string): ColumnUse[] {
  const uses: ColumnUse[] = [];
  const add = (
    kind: Exclude<ColumnUse['kind'], 'generated'>,
    name: string,
    columns: readonly string[],
  ): void => {
    if (columns.includes(column)) uses.push({ kind, name, alone: columns.length === 1 });
  };
  if (table.primaryKey) add('primaryKey', table.primaryKey.name, table.primaryKey.columns);
  for (const unique of table.uniques) add('unique', unique.name, unique.columns);
  for (const key of table.foreignKeys) add('foreignKey', key.name, key.columns);
  for (const check of table.checks) add('check', check.name, columnsIn(check.expression, table));
  for (const exclusion of table.exclusions)
    add('exclusion', exclusion.name, exclusionColumns(exclusion, table));
  for (const index of table.indexes) add('index', index.name, indexColumns(index, table));
  for (const other of table.columns) {
    if (other.name !== column && other.generated && columnsIn(other.generated.sql, table).includes(column)) {
      uses.push({ kind: 'generated', name: other.name, alone: false });
    }
  }
  return uses;
}

/** A table after one of its columns got another name, wherever the table says it. */
export function renameColumnIn(table: Table, from: string, to: string): Table {
  const name = (column: string): string => (column === from ? to : column);
  const names = (columns: readonly string[]): string[] => columns.map(name);
  const columns = table.columns.map((column) => column.name);
  const text = (sql: string): string => renameInSql(sql, from, to, columns);
  return {
    ...table,
    columns: table.columns.map((column) => renamedColumn(column, name, text)),
    ...(table.primaryKey && { primaryKey: withColumns<PrimaryKey>(table.primaryKey, names) }),
    uniques: table.uniques.map((unique) => withColumns<Unique>(unique, names)),
    checks: table.checks.map((check): Check => ({ ...check, expression: text(check.expression) })),
    foreignKeys: table.foreignKeys.map((key) => renamedKey(key, table.name, names)),
    indexes: table.indexes.map((index) => renamedIndex(index, name, text)),
    exclusions: table.exclusions.map((exclusion) => renamedExclusion(exclusion, text)),
  };
}

function renamedColumn(column: Column, name: (n: string) => string, text: (sql: string) => string): Column {
  const generated = column.generated && { ...column.generated, sql: text(column.generated.sql) };
  return { ...column, name: name(column.name), ...(generated && { generated }) };
}

function withColumns<T extends { readonly columns: readonly string[] }>(
  item: T,
  names: (c: readonly string[]) => string[],
): T {
  return { ...item, columns: names(item.columns) };
}

function renamedKey(key: ForeignKey, table: string, names: (c: readonly string[]) => string[]): ForeignKey {
  const refColumns = key.refTable === table ? names(key.refColumns) : key.refColumns;
  return { ...key, columns: names(key.columns), refColumns };
}

function renamedExclusion(exclusion: Exclusion, text: (sql: string) => string): Exclusion {
  const { elements, where } = exclusion;
  return { ...exclusion, elements: text(elements), ...(where !== undefined && { where: text(where) }) };
}

function renamedIndex(index: Index, name: (n: string) => string, text: (sql: string) => string): Index {
  return {
    ...index,
    columns: index.columns.map(
      (part): IndexColumn =>
        'column' in part
          ? { ...part, column: name(part.column) }
          : { ...part, expression: text(part.expression) },
    ),
    ...(index.where !== undefined && { where: text(index.where) }),
    ...(index.include && { include: index.include.map(name) }),
  };
}
