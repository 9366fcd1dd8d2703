/** Tells of entities that were read: those of relations first, then those that hold them, each once. */

import type { MaybePromise } from '../dialects/contract.js';
import type { Selection } from '../query/find/selection.js';
import type { EntityMap, Values } from '../query/mapping/entity-map.js';
import { relatedOf } from '../query/mapping/related.js';
import { isPromise } from '../query/maybe-promise.js';
import type { EntityHooks } from './entity-hooks.js';
import type { Runner } from './transactions.js';

/** Calls `@AfterLoad` listeners and `afterLoad` of subscribers; only where `hooks.hearsLoads`. */
export function tellLoaded(
  hooks: EntityHooks,
  runner: Runner,
  entities: readonly Values[],
  selection: Selection,
): MaybePromise<void> {
  const loaded = new Map<Values, EntityMap>();
  gather(entities, selection, loaded);
  return tellEach([...loaded], hooks, runner);
}

function gather(
  entities: readonly Values[],
  { layout, relations }: Selection,
  loaded: Map<Values, EntityMap>,
): void {
  const fresh = entities.filter((entity) => !loaded.has(entity));
  for (const { relation, owner, selection } of relations) {
    const having = owner === undefined ? fresh : fresh.filter((entity) => owner.isInstance(entity));
    const related = having.flatMap((entity) => relatedOf(entity, relation) as Values | Values[] | null);
    gather(related.filter((each) => each !== null && each !== undefined) as Values[], selection, loaded);
  }
  for (const entity of fresh) loaded.set(entity, layout.map.mapOfInstance(entity));
}

/** Tells of entities in the order in which they are given. */
export function tellEach(
  loaded: readonly (readonly [Values, EntityMap])[],
  hooks: EntityHooks,
  runner: Runner,
  from = 0,
): MaybePromise<void> {
  for (let i = from; i < loaded.length; i++) {
    const [entity, map] = loaded[i] as readonly [Values, EntityMap];
    if (!hooks.listens(map, 'afterLoad')) continue;
    const told = hooks.emit('afterLoad', { map, entity, runner });
    if (isPromise(told)) return told.then(() => tellEach(loaded, hooks, runner, i + 1));
  }
}
