/** What is written differently on each database: rows that may be there already, and arithmetic that is exact. */

import type { Column, ColumnType } from '../../schema/model.js';
import type { SqlValue } from '../connection.js';

/** A column of a row that is there already, and what it becomes. */
export interface UpsertAssignment {
  /** Quoted. */
  readonly column: string;
  /** The value of the row that was to be inserted; its own value and one; or the value it has. */
  readonly value: 'inserted' | 'counted';
}

export interface UpsertParts {
  /** Quoted, as the statement names it. */
  readonly table: string;
  /** Quoted columns of the unique key by which a row is found to be there. */
  readonly target: readonly string[];
  /** Of a unique index on some rows only: its condition. */
  readonly targetWhere?: string | undefined;
  /** Empty where a row that is there is left alone. */
  readonly set: readonly UpsertAssignment[];
  /** Rows that are there are written only where one of these columns changes. */
  readonly changed?: readonly string[] | undefined;
  /** SQL of a condition that the row which is there must meet. */
  readonly where?: string | undefined;
}

export type UpsertKind = 'on-conflict-do-update' | 'on-duplicate-key-update';

/** A column of rows that are packed. */
export interface PackedColumn {
  /** Quoted. */
  readonly column: string;
  readonly type: ColumnType;
}

/** Statements on many rows by key, whose parameters are as many however many rows there are. */
export interface PackedRows {
  /** Each row becomes what stands behind its keys. @param table quoted */
  update(table: string): string;
  delete(table: string): string;
  /** @param rows the keys of each, and behind them what is written */
  pack(rows: readonly (readonly SqlValue[])[]): SqlValue[];
}

export interface WriteForms {
  readonly upsertKind: UpsertKind;
  /**
   * What follows the rows of an INSERT so that those that are there already are updated.
   *
   * Where a database cannot be told by which key, a row that is there by another key is left as it is.
   *
   * @throws CAPABILITY_MISSING for a condition of the key where it cannot be told
   */
  upsert(parts: UpsertParts): string;
  /**
   * Many rows in few parameters, where that is the faster way; undefined for types that cannot be packed.
   *
   * @param keys by which a row is found
   * @param set what is written to it; none where it is deleted
   */
  packedRows?(keys: readonly PackedColumn[], set: readonly PackedColumn[]): PackedRows | undefined;
  /** `column + value` for a bound value, as exact as the column's type. */
  sum(column: string, operator: '+' | '-', value: string, type: ColumnType): string;
  /** Whether every UPDATE of a row gives a column another value (ON UPDATE). Generated columns are not asked about. */
  changesByItself(column: Column): boolean;
  /** Absent where one transaction writes at a time. */
  readonly treeLock?: TreeLock;
}

/** How writers of one tree wait for each other, until their transactions end. */
export interface TreeLock {
  /** `share` lets others in that hold it so as well. @param key quoted columns of the table's key */
  sql(table: string, key: readonly string[], strength: 'share' | 'update'): string;
  params(table: string): readonly string[];
  /**
   * What stands behind each SELECT of a recursive query that must see what others have committed since the transaction
   * first read something; '' where every statement does.
   */
  readonly fresh: string;
}

/** ON CONFLICT, which SQLite has from PostgreSQL. */
export function onConflict(
  { table, target, targetWhere, set, changed, where }: UpsertParts,
  differ: (a: string, b: string) => string,
): string {
  const index = targetWhere === undefined ? '' : ` WHERE ${targetWhere}`;
  const conflict = ` ON CONFLICT (${target.join(', ')})${index}`;
  if (set.length === 0) return `${conflict} DO NOTHING`;
  const assignments = set.map(({ column, value }) =>
    value === 'inserted' ? `${column} = excluded.${column}` : `${column} = ${table}.${column} + 1`,
  );
  const conditions = [
    ...(changed === undefined
      ? []
      : [`(${changed.map((column) => differ(`${table}.${column}`, `excluded.${column}`)).join(' OR ')})`]),
    ...(where === undefined ? [] : [`(${where})`]),
  ];
  const only = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `${conflict} DO UPDATE SET ${assignments.join(', ')}${only}`;
}
