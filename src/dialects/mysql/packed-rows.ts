/**
 * Rows as one JSON value, of which JSON_TABLE makes rows again: the driver writes hundreds of parameters slower than
 * the server reads them.
 */

import type { SqlValue } from '../contract.js';
import type { PackedColumn, PackedRows } from '../shared/write-forms.js';
import { isWhole, jsonValue, listType } from './conditions.js';

/** @param keys by which a row is found; `set` what is written to it */
export function packedRows(
  keys: readonly PackedColumn[],
  set: readonly PackedColumn[],
): PackedRows | undefined {
  // Texts would have a collation of their own beside the column's.
  if (!keys.every(({ type }) => isWhole(type))) return undefined;
  const columns = [...keys, ...set];
  const types = columns.map(({ type }) => (type.kind === 'json' ? undefined : listType(type)));
  if (types.includes(undefined)) return undefined;
  const list = types.map((type, i) => `c${i} ${type} PATH '$[${i}]'`).join(', ');
  const rows = `JSON_TABLE(?, '$[*]' COLUMNS (${list})) AS _rows`;
  const matches = (table: string): string =>
    keys.map(({ column }, i) => `${table}.${column} = _rows.c${i}`).join(' AND ');
  return {
    update: (table) => {
      const assignments = set.map(({ column, type }, i) => {
        const value = `_rows.c${keys.length + i}`;
        return `${table}.${column} = ${type.kind === 'blob' ? `UNHEX(${value})` : value}`;
      });
      const from = `${rows} STRAIGHT_JOIN ${table} ON ${matches(table)}`;
      return `UPDATE ${from} SET ${assignments.join(', ')}`;
    },
    delete: (table) => `DELETE ${table} FROM ${rows} STRAIGHT_JOIN ${table} ON ${matches(table)}`,
    pack: (given) => [`[${given.map((row) => `[${row.map(packedValue).join()}]`).join()}]`],
  };
}

function packedValue(value: SqlValue): string {
  return Object.is(value, -0) ? '-0.0' : jsonValue(value);
}
