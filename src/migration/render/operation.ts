/** Operations as calls of `op`, in the words of a migration file; the inverse of `column-options.ts`. */

import { compact } from '../../base/structure.js';
import type { SchemaDraft } from '../../schema/draft.js';
import type {
  Column,
  ColumnDefault,
  Deferrable,
  ForeignKey,
  Index,
  IndexColumn,
  Table,
} from '../../schema/model.js';
import type { ColumnChange, OperationOf, StepOptions } from '../../schema/operations.js';
import { typeOptions } from '../column-options.js';
import type { RevisionOperation } from '../hooks/types.js';
import { flatLiteral, literal, RawSql } from './literal.js';

/**
 * One operation as a statement.
 *
 * @param schema the schema after the operation, for the values and users of enums
 * @param indent blanks before it
 */
export function renderOperation(operation: RevisionOperation, schema: SchemaDraft, indent: number): string {
  const [directive, ...values] = callOf(operation, schema);
  while (values.length > 0 && values.at(-1) === undefined) values.pop();
  const start = `op.${directive}(`;
  return `${' '.repeat(indent)}${start}${renderArguments(values, indent, start.length)});`;
}

function renderArguments(values: readonly unknown[], indent: number, before: number): string {
  const flat = values.map((value) => flatLiteral(value)).join(', ');
  if (indent + before + flat.length + 2 <= 100) return flat;
  // All but the last stay on the line, as formatters leave them; the last one is broken into lines.
  const head = values
    .slice(0, -1)
    .map((value) => `${flatLiteral(value)}, `)
    .join('');
  return head + literal(values.at(-1), indent, before + head.length);
}

type Call = readonly [directive: string, ...values: unknown[]];

function callOf(op: RevisionOperation, schema: SchemaDraft): Call {
  switch (op.kind) {
    case 'createTable':
      return ['createTable', op.table.name, tableShape(op.table, schema, op.options)];
    case 'dropTable':
      return ['dropTable', op.table, optional(op.options)];
    case 'renameTable':
      return ['renameTable', op.table, op.to];
    case 'setTableComment':
      return ['setTableComment', op.table, op.comment];
    case 'setTableOptions':
      return ['setTableOptions', op.table, op.options];
    case 'addColumn': {
      const fill = op.fill && defaultOption(op.fill);
      return [
        'addColumn',
        op.table,
        op.column.name,
        columnShape(op.column, schema),
        optional({ fill, ...op.options }),
      ];
    }
    case 'dropColumn':
      return ['dropColumn', op.table, op.name, optional(op.options)];
    case 'renameColumn':
      return ['renameColumn', op.table, op.name, op.to];
    case 'alterColumn':
      return ['alterColumn', op.table, op.name, alteration(op, schema)];
    case 'createPrimaryKey':
      return ['createPrimaryKey', op.primaryKey.name, op.table, op.primaryKey.columns];
    case 'createUnique': {
      const { name, columns, deferrable, nullsNotDistinct } = op.unique;
      return [
        'createUniqueConstraint',
        name,
        op.table,
        columns,
        optional({ deferrable: deferrableShape(deferrable), nullsNotDistinct }),
      ];
    }
    case 'createForeignKey': {
      const { name, columns, refTable, refColumns } = op.foreignKey;
      return [
        'createForeignKey',
        name,
        op.table,
        columns,
        refTable,
        refColumns,
        optional(keyOptions(op.foreignKey)),
      ];
    }
    case 'createCheck':
      return ['createCheckConstraint', op.check.name, op.table, op.check.expression];
    case 'createExclusion': {
      const { name, elements, method, where, deferrable } = op.exclusion;
      return [
        'createExclusionConstraint',
        name,
        op.table,
        elements,
        optional({ method, where, deferrable: deferrableShape(deferrable) }),
      ];
    }
    case 'dropConstraint':
      return ['dropConstraint', op.name, op.table, optional(op.options)];
    case 'createIndex': {
      const { name, columns, ...options } = indexShape(op.index);
      return ['createIndex', name, op.table, columns, optional({ ...options, ...op.options })];
    }
    case 'dropIndex':
      return ['dropIndex', op.name, op.table, optional(op.options)];
    case 'createEnum':
      return ['createEnum', op.name, op.values];
    case 'alterEnum':
      return ['alterEnum', op.name, enumAlteration(op, schema)];
    case 'dropEnum':
      return ['dropEnum', op.name];
    case 'createView':
      return ['createView', op.view.name, op.view.query, optional({ materialized: op.view.materialized })];
    case 'replaceView':
      return ['replaceView', op.view.name, op.view.query, optional({ materialized: op.view.materialized })];
    case 'dropView':
      return ['dropView', op.name];
    case 'createSequence':
    case 'alterSequence': {
      const { name, ...options } = op.sequence;
      return [op.kind, name, optional(options)];
    }
    case 'dropSequence':
      return ['dropSequence', op.name];
    case 'createTrigger':
      return ['createTrigger', op.trigger.name, op.trigger.table, op.trigger.sql];
    case 'dropTrigger':
      return ['dropTrigger', op.name, op.table];
    case 'invoke':
    case 'revoke':
      return [op.kind, op.name, op.args];
    default:
      return op satisfies never;
  }
}

/** Options as the last argument: left out when there are none. */
function optional(options: object | undefined): object | undefined {
  const present = compact(options ?? {});
  return Object.keys(present).length === 0 ? undefined : present;
}

function tableShape(table: Table, schema: SchemaDraft, options: StepOptions | undefined): object {
  return {
    columns: Object.fromEntries(table.columns.map((column) => [column.name, columnShape(column, schema)])),
    primaryKey: table.primaryKey && { columns: table.primaryKey.columns, name: table.primaryKey.name },
    uniques: filled(
      table.uniques.map(({ columns, name, deferrable, nullsNotDistinct }) => ({
        columns,
        name,
        deferrable: deferrableShape(deferrable),
        nullsNotDistinct,
      })),
    ),
    checks: filled(table.checks.map(({ expression, name }) => ({ expression, name }))),
    foreignKeys: filled(
      table.foreignKeys.map((key) => ({
        columns: key.columns,
        refTable: key.refTable,
        refColumns: key.refColumns,
        name: key.name,
        ...keyOptions(key),
      })),
    ),
    indexes: filled(table.indexes.map((index) => indexShape(index))),
    comment: table.comment,
    options: table.options,
    ...options,
  };
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function keyOptions(key: ForeignKey): object {
  return { onDelete: key.onDelete, onUpdate: key.onUpdate, deferrable: deferrableShape(key.deferrable) };
}

function deferrableShape(deferrable: Deferrable | undefined): string | undefined {
  return deferrable && `INITIALLY ${deferrable.toUpperCase()}`;
}

function indexShape(index: Index): { readonly name: string; readonly columns: unknown } {
  const { name, columns, unique, where, method, include, nullsNotDistinct, options } = index;
  return {
    columns: columns.map(indexPart),
    name,
    ...compact({ unique: unique || undefined, where, method, include, nullsNotDistinct, options }),
  };
}

function indexPart(part: IndexColumn): unknown {
  if (!('column' in part)) return part;
  const { column, ...rest } = part;
  return Object.keys(rest).length === 0 ? column : { name: column, ...rest };
}

function columnShape(column: Column, schema: SchemaDraft): object {
  return {
    ...typeShape(column.type, schema),
    ...(column.nullable && { nullable: true }),
    default: column.default && defaultOption(column.default),
    generated: column.autoIncrement,
    ...(column.generated && generatedShape(column.generated)),
    collation: column.collation,
    comment: column.comment,
    options: column.options,
  };
}

function typeShape(type: Column['type'], schema: SchemaDraft): object {
  let element = type;
  while (element.kind === 'array') element = element.of;
  const values = element.kind === 'enum' ? schema.enums.get(element.name)?.values : undefined;
  return { ...typeOptions(type), ...(values && { enum: values }) };
}

function generatedShape(generated: NonNullable<Column['generated']>): object {
  return { asExpression: generated.sql, generatedType: generated.stored ? 'STORED' : 'VIRTUAL' };
}

/** A default in the option's words: a literal, or SQL as a function's result. */
export function defaultOption(value: ColumnDefault): unknown {
  return value.kind === 'literal' ? value.value : new RawSql(value.sql);
}

function alteration(op: OperationOf<'alterColumn'>, schema: SchemaDraft): object {
  const { type, default: defaultValue, generated, autoIncrement, ...rest } = op.change as ColumnChange;
  return {
    ...(type && typeShape(type, schema)),
    ...rest,
    ...(defaultValue !== undefined && {
      default: defaultValue === null ? null : defaultOption(defaultValue),
    }),
    ...(generated !== undefined && (generated === null ? { asExpression: null } : generatedShape(generated))),
    ...(autoIncrement !== undefined && { generated: autoIncrement }),
    using: op.using,
    ...op.options,
  };
}

function enumAlteration(op: OperationOf<'alterEnum'>, schema: SchemaDraft): object {
  const columns = [...schema.tables.values()].flatMap((table) =>
    table.columns
      .filter(({ type }) => type.kind === 'enum' && type.name === op.name)
      .map((column) => `${table.name}.${column.name}`),
  );
  return {
    add: op.add?.map((each) => (each.before === undefined ? each.value : each)),
    rename: op.rename,
    remove: op.remove,
    order: op.order,
    columns: filled(columns),
  };
}
