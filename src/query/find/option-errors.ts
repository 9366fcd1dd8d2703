/** What is wrong with options, whatever the types said. */

import { error } from '../../base/error-codes.js';
import { nearestName } from '../../base/text.js';
import type { Values } from '../mapping/entity-map.js';

export function unknownOption(option: string, place: string, known: readonly string[]): Error {
  return error('OPTION_UNKNOWN', { option, place, nearest: nearestName(option, known) });
}

/** Options that are an object with a key for each property. */
export function asOptions(option: string, value: unknown): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values;
  throw error('OPTION_INVALID', { option, problem: 'expected an object whose keys are properties' });
}
