/** `PinnedRunner`: everything on one connection, whoever holds it. */

import { error } from '../base/error-codes.js';
import type { Connection, MaybePromise } from '../dialects/contract.js';
import type { Held, Runner, Work } from './transactions.js';

/** A runner of one connection that somebody else holds. */
export class PinnedRunner implements Runner {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  read<R>(work: Work<R>): Promise<R> {
    return this.#run(work);
  }

  write<R>(work: Work<R>): Promise<R> {
    return this.#run(work);
  }

  async hold(): Promise<Held> {
    const ask = <R>(work: (connection: Connection) => MaybePromise<R>): Promise<R> => this.#run(work);
    const { inTransaction: isSteady } = this.#connection;
    return { ask, isSteady, isAlone: false, release: async () => {} };
  }

  keep<R>(body: (connection: Connection) => Promise<R>): Promise<R> {
    return body(this.#connection);
  }

  atomic<R>(work: Work<R>): Promise<R> {
    return this.transaction((inner) => inner.write(work));
  }

  /** @throws TRANSACTION_BY_HAND inside another one, whose end this one's would be */
  async transaction<R>(body: (inner: Runner) => Promise<R>): Promise<R> {
    if (this.#connection.inTransaction) throw error('TRANSACTION_BY_HAND', {});
    await this.#connection.run('BEGIN');
    try {
      const result = await body(this);
      await this.#connection.run('COMMIT');
      return result;
    } catch (cause) {
      if (this.#connection.inTransaction) await this.#connection.run('ROLLBACK');
      throw cause;
    }
  }

  async #run<R>(work: Work<R>): Promise<R> {
    return work(this.#connection, { remember: () => {} });
  }
}
