/**
 * SQLite's result codes → errors of the catalogue. The extended code alone decides ("Result and Error
 * Codes"); the message is read only for the names in its documented constraint forms, which no code carries.
 */

import { error } from '../../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../../base/errors.js';

/** What an error is told about besides its cause. */
export interface ErrorPlace {
  readonly sql?: string | undefined;
  /** The database's name for people. */
  readonly database?: string | undefined;
  /** Looks up the name of a unique constraint or index over columns; asked only where the message lacks it. */
  readonly uniqueName?: (table: string, columns: readonly string[]) => string | undefined;
}

/** The result code's name (`SQLITE_BUSY_SNAPSHOT`) of an error that SQLite raised; undefined for any other. */
export function resultCode(cause: unknown): string | undefined {
  // Not instanceof: in jest the driver's class comes from whichever module registry loaded it first.
  if (typeof cause !== 'object' || cause === null) return undefined;
  const { code } = cause as { code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** Whether somebody else holds the lock that a statement needs, so that waiting may help. */
export function isBusy(cause: unknown): boolean {
  const code = resultCode(cause);
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_RECOVERY' || code === 'SQLITE_BUSY_TIMEOUT';
}

/** Whatever the driver threw, as an error of the catalogue; parameter values are never part of it. */
export function translateSqliteError(cause: unknown, place: ErrorPlace = {}): LimbeckError {
  if (isLimbeckError(cause)) return cause;
  const code = resultCode(cause);
  // Not instanceof, as above.
  const { message } = (cause ?? {}) as { message?: unknown };
  const reason = typeof message === 'string' ? message : String(cause);
  const { sql, database = 'the SQLite database' } = place;
  // The file that WAL mode keeps in shared memory could not grow: "may indicate that the volume is out of space".
  if (code === 'SQLITE_IOERR_SHMSIZE')
    return error('DATABASE_FULL', { reason: `${reason}, ${code}` }, { cause });
  if (code === undefined) return error('QUERY_FAILED', { sql, reason }, { cause });
  if (code.startsWith('SQLITE_CONSTRAINT')) return constraintError(code, reason, cause, place);
  switch (primaryCode(code)) {
    case 'SQLITE_BUSY':
      return error('DATABASE_BUSY', { database }, { cause });
    case 'SQLITE_FULL':
      return error('DATABASE_FULL', { reason }, { cause });
    case 'SQLITE_READONLY':
      return error('DATABASE_READONLY', { reason }, { cause });
    case 'SQLITE_IOERR':
      return error('DATABASE_IO', { reason: `${reason}, ${code}` }, { cause });
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return error('DATABASE_CORRUPT', { reason: `${database}: ${reason}` }, { cause });
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
      return error('CONNECTION_FAILED', { database, reason }, { cause });
    default:
      return error('QUERY_FAILED', { sql, reason }, { cause });
  }
}

/** `SQLITE_IOERR_FSYNC` → `SQLITE_IOERR`. */
function primaryCode(code: string): string {
  return code.split('_').slice(0, 2).join('_');
}

function constraintError(code: string, message: string, cause: unknown, place: ErrorPlace): LimbeckError {
  const { sql } = place;
  const detail = /^[A-Z ]+ constraint failed: ([\s\S]*)$/.exec(message)?.[1];
  switch (code) {
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
    case 'SQLITE_CONSTRAINT_ROWID':
      return error('UNIQUE_VIOLATION', { ...uniqueNames(detail, place), sql }, { cause });
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
      // SQLite counts broken keys and does not know which one it was ("Foreign Key Support", 4.2).
      return error('FOREIGN_KEY_VIOLATION', { sql }, { cause });
    case 'SQLITE_CONSTRAINT_NOTNULL':
      return error('NOT_NULL_VIOLATION', { ...tableAndColumns(detail), sql }, { cause });
    case 'SQLITE_CONSTRAINT_CHECK':
      return error('CHECK_VIOLATION', { constraint: detail, sql }, { cause });
    default:
      // SQLITE_CONSTRAINT_TRIGGER is RAISE(ABORT, …): the trigger's author chose the words.
      return error('QUERY_FAILED', { sql, reason: message }, { cause });
  }
}

interface Names {
  readonly constraint?: string | undefined;
  readonly table?: string;
  readonly columns?: readonly string[];
}

function uniqueNames(detail: string | undefined, place: ErrorPlace): Names {
  const index = /^index '([\s\S]*)'$/.exec(detail ?? '')?.[1];
  if (index !== undefined) return { constraint: index };
  const names = tableAndColumns(detail);
  if (names.table === undefined || names.columns === undefined) return names;
  return { ...names, constraint: place.uniqueName?.(names.table, names.columns) };
}

/** `t.a, t.b` → table t, columns a and b. Each column repeats the table, so names with commas still come apart. */
function tableAndColumns(detail: string | undefined): Names {
  const dot = detail?.indexOf('.') ?? -1;
  if (detail === undefined || dot < 1) return {};
  const table = detail.slice(0, dot);
  return { table, columns: detail.slice(dot + 1).split(`, ${table}.`) };
}
