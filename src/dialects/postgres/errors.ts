/**
 * SQLSTATEs → errors of the catalogue (appendix A "PostgreSQL Error Codes"). The code alone decides; the names of
 * constraint, table and column come from the error's own fields, never from its message, whose language is the
 * server's choice.
 */

import { error } from '../../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../../base/errors.js';
import { keyColumns } from './key-columns.js';
import { endsConnection, reasonOf, type ServerError, serverError } from './server-error.js';

/** What an error is told about besides its cause. */
export interface ErrorPlace {
  readonly sql?: string | undefined;
  /** The database's name for people. */
  readonly database?: string | undefined;
  /** Columns of the broken constraint, where they had to be looked up. */
  readonly columns?: readonly string[] | undefined;
  /** The schema whose tables have bare names. */
  readonly defaultSchema?: string | undefined;
}

/** Whatever the driver threw, as an error of the catalogue; parameter values are never part of its words. */
export function translatePostgresError(cause: unknown, place: ErrorPlace = {}): LimbeckError {
  if (isLimbeckError(cause)) return cause;
  const { sql, database = 'the PostgreSQL database' } = place;
  const found = serverError(cause);
  if (endsConnection(cause))
    return error('CONNECTION_LOST', { database, reason: reasonOf(cause) }, { cause });
  const reason = reasonOf(cause);
  if (found === undefined) return error('QUERY_FAILED', { sql, reason }, { cause });
  if (found.code.startsWith('23')) return constraintError(found, place, reason);
  switch (found.code) {
    case '40P01':
      return error('DEADLOCK', { sql, reason }, { cause });
    case '40001':
    // A trigger or a cursor met a row that the same command had changed meanwhile.
    case '40003':
      return error('SERIALIZATION_FAILURE', { sql, reason }, { cause });
    case '55P03':
      return error('LOCK_NOT_AVAILABLE', { reason }, { cause });
    case '55P04':
      return error('ENUM_VALUE_UNCOMMITTED', { reason }, { cause });
    case '42501':
      return error('PERMISSION_DENIED', { reason, sql }, { cause });
    case '53100':
      return error('DATABASE_FULL', { reason }, { cause });
    case '58030':
      return error('DATABASE_IO', { reason }, { cause });
    case '25006':
      return error('DATABASE_READONLY', { reason }, { cause });
    case 'XX001':
    case 'XX002':
      return error('DATABASE_CORRUPT', { reason: `${database}: ${reason}` }, { cause });
    // "commands ignored until end of transaction block": what went wrong came before.
    case '25P02':
      return error('TRANSACTION_LOST', {}, { cause });
    case '53300':
      return error('CONNECTION_FAILED', { database, reason }, { cause });
    case '3F000':
      return error('QUERY_FAILED', { sql, reason: `${reason}: ${NO_SCHEMA}` }, { cause });
    case '0A000':
      // Inside a transaction the statement cannot simply be prepared anew: the transaction is over.
      if (found.routine === 'RevalidateCachedQuery') {
        return error('SERIALIZATION_FAILURE', { sql, reason }, { cause });
      }
      return error('QUERY_FAILED', { sql, reason: withDetail(found, reason) }, { cause });
    default:
      return error('QUERY_FAILED', { sql, reason: withDetail(found, reason) }, { cause });
  }
}

const NO_SCHEMA =
  "the connection's search_path names no schema that exists; make one (CREATE SCHEMA) or name one that is there";

/** Of objects that depend on another one, and of what is not supported, only the detail says which and why. */
function withDetail({ code, detail }: ServerError, reason: string): string {
  const tells = code === '2BP01' || code === '0A000' || code === '55006' || code === '42804';
  return tells && detail ? `${reason} (${detail.split('\n', 3).join('; ')})` : reason;
}

function constraintError(found: ServerError, place: ErrorPlace, reason: string): LimbeckError {
  const { sql } = place;
  const { constraint } = found;
  const table = tableName(found, place.defaultSchema);
  const names = { constraint, table, sql };
  switch (found.code) {
    case '23505':
    // An exclusion constraint is a unique constraint with other operators than `=` (5.5.6).
    case '23P01':
      return error(
        'UNIQUE_VIOLATION',
        { ...names, columns: place.columns ?? keyColumns(found.detail) },
        { cause: found },
      );
    case '23503':
    case '23001':
      return error('FOREIGN_KEY_VIOLATION', { ...names, columns: place.columns }, { cause: found });
    case '23502':
      return error(
        'NOT_NULL_VIOLATION',
        { ...names, columns: found.column === undefined ? undefined : [found.column] },
        { cause: found },
      );
    case '23514':
      return error('CHECK_VIOLATION', { ...names, columns: place.columns }, { cause: found });
    default:
      return error('QUERY_FAILED', { sql, reason }, { cause: found });
  }
}

/** As the schema names it: bare in the default schema. */
function tableName({ schema, table }: ServerError, defaultSchema: string | undefined): string | undefined {
  if (table === undefined) return undefined;
  if (schema === undefined || schema === defaultSchema || defaultSchema === undefined) return table;
  return `${schema}.${table}`;
}
