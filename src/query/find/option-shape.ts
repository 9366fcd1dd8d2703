/**
 * Options → the shape that their statements are kept under, and the values of this call. What is wrong with
 * limits and with the options of relations is refused here, on every call.
 */

import { error } from '../../base/error-codes.js';
import { labelWhere } from '../conditions/where-shape.js';
import type { EntityMap, MappedRelation, Values } from '../mapping/entity-map.js';
import { relationsNamed } from '../mapping/family-fields.js';
import type { ShapeWalk } from '../shape-cache.js';
import { rowLockOf } from './lock.js';
import { namedRelations } from './named-relations.js';
import { asOptions, unknownOption } from './option-errors.js';

/** Labels that no property can have: numbers. */
export const SHAPE = {
  where: 10,
  select: 11,
  relations: 12,
  order: 13,
  skip: 14,
  take: 15,
  withDeleted: 16,
  end: 17,
  nested: 18,
  options: 19,
  withoutDeleted: 20,
  lock: 21,
} as const;

export function labelLimits(
  { take, skip }: { readonly take?: unknown; readonly skip?: unknown },
  shape: ShapeWalk,
): void {
  if (take !== undefined) {
    shape.label(SHAPE.take);
    shape.value(wholeNumber('take', take));
  }
  if (skip !== undefined) {
    shape.label(SHAPE.skip);
    shape.value(wholeNumber('skip', skip));
  }
}

function wholeNumber(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw error('OPTION_INVALID', { option, problem: 'expected a whole number, 0 or more' });
}

export function labelLock(lock: unknown, shape: ShapeWalk): void {
  const rows = rowLockOf(lock);
  // What an optimistic lock asks is compared afterwards.
  if (rows === undefined) return;
  shape.label(SHAPE.lock);
  shape.label(rows.strength);
  shape.label(rows.onLocked ?? 'wait');
}

/** Options whose every key and value belongs to the shape. */
export function labelPlain(option: 'select' | 'order', value: unknown, shape: ShapeWalk): void {
  shape.label(SHAPE[option]);
  labelEntries(asOptions(option, value), option, shape);
}

function labelEntries(entries: Values, option: string, shape: ShapeWalk): void {
  for (const name in entries) {
    const value = entries[name];
    shape.label(name);
    if (typeof value === 'object' && value !== null) {
      shape.label(SHAPE.nested);
      labelEntries(asOptions(option, value), option, shape);
    } else {
      // An expression is SQL of the caller's own, which no label can tell.
      if (typeof value === 'function') shape.cacheable = false;
      shape.label(String(value));
    }
  }
  shape.label(SHAPE.end);
}

const TO_ONE_OPTIONS = ['select', 'relations', 'where', 'withDeleted'];
const TO_MANY_OPTIONS = [...TO_ONE_OPTIONS, 'order', 'take', 'skip'];

/**
 * The relations of an entity with what is asked of each, at every depth; the values of each relation come
 * before those of the relations inside it.
 *
 * @throws PROPERTY_UNKNOWN · OPTION_UNKNOWN · OPTION_INVALID · CONDITION_MISSING
 */
export function labelRelations(map: EntityMap, relations: unknown, shape: ShapeWalk): void {
  shape.label(SHAPE.relations);
  const entries = namedRelations(map, relations);
  for (const name in entries) {
    const wanted = entries[name];
    if (wanted === undefined) continue;
    shape.label(name);
    if (wanted === false) shape.label('false');
    else if (wanted !== true) {
      const options = asOptions(`relations.${name}`, wanted);
      for (const relation of relationsNamed(map, name)) labelOptions(relation, options, shape);
    }
  }
  shape.label(SHAPE.end);
}

function labelOptions(relation: MappedRelation, options: Values, shape: ShapeWalk): void {
  const known = relation.toMany ? TO_MANY_OPTIONS : TO_ONE_OPTIONS;
  for (const option in options) {
    if (!known.includes(option)) throw unknownIn(relation, option, known);
  }
  const { where, withDeleted, order, select, relations } = options;
  shape.label(SHAPE.options);
  if (where !== undefined) {
    shape.label(SHAPE.where);
    labelWhere(relation.target, where, shape);
  } else if ('where' in options) throw whereMissing(relation);
  if (withDeleted !== undefined) shape.label(withDeleted === true ? SHAPE.withDeleted : SHAPE.withoutDeleted);
  if (order !== undefined) labelPlain('order', order, shape);
  labelLimits(options, shape);
  if (select !== undefined) labelPlain('select', select, shape);
  if (relations !== undefined) labelRelations(relation.target, relations, shape);
  shape.label(SHAPE.end);
}

/** The relations of a relation stand among its options under a name of their own. */
function unknownIn({ meta, target }: MappedRelation, option: string, known: readonly string[]): Error {
  const place = `relations.${meta.property}`;
  if (target.relation(option) === undefined) return unknownOption(option, place, known);
  const instead = `relations: { ${meta.property}: { relations: { ${option}: true } } }`;
  return error('OPTION_UNKNOWN', { option, place, instead });
}

/** Conditions that are missing by mistake must not mean every row. */
function whereMissing({ meta }: MappedRelation): Error {
  return error('OPTION_INVALID', { option: `relations.${meta.property}.where`, problem: 'it is undefined' });
}
