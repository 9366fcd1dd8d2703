/**
 * Between JavaScript values and what the server stores, for one column type (DESIGN.md 2.2).
 *
 * A server in strict mode refuses what is too long or too large, but rounds fractions without a word and drops
 * blanks at the end of CHAR. So everything is checked here: what does not fit is a VALUE_INVALID that names its
 * owner. A decoder also takes integers as `bigint`, since one column of a result that needs them exact makes all
 * of them come so.
 */

import { error } from '../../base/error-codes.js';
import type { ColumnType } from '../../schema/model.js';
import type { Codec, CodecOptions } from '../contract.js';
import {
  bigintCodec,
  blankTrimmedCodec,
  blobCodec,
  doubleCodec,
  enumCodec,
  finiteNumber,
  floatParameter,
  found,
  instantCodec,
  integerCodec,
  jsonCodec,
  nativeCodec,
  numericBooleanCodec,
  same,
  simpleArrayCodec,
  stringCodec,
  textCodec,
} from '../shared/basic-codecs.js';
import { checkedDecimal, type DecimalShape, decimalText, parseDecimal, scaleOf } from '../shared/decimals.js';
import { exactSingle, shortestSingle } from '../shared/singles.js';
import { dateText, shortTime, timeText } from '../shared/temporal.js';
import { checkedText, checkedUuid, invalidValue, jsonDepth, safeNumber } from '../shared/values.js';
import { type Flavour, MARIADB_10_11 } from './flavour.js';

/** What `decimal` without a precision is: the largest that there is, with half of it after the point. */
const LARGEST_DECIMAL: DecimalShape = { precision: 65, scale: 30 };
/** What `varchar` without a length is. */
const DEFAULT_LENGTH = 255;
const DEFAULT_PRECISION = 3;
/** Fractions of a second are kept in microseconds. */
const MAX_PRECISION = 6;

/**
 * The codec of a type.
 *
 * @throws CAPABILITY_MISSING for arrays
 */
export function mysqlCodec(type: ColumnType, options: CodecOptions, flavour: Flavour = MARIADB_10_11): Codec {
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
      return doubleCodec(owner);
    case 'decimal':
      return decimalCodec(type, as === 'number', owner);
    case 'boolean':
      return numericBooleanCodec(owner);
    case 'char':
      return blankTrimmedCodec(type.length ?? 1, owner, checkedText);
    case 'varchar':
      return textCodec(type.length ?? DEFAULT_LENGTH, owner, checkedText);
    case 'text':
      return textCodec(undefined, owner, checkedText);
    case 'date':
      return stringCodec((value) => dateText(value, owner), same, owner);
    case 'time':
      return timeCodec(precisionOf(type.precision), owner);
    case 'timestamp':
    case 'timestamptz':
      return instantCodec(precisionOf(type.precision), as === 'string', owner);
    case 'json':
      return shallowJsonCodec(flavour.mariadb ? MARIADB_JSON_DEPTH : MYSQL_JSON_DEPTH, owner);
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
      throw error('CAPABILITY_MISSING', { database: 'MySQL', feature: 'array type', object: owner });
  }
}

/** Beyond these levels the server takes JSON for invalid ("JSON_VALID"; "The JSON Data Type"). */
const MARIADB_JSON_DEPTH = 31;
const MYSQL_JSON_DEPTH = 100;

function shallowJsonCodec(maxDepth: number, owner: string): Codec {
  const { encode, decode } = jsonCodec(owner);
  return {
    encode: (value) => {
      const text = encode(value) as string;
      // Every level has two characters of its own.
      if (text.length <= 2 * maxDepth || jsonDepth(text) <= maxDepth) return text;
      throw invalidValue(owner, `the server keeps JSON of ${maxDepth} levels, the value has more`);
    },
    decode,
  };
}

function precisionOf(precision = DEFAULT_PRECISION): number {
  return Math.min(precision, MAX_PRECISION);
}

const lowerCase = (text: string): string => text.toLowerCase();

/**
 * FLOAT keeps 24 bits, about seven digits. What is bound is the very number that it holds, so that a comparison
 * with the column, which MySQL makes between doubles, finds it; what is read is its shortest spelling.
 */
function realCodec(owner: string): Codec {
  return {
    encode: (value) => floatParameter(exactSingle(finiteNumber(value, owner), owner)),
    decode: (value) => {
      if (typeof value === 'number') return shortestSingle(value);
      if (typeof value === 'bigint') return safeNumber(value, owner);
      throw found(owner, value, 'a number');
    },
  };
}

function decimalCodec(shape: DecimalShape, asNumber: boolean, owner: string): Codec {
  const scale = scaleOf(shape) ?? 0;
  const room = shape.precision === undefined ? { ...LARGEST_DECIMAL, ...shape } : shape;
  return {
    encode: (value) => decimalText(checkedDecimal(value, room, owner)),
    decode: (value) => {
      const isNumber = typeof value === 'number' || typeof value === 'bigint';
      const decimal = typeof value === 'string' || isNumber ? parseDecimal(String(value)) : undefined;
      if (decimal === undefined) throw found(owner, value, 'a decimal number');
      return asNumber ? Number(decimalText(decimal)) : decimalText(decimal, scale);
    },
  };
}

/** The server fills a fraction with zeros. */
function timeCodec(precision: number, owner: string): Codec {
  return stringCodec((value) => timeText(value, precision, owner), shortTime, owner);
}
