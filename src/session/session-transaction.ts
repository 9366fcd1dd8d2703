/**
 * The transaction of a session: it begins with the first write and is held until the session commits, rolls back
 * or closes. Before that, reads take leases of their own. Inside a transaction of the calling flow the session
 * joins that one, and has none itself.
 */

import { error } from '../base/error-codes.js';
import type { Connection, Database } from '../dialects/contract.js';
import { Claim, type GoBack, tie } from '../dialects/shared/holding.js';
import type { TransactionOptions } from './transaction-options.js';
import type { Held, Runner, Work } from './transactions.js';

/** A transaction that stays open between calls. */
interface OpenTransaction {
  readonly runner: Runner;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** What a held transaction ends with when it is to be rolled back. */
const BACK = Symbol('rolled back');

/** Opens a transaction and keeps it open. */
function keepOpen(runner: Runner, options: TransactionOptions): Promise<OpenTransaction> {
  return new Promise((resolve, reject) => {
    const ended = runner.transaction(
      (inner) =>
        new Promise<void>((finish, fail) => {
          resolve({
            runner: inner,
            commit: () => {
              finish();
              return ended;
            },
            rollback: () => {
              fail(BACK);
              return ended.catch((cause) => {
                if (cause !== BACK) throw cause;
              });
            },
          });
        }),
      options,
    );
    ended.catch(reject);
  });
}

export class SessionTransaction implements Runner {
  readonly #base: Runner;
  readonly #isJoined: () => boolean;
  readonly #options: TransactionOptions;
  readonly #claim: Claim;
  #isOpening = false;
  #isEnding = false;
  #held: OpenTransaction | undefined;
  /** The savepoint that is open, where one is. */
  #inner: Runner | undefined;

  /** @param note of what the session stands for, before a transaction that it may join */
  constructor(
    base: Runner,
    isJoined: () => boolean,
    options: TransactionOptions,
    note: () => GoBack | undefined,
  ) {
    this.#claim = new Claim(undefined, note);
    this.#base = base;
    this.#isJoined = isJoined;
    this.#options = options;
  }

  /** Whether a transaction of its own is open, or is being opened. */
  get isHeld(): boolean {
    return this.#held !== undefined || this.#isOpening;
  }

  get database(): Database | undefined {
    return this.#base.database;
  }

  /**
   * Whoever calls holds the database for as long as the transaction is open. Where there is one writer, what he
   * asks elsewhere meanwhile would wait for himself: it is refused (DATABASE_HELD).
   */
  tie(): void {
    tie(this.#claim);
  }

  read<R>(work: Work<R>): Promise<R> {
    return this.#current.read(work);
  }

  /** Where every bit is read by itself, it is read where the session is by then. */
  async hold(): Promise<Held> {
    const held = await this.#current.hold();
    return held.isSteady ? held : { ...held, ask: (work) => this.read(work) };
  }

  /** Opens the transaction before anything is written: rows are to be locked. */
  async begin(): Promise<void> {
    if (!this.#isOpen) await this.#open();
  }

  /** Whether what is written now is in a transaction that goes on: its own, or that of the calling flow. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What a function of the user does with a connection may be writes, so it is in the transaction. */
  async keep<R>(body: (connection: Connection) => Promise<R>): Promise<R> {
    if (!this.#isOpen) await this.#open();
    return this.#current.keep(body);
  }

  async write<R>(work: Work<R>): Promise<R> {
    if (this.#isOpen) return this.#current.write(work);
    return this.#first((runner) => runner.write(work));
  }

  async atomic<R>(work: Work<R>): Promise<R> {
    if (this.#isOpen) return this.#current.atomic(work);
    // Nothing was written before it, so no savepoint is needed: if it fails, all of the transaction goes.
    return this.#first((runner) => runner.write(work));
  }

  /** The same for a flush: of one that fails nothing stays, and nothing else goes, on any database. */
  get whole(): Runner {
    return {
      database: this.database,
      read: (work) => this.read(work),
      write: (work) => this.atomic(work),
      keep: (body) => this.keep(body),
      atomic: (work) => this.atomic(work),
      hold: () => this.hold(),
      transaction: (body) => this.transaction(body),
    };
  }

  /** A savepoint, or what opens the transaction. */
  async transaction<R>(body: (inner: Runner) => Promise<R>): Promise<R> {
    if (!this.#isOpen) await this.#open();
    const outer = this.#inner;
    return this.#current.transaction(async (inner) => {
      this.#inner = inner;
      try {
        return await body(inner);
      } finally {
        this.#inner = outer;
      }
    });
  }

  async commit(): Promise<void> {
    const held = this.#end();
    await held?.commit();
  }

  /** @throws SESSION_JOINED where the transaction is another one's */
  async rollback(): Promise<void> {
    if (this.#held === undefined && this.#isJoined()) throw error('SESSION_JOINED', {});
    await this.abandon();
  }

  /** Rolls back what is its own. */
  async abandon(): Promise<void> {
    const held = this.#end();
    await held?.rollback();
  }

  /** Runs what will end it: those who need what it holds may wait meanwhile, it will not be for long. */
  async ending<R>(task: () => Promise<R>): Promise<R> {
    this.#isEnding = true;
    this.#claim.database = undefined;
    try {
      return await task();
    } finally {
      this.#isEnding = false;
      if (this.#held !== undefined) this.#claim.database = this.database;
    }
  }

  #end(): OpenTransaction | undefined {
    const held = this.#held;
    this.#held = undefined;
    this.#claim.database = undefined;
    return held;
  }

  get #current(): Runner {
    return this.#inner ?? this.#held?.runner ?? this.#base;
  }

  get #isOpen(): boolean {
    return this.#inner !== undefined || this.#held !== undefined || this.#isJoined();
  }

  async #open(): Promise<OpenTransaction> {
    this.tie();
    this.#isOpening = true;
    const opening = keepOpen(this.#base, this.#options);
    // It has asked for its place already, so it does not stand in its own way.
    this.#claim.database = this.#isEnding ? undefined : this.database;
    try {
      this.#held = await opening;
    } catch (cause) {
      this.#claim.database = undefined;
      throw cause;
    } finally {
      this.#isOpening = false;
    }
    return this.#held;
  }

  async #first<R>(write: (runner: Runner) => Promise<R>): Promise<R> {
    const held = await this.#open();
    try {
      return await write(held.runner);
    } catch (cause) {
      // Why it failed matters more than that the connection has failed as well.
      await this.abandon().catch(() => {});
      throw cause;
    }
  }
}
