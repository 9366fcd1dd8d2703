/** What an entity holds for a column. */

import type { MappedColumn, Values } from './entity-map.js';

/** What an entity holds for a column: the value at its path, or the key of the entity that a relation holds. */
export function readColumn(column: MappedColumn, entity: object): unknown {
  const { path, role } = column.meta;
  let value = (entity as Values)[path[0] as string];
  if (role === 'relation') {
    if (typeof value !== 'object' || value === null || column.relation === undefined) return value;
    return readColumn(column.relation.referenced(), value);
  }
  for (let i = 1; i < path.length; i++) {
    if (value === null || value === undefined) return undefined;
    value = (value as Values)[path[i] as string];
  }
  return value;
}
