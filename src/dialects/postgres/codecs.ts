/**
 * Between JavaScript values and what PostgreSQL stores, for one column type (DESIGN.md 2.2).
 *
 * The server checks types itself; here it is seen to that what it would round, cut or take for something else is
 * refused first, naming its owner. Values are written as the server writes them, so that one that was not changed
 * is known as such without asking.
 */

import { error } from '../../base/error-codes.js';
import type { ColumnType } from '../../schema/model.js';
import type { Codec, CodecOptions, SqlValue } from '../contract.js';
import { checkedDecimal, decimalText, parseDecimal, scaleOf } from '../shared/decimals.js';
import { exactSingle } from '../shared/singles.js';
import { checkedDate, checkedTime, textToIso } from '../shared/temporal.js';
import {
  checkedUuid,
  INT64_MAX,
  INT64_MIN,
  invalidValue,
  isLongerThan,
  jsonText,
  kindOf,
  safeNumber,
} from '../shared/values.js';
import { arrayCodec } from './array-codec.js';
import { instantText, isoInstantText, textToInstant } from './instants.js';
import { checkedString } from './parameters.js';

/** Digits after the seconds where the type does not say how many. */
const PRECISION = 3;

/** The codec of a type. */
export function postgresCodec(type: ColumnType, options: CodecOptions): Codec {
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
      return floatCodec(owner);
    case 'decimal':
      return decimalCodec(type, as === 'number', owner);
    case 'boolean':
      return booleanCodec(owner);
    case 'char':
      return charCodec(type.length ?? 1, owner);
    case 'varchar':
      return textCodec(type.length, owner);
    case 'text':
      return textCodec(undefined, owner);
    case 'date':
      return stringCodec(
        (value) => refuseYearZero(checkedDate(value, owner), owner),
        (text) => checkedDate(text, owner),
        owner,
      );
    case 'time':
      return timeCodec(type.precision ?? PRECISION, owner);
    case 'timestamp':
      return instantCodec({
        precision: type.precision ?? PRECISION,
        zone: '',
        asString: as === 'string',
        owner,
      });
    case 'timestamptz':
      return instantCodec({
        precision: type.precision ?? PRECISION,
        zone: '+00',
        asString: as === 'string',
        owner,
      });
    case 'json':
      return jsonCodec(owner);
    case 'uuid':
      // The server writes it in lower case.
      return stringCodec((value) => checkedUuid(value, owner).toLowerCase(), same, owner);
    case 'blob':
      return blobCodec(owner);
    case 'enum':
      return enumCodec(options.enumValues, owner);
    case 'simple-array':
      return simpleArrayCodec(owner);
    case 'array':
      return arrayCodec(type.of, postgresCodec(innermost(type.of), options), owner);
    case 'native':
      return nativeCodec(owner);
    default:
      return type satisfies never;
  }
}

/** To the server an array of arrays is an array. */
function innermost(type: ColumnType): ColumnType {
  return type.kind === 'array' ? innermost(type.of) : type;
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

/** `real` gives back the shortest text of what it holds: a number with more digits would come back as another one. */
function realCodec(owner: string): Codec {
  const float = floatCodec(owner);
  return {
    encode: (value) => {
      const bound = float.encode(value);
      exactSingle(value as number, owner);
      return bound;
    },
    decode: float.decode,
  };
}

function floatCodec(owner: string): Codec {
  return {
    encode: (value) => {
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw invalidValue(owner, `expected a finite number, got ${kindOf(value)}`);
      }
      if (value === 0) return 0;
      // The driver refuses whole numbers that may have been meant as integers; here they are not.
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

function decimalCodec(
  shape: { readonly precision?: number; readonly scale?: number },
  asNumber: boolean,
  owner: string,
): Codec {
  const scale = scaleOf(shape) ?? 0;
  return {
    encode: (value) => decimalText(checkedDecimal(value, shape, owner), scale),
    decode: (value) => {
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
        throw found(owner, value, 'a decimal number');
      }
      if (asNumber) return Number(value);
      const decimal = parseDecimal(String(value));
      // numeric also holds NaN and infinities ("8.1.2").
      return decimal === undefined ? String(value) : decimalText(decimal, scale);
    },
  };
}

function booleanCodec(owner: string): Codec {
  return {
    encode: (value) => {
      if (typeof value === 'boolean') return value;
      throw invalidValue(owner, `expected a boolean, got ${kindOf(value)}`);
    },
    decode: (value) => {
      if (typeof value === 'boolean') return value;
      throw found(owner, value, 'a boolean');
    },
  };
}

function checkedLength(value: unknown, length: number | undefined, owner: string): string {
  const text = checkedString(value, owner);
  if (length === undefined || !isLongerThan(text, length)) return text;
  throw invalidValue(owner, `the text is longer than ${length} characters`);
}

function textCodec(length: number | undefined, owner: string): Codec {
  return stringCodec((value) => checkedLength(value, length, owner), same, owner);
}

/** "Values of type character are physically padded with spaces", which mean nothing (8.3 "Character Types"). */
function charCodec(length: number, owner: string): Codec {
  return stringCodec((value) => checkedLength(value, length, owner), withoutPadding, owner);
}

function withoutPadding(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}

function refuseYearZero(date: string, owner: string): string {
  if (date.startsWith('0000')) throw invalidValue(owner, 'PostgreSQL has no year 0');
  return date;
}

/** The server leaves out zeros at the end of a fraction; where there is one, it has the column's digits again. */
function timeCodec(precision: number, owner: string): Codec {
  return stringCodec(
    (value) => checkedTime(value, precision, owner),
    (text) => (text[8] === '.' ? text.padEnd(9 + precision, '0') : text),
    owner,
  );
}

interface InstantOptions {
  readonly precision: number;
  /** What the server writes behind it. */
  readonly zone: '' | '+00';
  readonly asString: boolean;
  readonly owner: string;
}

function instantCodec({ precision, zone, asString, owner }: InstantOptions): Codec {
  // A Date has no more than three digits, so a finer column is ISO text in JavaScript.
  if (asString || precision > 3) {
    return stringCodec(
      (value) => isoInstantText(value, precision, owner) + zone,
      (text) => textToIso(text, precision, owner),
      owner,
    );
  }
  return stringCodec(
    (value) => instantText(value, precision, owner) + zone,
    (text) => textToInstant(text, owner),
    owner,
  );
}

/** The escapes of NUL and of lone surrogates; a backslash of the text itself stands doubled. */
const UNSTORABLE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

function jsonCodec(owner: string): Codec {
  return {
    encode: (value) => {
      const text = jsonText(value, owner);
      if (text.includes('\\u') && UNSTORABLE_ESCAPE.test(text)) {
        throw invalidValue(owner, 'PostgreSQL cannot store a NUL or half of a surrogate pair in JSON');
      }
      return text;
    },
    decode: (value) => {
      if (typeof value !== 'string') throw found(owner, value, 'JSON text');
      try {
        return JSON.parse(value) as unknown;
      } catch (cause) {
        const problem = 'the database holds text that is no JSON';
        throw error('VALUE_INVALID', { owner, problem }, { cause });
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
      const text = checkedString(value, owner);
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
      const parts = Array.from(value, (part: unknown) => checkedString(part, owner));
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
      if (typeof value === 'string') return checkedString(value, owner);
      if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
      if (value instanceof Uint8Array) return value;
      throw invalidValue(owner, `expected text, a number, a boolean or bytes, got ${kindOf(value)}`);
    },
    decode: (value) => value,
  };
}
