/**
 * `reverse(schema, operations)`: the operations that undo operations, in the order to run them.
 *
 * Because the schema they start from is given, every operation has an opposite: what a drop takes away is
 * read from the schema just before it.
 */

import { applyTo } from './apply.js';
import { usesOf } from './column-uses.js';
import { findConstraint, SchemaDraft } from './draft.js';
import { additionsTo, alterEnumValues } from './enum-values.js';
import type { Column, Schema, Table } from './model.js';
import { byName } from './model.js';
import type { ColumnChange, ObjectOperation, Operation, OperationOf } from './operations.js';

/**
 * The way back: `apply(apply(a, ops), reverse(a, ops))` equals `a`.
 *
 * @param schema the schema before the operations
 * @throws what `apply` throws for the same operations
 */
export function reverse(schema: Schema, operations: readonly Operation[]): Operation[] {
  const draft = new SchemaDraft(schema);
  const undone: Operation[][] = [];
  for (const operation of operations) {
    undone.push(reverseOne(draft, operation));
    applyTo(draft, operation);
  }
  return undone.reverse().flat();
}

function reverseOne(before: SchemaDraft, op: Operation): Operation[] {
  switch (op.kind) {
    case 'createTable':
      // A step that found its table there did nothing, so there is nothing to undo.
      return before.tables.has(op.table.name) ? [] : [{ kind: 'dropTable', table: op.table.name }];
    case 'dropTable':
      return recreateTable(before, op);
    case 'renameTable':
      return [{ kind: 'renameTable', table: op.to, to: op.table }];
    case 'setTableComment': {
      const { comment } = before.table(op.table, op.kind);
      return [{ kind: op.kind, table: op.table, comment: comment ?? null }];
    }
    case 'setTableOptions': {
      const { options } = before.table(op.table, op.kind);
      return [{ kind: op.kind, table: op.table, options: options ?? {} }];
    }
    case 'addColumn': {
      const present = byName(before.table(op.table, op.kind).columns, op.column.name);
      return present ? [] : [{ kind: 'dropColumn', table: op.table, name: op.column.name }];
    }
    case 'dropColumn':
      return readdColumn(before, op);
    case 'renameColumn':
      return [{ kind: 'renameColumn', table: op.table, name: op.to, to: op.name }];
    case 'alterColumn': {
      const column = before.column(before.table(op.table, op.kind), op.name, op.kind);
      return [{ kind: 'alterColumn', table: op.table, name: op.name, change: changeBack(column, op.change) }];
    }
    case 'createPrimaryKey':
      return [{ kind: 'dropConstraint', table: op.table, name: op.primaryKey.name }];
    case 'createUnique':
      return [{ kind: 'dropConstraint', table: op.table, name: op.unique.name }];
    case 'createCheck':
      return [{ kind: 'dropConstraint', table: op.table, name: op.check.name }];
    case 'createForeignKey':
      return [{ kind: 'dropConstraint', table: op.table, name: op.foreignKey.name }];
    case 'createExclusion':
      return [{ kind: 'dropConstraint', table: op.table, name: op.exclusion.name }];
    case 'dropConstraint':
      return recreateConstraint(before.table(op.table, op.kind), op.name);
    case 'createIndex': {
      const present = byName(before.table(op.table, op.kind).indexes, op.index.name);
      return present ? [] : [{ kind: 'dropIndex', table: op.table, name: op.index.name }];
    }
    case 'dropIndex': {
      const index = byName(before.table(op.table, op.kind).indexes, op.name);
      return index ? [{ kind: 'createIndex', table: op.table, index }] : [];
    }
    case 'createEnum':
      return [{ kind: 'dropEnum', name: op.name }];
    case 'alterEnum':
      return alterEnumBack(before, op);
    case 'dropEnum': {
      const found = before.present(before.enums.get(op.name), 'enum', op.name, op.kind);
      return [{ kind: 'createEnum', name: op.name, values: found.values }];
    }
    default:
      return reverseObject(before, op);
  }
}

function reverseObject(before: SchemaDraft, op: ObjectOperation): Operation[] {
  switch (op.kind) {
    case 'createView':
      return [{ kind: 'dropView', name: op.view.name }];
    case 'replaceView':
      return [
        {
          kind: op.kind,
          view: before.present(before.views.get(op.view.name), 'view', op.view.name, op.kind),
        },
      ];
    case 'dropView':
      return [
        { kind: 'createView', view: before.present(before.views.get(op.name), 'view', op.name, op.kind) },
        ...recreateTriggers(before, op.name),
      ];
    case 'createSequence':
      return [{ kind: 'dropSequence', name: op.sequence.name }];
    case 'alterSequence': {
      const { name } = op.sequence;
      return [
        { kind: op.kind, sequence: before.present(before.sequences.get(name), 'sequence', name, op.kind) },
      ];
    }
    case 'dropSequence': {
      const sequence = before.present(before.sequences.get(op.name), 'sequence', op.name, op.kind);
      return [{ kind: 'createSequence', sequence }];
    }
    case 'createTrigger':
      return [{ kind: 'dropTrigger', name: op.trigger.name, table: op.trigger.table }];
    case 'dropTrigger': {
      const found = before.triggers.find((each) => each.name === op.name && each.table === op.table);
      return [
        { kind: 'createTrigger', trigger: before.present(found, 'trigger', op.name, op.kind, op.table) },
      ];
    }
    default:
      return op satisfies never;
  }
}

function recreateTable(before: SchemaDraft, op: OperationOf<'dropTable'>): Operation[] {
  const table = before.tables.get(op.table);
  if (table === undefined) return [];
  return [{ kind: 'createTable', table }, ...recreateTriggers(before, op.table)];
}

/** The triggers that went along with their table or view. */
function recreateTriggers(before: SchemaDraft, table: string): Operation[] {
  return before.triggers
    .filter((trigger) => trigger.table === table)
    .map((trigger) => ({ kind: 'createTrigger', trigger }));
}

/** The column again, with the constraints and indexes that went along with it. */
function readdColumn(before: SchemaDraft, op: OperationOf<'dropColumn'>): Operation[] {
  const table = before.table(op.table, op.kind);
  const column = byName(table.columns, op.name);
  if (column === undefined) return [];
  const uses = usesOf(table, op.name).filter((use) => use.alone);
  return [
    { kind: 'addColumn', table: op.table, column },
    ...uses.flatMap((use): Operation[] => {
      if (use.kind !== 'index') return recreateConstraint(table, use.name);
      const index = byName(table.indexes, use.name);
      return index ? [{ kind: 'createIndex', table: table.name, index }] : [];
    }),
  ];
}

function changeBack(column: Column, change: ColumnChange): ColumnChange {
  const back: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(change)) {
    if (value !== undefined) back[key] = column[key as keyof Column] ?? null;
  }
  return back as ColumnChange;
}

function recreateConstraint(table: Table, name: string): Operation[] {
  const kind = findConstraint(table, name);
  const find = <T extends { readonly name: string }>(list: readonly T[]): T => byName(list, name) as T;
  switch (kind) {
    case 'primaryKey':
      return table.primaryKey
        ? [{ kind: 'createPrimaryKey', table: table.name, primaryKey: table.primaryKey }]
        : [];
    case 'unique':
      return [{ kind: 'createUnique', table: table.name, unique: find(table.uniques) }];
    case 'check':
      return [{ kind: 'createCheck', table: table.name, check: find(table.checks) }];
    case 'foreignKey':
      return [{ kind: 'createForeignKey', table: table.name, foreignKey: find(table.foreignKeys) }];
    case 'exclusion':
      return [{ kind: 'createExclusion', table: table.name, exclusion: find(table.exclusions) }];
    case undefined:
      return [];
    default:
      return kind satisfies never;
  }
}

function alterEnumBack(before: SchemaDraft, op: OperationOf<'alterEnum'>): Operation[] {
  const { name } = op;
  const found = before.present(before.enums.get(name), 'enum', name, op.kind);
  const after = alterEnumValues(found, op);
  const added = (op.add ?? []).map((addition) => addition.value);
  // What was renamed and then removed comes back under its old name at once.
  const renames = Object.entries(op.rename ?? {}).filter(([, to]) => !op.remove?.includes(to));
  const oldName = new Map(renames.map(([from, to]) => [to, from]));
  const restored = after
    .filter((value) => !added.includes(value))
    .map((value) => oldName.get(value) ?? value);
  const remove = added.length > 0 && { remove: added };
  const rest = {
    ...(renames.length > 0 && { rename: Object.fromEntries(oldName) }),
    ...(op.remove && { add: additionsTo(restored, found.values) }),
    ...(op.order && { order: found.values }),
  };
  // Renaming comes first within a step; an old name that was given to a new value must be free by then.
  if (remove && renames.some(([from]) => added.includes(from))) {
    return [
      { kind: 'alterEnum', name, ...remove },
      { kind: 'alterEnum', name, ...rest },
    ];
  }
  return [{ kind: 'alterEnum', name, ...rest, ...remove }];
}
