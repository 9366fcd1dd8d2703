/** `@ViewEntity` and `@ViewColumn`: a query that the database knows by a name, read as an entity. */

import type { NativeType, ViewColumnOptions, ViewEntityOptions } from '../metadata/options.js';
import type { TypeName } from '../schema/type-names.js';
import type { ColumnDecorator, ColumnValue, EntityDecorator, Unchecked } from './checks.js';
import { columnDecorator, columnOptions } from './column.js';
import { type AnyDecorator, onClass } from './declare.js';

/**
 * A class whose instances are rows of a view. Migrations create, replace and drop it; repositories read it with
 * everything they know, and refuse to write.
 *
 * ```ts
 * @ViewEntity({ expression: 'SELECT author_id, COUNT(*) AS books FROM books GROUP BY author_id' })
 * class Output {
 *   @ViewColumn() authorId!: number;
 *   @ViewColumn('integer') books!: number;
 * }
 * // CREATE VIEW "output" AS SELECT author_id, COUNT(*) AS books FROM books GROUP BY author_id
 * ```
 *
 * A function may make the query from the names of entities: `({ table }) => `SELECT … FROM ${table(Book)}``.
 */
export function ViewEntity(name: string, options: ViewEntityOptions): EntityDecorator;
export function ViewEntity(options: ViewEntityOptions): EntityDecorator;
export function ViewEntity(first: string | ViewEntityOptions, second?: ViewEntityOptions): EntityDecorator {
  const options = typeof first === 'string' ? ({ ...second, name: first } as ViewEntityOptions) : first;
  return onClass('@ViewEntity', () => ({ kind: 'viewEntity', options }));
}

/**
 * A column of a view. Without a type the property's own says how values are read: a number whatever kind of number
 * the database has, text, a boolean, a Date.
 */
export function ViewColumn(options?: ViewColumnOptions): ColumnDecorator<Unchecked, boolean>;
export function ViewColumn<
  const C extends TypeName,
  const O extends Omit<ViewColumnOptions, 'type'> = Record<never, never>,
>(type: C, options?: O): ColumnDecorator<ColumnValue<C, O>, boolean>;
export function ViewColumn(
  type: NativeType,
  options?: Omit<ViewColumnOptions, 'type'>,
): ColumnDecorator<Unchecked, boolean>;
export function ViewColumn(first?: unknown, second?: unknown): AnyDecorator {
  return columnDecorator('@ViewColumn', 'view', columnOptions(first, second));
}
