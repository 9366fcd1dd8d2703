/**
 * Copies of a database that answer reads, in turn. One that cannot be reached is passed over for a while, which
 * grows with each failure, and a read that was under way on it is done elsewhere: it has changed nothing.
 */

import { isLimbeckError } from '../base/errors.js';
import type { Database, Lease } from '../dialects/contract.js';
import type { LogEntry } from './log-entry.js';

/** Where reads outside transactions go. */
export type ReadPlace = 'primary' | 'replica';

/** One copy, and how to open it. */
export interface ReplicaSource {
  /** For people; never a password. */
  readonly name: string;
  open(): Promise<Database>;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** A database that is not there, as opposed to a statement that is wrong. */
const GONE: ReadonlySet<string> = new Set([
  'CONNECTION_LOST',
  'CONNECTION_FAILED',
  'DATABASE_MISSING',
  'DATABASE_BUSY',
]);

/** The copies of one database. */
export class Replicas {
  readonly #replicas: readonly Replica[];
  readonly #tell: (entry: LogEntry) => void;
  #next = 0;

  constructor(sources: readonly ReplicaSource[], tell: (entry: LogEntry) => void) {
    this.#replicas = sources.map((source) => new Replica(source));
    this.#tell = tell;
  }

  /** Opens them all; one that is not there is passed over. @throws what no waiting cures: URL_INVALID, DRIVER_MISSING */
  async open(): Promise<void> {
    try {
      await Promise.all(
        this.#replicas.map((replica) => replica.database().catch((cause) => this.#passOver(replica, cause))),
      );
    } catch (cause) {
      await this.close();
      throw cause;
    }
  }

  /** Reads from the next one that is there, or else where `otherwise` does. */
  async read<R>(use: (lease: Lease) => Promise<R>, otherwise: () => Promise<R>): Promise<R> {
    const first = this.#next++;
    for (let i = 0; i < this.#replicas.length; i++) {
      const replica = this.#replicas[(first + i) % this.#replicas.length] as Replica;
      if (replica.isPassedOver) continue;
      try {
        const database = await replica.database();
        const result = await use(database.tryAcquire?.('read') ?? (await database.acquire('read')));
        replica.succeed();
        return result;
      } catch (cause) {
        this.#passOver(replica, cause);
      }
    }
    return otherwise();
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.close()));
  }

  #passOver(replica: Replica, cause: unknown): void {
    if (!isLimbeckError(cause) || !GONE.has(cause.code) || replica.isClosed) throw cause;
    const pauseMs = replica.fail();
    const [reason] = cause.message.split('\n', 1);
    const message = `The replica ${replica.name} is passed over for ${pauseMs / 1000} s: ${reason}`;
    this.#tell({ kind: 'warning', message, error: cause });
  }
}

class Replica {
  readonly #source: ReplicaSource;
  #database: Promise<Database> | undefined;
  #pauseMs = 0;
  #until = 0;
  #closed = false;

  constructor(source: ReplicaSource) {
    this.#source = source;
  }

  get name(): string {
    return this.#source.name;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get isPassedOver(): boolean {
    return this.#until > 0 && performance.now() < this.#until;
  }

  /** Opened when it is first needed, and again when that has failed. */
  database(): Promise<Database> {
    this.#database ??= this.#source.open().catch((cause) => {
      this.#database = undefined;
      throw cause;
    });
    return this.#database;
  }

  succeed(): void {
    this.#pauseMs = 0;
    this.#until = 0;
  }

  /** @returns how long it is passed over now */
  fail(): number {
    // Several reads that fail at once are one failure.
    if (!this.isPassedOver) {
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2 || FIRST_PAUSE_MS);
      this.#until = performance.now() + this.#pauseMs;
    }
    return this.#pauseMs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const database = await this.#database?.catch(() => undefined);
    await database?.close();
  }
}
