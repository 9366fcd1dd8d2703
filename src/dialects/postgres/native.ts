/**
 * The door to `pg`: loaded when a database is first opened, described here by what we use of it, so that our
 * types need no package that a user has not installed.
 *
 * We hand it messages of our own (`NativeExchange`, as pg-cursor does) and read the text that the server sends:
 * so no setting of `pg.types`, which is global to a process, changes what we see.
 */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';

/** The writing end of a connection: the messages of the extended protocol (54.2.3). */
export interface NativeWire {
  readonly stream: { cork?(): void; uncork?(): void; destroy(): void };
  parse(message: { text: string; name: string; types: readonly number[] }): void;
  bind(message: { statement: string; values: readonly NativeParameter[] }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: Record<string, never>): void;
  close(message: { type: 'S'; name: string }): void;
  sync(): void;
  query(text: string): void;
  sendCopyFail(reason: string): void;
  on(event: 'readyForQuery', listener: (message: { readonly status: string }) => void): unknown;
  on(event: 'parseComplete' | `authentication${string}`, listener: () => void): unknown;
}

/** Text goes as text, bytes go as bytes. */
export type NativeParameter = string | Buffer | null;

export interface NativeField {
  readonly name: string;
  /** The type's OID; of a domain, that of the type below it. */
  readonly dataTypeID: number;
}

/** What a client calls while the server answers. */
export interface NativeExchange {
  submit(wire: NativeWire): Error | null;
  handleRowDescription(message: { readonly fields: readonly NativeField[] }): void;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleEmptyQuery(): void;
  handlePortalSuspended(): void;
  handleCopyInResponse(wire: NativeWire): void;
  handleCopyData(): void;
  handleReadyForQuery(): void;
  handleError(cause: unknown): void;
}

/** A client of `pg`. */
export interface NativeClient {
  readonly connection: NativeWire;
  /** Of the server's process, from when it is connected. */
  readonly processID: number;
  connect(): Promise<unknown>;
  query(exchange: NativeExchange): unknown;
  end(): Promise<void>;
  on(event: 'error', listener: (cause: unknown) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  ref?(): void;
  unref?(): void;
}

/** TLS, in the words of Node's `tls`. */
export interface NativeSsl {
  readonly host: string;
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly checkServerIdentity?: () => undefined;
}

export interface NativeOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database: string;
  readonly ssl?: NativeSsl | false | undefined;
  readonly enableChannelBinding: boolean;
  readonly application_name: string;
  readonly options?: string | undefined;
  readonly connectionTimeoutMillis: number;
  readonly keepAlive: boolean;
}

export type NativeConstructor = new (options: NativeOptions) => NativeClient;

const PACKAGE = 'pg';

/** Loads the driver. @throws DRIVER_MISSING with the install line · DRIVER_BROKEN where it does not load */
export function loadNative(): NativeConstructor {
  try {
    return (require(PACKAGE) as { readonly Client: NativeConstructor }).Client;
  } catch (cause) {
    throw driverError(cause);
  }
}

function driverError(cause: unknown): LimbeckError {
  const { code, message = String(cause) } = cause as { code?: string; message?: string };
  if (code === 'MODULE_NOT_FOUND' && message.includes(`'${PACKAGE}'`)) {
    return error('DRIVER_MISSING', { package: PACKAGE, purpose: 'PostgreSQL' }, { cause });
  }
  return error('DRIVER_BROKEN', { package: PACKAGE, reason: message.split('\n')[0] ?? message }, { cause });
}
