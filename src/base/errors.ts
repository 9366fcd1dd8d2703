/**
 * The family of errors that Limbeck throws.
 *
 * Every error carries a stable `code` from the catalogue in `error-codes.ts`; `error()` there makes them.
 * They are recognised by a `Symbol.for` key, because `instanceof` fails across two copies of the package.
 */

const BRAND = Symbol.for('limbeck.error');

/** What an error is made of, once the catalogue has found its words. */
export interface ErrorDetails {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  readonly retryable?: boolean | undefined;
}

/** The base of all errors: a stable code, a sentence, the next step, and what is involved as data. */
export class LimbeckError extends Error {
  /** Upper snake case, stable across releases. */
  readonly code: string;
  /** What to do next; undefined where the message says it all. */
  readonly hint: string | undefined;
  /** What is involved, as data; never holds a password or a parameter value. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Whether running the whole transaction again may succeed. */
  readonly retryable: boolean;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.hint = details.hint;
    this.context = details.context ?? {};
    this.retryable = details.retryable ?? false;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether a value is an error of Limbeck's, also one made by another copy of the package. */
export function isLimbeckError(value: unknown): value is LimbeckError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

export class ConfigError extends LimbeckError {}
export class MetadataError extends LimbeckError {}
export class SchemaError extends LimbeckError {}
export class CapabilityError extends LimbeckError {}
export class DriverMissingError extends LimbeckError {}

export class QueryError extends LimbeckError {}
export class ConnectionError extends LimbeckError {}
/** A COMMIT whose answer never came: what it was to make lasting may be there, or may not. */
export class CommitUnknownError extends ConnectionError {}
/** A write in a read-only transaction. */
export class ReadOnlyError extends QueryError {}
export class DeadlockError extends QueryError {}
export class SerializationError extends QueryError {}
export class QueryAbortedError extends QueryError {}

/** A broken constraint: the database's own words are in `cause`, the names in these fields. */
export class ConstraintViolationError extends QueryError {
  get constraint(): string | undefined {
    return this.context.constraint as string | undefined;
  }
  get table(): string | undefined {
    return this.context.table as string | undefined;
  }
  get columns(): readonly string[] {
    return (this.context.columns as readonly string[] | undefined) ?? [];
  }
}
export class UniqueViolationError extends ConstraintViolationError {}
export class ForeignKeyViolationError extends ConstraintViolationError {}
export class NotNullViolationError extends ConstraintViolationError {}
export class CheckViolationError extends ConstraintViolationError {}

export class EntityNotFoundError extends LimbeckError {}
/** A rule of class-validator that an entity breaks. */
export interface FailedRule {
  /** The entity's class. */
  readonly entity: string;
  /** Its place among the entities that were to be written. */
  readonly index: number;
  /** `title`, or `address.street` inside another object. */
  readonly property: string;
  /** class-validator's name of the rule: `maxLength`. */
  readonly rule: string;
  readonly message: string;
}
export class ValidationError extends LimbeckError {
  /** Every failed rule of every entity; empty where a value itself is of the wrong kind. */
  get failures(): readonly FailedRule[] {
    return (this.context.failures as readonly FailedRule[] | undefined) ?? [];
  }
}
export class OptimisticLockError extends LimbeckError {}
export class TransactionClosedError extends LimbeckError {}
export class UsageError extends LimbeckError {}

export class MigrationError extends LimbeckError {}
export class RevisionNotFoundError extends MigrationError {}
export class AmbiguousRevisionError extends MigrationError {}
export class MultipleHeadsError extends MigrationError {}
export class NotUpToDateError extends MigrationError {}
export class LockTimeoutError extends MigrationError {}
export class IrreversibleError extends MigrationError {}
export class DataLossError extends MigrationError {}
export class OfflineError extends MigrationError {}

/** A decision that only a person can take; `candidates` and `flags` say which and how. */
export class DecisionNeededError extends MigrationError {
  get candidates(): readonly unknown[] {
    return (this.context.candidates as readonly unknown[] | undefined) ?? [];
  }
  get flags(): readonly string[] {
    return (this.context.flags as readonly string[] | undefined) ?? [];
  }
}
