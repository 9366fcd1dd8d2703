/** Making a connection, with every way in which that fails told in one line. */

import { readFileSync } from 'node:fs';
import { error } from '../../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../../base/errors.js';
import { type ConnectionPlace, PostgresConnection } from './driver.js';
import { loadNative, type NativeClient, type NativeOptions, type NativeSsl } from './native.js';
import { reasonOf, serverError } from './server-error.js';
import { applicationName, sessionSetup } from './session.js';
import type { PostgresLocation, SslMode } from './url.js';

/** libpq would wait for as long as the operating system does, which is minutes. */
const CONNECT_LIMIT_MS = 15_000;

/**
 * A connection with its session set up.
 *
 * @param searchPath the server's default when absent
 * @throws DRIVER_MISSING · DATABASE_MISSING · CONNECTION_FAILED
 */
export async function connect(
  location: PostgresLocation,
  place: ConnectionPlace,
  searchPath?: string,
): Promise<PostgresConnection> {
  const client = await connectClient(location, place.name);
  const connection = new PostgresConnection(client, place);
  try {
    await connection.refresh(sessionSetup(searchPath));
  } catch (cause) {
    await connection.close();
    throw connectionError(cause, location, place.name);
  }
  return connection;
}

/** Tries TLS and plain text in the order that libpq's `sslmode` means. */
async function connectClient(location: PostgresLocation, name: string): Promise<NativeClient> {
  const attempts = sslAttempts(location, name);
  for (;;) {
    const ssl = attempts.shift();
    const started = performance.now();
    try {
      return await attempt(location, ssl);
    } catch (cause) {
      // A server without TLS says so in words of the driver's; whatever has a code is another matter.
      if (attempts.length > 0 && (codeOf(cause) === undefined || serverError(cause)?.code === '28000'))
        continue;
      throw connectionError(cause, location, name, performance.now() - started);
    }
  }
}

async function attempt(
  location: PostgresLocation,
  ssl: NativeSsl | false | undefined,
): Promise<NativeClient> {
  const Client = loadNative();
  const client = new Client(clientOptions(location, ssl));
  // Without a listener an error between two statements would end the process.
  client.on('error', () => {});
  let isAsked = false;
  for (const event of PASSWORD_EVENTS) {
    client.connection.on(event, () => {
      isAsked = true;
    });
  }
  try {
    await client.connect();
  } catch (cause) {
    client.connection.stream.destroy();
    const hasNone = location.password === undefined && !process.env.PGPASSWORD;
    const code = serverError(cause)?.code;
    if (isAsked && hasNone && (code === undefined || code === '28P01')) throw new PasswordMissing(cause);
    throw cause;
  }
  return client;
}

const PASSWORD_EVENTS = [
  'authenticationSASL',
  'authenticationMD5Password',
  'authenticationCleartextPassword',
] as const;

/** The driver says only what it could not compute with. */
class PasswordMissing extends Error {
  constructor(cause: unknown) {
    super('the server asks for a password, and the URL gives none', { cause });
  }
}

function clientOptions(location: PostgresLocation, ssl: NativeSsl | false | undefined): NativeOptions {
  const { host, port, user, password, database, options } = location;
  return {
    host,
    port,
    user,
    password,
    database,
    ssl,
    options,
    enableChannelBinding: location.channelBinding,
    application_name: location.applicationName ?? applicationName(),
    connectionTimeoutMillis: location.connectTimeoutMs ?? CONNECT_LIMIT_MS,
    // A firewall between forgets connections that are silent for long.
    keepAlive: true,
  };
}

/** Undefined leaves it to the driver, which asks PGSSLMODE. */
function sslAttempts(location: PostgresLocation, name: string): (NativeSsl | false | undefined)[] {
  const { sslMode } = location;
  if (sslMode === undefined) return [undefined];
  if (sslMode === 'disable') return [false];
  const ssl = sslOptions(location, sslMode, name);
  if (sslMode === 'prefer') return [ssl, false];
  return sslMode === 'allow' ? [false, ssl] : [ssl];
}

function sslOptions(location: PostgresLocation, mode: SslMode, name: string): NativeSsl {
  const { sslRootCert, sslCert, sslKey } = location;
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw failed(name, `the certificate cannot be read (${(cause as Error).message})`, cause);
    }
  };
  // "If a root CA file exists, the behavior of sslmode=require will be the same as that of verify-ca" (34.19.1).
  const checksAuthority = mode.startsWith('verify') || (mode === 'require' && sslRootCert !== undefined);
  return {
    // Old versions of the driver would compare the certificate of an address with 'localhost'.
    host: location.host ?? 'localhost',
    rejectUnauthorized: checksAuthority,
    ...(sslRootCert === undefined ? {} : { ca: read(sslRootCert) }),
    ...(sslCert === undefined ? {} : { cert: read(sslCert) }),
    ...(sslKey === undefined ? {} : { key: read(sslKey) }),
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

function codeOf(cause: unknown): string | undefined {
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function failed(database: string, reason: string, cause: unknown): LimbeckError {
  return error('CONNECTION_FAILED', { database, reason }, { cause });
}

function connectionError(
  cause: unknown,
  location: PostgresLocation,
  name: string,
  elapsedMs = 0,
): LimbeckError {
  if (isLimbeckError(cause) && !(cause.code === 'QUERY_FAILED' || cause.code === 'CONNECTION_LOST'))
    return cause;
  if (serverError(cause)?.code === '3D000') {
    return error('DATABASE_MISSING', { database: name, isOnServer: true }, { cause });
  }
  return failed(name, connectionProblem(cause, location, elapsedMs), cause);
}

function connectionProblem(cause: unknown, location: PostgresLocation, elapsedMs: number): string {
  const { host = 'localhost', port = 5432 } = location;
  const place = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`;
  const code = codeOf(cause);
  switch (code) {
    case 'ECONNREFUSED':
      return `no server listens on ${place}`;
    case 'ENOENT':
      return `there is no socket ${place}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host '${host}' is not known`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `the host '${host}' cannot be reached (${code})`;
  }
  const reason = reasonOf(cause);
  if (code !== undefined) return reason;
  const limitMs = location.connectTimeoutMs ?? CONNECT_LIMIT_MS;
  if (limitMs > 0 && elapsedMs >= limitMs) return `${place} gave no answer within ${limitMs / 1000} s`;
  return reason;
}
