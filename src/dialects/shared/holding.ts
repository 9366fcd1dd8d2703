/**
 * Which database the calling flow holds already. What a migration's function asks of the data source that lent
 * its database waits for the run to give it back, and the run waits for the function: for ever, or, where
 * nothing else keeps the process alive, until it ends as if all were done.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { error } from '../../base/error-codes.js';
import type { Database } from '../contract.js';

interface Holding {
  /** Undefined when the work has ended; what it started may go on. */
  database: Database | undefined;
}

const flow = new AsyncLocalStorage<Holding>();

/** Runs work that holds the write lease of a database. */
export function holding<R>(database: Database, work: () => Promise<R>): Promise<R> {
  const held: Holding = { database };
  return flow.run(held, async () => {
    try {
      return await work();
    } finally {
      held.database = undefined;
    }
  });
}

/** Runs what belongs to another flow, such as a listener. */
export function notHolding<R>(work: () => R): R {
  return flow.exit(work);
}

/** Asked before waiting for a lease. @throws DATABASE_HELD where the flow would wait for itself */
export function refuseToWait(database: Database): void {
  if (database.singleWriter && flow.getStore()?.database === database) throw error('DATABASE_HELD', {});
}
