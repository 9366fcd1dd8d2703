/** Entities as conditions: an entity stands for its key. */

import { error } from '../../base/error-codes.js';
import type { MappedColumn, MappedRelation } from '../mapping/entity-map.js';
import { isOwningToOne } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';

/** The columns of the other side by whose values an entity of it is known. */
export function entityKey(relation: MappedRelation): readonly MappedColumn[] {
  return isOwningToOne(relation.meta) ? relation.remote : relation.target.key;
}

/**
 * What an entity holds for a column of its key.
 *
 * @throws CONDITION_INVALID for what is no such entity · KEY_MISSING
 */
export function keyValue(relation: MappedRelation, column: MappedColumn, entity: unknown): unknown {
  const { target, owner, map, meta } = relation;
  if (!target.isInstance(entity)) {
    const problem = `expected an entity of '${target.meta.name}'`;
    throw error('CONDITION_INVALID', { entity: map.meta.name, property: meta.property, problem });
  }
  const value = readColumn(column, entity);
  if (value !== undefined && value !== null) return value;
  throw error('KEY_MISSING', {
    entity: target.meta.name,
    method: `where: ${owner}`,
    columns: [column.meta.property],
  });
}
