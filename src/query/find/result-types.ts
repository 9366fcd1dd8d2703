/** What a find returns: inference only. The result's type says what was loaded. */

import type { Loaded, Selected, TargetOf } from '../../metadata/relation-types.js';

/**
 * An entity with the relations `R`; only the columns `S` of it, where some were selected.
 *
 * Nothing is inferred from here: what a caller wants to have loaded is no proof that it was.
 */
export type Found<T, S, R> = FoundExactly<T, NoInfer<S>, NoInfer<R>>;

type FoundExactly<T, S, R> = [keyof S] extends [never] ? Loaded<T, R> : Selected<T, S, R>;

type AnyFunction = (...args: never[]) => unknown;

/** Properties that are values: no relations and no methods. */
export type ValueKey<T> = {
  [K in keyof T]-?: TargetOf<T[K]> extends never
    ? NonNullable<T[K]> extends AnyFunction
      ? never
      : K
    : never;
}[keyof T] &
  string;

/** Properties that may be numbers: `number`, `bigint`, and `string`, which decimals are. */
export type NumberKey<T> = {
  [K in keyof T]-?: [NonNullable<T[K]>] extends [number | bigint]
    ? K
    : string extends NonNullable<T[K]>
      ? [NonNullable<T[K]>] extends [string]
        ? K
        : never
      : never;
}[keyof T] &
  string;

/** The average of numbers is a number; of decimals and bigints it is decimal text. */
export type Average<V> = [NonNullable<V>] extends [number] ? number : string;
