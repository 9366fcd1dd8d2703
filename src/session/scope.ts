/**
 * One transaction, or one savepoint inside it. Its statements run in the order in which they were made; while
 * a savepoint inside it is open, they wait, because rolling that back would take them along.
 */

import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type { Connection, MaybePromise, TransactionMode } from '../dialects/contract.js';

/** Takes note of how to give an entity back what it held before, should the transaction be rolled back. */
export interface Journal {
  remember(undo: () => void): void;
}

export class Scope implements Journal {
  readonly #connection: Connection;
  readonly #parent: Scope | undefined;
  readonly #depth: number;
  /** Of the whole transaction, savepoints included. */
  readonly mode: TransactionMode;
  #open = true;
  #closing = false;
  #tail: Promise<void> | undefined;
  #undo: (() => void)[] = [];

  constructor(connection: Connection, parent: Scope | undefined, mode: TransactionMode) {
    this.#connection = connection;
    this.#parent = parent;
    this.mode = mode;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
  }

  /** Whether statements may still be made in it. */
  get isOpen(): boolean {
    return this.#open && !this.#closing && this.#parent?.isAlive !== false;
  }

  /** Whether what was begun in it may still finish. */
  get isAlive(): boolean {
    return this.#open && this.#parent?.isAlive !== false;
  }

  isWithin(outer: Scope): boolean {
    return this === outer || this.#parent?.isWithin(outer) === true;
  }

  remember(undo: () => void): void {
    this.#undo.push(undo);
  }

  close(): void {
    this.#open = false;
  }

  /** Runs statements in the transaction: at once, unless a savepoint inside it is open. */
  run<R>(work: (connection: Connection, journal: Journal) => MaybePromise<R>): MaybePromise<R> {
    return this.#tail === undefined ? this.#runNow(work) : this.#queue(async () => this.#runNow(work));
  }

  #runNow<R>(work: (connection: Connection, journal: Journal) => MaybePromise<R>): MaybePromise<R> {
    if (!this.isAlive) throw error('TRANSACTION_CLOSED', {});
    // Some errors make a database roll back by itself; the statements after it must not commit one by one.
    if (!this.#connection.inTransaction) throw this.#connection.lostBy ?? error('TRANSACTION_LOST', {});
    return work(this.#connection, this);
  }

  /** Opens a savepoint and lives in it; several at once queue. */
  nested<R>(body: (inner: Scope) => MaybePromise<R>): Promise<R> {
    return this.#queue(async () => {
      const inner = new Scope(this.#connection, this, this.mode);
      await this.#runNow((connection) => connection.run(`SAVEPOINT ${inner.#name}`));
      try {
        const result = await inner.live(body);
        this.#undo.push(...inner.#undo);
        return result;
      } finally {
        inner.close();
      }
    });
  }

  /** Runs the body, then commits, or takes everything back where it throws. */
  async live<R>(body: (scope: Scope) => MaybePromise<R>): Promise<R> {
    try {
      const result = await body(this);
      await this.#drain();
      await this.#commit();
      return result;
    } catch (cause) {
      await this.#drain();
      // Why it failed matters more than that the connection has failed as well; its lease will clean up.
      await this.#rollback().catch(() => {});
      throw cause;
    }
  }

  get #name(): string {
    return `limbeck_${this.#depth}`;
  }

  /** Refuses new statements and waits for those that nobody awaited. */
  async #drain(): Promise<void> {
    this.#closing = true;
    while (this.#tail !== undefined) await this.#tail;
  }

  async #commit(): Promise<void> {
    if (!this.isAlive) throw error('TRANSACTION_CLOSED', {});
    const { lostBy, inTransaction } = this.#connection;
    // Before COMMIT was sent: nothing of it is there.
    if (lostBy !== undefined) throw lostBy;
    if (!inTransaction) throw error('TRANSACTION_LOST', {});
    if (this.#parent !== undefined) await this.#connection.run(`RELEASE SAVEPOINT ${this.#name}`);
    else if (this.mode.readOnly === true) await this.#connection.run('COMMIT');
    else await this.#commitWrites();
  }

  async #commitWrites(): Promise<void> {
    try {
      await this.#connection.run('COMMIT');
    } catch (cause) {
      // The server may have got it, and only its answer is missing.
      if (this.#connection.lostBy === undefined) throw cause;
      const reason = isLimbeckError(cause) ? String(cause.context.reason ?? cause.message) : String(cause);
      throw error('COMMIT_UNKNOWN', { reason }, { cause });
    }
  }

  async #rollback(): Promise<void> {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
    // Gone already where the database rolled back by itself, or where another database took its place.
    if (!this.isAlive || !this.#connection.inTransaction) return;
    if (this.#parent === undefined) await this.#connection.run('ROLLBACK');
    else {
      await this.#connection.run(`ROLLBACK TO SAVEPOINT ${this.#name}`);
      await this.#connection.run(`RELEASE SAVEPOINT ${this.#name}`);
    }
  }

  /** Takes a place behind everything that waits already. */
  #queue<R>(task: () => Promise<R>): Promise<R> {
    const before = this.#tail;
    const result = before === undefined ? task() : before.then(task);
    const tail = result.then(
      () => {},
      () => {},
    );
    this.#tail = tail;
    tail.then(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    return result;
  }
}
