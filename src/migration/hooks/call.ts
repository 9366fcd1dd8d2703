/** Calls a hook of the configuration: whatever goes wrong in it is told with its name. */

import { error } from '../../base/error-codes.js';

/** @throws HOOK_FAILED */
export function callHook<R>(hook: string, call: () => R): R {
  try {
    return call();
  } catch (cause) {
    throw hookFailed(hook, cause);
  }
}

/** As `callHook`, for one that may take its time. @throws HOOK_FAILED */
export async function awaitHook<R>(hook: string, call: () => R | Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (cause) {
    throw hookFailed(hook, cause);
  }
}

/** Asks a hook for true or false; a promise, which would always count as true, is refused. @throws HOOK_FAILED */
export function askHook(hook: string, ask: () => unknown): boolean {
  const answer = callHook(hook, ask);
  if (typeof answer === 'boolean') return answer;
  throw error('HOOK_FAILED', { hook, reason: `it must return true or false, not ${shown(answer)}` });
}

export function hookFailed(hook: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return error('HOOK_FAILED', { hook, reason }, { cause });
}

function shown(answer: unknown): string {
  if (answer instanceof Promise) return 'a promise';
  return answer === null || answer === undefined ? String(answer) : `a value of type ${typeof answer}`;
}
