/**
 * One PostgreSQL connection: statements prepared by name, values checked at the border, errors translated.
 *
 * Statements run one after the other in the order in which they were made. A statement is over when the server
 * says that it is ready again, and with it whether a transaction is open.
 */

import { error } from '../../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../../base/errors.js';
import type { Connection, QueryOptions, RunResult, SqlRow, SqlValue } from '../contract.js';
import { translatePostgresError } from './errors.js';
import { type NamedStatement, ScriptExchange, StatementExchange } from './exchange.js';
import { CONSTRAINT_COLUMNS, constraintToLookUp } from './key-columns.js';
import type { NativeClient, NativeParameter } from './native.js';
import { boundParameters } from './parameters.js';
import { arrayRows, objectRows } from './row-values.js';
import { endsConnection, isStaleStatement, serverError } from './server-error.js';
import { commandChangesSession } from './session.js';
import { StatementCache } from './statement-cache.js';

/** What a connection is told about the database that it belongs to. */
export interface ConnectionPlace {
  /** The database's name for people. */
  readonly name: string;
  /** The schema whose tables have bare names. */
  defaultSchema: string | undefined;
  /** Asks the catalog on another connection, where one is to be had without waiting. */
  askElsewhere?(sql: string, params: readonly string[]): Promise<SqlValue[][] | undefined>;
}

type Exchange = StatementExchange | ScriptExchange;

interface Turn {
  /** Made when the statement's turn comes: only then is it known what the server holds prepared. */
  begin(): Exchange;
  resolve(exchange: Exchange): void;
  reject(cause: unknown): void;
}

const NO_PARAMS: readonly unknown[] = [];
const IDLE = 'I';
const FAILED = 'E';
const DDL = /^(?:ALTER|CREATE|DROP)/;
const CHANGED = /^(?:INSERT \d+|UPDATE|DELETE|MERGE) (\d+)$/;
const ENDS_WELL = /^\s*(?:commit|end)\b/i;

export class PostgresConnection implements Connection {
  readonly #client: NativeClient;
  readonly #place: ConnectionPlace;
  readonly #statements = new StatementCache();
  readonly #waiting: Turn[] = [];
  #current: (Turn & { readonly exchange: Exchange }) | undefined;
  #status = IDLE;
  #sawDdl = false;
  #isDirty = false;
  /** Why it can be used no more. */
  #broken: { readonly cause: LimbeckError } | undefined;

  /** @param client connected, and used by nobody else */
  constructor(client: NativeClient, place: ConnectionPlace) {
    this.#client = client;
    this.#place = place;
    client.on('error', this.#breakOff);
    client.on('end', () => this.#breakOff(new Error('the server has closed the connection')));
    client.connection.on('parseComplete', () => this.#current?.exchange.handleParseComplete());
    client.connection.on('readyForQuery', ({ status }) => this.#ready(status));
  }

  get inTransaction(): boolean {
    return this.#status !== IDLE;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  get lostBy(): LimbeckError | undefined {
    return this.#broken?.cause;
  }

  /** Of the server's process that serves it. */
  get processId(): number {
    return this.#client.processID;
  }

  /** Whether a statement is under way. */
  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** Whether its settings may not be as they were when it was opened. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  async query(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<SqlRow[]> {
    return objectRows(await this.#execute(sql, params), options?.bigints === true);
  }

  async queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): Promise<SqlValue[][]> {
    return arrayRows(await this.#execute(sql, params), options?.bigints === true);
  }

  async run(sql: string, params?: readonly unknown[]): Promise<RunResult> {
    const { tags } = await this.#execute(sql, params);
    const tag = tags[0] ?? '';
    // A transaction in which a statement has failed ends in a rollback, whatever is asked for.
    if (tag === 'ROLLBACK' && ENDS_WELL.test(sql)) throw error('TRANSACTION_LOST', {});
    const changes = CHANGED.exec(tag)?.[1];
    return { changes: changes === undefined ? 0 : Number(changes) };
  }

  /** In one transaction, unless the statements themselves say otherwise. */
  async script(sql: string): Promise<void> {
    checkSql(sql);
    try {
      await this.#take(() => new ScriptExchange(sql));
    } catch (cause) {
      throw await this.#translate(cause, sql);
    }
  }

  /** Where no other connection is free the statement runs to its end. */
  async cancel(): Promise<void> {
    if (!this.isBusy || this.#broken !== undefined) return;
    await this.#place.askElsewhere?.('SELECT pg_cancel_backend($1)', [String(this.processId)]);
  }

  /** Whether the process may end while it is open. */
  keepAlive(on: boolean): void {
    if (on) this.#client.ref?.();
    else this.#client.unref?.();
  }

  /** Runs the statements that make its session new. */
  async refresh(script: string): Promise<void> {
    await this.script(this.inTransaction ? `ROLLBACK; ${script}` : script);
    this.#isDirty = false;
  }

  /** Says goodbye to the server; what is under way is cut off. */
  async close(): Promise<void> {
    if (this.#broken !== undefined) return;
    const wasBusy = this.isBusy;
    // The process must not end before it is closed.
    this.keepAlive(true);
    this.#breakOff(error('CONNECTION_CLOSED', { database: this.#place.name }));
    if (wasBusy) this.#client.connection.stream.destroy();
    await this.#client.end().catch(() => {});
  }

  #execute(sql: string, params: readonly unknown[] = NO_PARAMS): Promise<Exchange> {
    return this.#attempt(sql, params);
  }

  async #attempt(sql: string, params: readonly unknown[]): Promise<Exchange> {
    checkSql(sql);
    const bound = boundParameters(params);
    const wasOutside = !this.inTransaction;
    try {
      return await this.#take(() => this.#statement(sql, bound, this.#statements.get(sql)));
    } catch (cause) {
      if (!isStaleStatement(cause)) throw await this.#translate(cause, sql);
      this.#statements.forget();
      // Inside a transaction there is nothing left to try: the failure has ended it.
      if (!wasOutside || this.inTransaction) throw await this.#translate(cause, sql);
    }
    try {
      return await this.#take(() => this.#statement(sql, bound, undefined));
    } catch (cause) {
      throw await this.#translate(cause, sql);
    }
  }

  #statement(sql: string, params: readonly NativeParameter[], kept: NamedStatement | undefined): Exchange {
    return new StatementExchange(sql, params, kept, this.#statements.takeCloses());
  }

  #take(begin: () => Exchange): Promise<Exchange> {
    return new Promise((resolve, reject) => {
      const turn = { begin, resolve, reject };
      if (this.#broken !== undefined) reject(this.#broken.cause);
      else if (this.#current === undefined) this.#begin(turn);
      else this.#waiting.push(turn);
    });
  }

  #begin(turn: Turn): void {
    const exchange = turn.begin();
    exchange.onLost = this.#breakOff;
    this.#current = { ...turn, exchange };
    try {
      this.#client.query(exchange);
    } catch (cause) {
      // Nothing was understood by anybody: what state the connection is in, nobody knows.
      this.#breakOff(cause);
    }
  }

  #ready(status: string): void {
    this.#status = status;
    const done = this.#current;
    if (done === undefined) return;
    this.#current = undefined;
    this.#takeNote(done.exchange);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#begin(next);
    if (done.exchange.failure === undefined) done.resolve(done.exchange);
    else done.reject(done.exchange.failure);
  }

  /** What a statement has changed besides data. */
  #takeNote(exchange: Exchange): void {
    let sawDdl = false;
    for (const tag of exchange.tags) {
      if (tag === 'DISCARD ALL' || tag.startsWith('DEALLOCATE')) this.#statements.clear();
      if (commandChangesSession(tag)) this.#isDirty = true;
      sawDdl ||= DDL.test(tag);
    }
    if (exchange.changesSession) this.#isDirty = true;
    this.#sawDdl ||= sawDdl;
    // The server remembers the types of results; those of statements prepared before DDL may be others now, and so
    // may those prepared after it, when it is rolled back.
    if (sawDdl || (this.#sawDdl && this.#status === IDLE)) this.#statements.forget();
    if (this.#status === IDLE) this.#sawDdl = false;
  }

  readonly #breakOff = (cause: unknown): void => {
    if (this.#broken !== undefined) return;
    const current = this.#current;
    // Why the server hung up, it has said before it did so.
    const reason = current?.exchange.failure ?? cause;
    const lost = isLimbeckError(reason) ? reason : this.#lost(reason);
    this.#broken = { cause: lost };
    this.#current = undefined;
    current?.reject(lost);
    for (const turn of this.#waiting.splice(0)) turn.reject(lost);
  };

  #lost(cause: unknown): LimbeckError {
    if (endsConnection(cause)) return translatePostgresError(cause, { database: this.#place.name });
    const reason = cause instanceof Error ? cause.message : String(cause);
    return error('CONNECTION_LOST', { database: this.#place.name, reason }, { cause });
  }

  async #translate(cause: unknown, sql: string): Promise<LimbeckError> {
    const { name: database, defaultSchema } = this.#place;
    const columns = await this.#constraintColumns(cause);
    return translatePostgresError(cause, { sql, database, columns, defaultSchema });
  }

  /** Inside a failed transaction nothing can be asked, so another connection is. */
  async #constraintColumns(cause: unknown): Promise<readonly string[] | undefined> {
    const names = constraintToLookUp(serverError(cause));
    if (names === undefined || this.#broken !== undefined) return undefined;
    try {
      const rows =
        this.#status === FAILED
          ? await this.#place.askElsewhere?.(CONSTRAINT_COLUMNS, names)
          : arrayRows(await this.#take(() => this.#statement(CONSTRAINT_COLUMNS, names, undefined)), false);
      return rows?.length ? rows.map(([column]) => String(column)) : undefined;
    } catch {
      // The names are a courtesy; the violation itself is what has to be told.
      return undefined;
    }
  }
}

function checkSql(sql: string): void {
  if (sql.includes('\0')) throw error('QUERY_FAILED', { reason: 'SQL text cannot hold a NUL' });
}
