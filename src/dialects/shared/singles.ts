/** Numbers of single precision: 24 bits, about seven digits. */

import { invalidValue } from './values.js';

/** The number with the fewest digits that is the same in single precision. */
export function shortestSingle(single: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(single.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(single)) return candidate;
  }
  return Number(single.toPrecision(9));
}

/**
 * The single precision that a number is stored in and read back from unchanged.
 *
 * @throws VALUE_INVALID for a number that would come back as another one
 */
export function exactSingle(value: number, owner: string): number {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) throw invalidValue(owner, 'the number is too large for a real');
  if (shortestSingle(single) === value) return single;
  throw invalidValue(owner, 'the number has more digits than a real keeps (about 7); use double');
}
