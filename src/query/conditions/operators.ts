/**
 * The operators of `where`: `MoreThan(100)`, `In([1, 2])`, `Not(IsNull())`.
 *
 * An operator is known by a `Symbol.for` key, which JSON cannot carry: nothing from a request body ever
 * becomes one. It holds its operands and nothing of SQL; `where-sql.ts` gives it its meaning. Those on members of
 * a relation stand in `member-operators.ts`.
 */

import { isSqlFragment, type SqlFragment, sql } from '../../ast/sql.js';
import { error } from '../../base/error-codes.js';
import { bindNames } from './named-parameters.js';

const BRAND = Symbol.for('limbeck.operator');

/** Operators around others. */
export type LogicKind = 'not' | 'and' | 'or';
/** Operators on the members of a relation. */
export type MembersKind = 'some' | 'every' | 'none';
export type ValueKind =
  | 'equal'
  | 'lessThan'
  | 'lessThanOrEqual'
  | 'moreThan'
  | 'moreThanOrEqual'
  | 'like'
  | 'ilike'
  | 'between'
  | 'in'
  | 'any'
  | 'isNull'
  | 'arrayContains'
  | 'arrayContainedBy'
  | 'arrayOverlap'
  | 'jsonContains'
  | 'raw';

export type OperatorKind = LogicKind | MembersKind | ValueKind;

declare const VALUE: unique symbol;
declare const MEMBERS: unique symbol;

/** A condition on a value of type `V`. */
export interface Operator<V = unknown> {
  readonly kind: LogicKind | ValueKind;
  readonly operands: readonly unknown[];
  /** For the compiler alone: an operator on numbers is none on strings. */
  readonly [VALUE]?: V;
}

/** A condition on the members of a relation to many entities `T`. */
export interface MembersOperator<T> {
  readonly kind: LogicKind | MembersKind;
  readonly operands: readonly unknown[];
  /** For the compiler alone: an operator on books is none on authors. */
  readonly [MEMBERS]?: T;
}

/** Any operator, as a walk through conditions meets it. */
export interface AnyOperator {
  readonly kind: OperatorKind;
  readonly operands: readonly unknown[];
}

/** Whether a value is an operator, also of another copy of the package. */
export function isOperator(value: unknown): value is AnyOperator {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

/** @internal Makes an operator; people call the functions below. */
export function operator<K extends OperatorKind>(
  kind: K,
  operands: readonly unknown[],
): { readonly kind: K; readonly operands: readonly unknown[] } {
  return Object.freeze(Object.defineProperty({ kind, operands }, BRAND, { value: true }));
}

/** A value, or a condition on it. */
export type Operand<V> = V | Operator<V>;

/** What the operands of And and Or are conditions on. */
type ValueOf<O> = O extends { readonly [VALUE]?: infer V; readonly kind: LogicKind | ValueKind } ? V : O;

/** A copy, so that a list which changes later does not change the condition; what is no list is refused later. */
function listOf(values: unknown): unknown {
  return Array.isArray(values) ? [...values] : values;
}

/** `= value`; the same as the value itself. Of JSON: means the same, whatever the order of its members. */
export const Equal = <V>(value: V): Operator<V> => operator('equal', [value]);
/** `< value` */
export const LessThan = <V>(value: V): Operator<V> => operator('lessThan', [value]);
/** `<= value` */
export const LessThanOrEqual = <V>(value: V): Operator<V> => operator('lessThanOrEqual', [value]);
/** `> value`; of a relation to many: more members than that. */
export const MoreThan = <V>(value: V): Operator<V> => operator('moreThan', [value]);
/** `>= value` */
export const MoreThanOrEqual = <V>(value: V): Operator<V> => operator('moreThanOrEqual', [value]);
/**
 * `LIKE pattern`: `%` is any text, `_` one character, and a backslash takes that meaning from the character
 * behind it (see `escapeLike`).
 *
 * Whether case matters is the database's rule: it does on PostgreSQL, it does not on SQLite for the letters A to Z,
 * and on MySQL and MariaDB the column's collation decides.
 */
export const Like = (pattern: string): Operator<string> => operator('like', [pattern]);
/** `LIKE pattern`, where case does not matter; on SQLite that is so for the letters A to Z alone. */
export const ILike = (pattern: string): Operator<string> => operator('ilike', [pattern]);
/** Text that stands for itself in a pattern: ``Like(`%${escapeLike('100%')}%`)`` finds what holds `100%`. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
/** `BETWEEN from AND to`, both ends included. */
export const Between = <V>(from: V, to: V): Operator<V> => operator('between', [from, to]);
/** One of the values, however many; an empty list finds nothing. */
export const In = <V>(values: readonly V[]): Operator<V> => operator('in', [listOf(values)]);
/** The same as `In`; on PostgreSQL `= ANY($1)`, the list in one parameter whatever its length. */
export const Any = <V>(values: readonly V[]): Operator<V> => operator('any', [listOf(values)]);
/** The rows that hold NULL; of a relation to one: that have none. */
export const IsNull = (): Operator<never> => operator('isNull', []);
/** An array that holds all of the values (`@>`). @throws CAPABILITY_MISSING where there are no arrays */
export const ArrayContains = <V>(values: readonly V[]): Operator<V[]> =>
  operator('arrayContains', [listOf(values)]);
/** An array that holds none but these values (`<@`). @throws CAPABILITY_MISSING where there are no arrays */
export const ArrayContainedBy = <V>(values: readonly V[]): Operator<V[]> =>
  operator('arrayContainedBy', [listOf(values)]);
/** An array that holds at least one of the values (`&&`). @throws CAPABILITY_MISSING where there are no arrays */
export const ArrayOverlap = <V>(values: readonly V[]): Operator<V[]> =>
  operator('arrayOverlap', [listOf(values)]);
/**
 * JSON that holds all of a value: `JsonContains({ tags: ['sf'] })` finds `{ "tags": ["sf", "utopia"], "year": 1974 }`.
 *
 * Every member that is named must be there and hold what is asked of it, every element of a list must be in some
 * element of the list there; a list also holds a single text, number or boolean. It is `@>` on PostgreSQL,
 * `JSON_CONTAINS` on MySQL and MariaDB (to which a value that is no list is in a list at any depth), and the rule of
 * PostgreSQL on SQLite.
 */
export const JsonContains = (value: unknown): Operator<never> => operator('jsonContains', [value]);

/**
 * The opposite: `Not('draft')`, `Not(IsNull())`, `Not({ name: 'x' })`.
 *
 * As in SQL, `Not('draft')` does not find rows that hold NULL. Of a relation, `Not({ name: 'x' })` finds the rows
 * for which there is no such related row, those without any related row included.
 */
export function Not<T>(condition: MembersOperator<T>): MembersOperator<T>;
export function Not<V>(condition: Operand<V>): Operator<V>;
export function Not(condition: unknown): object {
  return operator('not', [condition]);
}

/** All conditions at once: `And(MoreThan(1), LessThan(9))`. */
export function And<T>(...conditions: readonly MembersOperator<T>[]): MembersOperator<T>;
export function And<const C extends readonly unknown[]>(...conditions: C): Operator<ValueOf<C[number]>>;
export function And(...conditions: readonly unknown[]): object {
  return operator('and', conditions);
}

/** At least one of the conditions: `Or(LessThan(1), IsNull())`. */
export function Or<T>(...conditions: readonly MembersOperator<T>[]): MembersOperator<T>;
export function Or<const C extends readonly unknown[]>(...conditions: C): Operator<ValueOf<C[number]>>;
export function Or(...conditions: readonly unknown[]): object {
  return operator('or', conditions);
}

/** The column that `Raw` is asked about: a fragment, which is its quoted name where text is wanted. */
export type RawColumn = SqlFragment & { toString(): string };

/**
 * A condition in SQL: ``Raw((column) => sql`${column} % ${2} = 0`)``. A fragment alone is compared with:
 * ``Raw(sql`date('now')`)``. Text that the function returns stands as it is and must hold no user data: values are
 * named in it and given beside it, and are bound.
 *
 * ```ts
 * Raw((column) => `${column} > :min AND ${column} NOT IN (:...ids)`, { min: 5, ids: [7, 8] });
 * // "books"."pages" > ? AND "books"."pages" NOT IN (?, ?)
 * ```
 */
export function Raw(condition: SqlFragment | ((column: RawColumn) => SqlFragment | string)): Operator<never>;
export function Raw(
  condition: (column: RawColumn) => string,
  values: Readonly<Record<string, unknown>>,
): Operator<never>;
export function Raw(condition: unknown, values?: unknown): Operator<never> {
  return operator('raw', values === undefined ? [condition] : [condition, values]);
}

/**
 * The condition of `Raw` on a column, whose name is quoted and qualified already.
 *
 * @param owner `Class.property`
 * @throws CONDITION_INVALID for what is neither a fragment nor a function that returns SQL, and for names in its
 * text that have no value, or values that have no name
 */
export function rawCondition(
  [condition, values]: readonly unknown[],
  column: string,
  owner: RawOwner,
): SqlFragment {
  const refuse = (problem: string): Error => error('CONDITION_INVALID', { ...owner, problem });
  const written: unknown = typeof condition === 'function' ? condition(rawColumn(column)) : condition;
  if (isSqlFragment(written)) {
    if (values !== undefined)
      throw refuse('the values of sql`…` stand in it; those beside it belong to text');
    return written === condition ? sql`${sql.raw(column)} = ${written}` : written;
  }
  if (typeof condition === 'string') throw refuse(`Raw takes a fragment: Raw(sql\`${condition}\`)`);
  if (typeof condition !== 'function') throw refuse('Raw takes a fragment of sql`…` or a function');
  if (typeof written !== 'string' || written.trim() === '') {
    throw refuse('the function of Raw returns sql`…` or text');
  }
  if (values === undefined) return sql.raw(written);
  if (!isNamed(values)) throw refuse('the values of Raw stand under their names: { min: 5 } for :min');
  return bindNames(written, values, (problem) => refuse(`in Raw ${problem}`));
}

function isNamed(values: unknown): values is Readonly<Record<string, unknown>> {
  return typeof values === 'object' && values !== null && !Array.isArray(values) && !isSqlFragment(values);
}

interface RawOwner {
  readonly entity: string;
  readonly property: string;
}

/** A column as SQL of a user's own names it; its name is quoted and qualified already. */
export function rawColumn(column: string): RawColumn {
  return Object.create(sql.raw(column), { toString: { value: () => column } }) as RawColumn;
}
