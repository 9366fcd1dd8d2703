/** The test runner that is running: found when the kit is called, because runners set up their globals late. */

import { error } from '../base/error-codes.js';

type Hook = (run: () => Promise<void>) => unknown;
type Block = (name: string, run: () => void | Promise<void>) => unknown;

/** The functions of a test runner that the kit calls; node:test's go by the names `before` and `after`. */
export interface TestRunner {
  readonly describe?: Block;
  readonly it?: Block;
  readonly beforeAll?: Hook;
  readonly afterAll?: Hook;
  readonly before?: Hook;
  readonly after?: Hook;
}

export interface FoundRunner {
  readonly describe: Block;
  readonly it: Block;
  readonly beforeAll: Hook;
  readonly afterAll: Hook;
}

/**
 * What the kit needs of the runner.
 *
 * @param given where a runner has no globals: `import * as runner from 'node:test'`
 * @throws TEST_RUNNER_MISSING naming what is not there
 */
export function findRunner<K extends keyof FoundRunner>(
  given: TestRunner | undefined,
  needs: readonly K[],
): Pick<FoundRunner, K> {
  const runner = given ?? (globalThis as TestRunner);
  const found = named(runner);
  if (needs.every((name) => found[name] !== undefined)) return found as FoundRunner;
  const fallback = given === undefined && runsNodeTest() ? named(nodeTest()) : found;
  const missing = needs.filter((name) => fallback[name] === undefined);
  if (missing.length > 0) throw error('TEST_RUNNER_MISSING', { missing: [...missing] });
  return fallback as FoundRunner;
}

function named({ describe, it, beforeAll, afterAll, before, after }: TestRunner): Partial<FoundRunner> {
  const found = { describe, it, beforeAll: beforeAll ?? before, afterAll: afterAll ?? after };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => typeof value === 'function'));
}

/** Node marks the processes of `node --test`; it has no globals to look for. */
function runsNodeTest(): boolean {
  return process.env.NODE_TEST_CONTEXT !== undefined || process.execArgv.includes('--test');
}

function nodeTest(): TestRunner {
  return process.getBuiltinModule('node:test') as unknown as TestRunner;
}
