/**
 * How values of one column type become values of another, and which rows cannot.
 *
 * SQLite's own CAST never fails: 'abc' becomes 0. So each conversion comes with the condition that finds the
 * rows it would not be exact for: what comes out must be a value of the new type, and converted back it must
 * be what it was. A change of type that was not refused can therefore be taken back.
 */

import type { ColumnType, Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { scaleOf } from '../shared/decimals.js';
import { affinityOf } from './affinity.js';
import { literalText } from './literals.js';

/** A conversion: the new value as SQL, and the rows that stand against it. */
export interface Cast {
  readonly expression: string;
  /** A condition on the old value; undefined when every value can be converted. NULL is never against it. */
  readonly offending?: string;
}

type Kind = ColumnType['kind'];

const INTEGERS: ReadonlySet<Kind> = new Set(['smallint', 'integer', 'bigint', 'boolean']);
const FLOATS: ReadonlySet<Kind> = new Set(['real', 'double']);
const isNumber = ({ kind }: ColumnType): boolean =>
  INTEGERS.has(kind) || FLOATS.has(kind) || kind === 'decimal';
/** Types that are text, of a certain form or of any. */
const isText = (type: ColumnType): boolean =>
  !isNumber(type) && type.kind !== 'blob' && type.kind !== 'native';
const isInstant = ({ kind }: ColumnType): boolean => kind === 'timestamp' || kind === 'timestamptz';

const TEXT: ColumnType = { kind: 'text' };

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
  const expression = convert(value, from, to);
  const needed = [
    ...fromNative(value, from, to),
    ...validity(expression, from, to, schemas.to),
    ...sameAgain(value, expression, from, to),
  ];
  if (needed.length === 0) return { expression };
  return { expression, offending: `${value} IS NOT NULL AND (${needed.join(' AND ')}) IS NOT TRUE` };
}

/** The new value as SQL, exact or not. */
function convert(value: string, from: ColumnType, to: ColumnType): string {
  if (from.kind === 'native' || to.kind === 'native' || from.kind === to.kind) {
    return isInstant(from) && isInstant(to) ? toInstant(value, from, to) : value;
  }
  if (from.kind === 'blob') return convert(`CAST(${value} AS TEXT)`, TEXT, to);
  if (to.kind === 'blob') return `CAST(${convert(value, from, TEXT)} AS BLOB)`;
  if (INTEGERS.has(to.kind)) return `CAST(${value} AS INTEGER)`;
  if (FLOATS.has(to.kind)) return `CAST(${value} AS REAL)`;
  if (to.kind === 'decimal') return `CAST(${value} AS NUMERIC)`;
  if (isNumber(from)) return INTEGERS.has(from.kind) ? `CAST(${value} AS TEXT)` : numberText(value);
  if (isInstant(from) && isInstant(to)) return toInstant(value, from, to);
  if (isInstant(from) && to.kind === 'date') return `substr(${value}, 1, 10)`;
  if (from.kind === 'date' && isInstant(to)) return `${value} || ' 00:00:00.${'0'.repeat(digitsOf(to))}'`;
  return value;
}

/** A number as people write it: a whole one without a point, which CAST would give it. */
function numberText(value: string): string {
  const whole = `typeof(${value}) = 'real' AND ${value} > -1e15 AND ${value} < 1e15 AND ${value} = CAST(${value} AS INTEGER)`;
  return `CASE WHEN ${whole} THEN CAST(CAST(${value} AS INTEGER) AS TEXT) ELSE CAST(${value} AS TEXT) END`;
}

/** Digits of a fraction of a second as the ORM writes them, so that equal instants are equal texts. */
function digitsOf(type: ColumnType): number {
  return Math.max(3, 'precision' in type ? (type.precision ?? 3) : 3);
}

/** An instant in the width of the new type; what the database has written without a fraction stays so. */
function toInstant(value: string, from: ColumnType, to: ColumnType): string {
  const [old, now] = [digitsOf(from), digitsOf(to)];
  if (old === now) return value;
  const written = `length(${value}) = ${20 + old}`;
  const fitted = `substr(${value} || '${'0'.repeat(9)}', 1, ${20 + now})`;
  return `CASE WHEN ${written} THEN ${fitted} ELSE ${value} END`;
}

/** Nobody knows what a native column holds: what has the storage of the new type already may become it. */
function fromNative(value: string, from: ColumnType, to: ColumnType): string[] {
  if (from.kind !== 'native' || to.kind === 'native') return [];
  if (to.kind === 'blob') return [`typeof(${value}) = 'blob'`];
  if (isText(to)) return [`typeof(${value}) = 'text'`];
  const whole = INTEGERS.has(to.kind) ? ` AND ${value} = CAST(${value} AS INTEGER)` : '';
  return [`typeof(${value}) IN ('integer', 'real')${whole}`];
}

/** Conditions for the new value to be one of its type. */
function validity(value: string, from: ColumnType, to: ColumnType, schema: Schema): string[] {
  switch (to.kind) {
    case 'smallint':
      return [`${value} BETWEEN -32768 AND 32767`];
    case 'integer':
      return from.kind === 'smallint' || from.kind === 'boolean'
        ? []
        : [`${value} BETWEEN -2147483648 AND 2147483647`];
    case 'boolean':
      return [`${value} IN (0, 1)`];
    case 'real':
    case 'double':
      return isNumber(from) ? [] : [`${value} BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308`];
    case 'decimal':
      return decimalValidity(value, to);
    case 'char':
    case 'varchar':
      return lengthValidity(value, from, to);
    case 'enum': {
      const values = byName(schema.enums, to.name)?.values ?? [];
      return [`${value} IN (${values.map(literalText).join(', ')})`];
    }
    case 'date':
      return [`date(${value}) IS ${value}`];
    case 'time':
      return [
        `time(substr(${value}, 1, 8)) IS substr(${value}, 1, 8) AND substr(${value}, 1, 2) < '24'`,
        ...fractionValidity(value, 8, 9, to.precision),
      ];
    case 'timestamp':
    case 'timestamptz':
      return [
        `datetime(substr(${value}, 1, 19)) IS substr(${value}, 1, 19) AND substr(${value}, 12, 2) < '24'`,
        // Equal instants must be equal texts.
        ...(isInstant(from) ? [] : [`length(${value}) IN (19, ${20 + digitsOf(to)})`]),
        ...fractionValidity(value, 19, digitsOf(to), to.precision ?? 3),
      ];
    case 'json':
      // JavaScript reads the numbers of JSON as doubles.
      return INTEGERS.has(from.kind)
        ? [`CAST(${value} AS INTEGER) BETWEEN -9007199254740991 AND 9007199254740991`]
        : [`json_valid(${value})`];
    case 'uuid':
      return [`lower(${value}) GLOB '${[8, 4, 4, 4, 12].map((n) => '[0-9a-f]'.repeat(n)).join('-')}'`];
    case 'native':
      return nativeValidity(value, from, to);
    default:
      return [];
  }
}

/** The codec keeps 15 digits of a decimal, which a REAL holds exactly ("Datatypes In SQLite", 3). */
function decimalValidity(value: string, to: Extract<ColumnType, { kind: 'decimal' }>): string[] {
  const scale = scaleOf(to);
  const room = to.precision === undefined ? undefined : to.precision - (scale ?? 0);
  return [
    `CAST(printf('%.15g', ${value}) AS NUMERIC) = ${value}`,
    `${value} > -1e15 AND ${value} < 1e15`,
    ...(scale === undefined ? [] : [`round(${value}, ${scale}) = ${value}`]),
    ...(room === undefined ? [] : [`${value} > -1e${room} AND ${value} < 1e${room}`]),
  ];
}

function lengthValidity(value: string, from: ColumnType, to: ColumnType): string[] {
  const length = 'length' in to ? to.length : undefined;
  const before = 'length' in from ? from.length : undefined;
  if (length === undefined || (before !== undefined && before <= length)) return [];
  // length() ends at a NUL; counted in bytes, a text is never too short.
  const bytes = `CAST(${value} AS BLOB)`;
  return [
    `(length(${bytes}) <= ${length} OR (length(${value}) <= ${length} AND instr(${bytes}, x'00') = 0))`,
  ];
}

/** Behind `start` characters stands nothing, or a point and digits, none finer than the type keeps. */
function fractionValidity(
  value: string,
  start: number,
  most: number,
  precision: number | undefined,
): string[] {
  const digits = `substr(${value}, ${start + 2})`;
  const written = `substr(${value}, ${start + 1}, 1) = '.' AND ${digits} GLOB '[0-9]*' AND ${digits} NOT GLOB '*[^0-9]*' AND length(${value}) <= ${start + 1 + most}`;
  const finer = precision === undefined ? '' : ` AND rtrim(substr(${digits}, ${precision + 1}), '0') = ''`;
  return [`(length(${value}) = ${start} OR (${written}${finer}))`];
}

/** A native column takes what its affinity does not change ("Datatypes In SQLite", 3.1). */
function nativeValidity(value: string, from: ColumnType, to: ColumnType): string[] {
  const affinity = affinityOf(to);
  if (affinity === 'BLOB') return [];
  const isText = `typeof(${value}) = 'text'`;
  if (affinity === 'TEXT')
    return isNumber(from) ? ['FALSE'] : [`typeof(${value}) NOT IN ('integer', 'real')`];
  const likeNumber = `(${isText} AND ${value} GLOB '*[0-9]*' AND ${value} NOT GLOB '*[^-0-9eE+. ' || char(9, 10, 11, 12, 13) || ']*')`;
  const exact =
    affinity === 'REAL'
      ? [`(${isText} OR typeof(${value}) = 'blob' OR CAST(${value} AS REAL) = ${value})`]
      : [];
  return [`NOT ${likeNumber}`, ...exact];
}

/** The condition for the new value, converted back, to be the old one; none where nothing is converted. */
function sameAgain(value: string, expression: string, from: ColumnType, to: ColumnType): string[] {
  if (from.kind === 'native' || to.kind === 'native' || from.kind === to.kind || expression === value) {
    return isInstant(from) && isInstant(to) && expression !== value
      ? [`${convert(`(${expression})`, to, from)} IS ${value}`]
      : [];
  }
  const bytes =
    from.kind === 'blob' ? value : to.kind === 'blob' && isText(from) ? `CAST(${value} AS BLOB)` : undefined;
  const readable = bytes === undefined ? [] : [isUtf8(bytes)];
  // What strayed into a column of another type (SQLite lets it) is well kept as text.
  const others = INTEGERS.has(from.kind) ? `'text', 'real'` : `'text'`;
  const stray = isNumber(from) && isText(to) ? `typeof(${value}) IN (${others}) OR ` : '';
  const number = isNumber(from) && isNumber(to) ? [`${expression} = ${value}`] : [];
  return [...readable, ...number, `(${stray}${convert(`(${expression})`, to, from)} IS ${value})`];
}

/** Longest text, in bytes, that is read character by character, which takes time by the square of its length. */
const READ_BYTES = 4000;

/**
 * The condition for bytes to be UTF-8 text without NUL; anything else would be read as something else.
 * SQLite has no function for that: a text is right where each of its characters, written again, gives the
 * same bytes.
 */
function isUtf8(bytes: string): string {
  const text = `CAST(${bytes} AS TEXT)`;
  const ascii = `${text} NOT GLOB '*[^' || char(1) || '-' || char(127) || ']*'`;
  const again = `(WITH RECURSIVE "read" (n, done) AS (SELECT 1, '' UNION ALL SELECT n + 1, done || char(unicode(substr(${text}, n, 1))) FROM "read" WHERE n <= length(${text})) SELECT CAST(done AS BLOB) FROM "read" ORDER BY n DESC LIMIT 1)`;
  return `instr(${bytes}, x'00') = 0 AND (${ascii} OR (length(${bytes}) <= ${READ_BYTES} AND ${again} = ${bytes}))`;
}
