/**
 * Decimal numbers as text, without ever going through a binary fraction: splitting, comparing with a
 * precision and scale, and one spelling for equal values. Codecs and canonical forms of all dialects use it.
 */

import { invalidValue, kindOf } from './values.js';

/** A decimal number: `digits` without leading zeros (`'0'` for zero), `scale` of them after the point. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Beyond this an exponent is a mistake, and spelling it out would be an attack on memory. */
const MAX_EXPONENT = 400;

/** Reads a decimal number; undefined where the text is none. Trailing zeros after the point are dropped. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const power = Number(exponent);
  if (Math.abs(power) > MAX_EXPONENT) return undefined;
  let digits = whole + fraction;
  let scale = fraction.length - power;
  if (scale < 0) {
    digits += '0'.repeat(-scale);
    scale = 0;
  }
  let drop = 0;
  while (drop < scale && digits[digits.length - 1 - drop] === '0') drop++;
  if (drop > 0) digits = digits.slice(0, -drop);
  digits = digits.replace(/^0+(?=\d)/, '');
  if (digits === '') digits = '0';
  const zero = digits === '0';
  return { negative: sign === '-' && !zero, digits, scale: zero ? 0 : scale - drop };
}

/** Plain text with at least `minScale` digits after the point; never rounds. */
export function decimalText(decimal: Decimal, minScale = 0): string {
  const padded = decimal.digits.padStart(decimal.scale + 1, '0');
  const whole = padded.slice(0, padded.length - decimal.scale);
  const fraction = padded.slice(padded.length - decimal.scale).padEnd(minScale, '0');
  return `${decimal.negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** What a decimal column allows; without `precision` and `scale` anything. */
export interface DecimalShape {
  readonly precision?: number;
  readonly scale?: number;
}

/** The digits after the point that a column keeps: none where only a precision is given, as SQL has it. */
export function scaleOf(shape: DecimalShape): number | undefined {
  return shape.scale ?? (shape.precision === undefined ? undefined : 0);
}

/**
 * Reads a value for a decimal column.
 *
 * @param value a string, a bigint or a finite number
 * @throws VALUE_INVALID where it is none of these or has more digits than the column keeps
 */
export function checkedDecimal(value: unknown, shape: DecimalShape, owner: string): Decimal {
  const usable = typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number';
  const decimal = usable ? parseDecimal(String(value)) : undefined;
  if (decimal === undefined) {
    const got = typeof value === 'string' ? 'other text' : kindOf(value);
    throw invalidValue(owner, `expected a decimal number as a string, got ${got}`);
  }
  const scale = scaleOf(shape);
  if (scale !== undefined && decimal.scale > scale) {
    throw invalidValue(
      owner,
      `the number has ${decimal.scale} digits after the point, the column keeps ${scale}`,
    );
  }
  if (shape.precision !== undefined) {
    const whole = decimal.digits === '0' ? 0 : Math.max(decimal.digits.length - decimal.scale, 0);
    const room = shape.precision - (scale ?? 0);
    if (whole > room) {
      throw invalidValue(owner, `the number has ${whole} digits before the point, the column keeps ${room}`);
    }
  }
  return decimal;
}
