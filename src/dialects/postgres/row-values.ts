/**
 * Result rows: from the text that the server sends to the values that cross the driver's border, chosen by the
 * column's type alone. Dates, numeric, json and arrays stay text, which codecs read.
 */

import type { SqlRow, SqlValue } from '../contract.js';
import { invalidValue } from '../shared/values.js';
import type { NativeField } from './native.js';

type Decode = (text: string, name: string) => SqlValue;

// OIDs of pg_type.dat; they are fixed.
const OID = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, oid: 26, float4: 700, float8: 701 } as const;

const NUMBERS: ReadonlyMap<number, Decode> = decoders((text, name) => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw invalidValue(`column ${name}`, 'the integer is beyond 2^53; read it with bigints');
}, Number);
const BIGINTS: ReadonlyMap<number, Decode> = decoders(BigInt, BigInt);

function decoders(int8: Decode, integer: Decode): ReadonlyMap<number, Decode> {
  return new Map<number, Decode>([
    [OID.bool, (text) => text === 't'],
    [OID.bytea, bytes],
    [OID.int8, int8],
    [OID.int2, integer],
    [OID.int4, integer],
    [OID.oid, integer],
    [OID.float4, Number],
    [OID.float8, Number],
  ]);
}

/** `\x…`, as `bytea_output = hex` has it. */
function bytes(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}

/** A result as the server sent it. */
export interface RawRows {
  readonly fields: readonly NativeField[];
  readonly rows: (string | null)[][];
}

/** Rows as arrays; the rows given are used up. @throws VALUE_INVALID for an integer that no number holds */
export function arrayRows({ fields, rows }: RawRows, bigints: boolean): SqlValue[][] {
  const table = bigints ? BIGINTS : NUMBERS;
  for (let column = 0; column < fields.length; column++) {
    const { dataTypeID, name } = fields[column] as NativeField;
    const decode = table.get(dataTypeID);
    if (decode === undefined) continue;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as SqlValue[];
      const text = row[column];
      if (text !== null) row[column] = decode(text as string, name);
    }
  }
  return rows;
}

/** Rows by column name; of columns with one name the last one counts. @throws VALUE_INVALID as `arrayRows` */
export function objectRows(result: RawRows, bigints: boolean): SqlRow[] {
  const names = result.fields.map(({ name }) => name);
  const rows = arrayRows(result, bigints);
  // An object literal would swallow it.
  if (names.includes('__proto__')) {
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] as SqlValue])));
  }
  const objects = new Array<SqlRow>(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as SqlValue[];
    const object: SqlRow = {};
    for (let column = 0; column < names.length; column++) {
      object[names[column] as string] = row[column] as SqlValue;
    }
    objects[i] = object;
  }
  return objects;
}
