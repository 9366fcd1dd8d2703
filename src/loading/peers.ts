/** Finds optional packages: in the user's project first, for ours may be another version, or missing. */

import { createRequire } from 'node:module';

/**
 * Where a package would be loaded from.
 *
 * @param from a file of the user's project; it need not exist
 * @returns the path of its main module; undefined when it is not installed
 */
export function findPeer(name: string, from: string): string | undefined {
  return findFrom(name, from) ?? findFrom(name, __filename);
}

/** The same, in the user's project only. */
export function findFrom(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
