/**
 * Between JavaScript values and what the server stores, for one column type (DESIGN.md 2.2).
 *
 * A server in strict mode refuses what is too long or too large, but rounds fractions without a word and drops
 * blanks at the end of CHAR. So everything is checked here: what does not fit is a VALUE_INVALID that names its
 * owner. A decoder also takes integers as `bigint`, since one column of a result that needs them exact makes all
 * of them come so.
 */

import { error } from '../../base/error-codes.js';
import type { ColumnType } from '../../schema/model.js';
import type { Codec, CodecOptions, SqlValue } from '../contract.js';
import { checkedDecimal, type DecimalShape, decimalText, parseDecimal, scaleOf } from '../shared/decimals.js';
import { exactSingle, shortestSingle } from '../shared/singles.js';
import {
  checkedDate,
  checkedTime,
  dateToText,
  instantToText,
  textToDate,
  textToIso,
} from '../shared/temporal.js';
import {
  checkedText,
  checkedUuid,
  INT64_MAX,
  INT64_MIN,
  invalidValue,
  isLongerThan,
  jsonText,
  kindOf,
  safeNumber,
} from '../shared/values.js';

/** What `decimal` without a precision is: the largest that there is, with half of it after the point. */
const LARGEST_DECIMAL: DecimalShape = { precision: 65, scale: 30 };
/** What `varchar` without a length is. */
const DEFAULT_LENGTH = 255;
const DEFAULT_PRECISION = 3;
/** Fractions of a second are kept in microseconds. */
const MAX_PRECISION = 6;

/**
 * The codec of a type.
 *
 * @throws CAPABILITY_MISSING for arrays
 */
export function mysqlCodec(type: ColumnType, options: CodecOptions): Codec {
  const { owner, as } = options;
  switch (type.kind) {
    case 'smallint':
      return integerCodec(-32_768, 32_767, owner);
    case 'integer':
      return integerCodec(-2_147_483_648, 2_147_483_647, owner);
    case 'bigint':
      return bigintCodec(as ?? 'bigint', owner);
    case 'real':
      return realCodec(owner);
    case 'double':
      return doubleCodec(owner);
    case 'decimal':
      return decimalCodec(type, as === 'number', owner);
    case 'boolean':
      return booleanCodec(owner);
    case 'char':
      return charCodec(type.length ?? 1, owner);
    case 'varchar':
      return textCodec(type.length ?? DEFAULT_LENGTH, owner);
    case 'text':
      return textCodec(undefined, owner);
    case 'date':
      return stringCodec((value) => checkedDate(value, owner), same, owner);
    case 'time':
      return timeCodec(precisionOf(type.precision), owner);
    case 'timestamp':
    case 'timestamptz':
      return instantCodec(precisionOf(type.precision), as === 'string', owner);
    case 'json':
      return jsonCodec(owner);
    case 'uuid':
      return stringCodec((value) => checkedUuid(value, owner).toLowerCase(), lowerCase, owner);
    case 'blob':
      return blobCodec(owner);
    case 'enum':
      return enumCodec(options.enumValues, owner);
    case 'simple-array':
      return simpleArrayCodec(owner);
    case 'native':
      return nativeCodec(owner);
    case 'array':
      throw error('CAPABILITY_MISSING', { database: 'MySQL', feature: 'array type', object: owner });
  }
}

function precisionOf(precision = DEFAULT_PRECISION): number {
  return Math.min(precision, MAX_PRECISION);
}

const same = (text: string): string => text;
const lowerCase = (text: string): string => text.toLowerCase();

function found(owner: string, value: SqlValue, expected: string): Error {
  return invalidValue(owner, `the database holds ${kindOf(value)} where ${expected} was expected`);
}

function stringCodec(
  encode: (value: unknown) => string,
  decode: (text: string) => unknown,
  owner: string,
): Codec {
  return {
    encode,
    decode: (value) => {
      if (typeof value === 'string') return decode(value);
      throw found(owner, value, 'text');
    },
  };
}

function integerCodec(min: number, max: number, owner: string): Codec {
  return {
    encode: (value) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) {
        throw invalidValue(owner, `expected an integer, got ${kindOf(value)}`);
      }
      if (value < min || value > max) throw invalidValue(owner, `the integer lies outside ${min} to ${max}`);
      return value === 0 ? 0 : value;
    },
    decode: (value) => {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
      if (typeof value === 'bigint') return safeNumber(value, owner);
      throw found(owner, value, 'an integer');
    },
  };
}

const INTEGER_TEXT = /^[+-]?\d{1,19}$/;

function bigintCodec(as: 'number' | 'string' | 'bigint', owner: string): Codec {
  const read = (value: SqlValue): bigint => {
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
    throw found(owner, value, 'an integer');
  };
  const encode = (value: unknown): bigint => {
    let exact: bigint | undefined;
    if (typeof value === 'bigint') exact = value;
    else if (typeof value === 'number' && Number.isSafeInteger(value)) exact = BigInt(value);
    else if (as === 'string' && typeof value === 'string' && INTEGER_TEXT.test(value)) exact = BigInt(value);
    if (exact === undefined)
      throw invalidValue(owner, `expected an integer as a ${as}, got ${kindOf(value)}`);
    if (exact < INT64_MIN || exact > INT64_MAX)
      throw invalidValue(owner, 'the integer needs more than 64 bits');
    return exact;
  };
  if (as === 'number') return { encode, decode: (value) => safeNumber(read(value), owner) };
  if (as === 'string') return { encode, decode: (value) => String(read(value)), needsBigints: true };
  return { encode, decode: read, needsBigints: true };
}

function finite(value: unknown, owner: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalidValue(owner, `expected a finite number, got ${kindOf(value)}`);
}

/** As the driver takes it: whole numbers that may have been meant as integers it refuses as numbers. */
function floatParameter(value: number): SqlValue {
  // The sign of zero is lost in an integer; a number equals it anyway.
  if (value === 0) return 0;
  const whole = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63;
  return whole ? BigInt(value) : value;
}

function doubleCodec(owner: string): Codec {
  return {
    encode: (value) => floatParameter(finite(value, owner)),
    decode: (value) => {
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return safeNumber(value, owner);
      throw found(owner, value, 'a number');
    },
  };
}

/**
 * FLOAT keeps 24 bits, about seven digits. What is bound is the very number that it holds, so that a comparison
 * with the column, which MySQL makes between doubles, finds it; what is read is its shortest spelling.
 */
function realCodec(owner: string): Codec {
  return {
    encode: (value) => {
      return floatParameter(exactSingle(finite(value, owner), owner));
    },
    decode: (value) => {
      if (typeof value === 'number') return shortestSingle(value);
      if (typeof value === 'bigint') return safeNumber(value, owner);
      throw found(owner, value, 'a number');
    },
  };
}

function decimalCodec(shape: DecimalShape, asNumber: boolean, owner: string): Codec {
  const scale = scaleOf(shape) ?? 0;
  const room = shape.precision === undefined ? { ...LARGEST_DECIMAL, ...shape } : shape;
  return {
    encode: (value) => decimalText(checkedDecimal(value, room, owner)),
    decode: (value) => {
      const isNumber = typeof value === 'number' || typeof value === 'bigint';
      const decimal = typeof value === 'string' || isNumber ? parseDecimal(String(value)) : undefined;
      if (decimal === undefined) throw found(owner, value, 'a decimal number');
      return asNumber ? Number(decimalText(decimal)) : decimalText(decimal, scale);
    },
  };
}

function booleanCodec(owner: string): Codec {
  return {
    encode: (value) => {
      if (typeof value === 'boolean') return value ? 1 : 0;
      throw invalidValue(owner, `expected a boolean, got ${kindOf(value)}`);
    },
    decode: (value) => {
      if (value === 1 || value === 1n) return true;
      if (value === 0 || value === 0n) return false;
      throw found(owner, value, '0 or 1');
    },
  };
}

function textCodec(length: number | undefined, owner: string): Codec {
  return stringCodec(
    (value) => {
      const text = checkedText(value, owner);
      if (length === undefined || !isLongerThan(text, length)) return text;
      throw invalidValue(owner, `the text is longer than ${length} characters`);
    },
    same,
    owner,
  );
}

/** "When CHAR values are retrieved, trailing spaces are removed" ("The CHAR and VARCHAR Types"). */
function charCodec(length: number, owner: string): Codec {
  const { encode, decode } = textCodec(length, owner);
  return {
    encode: (value) => {
      const text = encode(value);
      if (!(text as string).endsWith(' ')) return text;
      throw invalidValue(owner, 'a char column does not keep blanks at the end of text; use varchar');
    },
    decode,
  };
}

/** A fraction is read without zeros at its end, however many digits the column keeps. */
function timeCodec(precision: number, owner: string): Codec {
  return stringCodec(
    (value) => checkedTime(value, precision, owner),
    (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text),
    owner,
  );
}

function instantCodec(precision: number, asString: boolean, owner: string): Codec {
  // A Date has no more than three digits, so a finer column is ISO text in JavaScript.
  if (asString || precision > 3) {
    return stringCodec(
      (value) => instantToText(value, precision, owner),
      (text) => textToIso(text, precision, owner),
      owner,
    );
  }
  return stringCodec(
    (value) => dateToText(value, precision, owner),
    (text) => textToDate(text, owner),
    owner,
  );
}

function jsonCodec(owner: string): Codec {
  return stringCodec(
    (value) => jsonText(value, owner),
    (text) => {
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        const problem = 'the database holds text that is no JSON';
        throw error('VALUE_INVALID', { owner, problem }, { cause });
      }
    },
    owner,
  );
}

function blobCodec(owner: string): Codec {
  return {
    encode: (value) => {
      if (value instanceof Uint8Array || Buffer.isBuffer(value)) return value;
      throw invalidValue(owner, `expected a Buffer, got ${kindOf(value)}`);
    },
    decode: (value) => {
      if (Buffer.isBuffer(value)) return value;
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      throw found(owner, value, 'bytes');
    },
  };
}

function enumCodec(values: readonly string[] | undefined, owner: string): Codec {
  const known = new Set(values);
  return stringCodec(
    (value) => {
      const text = checkedText(value, owner);
      if (values === undefined || known.has(text)) return text;
      throw invalidValue(owner, `expected one of ${values.map((each) => `'${each}'`).join(', ')}`);
    },
    // What a newer release has stored must still be readable, so membership is asked on write alone.
    same,
    owner,
  );
}

function simpleArrayCodec(owner: string): Codec {
  return stringCodec(
    (value) => {
      if (!Array.isArray(value))
        throw invalidValue(owner, `expected an array of strings, got ${kindOf(value)}`);
      const parts = Array.from(value, (part: unknown) => checkedText(part, owner));
      if (parts.some((part) => part.includes(','))) {
        throw invalidValue(owner, 'an element of a simple array cannot hold a comma; use json');
      }
      if (parts.length === 1 && parts[0] === '') {
        throw invalidValue(owner, 'a simple array cannot hold one empty text alone; use json');
      }
      return parts.join(',');
    },
    (text) => (text === '' ? [] : text.split(',')),
    owner,
  );
}

function nativeCodec(owner: string): Codec {
  return {
    encode: (value) => {
      if (typeof value === 'string') return checkedText(value, owner);
      if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array) return value;
      if (typeof value === 'boolean') return value ? 1 : 0;
      throw invalidValue(owner, `expected text, a number or bytes, got ${kindOf(value)}`);
    },
    decode: (value) => value,
  };
}
