/**
 * `@Column` and `@PrimaryColumn`: plain columns. The overloads tie the column's type, wherever it is written,
 * to the property's; what cannot be known before run time is told by the build.
 */

import type { ColumnDeclaration } from '../metadata/declarations.js';
import type {
  ColumnOptions,
  EmbeddedOptions,
  NativeType,
  PrimaryColumnOptions,
  TargetClass,
  VirtualColumnOptions,
} from '../metadata/options.js';
import type { NativeTypeMap, TypeName } from '../schema/type-names.js';
import type {
  ColumnDecorator,
  ColumnDecoratorOf,
  ColumnValue,
  Exact,
  ExactColumn,
  LegacyColumnDecorator,
  NullableOf,
  OptionsDecoratorOf,
  Reflected,
  Unchecked,
} from './checks.js';
import { type AnyDecorator, onProperty } from './declare.js';

/** Databases by whose names an object is known as a native type; typed so that a new one cannot be forgotten. */
const DATABASES: Readonly<Record<Exclude<keyof NativeTypeMap, 'default'>, true>> = {
  postgres: true,
  mysql: true,
  mariadb: true,
  sqlite: true,
};

function isNativeType(value: object): value is NativeType {
  return Object.keys(value).some((key) => Object.hasOwn(DATABASES, key));
}

/** Sorts out `(options)`, `(type)` and `(type, options)`. */
export function columnOptions(first: unknown, second: unknown): ColumnOptions {
  const rest = (second ?? {}) as ColumnOptions;
  if (first === undefined || first === null) return rest;
  if (typeof first === 'object' && !isNativeType(first)) return first as ColumnOptions;
  return { ...rest, type: first as TypeName | NativeType };
}

/** Makes the decorator of a column that is declared in one go. */
export function columnDecorator(
  decorator: string,
  flavor: ColumnDeclaration['flavor'],
  options: ColumnOptions,
  generation?: NonNullable<ColumnDeclaration['generation']>,
): AnyDecorator {
  return onProperty(decorator, ({ property, designType }) => {
    const declared = { kind: 'column', property, flavor, decorator, options } as const;
    const found = options.type === undefined ? designType?.() : undefined;
    if (found === undefined && generation === undefined) return declared;
    return {
      ...declared,
      ...(found === undefined ? {} : { designType: found }),
      ...(generation === undefined ? {} : { generation }),
    };
  });
}

// `object` keeps a mistyped type from passing as options: a string has a `length` as well.

/**
 * A column of the table; NOT NULL unless `nullable: true`.
 *
 * ```ts
 * @Column('varchar', { length: 200 }) title!: string;              // title VARCHAR(200) NOT NULL
 * @Column({ type: 'integer', nullable: true }) pages!: number | null;
 * @Column({ postgres: 'tsvector', default: 'text' }) words!: string;
 * ```
 *
 * Without a type the options give it (`length`: varchar, `precision`: decimal, `enum`: enum), then the property's
 * own type where the transpiler emits it. A class in place of the type is an embedded object.
 */
export function Column(): LegacyColumnDecorator<Reflected, false>;
export function Column<T extends object>(
  type: () => TargetClass<T>,
  options?: EmbeddedOptions,
): ColumnDecorator<T, false>;
export function Column<const O extends ColumnOptions & object>(
  options: O & ExactColumn<O>,
): OptionsDecoratorOf<O>;
export function Column<const O extends ColumnOptions = Record<never, never>>(
  type: NativeType,
  options?: O & ExactColumn<O>,
): ColumnDecorator<
  O extends { readonly transformer: unknown } ? ColumnValue<undefined, O> : Unchecked,
  NullableOf<O>
>;
export function Column<const C extends TypeName, const O extends ColumnOptions = Record<never, never>>(
  type: C,
  options?: O & ExactColumn<O>,
): ColumnDecoratorOf<C, O>;
export function Column(first?: unknown, second?: unknown): AnyDecorator {
  if (typeof first === 'function') return embedded('@Column', first, (second ?? {}) as EmbeddedOptions);
  return columnDecorator('@Column', 'regular', columnOptions(first, second));
}

/**
 * A column of the primary key whose values the application gives.
 *
 * ```ts
 * @PrimaryColumn('varchar', { length: 13 }) isbn!: string;
 * ```
 */
export function PrimaryColumn(): LegacyColumnDecorator<Reflected, false>;
export function PrimaryColumn<const O extends PrimaryColumnOptions & object>(
  options: O & Exact<PrimaryColumnOptions, O>,
): OptionsDecoratorOf<O>;
export function PrimaryColumn<
  const C extends TypeName,
  const O extends PrimaryColumnOptions = Record<never, never>,
>(type: C, options?: O & Exact<PrimaryColumnOptions, O>): ColumnDecoratorOf<C, O>;
export function PrimaryColumn(first?: unknown, second?: unknown): AnyDecorator {
  return columnDecorator('@PrimaryColumn', 'regular', { ...columnOptions(first, second), primary: true });
}

/**
 * A value that a query computes and no table holds: read, never written.
 *
 * ```ts
 * @VirtualColumn('integer', { query: (book) => `SELECT count(*) FROM reviews WHERE book_id = ${book}.id` })
 * reviewCount!: number;
 * ```
 */
export function VirtualColumn<const C extends TypeName>(
  type: C,
  options: Omit<VirtualColumnOptions, 'type'>,
): ColumnDecorator<ColumnValue<C, unknown>, boolean>;
export function VirtualColumn(options: VirtualColumnOptions): ColumnDecorator<Unchecked, boolean>;
export function VirtualColumn(
  first: TypeName | VirtualColumnOptions,
  second?: Omit<VirtualColumnOptions, 'type'>,
): AnyDecorator {
  const options = typeof first === 'string' ? { ...(second as VirtualColumnOptions), type: first } : first;
  return onProperty('@VirtualColumn', ({ property }) => ({ kind: 'virtual', property, options }));
}

function embedded(decorator: string, target: unknown, options: EmbeddedOptions): AnyDecorator {
  return onProperty(decorator, ({ property }) => ({ kind: 'embedded', property, target, options }));
}

/**
 * An object whose columns stand in this table: `address.street` is column `address_street`.
 *
 * ```ts
 * @Embedded(() => Address) address!: Address;
 * @Embedded(() => Address, { prefix: 'home_' }) home!: Address;
 * ```
 */
export function Embedded<T extends object>(
  type: () => TargetClass<T>,
  options: EmbeddedOptions = {},
): ColumnDecorator<T, false> {
  return embedded('@Embedded', type, options);
}
