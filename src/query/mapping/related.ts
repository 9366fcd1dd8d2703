/** What an entity holds for a relation: the one way to read it and to set it, inside embedded objects as well. */

import { type MappedRelation, type Values, writePath } from './entity-map.js';

/** What a relation leads to; undefined where it was not loaded, or the embedded object around it is not there. */
export function relatedOf(entity: object, { meta }: MappedRelation): unknown {
  return valueAt(entity, meta.path);
}

/** The value at the path of a relation or of any other property. */
export function valueAt(entity: object, path: readonly string[]): unknown {
  let value = (entity as Values)[path[0] as string];
  for (let i = 1; i < path.length; i++) {
    if (value === null || value === undefined) return undefined;
    value = (value as Values)[path[i] as string];
  }
  return value;
}

/** Sets what a relation leads to; makes the embedded objects around it, but not to hold nothing. */
export function setRelated(entity: object, { map, meta: { path } }: MappedRelation, value: unknown): void {
  if (path.length === 1) (entity as Values)[path[0] as string] = value;
  else if (value !== undefined || holderOf(entity, path) !== undefined) writePath(map, entity, path, value);
}

/** The object that has the last property of a path; undefined where it is not there. */
export function holderOf(entity: object, path: readonly string[]): Values | undefined {
  let holder: unknown = entity;
  for (let i = 0; i < path.length - 1; i++)
    holder = (holder as Values | null | undefined)?.[path[i] as string];
  return (holder ?? undefined) as Values | undefined;
}

/** Plain objects that hold values at their paths: conditions and options, which are no entities. */
export function nested(values: Iterable<readonly [path: readonly string[], value: unknown]>): Values {
  const all: Values = {};
  for (const [path, value] of values) put(all, path, value);
  return all;
}

/** Sets the value at a path of a plain object; makes the plain objects on the way. */
export function put(values: Values, path: readonly string[], value: unknown): void {
  let holder = values;
  for (let i = 0; i < path.length - 1; i++) {
    const name = path[i] as string;
    holder[name] ??= {};
    holder = holder[name] as Values;
  }
  holder[path[path.length - 1] as string] = value;
}
