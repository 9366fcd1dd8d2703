/**
 * One connection to a server: statements prepared once, values checked at the border, errors translated, and
 * whether a transaction is open known from what the server itself says with every answer.
 */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';
import type {
  Connection,
  QueryOptions,
  RowStream,
  RunOptions,
  RunResult,
  SqlRow,
  SqlValue,
  StatementOptions,
} from '../contract.js';
import { invalidValue, isWellFormed } from '../shared/values.js';
import { type Answer, firstRows, lastOk } from './answers.js';
import { findUniqueKey } from './constraint-names.js';
import { duplicateKeyName, errorNumber, isLost, translateMysqlError } from './errors.js';
import type { Flavour } from './flavour.js';
import {
  MAX_STATEMENTS,
  type NativeCallback,
  type NativeConnection,
  type NativePrepared,
  type NativeResult,
  type NativeRows,
  type NativeStatementOptions,
  type NativeValue,
} from './native.js';
import { bindable } from './parameters.js';
import { MysqlRowStream } from './row-stream.js';
import { mendRows, needsCare, objectsOf } from './rows.js';
import { splitStatements } from './split-statements.js';
import {
  describesNextTransaction,
  isWorthPreparing,
  isWrite,
  keepsTransaction,
  mayChangeSession,
  READS_ONLY,
  WRITES_AGAIN,
} from './statement-kinds.js';

/** What is the same for all connections to one server. */
export interface ServerFacts {
  /** The database's name for people. */
  readonly name: string;
  readonly flavour: Flavour;
  /** The largest packet that the server takes, in bytes. */
  readonly maxPacketBytes: number;
  /** What lies between two keys that one INSERT generates. */
  readonly keyStep: number;
}

/** SERVER_STATUS_IN_TRANS ("Status Flags"). */
const IN_TRANSACTION = 1;
/** The server cannot prepare the statement, and has done nothing yet. */
const NOT_PREPARABLE = 1295;
/** A prepared statement is stale, or there is no room for it; nothing was done, so it is tried once more. */
const PREPARE_AGAIN: ReadonlySet<number> = new Set([1243, 1461, 1615]);

/** Longer texts, in characters, are not likely to come again. */
const MAX_KEPT_TEXT = 100_000;

/** How a text runs, found when it is first seen. */
interface Known {
  readonly how: 'prepared' | 'careful' | 'text';
  readonly parameters: number;
  readonly mayChangeSession: boolean;
}

/** Rows that the driver keeps ahead of who reads a stream. */
const STREAM_ROWS = 64;
const NO_PARAMS: readonly unknown[] = [];

/** A connection of `MysqlDatabase`. */
export class MysqlConnection implements Connection {
  readonly #native: NativeConnection;
  readonly #facts: ServerFacts;
  readonly #known = new Map<string, Known>();
  /** What waits for an answer; the driver forgets them when it is told to close. */
  readonly #pending = new Set<(cause: Error) => void>();
  /** Settles when the last statement has; undefined where none is under way. */
  #tail: Promise<void> | undefined;
  #inTransaction = false;
  #hasLeftTraces = false;
  /** Whether the next transaction is to be other than usual, and has not begun yet. */
  #describesNext = false;
  #readsOnly = false;
  #state: 'open' | 'closed' | 'lost' = 'open';
  #lostBy: Error | undefined;
  /** Called once when nothing more can come over it. */
  onLost: (() => void) | undefined;
  /** Ends the statement under way of the connection with a number, over another one. */
  onCancel: ((threadId: number) => Promise<void>) | undefined;

  constructor(native: NativeConnection, facts: ServerFacts) {
    this.#native = native;
    this.#facts = facts;
    native.on('error', (cause) => this.#lose(cause));
    native.on('end', () => this.#lose(new Error('the server closed the connection')));
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** What lies between two keys that one INSERT generates ("auto_increment_increment"). */
  get keyStep(): number {
    return this.#facts.keyStep;
  }

  /** The server's number for it. */
  get threadId(): number | undefined {
    return this.#native.threadId ?? undefined;
  }

  /** Whether statements can still run on it. */
  get isUsable(): boolean {
    return this.#state === 'open';
  }

  get lostBy(): LimbeckError | undefined {
    return this.#state === 'open' ? undefined : this.#goneError();
  }

  /** Whether it must be tidied up before another holder gets it. */
  get needsTidying(): boolean {
    return this.#inTransaction || this.#isChanged || this.#tail !== undefined;
  }

  async query(sql: string, params = NO_PARAMS, options?: QueryOptions): Promise<SqlRow[]> {
    const answer = await this.#ask(sql, params);
    const { rows, fields } = firstRows(answer);
    return objectsOf(mendRows(rows, fields, options?.bigints === true), fields);
  }

  async queryArrays(sql: string, params = NO_PARAMS, options?: QueryOptions): Promise<SqlValue[][]> {
    const answer = await this.#ask(sql, params, options);
    const { rows, fields } = firstRows(answer);
    return mendRows(rows, fields, options?.bigints === true);
  }

  /** A stream has its turn as every statement has, and keeps it until it is closed. */
  async stream(sql: string, params = NO_PARAMS, options?: QueryOptions): Promise<RowStream> {
    const before = this.#tail;
    let done = (): void => {};
    const tail: Promise<void> = new Promise<void>((resolve) => (done = resolve)).then(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    this.#tail = tail;
    try {
      await before;
      return await this.#openStream(sql, params, options?.bigints === true, done);
    } catch (cause) {
      done();
      throw await this.#explain(cause, sql, false);
    }
  }

  async #openStream(
    sql: string,
    params: readonly unknown[],
    bigints: boolean,
    done: () => void,
  ): Promise<RowStream> {
    if (this.#state !== 'open') throw this.#goneError();
    const bound = params.length === 0 ? NO_PARAMS : bindable(params, this.#facts.maxPacketBytes);
    const { how } = this.#known.get(sql) ?? (await this.#learn(sql, bound, false));
    const statement = how === 'prepared' ? { sql, values: bound } : { sql, values: bound, ...CAREFUL };
    const command = how === 'text' ? this.#native.query(statement) : this.#native.execute(statement);
    let fail: (cause: Error) => void = () => {};
    const stream = new MysqlRowStream(command.stream({ highWaterMark: STREAM_ROWS }), bigints, {
      cancel: () => this.cancel(),
      explain: (cause) => this.#explain(cause, sql, false),
      done: () => {
        this.#pending.delete(fail);
        done();
      },
    });
    fail = (cause) => stream.fail(cause);
    this.#pending.add(fail);
    return stream;
  }

  async cancel(): Promise<void> {
    const id = this.threadId;
    if (id !== undefined && this.#tail !== undefined && this.isUsable) await this.onCancel?.(id);
  }

  /** How long a statement waits for a lock is a setting of the session here, so `waitMs` means nothing. */
  async run(sql: string, params = NO_PARAMS, options?: RunOptions): Promise<RunResult> {
    const { result } = await this.#ask(sql, params, options);
    const ok = lastOk(result);
    if (ok === undefined) return { changes: isWrite(sql) ? (result as NativeRows).length : 0 };
    const changes = Number(ok.affectedRows);
    const id = typeof ok.insertId === 'string' ? BigInt(ok.insertId) : ok.insertId;
    return id === 0 ? { changes } : { changes, lastInsertId: id, insertIdStep: this.#facts.keyStep };
  }

  /** One after the other: the protocol's way to send several at once would let an injected one run as well. */
  async script(sql: string): Promise<void> {
    for (const statement of splitStatements(sql)) await this.#ask(statement, NO_PARAMS, undefined, true);
  }

  /**
   * Leaves it as it came: no transaction, no locks, no variables.
   *
   * @param settings the statements that settle a session
   * @returns whether it can be used again
   */
  async tidy(settings: readonly string[]): Promise<boolean> {
    try {
      // Behind whatever its holder has not awaited.
      await this.#ask('ROLLBACK', NO_PARAMS);
      if (this.#isChanged) {
        await this.#reset();
        for (const sql of settings) await this.#send('query', { sql });
        this.#hasLeftTraces = false;
        this.#describesNext = false;
        this.#readsOnly = false;
        this.#inTransaction = false;
      }
      return this.isUsable && !this.#inTransaction;
    } catch {
      return false;
    }
  }

  get #isChanged(): boolean {
    return this.#hasLeftTraces || this.#describesNext || this.#readsOnly;
  }

  /** Whether the process may end while it is open. */
  keepAlive(on: boolean): void {
    if (on) this.#native.stream?.ref?.();
    else this.#native.stream?.unref?.();
  }

  /** Says goodbye and waits for the other end. */
  async end(): Promise<void> {
    if (this.#state !== 'open') return this.destroy();
    this.#state = 'closed';
    this.keepAlive(true);
    const gone = streamClosed(this.#native);
    this.#native.end(() => {});
    await gone;
    this.#native.destroy();
  }

  /** Closes it at once; who waits for an answer gets CONNECTION_CLOSED. */
  destroy(): void {
    if (this.#state === 'open') this.#state = 'closed';
    this.#inTransaction = false;
    for (const reject of [...this.#pending]) reject(new Error('the connection was closed'));
    this.#native.destroy();
    this.#native.stream?.destroy?.();
  }

  /** In the order in which they come, each one with all that belongs to it: preparing, and asking why it failed. */
  #ask(
    sql: string,
    params: readonly unknown[],
    options?: StatementOptions,
    isScript = false,
  ): Promise<Answer> {
    const before = this.#tail;
    const answer =
      before === undefined
        ? this.#askNow(sql, params, options, isScript)
        : before.then(() => this.#askNow(sql, params, options, isScript));
    const tail = answer.then(nothing, nothing).then(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    this.#tail = tail;
    return answer;
  }

  async #askNow(
    sql: string,
    params: readonly unknown[],
    options: StatementOptions | undefined,
    isScript: boolean,
  ): Promise<Answer> {
    if (this.#state !== 'open') throw this.#goneError();
    const known = this.#known.get(sql);
    try {
      const bound =
        params.length === 0 ? NO_PARAMS : bindable(params, this.#facts.maxPacketBytes, options?.assigns);
      const answer =
        known === undefined
          ? await this.#askFirst(sql, bound, isScript)
          : await this.#askKnown(sql, bound, known);
      await this.#note(sql, answer.result);
      return answer;
    } catch (cause) {
      throw await this.#explain(cause, sql, isScript);
    }
  }

  async #askFirst(sql: string, bound: readonly unknown[], isScript: boolean): Promise<Answer> {
    return this.#askKnown(sql, bound, await this.#learn(sql, bound, isScript));
  }

  /** Finds out how a text runs that was never seen. */
  async #learn(sql: string, bound: readonly unknown[], isScript: boolean): Promise<Known> {
    if (!isWellFormed(sql)) throw invalidValue('the statement', 'its text holds half of a surrogate pair');
    const leavesTraces = mayChangeSession(sql);
    let known: Known = { how: 'text', parameters: 0, mayChangeSession: leavesTraces };
    const isShort = sql.length < MAX_KEPT_TEXT;
    if (!isScript && (bound.length > 0 || (isShort && isWorthPreparing(sql)))) {
      const prepared = await this.#prepare(sql, bound.length);
      if (prepared !== undefined) {
        const how = needsCare(prepared.columns) ? 'careful' : 'prepared';
        known = { how, parameters: prepared.parameters.length, mayChangeSession: leavesTraces };
      }
      // As many as the driver keeps, or twice; one that it has let go it prepares again by itself.
      if (this.#known.size >= 2 * MAX_STATEMENTS) this.#known.clear();
      if (isShort) this.#known.set(sql, known);
    }
    return known;
  }

  async #askKnown(sql: string, bound: readonly unknown[], known: Known): Promise<Answer> {
    if (known.parameters !== bound.length) {
      const reason = `the statement has ${known.parameters} placeholders, but ${bound.length} values are given`;
      throw error('QUERY_FAILED', { sql, reason });
    }
    if (known.mayChangeSession) this.#hasLeftTraces = true;
    if (known.how === 'text') return this.#send('query', { sql, ...CAREFUL });
    const statement = known.how === 'careful' ? { sql, values: bound, ...CAREFUL } : { sql, values: bound };
    try {
      return await this.#send('execute', statement);
    } catch (cause) {
      if (!PREPARE_AGAIN.has(errorNumber(cause) ?? 0)) throw cause;
      this.#letGo();
      return this.#send('execute', statement);
    }
  }

  /** Closes all prepared statements: one is stale, or all sessions together have more than the server has room for. */
  #letGo(): void {
    for (const sql of this.#known.keys()) this.#native.unprepare(sql);
    this.#known.clear();
  }

  /** Undefined where the server cannot prepare it, and there are no parameters that would need it. */
  async #prepare(sql: string, parameters: number): Promise<NativePrepared | undefined> {
    const prepare = (): Promise<NativePrepared> =>
      this.#answered<NativePrepared>((callback) => this.#native.prepare(sql, callback));
    try {
      return await prepare();
    } catch (cause) {
      const errno = errorNumber(cause) ?? 0;
      if (errno === NOT_PREPARABLE && parameters === 0) return undefined;
      if (!PREPARE_AGAIN.has(errno)) throw cause;
      this.#letGo();
      return prepare();
    }
  }

  #send(how: 'query' | 'execute', statement: NativeStatementOptions): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        this.#pending.delete(fail);
        reject(cause);
      };
      this.#pending.add(fail);
      const callback: NativeCallback = (cause, result, fields) => {
        if (cause) return fail(cause);
        this.#pending.delete(fail);
        resolve({ result: result as NativeResult, fields });
      };
      if (how === 'query') this.#native.query(statement, callback);
      else this.#native.execute(statement, callback);
    });
  }

  #answered<T>(call: (callback: (cause: Error | null, result?: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        this.#pending.delete(fail);
        reject(cause);
      };
      this.#pending.add(fail);
      call((cause, result) => {
        if (cause) return fail(cause);
        this.#pending.delete(fail);
        resolve(result as T);
      });
    });
  }

  async #reset(): Promise<void> {
    const { reset } = this.#native;
    // Older drivers cannot, so the connection is given up.
    if (typeof reset !== 'function') throw new Error('the driver cannot reset a connection');
    await this.#answered<void>((callback) => reset.call(this.#native, callback));
    this.#known.clear();
  }

  /** Keeps up with the transaction: an answer without rows says whether one is open. */
  async #note(sql: string, result: NativeResult): Promise<void> {
    const ok = lastOk(result);
    if (ok !== undefined) this.#inTransaction = (ok.serverStatus & IN_TRANSACTION) !== 0;
    if (this.#inTransaction) this.#describesNext = false;
    else if (describesNextTransaction(sql)) this.#describesNext = true;
    if (sql === READS_ONLY) this.#readsOnly = true;
    else if (sql === WRITES_AGAIN) this.#readsOnly = false;
    // ANALYZE TABLE and its kin return rows and commit.
    else if (ok === undefined && !keepsTransaction(sql)) await this.#askStatus();
  }

  async #askStatus(): Promise<void> {
    const { result } = await this.#send('query', { sql: 'DO 0' });
    const ok = lastOk(result);
    if (ok !== undefined) this.#inTransaction = (ok.serverStatus & IN_TRANSACTION) !== 0;
  }

  /** An error says nothing of the transaction, which it may have ended: the server is asked. */
  async #explain(cause: unknown, sql: string, isScript: boolean): Promise<LimbeckError> {
    if (this.#state !== 'open') return this.#goneError(cause);
    if (isLost(cause)) {
      this.#lose(cause as Error);
      return this.#goneError(cause);
    }
    const place = { sql, database: this.#facts.name };
    // Not the server's: nothing was sent.
    if (errorNumber(cause) === undefined) return translateMysqlError(cause, place);
    try {
      if (this.#inTransaction || isScript || !keepsTransaction(sql)) await this.#askStatus();
      return translateMysqlError(cause, { ...place, key: await this.#duplicateKey(cause, sql) });
    } catch {
      return translateMysqlError(cause, place);
    }
  }

  async #duplicateKey(cause: unknown, sql: string): ReturnType<typeof findUniqueKey> {
    const name = duplicateKeyName(cause);
    if (name === undefined) return undefined;
    const ask = async (text: string, values: readonly string[]): Promise<NativeRows> => {
      const { result } = await this.#send('execute', { sql: text, values });
      return result as NativeRows;
    };
    return findUniqueKey(ask, name, sql);
  }

  #lose(cause: Error): void {
    if (this.#state !== 'open') return;
    this.#state = 'lost';
    this.#lostBy = cause;
    this.#inTransaction = false;
    for (const reject of [...this.#pending]) reject(cause);
    this.#native.destroy();
    this.#native.stream?.destroy?.();
    this.onLost?.();
  }

  #goneError(cause?: unknown): LimbeckError {
    const { name: database } = this.#facts;
    if (this.#state === 'closed') return error('CONNECTION_CLOSED', { database }, { cause });
    const reason = this.#lostBy?.message ?? 'the server closed the connection';
    return error('CONNECTION_LOST', { database, reason }, { cause: cause ?? this.#lostBy });
  }
}

/** Resolves when the socket is closed; a server that does not hang up is not waited for. */
function streamClosed({ stream }: NativeConnection): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 500);
    timer.unref?.();
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (stream?.once === undefined) done();
    else stream.once('close', done);
  });
}

const nothing = (): void => {};

/** How rows are read that the driver would take apart, or not read at all. */
const CAREFUL = {
  disableEval: true,
  typeCast: (value: NativeValue, next: () => unknown): unknown =>
    value.type === 'GEOMETRY' || value.type === 'VECTOR' ? value.buffer() : next(),
};
