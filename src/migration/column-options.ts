/** Between the shapes of a migration file and the model: columns, keys and indexes as people write them. */

import { isSqlText, type SqlText, sqlText } from '../ast/sql-text.js';
import { error } from '../base/error-codes.js';
import { compact } from '../base/structure.js';
import type {
  Check,
  Column,
  ColumnDefault,
  ColumnType,
  Deferrable,
  Enum,
  Exclusion,
  ForeignKey,
  Index,
  IndexColumn,
  NativeOptions,
  PrimaryKey,
  ReferentialAction,
  Table,
  Unique,
} from '../schema/model.js';
import { defaultCheckName, defaultForeignKeyName, defaultIndexName, defaultName } from '../schema/naming.js';
import type { ColumnChange } from '../schema/operations.js';
import { kindOfName, typeOfKind, unknownType } from '../schema/type-names.js';
import type {
  CheckShape,
  ColumnAlteration,
  DefaultOption,
  DeferrableShape,
  ForeignKeyShape,
  IndexPartShape,
  IndexShape,
  MigrationColumn,
  TableShape,
  UniqueShape,
} from './operations-api.js';

/** A column of the model, and the enum that its options define along with it. */
export interface ReadColumn {
  readonly column: Column;
  readonly enum?: Enum;
}

/**
 * The column that options describe.
 *
 * @throws COLUMN_OPTIONS_INVALID naming the column and the nearest type
 */
export function readColumn(table: string, name: string, options: MigrationColumn): ReadColumn {
  const type = readType(table, name, options);
  const enumName = enumNameOf(type);
  return compact({
    column: compact({
      name,
      type,
      nullable: options.nullable === true,
      default: options.default === undefined ? undefined : readDefault(options.default),
      generated: readGenerated(options),
      autoIncrement: options.generated,
      collation: options.collation,
      comment: options.comment,
      options: readNativeOptions(options),
    }) as Column,
    enum: enumName !== undefined && options.enum ? { name: enumName, values: options.enum } : undefined,
  }) as ReadColumn;
}

/** TypeORM's words for options of MySQL beside those by database and name. */
function readNativeOptions(
  options: Pick<MigrationColumn, 'options' | 'unsigned' | 'charset' | 'onUpdate'>,
): NativeOptions | undefined {
  const { unsigned, charset, onUpdate } = options;
  const native = compact({
    ...options.options,
    'mysql.unsigned': unsigned || undefined,
    'mysql.charset': charset,
    'mysql.onUpdate': onUpdate,
  }) as NativeOptions;
  return Object.keys(native).length === 0 ? undefined : native;
}

function enumNameOf(type: ColumnType): string | undefined {
  if (type.kind === 'array') return enumNameOf(type.of);
  return type.kind === 'enum' ? type.name : undefined;
}

type TypeOptions = Pick<
  MigrationColumn,
  'type' | 'length' | 'precision' | 'scale' | 'enum' | 'enumName' | 'array'
>;

function readType(table: string, name: string, options: TypeOptions | undefined): ColumnType {
  const column = `${table}.${name}`;
  if (options?.type === undefined) {
    const cure = "Say what it holds, for example { type: 'varchar', length: 50 }.";
    throw error('COLUMN_OPTIONS_INVALID', { column, problem: 'no type is given', cure });
  }
  if (typeof options.type === 'object' && options.type !== null) {
    const sql = compact(options.type) as Readonly<Record<string, string>>;
    return { kind: 'native', sql };
  }
  const kind = typeof options.type === 'string' ? kindOfName(options.type) : undefined;
  if (kind === undefined) {
    const { problem, cure } = unknownType(options.type);
    throw error('COLUMN_OPTIONS_INVALID', { column, problem, cure });
  }
  const enumName = kind === 'enum' ? (options.enumName ?? defaultName('enum', table, [name])) : undefined;
  return typeOfKind(kind, { ...options, enumName });
}

/** A default as the model holds it; `null` is none. */
export function readDefault(value: DefaultOption): ColumnDefault | undefined {
  if (value === null) return undefined;
  if (typeof value === 'function') return { kind: 'expression', sql: String((value as () => unknown)()) };
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'literal', value };
  }
  if (typeof value === 'bigint') return { kind: 'literal', value: String(value) };
  if (value instanceof Date) {
    return { kind: 'literal', value: value.toISOString().replace('T', ' ').slice(0, 23) };
  }
  if (isSqlText(value)) return { kind: 'expression', sql: sqlText(value) };
  return { kind: 'literal', value: JSON.stringify(value) };
}

function readGenerated(options: {
  readonly asExpression?: SqlText | null;
  readonly generatedType?: 'STORED' | 'VIRTUAL';
}): Column['generated'] {
  if (options.asExpression === undefined || options.asExpression === null) return undefined;
  return { sql: sqlText(options.asExpression), stored: options.generatedType === 'STORED' };
}

/** The change that an alteration describes, and the enum that it defines along with it. */
export function readAlteration(
  table: string,
  current: Column,
  change: ColumnAlteration,
): { readonly change: ColumnChange; readonly enum?: Enum } {
  const result: Record<string, unknown> = {};
  let definedEnum: Enum | undefined;
  if (['type', 'length', 'precision', 'scale', 'array', 'enumName'].some((key) => key in change)) {
    const type = readType(table, current.name, {
      ...keptTypeOptions(current, change),
      ...change,
    } as TypeOptions);
    result.type = type;
    const enumName = enumNameOf(type);
    if (enumName !== undefined && change.enum) definedEnum = { name: enumName, values: change.enum };
  }
  if (change.nullable !== undefined) result.nullable = change.nullable;
  if (change.default !== undefined) result.default = readDefault(change.default) ?? null;
  if (change.asExpression !== undefined) result.generated = readGenerated(change) ?? null;
  if (change.generated !== undefined) result.autoIncrement = change.generated;
  if (change.collation !== undefined) result.collation = change.collation;
  if (change.comment !== undefined) result.comment = change.comment;
  if (change.options !== undefined) result.options = change.options;
  return { change: result as ColumnChange, ...(definedEnum && { enum: definedEnum }) };
}

/** What a changed type keeps of the present one: a stated type begins anew, as `varchar` after `varchar(50)`. */
function keptTypeOptions({ type }: Column, change: ColumnAlteration): Readonly<Record<string, unknown>> {
  if (change.type === undefined) return typeOptions(type);
  return type.kind === 'enum' ? { enumName: type.name } : {};
}

/** The options that say a type, as `@Column` takes them. */
export function typeOptions(type: ColumnType): Readonly<Record<string, unknown>> {
  switch (type.kind) {
    case 'array':
      return { ...typeOptions(type.of), array: true };
    case 'native':
      return { type: type.sql };
    case 'enum':
      return { type: 'enum', enumName: type.name };
    default: {
      const { kind, ...parameters } = type;
      return { type: kind, ...parameters };
    }
  }
}

/** The table that a shape describes, and the enums that its columns define along with it. */
export function readTable(
  name: string,
  shape: TableShape,
): { readonly table: Table; readonly enums: Enum[] } {
  const read = Object.entries(shape.columns).map(([column, options]) => readColumn(name, column, options));
  const entries = Object.entries(shape.columns);
  const primary = entries.filter(([, options]) => options.primary === true).map(([column]) => column);
  const unique = entries
    .filter(([, options]) => options.unique === true)
    .map(([column]) => ({ columns: [column] }));
  const key = shape.primaryKey ?? (primary.length > 0 ? { columns: primary } : undefined);
  const table = compact({
    name,
    columns: read.map(({ column }) =>
      key?.columns.includes(column.name) ? { ...column, nullable: false } : column,
    ),
    primaryKey: key && readPrimaryKey(name, key.columns, key.name ?? null),
    uniques: [...unique, ...(shape.uniques ?? [])].map((each) => readUnique(name, each)),
    checks: (shape.checks ?? []).map((check) => readCheck(name, check)),
    foreignKeys: (shape.foreignKeys ?? []).map((foreignKey) => readForeignKey(name, foreignKey)),
    indexes: (shape.indexes ?? []).map((index) => readIndex(name, index)),
    exclusions: [],
    comment: shape.comment,
    options: shape.options,
  }) as Table;
  return { table, enums: read.flatMap((each) => each.enum ?? []) };
}

export function readPrimaryKey(table: string, columns: readonly string[], name: string | null): PrimaryKey {
  return { name: name ?? defaultName('pk', table), columns: [...columns] };
}

export function readUnique(table: string, shape: UniqueShape): Unique {
  return compact({
    name: shape.name ?? defaultName('uq', table, shape.columns),
    columns: [...shape.columns],
    deferrable: readDeferrable(shape.deferrable),
    nullsNotDistinct: shape.nullsNotDistinct === true ? true : undefined,
  }) as Unique;
}

export function readCheck(table: string, shape: CheckShape): Check {
  const expression = sqlText(shape.expression);
  return { name: shape.name ?? defaultCheckName(table, expression), expression };
}

export function readForeignKey(table: string, shape: ForeignKeyShape): ForeignKey {
  return compact({
    name: shape.name ?? defaultForeignKeyName(table, shape.columns, shape.refTable),
    columns: [...shape.columns],
    refTable: shape.refTable,
    refColumns: [...shape.refColumns],
    onDelete: readAction(shape.onDelete),
    onUpdate: readAction(shape.onUpdate),
    deferrable: readDeferrable(shape.deferrable),
  }) as ForeignKey;
}

function readAction(action: ReferentialAction | 'NO ACTION' | undefined): ReferentialAction | undefined {
  return action === 'NO ACTION' ? undefined : action;
}

function readDeferrable(shape: DeferrableShape | undefined): Deferrable | undefined {
  if (shape === undefined) return undefined;
  return shape === 'INITIALLY DEFERRED' ? 'deferred' : 'immediate';
}

export function readExclusion(
  name: string,
  elements: string,
  options: { readonly method?: string; readonly where?: SqlText; readonly deferrable?: DeferrableShape } = {},
): Exclusion {
  return compact({
    name,
    elements,
    method: options.method,
    where: options.where === undefined ? undefined : sqlText(options.where),
    deferrable: readDeferrable(options.deferrable),
  }) as Exclusion;
}

export function readIndex(table: string, shape: IndexShape): Index {
  const columns = shape.columns.map(readIndexPart);
  return compact({
    name: shape.name ?? defaultIndexName(table, columns),
    columns,
    unique: shape.unique === true,
    where: shape.where === undefined ? undefined : sqlText(shape.where),
    method: shape.method,
    include: shape.include === undefined ? undefined : [...shape.include],
    nullsNotDistinct: shape.nullsNotDistinct === true ? true : undefined,
    options: shape.options,
  }) as Index;
}

function readIndexPart(part: IndexPartShape): IndexColumn {
  if (typeof part === 'string') return { column: part };
  if (isSqlText(part)) return { expression: sqlText(part) };
  const { order, ...rest } = part;
  const subject = 'name' in rest ? { column: rest.name } : { expression: sqlText(rest.expression) };
  return compact({
    ...subject,
    order: order === 'desc' ? order : undefined,
    nulls: rest.nulls,
    collation: rest.collation,
    operatorClass: rest.operatorClass,
    length: rest.length,
  }) as IndexColumn;
}
