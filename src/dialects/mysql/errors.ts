/**
 * The server's error numbers → errors of the catalogue ("Server Error Message Reference", MariaDB's "Error
 * Codes"). The number alone decides; a message of a number that is known is read only for names, which no field
 * of the protocol carries. Our sessions have their messages in English.
 */

import { error } from '../../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../../base/errors.js';
import { invalidValue } from '../shared/values.js';
import { targetTable } from './statement-kinds.js';

/** A unique key, as far as it is known. */
export interface UniqueKey {
  readonly constraint: string;
  readonly table?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

/** What an error is told about besides its cause. */
export interface ErrorPlace {
  readonly sql?: string | undefined;
  /** The database's name for people. */
  readonly database?: string | undefined;
  /** The key of a duplicate, where it was looked up. */
  readonly key?: UniqueKey | undefined;
}

interface DriverError {
  readonly errno: number | undefined;
  readonly code: string | undefined;
  readonly message: string;
}

/** What the driver threw, field by field. Not instanceof: in jest its classes come from another realm. */
function fieldsOf(cause: unknown): DriverError {
  const { errno, code, message } = (cause ?? {}) as { errno?: unknown; code?: unknown; message?: unknown };
  return {
    // Node's own errors have negative numbers.
    errno: typeof errno === 'number' && errno > 0 ? errno : undefined,
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' ? message : String(cause),
  };
}

/** The server's error number; undefined where the error is not the server's. */
export function errorNumber(cause: unknown): number | undefined {
  return fieldsOf(cause).errno;
}

const LOST_CODES: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ERROR',
  'PROTOCOL_UNEXPECTED_PACKET',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** The server says so of its own accord: shut down, killed, timed out, network errors. */
const LOST_NUMBERS: ReadonlySet<number> = new Set([
  1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2055, 3168, 3169, 4031,
]);

/** Whether nothing more can come over the connection. */
export function isLost(cause: unknown): boolean {
  const { errno, code } = fieldsOf(cause);
  if (errno !== undefined && LOST_NUMBERS.has(errno)) return true;
  if (code !== undefined && LOST_CODES.has(code)) return true;
  return (cause as { fatal?: unknown } | null)?.fatal === true;
}

/** The server takes no more connections, of this user's at least, though it is there. */
export function isCrowded(cause: unknown): boolean {
  const errno = errorNumber(isLimbeckError(cause) ? cause.cause : cause);
  return errno === 1040 || errno === 1203 || errno === 1226;
}

const READONLY: ReadonlySet<number> = new Set([1036, 1290, 1792, 1836, 3020]);
const DENIED: ReadonlySet<number> = new Set([
  1044, 1045, 1095, 1142, 1143, 1211, 1227, 1269, 1370, 1410, 1419, 1449, 1873, 3619,
]);
const UNFIT: ReadonlySet<number> = new Set([
  1263, 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1416, 1441, 3140, 3141, 3156, 3903,
]);

/** Whatever the driver threw, as an error of the catalogue; parameter values are never part of it. */
export function translateMysqlError(cause: unknown, place: ErrorPlace = {}): LimbeckError {
  if (isLimbeckError(cause)) return cause;
  const { errno, message } = fieldsOf(cause);
  const { sql, database = 'the database' } = place;
  const reason = errno === undefined ? message : `${message}, error ${errno}`;
  if (isLost(cause)) return error('CONNECTION_LOST', { database, reason }, { cause });
  if (errno === undefined) return error('QUERY_FAILED', { sql, reason }, { cause });
  switch (errno) {
    case 1062:
    case 1169:
    case 1557:
    case 1586:
    case 1761:
    case 1762:
    case 1859:
      return error('UNIQUE_VIOLATION', { ...uniqueNames(errno, message, place), sql }, { cause });
    case 1216:
    case 1217:
    case 1451:
    case 1452:
      return error('FOREIGN_KEY_VIOLATION', { ...foreignKeyNames(message), sql }, { cause });
    case 1048:
    case 1121:
    case 1138:
    case 1171:
    case 1364:
      return error('NOT_NULL_VIOLATION', { ...notNullNames(errno, message, sql), sql }, { cause });
    case 3819:
    case 4025:
      return error('CHECK_VIOLATION', { ...checkNames(errno, message, sql), sql }, { cause });
    case 1213:
    case 1614:
      return error('DEADLOCK', { sql, reason }, { cause });
    // ER_CHECKREAD: a row has changed since the snapshot was taken (MariaDB's innodb_snapshot_isolation).
    case 1020:
    case 3101:
      return error('SERIALIZATION_FAILURE', { sql, reason }, { cause });
    case 1205:
    case 1206:
    case 3572:
      return error('LOCK_NOT_AVAILABLE', { reason }, { cause });
    case 20:
    case 1021:
    case 1114:
      return error('DATABASE_FULL', { reason }, { cause });
    case 3:
    case 1026:
    case 1030:
    case 1878:
      return diskError(cause, sql, reason);
    case 1194:
    case 1195:
    case 1712:
    case 1817:
      return error('DATABASE_CORRUPT', { reason: `${database}: ${reason}` }, { cause });
    case 1049:
      return error('DATABASE_MISSING', { database, isOnServer: true }, { cause });
  }
  if (READONLY.has(errno)) return error('DATABASE_READONLY', { reason }, { cause });
  if (DENIED.has(errno)) return error('PERMISSION_DENIED', { reason, sql }, { cause });
  if (UNFIT.has(errno)) return unfitValue(cause, errno, message, sql);
  return error('QUERY_FAILED', { sql, reason }, { cause });
}

/** Opening a connection failed. @throws never; passwords are in none of these messages */
export function connectionError(cause: unknown, database: string): LimbeckError {
  if (isLimbeckError(cause)) return cause;
  const { errno, code, message } = fieldsOf(cause);
  if (errno === 1049) return error('DATABASE_MISSING', { database, isOnServer: true }, { cause });
  return error('CONNECTION_FAILED', { database, reason: refusal(code, errno, message) }, { cause });
}

function refusal(code: string | undefined, errno: number | undefined, message: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there (ECONNREFUSED)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name of the host is not known (${code})`;
    case 'ENOENT':
      return 'there is no such socket (ENOENT)';
    case 'ETIMEDOUT':
      return 'no answer came in time (ETIMEDOUT)';
    case 'PROTOCOL_CONNECTION_LOST':
    case 'ECONNRESET':
      return `the server hung up (${code})`;
    default: {
      const line = (message === '' ? (code ?? 'unknown') : message).split('\n', 1)[0] as string;
      return errno === undefined ? line : `${line} (error ${errno})`;
    }
  }
}

/** A full disk hides behind several errors of the server's own layers, as error 28 of the operating system. */
function diskError(cause: unknown, sql: string | undefined, reason: string): LimbeckError {
  if (/(?:errno|Errcode|error):? "?28\b/i.test(reason)) return error('DATABASE_FULL', { reason }, { cause });
  const isOwnTask = errorNumber(cause) === 1030;
  return isOwnTask
    ? error('QUERY_FAILED', { sql, reason }, { cause })
    : error('DATABASE_IO', { reason }, { cause });
}

/** The key's name in the message of a duplicate: `t.uq` on MySQL 8.0.19 and newer, `uq` elsewhere. */
export function duplicateKeyName(cause: unknown): string | undefined {
  const { errno, message } = fieldsOf(cause);
  if (errno !== 1062 && errno !== 1586) return undefined;
  // The value comes first and may hold anything.
  const at = message.lastIndexOf("' for key '");
  return at !== -1 && message.endsWith("'") ? message.slice(at + "' for key '".length, -1) : undefined;
}

function uniqueNames(errno: number, message: string, { key, sql }: ErrorPlace): Partial<UniqueKey> {
  if (key !== undefined) return key;
  const name = duplicateKeyName({ errno, message });
  const table = targetTable(sql);
  if (name === undefined) return { table };
  const prefix = `${table}.`;
  const isQualified = table !== undefined && name.toLowerCase().startsWith(prefix.toLowerCase());
  return { constraint: isQualified ? name.slice(prefix.length) : name, table };
}

interface Names {
  readonly constraint?: string | undefined;
  readonly table?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

const NAME = '`((?:[^`]|``)*)`';
const plain = (name: string | undefined): string | undefined => name?.replaceAll('``', '`');

/** (`db`.`t`, CONSTRAINT `fk` FOREIGN KEY (`a`, `b`) REFERENCES …), which InnoDB may cut off anywhere. */
function foreignKeyNames(message: string): Names {
  const table = new RegExp(`\\(${NAME}\\.${NAME}`).exec(message)?.[2];
  const rest = new RegExp(`CONSTRAINT ${NAME}(?: FOREIGN KEY \\((${NAME}(?:, ?${NAME})*)\\))?`).exec(message);
  const columns = rest?.[2] === undefined ? undefined : [...rest[2].matchAll(new RegExp(NAME, 'g'))];
  return {
    constraint: plain(rest?.[1]),
    table: plain(table),
    columns: columns?.map(([, name]) => plain(name) as string),
  };
}

function notNullNames(errno: number, message: string, sql: string | undefined): Names {
  const column =
    errno === 1048 || errno === 1364
      ? /^\w+ '([\s\S]*?)' (?:cannot be null|doesn't have)/.exec(message)?.[1]
      : undefined;
  return { table: targetTable(sql), columns: column === undefined ? undefined : [column] };
}

/** MariaDB: CONSTRAINT `ck` failed for `db`.`t`. MySQL: Check constraint 'ck' is violated. */
function checkNames(errno: number, message: string, sql: string | undefined): Names {
  if (errno === 3819) {
    const constraint = /^Check constraint '([\s\S]*)' is violated/.exec(message)?.[1];
    return { constraint, table: targetTable(sql) };
  }
  const match = new RegExp(`^CONSTRAINT ${NAME} failed for ${NAME}\\.${NAME}`).exec(message);
  return { constraint: plain(match?.[1]), table: plain(match?.[3]) ?? targetTable(sql) };
}

/** The value itself stands in the message, so only the column's name is taken from it. */
function unfitValue(cause: unknown, errno: number, message: string, sql: string | undefined): LimbeckError {
  const column =
    /(?:for|in) column (?:'([^']*)'|(?:`[^`]*`\.){0,2}`([^`]*)`) at row \d+$/.exec(message) ??
    /^Out of range value for column '([^']*)'/.exec(message);
  const name = column?.[1] ?? column?.[2];
  const owner =
    name === undefined ? 'a value' : `column '${[targetTable(sql), name].filter(Boolean).join('.')}'`;
  const refused = invalidValue(owner, `the value does not fit what it is stored in (error ${errno})`);
  return error('VALUE_INVALID', refused.context as { owner: string; problem: string }, { cause });
}
