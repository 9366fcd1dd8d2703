/**
 * A schema under construction: the same tables as in `Schema`, reachable by name, replaced one by one.
 *
 * `apply` works on a draft so that a thousand operations cost a thousand steps; every value in it stays
 * immutable, only the maps change. Looking something up that is not there throws and names it.
 */

import { error } from '../base/error-codes.js';
import type { Column, ConstraintKind, Enum, Schema, Sequence, Table, Trigger, View } from './model.js';
import { byName } from './model.js';
import { normalize } from './normalize.js';

export class SchemaDraft {
  readonly tables: Map<string, Table>;
  readonly enums: Map<string, Enum>;
  readonly views: Map<string, View>;
  readonly sequences: Map<string, Sequence>;
  triggers: Trigger[];

  constructor(schema: Schema) {
    this.tables = new Map(schema.tables.map((table) => [table.name, table]));
    this.enums = new Map(schema.enums.map((item) => [item.name, item]));
    this.views = new Map(schema.views.map((view) => [view.name, view]));
    this.sequences = new Map(schema.sequences.map((sequence) => [sequence.name, sequence]));
    this.triggers = [...schema.triggers];
  }

  finish(): Schema {
    return normalize({
      tables: [...this.tables.values()],
      enums: [...this.enums.values()],
      views: [...this.views.values()],
      sequences: [...this.sequences.values()],
      triggers: this.triggers,
    });
  }

  /** @throws SCHEMA_OBJECT_MISSING */
  table(name: string, operation: string): Table {
    return this.present(this.tables.get(name), 'table', name, operation);
  }

  column(table: Table, name: string, operation: string): Column {
    return this.present(byName(table.columns, name), 'column', name, operation, table.name);
  }

  present<T>(found: T | undefined, object: string, name: string, operation: string, table?: string): T {
    if (found === undefined) throw error('SCHEMA_OBJECT_MISSING', { operation, object, name, table });
    return found;
  }

  absent(found: unknown, object: string, name: string, operation: string, table?: string): void {
    if (found !== undefined) throw error('SCHEMA_OBJECT_EXISTS', { operation, object, name, table });
  }

  replace(table: Table): void {
    this.tables.set(table.name, table);
  }

  /** Foreign keys of all tables that refer to one, with the table that holds them. */
  referencesTo(name: string): { readonly table: Table; readonly key: Table['foreignKeys'][number] }[] {
    const found = [];
    for (const table of this.tables.values()) {
      for (const key of table.foreignKeys) if (key.refTable === name) found.push({ table, key });
    }
    return found;
  }
}

/** A constraint of a table with the kind that it is of. */
export function findConstraint(table: Table, name: string): ConstraintKind | undefined {
  if (table.primaryKey?.name === name) return 'primaryKey';
  if (byName(table.uniques, name)) return 'unique';
  if (byName(table.checks, name)) return 'check';
  if (byName(table.foreignKeys, name)) return 'foreignKey';
  if (byName(table.exclusions, name)) return 'exclusion';
  return undefined;
}
