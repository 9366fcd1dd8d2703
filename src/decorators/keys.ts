/**
 * Columns whose values are made for the application: generated keys, dates of creation, change and deletion,
 * and the version that optimistic locking looks at.
 */

import type {
  GenerationStrategy,
  PrimaryGeneratedColumnOptions,
  SpecialColumnOptions,
} from '../metadata/options.js';
import type { ColumnDecorator, ColumnDecoratorOf, Exact } from './checks.js';
import { columnDecorator } from './column.js';
import { type AnyDecorator, onProperty } from './declare.js';

type TypeIn<O, Default> = O extends { readonly type: infer C } ? C : Default;

type GeneratedDecorator<S, O> = ColumnDecoratorOf<TypeIn<O, S extends 'uuid' ? 'uuid' : 'integer'>, O, false>;

/**
 * The primary key, made by the database (`increment`: no value ever comes back; `identity`: unique only) or, as
 * `uuid`, by Limbeck.
 *
 * ```ts
 * @PrimaryGeneratedColumn() id!: number;
 * @PrimaryGeneratedColumn('uuid') id!: string;
 * @PrimaryGeneratedColumn('increment', { type: 'bigint' }) id!: bigint;
 * ```
 */
export function PrimaryGeneratedColumn<
  const S extends GenerationStrategy = 'increment',
  const O extends PrimaryGeneratedColumnOptions = Record<never, never>,
>(strategy?: S, options?: O & Exact<PrimaryGeneratedColumnOptions, O>): GeneratedDecorator<S, O>;
export function PrimaryGeneratedColumn<const O extends PrimaryGeneratedColumnOptions>(
  options: O & Exact<PrimaryGeneratedColumnOptions, O>,
): GeneratedDecorator<'increment', O>;
export function PrimaryGeneratedColumn(
  first: GenerationStrategy | PrimaryGeneratedColumnOptions = 'increment',
  second: PrimaryGeneratedColumnOptions = {},
): AnyDecorator {
  const [strategy, options] = typeof first === 'string' ? [first, second] : (['increment', first] as const);
  const type = options.type ?? (strategy === 'uuid' ? 'uuid' : 'integer');
  const column = { ...options, type, primary: true };
  return columnDecorator('@PrimaryGeneratedColumn', 'primaryGenerated', column, strategy);
}

/** Makes the value of a `@Column` that is not the primary key: `@Column('uuid') @Generated('uuid') token!: string`. */
export function Generated<const S extends GenerationStrategy = 'increment'>(
  strategy?: S,
): ColumnDecorator<S extends 'uuid' ? string : number | bigint | string, boolean> {
  return onProperty('@Generated', ({ property }) => ({
    kind: 'generated',
    property,
    strategy: strategy ?? 'increment',
  }));
}

type SpecialDecorator<O, C, N> = ColumnDecoratorOf<TypeIn<O, C>, O, N>;

/** Set once, when the row is inserted: `@CreateDateColumn() createdAt!: Date`. */
export function CreateDateColumn<const O extends SpecialColumnOptions = Record<never, never>>(
  options?: O & Exact<SpecialColumnOptions, O>,
): SpecialDecorator<O, 'timestamp', false> {
  return special('@CreateDateColumn', 'createDate', 'timestamp', options) as SpecialDecorator<
    O,
    'timestamp',
    false
  >;
}

/** Set with every insert and update: `@UpdateDateColumn() updatedAt!: Date`. */
export function UpdateDateColumn<const O extends SpecialColumnOptions = Record<never, never>>(
  options?: O & Exact<SpecialColumnOptions, O>,
): SpecialDecorator<O, 'timestamp', false> {
  return special('@UpdateDateColumn', 'updateDate', 'timestamp', options) as SpecialDecorator<
    O,
    'timestamp',
    false
  >;
}

/** Set by a soft delete; always nullable: `@DeleteDateColumn() deletedAt!: Date | null`. */
export function DeleteDateColumn<const O extends SpecialColumnOptions = Record<never, never>>(
  options?: O & Exact<SpecialColumnOptions, O>,
): SpecialDecorator<O, 'timestamp', true> {
  return special('@DeleteDateColumn', 'deleteDate', 'timestamp', options) as SpecialDecorator<
    O,
    'timestamp',
    true
  >;
}

/** Counts the updates of a row, from 1; a stale write throws: `@VersionColumn() version!: number`. */
export function VersionColumn<const O extends SpecialColumnOptions = Record<never, never>>(
  options?: O & Exact<SpecialColumnOptions, O>,
): SpecialDecorator<O, 'integer', false> {
  return special('@VersionColumn', 'version', 'integer', options) as SpecialDecorator<O, 'integer', false>;
}

function special(
  decorator: string,
  flavor: 'createDate' | 'updateDate' | 'deleteDate' | 'version',
  type: 'timestamp' | 'integer',
  options: SpecialColumnOptions = {},
): AnyDecorator {
  const nullable = flavor === 'deleteDate' ? { nullable: true } : {};
  return columnDecorator(decorator, flavor, { type, ...options, ...nullable });
}
