/**
 * What the build works on before it freezes the result: one draft for each entity and one for each table. A
 * table is shared by the classes of a single-table family, so it is apart from them.
 */

import type { Check, Column, Exclusion, ForeignKey, Index, PrimaryKey, Unique } from '../schema/model.js';
import type { NamingStrategy } from '../schema/naming.js';
import type { DeclarationOf, KeyDeclaration } from './declarations.js';
import type {
  ColumnMetadata,
  EmbeddedMetadata,
  EntityClass,
  JoinColumnMetadata,
  JoinTableMetadata,
  ListenerMetadata,
  RelationIdMetadata,
  TreeMetadata,
  VirtualColumnMetadata,
} from './entity.js';
import type { EntityOptions, ViewEntityOptions } from './options.js';
import type { Problems, Spot } from './problems.js';

/** A column as the entity and as the table see it. */
export interface ColumnDraft {
  readonly meta: ColumnMetadata;
  readonly column: Column;
  readonly options: DeclarationOf<'column'>['options'];
}

/** All that was declared about one property. */
export interface PropertyGroup {
  readonly property: string;
  column?: DeclarationOf<'column'>;
  relation?: DeclarationOf<'relation'>;
  embedded?: DeclarationOf<'embedded'>;
  virtual?: DeclarationOf<'virtual'>;
  relationId?: DeclarationOf<'relationId'>;
  generated?: DeclarationOf<'generated'>;
  joinColumns?: DeclarationOf<'joinColumn'>[];
  joinTable?: DeclarationOf<'joinTable'>;
}

/** A key with the path of the embedded object that it was declared in. */
export interface KeyDraft {
  readonly key: KeyDeclaration;
  readonly path: readonly string[];
}

export interface RelationDraft {
  readonly declaration: DeclarationOf<'relation'>;
  readonly group: PropertyGroup;
  /** The declaration's own name, behind those of the embedded objects around it. */
  readonly path: readonly string[];
  /** The path with dots. */
  readonly property: string;
  /** What the embedded objects around it put before the names of its columns. */
  readonly naming: Pick<ColumnPlace, 'prefix' | 'prefixes'>;
  /** Absent where the other side could not be found; a mistake was told then. */
  target?: EntityDraft;
  inverse?: string;
  owning: boolean;
  joinColumns: readonly JoinColumnMetadata[];
  joinTable?: JoinTableMetadata;
}

export interface TableDraft {
  readonly name: string;
  /** The entity that the table was made for, to be named in mistakes. */
  readonly owner: string;
  readonly columns: Map<string, Column>;
  primaryKey?: PrimaryKey;
  readonly uniques: Unique[];
  readonly checks: Check[];
  readonly foreignKeys: ForeignKey[];
  readonly indexes: Index[];
  readonly exclusions: Exclusion[];
  readonly comment?: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

export interface EntityDraft {
  readonly target: EntityClass;
  readonly name: string;
  readonly options: EntityOptions;
  /** That of the root where the table is a family's. */
  tableName: string;
  readonly groups: readonly PropertyGroup[];
  readonly keys: KeyDraft[];
  readonly listeners: ListenerMetadata[];
  readonly relations: RelationDraft[];
  readonly virtualColumns: VirtualColumnMetadata[];
  readonly relationIds: RelationIdMetadata[];
  readonly embeddeds: EmbeddedMetadata[];
  /** In the order of the properties, join columns in the place of their relation. */
  columns: ColumnDraft[];
  /** The entity whose table this is: itself, or the root of its family. */
  root: EntityDraft;
  parent?: EntityDraft;
  /** What is said of the view that stands in the place of a table. */
  readonly view?: ViewEntityOptions;
  /** With a table for each class of a family: the parent, whose rows those of this table extend. */
  extended?: EntityDraft;
  readonly children: EntityDraft[];
  discriminator?: { readonly column: string; readonly value: string | number };
  table: TableDraft;
  tree?: TreeMetadata;
}

/** Where a column belongs. */
export interface ColumnPlace {
  /** The class that the property is declared on, for `@MaxLength`. */
  readonly owner: object;
  readonly table: string;
  readonly at: Spot;
  /** Properties of the embedded objects around it. */
  readonly outer: readonly string[];
  /** Begins the column's name. */
  readonly prefix: string;
  /** What the embedded objects around it are called in names, outermost first. */
  readonly prefixes: readonly string[];
}

/** What every step of the build needs. */
export interface BuildContext {
  readonly naming: NamingStrategy;
  readonly maxIdentifierBytes: number;
  readonly problems: Problems;
  readonly drafts: ReadonlyMap<object, EntityDraft>;
  /** Cuts a name to what all databases of the configuration allow. */
  cut(name: string): string;
}

/** The relation of a property. */
export function relationNamed(draft: EntityDraft, property: string | undefined): RelationDraft | undefined {
  return draft.relations.find((relation) => relation.property === property);
}

/** Whether a relation is one that a class has from another, at the same place. */
export function isSameRelation(a: RelationDraft, b: RelationDraft): boolean {
  return a.declaration === b.declaration && a.property === b.property;
}

/** Whether a column stands in the table of a class above, as all but the key do where each class has a table. */
export function isInheritedColumn({ extended }: EntityDraft, name: string): boolean {
  return extended?.columns.some(({ meta }) => meta.name === name) === true;
}

/** The table, of the class's own and those of the classes above, that holds some columns. */
export function tableHolding(draft: EntityDraft, columns: readonly string[]): TableDraft {
  for (let owner: EntityDraft | undefined = draft; owner !== undefined; owner = owner.extended) {
    const { table } = owner;
    if (columns.every((column) => table.columns.has(column))) return table;
  }
  return draft.table;
}

/** Where a mistake about a property is. */
export function spot(draft: EntityDraft, property?: string): Spot {
  return { entity: draft.name, property };
}

/** Properties that stand for columns: of values with their path, of relations that hold a key. */
export function propertyNames(draft: EntityDraft): string[] {
  return [
    ...new Set([...draft.columns.map((c) => c.meta.property), ...draft.relations.map((r) => r.property)]),
  ];
}

/** Columns that a property stands for: one, or those of the key of a relation; undefined when it is none. */
export function columnsOfProperty(draft: EntityDraft, property: string): readonly string[] | undefined {
  const relation = draft.relations.find((r) => r.property === property);
  if (relation !== undefined) {
    const holdsKey = relation.owning && relation.declaration.relation !== 'many-to-many';
    return holdsKey ? relation.joinColumns.map((c) => c.column) : undefined;
  }
  const column = draft.columns.find((c) => c.meta.property === property);
  return column === undefined ? undefined : [column.meta.name];
}
