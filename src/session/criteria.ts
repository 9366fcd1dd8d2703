/** Criteria of `update()` and `delete()` as people write them: conditions, a key, or keys. */

import { error } from '../base/error-codes.js';
import { In } from '../query/conditions/operators.js';
import { isEmptyCriteria } from '../query/conditions/where-shape.js';
import type { EntityMap } from '../query/mapping/entity-map.js';
import { requireWritable } from '../query/mapping/writable.js';

/**
 * Keys as conditions on the key column; conditions as they are.
 *
 * @throws CRITERIA_EMPTY · OPTION_INVALID for keys where the key is not one column
 */
export function whereOf(map: EntityMap, criteria: unknown, method: string): unknown {
  requireWritable(map, method);
  if (isEmptyCriteria(criteria)) throw error('CRITERIA_EMPTY', { entity: map.meta.name, method });
  const keys = keysIn(criteria);
  if (keys === undefined) return criteria;
  const [column, second] = map.key;
  if (column === undefined || second !== undefined || column.meta.path.length !== 1) {
    const problem = `the key of '${map.meta.name}' is not one column; name its columns`;
    throw error('OPTION_INVALID', { option: method, problem });
  }
  return { [column.meta.property]: keys.length === 1 ? keys[0] : In([...keys]) };
}

/** The keys that criteria are, if they are no conditions. */
export function keysIn(criteria: unknown): readonly unknown[] | undefined {
  const list = Array.isArray(criteria) ? criteria : [criteria];
  return list.every(isKey) ? list : undefined;
}

function isKey(value: unknown): boolean {
  return (
    typeof value !== 'object' || value === null || Object.prototype.toString.call(value) === '[object Date]'
  );
}
