/** `remove()`: entities, and what their relations cascade to, out of the database. */

import { error } from '../base/error-codes.js';
import type { EntityMap, Values } from '../query/mapping/entity-map.js';
import { isOwningToOne } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { forgetRow, rowOf } from '../query/mapping/row-state.js';
import { deleteEntity } from '../query/write/delete.js';
import { note } from './save.js';
import type { Runner } from './transactions.js';

interface Removal {
  readonly map: EntityMap;
  readonly entity: Values;
}

/**
 * Deletes the rows of entities; those that hold another's key go before it.
 *
 * @throws KEY_MISSING · OPTIMISTIC_LOCK
 */
export function removeEntities(runner: Runner, map: EntityMap, entities: readonly object[]): Promise<void> {
  try {
    const removals: Removal[] = [];
    const seen = new Set<object>();
    for (const entity of entities) collect(map, entity as Values, seen, removals);
    return runner.atomic(async (connection, journal) => {
      for (const each of removals) {
        note(each.map, each.entity, journal);
        await deleteEntity(connection, each.map, each.entity);
        forgetRow(each.entity);
      }
    });
  } catch (cause) {
    return Promise.reject(cause);
  }
}

function collect(declared: EntityMap, entity: Values, seen: Set<object>, removals: Removal[]): void {
  const map = declared.mapOfInstance(entity);
  if (seen.has(entity)) return;
  seen.add(entity);
  requireKey(map, entity);
  const cascading = map.relations().filter(({ meta }) => meta.cascade.includes('remove'));
  const visit = (owning: boolean): void => {
    for (const relation of cascading) {
      if (isOwningToOne(relation.meta) !== owning) continue;
      const value = entity[relation.meta.property];
      for (const each of Array.isArray(value) ? value : [value]) {
        if (typeof each === 'object' && each !== null)
          collect(relation.target, each as Values, seen, removals);
      }
    }
  };
  visit(false);
  removals.push({ map, entity });
  visit(true);
}

function requireKey(map: EntityMap, entity: Values): void {
  if (rowOf(entity) !== undefined) return;
  const columns = map.key.filter((column) => (readColumn(column, entity) ?? null) === null);
  if (columns.length === 0) return;
  throw error('KEY_MISSING', {
    entity: map.meta.name,
    method: 'remove',
    columns: columns.map((column) => column.meta.property),
  });
}
