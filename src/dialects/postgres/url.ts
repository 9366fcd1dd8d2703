/**
 * PostgreSQL URLs: `postgres://user:password@host:port/database?option=…`, as libpq reads them (34.1.1.2
 * "Connection URIs"). What a URL says wrongly is named, and never by quoting it: it may hold a password.
 */

import { error } from '../../base/error-codes.js';

/** `require` and the stricter modes insist on TLS; `prefer` and `allow` take what they get. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Where a database is and who asks for it; what is undefined, the driver takes from libpq's environment variables. */
export interface PostgresLocation {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  readonly sslMode: SslMode | undefined;
  /** Files: the authorities to trust, and who we are. */
  readonly sslRootCert: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  readonly channelBinding: boolean;
  readonly applicationName: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  /** Command-line options for the server's session: `-c statement_timeout=5s`. */
  readonly options: string | undefined;
}

/** libpq's default would wait for as long as the operating system does, which is minutes. */
const DEFAULT_PORT = 5432;
const SSL_MODES: Readonly<Record<string, SslMode>> = {
  disable: 'disable',
  allow: 'allow',
  prefer: 'prefer',
  require: 'require',
  // The driver's own word for TLS without a look at the certificate.
  'no-verify': 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};
const OPTIONS = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'channel_binding',
  'application_name',
  'connect_timeout',
  'options',
];
const ESCAPES = 'in a user name or password / ? # @ : are written %2F %3F %23 %40 %3A';

function invalid(problem: string): Error {
  return error('URL_INVALID', { problem });
}

/**
 * Reads a PostgreSQL URL.
 *
 * @throws URL_INVALID
 */
export function parsePostgresUrl(url: string): PostgresLocation {
  const match =
    /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#[\s\S]*)?$/i.exec(url);
  if (match === null) throw invalid('it does not begin with postgres:// or postgresql://');
  const [, userinfo, authority = '', path, query, fragment] = match;
  if (fragment !== undefined) throw invalid(`it holds a #; ${ESCAPES}`);
  const options = readOptions(query ?? '');
  const { user, password } = readUser(userinfo);
  const { host, port } = readAuthority(authority);
  const database = options.get('dbname') ?? decoded(path ?? '', 'the database name');
  if (database === '') throw invalid('it names no database, as in postgres://localhost:5432/database');
  if (options.has('port') && port !== undefined) throw invalid('it gives the port twice');
  return {
    host: options.get('host') ?? host,
    port: options.has('port') ? readPort(options.get('port') as string) : port,
    user: options.get('user') ?? user,
    password: options.get('password') ?? password,
    database,
    sslMode: readSslMode(options.get('sslmode')),
    sslRootCert: options.get('sslrootcert'),
    sslCert: options.get('sslcert'),
    sslKey: options.get('sslkey'),
    channelBinding: readChannelBinding(options.get('channel_binding')),
    applicationName: options.get('application_name'),
    connectTimeoutMs: readTimeout(options.get('connect_timeout')),
    options: options.get('options'),
  };
}

function decoded(text: string, what: string): string {
  let value: string;
  try {
    value = decodeURIComponent(text);
  } catch {
    throw invalid(`${what} holds a % that is no percent-encoded character`);
  }
  if (value.includes('\0')) throw invalid(`${what} holds a NUL`);
  return value;
}

function readUser(userinfo: string | undefined): { user: string | undefined; password: string | undefined } {
  if (userinfo === undefined) return { user: undefined, password: undefined };
  const colon = userinfo.indexOf(':');
  const user = decoded(colon < 0 ? userinfo : userinfo.slice(0, colon), 'the user name');
  const password = colon < 0 ? undefined : decoded(userinfo.slice(colon + 1), 'the password');
  return { user: user === '' ? undefined : user, password: password === '' ? undefined : password };
}

/** `host:port`, `[::1]:port`, or a folder of sockets with its slashes percent-encoded. */
function readAuthority(authority: string): { host: string | undefined; port: number | undefined } {
  if (authority.includes(',')) throw invalid('it names several hosts; give one');
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(authority);
  if (match === null) {
    throw invalid(
      `its host and port cannot be told apart; an IPv6 address stands in brackets, and ${ESCAPES}`,
    );
  }
  const [, address, name = '', port] = match;
  const host = address ?? decoded(name, 'the host');
  return { host: host === '' ? undefined : host, port: port ? readPort(port) : undefined };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  // What stands there may be the end of a password with an unescaped slash.
  throw invalid(`its port is no number from 1 to 65535; ${ESCAPES}`);
}

/** Unknown options are refused: a mistyped `sslmode` must not turn TLS off without a word. */
function readOptions(query: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decoded(equals < 0 ? part : part.slice(0, equals), 'an option');
    if (!OPTIONS.includes(name)) {
      throw invalid(`it has an option that is none of ${OPTIONS.join(', ')}`);
    }
    if (equals < 0) throw invalid(`its option ${name} has no value`);
    if (options.has(name)) throw invalid(`it gives the option ${name} twice`);
    const value = decoded(part.slice(equals + 1), `the option ${name}`);
    if (value !== '') options.set(name, value);
  }
  return options;
}

function readSslMode(text: string | undefined): SslMode | undefined {
  if (text === undefined) return undefined;
  const mode = Object.hasOwn(SSL_MODES, text) ? SSL_MODES[text] : undefined;
  if (mode === undefined) throw invalid(`its sslmode is none of ${Object.keys(SSL_MODES).join(', ')}`);
  return mode;
}

function readChannelBinding(text: string | undefined): boolean {
  if (text === undefined || text === 'disable') return false;
  if (text === 'prefer' || text === 'require') return true;
  throw invalid('its channel_binding is none of disable, prefer, require');
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,7}$/.test(text)) throw invalid('its connect_timeout is no number of seconds');
  return Number(text) * 1000;
}

/** `host:port/database`, for people. Never throws and never holds a user's password. */
export function describePostgresUrl(url: string): string {
  try {
    const { host = 'localhost', port = DEFAULT_PORT, database } = parsePostgresUrl(url);
    if (host.startsWith('/')) return `${host}:${port}/${database}`;
    return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
  } catch {
    return 'PostgreSQL';
  }
}

/** The same URL with another database, everything else kept. */
export function withDatabase(url: string, database: string): string {
  const match = /^([^/]*\/\/[^/?#]*)(?:\/[^?#]*)?(\?[^#]*)?$/.exec(url);
  if (match === null) throw invalid('its parts cannot be told apart');
  const [, start, query = ''] = match;
  const options = query
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !/^dbname=/.test(part));
  return `${start}/${encodeURIComponent(database)}${options.length > 0 ? `?${options.join('&')}` : ''}`;
}
