/** The doors of repositories to the unit of work: entities of one class, saved, removed, hidden and shown again. */

import type { EntityMap } from '../query/mapping/entity-map.js';
import type { EntityHooks } from './entity-hooks.js';
import { hooksWith, type SaveOptions } from './save-options.js';
import type { Journal } from './scope.js';
import type { Runner } from './transactions.js';
import type { Entry } from './unit-of-work/graph.js';
import { Memory } from './unit-of-work/memory.js';
import { write } from './unit-of-work/write.js';

/** What a door does with entities, those of one call together. */
export type Deed = 'save' | 'remove' | 'softRemove' | 'recover';

/**
 * Saves entities with what they cascade to, deletes their rows (those that hold another's key go before it), marks
 * them as deleted, or takes the mark from them.
 *
 * @throws KEY_MISSING · OPTIMISTIC_LOCK · DELETE_DATE_MISSING, and what else `write` throws
 */
export function writeEntities(
  runner: Runner,
  deed: Deed,
  entries: readonly Entry[],
  hooks: EntityHooks,
  options?: SaveOptions,
): Promise<unknown> {
  if (options === undefined) return write(runner, { [deed]: entries }, hooks);
  const told = hooksWith(hooks, options);
  const { chunk = entries.length } = options;
  if (chunk >= entries.length) return write(runner, { [deed]: entries }, told);
  return runner.transaction(async (inner) => {
    for (let i = 0; i < entries.length; i += chunk) {
      await write(inner, { [deed]: entries.slice(i, i + chunk) }, told);
    }
  });
}

/** Takes note of what entities hold before they are inserted, for the case of a rollback. */
export function noteAll(map: EntityMap, entities: readonly object[], journal: Journal): void {
  const memory = new Memory(journal);
  for (const entity of entities) {
    memory.keepNew(map, entity);
  }
}
