/**
 * The door to mysql2: loaded when a database is first opened, described here by what we use of it, so that our
 * types need no package that a user has not installed. Its options are written out here and nowhere taken from
 * outside: its worst holes (CVE-2024-21508, -21509, -21511, -21512) were options and names that became code.
 */

import { readFileSync } from 'node:fs';
import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';
import type { MysqlLocation } from './url.js';

/** What a statement without rows says ("OK_Packet"). */
export interface NativeOk {
  readonly affectedRows: number | string;
  readonly insertId: number | string;
  readonly serverStatus: number;
}

/** A column of a result. */
export interface NativeField {
  readonly name: string;
  readonly columnType: number;
  readonly flags: number;
  readonly decimals: number;
  readonly characterSet: number;
}

export type NativeRows = readonly (readonly unknown[])[];
/** Of several statements, or of CALL, one of these after the other. */
export type NativeResult = NativeOk | NativeRows | readonly (NativeOk | NativeRows)[];
export type NativeFields =
  | readonly NativeField[]
  | readonly (readonly NativeField[] | undefined)[]
  | undefined;

export type NativeCallback = (cause: Error | null, result?: NativeResult, fields?: NativeFields) => void;

/** What `typeCast` is asked with. */
export interface NativeValue {
  readonly type: string;
  buffer(): Buffer | null;
}

export interface NativeStatementOptions {
  readonly sql: string;
  readonly values?: readonly unknown[];
  readonly typeCast?: (value: NativeValue, next: () => unknown) => unknown;
  /** Reads rows without generated code. */
  readonly disableEval?: boolean;
}

export interface NativePrepared {
  readonly columns: readonly NativeField[];
  readonly parameters: readonly unknown[];
}

/** A stream of rows, in the words of Node's `stream.Readable`. */
export interface NativeReadable {
  read(): unknown;
  on(event: 'readable' | 'end', listener: () => void): unknown;
  on(event: 'fields', listener: (fields: unknown) => void): unknown;
  on(event: 'error', listener: (cause: unknown) => void): unknown;
}

/** A statement whose rows nobody has asked to have all at once. */
export interface NativeCommand {
  stream(options: { readonly highWaterMark: number }): NativeReadable;
}

/** A connection of mysql2, in its callback form, which makes no promises of its own. */
export interface NativeConnection {
  readonly threadId: number | null;
  query(options: NativeStatementOptions, callback?: NativeCallback): NativeCommand;
  execute(options: NativeStatementOptions, callback?: NativeCallback): NativeCommand;
  prepare(sql: string, callback: (cause: Error | null, statement?: NativePrepared) => void): unknown;
  unprepare(sql: string): unknown;
  reset(callback: (cause: Error | null) => void): unknown;
  connect(callback: (cause: Error | null) => void): void;
  end(callback: () => void): unknown;
  destroy(): void;
  on(event: 'error', listener: (cause: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  readonly stream?: {
    destroy?(): void;
    once?(event: 'close', listener: () => void): void;
    ref?(): void;
    unref?(): void;
  };
}

interface NativeModule {
  createConnection(options: object): NativeConnection;
  /** From 3.17 on: a parameter whose type is said. */
  readonly TypedParameter?: { readonly LONGLONG?: (value: bigint) => unknown };
}

const PACKAGE = 'mysql2';
/** The first release without the holes named above. */
const SAFE_VERSION = [3, 9, 8] as const;

let checked = false;

/** Loads the driver. @throws DRIVER_MISSING with the install line · DRIVER_BROKEN where it does not load */
function loadNative(): NativeModule {
  try {
    const native = require(PACKAGE) as NativeModule;
    if (!checked) refuseUnsafe();
    return native;
  } catch (cause) {
    throw driverError(cause);
  }
}

function refuseUnsafe(): void {
  const manifest = JSON.parse(readFileSync(require.resolve(`${PACKAGE}/package.json`), 'utf8')) as object;
  const version = String((manifest as { version?: unknown }).version);
  const numbers = version.split('.', 3).map(Number);
  const difference =
    SAFE_VERSION.map((least, i) => (numbers[i] ?? 0) - least).find((each) => each !== 0) ?? 0;
  if (difference < 0) {
    throw new Error(`version ${version} lets a server run code (CVE-2024-21508); 3.9.8 or newer is needed`);
  }
  checked = true;
}

function driverError(cause: unknown): LimbeckError {
  const { code, message = String(cause) } = cause as { code?: string; message?: string };
  if (code === 'MODULE_NOT_FOUND' && message.includes(`'${PACKAGE}'`)) {
    return error('DRIVER_MISSING', { package: PACKAGE, purpose: 'MySQL and MariaDB' }, { cause });
  }
  return error('DRIVER_BROKEN', { package: PACKAGE, reason: message.split('\n')[0] ?? message }, { cause });
}

/** Whether several statements may come in one text; nothing that a user wrote ever runs on such a connection. */
export interface NativeOptions {
  readonly tls: boolean;
  readonly multipleStatements?: boolean;
}

/**
 * Connects.
 *
 * Rows come as arrays; integers as numbers where these are exact and as text otherwise; decimals, dates, times
 * and JSON as text.
 */
export function connectNative(location: MysqlLocation, options: NativeOptions): Promise<NativeConnection> {
  const native = loadNative();
  const { host, port, socketPath, user, password, database, connectTimeoutMs } = location;
  const ssl = options.tls ? tlsOptions(location) : undefined;
  return new Promise((resolve, reject) => {
    const connection = native.createConnection({
      ...(socketPath === undefined ? { host, port } : { socketPath }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(database !== undefined && { database }),
      ...(ssl !== undefined && { ssl }),
      connectTimeout: connectTimeoutMs,
      charset: 'utf8mb4',
      rowsAsArray: true,
      supportBigNumbers: true,
      bigNumberStrings: false,
      decimalNumbers: false,
      dateStrings: true,
      jsonStrings: true,
      typeCast: true,
      multipleStatements: options.multipleStatements === true,
      namedPlaceholders: false,
      maxPreparedStatements: MAX_STATEMENTS,
      // FOUND_ROWS is on by default: an UPDATE that changes nothing has matched its row all the same. A server
      // that asks for a file of ours gets none.
      flags: ['-LOCAL_FILES', '-IGNORE_SPACE', '-ODBC'],
    });
    // Without a listener an idle connection that breaks would end the process; the pool adds its own.
    connection.on('error', () => {});
    connection.connect((cause) => {
      if (cause === null || cause === undefined) resolve(connection);
      else {
        connection.destroy();
        reject(cause);
      }
    });
  });
}

/** Statements kept a connection; the server has room for 16,382 in all ("max_prepared_stmt_count"). */
export const MAX_STATEMENTS = 250;

function tlsOptions({ tls, tlsFiles }: MysqlLocation): object {
  const file = (path: string | undefined): Buffer | undefined => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (cause) {
      throw error('URL_INVALID', { problem: `the file ${path} cannot be read` }, { cause });
    }
  };
  const [ca, cert, key] = [file(tlsFiles.ca), file(tlsFiles.cert), file(tlsFiles.key)];
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: tls === 'verify-ca' || tls === 'verify-identity',
    verifyIdentity: tls === 'verify-identity',
  };
}

/**
 * A whole number as a parameter. Said to be an integer where the driver can say so: as a double it would make
 * `LIMIT ?` fail and `5 / ?` inexact; as text it comes close, for servers turn text into a number where a number
 * is wanted.
 */
export function integerParameter(value: bigint): unknown {
  const typed = loadNative().TypedParameter?.LONGLONG;
  return typed === undefined ? String(value) : typed(value);
}
