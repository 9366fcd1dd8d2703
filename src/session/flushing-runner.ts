/** The runner of a session's manager and of its Kysely instance: what was changed is written before anything is asked. */

import type { Connection, Database } from '../dialects/contract.js';
import type { SessionTransaction } from './session-transaction.js';
import type { Held, Runner, Work } from './transactions.js';

/** Runs a task when the session's turn comes, after what was changed is flushed. */
export type AfterFlush = <R>(task: () => Promise<R>) => Promise<R>;

export class FlushingRunner implements Runner {
  readonly #transaction: SessionTransaction;
  readonly #afterFlush: AfterFlush;

  constructor(transaction: SessionTransaction, afterFlush: AfterFlush) {
    this.#transaction = transaction;
    this.#afterFlush = afterFlush;
  }

  get database(): Database | undefined {
    return this.#transaction.database;
  }

  read<R>(work: Work<R>): Promise<R> {
    return this.#afterFlush(() => this.#transaction.read(work));
  }

  write<R>(work: Work<R>): Promise<R> {
    return this.#afterFlush(() => this.#transaction.write(work));
  }

  keep<R>(body: (connection: Connection) => Promise<R>): Promise<R> {
    return this.#afterFlush(() => this.#transaction.keep(body));
  }

  atomic<R>(work: Work<R>): Promise<R> {
    return this.#afterFlush(() => this.#transaction.atomic(work));
  }

  hold(): Promise<Held> {
    return this.#afterFlush(() => this.#transaction.hold());
  }

  transaction<R>(body: (inner: Runner) => Promise<R>): Promise<R> {
    return this.#afterFlush(() => this.#transaction.transaction(body));
  }
}
