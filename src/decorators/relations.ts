/**
 * Relations: what they lead to, what points back, and where the key is. The property's brand (`One<T>`,
 * `Many<T>`) is checked against the target, the inverse property against this class.
 */

import type { RelationKind } from '../metadata/entity.js';
import type {
  JoinColumnOptions,
  JoinTableOptions,
  ManyToManyOptions,
  TargetClass,
  ToManyOptions,
  ToOneOptions,
} from '../metadata/options.js';
import type { Exact, NullableOf, RelationDecorator, RelationIdDecorator, ShapeDecorator } from './checks.js';
import { type AnyDecorator, onProperty } from './declare.js';

/** The other side's property: its name, or a callback that reads it. */
export type Inverse<T, I> = (keyof T & string) | ((entity: T) => I);

interface ToOneRule<T extends object, Shape extends 'one' | 'many', I, O> {
  readonly target: T;
  readonly shape: 'one';
  readonly inverseShape: Shape;
  readonly inverse: I;
  readonly nullable: NullableOf<O>;
}

interface ToManyRule<T extends object, Shape extends 'one' | 'many', I> {
  readonly target: T;
  readonly shape: 'many';
  readonly inverseShape: Shape;
  readonly inverse: I;
  readonly nullable: false;
}

function relation(
  decorator: string,
  kind: RelationKind,
  target: unknown,
  second: unknown,
  third: unknown,
): AnyDecorator {
  // (target, options) or (target, inverse, options)
  const hasInverse = typeof second === 'function' || typeof second === 'string';
  const options = ((hasInverse ? third : (second ?? third)) ?? {}) as ToOneOptions;
  return onProperty(decorator, ({ property }) => ({
    kind: 'relation',
    property,
    relation: kind,
    target,
    options,
    ...(hasInverse ? { inverse: second } : {}),
  }));
}

/**
 * Many of these belong to one of those; this table holds the key. NOT NULL unless `nullable: true`, and indexed
 * unless `index: false` or another key begins with it.
 *
 * ```ts
 * @ManyToOne(() => Author, (author) => author.books, { onDelete: 'CASCADE' }) author!: One<Author>;
 * // author_id INTEGER NOT NULL REFERENCES authors (id) ON DELETE CASCADE
 * ```
 */
export function ManyToOne<T extends object, const O extends ToOneOptions>(
  target: () => TargetClass<T>,
  options: O & Exact<ToOneOptions, O>,
): RelationDecorator<ToOneRule<T, 'many', unknown, O>>;
export function ManyToOne<T extends object, I = unknown, const O extends ToOneOptions = Record<never, never>>(
  target: () => TargetClass<T>,
  inverse?: Inverse<T, I>,
  options?: O & Exact<ToOneOptions, O>,
): RelationDecorator<ToOneRule<T, 'many', I, O>>;
export function ManyToOne(target: unknown, second?: unknown, third?: unknown): AnyDecorator {
  return relation('@ManyToOne', 'many-to-one', target, second, third);
}

/**
 * One belongs to one. The side with `@JoinColumn()` holds the key, which is unique; the other is found through it.
 *
 * ```ts
 * @OneToOne(() => Profile, (profile) => profile.user) @JoinColumn() profile!: One<Profile>;
 * ```
 */
export function OneToOne<T extends object, const O extends ToOneOptions>(
  target: () => TargetClass<T>,
  options: O & Exact<ToOneOptions, O>,
): RelationDecorator<ToOneRule<T, 'one', unknown, O>>;
export function OneToOne<T extends object, I = unknown, const O extends ToOneOptions = Record<never, never>>(
  target: () => TargetClass<T>,
  inverse?: Inverse<T, I>,
  options?: O & Exact<ToOneOptions, O>,
): RelationDecorator<ToOneRule<T, 'one', I, O>>;
export function OneToOne(target: unknown, second?: unknown, third?: unknown): AnyDecorator {
  return relation('@OneToOne', 'one-to-one', target, second, third);
}

/**
 * The other side of a `@ManyToOne`, which must be named.
 *
 * ```ts
 * @OneToMany(() => Book, (book) => book.author) books!: Many<Book>;
 * ```
 */
export function OneToMany<
  T extends object,
  I = unknown,
  const O extends ToManyOptions = Record<never, never>,
>(
  target: () => TargetClass<T>,
  inverse: Inverse<T, I>,
  options?: O & Exact<ToManyOptions, O>,
): RelationDecorator<ToManyRule<T, 'one', I>>;
export function OneToMany(target: unknown, second: unknown, third?: unknown): AnyDecorator {
  return relation('@OneToMany', 'one-to-many', target, second, third);
}

/**
 * Many belong to many, through a join table. Exactly one side has `@JoinTable()`.
 *
 * ```ts
 * @ManyToMany(() => Tag, (tag) => tag.books) @JoinTable() tags!: Many<Tag>;
 * // books_tags (book_id, tag_id), both keys ON DELETE CASCADE
 * ```
 */
export function ManyToMany<T extends object, const O extends ManyToManyOptions>(
  target: () => TargetClass<T>,
  options: O & Exact<ManyToManyOptions, O>,
): RelationDecorator<ToManyRule<T, 'many', unknown>>;
export function ManyToMany<
  T extends object,
  I = unknown,
  const O extends ManyToManyOptions = Record<never, never>,
>(
  target: () => TargetClass<T>,
  inverse?: Inverse<T, I>,
  options?: O & Exact<ManyToManyOptions, O>,
): RelationDecorator<ToManyRule<T, 'many', I>>;
export function ManyToMany(target: unknown, second?: unknown, third?: unknown): AnyDecorator {
  return relation('@ManyToMany', 'many-to-many', target, second, third);
}

/**
 * Names the columns of a to-one relation, or says which side of a `@OneToOne` holds them. Several options, or the
 * decorator several times, make a composite key.
 */
export function JoinColumn(
  ...columns: readonly (JoinColumnOptions | readonly JoinColumnOptions[])[]
): ShapeDecorator<'one'> {
  return onProperty('@JoinColumn', ({ property }) => ({
    kind: 'joinColumn',
    property,
    columns: columns.flat(),
  }));
}

/** Says which side of a `@ManyToMany` owns the join table, and names it and its columns. */
export function JoinTable(options: JoinTableOptions = {}): ShapeDecorator<'many'> {
  return onProperty('@JoinTable', ({ property }) => ({ kind: 'joinTable', property, options }));
}

/**
 * The key of a to-one relation, or the keys of a to-many, beside it: read, never written. A key of several columns is
 * an object by property.
 *
 * ```ts
 * @RelationId((book: Book) => book.author) authorId!: number; // from the row itself
 * @RelationId((book: Book) => book.tags) tagIds!: number[];   // one more query for each find
 * ```
 */
export function RelationId<T extends object, V = unknown>(
  relation: (keyof T & string) | ((entity: T) => V),
): RelationIdDecorator<V> {
  return onProperty('@RelationId', ({ property }) => ({ kind: 'relationId', property, relation }));
}
