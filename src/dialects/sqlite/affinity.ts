/**
 * What a value is compared as before it lies in its column: in a column it has the column's affinity and
 * collation, as an expression it has neither ("Datatypes In SQLite", 3.2 and 7.1). A check or a key that is
 * asked about rows yet to be copied must see them as they will be.
 */

import type { Column, ColumnDefault, ColumnType } from '../../schema/model.js';
import { quoteIdentifier as quote } from './literals.js';
import { typeText } from './types.js';

export type Affinity = 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC';

/** The affinity of a column of a type ("Datatypes In SQLite", 3.1). */
export function affinityOf(type: ColumnType): Affinity {
  const declared = typeText(type).toUpperCase();
  if (declared.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(declared)) return 'TEXT';
  if (declared === '' || declared.includes('BLOB')) return 'BLOB';
  return /REAL|FLOA|DOUB/.test(declared) ? 'REAL' : 'NUMERIC';
}

/** An expression with the affinity of a column. Only TEXT can be given: a CAST to a number changes texts. */
export function withAffinity(value: string, column: Column): string {
  return affinityOf(column.type) === 'TEXT' ? `CAST(${value} AS TEXT)` : value;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The same for a constant, of which we know whether it is a number. */
export function constantWithAffinity(constant: ColumnDefault, sql: string, column: Column): string {
  const affinity = affinityOf(column.type);
  if (affinity === 'TEXT') return `CAST(${sql} AS TEXT)`;
  if (affinity === 'BLOB' || constant.kind === 'expression') return sql;
  const isNumber = typeof constant.value !== 'string' || NUMBER.test(constant.value.trim());
  return isNumber ? `CAST(${sql} AS NUMERIC)` : sql;
}

/** An expression with the collation of a column. */
export function collated(value: string, column: Column, old?: Column): string {
  if (column.collation !== undefined) return `(${value}) COLLATE ${quote(column.collation)}`;
  return old?.collation === undefined ? value : `(${value}) COLLATE BINARY`;
}
