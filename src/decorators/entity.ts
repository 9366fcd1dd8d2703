/** Decorators of classes: entities, embedded objects, and one table for a family of classes. */

import type { EntityOptions, TableInheritanceOptions } from '../metadata/options.js';
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

/** One table holds this entity and every `@ChildEntity` that extends it: `@TableInheritance({ column: 'kind' })`. */
export function TableInheritance(options: TableInheritanceOptions = {}): EntityDecorator {
  return onClass('@TableInheritance', () => ({ kind: 'tableInheritance', options }));
}

/** A class that shares its parent's table; `value` stands in the discriminator column, by default its name. */
export function ChildEntity(value?: string | number): EntityDecorator {
  return onClass('@ChildEntity', () => ({ kind: 'childEntity', ...(value === undefined ? {} : { value }) }));
}

/** A class that is told of what happens to entities; handed to `subscribers` of the configuration. */
export function EventSubscriber(): ClassOnlyDecorator {
  return onClass('@EventSubscriber', () => ({ kind: 'subscriber' }));
}
