/**
 * `diff(a, b)`: the operations that lead from one schema to another.
 *
 * It guesses nothing: what has another name is another thing. Renames are decided by a person and applied
 * to `a` before this is asked (`rename.ts`). The order is such that nothing is used before it exists or
 * dropped while it is used, cyclic foreign keys included, and it is the same on every run.
 */

import { deepEqual } from '../base/structure.js';
import { diffColumns } from './diff-columns.js';
import { diffConstraints } from './diff-constraints.js';
import { additionsTo } from './enum-values.js';
import type { ForeignKey, Schema, Table, Trigger, View } from './model.js';
import { byName } from './model.js';
import { normalize, sameTable } from './normalize.js';
import type { Operation, OperationOf } from './operations.js';
import { creationOrder } from './order.js';
import { pairByKey } from './pairs.js';
import { inOrderOfNeed } from './view-order.js';

/**
 * The operations from `a` to `b`: `apply(a, diff(a, b))` equals `b`, and `diff(a, a)` is empty.
 *
 * @param a what is there
 * @param b what is wanted
 */
export function diff(a: Schema, b: Schema): Operation[] {
  const before = normalize(a);
  const after = normalize(b);
  const tables = pairTables(before, after);
  const kept = tables.kept.map(([from, to]) => ({
    constraints: diffConstraints(from, to),
    columns: diffColumns(from, to),
  }));
  const enums = diffEnums(before, after);
  const objects = diffObjects(before, after, new Set(tables.dropped.map((table) => table.name)));
  const dropped = creationOrder(tables.dropped);
  const added = creationOrder(tables.added);
  const fromKept = (phase: 'dropForeignKeys' | 'drop' | 'create' | 'createForeignKeys'): Operation[] =>
    kept.flatMap((each) => each.constraints[phase]);
  return [
    ...objects.drop,
    ...enums.create,
    ...fromKept('dropForeignKeys'),
    ...dropped.detached.map(({ table, foreignKey }) => dropConstraint(table, foreignKey.name)),
    // Before the keys that their foreign keys refer to.
    ...[...dropped.tables].reverse().map(({ name }): Operation => ({ kind: 'dropTable', table: name })),
    ...fromKept('drop'),
    ...added.tables.map(
      (table): Operation => ({ kind: 'createTable', table: withoutLateKeys(table, tables) }),
    ),
    ...kept.flatMap((each) => each.columns),
    ...fromKept('create'),
    ...added.tables.flatMap((table) => lateKeys(table, tables)),
    ...added.detached.map(
      ({ table, foreignKey }): Operation => ({ kind: 'createForeignKey', table, foreignKey }),
    ),
    ...fromKept('createForeignKeys'),
    ...enums.remove,
    ...objects.create,
  ];
}

interface PairedTables {
  readonly added: readonly Table[];
  readonly dropped: readonly Table[];
  readonly kept: readonly (readonly [from: Table, to: Table])[];
}

function pairTables(a: Schema, b: Schema): PairedTables {
  const from = new Map(a.tables.map((table) => [table.name, table]));
  const to = new Map(b.tables.map((table) => [table.name, table]));
  return {
    added: b.tables.filter((table) => !from.has(table.name)),
    dropped: a.tables.filter((table) => !to.has(table.name)),
    kept: b.tables.flatMap((table) => {
      const old = from.get(table.name);
      return old === undefined || sameTable(old, table) ? [] : [[old, table] as const];
    }),
  };
}

function withoutLateKeys(table: Table, tables: PairedTables): Table {
  const foreignKeys = table.foreignKeys.filter((key) => !isLate(key, tables));
  return foreignKeys.length === table.foreignKeys.length ? table : { ...table, foreignKeys };
}

function lateKeys(table: Table, tables: PairedTables): Operation[] {
  return table.foreignKeys
    .filter((key) => isLate(key, tables))
    .map((foreignKey) => ({ kind: 'createForeignKey', table: table.name, foreignKey }));
}

/** New tables are made before the others change, so a key to what changes in them must wait. */
function isLate(key: ForeignKey, tables: PairedTables): boolean {
  const target = tables.kept.find(([, to]) => to.name === key.refTable);
  if (target === undefined) return false;
  const [from, to] = target;
  const stays = key.refColumns.every((name) => {
    const column = byName(from.columns, name);
    return column !== undefined && deepEqual(column, byName(to.columns, name));
  });
  const keys = keysOver(key.refColumns, to);
  return !stays || !keysOver(key.refColumns, from).some((old) => keys.some((each) => deepEqual(old, each)));
}

/** The keys of a table that a foreign key to these columns can hold on to. */
function keysOver(columns: readonly string[], table: Table): unknown[] {
  const over = (names: readonly (string | undefined)[]): boolean =>
    names.length === columns.length && columns.every((name) => names.includes(name));
  const keys = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques].filter((key) =>
    over(key.columns),
  );
  const indexes = table.indexes.filter(
    (index) =>
      index.unique && over(index.columns.map((part) => ('column' in part ? part.column : undefined))),
  );
  return [...keys, ...indexes];
}

function dropConstraint(table: string, name: string): OperationOf<'dropConstraint'> {
  return { kind: 'dropConstraint', table, name };
}

/** Values are added before anything may use them and removed when nothing does any more. */
function diffEnums(a: Schema, b: Schema): { readonly create: Operation[]; readonly remove: Operation[] } {
  const from = new Map(a.enums.map((item) => [item.name, item.values]));
  const to = new Map(b.enums.map((item) => [item.name, item.values]));
  const create: Operation[] = [];
  const remove: Operation[] = [];
  for (const [name, values] of to) {
    const old = from.get(name);
    if (old === undefined) create.push({ kind: 'createEnum', name, values });
    else if (!deepEqual(old, values)) alterEnum(name, old, values, create, remove);
  }
  for (const name of from.keys()) if (!to.has(name)) remove.push({ kind: 'dropEnum', name });
  return { create, remove };
}

function alterEnum(
  name: string,
  old: readonly string[],
  values: readonly string[],
  create: Operation[],
  remove: Operation[],
): void {
  const add = additionsTo(old, values);
  const gone = old.filter((value) => !values.includes(value));
  if (add.length > 0) create.push({ kind: 'alterEnum', name, add });
  // What is left of the old order may differ from the new one even where the values are the same.
  let rest = [...old];
  for (const { value, before } of add)
    rest.splice(before === undefined ? rest.length : rest.indexOf(before), 0, value);
  rest = rest.filter((value) => !gone.includes(value));
  const reordered = !deepEqual(rest, values);
  if (gone.length === 0 && !reordered) return;
  remove.push({
    kind: 'alterEnum',
    name,
    ...(gone.length > 0 && { remove: gone }),
    ...(reordered && { order: values }),
  });
}

/** Views, sequences and triggers: gone before the tables change, made when the tables are done. */
function diffObjects(
  a: Schema,
  b: Schema,
  droppedTables: ReadonlySet<string>,
): { readonly drop: Operation[]; readonly create: Operation[] } {
  const views = pairByKey(a.views, b.views, (view: View) => view.name);
  const added = new Set(views.added);
  const sequences = pairByKey(a.sequences, b.sequences, (sequence) => sequence.name);
  // A dropped table or view takes its triggers along.
  const gone = new Set([...droppedTables, ...views.dropped.map(({ name }) => name)]);
  const standing = a.triggers.filter((trigger) => !gone.has(trigger.table));
  const triggers = pairByKey(standing, b.triggers, (each: Trigger) =>
    JSON.stringify([each.table, each.name]),
  );
  const goneTriggers = [...triggers.dropped, ...triggers.changed.map(([from]) => from)];
  return {
    drop: [
      ...goneTriggers.map(({ name, table }): Operation => ({ kind: 'dropTrigger', name, table })),
      ...[...inOrderOfNeed(views.dropped)]
        .reverse()
        .map(({ name }): Operation => ({ kind: 'dropView', name })),
    ],
    create: [
      ...sequences.dropped.map(({ name }): Operation => ({ kind: 'dropSequence', name })),
      ...sequences.changed.map(([, sequence]): Operation => ({ kind: 'alterSequence', sequence })),
      ...sequences.added.map((sequence): Operation => ({ kind: 'createSequence', sequence })),
      ...inOrderOfNeed([...views.changed.map(([, view]) => view), ...views.added]).map(
        (view): Operation => ({ kind: added.has(view) ? 'createView' : 'replaceView', view }),
      ),
      ...[...triggers.changed.map(([, to]) => to), ...triggers.added].map(
        (trigger): Operation => ({ kind: 'createTrigger', trigger }),
      ),
    ],
  };
}
