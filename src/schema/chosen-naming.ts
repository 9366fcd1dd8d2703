/** The naming that a configuration asks for, whole. */

import { type NamingStrategy, snakeCaseNaming } from './naming.js';
import { typeormNaming } from './typeorm-naming.js';

/** Everything that a naming may say. */
export const NAMING_KEYS = Object.keys({
  ...snakeCaseNaming,
  ...typeormNaming,
}) as readonly (keyof NamingStrategy)[];

/** @param given an object of functions, or an instance of a class; what it leaves out is snake_case */
export function chosenNaming(given: Partial<NamingStrategy> | 'typeorm' = {}): NamingStrategy {
  if (given === 'typeorm') return typeormNaming;
  // Methods of a class are not its instance's own.
  const said = NAMING_KEYS.filter((key) => given[key] !== undefined).map((key) => {
    const value = given[key];
    return [key, typeof value === 'function' ? (value as () => unknown).bind(given) : value] as const;
  });
  return { ...snakeCaseNaming, ...Object.fromEntries(said) };
}
