/** Counts of rows that stand against a key, a check or a type, as steps of a plan. */

import type { Check, ForeignKey, Table } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { PlanCheck } from '../contract.js';
import { remedyOf } from '../shared/plan-checks.js';
import { enclosed } from './ddl.js';
import { quoteIdentifier as quote } from './literals.js';

/** Where a check counts: a FROM item without its alias, and the table and operation that it speaks of. */
export interface CheckPlace {
  readonly rows: string;
  readonly table: Table;
  readonly operation: Operation;
}

/** Rows under the name of their table. */
export function aliased(rows: string, table: string): string {
  return rows === quote(table) ? rows : `${rows} AS ${quote(table)}`;
}

export function countCheck(
  { rows, table, operation }: CheckPlace,
  columns: readonly string[],
  problem: string,
  where: string | undefined,
): PlanCheck {
  return {
    kind: 'check',
    countSql: `SELECT count(*) FROM ${aliased(rows, table.name)}${where === undefined ? '' : ` WHERE ${where}`}`,
    table: table.name,
    columns,
    problem,
    remedy: remedyOf(operation),
    operation,
  };
}

/** Counts rows that share the values of a unique key; NULL is never equal to NULL. */
export function uniqueCheck(
  place: CheckPlace,
  name: string,
  parts: readonly string[],
  columns: readonly string[],
): PlanCheck {
  const { rows, table, operation } = place;
  const present = parts.map((part) => `${part} IS NOT NULL`).join(' AND ');
  const subject =
    columns.length > 0 ? columns.map((each) => `'${table.name}.${each}'`).join(', ') : `index '${name}'`;
  return {
    kind: 'check',
    countSql: `SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM ${aliased(rows, table.name)} WHERE ${present} GROUP BY ${parts.join(', ')} HAVING count(*) > 1) AS shared`,
    table: table.name,
    columns,
    problem: `share their value of ${subject}, which is to be unique`,
    remedy: remedyOf(operation),
    operation,
  };
}

/** Counts rows that do not meet a condition. */
export function conditionCheck(place: CheckPlace, check: Check, columns: readonly string[]): PlanCheck {
  const { table } = place;
  const where = `NOT ${enclosed(check.expression, table)}`;
  return countCheck(place, columns, `do not meet check '${check.name}' of '${table.name}'`, where);
}

/** Counts rows that refer to a parent which is not there. */
export function parentCheck(place: CheckPlace, key: ForeignKey, parents: string): PlanCheck {
  const { rows, table, operation } = place;
  const present = key.columns.map((name) => `c.${quote(name)} IS NOT NULL`);
  const match = key.columns.map((name, i) => `p.${quote(key.refColumns[i] ?? name)} = c.${quote(name)}`);
  const subject = key.columns.map((name) => `'${table.name}.${name}'`).join(', ');
  return {
    kind: 'check',
    countSql: `SELECT count(*) FROM ${rows} AS c WHERE ${present.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${parents} AS p WHERE ${match.join(' AND ')})`,
    table: table.name,
    columns: key.columns,
    problem: `refer in ${subject} to a row of '${key.refTable}' that is not there`,
    remedy: remedyOf(operation),
    operation,
  };
}
