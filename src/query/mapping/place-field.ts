/** Fields by name, those of embedded objects inside them. */

/** What a name may stand for; an embedded object has fields of its own. */
interface AnyField {
  readonly kind: string;
  readonly fields?: ReadonlyMap<string, unknown>;
}

/** Puts a field where its path leads; makes the embedded objects around it. */
export function placeField<F extends AnyField>(
  fields: Map<string, F>,
  path: readonly string[],
  field: F,
): void {
  const [first, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    fields.set(first, field);
    return;
  }
  const present = fields.get(first);
  const inside = (present?.kind === 'embedded' ? present.fields : new Map()) as Map<string, F>;
  fields.set(first, { kind: 'embedded', fields: inside } as AnyField as F);
  placeField(inside, rest, field);
}
