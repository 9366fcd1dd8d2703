/**
 * `mysql://` and `mariadb://` URLs → where the server is and how to speak to it. Only options named here reach
 * the driver: mysql2 takes functions, file paths and log switches as options, and would take them from a URL too.
 */

import { error } from '../../base/error-codes.js';

/** What to do about encryption. `preferred` takes what the server offers and trusts anybody. */
export type TlsMode = 'disabled' | 'preferred' | 'required' | 'verify-ca' | 'verify-identity';

export interface MysqlLocation {
  readonly scheme: 'mysql' | 'mariadb';
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
  /** Undefined where the URL names none, which only `scratch` takes. */
  readonly database: string | undefined;
  readonly tls: TlsMode;
  /** Files of certificates and keys. */
  readonly tlsFiles: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly connectTimeoutMs: number;
}

const DEFAULT_PORT = 3306;
const CONNECT_TIMEOUT_MS = 10_000;

function invalid(problem: string): Error {
  return error('URL_INVALID', { problem });
}

/**
 * Reads a URL.
 *
 * @throws URL_INVALID, with what is wrong and never the password
 */
export function parseMysqlUrl(url: string): MysqlLocation {
  const [scheme, rest] = schemeOf(url);
  // Not URL: it takes neither a socket's path for a host nor every password that people paste unencoded, and its
  // errors show the whole text.
  const parts = /^\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/s.exec(rest);
  if (parts === null) throw invalid(`expected ${scheme}://user:password@host:3306/database`);
  const [, account, authority = '', path = '', query = '', fragment] = parts;
  if (fragment !== undefined) throw invalid('it holds a # (write %23 in a name or password)');
  const { user, password } = accountOf(account);
  const options = optionsOf(query);
  const database = decoded(path, 'the name of the database');
  if (database.includes('/')) throw invalid('after the host comes one name, that of the database');
  if (database.includes('\0')) throw invalid('the name of the database cannot hold a NUL');
  return { scheme, user, password, ...placeOf(authority), database: database || undefined, ...options };
}

/**
 * Reads a URL that must name its database.
 *
 * @throws URL_INVALID
 */
export function parseDatabaseUrl(url: string): MysqlLocation & { readonly database: string } {
  const location = parseMysqlUrl(url);
  if (location.database === undefined) throw invalid('it names no database');
  return { ...location, database: location.database };
}

/** The same URL with another database. */
export function withDatabase(url: string, database: string): string {
  const [, head = url, , query = ''] = /^(\w+:\/\/[^/?#]*)(\/[^?#]*)?(\?.*)?$/s.exec(url) ?? [];
  return `${head}/${encodeURIComponent(database)}${query}`;
}

function schemeOf(url: string): [scheme: 'mysql' | 'mariadb', rest: string] {
  const match = /^(mysql|mariadb):(.*)$/is.exec(url);
  if (match === null) throw invalid('it begins with neither mysql: nor mariadb:');
  return [match[1]?.toLowerCase() === 'mysql' ? 'mysql' : 'mariadb', match[2] ?? ''];
}

function accountOf(account: string | undefined): Pick<MysqlLocation, 'user' | 'password'> {
  if (account === undefined) return { user: undefined, password: undefined };
  const colon = account.indexOf(':');
  if (colon === -1) return { user: decoded(account, 'the user') || undefined, password: undefined };
  const user = decoded(account.slice(0, colon), 'the user');
  return { user: user || undefined, password: decoded(account.slice(colon + 1), 'the password') };
}

function placeOf(authority: string): Pick<MysqlLocation, 'host' | 'port'> {
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:[\]]*)(?::(\d*))?$/.exec(authority);
  if (match === null) throw invalid('host and port are not host:port (an IPv6 address stands in brackets)');
  const [, name = '', digits = ''] = match;
  const port = digits === '' ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > 65_535) throw invalid(`${digits} is no port`);
  const host = name.startsWith('[') ? name.slice(1, -1) : decoded(name, 'the host');
  // Not localhost: Node may take it for ::1, where the server often does not listen.
  return { host: host === '' ? '127.0.0.1' : host, port };
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`${what} holds a % that is no percent-encoded character`);
  }
}

type UrlOptions = Pick<MysqlLocation, 'socketPath' | 'tls' | 'tlsFiles' | 'connectTimeoutMs'>;

function optionsOf(query: string): UrlOptions {
  const options: {
    socketPath: string | undefined;
    tls: TlsMode;
    tlsFiles: { ca?: string; cert?: string; key?: string };
    connectTimeoutMs: number;
  } = { socketPath: undefined, tls: 'preferred', tlsFiles: {}, connectTimeoutMs: CONNECT_TIMEOUT_MS };
  const seen = new Set<string>();
  let isTlsSaid = false;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const key = decoded(equals === -1 ? part : part.slice(0, equals), 'the query');
    const value = equals === -1 ? '' : decoded(part.slice(equals + 1), `the option '${key}'`);
    const name = key.toLowerCase().replaceAll(/[-_]/g, '');
    if (seen.has(name)) throw invalid(`the option '${key}' stands there twice`);
    seen.add(name);
    switch (name) {
      case 'socketpath':
      case 'socket':
        options.socketPath = present(key, value);
        break;
      case 'ssl':
      case 'sslmode':
        if (isTlsSaid) throw invalid('ssl and ssl-mode say the same; give one of them');
        isTlsSaid = true;
        options.tls = tlsMode(key, value);
        break;
      case 'sslca':
        options.tlsFiles.ca = present(key, value);
        break;
      case 'sslcert':
        options.tlsFiles.cert = present(key, value);
        break;
      case 'sslkey':
        options.tlsFiles.key = present(key, value);
        break;
      case 'connecttimeout':
        options.connectTimeoutMs = milliseconds(key, value);
        break;
      case 'charset':
        if (!/^utf8mb4(?:_\w+)?$/i.test(value)) throw invalid('only charset=utf8mb4 keeps every character');
        break;
      default:
        throw invalid(
          `it has no option '${key}' (there are socketPath, ssl-mode, ssl-ca, ssl-cert, ssl-key, connectTimeout, charset)`,
        );
    }
  }
  if (options.tlsFiles.ca !== undefined && !isTlsSaid) options.tls = 'verify-identity';
  if (options.tlsFiles.cert !== undefined && !isTlsSaid && options.tls === 'preferred')
    options.tls = 'required';
  if (options.tls === 'disabled' && Object.keys(options.tlsFiles).length > 0) {
    throw invalid('it turns TLS off and gives files for it');
  }
  return options;
}

function present(key: string, value: string): string {
  if (value === '' || value.includes('\0')) throw invalid(`the option '${key}' names no file`);
  return value;
}

function milliseconds(key: string, value: string): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (number > 0) return number;
  throw invalid(`the option '${key}' takes milliseconds, 1 or more`);
}

const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  false: 'disabled',
  '0': 'disabled',
  disable: 'disabled',
  disabled: 'disabled',
  prefer: 'preferred',
  preferred: 'preferred',
  true: 'required',
  '1': 'required',
  '': 'required',
  require: 'required',
  required: 'required',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-identity',
  'verify-identity': 'verify-identity',
};

function tlsMode(key: string, value: string): TlsMode {
  const name = value.toLowerCase().replaceAll('_', '-');
  const mode = Object.hasOwn(TLS_MODES, name) ? TLS_MODES[name] : undefined;
  if (mode !== undefined) return mode;
  throw invalid(`the option '${key}' takes disabled, preferred, required, verify-ca or verify-identity`);
}

/** The database's name for people: host and database, never user or password. Never throws. */
export function describeMysqlUrl(url: string): string {
  try {
    return describeLocation(parseMysqlUrl(url));
  } catch {
    return 'the database of the URL';
  }
}

/** The name for people of a place that was read. */
export function describeLocation({ scheme, host, port, socketPath, database }: MysqlLocation): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  const server = socketPath ?? `${shown}${port === DEFAULT_PORT ? '' : `:${port}`}`;
  return `${scheme}://${server}${database === undefined ? '' : `/${database}`}`;
}
