/**
 * Running a transaction again after an error that may not come a second time.
 *
 * Between two attempts it waits for a random part of a time that doubles ("full jitter"): those who got into each
 * other's way once would otherwise meet again at the same moment.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { isLimbeckError, type LimbeckError } from '../base/errors.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** What is told of an attempt that will be repeated. */
export interface Retry {
  /** The attempt that has failed, from 1. */
  readonly attempt: number;
  /** How many there may be in all. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly error: LimbeckError;
}

/**
 * Runs an action until it succeeds, fails for good, or has failed `1 + retries` times; the last error is thrown,
 * with the number of attempts in its `context` and its message.
 */
export async function retrying<R>(
  action: () => Promise<R>,
  retries: number,
  tell: (retry: Retry) => void,
): Promise<R> {
  const attempts = 1 + retries;
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (cause) {
      if (!isLimbeckError(cause) || !cause.retryable) throw cause;
      if (attempt === attempts) throw told(cause, attempts);
      const delayMs = Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      tell({ attempt, attempts, delayMs, error: cause });
      await sleep(delayMs);
    }
  }
}

/** The error itself, so that whoever holds it already sees the same. */
function told(cause: LimbeckError, attempts: number): LimbeckError {
  if (attempts === 1) return cause;
  const [first = '', ...rest] = cause.message.split('\n');
  cause.message = [`${first} (${attempts} attempts)`, ...rest].join('\n');
  Object.defineProperty(cause, 'context', { value: { ...cause.context, attempts }, enumerable: true });
  return cause;
}
