/**
 * The options that decorators take, under TypeORM's names. Decorators check them against the property, the
 * build checks them again, for an application may be compiled without types.
 */

import type { SqlText } from '../ast/sql-text.js';
import type { NativeTypeMap, TypeName } from '../schema/type-names.js';
import type { CascadeOption, ColumnMetadata, OrphanedRowAction, Transformer } from './entity.js';

/** A class, whatever its constructor takes. */
export type TargetClass<T extends object = object> = abstract new (...args: never[]) => T;

/** A native type: at least one database is named. */
export type NativeType = NativeTypeMap &
  (
    | { readonly postgres: string }
    | { readonly mysql: string }
    | { readonly mariadb: string }
    | { readonly sqlite: string }
  );

/** The values of an enum: a list, or a TypeScript enum whose values are strings. */
export type EnumValues = readonly string[] | Readonly<Record<string, string>>;

export interface ColumnOptions {
  readonly type?: TypeName | NativeType;
  /** The name in the table. */
  readonly name?: string;
  readonly length?: number | `${number}`;
  readonly precision?: number;
  readonly scale?: number;
  readonly nullable?: boolean;
  /** A literal, or SQL as a function's result or ``sql`…` ``. */
  readonly default?: unknown;
  readonly unique?: boolean;
  readonly primary?: boolean;
  readonly comment?: string;
  readonly enum?: EnumValues;
  readonly enumName?: string;
  readonly array?: boolean;
  /** What JavaScript sees: a `bigint` column as number or string, a `decimal` column as number. */
  readonly as?: 'number' | 'string' | 'bigint';
  readonly transformer?: Transformer | readonly Transformer[];
  /** `false`: left out of results that do not name it. */
  readonly select?: boolean;
  /** `false`: never written by an INSERT. */
  readonly insert?: boolean;
  /** `false`: never written by an UPDATE. */
  readonly update?: boolean;
  readonly collation?: string;
  /** MySQL: no negative numbers. */
  readonly unsigned?: boolean;
  /** MySQL: the character set of the column's text. */
  readonly charset?: string;
  /** MySQL: the value at every update, `CURRENT_TIMESTAMP`. */
  readonly onUpdate?: string;
  /** Options that one database knows alone: `mysql: { invisible: true }`. */
  readonly postgres?: NativeOptions;
  readonly mysql?: NativeOptions;
  /** Makes a generated column. */
  readonly asExpression?: SqlText;
  readonly generatedType?: 'STORED' | 'VIRTUAL';
  readonly primaryKeyConstraintName?: string;
  /** Name of the foreign key of a `@ForeignKey` on the same property. */
  readonly foreignKeyConstraintName?: string;
  /** The column's former name in the database. */
  readonly renamedFrom?: string;
}

export type PrimaryColumnOptions = Omit<
  ColumnOptions,
  'nullable' | 'primary' | 'unique' | 'asExpression' | 'generatedType'
>;

export type GenerationStrategy = 'increment' | 'identity' | 'uuid';

export interface PrimaryGeneratedColumnOptions {
  readonly type?: TypeName;
  readonly name?: string;
  readonly comment?: string;
  readonly as?: 'number' | 'string' | 'bigint';
  readonly primaryKeyConstraintName?: string;
  readonly renamedFrom?: string;
}

/** Options of the columns that Limbeck fills in itself. */
export interface SpecialColumnOptions {
  readonly type?: TypeName;
  readonly name?: string;
  readonly precision?: number;
  readonly comment?: string;
  readonly default?: unknown;
  readonly select?: boolean;
  readonly as?: 'number' | 'string' | 'bigint';
  readonly onUpdate?: string;
  readonly transformer?: Transformer | readonly Transformer[];
  readonly renamedFrom?: string;
}

export interface VirtualColumnOptions {
  readonly type?: TypeName;
  /** SQL of the value, made from the alias of the entity's table. */
  readonly query: (alias: string) => SqlText;
}

/** Options that a database knows alone, under its name. */
export type NativeOptions = Readonly<Record<string, string | number | boolean>>;

export interface EntityOptions {
  readonly name?: string;
  /** PostgreSQL: where the table lives; elsewhere it becomes part of the name, `audit.logs`. */
  readonly schema?: string;
  readonly comment?: string;
  /** The table's former name in the database. */
  readonly renamedFrom?: string;
  /** The order of results that ask for none: `{ name: 'ASC' }`. */
  readonly orderBy?: Readonly<Record<string, 'ASC' | 'DESC'>>;
  /** SQLite: a table without ROWID. */
  readonly withoutRowid?: boolean;
  readonly sqlite?: { readonly strict?: boolean; readonly withoutRowid?: boolean };
  readonly postgres?: NativeOptions;
  readonly mysql?: NativeOptions;
}

export type OnDelete = 'CASCADE' | 'SET NULL' | 'SET DEFAULT' | 'RESTRICT' | 'NO ACTION';
export type DeferrableOption = 'INITIALLY IMMEDIATE' | 'INITIALLY DEFERRED';

/** What the compiler says to `eager: true`. */
export type AskForRelations =
  'no relation loads itself: ask for it with find({ relations: { author: true } })';

export interface RelationOptions {
  /** Does not exist; here for the compiler's message. */
  readonly eager?: AskForRelations;
  /** Does not exist; here for the compiler's message. */
  readonly lazy?: AskForRelations;
  readonly cascade?: boolean | readonly CascadeOption[];
}

export interface ToManyOptions extends RelationOptions {
  readonly orphanedRowAction?: OrphanedRowAction;
}

export interface ToOneOptions extends RelationOptions {
  readonly nullable?: boolean;
  readonly onDelete?: OnDelete;
  readonly onUpdate?: OnDelete;
  readonly deferrable?: DeferrableOption;
  /** `false`: the column is a plain one, the database does not guard it. */
  readonly createForeignKeyConstraints?: boolean;
  /** `false`: no index of its own for the join columns. */
  readonly index?: boolean;
  readonly comment?: string;
  readonly orphanedRowAction?: OrphanedRowAction;
}

export interface ManyToManyOptions extends RelationOptions {
  readonly onDelete?: OnDelete;
  readonly onUpdate?: OnDelete;
  readonly deferrable?: DeferrableOption;
  readonly createForeignKeyConstraints?: boolean;
}

export interface JoinColumnOptions {
  readonly name?: string;
  /** A property of the other entity, or its column; by default the primary key. */
  readonly referencedColumnName?: string;
  readonly foreignKeyConstraintName?: string;
  readonly renamedFrom?: string;
}

export interface JoinTableOptions {
  readonly name?: string;
  readonly joinColumn?: JoinColumnOptions;
  readonly joinColumns?: readonly JoinColumnOptions[];
  readonly inverseJoinColumn?: JoinColumnOptions;
  readonly inverseJoinColumns?: readonly JoinColumnOptions[];
  readonly comment?: string;
  readonly renamedFrom?: string;
}

export type Direction = 'asc' | 'desc' | 'ASC' | 'DESC';

/** One part of an index: a property, or an expression. */
export type IndexPart = ({ readonly property: string } | { readonly expression: SqlText }) & {
  readonly order?: Direction;
  readonly nulls?: 'first' | 'last';
  readonly collation?: string;
  readonly operatorClass?: string;
  readonly length?: number;
};

/** A property's name (with a dot inside an embedded object), an expression as ``sql`…` ``, or a part spelt out. */
export type IndexField = string | Exclude<SqlText, string> | IndexPart;

/** A property that stands for its own name. */
export interface PropertyPath {
  readonly [property: string]: PropertyPath;
}

/** Names properties by reading them: `(book) => [book.title]`, or with directions `() => ({ title: -1 })`. */
export type FieldsCallback = (properties: PropertyPath) => unknown;

export interface IndexOptions {
  readonly unique?: boolean;
  /** Makes a partial index. */
  readonly where?: SqlText;
  readonly order?: Direction | Readonly<Record<string, Direction>>;
  readonly nulls?: 'first' | 'last';
  /** `btree`, `gin`, …: what the database calls it. */
  readonly method?: string;
  /** Properties whose values the index holds beside its key. */
  readonly include?: readonly string[];
  readonly nullsNotDistinct?: boolean;
  /** MySQL: a full-text index. */
  readonly fulltext?: boolean;
  /** MySQL: a spatial index. */
  readonly spatial?: boolean;
  /** Options that one database knows alone: `mysql: { invisible: true }`. */
  readonly postgres?: NativeOptions;
  readonly mysql?: NativeOptions;
}

export interface UniqueOptions {
  readonly deferrable?: DeferrableOption;
  readonly nullsNotDistinct?: boolean;
}

export interface ForeignKeyOptions {
  readonly name?: string;
  readonly onDelete?: OnDelete;
  readonly onUpdate?: OnDelete;
  readonly deferrable?: DeferrableOption;
}

export interface ExclusionOptions {
  readonly method?: string;
  readonly where?: SqlText;
  readonly deferrable?: DeferrableOption;
}

/** How a tree is kept beside the key of the parent. */
export type TreeKindName =
  | 'adjacency'
  | 'adjacency-list'
  | 'closure-table'
  | 'materialized-path'
  | 'nested-set';

/** Names in a closure table; `<table>_closure`, `<key>_ancestor` and `<key>_descendant` by default. */
export interface TreeOptions {
  readonly closureTableName?: string;
  readonly ancestorColumnName?: (column: ColumnMetadata) => string;
  readonly descendantColumnName?: (column: ColumnMetadata) => string;
}

/** Options of `@TreeParent`. */
export interface TreeParentOptions {
  readonly onDelete?: OnDelete;
}

/** Options of `@TreeChildren`. */
export interface TreeChildrenOptions {
  readonly cascade?: boolean | readonly CascadeOption[];
}

export interface EmbeddedOptions {
  /** Begins the names of the columns; the property by default, nothing where `false`. */
  readonly prefix?: string | boolean;
}

/** The names of entities as SQL writes them; quoted where they must be. */
export interface ViewNames {
  /** The table, or the view, of an entity. */
  table(target: TargetClass<object>): string;
  /** The column of a property, without its table: `address.street` inside embedded objects. */
  column(target: TargetClass<object>, property: string): string;
}

export interface ViewEntityOptions extends Pick<EntityOptions, 'name' | 'schema' | 'orderBy'> {
  /** The query: SQL text, or what makes it from the names of entities. */
  readonly expression: SqlText | ((names: ViewNames) => SqlText);
  /** Whether the database keeps the rows, until they are refreshed (PostgreSQL). */
  readonly materialized?: boolean;
  /** Views that must be there first, as classes or names; those that the query names are known already. */
  readonly dependsOn?: readonly (TargetClass<object> | string)[];
}

/** What a column of a view may say of itself. */
export type ViewColumnOptions = Pick<
  ColumnOptions,
  'type' | 'name' | 'transformer' | 'as' | 'array' | 'enum' | 'length' | 'precision' | 'scale' | 'select'
>;

/** The table of a child; only with `@TableInheritance({ pattern: 'CTI' })`, where it has one of its own. */
export type ChildEntityOptions = Pick<
  EntityOptions,
  'name' | 'schema' | 'comment' | 'renamedFrom' | 'orderBy'
>;

export interface TableInheritanceOptions {
  /** What stands in that column for rows of the class itself; its name by default. */
  readonly value?: string | number;
  /** `STI`, the default: one table for all classes. `CTI`: one for each, with the columns that it adds and the key. */
  readonly pattern?: 'STI' | 'CTI';
  /** The column that says of which class a row is; `type` by default. With `CTI` there is none unless it is named. */
  readonly column?: string | ColumnOptions;
}
