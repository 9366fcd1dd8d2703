/**
 * The door to better-sqlite3: loaded when a database is first opened, described here by what we use of it,
 * so that our types need no package that a user has not installed.
 */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';

/** A prepared statement of better-sqlite3. */
export interface NativeStatement {
  /** Whether it returns rows. */
  readonly reader: boolean;
  /** Whether it leaves the database as it is. */
  readonly readonly: boolean;
  all(params: readonly unknown[]): unknown[];
  iterate(params: readonly unknown[]): Iterator<unknown> & { return(): unknown };
  run(params: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint };
  raw(on: boolean): this;
  safeIntegers(on: boolean): this;
  columns(): { name: string }[];
}

/** A connection of better-sqlite3. */
export interface NativeDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  readonly readonly: boolean;
  prepare(sql: string): NativeStatement;
  exec(sql: string): unknown;
  /** A function of ours that SQL may call. */
  function(
    name: string,
    options: { readonly deterministic: boolean; readonly directOnly: boolean },
    body: (...args: unknown[]) => unknown,
  ): unknown;
  serialize(): Buffer;
  close(): unknown;
}

export interface NativeOptions {
  readonly readonly?: boolean;
  readonly fileMustExist?: boolean;
  readonly timeout?: number;
}

export type NativeConstructor = new (path: string | Buffer, options: NativeOptions) => NativeDatabase;

const PACKAGE = 'better-sqlite3';

/** Loads the driver. @throws DRIVER_MISSING with the install line · DRIVER_BROKEN where it does not load */
export function loadNative(): NativeConstructor {
  try {
    return require(PACKAGE) as NativeConstructor;
  } catch (cause) {
    throw driverError(cause);
  }
}

/** The error for a driver that is missing, or there but built for another Node. */
export function driverError(cause: unknown): LimbeckError {
  const { code, message = String(cause) } = cause as { code?: string; message?: string };
  if (code === 'MODULE_NOT_FOUND' && message.includes(`'${PACKAGE}'`)) {
    return error('DRIVER_MISSING', { package: PACKAGE, purpose: 'SQLite' }, { cause });
  }
  return error('DRIVER_BROKEN', { package: PACKAGE, reason: message.split('\n')[0] ?? message }, { cause });
}

/** Whether opening failed because the driver's binary is missing or made for another Node. */
export function isDriverBroken(cause: unknown): boolean {
  const { code, message } = cause as { code?: string; message?: string };
  return code === 'ERR_DLOPEN_FAILED' || (message ?? '').startsWith('Could not locate the bindings file');
}
