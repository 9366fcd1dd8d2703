/**
 * Columns that become generated, or generated in another way: only by being made again, so what they hold must be
 * what will be generated. That is asked of the rows as they will be when all columns of the table are done, since
 * the columns that it is made of may still change.
 */

import { deepEqual } from '../../base/structure.js';
import type { Column, Table } from '../../schema/model.js';
import type { OperationOf } from '../../schema/operations.js';
import { quoteIdentifier as quote } from './literals.js';
import type { PlanState } from './plan-state.js';
import { countCheck } from './row-checks.js';
import { canonicalType, typeText } from './types.js';

type ColumnOperation = OperationOf<'addColumn' | 'alterColumn'>;

/** A column before and after an operation. */
export interface ColumnPair {
  readonly from: Column;
  readonly to: Column;
}

export function mustBeMadeAnew({ from, to }: ColumnPair): boolean {
  if (to.generated === undefined) return false;
  return (
    !deepEqual(from.generated, to.generated) ||
    canonicalType(from.type) !== canonicalType(to.type) ||
    !deepEqual(from.type, to.type) ||
    from.collation !== to.collation
  );
}

/** @param table the table before the operation */
export function makeAnew(
  state: PlanState,
  op: OperationOf<'alterColumn'>,
  table: Table,
  { from, to }: ColumnPair,
): void {
  if (to.generated === undefined) {
    throw state.unsupported('way to keep the values of a generated column here', `'${op.table}.${op.name}'`);
  }
  if (!from.generated && op.options?.allowLoss === undefined) demandEqual(state, op, to);
  if (!to.nullable) demandNotNull(state, op, to);
  state.rowsOf(op.table).setGenerated(op.name, to.generated.sql);
  state.aside.column(table, op.name);
}

/** What is generated for a column that is NOT NULL must not be NULL. */
export function demandNotNull(state: PlanState, op: ColumnOperation, { name }: Column): void {
  state.checkLater(op.table, () => {
    const place = state.place(op.table, op);
    const rows = place.rows.rows(op.table, [name]);
    const problem = `hold NULL in '${op.table}.${name}'`;
    return rows === undefined ? [] : [countCheck(place, [name], problem, rows, `${quote(name)} IS NULL`)];
  });
}

/** The values that a column has must be those that it will generate. */
function demandEqual(state: PlanState, op: OperationOf<'alterColumn'>, { name, type }: Column): void {
  const lineage = state.rowsOf(op.table);
  const old = `limbeck old ${name}`;
  lineage.set(old, lineage.value(name));
  state.checkLater(op.table, () => {
    const place = state.place(op.table, op);
    const rows = lineage.rows(op.table, [old, name]);
    lineage.drop(old);
    if (rows === undefined) return [];
    const problem = `hold a value in '${op.table}.${name}' that is not the generated one`;
    const differs = `${quote(old)}::text IS DISTINCT FROM (${quote(name)}::${typeText(type)})::text`;
    return [countCheck(place, [name], problem, rows, differs)];
  });
}
