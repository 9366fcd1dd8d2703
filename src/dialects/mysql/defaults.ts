/**
 * Defaults of columns: as DDL text, as the catalog tells them, and in the words in which they are compared.
 *
 * MariaDB's catalog tells SQL (`'it''s'`, `current_timestamp(3)`), MySQL's the raw value of a literal, and SQL
 * only where EXTRA says DEFAULT_GENERATED ("The INFORMATION_SCHEMA COLUMNS Table").
 */

import { canonicalSql, type Token, tokenize, withoutOuterParentheses } from '../../base/sql-tokens.js';
import type { Column, ColumnDefault, ColumnType } from '../../schema/model.js';
import { decimalText, parseDecimal } from '../shared/decimals.js';
import { instantToText } from '../shared/temporal.js';
import { canonicalExpression, toMysql, toPortable } from './expressions.js';
import type { Flavour } from './flavour.js';
import { literalText } from './literals.js';
import { fractionOf, isUnbounded } from './types.js';

const NUMERIC: ReadonlySet<ColumnType['kind']> = new Set([
  ...(['smallint', 'integer', 'bigint', 'real', 'double', 'decimal', 'boolean'] as const),
]);

/** The moment in all its spellings; the digits behind it follow the column. */
const NOW = /^(?:current_timestamp|now|localtime|localtimestamp)(?:\(\d?\))?$/;
const TODAY = /^(?:current_date|curdate)(?:\(\))?$/;
const TIME_NOW = /^(?:current_time|curtime)(?:\(\d?\))?$/;

/** `current_timestamp`, `current_date` or `current_time` where an expression is one of them and nothing else. */
export function momentOf(sql: string): 'current_timestamp' | 'current_date' | 'current_time' | undefined {
  const text = withoutOuterParentheses(tokenize(sql))
    .map((token) => token.text.toLowerCase())
    .join('');
  if (NOW.test(text)) return 'current_timestamp';
  if (TODAY.test(text)) return 'current_date';
  return TIME_NOW.test(text) ? 'current_time' : undefined;
}

/** What stands behind DEFAULT; undefined where there is nothing to say. */
export function defaultText(
  column: Column,
  columns: readonly string[],
  flavour: Flavour,
): string | undefined {
  if (column.default === undefined) return undefined;
  const literal = literalOf(column.default);
  if (literal === null) return undefined;
  if (literal !== undefined) {
    const text = literalText(storedLiteral(literal, column.type));
    // "BLOB, TEXT, GEOMETRY, and JSON … only if the value is written as an expression" ("Data Type Default Values").
    return isUnbounded(column.type, flavour) && !flavour.mariadb ? `(${text})` : text;
  }
  const sql = (column.default as { readonly sql: string }).sql;
  const moment = momentOf(sql);
  if (moment !== undefined) return momentDefault(moment, column.type);
  return `(${toMysql(sql, columns)})`;
}

/** A moment with as many digits as the column keeps: MySQL refuses any other number. */
function momentDefault(moment: string, type: ColumnType): string {
  const word = moment.toUpperCase();
  if (moment === 'current_timestamp' && isInstant(type)) return `${word}${digits(type)}`;
  if (moment === 'current_date') return `(${word})`;
  return `(${word}${digits(type)})`;
}

function digits(type: ColumnType): string {
  if (type.kind !== 'time' && !isInstant(type)) return '';
  const precision = fractionOf(type);
  return precision === 0 ? '' : `(${precision})`;
}

/** What stands behind ON UPDATE, for an option that says it in any spelling. */
export function onUpdateText(type: ColumnType): string {
  return `CURRENT_TIMESTAMP${digits(type)}`;
}

export function isInstant({ kind }: ColumnType): boolean {
  return kind === 'timestamp' || kind === 'timestamptz';
}

type Literal = string | number | boolean;

/** The literal that a default is, also where it is written as SQL; null for NULL, undefined for an expression. */
export function literalOf(value: ColumnDefault): Literal | null | undefined {
  if (value.kind === 'literal') return value.value;
  const tokens = withoutOuterParentheses(tokenize(value.sql));
  const [first, second, ...more] = tokens;
  if (first === undefined || more.length > 0) return undefined;
  if (second !== undefined) {
    const signed = (first.text === '-' || first.text === '+') && second.kind === 'number';
    return signed ? numberOf(`${first.text === '-' ? '-' : ''}${second.text}`) : undefined;
  }
  return literalToken(first);
}

function literalToken(token: Token): Literal | null | undefined {
  switch (token.kind) {
    case 'string':
      return token.value;
    case 'number':
      return numberOf(token.text);
    case 'word':
      return WORDS.get(token.text.toLowerCase());
    default:
      return undefined;
  }
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** A number where JavaScript holds it exactly, else its text; undefined for hexadecimal ones, which are bytes. */
function numberOf(text: string): number | string | undefined {
  const decimal = parseDecimal(text);
  if (decimal === undefined) return /^-?\d/.test(text) && !/^-?0x/i.test(text) ? Number(text) : undefined;
  const plain = decimalText(decimal);
  return String(Number(plain)) === plain ? Number(plain) : plain;
}

/** A literal as the column stores it: an instant in UTC without its zone, which MySQL would refuse. */
function storedLiteral(value: Literal, type: ColumnType): Literal {
  if (typeof value !== 'string' || !isInstant(type)) return value;
  return instantOr(value, fractionOf(type)) ?? value;
}

function instantOr(text: string, precision: number): string | undefined {
  try {
    return instantToText(text, precision, 'default');
  } catch {
    // What is no instant is the server's to refuse.
    return undefined;
  }
}

/** What the catalog says of a column's default. */
export interface CatalogDefault {
  readonly text: string | null;
  readonly extra: string;
}

/** The default that the catalog tells. */
export function readDefault(
  { text, extra }: CatalogDefault,
  type: ColumnType,
  flavour: Flavour,
): ColumnDefault | undefined {
  if (text === null) return undefined;
  if (flavour.mariadb) return readSql(text, type);
  if (/\bdefault_generated\b/i.test(extra)) return readSql(unescapeQuotes(text), type);
  // MySQL before 8.0.13 does not mark the only expression that it knows.
  if (isInstant(type) && momentOf(text) === 'current_timestamp') return readSql(text, type);
  return readRaw(text, type);
}

/** MySQL's catalog escapes the quotes of an expression's strings: `_utf8mb4\'x\'`. */
export function unescapeQuotes(text: string): string {
  return text.replace(/\\(['\\])/g, '$1');
}

function readSql(printed: string, type: ColumnType): ColumnDefault | undefined {
  const sql = toPortable(printed);
  const moment = momentOf(sql);
  if (moment !== undefined) return { kind: 'expression', sql: moment.toUpperCase() };
  const tokens = withoutOuterParentheses(tokenize(sql));
  const literal = literalOf({ kind: 'expression', sql });
  if (literal === null) return undefined;
  if (literal !== undefined) return { kind: 'literal', value: typedLiteral(literal, type) };
  const [first, last] = [tokens[0], tokens.at(-1)];
  return { kind: 'expression', sql: first && last ? sql.slice(first.start, last.end) : sql };
}

function readRaw(text: string, type: ColumnType): ColumnDefault {
  if (type.kind === 'native' && /^(?:b'[01]*'|0x[0-9a-f]*)$/i.test(text))
    return { kind: 'expression', sql: text };
  if (type.kind === 'native' || !NUMERIC.has(type.kind)) return { kind: 'literal', value: text };
  return { kind: 'literal', value: typedLiteral(numberOf(text) ?? text, type) };
}

/** A literal as a model writes it. */
function typedLiteral(value: Literal, type: ColumnType): Literal {
  if (type.kind === 'boolean' && (value === 0 || value === 1)) return value === 1;
  // Some print numbers of numeric columns in quotes.
  if (NUMERIC.has(type.kind) && typeof value === 'string') return numberOf(value) ?? value;
  return value;
}

/** A default in the words in which two equal ones are equal; '' for none. */
export function canonicalDefault(column: Column): string {
  if (column.default === undefined) return '';
  const { type } = column;
  const literal = literalOf(column.default);
  if (literal === null) return '';
  if (literal !== undefined) return canonicalLiteral(literal, type);
  const sql = (column.default as { readonly sql: string }).sql;
  return momentOf(sql) ?? canonicalExpression(sql);
}

function canonicalLiteral(value: Literal, type: ColumnType): string {
  const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
  if (NUMERIC.has(type.kind) || (type.kind === 'native' && parseDecimal(text) !== undefined)) {
    const decimal = parseDecimal(text.trim());
    if (decimal !== undefined) return decimalText(decimal);
  }
  if (type.kind === 'blob') return `x'${Buffer.from(text, 'utf8').toString('hex')}'`;
  return canonicalSql(`'${canonicalText(text, type).replaceAll("'", "''")}'`);
}

/** A text in the spelling that the column gives back. */
function canonicalText(text: string, type: ColumnType): string {
  if (isInstant(type)) return instantOr(text, fractionOf(type)) ?? text;
  if (type.kind === 'time') {
    const match = /^(\d\d:\d\d)(?::(\d\d)(?:\.(\d*))?)?$/.exec(text);
    return match ? `${match[1]}:${match[2] ?? '00'}.${(match[3] ?? '').replace(/0+$/, '')}` : text;
  }
  return text;
}
