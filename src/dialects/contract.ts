/**
 * The contract of a dialect on one page: what the floors above may ask of a database.
 *
 * Nobody above asks a dialect's name; they ask its `capabilities` or let it answer. A new database is one
 * folder that exports a `Dialect` and one line in `registry.ts`.
 */

import type { LimbeckError } from '../base/errors.js';
import type { Column, ColumnType, Index, ReferentialAction, Schema, Table } from '../schema/model.js';
import type { Operation } from '../schema/operations.js';
import type { Connection, SqlValue } from './connection.js';
import type { Plan } from './plan-steps.js';
import type { Impact } from './shared/impact.js';
import type { WriteForms } from './shared/write-forms.js';

export type {
  Connection,
  MaybePromise,
  OpenStream,
  QueryOptions,
  RowStream,
  RunOptions,
  RunResult,
  SqlRow,
  SqlValue,
  StatementOptions,
} from './connection.js';
export type {
  OutsideTransaction,
  Plan,
  PlanCheck,
  PlanProbe,
  PlanRemember,
  PlanReplay,
  PlanStatement,
  PlanStep,
} from './plan-steps.js';

/** How much transactions that run at once see of each other (SQL standard, TypeORM's words). */
export type IsolationLevel = 'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** What is asked of one transaction; the server's default where nothing is said. */
export interface TransactionMode {
  readonly isolation?: IsolationLevel | undefined;
  /** The database itself refuses writes. */
  readonly readOnly?: boolean | undefined;
}

/** The statements around one transaction. */
export interface TransactionFrame {
  /** In this order; the last one opens it. What they set holds for this transaction alone. */
  readonly begin: readonly string[];
  /** Run when it has ended, however it did. */
  readonly after: readonly string[];
}

/** A connection borrowed from a `Database`; `release` is safe to call twice. */
export interface Lease {
  readonly connection: Connection;
  release(): void;
}

/**
 * An open database: one writer on an embedded one, a pool of connections on a server.
 *
 * Whoever holds a lease has its connection alone until it is released, so a transaction takes one for its
 * whole life. Who waits for a lease is served first in, first out. Where `singleWriter`, all write leases are
 * one and the same connection; read leases may be granted beside it. A connection comes back to the pool
 * without an open transaction and with the session settings it had.
 */
export interface Database {
  /** As the server is, which the URL's scheme alone cannot always tell (a MariaDB behind `mysql://`). */
  readonly dialect: Dialect;
  /** Whoever waits for a write lease while the same flow holds it waits for ever. */
  readonly singleWriter: boolean;
  acquire(purpose: 'read' | 'write'): Promise<Lease>;
  /**
   * A lease at once, where nobody has to be waited for and nobody waits already; saves a promise. For reads
   * it may be the writers' own connection, so it is given back in the same turn; who reads for longer (a
   * stream, a transaction) takes `acquire('read')`, which keeps no writer waiting where that can be had.
   */
  tryAcquire?(purpose: 'read' | 'write'): Lease | undefined;
  /** A read lease may be held for long without keeping writers waiting; so it is wherever there are several writers. */
  readonly readsAside?: boolean;
  /** Keeps the database as it is now, to be opened again and again; only where that is cheap. */
  snapshot?(): Promise<DatabaseSnapshot>;
  close(): Promise<void>;
}

/** What a database held at one moment, independent of the database itself. */
export interface DatabaseSnapshot {
  /** A new database that holds exactly that: rows, schema, and the marks from which keys are generated. */
  open(): Promise<Database>;
  /** Lets go of what it keeps; databases opened from it live on. */
  discard(): Promise<void>;
}

export interface OpenOptions {
  /** `sqlite:file.db`, `sqlite::memory:`, `postgres://…`, `mysql://…`, `mariadb://…` with an absolute path. */
  readonly url: string;
  /**
   * `create` may make a new database file; `existing` refuses a missing one; `inspect` refuses it too and
   * changes nothing about the file, its journal mode included. A server's database is never made by opening it.
   */
  readonly mode: 'create' | 'existing' | 'inspect';
  /** Where tables without a schema of their own live; the connection's default when absent. */
  readonly schema?: string | undefined;
  /** Most connections at once, where there are several; 10 when absent. */
  readonly maxConnections?: number | undefined;
  /** How long a call waits for a connection before POOL_TIMEOUT; a minute when absent. */
  readonly acquireTimeoutMs?: number | undefined;
}

/** How rows that are read are locked until the transaction ends. */
export interface RowLock {
  readonly strength: 'share' | 'update' | 'noKeyUpdate' | 'keyShare';
  /** What becomes of rows that others have locked; they are waited for when absent. */
  readonly onLocked?: 'nowait' | 'skip_locked' | undefined;
}

/** What a database can do, asked for by the floors above. */
export interface Capabilities {
  /** DDL runs inside transactions and is undone by ROLLBACK. */
  readonly transactionalDdl: boolean;
  /** A table's name may say its schema: `audit.logs`. Elsewhere the dot is part of the name. */
  readonly schemas: boolean;
  /** A table may be dropped while others refer to it, when foreign keys are not enforced meanwhile. */
  readonly danglingForeignKeys: boolean;
  readonly comments: boolean;
  /** An enum is a type with a name of its own; elsewhere its values stand with the column. */
  readonly enumTypes: boolean;
  readonly sequences: boolean;
  readonly exclusions: boolean;
  /** A unique constraint is something else than a unique index. */
  readonly uniqueConstraints: boolean;
  readonly arrays: boolean;
  readonly materializedViews: boolean;
  /** A locking SELECT may have an outer join in it. */
  readonly lockOuterJoins: boolean;
  readonly returning: boolean;
  /** `RunResult.lastInsertId` is the key of the one row that was inserted, where the database counts it. */
  readonly tellsInsertId: boolean;
  /** A transaction may choose its isolation level; elsewhere each is serializable, which satisfies every level. */
  readonly isolationLevels: boolean;
  /** In ascending order NULL stands before every value, otherwise behind. */
  readonly nullsAreLow: boolean;
  /** An order may say `NULLS FIRST` and `NULLS LAST`. */
  readonly nullsKeyword: boolean;
  /** A query may be kept open as a cursor and read bit by bit. */
  readonly cursors: boolean;
  /** Decimals are added up without becoming binary fractions. */
  readonly exactDecimals: boolean;
  /** Longest identifier in bytes. */
  readonly maxIdentifierBytes: number;
  /** A statement costs a round trip, so that one that writes many rows beats many that write one each. */
  readonly roundTrips: boolean;
  /** Most bound parameters in one statement. */
  readonly maxParameters: number;
}

/** What Kysely is told of a database. */
export interface KyselyFlavour {
  /** Whose SQL it writes: what the names of its classes begin with. */
  readonly classes: 'Sqlite' | 'Postgres' | 'Mysql';
  /** The statements that may end in RETURNING. */
  readonly returning: readonly ('insert' | 'update' | 'delete' | 'merge')[];
}

/** Between JavaScript values and what the database stores, for one column type. */
export interface Codec {
  /** @throws VALUE_INVALID when the value does not fit; never rounds. `undefined` and `null` are not passed in. */
  encode(value: unknown): SqlValue;
  /** `null` is not passed in. */
  decode(value: SqlValue): unknown;
  /** The driver must hand integers over as `bigint` for this type. */
  readonly needsBigints?: boolean;
}

/** How the JavaScript side wants a value: `@Column({ as })`. */
export interface CodecOptions {
  readonly as?: 'number' | 'string' | 'bigint';
  /** Values of the enum where the type is one. */
  readonly enumValues?: readonly string[];
  /** `Class.property`, for errors. */
  readonly owner: string;
}

/** Conditions that databases word each in their own way: texts of columns and placeholders in, SQL out. */
export interface ConditionSql {
  /** `x LIKE p`, in which a backslash takes the meaning from the character behind it. */
  like(column: string, pattern: string): string;
  /** The same where case does not matter. */
  ilike(column: string, pattern: string): string;
  /** A list of any length as one parameter; undefined for a type that needs a placeholder for each value. */
  list(type: ColumnType): PackedList | undefined;
  /** Whether several columns together are one of some rows, of which each is a list of placeholders. */
  rows(columns: readonly string[], rows: readonly (readonly string[])[]): string;
  /** Whether two JSON values mean the same, whatever the order of members and the way numbers are written. */
  jsonEquals(column: string, json: string): string;
  /** Whether one JSON value holds all of another one. */
  jsonContains(column: string, json: string): string;
}

/** Membership in a list that is one parameter. */
export interface PackedList {
  /** It serves a short list as well as a placeholder for each value does. */
  readonly preferred: boolean;
  /** From how many values on it is faster than a placeholder for each; never when absent. */
  readonly fasterFrom?: number;
  pack(values: readonly SqlValue[]): SqlValue;
  /** `x = ANY($1)`; false, never unknown, of an empty list. */
  sql(column: string, list: string): string;
}

/**
 * The words in which two definitions are compared. Equal text means that this database cannot tell the two
 * apart (or that a difference between them means nothing to it).
 */
export interface CanonicalForms {
  /** @param place the column and table the type belongs to, where a key's type may be another one than was asked for */
  type(type: ColumnType, schema: Schema, place?: { readonly column: Column; readonly table: Table }): string;
  /** Whether a column of one type serves a model that leaves something open, as a timestamp without a precision does. */
  serves?(found: ColumnType, wanted: ColumnType): boolean;
  /** How a column makes its keys; '' where it does not, or where doing so changes nothing on this database. */
  autoIncrement(column: Column, table: Table): string;
  /** Of a column's options those that this database knows (`mysql.unsigned`); '' where there are none. */
  columnOptions(column: Column, table: Table): string;
  /** The same of an index, its method included; '' for what an index is by default. */
  indexOptions(index: Index): string;
  /** Whether a unique index is a unique constraint as well. */
  readonly uniquesAreIndexes?: boolean;
  /** What a key does to rows that refer to one that goes; '' for what it does when nothing is said. Its own word when absent. */
  action?(action: ReferentialAction | undefined): string;
  /** '' when there is none. */
  default(column: Column): string;
  expression(sql: string): string;
  collation(collation: string | undefined): string;
  /** Comments where the database keeps them, '' where it has no place for them. */
  comment(comment: string | undefined): string;
  tableOptions(table: Table): string;
}

/**
 * The lock of the whole database against other runners, held while one revision runs, and the transaction of
 * that revision. Lock and transaction are on one connection: a killed client's DDL runs on, and a lock elsewhere
 * would already be free.
 */
export interface RevisionTransactions {
  /**
   * Leaves word of who runs migrations, where the database itself could not say who holds its lock.
   *
   * @throws LOCK_TIMEOUT naming the holder
   */
  announce(connection: Connection, options: Pick<BeginRevisionOptions, 'timeoutMs'>): Promise<void>;
  /** Takes the word back. */
  retire(connection: Connection): Promise<void>;
  /**
   * Takes the lock without blocking the event loop, and opens the transaction unless the run is stepwise.
   *
   * @throws LOCK_TIMEOUT naming the holder
   */
  begin(connection: Connection, options: BeginRevisionOptions): Promise<void>;
  /** Rows that refer to a parent which is not there; asked where keys were not enforced. */
  brokenForeignKeys(connection: Connection): Promise<readonly BrokenForeignKey[]>;
  /** Commits what is open and lets go of the lock. */
  commit(connection: Connection): Promise<void>;
  /** Undoes what is open, whatever state the connection is in, and lets go of the lock. */
  rollback(connection: Connection): Promise<void>;
  /**
   * Changes when anybody changes the schema; equal stamps mean that a schema read earlier is still true. Absent
   * where asking costs as much as reading: then a schema is read once a revision.
   */
  schemaStamp?(connection: Connection): Promise<string>;
  /**
   * What the catalog says of certain objects, as text to compare; of the whole schema when none are named. What a
   * failed attempt has left half-made (an invalid index) counts as absent. Required where a plan may hold
   * statements that no transaction holds.
   *
   * @param objects as `OutsideTransaction.objects` names them
   */
  fingerprint?(connection: Connection, objects?: readonly string[]): Promise<string>;
  /** How long a statement waits for a table that others use, before LOCK_NOT_AVAILABLE; meanwhile others wait behind it. */
  readonly tableWaitMs?: number;
  /**
   * Who holds what a statement has waited for in vain (LOCK_NOT_AVAILABLE), in words for people, asked at once
   * after the failure; empty when nobody can be named any more.
   */
  blockers?(connection: Connection, tables: readonly string[]): Promise<readonly string[]>;
}

/** The rows that break one foreign key. */
export interface BrokenForeignKey {
  readonly table: string;
  readonly columns: string;
  readonly refTable: string;
  /** What identifies the rows, all of them. */
  readonly rows: readonly string[];
}

export interface BeginRevisionOptions {
  readonly enforceForeignKeys: boolean;
  readonly timeoutMs: number;
  /** The lock alone: transactions come and go inside it. */
  readonly stepwise?: boolean;
}

/** An expression whose text alone does not say whether it is the same as another one. */
export interface ExpressionQuestion {
  readonly kind: 'default' | 'generated' | 'check' | 'index' | 'predicate' | 'exclusion' | 'view';
  readonly sql: string;
  /** Whose columns the expression may name, with the types they are to have; absent for a view. */
  readonly table?: Table;
  /** Whose default or generated value it is. */
  readonly column?: Column;
}

/**
 * The database's own wording of each expression, in the order asked; `undefined` for one that it refuses. Or why
 * it could not be asked at all: nothing is concluded from that.
 */
export type Settled = readonly (string | undefined)[] | { readonly denied: string };

/** What of a database is introspected. */
export interface IntrospectionScope {
  /** Tables that are left out, by the name that the schema would give them. */
  readonly ignoreTables: readonly string[];
  /**
   * Schemas to read besides the connection's default one, where there are such; all of them when absent. Of
   * system schemas never one.
   */
  readonly schemas?: readonly string[];
}

/** An empty database for tests. */
export interface ScratchDatabase {
  readonly url: string;
  /** Takes it away again; everybody must have closed it. */
  drop(): Promise<void>;
}

/** What the runner asks of a plan when a first attempt has shown that it is needed. */
export interface PlanOptions {
  /** New enum values are committed before anything else, since a later step uses them (ENUM_VALUE_UNCOMMITTED). */
  readonly commitEnumValues?: boolean;
}

/** Where a native type or option names its database: the dialect's own name and `default` are asked for. */
export interface Dialect {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly canonical: CanonicalForms;
  readonly revisions: RevisionTransactions;

  /** @throws DRIVER_MISSING with the install line · DATABASE_MISSING when `mode` forbids to make it */
  open(options: OpenOptions): Promise<Database>;

  quoteIdentifier(name: string): string;
  /** A table as SQL text: where `capabilities.schemas`, a name with a dot says its schema as well. */
  quoteTable(name: string): string;
  readonly kysely: KyselyFlavour;
  /** What follows `INSERT INTO t` for a row of defaults: `DEFAULT VALUES`. */
  readonly emptyRow: string;
  /** A literal as SQL text, for DDL and scripts only: everywhere else values are bound. */
  literal(value: string | number | boolean | Uint8Array | null): string;
  /** `?` or `$1` for the parameter at an index from 0. */
  placeholder(index: number): string;
  /** The statements that open a transaction; COMMIT, ROLLBACK and savepoints are the same everywhere. */
  readonly begin: { readonly read: string; readonly write: string };
  /** The statements around a transaction of which something is asked. */
  frame(mode: TransactionMode): TransactionFrame;
  codec(type: ColumnType, options: CodecOptions): Codec;
  readonly conditions: ConditionSql;
  /** What a find reads in place of a column whose values come faster in another form of the same text. */
  readAs?(column: string, type: ColumnType): string | undefined;
  /** What rows are ordered by in place of a column whose values do not compare as they are ordered. */
  orderKey?(column: string, type: ColumnType): string;
  /**
   * What stands at the end of a SELECT that locks its rows, with a blank before it; '' where a transaction has
   * the whole database to itself anyway.
   *
   * @param table the name of the one table to lock, where others are joined
   * @throws CAPABILITY_MISSING
   */
  rowLock(lock: RowLock, table?: string): string;
  readonly writeForms: WriteForms;

  tableExists(connection: Connection, name: string): Promise<boolean>;
  /** The whole schema as the database holds it, in few queries; tables in `ignoreTables` are left out. */
  introspect(connection: Connection, scope: IntrospectionScope): Promise<Schema>;
  /**
   * Lets the database itself say how it words expressions, in one round trip and without leaving anything
   * behind. Absent where the database keeps the text as it was written.
   *
   * @param schema the enums that the expressions may name
   */
  settle?(connection: Connection, questions: readonly ExpressionQuestion[], schema: Schema): Promise<Settled>;
  /**
   * What the operations become on this database.
   *
   * @param before the schema as it is
   * @throws CAPABILITY_MISSING naming what this database cannot do
   */
  plan(before: Schema, operations: readonly Operation[], options?: PlanOptions): Plan;
  /**
   * What an operation costs those who use the database meanwhile: one entry for each lock, in the order in which they
   * are taken; none where nothing that was there is touched. Where nobody has measured, the worst that it may be.
   *
   * @param before the schema as it is
   * @throws what `plan` throws
   */
  impact(before: Schema, operation: Operation): readonly Impact[];
  /**
   * Selects about how many rows a table has, from the catalog and without a look at the table; a negative number or
   * no row where nobody has counted. Absent where there is no such number.
   */
  rowEstimate?(table: string): string;
  /** The lines of a script that runs one revision as one transaction. */
  revisionScript(lines: readonly string[], suspendsForeignKeys: boolean): string[];
  /** An empty database that tests have to themselves, beside the one of a configuration, which is not opened. */
  scratch?(url: string): Promise<ScratchDatabase>;
  /** The name for people: the file, or host and database; never a password. */
  describe(url: string): string;
  translateError(cause: unknown, sql: string | undefined): LimbeckError;
}
