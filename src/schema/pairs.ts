/** Two lists of named things held against each other. */

import { deepEqual } from '../base/structure.js';

/** What was added, dropped and changed between two lists of things that a key identifies; in order of keys. */
export function pairByKey<T>(
  from: readonly T[],
  to: readonly T[],
  key: (item: T) => string,
): { readonly added: T[]; readonly dropped: T[]; readonly changed: (readonly [from: T, to: T])[] } {
  const old = new Map(from.map((item) => [key(item), item]));
  const now = new Set(to.map(key));
  return {
    added: to.filter((item) => !old.has(key(item))),
    dropped: from.filter((item) => !now.has(key(item))),
    changed: to.flatMap((item) => {
      const before = old.get(key(item));
      return before === undefined || deepEqual(before, item) ? [] : [[before, item] as const];
    }),
  };
}
