/** Codes of migrations as they are written and run. Those of the revision graph stand in `revision.ts`. */

import {
  ConfigError,
  DataLossError,
  DecisionNeededError,
  LockTimeoutError,
  MigrationError,
  NotUpToDateError,
  OfflineError,
} from '../errors.js';

const lines = (items: readonly string[]): string => items.map((item) => `\n  ${item}`).join('');

export interface StepRefused {
  readonly rows: number;
  readonly table: string;
  readonly columns: readonly string[];
  readonly problem: string;
  readonly step: string;
  readonly remedy: string;
}

/** What somebody has done to a database beside its migrations. */
export interface FoundDrift {
  readonly heads: readonly string[];
  readonly changes: readonly string[];
  readonly warnings: readonly string[];
  /** Operations that lead back, and those that lead here. */
  readonly revert: readonly unknown[];
  readonly adopt: readonly unknown[];
}

export const MIGRATION_CODES = {
  NOT_UP_TO_DATE: {
    type: NotUpToDateError,
    message: (_: { current: readonly string[]; heads: readonly string[] }) =>
      'Target database is not up to date.',
    hint: 'Run `limbeck upgrade head` first (or `limbeck stamp head` when the schema is there already).',
  },
  NEW_OPERATIONS: {
    type: MigrationError,
    message: (c: { changes: readonly string[] }) =>
      `New upgrade operations detected: ${c.changes.join('; ')}`,
    hint: 'Run `limbeck revision --autogenerate` to write a migration for them.',
  },
  DRIFT_FOUND: {
    type: MigrationError,
    message: (c: FoundDrift) =>
      `The database is not what the files say${c.heads.length === 0 ? ', which is nothing: it stands at no revision' : ` at ${c.heads.join(', ')}`}.${lines(c.changes)}`,
    hint: (c: FoundDrift) =>
      c.heads.length === 0
        ? 'A database that was there before its migrations is told of by `limbeck stamp`; docs/adoption.md shows the way.'
        : '`limbeck verify --sql` prints the SQL that leads back to the files; `limbeck verify --adopt -m "…"` writes a revision that does the same elsewhere.',
  },
  DECISION_NEEDED: {
    type: DecisionNeededError,
    message: (c: {
      questions: readonly string[];
      candidates: readonly unknown[];
      flags: readonly string[];
    }) => `A decision is needed that only you can take; nothing was written.${lines(c.questions)}`,
    hint: (c: { questions: readonly string[]; candidates: readonly unknown[]; flags: readonly string[] }) =>
      `Settle each with one of:${lines(c.flags)}`,
  },
  DECISION_UNKNOWN: {
    type: MigrationError,
    message: (c: { flag: string; problem: string }) => `${c.flag}: ${c.problem}.`,
    hint: 'Names are those of the database and of the models; a name with . or : stands in double quotes.',
  },
  MODELS_MISSING: {
    type: ConfigError,
    message: (_: Record<string, never>) =>
      "Can't proceed with --autogenerate: the configuration names no entities.",
    hint: "Name them: entities: ['entities/*.ts'] or a list of classes.",
  },
  STEP_LOSES_DATA: {
    type: DataLossError,
    message: (c: StepRefused) =>
      `${c.step} is refused: ${c.rows} ${c.rows === 1 ? 'row' : 'rows'} of '${c.table}' ${c.problem}.`,
    hint: (c: StepRefused) => c.remedy,
  },
  DEPENDENT_BROKEN: {
    type: MigrationError,
    message: (c: { object: string; reason: string }) =>
      `The revision would leave ${c.object} broken (${c.reason}); it is undone.`,
    hint: 'Drop it before, or replace it, in the same revision.',
  },
  REQUIREMENT_NOT_MET: {
    type: MigrationError,
    message: (c: { requirement: string }) => `A requirement of the revision is not met: ${c.requirement}`,
    hint: 'Nothing of the revision was kept.',
  },
  HOOK_FAILED: {
    type: ConfigError,
    message: (c: { hook: string; reason: string }) => `In ${c.hook} of the configuration: ${c.reason}`,
  },
  AFTER_WRITE_FAILED: {
    type: ConfigError,
    message: (c: { command: string; path: string; reason: string }) =>
      `In afterWrite of the configuration: ${c.command} ${c.reason}`,
    hint: (c: { command: string; path: string; reason: string }) =>
      `The migration was written: ${c.path}. Put it right by hand, or delete it.`,
  },
  CUSTOM_OPERATION_UNKNOWN: {
    type: MigrationError,
    message: (c: { name: string; names: readonly string[]; nearest?: string | undefined }) =>
      `No operation '${c.name}' is registered.`,
    hint: (c: { name: string; names: readonly string[]; nearest?: string | undefined }) =>
      c.nearest === undefined
        ? 'Register it in the configuration, under operations.'
        : `Did you mean '${c.nearest}'?`,
  },
  CUSTOM_OPERATION_ARGS: {
    type: MigrationError,
    message: (c: { name: string }) => `The arguments of the operation '${c.name}' are not plain data.`,
    hint: 'Give an object of numbers, texts, booleans, null, and lists and objects of them: what JSON can say.',
  },
  ONE_TRANSACTION_IMPOSSIBLE: {
    type: MigrationError,
    message: (c: { revision: string }) =>
      `Revision ${c.revision} has steps that no transaction can hold, and all revisions of a run are to be in one.`,
    hint: 'Set transactionPerMigration to true, at least for this run.',
  },
  EFFECT_INVALID: {
    type: MigrationError,
    message: (_: Record<string, never>) =>
      'The effect of a statement is told in directives that change the schema.',
    hint: 'Call directives such as op.addColumn in it; they are not carried out. Data steps stand beside it.',
  },
  FOREIGN_KEYS_BROKEN: {
    type: DataLossError,
    message: (c: {
      keys: readonly { table: string; columns: string; refTable: string; rows: readonly string[] }[];
    }) =>
      `The revision would leave rows without the row they refer to; it is undone.${lines(
        c.keys.map(
          ({ table, columns, refTable, rows }) =>
            `${rows.length} of '${table}' (${columns}) without their '${refTable}': rows ${rows.slice(0, 5).join(', ')}${rows.length > 5 ? ', …' : ''}`,
        ),
      )}`,
    hint: 'While a table is rebuilt keys do not act: delete or change those rows in a data step of the revision.',
  },
  LOCK_TIMEOUT: {
    type: LockTimeoutError,
    message: (c: { seconds: number; holder: string | undefined; isHeld?: boolean | undefined }) =>
      `The database was locked for more than ${c.seconds} s${c.holder === undefined ? '' : `; ${c.isHeld ? 'the lock is held' : 'migrations were announced'} by ${c.holder}`}.`,
    hint: 'Wait for the other run to finish, end it, or raise lockTimeoutMs.',
    retryable: true,
  },
  STEP_CHANGED: {
    type: MigrationError,
    message: (c: { revision: string; step: number; text: string }) =>
      `Revision ${c.revision} is half applied, and its step ${c.step} is not what it was when it ran; now: ${c.text.slice(0, 200)}`,
    hint: 'Restore the steps that have run as they were; only what comes after them may change.',
  },
  REVISION_UNFINISHED: {
    type: MigrationError,
    message: (c: { revision: string; direction: 'upgrade' | 'downgrade' }) =>
      `The ${c.direction} of revision ${c.revision} was begun and not finished.`,
    hint: (c: { revision: string; direction: 'upgrade' | 'downgrade' }) =>
      `Finish it first: limbeck ${c.direction} ${c.direction === 'upgrade' ? c.revision : `${c.revision}-1`}`,
  },
  OFFLINE: {
    type: OfflineError,
    message: (c: { directive: string }) => `op.${c.directive} needs a database, and here is none.`,
    hint: 'Ask `op.isOffline` first.',
  },
  OFFLINE_REBUILD: {
    type: OfflineError,
    message: (c: { table: string; step: string }) =>
      `Table '${c.table}' must be rebuilt after '${c.step}', which may have made triggers on it that are unknown here.`,
    hint: 'Run the upgrade on a database, or make triggers by op.createTrigger.',
  },
  OPERATION_AFTER_END: {
    type: MigrationError,
    message: (c: { directive: string }) =>
      `op.${c.directive} was called after the function of the revision had returned.`,
    hint: 'Make the function async and await what it starts.',
  },
  TRANSACTION_LEFT: {
    type: MigrationError,
    message: (c: { statement: string }) =>
      `The transaction of a revision is not for its statements to begin or end: ${c.statement}`,
    hint: 'Leave BEGIN, COMMIT and ROLLBACK to the runner.',
  },
  COLUMN_OPTIONS_INVALID: {
    type: MigrationError,
    message: (c: { column: string; problem: string; cure: string }) => `Column '${c.column}': ${c.problem}.`,
    hint: (c: { column: string; problem: string; cure: string }) => c.cure,
  },
  MIGRATION_FAILED: {
    type: MigrationError,
    message: (c: { revision: string; path: string; reason: string }) =>
      `${c.reason}\n  in revision ${c.revision}, ${c.path}`,
  },
  MIGRATION_FILE_BROKEN: {
    type: MigrationError,
    message: (c: { path: string; problem: string; cure?: string | undefined }) =>
      `Migration file ${c.path} cannot be used: ${c.problem}.`,
    hint: (c: { path: string; problem: string; cure?: string | undefined }) =>
      'cure' in c ? c.cure : 'A migration exports revision, downRevision, upgrade and downgrade.',
  },
  MIGRATION_FILE_EXISTS: {
    type: MigrationError,
    message: (c: { path: string }) => `File ${c.path} exists already; it is left as it is.`,
  },
  MIGRATIONS_FOLDER_MISSING: {
    type: ConfigError,
    message: (c: { path: string }) => `Path doesn't exist: ${c.path}.`,
    hint: 'Run `limbeck init`, or make the folder.',
  },
  VERSION_PATH_NEEDED: {
    type: MigrationError,
    message: (_: { folders: readonly string[] }) =>
      'Multiple version locations present, please specify --version-path.',
    hint: (c: { folders: readonly string[] }) => `One of: ${c.folders.join(', ')}`,
  },
  VERSION_PATH_UNKNOWN: {
    type: MigrationError,
    message: (c: { path: string; folders: readonly string[] }) =>
      `Path ${c.path} is not represented in current version locations.`,
    hint: (c: { path: string; folders: readonly string[] }) => `One of: ${c.folders.join(', ')}`,
  },
  VERSION_ROW_MISSING: {
    type: MigrationError,
    message: (c: { action: string; table: string; found: number }) =>
      `Online migration expected to match one row when ${c.action} in '${c.table}'; ${c.found} found`,
    hint: 'Somebody else changed the version table during the run; look at it and run again.',
  },
  NOT_ON_ALL_HEADS: {
    type: NotUpToDateError,
    message: (_: { current: readonly string[]; heads: readonly string[] }) =>
      'Database is not on all head revisions',
    hint: 'Run `limbeck upgrade heads`.',
  },
  SQL_RANGE_INVALID: {
    type: MigrationError,
    message: (c: { problem: string }) => c.problem,
    hint: 'Give FROM:TO; without a database nobody knows where it stands.',
  },
  SQL_NOT_POSSIBLE: {
    type: MigrationError,
    message: (c: { problem: string }) => c.problem,
  },
};
