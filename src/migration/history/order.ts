/**
 * The one order in which revisions run. Alembic sorts each request by itself; here all requests are cuts of
 * one order, so a downgrade is exactly an upgrade reversed, and a run that plans again half-way goes on where
 * it was.
 */

/**
 * Orders revisions branch by branch: from a head down to where its branch began, then the next head, and what
 * several stand on only after all of them.
 *
 * @param heads ids that nothing stands on; the first is the newest of all
 * @param parents what must come before an id, the line to be followed first in front
 * @param dependents what stands on an id
 * @returns all ids reachable from the heads, oldest first; O(V + E)
 */
export function branchOrder(
  heads: readonly string[],
  parents: ReadonlyMap<string, readonly string[]>,
  dependents: ReadonlyMap<string, readonly string[]>,
): string[] {
  const waitingFor = new Map<string, number>();
  for (const [id, above] of dependents) waitingFor.set(id, above.length);

  const newestFirst: string[] = [];
  const ready = [...heads].reverse();
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    newestFirst.push(id);
    const below = parents.get(id) ?? [];
    // Pushed from the back, so that the first parent is the next to be taken.
    for (let index = below.length - 1; index >= 0; index--) {
      const parent = below[index] as string;
      const left = (waitingFor.get(parent) ?? 1) - 1;
      waitingFor.set(parent, left);
      if (left === 0) ready.push(parent);
    }
  }
  return newestFirst.reverse();
}
