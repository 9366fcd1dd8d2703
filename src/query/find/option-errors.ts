/** What is wrong with options, whatever the types said. */

import { error } from '../../base/error-codes.js';
import { nearestName } from '../../base/text.js';
import type { Values } from '../mapping/entity-map.js';

/** What TypeORM's finds take besides, and what is written in its place. */
const INSTEAD: Readonly<Record<string, string>> = {
  loadRelationIds: 'a property with @RelationId, or relations: { author: { select: { id: true } } }',
  loadEagerRelations: 'nothing: only what `relations` names is loaded',
  relationLoadStrategy: 'nothing: every relation is one query',
  join: '`relations`',
  cache: 'nothing: results are not kept',
  transaction: 'it inside db.transaction(…), which every call joins',
};

export function unknownOption(option: string, place: string, known: readonly string[]): Error {
  const instead = Object.hasOwn(INSTEAD, option) ? INSTEAD[option] : undefined;
  return error('OPTION_UNKNOWN', { option, place, instead, nearest: nearestName(option, known) });
}

/** Options that are an object with a key for each property. */
export function asOptions(option: string, value: unknown): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values;
  throw error('OPTION_INVALID', { option, problem: 'expected an object whose keys are properties' });
}
