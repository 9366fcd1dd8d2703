/** Counts of rows that stand against a key, a check or a type, as steps of a plan that run before all others. */

import { columnsIn } from '../../schema/column-uses.js';
import type { Check, ColumnType, Exclusion, ForeignKey, Index, Table } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { PlanCheck } from '../contract.js';
import { remedyOf } from '../shared/plan-checks.js';
import { enclosed } from './expressions.js';
import { quoteIdentifier as quote } from './literals.js';
import type { RowLineage } from './row-lineage.js';

/** Where a check looks: the table as the operations call it, and the rows it will have. */
export interface RowPlace {
  readonly table: string;
  readonly rows: RowLineage;
  readonly operation: Operation;
}

/** Counts rows that meet a condition. */
export function countCheck(
  { table, operation }: RowPlace,
  columns: readonly string[],
  problem: string,
  from: string,
  where: string,
): PlanCheck {
  return {
    kind: 'check',
    countSql: `SELECT count(*) FROM ${from} WHERE ${where}`,
    table,
    columns,
    problem,
    remedy: remedyOf(operation),
    operation,
  };
}

/** Rows that hold NULL in columns that are not to. */
export function notNullChecks(place: RowPlace, columns: readonly string[]): PlanCheck[] {
  const { rows, table } = place;
  return columns.flatMap((name) => {
    const value = rows.value(name);
    if (value === undefined || rows.from === undefined) return [];
    return [countCheck(place, [name], `hold NULL in '${table}.${name}'`, rows.from, `${value} IS NULL`)];
  });
}

/** Rows that share the values of a unique key. */
export function uniqueChecks(
  place: RowPlace,
  index: Pick<Index, 'name' | 'columns' | 'where' | 'nullsNotDistinct'>,
  needed: readonly string[],
): PlanCheck[] {
  const { rows, table, operation } = place;
  const isPlain = index.where === undefined && index.columns.every((part) => 'column' in part);
  const from = rows.rows(table, needed, isPlain ? 'equality' : 'any');
  if (from === undefined) return [];
  const parts = index.columns.map((part) => {
    const subject = 'column' in part ? quote(part.column) : enclosed(part.expression);
    return part.collation === undefined ? subject : `${subject} COLLATE ${quote(part.collation)}`;
  });
  const present = index.nullsNotDistinct ? [] : parts.map((part) => `${part} IS NOT NULL`);
  const where = [...present, ...(index.where === undefined ? [] : [enclosed(index.where)])].join(' AND ');
  const columns = index.columns.flatMap((part) => ('column' in part ? [part.column] : []));
  const subject =
    columns.length > 0 ? columns.map((name) => `'${table}.${name}'`).join(', ') : `index '${index.name}'`;
  return [
    {
      kind: 'check',
      countSql: sharedSql(from, where, parts.join(', ')),
      table,
      columns,
      problem: `share their value of ${subject}, which is to be unique`,
      remedy: remedyOf(operation),
      operation,
    },
  ];
}

/** Rows that do not meet a condition. */
export function conditionChecks(place: RowPlace, check: Check, columns: readonly string[]): PlanCheck[] {
  const from = place.rows.rows(place.table, columns);
  if (from === undefined) return [];
  const problem = `do not meet check '${check.name}' of '${place.table}'`;
  return [countCheck(place, columns, problem, from, `NOT ${enclosed(check.expression)}`)];
}

/** Rows whose parent is missing; a key with a NULL in it refers to nothing (MATCH SIMPLE). */
export function orphanChecks(
  place: RowPlace,
  key: ForeignKey,
  parents: RowLineage,
  types: readonly ColumnType[],
): PlanCheck[] {
  const child = keyRows(place.table, place.rows, key.columns);
  if (child === undefined) return [];
  const present = key.columns.map((_, i) => `c.k${i} IS NOT NULL`);
  const parent = keyRows(key.refTable, parents, key.refColumns);
  if (parent === undefined && parents.from !== undefined) return [];
  // One side may be text that stands for a value of the enum.
  const as = key.columns.map((_, i) => (types[i]?.kind === 'enum' ? '::text' : ''));
  const pairs = key.columns.map((_, i) => `p.k${i}${as[i]} = c.k${i}${as[i]}`).join(' AND ');
  const missing = parent === undefined ? [] : [`NOT EXISTS (SELECT FROM ${parent} AS p WHERE ${pairs})`];
  const problem = `refer by ${key.columns.map((name) => `'${place.table}.${name}'`).join(', ')} to a row that is not in '${key.refTable}'`;
  return [countCheck(place, key.columns, problem, `${child} AS c`, [...present, ...missing].join(' AND '))];
}

/** The values of a key as k0, k1 …; undefined where there are no rows, or nobody knows their values. */
function keyRows(table: string, rows: RowLineage, columns: readonly string[]): string | undefined {
  const from = rows.rows(table, columns, 'equality');
  if (from === undefined) return undefined;
  return `(SELECT ${columns.map((name, i) => `${quote(name)} AS k${i}`).join(', ')} FROM ${from})`;
}

/**
 * Rows that exclude each other, where they do so by being equal. Other operators are left to the server, which
 * builds an index for them: without one, every row would have to be held against every other.
 */
export function exclusionChecks(place: RowPlace, exclusion: Exclusion, table: Table): PlanCheck[] {
  const elements = exclusion.elements
    .split(',')
    .map((each) => /^\s*("(?:[^"]|"")*"|\w+)\s+WITH\s+=\s*$/i.exec(each)?.[1]);
  const needed = [...columnsIn(exclusion.elements, table), ...columnsIn(exclusion.where ?? '', table)];
  const from = place.rows.rows(place.table, needed);
  if (elements.includes(undefined) || from === undefined) return [];
  const where = [
    ...elements.map((each) => `${each} IS NOT NULL`),
    ...(exclusion.where === undefined ? [] : [enclosed(exclusion.where)]),
  ].join(' AND ');
  return [
    {
      ...countCheck(
        place,
        [...new Set(needed)],
        `exclude each other by '${exclusion.name}' of '${place.table}'`,
        '',
        '',
      ),
      countSql: sharedSql(from, where, elements.join(', ')),
    },
  ];
}

/** Counts rows that are in a group with others. */
function sharedSql(from: string, where: string, groups: string): string {
  const condition = where === '' ? '' : ` WHERE ${where}`;
  return `SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM ${from}${condition} GROUP BY ${groups} HAVING count(*) > 1) AS shared`;
}
