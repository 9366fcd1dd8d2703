/** Rows of one statement as the server sends them, of which the driver holds back what nobody has asked for yet. */

import type { RowStream, SqlValue } from '../contract.js';
import type { NativeField, NativeReadable } from './native.js';
import { mendRows } from './rows.js';

export interface StreamHost {
  /** Asks the server to give up what it has not sent. */
  cancel(): Promise<void>;
  /** The error for the holder of the stream. */
  explain(cause: unknown): Promise<Error>;
  /** Called once, when the connection is free for other statements. */
  done(): void;
}

/** The rows of a statement under way. */
export class MysqlRowStream implements RowStream {
  readonly #readable: NativeReadable;
  readonly #bigints: boolean;
  readonly #host: StreamHost;
  #fields: readonly NativeField[] = [];
  #failure: unknown;
  #isOver = false;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(readable: NativeReadable, bigints: boolean, host: StreamHost) {
    this.#readable = readable;
    this.#bigints = bigints;
    this.#host = host;
    readable.on('fields', (fields) => {
      this.#fields = fields as readonly NativeField[];
    });
    readable.on('readable', () => this.#stir());
    readable.on('end', () => this.#finish(undefined));
    readable.on('error', (cause) => this.#finish(cause));
  }

  get names(): readonly string[] {
    return this.#fields.map(({ name }) => name);
  }

  async read(count: number): Promise<SqlValue[][]> {
    const rows: SqlValue[][] = [];
    while (rows.length < count) {
      const row = this.#readable.read() as SqlValue[] | null;
      if (row !== null) rows.push(row);
      else if (this.#isOver) break;
      else await this.#news();
    }
    if (this.#failure !== undefined) throw await this.#host.explain(this.#failure);
    return mendRows(rows, this.#fields, this.#bigints);
  }

  /** What the server has not sent it is told to keep; what is on its way is let pass. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isOver) {
      await this.#host.cancel();
      // Whatever still comes is thrown away, up to the end.
      while (!this.#isOver) {
        if (this.#readable.read() === null && !this.#isOver) await this.#news();
      }
    }
    this.#host.done();
  }

  /** Called when the connection is lost: nothing more will come. */
  fail(cause: unknown): void {
    this.#finish(cause);
  }

  #finish(cause: unknown): void {
    this.#failure ??= cause;
    this.#isOver = true;
    this.#stir();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #stir(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
