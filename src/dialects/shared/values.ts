/**
 * What the codecs of all dialects share: refusing a value in the same words everywhere, and the checks that
 * do not depend on a database. A refusal says what kind of value came, never the value, which may be secret.
 */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';

/** The error for a value that a column or parameter cannot hold. */
export function invalidValue(owner: string, problem: string): LimbeckError {
  return error('VALUE_INVALID', { owner, problem });
}

/** Names the kind of a value for people: `a number`, `an array`, `null`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return 'an array';
  if (isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (value instanceof Uint8Array) return 'a Buffer';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return `a ${typeof value}`;
}

/** Whether a value is a Date, also one of another realm, as in jest. */
export function isDate(value: unknown): value is Date {
  return value instanceof Date || Object.prototype.toString.call(value) === '[object Date]';
}

/** Whether text is free of lone surrogates, which UTF-8 cannot hold: a driver would store U+FFFD instead. */
export function isWellFormed(text: string): boolean {
  // Node 20 has it, ES2023's types do not. Text of one byte a character is answered at once.
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

/**
 * A string that every database can store as it is.
 *
 * PostgreSQL has no NUL ("the character with the code zero cannot be represented", 8.3), and SQLite's LIKE and length()
 * end at one, so that it is refused everywhere.
 *
 * @throws VALUE_INVALID
 */
export function checkedText(value: unknown, owner: string): string {
  if (typeof value !== 'string') throw invalidValue(owner, `expected a string, got ${kindOf(value)}`);
  if (!isWellFormed(value))
    throw invalidValue(owner, 'the text holds half of a surrogate pair, which cannot be stored');
  if (value.includes('\0'))
    throw invalidValue(owner, 'the text holds a NUL character, which no column of text can store; use blob');
  return value;
}

/** Whether text is longer than so many characters (code points, as databases count). */
export function isLongerThan(text: string, characters: number): boolean {
  // A string never has more code points than code units, so most are done here.
  if (text.length <= characters) return false;
  let count = 0;
  for (const _ of text) if (++count > characters) return true;
  return false;
}

/** The largest and smallest value of a 64-bit integer. */
export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

/** A number for an exact integer as the driver gave it. @throws VALUE_INVALID beyond 2^53 */
export function safeNumber(value: number | bigint, owner: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw invalidValue(
      owner,
      "the integer is too large for a JavaScript number; read it as 'bigint' or 'string'",
    );
  }
  return number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A UUID in its usual spelling, kept as given. @throws VALUE_INVALID */
export function checkedUuid(value: unknown, owner: string): string {
  if (typeof value === 'string' && UUID.test(value)) return value;
  const got = typeof value === 'string' ? 'other text' : kindOf(value);
  throw invalidValue(owner, `expected a UUID (8-4-4-4-12 hex digits), got ${got}`);
}

/** The escapes of NUL and of lone surrogates; a backslash of the text itself stands doubled. */
const UNSTORABLE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/**
 * A value as JSON text.
 *
 * @throws VALUE_INVALID for what JSON would leave out or turn into something else: functions, symbols,
 * `undefined` (but as the value of a property, which is just absent), NaN, bigints, maps, sets, cycles; and for a NUL
 * or half of a surrogate pair, which PostgreSQL cannot store
 */
export function jsonText(value: unknown, owner: string): string {
  const refuse = (holder: unknown, key: string, part: unknown): unknown => {
    const problem = jsonProblem(holder, key, part);
    if (problem === undefined) return part;
    throw invalidValue(owner, `JSON cannot hold ${problem}${key === '' ? '' : ` (at '${key}')`}`);
  };
  try {
    const text = JSON.stringify(value, function (this: unknown, key: string, part: unknown) {
      return refuse(this, key, part);
    });
    if (typeof text === 'string') return storable(text, owner);
  } catch (cause) {
    // Cycles and a toJSON that throws; our own refusals pass through.
    if (!(cause instanceof TypeError)) throw cause;
    throw error(
      'VALUE_INVALID',
      { owner, problem: 'JSON cannot hold a value that contains itself' },
      { cause },
    );
  }
  throw invalidValue(owner, `JSON cannot hold ${kindOf(value)}`);
}

/** How many arrays and objects of JSON text lie inside each other. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isText = !isText;
    else if (isText) at += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

function storable(text: string, owner: string): string {
  if (!text.includes('\\u') || !UNSTORABLE_ESCAPE.test(text)) return text;
  throw invalidValue(owner, 'a NUL or half of a surrogate pair in JSON cannot be stored');
}

function jsonProblem(holder: unknown, key: string, part: unknown): string | undefined {
  // An invalid Date says `null` of itself.
  if (part === null) return isDate((holder as Record<string, unknown>)[key]) ? 'an invalid Date' : undefined;
  switch (typeof part) {
    case 'function':
    case 'symbol':
    case 'bigint':
      return `a ${typeof part}`;
    case 'undefined':
      return Array.isArray(holder) ? 'undefined in an array' : undefined;
    case 'number':
      return Number.isFinite(part) ? undefined : String(part);
    case 'object':
      return part instanceof Map || part instanceof Set || part instanceof RegExp
        ? 'a Map, Set or RegExp'
        : undefined;
    default:
      return undefined;
  }
}

/** A number as SQL text. @throws VALUE_INVALID for NaN and infinities */
export function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw invalidValue('literal', `SQL has no number ${value}`);
  return String(value === 0 ? 0 : value);
}
