/** Fields by name, those of embedded objects inside them. */

import type { Field, MappedEmbedded } from './entity-map.js';

/** Puts a field where its path leads; makes the embedded objects around it. */
export function placeField(fields: Map<string, Field>, path: readonly string[], field: Field): void {
  const [first, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    fields.set(first, field);
    return;
  }
  const present = fields.get(first);
  const embedded: MappedEmbedded =
    present?.kind === 'embedded' ? present : { kind: 'embedded', fields: new Map() };
  fields.set(first, embedded);
  placeField(embedded.fields as Map<string, Field>, rest, field);
}
