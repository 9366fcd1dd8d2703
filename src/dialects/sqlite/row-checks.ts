/** Counts of rows that stand against a key, a check or a type, as steps of a plan. */

import type { Check, Index } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { PlanCheck, PlanStatement } from '../contract.js';
import { remedyOf } from '../shared/plan-checks.js';
import { createIndexText, enclosed } from './ddl.js';
import { quoteIdentifier as quote } from './literals.js';

/** A unique index over plain columns, to ask about a key as about an index. */
export function indexOver(columns: readonly string[]): Index {
  return { name: '', columns: columns.map((column) => ({ column })), unique: true };
}

/** Counts rows that share the values of a unique key; NULL is never equal to NULL. */
export function uniqueCheck(index: Index, table: string, rows: string, operation: Operation): PlanCheck {
  const parts = index.columns.map((part) => {
    const subject = 'column' in part ? quote(part.column) : enclosed(part.expression);
    return part.collation === undefined ? subject : `${subject} COLLATE ${quote(part.collation)}`;
  });
  const present = parts.map((part) => `${part} IS NOT NULL`);
  const where = [...present, ...(index.where === undefined ? [] : [enclosed(index.where)])].join(' AND ');
  const columns = index.columns.flatMap((part) => ('column' in part ? [part.column] : []));
  const subject =
    columns.length > 0 ? columns.map((name) => `'${table}.${name}'`).join(', ') : `index '${index.name}'`;
  return {
    kind: 'check',
    countSql: `SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM ${rows} WHERE ${where} GROUP BY ${parts.join(', ')} HAVING count(*) > 1)`,
    table,
    columns,
    problem: `share their value of ${subject}, which is to be unique`,
    remedy: remedyOf(operation),
    operation,
  };
}

/** CREATE INDEX; where a unique one fails, the rows that are not are counted. */
export function createIndexStep(index: Index, table: string, operation: Operation): PlanStatement {
  const sql = createIndexText(index, table);
  if (!index.unique) return { kind: 'statement', sql };
  return { kind: 'statement', sql, diagnoses: [uniqueCheck(index, table, quote(table), operation)] };
}

/** Counts rows that do not meet a condition. */
export function conditionCheck(
  check: Check,
  columns: readonly string[],
  table: string,
  rows: string,
  operation: Operation,
): PlanCheck {
  return {
    kind: 'check',
    countSql: `SELECT count(*) FROM ${rows} WHERE NOT ${enclosed(check.expression)}`,
    table,
    columns,
    problem: `do not meet check '${check.name}' of '${table}'`,
    remedy: remedyOf(operation),
    operation,
  };
}

/** Finds values that a column of a STRICT table does not take, by its declared type ("STRICT Tables", 2). */
export const STRICT_MISFITS: Readonly<Record<string, (value: string) => string>> = {
  INTEGER: (value) =>
    `typeof(${value}) IN ('text', 'blob') OR (typeof(${value}) = 'real' AND CAST(${value} AS INTEGER) <> ${value})`,
  INT: (value) => (STRICT_MISFITS.INTEGER as (value: string) => string)(value),
  REAL: (value) => `typeof(${value}) IN ('text', 'blob')`,
  TEXT: (value) => `typeof(${value}) = 'blob'`,
  BLOB: (value) => `typeof(${value}) NOT IN ('blob', 'null')`,
};
