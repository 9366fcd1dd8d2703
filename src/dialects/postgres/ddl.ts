/**
 * Tables, columns, keys and indexes as PostgreSQL's DDL. Every name is quoted, every constraint named; what is
 * written here is what `introspect` reads back.
 */

import { error } from '../../base/error-codes.js';
import { canonicalSql } from '../../base/sql-tokens.js';
import { deepEqual } from '../../base/structure.js';
import type {
  Check,
  Column,
  Deferrable,
  Exclusion,
  ForeignKey,
  Index,
  IndexColumn,
  PrimaryKey,
  Sequence,
  Table,
  Unique,
  View,
} from '../../schema/model.js';
import { splitTableName } from '../../schema/table-names.js';
import { defaultText } from './defaults.js';
import { enclosed, withoutEnd } from './expressions.js';
import { literalText, quoteIdentifier as quote, quoteTable } from './literals.js';
import { isStorage, ownOptions } from './table-options.js';
import { typeText } from './types.js';

/** From which version on the server has what ("Appendix E. Release Notes"). */
export const SINCE = {
  dropExpression: 130000,
  nullsNotDistinct: 150000,
  virtualColumns: 180000,
  inputIsValid: 160000,
} as const;

export function quoteList(names: readonly string[]): string {
  return names.map(quote).join(', ');
}

export function unsupported(feature: string, object: string): Error {
  return error('CAPABILITY_MISSING', { database: 'PostgreSQL', feature, object });
}

const SERIAL: Readonly<Record<string, string>> = {
  smallint: 'smallserial',
  integer: 'serial',
  bigint: 'bigserial',
};

/** The text of a column as CREATE TABLE and ADD COLUMN take it. */
export function columnText(column: Column, table: string, version: number): string {
  const parts = [quote(column.name), columnTypeText(column, table)];
  if (column.collation !== undefined) parts.push(`COLLATE ${quote(column.collation)}`);
  if (column.autoIncrement === 'identity') parts.push(identityText(column));
  if (!column.nullable) parts.push('NOT NULL');
  if (column.default !== undefined) parts.push(`DEFAULT ${defaultText(column.default, column.type)}`);
  if (column.generated !== undefined) parts.push(generatedText(column, table, version));
  return parts.join(' ');
}

function columnTypeText(column: Column, table: string): string {
  if (column.autoIncrement === undefined) return typeText(column.type);
  const serial = SERIAL[column.type.kind];
  if (serial === undefined) {
    throw unsupported(`auto-increment of type ${column.type.kind}`, `'${table}.${column.name}'`);
  }
  return column.autoIncrement === 'increment' ? serial : typeText(column.type);
}

export function identityText(column: Column): string {
  const always = column.options?.['postgres.identity'] === 'always';
  return `GENERATED ${always ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`;
}

function generatedText(column: Column, table: string, version: number): string {
  const { sql = '', stored } = column.generated ?? {};
  if (!stored && version < SINCE.virtualColumns) {
    throw unsupported('virtual generated columns before version 18', `'${table}.${column.name}'`);
  }
  return `GENERATED ALWAYS AS ${enclosed(sql)} ${stored ? 'STORED' : 'VIRTUAL'}`;
}

/** Makes a stored generated column a plain one that keeps its values. */
export function dropExpressionText(column: string, table: string, version: number): string {
  if (version < SINCE.dropExpression) {
    const feature = 'way to keep the values of a generated column before version 13';
    throw unsupported(feature, `'${table}.${column}'`);
  }
  return `ALTER COLUMN ${quote(column)} DROP EXPRESSION`;
}

/** CREATE TABLE with what belongs to it, as statements in order. */
export function createTableTexts(table: Table, version: number): string[] {
  const { inside, after } = divideUniques(table);
  const [exclusions, twins] = divideExclusions(table.exclusions);
  const lines = [
    ...table.columns.map((column) => columnText(column, table.name, version)),
    ...(table.primaryKey ? [primaryKeyText(table.primaryKey)] : []),
    ...inside.map((unique) => uniqueText(unique, version)),
    ...table.checks.map(checkText),
    ...exclusions.map(exclusionText),
    ...table.foreignKeys.map(foreignKeyText),
  ];
  const options = ownOptions(table.options);
  const storage = [...options]
    .filter(([name]) => isStorage(name))
    .map(([name, value]) => optionText(name, value));
  const unlogged = options.get('unlogged') === true ? 'UNLOGGED ' : '';
  const body = lines.length === 0 ? '()' : `(\n  ${lines.join(',\n  ')}\n)`;
  return [
    `CREATE ${unlogged}TABLE ${quoteTable(table.name)} ${body}${storage.length > 0 ? ` WITH (${storage.join(', ')})` : ''}`,
    ...twins.map((each) => `ALTER TABLE ${quoteTable(table.name)} ADD ${exclusionText(each)}`),
    ...after.map((unique) => `ALTER TABLE ${quoteTable(table.name)} ADD ${uniqueText(unique, version)}`),
    ...table.indexes.map((index) => createIndexText(index, table.name, version)),
    ...commentTexts(table),
  ];
}

/**
 * Keys over the same columns, of which one statement makes but one and says nothing (parse_utilcmd.c,
 * transformIndexConstraints): the others need statements of their own.
 */
export function divideUniques({ primaryKey, uniques }: Pick<Table, 'primaryKey' | 'uniques'>): {
  readonly inside: Unique[];
  readonly after: Unique[];
} {
  const inside: Unique[] = [];
  const after: Unique[] = [];
  // A foreign key in the same statement may need one that is not deferrable.
  const order = [...uniques.filter((each) => !each.deferrable), ...uniques.filter((each) => each.deferrable)];
  for (const unique of order) {
    const isTwin = [...(primaryKey ? [primaryKey] : []), ...inside].some(({ columns }) =>
      deepEqual(columns, unique.columns),
    );
    (isTwin ? after : inside).push(unique);
  }
  return { inside, after };
}

/** Of exclusions that say the same one statement makes but one as well. */
function divideExclusions(
  exclusions: readonly Exclusion[],
): readonly [inside: Exclusion[], after: Exclusion[]] {
  const said = (each: Exclusion): string => canonicalSql(exclusionText({ ...each, name: '' }));
  const isFirst = (each: Exclusion): boolean =>
    exclusions.find((other) => said(other) === said(each)) === each;
  return [exclusions.filter(isFirst), exclusions.filter((each) => !isFirst(each))];
}

/** A storage parameter as WITH and SET take it. */
export function optionText(name: string, value: string | number | boolean): string {
  const names = name.split('.').map((part) => (/^[a-z_]+$/.test(part) ? part : quote(part)));
  return `${names.join('.')} = ${typeof value === 'string' ? literalText(value) : String(value)}`;
}

function commentTexts(table: Table): string[] {
  return [
    ...(table.comment ? [tableCommentText(table.name, table.comment)] : []),
    ...table.columns.flatMap(({ name, comment }) =>
      comment ? [columnCommentText(table.name, name, comment)] : [],
    ),
  ];
}

export function tableCommentText(table: string, comment: string | null | undefined): string {
  return `COMMENT ON TABLE ${quoteTable(table)} IS ${literalText(comment || null)}`;
}

export function columnCommentText(table: string, column: string, comment: string | null | undefined): string {
  return `COMMENT ON COLUMN ${quoteTable(table)}.${quote(column)} IS ${literalText(comment || null)}`;
}

export function primaryKeyText(key: PrimaryKey): string {
  return `CONSTRAINT ${quote(key.name)} PRIMARY KEY (${quoteList(key.columns)})`;
}

export function uniqueText(unique: Unique, version: number): string {
  const nulls = unique.nullsNotDistinct ? nullsText(unique.name, version) : '';
  return `CONSTRAINT ${quote(unique.name)} UNIQUE${nulls} (${quoteList(unique.columns)})${deferrableText(unique.deferrable)}`;
}

function nullsText(name: string, version: number): string {
  if (version < SINCE.nullsNotDistinct) {
    throw unsupported('NULLS NOT DISTINCT before version 15', `'${name}'`);
  }
  return ' NULLS NOT DISTINCT';
}

export function deferrableText(deferrable: Deferrable | undefined): string {
  if (deferrable === undefined) return '';
  return ` DEFERRABLE INITIALLY ${deferrable === 'deferred' ? 'DEFERRED' : 'IMMEDIATE'}`;
}

export function checkText(check: Check): string {
  return `CONSTRAINT ${quote(check.name)} CHECK ${enclosed(check.expression)}`;
}

export function exclusionText(exclusion: Exclusion): string {
  const method = methodText(exclusion.method ?? 'gist');
  const where = exclusion.where === undefined ? '' : ` WHERE ${enclosed(exclusion.where)}`;
  return `CONSTRAINT ${quote(exclusion.name)} EXCLUDE USING ${method} ${enclosed(exclusion.elements)}${where}${deferrableText(exclusion.deferrable)}`;
}

/** The text of a foreign key as a table constraint. */
export function foreignKeyText(key: ForeignKey): string {
  const parts = [
    `CONSTRAINT ${quote(key.name)} FOREIGN KEY (${quoteList(key.columns)})`,
    `REFERENCES ${quoteTable(key.refTable)} (${quoteList(key.refColumns)})`,
  ];
  if (key.onDelete !== undefined) parts.push(`ON DELETE ${key.onDelete}`);
  if (key.onUpdate !== undefined) parts.push(`ON UPDATE ${key.onUpdate}`);
  return parts.join(' ') + deferrableText(key.deferrable);
}

/** Methods are names of the server's; whatever else is quoted, so that it stays one. */
function methodText(method: string): string {
  const lower = method.toLowerCase();
  return /^[a-z_][a-z0-9_]*$/.test(lower) ? lower : quote(method);
}

/** The text of CREATE INDEX. */
export function createIndexText(index: Index, table: string, version: number, concurrently = false): string {
  const unique = index.unique ? 'UNIQUE ' : '';
  const online = concurrently ? 'CONCURRENTLY ' : '';
  const method = index.method === undefined ? '' : ` USING ${methodText(index.method)}`;
  const columns = index.columns.map((part) => indexColumnText(part, index.name)).join(', ');
  const include = index.include?.length ? ` INCLUDE (${quoteList(index.include)})` : '';
  const nulls = index.nullsNotDistinct ? nullsText(index.name, version) : '';
  const options = [...ownOptions(index.options)].map(([name, value]) => optionText(name, value));
  const storage = options.length > 0 ? ` WITH (${options.join(', ')})` : '';
  const where = index.where === undefined ? '' : ` WHERE ${enclosed(index.where)}`;
  return `CREATE ${unique}INDEX ${online}${quote(index.name)} ON ${quoteTable(table)}${method} (${columns})${include}${nulls}${storage}${where}`;
}

function indexColumnText(part: IndexColumn, index: string): string {
  if (part.length !== undefined) throw unsupported('prefix lengths', `'${index}'`);
  const subject = 'column' in part ? quote(part.column) : enclosed(part.expression);
  const collation = part.collation === undefined ? '' : ` COLLATE ${quote(part.collation)}`;
  const operatorClass = part.operatorClass === undefined ? '' : ` ${classText(part.operatorClass)}`;
  const order = part.order === 'desc' ? ' DESC' : '';
  const nulls = part.nulls === undefined ? '' : ` NULLS ${part.nulls.toUpperCase()}`;
  return `${subject}${collation}${operatorClass}${order}${nulls}`;
}

/** `text_pattern_ops`, or one of another schema, or with parameters: `gin_trgm_ops`, `public.gist_ltree_ops(siglen = 100)`. */
function classText(name: string): string {
  if (/^[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?(?: ?\([a-z0-9_=, ]*\))?$/i.test(name)) return name;
  return quoteTable(name);
}

/** An index lies in the schema of its table, and has no schema in its own name. */
export function indexText(name: string, table: string): string {
  const { schema } = splitTableName(table);
  return schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`;
}

export function createViewText(view: View): string {
  return `CREATE ${view.materialized ? 'MATERIALIZED ' : ''}VIEW ${quoteTable(view.name)} AS ${withoutEnd(view.query)}`;
}

export function dropViewText(view: View): string {
  return `DROP ${view.materialized ? 'MATERIALIZED ' : ''}VIEW ${quoteTable(view.name)}`;
}

/** What CREATE SEQUENCE says. */
export function sequenceText(sequence: Sequence): string {
  const { first, increment } = course(sequence);
  return `INCREMENT BY ${increment}${isUsual(sequence) ? '' : WIDE} START WITH ${first}`;
}

/** What ALTER SEQUENCE says: where it stands now must lie between its bounds, on whichever way it goes. */
export function alteredSequenceText(from: Sequence, to: Sequence): string {
  const [old, now] = [course(from), course(to)];
  const isWithin = isUsual(from) && isUsual(to) && old.increment > 0 === now.increment > 0;
  return `INCREMENT BY ${now.increment}${isWithin ? '' : WIDE} START WITH ${now.first}`;
}

const WIDE = ' MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807';

function course({ start, increment = 1 }: Sequence): { readonly first: number; readonly increment: number } {
  return { first: start ?? (increment < 0 ? -1 : 1), increment };
}

/** Whether a sequence begins on the side of zero to which it counts, as the usual bounds have it. */
function isUsual(sequence: Sequence): boolean {
  const { first, increment } = course(sequence);
  return increment < 0 ? first < 0 : first > 0;
}
