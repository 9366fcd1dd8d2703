/**
 * The words in which SQLite's definitions are compared: equal text means that SQLite cannot tell the two
 * apart. Types go through what we would declare and read back; defaults by value; expressions token by token,
 * since SQLite keeps their text as it was written.
 */

import { canonicalSql, tokenize, withoutOuterParentheses } from '../../base/sql-tokens.js';
import type { Column, ColumnType, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { CanonicalForms } from '../contract.js';
import { decimalText, parseDecimal } from '../shared/decimals.js';
import { literalOf, literalText } from './literals.js';
import { parseType, typeText } from './types.js';

/** SQLite's canonical forms. */
export const sqliteCanonical: CanonicalForms = {
  type: (type, schema, place) =>
    place !== undefined && makesRowid(place.column) ? 'integer' : canonicalType(type, schema),
  default: canonicalDefault,
  expression: canonicalSql,
  // Names of collations are case-insensitive (ASCII), and BINARY is what a column has anyway.
  collation: (collation) => {
    const name = (collation ?? '').toLowerCase();
    return name === 'binary' ? '' : name;
  },
  comment: () => '',
  autoIncrement: canonicalAutoIncrement,
  columnOptions: () => '',
  // SQLite's indexes are all B-trees.
  indexOptions: () => '',
  tableOptions,
};

const INTEGERS: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint']);

/**
 * Whether the column must be declared `INTEGER`, whatever integer was asked for: only that spelling makes a
 * column an alias of the rowid ("CREATE TABLE", 5), which is how SQLite makes keys.
 */
export function makesRowid(column: Column): boolean {
  return column.autoIncrement !== undefined && INTEGERS.has(column.type.kind);
}

function canonicalType(type: ColumnType, schema: Schema): string {
  if (type.kind === 'enum')
    return `enum ${JSON.stringify(byName(schema.enums, type.name)?.values ?? type.name)}`;
  // An array has no text here; it must still be comparable, so that the plan can say what is missing.
  if (type.kind === 'array') return `array ${JSON.stringify(type.of)}`;
  if (type.kind === 'native' && !('sqlite' in type.sql) && !('default' in type.sql))
    return JSON.stringify(type.sql);
  const declared = typeText(type);
  const read = parseType(declared);
  switch (read.kind) {
    case 'native':
      return `native ${tokenize(declared)
        .map((token) => token.value.toLowerCase())
        .join(' ')}`;
    case 'timestamp':
    case 'timestamptz':
      // A Date has three digits, which is what a column without a precision keeps.
      return `${read.kind}(${read.precision ?? 3})`;
    case 'decimal':
      return read.precision === undefined ? 'decimal' : `decimal(${read.precision},${read.scale ?? 0})`;
    default:
      return typeText(read);
  }
}

const NUMERIC: ReadonlySet<string> = new Set([
  'smallint',
  'integer',
  'bigint',
  'real',
  'double',
  'boolean',
  'decimal',
]);
const TEXTUAL: ReadonlySet<string> = new Set(['char', 'varchar', 'text', 'json', 'simple-array', 'enum']);

/** A default by the value that a row would get, which depends on the column's affinity. */
function canonicalDefault(column: Column): string {
  if (column.default === undefined) return '';
  const sql = column.default.kind === 'literal' ? literalText(column.default.value) : column.default.sql;
  const literal = literalOf(sql);
  switch (literal?.kind) {
    case 'null':
      return '';
    case 'boolean':
      return number(literal.value ? '1' : '0', column.type);
    case 'number':
      return number(literal.text, column.type);
    case 'string':
      return text(literal.value, column.type);
    default:
      return expression(sql);
  }
}

function number(written: string, type: ColumnType): string {
  // TEXT affinity stores the number's text ("Datatypes In SQLite", 3.2): 5 and '5' are one default there.
  if (TEXTUAL.has(type.kind)) return `'${written}'`;
  const decimal = parseDecimal(written);
  return decimal === undefined ? canonicalSql(written) : decimalText(decimal);
}

function text(value: string, type: ColumnType): string {
  const decimal = NUMERIC.has(type.kind) ? parseDecimal(value.trim()) : undefined;
  return decimal === undefined ? `'${value.replaceAll("'", "''")}'` : decimalText(decimal);
}

function expression(sql: string): string {
  const tokens = withoutOuterParentheses(tokenize(sql));
  return canonicalSql(tokens.length === 0 ? '' : sql);
}

/** Tells AUTOINCREMENT alone: a sole INTEGER key makes keys without it, so `identity` and nothing are one. */
function canonicalAutoIncrement(column: Column, table: Table): string {
  if (column.autoIncrement === 'increment') return 'increment';
  const key = table.primaryKey?.columns;
  const sole = key?.length === 1 && key[0] === column.name && INTEGERS.has(column.type.kind);
  return sole ? '' : (column.autoIncrement ?? '');
}

/** Options that change what a table is; what a rebuild has to remember (`sqlite.onConflict:…`) is not compared. */
function tableOptions(table: Table): string {
  const names = ['sqlite.strict', 'sqlite.withoutRowid'];
  return names.filter((name) => table.options?.[name] === true).join(' ');
}
