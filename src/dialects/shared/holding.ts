/**
 * Which database the calling flow holds already. What a migration's function asks of the data source that lent
 * its database waits for the run to give it back, and the run waits for the function: for ever, or, where
 * nothing else keeps the process alive, until it ends as if all were done. The same is true of whoever has a
 * session with an open transaction, and asks a repository.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { error } from '../../base/error-codes.js';
import type { Database } from '../contract.js';

/** Lets a holder go back to what it stood for, after a rollback. @param again whether the same will be done again */
export type GoBack = (again: boolean) => void;

/** That a flow holds a database now, or may hold one later. */
export class Claim {
  /** Undefined when nothing is held, or when the end has begun: whoever waits then does not wait for ever. */
  database: Database | undefined;
  /** Takes note of what its holder stands for, before a transaction. */
  readonly note: (() => GoBack | undefined) | undefined;

  constructor(database?: Database, note?: () => GoBack | undefined) {
    this.database = database;
    this.note = note;
  }
}

const flow = new AsyncLocalStorage<readonly Claim[]>();

/** How many claims are remembered that hold nothing now: a flow that goes on for long would gather all it ever had. */
const IDLE_CLAIMS = 8;

/** Runs work that holds the write lease of a database. */
export function holding<R>(database: Database, work: () => Promise<R>): Promise<R> {
  const claim = new Claim(database);
  return flow.run([...lasting(), claim], async () => {
    try {
      return await work();
    } finally {
      // What the work started may go on.
      claim.database = undefined;
    }
  });
}

/**
 * Ties a claim to the flow that calls, and to what that starts from now on, for what is held from one call to a
 * later one. It must be called before the caller's first `await`: after that the flow is another one.
 */
export function tie(claim: Claim): void {
  if (flow.getStore()?.includes(claim) === true) return;
  flow.enterWith([...lasting(), claim]);
}

/** Lets every holder of the flow take note of itself. */
export function noteHolders(): GoBack | undefined {
  const notes = (flow.getStore() ?? []).flatMap(({ note }) => note?.() ?? []);
  if (notes.length === 0) return undefined;
  return (again) => {
    for (const goBack of notes) goBack(again);
  };
}

/** Runs what belongs to another flow, such as a listener. */
export function notHolding<R>(work: () => R): R {
  return flow.exit(work);
}

/** Asked before waiting for a lease. @throws DATABASE_HELD where the flow would wait for itself */
export function refuseToWait(database: Database, purpose: 'read' | 'write' = 'write'): void {
  if (!database.singleWriter || (purpose === 'read' && database.readsAside === true)) return;
  if (flow.getStore()?.some((claim) => claim.database === database) === true)
    throw error('DATABASE_HELD', {});
}

function lasting(): readonly Claim[] {
  const claims = flow.getStore() ?? [];
  return claims.filter(({ database }, i) => database !== undefined || i >= claims.length - IDLE_CLAIMS);
}
