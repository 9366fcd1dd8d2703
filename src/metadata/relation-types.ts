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
export type RelationShape<V> = unknown extends V
  ? never
  : typeof REL extends keyof NonNullable<V>
    ? V extends { readonly [REL]?: readonly [infer S, unknown] }
      ? S
      : never
    : never;

/** The entity that a relation leads to, `never` where a property is a value. */
export type TargetOf<V> = unknown extends V
  ? never
  : typeof REL extends keyof NonNullable<V>
    ? V extends { readonly [REL]?: readonly [unknown, infer T] }
      ? T
      : never
    : never;

type AnyFunction = (...args: never[]) => unknown;

/** Values that have nothing inside that an entity would know of. */
export type Whole =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | Date
  | Uint8Array
  | readonly unknown[]
  | AnyFunction;

/**
 * `true` for an embedded object with relations inside it, `never` for any other value. A type that holds itself, as
 * one for JSON may, is looked into no deeper than objects are embedded.
 */
export type HasRelations<V, Depth extends readonly 0[] = []> =
  IsAny<V> extends true
    ? never
    : [V] extends [Whole]
      ? never
      : V extends object
        ? string extends keyof V
          ? never
          : Depth['length'] extends 5
            ? never
            : {
                [K in keyof V]-?: TargetOf<V[K]> extends never
                  ? HasRelations<NonNullable<V[K]>, [...Depth, 0]>
                  : true;
              }[keyof V]
        : never;

/** What most columns hold: told at once, so that the compiler looks into no value of theirs. */
export type Simple =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | Date
  | Uint8Array
  | readonly unknown[]
  | null
  | undefined;

/** Of the type of a property what is no object: an embedded object may be null. */
type Nothingness<V> = Extract<V, null | undefined>;

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
export type Unloaded<V, K> = NotAsked<V, `{ ${K & string}: true }`>;

type NotAsked<V, Cure extends string> =
  | (object & NotLoaded<`relations: ${Cure}`>)
  | (null extends V ? null : never);

/** An entity with none of its relations loaded. No `as` clause: filtering keys recurses on self-relations. */
export type Plain<T> = {
  [K in keyof T]: TargetOf<T[K]> extends never
    ? T[K] extends Simple
      ? T[K]
      : PlainValue<T[K], `{ ${K & string}: `>
    : Unloaded<T[K], K>;
};

/** A value as it is; of an embedded object, one with none of its relations loaded. */
type PlainValue<V, Outer extends string> =
  HasRelations<NonNullable<V>> extends never ? V : PlainInside<NonNullable<V>, Outer, ' }'> | Nothingness<V>;

/** @template Outer what stands before the name in the options that would load it; `End` what closes them */
type PlainInside<V, Outer extends string, End extends string> = {
  [K in keyof V]: TargetOf<V[K]> extends never
    ? HasRelations<NonNullable<V[K]>> extends never
      ? V[K]
      : PlainInside<NonNullable<V[K]>, `${Outer}{ ${K & string}: `, ` }${End}`> | Nothingness<V[K]>
    : NotAsked<V[K], `${Outer}{ ${K & string}: true }${End}`>;
};

/**
 * An entity as any find may give it: a to-one relation that was narrowed (`relations: { author: { where } }`) may be
 * null although every row has one. What is saved, removed or recovered is of this type.
 */
export type AsFound<T> = {
  [K in keyof T]: [TargetOf<T[K]>] extends [never] ? FoundValue<T[K]> : FoundRelation<T[K]>;
};

/** An embedded object in the same way; any other value as it is. */
type FoundValue<V> = [HasRelations<NonNullable<V>>] extends [never]
  ? V
  : FoundInside<NonNullable<V>> | Nothingness<V>;

type FoundInside<V> = {
  [K in keyof V]: [TargetOf<V[K]>] extends [never] ? FoundValue<V[K]> : FoundRelation<V[K]>;
};

type FoundRelation<V> =
  | (object & NotLoaded)
  | (RelationShape<V> extends 'one' ? null : never)
  | (null extends V ? null : never);

/** Refuses null, and nothing else, for a relation that every row has: no find gives that. */
export type NoBareNull<T, E> = {
  [K in keyof E]: K extends keyof T ? ([E[K]] extends [null] ? T[K] & E[K] : E[K]) : E[K];
};

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
  [K in keyof T]: TargetOf<T[K]> extends never
    ? T[K] extends Simple
      ? T[K]
      : LoadedValue<T[K], K extends keyof R ? R[K] : unknown, `{ ${K & string}: `>
    : K extends keyof R
      ? R[K] extends false | undefined
        ? Unloaded<T[K], K>
        : LoadedRelation<T[K], R[K]> | (false extends R[K] ? Unloaded<T[K], K> : never)
      : Unloaded<T[K], K>;
};

/** A value as it is; of an embedded object, one with the relations that were asked for inside it. */
type LoadedValue<V, R, Outer extends string> =
  HasRelations<NonNullable<V>> extends never
    ? V
    : LoadedInside<NonNullable<V>, R, Outer, ' }'> | Nothingness<V>;

type LoadedInside<V, R, Outer extends string, End extends string> = {
  [K in keyof V]: TargetOf<V[K]> extends never
    ? HasRelations<NonNullable<V[K]>> extends never
      ? V[K]
      :
          | LoadedInside<
              NonNullable<V[K]>,
              K extends keyof R ? R[K] : unknown,
              `${Outer}{ ${K & string}: `,
              ` }${End}`
            >
          | Nothingness<V[K]>
    : K extends keyof R
      ? R[K] extends false | undefined
        ? NotAsked<V[K], `${Outer}{ ${K & string}: true }${End}`>
        : LoadedRelation<V[K], R[K]>
      : NotAsked<V[K], `${Outer}{ ${K & string}: true }${End}`>;
};

/** The relations that were switched on. */
type AskedFor<R> = { [K in keyof R]: R[K] extends false | undefined ? never : K }[keyof R];

/**
 * An entity of which some was selected, and the relations that were asked for besides:
 * `Selected<Book, { id: true; author: { name: true } }>`.
 */
export type Selected<T, S, R = unknown> = T extends unknown ? SelectedOf<T, S, R> : never;

type SelectedOf<T, S, R> = {
  [K in keyof T & (AskedFor<S> | AskedFor<R>)]: TargetOf<T[K]> extends never
    ? T[K] extends Simple
      ? T[K] | (K extends keyof S ? (false extends S[K] ? undefined : never) : never)
      : SelectedValue<
          T[K],
          K extends keyof S ? S[K] : unknown,
          K extends keyof R ? R[K] : unknown,
          `{ ${K & string}: `
        >
    : LoadedRelation<
        T[K],
        (K extends keyof R ? R[K] : unknown) &
          (K extends keyof S ? (S[K] extends boolean ? unknown : { readonly select: S[K] }) : unknown)
      >;
};

/** A value, or what was selected of an embedded object. */
type SelectedValue<V, S, R, Outer extends string> = [S] extends [boolean]
  ? LoadedValue<V, R, Outer> | (false extends S ? undefined : never)
  : SelectedOf<NonNullable<V>, S, R> | Nothingness<V>;

/** An entity `E` of the class `T` into which the relations `R` were loaded afterwards. */
export type WithLoaded<T, E, R> = {
  [K in keyof E | (keyof T & AskedFor<R>)]: K extends keyof T & AskedFor<R>
    ? TargetOf<T[K]> extends never
      ?
          | WithLoaded<NonNullable<T[K]>, K extends keyof E ? NonNullable<E[K]> : unknown, R[K & keyof R]>
          | (K extends keyof E ? Nothingness<E[K]> : never)
      : LoadedRelation<T[K], R[K & keyof R]>
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
export type Draft<T> = {
  [K in keyof T]?: TargetOf<T[K]> extends never
    ? T[K] extends Simple
      ? T[K]
      : DraftValue<T[K]>
    : DraftRelation<T[K]>;
};

/** A value; of an embedded object with relations, a draft too. */
type DraftValue<V> = HasRelations<NonNullable<V>> extends never ? V : Draft<NonNullable<V>> | Nothingness<V>;

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
      ? TargetOf<T[K]> extends never
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
