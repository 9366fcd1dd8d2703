/**
 * The types of what is asked for: `order`, `select`, `relations` (`where` stands in `conditions/`). Wrong keys do not compile at any
 * depth; what the compiler lets pass is refused at run time.
 */

import type { SqlFragment } from '../../ast/sql.js';
import type {
  HasRelations,
  NoOption,
  RelationShape,
  Simple,
  TargetOf,
  Whole,
} from '../../metadata/relation-types.js';
import type { AnyOperator, RawColumn } from '../conditions/operators.js';
import type { WhereAny } from '../conditions/where-types.js';
import type { FindLock } from './lock.js';

type AnyFunction = (...args: never[]) => unknown;

export type OrderDirection = 'asc' | 'desc' | 'ASC' | 'DESC' | 1 | -1;

/** One key of an order, with where NULL stands and what of the column is compared. */
export interface OrderTermOptions {
  /** `'asc'` unless told. */
  readonly direction?: OrderDirection;
  /** Where rows without a value stand; where the database puts them unless told. */
  readonly nulls?: 'first' | 'last' | 'FIRST' | 'LAST';
  /** An expression in place of the column: ``(title) => sql`lower(${title})` ``. */
  readonly by?: (column: RawColumn) => SqlFragment;
}

type OrderOf<V> = [V] extends [Whole]
  ? OrderDirection | OrderTermOptions
  :
      | OrderDirection
      | OrderTermOptions
      | {
          readonly [K in keyof V]?: TargetOf<V[K]> extends never
            ? V[K] extends AnyFunction
              ? NoOption<K>
              : OrderOf<NonNullable<V[K]>>
            : OrderOfRelation<V[K]>;
        };

type OrderOfRelation<V> = RelationShape<V> extends 'one' ? Order<TargetOf<V>> : never;

/** The order of the result, the first key first; to-one relations are ordered by their columns, at any depth. */
export type Order<T> = {
  readonly [K in keyof T]?: TargetOf<T[K]> extends never
    ? NonNullable<T[K]> extends AnyFunction
      ? NoOption<K>
      : OrderOf<NonNullable<T[K]>>
    : OrderOfRelation<T[K]>;
};

/**
 * Without it, all columns but those with `select: false`; `false` is the same as nothing said. What is selected of a
 * relation loads the relation.
 */
export type Select<T> = {
  readonly [K in keyof T]?: TargetOf<T[K]> extends never
    ? NonNullable<T[K]> extends AnyFunction
      ? NoOption<K>
      : SelectOf<NonNullable<T[K]>>
    : boolean | Select<TargetOf<T[K]>>;
};

type SelectOf<V> = [V] extends [Whole]
  ? boolean
  :
      | boolean
      | {
          readonly [K in keyof V]?: TargetOf<V[K]> extends never
            ? V[K] extends AnyFunction
              ? NoOption<K>
              : SelectOf<NonNullable<V[K]>>
            : boolean | Select<TargetOf<V[K]>>;
        };

/** The relations that are loaded, each with one query of its own; those inside embedded objects by their paths. */
export type Relations<T> = {
  readonly [K in keyof T]?: TargetOf<T[K]> extends never
    ? T[K] extends Simple
      ? NoOption<K>
      : HasRelations<NonNullable<T[K]>> extends never
        ? NoOption<K>
        : false | Relations<NonNullable<T[K]>>
    : boolean | RelationOptions<TargetOf<T[K]>, RelationShape<T[K]>>;
};

/** What may be asked of a relation; only a list has an order and a page of each entity's own. */
export type RelationOptions<T, S> = OneOptions<T> & (S extends 'many' ? ManyOptions<T> : unknown);

interface OneOptions<T> {
  readonly select?: Select<T>;
  readonly relations?: Relations<T>;
  /** Of a to-one relation: what does not meet it is null. */
  readonly where?: WhereAny<T>;
  /** Rows that a `@DeleteDateColumn` hides. A to-one relation shows them unless told `false`. */
  readonly withDeleted?: boolean;
}

interface ManyOptions<T> {
  readonly order?: Order<T>;
  /** Most members of each entity. */
  readonly take?: number;
  /** Members of each entity that are passed over. */
  readonly skip?: number;
}

/** Of several classes the properties that any has: `getRepository<Person | Student>(Person)`. */
type KeyOfAny<T> = T extends unknown ? keyof T : never;
type PropertyOf<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

type ExactWhere<T, W> = W extends AnyOperator
  ? W
  : W extends readonly unknown[]
    ? { readonly [I in keyof W]: ExactConditions<T, W[I]> }
    : ExactConditions<T, W>;

type ExactConditions<T, W> = {
  readonly [K in keyof W]: K extends KeyOfAny<T>
    ? TargetOf<PropertyOf<T, K>> extends never
      ? ExactInside<NonNullable<PropertyOf<T, K>>, W[K]>
      : ExactWhere<TargetOf<PropertyOf<T, K>>, W[K]>
    : never;
};

/** Of a value that is compared whole, anything; of an embedded object, keys that it has. */
type ExactInside<V, W> = [V] extends [Whole]
  ? W
  : W extends AnyOperator | Whole
    ? W
    : {
        readonly [K in keyof W]: K extends keyof V
          ? TargetOf<V[K]> extends never
            ? ExactInside<NonNullable<V[K]>, W[K]>
            : ExactWhere<TargetOf<V[K]>, W[K]>
          : never;
      };

type ExactOrder<T, O> = {
  readonly [K in keyof O]: K extends KeyOfAny<T>
    ? TargetOf<PropertyOf<T, K>> extends never
      ? ExactTerm<NonNullable<PropertyOf<T, K>>, O[K]>
      : ExactOrder<TargetOf<PropertyOf<T, K>>, O[K]>
    : never;
};

type ExactTerm<V, O> = O extends OrderDirection
  ? O
  : {
      readonly [K in keyof O]: K extends keyof OrderTermOptions
        ? O[K]
        : [V] extends [Whole]
          ? never
          : K extends keyof V
            ? TargetOf<V[K]> extends never
              ? ExactTerm<NonNullable<V[K]>, O[K]>
              : ExactOrder<TargetOf<V[K]>, O[K]>
            : never;
    };

/** Refuses keys that a shape does not have, which an inferred type argument would let pass. */
export type ExactSelect<T, S> = {
  readonly [K in keyof S]: K extends KeyOfAny<T>
    ? S[K] extends boolean
      ? S[K]
      : TargetOf<PropertyOf<T, K>> extends never
        ? [NonNullable<PropertyOf<T, K>>] extends [Whole]
          ? S[K]
          : ExactSelect<NonNullable<PropertyOf<T, K>>, S[K]>
        : ExactSelect<TargetOf<PropertyOf<T, K>>, S[K]>
    : never;
};

/** The same for relations, at every depth. */
export type ExactRelations<T, R> = {
  readonly [K in keyof R]: K extends KeyOfAny<T>
    ? R[K] extends boolean
      ? R[K]
      : TargetOf<PropertyOf<T, K>> extends never
        ? ExactRelations<NonNullable<PropertyOf<T, K>>, R[K]>
        : ExactRelationOptions<TargetOf<PropertyOf<T, K>>, RelationShape<PropertyOf<T, K>>, R[K]>
    : never;
};

type ExactRelationOptions<T, S, O> = {
  readonly [K in keyof O]: K extends 'relations'
    ? ExactRelations<T, O[K]>
    : K extends 'select'
      ? ExactSelect<T, O[K]>
      : K extends 'where'
        ? ExactWhere<T, O[K]>
        : K extends 'withDeleted'
          ? O[K]
          : S extends 'many'
            ? K extends 'order'
              ? ExactOrder<T, O[K]>
              : K extends 'take' | 'skip'
                ? O[K]
                : never
            : never;
};

/** No type argument given: nothing selected, nothing loaded. */
export type Nothing = Record<never, never>;

/** Options that narrow what is found. */
export interface CriteriaOptions<T> {
  readonly where?: WhereAny<T>;
  /** Rows that a `@DeleteDateColumn` hides, of the relations that are loaded as well. */
  readonly withDeleted?: boolean;
  /** Stands behind every statement of the call as an SQL comment. */
  readonly comment?: string;
  /** Ends the call early, with QUERY_ABORTED; a server is asked to give up the statement under way. */
  readonly signal?: AbortSignal;
}

/** Options of `findOne` and its kin. */
export interface FindOneOptions<T, S = Nothing, R = Nothing> extends CriteriaOptions<T> {
  readonly select?: S & ExactSelect<T, S>;
  readonly relations?: R & ExactRelations<T, R>;
  readonly order?: Order<T>;
  readonly skip?: number;
  readonly lock?: FindLock;
}

/** Options of `find`. */
export interface FindOptions<T, S = Nothing, R = Nothing> extends FindOneOptions<T, S, R> {
  readonly take?: number;
}

/** Options of `page`. */
export interface PageOptions<T, S = Nothing, R = Nothing> extends CriteriaOptions<T> {
  readonly select?: S & ExactSelect<T, S>;
  readonly relations?: R & ExactRelations<T, R>;
  /** The key stands behind it, so that no two rows are equal. */
  readonly order?: Order<T>;
  /** Most entities of the page. */
  readonly first: number;
  /** The `endCursor` of the page before; from the beginning without it. */
  readonly after?: string | null;
  /** The `startCursor` of the page behind. */
  readonly before?: string | null;
}

/** Options of `stream`. */
export interface StreamOptions<T, S = Nothing, R = Nothing> extends CriteriaOptions<T> {
  readonly select?: S & ExactSelect<T, S>;
  readonly relations?: R & ExactRelations<T, R>;
  /** That of the keys unless told. */
  readonly order?: Order<T>;
  readonly skip?: number;
  readonly take?: number;
  /** How many entities are read at a time; 500 unless told. */
  readonly batchRows?: number;
}
