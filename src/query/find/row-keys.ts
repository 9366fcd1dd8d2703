/** Keys in rows, and the names by which maps find them again. */

import type { SqlValue } from '../../dialects/contract.js';
import type { MappedColumn, RowLayout } from '../mapping/entity-map.js';

export type Key = readonly SqlValue[];

/** What a row holds for some columns, NULL where it does not say. */
export function partsReader(
  { positions }: RowLayout,
  columns: readonly MappedColumn[],
): (row: readonly SqlValue[]) => Key {
  const places = columns.map((column) => positions[column.index] as number);
  const [first, second] = places;
  if (first !== undefined && second === undefined) return (row) => [row[first] ?? null];
  return (row) => places.map((place) => row[place] ?? null);
}

/** The name of a row's key. */
export function keyReader(
  layout: RowLayout,
  columns: readonly MappedColumn[],
): (row: readonly SqlValue[]) => unknown {
  const [first, second] = columns.map((column) => layout.positions[column.index] as number);
  if (first !== undefined && second === undefined) return (row) => partName(row[first] ?? null);
  const read = partsReader(layout, columns);
  return (row) => keyName(read(row));
}

/** A key as a map finds it again: a bigint and a number of the same value are the same key. */
export function keyName(key: Key): unknown {
  if (key.length === 1) return partName(key[0] as SqlValue);
  return JSON.stringify(key.map((part) => String(partName(part))));
}

function partName(part: SqlValue): unknown {
  if (typeof part === 'bigint') {
    const number = Number(part);
    return Number.isSafeInteger(number) ? number : part;
  }
  return part instanceof Uint8Array ? `bytes:${Buffer.from(part).toString('hex')}` : part;
}
