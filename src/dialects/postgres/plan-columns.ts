/** Columns added, dropped, renamed and altered; each keeps its rows or is refused with those in its way counted. */

import { renameInSql } from '../../base/sql-tokens.js';
import { deepEqual } from '../../base/structure.js';
import { enumOf } from '../../schema/apply.js';
import { columnsIn } from '../../schema/column-uses.js';
import type { Column, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import { fitName } from '../../schema/naming.js';
import type { OperationOf } from '../../schema/operations.js';
import { switchText, widenSequenceText } from './auto-increment.js';
import { type Cast, cast } from './casts.js';
import { columnCommentText, columnText, dropExpressionText, identityText } from './ddl.js';
import { defaultText } from './defaults.js';
import { withColumnRenamed } from './dependents.js';
import { enclosed } from './expressions.js';
import { tableObject } from './fingerprint.js';
import { quoteIdentifier as quote, quoteTable } from './literals.js';
import { requireName } from './names.js';
import { demandNotNull, makeAnew, mustBeMadeAnew } from './plan-generated.js';
import type { PlanState } from './plan-state.js';
import { countCheck, notNullChecks } from './row-checks.js';
import { canonicalType, typeText } from './types.js';
import { textForm } from './value-forms.js';

export function addColumn(state: PlanState, op: OperationOf<'addColumn'>): void {
  const { table, column, fill } = op;
  if (byName(state.table(table, op.kind).columns, column.name) && op.options?.ifNotExists) return;
  requireName('column', column.name);
  state.apply(op);
  const place = state.place(table, op);
  const about = `column ${column.name}`;
  const isFree = fill?.kind === 'expression';
  // Free SQL speaks of the rows as they are without the new column.
  if (isFree) place.rows.settle(table);
  if (column.generated) place.rows.setGenerated(column.name, column.generated.sql);
  else place.rows.set(column.name, valueOfNew(op), enumOf(column) !== undefined);
  if (fill === undefined) {
    const { from } = place.rows;
    const hasNothing = !column.nullable && !column.default && !column.generated && !column.autoIncrement;
    if (hasNothing && from !== undefined) {
      const problem = `have no value for the new column '${table}.${column.name}', which is NOT NULL`;
      state.check(countCheck(place, [column.name], problem, from, 'TRUE'));
    }
    if (column.generated && !column.nullable) demandNotNull(state, op, column);
    state.alter(table, { sql: `ADD COLUMN ${columnText(column, table, state.version)}`, about });
  } else if (isFree) {
    // A rewrite fires no triggers, which an UPDATE would.
    const { default: _, ...bare } = column;
    state.alter(table, {
      sql: `ADD COLUMN ${columnText({ ...bare, nullable: true }, table, state.version)}`,
      about,
    });
    const name = quote(column.name);
    state.alter(
      table,
      {
        sql: `ALTER COLUMN ${name} TYPE ${typedText(column)} USING ${enclosed(fill.sql)}`,
        about,
        alone: true,
      },
      ...(column.default
        ? [{ sql: `ALTER COLUMN ${name} SET DEFAULT ${defaultText(column.default, column.type)}`, about }]
        : []),
      ...(column.nullable ? [] : [{ sql: `ALTER COLUMN ${name} SET NOT NULL`, about }]),
    );
  } else {
    const filled = columnText({ ...column, default: fill }, table, state.version);
    state.alter(table, { sql: `ADD COLUMN ${filled}`, about });
    const after = column.default ? `SET DEFAULT ${defaultText(column.default, column.type)}` : 'DROP DEFAULT';
    state.alter(table, { sql: `ALTER COLUMN ${quote(column.name)} ${after}`, about });
  }
  if (column.comment) state.emitAfter(table, columnCommentText(table, column.name, column.comment));
}

/** What the rows that are there get. */
function valueOfNew({ column, fill }: OperationOf<'addColumn'>): string | undefined {
  if (column.autoIncrement) return undefined;
  // An enum may be made by the same plan, and then has no name yet.
  const type = enumOf(column) === undefined ? typeText(column.type) : 'text';
  const value = fill ?? column.default;
  if (value === undefined) return `NULL::${type}`;
  // To ask for it would use it up.
  if (value.kind === 'expression' && /\b(?:next|set)val\s*\(/i.test(value.sql)) return undefined;
  if (value.kind === 'expression' && type !== typeText(column.type)) return undefined;
  return `${enclosed(defaultText(value, column.type))}::${type}`;
}

export function dropColumn(state: PlanState, op: OperationOf<'dropColumn'>): void {
  const table = state.table(op.table, op.kind);
  if (op.options?.ifExists && !byName(table.columns, op.name)) return;
  state.apply(op);
  state.rowsOf(op.table).drop(op.name);
  if (state.aside.forget(op.table, 'column', op.name)) return;
  state.setViewsAside(op.table, [op.name]);
  state.alter(op.table, { sql: `DROP COLUMN ${quote(op.name)}`, about: `column ${op.name}` });
}

export function renameColumn(state: PlanState, op: OperationOf<'renameColumn'>): void {
  requireName('column', op.to);
  state.endColumns();
  const before = state.table(op.table, op.kind);
  state.apply(op);
  state.emit(`ALTER TABLE ${quoteTable(op.table)} RENAME COLUMN ${quote(op.name)} TO ${quote(op.to)}`);
  const columns = before.columns.map(({ name }) => name);
  state.rowsOf(op.table).rename(op.name, op.to, (sql) => renameInSql(sql, op.name, op.to, columns));
  for (const view of state.draft.views.values()) {
    const query = withColumnRenamed(view.query, op.table, op.name, op.to);
    if (query !== view.query) state.draft.views.set(view.name, { ...view, query });
  }
}

interface Alteration {
  readonly op: OperationOf<'alterColumn'>;
  readonly table: Table;
  readonly from: Column;
  readonly to: Column;
}

export function alterColumn(state: PlanState, op: OperationOf<'alterColumn'>): void {
  const from = state.draft.column(state.table(op.table, op.kind), op.name, op.kind);
  const tableBefore = state.table(op.table, op.kind);
  state.apply(op);
  const table = state.table(op.table, op.kind);
  const to = state.draft.column(table, op.name, op.kind);
  const alteration = { op, table: tableBefore, from, to };
  const isAside = state.aside.has(op.table, 'column', op.name);
  if (isAside || mustBeMadeAnew(alteration)) makeAnew(state, op, tableBefore, alteration);
  else change(state, alteration);
}

function change(state: PlanState, alteration: Alteration): void {
  const { op, from, to } = alteration;
  const name = quote(op.name);
  const about = `column ${op.name}`;
  const parts: string[] = [];
  if (from.generated && !to.generated) {
    // What is only looked at has no values that could stay.
    if (!from.generated.stored) {
      throw state.unsupported(
        'way to keep the values of a virtual generated column',
        `'${op.table}.${op.name}'`,
      );
    }
    parts.push(dropExpressionText(op.name, op.table, state.version).slice(`ALTER COLUMN ${name} `.length));
  }
  const needsNotNull = !to.nullable && (from.nullable || op.using !== undefined);
  // No cast of ours makes NULL of a value, or a value of NULL.
  const isCast = op.using === undefined && op.options?.allowLoss === undefined;
  if (needsNotNull && isCast) state.check(...notNullChecks(state.place(op.table, op), [op.name]));
  const retyped = retype(state, alteration);
  const triggers = retyped.length > 0 ? state.takeTriggers(op.table, op.name) : [];
  const switches = from.autoIncrement !== to.autoIncrement;
  const redefault = retyped.length > 0 || !deepEqual(from.default, to.default);
  // The cast of a default is not the one of the rows, and may not exist.
  if (from.default && redefault) parts.push('DROP DEFAULT');
  parts.push(...retyped);
  if (to.default && redefault) parts.push(`SET DEFAULT ${defaultText(to.default, to.type)}`);
  if (!from.nullable && to.nullable) parts.push('DROP NOT NULL');
  if (needsNotNull && !isCast) state.check(...notNullChecks(state.place(op.table, op), [op.name]));
  const isOnline = needsNotNull && op.options?.concurrently === true;
  if (needsNotNull && from.nullable && !isOnline) parts.push('SET NOT NULL');
  if (to.autoIncrement === 'identity' && !switches && !deepEqual(from.options, to.options)) {
    parts.push(identityText(to).replace('GENERATED', 'SET GENERATED').replace(' AS IDENTITY', ''));
  }
  if (switches && !to.autoIncrement) state.emit(switchText(op.table, from, from.autoIncrement, undefined));
  if (parts.length > 0) {
    state.alter(
      op.table,
      ...parts.map((sql, i) => ({
        sql: `ALTER COLUMN ${name} ${sql}`,
        about,
        ...(i === 0 && op.using !== undefined && { alone: true }),
      })),
    );
  }
  state.bringBackTriggers(op.table, op.name, triggers);
  if (isOnline && from.nullable) setNotNullOnline(state, op.table, op.name);
  if (switches && to.autoIncrement) {
    state.emit(switchText(op.table, to, from.autoIncrement, to.autoIncrement));
  }
  if (!switches && to.autoIncrement === 'increment' && from.type.kind !== to.type.kind) {
    state.emit(widenSequenceText(op.table, to));
  }
  if ((from.comment ?? '') !== (to.comment ?? '')) {
    state.emitAfter(op.table, columnCommentText(op.table, op.name, to.comment));
  }
}

/** TYPE … USING, where the type, the collation or the values change; everything in its way is taken aside. */
function retype(state: PlanState, { op, table, from, to }: Alteration): string[] {
  const sameType =
    canonicalType(from.type) === canonicalType(to.type) &&
    (from.type.kind !== 'enum' || deepEqual(from.type, to.type));
  if (sameType && from.collation === to.collation && op.using === undefined) return [];
  state.setViewsAside(op.table, [op.name]);
  state.takeGenerated(op.table, op.name);
  const isFamiliar = sameType || isFamily(from, to);
  if (!isFamiliar) {
    state.aside.expressions(table, (names) => names.has(op.name));
    state.detachKeys(
      (holder, key) =>
        (holder.name === op.table && key.columns.includes(op.name)) ||
        (key.refTable === op.table && key.refColumns.includes(op.name)),
    );
  }
  const place = state.place(op.table, op);
  for (const { name, generated } of state.table(op.table, op.kind).columns) {
    if (generated && columnsIn(generated.sql, table).includes(op.name))
      place.rows.setGenerated(name, generated.sql);
  }
  const type = `TYPE ${typedText(to)}`;
  if (op.using !== undefined) {
    const needed = columnsIn(op.using, table);
    const rows = place.rows.rows(op.table, needed);
    place.rows.settle(op.table);
    place.rows.set(op.name, rows === undefined ? undefined : `(${enclosed(op.using)})::${typeText(to.type)}`);
    return [`${type} USING ${enclosed(op.using)}`];
  }
  if (sameType) return [type];
  const context = { schema: state.schema, version: state.version };
  const allowed = op.options?.allowLoss !== undefined;
  const pick = (each: Cast): string => (allowed ? each.lossy : each.expression);
  const value = place.rows.value(op.name);
  if (value !== undefined && place.rows.from !== undefined) {
    const old = cast(value, from.type, to.type, context);
    if (old.offending !== undefined && !allowed) {
      const problem = `hold a value in '${op.table}.${op.name}' that would change`;
      state.check(countCheck(place, [op.name], problem, place.rows.from, old.offending));
    }
    if (enumOf(to) === undefined) place.rows.set(op.name, pick(old));
    else place.rows.set(op.name, textForm(value, from.type), true);
  }
  const own = cast(quote(op.name), from.type, to.type, context);
  return [own.implicit && !allowed ? type : `${type} USING ${pick(own)}`];
}

/** Without COLLATE a column falls back to the collation of its type ("ALTER TABLE"). */
function typedText({ type, collation }: Column): string {
  return `${typeText(type)}${collation === undefined ? '' : ` COLLATE ${quote(collation)}`}`;
}

const FAMILIES: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint', 'decimal', 'real', 'double'],
  ['text', 'varchar', 'char', 'simple-array'],
  ['date', 'timestamp', 'timestamptz'],
];

/** Whether expressions over the old type are understood over the new one, and keys of the two can be compared. */
function isFamily(from: Column, to: Column): boolean {
  if (from.type.kind === to.type.kind) {
    return !['enum', 'array', 'native'].includes(from.type.kind);
  }
  return FAMILIES.some((family) => family.includes(from.type.kind) && family.includes(to.type.kind));
}

/** A scan under a lock that lets others read and write ("ALTER TABLE", Notes): the check proves it to SET NOT NULL. */
function setNotNullOnline(state: PlanState, table: string, column: string): void {
  const check = quote(fitName(`limbeck_not_null_${table}_${column}`));
  const alter = `ALTER TABLE ${quoteTable(table)}`;
  state.emit(`${alter} ADD CONSTRAINT ${check} CHECK (${quote(column)} IS NOT NULL) NOT VALID`);
  state.emit(`${alter} VALIDATE CONSTRAINT ${check}`, { objects: [tableObject(table)] });
  state.emit(`${alter}\n  ALTER COLUMN ${quote(column)} SET NOT NULL,\n  DROP CONSTRAINT ${check}`);
}
