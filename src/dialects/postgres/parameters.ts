/**
 * Parameters as the server reads them: text in the form of whatever type it has inferred, bytes as bytes.
 * What it could not store as it is, is refused here, by place and kind and never by value.
 */

import { checkedText, invalidValue, isDate, isWellFormed, kindOf } from '../shared/values.js';
import { arrayText } from './arrays.js';
import { instantText } from './instants.js';
import type { NativeParameter } from './native.js';

/** What the protocol can count ("Bind", 54.7). */
export const MAX_PARAMETERS = 65_535;

/** @throws VALUE_INVALID naming the parameter, also where there are more than a statement can have */
export function boundParameters(params: readonly unknown[]): NativeParameter[] {
  if (params.length > MAX_PARAMETERS) {
    throw invalidValue('the parameters', `there are ${params.length}, a statement takes ${MAX_PARAMETERS}`);
  }
  const bound = new Array<NativeParameter>(params.length);
  for (let i = 0; i < params.length; i++) bound[i] = boundValue(params[i], i);
  return bound;
}

function boundValue(value: unknown, i: number): NativeParameter {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value) || value.includes('\0')) return checkedText(value, `parameter ${i + 1}`);
      return value;
    case 'number':
      return numberText(value, i);
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    default:
      return value === null ? null : boundObject(value, i);
  }
}

function numberText(value: number, i: number): string {
  const owner = `parameter ${i + 1}`;
  if (!Number.isFinite(value)) throw invalidValue(owner, `SQL has no number ${value}`);
  // From 2^63 on it can only be meant as a floating-point number.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63) {
    throw invalidValue(owner, 'the integer is beyond 2^53 and so not exact; pass a bigint');
  }
  return String(value);
}

function boundObject(value: unknown, i: number): NativeParameter {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (isDate(value)) return `${instantText(value, 3, `parameter ${i + 1}`)}+00`;
  if (Array.isArray(value)) return arrayText(value.map((each) => elementText(each, i)));
  const owner = `parameter ${i + 1}`;
  throw invalidValue(
    owner,
    `PostgreSQL takes text, numbers, booleans, bytes, dates, arrays and NULL, got ${kindOf(value)}`,
  );
}

type ElementText = string | null | ElementText[];

/** `= ANY($1)` takes a list in one parameter. */
function elementText(value: unknown, i: number): ElementText {
  if (Array.isArray(value)) return value.map((each) => elementText(each, i));
  const text = boundValue(value, i);
  return Buffer.isBuffer(text) ? `\\x${text.toString('hex')}` : text;
}
