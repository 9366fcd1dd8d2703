/** The types of conditions. Wrong keys do not compile at any depth; what passes is checked when it is used. */

import type { NoOption, Plain, RelationShape, TargetOf, Whole } from '../../metadata/relation-types.js';
import type { MembersOperator, Operator } from './operators.js';

/** A value, an operator on it, or conditions on the properties of an embedded object. */
export type Condition<V> = V | Operator<V> | Operator<ConditionsInside<V>> | ConditionsInside<V>;

type ConditionsInside<V> = V extends Whole
  ? never
  : {
      readonly [K in keyof V]?: TargetOf<V[K]> extends never
        ? Condition<NonNullable<V[K]>>
        : RelationCondition<V[K]>;
    };

/** An entity, which means its key, or conditions on the other side ("some" of many). */
type Related<T> = WhereAny<T> | Plain<T>;

type RelationCondition<V> =
  | Related<TargetOf<V>>
  | Operator<Related<TargetOf<V>>>
  | (RelationShape<V> extends 'many' ? MembersOperator<TargetOf<V>> | Operator<number> : never);

type AnyFunction = (...args: never[]) => unknown;

/** Conditions that must all hold. `undefined` and `null` are refused: say `IsNull()`. */
export type Where<T> = {
  readonly [K in keyof T]?: TargetOf<T[K]> extends never
    ? NonNullable<T[K]> extends AnyFunction
      ? NoOption<K>
      : Condition<NonNullable<T[K]>>
    : RelationCondition<T[K]>;
};

/** One set of conditions, several of which one must hold, or `Not`, `And` and `Or` of such. */
export type WhereAny<T> = Where<T> | readonly Where<T>[] | Operator<Where<T>>;
