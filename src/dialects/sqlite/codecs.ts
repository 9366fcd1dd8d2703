/**
 * Between JavaScript values and what SQLite stores, for one column type (DESIGN.md 2.2).
 *
 * SQLite stores any kind of value in any column, so both ways are checked: what does not fit is a
 * VALUE_INVALID that names its owner, never a rounded value. A decoder also takes integers as `bigint`,
 * since one column of a result that needs them exact makes all of them come so.
 */

import { error } from '../../base/error-codes.js';
import type { ColumnType } from '../../schema/model.js';
import type { Codec, CodecOptions, SqlValue } from '../contract.js';
import { checkedDecimal, decimalText, parseDecimal, scaleOf } from '../shared/decimals.js';
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

/**
 * The codec of a type.
 *
 * @throws CAPABILITY_MISSING for arrays
 */
export function sqliteCodec(type: ColumnType, options: CodecOptions): Codec {
  const { owner, as } = options;
  switch (type.kind) {
    case 'smallint':
      return integerCodec(-32_768, 32_767, owner);
    case 'integer':
      return integerCodec(-2_147_483_648, 2_147_483_647, owner);
    case 'bigint':
      return bigintCodec(as ?? 'bigint', owner);
    case 'real':
    case 'double':
      return floatCodec(owner);
    case 'decimal':
      return decimalCodec(type, as === 'number', owner);
    case 'boolean':
      return booleanCodec(owner);
    case 'char':
    case 'varchar':
      return textCodec(type.length, owner);
    case 'text':
      return textCodec(undefined, owner);
    case 'date':
      return stringCodec(
        (value) => checkedDate(value, owner),
        (text) => dateOnly(text, owner),
        owner,
      );
    case 'time':
      return stringCodec((value) => checkedTime(value, type.precision, owner), same, owner);
    case 'timestamp':
    case 'timestamptz':
      return instantCodec(type.precision ?? 3, as === 'string', owner);
    case 'json':
      return jsonCodec(owner);
    case 'uuid':
      return stringCodec((value) => checkedUuid(value, owner), same, owner);
    case 'blob':
      return blobCodec(owner);
    case 'enum':
      return enumCodec(options.enumValues, owner);
    case 'simple-array':
      return simpleArrayCodec(owner);
    case 'native':
      return nativeCodec(owner);
    case 'array':
      throw error('CAPABILITY_MISSING', { database: 'SQLite', feature: 'array type', object: owner });
  }
}

const same = (text: string): string => text;

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

function floatCodec(owner: string): Codec {
  return {
    encode: (value) => {
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw invalidValue(owner, `expected a finite number, got ${kindOf(value)}`);
      }
      // SQLite stores a whole REAL as an integer and so loses the sign of zero; a number equals it anyway.
      if (value === 0) return 0;
      // The driver refuses whole numbers that may have been meant as integers; as a REAL they are exact.
      const whole = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63;
      return whole ? BigInt(value) : value;
    },
    decode: (value) => {
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return safeNumber(value, owner);
      throw found(owner, value, 'a number');
    },
  };
}

/** "The first 15 significant decimal digits of the number are preserved" ("Datatypes In SQLite", 3). */
const EXACT_DIGITS = 15;

function decimalCodec(
  shape: { readonly precision?: number; readonly scale?: number },
  asNumber: boolean,
  owner: string,
): Codec {
  const scale = scaleOf(shape) ?? 0;
  return {
    encode: (value) => {
      const decimal = checkedDecimal(value, shape, owner);
      if (decimal.digits.length > EXACT_DIGITS) {
        throw invalidValue(
          owner,
          `SQLite keeps ${EXACT_DIGITS} digits of a decimal exact, the number has more`,
        );
      }
      // Bound as a number, not as text: only so it compares as one also beside an expression.
      return Number(decimalText(decimal));
    },
    decode: (value) => {
      if (asNumber && typeof value === 'number') return value;
      const decimal =
        typeof value === 'object' || typeof value === 'boolean' ? undefined : parseDecimal(shortest(value));
      if (decimal === undefined) throw found(owner, value, 'a decimal number');
      return asNumber ? Number(decimalText(decimal)) : decimalText(decimal, scale);
    },
  };
}

/** A REAL that arithmetic in the database has made (0.1 + 0.2) says no more than its first 15 digits. */
function shortest(value: string | number | bigint): string {
  if (typeof value !== 'number') return String(value);
  const text = String(value);
  return text.length <= EXACT_DIGITS || Number.isSafeInteger(value) ? text : value.toPrecision(EXACT_DIGITS);
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
  return {
    encode: (value) => {
      const text = checkedText(value, owner);
      if (length === undefined || !isLongerThan(text, length)) return text;
      throw invalidValue(owner, `the text is longer than ${length} characters`);
    },
    decode: (value) => {
      if (typeof value === 'string') return value;
      // A declared type without TEXT affinity, as STRING, has made a number of text that looks like one.
      if (typeof value === 'number' || typeof value === 'bigint') return String(value);
      throw found(owner, value, 'text');
    },
  };
}

/** Other tools keep dates as DATETIME text; a time of midnight says nothing more. */
function dateOnly(text: string, owner: string): string {
  return checkedDate(/^.{10}[ T]00:00(?::00(?:\.0+)?)?Z?$/.test(text) ? text.slice(0, 10) : text, owner);
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
  return {
    encode: (value) => jsonText(value, owner),
    decode: (value) => {
      // A column that others declared JSON has NUMERIC affinity: it holds numbers as numbers.
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return safeNumber(value, owner);
      if (typeof value !== 'string') throw found(owner, value, 'JSON text');
      try {
        return JSON.parse(value) as unknown;
      } catch (cause) {
        throw error(
          'VALUE_INVALID',
          { owner, problem: 'the database holds text that is no JSON' },
          { cause },
        );
      }
    },
  };
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
