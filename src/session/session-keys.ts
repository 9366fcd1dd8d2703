/** Keys as people give them to a session, and what of an entity is here already. */

import { error } from '../base/error-codes.js';
import { type EntityMap, isOwningToOne, type Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { nested, relatedOf, valueAt } from '../query/mapping/related.js';
import { membersOf } from '../query/mapping/row-state.js';
import type { Managed } from './identity-map.js';

/** The key of an entity: its value, or an object of its parts. */
export type SessionKey = string | number | bigint | Date | Readonly<Record<string, unknown>>;

/** A key as conditions. @throws KEY_MISSING */
export function keyObject(map: EntityMap, key: unknown): Values {
  const isObject =
    typeof key === 'object' && key !== null && Object.prototype.toString.call(key) !== '[object Date]';
  const [, second] = map.key;
  const parts = map.key.map(({ meta }) => (isObject ? valueAt(key, meta.path) : second ? undefined : key));
  const missing = map.key.filter((_, i) => (parts[i] ?? null) === null);
  if (missing.length === 0) return nested(map.key.map(({ meta }, i) => [meta.path, parts[i]]));
  throw error('KEY_MISSING', {
    entity: map.meta.name,
    method: 'get',
    columns: missing.map(({ meta }) => meta.property),
  });
}

/** The key of a row that the session has, as conditions. */
export function keyOfManaged({ map, entity }: Managed): Values {
  return nested(map.key.map((column) => [column.meta.path, readColumn(column, entity)]));
}

/** Whether all relations that are asked for are loaded whole; what narrows one is asked of the database. */
export function isLoaded(map: EntityMap, entity: Values, relations: object = {}): boolean {
  const asked = map.relations().filter(({ meta }) => valueAt(relations, meta.path) !== undefined);
  // What is no relation is told by the find.
  if (asked.length < Object.keys(relations).length) return false;
  return asked.every((relation) => {
    const options = valueAt(relations, relation.meta.path);
    if (options === false) return true;
    if (options !== true || relatedOf(entity, relation) === undefined) return false;
    return isOwningToOne(relation.meta) || membersOf(entity, relation.meta.property) !== undefined;
  });
}
