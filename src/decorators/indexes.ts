/**
 * Indexes, unique, check, foreign key and exclusion constraints, on a class or on one of its properties. Names
 * that are not given are made from table and columns.
 */

import { isSqlFragment } from '../ast/sql.js';
import { isSqlText, type SqlText } from '../ast/sql-text.js';
import type {
  ExclusionOptions,
  FieldsCallback,
  ForeignKeyOptions,
  IndexField,
  IndexOptions,
  TargetClass,
  UniqueOptions,
} from '../metadata/options.js';
import type { ClassOrFieldDecorator } from './checks.js';
import { onClassOrProperty } from './declare.js';

type IndexFields = readonly IndexField[] | FieldsCallback;
type UniqueFields = readonly string[] | FieldsCallback;

interface KeyArguments {
  readonly name?: string;
  readonly fields?: unknown;
  readonly options: object;
}

/** Sorts out TypeORM's `(name?, fields?, options?)`. */
function keyArguments(given: readonly unknown[]): KeyArguments {
  const rest = [...given];
  const name = typeof rest[0] === 'string' ? (rest.shift() as string) : undefined;
  const isFields = Array.isArray(rest[0]) || typeof rest[0] === 'function' || isSqlFragment(rest[0]);
  const fields = isFields ? rest.shift() : undefined;
  const options = rest.find((value) => typeof value === 'object' && value !== null);
  return {
    ...(name === undefined ? {} : { name }),
    ...(fields === undefined ? {} : { fields: isSqlFragment(fields) ? [fields] : fields }),
    options: (options ?? {}) as object,
  };
}

/**
 * An index, `ix_T_C` where it has no name of its own.
 *
 * ```ts
 * @Index(['author', 'title'], { unique: true })            // on the class; a relation stands for its columns
 * @Index([sql`lower(title)`])                              // an expression
 * @Index({ where: 'deleted_at IS NULL', order: 'DESC' })   // on a property: a partial one
 * ```
 */
export function Index(options?: IndexOptions): ClassOrFieldDecorator;
export function Index(name: string, options?: IndexOptions): ClassOrFieldDecorator;
export function Index(fields: IndexFields, options?: IndexOptions): ClassOrFieldDecorator;
export function Index(name: string, fields: IndexFields, options?: IndexOptions): ClassOrFieldDecorator;
export function Index(...given: readonly unknown[]): ClassOrFieldDecorator {
  const parts = keyArguments(given);
  return onClassOrProperty('@Index', (at) => ({ kind: 'index', ...at, ...parts }));
}

/** A unique constraint, `uq_T_C` where it has no name of its own: `@Unique(['author', 'title'])`. */
export function Unique(options?: UniqueOptions): ClassOrFieldDecorator;
export function Unique(name: string, options?: UniqueOptions): ClassOrFieldDecorator;
export function Unique(fields: UniqueFields, options?: UniqueOptions): ClassOrFieldDecorator;
export function Unique(name: string, fields: UniqueFields, options?: UniqueOptions): ClassOrFieldDecorator;
export function Unique(...given: readonly unknown[]): ClassOrFieldDecorator {
  const parts = keyArguments(given);
  return onClassOrProperty('@Unique', (at) => ({ kind: 'unique', ...at, ...parts }));
}

/**
 * A check constraint; the expression is SQL and names columns: `@Check('rating BETWEEN 1 AND 5')`.
 *
 * On a property its default name is `ck_T_C`, on a class `ck_T_<hash>` of its tokens.
 */
export function Check(expression: SqlText): ClassOrFieldDecorator;
export function Check(name: string, expression: SqlText): ClassOrFieldDecorator;
export function Check(first: SqlText, second?: SqlText): ClassOrFieldDecorator {
  const parts = second === undefined ? { expression: first } : { name: first as string, expression: second };
  return onClassOrProperty('@Check', (at) => ({ kind: 'check', ...at, ...parts }));
}

/**
 * A foreign key without a relation: on a property to one column, on a class to as many as the key has.
 *
 * ```ts
 * @ForeignKey(() => Country, 'code', { onDelete: 'RESTRICT' }) @Column('char', { length: 2 }) country!: string;
 * @ForeignKey(() => Edition, ['isbn', 'printing'], ['isbn', 'printing'])   // on the class
 * ```
 */
export function ForeignKey<T extends object>(
  target: () => TargetClass<T>,
  options?: ForeignKeyOptions,
): ClassOrFieldDecorator;
export function ForeignKey<T extends object>(
  target: () => TargetClass<T>,
  referenced: (keyof T & string) | ((entity: T) => unknown),
  options?: ForeignKeyOptions,
): ClassOrFieldDecorator;
export function ForeignKey<T extends object>(
  target: () => TargetClass<T>,
  properties: readonly string[],
  referenced: readonly (keyof T & string)[],
  options?: ForeignKeyOptions,
): ClassOrFieldDecorator;
export function ForeignKey(target: unknown, ...given: readonly unknown[]): ClassOrFieldDecorator {
  const isField = (value: unknown): boolean =>
    typeof value === 'string' || typeof value === 'function' || Array.isArray(value);
  const fields = given.filter(isField);
  const options = (given.find((value) => !isField(value) && value !== undefined) ?? {}) as ForeignKeyOptions;
  const [first, second] = fields;
  const referenced = fields.length > 1 ? second : first;
  return onClassOrProperty('@ForeignKey', (at) => ({
    kind: 'foreignKey',
    ...at,
    target,
    options,
    ...(fields.length > 1 ? { fields: first } : {}),
    ...(referenced === undefined ? {} : { referenced }),
  }));
}

/**
 * An exclusion constraint (PostgreSQL), in the database's own words.
 *
 * ```ts
 * @Exclusion('room WITH =, during WITH &&', { method: 'gist' })
 * @Exclusion('no_overlap', 'USING gist (room WITH =, during WITH &&)')
 * ```
 */
export function Exclusion(expression: SqlText, options?: ExclusionOptions): ClassOrFieldDecorator;
export function Exclusion(
  name: string,
  expression: SqlText,
  options?: ExclusionOptions,
): ClassOrFieldDecorator;
export function Exclusion(
  first: SqlText,
  second?: SqlText | ExclusionOptions,
  third: ExclusionOptions = {},
): ClassOrFieldDecorator {
  const parts = isSqlText(second)
    ? { name: first as string, expression: second, options: third }
    : { expression: first, options: second ?? {} };
  return onClassOrProperty('@Exclusion', (at) => ({ kind: 'exclusion', ...at, ...parts }));
}
