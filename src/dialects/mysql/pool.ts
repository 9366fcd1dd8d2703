/**
 * The connections of one server: handed on first in, first out, opened when needed, tidied up before the next
 * holder gets one, and let go when they break. A lease is its holder's alone until given back.
 */

import { error } from '../../base/error-codes.js';
import type { Lease } from '../contract.js';
import { PooledLease } from '../shared/pooled-lease.js';
import { WaitingLine } from '../shared/waiting-line.js';
import type { MysqlConnection } from './driver.js';
import { isCrowded } from './errors.js';

export interface PoolLimits {
  /** Most connections at once. */
  readonly connections: number;
  /** How long somebody waits for one. */
  readonly waitMs: number | undefined;
}

/** How a pool comes by its connections. */
export interface PoolSource {
  open(): Promise<MysqlConnection>;
  /** Leaves a connection as it came. @returns whether it can be used again */
  tidy(connection: MysqlConnection): Promise<boolean>;
}

export class ConnectionPool {
  readonly #source: PoolSource;
  readonly limits: PoolLimits;
  readonly #name: string;
  readonly #all = new Set<MysqlConnection>();
  readonly #idle: MysqlConnection[] = [];
  readonly #leased = new Map<MysqlConnection, object>();
  readonly #waiters: WaitingLine<Lease, object>;
  /** Connections that are being opened or tidied up. */
  readonly #underWay = new Set<Promise<void>>();
  #opening = 0;
  #closed = false;

  /**
   * @param first connections that are open already
   * @param name the database's name for people
   */
  constructor(source: PoolSource, first: readonly MysqlConnection[], limits: PoolLimits, name: string) {
    this.#source = source;
    this.limits = limits;
    this.#name = name;
    const held = (): number => this.#leased.size;
    this.#waiters = new WaitingLine({ database: name, held, limitMs: limits.waitMs });
    for (const connection of first) {
      this.#adopt(connection);
      this.#rest(connection);
    }
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** A lease where one is to be had now and nobody waits for it. @throws CONNECTION_CLOSED */
  tryAcquire(owner: object): Lease | undefined {
    if (this.#closed) throw this.#closedError();
    if (this.#waiters.length > 0) return undefined;
    const connection = this.#idle.pop();
    return connection && this.#lend(connection, owner);
  }

  /**
   * A lease as soon as one is to be had.
   *
   * @param owner whose leases `evict` takes back
   * @throws CONNECTION_CLOSED, also when closed while waiting · POOL_TIMEOUT · CONNECTION_FAILED
   */
  async acquire(owner: object): Promise<Lease> {
    const lease = this.tryAcquire(owner);
    if (lease !== undefined) return lease;
    const turn = this.#waiters.wait(owner);
    this.#grow();
    return turn;
  }

  /** Ends what an owner still holds or waits for. @returns the server's numbers of its connections */
  evict(owner: object): number[] {
    this.#waiters.turnAway(this.#closedError(), owner);
    const ids: number[] = [];
    for (const [connection, holder] of [...this.#leased]) {
      if (holder !== owner) continue;
      if (connection.threadId !== undefined) ids.push(connection.threadId);
      this.#drop(connection);
      connection.destroy();
    }
    this.#grow();
    return ids;
  }

  /** Closes every connection, leased ones too, and turns away who waits. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#waiters.turnAway(this.#closedError());
      const idle = this.#idle.splice(0);
      for (const connection of this.#all) if (!idle.includes(connection)) connection.destroy();
      this.#leased.clear();
      this.#all.clear();
      this.#track(Promise.all(idle.map((connection) => connection.end())).then(() => {}));
    }
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #lend(connection: MysqlConnection, owner: object): Lease {
    this.#leased.set(connection, owner);
    connection.keepAlive(true);
    return new PooledLease(connection, this.#giveBack);
  }

  readonly #giveBack = (connection: MysqlConnection): void => {
    // Taken away from its holder meanwhile.
    if (!this.#leased.delete(connection)) return;
    if (!connection.isUsable) this.#forget(connection);
    else if (connection.needsTidying) this.#track(this.#tidyUp(connection));
    else this.#pass(connection);
  };

  async #tidyUp(connection: MysqlConnection): Promise<void> {
    const isFit = await this.#source.tidy(connection);
    if (this.#closed) return connection.destroy();
    if (isFit) this.#pass(connection);
    else {
      connection.destroy();
      this.#forget(connection);
    }
  }

  /** To who has waited longest, or to the others that lie idle. */
  #pass(connection: MysqlConnection): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#rest(connection);
    else waiter.resolve(this.#lend(connection, waiter.owner));
  }

  #rest(connection: MysqlConnection): void {
    this.#idle.push(connection);
    // Who forgets to close a database shall not keep the process alive.
    connection.keepAlive(false);
  }

  #forget(connection: MysqlConnection): void {
    this.#drop(connection);
    this.#grow();
  }

  #drop(connection: MysqlConnection): void {
    this.#all.delete(connection);
    this.#leased.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  /** Opens as many connections as are waited for and allowed. */
  #grow(): void {
    while (
      !this.#closed &&
      this.#opening < this.#waiters.length &&
      this.#all.size + this.#opening < this.limits.connections
    ) {
      this.#opening += 1;
      this.#track(this.#openOne());
    }
  }

  async #openOne(): Promise<void> {
    try {
      const connection = await this.#source.open();
      this.#opening -= 1;
      if (this.#closed) return await connection.end();
      this.#adopt(connection);
      this.#pass(connection);
    } catch (cause) {
      this.#opening -= 1;
      // A server that is full is there all the same: whoever waits gets a connection that others give back.
      if (isCrowded(cause) && this.#all.size > 0) return;
      this.#waiters.shift()?.reject(cause);
      this.#grow();
    }
  }

  #adopt(connection: MysqlConnection): void {
    this.#all.add(connection);
    connection.onLost = () => this.#forgetIdle(connection);
  }

  /** One that breaks while somebody holds it is let go when it is given back. */
  #forgetIdle(connection: MysqlConnection): void {
    if (!this.#leased.has(connection)) this.#forget(connection);
  }

  #track(work: Promise<void>): void {
    const settled = work.catch(() => {}).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  #closedError(): Error {
    return error('CONNECTION_CLOSED', { database: this.#name });
  }
}
