/** What the writing methods of a repository take and give back: types alone. */

import type { SqlFragment } from '../ast/sql.js';
import type { SqlText } from '../ast/sql-text.js';
import type { UpsertKind } from '../dialects/shared/write-forms.js';
import type { Draft, HasRelations, Plain, TargetOf } from '../metadata/relation-types.js';
import type { Where, WhereAny } from '../query/conditions/where-types.js';

/** The value of a key that is one column. */
export type KeyValue = string | number | bigint | Date;

/** Which rows: conditions, or keys. */
export type Criteria<T> = WhereAny<T> | KeyValue | readonly KeyValue[];

export interface WriteResult {
  /** How many rows were written. */
  readonly affected: number;
}

export interface UpsertResult {
  /** The keys of the rows, by property, in the order of what was given. */
  readonly identifiers: readonly Record<string, unknown>[];
  /** What the database or Limbeck gave the rows, by property, in the same order. */
  readonly generatedMaps: readonly Record<string, unknown>[];
}

export interface InsertResult extends WriteResult, UpsertResult {}

/** A row to insert: an entity, or plain data. */
export type Row<T> = Draft<T> | Plain<T>;

type AnyFunction = (...args: never[]) => unknown;

/** Values inside an embedded object, or the whole of a value. */
type ValueInside<V> = V extends string | number | bigint | boolean | Date | Uint8Array | readonly unknown[]
  ? V
  : HasRelations<NonNullable<V>> extends never
    ? V | { readonly [K in keyof V]?: V[K] | SqlFragment }
    : UpdateValues<NonNullable<V>> | Extract<V, null | undefined>;

/** What `update()` may set: values, or SQL as a fragment of the `sql` tag. To-many relations are not there. */
export type UpdateValues<T> = {
  readonly [K in keyof T as T[K] extends AnyFunction ? never : K]?:
    | (TargetOf<T[K]> extends never ? ValueInside<T[K]> : Draft<T>[K])
    | SqlFragment;
};

/** Properties of columns that hold numbers, decimals as text included: `increment()` takes them. */
export type NumericKey<T> = {
  [K in keyof T]-?: TargetOf<T[K]> extends never
    ? NonNullable<T[K]> extends number | bigint | string
      ? K
      : never
    : never;
}[keyof T] &
  string;

/** A number as the column's property holds it. */
export type NumberOf<V> = NonNullable<V> extends bigint ? bigint | number : NonNullable<V> | number;

/** A property that is a column or holds a relation's key; inside either after a dot. */
export type ColumnPath<T> = {
  [K in keyof T & string]: T[K] extends AnyFunction
    ? never
    : TargetOf<T[K]> extends never
      ? NonNullable<T[K]> extends string | number | bigint | boolean | Date | Uint8Array | readonly unknown[]
        ? K
        : K | `${K}.${keyof NonNullable<T[K]> & string}`
      : K | `${K}.${keyof TargetOf<T[K]> & string}`;
}[keyof T & string];

export interface UpsertOptions<T> {
  /** The properties of a unique key: a row with the same values in them is there already. */
  readonly conflictPaths: readonly ColumnPath<T>[];
  /** The columns that are written to a row which is there; all that are given when absent. */
  readonly update?: readonly ColumnPath<T>[];
  /** What a row that is there must meet to be written; the others stay as they are. */
  readonly where?: Where<T> | readonly Where<T>[];
  /** Leaves rows alone that hold the same values already: neither their version nor their update date changes. */
  readonly skipUpdateIfNoValuesChanged?: boolean;
  /** Of a unique index on some rows only: its condition, ``sql`deleted_at IS NULL` ``. */
  readonly indexPredicate?: SqlText & SqlFragment;
  /** Refused where the database has another way. */
  readonly upsertType?: UpsertKind;
}
