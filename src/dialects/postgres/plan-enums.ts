/**
 * Enums: values are renamed and added in place; to take one away or put them in another order the type is made
 * anew and all its columns move over, for PostgreSQL has no other way ("ALTER TYPE").
 */

import { deepEqual } from '../../base/structure.js';
import { alterEnumValues } from '../../schema/enum-values.js';
import type { Column, Table } from '../../schema/model.js';
import type { EnumAddition, OperationOf } from '../../schema/operations.js';
import { splitTableName } from '../../schema/table-names.js';
import { defaultText } from './defaults.js';
import { enumObject } from './fingerprint.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { requireQualifiedName } from './names.js';
import type { PlanState } from './plan-state.js';
import { countCheck } from './row-checks.js';
import { enumText, typeText } from './types.js';
import { textForm } from './value-forms.js';

export function createEnum(state: PlanState, op: OperationOf<'createEnum'>): void {
  requireQualifiedName('enum', op.name);
  state.apply(op);
  state.ensureSchema(op.name);
  state.emit(createText(op.name, op.values));
}

function createText(name: string, values: readonly string[]): string {
  return `CREATE TYPE ${enumText(name)} AS ENUM (${values.map(literalText).join(', ')})`;
}

export function dropEnum(state: PlanState, op: OperationOf<'dropEnum'>): void {
  state.apply(op);
  state.emit(`DROP TYPE ${enumText(op.name)}`);
}

/** Values by the name that they have in the rows that are there before the plan; new ones are in none. */
export class EnumOrigins {
  readonly #origins = new Map<string, Map<string, string | undefined>>();

  /** The stored name of a value; undefined where no row can hold it. */
  of(name: string, value: string): string | undefined {
    const known = this.#origins.get(name);
    return known?.has(value) ? known.get(value) : value;
  }

  change(name: string, op: OperationOf<'alterEnum'>): void {
    const known = this.#origins.get(name) ?? new Map<string, string | undefined>();
    const renamed = Object.entries(op.rename ?? {}).map(([from, to]) => [to, this.of(name, from)] as const);
    for (const from of Object.keys(op.rename ?? {})) known.set(from, undefined);
    for (const [to, origin] of renamed) known.set(to, origin);
    for (const { value } of op.add ?? []) known.set(value, undefined);
    this.#origins.set(name, known);
  }
}

/**
 * @param early values that have been added before everything else, so that they can be used by now
 */
export function alterEnum(
  state: PlanState,
  op: OperationOf<'alterEnum'>,
  origins: EnumOrigins,
  early: boolean,
): void {
  const { name } = op;
  const found = state.draft.present(state.draft.enums.get(name), 'enum', name, op.kind);
  const { remove, order, ...simple } = op;
  const values = alterEnumValues(found, op);
  const removed = (remove ?? []).map((value) => ({ value, origin: originOf(origins, op, value) }));
  if (op.options?.allowLoss === undefined) countRemoved(state, op, removed);
  origins.change(name, op);
  if (!early) for (const sql of renameTexts(name, op.rename ?? {}, found.values)) state.emit(sql);
  state.apply(op);
  if (values.some((value) => !found.values.includes(value))) loosenRows(state, name);
  const inPlace = remove?.length ? undefined : alterEnumValues(found, simple);
  if (deepEqual(inPlace, values)) {
    if (!early) for (const addition of op.add ?? []) state.emit(addText(name, addition));
    return;
  }
  swapType(
    state,
    name,
    values,
    removed.map(({ value }) => value),
  );
}

/** An expression may say a value that is none yet when the rows are counted, so nothing free is asked of them. */
function loosenRows(state: PlanState, name: string): void {
  for (const { table, column } of state.columnsOf(name)) {
    const rows = state.rowsOf(table.name);
    const value = rows.value(column.name);
    if (value !== undefined) rows.set(column.name, textForm(value, column.type), true);
  }
}

function originOf(origins: EnumOrigins, op: OperationOf<'alterEnum'>, value: string): string | undefined {
  const before = Object.entries(op.rename ?? {}).find(([, to]) => to === value)?.[0] ?? value;
  return origins.of(op.name, before);
}

export function addText(name: string, { value, before }: EnumAddition): string {
  const place = before === undefined ? '' : ` BEFORE ${literalText(before)}`;
  return `ALTER TYPE ${enumText(name)} ADD VALUE ${literalText(value)}${place}`;
}

/** Values that are added by themselves, before everything else and each for good. */
export function addEarly(state: PlanState, op: OperationOf<'alterEnum'>): boolean {
  if (op.remove?.length || op.order || !op.add?.length) return false;
  const present = state.draft.enums.get(op.name);
  if (present === undefined) return false;
  for (const text of renameTexts(op.name, op.rename ?? {}, present.values)) state.emit(text);
  for (const addition of op.add) state.emit(addText(op.name, addition), { objects: [enumObject(op.name)] });
  return true;
}

/** All at once: two may exchange their names, so what stands in the way of another one steps aside first. */
export function renameTexts(
  name: string,
  rename: Readonly<Record<string, string>>,
  values: readonly string[],
): string[] {
  const pairs = Object.entries(rename).filter(([from, to]) => from !== to);
  const text = (from: string, to: string): string =>
    `ALTER TYPE ${enumText(name)} RENAME VALUE ${literalText(from)} TO ${literalText(to)}`;
  const blocked = pairs.filter(([, to]) => pairs.some(([from]) => from === to)).map(([, to]) => to);
  const asides = new Map<string, string>();
  for (const value of blocked) {
    let aside = 'limbeck_aside';
    for (let i = 2; values.includes(aside) || [...asides.values()].includes(aside); i++)
      aside = `limbeck_aside_${i}`;
    asides.set(value, aside);
  }
  return [
    ...[...asides].map(([value, aside]) => text(value, aside)),
    ...pairs.map(([from, to]) => text(asides.get(from) ?? from, to)),
  ];
}

interface RemovedValue {
  readonly value: string;
  readonly origin: string | undefined;
}

function countRemoved(
  state: PlanState,
  op: OperationOf<'alterEnum'>,
  removed: readonly RemovedValue[],
): void {
  const stored = removed
    .flatMap(({ origin }) => (origin === undefined ? [] : [literalText(origin)]))
    .join(', ');
  if (stored === '') return;
  for (const { table, column } of state.columnsOf(op.name)) {
    const place = state.place(table.name, op);
    const value = place.rows.value(column.name);
    if (value === undefined || place.rows.from === undefined || column.generated) continue;
    const holds =
      column.type.kind === 'array'
        ? `${value}::text[] && ARRAY[${stored}]::text[]`
        : `${value}::text IN (${stored})`;
    const problem = `hold a value in '${table.name}.${column.name}' that is taken away from enum '${op.name}'`;
    state.check(countCheck(place, [column.name], problem, place.rows.from, holds));
  }
}

function swapType(
  state: PlanState,
  name: string,
  values: readonly string[],
  removed: readonly string[],
): void {
  const users = state.columnsOf(name);
  const isUser = (table: string, columns: readonly string[]): boolean =>
    users.some((each) => each.table.name === table && columns.includes(each.column.name));
  state.setAsideSaying(name);
  for (const { table, column } of users) state.setViewsAside(table.name, [column.name]);
  state.detachKeys((holder, key) => isUser(holder.name, key.columns) || isUser(key.refTable, key.refColumns));
  for (const { table, column } of users) {
    state.takeGenerated(table.name, column.name);
    state.aside.expressions(table, (names) => names.has(column.name));
  }
  state.aside.expressionsSaying(name);
  const aside = asideName(state, name);
  state.emit(`ALTER TYPE ${enumText(name)} RENAME TO ${quote(aside)}`);
  state.emit(createText(name, values));
  for (const { table, column } of users) {
    if (!state.aside.has(table.name, 'column', column.name)) moveColumn(state, table, column, removed);
  }
  const { schema } = splitTableName(enumText(name).startsWith('"public".') ? `public.${name}` : name);
  state.emit(`DROP TYPE ${schema === undefined ? quote(aside) : `${quote(schema)}.${quote(aside)}`}`);
  // Others may use the names of what was taken aside, so it comes back at once.
  state.endColumns();
}

function asideName(state: PlanState, name: string): string {
  const taken = new Set(
    [...state.draft.enums.keys(), ...state.draft.tables.keys()].map((each) => splitTableName(each).name),
  );
  const base = splitTableName(name).name.slice(0, 20);
  for (let i = 1; ; i++) {
    const aside = `limbeck_old${i === 1 ? '' : i}_${base}`;
    if (!taken.has(aside)) return aside;
  }
}

function moveColumn(state: PlanState, table: Table, column: Column, removed: readonly string[]): void {
  const name = quote(column.name);
  const about = `column ${column.name}`;
  const alter = (sql: string) => ({ sql: `ALTER COLUMN ${name} ${sql}`, about });
  state.alter(
    table.name,
    ...(column.default ? [alter('DROP DEFAULT')] : []),
    alter(`TYPE ${typeText(column.type)} USING ${movedValue(name, column, removed)}`),
    ...(column.default ? [alter(`SET DEFAULT ${defaultText(column.default, column.type)}`)] : []),
  );
}

/** By its text, since nothing casts one enum to another; NULL for what is taken away where loss is allowed. */
function movedValue(name: string, { type }: Column, removed: readonly string[]): string {
  const target = typeText(type);
  if (removed.length === 0)
    return type.kind === 'array' ? `${name}::text[]::${target}` : `${name}::text::${target}`;
  const list = removed.map(literalText).join(', ');
  if (type.kind !== 'array')
    return `CASE WHEN ${name}::text NOT IN (${list}) THEN ${name}::text::${target} END`;
  const kept = removed.reduce(
    (value, each) => `array_remove(${value}, ${literalText(each)})`,
    `${name}::text[]`,
  );
  return `${kept}::${target}`;
}
