/**
 * Who may use which connection: one writer, handed on first in, first out, and for files a few read-only
 * connections that WAL lets read beside it. A lease is its holder's alone until given back, so that nothing
 * from outside a transaction ever runs inside its BEGIN.
 */

import { error } from '../../base/error-codes.js';
import type { Lease } from '../contract.js';
import { PooledLease } from '../shared/pooled-lease.js';
import { WaitingLine } from '../shared/waiting-line.js';
import type { SqliteConnection } from './driver.js';

export interface QueueOptions {
  /** The database's name for people. */
  readonly name: string;
  /** How long somebody waits for a connection. */
  readonly limitMs: number | undefined;
  readonly growth?: Growth;
}

/** How a queue makes more connections when all are taken. */
export interface Growth {
  readonly open: () => SqliteConnection;
  /** Most connections at once. */
  readonly limit: number;
}

/** Hands out connections of one kind, in the order in which they were asked for. */
export class ConnectionQueue {
  readonly #all: SqliteConnection[];
  readonly #idle: SqliteConnection[];
  readonly #name: string;
  readonly #growth: Growth | undefined;
  readonly #waiters: WaitingLine<Lease>;
  #closed = false;

  constructor(connections: readonly SqliteConnection[], { name, limitMs, growth }: QueueOptions) {
    this.#all = [...connections];
    this.#idle = [...connections];
    this.#name = name;
    this.#growth = growth;
    const held = (): number => this.#all.length - this.#idle.length;
    this.#waiters = new WaitingLine({ database: name, held, limitMs });
  }

  /** A lease where one is to be had now and nobody waits for it. @throws CONNECTION_CLOSED */
  tryAcquire(): Lease | undefined {
    if (this.#closed) throw this.#closedError();
    if (this.#waiters.length > 0) return undefined;
    const connection = this.#idle.pop() ?? this.#openOneMore();
    return connection && new PooledLease(connection, this.#giveBack);
  }

  /** A lease as soon as one is to be had. @throws CONNECTION_CLOSED, also when closed while waiting · POOL_TIMEOUT */
  async acquire(): Promise<Lease> {
    return this.tryAcquire() ?? this.#waiters.wait(undefined);
  }

  /** Closes every connection, leased ones too, and turns away who waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiters.turnAway(this.#closedError());
    for (const connection of this.#all) connection.close();
  }

  #openOneMore(): SqliteConnection | undefined {
    if (this.#growth === undefined || this.#all.length >= this.#growth.limit) return undefined;
    const connection = this.#growth.open();
    this.#all.push(connection);
    return connection;
  }

  readonly #giveBack = (connection: SqliteConnection): void => {
    if (this.#closed) return;
    connection.abandonTransaction();
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#idle.push(connection);
    else waiter.resolve(new PooledLease(connection, this.#giveBack));
  };

  #closedError(): Error {
    return error('CONNECTION_CLOSED', { database: this.#name });
  }
}
