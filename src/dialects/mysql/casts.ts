/**
 * How values of one column type become values of another, and which rows cannot.
 *
 * MODIFY refuses what does not parse, in strict mode, but rounds what is too fine, cuts a time off a date and takes
 * an enum for the number of its value. So each conversion comes with the condition that finds the rows that it would
 * not be exact for, as on SQLite: what comes out must be a value of the new type, and say the same as before.
 */

import type { Column, ColumnType, Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Flavour } from './flavour.js';
import { literalText } from './literals.js';
import { decimalShape, fractionOf, logicalOfNative, nativeTextOf } from './types.js';

/** A conversion: the new value as SQL, and the rows that stand against it. */
export interface Cast {
  readonly expression: string;
  /** A condition on the old value; undefined when every value can be converted. NULL is never against it. */
  readonly offending?: string;
  /** MODIFY alone would make something else of the values: they have to be text in between. */
  readonly byText: boolean;
  /** What is to be made of that text. */
  readonly textUpdate?: string;
}

/** A column's type with what stands in its options, and where it stands. */
export interface CastSide {
  readonly column: Pick<Column, 'type' | 'options' | 'collation'>;
  readonly schema: Pick<Schema, 'enums'>;
}

/** What a type is to a conversion. */
type Family =
  | { readonly is: 'integer'; readonly min: string; readonly max: string; readonly unsigned: boolean }
  | { readonly is: 'boolean' }
  | { readonly is: 'real' | 'double' | 'date' | 'json' | 'uuid' }
  | { readonly is: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly is: 'time' | 'instant'; readonly digits: number }
  | { readonly is: 'text'; readonly length?: number; readonly maxBytes?: number; readonly padded: boolean }
  | { readonly is: 'bytes'; readonly length?: number }
  | { readonly is: 'enum'; readonly values: readonly string[] }
  | { readonly is: 'other'; readonly text: string };

const INTEGER_BITS: Readonly<Record<string, number>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  integer: 32,
  bigint: 64,
};

function integer(name: string, unsigned: boolean): Family {
  const bits = BigInt(INTEGER_BITS[name] ?? 64);
  const max = unsigned ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
  const min = unsigned ? 0n : -(2n ** (bits - 1n));
  return { is: 'integer', min: String(min), max: String(max), unsigned };
}

function familyOf({ column, schema }: CastSide, flavour: Flavour): Family {
  const { type, options } = column;
  const unsigned = options?.['mysql.unsigned'] === true || options?.['mysql.zerofill'] === true;
  switch (type.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integer(type.kind, unsigned);
    case 'boolean':
    case 'real':
    case 'double':
    case 'date':
    case 'json':
    case 'uuid':
      return { is: type.kind };
    case 'decimal':
      return { is: 'decimal', ...decimalShape(type) };
    case 'time':
      return { is: 'time', digits: fractionOf(type) };
    case 'timestamp':
    case 'timestamptz':
      return { is: 'instant', digits: fractionOf(type) };
    case 'char':
      return { is: 'text', length: type.length ?? 1, padded: true };
    case 'varchar':
      return { is: 'text', length: type.length ?? 255, padded: false };
    case 'text':
    case 'simple-array':
      return { is: 'text', padded: false };
    case 'blob':
      return { is: 'bytes' };
    case 'enum':
      return { is: 'enum', values: byName(schema.enums, type.name)?.values ?? [] };
    case 'native':
      return nativeFamily(nativeTextOf(type.sql, flavour) ?? '', schema, flavour);
    case 'array':
      return { is: 'other', text: 'array' };
    default:
      return type satisfies never;
  }
}

function nativeFamily(text: string, schema: CastSide['schema'], flavour: Flavour): Family {
  const { type, unsigned, values } = logicalOfNative(text);
  if (values !== undefined) return { is: 'enum', values };
  if (type.kind !== 'native') {
    return familyOf(
      { column: { type, ...(unsigned && { options: { 'mysql.unsigned': true } }) }, schema },
      flavour,
    );
  }
  const lower = text.trim().toLowerCase();
  const length = /\((\d+)\)/.exec(lower)?.[1];
  const word = /^[a-z]+/.exec(lower)?.[0] ?? '';
  switch (word) {
    case 'tinyint':
    case 'mediumint':
      return integer(word, /unsigned|zerofill/.test(lower));
    case 'float':
      return { is: 'real' };
    case 'double':
    case 'real':
      return { is: 'double' };
    case 'tinytext':
      return { is: 'text', maxBytes: 255, padded: false };
    case 'char':
    case 'varchar':
    case 'text':
      return { is: 'text', ...(length !== undefined && { length: Number(length) }), padded: word === 'char' };
    case 'binary':
    case 'varbinary':
      return { is: 'bytes', length: Number(length ?? 1) };
    case 'tinyblob':
      return { is: 'bytes', length: 255 };
    case 'blob':
      return { is: 'bytes' };
    default:
      return { is: 'other', text: lower };
  }
}

const isNumber = ({ is }: Family): boolean =>
  is === 'integer' || is === 'boolean' || is === 'real' || is === 'double' || is === 'decimal';
const isTemporal = ({ is }: Family): boolean => is === 'date' || is === 'time' || is === 'instant';

/**
 * The conversion of a value.
 *
 * @param value SQL that yields the old value: a quoted column
 */
export function cast(value: string, from: CastSide, to: CastSide, flavour: Flavour): Cast {
  const [old, now] = [familyOf(from, flavour), familyOf(to, flavour)];
  const expression = convert(value, old, now);
  const needed = conditions(value, expression, old, now, to);
  // What MODIFY takes for the number of an enum's value.
  const isNumbered =
    (old.is === 'enum') !== (now.is === 'enum') &&
    [old, now].some((each) => isNumber(each) || isTemporal(each));
  const isPadded = hasFraction(old) && !isNumber(now) && now.is !== 'other';
  const way = {
    byText: isNumbered || isPadded,
    ...(isPadded && { textUpdate: withoutZeros(value) }),
  };
  if (needed.length === 0) return { expression, ...way };
  const offending = `${value} IS NOT NULL AND (${needed.join(' AND ')}) IS NOT TRUE`;
  return { expression, offending, ...way };
}

function hasFraction(family: Family): boolean {
  return family.is === 'decimal' && family.scale > 0;
}

/** A decimal as people write it: the zeros at its end are the column's, not the number's. */
function withoutZeros(text: string): string {
  return `trim(TRAILING '.' FROM trim(TRAILING '0' FROM ${text}))`;
}

/** What a value becomes where it cannot stay what it is: cut, clamped, or NULL. */
export function lossyText(value: string, from: CastSide, to: CastSide, flavour: Flavour): string {
  const [old, now] = [familyOf(from, flavour), familyOf(to, flavour)];
  const text = textOf(value, old);
  switch (now.is) {
    case 'integer': {
      const number = isNumber(old) ? `round(${value})` : `round(CAST(${text} AS DECIMAL(65,10)))`;
      return asText(`CAST(least(greatest(${number}, ${now.min}), ${now.max}) AS DECIMAL(65,0))`);
    }
    case 'boolean':
      return `CASE WHEN ${isNumber(old) ? value : `(${text} + 0e0)`} <> 0 THEN '1' ELSE '0' END`;
    case 'text':
      return now.length === undefined ? text : `left(${text}, ${now.length})`;
    case 'enum':
      return `CASE WHEN ${isOneOf(text, now.values)} THEN ${text} END`;
    case 'json':
      return `CASE WHEN json_valid(${text}) THEN ${text} ELSE json_quote(${text}) END`;
    case 'uuid':
      return `CASE WHEN ${matches(text, UUID)} THEN ${text} END`;
    case 'bytes':
    case 'other':
      return text;
    default:
      return asText(convert(value, old, now));
  }
}

/** A value as text, exact wherever text can be. */
function textOf(value: string, from: Family): string {
  if (from.is === 'text' || from.is === 'uuid') return value;
  if (hasFraction(from)) return withoutZeros(asText(value));
  return from.is === 'bytes' ? `CONVERT(${value} USING utf8mb4)` : asText(value);
}

function asText(value: string): string {
  return `CAST(${value} AS CHAR)`;
}

/** The new value as SQL, exact or not. */
function convert(value: string, from: Family, to: Family): string {
  if (from.is === 'other' || to.is === 'other') return value;
  switch (to.is) {
    case 'integer': {
      const type = to.unsigned ? 'UNSIGNED' : 'SIGNED';
      return from.is === 'integer' || from.is === 'boolean'
        ? value
        : `CAST(${plain(value, from)} AS ${type})`;
    }
    case 'boolean':
      return from.is === 'boolean' || from.is === 'integer' ? value : `CAST(${plain(value, from)} AS SIGNED)`;
    case 'double':
      return `(${plain(value, from)} + 0e0)`;
    case 'real':
      return from.is === 'real' ? value : `CAST(${plain(value, from)} AS FLOAT)`;
    case 'decimal':
      return `CAST(${plain(value, from)} AS DECIMAL(${to.precision},${to.scale}))`;
    case 'date':
      return from.is === 'date' ? value : `CAST(${plain(value, from)} AS DATE)`;
    case 'time':
      return `CAST(${plain(value, from)} AS TIME${to.digits === 0 ? '' : `(${to.digits})`})`;
    case 'instant':
      return `CAST(${plain(value, from)} AS DATETIME${to.digits === 0 ? '' : `(${to.digits})`})`;
    case 'bytes':
      return from.is === 'bytes' ? value : `CAST(${textOf(value, from)} AS BINARY)`;
    default:
      return textOf(value, from);
  }
}

/** A number or a moment as it is, everything else as text. */
function plain(value: string, from: Family): string {
  return isNumber(from) || isTemporal(from) ? value : textOf(value, from);
}

/** The conditions for a value to be one of the new type that says what the old one said. */
function conditions(value: string, made: string, from: Family, to: Family, side: CastSide): string[] {
  if (from.is === 'other' || to.is === 'other')
    return from.is === 'other' && to.is === 'other' && from.text === to.text ? [] : ['FALSE'];
  const text = textOf(value, from);
  const readable = from.is === 'bytes' && to.is !== 'bytes' ? [`${bytesOf(text)} <=> ${value}`] : [];
  return [...readable, ...valueConditions(value, made, text, from, to, side)];
}

function valueConditions(
  value: string,
  made: string,
  text: string,
  from: Family,
  to: Exclude<Family, { is: 'other' }>,
  side: CastSide,
): string[] {
  switch (to.is) {
    case 'integer':
      return integerConditions(value, made, text, from, to);
    case 'boolean':
      if (from.is === 'boolean') return [];
      return isNumber(from) ? [`${value} IN (0, 1)`] : refusing(from, [isOneOf(text, ['0', '1'])]);
    case 'double':
      if (isNumber(from)) return isAlwaysDouble(from) ? [] : [`${back(made, from)} = ${value}`];
      return refusing(from, [`${bytesOf(asText(made))} = ${bytesOf(text)}`]);
    case 'real':
      if (from.is === 'real') return [];
      return isNumber(from)
        ? [`${made} = ${value}`]
        : refusing(from, [`${bytesOf(asText(made))} = ${bytesOf(text)}`]);
    case 'decimal':
      return decimalConditions(value, made, text, from, to);
    case 'date':
      if (from.is === 'date') return [];
      if (from.is === 'instant') return [`CAST(${made} AS DATETIME(6)) = ${value}`];
      return refusing(from, [matches(text, DAY), `${bytesOf(asText(made))} = ${bytesOf(text)}`]);
    case 'time':
      if (from.is === 'time') return from.digits <= to.digits ? [] : [`${made} = ${value}`];
      return refusing(from, [
        matches(text, `^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]${fraction(to.digits)}$`),
      ]);
    case 'instant':
      if (from.is === 'date') return [];
      if (from.is === 'instant') return from.digits <= to.digits ? [] : [`${made} = ${value}`];
      return refusing(from, [
        matches(
          text,
          `^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]${fraction(to.digits)}$`,
        ),
        `${bytesOf(`left(${asText(made)}, 19)`)} = ${bytesOf(`left(${text}, 19)`)}`,
      ]);
    case 'json':
      if (from.is === 'json') return [];
      return from.is === 'integer'
        ? [`${value} BETWEEN -9007199254740991 AND 9007199254740991`]
        : [`json_valid(${text})`, ...exactText(value, text, from)];
    case 'uuid':
      return from.is === 'uuid' ? [] : refusing(from, [matches(text, UUID)]);
    case 'enum':
      if (from.is === 'enum' && from.values.every((each) => to.values.includes(each))) return [];
      return [isOneOf(text, to.values), ...exactText(value, text, from)];
    case 'bytes':
      return bytesConditions(value, made, from, to);
    case 'text':
      return textConditions(value, text, from, to, side);
    default:
      return to satisfies never;
  }
}

/** Numbers are no moments and no identifiers, and moments no numbers. */
function refusing(from: Family, otherwise: readonly string[]): string[] {
  return isNumber(from) || isTemporal(from) ? ['FALSE'] : [...otherwise];
}

function integerConditions(
  value: string,
  made: string,
  text: string,
  from: Family,
  to: Extract<Family, { is: 'integer' }>,
): string[] {
  if (from.is === 'boolean') return to.unsigned ? [`${value} >= 0`] : [];
  if (from.is === 'integer') {
    const fits = BigInt(from.min) >= BigInt(to.min) && BigInt(from.max) <= BigInt(to.max);
    return fits ? [] : [`${value} BETWEEN ${to.min} AND ${to.max}`];
  }
  if (isNumber(from)) return [`${value} BETWEEN ${to.min} AND ${to.max}`, `${made} = ${value}`];
  return refusing(from, [
    matches(text, '^(0|-?[1-9][0-9]{0,19})$'),
    `CAST(${text} AS DECIMAL(65,0)) BETWEEN ${to.min} AND ${to.max}`,
  ]);
}

function decimalConditions(
  value: string,
  made: string,
  text: string,
  from: Family,
  to: Extract<Family, { is: 'decimal' }>,
): string[] {
  if (from.is === 'decimal') {
    const fits = from.scale <= to.scale && from.precision - from.scale <= to.precision - to.scale;
    return fits ? [] : [`${made} = ${value}`];
  }
  if (isNumber(from)) return [`${made} = ${value}`];
  return refusing(from, [
    matches(text, '^-?(0|[1-9][0-9]{0,34})([.][0-9]{1,30}0*)?$'),
    `CAST(${text} AS DECIMAL(65,30)) = ${made}`,
  ]);
}

/** A double holds every integer up to 2^53. */
function isAlwaysDouble(from: Family): boolean {
  if (from.is === 'integer') return from.max.length < 16;
  return from.is === 'boolean' || from.is === 'real' || from.is === 'double';
}

/** A double as the number that it was. */
function back(made: string, from: Family): string {
  if (from.is === 'integer') return `CAST(${made} AS DECIMAL(65,0))`;
  return from.is === 'decimal' ? `CAST(${made} AS DECIMAL(${from.precision},${from.scale}))` : made;
}

function bytesConditions(
  value: string,
  made: string,
  from: Family,
  to: Extract<Family, { is: 'bytes' }>,
): string[] {
  if (from.is === 'bytes') {
    const fits = to.length === undefined || (from.length !== undefined && from.length <= to.length);
    return fits ? [] : [`length(${value}) <= ${to.length}`];
  }
  const same = from.is === 'real' ? [`CAST(${asText(value)} AS FLOAT) = ${value}`] : [];
  return [...same, ...(to.length === undefined ? [] : [`length(${made}) <= ${to.length}`])];
}

function textConditions(
  value: string,
  text: string,
  from: Family,
  to: Extract<Family, { is: 'text' }>,
  { column }: CastSide,
): string[] {
  const room = from.is === 'text' ? from.length : undefined;
  const fits =
    to.length === undefined || (room !== undefined && room <= to.length) || roomOf(from) <= to.length;
  const charset = column.options?.['mysql.charset'];
  return [
    // CHAR_LENGTH counts characters, whatever their width.
    ...(fits ? [] : [`char_length(${text}) <= ${to.length}`]),
    ...(to.maxBytes === undefined ? [] : [`length(${text}) <= ${to.maxBytes}`]),
    // "When CHAR values are retrieved, trailing spaces are removed" ("The CHAR and VARCHAR Types").
    ...(to.padded && !(from.is === 'text' && from.padded) && mayEndInBlank(from)
      ? [`CAST(right(${text}, 1) AS BINARY) <> ' '`]
      : []),
    ...exactText(value, text, from),
    ...(charset === undefined
      ? []
      : [`${bytesOf(`CONVERT(${text} USING ${String(charset).replace(/\W/g, '')})`)} = ${bytesOf(text)}`]),
  ];
}

/** The text of a FLOAT has six digits, and may be another number. */
function exactText(value: string, text: string, { is }: Family): string[] {
  if (is === 'real') return [`CAST(${text} AS FLOAT) = ${value}`];
  return is === 'double' ? [`(${text} + 0e0) = ${value}`] : [];
}

function mayEndInBlank({ is }: Family): boolean {
  return is === 'text' || is === 'bytes' || is === 'json';
}

/** The most characters that a value has as text. */
function roomOf(from: Family): number {
  switch (from.is) {
    case 'boolean':
      return 4;
    case 'integer':
      return Math.max(from.min.length, from.max.length);
    case 'decimal':
      return from.precision + 3;
    case 'date':
      return 10;
    case 'time':
      return 17;
    case 'instant':
      return 26;
    case 'uuid':
      return 36;
    case 'real':
    case 'double':
      return 24;
    case 'enum':
      return Math.max(0, ...from.values.map((value) => [...value].length));
    default:
      return Number.POSITIVE_INFINITY;
  }
}

const DAY = '^[0-9]{4}-[0-9]{2}-[0-9]{2}$';
const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

/** Nothing, or a point and digits, none finer than the column keeps. */
function fraction(digits: number): string {
  return digits === 0 ? '([.]0+)?' : `([.][0-9]{1,${digits}}0*)?`;
}

/** A match of the whole text: `$` alone would let a line break pass. */
function matches(text: string, pattern: string): string {
  return `(${text} REGEXP ${literalText(pattern)} AND locate(char(10), ${text}) = 0)`;
}

/** The bytes of a text, which tell upper from lower case and blanks at the end. */
function bytesOf(text: string): string {
  return `CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`;
}

function isOneOf(text: string, values: readonly string[]): string {
  return values.length === 0 ? 'FALSE' : `${bytesOf(text)} IN (${values.map(literalText).join(', ')})`;
}

/** Whether two columns hold their values in different ways, so that one has to be converted. */
export function differsInType(from: CastSide, to: CastSide, flavour: Flavour): boolean {
  return JSON.stringify(familyOf(from, flavour)) !== JSON.stringify(familyOf(to, flavour));
}

/** The logical type of values that are text for a while. */
export const TEXT: ColumnType = { kind: 'text' };
