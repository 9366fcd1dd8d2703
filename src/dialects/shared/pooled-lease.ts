/** A lease of a pool: whoever releases it twice has given the connection back once. */

import type { Connection, Lease } from '../contract.js';

export class PooledLease<C extends Connection> implements Lease {
  readonly connection: C;
  #giveBack: ((connection: C) => void) | undefined;

  constructor(connection: C, giveBack: (connection: C) => void) {
    this.connection = connection;
    this.#giveBack = giveBack;
  }

  release(): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.(this.connection);
  }
}
