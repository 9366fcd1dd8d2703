/**
 * What information_schema says of one database, in a fixed number of queries whatever the number of tables. Each asks
 * for `DATABASE()` alone: a constant lets MariaDB open the files of this database and of no other ("Optimizing
 * INFORMATION_SCHEMA Queries"). Sorting is left to us; there it makes a temporary table.
 */

import type { Connection, SqlValue } from '../contract.js';
import { type Flavour, isAtLeast } from './flavour.js';
import { literalText, quoteIdentifier as quote } from './literals.js';

export interface CatalogTable {
  readonly name: string;
  /** `BASE TABLE`, `VIEW`, `SEQUENCE`, `SYSTEM VERSIONED`. */
  readonly type: string;
  readonly engine: string;
  readonly collation: string;
  readonly createOptions: string;
  readonly comment: string;
}

export interface CatalogColumn {
  readonly table: string;
  readonly name: string;
  readonly position: number;
  readonly default: string | null;
  readonly nullable: boolean;
  readonly type: string;
  readonly charset: string | undefined;
  readonly collation: string | undefined;
  readonly extra: string;
  readonly comment: string;
  readonly generated: string;
}

/** One part of an index. */
export interface CatalogIndexPart {
  readonly table: string;
  readonly index: string;
  readonly unique: boolean;
  readonly position: number;
  /** Null for an expression. */
  readonly column: string | null;
  readonly descending: boolean;
  readonly length: number | undefined;
  readonly type: string;
  readonly comment: string;
  readonly invisible: boolean;
  readonly expression: string | null;
}

export interface CatalogCheck {
  readonly table: string;
  readonly name: string;
  readonly clause: string;
  /** It stands at the column of its name. */
  readonly atColumn: boolean;
}

/** One column of a foreign key. */
export interface CatalogKeyPart {
  readonly table: string;
  readonly name: string;
  readonly position: number;
  readonly column: string;
  readonly refTable: string;
  readonly refColumn: string;
  /** The key refers to a table of another database. */
  readonly isForeign: boolean;
}

export interface CatalogKeyRule {
  readonly table: string;
  readonly name: string;
  readonly onUpdate: string;
  readonly onDelete: string;
}

export interface CatalogView {
  readonly name: string;
  readonly query: string;
}

export interface CatalogTrigger {
  readonly name: string;
  readonly table: string;
  readonly timing: string;
  readonly event: string;
  readonly statement: string;
  readonly order: number;
}

export interface CatalogSequence {
  readonly name: string;
  readonly start: number;
  readonly increment: number;
}

export interface Catalog {
  readonly database: { readonly name: string; readonly charset: string; readonly collation: string };
  /** The collation that each character set has where nobody names one. */
  readonly defaultCollations: ReadonlyMap<string, string>;
  readonly tables: readonly CatalogTable[];
  readonly columns: readonly CatalogColumn[];
  readonly indexParts: readonly CatalogIndexPart[];
  readonly checks: readonly CatalogCheck[];
  readonly keyParts: readonly CatalogKeyPart[];
  readonly keyRules: readonly CatalogKeyRule[];
  readonly views: readonly CatalogView[];
  readonly triggers: readonly CatalogTrigger[];
  readonly sequences: readonly CatalogSequence[];
}

const text = (value: SqlValue | undefined): string => {
  if (value === null || value === undefined) return '';
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
};
const textOrNull = (value: SqlValue | undefined): string | null =>
  value === null || value === undefined ? null : text(value);

/** Reads it all. */
export async function readCatalog(flavour: Flavour, connection: Connection): Promise<Catalog> {
  const rows = async <T>(sql: string, make: (row: SqlValue[]) => T): Promise<T[]> =>
    (await connection.queryArrays(sql)).map(make);
  const [database] = await rows(DATABASE, ([name, charset, collation]) => ({
    name: text(name),
    charset: text(charset),
    collation: text(collation),
  }));
  const charsets = await rows(CHARSETS, ([name, collation]) => [text(name), text(collation)] as const);
  const tables = await rows(TABLES, readTable);
  const names = tables.filter(({ type }) => type === 'SEQUENCE').map(({ name }) => name);
  return {
    database: database ?? { name: '', charset: '', collation: '' },
    defaultCollations: new Map(charsets),
    tables,
    columns: await rows(COLUMNS, readColumn),
    indexParts: await rows(indexParts(flavour), readIndexPart),
    checks: hasChecks(flavour) ? await rows(checks(flavour), readCheck) : [],
    keyParts: await rows(KEY_PARTS, readKeyPart),
    keyRules: await rows(KEY_RULES, readKeyRule),
    views: await rows(VIEWS, ([name, query]) => ({ name: text(name), query: text(query) })),
    triggers: await rows(TRIGGERS, readTrigger),
    sequences: names.length === 0 ? [] : await rows(sequences(names), readSequence),
  };
}

const DATABASE = `SELECT schema_name, default_character_set_name, default_collation_name
FROM information_schema.schemata WHERE schema_name = DATABASE()`;

const CHARSETS = 'SELECT character_set_name, default_collate_name FROM information_schema.character_sets';

const TABLES = `SELECT table_name, table_type, engine, table_collation, create_options, table_comment
FROM information_schema.tables WHERE table_schema = DATABASE()`;

function readTable([name, type, engine, collation, options, comment]: SqlValue[]): CatalogTable {
  return {
    name: text(name),
    type: text(type).toUpperCase(),
    engine: text(engine),
    collation: text(collation),
    createOptions: text(options),
    comment: text(comment),
  };
}

const COLUMNS = `SELECT table_name, column_name, ordinal_position, column_default, is_nullable, column_type,
  character_set_name, collation_name, extra, column_comment, generation_expression
FROM information_schema.columns WHERE table_schema = DATABASE()`;

function readColumn(row: SqlValue[]): CatalogColumn {
  const [table, name, position, value, nullable, type, charset, collation, extra, comment, generated] = row;
  return {
    table: text(table),
    name: text(name),
    position: Number(position),
    default: textOrNull(value),
    nullable: text(nullable).toUpperCase() === 'YES',
    type: text(type),
    charset: textOrNull(charset) ?? undefined,
    collation: textOrNull(collation) ?? undefined,
    extra: text(extra),
    comment: text(comment),
    generated: text(generated),
  };
}

function indexParts(flavour: Flavour): string {
  const hidden = flavour.mariadb
    ? isAtLeast(flavour, 10, 6)
      ? "ignored = 'YES'"
      : '0'
    : isAtLeast(flavour, 8)
      ? "is_visible = 'NO'"
      : '0';
  const expression = !flavour.mariadb && isAtLeast(flavour, 8, 0, 13) ? 'expression' : 'NULL';
  return `SELECT table_name, index_name, non_unique, seq_in_index, column_name, collation, sub_part, index_type,
  index_comment, ${hidden}, ${expression}
FROM information_schema.statistics WHERE table_schema = DATABASE()`;
}

function readIndexPart(row: SqlValue[]): CatalogIndexPart {
  const [table, index, nonUnique, position, column, collation, length, type, comment, hidden, expression] =
    row;
  return {
    table: text(table),
    index: text(index),
    unique: Number(nonUnique) === 0,
    position: Number(position),
    column: textOrNull(column),
    descending: text(collation) === 'D',
    length: length === null ? undefined : Number(length),
    type: text(type).toUpperCase(),
    comment: text(comment),
    invisible: Number(hidden) === 1,
    expression: textOrNull(expression),
  };
}

/** Whether the server keeps checks and tells them. */
function hasChecks(flavour: Flavour): boolean {
  return flavour.mariadb ? isAtLeast(flavour, 10, 2, 22) : isAtLeast(flavour, 8, 0, 16);
}

function checks(flavour: Flavour): string {
  if (flavour.mariadb) {
    const level = isAtLeast(flavour, 10, 5, 10) ? "level = 'Column'" : '0';
    return `SELECT table_name, constraint_name, check_clause, ${level}
FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()`;
  }
  return `SELECT t.table_name, c.constraint_name, c.check_clause, 0
FROM information_schema.check_constraints c
JOIN information_schema.table_constraints t
  ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name
WHERE c.constraint_schema = DATABASE() AND t.constraint_type = 'CHECK'`;
}

function readCheck([table, name, clause, atColumn]: SqlValue[]): CatalogCheck {
  return { table: text(table), name: text(name), clause: text(clause), atColumn: Number(atColumn) === 1 };
}

const KEY_PARTS = `SELECT table_name, constraint_name, ordinal_position, column_name, referenced_table_name,
  referenced_column_name, referenced_table_schema <> table_schema
FROM information_schema.key_column_usage
WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL`;

function readKeyPart(row: SqlValue[]): CatalogKeyPart {
  const [table, name, position, column, refTable, refColumn, isForeign] = row;
  return {
    table: text(table),
    name: text(name),
    position: Number(position),
    column: text(column),
    refTable: text(refTable),
    refColumn: text(refColumn),
    isForeign: Number(isForeign) === 1,
  };
}

const KEY_RULES = `SELECT table_name, constraint_name, update_rule, delete_rule
FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()`;

function readKeyRule([table, name, onUpdate, onDelete]: SqlValue[]): CatalogKeyRule {
  return { table: text(table), name: text(name), onUpdate: text(onUpdate), onDelete: text(onDelete) };
}

const VIEWS = `SELECT table_name, view_definition
FROM information_schema.views WHERE table_schema = DATABASE()`;

const TRIGGERS = `SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement, action_order
FROM information_schema.triggers WHERE trigger_schema = DATABASE()`;

function readTrigger([name, table, timing, event, statement, order]: SqlValue[]): CatalogTrigger {
  return {
    name: text(name),
    table: text(table),
    timing: text(timing),
    event: text(event),
    statement: text(statement),
    order: Number(order),
  };
}

/** A sequence is a table of one row; MariaDB before 11.5 tells of it nowhere else. */
function sequences(names: readonly string[]): string {
  return names
    .map((name) => `SELECT ${literalText(name)}, start_value, increment FROM ${quote(name)}`)
    .join('\nUNION ALL ');
}

function readSequence([name, start, increment]: SqlValue[]): CatalogSequence {
  return { name: text(name), start: Number(start), increment: Number(increment) };
}
