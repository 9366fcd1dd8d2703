/** `relations` options, which name relations inside embedded objects by their paths → relations by their properties. */

import type { EntityMap, Field, MappedEmbedded, Values } from '../mapping/entity-map.js';
import { declaring, relationsNamed } from '../mapping/family-fields.js';
import { asOptions } from './option-errors.js';

/**
 * What is asked of each relation, with a dot in the name of one inside an embedded object. Options that name no such
 * relation are given back as they are.
 *
 * @throws PROPERTY_UNKNOWN · OPTION_INVALID
 */
export function namedRelations(map: EntityMap, relations: unknown): Values {
  const entries = asOptions('relations', relations);
  for (const name in entries) if (relationsNamed(map, name).length === 0) return flatten(map, entries);
  return entries;
}

function flatten(map: EntityMap, entries: Values): Values {
  const flat: Values = {};
  for (const name in entries) {
    if (relationsNamed(map, name).length > 0) flat[name] = entries[name];
    else gather(map, [name], embeddedsIn(fieldsNamed(map, name)), entries[name], flat);
  }
  return flat;
}

/** The fields that a name stands for: the class's own, or those of the classes below it that declare it. */
function fieldsNamed(map: EntityMap, name: string): readonly Field[] {
  const own = map.fields.get(name);
  return own === undefined ? declaring(map, name).flatMap((member) => member.fields.get(name) ?? []) : [own];
}

function gather(
  map: EntityMap,
  path: readonly string[],
  embeddeds: readonly MappedEmbedded[],
  wanted: unknown,
  flat: Values,
): void {
  if (embeddeds.length === 0) throw unknownRelation(map, path[0] as string, map.fields);
  if (wanted === undefined || wanted === false) return;
  const entries = asOptions(`relations.${path.join('.')}`, wanted);
  for (const name in entries) {
    const inner = [...path, name];
    const fields = embeddeds.flatMap((embedded) => embedded.fields.get(name) ?? []);
    if (fields.some(({ kind }) => kind === 'relation')) flat[inner.join('.')] = entries[name];
    else if (embeddedsIn(fields).length === 0) {
      throw unknownRelation(map, name, (embeddeds[0] as MappedEmbedded).fields);
    } else gather(map, inner, embeddedsIn(fields), entries[name], flat);
  }
}

/** Those that are embedded objects with a relation inside them. */
function embeddedsIn(fields: readonly Field[]): MappedEmbedded[] {
  return fields.filter((field): field is MappedEmbedded => field.kind === 'embedded' && holdsRelation(field));
}

function holdsRelation(field: Field): boolean {
  if (field.kind !== 'embedded') return field.kind === 'relation';
  for (const inner of field.fields.values()) if (holdsRelation(inner)) return true;
  return false;
}

function unknownRelation(map: EntityMap, name: string, fields: ReadonlyMap<string, Field>): Error {
  const candidates = [...fields].flatMap(([each, field]) => (holdsRelation(field) ? [each] : []));
  return map.unknown(name, 'relations', candidates);
}
