/** Codes of what a database or its driver says, the same words on every database. */

import {
  CapabilityError,
  CheckViolationError,
  CommitUnknownError,
  ConnectionError,
  DeadlockError,
  DriverMissingError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  QueryError,
  ReadOnlyError,
  SerializationError,
  UniqueViolationError,
  ValidationError,
} from '../errors.js';

export interface Violation {
  constraint?: string | undefined;
  table?: string | undefined;
  columns?: readonly string[] | undefined;
  sql?: string | undefined;
}

const where = (c: Violation): string =>
  c.table === undefined
    ? ''
    : ` on '${[c.table, ...(c.columns?.length ? [c.columns.join(', ')] : [])].join('.')}'`;
const named = (c: Violation): string => (c.constraint === undefined ? '' : ` '${c.constraint}'`);

export const DATABASE_CODES = {
  UNIQUE_VIOLATION: {
    type: UniqueViolationError,
    message: (c: Violation) =>
      `A row with the same value exists already: unique constraint${named(c)}${where(c)}.`,
  },
  FOREIGN_KEY_VIOLATION: {
    type: ForeignKeyViolationError,
    message: (c: Violation) =>
      `A foreign key${named(c)}${where(c)} is broken: the row referred to is missing, or rows still refer to this one.`,
  },
  NOT_NULL_VIOLATION: {
    type: NotNullViolationError,
    message: (c: Violation) => `NULL is not allowed${where(c)}.`,
  },
  CHECK_VIOLATION: {
    type: CheckViolationError,
    message: (c: Violation) => `A check constraint${named(c)}${where(c)} is not met.`,
  },
  QUERY_FAILED: {
    type: QueryError,
    message: (c: { sql?: string | undefined; reason: string }) =>
      `${c.reason}${c.sql === undefined ? '' : `\n  in: ${c.sql}`}`,
  },
  DATABASE_BUSY: {
    type: ConnectionError,
    message: (c: { database: string }) => `Database ${c.database} is locked by another process.`,
    hint: 'Wait for the other one to finish, or raise the time to wait.',
    retryable: true,
  },
  LOCK_NOT_AVAILABLE: {
    type: LockTimeoutError,
    message: (c: { reason: string; blockers?: readonly string[] | undefined }) =>
      `A lock that others hold was not to be had in time (${c.reason})${c.blockers?.length ? `; in the way: ${c.blockers.join('; ')}` : ''}.`,
    hint: 'End what is in the way, or run again when it has ended.',
    retryable: true,
  },
  DEADLOCK: {
    type: DeadlockError,
    message: (c: { sql?: string | undefined; reason: string }) =>
      `Two transactions waited for each other (${c.reason}); this one was undone.${c.sql === undefined ? '' : `\n  in: ${c.sql}`}`,
    hint: 'Run the transaction again.',
    retryable: true,
  },
  SERIALIZATION_FAILURE: {
    type: SerializationError,
    message: (c: { sql?: string | undefined; reason: string }) =>
      `Another transaction has changed what this one read (${c.reason}); this one was undone.${c.sql === undefined ? '' : `\n  in: ${c.sql}`}`,
    hint: 'Run the transaction again.',
    retryable: true,
  },
  ENUM_VALUE_UNCOMMITTED: {
    type: QueryError,
    message: (c: { reason: string }) =>
      `An enum value is used in the transaction that adds it (${c.reason}).`,
    hint: 'Add it in a revision of its own.',
  },
  PERMISSION_DENIED: {
    type: QueryError,
    message: (c: { reason: string; sql?: string | undefined }) =>
      `The database user may not do this (${c.reason}).${c.sql === undefined ? '' : `\n  in: ${c.sql}`}`,
    hint: 'Grant the right to the user of the URL, or use another user.',
  },
  CONNECTION_LOST: {
    type: ConnectionError,
    message: (c: { database: string; reason: string }) =>
      `The connection to ${c.database} broke (${c.reason}); what was not committed has been undone.`,
    // Not retryable: of a COMMIT that was under way nobody knows whether it has been carried out.
    hint: 'Whether a statement that was under way has been carried out is not known; look before it is repeated.',
  },
  COMMIT_UNKNOWN: {
    type: CommitUnknownError,
    message: (c: { reason: string }) =>
      `Nobody knows whether the transaction was committed: its COMMIT was under way when the connection went (${c.reason}).`,
    // Not retryable, though the connection may be back: what was committed would be done twice.
    hint: 'Look in the database whether it was carried out before it is repeated.',
  },
  READ_ONLY: {
    type: ReadOnlyError,
    message: (c: { reason: string }) => `A read-only transaction cannot write (${c.reason}).`,
    hint: 'Leave out `readOnly`, or write outside of the transaction.',
  },
  DATABASE_FULL: {
    type: QueryError,
    message: (c: { reason: string }) => `The disk is full (${c.reason}); what was begun has been undone.`,
    hint: 'Free some space and run again.',
  },
  DATABASE_READONLY: {
    type: QueryError,
    message: (c: { reason: string }) => `The database cannot be written (${c.reason}).`,
    hint: 'Check the rights of the file and of its folder.',
  },
  DATABASE_IO: {
    type: QueryError,
    message: (c: { reason: string }) => `The disk failed (${c.reason}); what was begun has been undone.`,
  },
  DATABASE_CORRUPT: {
    type: QueryError,
    message: (c: { reason: string }) => `The file is damaged or not a database (${c.reason}).`,
  },
  DATABASE_MISSING: {
    type: ConnectionError,
    message: (c: { database: string; isOnServer?: boolean }) => `Database ${c.database} does not exist.`,
    hint: (c: { database: string; isOnServer?: boolean }) =>
      c.isOnServer
        ? 'Check the URL, or make the database on the server first: CREATE DATABASE.'
        : 'Check the path; `limbeck upgrade`, createSchema() and initialize() make a new one.',
  },
  CONNECTION_FAILED: {
    type: ConnectionError,
    message: (c: { database: string; reason: string }) => `Cannot open ${c.database}: ${c.reason}`,
  },
  POOL_TIMEOUT: {
    type: ConnectionError,
    message: (c: { database: string; timeoutMs: number; held: number; waiting: number }) =>
      `No connection to ${c.database} was free within ${c.timeoutMs} ms: ${c.held === 1 ? 'one is' : `${c.held} are`} in use, and ${c.waiting === 1 ? 'one call waits' : `${c.waiting} calls wait`}.`,
    hint: 'A transaction holds a connection until it ends: make it shorter, and do not wait inside it for what runs outside. Or raise pool.max or pool.acquireTimeoutMs.',
  },
  CONNECTION_CLOSED: {
    type: ConnectionError,
    message: (c: { database: string }) => `The connection to ${c.database} is closed.`,
    hint: 'Call initialize() first, and do not use a data source after destroy().',
  },
  DRIVER_MISSING: {
    type: DriverMissingError,
    message: (c: { package: string; purpose: string }) => `${c.purpose} needs the package '${c.package}'.`,
    hint: (c: { package: string; purpose: string }) => `Install it: npm install ${c.package}`,
  },
  DRIVER_BROKEN: {
    type: DriverMissingError,
    message: (c: { package: string; reason: string }) =>
      `The package '${c.package}' is installed but does not load: ${c.reason}.`,
    hint: (c: { package: string; reason: string }) =>
      `Build it for this Node (${process.version}): npm rebuild ${c.package}`,
  },
  URL_INVALID: {
    type: ConnectionError,
    message: (c: { problem: string }) => `The database URL is not valid: ${c.problem}.`,
    hint: 'Give sqlite:file.db, sqlite::memory:, postgres://user:password@host:5432/database or mysql://…',
  },
  CAPABILITY_MISSING: {
    type: CapabilityError,
    message: (c: { database: string; feature: string; object: string }) =>
      `${c.database} has no ${c.feature}: ${c.object}.`,
    hint: 'Leave it out for this database, or use another database.',
  },
  VALUE_INVALID: {
    type: ValidationError,
    message: (c: { owner: string; problem: string }) => `${c.owner}: ${c.problem}.`,
  },
};
