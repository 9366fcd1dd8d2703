/**
 * `EntityMetadata`: one entity made whole, frozen. Decorators declare, `build.ts` completes; the query
 * side reads it directly and the migration side as a `Schema` (`to-schema.ts`).
 */

import type { ColumnDefault, ColumnType, ReferentialAction, Table, View } from '../schema/model.js';

/** A class that is an entity; `new E()` takes no arguments. */
export type EntityClass<T extends object = object> = (abstract new () => T) | (new () => T);

export interface Transformer {
  to(value: unknown): unknown;
  from(value: unknown): unknown;
}

export type ColumnRole =
  | 'regular'
  | 'createDate'
  | 'updateDate'
  | 'deleteDate'
  | 'version'
  | 'discriminator'
  | 'relation'
  /** Kept by Limbeck for a tree: how deep a row stands, and its path from the root. */
  | 'treeLevel'
  | 'treePath'
  /** Computed by each query; of no table. */
  | 'virtual';

export interface ColumnMetadata {
  /** Path from the entity to the value: one name, or more inside embedded objects. That of the relation for a join column. */
  readonly path: readonly string[];
  /** Names are joined with a dot: `address.street`. */
  readonly property: string;
  /** The name in the table. */
  readonly name: string;
  readonly type: ColumnType;
  /** Values where the type is an enum. */
  readonly enumValues?: readonly string[];
  readonly as?: 'number' | 'string' | 'bigint';
  readonly role: ColumnRole;
  readonly primary: boolean;
  readonly nullable: boolean;
  readonly default?: ColumnDefault;
  /** The database or Limbeck makes the value: `increment`, `identity`, `uuid`, or an SQL expression. */
  readonly generation?: 'increment' | 'identity' | 'uuid' | 'expression';
  readonly select: boolean;
  readonly insert: boolean;
  readonly update: boolean;
  readonly transformers: readonly Transformer[];
  /** The column's former name in the database. */
  readonly renamedFrom?: string;
}

export type RelationKind = 'many-to-one' | 'one-to-many' | 'one-to-one' | 'many-to-many';

export interface JoinColumnMetadata {
  /** Column of the table that holds the key. */
  readonly column: string;
  /** Column of the other entity's table that it refers to. */
  readonly referenced: string;
  /** The column's former name in the database. */
  readonly renamedFrom?: string;
}

export interface JoinTableMetadata {
  readonly name: string;
  readonly joinColumns: readonly JoinColumnMetadata[];
  readonly inverseJoinColumns: readonly JoinColumnMetadata[];
  readonly renamedFrom?: string;
}

export type CascadeOption = 'insert' | 'update' | 'remove' | 'soft-remove' | 'recover';

export interface RelationMetadata {
  /** Path from the entity to the value: one name, or more inside embedded objects. */
  readonly path: readonly string[];
  /** Names are joined with a dot: `counters.author`. */
  readonly property: string;
  readonly kind: RelationKind;
  readonly target: EntityClass;
  /** Property of the target that points back, by its `property`. */
  readonly inverse?: string;
  /** Whether this side holds the key (or the join table). */
  readonly owning: boolean;
  readonly nullable: boolean;
  /** On the owning to-one side: the columns of this entity's table. On the other side: the columns of the target's. */
  readonly joinColumns: readonly JoinColumnMetadata[];
  readonly joinTable?: JoinTableMetadata;
  readonly cascade: readonly CascadeOption[];
  readonly onDelete?: ReferentialAction;
  /** What becomes of a row that was taken out of a to-many relation. */
  readonly orphanedRowAction?: OrphanedRowAction;
}

export type OrphanedRowAction = 'nullify' | 'delete' | 'soft-delete' | 'disable';

/** When a listener is called. */
export type ListenerEvent =
  | 'beforeInsert'
  | 'afterInsert'
  | 'beforeUpdate'
  | 'afterUpdate'
  | 'beforeRemove'
  | 'afterRemove'
  | 'beforeSoftRemove'
  | 'afterSoftRemove'
  | 'beforeRecover'
  | 'afterRecover'
  | 'afterLoad';

/** A property that shows the key of a relation. */
export interface RelationIdMetadata {
  readonly path: readonly string[];
  readonly property: string;
  /** Property of the relation. */
  readonly relation: string;
}

/** A property that a query computes. */
export interface VirtualColumnMetadata {
  readonly path: readonly string[];
  readonly property: string;
  readonly type?: ColumnType;
  /** SQL of the value, made from the alias of the entity's table. */
  query(alias: string): string;
}

/** An object whose columns stand in the entity's table; outer ones come before those inside them. */
export interface EmbeddedMetadata {
  readonly path: readonly string[];
  readonly target: EntityClass;
}

/** How a tree is kept: by the key of the parent alone, or beside it in a closure table or a path. */
export type TreeKind = 'adjacency' | 'closure' | 'path';

/** What `@Tree` says of an entity. */
export interface TreeMetadata {
  readonly kind: TreeKind;
  /** The class that it was said of, of which those below it inherit it. */
  readonly owner: EntityClass;
  /** Properties of the two relations. */
  readonly parent: string;
  readonly children: string;
  /** Columns of the entity's table. */
  readonly path?: string;
  readonly level?: string;
  readonly closure?: {
    readonly table: string;
    /** Columns, in the order of the entity's key. */
    readonly ancestors: readonly string[];
    readonly descendants: readonly string[];
  };
}

export interface ListenerMetadata {
  readonly event: ListenerEvent;
  readonly method: string;
  /** The embedded object whose method it is; the entity itself when absent. */
  readonly path?: readonly string[];
}

/** One of the tables that a row stands in, where each class of a family has a table. */
export interface TablePart {
  readonly target: EntityClass;
  readonly tableName: string;
  /** The columns of it, by name: the key in every part, any other in one. */
  readonly columns: readonly string[];
}

export interface EntityMetadata<T extends object = object> {
  readonly target: EntityClass<T>;
  /** The class's name. */
  readonly name: string;
  readonly tableName: string;
  readonly columns: readonly ColumnMetadata[];
  readonly primaryColumns: readonly ColumnMetadata[];
  readonly relations: readonly RelationMetadata[];
  /** The table of this entity as the schema sees it. */
  readonly table: Table;
  /** What a discriminator column must hold for a row to be of this class; absent without inheritance. */
  readonly discriminator?: {
    readonly column: string;
    readonly value: string | number;
    readonly values: readonly (string | number)[];
  };
  readonly renamedFrom?: string;
  readonly virtualColumns: readonly VirtualColumnMetadata[];
  readonly relationIds: readonly RelationIdMetadata[];
  readonly embeddeds: readonly EmbeddedMetadata[];
  readonly listeners: readonly ListenerMetadata[];
  /** The order of results that ask for none, by property. */
  readonly orderBy?: Readonly<Record<string, 'ASC' | 'DESC'>>;
  /** In a family of classes: the one that this one extends, and all that extend this one. */
  readonly parent?: EntityClass;
  readonly children: readonly EntityClass[];
  /** The view that stands in the place of the table; then nothing is written, and `table` is in no schema. */
  readonly view?: View;
  /** Present where the rows are a tree. */
  readonly tree?: TreeMetadata;
  /** With a table for each class of a family: those that a row of this class stands in, the first class's first. */
  readonly parts?: readonly TablePart[];
}

/** All entities of one configuration. */
export interface EntityRegistry {
  readonly entities: readonly EntityMetadata[];
  /** Tables between the two sides of a many-to-many relation, sorted by name. */
  readonly joinTables: readonly Table[];
  /** @throws ENTITY_UNKNOWN naming the class */
  get<T extends object>(target: EntityClass<T>): EntityMetadata<T>;
}
