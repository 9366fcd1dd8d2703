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
import {
  defaultForeignKeyName,
  defaultIndexName,
  defaultName,
  isDefaultCheckName,
} from '../../schema/naming.js';
import type { ComparedPart, ExpressionPlace, NamedKind, Sameness } from '../../schema/reconcile.js';
import type { CanonicalForms } from '../contract.js';

/** An expression's place; of a default or a generated value also the column. */
export type SettledPlace =
  | ExpressionPlace
  | { readonly kind: 'default' | 'generated'; readonly owner: string; readonly column: string };

/** What the database has said of expressions whose words differ. */
export interface SettledTexts {
  /** @param canonical the canonical form, given back where nothing was asked about it */
  text(place: SettledPlace, canonical: string): string;
}

/** The sameness of a dialect, with what the database itself has settled. */
export function samenessOf(canonical: CanonicalForms, settled?: SettledTexts): Sameness {
  return {
    columnPart: (part, column, table, schema) => {
      const text = columnPart(canonical, part, { column, table, schema });
      if (settled === undefined || (part !== 'default' && part !== 'generated')) return text;
      return settled.text({ kind: part, owner: table.name, column: column.name }, text);
    },
    expression: (sql, place) => {
      const text = canonical.expression(sql);
      return settled === undefined ? text : settled.text(place, text);
    },
    comment: (comment) => canonical.comment(comment),
    tableOptions: (table) => canonical.tableOptions(table),
    collation: (collation) => canonical.collation(collation),
    serves: (found, wanted) => canonical.serves?.(found, wanted) ?? false,
    action: (action) => canonical.action?.(action) ?? action ?? '',
    indexOptions: (index) => canonical.indexOptions(index),
    uniquesAreIndexes: canonical.uniquesAreIndexes === true,
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
      return key.name === defaultForeignKeyName(table.name, key.columns, key.refTable);
    }
    case 'index':
      return item.name === defaultIndexName(table.name, (item as Index).columns);
    case 'check':
      return isDefaultCheckName(
        item as Check,
        table.name,
        table.columns.map((column) => column.name),
      );
    case 'exclusion':
      return false;
    default:
      return kind satisfies never;
  }
}
