/**
 * Codecs that are the same wherever the driver hands over text, numbers and bytes as they are; each pack puts
 * its own beside them.
 */

import { error } from '../../base/error-codes.js';
import type { Codec, SqlValue } from '../contract.js';
import { dateToText, instantToText, textToDate, textToIso } from './temporal.js';
import {
  checkedText,
  INT64_MAX,
  INT64_MIN,
  invalidValue,
  isLongerThan,
  jsonText,
  kindOf,
  safeNumber,
} from './values.js';

/** Text that a database can store. @throws VALUE_INVALID */
export type TextCheck = (value: unknown, owner: string) => string;

/** The error for what a column should not hold. */
export function found(owner: string, value: SqlValue, expected: string): Error {
  return invalidValue(owner, `the database holds ${kindOf(value)} where ${expected} was expected`);
}

/** A type that is text in the database, whatever it is in JavaScript. */
export function stringCodec(
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

/** Integers that a JavaScript number holds. */
export function integerCodec(min: number, max: number, owner: string): Codec {
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

/** Integers of 64 bits. */
export function bigintCodec(as: 'number' | 'string' | 'bigint', owner: string): Codec {
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

/** A number that is one. @throws VALUE_INVALID for NaN and infinities too */
export function finiteNumber(value: unknown, owner: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalidValue(owner, `expected a finite number, got ${kindOf(value)}`);
}

/** As drivers take it: whole numbers that may have been meant as integers they refuse as numbers. */
export function floatParameter(value: number): SqlValue {
  // The sign of zero is lost in an integer; a number equals it anyway.
  if (value === 0) return 0;
  const whole = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63;
  return whole ? BigInt(value) : value;
}

/** Numbers of double precision. */
export function doubleCodec(owner: string): Codec {
  return {
    encode: (value) => floatParameter(finiteNumber(value, owner)),
    decode: (value) => {
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return safeNumber(value, owner);
      throw found(owner, value, 'a number');
    },
  };
}

/** Booleans where the database has numbers for them. */
export function numericBooleanCodec(owner: string): Codec {
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

/** Text of so many characters at the most. */
export function boundedText(
  value: unknown,
  length: number | undefined,
  owner: string,
  check: TextCheck,
): string {
  const text = check(value, owner);
  if (length === undefined || !isLongerThan(text, length)) return text;
  throw invalidValue(owner, `the text is longer than ${length} characters`);
}

export function textCodec(length: number | undefined, owner: string, check: TextCheck): Codec {
  return stringCodec((value) => boundedText(value, length, owner, check), same, owner);
}

/**
 * `char(n)` where the server keeps no blanks at the end of it.
 *
 * @throws VALUE_INVALID for text that would come back without them
 */
export function blankTrimmedCodec(length: number, owner: string, check: TextCheck): Codec {
  return stringCodec(
    (value) => {
      const text = boundedText(value, length, owner, check);
      if (!text.endsWith(' ')) return text;
      throw invalidValue(owner, 'a char column does not keep blanks at the end of text; use varchar');
    },
    withoutPadding,
    owner,
  );
}

function withoutPadding(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}

/** Moments that the database keeps as text in UTC. */
export function instantCodec(precision: number, asString: boolean, owner: string): Codec {
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

/** A type that one database knows, where it has numbers for booleans. */
export function nativeCodec(owner: string): Codec {
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

/** JSON that arrives as its text. */
export function jsonCodec(owner: string): Codec {
  return stringCodec(
    (value) => jsonText(value, owner),
    (text) => parsedJson(text, owner),
    owner,
  );
}

/** @throws VALUE_INVALID for what is no JSON */
export function parsedJson(text: string, owner: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const problem = 'the database holds text that is no JSON';
    throw error('VALUE_INVALID', { owner, problem }, { cause });
  }
}

export function blobCodec(owner: string): Codec {
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

export function enumCodec(values: readonly string[] | undefined, owner: string, check: TextCheck): Codec {
  const known = new Set(values);
  return stringCodec(
    (value) => {
      const text = check(value, owner);
      if (values === undefined || known.has(text)) return text;
      throw invalidValue(owner, `expected one of ${values.map((each) => `'${each}'`).join(', ')}`);
    },
    // What a newer release has stored must still be readable, so membership is asked on write alone.
    same,
    owner,
  );
}

/** Texts without commas, joined by commas. */
export function simpleArrayCodec(owner: string, check: TextCheck): Codec {
  return stringCodec(
    (value) => {
      if (!Array.isArray(value))
        throw invalidValue(owner, `expected an array of strings, got ${kindOf(value)}`);
      const parts = Array.from(value, (part: unknown) => check(part, owner));
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

/** What is text on both sides. */
export const same = (text: string): string => text;
