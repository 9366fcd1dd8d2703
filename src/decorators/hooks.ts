/** Decorators of methods that an entity's life calls: before and after it is written, after it is loaded. */

import type { ListenerEvent } from '../metadata/entity.js';
import type { MethodDecoratorOf } from './checks.js';
import { onMethod } from './declare.js';

function listener(decorator: string, event: ListenerEvent): MethodDecoratorOf {
  return onMethod(decorator, ({ property }) => ({ kind: 'listener', property, event }));
}

/** Called before the entity is inserted. */
export function BeforeInsert(): MethodDecoratorOf {
  return listener('@BeforeInsert', 'beforeInsert');
}

/** Called after the entity is inserted. */
export function AfterInsert(): MethodDecoratorOf {
  return listener('@AfterInsert', 'afterInsert');
}

/** Called before the entity is updated. */
export function BeforeUpdate(): MethodDecoratorOf {
  return listener('@BeforeUpdate', 'beforeUpdate');
}

/** Called after the entity is updated. */
export function AfterUpdate(): MethodDecoratorOf {
  return listener('@AfterUpdate', 'afterUpdate');
}

/** Called before the entity is deleted. */
export function BeforeRemove(): MethodDecoratorOf {
  return listener('@BeforeRemove', 'beforeRemove');
}

/** Called after the entity is deleted. */
export function AfterRemove(): MethodDecoratorOf {
  return listener('@AfterRemove', 'afterRemove');
}

/** Called before the entity is soft-deleted. */
export function BeforeSoftRemove(): MethodDecoratorOf {
  return listener('@BeforeSoftRemove', 'beforeSoftRemove');
}

/** Called after the entity is soft-deleted. */
export function AfterSoftRemove(): MethodDecoratorOf {
  return listener('@AfterSoftRemove', 'afterSoftRemove');
}

/** Called before the entity is restored. */
export function BeforeRecover(): MethodDecoratorOf {
  return listener('@BeforeRecover', 'beforeRecover');
}

/** Called after the entity is restored. */
export function AfterRecover(): MethodDecoratorOf {
  return listener('@AfterRecover', 'afterRecover');
}

/** Called after the entity was read from the database. */
export function AfterLoad(): MethodDecoratorOf {
  return listener('@AfterLoad', 'afterLoad');
}
