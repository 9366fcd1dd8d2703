/**
 * `apply(schema, operations)`: what a schema is after operations, without a database.
 *
 * It gives operations their meaning: replay, dry runs, the target of an SQLite rebuild and the checks of
 * what a person wrote by hand all come from here. A wrong operation throws and names what is missing.
 */

import { error } from '../base/error-codes.js';
import { compact } from '../base/structure.js';
import { type ColumnUse, renameColumnIn, usesOf } from './column-uses.js';
import { findConstraint, SchemaDraft } from './draft.js';
import { alterEnumValues } from './enum-values.js';
import type { Column, ForeignKey, Schema, Table } from './model.js';
import { byName } from './model.js';
import { normalizeTable } from './normalize.js';
import type { ColumnChange, ObjectOperation, Operation, OperationOf } from './operations.js';

/**
 * The schema after the operations, in normal form.
 *
 * @param schema not mutated
 * @param operations in the order in which they run
 * @throws SCHEMA_OBJECT_MISSING, SCHEMA_OBJECT_EXISTS, SCHEMA_OBJECT_IN_USE naming operation and object
 */
export function apply(schema: Schema, operations: readonly Operation[]): Schema {
  const draft = new SchemaDraft(schema);
  for (const operation of operations) applyTo(draft, operation);
  return draft.finish();
}

/** Applies one operation to a draft. */
export function applyTo(draft: SchemaDraft, op: Operation): void {
  switch (op.kind) {
    case 'createTable':
      return createTable(draft, op);
    case 'dropTable':
      return dropTable(draft, op);
    case 'renameTable':
      return renameTable(draft, op);
    case 'setTableComment':
      return change(draft, op, (table) => withOrWithout(table, 'comment', op.comment ?? undefined));
    case 'setTableOptions': {
      const options = Object.keys(op.options).length === 0 ? undefined : op.options;
      return change(draft, op, (table) => withOrWithout(table, 'options', options));
    }
    case 'addColumn':
      return addColumn(draft, op);
    case 'dropColumn':
      return dropColumn(draft, op);
    case 'renameColumn':
      return renameColumn(draft, op);
    case 'alterColumn':
      return change(draft, op, (table) => {
        const column = draft.column(table, op.name, op.kind);
        const altered = changedColumn(column, op.change);
        requireEnum(draft, altered, op.kind);
        return { ...table, columns: table.columns.map((each) => (each === column ? altered : each)) };
      });
    case 'createPrimaryKey':
      return change(draft, op, (table) => {
        draft.absent(table.primaryKey, 'primary key', op.primaryKey.name, op.kind, table.name);
        return newConstraint(draft, op.kind, table, op.primaryKey, { primaryKey: op.primaryKey });
      });
    case 'createUnique':
      return change(draft, op, (table) =>
        newConstraint(draft, op.kind, table, op.unique, { uniques: [...table.uniques, op.unique] }),
      );
    case 'createCheck':
      return change(draft, op, (table) =>
        newConstraint(draft, op.kind, table, op.check, { checks: [...table.checks, op.check] }),
      );
    case 'createExclusion':
      return change(draft, op, (table) =>
        newConstraint(draft, op.kind, table, op.exclusion, {
          exclusions: [...table.exclusions, op.exclusion],
        }),
      );
    case 'createForeignKey':
      return change(draft, op, (table) => {
        requireTarget(draft, op.foreignKey, table, op.kind);
        return newConstraint(draft, op.kind, table, op.foreignKey, {
          foreignKeys: [...table.foreignKeys, op.foreignKey],
        });
      });
    case 'dropConstraint':
      return dropConstraint(draft, op);
    case 'createIndex':
      return createIndex(draft, op);
    case 'dropIndex':
      return dropIndex(draft, op);
    case 'createEnum':
      draft.absent(draft.enums.get(op.name), 'enum', op.name, op.kind);
      draft.enums.set(op.name, { name: op.name, values: op.values });
      return;
    case 'alterEnum': {
      const found = draft.present(draft.enums.get(op.name), 'enum', op.name, op.kind);
      draft.enums.set(op.name, { name: op.name, values: alterEnumValues(found, op) });
      return;
    }
    case 'dropEnum':
      return dropEnum(draft, op);
    default:
      return applyToObject(draft, op);
  }
}

function applyToObject(draft: SchemaDraft, op: ObjectOperation): void {
  switch (op.kind) {
    case 'createView':
      draft.absent(
        draft.views.get(op.view.name) ?? draft.tables.get(op.view.name),
        'view',
        op.view.name,
        op.kind,
      );
      draft.views.set(op.view.name, op.view);
      return;
    case 'replaceView':
      draft.present(draft.views.get(op.view.name), 'view', op.view.name, op.kind);
      draft.views.set(op.view.name, op.view);
      return;
    case 'dropView':
      draft.present(draft.views.get(op.name), 'view', op.name, op.kind);
      draft.views.delete(op.name);
      draft.triggers = draft.triggers.filter((trigger) => trigger.table !== op.name);
      return;
    case 'createSequence':
      draft.absent(draft.sequences.get(op.sequence.name), 'sequence', op.sequence.name, op.kind);
      draft.sequences.set(op.sequence.name, op.sequence);
      return;
    case 'alterSequence':
      draft.present(draft.sequences.get(op.sequence.name), 'sequence', op.sequence.name, op.kind);
      draft.sequences.set(op.sequence.name, op.sequence);
      return;
    case 'dropSequence':
      draft.present(draft.sequences.get(op.name), 'sequence', op.name, op.kind);
      draft.sequences.delete(op.name);
      return;
    case 'createTrigger': {
      const { name, table } = op.trigger;
      if (!draft.views.has(table)) draft.table(table, op.kind);
      draft.absent(
        draft.triggers.find((each) => each.name === name && each.table === table),
        'trigger',
        name,
        op.kind,
        table,
      );
      draft.triggers.push(op.trigger);
      return;
    }
    case 'dropTrigger': {
      const found = draft.triggers.find((each) => each.name === op.name && each.table === op.table);
      draft.present(found, 'trigger', op.name, op.kind, op.table);
      draft.triggers = draft.triggers.filter((each) => each !== found);
      return;
    }
    default:
      op satisfies never;
  }
}

function change(
  draft: SchemaDraft,
  op: { readonly kind: string; readonly table: string },
  make: (table: Table) => Table,
): void {
  draft.replace(normalizeTable(make(draft.table(op.table, op.kind))));
}

function withOrWithout<K extends 'comment' | 'options'>(
  table: Table,
  key: K,
  value: Table[K] | undefined,
): Table {
  const { [key]: _, ...rest } = table;
  return (value === undefined ? rest : { ...rest, [key]: value }) as Table;
}

function createTable(draft: SchemaDraft, op: OperationOf<'createTable'>): void {
  const { table } = op;
  const present = draft.tables.get(table.name);
  if (present !== undefined && op.options?.ifNotExists) return;
  draft.absent(present ?? draft.views.get(table.name), 'table', table.name, op.kind);
  for (const column of table.columns) requireEnum(draft, column, op.kind);
  for (const key of table.foreignKeys) requireTarget(draft, key, table, op.kind);
  const parts = [...(table.primaryKey ? [table.primaryKey] : []), ...table.uniques, ...table.foreignKeys];
  for (const part of parts) requireColumns(draft, table, part.columns, op.kind);
  for (const index of table.indexes) requireIndexColumns(draft, table, index, op.kind);
  draft.replace(normalizeTable(table));
}

function dropTable(draft: SchemaDraft, op: OperationOf<'dropTable'>): void {
  if (op.options?.ifExists && !draft.tables.has(op.table)) return;
  draft.table(op.table, op.kind);
  const others = draft.referencesTo(op.table).filter(({ table }) => table.name !== op.table);
  if (others.length > 0) {
    const usedBy = others.map(({ table, key }) => `foreign key '${key.name}' of table '${table.name}'`);
    throw error('SCHEMA_OBJECT_IN_USE', { operation: op.kind, object: 'table', name: op.table, usedBy });
  }
  draft.tables.delete(op.table);
  draft.triggers = draft.triggers.filter((trigger) => trigger.table !== op.table);
}

function renameTable(draft: SchemaDraft, op: OperationOf<'renameTable'>): void {
  const table = draft.table(op.table, op.kind);
  draft.absent(draft.tables.get(op.to) ?? draft.views.get(op.to), 'table', op.to, op.kind);
  draft.tables.delete(op.table);
  draft.replace({ ...table, name: op.to });
  for (const { table: holder } of draft.referencesTo(op.table)) {
    const foreignKeys = holder.foreignKeys.map((key) =>
      key.refTable === op.table ? { ...key, refTable: op.to } : key,
    );
    draft.replace({ ...holder, foreignKeys });
  }
  draft.triggers = draft.triggers.map((each) => (each.table === op.table ? { ...each, table: op.to } : each));
}

function addColumn(draft: SchemaDraft, op: OperationOf<'addColumn'>): void {
  change(draft, op, (table) => {
    const present = byName(table.columns, op.column.name);
    if (present !== undefined && op.options?.ifNotExists) return table;
    draft.absent(present, 'column', op.column.name, op.kind, table.name);
    requireEnum(draft, op.column, op.kind);
    return { ...table, columns: [...table.columns, op.column] };
  });
}

const USE_WORDS: Readonly<Record<ColumnUse['kind'], string>> = {
  primaryKey: 'primary key',
  unique: 'unique',
  check: 'check',
  foreignKey: 'foreign key',
  exclusion: 'exclusion',
  index: 'index',
  generated: 'generated column',
};

function dropColumn(draft: SchemaDraft, op: OperationOf<'dropColumn'>): void {
  const table = draft.table(op.table, op.kind);
  if (op.options?.ifExists && !byName(table.columns, op.name)) return;
  draft.column(table, op.name, op.kind);
  const uses = usesOf(table, op.name);
  const usedBy = uses.filter((use) => !use.alone).map((use) => `${USE_WORDS[use.kind]} '${use.name}'`);
  for (const { table: holder, key } of draft.referencesTo(op.table)) {
    const alone = holder.name === op.table && key.columns.length === 1 && key.columns[0] === op.name;
    if (key.refColumns.includes(op.name) && !alone) {
      usedBy.push(`foreign key '${key.name}' of table '${holder.name}'`);
    }
  }
  if (usedBy.length > 0) {
    const name = `${op.table}.${op.name}`;
    throw error('SCHEMA_OBJECT_IN_USE', { operation: op.kind, object: 'column', name, usedBy });
  }
  draft.replace(normalizeTable(withoutColumn(table, op.name, uses)));
}

/** A table without a column and without the constraints and indexes that were on it alone. */
function withoutColumn(table: Table, column: string, uses: readonly ColumnUse[]): Table {
  // An index may have the name of a constraint.
  const kept = <T extends { readonly name: string }>(kind: ColumnUse['kind'], list: readonly T[]): T[] =>
    list.filter((item) => !uses.some((use) => use.kind === kind && use.name === item.name));
  const { primaryKey, ...rest } = table;
  return {
    ...rest,
    columns: table.columns.filter((each) => each.name !== column),
    ...(primaryKey && !primaryKey.columns.includes(column) && { primaryKey }),
    uniques: kept('unique', table.uniques),
    checks: kept('check', table.checks),
    foreignKeys: kept('foreignKey', table.foreignKeys),
    exclusions: kept('exclusion', table.exclusions),
    indexes: kept('index', table.indexes),
  };
}

function renameColumn(draft: SchemaDraft, op: OperationOf<'renameColumn'>): void {
  const table = draft.table(op.table, op.kind);
  draft.column(table, op.name, op.kind);
  draft.absent(byName(table.columns, op.to), 'column', op.to, op.kind, op.table);
  draft.replace(renameColumnIn(table, op.name, op.to));
  for (const { table: holder } of draft.referencesTo(op.table)) {
    if (holder.name === op.table) continue;
    const foreignKeys = holder.foreignKeys.map((key) =>
      key.refTable === op.table
        ? { ...key, refColumns: key.refColumns.map((name) => (name === op.name ? op.to : name)) }
        : key,
    );
    draft.replace({ ...holder, foreignKeys });
  }
}

/** A column after a change. */
export function changedColumn(column: Column, change: ColumnChange): Column {
  const { type, nullable, ...others } = change;
  const kept = Object.entries({ ...column, ...compact(others) }).filter(([, value]) => value !== null);
  return {
    ...(Object.fromEntries(kept) as unknown as Column),
    type: type ?? column.type,
    nullable: nullable ?? column.nullable,
  };
}

function newConstraint(
  draft: SchemaDraft,
  operation: string,
  table: Table,
  constraint: { readonly name: string; readonly columns?: readonly string[] },
  parts: Partial<Table>,
): Table {
  const present = findConstraint(table, constraint.name);
  draft.absent(present, 'constraint', constraint.name, operation, table.name);
  if (constraint.columns) requireColumns(draft, table, constraint.columns, operation);
  return { ...table, ...parts };
}

function dropConstraint(draft: SchemaDraft, op: OperationOf<'dropConstraint'>): void {
  const table = draft.table(op.table, op.kind);
  const kind = findConstraint(table, op.name);
  if (kind === undefined && op.options?.ifExists) return;
  draft.present(kind, 'constraint', op.name, op.kind, op.table);
  draft.replace(withoutConstraint(table, op.name));
}

/** A table without the constraint of a name. */
export function withoutConstraint(table: Table, name: string): Table {
  const { primaryKey, ...rest } = table;
  const kept = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
    list.filter((item) => item.name !== name);
  return {
    ...rest,
    ...(primaryKey && primaryKey.name !== name && { primaryKey }),
    uniques: kept(table.uniques),
    checks: kept(table.checks),
    foreignKeys: kept(table.foreignKeys),
    exclusions: kept(table.exclusions),
  };
}

function createIndex(draft: SchemaDraft, op: OperationOf<'createIndex'>): void {
  change(draft, op, (table) => {
    const present = byName(table.indexes, op.index.name);
    if (present !== undefined && op.options?.ifNotExists) return table;
    draft.absent(present, 'index', op.index.name, op.kind, table.name);
    requireIndexColumns(draft, table, op.index, op.kind);
    return { ...table, indexes: [...table.indexes, op.index] };
  });
}

function dropIndex(draft: SchemaDraft, op: OperationOf<'dropIndex'>): void {
  change(draft, op, (table) => {
    const present = byName(table.indexes, op.name);
    if (present === undefined && op.options?.ifExists) return table;
    draft.present(present, 'index', op.name, op.kind, table.name);
    return { ...table, indexes: table.indexes.filter((index) => index !== present) };
  });
}

function dropEnum(draft: SchemaDraft, op: OperationOf<'dropEnum'>): void {
  draft.present(draft.enums.get(op.name), 'enum', op.name, op.kind);
  const usedBy: string[] = [];
  for (const table of draft.tables.values()) {
    for (const column of table.columns) {
      if (enumOf(column) === op.name) usedBy.push(`column '${table.name}.${column.name}'`);
    }
  }
  if (usedBy.length > 0) {
    throw error('SCHEMA_OBJECT_IN_USE', { operation: op.kind, object: 'enum', name: op.name, usedBy });
  }
  draft.enums.delete(op.name);
}

/** The enum that a column's values come from, also inside an array. */
export function enumOf(column: Column): string | undefined {
  let type = column.type;
  while (type.kind === 'array') type = type.of;
  return type.kind === 'enum' ? type.name : undefined;
}

function requireEnum(draft: SchemaDraft, column: Column, operation: string): void {
  const name = enumOf(column);
  if (name !== undefined) draft.present(draft.enums.get(name), 'enum', name, operation);
}

function requireColumns(
  draft: SchemaDraft,
  table: Table,
  columns: readonly string[],
  operation: string,
): void {
  for (const name of columns) draft.column(table, name, operation);
}

function requireIndexColumns(
  draft: SchemaDraft,
  table: Table,
  index: Table['indexes'][number],
  op: string,
): void {
  for (const part of index.columns) if ('column' in part) draft.column(table, part.column, op);
  requireColumns(draft, table, index.include ?? [], op);
}

function requireTarget(draft: SchemaDraft, key: ForeignKey, holder: Table, operation: string): void {
  const target = key.refTable === holder.name ? holder : draft.table(key.refTable, operation);
  requireColumns(draft, target, key.refColumns, operation);
}
