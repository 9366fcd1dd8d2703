/** Plain data → entities: what `create()` and `merge()` do, and `save()` with what is no instance. */

import type { EntityMap, Field, Values } from '../query/mapping/entity-map.js';

/** A new instance with the data of a draft; drafts inside it become instances too. */
export function createEntity(map: EntityMap, draft: unknown): Values {
  const entity = map.instantiate();
  if (draft !== undefined) assignDraft(map, entity, draft as Values);
  return entity;
}

/**
 * Assigns the data of a draft; what is `undefined` there stays as it is.
 *
 * @throws PROPERTY_UNKNOWN for what the class does not know
 */
export function assignDraft(map: EntityMap, entity: Values, draft: Values): void {
  for (const property of Object.keys(draft)) {
    const value = draft[property];
    if (value === undefined) continue;
    const field = map.fields.get(property);
    if (field === undefined && !map.knows(property) && !canBeSet(entity, property))
      throw map.unknown(property, 'values');
    entity[property] = field === undefined ? value : fieldValue(map, field, [property], value);
  }
}

/**
 * Whether a property that is no column is the class's own business: a field or a setter of it. What every
 * object has is not, nor is a method: `__proto__` in a request body would give the entity another prototype.
 */
function canBeSet(entity: object, property: string): boolean {
  for (let owner = entity; owner !== Object.prototype && owner !== null; ) {
    const found = Object.getOwnPropertyDescriptor(owner, property);
    if (found !== undefined) {
      return found.set !== undefined || (found.writable === true && typeof found.value !== 'function');
    }
    owner = Object.getPrototypeOf(owner);
  }
  return false;
}

function fieldValue(map: EntityMap, field: Field, path: readonly string[], value: unknown): unknown {
  if (typeof value !== 'object' || value === null || field.kind === 'column') return value;
  if (field.kind === 'embedded') {
    const embedded = map.makeEmbedded(path) as Values;
    for (const name of Object.keys(value)) {
      const inner = field.fields.get(name);
      const given = (value as Values)[name];
      if (inner === undefined && !canBeSet(embedded, name)) {
        throw map.unknown([...path, name].join('.'), 'values', []);
      }
      embedded[name] = inner === undefined ? given : fieldValue(map, inner, [...path, name], given);
    }
    return embedded;
  }
  if (Array.isArray(value)) return value.map((each) => related(field.target, each));
  return related(field.target, value);
}

function related(target: EntityMap, value: unknown): unknown {
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? createEntity(target, value) : value;
}
