/**
 * Logical types ↔ the type text of a MySQL or MariaDB column.
 *
 * `text` is LONGTEXT, `blob` LONGBLOB; a `uuid` is CHAR(36) in ASCII on both, so that keys fit and files agree.
 * Instants with and without a zone are DATETIME in UTC: TIMESTAMP ends in 2038. What a column of others is
 * declared with in another way (TEXT, TIMESTAMP, MariaDB's UUID) is read as the same logical type, and its own
 * words are kept in the option `mysql.declared`, so that a MODIFY for another reason does not rewrite it.
 */

import { error } from '../../base/error-codes.js';
import { tokenize } from '../../base/sql-tokens.js';
import type { ColumnType } from '../../schema/model.js';
import type { Flavour } from './flavour.js';
import { literalText } from './literals.js';

/** Characters of a `varchar` for which nobody gave a length. */
export const DEFAULT_LENGTH = 255;
/** Digits of a `decimal` for which nobody gave a precision: as many as there are, 30 of them after the point. */
export const WIDEST_DECIMAL = { precision: 65, scale: 30 } as const;
/** Digits of a second's fraction for which nobody gave a precision: those of a Date. */
export const DEFAULT_FRACTION = 3;

/** How the server calls itself in errors. */
export function productName(flavour: Flavour): string {
  return flavour.mariadb ? 'MariaDB' : 'MySQL';
}

/** The error for what the server cannot do. */
export function unsupported(flavour: Flavour, feature: string, object: string): Error {
  return error('CAPABILITY_MISSING', { database: productName(flavour), feature, object });
}

/**
 * The declared type of a column, without character set and options.
 *
 * @param enumValues the values of an enum by its name
 * @throws CAPABILITY_MISSING for arrays and for native types of other databases
 */
export function typeText(
  type: ColumnType,
  flavour: Flavour,
  enumValues: (name: string) => readonly string[],
): string {
  switch (type.kind) {
    case 'smallint':
    case 'bigint':
    case 'double':
    case 'date':
    case 'json':
      return type.kind;
    case 'integer':
      return 'int';
    case 'real':
      return 'float';
    case 'boolean':
      return 'tinyint(1)';
    case 'char':
      return `char(${type.length ?? 1})`;
    case 'varchar':
      return `varchar(${type.length ?? DEFAULT_LENGTH})`;
    case 'decimal':
      return decimalText(type);
    case 'time':
      return `time${fraction(type.precision)}`;
    case 'timestamp':
    case 'timestamptz':
      return `datetime${fraction(type.precision)}`;
    case 'text':
    case 'simple-array':
      return 'longtext';
    case 'blob':
      return 'longblob';
    case 'uuid':
      return 'char(36)';
    case 'enum':
      return enumText(type.name, enumValues(type.name), flavour);
    case 'array':
      throw unsupported(flavour, 'array type', 'use simple-array or json');
    case 'native':
      return nativeText(type.sql, flavour);
    default:
      return type satisfies never;
  }
}

function decimalText(type: Extract<ColumnType, { kind: 'decimal' }>): string {
  const { precision, scale } = decimalShape(type);
  return `decimal(${precision},${scale})`;
}

/** Precision and scale as the column gets them. */
export function decimalShape(type: Extract<ColumnType, { kind: 'decimal' }>): {
  readonly precision: number;
  readonly scale: number;
} {
  if (type.precision === undefined) return { ...WIDEST_DECIMAL, scale: type.scale ?? WIDEST_DECIMAL.scale };
  return { precision: type.precision, scale: type.scale ?? 0 };
}

/** Digits of the fraction that a time or timestamp column keeps. */
export function fractionOf(type: ColumnType): number {
  return ('precision' in type ? type.precision : undefined) ?? DEFAULT_FRACTION;
}

function fraction(precision = DEFAULT_FRACTION): string {
  return precision === 0 ? '' : `(${precision})`;
}

function enumText(name: string, values: readonly string[], flavour: Flavour): string {
  // "Trailing spaces are automatically deleted from ENUM member values" ("The ENUM Type").
  const blank = values.find((value) => value.endsWith(' '));
  if (blank !== undefined)
    throw unsupported(flavour, 'enum values that end with a blank', `'${blank}' of enum '${name}'`);
  return `enum(${values.map(literalText).join(',')})`;
}

/**
 * The text of a native type for this server: under its own name, the family's, or `default`.
 *
 * @returns undefined where it is a type of other databases
 */
export function nativeTextOf(sql: Readonly<Record<string, string>>, flavour: Flavour): string | undefined {
  const names = [...(flavour.mariadb ? ['mariadb'] : []), flavour.name, 'mysql', 'default'];
  const name = names.find((each) => Object.hasOwn(sql, each));
  return name === undefined ? undefined : sql[name];
}

function nativeText(sql: Readonly<Record<string, string>>, flavour: Flavour): string {
  const text = nativeTextOf(sql, flavour);
  if (text !== undefined) return text;
  const object = Object.entries(sql).map(([database, name]) => `${name} (${database})`);
  throw unsupported(flavour, 'such native type', object.join(', '));
}

/** What the catalog says of a column's type. */
export interface DeclaredType {
  /** COLUMN_TYPE: `int(10) unsigned`, `enum('a','b')`. */
  readonly text: string;
  readonly charset: string | undefined;
  /** A check `json_valid` keeps the column, which is what MariaDB makes of the type JSON. */
  readonly isJson: boolean;
}

/** A type as it was read. */
export interface ParsedType {
  readonly type: ColumnType;
  readonly unsigned?: true;
  readonly zerofill?: true;
  /** The values where the type is an enum, which has no name yet. */
  readonly values?: readonly string[];
  /** The column's own words where we would declare the logical type in others. */
  readonly declared?: string;
}

/**
 * The logical type that a declared one means; what is not known stays native, as written.
 *
 * @param key under which name a native type is told
 */
export function parseType(declared: DeclaredType, key: string): ParsedType {
  const parts = split(declared.text);
  return (
    (parts && knownType(parts, declared)) ?? {
      type: { kind: 'native', sql: { [key]: declared.text.trim() } },
    }
  );
}

interface TypeParts {
  readonly name: string;
  readonly numbers: readonly number[];
  readonly values: readonly string[];
  readonly unsigned: boolean;
  readonly zerofill: boolean;
}

const SYNONYMS: Readonly<Record<string, string>> = {
  integer: 'int',
  int2: 'smallint',
  int4: 'int',
  int8: 'bigint',
  bool: 'tinyint(1)',
  boolean: 'tinyint(1)',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  'double precision': 'double',
  character: 'char',
  'character varying': 'varchar',
  float4: 'float',
  float8: 'double',
};

/** Splits `int(10) unsigned` or `enum('a','b')`; undefined where the text is no such thing. */
function split(text: string): TypeParts | undefined {
  const match = /^\s*([a-z][a-z0-9 ]*?)\s*(?:\(([\s\S]*)\))?\s*((?:unsigned|signed|zerofill|\s)*)$/i.exec(
    text,
  );
  if (!match) return undefined;
  const [, word = '', inside, flags = ''] = match;
  const lower = word.toLowerCase().replace(/\s+/g, ' ');
  const name = SYNONYMS[lower] ?? lower;
  if (name === 'tinyint(1)') return { name: 'tinyint', numbers: [1], ...NO_FLAGS };
  const values = name === 'enum' || name === 'set' ? readStrings(inside ?? '') : [];
  const numbers = values?.length === 0 ? readNumbers(inside) : [];
  if (values === undefined || numbers === undefined) return undefined;
  const zerofill = /zerofill/i.test(flags);
  return { name, numbers, values, unsigned: zerofill || /unsigned/i.test(flags), zerofill };
}

const NO_FLAGS = { values: [], unsigned: false, zerofill: false } as const;

function readNumbers(inside: string | undefined): number[] | undefined {
  if (inside === undefined || inside.trim() === '') return [];
  const numbers = inside.split(',').map((part) => part.trim());
  return numbers.every((part) => /^\d{1,5}$/.test(part)) ? numbers.map(Number) : undefined;
}

/** The values of `'a','it''s','c:\\x'`; undefined where the text is something else. */
function readStrings(inside: string): string[] | undefined {
  const values: string[] = [];
  const pattern = /\s*'((?:[^'\\]|''|\\[\s\S])*)'\s*(,|$)/y;
  while (pattern.lastIndex < inside.length) {
    const match = pattern.exec(inside);
    if (!match) return undefined;
    values.push(unescapeText(match[1] ?? ''));
    if (match[2] === '') break;
  }
  return values;
}

const ESCAPES: Readonly<Record<string, string>> = { 0: '\0', n: '\n', r: '\r', t: '\t', b: '\b', Z: '\x1a' };

/** The value of a string literal's inside ("String Literals"): doubled quotes and escapes undone. */
export function unescapeText(inside: string): string {
  return inside.replace(/''|\\([\s\S])/g, (all, escaped: string | undefined) => {
    if (escaped === undefined) return "'";
    // Outside of patterns the two stand for themselves with their backslash.
    if (escaped === '%' || escaped === '_') return all;
    return ESCAPES[escaped] ?? escaped;
  });
}

function knownType(parts: TypeParts, declared: DeclaredType): ParsedType | undefined {
  const parsed = logicalType(parts, declared);
  if (parsed === undefined) return undefined;
  return {
    ...parsed,
    ...(parts.unsigned && { unsigned: true as const }),
    ...(parts.zerofill && { zerofill: true as const }),
  };
}

function logicalType(parts: TypeParts, declared: DeclaredType): ParsedType | undefined {
  const { name, numbers, unsigned } = parts;
  const [first, second] = numbers;
  const simple = (kind: 'smallint' | 'integer' | 'bigint' | 'date' | 'json' | 'blob'): ParsedType => ({
    type: { kind },
  });
  const own = (type: ColumnType, ours: boolean): ParsedType =>
    ours ? { type } : { type, declared: declared.text };
  switch (name) {
    case 'tinyint':
      return first === 1 && !unsigned ? { type: { kind: 'boolean' } } : undefined;
    // What stands in parentheses behind an integer is how wide it is shown.
    case 'smallint':
    case 'bigint':
      return simple(name);
    case 'int':
      return simple('integer');
    case 'float':
      return numbers.length === 0 ? { type: { kind: 'real' } } : undefined;
    case 'double':
    case 'real':
      return numbers.length === 0 ? { type: { kind: 'double' } } : undefined;
    case 'decimal': {
      const [precision, scale] = [first ?? 10, second ?? 0];
      const widest = precision === WIDEST_DECIMAL.precision && scale === WIDEST_DECIMAL.scale;
      return { type: widest ? { kind: 'decimal' } : { kind: 'decimal', precision, scale } };
    }
    case 'char':
      if (first === 36 && declared.charset === 'ascii') return { type: { kind: 'uuid' } };
      return { type: { kind: 'char', length: first ?? 1 } };
    case 'varchar':
      return first === undefined ? undefined : { type: { kind: 'varchar', length: first } };
    case 'text':
    case 'mediumtext':
    case 'longtext':
      if (declared.isJson) return own({ kind: 'json' }, name === 'longtext');
      return numbers.length > 0 ? undefined : own({ kind: 'text' }, name === 'longtext');
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return numbers.length > 0 ? undefined : own({ kind: 'blob' }, name === 'longblob');
    case 'json':
    case 'date':
      return simple(name);
    case 'time':
      return { type: temporal('time', first) };
    case 'datetime':
      return { type: temporal('timestamp', first) };
    case 'timestamp':
      return own(temporal('timestamptz', first), false);
    case 'uuid':
      return own({ kind: 'uuid' }, false);
    case 'enum':
      return { type: { kind: 'enum', name: '' }, values: parts.values };
    default:
      return undefined;
  }
}

function temporal(kind: 'time' | 'timestamp' | 'timestamptz', precision = 0): ColumnType {
  return precision === DEFAULT_FRACTION ? { kind } : { kind, precision };
}

/** What a native type is where it is nothing but another spelling of a logical one. */
export function logicalOfNative(text: string): ParsedType {
  return parseType({ text, charset: undefined, isJson: false }, 'mysql');
}

/** Native text in one spelling: how wide an integer is shown means nothing, and a length that is left out is 1. */
export function canonicalNative(text: string): string {
  const words = tokenize(text)
    .map((token) => (token.kind === 'string' ? literalText(token.value) : token.text.toLowerCase()))
    .join(' ');
  return words
    .replace(/^((?:tiny|medium)int|year) \( \d+ \)/, '$1')
    .replace(/^(bit|binary)$/, '$1 ( 1 )')
    .replace(/^geometrycollection\b/, 'geomcollection');
}

/** Types whose columns hold characters, and so have a character set and a collation. */
export function hasCharacters(type: ColumnType, flavour: Flavour): boolean {
  switch (type.kind) {
    case 'char':
    case 'varchar':
    case 'text':
    case 'simple-array':
    case 'enum':
      return true;
    case 'native': {
      const text = nativeTextOf(type.sql, flavour) ?? '';
      return /^\s*(?:char|varchar|character|nchar|(?:tiny|medium|long)?text|enum|set)\b/i.test(text);
    }
    default:
      return false;
  }
}

/** Types that a key can only hold a beginning of. */
export function isUnbounded(type: ColumnType, flavour: Flavour): boolean {
  switch (type.kind) {
    case 'text':
    case 'simple-array':
    case 'json':
    case 'blob':
      return true;
    case 'native':
      return /^\s*(?:tiny|medium|long)?(?:text|blob)\b|^\s*json\b/i.test(
        nativeTextOf(type.sql, flavour) ?? '',
      );
    default:
      return false;
  }
}
