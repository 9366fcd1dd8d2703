/** Parameters as the driver takes them: checked, so that what is stored is what was given or nothing at all. */

import type { LimbeckError } from '../../base/errors.js';
import { INT64_MAX, INT64_MIN, invalidValue, isWellFormed, kindOf } from '../shared/values.js';
import { integerParameter } from './native.js';

/** The largest unsigned integer of 64 bits, which BIGINT UNSIGNED holds. */
const UINT64_MAX = 2n ** 64n - 1n;

/**
 * Parameters for the driver.
 *
 * @param maxBytes what the server takes in one packet; it hangs up on a larger one
 * @param assigns whether all are stored in columns as they are
 * @throws VALUE_INVALID
 */
export function bindable(params: readonly unknown[], maxBytes: number, assigns = false): unknown[] {
  let bytes = 0;
  const bound = params.map((value, i) => {
    bytes += sizeOf(value);
    // Where a column says the type, text is as exact, and the driver writes it several times as fast.
    if (assigns && Number.isSafeInteger(value)) return String(value);
    return bindableValue(value, i);
  });
  if (bytes <= maxBytes) return bound;
  throw invalidValue(
    'the parameters',
    `they are larger than the server takes in one statement (max_allowed_packet, ${maxBytes} bytes)`,
  );
}

/** An estimate that is exact where it matters: for large text and bytes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length < 1_000_000 ? value.length : Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.byteLength : 8;
}

function bindableValue(value: unknown, i: number): unknown {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value))
        throw refused(i, 'the text holds half of a surrogate pair, which cannot be stored');
      return value;
    case 'number':
      if (Number.isSafeInteger(value)) return integerParameter(BigInt(value));
      // From 2^63 on it can only be meant as a floating-point number.
      if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) {
        throw refused(i, 'the integer is beyond 2^53 and so not exact; pass a bigint');
      }
      if (!Number.isFinite(value)) throw refused(i, `SQL has no number ${value}`);
      return value;
    case 'bigint':
      // As a decimal number, which compares and stores exactly where a signed integer ends.
      if (value > INT64_MAX && value <= UINT64_MAX) return String(value);
      if (value < INT64_MIN || value > INT64_MAX) throw refused(i, 'the integer needs more than 64 bits');
      return integerParameter(value);
    case 'boolean':
      return integerParameter(value ? 1n : 0n);
    default:
      if (value === null || Buffer.isBuffer(value)) return value;
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      throw refused(i, `MySQL stores text, numbers, bytes and NULL, got ${kindOf(value)}`);
  }
}

function refused(i: number, problem: string): LimbeckError {
  return invalidValue(`parameter ${i + 1}`, problem);
}
