/**
 * From one `@Column` to a column: its type from the name, the options or the property, its name, its default.
 * Nothing here knows of other columns.
 */

import { sqlText } from '../ast/sql-text.js';
import type { Column, ColumnType } from '../schema/model.js';
import { resolveType } from './column-type.js';
import type { DeclarationOf } from './declarations.js';
import { columnDefault } from './defaults.js';
import type { BuildContext, ColumnDraft, ColumnPlace, PropertyGroup } from './draft.js';
import type { ColumnMetadata, ColumnRole, Transformer } from './entity.js';
import { withOptions } from './native-options.js';
import type { ColumnOptions } from './options.js';
import type { Spot } from './problems.js';

const COLUMN_KEYS: readonly string[] = Object.keys({
  type: true,
  name: true,
  length: true,
  precision: true,
  scale: true,
  nullable: true,
  default: true,
  unique: true,
  primary: true,
  comment: true,
  enum: true,
  enumName: true,
  array: true,
  as: true,
  transformer: true,
  select: true,
  insert: true,
  update: true,
  collation: true,
  unsigned: true,
  charset: true,
  onUpdate: true,
  postgres: true,
  mysql: true,
  asExpression: true,
  generatedType: true,
  primaryKeyConstraintName: true,
  foreignKeyConstraintName: true,
  renamedFrom: true,
} satisfies Record<keyof ColumnOptions, true>);

const ROLES: Readonly<Record<DeclarationOf<'column'>['flavor'], ColumnRole>> = {
  regular: 'regular',
  primaryGenerated: 'regular',
  createDate: 'createDate',
  updateDate: 'updateDate',
  deleteDate: 'deleteDate',
  version: 'version',
  view: 'regular',
  treeLevel: 'treeLevel',
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const NO_TRANSFORMERS: readonly Transformer[] = Object.freeze([]);

/** Columns that no save writes again. */
const UNCHANGED: ReadonlySet<string> = new Set(['createDate', 'treeLevel']);

/** Makes the column that a property declares. */
export function makeColumn(group: PropertyGroup, place: ColumnPlace, context: BuildContext): ColumnDraft {
  const declaration = group.column as DeclarationOf<'column'>;
  const { options } = declaration;
  const { problems } = context;
  problems.refuseUnknownKeys(place.at, declaration.decorator, options, COLUMN_KEYS);
  const name = nameOf(declaration, place, context);
  const generation = generationOf(declaration, group);
  const resolved = resolveType(declaration, place, context, generation);
  const type = withEnumName(resolved.type, () => enumNameOf(options, place, name, context));
  const path = [...place.outer, declaration.property];
  const primary = options.primary === true;
  // Whatever the tables behind a view say, an outer join may have nothing there.
  const nullable = options.nullable === true || declaration.flavor === 'view';
  checkFlags(declaration, group, type, place.at, context);
  const made = declaredDefault(declaration, type, resolved.enumValues, place.at, context);
  const generated = generatedExpression(options);
  // One object and what it lacks, put in: copies of copies are dear where there are a thousand columns.
  const meta: Writable<ColumnMetadata> = {
    path,
    property: place.outer.length === 0 ? declaration.property : path.join('.'),
    name,
    type,
    role: ROLES[declaration.flavor],
    primary,
    nullable: nullable && !primary,
    select: options.select !== false,
    insert: options.insert !== false && generated === undefined && declaration.flavor !== 'treeLevel',
    update: options.update !== false && generated === undefined && !UNCHANGED.has(declaration.flavor),
    transformers: transformersOf(options, place.at, context),
  };
  if (resolved.enumValues !== undefined) meta.enumValues = resolved.enumValues;
  if (options.as !== undefined) meta.as = options.as;
  if (made !== undefined) meta.default = made;
  if (generation !== undefined) meta.generation = generation;
  if (options.renamedFrom !== undefined) meta.renamedFrom = options.renamedFrom;
  return { meta, column: tableColumn(meta, options, generated), options };
}

function nameOf(
  { options, property }: DeclarationOf<'column'>,
  place: ColumnPlace,
  { naming, cut }: BuildContext,
): string {
  if (place.prefixes.length > 0 && naming.embedded !== undefined)
    return cut(naming.embedded(place.prefixes, options.name ?? property));
  return options.name === undefined
    ? cut(place.prefix + naming.column([property]))
    : place.prefix + options.name;
}

function tableColumn(meta: ColumnMetadata, options: ColumnOptions, generated: Column['generated']): Column {
  const { generation } = meta;
  const column: Writable<Column> = { name: meta.name, type: meta.type, nullable: meta.nullable };
  if (meta.default !== undefined) column.default = meta.default;
  if (generated !== undefined) column.generated = generated;
  if (generation === 'increment' || generation === 'identity') column.autoIncrement = generation;
  if (options.collation !== undefined) column.collation = options.collation;
  if (options.comment !== undefined) column.comment = options.comment;
  const { postgres, mysql, unsigned, charset, onUpdate } = options;
  const native = postgres ?? mysql ?? charset ?? onUpdate ?? (unsigned || undefined);
  if (native !== undefined)
    Object.assign(column, withOptions({ postgres, mysql: { unsigned, charset, onUpdate, ...mysql } }));
  return column;
}

function withEnumName(type: ColumnType, name: () => string): ColumnType {
  if (type.kind === 'enum') return { kind: 'enum', name: name() };
  return type.kind === 'array' ? { kind: 'array', of: withEnumName(type.of, name) } : type;
}

function enumNameOf(
  { enumName }: ColumnOptions,
  { table }: ColumnPlace,
  column: string,
  { naming, cut }: BuildContext,
): string {
  return enumName ?? cut(naming.enumType(table, column));
}

function generatedExpression({ asExpression, generatedType }: ColumnOptions): Column['generated'] {
  if (asExpression === undefined) return undefined;
  return { sql: sqlText(asExpression), stored: generatedType === 'STORED' };
}

function generationOf(
  declaration: DeclarationOf<'column'>,
  group: PropertyGroup,
): ColumnMetadata['generation'] {
  if (declaration.options.asExpression !== undefined) return 'expression';
  return declaration.generation ?? group.generated?.strategy;
}

function declaredDefault(
  { flavor, options }: DeclarationOf<'column'>,
  type: ColumnType,
  enumValues: readonly string[] | undefined,
  at: Spot,
  { problems, naming }: BuildContext,
): ColumnMetadata['default'] {
  const result = columnDefault(options.default, type, enumValues);
  if ('problem' in result) {
    problems.add(at, result.problem, result.cure);
    return undefined;
  }
  if (options.default === null && options.nullable !== true) {
    problems.add(
      at,
      'its default is NULL, but the column may not be',
      'Add nullable: true, or leave the default out',
    );
  }
  if (result.default !== undefined) return result.default;
  // The database's own default serves rows that others insert, and those that are there when it is added.
  if (flavor === 'createDate' || flavor === 'updateDate')
    return { kind: 'expression', sql: 'CURRENT_TIMESTAMP' };
  if (flavor === 'treeLevel') return { kind: 'literal', value: 0 };
  const hasDefault = flavor === 'version' && naming.implicit?.versionDefault !== false;
  return hasDefault ? { kind: 'literal', value: 1 } : undefined;
}

function checkFlags(
  declaration: DeclarationOf<'column'>,
  group: PropertyGroup,
  type: ColumnType,
  at: Spot,
  { problems }: BuildContext,
): void {
  const { options } = declaration;
  if (options.primary === true && options.nullable === true) {
    problems.add(at, 'a column of the primary key is nullable', 'Leave nullable out');
  }
  if (options.asExpression !== undefined && options.default !== undefined) {
    problems.add(at, 'a generated column has a default', 'Keep asExpression or default, not both');
  }
  if (options.asExpression === undefined && options.generatedType !== undefined) {
    problems.add(
      at,
      'generatedType is given without asExpression',
      'Add asExpression, or leave generatedType out',
    );
  }
  const strategy = declaration.generation ?? group.generated?.strategy;
  if (strategy === undefined) return;
  // Rows that others insert have a key as well where the database makes it.
  const isMadeThere = strategy === 'uuid' && typeof options.default === 'function';
  if (options.default !== undefined && !isMadeThere) {
    problems.add(at, 'a generated value has a default as well', 'Leave the default out');
  }
  const allowed =
    strategy === 'uuid' ? ['uuid', 'char', 'varchar', 'text'] : ['smallint', 'integer', 'bigint'];
  if (type.kind !== 'native' && !allowed.includes(type.kind)) {
    problems.add(
      at,
      `'${strategy}' makes no values of type ${type.kind}`,
      `Give it one of the types ${allowed.join(', ')}`,
    );
  }
  if (strategy !== 'uuid' && options.primary !== true) {
    problems.add(
      at,
      `'${strategy}' is for the primary key`,
      "Use @PrimaryGeneratedColumn(), or @Generated('uuid')",
    );
  }
}

function transformersOf(
  { transformer }: ColumnOptions,
  at: Spot,
  { problems }: BuildContext,
): readonly Transformer[] {
  if (transformer === undefined) return NO_TRANSFORMERS;
  const list = (Array.isArray(transformer) ? transformer : [transformer]) as readonly Transformer[];
  const complete = list.every((item) => typeof item?.to === 'function' && typeof item?.from === 'function');
  if (complete) return list;
  problems.add(
    at,
    'its transformer lacks a function',
    'Give it both: { to: (value) => …, from: (value) => … }',
  );
  return [];
}
