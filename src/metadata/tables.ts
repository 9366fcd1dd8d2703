/**
 * From an entity's columns, keys and relations to its table: every constraint with its name, an index for every
 * to-one relation that has none. The classes of a family write into one table.
 */

import { compact, deepEqual } from '../base/structure.js';
import type { Column, ForeignKey, Index } from '../schema/model.js';
import { expressionHash, type NamingStrategy } from '../schema/naming.js';
import type { BuildContext, EntityDraft, RelationDraft, TableDraft } from './draft.js';
import { isInheritedColumn, isSameRelation, spot, tableHolding } from './draft.js';
import type { DeferrableOption, OnDelete } from './options.js';
import type { Spot } from './problems.js';

/** Writes the columns of an entity into its table, and the primary key. */
export function addColumns(draft: EntityDraft, context: BuildContext): void {
  const seen = new Map<string, string>();
  for (const { meta, column } of draft.columns) {
    const at = spot(draft, meta.property === '' ? undefined : meta.property);
    const other = seen.get(column.name);
    if (other !== undefined) {
      context.problems.add(
        at,
        `its column '${column.name}' is that of ${draft.name}.${other} as well`,
        'Give one of the two another name',
      );
      continue;
    }
    seen.set(column.name, meta.property);
    if (!isInheritedColumn(draft, column.name)) addColumn(draft, column, at, context);
    else if (meta.primary) addColumn(draft, keyColumn(column), at, context);
  }
  if (draft.root === draft) addPrimaryKey(draft, context);
}

/** The key of a table that extends its parent's: it is made there. */
function keyColumn({ name, type, collation, options }: Column): Column {
  return { name, type, nullable: false, ...compact({ collation, options }) };
}

function addColumn(draft: EntityDraft, column: Column, at: Spot, { problems }: BuildContext): void {
  const { columns } = draft.table;
  const present = columns.get(column.name);
  if (present === undefined) {
    // Rows of the other classes have nothing to put there.
    const shared = draft.root === draft ? column : { ...column, nullable: true };
    columns.set(column.name, shared);
    return;
  }
  const same = deepEqual({ ...present, nullable: true }, { ...column, nullable: true });
  if (!same) {
    problems.add(
      at,
      `its column '${column.name}' is another one in table '${draft.tableName}' already`,
      'Give it the same options there and here, or another name',
    );
  }
}

function addPrimaryKey(draft: EntityDraft, { naming, problems, cut }: BuildContext): void {
  const primary = draft.columns.filter((c) => c.meta.primary);
  if (primary.length === 0 && draft.view !== undefined) return;
  if (primary.length === 0) {
    problems.add(
      spot(draft),
      'the entity has no primary key',
      'Add @PrimaryGeneratedColumn() or @PrimaryColumn(…)',
    );
    return;
  }
  const generated = primary.filter((c) => c.column.autoIncrement !== undefined);
  if (generated.length > 0 && primary.length > 1) {
    const property = generated[0]?.meta.property;
    problems.add(
      spot(draft, property),
      'a generated number is one of several columns of the primary key',
      'Make it the only one, and the others @Unique together',
    );
  }
  const names = draft.extended === undefined ? primary.map((c) => c.options.primaryKeyConstraintName) : [];
  const given = names.find((name) => name !== undefined);
  draft.table.primaryKey = {
    name:
      given ??
      cut(
        naming.primaryKey(
          draft.tableName,
          primary.map((c) => c.meta.name),
        ),
      ),
    columns: primary.map((c) => c.meta.name),
  };
}

/** Adds a named thing to a list of the table's; the same thing twice is one, two things of one name are a mistake. */
export function addNamed<T extends { readonly name: string }>(
  list: T[],
  item: T,
  what: string,
  at: Spot,
  { problems }: BuildContext,
): void {
  const present = list.find((other) => other.name === item.name);
  if (present === undefined) list.push(item);
  else if (!deepEqual(present, item)) {
    problems.add(
      at,
      `${what} '${item.name}' exists already, and is another one`,
      'Give one of the two a name of its own',
    );
  }
}

/** What a foreign key does, as the schema says it: `NO ACTION` is left out. */
export function actions(options: {
  readonly onDelete?: OnDelete;
  readonly onUpdate?: OnDelete;
  readonly deferrable?: DeferrableOption;
}): Pick<ForeignKey, 'onDelete' | 'onUpdate' | 'deferrable'> {
  const { onDelete, onUpdate, deferrable } = options;
  return {
    ...(onDelete === undefined || onDelete === 'NO ACTION' ? {} : { onDelete }),
    ...(onUpdate === undefined || onUpdate === 'NO ACTION' ? {} : { onUpdate }),
    ...deferrableOf(deferrable),
  };
}

/** TypeORM's words for when a constraint is checked. */
export function deferrableOf(deferrable: DeferrableOption | undefined): Pick<ForeignKey, 'deferrable'> {
  if (deferrable === undefined) return {};
  return { deferrable: deferrable === 'INITIALLY DEFERRED' ? 'deferred' : 'immediate' };
}

/** Adds what the columns' own options and the relations ask for. Runs after declared keys, which come first. */
export function addImpliedKeys(draft: EntityDraft, context: BuildContext): void {
  for (const { meta, options } of draft.columns) {
    if (options.unique === true && !isInheritedColumn(draft, meta.name))
      addUnique(draft, [meta.name], spot(draft, meta.property), context);
  }
  const above = draft.extended?.relations ?? [];
  for (const relation of draft.relations) {
    if (!above.some((other) => isSameRelation(other, relation))) addRelationKeys(draft, relation, context);
  }
  if (draft.extended !== undefined) addParentKey(draft, draft.extended, context);
  const { discriminator } = draft;
  if (discriminator !== undefined && draft.root === draft && context.naming.implicit?.discriminatorIndex)
    addIndexFor(draft.table, [discriminator.column], spot(draft), context);
}

/** A row of a child's table stands and falls with that of its parent. */
function addParentKey(draft: EntityDraft, parent: EntityDraft, context: BuildContext): void {
  const columns = draft.table.primaryKey?.columns ?? [];
  const name = context.cut(context.naming.foreignKey(draft.tableName, columns, parent.tableName));
  const key = {
    name,
    columns,
    refTable: parent.tableName,
    refColumns: columns,
    onDelete: 'CASCADE',
  } as const;
  addNamed(draft.table.foreignKeys, key, 'foreign key', spot(draft), context);
}

/** Whether a one-to-one relation that is not the key makes its columns unique. */
function isUniqueByItself(
  draft: EntityDraft,
  { declaration, joinColumns }: RelationDraft,
  { naming }: BuildContext,
): boolean {
  if (naming.implicit?.oneToOneUniques !== 'with-foreign-key') return true;
  const key = draft.table.primaryKey?.columns ?? [];
  const isInKey = joinColumns.every(({ column }) => key.includes(column));
  return declaration.options.createForeignKeyConstraints !== false && !isInKey;
}

function addUnique(
  draft: EntityDraft,
  columns: readonly string[],
  at: Spot,
  context: BuildContext,
  naming: NamingStrategy['unique'] = context.naming.unique,
): void {
  const { table, tableName } = draft;
  if (table.uniques.some((unique) => deepEqual(unique.columns, columns))) return;
  const name = context.cut(naming(tableName, columns));
  addNamed(table.uniques, { name, columns }, 'unique constraint', at, context);
}

function addRelationKeys(draft: EntityDraft, relation: RelationDraft, context: BuildContext): void {
  const { declaration, target, joinColumns, group } = relation;
  const isToOne = declaration.relation === 'many-to-one' || declaration.relation === 'one-to-one';
  if (!isToOne || !relation.owning || target === undefined || joinColumns.length === 0) return;
  const at = spot(draft, relation.property);
  const columns = joinColumns.map((join) => join.column);
  if (declaration.options.createForeignKeyConstraints !== false) {
    const given = (group.joinColumns ?? [])
      .flatMap((join) => join.columns)
      .map((options) => options.foreignKeyConstraintName)
      .find((name) => name !== undefined);
    const refColumns = joinColumns.map((join) => join.referenced);
    const refTable = tableHolding(target, refColumns).name;
    const name = given ?? context.cut(context.naming.foreignKey(draft.tableName, columns, refTable));
    const key = { name, columns, refTable, refColumns, ...actions(declaration.options) };
    addNamed(draft.table.foreignKeys, key, 'foreign key', at, context);
  }
  const isKey = deepEqual(draft.table.primaryKey?.columns, columns);
  if (declaration.relation === 'one-to-one' && !isKey && isUniqueByItself(draft, relation, context))
    addUnique(draft, columns, at, context, context.naming.relationUnique);
  if ((declaration.options.index ?? context.naming.implicit?.toOneIndexes) !== false)
    addIndexFor(draft.table, columns, at, context);
}

/** An index whose first columns are these, unless there is one; the database makes none for a foreign key. */
function addIndexFor(table: TableDraft, columns: readonly string[], at: Spot, context: BuildContext): void {
  if (isCovered(table, columns)) return;
  const parts = columns.map((column) => ({ column }));
  const plain = context.cut(context.naming.index(table.name, columns));
  const taken = table.indexes.some((index) => index.name === plain);
  // A partial index of the user's own may have the name; it does not serve the relation.
  const name = taken
    ? context.cut(context.naming.index(table.name, [expressionHash(columns.join(' , '))]))
    : plain;
  const index: Index = { name, columns: parts, unique: false };
  addNamed(table.indexes, index, 'index', at, context);
}

function isCovered(table: TableDraft, columns: readonly string[]): boolean {
  const begins = (key: readonly (string | undefined)[]): boolean => {
    const first = key.slice(0, columns.length);
    return first.length === columns.length && columns.every((column) => first.includes(column));
  };
  if (begins(table.primaryKey?.columns ?? [])) return true;
  if (table.uniques.some((unique) => begins(unique.columns))) return true;
  return table.indexes.some(
    (index) =>
      index.where === undefined &&
      begins(index.columns.map((part) => ('column' in part ? part.column : undefined))),
  );
}
