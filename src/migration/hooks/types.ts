/** What a configuration may have a say in: the functions that the migration commands call. Types only. */

import type { SqlText } from '../../ast/sql-text.js';
import type {
  Check,
  Column,
  Enum,
  ForeignKey,
  Index,
  Schema,
  Table,
  Unique,
  View,
} from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { CustomCall, CustomOperations } from '../custom/types.js';

/** What autogenerate compares one by one, in Alembic's words. */
export type ObjectKind =
  | 'table'
  | 'column'
  | 'index'
  | 'unique_constraint'
  | 'foreign_key_constraint'
  | 'check_constraint'
  | 'view'
  | 'enum';

export type SchemaObject = Table | Column | Index | Unique | ForeignKey | Check | View | Enum;

/** Where an object stands; nothing of what stands by itself. */
export interface ObjectParents {
  /** The schema that the table's name says. */
  readonly schemaName?: string;
  readonly tableName?: string;
  /** With its schema, where it says one. */
  readonly schemaQualifiedTableName?: string;
}

/**
 * Whether autogenerate looks at an object at all; what it does not look at is left as it is, on both sides.
 *
 * @param object the model's, where models have it; else the database's
 * @param isFromDatabase whether only the database has it
 * @param counterpart what the database has under the same name as the model's object
 */
export type IncludeObject = (
  object: SchemaObject,
  name: string,
  kind: ObjectKind,
  isFromDatabase: boolean,
  counterpart: SchemaObject | null,
  parents: ObjectParents,
) => boolean;

/** Whether autogenerate looks at what the database has under a name. */
export type IncludeName = (name: string, kind: ObjectKind | 'schema', parents: ObjectParents) => boolean;

/** Whether two columns differ in what is compared: `undefined` leaves it to Limbeck. */
export type CompareColumns = (found: Column, wanted: Column, table: string) => boolean | undefined;

/** One step of a revision as autogenerate writes it. */
export type RevisionOperation = Operation | CustomCall;

/** What `processOperations` is told beside the operations. */
export interface ProcessContext {
  /** The schema that the operations start from. */
  readonly schema: Schema;
  /** The message of the revision; empty where none is written (`check`, `diff`). */
  readonly message: string;
}

/**
 * Rewrites the operations of a revision: drops, adds, splits. None left: no file is written. The way back is made
 * from what is given back.
 */
export type ProcessOperations = (
  operations: readonly RevisionOperation[],
  context: ProcessContext,
) => readonly RevisionOperation[] | Promise<readonly RevisionOperation[]>;

/**
 * What is done with a new migration file: a function that is given its path, or a command as the list of its
 * arguments, to which the path is added (or put where `REVISION_SCRIPT_FILENAME` stands). No shell reads it.
 */
export type AfterWrite = ((path: string) => unknown) | readonly string[];

/** A revision whose version row has just been written, inside the transaction that holds both. */
export interface VersionApplied {
  readonly direction: 'upgrade' | 'downgrade' | 'stamp';
  /** The revision that was applied, taken back or stamped; null for a stamp of nothing. */
  readonly revision: string | null;
  /** The line of the log: `Running upgrade a -> b, message`. */
  readonly line: string;
  /** The heads of the database by now. */
  readonly heads: readonly string[];
  /** Runs a statement in that transaction; values of a fragment are bound. */
  execute(statement: SqlText): Promise<{ readonly changes: number }>;
}

/** Hooks of the configuration, each where Alembic's environment has it. */
export interface MigrationHooks {
  readonly includeObject?: IncludeObject | undefined;
  readonly includeName?: IncludeName | undefined;
  readonly compareType?: boolean | CompareColumns | undefined;
  readonly compareDefault?: boolean | CompareColumns | undefined;
  readonly processOperations?: ProcessOperations | undefined;
  readonly afterWrite?: AfterWrite | readonly AfterWrite[] | undefined;
  readonly onVersionApply?: ((applied: VersionApplied) => unknown) | undefined;
  readonly operations?: CustomOperations | undefined;
}
