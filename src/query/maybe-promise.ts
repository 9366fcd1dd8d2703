/** Values that may be promises: an embedded database answers at once, and then no promise is made. */

import type { MaybePromise } from '../dialects/contract.js';

export function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<T>).then === 'function';
}

/** What follows a value: called at once where the value is there. */
export function chain<A, B>(value: MaybePromise<A>, next: (value: A) => MaybePromise<B>): MaybePromise<B> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Does something with each of a list, one after the other; a promise is made only where one of them gives one. */
export function inTurn<T>(
  list: readonly T[],
  act: (each: T) => MaybePromise<void>,
  from = 0,
): MaybePromise<void> {
  for (let i = from; i < list.length; i++) {
    const result = act(list[i] as T);
    if (isPromise(result)) return result.then(() => inTurn(list, act, i + 1));
  }
}
