/**
 * Column defaults: what DDL writes, what `pg_get_expr` gives back (`'abc'::character varying`, `'-5'::integer`),
 * and the one spelling in which two that a row cannot tell apart are equal.
 */

import { canonicalSql, type Token, tokenize, withoutOuterParentheses } from '../../base/sql-tokens.js';
import type { Column, ColumnDefault, ColumnType } from '../../schema/model.js';
import { decimalText, parseDecimal } from '../shared/decimals.js';
import { enclosed } from './expressions.js';
import { literalText } from './literals.js';

type Kind = ColumnType['kind'];

const NUMERIC: ReadonlySet<Kind> = new Set(['smallint', 'integer', 'bigint', 'real', 'double', 'decimal']);

/** What stands behind DEFAULT. */
export function defaultText(value: ColumnDefault, type: ColumnType): string {
  if (value.kind === 'literal') return literalOfType(value.value, type);
  return /^\s*[a-z_]+\s*$/i.test(value.sql) ? value.sql.trim() : enclosed(value.sql);
}

/** A literal as a column's type reads it: in quotes it has no type of its own, so the column's input decides. */
export function literalOfType(value: string | number | boolean, type: ColumnType): string {
  if (NUMERIC.has(type.kind) && typeof value !== 'string') return literalText(Number(value));
  if (type.kind === 'boolean' && typeof value !== 'string') return literalText(Boolean(value));
  return literalText(String(value === 0 ? 0 : value));
}

/** A literal without its cast: the text of its value, and whether it was a keyword or a number. */
type Literal =
  | { readonly kind: 'string' | 'number' | 'boolean'; readonly text: string }
  | { readonly kind: 'null' };

/** The literal that an expression is, whatever it is cast to; undefined where it is more than that. */
export function literalOf(sql: string): Literal | undefined {
  const tokens = withoutOuterParentheses(tokenize(sql));
  const cast = tokens.findIndex((token) => token.text === '::');
  if (cast !== -1 && !isTypeText(tokens.slice(cast + 1))) return undefined;
  const value = withoutOuterParentheses(cast === -1 ? tokens : tokens.slice(0, cast));
  const signed = value.length === 2 && (value[0]?.text === '-' || value[0]?.text === '+');
  const token = value[signed ? 1 : 0];
  if (token === undefined || value.length !== (signed ? 2 : 1)) return undefined;
  if (token.kind === 'number') {
    return { kind: 'number', text: value[0]?.text === '-' ? `-${token.text}` : token.text };
  }
  if (signed) return undefined;
  if (token.kind === 'string') return { kind: 'string', text: token.value };
  const word = token.kind === 'word' ? token.text.toLowerCase() : '';
  if (word === 'null') return { kind: 'null' };
  return word === 'true' || word === 'false' ? { kind: 'boolean', text: word } : undefined;
}

/**
 * `character varying`, `"Mood"[]`: names and brackets, and no second cast. A length or precision is said only
 * where somebody wrote that cast, and it may cut the value.
 */
function isTypeText(tokens: readonly Token[]): boolean {
  return (
    tokens.length > 0 &&
    tokens.every(({ kind, text }) => kind === 'word' || kind === 'quoted' || '[].'.includes(text))
  );
}

/** The default of a column from the catalog's text; undefined where that says NULL. */
export function readDefault(sql: string, type: ColumnType): ColumnDefault | undefined {
  const literal = literalOf(sql);
  if (literal === undefined) return { kind: 'expression', sql };
  if (literal.kind === 'null') return undefined;
  return { kind: 'literal', value: plainValue(literal.text, type) };
}

function plainValue(text: string, { kind }: ColumnType): string | number | boolean {
  if (kind === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
  const number = Number(text);
  const isExact = String(number) === text && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return NUMERIC.has(kind) && isExact ? number : text;
}

/** A default by the value that a row would get. */
export function canonicalDefault(column: Column): string {
  const { default: value, type } = column;
  if (value === undefined) return '';
  if (value.kind === 'literal') return canonicalValue(literalValue(value.value, type), type);
  const literal = literalOf(value.sql);
  if (literal === undefined) return canonicalSql(value.sql);
  return literal.kind === 'null' ? '' : canonicalValue(literal.text, type);
}

function literalValue(value: string | number | boolean, type: ColumnType): string {
  if (typeof value === 'string') return value;
  if (NUMERIC.has(type.kind)) return String(Number(value));
  return type.kind === 'boolean' ? String(Boolean(value)) : String(value);
}

function canonicalValue(text: string, type: ColumnType): string {
  return `'${spelledValue(text, type).replaceAll("'", "''")}'`;
}

function spelledValue(text: string, { kind }: ColumnType): string {
  switch (kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'real':
    case 'double':
    case 'decimal': {
      const decimal = parseDecimal(text.trim());
      return decimal === undefined ? text : decimalText(decimal);
    }
    case 'boolean':
      return spelledBoolean(text);
    case 'char':
      return text.replace(/ +$/, '');
    case 'uuid':
      return text.toLowerCase();
    case 'json':
      return spelledJson(text);
    case 'date':
      return text.trim();
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return spelledMoment(text.trim(), kind);
    default:
      return text;
  }
}

function spelledBoolean(text: string): string {
  const word = text.trim().toLowerCase();
  if (['t', 'true', 'y', 'yes', 'on', '1'].includes(word)) return 'true';
  return ['f', 'false', 'n', 'no', 'off', '0'].includes(word) ? 'false' : text;
}

const MOMENT = /^(?:(\d{4}-\d\d-\d\d)[ T]?)?(?:(\d\d:\d\d)(:\d\d)?(\.\d+)?)? ?(Z|[+-]00(?::?00)?)?$/i;

/** A moment as the server writes it: seconds, a fraction without zeros at its end, no zone but another than UTC. */
function spelledMoment(text: string, kind: 'time' | 'timestamp' | 'timestamptz'): string {
  const match = MOMENT.exec(text);
  if (!match) return text;
  const [, date = '', minutes = '00:00', seconds = ':00', fraction = ''] = match;
  const time = `${minutes}${seconds}${fraction.replace(/\.?0+$/, '')}`;
  return kind === 'time' ? time : `${date} ${time}`;
}

/** JSON as jsonb holds it ("8.14"), but for the order of keys: without blanks that mean nothing. */
function spelledJson(text: string): string {
  // A number that JavaScript would round must not become equal to another one.
  if (/\d{16}|\d[eE.]\d{10}/.test(text)) return text;
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
