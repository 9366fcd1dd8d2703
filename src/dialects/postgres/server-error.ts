/** What a thrown value says by itself: the server's error with its fields, or a socket that is gone. */

import { isLimbeckError } from '../../base/errors.js';

/** The fields of an error that the server reported. */
export interface ServerError {
  readonly code: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly routine?: string;
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The server's own error; undefined for anything else, an error of the socket included. */
export function serverError(cause: unknown): ServerError | undefined {
  if (typeof cause !== 'object' || cause === null || isLimbeckError(cause)) return undefined;
  const { code, severity } = cause as { code?: unknown; severity?: unknown };
  // EPIPE and its like have five letters as well; only the server tells a severity.
  return typeof code === 'string' && SQLSTATE.test(code) && severity !== undefined
    ? (cause as ServerError)
    : undefined;
}

/** Whether the server has ended the connection with it, or never let it in. */
export function endsConnection(cause: unknown): boolean {
  const code = serverError(cause)?.code;
  // 57P05 ends an idle session, 25P03 one that left a transaction open for too long.
  // 08P01 is also what it says of too few or too many parameters, after which it goes on.
  return code === undefined ? isSocketError(cause) : /^(?:08(?!P01)|57P0[1-5]$|25P0[34]$)/.test(code);
}

const SOCKET_ERRORS = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

function isSocketError(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && SOCKET_ERRORS.has(code);
}

/** Whether what the server holds prepared is out of date, or gone: the text itself may be all right. */
export function isStaleStatement(cause: unknown): boolean {
  const { code, routine } = serverError(cause) ?? {};
  // A plan whose result has other types now, a name that a pooler gave away, and one that it knows already.
  return (code === '0A000' && routine === 'RevalidateCachedQuery') || code === '26000' || code === '42P05';
}

/** The first line of what was said, for people. */
export function reasonOf(cause: unknown): string {
  const { message } = (cause ?? {}) as { message?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : String(cause);
  return text.split('\n', 1)[0] as string;
}
