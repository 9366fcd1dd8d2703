/**
 * How a dialect sees definitions, in the form in which `reconcile` asks: the canonical forms of its pack,
 * plus what is the same on every database (which names nobody chose).
 */

import type {
  Check,
  Column,
  ForeignKey,
  Index,
  PrimaryKey,
  Schema,
  Table,
  Unique,
} from '../../schema/model.js';
import { defaultIndexName, defaultName, isDefaultCheckName } from '../../schema/naming.js';
import type { ComparedPart, NamedKind, Sameness } from '../../schema/reconcile.js';
import type { CanonicalForms } from '../contract.js';

/** The sameness of a dialect. */
export function samenessOf(canonical: CanonicalForms): Sameness {
  return {
    columnPart: (part, column, table, schema) => columnPart(canonical, part, { column, table, schema }),
    expression: (sql) => canonical.expression(sql),
    comment: (comment) => canonical.comment(comment),
    tableOptions: (table) => canonical.tableOptions(table),
    collation: (collation) => canonical.collation(collation),
    indexOptions: (index) => canonical.indexOptions(index),
    isDefaultName,
  };
}

interface Place {
  readonly column: Column;
  readonly table: Table;
  readonly schema: Schema;
}

function columnPart(canonical: CanonicalForms, part: ComparedPart, { column, table, schema }: Place): string {
  switch (part) {
    case 'type': {
      const text = canonical.type(column.type, schema, { column, table });
      // The values are the enum's own matter; which enum it is, is the column's.
      return column.type.kind === 'enum' ? `${text} ${JSON.stringify(column.type.name)}` : text;
    }
    case 'default':
      return canonical.default(column);
    case 'generated':
      if (column.generated === undefined) return '';
      return `${column.generated.stored ? 'stored' : 'virtual'} ${canonical.expression(column.generated.sql)}`;
    case 'autoIncrement':
      return canonical.autoIncrement(column, table);
    case 'collation':
      return canonical.collation(column.collation);
    case 'options':
      return canonical.columnOptions(column, table);
    case 'comment':
      return canonical.comment(column.comment);
    default:
      return part satisfies never;
  }
}

function isDefaultName(kind: NamedKind, table: Table, item: { readonly name: string }): boolean {
  switch (kind) {
    case 'primaryKey':
      return (item as PrimaryKey).name === defaultName('pk', table.name);
    case 'unique':
      return item.name === defaultName('uq', table.name, (item as Unique).columns);
    case 'foreignKey': {
      const key = item as ForeignKey;
      return key.name === defaultName('fk', table.name, [...key.columns, key.refTable]);
    }
    case 'index':
      return item.name === defaultIndexName(table.name, (item as Index).columns);
    case 'check':
      return isDefaultCheckName(
        item as Check,
        table.name,
        table.columns.map((column) => column.name),
      );
    default:
      return kind satisfies never;
  }
}
