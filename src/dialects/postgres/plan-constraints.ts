/** Keys, checks and indexes; the online ways of making them where a step asks for them. */

import { columnsIn, indexColumns } from '../../schema/column-uses.js';
import { findConstraint } from '../../schema/draft.js';
import type { Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { OperationOf } from '../../schema/operations.js';
import type { OutsideTransaction } from '../contract.js';
import { constraintAbout, sameSet } from './aside-parts.js';
import {
  checkText,
  createIndexText,
  deferrableText,
  exclusionText,
  foreignKeyText,
  indexText,
  primaryKeyText,
  uniqueText,
} from './ddl.js';
import { tableObject } from './fingerprint.js';
import { literalText, quoteIdentifier as quote, quoteTable } from './literals.js';
import { requireName } from './names.js';
import type { PlanState } from './plan-state.js';
import { conditionChecks, exclusionChecks, notNullChecks, orphanChecks, uniqueChecks } from './row-checks.js';

export function createPrimaryKey(state: PlanState, op: OperationOf<'createPrimaryKey'>): void {
  const { primaryKey, table } = op;
  requireName('constraint', primaryKey.name);
  state.apply(op);
  const place = state.place(table, op);
  const columns = primaryKey.columns.map((column) => ({ column }));
  state.check(...notNullChecks(place, primaryKey.columns));
  state.check(...uniqueChecks(place, { name: primaryKey.name, columns }, primaryKey.columns));
  state.alter(table, {
    sql: `ADD ${primaryKeyText(primaryKey)}`,
    about: constraintAbout(primaryKey.name, primaryKey.columns),
  });
}

export function createUnique(state: PlanState, op: OperationOf<'createUnique'>): void {
  const { unique, table } = op;
  requireName('constraint', unique.name);
  state.apply(op);
  const { name, nullsNotDistinct } = unique;
  const index = {
    name,
    columns: unique.columns.map((column) => ({ column })),
    unique: true,
    ...(nullsNotDistinct && { nullsNotDistinct }),
  };
  state.check(...uniqueChecks(state.place(table, op), index, unique.columns));
  if (!op.options?.concurrently) {
    return state.alter(table, {
      sql: `ADD ${uniqueText(unique, state.version)}`,
      about: constraintAbout(name, unique.columns),
    });
  }
  state.emit(createIndexText(index, table, state.version, true), indexOutside(name, table));
  state.emit(
    `ALTER TABLE ${quoteTable(table)} ADD CONSTRAINT ${quote(name)} UNIQUE USING INDEX ${quote(name)}${deferrableText(unique.deferrable)}`,
  );
}

export function createCheck(state: PlanState, op: OperationOf<'createCheck'>): void {
  requireName('constraint', op.check.name);
  state.apply(op);
  const columns = columnsIn(op.check.expression, state.table(op.table, op.kind));
  state.check(...conditionChecks(state.place(op.table, op), op.check, columns));
  addValidated(state, op.table, op.check.name, checkText(op.check), op.options?.concurrently);
}

export function createForeignKey(state: PlanState, op: OperationOf<'createForeignKey'>): void {
  const { foreignKey, table } = op;
  requireName('constraint', foreignKey.name);
  state.apply(op);
  const { columns } = state.table(table, op.kind);
  const types = foreignKey.columns.flatMap((name) => byName(columns, name)?.type ?? []);
  state.check(...orphanChecks(state.place(table, op), foreignKey, state.rowsOf(foreignKey.refTable), types));
  addValidated(state, table, foreignKey.name, foreignKeyText(foreignKey), op.options?.concurrently);
}

/** A constraint at once, or first for new rows alone and then for all: the scan of which keeps nobody waiting. */
function addValidated(
  state: PlanState,
  table: string,
  name: string,
  text: string,
  concurrently: boolean | undefined,
): void {
  if (!concurrently) return state.alter(table, { sql: `ADD ${text}`, about: constraintAbout(name) });
  const alter = `ALTER TABLE ${quoteTable(table)}`;
  state.emit(`${alter} ADD ${text} NOT VALID`);
  state.emit(`${alter} VALIDATE CONSTRAINT ${quote(name)}`, { objects: [tableObject(table)] });
}

export function createExclusion(state: PlanState, op: OperationOf<'createExclusion'>): void {
  requireName('constraint', op.exclusion.name);
  state.apply(op);
  state.check(...exclusionChecks(state.place(op.table, op), op.exclusion, state.table(op.table, op.kind)));
  state.alter(op.table, {
    sql: `ADD ${exclusionText(op.exclusion)}`,
    about: constraintAbout(op.exclusion.name),
  });
}

export function dropConstraint(state: PlanState, op: OperationOf<'dropConstraint'>): void {
  const { table, name } = op;
  const before = state.table(table, op.kind);
  const kind = findConstraint(before, name);
  if (kind === undefined && op.options?.ifExists) return;
  const columns = kind === undefined ? undefined : keyColumns(before, name);
  if (columns) releaseKey(state, table, columns);
  state.apply(op);
  if (kind === 'foreignKey' ? state.forgetKey(table, name) : kind && state.aside.forget(table, kind, name))
    return;
  state.alter(table, { sql: `DROP CONSTRAINT ${quote(name)}`, about: constraintAbout(name) });
}

function keyColumns({ primaryKey, uniques }: Table, name: string): readonly string[] | undefined {
  return primaryKey?.name === name ? primaryKey.columns : byName(uniques, name)?.columns;
}

/** Foreign keys hold on to one key over their columns, and nobody says to which. */
function releaseKey(state: PlanState, table: string, columns: readonly string[]): void {
  state.detachKeys((_, key) => key.refTable === table && sameSet(key.refColumns, columns));
}

export function createIndex(state: PlanState, op: OperationOf<'createIndex'>): void {
  const { index, table } = op;
  if (byName(state.table(table, op.kind).indexes, index.name) && op.options?.ifNotExists) return;
  requireName('index', index.name);
  state.apply(op);
  if (index.unique) {
    const needed = indexColumns(index, state.table(table, op.kind));
    state.check(...uniqueChecks(state.place(table, op), index, needed));
  }
  const concurrently = op.options?.concurrently === true;
  const sql = createIndexText(index, table, state.version, concurrently);
  state.emit(sql, concurrently ? indexOutside(index.name, table) : undefined);
}

export function dropIndex(state: PlanState, op: OperationOf<'dropIndex'>): void {
  const index = byName(state.table(op.table, op.kind).indexes, op.name);
  if (index === undefined && op.options?.ifExists) return;
  if (index?.unique) releaseKey(state, op.table, indexColumns(index, state.table(op.table, op.kind)));
  state.apply(op);
  if (state.aside.forget(op.table, 'index', op.name)) return;
  const name = indexText(op.name, op.table);
  if (op.options?.concurrently) {
    state.emit(`DROP INDEX CONCURRENTLY ${name}`, { objects: [tableObject(op.table)] });
  } else state.emit(`DROP INDEX ${name}`);
}

/** What fails half-way leaves an index that is kept up and never used ("Building Indexes Concurrently"). */
function indexOutside(index: string, table: string): OutsideTransaction {
  const name = indexText(index, table);
  return {
    objects: [tableObject(table)],
    leftover: {
      countSql: `SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass(${literalText(name)}) AND NOT indisvalid`,
      sql: `DROP INDEX CONCURRENTLY IF EXISTS ${name}`,
    },
  };
}
