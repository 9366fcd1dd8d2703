/**
 * Logical types ↔ the type text of a SQLite column.
 *
 * SQLite keeps the declared text and derives only an affinity from it ("Datatypes In SQLite", 3.1), so we
 * declare the logical name and read it back. The text must not fall into an affinity that changes values:
 * `json` and `simple-array` would become NUMERIC, which turns the JSON text `12345678901234567890` or
 * `1e400` into a REAL, so they are declared with a name that holds TEXT (rule 2). Dates, times and UUIDs may
 * be NUMERIC, because their text never looks like a number.
 */

import { error } from '../../base/error-codes.js';
import { tokenize } from '../../base/sql-tokens.js';
import type { ColumnType } from '../../schema/model.js';
import { kindOfName, type NamedKind, typeOfKind } from '../../schema/type-names.js';

const JSON_TEXT = 'json_text';
const SIMPLE_ARRAY_TEXT = 'simple_array_text';

/**
 * The declared type of a column.
 *
 * An enum is `text`; its values are kept by a check (`enum-checks.ts`). A native type of '' declares none.
 *
 * @throws CAPABILITY_MISSING for arrays and for native types of other databases
 */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'char':
    case 'varchar':
      return type.length === undefined ? type.kind : `${type.kind}(${type.length})`;
    case 'decimal':
      return `decimal${parameters(type.precision, type.precision === undefined ? undefined : type.scale)}`;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return `${type.kind}${parameters(type.precision)}`;
    case 'json':
      return JSON_TEXT;
    case 'simple-array':
      return SIMPLE_ARRAY_TEXT;
    case 'enum':
      return 'text';
    case 'array':
      throw error('CAPABILITY_MISSING', {
        database: 'SQLite',
        feature: 'array type',
        object: 'use simple-array or json',
      });
    case 'native':
      return nativeText(type.sql);
    default:
      return type.kind;
  }
}

function parameters(...values: readonly (number | undefined)[]): string {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? '' : `(${given.join(',')})`;
}

function nativeText(sql: Readonly<Record<string, string>>): string {
  const text = Object.hasOwn(sql, 'sqlite')
    ? sql.sqlite
    : Object.hasOwn(sql, 'default')
      ? sql.default
      : undefined;
  if (text !== undefined) return text;
  const object = Object.entries(sql).map(([database, name]) => `${name} (${database})`);
  throw error('CAPABILITY_MISSING', {
    database: 'SQLite',
    feature: 'such native type',
    object: object.join(', '),
  });
}

/** What a STRICT table may declare ("STRICT Tables", 2); other logical types have no name there. */
const STRICT_TEXT: Readonly<Record<string, string>> = {
  integer: 'INTEGER',
  real: 'REAL',
  text: 'TEXT',
  enum: 'TEXT',
  blob: 'BLOB',
};

/**
 * The declared type of a column of a STRICT table.
 *
 * @throws CAPABILITY_MISSING where STRICT has no type that says the same and could be read back
 */
export function strictTypeText(type: ColumnType): string {
  const text = strictText(type);
  if (text !== undefined) return text;
  throw error('CAPABILITY_MISSING', {
    database: 'SQLite',
    feature: `type ${type.kind} in a STRICT table`,
    object: 'a column',
  });
}

/** Whether a STRICT table can have a column of a type. */
export function isStrictType(type: ColumnType): boolean {
  return strictText(type) !== undefined;
}

function strictText(type: ColumnType): string | undefined {
  const text = type.kind === 'native' ? nativeText(type.sql).toUpperCase() : STRICT_TEXT[type.kind];
  return text !== undefined && /^(?:INT|INTEGER|REAL|TEXT|BLOB|ANY)$/.test(text) ? text : undefined;
}

/** Spellings of SQLite ("Datatypes In SQLite", 3.1.1) and its tools that the common list of names lacks. */
const OWN_NAMES: ReadonlyMap<string, NamedKind> = new Map([
  [JSON_TEXT, 'json'],
  [SIMPLE_ARRAY_TEXT, 'simple-array'],
  ['unsigned big int', 'bigint'],
  ['native character', 'char'],
]);

/** Kinds whose declared numbers mean nothing to SQLite nor to us, as the 11 in `INT(11)`. */
const IGNORES_NUMBERS: ReadonlySet<NamedKind> = new Set([
  'smallint',
  'integer',
  'bigint',
  'real',
  'double',
  'boolean',
  'text',
  'blob',
]);

/**
 * The logical type that a declared one means; whatever is not known stays native, as written.
 *
 * @example parseType('NVARCHAR(160)') // { kind: 'varchar', length: 160 }
 */
export function parseType(declared: string): ColumnType {
  return knownType(declared) ?? { kind: 'native', sql: { sqlite: declared.trim() } };
}

function knownType(declared: string): ColumnType | undefined {
  const parts = split(declared);
  const kind = parts && (OWN_NAMES.get(parts.name) ?? kindOfName(parts.name));
  // An enum needs its values, which are not in the type.
  if (parts === undefined || kind === undefined || kind === 'enum') return undefined;
  const [first, second] = parts.numbers;
  if (first === undefined || IGNORES_NUMBERS.has(kind)) return typeOfKind(kind);
  switch (kind) {
    case 'char':
    case 'varchar':
      return second === undefined ? typeOfKind(kind, { length: first }) : undefined;
    case 'decimal':
      return typeOfKind(kind, { precision: first, scale: second });
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return second === undefined ? typeOfKind(kind, { precision: first }) : undefined;
    default:
      return undefined;
  }
}

/** `VARYING  CHARACTER ( 20 )` → `varying character` and 20; undefined where the text is no such thing. */
function split(declared: string): { readonly name: string; readonly numbers: readonly number[] } | undefined {
  const tokens = tokenize(declared);
  const open = tokens.findIndex((token) => token.text === '(');
  const words = open === -1 ? tokens : tokens.slice(0, open);
  if (words.length === 0 || words.some(({ kind }) => kind !== 'word' && kind !== 'quoted')) return undefined;
  const name = words.map((token) => token.value.toLowerCase()).join(' ');
  if (open === -1) return { name, numbers: [] };
  const inside = tokens.slice(open + 1).map((token) => token.text);
  const match = /^(\d{1,9})(?:,(\d{1,9}))?\)$/.exec(inside.join(''));
  if (!match) return undefined;
  return { name, numbers: match.slice(1).flatMap((text) => (text === undefined ? [] : [Number(text)])) };
}
