/** Rows of a free-form query: plain columns read by their codecs, everything else as the driver gives it. */

import type { SqlRow, SqlValue } from '../../dialects/contract.js';
import type { MappedColumn } from '../../query/mapping/entity-map.js';
import type { Outputs } from './sources.js';

export interface RowReader {
  /** Whether integers must come exact. */
  readonly bigints: boolean;
  /** Reads rows in place. */
  read(rows: SqlRow[]): Record<string, unknown>[];
}

type Read = (value: SqlValue) => unknown;

/** Rows of raw SQL: nothing is known of their columns. */
export const RAW_ROWS: RowReader = readerOf(undefined);

/** A reader of rows with these columns. */
export function readerOf(outputs: Outputs | undefined): RowReader {
  // Of columns with one name the last one counts, as it does for the driver.
  const codecs = new Map(outputs?.list.map(({ name, codec }) => [name, codec]));
  const isWhole = outputs?.complete === true;
  const reads = [...codecs].map(([name, codec]): readonly [string, Read] => [name, readOf(codec)]);
  const isPlain = isWhole && [...codecs.values()].every((codec) => codec !== undefined && !isNative(codec));
  return {
    // A sum or a count may be large although no column of the query is.
    bigints: !isPlain || [...codecs.values()].some((codec) => codec?.needsBigints),
    read(rows) {
      const read = rows as Record<string, unknown>[];
      for (let i = 0; i < read.length; i++) {
        const row = read[i] as Record<string, unknown>;
        if (!isWhole) narrowOthers(row, codecs);
        for (let j = 0; j < reads.length; j++) {
          const [name, decode] = reads[j] as readonly [string, Read];
          if (name in row) row[name] = decode(row[name] as SqlValue);
        }
      }
      return read;
    },
  };
}

function readOf(codec: MappedColumn | undefined): Read {
  if (codec === undefined) return narrowed;
  return isNative(codec) ? (value) => codec.decode(narrowed(value)) : codec.decode;
}

/** A type of the database's own, which nobody reads. */
function isNative({ meta }: MappedColumn): boolean {
  return meta.type.kind === 'native';
}

function narrowOthers(row: Record<string, unknown>, codecs: ReadonlyMap<string, unknown>): void {
  for (const name of Object.keys(row)) {
    if (!codecs.has(name)) row[name] = narrowed(row[name] as SqlValue);
  }
}

/** A number where one holds it, and otherwise the exact integer. */
function narrowed(value: SqlValue): SqlValue {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
