/** Who waits for a connection: served first in, first out, and sent away when it takes too long. */

import { error } from '../../base/error-codes.js';

/** How long somebody waits for a connection where nothing is said. */
const DEFAULT_LIMIT_MS = 60_000;
/** What a timer of Node's can count to; beyond it there is none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Waiter<T, O> {
  readonly owner: O;
  readonly timer: NodeJS.Timeout | undefined;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** What the error of somebody who has waited in vain tells. */
export interface LineFacts {
  /** The database's name for people. */
  readonly database: string;
  /** How many connections others hold now. */
  readonly held: () => number;
  /** Undefined where nothing is said. */
  readonly limitMs: number | undefined;
}

/** A line of those who wait for a `T`, each on behalf of an `O`. */
export class WaitingLine<T, O = undefined> {
  readonly #facts: LineFacts;
  readonly #limitMs: number;
  readonly #waiters = new Set<Waiter<T, O>>();

  constructor(facts: LineFacts) {
    this.#facts = facts;
    this.#limitMs = facts.limitMs ?? DEFAULT_LIMIT_MS;
  }

  get length(): number {
    return this.#waiters.size;
  }

  /** Takes a place at the end. @throws POOL_TIMEOUT */
  wait(owner: O): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T, O> = {
        owner,
        resolve,
        reject,
        timer: this.#timer(() => this.#sendAway(waiter)),
      };
      this.#waiters.add(waiter);
    });
  }

  /** Whose turn it is. */
  shift(): Waiter<T, O> | undefined {
    const [first] = this.#waiters;
    if (first !== undefined) this.#remove(first);
    return first;
  }

  /** Sends away all, or those of one owner. */
  turnAway(reason: unknown, owner?: O): void {
    for (const waiter of [...this.#waiters]) {
      if (owner !== undefined && waiter.owner !== owner) continue;
      this.#remove(waiter);
      waiter.reject(reason);
    }
  }

  #sendAway(waiter: Waiter<T, O>): void {
    const { database, held } = this.#facts;
    const waiting = this.#waiters.size;
    this.#remove(waiter);
    waiter.reject(error('POOL_TIMEOUT', { database, timeoutMs: this.#limitMs, held: held(), waiting }));
  }

  #remove(waiter: Waiter<T, O>): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
  }

  #timer(onEnd: () => void): NodeJS.Timeout | undefined {
    return this.#limitMs > LONGEST_TIMER_MS ? undefined : setTimeout(onEnd, this.#limitMs);
  }
}
