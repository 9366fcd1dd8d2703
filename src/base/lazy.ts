/**
 * What is made when it is first asked for, and then once: rooms that not every application needs, and what costs
 * to build.
 *
 * ```ts
 * const planning = lazy(() => require('./plan.js') as typeof import('./plan.js'));
 * planning().planSqlite(before, operations);
 * ```
 *
 * The build knows this form (scripts/bundle.mjs): the module stays in a file of its own, which is read by the first
 * call. Where the caller waits anyway, `await import()` does the same.
 */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
