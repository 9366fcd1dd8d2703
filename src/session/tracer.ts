/**
 * Tells whoever wants to know of statements and transactions: the logger of the configuration, and subscribers of
 * `node:diagnostics_channel`, which may come and go at any time.
 *
 * Two ways to subscribe, under one name each. `tracingChannel('limbeck:query')` has Node's own semantics (start, end,
 * asyncStart, asyncEnd, error), so that spans nest: a statement is over when its context has `durationMs`, which an
 * embedded database has at `end` and a server at `asyncEnd`. `channel('limbeck:query')` gets the same context once,
 * when it is over. The same of `limbeck:transaction`.
 */

import { channel, tracingChannel } from 'node:diagnostics_channel';
import { isLimbeckError } from '../base/errors.js';
import type { IsolationLevel, MaybePromise, TransactionMode } from '../dialects/contract.js';
import { isPromise } from '../query/maybe-promise.js';
import type { LogEntry, Logger } from './log-entry.js';

/** What subscribers of `limbeck:query` see; the later fields when it is over. */
export interface QueryTrace {
  readonly sql: string;
  /** Its first word: `SELECT`, `BEGIN`. */
  readonly operation: string;
  /** Which database, in words for people; never a password. */
  readonly database: string;
  /** Only with `logParameters`; bytes are shortened. */
  readonly parameters?: readonly unknown[];
  rows?: number;
  durationMs?: number;
  slow?: true;
  error?: unknown;
}

/** What subscribers of `limbeck:transaction` see of an outermost transaction; the later fields when it is over. */
export interface TransactionTrace {
  readonly database: string;
  readonly isolation?: IsolationLevel;
  readonly readOnly?: true;
  outcome?: 'commit' | 'rollback' | 'unknown';
  durationMs?: number;
  error?: unknown;
}

export interface TracerOptions {
  readonly logger: Logger | undefined;
  /** Values of parameters are told as well. */
  readonly logParameters: boolean;
  /** From when on a statement counts as slow. */
  readonly slowQueryMs: number | undefined;
}

const queries = tracingChannel<unknown, QueryTrace>('limbeck:query');
const queryEnds = channel('limbeck:query');
const transactions = tracingChannel<unknown, TransactionTrace>('limbeck:transaction');
const transactionEnds = channel('limbeck:transaction');

/** Bytes of which a log shows only the beginning. */
const SHOWN_BYTES = 16;

/** Who listens to one data source. */
export class Tracer {
  readonly #options: TracerOptions;
  readonly #logger: Logger | undefined;
  #hasWarned = false;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#logger = options.logger;
  }

  /** Whether anybody wants to hear of statements: asked once a lease. */
  get hearsQueries(): boolean {
    return this.#logger !== undefined || queryEnds.hasSubscribers || queries.hasSubscribers;
  }

  /** Whether anybody wants to hear of transactions: asked once each. */
  get hearsTransactions(): boolean {
    return this.#logger !== undefined || transactionEnds.hasSubscribers || transactions.hasSubscribers;
  }

  /** Tells the logger. One that throws does no harm to the statement that it is told of. */
  tell(entry: LogEntry): void {
    try {
      this.#logger?.(entry);
    } catch (cause) {
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      process.emitWarning(`The logger of a data source has failed: ${String(cause)}`, 'LimbeckWarning');
    }
  }

  /** Tells of a connection that was not to be had, or has gone. */
  tellOfConnection(cause: unknown): void {
    const problem = isLimbeckError(cause) ? CONNECTION_PROBLEMS[cause.code] : undefined;
    if (problem !== undefined) this.tell({ kind: 'connection', problem, error: cause });
  }

  /** Runs one statement, listened to. */
  query<R>(
    statement: {
      readonly sql: string;
      readonly database: string;
      readonly params?: readonly unknown[] | undefined;
    },
    action: () => MaybePromise<R>,
    rowsOf: (result: R) => number | undefined,
  ): MaybePromise<R> {
    const { sql, database, params } = statement;
    const trace: QueryTrace = {
      sql,
      operation: operationOf(sql),
      database,
      ...(this.#options.logParameters ? { parameters: (params ?? []).map(shown) } : {}),
    };
    const run = (): MaybePromise<R> => this.#timed(trace, action, rowsOf);
    return queries.hasSubscribers ? queries.start.runStores(trace, run) : run();
  }

  #timed<R>(
    trace: QueryTrace,
    action: () => MaybePromise<R>,
    rowsOf: (result: R) => number | undefined,
  ): MaybePromise<R> {
    const start = performance.now();
    const succeed = (result: R): R => {
      const rows = rowsOf(result);
      if (rows !== undefined) trace.rows = rows;
      this.#end(trace, start);
      return result;
    };
    const fail = (cause: unknown): void => {
      trace.error = cause;
      this.#end(trace, start);
      queries.error.publish(trace);
    };
    try {
      const result = action();
      if (isPromise(result)) {
        return result.then(
          (value) => {
            succeed(value);
            endAsync(queries, trace);
            return value;
          },
          (cause) => {
            fail(cause);
            endAsync(queries, trace);
            throw cause;
          },
        );
      }
      return succeed(result);
    } catch (cause) {
      fail(cause);
      throw cause;
    } finally {
      queries.end.publish(trace);
    }
  }

  #end(trace: QueryTrace, start: number): void {
    const durationMs = performance.now() - start;
    trace.durationMs = durationMs;
    const { slowQueryMs } = this.#options;
    if (slowQueryMs !== undefined && durationMs >= slowQueryMs) trace.slow = true;
    queryEnds.publish(trace);
    if (this.#logger === undefined) return;
    const { database: _, ...told } = trace;
    this.tell({ kind: 'query', ...told, durationMs });
    if (trace.error !== undefined) this.tellOfConnection(trace.error);
  }

  /**
   * Runs one outermost transaction, listened to.
   *
   * @param run is to call `begun` as soon as it is open
   */
  transaction<R>(
    database: string,
    { isolation, readOnly }: TransactionMode,
    run: (begun: () => void) => Promise<R>,
  ): Promise<R> {
    const asked = {
      ...(isolation === undefined ? {} : { isolation }),
      ...(readOnly === true ? { readOnly } : {}),
    };
    const trace: TransactionTrace = { database, ...asked };
    const live = (): Promise<R> => {
      try {
        return this.#lived(trace, asked, run);
      } finally {
        transactions.end.publish(trace);
      }
    };
    return transactions.hasSubscribers ? transactions.start.runStores(trace, live) : live();
  }

  async #lived<R>(
    trace: TransactionTrace,
    asked: Pick<TransactionTrace, 'isolation' | 'readOnly'>,
    run: (begun: () => void) => Promise<R>,
  ): Promise<R> {
    let start: number | undefined;
    const ended = (outcome: 'commit' | 'rollback' | 'unknown'): void => {
      trace.outcome = outcome;
      trace.durationMs = performance.now() - (start ?? performance.now());
      transactionEnds.publish(trace);
      // Of one that never began there is nothing to tell but the connection's failure, which was told.
      if (start === undefined) return;
      const { durationMs } = trace;
      const failure = 'error' in trace ? { error: trace.error } : {};
      this.tell({ kind: 'transaction', event: outcome, ...asked, durationMs, ...failure });
    };
    try {
      const result = await run(() => {
        start = performance.now();
        this.tell({ kind: 'transaction', event: 'begin', ...asked });
      });
      ended('commit');
      return result;
    } catch (cause) {
      trace.error = cause;
      ended(isLimbeckError(cause) && cause.code === 'COMMIT_UNKNOWN' ? 'unknown' : 'rollback');
      transactions.error.publish(trace);
      throw cause;
    } finally {
      endAsync(transactions, trace);
    }
  }
}

const CONNECTION_PROBLEMS: Readonly<Record<string, 'lost' | 'failed' | 'timeout'>> = {
  CONNECTION_LOST: 'lost',
  CONNECTION_FAILED: 'failed',
  POOL_TIMEOUT: 'timeout',
};

/** Listens to nobody: for who has no configuration. */
export const SILENT = new Tracer({ logger: undefined, logParameters: false, slowQueryMs: undefined });

function endAsync<T extends object>(
  channels: {
    readonly asyncStart: { publish(trace: T): void };
    readonly asyncEnd: { publish(trace: T): void };
  },
  trace: T,
): void {
  channels.asyncStart.publish(trace);
  channels.asyncEnd.publish(trace);
}

const FIRST_WORD = /^(?:\s|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/|\()*([a-z]+)/i;

function operationOf(sql: string): string {
  return (FIRST_WORD.exec(sql)?.[1] ?? '').toUpperCase();
}

function shown(value: unknown): unknown {
  if (!(value instanceof Uint8Array || Buffer.isBuffer(value))) return value;
  const bytes = Buffer.from(value);
  const end = bytes.length > SHOWN_BYTES ? '…' : '';
  return `<${bytes.length} bytes: ${bytes.toString('hex', 0, SHOWN_BYTES)}${end}>`;
}
