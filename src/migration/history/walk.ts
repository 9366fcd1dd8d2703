/** Counting revisions up and down a lineage, for arguments such as `head-1`, `base+2` and `+1`. */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';
import type { RevisionGraph } from './graph.js';

export interface WalkOptions {
  /** At a fork only what belongs to this lineage is followed. */
  readonly lineage?: ReadonlySet<string> | undefined;
  /** The error when the graph ends too early: where, and after how many steps. Without it the walk just ends. */
  readonly tooFar?: ((end: string, walked: number) => LimbeckError) | undefined;
}

/** A walk down, as what it takes back. */
export interface DescentResult {
  /** The revisions taken back, newest first. */
  readonly undone: readonly string[];
  /** Where it ends: nothing for base, several parents below a merge. */
  readonly landing: readonly string[];
}

/**
 * Walks up by parentage.
 *
 * @param start an id; undefined for base
 * @returns where the walk ends; undefined for base
 * @throws WALK_AMBIGUOUS at a branch point; `tooFar` at a head
 */
export function walkUp(
  graph: RevisionGraph,
  start: string | undefined,
  steps: number,
  options: WalkOptions,
): string | undefined {
  let at = start;
  for (let walked = 0; walked < steps; walked++) {
    const above = onLineage(at === undefined ? graph.bases : graph.childrenOf(at), options.lineage);
    const [next] = above;
    if (next === undefined) {
      if (options.tooFar === undefined) return at;
      throw options.tooFar(at ?? 'base', walked);
    }
    if (above.length > 1) {
      throw error('WALK_AMBIGUOUS', { from: at ?? 'base', direction: 'up', choices: above });
    }
    at = next;
  }
  return at;
}

/**
 * Walks down by parentage. The last step may take back a merge, since that is one revision and its undoing is
 * clear; to go on from its several parents is not, unless a lineage decides.
 *
 * @param start an id; undefined for base, from where no step is possible
 * @throws WALK_AMBIGUOUS at a merge with steps left; `tooFar` at base
 */
export function walkDown(
  graph: RevisionGraph,
  start: string | undefined,
  steps: number,
  options: WalkOptions,
): DescentResult {
  const undone: string[] = [];
  let landing: readonly string[] = start === undefined ? [] : [start];
  while (undone.length < steps) {
    const [at] = landing;
    if (at === undefined) {
      if (options.tooFar === undefined) break;
      throw options.tooFar('base', undone.length);
    }
    if (landing.length > 1) {
      throw error('WALK_AMBIGUOUS', { from: undone.at(-1) as string, direction: 'down', choices: landing });
    }
    undone.push(at);
    const below = graph.downsOf(at);
    landing = below.length > 1 ? onLineage(below, options.lineage) : below;
  }
  return { undone, landing };
}

function onLineage(ids: readonly string[], lineage: ReadonlySet<string> | undefined): readonly string[] {
  return lineage === undefined ? ids : ids.filter((id) => lineage.has(id));
}
