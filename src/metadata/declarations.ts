/**
 * What decorators write down: plain values, one for each decorator, in the order in which they ran. Nothing
 * is checked or completed here; `build.ts` turns the declarations of all classes into metadata.
 */

import type { SqlText } from '../ast/sql-text.js';
import type { ListenerEvent, RelationKind } from './entity.js';
import type * as o from './options.js';

/** Which decorator made a column; regular ones are `@Column` and `@PrimaryColumn`, `view` is `@ViewColumn`. */
export type ColumnFlavor =
  | 'regular'
  | 'primaryGenerated'
  | 'createDate'
  | 'updateDate'
  | 'deleteDate'
  | 'version'
  | 'view'
  | 'treeLevel';

export interface ColumnDeclaration {
  readonly kind: 'column';
  readonly property: string;
  readonly flavor: ColumnFlavor;
  /** As the user wrote it: to be read in messages. */
  readonly decorator: string;
  readonly options: o.ColumnOptions;
  readonly generation?: o.GenerationStrategy;
  /** `design:type`, where the transpiler emitted it. */
  readonly designType?: unknown;
}

export interface RelationDeclaration {
  readonly kind: 'relation';
  readonly property: string;
  readonly relation: RelationKind;
  readonly target: unknown;
  /** A property's name, or a callback that reads it. */
  readonly inverse?: unknown;
  /** Made by `@TreeParent` or `@TreeChildren`; target and inverse are told when the class is known. */
  readonly tree?: 'parent' | 'children';
  readonly options: o.ToOneOptions & o.ManyToManyOptions;
}

export type PropertyDeclaration =
  | ColumnDeclaration
  | RelationDeclaration
  | { readonly kind: 'virtual'; readonly property: string; readonly options: o.VirtualColumnOptions }
  | {
      readonly kind: 'embedded';
      readonly property: string;
      readonly target: unknown;
      readonly options: o.EmbeddedOptions;
    }
  | { readonly kind: 'generated'; readonly property: string; readonly strategy: o.GenerationStrategy }
  | {
      readonly kind: 'joinColumn';
      readonly property: string;
      readonly columns: readonly o.JoinColumnOptions[];
    }
  | { readonly kind: 'joinTable'; readonly property: string; readonly options: o.JoinTableOptions }
  | { readonly kind: 'relationId'; readonly property: string; readonly relation: unknown }
  | { readonly kind: 'listener'; readonly property: string; readonly event: ListenerEvent };

/** Keys and checks stand on a property or, without one, on the class. */
export interface IndexDeclaration {
  readonly kind: 'index';
  readonly property?: string;
  readonly name?: string;
  readonly fields?: unknown;
  readonly options: o.IndexOptions;
}

export interface UniqueDeclaration {
  readonly kind: 'unique';
  readonly property?: string;
  readonly name?: string;
  readonly fields?: unknown;
  readonly options: o.UniqueOptions;
}

export interface CheckDeclaration {
  readonly kind: 'check';
  readonly property?: string;
  readonly name?: string;
  readonly expression: SqlText;
}

export interface ForeignKeyDeclaration {
  readonly kind: 'foreignKey';
  readonly property?: string;
  readonly target: unknown;
  /** Properties of this entity; the property that the decorator stands on when absent. */
  readonly fields?: unknown;
  /** Properties of the other entity; its primary key when absent. */
  readonly referenced?: unknown;
  readonly options: o.ForeignKeyOptions;
}

export interface ExclusionDeclaration {
  readonly kind: 'exclusion';
  readonly property?: string;
  readonly name?: string;
  readonly expression: SqlText;
  readonly options: o.ExclusionOptions;
}

export type KeyDeclaration =
  | IndexDeclaration
  | UniqueDeclaration
  | CheckDeclaration
  | ForeignKeyDeclaration
  | ExclusionDeclaration;

export type ClassDeclaration =
  | { readonly kind: 'entity'; readonly options: o.EntityOptions }
  | {
      readonly kind: 'childEntity';
      readonly value?: string | number;
      readonly options: o.ChildEntityOptions;
    }
  | { readonly kind: 'tableInheritance'; readonly options: o.TableInheritanceOptions }
  | { readonly kind: 'viewEntity'; readonly options: o.ViewEntityOptions }
  | { readonly kind: 'tree'; readonly type: o.TreeKindName; readonly options: o.TreeOptions }
  | { readonly kind: 'embeddable' }
  | { readonly kind: 'subscriber' };

/** A decorator that stands where it cannot work; told with all other mistakes when the entities are built. */
export interface MisplacedDeclaration {
  readonly kind: 'misplaced';
  readonly property?: string;
  readonly decorator: string;
  readonly problem: string;
  readonly cure: string;
}

export type Declaration = PropertyDeclaration | KeyDeclaration | ClassDeclaration | MisplacedDeclaration;

/** The declaration of one kind. */
export type DeclarationOf<K extends Declaration['kind']> = Extract<Declaration, { readonly kind: K }>;
