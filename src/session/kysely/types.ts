/**
 * What Kysely is told of the tables, derived from the classes.
 *
 * A class says what a column holds, but neither which columns have a default nor which of its objects are
 * embedded ones: so every column may be left out of an INSERT (the database refuses what it cannot do without),
 * and embedded objects are named by `Flat`.
 */

import type { ColumnType, Kysely } from 'kysely';
import type { RelationShape, TargetOf } from '../../metadata/relation-types.js';

export type { Kysely };

/** The tables of a database, by name: `KyselyDatabase<{ books: Book; authors: Author }>`. */
export type KyselyDatabase<Tables> = { [Name in keyof Tables]: KyselyTable<Tables[Name]> };

/** The columns of a table by the names that queries use: values by property, to-one relations by their keys. */
export type KyselyTable<T> = Flatten<
  { [K in ValueName<T>]: KyselyColumn<T[K]> } & {
    [K in KeyName<T> as K extends ValueName<T> ? never : K]: KyselyColumn<KeyValue<T, K>>;
  }
>;

/**
 * An entity with the columns of its embedded objects in the place of those: `Flat<User, 'address'>` has
 * `addressStreet`.
 */
export type Flat<T, Embedded extends keyof T & string> = Flatten<
  Omit<T, Embedded> & {
    [N in FlatName<T, Embedded>]: FlatValue<T, Embedded, N>;
  }
>;

type FlatName<T, E extends keyof T & string> = {
  [K in E]: `${K}${Capitalize<keyof NonNullable<T[K]> & string>}`;
}[E];

type FlatValue<T, E extends keyof T & string, N> = {
  [K in E]: {
    [P in keyof NonNullable<T[K]> & string]: N extends `${K}${Capitalize<P>}`
      ? NonNullable<T[K]>[P] | Nullness<T[K]>
      : never;
  }[keyof NonNullable<T[K]> & string];
}[E];

type Nullness<V> = null extends V ? null : never;

type Flatten<T> = { [K in keyof T]: T[K] };

/** What is read, what may be inserted and what may be set. A column that says so itself, as Kysely's `Generated`, stays as it is. */
type KyselyColumn<V> =
  V extends ColumnType<infer S, infer I, infer U>
    ? ColumnType<S, I, U>
    : ColumnType<Stored<V>, Stored<V> | undefined, Stored<V>>;

/** An absent property is NULL in a row, never undefined. */
type Stored<V> = undefined extends V ? Exclude<V, undefined> | null : V;

type IsMethod<V> = [NonNullable<V>] extends [(...args: never[]) => unknown]
  ? [NonNullable<V>] extends [never]
    ? false
    : true
  : false;

/** Properties that are values: neither relations nor methods. */
type ValueName<T> = {
  [K in keyof T & string]-?: [RelationShape<T[K]>] extends [never]
    ? IsMethod<T[K]> extends true
      ? never
      : K
    : never;
}[keyof T & string];

type ToOneName<T> = {
  [K in keyof T & string]-?: 'one' extends RelationShape<T[K]> ? K : never;
}[keyof T & string];

/**
 * What of a relation's target its key may be: `id` where there is one, otherwise any text, number or bytes, for
 * the class does not say.
 */
type KeyProperty<Target> = 'id' extends keyof Target
  ? 'id'
  : {
      [K in ValueName<Target>]: [Target[K]] extends [string | number | bigint | Uint8Array] ? K : never;
    }[ValueName<Target>];

type KeyName<T> = {
  [K in ToOneName<T>]: `${K}${Capitalize<KeyProperty<TargetOf<T[K]>> & string>}`;
}[ToOneName<T>];

type KeyValue<T, N> = {
  [K in ToOneName<T>]: {
    [P in KeyProperty<TargetOf<T[K]>> & string]: N extends `${K}${Capitalize<P>}`
      ? TargetOf<T[K]>[P & keyof TargetOf<T[K]>] | Nullness<T[K]>
      : never;
  }[KeyProperty<TargetOf<T[K]>> & string];
}[ToOneName<T>];
