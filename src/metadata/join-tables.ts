/**
 * The table between the two sides of a many-to-many relation: one key to each side, both together the primary
 * key, and an index that begins with the second, for the way back.
 */

import type { Column, ForeignKey, Index, Table } from '../schema/model.js';
import type { NamingStrategy } from '../schema/naming.js';
import type { BuildContext, ColumnDraft, EntityDraft, RelationDraft } from './draft.js';
import { isSameRelation, relationNamed, spot, tableHolding } from './draft.js';
import type { JoinColumnMetadata } from './entity.js';
import { type Reference, references } from './join-columns.js';
import type { JoinColumnOptions, JoinTableOptions } from './options.js';
import type { Spot } from './problems.js';
import { actions } from './tables.js';

const KEYS: Readonly<Record<keyof JoinTableOptions, true>> = {
  name: true,
  joinColumn: true,
  joinColumns: true,
  inverseJoinColumn: true,
  inverseJoinColumns: true,
  comment: true,
  renamedFrom: true,
};

interface SideColumns {
  readonly joins: readonly JoinColumnMetadata[];
  readonly columns: readonly Column[];
  readonly foreignKeyName: string | undefined;
}

/** Makes the join tables that an entity's relations own, and tells both sides of them. */
export function makeJoinTables(draft: EntityDraft, context: BuildContext): Table[] {
  return draft.relations.flatMap((relation) => {
    const owns = relation.declaration.relation === 'many-to-many' && relation.owning;
    // A child inherits the relation with the table that its parent makes for it.
    const inherited = draft.parent?.relations.some((other) => isSameRelation(other, relation)) === true;
    if (!owns || relation.target === undefined) return [];
    const table = makeJoinTable(draft, relation, relation.target, context);
    return table === undefined || inherited ? [] : [table];
  });
}

function makeJoinTable(
  draft: EntityDraft,
  relation: RelationDraft,
  target: EntityDraft,
  context: BuildContext,
): Table | undefined {
  const { declaration, group } = relation;
  const options = group.joinTable?.options ?? {};
  const at = spot(draft, relation.property);
  context.problems.refuseUnknownKeys(at, '@JoinTable', options, Object.keys(KEYS));
  const owner = declaringDraft(draft, relation);
  const name =
    options.name ??
    context.cut(context.naming.joinTable(owner.tableName, relation.property, target.tableName));
  const [own, other] = sides(
    { draft: owner, given: asList(options.joinColumns, options.joinColumn) },
    { draft: target, given: asList(options.inverseJoinColumns, options.inverseJoinColumn) },
    declaration.property,
    at,
    context,
  );
  if (own.joins.length === 0 || other.joins.length === 0) return undefined;
  tellSides(relation, target, name, own, other, options);
  const inverse = relationNamed(target, relation.inverse);
  const columns = [...own.columns, ...other.columns];
  return {
    name,
    columns,
    primaryKey: {
      name: context.cut(
        context.naming.primaryKey(
          name,
          columns.map((column) => column.name),
        ),
      ),
      columns: columns.map((column) => column.name),
    },
    uniques: [],
    checks: [],
    foreignKeys: [
      ...foreignKeyTo(name, owner, own, declaration.options, context),
      ...foreignKeyTo(
        name,
        target,
        other,
        inverse?.declaration.options ?? unpaired(declaration.options, context),
        context,
      ),
    ],
    indexes: (context.naming.implicit?.joinTableIndexes === 'both' ? [own, other] : [other]).map((side) =>
      indexOver(name, side, context),
    ),
    exclusions: [],
    ...(options.comment === undefined ? {} : { comment: options.comment }),
  };
}

/** The topmost class of a family that has the relation: the table is named after it. */
function declaringDraft(draft: EntityDraft, relation: RelationDraft): EntityDraft {
  let owner = draft;
  while (owner.parent?.relations.some((other) => isSameRelation(other, relation))) owner = owner.parent;
  return owner;
}

function asList(
  list: readonly JoinColumnOptions[] | undefined,
  single: JoinColumnOptions | undefined,
): readonly JoinColumnOptions[] {
  return list ?? (single === undefined ? [] : [single]);
}

interface Side {
  readonly draft: EntityDraft;
  readonly given: readonly JoinColumnOptions[];
}

type NamedReference = Reference & { readonly name: string };

/** The columns of both sides, of which no two are called the same. */
function sides(
  first: Side,
  second: Side,
  property: string,
  at: Spot,
  context: BuildContext,
): readonly [SideColumns, SideColumns] {
  const [own, other] = [named(first, at, context), named(second, at, context)];
  const [ownApart, otherApart] = apart(own, other, property, context);
  const taken = ownApart.map(({ name }) => name);
  for (const { name } of otherApart) {
    if (taken.includes(name))
      context.problems.add(
        at,
        `both sides of its join table have a column '${name}'`,
        'Name one with @JoinTable({ inverseJoinColumn: { name: … } })',
      );
  }
  return [sideColumns(ownApart, first.given), sideColumns(otherApart, second.given)];
}

function named({ draft, given }: Side, at: Spot, context: BuildContext): readonly NamedReference[] {
  const { naming, cut } = context;
  return references(draft, given, at, context).map(({ referenced, options }) => {
    const usual = cut(naming.joinTableColumn(draft.name, referenced.meta.name, draft.tableName));
    return { referenced, options, name: options.name ?? usual };
  });
}

/** Both sides of a relation to itself would be called the same. */
function apart(
  own: readonly NamedReference[],
  other: readonly NamedReference[],
  property: string,
  { naming, cut }: BuildContext,
): readonly [readonly NamedReference[], readonly NamedReference[]] {
  const isTwin = ({ name }: NamedReference): boolean =>
    own.some((each) => each.name === name) && other.some((each) => each.name === name);
  const { joinTableTwin } = naming;
  if (joinTableTwin !== undefined) {
    const numbered = (side: readonly NamedReference[], place: 1 | 2): readonly NamedReference[] =>
      side.map((each) => (isTwin(each) ? { ...each, name: cut(joinTableTwin(each.name, place)) } : each));
    return [numbered(own, 1), numbered(other, 2)];
  }
  const free = other.map((each) =>
    isTwin(each) && each.options.name === undefined
      ? { ...each, name: cut(naming.joinColumn(property, each.referenced.meta.name)) }
      : each,
  );
  return [own, free];
}

function sideColumns(
  references: readonly NamedReference[],
  given: readonly JoinColumnOptions[],
): SideColumns {
  return {
    joins: references.map(({ name, referenced, options: { renamedFrom } }) => ({
      column: name,
      referenced: referenced.meta.name,
      ...(renamedFrom === undefined ? {} : { renamedFrom }),
    })),
    columns: references.map(({ name, referenced }) => keyColumn(name, referenced)),
    foreignKeyName: given
      .map((options) => options.foreignKeyConstraintName)
      .find((name) => name !== undefined),
  };
}

function keyColumn(name: string, referenced: ColumnDraft): Column {
  const { collation } = referenced.column;
  return {
    name,
    type: referenced.meta.type,
    nullable: false,
    ...(collation === undefined ? {} : { collation }),
  };
}

function foreignKeyTo(
  table: string,
  side: EntityDraft,
  { joins, foreignKeyName }: SideColumns,
  options: RelationDraft['declaration']['options'],
  { naming, cut }: BuildContext,
): ForeignKey[] {
  if (options.createForeignKeyConstraints === false) return [];
  const columns = joins.map((join) => join.column);
  const refColumns = joins.map((join) => join.referenced);
  const refTable = tableHolding(side, refColumns).name;
  return [
    {
      name: foreignKeyName ?? cut(naming.foreignKey(table, columns, refTable)),
      columns,
      refTable,
      refColumns,
      ...actions({ onDelete: 'CASCADE', ...onUpdateOf(naming), ...options }),
    },
  ];
}

/** What is done in the table when rows of a side without a relation of its own go. */
function unpaired(
  options: RelationDraft['declaration']['options'],
  { naming }: BuildContext,
): RelationDraft['declaration']['options'] {
  if (naming.implicit?.joinTableActions !== 'own-side') return options;
  const { onDelete: _onDelete, onUpdate: _onUpdate, ...rest } = options;
  return rest;
}

function indexOver(table: string, { joins }: SideColumns, { naming, cut }: BuildContext): Index {
  const columns = joins.map(({ column }) => column);
  return {
    name: cut(naming.index(table, columns)),
    columns: columns.map((column) => ({ column })),
    unique: false,
  };
}

function onUpdateOf({ implicit }: NamingStrategy): { readonly onUpdate?: 'CASCADE' } {
  return implicit?.joinTableOnUpdate === 'CASCADE' ? { onUpdate: 'CASCADE' } : {};
}

function tellSides(
  relation: RelationDraft,
  target: EntityDraft,
  name: string,
  own: SideColumns,
  other: SideColumns,
  { renamedFrom }: JoinTableOptions,
): void {
  const rename = renamedFrom === undefined ? {} : { renamedFrom };
  relation.joinTable = { name, joinColumns: own.joins, inverseJoinColumns: other.joins, ...rename };
  for (const draft of [target, ...target.children]) {
    const inverse = relationNamed(draft, relation.inverse);
    if (inverse !== undefined && inverse !== relation) {
      inverse.joinTable = { name, joinColumns: other.joins, inverseJoinColumns: own.joins, ...rename };
    }
  }
}
