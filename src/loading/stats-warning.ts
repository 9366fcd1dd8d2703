/**
 * ts-node 10 calls `new fs.Stats()` when its resolver is set up, which Node 22 and newer warn about (DEP0180).
 * The warning is true, is not the user's to act on, and would stand before the output of every command.
 */

const DEPRECATION = 'DEP0180';

/** Runs a function while that one deprecation is kept quiet; every other warning comes through. */
export function withoutStatsWarning(run: () => unknown): void {
  const { emitWarning } = process;
  const isMuted = (options: unknown[]): boolean =>
    options.some(
      (option) => option === DEPRECATION || (option as { code?: unknown } | undefined)?.code === DEPRECATION,
    );
  process.emitWarning = (...args: unknown[]) => {
    if (!isMuted(args)) Reflect.apply(emitWarning, process, args);
  };
  try {
    run();
  } finally {
    process.emitWarning = emitWarning;
  }
}
