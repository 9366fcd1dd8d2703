/** What a connection takes and gives: the part of the contract of a dialect that statements go through. */

import type { LimbeckError } from '../base/errors.js';

/** A value, or a promise of it: an embedded database answers at once. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** What crosses the driver's border, both ways. */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array;

export type SqlRow = Record<string, SqlValue>;

export interface RunResult {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
  /** The key that the database generated last, where it says so; of a statement with many rows MySQL says the first. */
  readonly lastInsertId?: number | bigint;
  /** What lies between the keys of a statement with many rows, where `lastInsertId` is that of the first. */
  readonly insertIdStep?: number;
}

/** What is known of the placeholders of a statement. */
export interface StatementOptions {
  /** Each stands for a value that is stored in a column as it is, so that the column says its type. */
  readonly assigns?: boolean;
}

export interface QueryOptions extends StatementOptions {
  /** Every integer of the result comes as a `bigint`, exact; otherwise as a number. */
  readonly bigints?: boolean;
}

export interface RunOptions extends StatementOptions {
  /** How long to wait for a lock that another process holds, where waiting is right; 0 gives up at once. */
  readonly waitMs?: number;
}

export type OpenStream = (
  sql: string,
  params?: readonly unknown[],
  options?: QueryOptions,
) => MaybePromise<RowStream>;

/** Rows that are read bit by bit. */
export interface RowStream {
  /** The columns, known when rows have been read. */
  readonly names: readonly string[];
  /** The next rows as arrays; fewer than asked for at the end. */
  read(count: number): MaybePromise<SqlValue[][]>;
  /** Leaves the rest unread, and the connection free; twice is once. */
  close(): MaybePromise<void>;
}

/**
 * One connection. It throws `LimbeckError`s alone, prepares statements once per text, binds parameters always.
 */
export interface Connection {
  /** Rows as objects by column name. */
  query(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlRow[]>;
  /** Rows as arrays in the order of the select list. */
  queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlValue[][]>;
  /** A statement whose rows, if any, nobody wants. */
  run(sql: string, params?: readonly unknown[], options?: RunOptions): MaybePromise<RunResult>;
  /** Several statements at once, without parameters. */
  script(sql: string): MaybePromise<void>;
  /**
   * Rows of a query that are read as they are asked for. Until it is closed nothing else runs on the connection, so
   * it is for holders who have the connection alone; absent where a transaction has cursors instead.
   */
  readonly stream?: OpenStream | undefined;
  /** Whether a transaction is open on it, as the database itself says. */
  readonly inTransaction: boolean;
  /** Whether the rows of one INSERT get neighbouring keys now, of which `lastInsertId` is the last one's. */
  countsKeys?(table: string, column: string): boolean;
  /** Asks the server, over another connection, to give up the statement under way; at best, it then fails. */
  cancel?(): Promise<void>;
  /** Why it can be used no more, once it has broken or was closed. */
  readonly lostBy?: LimbeckError | undefined;
}
