/**
 * How values of one column type become values of another, and which rows cannot.
 *
 * PostgreSQL's casts raise an error, round or cut; so each conversion comes with the conditions for it not to be
 * refused by the server (`sound`) and those for the value to stay what it was (`exact`). A change of type whose
 * rows meet all of them can be taken back.
 */

import type { ColumnType, Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { scaleOf } from '../shared/decimals.js';
import { literalText } from './literals.js';
import { canonicalType, DEFAULT_PRECISION, typeText } from './types.js';
import { isUtf8, textForm } from './value-forms.js';

/** A conversion: the new value as SQL, and the rows that stand against it. */
export interface Cast {
  readonly expression: string;
  /** The same where loss is allowed: NULL for what has no counterpart in the new type. */
  readonly lossy: string;
  /** A condition on the old value; undefined when every value can be converted. NULL is never against it. */
  readonly offending?: string;
  /** The server's own assignment does the same, so the statement need not say it. */
  readonly implicit: boolean;
}

type Kind = ColumnType['kind'];

const INTEGERS: ReadonlySet<Kind> = new Set(['smallint', 'integer', 'bigint']);
const FLOATS: ReadonlySet<Kind> = new Set(['real', 'double']);
const TEXTS: ReadonlySet<Kind> = new Set(['text', 'varchar', 'char', 'simple-array']);

const isNumber = ({ kind }: ColumnType): boolean =>
  INTEGERS.has(kind) || FLOATS.has(kind) || kind === 'decimal';
const isText = ({ kind }: ColumnType): boolean => TEXTS.has(kind);
const isInstant = ({ kind }: ColumnType): boolean => kind === 'timestamp' || kind === 'timestamptz';

export interface CastContext {
  /** The schema that holds the enums of the new type. */
  readonly schema: Schema;
  readonly version: number;
}

/**
 * The conversion of a value.
 *
 * @param value SQL that yields the old value: a quoted column
 */
export function cast(value: string, from: ColumnType, to: ColumnType, context: CastContext): Cast {
  if (canonicalType(from) === canonicalType(to) && from.kind !== 'enum') {
    return { expression: value, lossy: value, implicit: true };
  }
  const expression = convert(value, from, to);
  // Rows are counted before the first statement, which may be the one that makes the enum.
  const known = withTextForEnums(to);
  const sound = soundness(value, from, to, context);
  const exact = exactness(value, convert(value, from, known), from, to);
  const all = [...sound, ...exact];
  const lossy =
    sound.length === 0 ? expression : `CASE WHEN ${nested(sound)} THEN ${expression} ELSE NULL END`;
  return {
    expression,
    lossy,
    implicit: isImplicit(from, to),
    ...(all.length > 0 && { offending: `${value} IS NOT NULL AND (${nested(all)}) IS NOT TRUE` }),
  };
}

/** A type without enums in it: their values are texts. */
function withTextForEnums(type: ColumnType): ColumnType {
  if (type.kind === 'array') return { kind: 'array', of: withTextForEnums(type.of) };
  return type.kind === 'enum' ? { kind: 'text' } : type;
}

/** Conditions one after the other: AND promises no order, and a later one may rely on those before ("4.2.14"). */
function nested(conditions: readonly string[]): string {
  return conditions.reduceRight((rest, condition) =>
    rest === '' ? condition : `CASE WHEN ${condition} THEN ${rest} ELSE FALSE END`,
  );
}

function isImplicit(from: ColumnType, to: ColumnType): boolean {
  if (isText(from) && isText(to)) return true;
  if (INTEGERS.has(from.kind)) return isNumber(to) && to.kind !== 'real';
  if (from.kind === 'decimal') return to.kind === 'decimal';
  // In a session in UTC, which ours are, the server knows that nothing has to be written anew.
  return (isInstant(from) && isInstant(to)) || (from.kind === 'time' && to.kind === 'time');
}

/** The new value as SQL, exact or not. */
function convert(value: string, from: ColumnType, to: ColumnType): string {
  const target = typeText(to);
  if (isText(from) && isText(to)) return `${value}::${target}`;
  if (isNumber(from) && isNumber(to)) {
    // Through its text a float is the number that people and JavaScript see.
    if (FLOATS.has(from.kind) && to.kind === 'double') return `${value}::text::${target}`;
    if (FLOATS.has(from.kind) && !FLOATS.has(to.kind)) return `${value}::text::numeric::${target}`;
    return `${value}::${target}`;
  }
  if (isNumber(from) && to.kind === 'boolean') return `(${value} <> 0)`;
  if (from.kind === 'boolean' && isNumber(to)) {
    return to.kind === 'integer' ? `${value}::integer` : `${value}::integer::${target}`;
  }
  if ((isInstant(from) || from.kind === 'date') && (isInstant(to) || to.kind === 'date')) {
    return convertMoment(value, from, to);
  }
  if (from.kind === 'time' && to.kind === 'time') return `${value}::${target}`;
  const form = textForm(value, from);
  if (to.kind === 'blob') return `convert_to(${form}, 'UTF8')`;
  if (to.kind === 'text' || to.kind === 'simple-array') return form;
  // What names no zone is in UTC, whatever the session's is.
  if (to.kind === 'timestamptz') return `${inUtc(form)}::${target}`;
  return `${form}::${target}`;
}

/** Text of a moment with its zone said. */
function inUtc(text: string): string {
  return `(CASE WHEN ${text} ~ '[ T][0-9:.]+$' THEN ${text} || '+00' ELSE ${text} END)`;
}

function convertMoment(value: string, from: ColumnType, to: ColumnType): string {
  const local = from.kind === 'timestamptz' ? `(${value} AT TIME ZONE 'UTC')` : value;
  if (to.kind === 'date') return `${local}::date`;
  if (to.kind === from.kind) return `${value}::${typeText(to)}`;
  if (to.kind === 'timestamp') return `${local}::${typeText(to)}`;
  return `(${local}::timestamp AT TIME ZONE 'UTC')::${typeText(to)}`;
}

const LIMITS: Readonly<Record<string, readonly [lowest: string, highest: string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
};

const FLOAT_LIMITS: Readonly<Record<string, readonly [smallest: string, largest: string]>> = {
  real: ['1.2e-38', '3.4028234e38'],
  double: ['2.3e-308', '1.7976931348623157e308'],
};

/** Conditions for the server not to refuse the conversion. */
function soundness(value: string, from: ColumnType, to: ColumnType, context: CastContext): string[] {
  if (isText(from) && isText(to)) return [];
  if (isNumber(from) && isNumber(to)) return numberSoundness(value, from, to);
  if (isNumber(from) && to.kind === 'boolean') return [];
  if (from.kind === 'boolean' && isNumber(to)) {
    // 1 needs a digit before the point.
    return to.kind === 'decimal' && room(to) === 0 ? [`NOT ${value}`] : [];
  }
  if ((isInstant(from) || from.kind === 'date') && (isInstant(to) || to.kind === 'date')) return [];
  if (from.kind === 'time' && to.kind === 'time') return [];
  const readable = from.kind === 'blob' ? [isUtf8(value)] : [];
  return [...readable, ...textSoundness(textForm(value, from), to, context)];
}

function room({ precision, scale }: Extract<ColumnType, { kind: 'decimal' }>): number | undefined {
  return precision === undefined ? undefined : precision - (scale ?? 0);
}

function numberSoundness(value: string, from: ColumnType, to: ColumnType): string[] {
  const isFloat = FLOATS.has(from.kind);
  const number = isFloat ? `${value}::text::numeric` : value;
  // NaN and the infinities are no numerics before version 14.
  const finite = isFloat || from.kind === 'decimal' ? [`${value}::text ~ '^[-+.0-9e]+$'`] : [];
  if (to.kind === 'decimal') {
    if (room(to) !== undefined) return [...finite, ...fits(number, to)];
    return isFloat ? [`${value}::text ~ '^([-+.0-9e]+|NaN)$'`] : [];
  }
  const limits = LIMITS[to.kind];
  if (limits) {
    const narrower = !INTEGERS.has(from.kind) || width(to.kind) < width(from.kind);
    return narrower ? [...finite, `${number} BETWEEN ${limits[0]} AND ${limits[1]}`] : [];
  }
  const [smallest, largest] = FLOAT_LIMITS[to.kind] ?? ['0', '0'];
  if (INTEGERS.has(from.kind) || (from.kind === 'real' && to.kind === 'double')) return [];
  const inRange = [...finite, `(${number} = 0 OR abs(${number}) BETWEEN ${smallest} AND ${largest})`];
  return [`(${value}::text IN ('NaN', 'Infinity', '-Infinity') OR ${nested(inRange)})`];
}

function width(kind: Kind): number {
  return ['smallint', 'integer', 'bigint'].indexOf(kind);
}

/** What is before the point must have room there, after rounding. */
function fits(number: string, to: Extract<ColumnType, { kind: 'decimal' }>): string[] {
  const digits = room(to);
  if (digits === undefined) return [];
  return [`abs(round(${number}, ${to.scale ?? 0})) < 1e${digits}`];
}

const DAY = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])';
const CLOCK = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6}0*)?)?';
const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
const PLAIN_NUMBER = '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$';
const MINUS_ZERO = '^-0(\\.0*)?$';

/** Conditions for a text to be read as a value of a type, and only as people would read it. */
function textSoundness(text: string, to: ColumnType, context: CastContext): string[] {
  switch (to.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint': {
      const [lowest, highest] = LIMITS[to.kind] as readonly [string, string];
      return [`${text} ~ '^-?[0-9]{1,19}$'`, `${text}::numeric BETWEEN ${lowest} AND ${highest}`];
    }
    case 'real':
    case 'double': {
      const [smallest, largest] = FLOAT_LIMITS[to.kind] as readonly [string, string];
      return orAsWritten(text, to, context, [
        `${text} ~ '^-?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]{1,3})?$' AND length(${text}) < 1000`,
        `(${text}::numeric = 0 OR abs(${text}::numeric) BETWEEN ${smallest} AND ${largest})`,
      ]);
    }
    case 'decimal':
      return orAsWritten(text, to, context, [
        `${text} ~ '${PLAIN_NUMBER}' AND ${text} !~ '${MINUS_ZERO}' AND length(${text}) < 1000`,
        ...fits(`${text}::numeric`, to),
      ]);
    case 'boolean':
      return [`${text} IN ('true', 'false')`];
    case 'date':
      return orAsWritten(text, to, context, [`${text} ~ '^${DAY}$'`, isDay(text)]);
    case 'time':
      return orAsWritten(text, to, context, [`${text} ~ '^${CLOCK}$'`]);
    case 'timestamp':
      return orAsWritten(text, to, context, [
        `${text} ~ '^${DAY}[ T]${CLOCK} ?(Z|[+-]00(:?00)?)?$'`,
        isDay(text),
      ]);
    case 'timestamptz':
      return orAsWritten(text, to, context, [
        `${text} ~ '^${DAY}[ T]${CLOCK} ?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?$'`,
        isDay(text),
      ]);
    case 'uuid':
      return [`${text} ~ '${UUID}'`];
    case 'enum': {
      const values = byName(context.schema.enums, to.name)?.values ?? [];
      return [values.length === 0 ? 'FALSE' : `${text} IN (${values.map(literalText).join(', ')})`];
    }
    case 'json':
      return context.version >= 160000
        ? [`${text} IS JSON WITH UNIQUE KEYS`, isInput(text, to)]
        : [`${text} ~ '^[[:space:]]*([[{"0-9-]|true|false|null)'`];
    case 'array':
      return [
        ...(context.version >= 160000 ? [isInput(text, withTextForEnums(to))] : []),
        ...elementsSoundness(text, to, context),
      ];
    case 'native':
      return context.version >= 160000 ? [isInput(text, to)] : [];
    default:
      return [];
  }
}

/** What the server itself writes is right as well, which people would not: `infinity`, `NaN`, years BC. */
function orAsWritten(
  text: string,
  to: ColumnType,
  { version }: CastContext,
  conditions: readonly string[],
): string[] {
  if (version < 160000) return [...conditions];
  const isWritten = `CASE WHEN ${isInput(text, to)} THEN (${text}::${typeText(to)})::text = ${text} ELSE FALSE END`;
  return [`(${nested(conditions)} OR ${isWritten})`];
}

/** The elements of an array of enums are values of the enum. */
function elementsSoundness(
  text: string,
  { of }: { readonly of: ColumnType },
  context: CastContext,
): string[] {
  if (of.kind === 'array') return elementsSoundness(text, of, context);
  if (of.kind !== 'enum') return [];
  const values = byName(context.schema.enums, of.name)?.values ?? [];
  // NULL is contained in nothing, and a subquery stands in no USING.
  const present = `string_to_array(array_to_string(${text}::text[], chr(31)), chr(31))`;
  return [`${present} <@ ARRAY[${values.map(literalText).join(', ')}]::text[]`];
}

/** Whether the type's own input takes a text; there since version 16 ("Table 9.101"). */
function isInput(text: string, to: ColumnType): string {
  return `pg_input_is_valid(${text}, ${literalText(typeText(to))})`;
}

/** Whether the month has such a day, of a text that begins as a date does. */
function isDay(text: string): string {
  const first = `(substr(${text}, 1, 8) || '01')::date`;
  return `CASE WHEN ${text} LIKE '0000%' THEN FALSE ELSE substr(${text}, 9, 2)::integer <= extract(day FROM ${first} + interval '1 month - 1 day') END`;
}

/** Conditions for the new value to say what the old one said. */
function exactness(value: string, expression: string, from: ColumnType, to: ColumnType): string[] {
  if (isText(from) && isText(to)) return lengths(textForm(value, from), to);
  if (isNumber(from) && isNumber(to)) return sameNumber(value, expression, from, to);
  if (isNumber(from) && to.kind === 'boolean') return [`${value} IN (0, 1)`];
  if (from.kind === 'boolean' && isNumber(to)) return [];
  if ((isInstant(from) || from.kind === 'date') && (isInstant(to) || to.kind === 'date')) {
    return sameMoment(value, from, to);
  }
  if (from.kind === 'time' && to.kind === 'time') return finer(from, to) ? [`${expression} = ${value}`] : [];
  const form = textForm(value, from);
  return [...sameReading(value, expression, form, from, to), ...fitsBack(expression, form, from, to)];
}

/** Conditions for what has been read of a text to be all that it says. */
function sameReading(
  value: string,
  expression: string,
  form: string,
  from: ColumnType,
  to: ColumnType,
): string[] {
  const asWritten = `(${expression})::text = ${form}`;
  switch (to.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'array':
    case 'native':
      return [asWritten];
    case 'real':
    case 'double':
      return [
        `(${asWritten} OR CASE WHEN ${form} ~ '${PLAIN_NUMBER}' AND ${form} !~ '${MINUS_ZERO}' THEN (${expression})::text::numeric = ${form}::numeric ELSE FALSE END)`,
      ];
    case 'decimal': {
      const scale = scaleOf(to);
      return scale === undefined ? [] : [`round(${form}::numeric, ${scale}) = ${form}::numeric`];
    }
    case 'time':
      return [`(${expression}) = ${form}::time`];
    case 'timestamp':
      return [`(${expression}) = ${form}::timestamp`];
    case 'timestamptz':
      return [`(${expression}) = ${inUtc(form)}::timestamptz`];
    case 'json':
      return sameInJson(value, from);
    default:
      return lengths(form, to);
  }
}

const RESPELLED: ReadonlySet<Kind> = new Set([
  ...(['real', 'double', 'decimal', 'time', 'timestamp', 'timestamptz', 'json', 'uuid'] as const),
]);

/** The server's spelling of a value must have room in the old column, so that the change can be taken back. */
function fitsBack(expression: string, form: string, from: ColumnType, to: ColumnType): string[] {
  if (!RESPELLED.has(to.kind)) return [];
  if (from.kind === 'enum') return [`(${expression})::text = ${form}`];
  return from.kind === 'char' || from.kind === 'varchar' ? lengths(`(${expression})::text`, from) : [];
}

/** JavaScript reads the numbers of JSON as doubles. */
function sameInJson(value: string, from: ColumnType): string[] {
  if (from.kind === 'bigint') return [`${value} BETWEEN -9007199254740991 AND 9007199254740991`];
  if (from.kind !== 'decimal') return [];
  return [`abs(${value}) < 1e300`, `${value}::double precision::text::numeric = ${value}`];
}

function lengths(text: string, to: ColumnType): string[] {
  if (to.kind !== 'char' && to.kind !== 'varchar') return [];
  const length = to.kind === 'char' ? (to.length ?? 1) : to.length;
  return [
    // Blanks at the end of a char(n) are not part of its value ("8.3").
    ...(to.kind === 'char' ? [`rtrim(${text}, ' ') = ${text}`] : []),
    ...(length === undefined ? [] : [`char_length(${text}) <= ${length}`]),
  ];
}

function sameNumber(value: string, expression: string, from: ColumnType, to: ColumnType): string[] {
  const old = FLOATS.has(from.kind) ? `${value}::text::numeric` : value;
  if (to.kind === 'decimal') {
    const scale = scaleOf(to);
    return scale === undefined || INTEGERS.has(from.kind) ? [] : [`round(${old}, ${scale}) = ${old}`];
  }
  if (INTEGERS.has(to.kind)) return INTEGERS.has(from.kind) ? [] : [`trunc(${old}) = ${old}`];
  if (from.kind === 'real' || from.kind === 'smallint' || (from.kind === 'integer' && to.kind === 'double')) {
    return [];
  }
  const same = `(${expression})::text::numeric = ${old}`;
  return [`CASE WHEN ${value}::text ~ '^[-+.0-9e]+$' THEN ${same} ELSE TRUE END`];
}

function sameMoment(value: string, from: ColumnType, to: ColumnType): string[] {
  if (from.kind === 'date') return [];
  if (to.kind === 'date') {
    const local = from.kind === 'timestamptz' ? `(${value} AT TIME ZONE 'UTC')` : value;
    return [`date_trunc('day', ${local}) = ${local}`];
  }
  return finer(from, to) ? [`${value}::${from.kind}(${precisionOf(to)}) = ${value}`] : [];
}

function precisionOf(type: ColumnType): number {
  return 'precision' in type && type.precision !== undefined ? type.precision : DEFAULT_PRECISION;
}

function finer(from: ColumnType, to: ColumnType): boolean {
  return precisionOf(from) > precisionOf(to);
}
