/**
 * Properties named by callbacks: `(author) => author.books` is run with an object whose properties stand for
 * themselves. No source text is read, so minifiers and transpilers do no harm.
 */

const PATH = Symbol('limbeck.path');

interface PathObject {
  readonly [PATH]: readonly string[];
}

function pathObject(path: readonly string[]): PathObject {
  return new Proxy({} as PathObject, {
    get: (_target, key) => {
      if (key === PATH) return path;
      if (key === Symbol.toPrimitive) return () => path.join('.');
      return typeof key === 'symbol' ? undefined : pathObject([...path, key]);
    },
  });
}

function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const path = (value as Partial<PathObject>)[PATH];
  return path === undefined || path.length === 0 ? undefined : path.join('.');
}

/** The property that a callback reads, or the name itself; undefined when it reads none. */
export function propertyNamedBy(given: unknown): string | undefined {
  if (typeof given !== 'function') return pathOf(given);
  try {
    return pathOf((given as (entity: unknown) => unknown)(pathObject([])));
  } catch {
    // Whatever it did with the value that it read, it named no property.
    return undefined;
  }
}

/**
 * The fields that a callback names: a list, or an object of directions as TypeORM has it. Lists given as such
 * stay as they are.
 *
 * @returns undefined when it is neither
 */
export function fieldsNamedBy(given: unknown): readonly unknown[] | undefined {
  if (Array.isArray(given)) return given as readonly unknown[];
  if (typeof given === 'string') return [given];
  if (typeof given !== 'function') return undefined;
  let result: unknown;
  try {
    result = (given as (entity: unknown) => unknown)(pathObject([]));
  } catch {
    return undefined;
  }
  if (Array.isArray(result)) return result.map((field: unknown) => pathOf(field) ?? field);
  const single = pathOf(result);
  if (single !== undefined) return [single];
  if (typeof result !== 'object' || result === null) return undefined;
  return Object.entries(result).map(([property, order]) => ({
    property,
    order: order === -1 ? 'desc' : 'asc',
  }));
}

/** What came out of running a thunk like `() => Author`. */
export type ThunkResult = { readonly target: object } | { readonly problem: string; readonly cure: string };

/** Runs a thunk that names a class. */
export function classNamedBy(thunk: unknown): ThunkResult {
  if (typeof thunk !== 'function') {
    return { problem: 'its target is no function', cure: 'Write () => Author' };
  }
  let target: unknown;
  try {
    target = (thunk as () => unknown)();
  } catch (cause) {
    if (cause instanceof ReferenceError || (cause as Error | undefined)?.name === 'ReferenceError') {
      return { problem: `its target does not exist yet (${(cause as Error).message})`, cure: CIRCULAR_CURE };
    }
    return { problem: `its target threw: ${String(cause)}`, cure: 'Write () => Author' };
  }
  if (target === undefined) return { problem: 'its target is undefined', cure: CIRCULAR_CURE };
  if (typeof target !== 'function') return { problem: 'its target is no class', cure: 'Write () => Author' };
  return { target };
}

/** What to do when files that import each other touch a class too early. */
export const CIRCULAR_CURE =
  'Two files import each other: give the property the type One<T> or Many<T>, imported with `import type`, not the bare class, and name the class only inside () => …';
