/**
 * Tables, columns and indexes as SQLite's CREATE statements.
 *
 * Every name is quoted, every constraint named. What is written here is what `introspect` reads back, so
 * the two are each other's inverse: an enum is a text column with a check of the name `enum:<name>`.
 */

import { error } from '../../base/error-codes.js';
import { tokenize } from '../../base/sql-tokens.js';
import type {
  Check,
  Column,
  ColumnDefault,
  ForeignKey,
  Index,
  IndexColumn,
  PrimaryKey,
  Schema,
  Table,
  Unique,
} from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { enumCheck } from './enum-checks.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { strictTypeText, typeText } from './types.js';

export function quoteList(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

/** An expression in parentheses; a comment to the end of its last line must not hide the closing one. */
export function enclosed(sql: string): string {
  const end = tokenize(sql).at(-1)?.end ?? 0;
  return sql.includes('--', end) ? `(${sql}\n)` : `(${sql})`;
}

/** Keywords that SQLite takes as a default without parentheses. */
const BARE_DEFAULTS = /^(current_timestamp|current_date|current_time|null|true|false)$/i;

/** What stands behind DEFAULT. */
export function defaultText(value: ColumnDefault): string {
  if (value.kind === 'literal') return literalText(value.value);
  return BARE_DEFAULTS.test(value.sql.trim()) ? value.sql.trim() : enclosed(value.sql);
}

/** Whether the key of a table is the rowid itself, which only `INTEGER PRIMARY KEY` in one column can be. */
export function rowidColumn(table: Table): Column | undefined {
  const [name, ...more] = table.primaryKey?.columns ?? [];
  if (name === undefined || more.length > 0 || table.options?.['sqlite.withoutRowid'] === true)
    return undefined;
  const column = byName(table.columns, name);
  return column && (column.autoIncrement || column.type.kind === 'integer') ? column : undefined;
}

/** The text of a column as CREATE TABLE and ADD COLUMN take it. */
export function columnText(column: Column, table: Table): string {
  const parts = [quote(column.name), columnTypeText(column, table)];
  if (column.collation !== undefined) parts.push(`COLLATE ${quote(column.collation)}`);
  if (!column.nullable) parts.push('NOT NULL');
  if (column.default !== undefined) parts.push(`DEFAULT ${defaultText(column.default)}`);
  if (column.generated !== undefined) {
    parts.push(
      `GENERATED ALWAYS AS ${enclosed(column.generated.sql)} ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`,
    );
  }
  if (column.autoIncrement === 'increment' && table.primaryKey) {
    parts.push(`CONSTRAINT ${quote(table.primaryKey.name)} PRIMARY KEY AUTOINCREMENT`);
  }
  return parts.join(' ');
}

function columnTypeText(column: Column, table: Table): string {
  // SQLite makes keys by itself only for a column declared INTEGER, whatever its width is elsewhere.
  if (column.autoIncrement !== undefined) return 'integer';
  return table.options?.['sqlite.strict'] === true ? strictTypeText(column.type) : typeText(column.type);
}

/** The text of CREATE TABLE; indexes are statements of their own (`createIndexText`). */
export function createTableText(table: Table, schema: Schema, name = table.name): string {
  refuseUnsupported(table);
  const ownKey = table.columns.some((column) => column.autoIncrement === 'increment');
  const lines = [
    ...table.columns.map((column) => columnText(column, table)),
    ...(table.primaryKey && !ownKey ? [primaryKeyText(table.primaryKey)] : []),
    ...table.uniques.map(uniqueText),
    ...enumChecks(table, schema).map(checkText),
    ...table.checks.map(checkText),
    ...table.foreignKeys.map(foreignKeyText),
  ];
  const options = [
    ...(table.options?.['sqlite.withoutRowid'] === true ? ['WITHOUT ROWID'] : []),
    ...(table.options?.['sqlite.strict'] === true ? ['STRICT'] : []),
  ];
  return `CREATE TABLE ${quote(name)} (\n  ${lines.join(',\n  ')}\n)${options.length ? ` ${options.join(', ')}` : ''}`;
}

function refuseUnsupported(table: Table): void {
  const database = 'SQLite';
  for (const { name } of table.exclusions) {
    throw error('CAPABILITY_MISSING', {
      database,
      feature: 'exclusion constraints',
      object: `'${name}' on '${table.name}'`,
    });
  }
  if (table.options?.['sqlite.withoutRowid'] === true && !table.primaryKey) {
    throw error('CAPABILITY_MISSING', {
      database,
      feature: 'tables WITHOUT ROWID without a primary key',
      object: `'${table.name}'`,
    });
  }
  const increment = table.columns.find((column) => column.autoIncrement === 'increment');
  if (increment && rowidColumn(table)?.name !== increment.name) {
    const object = `'${table.name}.${increment.name}'`;
    throw error('CAPABILITY_MISSING', {
      database,
      feature: 'auto-increment outside a primary key of one column',
      object,
    });
  }
  for (const unique of table.uniques) {
    if (unique.deferrable) refuse('deferrable unique constraints', unique.name, table.name);
    if (unique.nullsNotDistinct) refuse('NULLS NOT DISTINCT', unique.name, table.name);
  }
  for (const index of table.indexes) refuseUnsupportedIndex(index, table.name);
}

function refuse(feature: string, name: string, table: string): never {
  throw error('CAPABILITY_MISSING', { database: 'SQLite', feature, object: `'${name}' on '${table}'` });
}

function refuseUnsupportedIndex(index: Index, table: string): void {
  if (index.method !== undefined) refuse(`index method '${index.method}'`, index.name, table);
  if (index.include !== undefined) refuse('INCLUDE columns', index.name, table);
  if (index.nullsNotDistinct) refuse('NULLS NOT DISTINCT', index.name, table);
  for (const part of index.columns) {
    if (part.operatorClass !== undefined) refuse('operator classes', index.name, table);
    if (part.length !== undefined) refuse('prefix lengths', index.name, table);
    if (part.nulls !== undefined) refuse('NULLS FIRST or LAST in an index', index.name, table);
  }
}

function primaryKeyText(key: PrimaryKey): string {
  return `CONSTRAINT ${quote(key.name)} PRIMARY KEY (${quoteList(key.columns)})`;
}

function uniqueText(unique: Unique): string {
  return `CONSTRAINT ${quote(unique.name)} UNIQUE (${quoteList(unique.columns)})`;
}

function checkText(check: Check): string {
  return `CONSTRAINT ${quote(check.name)} CHECK ${enclosed(check.expression)}`;
}

/** The checks that hold the enum columns of a table to their values. */
export function enumChecks(table: Table, schema: Schema): Check[] {
  return table.columns.flatMap((column) => {
    const { type } = column;
    if (type.kind !== 'enum') return [];
    return [enumCheck(column.name, type.name, byName(schema.enums, type.name)?.values ?? [])];
  });
}

/** The text of a foreign key as a table constraint. */
export function foreignKeyText(key: ForeignKey): string {
  const parts = [
    `CONSTRAINT ${quote(key.name)} FOREIGN KEY (${quoteList(key.columns)})`,
    `REFERENCES ${quote(key.refTable)} (${quoteList(key.refColumns)})`,
  ];
  if (key.onDelete !== undefined) parts.push(`ON DELETE ${key.onDelete}`);
  if (key.onUpdate !== undefined) parts.push(`ON UPDATE ${key.onUpdate}`);
  if (key.deferrable !== undefined) {
    parts.push(`DEFERRABLE INITIALLY ${key.deferrable === 'deferred' ? 'DEFERRED' : 'IMMEDIATE'}`);
  }
  return parts.join(' ');
}

/** The text of CREATE INDEX. */
export function createIndexText(index: Index, table: string): string {
  refuseUnsupportedIndex(index, table);
  const columns = index.columns.map(indexColumnText).join(', ');
  const where = index.where === undefined ? '' : ` WHERE ${index.where}`;
  return `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quote(index.name)} ON ${quote(table)} (${columns})${where}`;
}

function indexColumnText(part: IndexColumn): string {
  const subject = 'column' in part ? quote(part.column) : enclosed(part.expression);
  const collation = part.collation === undefined ? '' : ` COLLATE ${quote(part.collation)}`;
  return `${subject}${collation}${part.order === 'desc' ? ' DESC' : ''}`;
}
