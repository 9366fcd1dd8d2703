/**
 * Declared keys: `@Index`, `@Unique`, `@Check`, `@ForeignKey` and `@Exclusion` with the properties they name
 * resolved to columns, and a name where none is given.
 */

import { isSqlFragment } from '../ast/sql.js';
import { isSqlText, sqlText } from '../ast/sql-text.js';
import { compact } from '../base/structure.js';
import type { Exclusion, Index, IndexColumn } from '../schema/model.js';
import { expressionHash, indexNameParts } from '../schema/naming.js';
import type {
  CheckDeclaration,
  ExclusionDeclaration,
  ForeignKeyDeclaration,
  IndexDeclaration,
  KeyDeclaration,
  UniqueDeclaration,
} from './declarations.js';
import type { BuildContext, EntityDraft, KeyDraft } from './draft.js';
import { columnsOfProperty, propertyNames, spot, tableHolding } from './draft.js';
import { withOptions } from './native-options.js';
import type { Direction, IndexOptions, IndexPart } from './options.js';
import { classNamedBy, fieldsNamedBy, propertyNamedBy } from './paths.js';
import { didYouMean, type Spot } from './problems.js';
import { actions, addNamed, deferrableOf } from './tables.js';

/** Where a key was declared, and the properties that its names begin from. */
interface Scope {
  readonly draft: EntityDraft;
  readonly path: readonly string[];
  readonly at: Spot;
  readonly context: BuildContext;
}

const DECORATORS: Readonly<Record<KeyDeclaration['kind'], string>> = {
  index: '@Index',
  unique: '@Unique',
  check: '@Check',
  foreignKey: '@ForeignKey',
  exclusion: '@Exclusion',
};

const KEYS = {
  index: ['unique', 'where', 'order', 'nulls', 'method', 'include', 'nullsNotDistinct'],
  unique: ['deferrable', 'nullsNotDistinct'],
  foreignKey: ['name', 'onDelete', 'onUpdate', 'deferrable'],
  exclusion: ['method', 'where', 'deferrable'],
} as const;

/** Writes the declared keys of an entity into its table. */
export function addDeclaredKeys(draft: EntityDraft, context: BuildContext): void {
  const above = draft.extended?.keys ?? [];
  for (const { key, path } of draft.keys) {
    // What stands on a parent's property is done in the parent's table.
    if (!above.some((other) => other.key === key && other.path.join('.') === path.join('.')))
      addKey({ key, path }, draft, context);
  }
}

function addKey({ key, path }: KeyDraft, draft: EntityDraft, context: BuildContext): void {
  const property = key.property === undefined ? undefined : [...path, key.property].join('.');
  const scope: Scope = { draft, path, at: spot(draft, property), context };
  if (key.kind !== 'check')
    context.problems.refuseUnknownKeys(scope.at, DECORATORS[key.kind], key.options, KEYS[key.kind]);
  switch (key.kind) {
    case 'index':
      addIndex(key, scope);
      break;
    case 'unique':
      addUnique(key, scope);
      break;
    case 'check':
      addCheck(key, scope);
      break;
    case 'foreignKey':
      addForeignKey(key, scope);
      break;
    case 'exclusion':
      addExclusion(key, scope);
      break;
    default:
      key satisfies never;
  }
}

/** The fields that a key names; its own property where it names none. */
function fieldsOf(
  key: IndexDeclaration | UniqueDeclaration | ForeignKeyDeclaration,
  { at, context }: Scope,
): readonly unknown[] {
  const named = key.fields === undefined ? undefined : fieldsNamedBy(key.fields);
  if (named !== undefined && named.length > 0) return named;
  if (key.fields === undefined && key.property !== undefined) return [key.property];
  context.problems.add(
    at,
    `${DECORATORS[key.kind]} names no properties`,
    `Name them: ${DECORATORS[key.kind]}(['title', 'author'])`,
  );
  return [];
}

/** The columns of a property; a mistake where there is none. */
function columnsOf(
  property: string,
  { draft, path, at, context }: Scope,
  decorator: string,
): readonly string[] {
  const full = [...path, property].join('.');
  const found = columnsOfProperty(draft, full);
  if (found !== undefined) return found;
  context.problems.add(
    at,
    `${decorator} names '${full}', which is no property with a column`,
    didYouMean(full, propertyNames(draft)),
  );
  return [];
}

function addIndex(key: IndexDeclaration, scope: Scope): void {
  const { draft, context, at } = scope;
  const fields = fieldsOf(key, scope);
  const columns = fields.flatMap((field) => indexParts(field, key.options, scope));
  if (columns.length === 0) return;
  const { options } = key;
  const include = (options.include ?? []).flatMap((property) => columnsOf(property, scope, '@Index'));
  const index: Index = {
    name:
      key.name ??
      context.cut(
        context.naming.index(
          draft.tableName,
          indexNameParts(columns),
          options.where === undefined ? undefined : sqlText(options.where),
        ),
      ),
    columns,
    unique: options.unique === true,
    ...compact({
      where: options.where === undefined ? undefined : sqlText(options.where),
      method: options.method ?? (options.fulltext ? 'fulltext' : options.spatial ? 'spatial' : undefined),
      include: include.length === 0 ? undefined : include,
      nullsNotDistinct: options.nullsNotDistinct === true ? true : undefined,
    }),
    ...withOptions({ postgres: options.postgres, mysql: options.mysql }),
  };
  addNamed(draft.table.indexes, index, 'index', at, context);
}

function indexParts(field: unknown, options: IndexOptions, scope: Scope): readonly IndexColumn[] {
  if (isSqlFragment(field)) return [indexPart({ expression: sqlText(field) }, {}, options, sqlText(field))];
  if (typeof field === 'string') {
    return columnsOf(field, scope, '@Index').map((column) => indexPart({ column }, {}, options, field));
  }
  const part = field as Partial<IndexPart> & { readonly property?: string; readonly expression?: unknown };
  if (typeof part?.property === 'string') {
    const { property } = part;
    return columnsOf(property, scope, '@Index').map((column) =>
      indexPart({ column }, part, options, property),
    );
  }
  if (isSqlText(part?.expression)) {
    const expression = sqlText(part.expression);
    return [indexPart({ expression }, part, options, expression)];
  }
  scope.context.problems.add(
    scope.at,
    '@Index holds something that is no field',
    "Name a property, write sql`…`, or { property: 'title', order: 'desc' }",
  );
  return [];
}

function indexPart(
  base: { readonly column: string } | { readonly expression: string },
  part: Partial<IndexPart>,
  options: IndexOptions,
  field: string,
): IndexColumn {
  const order = part.order ?? (typeof options.order === 'object' ? options.order[field] : options.order);
  return {
    ...base,
    ...(isDescending(order) ? { order: 'desc' as const } : {}),
    ...compact({
      nulls: part.nulls ?? options.nulls,
      collation: part.collation,
      operatorClass: part.operatorClass,
      length: part.length,
    }),
  };
}

function isDescending(order: Direction | undefined): boolean {
  return order?.toLowerCase() === 'desc';
}

function addUnique(key: UniqueDeclaration, scope: Scope): void {
  const { draft, context, at } = scope;
  const fields = fieldsOf(key, scope);
  const names = fields.map((field) =>
    typeof field === 'string' ? field : (field as { property?: string }).property,
  );
  const columns = names.flatMap((name) => columnsOf(String(name), scope, '@Unique'));
  if (columns.length === 0) return;
  const name = key.name ?? context.cut(context.naming.unique(draft.tableName, columns));
  const unique = {
    name,
    columns,
    ...deferrableOf(key.options.deferrable),
    ...(key.options.nullsNotDistinct === true ? { nullsNotDistinct: true } : {}),
  };
  addNamed(draft.table.uniques, unique, 'unique constraint', at, context);
}

function addCheck(key: CheckDeclaration, scope: Scope): void {
  const { draft, context, at } = scope;
  if (!isSqlText(key.expression) || sqlText(key.expression) === '') {
    context.problems.add(at, '@Check has no expression', "Give it SQL: @Check('rating BETWEEN 1 AND 5')");
    return;
  }
  const expression = sqlText(key.expression);
  const [column] = key.property === undefined ? [] : columnsOf(key.property, scope, '@Check');
  const hashed = context.cut(context.naming.check(draft.tableName, expressionHash(expression), expression));
  const own =
    column === undefined ? hashed : context.cut(context.naming.check(draft.tableName, column, expression));
  // A second check of one column is named by what it says, so that neither depends on the other's place.
  const taken = draft.table.checks.some((check) => check.name === own && check.expression !== expression);
  const name = key.name ?? (taken ? hashed : own);
  addNamed(draft.table.checks, { name, expression }, 'check constraint', at, context);
}

function addForeignKey(key: ForeignKeyDeclaration, scope: Scope): void {
  const { draft, context, at } = scope;
  const target = targetOf(key, scope);
  if (target === undefined) return;
  const columns = fieldsOf(key, scope).flatMap((field) => columnsOf(String(field), scope, '@ForeignKey'));
  const refColumns = referencedColumns(key, target, scope);
  if (columns.length === 0 || refColumns.length === 0) return;
  if (columns.length !== refColumns.length) {
    const problem = `@ForeignKey has ${columns.length} columns here and ${refColumns.length} on ${target.name}`;
    context.problems.add(at, problem, 'Name as many there as here');
    return;
  }
  const property = draft.columns.find((c) => c.meta.name === columns[0]);
  const given = key.options.name ?? property?.options.foreignKeyConstraintName;
  const refTable = tableHolding(target, refColumns).name;
  const name = given ?? context.cut(context.naming.foreignKey(draft.tableName, columns, refTable));
  const foreignKey = { name, columns, refTable, refColumns, ...actions(key.options) };
  addNamed(draft.table.foreignKeys, foreignKey, 'foreign key', at, context);
}

function targetOf(key: ForeignKeyDeclaration, { at, context }: Scope): EntityDraft | undefined {
  const named = classNamedBy(key.target);
  if ('problem' in named) {
    context.problems.add(at, named.problem, named.cure);
    return undefined;
  }
  const target = context.drafts.get(named.target);
  if (target === undefined) {
    const { name } = named.target as { readonly name: string };
    const problem = `@ForeignKey leads to ${name}, which is no entity of this configuration`;
    context.problems.add(at, problem, `Add ${name} to \`entities\``);
  }
  return target;
}

function referencedColumns(key: ForeignKeyDeclaration, target: EntityDraft, scope: Scope): readonly string[] {
  if (key.referenced === undefined)
    return target.columns.filter((c) => c.meta.primary).map((c) => c.meta.name);
  const single = propertyNamedBy(key.referenced);
  const properties = single === undefined ? fieldsNamedBy(key.referenced) : [single];
  return columnsOfTarget(properties ?? [], target, scope);
}

function columnsOfTarget(
  properties: readonly unknown[],
  target: EntityDraft,
  { at, context }: Scope,
): readonly string[] {
  return properties.flatMap((given) => {
    const property = String(given);
    const found = columnsOfProperty(target, property);
    if (found !== undefined) return found;
    context.problems.add(
      at,
      `@ForeignKey names ${target.name}.${property}, which has no column`,
      didYouMean(property, propertyNames(target)),
    );
    return [];
  });
}

const USING = /^using\s+(\w+)\s*\(([\s\S]*)\)$/i;

function addExclusion(key: ExclusionDeclaration, { draft, context, at }: Scope): void {
  if (!isSqlText(key.expression) || sqlText(key.expression) === '') {
    context.problems.add(
      at,
      '@Exclusion has no elements',
      "Give it SQL: @Exclusion('room WITH =, during WITH &&', { method: 'gist' })",
    );
    return;
  }
  const { text, where } = splitWhere(sqlText(key.expression));
  const using = USING.exec(text);
  const elements = (using?.[2] ?? text).trim();
  const exclusion: Exclusion = {
    name:
      key.name ??
      context.cut(
        context.naming.exclusion(draft.tableName, expressionHash(elements), sqlText(key.expression)),
      ),
    elements,
    ...compact({
      method: key.options.method ?? using?.[1]?.toLowerCase(),
      where: key.options.where === undefined ? where : sqlText(key.options.where),
    }),
    ...deferrableOf(key.options.deferrable),
  };
  addNamed(draft.table.exclusions, exclusion, 'exclusion constraint', at, context);
}

/** TypeORM's form holds the predicate as well: `USING gist (…) WHERE (…)`. */
function splitWhere(text: string): { readonly text: string; readonly where?: string | undefined } {
  const split = /^(using\s+\w+\s*\([\s\S]*\))\s*where\s*\(([\s\S]*)\)$/i.exec(text);
  return split === null ? { text } : { text: split[1] as string, where: split[2]?.trim() };
}
