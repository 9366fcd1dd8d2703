/**
 * One statement's way over the wire: the messages that are sent, and what the server answers to them.
 *
 * `Parse` and `Describe` are left out where the server holds the statement already; everything goes in one
 * packet, and the answer is complete with ReadyForQuery (54.2.3 "Extended Query").
 */

import type { NativeExchange, NativeField, NativeParameter, NativeWire } from './native.js';
import type { RawRows } from './row-values.js';
import { serverError } from './server-error.js';
import { textChangesSession } from './session.js';

/** A statement that the server keeps under a name. */
export interface NamedStatement {
  readonly name: string;
  /** What it returns; known when it has run once. */
  fields: readonly NativeField[] | undefined;
  /** Whether the server holds it. */
  parsed: boolean;
  /** Whether running it may leave something in the session. */
  readonly changesSession: boolean;
}

const NO_FIELDS: readonly NativeField[] = [];
const INFERRED_TYPES: readonly number[] = [];
const WHOLE_PORTAL = {};

/** What both kinds of exchange take in. */
abstract class Answer implements NativeExchange, RawRows {
  readonly sql: string;
  fields: readonly NativeField[] = NO_FIELDS;
  rows: (string | null)[][] = [];
  /** What was carried out, a tag a statement: `INSERT 0 2`, `SET`. */
  readonly tags: string[] = [];
  /** Told when the connection is gone and no answer will come. */
  onLost: ((cause: unknown) => void) | undefined;
  /** Set by an error message; the answer is over when the server is ready again. */
  failure: unknown;

  constructor(sql: string) {
    this.sql = sql;
  }

  /** Whether running it may leave something in the session, as its text tells. */
  abstract get changesSession(): boolean;

  abstract submit(wire: NativeWire): Error | null;

  handleRowDescription(message: { readonly fields: readonly NativeField[] }): void {
    this.fields = message.fields;
    this.rows = [];
  }

  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.rows.push(message.fields as (string | null)[]);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.tags.push(message.text);
  }

  /** COPY … FROM STDIN would wait for rows that nobody sends. */
  handleCopyInResponse(wire: NativeWire): void {
    wire.sendCopyFail('COPY FROM STDIN is not supported');
  }

  handleError(cause: unknown): void {
    this.failure ??= cause;
    // What the server has not said, it will not follow up either: nobody must wait for that.
    if (serverError(cause) === undefined) this.onLost?.(cause);
  }

  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
  handleReadyForQuery(): void {}
  handleParseComplete(): void {}
}

/** One statement with parameters. */
export class StatementExchange extends Answer {
  readonly #statement: NamedStatement | undefined;
  readonly #params: readonly NativeParameter[];
  readonly #closes: readonly string[];

  /**
   * @param statement undefined for one that is not kept
   * @param closes names of statements that the server may forget
   */
  constructor(
    sql: string,
    params: readonly NativeParameter[],
    statement: NamedStatement | undefined,
    closes: readonly string[],
  ) {
    super(sql);
    this.#params = params;
    this.#statement = statement;
    this.#closes = closes;
  }

  get changesSession(): boolean {
    return this.#statement?.changesSession ?? textChangesSession(this.sql);
  }

  submit(wire: NativeWire): Error | null {
    const statement = this.#statement;
    const name = statement?.name ?? '';
    wire.stream.cork?.();
    try {
      for (const closed of this.#closes) wire.close({ type: 'S', name: closed });
      if (statement?.parsed !== true) wire.parse({ text: this.sql, name, types: INFERRED_TYPES });
      wire.bind({ statement: name, values: this.#params });
      if (statement?.fields === undefined) wire.describe({ type: 'P', name: '' });
      else this.fields = statement.fields;
      wire.execute(WHOLE_PORTAL as Record<string, never>);
      wire.sync();
    } finally {
      wire.stream.uncork?.();
    }
    return null;
  }

  /** The Sync that was sent was taken for one inside the copy, which is ignored (55.2.6 "COPY Operations"). */
  override handleCopyInResponse(wire: NativeWire): void {
    super.handleCopyInResponse(wire);
    wire.sync();
  }

  override handleReadyForQuery(): void {
    if (this.#statement === undefined || this.failure !== undefined) return;
    this.#statement.fields = this.fields;
  }

  /** The server holds a statement from then on, also where running it fails. */
  override handleParseComplete(): void {
    if (this.#statement !== undefined) this.#statement.parsed = true;
  }
}

/** Several statements without parameters ("Simple Query"), in one transaction unless they say otherwise. */
export class ScriptExchange extends Answer {
  get changesSession(): boolean {
    return textChangesSession(this.sql);
  }

  submit(wire: NativeWire): Error | null {
    wire.query(this.sql);
    return null;
  }
}
