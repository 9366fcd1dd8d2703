/** Decorators of classes: entities, embedded objects, and one table for a family of classes. */

import type { ChildEntityOptions, EntityOptions, TableInheritanceOptions } from '../metadata/options.js';
import type { ClassOnlyDecorator, EntityDecorator } from './checks.js';
import { onClass } from './declare.js';

/**
 * A class whose instances are rows: `@Entity('books')`, `@Entity({ name: 'books', comment: '…' })`. The table's
 * default name is the class's in snake case.
 */
export function Entity(name: string, options?: EntityOptions): EntityDecorator;
export function Entity(options?: EntityOptions): EntityDecorator;
export function Entity(first: string | EntityOptions = {}, second: EntityOptions = {}): EntityDecorator {
  const options = typeof first === 'string' ? { ...second, name: first } : first;
  return onClass('@Entity', () => ({ kind: 'entity', options }));
}

/** A class whose columns stand in the tables of the entities that hold one with `@Embedded`. */
export function Embeddable(): EntityDecorator {
  return onClass('@Embeddable', () => ({ kind: 'embeddable' }));
}

/**
 * The first class of a family. One table holds it and every `@ChildEntity` that extends it, and a column says of
 * which class a row is: `@TableInheritance({ column: 'kind' })`. With `pattern: 'CTI'` every class has a table of its
 * own, with the columns that it adds and the key, which refers to the parent's row.
 */
export function TableInheritance(options: TableInheritanceOptions = {}): EntityDecorator {
  return onClass('@TableInheritance', () => ({ kind: 'tableInheritance', options }));
}

/**
 * A class of the family that its parent begins or belongs to: `@ChildEntity('photo')`. The value stands in the
 * discriminator column, by default the class's name; where each class has a table, options may name it.
 */
export function ChildEntity(value?: string | number, options?: ChildEntityOptions): EntityDecorator;
export function ChildEntity(options: ChildEntityOptions): EntityDecorator;
export function ChildEntity(
  first?: string | number | ChildEntityOptions,
  second: ChildEntityOptions = {},
): EntityDecorator {
  const isOptions = typeof first === 'object';
  const options = isOptions ? first : second;
  const value = isOptions ? undefined : first;
  return onClass('@ChildEntity', () => ({
    kind: 'childEntity',
    options,
    ...(value === undefined ? {} : { value }),
  }));
}

/** A class that is told of what happens to entities; handed to `subscribers` of the configuration. */
export function EventSubscriber(): ClassOnlyDecorator {
  return onClass('@EventSubscriber', () => ({ kind: 'subscriber' }));
}
