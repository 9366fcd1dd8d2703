/**
 * What the migration commands need from outside, as narrow functions: they have never heard of an entity,
 * a configuration file or a loader.
 */

import type { Database, Dialect, OpenOptions } from '../dialects/contract.js';
import type { Schema } from '../schema/model.js';
import type { Rename } from '../schema/rename.js';
import type { MigrationHooks } from './hooks/types.js';
import type { Decider, MigrationEvent } from './types.js';

/** What the models want, and the renames that they tell of. */
export interface WantedModels {
  readonly schema: Schema;
  readonly renames: readonly Rename[];
}

export interface MigrationEnvironment {
  readonly dialect: Dialect;
  /** Opens the database; the commands close what they opened. */
  open(mode: OpenOptions['mode']): Promise<Database>;
  /** Runs work that holds the write lease of the database. */
  whileHolding<R>(work: () => Promise<R>): Promise<R>;
  /** Absolute; the first one is where files go when nothing else says so. */
  readonly folders: readonly string[];
  /** Of new migration files, with its dot. */
  readonly extension: string;
  /** The paths of the modules in a folder, sorted by name. @throws when there is no such folder */
  files(folder: string): readonly string[];
  readonly versionTable: string;
  /** `%(rev)s_%(slug)s` and Alembic's other tokens. */
  readonly fileTemplate: string;
  /** Of dates in headers and file names; UTC when undefined. */
  readonly timezone: string | undefined;
  readonly lockTimeoutMs: number;
  /** Loads the module of a migration file. */
  load(path: string): Promise<Readonly<Record<string, unknown>>>;
  /** Undefined where the configuration names no entities. */
  readonly models: (() => Promise<WantedModels>) | undefined;
  readonly decider: Decider | undefined;
  onEvent(event: MigrationEvent): void;
  /** What the configuration has a say in. */
  readonly hooks?: MigrationHooks | undefined;
  /** Whether each revision commits by itself, which is so unless it is false. */
  readonly transactionPerMigration?: boolean | undefined;
  /** Where commands of `afterWrite` run; the working directory when undefined. */
  readonly directory?: string | undefined;
}

/** Tables that are ours and never the schema's. */
export function ownTables(environment: Pick<MigrationEnvironment, 'versionTable'>): string[] {
  return [environment.versionTable, JOURNAL_TABLE, LOCK_TABLE];
}

export const JOURNAL_TABLE = 'limbeck_journal';
export const LOCK_TABLE = 'limbeck_lock';
