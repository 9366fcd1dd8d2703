/**
 * What was compiled, by the shape of a query: which properties and operators it names, not which values.
 *
 * A shape is told as a series of labels. A tree of maps leads from label to label, so that a shape that was
 * seen before is found without building any text, and its values are collected on the same way.
 */

type Label = string | number;

interface ShapeNode {
  readonly next: Map<Label, ShapeNode>;
  compiled: unknown;
}

/** Shapes kept for one entity. They come from code, not from data, so this is seldom reached. */
const MAX_SHAPES = 1_000;

const newNode = (): ShapeNode => ({ next: new Map(), compiled: undefined });

/** One walk from the root: follows labels, collects values. */
export class ShapeWalk {
  /** Values of the query in the order in which the compiled statement binds them. */
  readonly values: unknown[] = [];
  /** False where a query holds SQL of its own, which no label can tell. */
  cacheable = true;
  #node: ShapeNode | undefined;
  readonly #grow: boolean;

  constructor(root: ShapeNode, grow: boolean) {
    this.#node = root;
    this.#grow = grow;
  }

  label(label: Label): void {
    const node = this.#node;
    if (node === undefined) return;
    let next = node.next.get(label);
    if (next === undefined && this.#grow) {
      next = newNode();
      node.next.set(label, next);
    }
    this.#node = next;
  }

  value(value: unknown): void {
    this.values.push(value);
  }

  get compiled(): unknown {
    return this.#node?.compiled;
  }

  set compiled(value: unknown) {
    if (this.#node !== undefined) this.#node.compiled = value;
  }
}

/** The values of a walk whose shape nobody keeps. */
export function collectValues(walk: (shape: ShapeWalk) => void): unknown[] {
  const shape = new ShapeWalk(newNode(), false);
  walk(shape);
  return shape.values;
}

export class ShapeCache {
  #root = newNode();
  #size = 0;

  /**
   * What was compiled for a shape, and the values of this call.
   *
   * @param walk names the shape and gives the values; called again to keep a new shape
   * @param compile makes what is not there yet; what it refuses leaves no trace here
   */
  get<C>(
    walk: (shape: ShapeWalk) => void,
    compile: () => C,
  ): { readonly compiled: C; readonly values: unknown[] } {
    const found = new ShapeWalk(this.#root, false);
    walk(found);
    const known = found.cacheable ? found.compiled : undefined;
    if (known !== undefined) return { compiled: known as C, values: found.values };
    const compiled = compile();
    if (found.cacheable) this.#keep(walk, compiled);
    return { compiled, values: found.values };
  }

  #keep(walk: (shape: ShapeWalk) => void, compiled: unknown): void {
    if (++this.#size > MAX_SHAPES) {
      this.#root = newNode();
      this.#size = 1;
    }
    const place = new ShapeWalk(this.#root, true);
    walk(place);
    place.compiled = compiled;
  }
}
