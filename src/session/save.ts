/** The doors of repositories to the unit of work: entities of one class, saved, removed, hidden and shown again. */

import type { EntityMap } from '../query/mapping/entity-map.js';
import type { EntityHooks } from './entity-hooks.js';
import type { Journal } from './scope.js';
import type { Runner } from './transactions.js';
import type { Entry } from './unit-of-work/graph.js';
import { Memory } from './unit-of-work/memory.js';
import { write } from './unit-of-work/write.js';

type Write = (
  runner: Runner,
  map: EntityMap,
  entities: readonly object[],
  hooks?: EntityHooks,
) => Promise<unknown>;

const entriesOf = (map: EntityMap, entities: readonly object[]): Entry[] =>
  entities.map((entity) => ({ map, entity }));

/** Saves entities with what they cascade to. */
export const saveEntities: Write = (runner, map, entities, hooks) =>
  write(runner, { save: entriesOf(map, entities) }, hooks);

/** Deletes the rows of entities; those that hold another's key go before it. @throws KEY_MISSING · OPTIMISTIC_LOCK */
export const removeEntities: Write = (runner, map, entities, hooks) =>
  write(runner, { remove: entriesOf(map, entities) }, hooks);

/** Marks entities as deleted. @throws DELETE_DATE_MISSING · KEY_MISSING */
export const softRemoveEntities: Write = (runner, map, entities, hooks) =>
  write(runner, { softRemove: entriesOf(map, entities) }, hooks);

/** Takes the mark of deletion from entities. @throws DELETE_DATE_MISSING · KEY_MISSING */
export const recoverEntities: Write = (runner, map, entities, hooks) =>
  write(runner, { recover: entriesOf(map, entities) }, hooks);

/** Takes note of what entities hold before they are inserted, for the case of a rollback. */
export function noteAll(map: EntityMap, entities: readonly object[], journal: Journal): void {
  const memory = new Memory(journal);
  for (const entity of entities) {
    memory.keepNew(map, entity);
  }
}
