/** Tells the subscribers of the configuration of the steps of outermost transactions. */

import type { MaybePromise } from '../dialects/contract.js';
import { isPromise } from '../query/maybe-promise.js';
import type { Runner, TransactionEvent, TransactionHooks } from './transactions.js';

const EVENTS: readonly TransactionEvent[] = [
  'beforeTransactionStart',
  'afterTransactionStart',
  'beforeTransactionCommit',
  'afterTransactionCommit',
  'beforeTransactionRollback',
  'afterTransactionRollback',
];

type Told = (event: { readonly manager: object }) => unknown;

/**
 * The hooks of those subscribers that have a method of such a name.
 *
 * @param managerOf makes the manager that an event carries
 * @returns undefined where nobody listens, so that transactions cost nothing more
 */
export function transactionHooks(
  subscribers: readonly object[],
  managerOf: (runner: Runner) => object,
): TransactionHooks | undefined {
  const callees = new Map(EVENTS.map((event) => [event, subscribers.flatMap(methodOf(event))]));
  if ([...callees.values()].every((methods) => methods.length === 0)) return undefined;
  return {
    tell: (event, runner) => {
      const methods = callees.get(event) ?? [];
      return methods.length === 0 ? undefined : inTurn(methods, { manager: managerOf(runner) });
    },
  };
}

function methodOf(event: TransactionEvent): (subscriber: object) => Told[] {
  return (subscriber) => {
    const method = (subscriber as Record<string, unknown>)[event];
    return typeof method === 'function' ? [method.bind(subscriber) as Told] : [];
  };
}

function inTurn(methods: readonly Told[], event: { readonly manager: object }, from = 0): MaybePromise<void> {
  for (let i = from; i < methods.length; i++) {
    const result = methods[i]?.(event);
    if (isPromise(result)) return result.then(() => inTurn(methods, event, i + 1));
  }
}
