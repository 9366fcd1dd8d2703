/**
 * Rows as the driver gives them → rows as the contract has them: integers exact, fractions of a second with the
 * digits of their column, objects by column name.
 */

import type { SqlRow, SqlValue } from '../contract.js';
import { invalidValue } from '../shared/values.js';
import type { NativeField, NativeRows } from './native.js';

/** Column types by their number in the protocol ("Field Types"). */
const INTEGERS: ReadonlySet<number> = new Set([1, 2, 3, 8, 9, 13]);
const BIGINT = 8;
const TIMES: ReadonlySet<number> = new Set([7, 11, 12]);
/** The driver makes objects of these; they come as bytes instead. */
const SPATIAL: ReadonlySet<number> = new Set([242, 255]);
/** Names that the code which the driver generates for reading rows refuses, and ends the connection over. */
const UNSPEAKABLE = /^__(?:proto|(?:define|lookup)[GS]etter)__$/;

/** Whether the driver's usual way of reading rows will not do. */
export function needsCare(fields: readonly NativeField[]): boolean {
  return fields.some(({ columnType, name }) => SPATIAL.has(columnType) || UNSPEAKABLE.test(name));
}

/**
 * Mends rows in place.
 *
 * @throws VALUE_INVALID for an integer that no number holds, unless bigints are wanted
 */
export function mendRows(rows: NativeRows, fields: readonly NativeField[], bigints: boolean): SqlValue[][] {
  const mended = rows as SqlValue[][];
  fields.forEach((field, i) => {
    const mend = menderOf(field, bigints);
    if (mend === undefined) return;
    for (const row of mended) {
      const value = row[i] as SqlValue;
      if (value !== null) row[i] = mend(value);
    }
  });
  return mended;
}

type Mender = (value: SqlValue) => SqlValue;

function menderOf({ columnType, decimals, name }: NativeField, bigints: boolean): Mender | undefined {
  if (INTEGERS.has(columnType)) {
    if (bigints) return (value) => BigInt(value as number | string);
    // The others fit into a number.
    return columnType === BIGINT ? (value) => checkedNumber(value, name) : undefined;
  }
  // Of a fraction the binary protocol leaves out what is zero: all of it, or its last digits.
  if (TIMES.has(columnType) && decimals >= 1 && decimals <= 6) {
    return (value) => (typeof value === 'string' ? withFraction(value, decimals) : value);
  }
  return undefined;
}

function checkedNumber(value: SqlValue, column: string): SqlValue {
  if (typeof value !== 'string') return value;
  throw invalidValue(`column ${column}`, 'the integer is beyond 2^53; read it with bigints');
}

function withFraction(text: string, digits: number): string {
  const dot = text.indexOf('.');
  return dot === -1 ? `${text}.${'0'.repeat(digits)}` : text.padEnd(dot + 1 + digits, '0');
}

/** Rows by column name; of two columns with one name the last one counts. */
export function objectsOf(rows: readonly SqlValue[][], fields: readonly NativeField[]): SqlRow[] {
  const names = fields.map(({ name }) => name);
  // An object literal would swallow it.
  if (names.includes('__proto__')) {
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] as SqlValue])));
  }
  return rows.map((values) => {
    const row: SqlRow = {};
    for (let i = 0; i < names.length; i++) row[names[i] as string] = values[i] as SqlValue;
    return row;
  });
}
