/** `comment` and `signal`: what is put behind every statement of a call, and what ends it early. */

import { error } from '../../base/error-codes.js';
import type {
  Connection,
  MaybePromise,
  OpenStream,
  QueryOptions,
  RowStream,
  RunOptions,
  RunResult,
  SqlRow,
  SqlValue,
} from '../../dialects/contract.js';
import { isPromise } from '../maybe-promise.js';

/** What goes with every statement of one call. */
export interface Asking {
  readonly comment?: unknown;
  readonly signal?: unknown;
}

/** The connection itself where a call says nothing of its statements. @throws OPTION_INVALID */
export function askingOn(connection: Connection, { comment, signal }: Asking): Connection {
  if (comment === undefined && signal === undefined) return connection;
  return new AskingConnection(connection, commentText(comment), checkedSignal(signal));
}

/**
 * A comment for the end of a statement. It cannot end itself, nor begin another one (PostgreSQL nests them), and
 * the blank keeps MySQL from running it as code.
 */
export function commentText(comment: unknown): string {
  if (comment === undefined) return '';
  if (typeof comment !== 'string') {
    throw error('OPTION_INVALID', { option: 'comment', problem: 'expected a text' });
  }
  // A placeholder in it would be counted by drivers that look for them.
  const tame = comment
    .replace(/\*\//g, '* /')
    .replace(/\/\*/g, '/ *')
    .replace(/[\p{Cc}\p{Cs}?$]/gu, ' ');
  return ` /* ${tame.replace(/\*\//g, '* /')} */`;
}

/** @throws OPTION_INVALID for what is no AbortSignal */
export function checkedSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal) {
    return signal as AbortSignal;
  }
  throw error('OPTION_INVALID', { option: 'signal', problem: 'expected an AbortSignal' });
}

/** @throws QUERY_ABORTED */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal);
}

function aborted(signal: AbortSignal): Error {
  return error('QUERY_ABORTED', {}, { cause: signal.reason });
}

class AskingConnection implements Connection {
  readonly #connection: Connection;
  readonly #comment: string;
  readonly #signal: AbortSignal | undefined;

  constructor(connection: Connection, comment: string, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#comment = comment;
    this.#signal = signal;
  }

  get inTransaction(): boolean {
    return this.#connection.inTransaction;
  }

  query(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlRow[]> {
    return this.#ask(() => this.#connection.query(sql + this.#comment, params, options));
  }

  queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlValue[][]> {
    return this.#ask(() => this.#connection.queryArrays(sql + this.#comment, params, options));
  }

  get stream(): OpenStream | undefined {
    if (this.#connection.stream === undefined) return undefined;
    return async (sql, params, options) => {
      const open = (): MaybePromise<RowStream> =>
        this.#connection.stream?.(sql + this.#comment, params, options) as MaybePromise<RowStream>;
      const rows = await this.#ask(open);
      return {
        get names() {
          return rows.names;
        },
        read: (count) => this.#ask(() => rows.read(count)),
        close: () => rows.close(),
      };
    };
  }

  /** What frames a transaction is run whatever the signal says, or it would stay open. */
  run(sql: string, params?: readonly unknown[], options?: RunOptions): MaybePromise<RunResult> {
    return this.#connection.run(sql, params, options);
  }

  script(sql: string): MaybePromise<void> {
    return this.#connection.script(sql);
  }

  #ask<R>(action: () => MaybePromise<R>): MaybePromise<R> {
    const signal = this.#signal;
    throwIfAborted(signal);
    const result = action();
    return signal !== undefined && isPromise(result) ? this.#cancellable(result, signal) : result;
  }

  async #cancellable<R>(result: PromiseLike<R>, signal: AbortSignal): Promise<R> {
    let cancelling: Promise<void> | undefined;
    const cancel = (): void => {
      cancelling = Promise.resolve(this.#connection.cancel?.()).catch(() => {});
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const value = await result;
      throwIfAborted(signal);
      return value;
    } catch (cause) {
      throw signal.aborted ? aborted(signal) : cause;
    } finally {
      signal.removeEventListener('abort', cancel);
      // A cancellation that comes late must not hit what the connection is asked next.
      await cancelling;
    }
  }
}
