/**
 * The types of what is asked for: `where`, `order`, `select`, `relations`. Wrong keys do not compile at any
 * depth; what the compiler lets pass is refused at run time.
 */

import type { Plain, RelationShape, TargetOf } from '../../metadata/relation-types.js';
import type { Operator } from '../conditions/operators.js';

/** Values that are compared whole. */
type Whole = string | number | bigint | boolean | symbol | Date | Uint8Array | readonly unknown[];

/** A value, an operator on it, or conditions on the properties of an embedded object. */
export type Condition<V> = V | Operator<V> | ConditionsInside<V>;

type ConditionsInside<V> = V extends Whole
  ? never
  : { readonly [K in keyof V]?: Condition<NonNullable<V[K]>> };

/** A condition on a relation: on properties of the other side ("some" of many), or an entity, which means its key. */
type RelationCondition<V> = Where<TargetOf<V>> | Plain<TargetOf<V>> | Operator<Plain<TargetOf<V>>>;

type AnyFunction = (...args: never[]) => unknown;

/** Conditions that must all hold. `undefined` and `null` are refused: say `IsNull()`. */
export type Where<T> = {
  readonly [K in keyof T]?: [TargetOf<T[K]>] extends [never]
    ? NonNullable<T[K]> extends AnyFunction
      ? never
      : Condition<NonNullable<T[K]>>
    : RelationCondition<T[K]>;
};

/** One set of conditions, or several, of which one must hold. */
export type WhereAny<T> = Where<T> | readonly Where<T>[];

export type OrderDirection = 'asc' | 'desc' | 'ASC' | 'DESC';

type OrderOf<V> = V extends Whole
  ? OrderDirection
  : OrderDirection | { readonly [K in keyof V]?: OrderDirection };

/** The order of the result, the first key first; a to-one relation is ordered by its columns. */
export type Order<T> = {
  readonly [K in keyof T]?: [TargetOf<T[K]>] extends [never]
    ? NonNullable<T[K]> extends AnyFunction
      ? never
      : OrderOf<NonNullable<T[K]>>
    : RelationShape<T[K]> extends 'one'
      ? OrderColumns<TargetOf<T[K]>>
      : never;
};

type OrderColumns<T> = {
  readonly [K in keyof T]?: [TargetOf<T[K]>] extends [never]
    ? NonNullable<T[K]> extends AnyFunction
      ? never
      : OrderOf<NonNullable<T[K]>>
    : never;
};

/** The columns that are read; without it, all but those with `select: false`. */
export type Select<T> = {
  readonly [K in keyof T]?: [TargetOf<T[K]>] extends [never]
    ? NonNullable<T[K]> extends AnyFunction
      ? never
      : true
    : never;
};

/** The relations that are loaded, each with one query of its own. */
export type Relations<T> = {
  readonly [K in keyof T]?: [TargetOf<T[K]>] extends [never]
    ? never
    : boolean | RelationOptions<TargetOf<T[K]>, RelationShape<T[K]>>;
};

/** What may be asked of a relation; only a list can be narrowed and ordered. */
export type RelationOptions<T, S> = { readonly relations?: Relations<T> } & (S extends 'many'
  ? {
      readonly where?: WhereAny<T>;
      readonly order?: Order<T>;
      readonly withDeleted?: boolean;
    }
  : unknown);

/** Refuses keys that a shape does not have, which an inferred type argument would let pass. */
export type ExactKeys<Shape, In> = { readonly [K in keyof In]: K extends keyof Shape ? In[K] : never };

/** The same for relations, at every depth. */
export type ExactRelations<T, R> = {
  readonly [K in keyof R]: K extends keyof T
    ? [TargetOf<T[K]>] extends [never]
      ? never
      : R[K] extends boolean
        ? R[K]
        : ExactRelationOptions<TargetOf<T[K]>, RelationShape<T[K]>, R[K]>
    : never;
};

type ExactRelationOptions<T, S, O> = {
  readonly [K in keyof O]: K extends 'relations'
    ? ExactRelations<T, O[K]>
    : K extends 'where'
      ? O[K] extends readonly unknown[]
        ? O[K]
        : ExactKeys<T, O[K]>
      : K extends 'order'
        ? ExactKeys<T, O[K]>
        : K extends keyof RelationOptions<T, S>
          ? O[K]
          : never;
};

/** No type argument given: nothing selected, nothing loaded. */
export type Nothing = Record<never, never>;

/** Options that narrow what is found. */
export interface CriteriaOptions<T> {
  readonly where?: WhereAny<T>;
  /** Rows that a `@DeleteDateColumn` hides. */
  readonly withDeleted?: boolean;
}

/** Options of `findOne` and its kin. */
export interface FindOneOptions<T, S = Nothing, R = Nothing> extends CriteriaOptions<T> {
  readonly select?: S & ExactKeys<Select<T>, S>;
  readonly relations?: R & ExactRelations<T, R>;
  readonly order?: Order<T>;
  readonly skip?: number;
}

/** Options of `find`. */
export interface FindOptions<T, S = Nothing, R = Nothing> extends FindOneOptions<T, S, R> {
  readonly take?: number;
}
