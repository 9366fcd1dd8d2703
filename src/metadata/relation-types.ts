/**
 * The types by which a relation is known from a plain value, and what a result looks like. The brands exist
 * for the compiler, an entity at run time is a plain object. An alias in place of the class also
 * keeps `emitDecoratorMetadata` from touching a class that does not exist yet in files that import each other.
 */

declare const REL: unique symbol;
declare const CURE: unique symbol;

/** The brand of a to-one relation. */
export interface OneOf<T> {
  readonly [REL]?: readonly ['one', T];
}

/** The brand of a to-many relation. */
export interface ManyOf<T> {
  readonly [REL]?: readonly ['many', T];
}

/**
 * A to-one relation: `@ManyToOne(() => Author) author!: One<Author>`, `One<Author> | null` where nullable.
 *
 * Reads as `Author` without Author's own relations, so a new instance, any result of a find and what `create()`
 * returns can be assigned to it.
 */
export type One<T extends object> = Plain<T> & OneOf<T>;

/**
 * With `emitDecoratorMetadata` a compiler that sees one file at a time takes `One` for a class and reads it
 * at run time; an import that is not `import type` must then find something under the name.
 */
export const One: ObjectConstructor = Object;
export const Many: ObjectConstructor = Object;

/** A to-many relation: `@OneToMany(() => Book, (book) => book.author) books!: Many<Book>`. */
export type Many<T extends object> = Plain<T>[] & ManyOf<T>;

/**
 * A relation that was not asked for. Nothing can be read from it; an entity can be assigned to it.
 *
 * `valueOf` keeps it from being a "weak type", to which nothing unrelated could be assigned.
 */
export interface NotLoaded<Cure extends string = string> {
  readonly [CURE]?: Cure;
  valueOf(): object;
}

type IsAny<V> = 0 extends 1 & V ? true : false;

/** `'one'` or `'many'` where a property is a relation, `never` where it is a value. */
export type RelationShape<V> =
  IsAny<V> extends true
    ? never
    : [NonNullable<V>] extends [infer X]
      ? typeof REL extends keyof X
        ? X extends { readonly [REL]?: readonly [infer S, unknown] }
          ? S
          : never
        : never
      : never;

/** The entity that a relation leads to, `never` where a property is a value. */
export type TargetOf<V> =
  IsAny<V> extends true
    ? never
    : [NonNullable<V>] extends [infer X]
      ? typeof REL extends keyof X
        ? X extends { readonly [REL]?: readonly [unknown, infer T] }
          ? T
          : never
        : never
      : never;

/**
 * What options may hold under the name of a method: nothing. But a name that every object has must stay free, or
 * no options at all would fit an entity with a `toString()` of its own.
 */
export type NoOption<K> = K extends NameOfEveryObject ? (...args: never[]) => unknown : never;

type NameOfEveryObject =
  | 'toString'
  | 'toLocaleString'
  | 'valueOf'
  | 'hasOwnProperty'
  | 'isPrototypeOf'
  | 'propertyIsEnumerable';

/** A relation as it is where it was not asked for. */
export type Unloaded<V, K> =
  | (object & NotLoaded<`relations: { ${K & string}: true }`>)
  | (null extends V ? null : never);

/** An entity with none of its relations loaded. No `as` clause: filtering keys recurses on self-relations. */
export type Plain<T> = { [K in keyof T]: [TargetOf<T[K]>] extends [never] ? T[K] : Unloaded<T[K], K> };

/** A relation that was asked for, with what was asked for inside it. */
type LoadedRelation<V, O> =
  | (RelationShape<V> extends 'many'
      ? LoadedTarget<TargetOf<V>, O>[]
      : LoadedTarget<TargetOf<V>, O> | NullWhereNarrowed<O>)
  | (null extends V ? null : never);

/** A to-one relation that was narrowed may have lost what its key leads to. */
type NullWhereNarrowed<O> = O extends { readonly where: unknown } | { readonly withDeleted: false }
  ? null
  : never;

type LoadedTarget<T, O> = O extends { readonly select: infer S }
  ? Selected<T, S, O extends { readonly relations: infer N } ? N : unknown>
  : O extends { readonly relations: infer N }
    ? Loaded<T, N>
    : Plain<T>;

/**
 * An entity as a find returns it: `Loaded<Book>`, `Loaded<Book, { author: true }>`,
 * `Loaded<Book, { author: { relations: { publisher: true } } }>`.
 */
export type Loaded<T, R = unknown> = {
  [K in keyof T]: [TargetOf<T[K]>] extends [never]
    ? T[K]
    : K extends keyof R
      ? R[K] extends false | undefined
        ? Unloaded<T[K], K>
        : LoadedRelation<T[K], R[K]> | (false extends R[K] ? Unloaded<T[K], K> : never)
      : Unloaded<T[K], K>;
};

/** What was switched on. */
type AskedFor<R> = { [K in keyof R]: R[K] extends false | undefined ? never : K }[keyof R];

/**
 * An entity of which some was selected, and the relations that were asked for besides:
 * `Selected<Book, { id: true; author: { name: true } }>`.
 */
export type Selected<T, S, R = unknown> = T extends unknown ? SelectedOf<T, S, R> : never;

type SelectedOf<T, S, R> = {
  [K in keyof T & (AskedFor<S> | AskedFor<R>)]: [TargetOf<T[K]>] extends [never]
    ? K extends keyof S
      ? SelectedValue<T[K], S[K]>
      : never
    : LoadedRelation<
        T[K],
        (K extends keyof R ? R[K] : unknown) &
          (K extends keyof S ? (S[K] extends boolean ? unknown : { readonly select: S[K] }) : unknown)
      >;
};

/** A value, or what was selected of an embedded object. */
type SelectedValue<V, S> = [S] extends [boolean]
  ? V | (false extends S ? undefined : never)
  :
      | { [K in keyof NonNullable<V> & AskedFor<S>]: SelectedValue<NonNullable<V>[K], S[K]> }
      | Extract<V, null | undefined>;

/** An entity `E` of the class `T` into which the relations `R` were loaded afterwards. */
export type WithLoaded<T, E, R> = {
  [K in keyof E | (keyof T & AskedFor<R>)]: K extends keyof T & AskedFor<R>
    ? LoadedRelation<T[K], R[K & keyof R]>
    : K extends keyof E
      ? E[K]
      : never;
};

type DraftRelation<V> =
  | (RelationShape<V> extends 'many'
      ? readonly (Draft<TargetOf<V>> | Plain<TargetOf<V>>)[]
      : Draft<TargetOf<V>> | Plain<TargetOf<V>>)
  | (null extends V ? null : never);

/** Plain data that becomes an entity: every property may be missing, relations are drafts or entities. */
export type Draft<T> = { [K in keyof T]?: [TargetOf<T[K]>] extends [never] ? T[K] : DraftRelation<T[K]> };

type IsUnion<K, All = K> = [K] extends [never]
  ? false
  : K extends unknown
    ? [All] extends [K]
      ? false
      : true
    : false;

/** The one relation of a shape that leads from an entity to itself; `never` where there is none, or a choice. */
type SelfKey<T, Shape> = Only<
  {
    [K in keyof T]-?: RelationShape<T[K]> extends Shape
      ? [TargetOf<T[K]>] extends [never]
        ? never
        : T extends TargetOf<T[K]>
          ? K
          : never
      : never;
  }[keyof T]
>;
type Only<K> = IsUnion<K> extends true ? never : K;

/** An entity of a tree with all below it: what `findTrees()` and `findDescendantsTree()` return. */
export type TreeNode<T, R = unknown> = {
  [K in keyof Loaded<T, R>]: K extends SelfKey<T, 'many'> ? TreeNode<T, R>[] : Loaded<T, R>[K];
};

/** An entity of a tree with all above it: what `findAncestorsTree()` returns. */
export type TreeLeaf<T, R = unknown> = {
  [K in keyof Loaded<T, R>]: K extends SelfKey<T, 'one'> ? TreeLeaf<T, R> | null : Loaded<T, R>[K];
};
