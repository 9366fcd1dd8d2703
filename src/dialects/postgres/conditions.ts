/** Conditions in PostgreSQL's words. */

import type { ConditionSql, PackedList, SqlValue } from '../contract.js';
import { type ArrayElement, arrayText } from './arrays.js';

/** One parameter whatever the length, so that all lengths are one prepared statement. */
const any: PackedList = {
  preferred: true,
  pack: (values) => arrayText(values.map(elementText)),
  sql: (column, list) => `${column} = ANY(${list})`,
};

/** A value as the server writes it inside an array. */
export function elementText(value: SqlValue): ArrayElement {
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return value === null ? null : String(value);
}

export const postgresConditions: ConditionSql = {
  like: (column, pattern) => `${column} LIKE ${pattern}`,
  ilike: (column, pattern) => `${column} ILIKE ${pattern}`,
  // Of an array of arrays ANY would go through the innermost elements (9.24.3).
  list: (type) => (type.kind === 'array' ? undefined : any),
  rows: (columns, list) =>
    `(${columns.join(', ')}) IN (${list.map((row) => `(${row.join(', ')})`).join(', ')})`,
  jsonEquals: (column, json) => `${column} = ${json}`,
  jsonContains: (column, json) => `${column} @> ${json}`,
};
