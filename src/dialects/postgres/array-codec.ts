/** Arrays of a column type: a list in JavaScript, the text of an array in the database. */

import type { ColumnType } from '../../schema/model.js';
import type { Codec, SqlValue } from '../contract.js';
import { invalidValue, kindOf } from '../shared/values.js';
import { type ArrayElement, arrayText, parseArray } from './arrays.js';
import { elementText } from './conditions.js';

/**
 * The codec of an array.
 *
 * @param of what the type says of its elements; may be an array again, which makes one of more dimensions
 * @param element of the innermost elements
 */
export function arrayCodec(of: ColumnType, element: Codec, owner: string): Codec {
  const depth = depthOf(of) + 1;
  const read = elementReader(innermostKind(of));
  return {
    encode: (value) => arrayText(encodeLevel(value, depth, element, owner)),
    decode: (value) => {
      const elements = typeof value === 'string' ? parseArray(value) : undefined;
      if (elements === undefined) {
        throw invalidValue(owner, `the database holds ${kindOf(value)} where an array was expected`);
      }
      return decodeLevel(elements, (text) => element.decode(read(text)));
    },
  };
}

function depthOf(type: ColumnType): number {
  return type.kind === 'array' ? depthOf(type.of) + 1 : 0;
}

function innermostKind(type: ColumnType): ColumnType['kind'] {
  return type.kind === 'array' ? innermostKind(type.of) : type.kind;
}

function encodeLevel(value: unknown, depth: number, element: Codec, owner: string): ArrayElement[] {
  if (!Array.isArray(value)) throw invalidValue(owner, `expected an array, got ${kindOf(value)}`);
  const elements = Array.from(value, (each: unknown): ArrayElement => {
    if (depth > 1) return encodeLevel(each, depth - 1, element, owner);
    if (each === undefined) throw invalidValue(owner, 'an element of the array is undefined');
    return each === null ? null : elementText(element.encode(each));
  });
  // "all the sub-arrays within the same level must have the same dimensions" (8.15.1).
  const lengths = new Set(elements.map((each) => (Array.isArray(each) ? each.length : 0)));
  if (lengths.size > 1) throw invalidValue(owner, 'arrays inside an array must be of one length');
  return elements;
}

function decodeLevel(elements: readonly ArrayElement[], decode: (text: string) => unknown): unknown[] {
  return elements.map((each) => {
    if (each === null) return null;
    return typeof each === 'string' ? decode(each) : decodeLevel(each, decode);
  });
}

/** Inside an array's text elements are text, which the driver would have read for a column of their type. */
function elementReader(kind: ColumnType['kind']): (text: string) => SqlValue {
  switch (kind) {
    case 'smallint':
    case 'integer':
    case 'real':
    case 'double':
      return Number;
    case 'bigint':
      return BigInt;
    case 'boolean':
      return (text) => text === 't';
    case 'blob':
      return (text) => Buffer.from(text.slice(2), 'hex');
    default:
      return (text) => text;
  }
}
