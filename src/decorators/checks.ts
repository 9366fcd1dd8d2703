/**
 * The types with which a decorator looks at its property: a contradiction between the two does not compile,
 * whichever of the two decorator modes the application uses. Types only.
 *
 * A check stands in `NoInfer`: the compiler would otherwise walk through all its branches in search of the type
 * arguments, for each use of a decorator anew, which was most of what an entity cost.
 */

import type { ColumnOptions, EnumValues, NativeType } from '../metadata/options.js';
import type { RelationShape, Simple, TargetOf } from '../metadata/relation-types.js';
import type { KindOfName, TypeName } from '../schema/type-names.js';

/** What stands in the compiler's message where a decorator and its property contradict each other. */
export interface Contradiction<Problem extends string, Decorator = unknown, Property = unknown> {
  readonly problem: Problem;
  readonly decorator: Decorator;
  readonly property: Property;
}

/** A type that is not compared with anything. */
export interface Unchecked {
  readonly unchecked: unique symbol;
}

type IsAny<V> = 0 extends 1 & V ? true : false;

/** Without `strictNullChecks` null belongs to every type and says nothing. */
type StrictNulls = null extends 'strictNullChecks' ? false : true;

/** `N` is what the decorator says about NULL: true, false, or `boolean` where it is not known. */
type CheckNull<N, P> = StrictNulls extends false
  ? unknown
  : boolean extends N
    ? unknown
    : N extends true
      ? null extends P
        ? unknown
        : Contradiction<'nullable: true, but the property cannot be null: add `| null`', null, P>
      : null extends P
        ? Contradiction<'the property may be null, but the column may not: add nullable: true', 'NOT NULL', P>
        : unknown;

type CheckValue<V, P> = [V] extends [Unchecked]
  ? unknown
  : [NonNullable<P>] extends [V]
    ? unknown
    : Contradiction<"the property's type does not fit the column's", V, P>;

/** `unknown` when a column of value type `V` and nullability `N` fits a property of type `P`. */
export type CheckColumn<V, N, P> =
  IsAny<P> extends true
    ? unknown
    : unknown extends P
      ? unknown
      : [TargetOf<P>] extends [never]
        ? CheckValue<V, P> & CheckNull<N, P>
        : Contradiction<
            'the property is a relation: use @ManyToOne, @OneToOne, @OneToMany or @ManyToMany',
            V,
            P
          >;

/**
 * A property decorator of both modes that checks a column. A private property is no key of its class, so legacy
 * decorators let it pass unchecked.
 */
export interface ColumnDecorator<V, N> extends LegacyColumnDecorator<V, N> {
  <This extends object, P>(
    value: undefined,
    context: ClassFieldDecoratorContext<This, P> & NoInfer<CheckColumn<V, N, P>>,
  ): void;
}

/** A column whose type only `emitDecoratorMetadata` can tell, which standard decorators do not have. */
export type LegacyColumnDecorator<V, N> = <This extends object, K extends string>(
  target: This,
  key: K extends keyof This ? K & NoInfer<CheckColumn<V, N, This[K]>> : K,
) => void;

/** Property types that `design:type` can give a column type to. */
export type Reflected = string | number | boolean | Date | bigint | Uint8Array;

interface JsTypes {
  smallint: number;
  integer: number;
  bigint: bigint;
  real: number;
  double: number;
  decimal: string;
  boolean: boolean;
  char: string;
  varchar: string;
  text: string;
  date: string;
  time: string;
  timestamp: Date;
  timestamptz: Date;
  json: Unchecked;
  uuid: string;
  blob: Uint8Array;
  'simple-array': readonly string[];
}

interface AsTypes {
  number: number;
  string: string;
  bigint: bigint;
}

/** Precisions at which a timestamp is a `Date`; a higher one makes it an ISO string. */
type DatePrecision = 0 | 1 | 2 | 3;

type TimestampValue<O> = O extends { readonly precision: infer P }
  ? number extends P
    ? Unchecked
    : P extends DatePrecision
      ? Date
      : string
  : Date;

type EnumValue<E> = E extends readonly (infer V)[]
  ? V
  : E extends Readonly<Record<string, string>>
    ? E[keyof E]
    : string;

type KindValue<Kind, O> = Kind extends 'bigint' | 'decimal'
  ? O extends { readonly as: infer A extends keyof AsTypes }
    ? AsTypes[A]
    : JsTypes[Kind]
  : Kind extends 'timestamp' | 'timestamptz'
    ? TimestampValue<O>
    : Kind extends 'enum'
      ? O extends { readonly enum: infer E }
        ? EnumValue<E>
        : string
      : Kind extends keyof JsTypes
        ? JsTypes[Kind]
        : Unchecked;

/** The logical type that the name and the options give, `never` where they do not say enough. */
type KindOf<C, O> = C extends TypeName
  ? KindOfName<C>
  : C extends NativeType
    ? 'native'
    : O extends { readonly enum: EnumValues }
      ? 'enum'
      : O extends { readonly precision: number } | { readonly scale: number }
        ? 'decimal'
        : O extends { readonly length: number | string }
          ? 'varchar'
          : never;

type WithArray<V, O> = O extends { readonly array: true } ? ([V] extends [Unchecked] ? V : readonly V[]) : V;

type Transformed<X> = X extends { from(value: never): infer R }
  ? IsAny<R> extends true
    ? Unchecked
    : NonNullable<R>
  : Unchecked;

/** The value that JavaScript sees in a column: `never` where its type is not said. */
export type ColumnValue<C, O> = O extends { readonly transformer: infer X }
  ? Transformed<X>
  : [KindOf<C, O>] extends [never]
    ? never
    : WithArray<KindValue<KindOf<C, O>, O>, O>;

/** What options say about NULL. */
export type NullableOf<O> = O extends { readonly nullable: infer N } ? N : false;

type TypeIn<O> = O extends { readonly type: infer C } ? C : undefined;

/** The decorator of a column whose type is `C`, or what its options say. */
export type ColumnDecoratorOf<C, O, N = NullableOf<O>> = O extends { readonly transformer: infer X }
  ? TransformedDecorator<KindOf<C, O>, Transformed<X>, N>
  : KindDecorator<KindOf<C, O>, O, N>;

type TransformedDecorator<Kind, V, N> = [Kind] extends [never]
  ? LegacyColumnDecorator<V, N>
  : ColumnDecorator<V, N>;

type KindDecorator<Kind, O, N> = [Kind] extends [never]
  ? LegacyColumnDecorator<Reflected, N>
  : ColumnDecorator<WithArray<KindValue<Kind, O>, O>, N>;

/** The same where the options hold the type. */
export type OptionsDecoratorOf<O, N = NullableOf<O>> = ColumnDecoratorOf<TypeIn<O>, O, N>;

/**
 * Refuses keys that are no option; a literal passed for a type parameter would let them through. `object` because
 * a text would otherwise pass as options that name nothing.
 */
export type Exact<Allowed, O> = object & { readonly [K in Exclude<keyof O, keyof Allowed>]: never };

/** Options of a column, checked for keys that do not exist. */
export type ExactColumn<O> = Exact<ColumnOptions, O>;

type SameEntity<A, B> = [A] extends [B] ? true : [B] extends [A] ? true : false;

/** The classes that are embedded in an entity, at any depth. It does not depend on who asks, so it is told once. */
type EmbeddedIn<T, Depth extends readonly 0[] = []> = Depth['length'] extends 5
  ? never
  : {
      [K in keyof T]-?: TargetOf<T[K]> extends never
        ? T[K] extends Simple
          ? never
          : NonNullable<T[K]> | EmbeddedIn<NonNullable<T[K]>, [...Depth, 0]>
        : never;
    }[keyof T];

type CheckTarget<T, P> = [TargetOf<P>] extends [T]
  ? [T] extends [TargetOf<P>]
    ? unknown
    : Contradiction<'the relation leads to another entity than the property', T, TargetOf<P>>
  : Contradiction<'the relation leads to another entity than the property', T, TargetOf<P>>;

type CheckInverse<I, Shape, This> =
  IsAny<I> extends true
    ? unknown
    : unknown extends I
      ? unknown
      : [TargetOf<I>] extends [never]
        ? Contradiction<'the inverse property is no relation: give it One<T> or Many<T>', Shape, I>
        : RelationShape<I> extends Shape
          ? SameEntity<TargetOf<I>, This> extends true
            ? unknown
            : [This] extends [EmbeddedIn<TargetOf<I>>]
              ? unknown
              : Contradiction<'the inverse property leads to another entity', This, TargetOf<I>>
          : Contradiction<
              'the inverse property is on the wrong side: One<T> and Many<T> answer each other',
              Shape,
              I
            >;

/** What a relation's decorator knows: target, both shapes, the inverse property's type, nullability. */
export interface RelationRule {
  readonly target: object;
  readonly shape: 'one' | 'many';
  readonly inverseShape: 'one' | 'many';
  readonly inverse: unknown;
  readonly nullable: unknown;
}

/** `unknown` when a relation fits its property. */
export type CheckRelation<R extends RelationRule, P, This> =
  IsAny<P> extends true
    ? unknown
    : [TargetOf<P>] extends [never]
      ? Contradiction<
          R['shape'] extends 'one' ? 'write One<T> as its type' : 'write Many<T> as its type',
          R['target'],
          P
        >
      : RelationShape<P> extends R['shape']
        ? CheckTarget<R['target'], P> &
            CheckNull<R['nullable'], P> &
            CheckInverse<R['inverse'], R['inverseShape'], This>
        : Contradiction<
            R['shape'] extends 'one'
              ? 'to-one: write One<T>, not Many<T>'
              : 'to-many: write Many<T>, not One<T>',
            R['target'],
            P
          >;

/** A property decorator of both modes that checks a relation. */
export interface RelationDecorator<R extends RelationRule> {
  <This extends object, P>(
    value: undefined,
    context: ClassFieldDecoratorContext<This, P> & NoInfer<CheckRelation<R, P, This>>,
  ): void;
  <This extends object, K extends string>(
    target: This,
    key: K extends keyof This ? K & NoInfer<CheckRelation<R, This[K], This>> : K,
  ): void;
}

type CheckShape<Shape, P> =
  IsAny<P> extends true
    ? unknown
    : [TargetOf<P>] extends [never]
      ? Contradiction<'the property is no relation', Shape, P>
      : RelationShape<P> extends Shape
        ? unknown
        : Contradiction<'@JoinColumn is for One<T>, @JoinTable for Many<T>', Shape, P>;

/** A property decorator of both modes for relations of one shape. */
export interface ShapeDecorator<Shape extends 'one' | 'many'> {
  <This extends object, P>(
    value: undefined,
    context: ClassFieldDecoratorContext<This, P> & CheckShape<Shape, P>,
  ): void;
  <This extends object, K extends string>(
    target: This,
    key: K extends keyof This ? K & CheckShape<Shape, This[K]> : K,
  ): void;
}

type CheckIds<V, P> =
  IsAny<P> extends true
    ? unknown
    : IsAny<V> extends true
      ? unknown
      : unknown extends V
        ? unknown
        : [RelationShape<V>] extends [never]
          ? Contradiction<'@RelationId names no relation', V, P>
          : RelationShape<V> extends 'many'
            ? [P] extends [readonly unknown[]]
              ? unknown
              : Contradiction<'the relation leads to many: their keys are an array', V, P>
            : [P] extends [readonly unknown[]]
              ? Contradiction<'the relation leads to one: its key is no array', V, P>
              : CheckNullKey<V, P>;

type CheckNullKey<V, P> = StrictNulls extends false
  ? unknown
  : null extends V
    ? null extends P
      ? unknown
      : Contradiction<'the relation may be null, and its key with it: add `| null`', V, P>
    : unknown;

/** A property decorator of both modes for the keys of a relation of type `V`. */
export interface RelationIdDecorator<V> {
  <This extends object, P>(
    value: undefined,
    context: ClassFieldDecoratorContext<This, P> & CheckIds<V, P>,
  ): void;
  <This extends object, K extends string>(
    target: This,
    key: K extends keyof This ? K & CheckIds<V, This[K]> : K,
  ): void;
}

/** A property decorator of both modes for a relation from a class to itself; only a parent may be null. */
export interface SelfRelationDecorator<Shape extends 'one' | 'many'> {
  <This extends object, P>(
    value: undefined,
    context: ClassFieldDecoratorContext<This, P> &
      CheckSelf<Shape, P> &
      CheckNull<Shape extends 'one' ? true : false, P>,
  ): void;
  <This extends object, K extends string>(
    target: This,
    key: K extends keyof This
      ? K & CheckSelf<Shape, This[K]> & CheckNull<Shape extends 'one' ? true : false, This[K]>
      : K,
  ): void;
}

type CheckSelf<Shape, P> =
  IsAny<P> extends true
    ? unknown
    : [TargetOf<P>] extends [never]
      ? Contradiction<'the property is no relation: write One<T> | null or Many<T>', Shape, P>
      : RelationShape<P> extends Shape
        ? unknown
        : Contradiction<'a parent is One<T> | null, children are Many<T>', Shape, P>;

/** A class decorator of both modes; `new E()` must work without arguments. */
export type EntityDecorator = <C extends abstract new () => object>(
  target: C,
  context?: ClassDecoratorContext<C>,
) => void;

/** A class decorator of both modes. */
export type ClassOnlyDecorator = <C extends abstract new (...args: never[]) => object>(
  target: C,
  context?: ClassDecoratorContext<C>,
) => void;

/** A decorator of both modes for a class or for one of its properties. */
export interface ClassOrFieldDecorator {
  <This extends object, P>(value: undefined, context: ClassFieldDecoratorContext<This, P>): void;
  <C extends abstract new (...args: never[]) => object>(target: C, context?: ClassDecoratorContext<C>): void;
  (target: object, key: string): void;
}

/** A method decorator of both modes. */
export interface MethodDecoratorOf {
  (value: (...args: never[]) => unknown, context: ClassMethodDecoratorContext): void;
  (target: object, key: string, descriptor: PropertyDescriptor): void;
}
