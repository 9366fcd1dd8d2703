/**
 * The operators of `where`: `MoreThan(100)`, `In([1, 2])`, `Not(IsNull())`.
 *
 * An operator is known by a `Symbol.for` key, which JSON cannot carry: nothing from a request body ever
 * becomes one. It holds its operands and nothing of SQL; `where.ts` gives it its meaning.
 */

import { isSqlFragment, type SqlFragment, sql } from '../../ast/sql.js';

const BRAND = Symbol.for('limbeck.operator');

export type OperatorKind =
  | 'equal'
  | 'not'
  | 'lessThan'
  | 'lessThanOrEqual'
  | 'moreThan'
  | 'moreThanOrEqual'
  | 'like'
  | 'ilike'
  | 'between'
  | 'in'
  | 'isNull'
  | 'and'
  | 'or'
  | 'raw';

declare const VALUE: unique symbol;

/** A condition on a value of type `V`. */
export interface Operator<V = unknown> {
  readonly kind: OperatorKind;
  readonly operands: readonly unknown[];
  /** For the compiler alone: an operator on numbers is none on strings. */
  readonly [VALUE]?: V;
}

/** Whether a value is an operator, also of another copy of the package. */
export function isOperator(value: unknown): value is Operator {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

function operator<V>(kind: OperatorKind, operands: readonly unknown[]): Operator<V> {
  return Object.freeze(Object.defineProperty({ kind, operands }, BRAND, { value: true }));
}

/** A value, or a condition on it. */
export type Operand<V> = V | Operator<V>;

/** `= value`; the same as the value itself. */
export const Equal = <V>(value: V): Operator<V> => operator('equal', [value]);
/** The opposite: `Not('draft')`, `Not(IsNull())`. As in SQL, `Not('draft')` does not find rows that hold NULL. */
export const Not = <V>(condition: Operand<V>): Operator<V> => operator('not', [condition]);
/** `< value` */
export const LessThan = <V>(value: V): Operator<V> => operator('lessThan', [value]);
/** `<= value` */
export const LessThanOrEqual = <V>(value: V): Operator<V> => operator('lessThanOrEqual', [value]);
/** `> value` */
export const MoreThan = <V>(value: V): Operator<V> => operator('moreThan', [value]);
/** `>= value` */
export const MoreThanOrEqual = <V>(value: V): Operator<V> => operator('moreThanOrEqual', [value]);
/** `LIKE pattern`: `%` is any text, `_` one character. Whether case matters is the database's rule. */
export const Like = (pattern: string): Operator<string> => operator('like', [pattern]);
/** `LIKE pattern`, where case does not matter. */
export const ILike = (pattern: string): Operator<string> => operator('ilike', [pattern]);
/** `BETWEEN from AND to`, both ends included. */
export const Between = <V>(from: V, to: V): Operator<V> => operator('between', [from, to]);
/** One of the values; an empty list finds nothing. */
export const In = <V>(values: readonly V[]): Operator<V> => operator('in', [[...values]]);
/** The rows that hold NULL. */
export const IsNull = (): Operator<never> => operator('isNull', []);
/** All conditions at once: `And(MoreThan(1), LessThan(9))`. */
export const And = <V>(...conditions: readonly Operand<V>[]): Operator<V> => operator('and', conditions);
/** At least one of the conditions: `Or(LessThan(1), IsNull())`. */
export const Or = <V>(...conditions: readonly Operand<V>[]): Operator<V> => operator('or', conditions);

/** The column that `Raw` is asked about: a fragment, which is its quoted name where text is wanted. */
export type RawColumn = SqlFragment & { toString(): string };

/**
 * A condition in SQL: ``Raw((column) => sql`${column} % ${2} = 0`)``. A fragment alone is compared with:
 * ``Raw(sql`date('now')`)``. Text that the function returns stands as it is and must hold no user data.
 */
export const Raw = (
  condition: SqlFragment | ((column: RawColumn) => SqlFragment | string),
): Operator<never> => operator('raw', [condition]);

/** The condition of `Raw` on a column, whose name is quoted and qualified already. */
export function rawCondition(condition: unknown, column: string): SqlFragment {
  if (typeof condition !== 'function') return sql`${sql.raw(column)} = ${condition}`;
  const written: unknown = condition(rawColumn(column));
  return isSqlFragment(written) ? written : sql.raw(String(written));
}

/** A column as SQL of a user's own names it; its name is quoted and qualified already. */
export function rawColumn(column: string): RawColumn {
  return Object.create(sql.raw(column), { toString: { value: () => column } }) as RawColumn;
}
