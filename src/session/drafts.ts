/** Plain data → entities: what `create()` and `merge()` do, and `save()` with what is no instance. */

import type { EntityMap, Field, Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';

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
  assign(map, entity, draft, false);
}

/**
 * Assigns the data of a draft, that of objects inside it too: embedded ones, and related entities that have the
 * same key or of which the draft says none, are assigned to and not replaced.
 *
 * @throws PROPERTY_UNKNOWN for what the class does not know
 */
export function mergeDraft(map: EntityMap, entity: Values, draft: Values): void {
  assign(map, entity, draft, true);
}

function assign(map: EntityMap, entity: Values, draft: Values, merges: boolean): void {
  for (const property of Object.keys(draft)) {
    const value = draft[property];
    if (value === undefined) continue;
    const field = map.fields.get(property);
    if (field === undefined && !map.knows(property) && !canBeSet(entity, property))
      throw map.unknown(property, 'values');
    const present = merges ? entity[property] : undefined;
    entity[property] = field === undefined ? value : fieldValue(map, field, [property], value, present);
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

/** @param present what is there to be assigned to; undefined where it is to be replaced */
function fieldValue(
  map: EntityMap,
  field: Field,
  path: readonly string[],
  value: unknown,
  present: unknown,
): unknown {
  if (typeof value !== 'object' || value === null || field.kind === 'column') return value;
  if (field.kind === 'embedded') return embeddedValue(map, field, path, value as Values, present);
  const { target } = field;
  if (!Array.isArray(value)) return related(target, value, present);
  const members = Array.isArray(present) ? present : [];
  return value.map((each) => related(target, each, memberLike(target, members, each)));
}

function embeddedValue(
  map: EntityMap,
  { fields }: Extract<Field, { kind: 'embedded' }>,
  path: readonly string[],
  value: Values,
  present: unknown,
): Values {
  const embedded = (isObject(present) ? present : map.makeEmbedded(path)) as Values;
  for (const name of Object.keys(value)) {
    const inner = fields.get(name);
    if (inner === undefined && !canBeSet(embedded, name)) {
      const property = [...path, name].join('.');
      if (!map.knows(property)) throw map.unknown(property, 'values', []);
    }
    const given = value[name];
    if (given === undefined && isObject(present)) continue;
    const before = isObject(present) ? embedded[name] : undefined;
    embedded[name] = inner === undefined ? given : fieldValue(map, inner, [...path, name], given, before);
  }
  return embedded;
}

function related(target: EntityMap, value: unknown, present: unknown): unknown {
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  if (!isObject(present) || !mayBeSame(target, present, value)) return createEntity(target, value);
  assign(target, present as Values, value as Values, true);
  return present;
}

/** Whether data is about an entity: it has its key, or says none. */
function mayBeSame(target: EntityMap, present: object, value: object): boolean {
  return target.key.every((column) => {
    const given = readColumn(column, value);
    return given === undefined || String(given) === String(readColumn(column, present));
  });
}

/** Of a list only those are the same that have the key. */
function memberLike(target: EntityMap, members: readonly unknown[], value: unknown): unknown {
  if (!isObject(value) || target.key.some((column) => readColumn(column, value) === undefined))
    return undefined;
  return members.find((member) => isObject(member) && mayBeSame(target, member, value));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
