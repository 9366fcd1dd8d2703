/**
 * Collects mistakes while entities are built, so that all of them are told at once. The build goes on with
 * something harmless in place of what is wrong.
 */

import type { MetadataProblem } from '../base/catalogue/metadata.js';
import { error } from '../base/error-codes.js';
import { nearestName } from '../base/text.js';

/** Where a mistake is: the class's name and, where it has one, the property's. */
export interface Spot {
  readonly entity: string;
  readonly property?: string | undefined;
}

/** All mistakes found so far. */
export class Problems {
  readonly #list: MetadataProblem[] = [];

  /** @param problem and `cure`: sentences without full stops */
  add(at: Spot, problem: string, cure: string): void {
    const found = {
      entity: at.entity,
      ...(at.property === undefined ? {} : { property: at.property }),
      problem,
      cure,
    };
    const known = this.#list.some(
      (p) => p.entity === found.entity && p.property === at.property && p.problem === problem,
    );
    if (!known) this.#list.push(found);
  }

  /** Refuses keys of an options object that are no option. */
  refuseUnknownKeys(at: Spot, what: string, options: object, allowed: readonly string[]): void {
    for (const key of Object.keys(options)) {
      if (allowed.includes(key)) continue;
      const near = nearestName(key, allowed);
      const cure =
        near === undefined ? `Leave it out; there are ${allowed.join(', ')}` : `Did you mean '${near}'?`;
      this.add(at, `${what} has no option '${key}'`, cure.replace(/\?$/, ''));
    }
  }

  /** @throws METADATA_INVALID holding every mistake, if there is one */
  throwAll(): void {
    if (this.#list.length > 0) throw error('METADATA_INVALID', { problems: Object.freeze([...this.#list]) });
  }
}

/** `Did you mean 'x'`, or else the list of what there is. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const near = nearestName(name, candidates);
  if (near !== undefined) return `Did you mean '${near}'`;
  return candidates.length === 0 ? 'There is none' : `There are ${candidates.join(', ')}`;
}
