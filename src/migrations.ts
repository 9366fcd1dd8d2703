/**
 * `migrations(config)`: the migration commands for a configuration or a data source, one method a command.
 * Here the entities, the loader and the dialect are joined into what the commands need.
 */

import { type Config, isDataSource, openOptions, type ResolvedConfig, resolveConfig } from './config.js';
import type { Capabilities, Database, OpenOptions } from './dialects/contract.js';
import { dialectFor } from './dialects/registry.js';
import { holding, notHolding, refuseToWait } from './dialects/shared/holding.js';
import { buildEntities } from './metadata/build.js';
import { renames, toSchema } from './metadata/to-schema.js';
import type { MigrationEnvironment, WantedModels } from './migration/environment.js';
import type { Decider, MigrationEvent, Migrations } from './migration/types.js';
import type { Rename } from './schema/rename.js';

/** What the caller of the commands brings along. */
export interface MigrationsOptions {
  /** Answers questions; without one an open question is an error. */
  readonly decider?: Decider;
  readonly onEvent?: (event: MigrationEvent) => void;
  /** `-x key=value` of the command line. */
  readonly x?: Readonly<Record<string, string>>;
  /** An open database to work on; whoever opened it closes it. */
  readonly database?: Database;
}

/** How a data source hands its open database over. */
export const OPEN_DATABASE = Symbol.for('limbeck.open-database');

/**
 * The migration commands from code, one method a command.
 *
 * ```ts
 * const m = migrations(config);
 * await m.upgrade('head');
 * ```
 *
 * @param config a configuration, or a data source, whose open database is then used
 */
export function migrations(
  config: Config | DataSourceLike,
  options: Omit<MigrationsOptions, 'x'> = {},
): Migrations {
  if (!isDataSource(config)) return openMigrations(resolveConfig(config), options);
  const source = config as { readonly [OPEN_DATABASE]?: Database | undefined };
  return openMigrations(resolveConfig(config.options), options, () => source[OPEN_DATABASE]);
}

/** A data source, as far as migrations know it. */
export interface DataSourceLike {
  readonly options: Config;
}

/** Gives the open database of a data source, if it has one. */
type Lender = () => Database | undefined;

/**
 * The commands for a resolved configuration. Nothing is loaded or opened before a command needs it.
 *
 * @param lend asked by each command anew: a data source may be opened after its migrations were, and the test
 * kit puts another database under it
 */
export function openMigrations(
  config: ResolvedConfig,
  options: MigrationsOptions = {},
  lend: Lender = () => undefined,
): Migrations {
  const ready = once(async () => {
    // Half of the library, which an application that only queries never needs.
    const { migrationCommands } = await import('./migration/commands/index.js');
    return migrationCommands(await environmentOf(config, options, lend));
  });
  return Object.fromEntries(
    COMMANDS.map((name) => [name, async (...given: never[]) => call(await ready(), name, given)]),
  ) as unknown as Migrations;
}

/** All of them: the type says when one is missing. */
const COMMANDS = Object.keys({
  revision: true,
  upgrade: true,
  downgrade: true,
  stamp: true,
  merge: true,
  rebase: true,
  diff: true,
  check: true,
  verify: true,
  plan: true,
  current: true,
  heads: true,
  history: true,
  branches: true,
  show: true,
  ensureVersion: true,
  repair: true,
  graph: true,
  erd: true,
} satisfies Record<keyof Migrations, true>) as (keyof Migrations)[];

function call(commands: Migrations, name: keyof Migrations, given: readonly never[]): unknown {
  const command = commands[name] as (...args: readonly never[]) => unknown;
  return command(...given);
}

async function environmentOf(
  config: ResolvedConfig,
  options: MigrationsOptions,
  lend: Lender,
): Promise<MigrationEnvironment> {
  const dialect = options.database?.dialect ?? (await dialectFor(config.url));
  const { filesInFolder } = await import('./loading/files.js');
  const hasEntities = config.entityGlobs.length + config.entityClasses.length > 0;
  return {
    dialect,
    open: (mode) => openDatabase(config, options.database ?? lend(), mode),
    whileHolding: (work) => {
      const lent = options.database ?? lend();
      return lent === undefined ? work() : holding(lent, work);
    },
    folders: config.migrations,
    extension: config.extension,
    files: (folder) => filesInFolder(folder, config.extension),
    versionTable: config.versionTable,
    fileTemplate: config.fileTemplate,
    timezone: config.timezone,
    lockTimeoutMs: config.lockTimeoutMs,
    transactionPerMigration: config.transactionPerMigration,
    hooks: config.hooks,
    directory: config.directory,
    load: async (path) => (await import('./loading/modules.js')).loadModule(path),
    models: hasEntities ? () => wantedModels(config, dialect.capabilities) : undefined,
    decider: options.decider,
    onEvent: (event) => notHolding(() => options.onEvent?.(event)),
  };
}

async function openDatabase(
  config: ResolvedConfig,
  database: Database | undefined,
  mode: OpenOptions['mode'],
): Promise<Database> {
  if (database === undefined) return (await dialectFor(config.url)).open(openOptions(config, mode));
  refuseToWait(database);
  // Who lent the database goes on using it.
  return {
    dialect: database.dialect,
    singleWriter: database.singleWriter,
    acquire: (purpose) => database.acquire(purpose),
    close: async () => {},
  };
}

async function wantedModels(
  config: ResolvedConfig,
  { maxIdentifierBytes, uniqueConstraints, enumTypes }: Capabilities,
): Promise<WantedModels> {
  const { loadEntities } = await import('./loading/entities.js');
  const registry = buildEntities(await loadEntities(config), {
    naming: config.naming,
    lacks: { uniqueConstraints: !uniqueConstraints, enumTypes: !enumTypes },
    maxIdentifierBytes,
    defaultSchema: config.schema,
  });
  return { schema: toSchema(registry), renames: renames(registry).map(toRename) };
}

function toRename(told: ReturnType<typeof renames>[number]): Rename {
  return told.kind === 'table' ? { kind: 'table', name: told.table, to: told.to } : told;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
