/**
 * Between JavaScript values and what PostgreSQL stores, for one column type (DESIGN.md 2.2).
 *
 * The server checks types itself; here it is seen to that what it would round, cut or take for something else is
 * refused first, naming its owner. Values are written as the server writes them, so that one that was not changed
 * is known as such without asking.
 */

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
  integerCodec,
  parsedJson,
  same,
  simpleArrayCodec,
  stringCodec,
  textCodec,
} from '../shared/basic-codecs.js';
import { checkedDecimal, decimalText, parseDecimal, scaleOf } from '../shared/decimals.js';
import { exactSingle } from '../shared/singles.js';
import { checkedDate, dateText, textToIso, timeText } from '../shared/temporal.js';
import { checkedText, checkedUuid, invalidValue, jsonText, kindOf } from '../shared/values.js';
import { arrayCodec } from './array-codec.js';
import { instantText, isoInstantText, textToInstant } from './instants.js';

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
      return doubleCodec(owner);
    case 'decimal':
      return decimalCodec(type, as === 'number', owner);
    case 'boolean':
      return booleanCodec(owner);
    case 'char':
      return blankTrimmedCodec(type.length ?? 1, owner, checkedText);
    case 'varchar':
      return textCodec(type.length, owner, checkedText);
    case 'text':
      return textCodec(undefined, owner, checkedText);
    case 'date':
      return stringCodec(
        (value) => dateText(value, owner),
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
      return enumCodec(options.enumValues, owner, checkedText);
    case 'simple-array':
      return simpleArrayCodec(owner, checkedText);
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

/** `real` gives back the shortest text of what it holds: a number with more digits would come back as another one. */
function realCodec(owner: string): Codec {
  return {
    encode: (value) => {
      exactSingle(finiteNumber(value, owner), owner);
      return floatParameter(value as number);
    },
    decode: doubleCodec(owner).decode,
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

/** The server itself leaves out zeros at the end of a fraction. */
function timeCodec(precision: number, owner: string): Codec {
  return stringCodec((value) => timeText(value, precision, owner), same, owner);
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

function jsonCodec(owner: string): Codec {
  return {
    encode: (value) => jsonText(value, owner),
    decode: (value) => {
      if (typeof value !== 'string') throw found(owner, value, 'JSON text');
      return parsedJson(value, owner);
    },
  };
}

function nativeCodec(owner: string): Codec {
  return {
    encode: (value) => {
      if (typeof value === 'string') return checkedText(value, owner);
      if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
      if (value instanceof Uint8Array) return value;
      throw invalidValue(owner, `expected text, a number, a boolean or bytes, got ${kindOf(value)}`);
    },
    decode: (value) => value,
  };
}
