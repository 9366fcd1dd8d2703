/** What an entity holds for a column. */

import type { MappedColumn, Values } from './entity-map.js';

/** What an entity holds for a column: the value at its path, or the key of the entity that a relation holds. */
export function readColumn(column: MappedColumn, entity: object): unknown {
  const { path, role } = column.meta;
  let value = (entity as Values)[path[0] as string];
  for (let i = 1; i < path.length; i++) {
    if (value === null || value === undefined) return undefined;
    value = (value as Values)[path[i] as string];
  }
  if (role !== 'relation' || typeof value !== 'object' || value === null) return value;
  return column.relation === undefined ? value : readColumn(column.relation.referenced(), value);
}
