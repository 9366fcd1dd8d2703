/**
 * Between JavaScript values and what SQLite stores, for one column type (DESIGN.md 2.2).
 *
 * SQLite stores any kind of value in any column, so both ways are checked: what does not fit is a
 * VALUE_INVALID that names its owner, never a rounded value. A decoder also takes integers as `bigint`,
 * since one column of a result that needs them exact makes all of them come so.
 */

import { error } from '../../base/error-codes.js';
import type { ColumnType } from '../../schema/model.js';
import type { Codec, CodecOptions } from '../contract.js';
import {
  bigintCodec,
  blankTrimmedCodec,
  blobCodec,
  boundedText,
  doubleCodec,
  enumCodec,
  found,
  instantCodec,
  integerCodec,
  nativeCodec,
  numericBooleanCodec,
  parsedJson,
  same,
  simpleArrayCodec,
  stringCodec,
} from '../shared/basic-codecs.js';
import { checkedDecimal, decimalText, parseDecimal, scaleOf } from '../shared/decimals.js';
import { checkedDate, dateText, timeText } from '../shared/temporal.js';
import { checkedText, checkedUuid, invalidValue, jsonText, safeNumber } from '../shared/values.js';

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
    // REAL is of double precision here, so a real keeps more digits than on other databases.
    case 'real':
    case 'double':
      return doubleCodec(owner);
    case 'decimal':
      return decimalCodec(type, as === 'number', owner);
    case 'boolean':
      return numericBooleanCodec(owner);
    case 'char':
      return blankTrimmedCodec(type.length ?? 1, owner, checkedText);
    case 'varchar':
      return textCodec(type.length, owner);
    case 'text':
      return textCodec(undefined, owner);
    case 'date':
      return stringCodec(
        (value) => dateText(value, owner),
        (text) => dateOnly(text, owner),
        owner,
      );
    case 'time':
      return stringCodec((value) => timeText(value, type.precision ?? 3, owner), same, owner);
    case 'timestamp':
    case 'timestamptz':
      return instantCodec(type.precision ?? 3, as === 'string', owner);
    case 'json':
      return jsonCodec(owner);
    case 'uuid':
      return stringCodec((value) => checkedUuid(value, owner).toLowerCase(), lowerCase, owner);
    case 'blob':
      return blobCodec(owner);
    case 'enum':
      return enumCodec(options.enumValues, owner, checkedText);
    case 'simple-array':
      return simpleArrayCodec(owner, checkedText);
    case 'native':
      return nativeCodec(owner);
    case 'array':
      throw error('CAPABILITY_MISSING', { database: 'SQLite', feature: 'array type', object: owner });
  }
}

const lowerCase = (text: string): string => text.toLowerCase();

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

function textCodec(length: number | undefined, owner: string): Codec {
  return {
    encode: (value) => boundedText(value, length, owner, checkedText),
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

function jsonCodec(owner: string): Codec {
  return {
    encode: (value) => jsonText(value, owner),
    decode: (value) => {
      // A column that others declared JSON has NUMERIC affinity: it holds numbers as numbers.
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return safeNumber(value, owner);
      if (typeof value !== 'string') throw found(owner, value, 'JSON text');
      return parsedJson(value, owner);
    },
  };
}
