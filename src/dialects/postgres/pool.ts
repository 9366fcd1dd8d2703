/**
 * Who may use which connection: a few of them, handed on first in, first out, opened when they are needed. A lease
 * is its holder's alone until given back; what its holder left in the session is cleared away before the next.
 */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';
import { WaitingLine } from '../shared/waiting-line.js';
import type { PostgresConnection } from './driver.js';

export interface PoolOptions {
  /** The database's name for people. */
  readonly name: string;
  /** Most connections at once. */
  readonly limit: number;
  /** How long somebody waits for a connection. */
  readonly waitMs: number | undefined;
  readonly open: () => Promise<PostgresConnection>;
  /** The statements that make a session new. */
  readonly resetScript: string;
}

/** Connections of one database. */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #all = new Set<PostgresConnection>();
  readonly #idle: PostgresConnection[] = [];
  readonly #waiters: WaitingLine<PostgresConnection>;
  /** Connections being opened, and those being cleared for the next holder. */
  readonly #pending = new Set<Promise<void>>();
  readonly #interrupted: number[] = [];
  #opening = 0;
  #paused = false;
  #onIdle: (() => void) | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { name: database, waitMs: limitMs } = options;
    const held = (): number => this.#all.size - this.#idle.length;
    this.#waiters = new WaitingLine({ database, held, limitMs });
  }

  /** Takes in a connection that was made already. */
  adopt(connection: PostgresConnection): void {
    this.#all.add(connection);
    this.#handOn(connection);
  }

  /** A connection where one is idle and nobody waits for it. @throws CONNECTION_CLOSED */
  tryTake(): PostgresConnection | undefined {
    if (this.#closed) throw this.closedError();
    if (this.#paused || this.#waiters.length > 0) return undefined;
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (connection.isBroken) {
        this.#all.delete(connection);
        continue;
      }
      connection.keepAlive(true);
      return connection;
    }
  }

  /**
   * A connection as soon as one is to be had.
   *
   * @throws CONNECTION_CLOSED, also when closed while waiting · POOL_TIMEOUT · CONNECTION_FAILED where none can be opened
   */
  async take(): Promise<PostgresConnection> {
    const connection = this.tryTake();
    if (connection !== undefined) return connection;
    const turn = this.#waiters.wait(undefined);
    this.#grow();
    return turn;
  }

  /** One for a question in between, without waiting behind others: idle, or one more. */
  async takeSpare(): Promise<PostgresConnection | undefined> {
    if (this.#closed) return undefined;
    const idle = this.tryTake();
    if (idle !== undefined || this.#paused || this.#waiters.length > 0 || !this.#hasRoom) return idle;
    return this.take();
  }

  /** Takes a connection back, as its holder left it. */
  giveBack(connection: PostgresConnection): void {
    if (this.#closed || connection.isBroken) {
      this.#drop(connection);
      return;
    }
    if (!connection.inTransaction && !connection.isDirty && !connection.isBusy) this.#handOn(connection);
    else this.#track(this.#clear(connection));
  }

  /**
   * Ends a connection whatever it does, so that its holder's statement fails. The server learns of it only when it
   * has something to say, so its process is kept in mind.
   */
  async end(connection: PostgresConnection): Promise<void> {
    this.#interrupted.push(connection.processId);
    await connection.close();
    this.#drop(connection);
  }

  /** Processes of the server that may still do what was ended; told once. */
  takeInterrupted(): readonly number[] {
    return this.#interrupted.splice(0);
  }

  /** When what former holders have left is cleared away. */
  async quiet(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Runs work while no connection is open; who asks for one meanwhile waits. */
  async withoutConnections<R>(work: () => Promise<R>): Promise<R> {
    this.#paused = true;
    try {
      while (this.#idle.length < this.#all.size || this.#pending.size > 0) {
        await this.quiet();
        if (this.#idle.length < this.#all.size)
          await new Promise<void>((resolve) => (this.#onIdle = resolve));
      }
      this.#idle.length = 0;
      const all = [...this.#all];
      this.#all.clear();
      await Promise.all(all.map((connection) => connection.close()));
      return await work();
    } finally {
      this.#paused = false;
      this.#grow();
    }
  }

  /** Closes every connection, those in use too, and turns away who waits. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.turnAway(this.closedError());
    await Promise.all([...this.#all].map((connection) => connection.close()));
    await Promise.all(this.#pending);
    await Promise.all([...this.#all].map((connection) => connection.close()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  closedError(): LimbeckError {
    return error('CONNECTION_CLOSED', { database: this.#options.name });
  }

  get #hasRoom(): boolean {
    return this.#all.size + this.#opening < this.#options.limit;
  }

  #grow(): void {
    if (this.#closed || this.#paused) return;
    while (this.#opening < this.#waiters.length && this.#hasRoom) {
      this.#opening += 1;
      this.#track(this.#openOne());
    }
  }

  async #openOne(): Promise<void> {
    try {
      const connection = await this.#options.open();
      this.#all.add(connection);
      this.#opening -= 1;
      if (this.#closed) await connection.close();
      else this.#handOn(connection);
    } catch (cause) {
      this.#opening -= 1;
      // Others still have connections, one of which will come back: where the server has no more, that is waited for.
      if (this.#all.size > 0 && isTooMany(cause)) return;
      this.#waiters.shift()?.reject(cause);
      // Those behind are told as well, each by an attempt of its own, or served when the server is back.
      this.#grow();
    }
  }

  /** What was left open is undone, and the session set up anew, before anybody else has it. */
  async #clear(connection: PostgresConnection): Promise<void> {
    try {
      if (connection.isDirty) await connection.refresh(this.#options.resetScript);
      // Behind statements that nobody awaited.
      else await connection.script('ROLLBACK');
    } catch {
      await connection.close();
    }
    if (connection.isBroken || this.#closed) this.#drop(connection);
    else if (connection.inTransaction || connection.isDirty) await this.#clear(connection);
    else this.#handOn(connection);
  }

  #handOn(connection: PostgresConnection): void {
    const waiter = this.#paused ? undefined : this.#waiters.shift();
    if (waiter !== undefined) {
      connection.keepAlive(true);
      waiter.resolve(connection);
      return;
    }
    this.#idle.push(connection);
    // Who forgets to close a database shall not keep the process alive.
    connection.keepAlive(false);
    this.#onIdle?.();
  }

  #drop(connection: PostgresConnection): void {
    this.#all.delete(connection);
    const place = this.#idle.indexOf(connection);
    if (place >= 0) this.#idle.splice(place, 1);
    this.#onIdle?.();
    this.#grow();
  }

  #track(work: Promise<void>): void {
    this.#pending.add(work);
    work.finally(() => this.#pending.delete(work));
  }
}

/** The server has no connection to spare (53300), not even for us alone. */
function isTooMany(cause: unknown): boolean {
  return (cause as { cause?: { code?: unknown } } | undefined)?.cause?.code === '53300';
}
