/**
 * A schema as an entity-relationship diagram: boxes with rows, and links between them, all of it text by now. The
 * writers of every format start from here.
 */

import type { Column, ColumnType, ForeignKey, Index, Schema, Table } from '../../schema/model.js';

/** What a revision does to a thing. */
export type Mark = 'added' | 'removed' | 'changed';

export type KeyKind = 'PK' | 'FK' | 'UK';

export interface DiagramColumn {
  readonly name: string;
  /** `varchar(200)`; empty for the value of an enum. */
  readonly type: string;
  readonly nullable: boolean;
  readonly keys: readonly KeyKind[];
  /** `authors.id`, for each foreign key that the column is part of. */
  readonly references: readonly string[];
  readonly default?: string;
  /** The expression that makes its value. */
  readonly generated?: string;
  readonly comment?: string;
  readonly mark?: Mark;
  /** What it was before the revision, where it is another by now. */
  readonly was?: string;
}

export interface DiagramTable {
  /** `outside`: a table that a foreign key leads to and the schema does not have. */
  readonly kind: 'table' | 'view' | 'enum' | 'outside';
  readonly name: string;
  readonly columns: readonly DiagramColumn[];
  /** Indexes and constraints, a line each. */
  readonly details: readonly string[];
  readonly comment?: string;
  /** Of a view. */
  readonly query?: string;
  readonly mark?: Mark;
  readonly was?: string;
}

/** A foreign key. */
export interface DiagramLink {
  readonly name: string;
  readonly from: string;
  readonly columns: readonly string[];
  readonly to: string;
  readonly refColumns: readonly string[];
  /** Whether at most one row refers to another. */
  readonly isUnique: boolean;
  /** Whether a row may refer to none. */
  readonly isOptional: boolean;
  readonly mark?: Mark;
}

export interface Diagram {
  readonly title: string;
  readonly tables: readonly DiagramTable[];
  readonly links: readonly DiagramLink[];
}

export interface DiagramOptions {
  readonly title: string;
  /** Whose native types are told. */
  readonly dialect?: string | undefined;
}

/** The diagram of a schema. */
export function diagramOf(schema: Schema, options: DiagramOptions): Diagram {
  const names = new Set(schema.tables.map(({ name }) => name));
  const links = schema.tables.flatMap((table) => table.foreignKeys.map((key) => linkOf(table, key)));
  const outside = [...new Set(links.map(({ to }) => to))].filter((name) => !names.has(name)).sort();
  return {
    title: options.title,
    links,
    tables: [
      ...schema.tables.map((table) => tableOf(table, options.dialect)),
      ...outside.map((name) => plainTable('outside', name)),
      ...schema.views.map(({ name, query }) => ({ ...plainTable('view', name), query })),
      ...schema.enums.map(({ name, values }) => ({
        ...plainTable('enum', name),
        columns: values.map(valueRow),
      })),
    ],
  };
}

function plainTable(kind: DiagramTable['kind'], name: string): DiagramTable {
  return { kind, name, columns: [], details: [] };
}

function valueRow(name: string): DiagramColumn {
  return { name, type: '', nullable: false, keys: [], references: [] };
}

function tableOf(table: Table, dialect: string | undefined): DiagramTable {
  return {
    kind: 'table',
    name: table.name,
    columns: table.columns.map((column) => columnOf(table, column, dialect)),
    details: detailsOf(table),
    ...(table.comment === undefined ? {} : { comment: table.comment }),
  };
}

function columnOf(table: Table, column: Column, dialect: string | undefined): DiagramColumn {
  const { name, nullable, comment, generated } = column;
  const keys = table.foreignKeys.filter(({ columns }) => columns.includes(name));
  return {
    name,
    type: typeText(column.type, dialect),
    nullable,
    keys: [
      ...(table.primaryKey?.columns.includes(name) ? (['PK'] as const) : []),
      ...(keys.length > 0 ? (['FK'] as const) : []),
      ...(isUniqueAlone(table, name) ? (['UK'] as const) : []),
    ],
    references: keys.map((key) => `${key.refTable}.${key.refColumns[key.columns.indexOf(name)] ?? '?'}`),
    ...(column.default === undefined ? {} : { default: defaultText(column.default) }),
    ...(generated === undefined ? {} : { generated: generated.sql }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function defaultText(value: NonNullable<Column['default']>): string {
  return value.kind === 'expression' ? value.sql : JSON.stringify(value.value);
}

function isUniqueAlone(table: Table, name: string): boolean {
  return uniqueSets(table, false).some((columns) => columns.length === 1 && columns[0] === name);
}

/** Sets of columns of which no two rows have the same values. */
function uniqueSets(table: Table, withPrimaryKey: boolean): (readonly string[])[] {
  const ofIndex = ({ columns, unique, where }: Index): (readonly string[])[] => {
    const names = columns.flatMap((part) => ('column' in part ? [part.column] : []));
    return unique && where === undefined && names.length === columns.length ? [names] : [];
  };
  const primary = withPrimaryKey && table.primaryKey !== undefined ? [table.primaryKey.columns] : [];
  return [...primary, ...table.uniques.map(({ columns }) => columns), ...table.indexes.flatMap(ofIndex)];
}

function linkOf(table: Table, key: ForeignKey): DiagramLink {
  const column = (name: string): Column | undefined => table.columns.find((one) => one.name === name);
  return {
    name: key.name,
    from: table.name,
    columns: key.columns,
    to: key.refTable,
    refColumns: key.refColumns,
    isUnique: uniqueSets(table, true).some((set) => set.every((name) => key.columns.includes(name))),
    isOptional: key.columns.some((name) => column(name)?.nullable ?? false),
  };
}

function detailsOf(table: Table): string[] {
  const list = (names: readonly string[]): string => `(${names.join(', ')})`;
  const actions = ({ onDelete, onUpdate }: ForeignKey): string =>
    `${onDelete === undefined ? '' : ` on delete ${onDelete.toLowerCase()}`}${onUpdate === undefined ? '' : ` on update ${onUpdate.toLowerCase()}`}`;
  return [
    ...(table.primaryKey === undefined
      ? []
      : [`primary key ${table.primaryKey.name} ${list(table.primaryKey.columns)}`]),
    ...table.foreignKeys.map(
      (key) =>
        `foreign key ${key.name} ${list(key.columns)} → ${key.refTable} ${list(key.refColumns)}${actions(key)}`,
    ),
    ...table.uniques.map(({ name, columns }) => `unique ${name} ${list(columns)}`),
    ...table.indexes.map(indexText),
    ...table.checks.map(({ name, expression }) => `check ${name} (${expression})`),
    ...table.exclusions.map(({ name, elements }) => `exclusion ${name} (${elements})`),
  ];
}

function indexText({ name, columns, unique, where }: Index): string {
  const parts = columns.map(
    (part) => ('column' in part ? part.column : part.expression) + (part.order === undefined ? '' : ' desc'),
  );
  const condition = where === undefined ? '' : ` where ${where}`;
  return `${unique ? 'unique index' : 'index'} ${name} (${parts.join(', ')})${condition}`;
}

/** `varchar(200)`, `decimal(10,2)`, `integer[]`, an enum's name. */
export function typeText(type: ColumnType, dialect?: string): string {
  switch (type.kind) {
    case 'char':
    case 'varchar':
      return type.length === undefined ? type.kind : `${type.kind}(${type.length})`;
    case 'decimal': {
      const parts = [type.precision, type.scale].filter((part) => part !== undefined);
      return parts.length === 0 ? type.kind : `${type.kind}(${parts.join(',')})`;
    }
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return type.precision === undefined ? type.kind : `${type.kind}(${type.precision})`;
    case 'enum':
      return type.name;
    case 'array':
      return `${typeText(type.of, dialect)}[]`;
    case 'native':
      return type.sql[dialect ?? 'default'] ?? type.sql.default ?? Object.values(type.sql)[0] ?? 'native';
    default:
      return type.kind;
  }
}
