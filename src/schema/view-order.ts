/** Views in an order in which they can be made: what a view reads comes before it. */

import { mentions } from '../base/sql-tokens.js';
import type { View } from './model.js';

/** The same views; those that need nothing of each other stay as they were. */
export function inOrderOfNeed(views: readonly View[]): readonly View[] {
  if (views.length < 2) return views;
  const ordered: View[] = [];
  let waiting = [...views];
  while (waiting.length > 0) {
    const ready = waiting.filter((view) => !waiting.some((other) => other !== view && reads(view, other)));
    // Names that only look like each other's must not keep anybody waiting for ever.
    const next = ready.length > 0 ? ready : waiting.slice(0, 1);
    ordered.push(...next);
    waiting = waiting.filter((view) => !next.includes(view));
  }
  return ordered;
}

function reads({ query }: View, { name }: View): boolean {
  return mentions(query, name.slice(name.lastIndexOf('.') + 1));
}
