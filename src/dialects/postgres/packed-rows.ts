/** Rows as one array for each of their columns, of which `unnest` makes rows again. */

import type { ColumnType } from '../../schema/model.js';
import type { SqlValue } from '../contract.js';
import type { PackedColumn, PackedRows } from '../shared/write-forms.js';
import { arrayText } from './arrays.js';
import { elementText } from './conditions.js';

/** @param keys by which a row is found; `set` what is written to it */
export function packedRows(
  keys: readonly PackedColumn[],
  set: readonly PackedColumn[],
): PackedRows | undefined {
  const columns = [...keys, ...set];
  const types = columns.map(({ type }) => elementType(type));
  if (types.includes(undefined)) return undefined;
  const names = columns.map((_, i) => `c${i}`);
  const list = types.map((type, i) => `$${i + 1}::${type}[]`).join(', ');
  const rows = `unnest(${list}) AS _rows(${names.join(', ')})`;
  const matches = (table: string): string =>
    keys.map(({ column }, i) => `${table}.${column} = _rows.c${i}`).join(' AND ');
  return {
    update: (table) => {
      const assignments = set.map(({ column }, i) => `${column} = _rows.c${keys.length + i}`);
      return `UPDATE ${table} SET ${assignments.join(', ')} FROM ${rows} WHERE ${matches(table)}`;
    },
    delete: (table) => `DELETE FROM ${table} USING ${rows} WHERE ${matches(table)}`,
    pack: (given) => columns.map((_, i) => arrayText(given.map((row) => elementText(row[i] as SqlValue)))),
  };
}

/** Undefined for a type that has a name of its own, and for one to which none of these turns by itself. */
function elementType(type: ColumnType): string | undefined {
  switch (type.kind) {
    case 'smallint':
      return 'int2';
    case 'integer':
      return 'int4';
    case 'bigint':
      return 'int8';
    case 'real':
      return 'float4';
    case 'double':
      return 'float8';
    case 'decimal':
      return 'numeric';
    case 'boolean':
      return 'bool';
    case 'varchar':
    case 'text':
    case 'simple-array':
      return 'text';
    case 'char':
      return 'bpchar';
    case 'date':
      return 'date';
    case 'time':
      return 'time';
    case 'timestamp':
      return 'timestamp';
    case 'timestamptz':
      return 'timestamptz';
    case 'uuid':
      return 'uuid';
    case 'blob':
      return 'bytea';
    default:
      return undefined;
  }
}
