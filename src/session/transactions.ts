/**
 * Where statements run: inside the transaction of the calling flow, or on a lease of their own.
 *
 * A transaction holds the write lease for its whole life and travels with its async context, so whatever
 * handle is used inside joins it, and whatever runs outside waits or reads elsewhere: it never runs inside
 * another's BEGIN, whose rollback would erase what was acknowledged already.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type {
  Connection,
  Database,
  IsolationLevel,
  Lease,
  MaybePromise,
  TransactionFrame,
  TransactionMode,
} from '../dialects/contract.js';
import { type GoBack, holding, noteHolders, refuseToWait } from '../dialects/shared/holding.js';
import { isPromise } from '../query/maybe-promise.js';
import { ReadOnlyConnection } from './read-only.js';
import type { ReadPlace, Replicas } from './replicas.js';
import { retrying } from './retries.js';
import { type Journal, Scope } from './scope.js';
import { SILENT, type Tracer } from './tracer.js';
import { checkNested, type TransactionOptions } from './transaction-options.js';

export type Work<R> = (connection: Connection, journal: Journal) => MaybePromise<R>;

/** Runs work in the transaction of the calling flow, or else on its own. */
export interface Runner {
  /** Where there is one writer, whoever holds it for long says so (`Claim`). */
  readonly database?: Database | undefined;
  /**
   * Statements that change nothing.
   *
   * @param from where they go when there are replicas and nobody has said `readFrom`; `replica` when absent
   */
  read<R>(work: Work<R>, from?: ReadPlace): Promise<R>;
  /** One statement that writes. */
  write<R>(work: Work<R>): Promise<R>;
  /** One connection for as long as a function of the user takes. */
  keep<R>(body: (connection: Connection) => Promise<R>): Promise<R>;
  /** Several statements that are done whole or not at all: a transaction, or a savepoint inside one. */
  atomic<R>(work: Work<R>): Promise<R>;
  /** A place for reads that go on for long, until it is released. */
  hold(): Promise<Held>;
  /** A transaction that the function's own calls join; inside one, a savepoint. */
  transaction<R>(body: (inner: Runner) => Promise<R>, options?: TransactionOptions): Promise<R>;
}

/** Where reads run that belong together. */
export interface Held {
  ask<R>(work: (connection: Connection) => MaybePromise<R>): Promise<R>;
  /** Whether it sees one state of the database, in a transaction that is open until then. */
  readonly isSteady: boolean;
  /** Whether nobody else's statements run on its connection, so that a stream may keep it busy. */
  readonly isAlone: boolean;
  /** Twice is once. */
  release(): Promise<void>;
}

const NO_OPTIONS: TransactionOptions = {};

/** What happens to entities outside a transaction stays: there is nothing to take back. */
const NO_JOURNAL: Journal = { remember: () => {} };

export type TransactionEvent =
  | 'beforeTransactionStart'
  | 'afterTransactionStart'
  | 'beforeTransactionCommit'
  | 'afterTransactionCommit'
  | 'beforeTransactionRollback'
  | 'afterTransactionRollback';

/** Who takes part in outermost transactions: unlike a tracer it may write in them, and stop them. */
export interface TransactionHooks {
  /** @param runner the transaction where it is open, everything else before and after it */
  tell(event: TransactionEvent, runner: Runner): MaybePromise<void>;
}

/** Who wants to hear of transactions, and what is said of those that say nothing. */
export interface Listeners {
  readonly tracer: Tracer;
  readonly hooks?: TransactionHooks | undefined;
  /** The database's name for people. */
  readonly name: string;
  /** Of transactions that ask for none. */
  readonly isolation?: IsolationLevel | undefined;
}

const NOBODY: Listeners = { tracer: SILENT, name: 'the database' };

/** The runner of a data source, and through `Bound` of each of its transactions. */
export class Transactions implements Runner {
  readonly #current = new AsyncLocalStorage<Scope>();
  readonly #open = new Set<Scope>();
  readonly #place = new AsyncLocalStorage<ReadPlace>();
  readonly #listeners: Listeners;
  #database: Database;
  #replicas: Replicas | undefined;

  /** @param replicas open, and their owner's to close */
  constructor(database: Database, listeners: Listeners = NOBODY, replicas?: Replicas) {
    this.#database = database;
    this.#listeners = listeners;
    this.#replicas = replicas;
  }

  get database(): Database {
    return this.#database;
  }

  read<R>(work: Work<R>, from?: ReadPlace): Promise<R> {
    if (this.#replicas === undefined) return this.#run('read', work, undefined);
    return this.#readFromReplica(this.#replicas, work, this.#place.getStore() ?? from);
  }

  /** Runs a function whose reads outside transactions go to one place. */
  readFrom<R>(place: ReadPlace, body: () => R): R {
    return this.#place.run(place, body);
  }

  #readFromReplica<R>(replicas: Replicas, work: Work<R>, from: ReadPlace | undefined): Promise<R> {
    const here = (): Promise<R> => this.#run('read', work, undefined);
    // In a transaction the statement belongs there, and what comes too late is refused there.
    if (from === 'primary' || this.#current.getStore() !== undefined) return here();
    return replicas.read((lease) => runAndRelease(lease, work), here);
  }

  write<R>(work: Work<R>): Promise<R> {
    return this.#run('write', work, undefined);
  }

  /** Outside a transaction, what the function asks elsewhere would wait for itself: it is refused (DATABASE_HELD). */
  keep<R>(body: (connection: Connection) => Promise<R>): Promise<R> {
    if (this.inTransaction) return this.write(body);
    return this.write((connection) => holding(this.#database, () => body(connection)));
  }

  atomic<R>(work: Work<R>): Promise<R> {
    return this.begin((scope) => scope.run(work), undefined, false);
  }

  transaction<R>(body: (inner: Runner) => Promise<R>, options?: TransactionOptions): Promise<R> {
    return this.begin((scope) => body(new Bound(this, scope)), undefined, true, options);
  }

  hold(): Promise<Held> {
    return this.holdIn(undefined);
  }

  /** @internal In a scope, or on a lease of its own where that keeps no writer waiting, or else on one a time. */
  async holdIn(bound: Scope | undefined): Promise<Held> {
    const scope = this.#scopeOf(bound);
    const release = (): Promise<void> => Promise.resolve();
    if (scope !== undefined)
      return { ask: async (work) => scope.run(work), isSteady: true, isAlone: false, release };
    const database = this.#database;
    if (database.singleWriter && database.readsAside !== true) {
      return { ask: (work) => this.read(work), isSteady: false, isAlone: false, release };
    }
    refuseToWait(database, 'read');
    return holdLease(await database.acquire('read'), database);
  }

  /** Whether the calling flow is inside an open transaction. */
  get inTransaction(): boolean {
    return this.journal !== undefined;
  }

  /** Of the open transaction, or savepoint, that the calling flow is inside. */
  get journal(): Journal | undefined {
    const scope = this.#current.getStore();
    return scope?.isOpen === true ? scope : undefined;
  }

  /**
   * Puts another database in the place of the present one. Transactions that are still open end where they
   * are: their next statement is refused.
   *
   * @returns the former database, which is the caller's to close
   */
  replaceDatabase(database: Database): Database {
    const former = this.#database;
    this.#database = database;
    // They are copies of the former one.
    this.#replicas = undefined;
    for (const scope of this.#open) scope.close();
    this.#open.clear();
    return former;
  }

  /** @internal Runs work in a scope: the flow's own, or the one that a handle is bound to. */
  runIn<R>(work: Work<R>, bound: Scope): Promise<R> {
    return this.#run('write', work, bound);
  }

  #run<R>(purpose: 'read' | 'write', work: Work<R>, bound: Scope | undefined): Promise<R> {
    try {
      const scope = this.#scopeOf(bound);
      if (scope !== undefined) return promised(scope.run(work));
      const lease = this.#database.tryAcquire?.(purpose);
      return lease === undefined ? this.#runLater(purpose, work) : runAndRelease(lease, work);
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  async #runLater<R>(purpose: 'read' | 'write', work: Work<R>): Promise<R> {
    refuseToWait(this.#database, purpose);
    return runAndRelease(await this.#database.acquire(purpose), work);
  }

  /**
   * The scope that a call belongs to. A bound handle used deeper inside means the deeper scope; used outside
   * its transaction's flow it still means its transaction, while that is open.
   */
  #scopeOf(bound: Scope | undefined): Scope | undefined {
    const current = this.#current.getStore();
    const scope = bound !== undefined && current?.isWithin(bound) !== true ? bound : current;
    if (scope !== undefined && !scope.isOpen) throw error('TRANSACTION_CLOSED', {});
    return scope;
  }

  /** @internal Opens a transaction, or a savepoint where the call is inside one. */
  async begin<R>(
    body: (scope: Scope) => MaybePromise<R>,
    bound: Scope | undefined,
    joins: boolean,
    asked: TransactionOptions = NO_OPTIONS,
  ): Promise<R> {
    const outer = this.#scopeOf(bound);
    const inside = (scope: Scope): MaybePromise<R> =>
      joins ? this.#current.run(scope, () => body(scope)) : body(scope);
    if (outer !== undefined) {
      checkNested(asked, outer.mode, this.#database.dialect);
      return joins
        ? this.#attempt(() => outer.nested(inside), NO_OPTIONS, noteHolders())
        : outer.nested(inside);
    }
    const { hooks, isolation } = this.#listeners;
    const options = isolation === undefined ? asked : { ...asked, isolation: asked.isolation ?? isolation };
    const back = joins ? noteHolders() : undefined;
    if (hooks === undefined) return this.#attempt(() => this.#beginRoot(inside, options), options, back);
    const result = await this.#attempt(() => this.#beginTold(hooks, inside, options), options, back);
    // Not in an attempt: what it throws must not have the function run again, now that it has been committed.
    await hooks.tell('afterTransactionCommit', this);
    return result;
  }

  async #attempt<R>(
    action: () => Promise<R>,
    { retries = 0 }: TransactionOptions,
    back?: GoBack,
  ): Promise<R> {
    const { tracer } = this.#listeners;
    try {
      if (retries === 0) return await action();
      return await retrying(action, retries, (retry) => {
        back?.(true);
        tracer.tell({ kind: 'retry', ...retry });
      });
    } catch (cause) {
      back?.(false);
      throw cause;
    }
  }

  /** Before it and after it the hooks are outside, where nothing is held that they could wait for. */
  async #beginTold<R>(
    hooks: TransactionHooks,
    body: (scope: Scope) => MaybePromise<R>,
    mode: TransactionMode,
  ): Promise<R> {
    let hasBegun = false;
    await hooks.tell('beforeTransactionStart', this);
    try {
      return await this.#beginRoot((scope) => {
        hasBegun = true;
        return this.#current.run(scope, () => liveTold(hooks, new Bound(this, scope), () => body(scope)));
      }, mode);
    } catch (cause) {
      // What has never begun, or may have been committed, has not been rolled back.
      const isBack = hasBegun && !(isLimbeckError(cause) && cause.code === 'COMMIT_UNKNOWN');
      if (isBack) await tellOfFailure(hooks, 'afterTransactionRollback', this);
      throw cause;
    }
  }

  #beginRoot<R>(body: (scope: Scope) => MaybePromise<R>, mode: TransactionMode): Promise<R> {
    const { tracer, name } = this.#listeners;
    if (!tracer.hearsTransactions) return this.#runRoot(body, mode);
    return tracer.transaction(name, mode, (begun) =>
      this.#runRoot((scope) => {
        begun();
        return body(scope);
      }, mode),
    );
  }

  async #runRoot<R>(body: (scope: Scope) => MaybePromise<R>, mode: TransactionMode): Promise<R> {
    const database = this.#database;
    const isReadOnly = mode.readOnly === true;
    const purpose = isReadOnly ? 'read' : 'write';
    refuseToWait(database, purpose);
    const lease = await database.acquire(purpose);
    const connection = isReadOnly ? new ReadOnlyConnection(lease.connection) : lease.connection;
    const scope = new Scope(connection, undefined, mode);
    const frame = database.dialect.frame(mode);
    this.#open.add(scope);
    try {
      for (const sql of frame.begin) await connection.run(sql);
      return await scope.live(body);
    } finally {
      scope.close();
      this.#open.delete(scope);
      if (frame.after.length > 0) await leave(connection, frame);
      lease.release();
    }
  }
}

/** The runner that is handed to the function of a transaction. */
class Bound implements Runner {
  readonly #transactions: Transactions;
  readonly #scope: Scope;

  constructor(transactions: Transactions, scope: Scope) {
    this.#transactions = transactions;
    this.#scope = scope;
  }

  read<R>(work: Work<R>): Promise<R> {
    return this.#transactions.runIn(work, this.#scope);
  }

  write<R>(work: Work<R>): Promise<R> {
    return this.#transactions.runIn(work, this.#scope);
  }

  keep<R>(body: (connection: Connection) => Promise<R>): Promise<R> {
    return this.write(body);
  }

  atomic<R>(work: Work<R>): Promise<R> {
    return this.#transactions.begin((scope) => scope.run(work), this.#scope, false);
  }

  hold(): Promise<Held> {
    return this.#transactions.holdIn(this.#scope);
  }

  transaction<R>(body: (inner: Runner) => Promise<R>, options?: TransactionOptions): Promise<R> {
    const inside = (scope: Scope): Promise<R> => body(new Bound(this.#transactions, scope));
    return this.#transactions.begin(inside, this.#scope, true, options);
  }
}

async function liveTold<R>(hooks: TransactionHooks, runner: Runner, body: () => MaybePromise<R>): Promise<R> {
  try {
    await hooks.tell('afterTransactionStart', runner);
    const result = await body();
    await hooks.tell('beforeTransactionCommit', runner);
    return result;
  } catch (cause) {
    await tellOfFailure(hooks, 'beforeTransactionRollback', runner);
    throw cause;
  }
}

/** Why the transaction failed matters more than that somebody who was told of it has failed as well. */
async function tellOfFailure(
  hooks: TransactionHooks,
  event: TransactionEvent,
  runner: Runner,
): Promise<void> {
  try {
    await hooks.tell(event, runner);
  } catch {
    // The caller gets the reason of the rollback.
  }
}

async function holdLease(lease: Lease, { dialect }: Database): Promise<Held> {
  const { connection } = lease;
  let isOpen = true;
  try {
    await connection.run(dialect.begin.read);
  } catch (cause) {
    lease.release();
    throw cause;
  }
  return {
    ask: async (work) => work(connection),
    isSteady: true,
    isAlone: true,
    release: async () => {
      if (!isOpen) return;
      isOpen = false;
      try {
        await connection.run('COMMIT');
      } catch {
        // Whoever gets the connection next gets it without a transaction.
      }
      lease.release();
    },
  };
}

/** Takes back what a transaction has set beside itself. */
async function leave(connection: Connection, { after }: TransactionFrame): Promise<void> {
  try {
    for (const sql of after) await connection.run(sql);
  } catch {
    // The connection is gone, and its settings with it.
  }
}

function promised<R>(value: MaybePromise<R>): Promise<R> {
  return Promise.resolve(value);
}

/** Runs work and gives the lease back, without a further promise where the database answers at once. */
function runAndRelease<R>(lease: Lease, work: Work<R>): Promise<R> {
  let result: MaybePromise<R>;
  try {
    result = work(lease.connection, NO_JOURNAL);
  } catch (cause) {
    lease.release();
    return Promise.reject(cause);
  }
  if (isPromise(result)) return releaseAfter(lease, result);
  lease.release();
  return Promise.resolve(result);
}

async function releaseAfter<R>(lease: Lease, result: PromiseLike<R>): Promise<R> {
  try {
    return await result;
  } finally {
    lease.release();
  }
}
