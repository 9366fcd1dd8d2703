/**
 * Properties that a class sets by itself (`status = 'new'`) and that were not read: such a value is none of the
 * row's, and `save()` would write it.
 */

import type { EntityMap, MappedColumn, Values } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import type { ReadEntity } from './read-entity.js';

/** The reader as it is, where the class sets nothing that the reader does not. */
export function withoutInitials(
  map: EntityMap,
  shown: ReadonlySet<MappedColumn>,
  read: ReadEntity,
): ReadEntity {
  const hidden = map.columns.filter((column) => column.meta.role !== 'relation' && !shown.has(column));
  if (hidden.length === 0) return read;
  const empty = map.instantiate();
  const set = hidden.filter((column) => {
    const [outer] = column.meta.path as [string];
    const inside = column.meta.path.length > 1 && empty[outer] === undefined;
    const holder = inside ? embeddedOf(map, column) : empty;
    return readColumn(column, holder) !== undefined;
  });
  if (set.length === 0) return read;
  const paths = set.map(({ meta }) => meta.path);
  return (row) => {
    const entity = read(row);
    for (const path of paths) unset(entity, path);
    return entity;
  };
}

/** An instance with the embedded object that a reader would make for some other column of it. */
function embeddedOf(map: EntityMap, { meta }: MappedColumn): Values {
  const entity: Values = {};
  let holder = entity;
  for (let i = 0; i < meta.path.length - 1; i++) {
    const inner = map.makeEmbedded(meta.path.slice(0, i + 1)) as Values;
    holder[meta.path[i] as string] = inner;
    holder = inner;
  }
  return entity;
}

function unset(entity: Values, path: readonly string[]): void {
  let holder: Values | undefined = entity;
  for (let i = 0; i < path.length - 1; i++) holder = holder?.[path[i] as string] as Values | undefined;
  // Not deleted, which would make a slower object of it.
  if (holder !== undefined && holder !== null) holder[path[path.length - 1] as string] = undefined;
}
