/**
 * Graph algorithms over plain string keys, for whoever has things that must come in an order: revisions,
 * tables with foreign keys, entities to flush. A graph is a list of keys and a function that gives a key's
 * neighbours; nothing is mutated, nothing recurses (a history is a chain of thousands), and the result
 * depends on nothing but the order of the input.
 */

/** The neighbours of a key; for a sort, what must come before it. Keys that are not in the graph are skipped. */
export type Edges = (key: string) => Iterable<string>;

interface Frame {
  readonly key: string;
  readonly next: Iterator<string>;
}

/**
 * Puts every key after the keys it needs.
 *
 * Keys keep their given order wherever nothing speaks against it. An edge that closes a cycle is ignored, so
 * a graph with cycles is sorted as well as can be: such an edge is one whose `needs` comes later in the
 * result. Ask `findCycles` first where a cycle is an error.
 *
 * @param keys each once; the order decides between equals
 * @param needs the keys that must come before a key
 * @returns the same keys, sorted; O(V + E)
 */
export function topologicalSort(keys: Iterable<string>, needs: Edges): string[] {
  const known = new Set(keys);
  const entered = new Set<string>();
  const sorted: string[] = [];
  for (const start of known) {
    if (entered.has(start)) continue;
    entered.add(start);
    const stack: Frame[] = [{ key: start, next: needs(start)[Symbol.iterator]() }];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const step = frame.next.next();
      if (step.done === true) {
        sorted.push(frame.key);
        stack.pop();
      } else if (known.has(step.value) && !entered.has(step.value)) {
        entered.add(step.value);
        stack.push({ key: step.value, next: needs(step.value)[Symbol.iterator]() });
      }
    }
  }
  return sorted;
}

/**
 * Splits a graph into its strongly connected components (Tarjan, without recursion).
 *
 * @returns components in an order in which each comes after those it needs; keys within one in input order;
 *   O(V + E), plus sorting inside components
 */
export function stronglyConnected(keys: Iterable<string>, needs: Edges): string[][] {
  const position = new Map<string, number>();
  for (const key of keys) if (!position.has(key)) position.set(key, position.size);

  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const components: string[][] = [];

  const enter = (key: string): Frame => {
    index.set(key, index.size);
    low.set(key, index.get(key) as number);
    open.push(key);
    isOpen.add(key);
    return { key, next: needs(key)[Symbol.iterator]() };
  };
  const lower = (key: string, value: number): void => {
    if (value < (low.get(key) as number)) low.set(key, value);
  };

  for (const start of position.keys()) {
    if (index.has(start)) continue;
    const stack: Frame[] = [enter(start)];
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const step = frame.next.next();
      if (step.done !== true) {
        if (!position.has(step.value)) continue;
        if (!index.has(step.value)) stack.push(enter(step.value));
        else if (isOpen.has(step.value)) lower(frame.key, index.get(step.value) as number);
        continue;
      }
      stack.pop();
      const parent = stack.at(-1);
      if (parent !== undefined) lower(parent.key, low.get(frame.key) as number);
      if (low.get(frame.key) !== index.get(frame.key)) continue;
      const component = open.splice(open.lastIndexOf(frame.key));
      for (const key of component) isOpen.delete(key);
      components.push(component.sort((a, b) => (position.get(a) as number) - (position.get(b) as number)));
    }
  }
  return components;
}

/**
 * Finds what runs in circles: every strongly connected component of several keys, and every key that needs
 * itself.
 *
 * @returns one list of keys a cycle, keys in input order; empty for a graph without cycles; O(V + E)
 */
export function findCycles(keys: Iterable<string>, needs: Edges): string[][] {
  return stronglyConnected(keys, needs).filter(([first, ...rest]) => {
    if (rest.length > 0 || first === undefined) return true;
    for (const key of needs(first)) if (key === first) return true;
    return false;
  });
}

/**
 * Everything that can be reached from some keys, themselves included: the ancestors where the edges lead to
 * parents, the descendants where they lead to children.
 *
 * @param starts where to begin
 * @param edges where one gets to from a key
 * @param enter a key for which it says false is neither taken nor passed through
 * @returns keys in the order in which they were found; O(reached)
 */
export function reachableFrom(
  starts: Iterable<string>,
  edges: Edges,
  enter: (key: string) => boolean = () => true,
): Set<string> {
  const reached = new Set<string>();
  const todo: string[] = [];
  const visit = (key: string): void => {
    if (reached.has(key) || !enter(key)) return;
    reached.add(key);
    todo.push(key);
  };
  for (const key of starts) visit(key);
  for (let key = todo.pop(); key !== undefined; key = todo.pop()) for (const next of edges(key)) visit(next);
  return reached;
}

/**
 * Turns edges around: where they led to parents they lead to children.
 *
 * @returns for every key its neighbours in the other direction, in input order; O(V + E)
 */
export function invertEdges(keys: Iterable<string>, edges: Edges): Map<string, string[]> {
  const inverted = new Map<string, string[]>();
  for (const key of keys) inverted.set(key, []);
  for (const key of inverted.keys()) for (const target of edges(key)) inverted.get(target)?.push(key);
  return inverted;
}
