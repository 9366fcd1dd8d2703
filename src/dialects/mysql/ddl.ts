/**
 * Tables, columns, keys and indexes as MySQL's definitions, the same in CREATE TABLE and ALTER TABLE.
 *
 * What is written here is what `introspect` reads back. Three things have no place of their own on MySQL and are
 * kept beside what they belong to: the name of a primary key and that a unique index is no constraint, in the
 * index's comment (`index-notes.ts`); the name of an enum and NOT NULL of a generated column, in a check of the
 * column itself (`column-checks.ts`).
 */

import { deepEqual } from '../../base/structure.js';
import { columnsIn } from '../../schema/column-uses.js';
import type {
  Check,
  Column,
  ForeignKey,
  Index,
  PrimaryKey,
  Schema,
  Table,
  Unique,
} from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { columnCheck, enumNameChecks, isColumnCheck } from './column-checks.js';
import { defaultText, momentOf, onUpdateText } from './defaults.js';
import { toMysql } from './expressions.js';
import { type Flavour, isAtLeast } from './flavour.js';
import { indexNote, primaryKeyNote } from './index-notes.js';
import { keyIndexes } from './key-indexes.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { hasCharacters, isUnbounded, logicalOfNative, typeText, unsupported } from './types.js';

/** What a definition is written for. */
export interface DdlContext {
  readonly flavour: Flavour;
  /** Holds the enums. */
  readonly schema: Pick<Schema, 'enums'>;
}

export function quoteList(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

export function columnNames(table: Table): string[] {
  return table.columns.map(({ name }) => name);
}

/** An expression in parentheses, over the columns of a table. */
export function enclosed(sql: string, table: Table): string {
  return `(${toMysql(sql, columnNames(table))})`;
}

/** A column as CREATE TABLE, ADD COLUMN and MODIFY COLUMN take it. */
export function columnText(column: Column, table: Table, context: DdlContext): string {
  const { flavour } = context;
  const type = columnTypeText(column, table, context);
  const parts = [quote(column.name), type];
  const { generated } = column;
  if (generated !== undefined)
    parts.push(
      `GENERATED ALWAYS AS ${enclosed(generated.sql, table)} ${generated.stored ? 'STORED' : 'VIRTUAL'}`,
    );
  // MariaDB has no NOT NULL for what is generated; there a check says it.
  if (!column.nullable && !(generated && flavour.mariadb)) parts.push('NOT NULL');
  // A TIMESTAMP is NOT NULL where nobody says otherwise and the server is told so.
  else if (/^timestamp\b/i.test(type)) parts.push('NULL');
  const value = generated ? undefined : defaultText(column, columnNames(table), flavour);
  if (value !== undefined) parts.push(`DEFAULT ${value}`);
  const onUpdate = column.options?.['mysql.onUpdate'];
  if (onUpdate !== undefined && onUpdate !== false)
    parts.push(`ON UPDATE ${onUpdateOf(onUpdate, column, table, flavour)}`);
  if (column.autoIncrement !== undefined) parts.push('AUTO_INCREMENT');
  if (column.options?.['mysql.invisible'] === true) parts.push('INVISIBLE');
  if (column.comment !== undefined && column.comment !== '')
    parts.push(`COMMENT ${literalText(column.comment)}`);
  const check = columnCheck(column, table, flavour);
  if (check !== undefined) parts.push(`CHECK ${enclosed(check, table)}`);
  return parts.join(' ');
}

function onUpdateOf(
  value: string | number | boolean,
  column: Column,
  table: Table,
  flavour: Flavour,
): string {
  if (value === true || (typeof value === 'string' && momentOf(value) === 'current_timestamp'))
    return onUpdateText(column.type);
  throw unsupported(flavour, `ON UPDATE ${value}`, `column '${table.name}.${column.name}'`);
}

/** The type of a column with its character set and collation. */
export function columnTypeText(column: Column, table: Table, context: DdlContext): string {
  const { flavour, schema } = context;
  const { type, options } = column;
  const object = `column '${table.name}.${column.name}'`;
  const declared = declaredText(column);
  const values = (name: string): readonly string[] => byName(schema.enums, name)?.values ?? [];
  const parts = [declared ?? typeText(type, flavour, values)];
  if (options?.['mysql.unsigned'] === true || options?.['mysql.zerofill'] === true) parts.push('unsigned');
  if (options?.['mysql.zerofill'] === true) parts.push('zerofill');
  const charset = options?.['mysql.charset'];
  if (type.kind === 'uuid' && declared === undefined) parts.push('CHARACTER SET ascii');
  else if (charset !== undefined) {
    if (!hasCharacters(type, flavour))
      throw unsupported(flavour, `character set for type ${type.kind}`, object);
    parts.push(`CHARACTER SET ${quote(String(charset))}`);
  } else if (type.kind === 'enum' && column.collation === undefined) {
    // As everywhere else, values that differ in case are different values.
    parts.push('CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  }
  if (column.collation !== undefined) parts.push(`COLLATE ${quote(column.collation)}`);
  return parts.join(' ');
}

/** A column's own words for its type, as long as they mean the type that it has. */
function declaredText(column: Column): string | undefined {
  const declared = column.options?.['mysql.declared'];
  if (typeof declared !== 'string') return undefined;
  return deepEqual(logicalOfNative(declared).type, column.type) ? declared : undefined;
}

/** The columns, but what is generated after what it is generated from ("referring to uninitialized field"). */
export function sourcesFirst(table: Table): Column[] {
  const ordered: Column[] = [];
  const visit = (column: Column, path: readonly Column[]): void => {
    if (ordered.includes(column) || path.includes(column)) return;
    for (const name of columnsIn(column.generated?.sql ?? '', table)) {
      const source = byName(table.columns, name);
      if (source?.generated) visit(source, [...path, column]);
    }
    ordered.push(column);
  };
  for (const column of table.columns) visit(column, []);
  return ordered;
}

/** CREATE TABLE with its keys and indexes. @throws CAPABILITY_MISSING */
export function createTableText(table: Table, context: DdlContext): string {
  const { flavour } = context;
  const lines = [
    ...sourcesFirst(table).map((column) => columnText(column, table, context)),
    ...(table.primaryKey ? [primaryKeyText(table.primaryKey, table, flavour)] : []),
    ...table.uniques.map((unique) => uniqueText(unique, table, flavour)),
    ...table.indexes.map((index) => indexText(index, table, flavour)),
    ...keyIndexes(table).map((index) => indexText(index, table, flavour)),
    ...tableChecks(table, flavour).map((check) => checkText(check, table)),
    ...table.foreignKeys.map((key) => foreignKeyText(key, table, flavour)),
  ];
  for (const { name } of table.exclusions)
    throw unsupported(flavour, 'exclusion constraints', `'${name}' on '${table.name}'`);
  const options = tableOptionTexts(table, flavour).join(' ');
  return `CREATE TABLE ${quote(table.name)} (\n  ${lines.join(',\n  ')}\n) ${options}`;
}

/** The checks that stand at the table, those that keep an enum's name included. */
export function tableChecks(table: Table, flavour: Flavour): Check[] {
  return [...table.checks.filter((check) => !isColumnCheck(check, table)), ...enumNameChecks(table, flavour)];
}

const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  ...['mysql.engine', 'mysql.charset', 'mysql.collation', 'mysql.rowFormat', 'mysql.columnChecks'],
]);

/** What stands behind the parentheses of CREATE TABLE; engine first, and always: the server's default may be another. */
export function tableOptionTexts(table: Table, flavour: Flavour): string[] {
  const { options = {}, comment } = table;
  for (const name of Object.keys(options)) {
    if (name.startsWith('mysql.') && !KNOWN_OPTIONS.has(name))
      throw unsupported(flavour, `table option '${name.slice(6)}'`, `table '${table.name}'`);
  }
  const { 'mysql.charset': charset, 'mysql.collation': collation } = options;
  const texts = [`ENGINE=${quote(String(options['mysql.engine'] ?? 'InnoDB'))}`];
  if (charset !== undefined) texts.push(`DEFAULT CHARACTER SET=${quote(String(charset))}`);
  else if (
    collation === undefined &&
    flavour.databaseCharset !== undefined &&
    flavour.databaseCharset !== 'utf8mb4'
  ) {
    // What a database of another character set cannot hold would be refused, one text at a time.
    texts.push('DEFAULT CHARACTER SET=utf8mb4');
  }
  if (collation !== undefined) texts.push(`COLLATE=${quote(String(collation))}`);
  if (options['mysql.rowFormat'] !== undefined)
    texts.push(`ROW_FORMAT=${rowFormat(options['mysql.rowFormat'], table, flavour)}`);
  if (comment !== undefined && comment !== '') texts.push(`COMMENT=${literalText(comment)}`);
  return texts;
}

const ROW_FORMATS = /^(?:default|dynamic|compact|redundant|compressed|fixed|page)$/i;

/** ROW_FORMAT takes a bare word only. */
export function rowFormat(value: string | number | boolean, table: Table, flavour: Flavour): string {
  if (ROW_FORMATS.test(String(value))) return String(value).toUpperCase();
  throw unsupported(flavour, `row format '${value}'`, `table '${table.name}'`);
}

export function primaryKeyText(key: PrimaryKey, table: Table, flavour: Flavour): string {
  refuseUnbounded('primary key', key, table, flavour);
  return `PRIMARY KEY (${quoteList(key.columns)})${comment(primaryKeyNote(key, table))}`;
}

export function uniqueText(unique: Unique, table: Table, flavour: Flavour): string {
  const object = `'${unique.name}' on '${table.name}'`;
  if (unique.deferrable) throw unsupported(flavour, 'deferrable unique constraints', object);
  if (unique.nullsNotDistinct) throw unsupported(flavour, 'NULLS NOT DISTINCT', object);
  refuseUnbounded('unique constraint', unique, table, flavour);
  return `UNIQUE INDEX ${quote(unique.name)} (${quoteList(unique.columns)})`;
}

/** A key holds at most the beginning of a text without a length, and so could not tell two of them apart. */
function refuseUnbounded(
  what: string,
  key: { readonly name: string; readonly columns: readonly string[] },
  table: Table,
  flavour: Flavour,
): void {
  for (const name of key.columns) {
    const column = byName(table.columns, name);
    if (column === undefined || !isUnbounded(column.type, flavour)) continue;
    const cure = `'${key.name}' on '${table.name}' (make '${name}' a varchar with a length)`;
    throw unsupported(flavour, `${what} over columns of type ${column.type.kind}`, cure);
  }
}

export function checkText(check: Check, table: Table): string {
  return `CONSTRAINT ${quote(check.name)} CHECK ${enclosed(check.expression, table)}`;
}

export function foreignKeyText(key: ForeignKey, table: Table, flavour: Flavour): string {
  const object = `'${key.name}' on '${table.name}'`;
  if (key.deferrable) throw unsupported(flavour, 'deferrable foreign keys', object);
  for (const action of [key.onDelete, key.onUpdate]) {
    // "rejected by both InnoDB and NDB" ("FOREIGN KEY Constraints").
    if (action === 'SET DEFAULT') throw unsupported(flavour, 'foreign keys with SET DEFAULT', object);
  }
  // Both are the same to InnoDB; said in full they can be read back as they were asked for.
  return [
    `CONSTRAINT ${quote(key.name)} FOREIGN KEY (${quoteList(key.columns)})`,
    `REFERENCES ${quote(key.refTable)} (${quoteList(key.refColumns)})`,
    `ON DELETE ${key.onDelete ?? 'NO ACTION'} ON UPDATE ${key.onUpdate ?? 'NO ACTION'}`,
  ].join(' ');
}

/** Characters of an unbounded column that an index holds where nobody says how many; told from any said number. */
export const IMPLIED_PREFIX = 254;

/** Index methods that are kinds of their own; the others are trees on InnoDB, whatever is asked for. */
const KINDS: Readonly<Record<string, string>> = {
  fulltext: 'FULLTEXT ',
  spatial: 'SPATIAL ',
  rtree: 'SPATIAL ',
};

/** An index as CREATE TABLE and ADD take it. @throws CAPABILITY_MISSING for what it cannot be here */
export function indexText(index: Index, table: Table, flavour: Flavour): string {
  refuseUnsupportedIndex(index, table, flavour);
  const method = (index.method ?? 'btree').toLowerCase();
  const columns = index.columns.map((part) => indexPartText(part, index, table, flavour)).join(', ');
  const kind = KINDS[method] ?? (index.unique ? 'UNIQUE ' : '');
  const options = [
    ...(index.options?.['mysql.parser'] === undefined
      ? []
      : [`WITH PARSER ${quote(String(index.options['mysql.parser']))}`]),
    ...(index.options?.['mysql.invisible'] === true ? [flavour.mariadb ? 'IGNORED' : 'INVISIBLE'] : []),
  ];
  return `${kind}INDEX ${quote(index.name)} (${columns})${options.map((text) => ` ${text}`).join('')}${comment(indexNote(index))}`;
}

function comment(note: string | undefined): string {
  return note === undefined ? '' : ` COMMENT ${literalText(note)}`;
}

function indexPartText(part: Index['columns'][number], index: Index, table: Table, flavour: Flavour): string {
  const order = part.order === 'desc' ? ' DESC' : '';
  // MySQL wants the expression in parentheses of its own.
  if (!('column' in part)) return `${enclosed(part.expression, table)}${order}`;
  const length = part.length ?? impliedLength(part.column, index, table, flavour);
  return `${quote(part.column)}${length === undefined ? '' : `(${length})`}${order}`;
}

function impliedLength(name: string, index: Index, table: Table, flavour: Flavour): number | undefined {
  const column = byName(table.columns, name);
  if (column === undefined || KINDS[(index.method ?? '').toLowerCase()] !== undefined) return undefined;
  if (!isUnbounded(column.type, flavour)) return undefined;
  if (index.unique) refuseUnbounded('unique index', { name: index.name, columns: [name] }, table, flavour);
  return IMPLIED_PREFIX;
}

/** Where a version of the server begins to keep an order in indexes. */
export function keepsOrder(flavour: Flavour): boolean {
  return flavour.mariadb ? isAtLeast(flavour, 10, 8) : isAtLeast(flavour, 8);
}

function refuseUnsupportedIndex(index: Index, table: Table, flavour: Flavour): void {
  const refuse = (feature: string): never => {
    throw unsupported(flavour, feature, `index '${index.name}' on '${table.name}'`);
  };
  if (index.where !== undefined) refuse('indexes of a part of the rows (WHERE)');
  if (index.include !== undefined && index.include.length > 0) refuse('INCLUDE columns');
  if (index.nullsNotDistinct) refuse('NULLS NOT DISTINCT');
  if (!/^(?:btree|hash|fulltext|spatial|rtree)$/i.test(index.method ?? 'btree'))
    refuse(`index method '${index.method}'`);
  if (index.columns.length === 0) refuse('indexes without columns');
  for (const part of index.columns) {
    if (part.collation !== undefined) refuse('collations in an index');
    if (part.nulls !== undefined) refuse('NULLS FIRST or LAST in an index');
    if (part.operatorClass !== undefined) refuse('operator classes');
    if (part.order === 'desc' && !keepsOrder(flavour)) refuse('descending indexes in this version');
    if ('expression' in part && (flavour.mariadb || !isAtLeast(flavour, 8, 0, 13)))
      refuse('indexes over an expression (make it a generated column and index that)');
  }
}
