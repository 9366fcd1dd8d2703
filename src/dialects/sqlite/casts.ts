/**
 * How values of one column type become values of another, and which rows cannot.
 *
 * SQLite's own CAST never fails: 'abc' becomes 0. So each conversion comes with the condition that finds
 * the rows whose value would change or would not be a value of the new type; the plan counts them first.
 */

import type { ColumnType, Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { literalText } from './literals.js';

/** A conversion: the new value as SQL, and the rows that stand against it. */
export interface Cast {
  readonly expression: string;
  /** A condition on the old value; undefined when every value can be converted. NULL is never against it. */
  readonly offending?: string;
}

type Kind = ColumnType['kind'];

const INTEGERS: readonly Kind[] = ['smallint', 'integer', 'bigint'];
const FLOATS: readonly Kind[] = ['real', 'double'];
const STRINGS: readonly Kind[] = ['char', 'varchar', 'text', 'simple-array'];
const RANGES: Partial<Record<Kind, string>> = {
  smallint: 'BETWEEN -32768 AND 32767',
  integer: 'BETWEEN -2147483648 AND 2147483647',
};

/**
 * The conversion of a value.
 *
 * @param value SQL that yields the old value: a quoted column
 */
export function cast(
  value: string,
  from: ColumnType,
  to: ColumnType,
  schemas: { from: Schema; to: Schema },
): Cast {
  if (INTEGERS.includes(to.kind)) return toInteger(value, from, to);
  if (FLOATS.includes(to.kind)) return toFloat(value, from);
  if (to.kind === 'decimal') return toDecimal(value, from, to);
  if (to.kind === 'boolean') return toBoolean(value, from);
  if (STRINGS.includes(to.kind)) return toText(value, from, to);
  if (to.kind === 'enum') return toEnum(value, to, schemas.to);
  if (to.kind === 'blob') {
    return from.kind === 'blob' ? { expression: value } : { expression: `CAST(${value} AS BLOB)` };
  }
  return toFormatted(value, from, to);
}

const isNumber = (kind: Kind): boolean =>
  INTEGERS.includes(kind) || FLOATS.includes(kind) || kind === 'decimal' || kind === 'boolean';

/** A text is a number when it comes back the same from being one. */
function integerText(value: string): string {
  return `CAST(CAST(${value} AS INTEGER) AS TEXT) <> ${value}`;
}

function toInteger(value: string, from: ColumnType, to: ColumnType): Cast {
  const range = RANGES[to.kind];
  const number = `CAST(${value} AS INTEGER)`;
  const outside = range === undefined ? [] : [`${number} NOT ${range}`];
  if (isNumber(from.kind)) {
    // A column does not bind its values to its type, so a fraction may stand anywhere.
    const narrower = INTEGERS.indexOf(to.kind) < INTEGERS.indexOf(from.kind) || !INTEGERS.includes(from.kind);
    const conditions = [`${number} <> ${value}`, ...(narrower ? outside : [])];
    return { expression: number, offending: conditions.join(' OR ') };
  }
  return { expression: number, offending: [integerText(value), ...outside].join(' OR ') };
}

function toFloat(value: string, from: ColumnType): Cast {
  const number = `CAST(${value} AS REAL)`;
  return {
    expression: number,
    offending: isNumber(from.kind) ? `${number} <> ${value}` : notDecimalText(value),
  };
}

/** Finds texts that are not a plain decimal number of at most 15 digits, which a REAL holds exactly. */
function notDecimalText(value: string): string {
  return [
    `${value} GLOB '*[^0-9.+-]*'`,
    `${value} GLOB '*.*.*'`,
    `substr(${value}, 2) GLOB '*[+-]*'`,
    `${value} NOT GLOB '*[0-9]*'`,
    `length(ltrim(replace(${value}, '.', ''), '+-0')) > 15`,
  ].join(' OR ');
}

function toDecimal(value: string, from: ColumnType, to: Extract<ColumnType, { kind: 'decimal' }>): Cast {
  const number = `CAST(${value} AS NUMERIC)`;
  const conditions: string[] = isNumber(from.kind) ? [] : [notDecimalText(value)];
  if (to.scale !== undefined) {
    const same = from.kind === 'decimal' && from.scale !== undefined && from.scale <= to.scale;
    if (!same) conditions.push(`round(${number}, ${to.scale}) <> ${number}`);
  }
  if (to.precision !== undefined) conditions.push(`abs(${number}) >= 1e${to.precision - (to.scale ?? 0)}`);
  return withOffending(number, conditions);
}

function toBoolean(value: string, from: ColumnType): Cast {
  if (from.kind === 'boolean') return { expression: value };
  return { expression: `CAST(${value} AS INTEGER)`, offending: `CAST(${value} AS TEXT) NOT IN ('0', '1')` };
}

function toText(value: string, from: ColumnType, to: ColumnType): Cast {
  const conditions: string[] = [];
  const length = 'length' in to ? to.length : undefined;
  const before = 'length' in from ? from.length : undefined;
  if (length !== undefined && (before === undefined || before > length)) {
    conditions.push(`length(CAST(${value} AS TEXT)) > ${length}`);
  }
  if (from.kind === 'blob') conditions.push(notText(value));
  const expression = STRINGS.includes(from.kind) ? value : `CAST(${value} AS TEXT)`;
  return withOffending(expression, conditions);
}

/** Longest text, in bytes, that is read character by character, which takes time by the square of its length. */
const READ_BYTES = 4000;

/**
 * Finds bytes that are not UTF-8 text without NUL, which would be read as something else. SQLite has no
 * function for that: a text is right where each of its characters, written again, gives the same bytes.
 */
function notText(value: string): string {
  const text = `CAST(${value} AS TEXT)`;
  const beyondAscii = `${text} GLOB '*[^' || char(1) || '-' || char(127) || ']*'`;
  const again = `(WITH RECURSIVE "read" (n, done) AS (SELECT 1, '' UNION ALL SELECT n + 1, done || char(unicode(substr(${text}, n, 1))) FROM "read" WHERE n <= length(${text})) SELECT CAST(done AS BLOB) FROM "read" ORDER BY n DESC LIMIT 1)`;
  return `typeof(${value}) = 'blob' AND (instr(${value}, x'00') > 0 OR (${beyondAscii} AND (length(${value}) > ${READ_BYTES} OR ${again} <> ${value})))`;
}

function toEnum(value: string, to: Extract<ColumnType, { kind: 'enum' }>, schema: Schema): Cast {
  const values = byName(schema.enums, to.name)?.values ?? [];
  return {
    expression: `CAST(${value} AS TEXT)`,
    offending: `CAST(${value} AS TEXT) NOT IN (${values.map(literalText).join(', ')})`,
  };
}

/** Types that are text of a certain form. */
const FORMS: Partial<Record<Kind, (value: string) => string>> = {
  date: (value) => `date(${value}) IS NOT ${value}`,
  time: (value) => `time(${value}) IS NULL`,
  timestamp: (value) => `datetime(${value}) IS NULL`,
  timestamptz: (value) => `datetime(${value}) IS NULL`,
  json: (value) => `NOT json_valid(${value})`,
  uuid: (value) =>
    `lower(${value}) NOT GLOB '${['8', '4', '4', '4', '12'].map((n) => '[0-9a-f]'.repeat(Number(n))).join('-')}'`,
};

function toFormatted(value: string, from: ColumnType, to: ColumnType): Cast {
  if (isInstant(from.kind) && isInstant(to.kind)) return { expression: value };
  if (isInstant(from.kind) && to.kind === 'date') {
    return {
      expression: `date(${value})`,
      offending: `strftime('%H:%M:%f', ${value}) IS NOT '00:00:00.000'`,
    };
  }
  if (from.kind === 'date' && isInstant(to.kind)) {
    return { expression: `${value} || ' 00:00:00.000'`, offending: `date(${value}) IS NOT ${value}` };
  }
  const form = FORMS[to.kind];
  if (form === undefined || from.kind === 'native') return { expression: value };
  // A number would be read as a day count or seconds, which is not what it says.
  const text = isNumber(from.kind) && to.kind !== 'json' ? [`typeof(${value}) <> 'text'`] : [];
  return withOffending(value, [...text, form(value)]);
}

const isInstant = (kind: Kind): boolean => kind === 'timestamp' || kind === 'timestamptz';

function withOffending(expression: string, conditions: readonly string[]): Cast {
  return conditions.length === 0 ? { expression } : { expression, offending: conditions.join(' OR ') };
}
