/**
 * `ormconfig.ts`: what may stand in it, checked at once and completed with defaults and absolute paths.
 *
 * A person writes a `Config`; everything below works with a `ResolvedConfig`.
 */

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { error } from './base/error-codes.js';
import { compact } from './base/structure.js';
import { findProblems } from './config/checks.js';
import type { Config } from './config/settings.js';
import type { IsolationLevel, OpenOptions } from './dialects/contract.js';
import type { EntityClass } from './metadata/entity.js';
import type { MigrationHooks } from './migration/hooks/types.js';
import { chosenNaming } from './schema/chosen-naming.js';
import type { NamingStrategy } from './schema/naming.js';
import { consoleLogger, type Logger } from './session/log-entry.js';
import type { ValidationOptions } from './session/validation.js';

export type { Config, PoolOptions } from './config/settings.js';

/** Extensions of modules that Node can load, with a loader for the TypeScript ones. */
export const MODULE_EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'] as const;
export type ModuleExtension = (typeof MODULE_EXTENSIONS)[number];

/** A configuration made whole: defaults filled in, paths absolute. */
export interface ResolvedConfig {
  readonly name: string;
  /** A relative path to a database file is absolute now. */
  readonly url: string;
  /** The file that it was written in; undefined when it came from a running program. */
  readonly file: string | undefined;
  /** What relative paths are relative to. */
  readonly directory: string;
  /** With which the configuration was loaded; globs and folders match files of the same kind only. */
  readonly extension: ModuleExtension;
  /** As written, relative to `directory`: joined, a directory's own brackets would become part of the glob. */
  readonly entityGlobs: readonly string[];
  readonly entityClasses: readonly EntityClass[];
  /** Absolute, at least one. */
  readonly migrations: readonly string[];
  readonly schema: string | undefined;
  readonly replicas: readonly string[];
  readonly isolation: IsolationLevel | undefined;
  readonly maxConnections: number | undefined;
  readonly acquireTimeoutMs: number | undefined;
  readonly versionTable: string;
  readonly naming: NamingStrategy;
  readonly logger: Logger | undefined;
  readonly logParameters: boolean;
  readonly slowQueryMs: number | undefined;
  readonly subscriberGlobs: readonly string[];
  readonly subscribers: readonly object[];
  /** Undefined where nothing is validated. */
  readonly validate: ValidationOptions | undefined;
  readonly fileTemplate: string;
  readonly timezone: string;
  readonly lockTimeoutMs: number;
  readonly transactionPerMigration: boolean;
  readonly hooks: MigrationHooks;
}

/** Marks a data source, whose `options` are its configuration, also one of another copy of the package. */
export const DATA_SOURCE = Symbol.for('limbeck.data-source');

/** Whether a value is a data source, and so carries its configuration as `options`. */
export function isDataSource(value: unknown): value is { readonly options: unknown } {
  return typeof value === 'object' && value !== null && DATA_SOURCE in value;
}

const CONFIG_FILE = Symbol.for('limbeck.config-file');

/**
 * Gives a configuration back, typed, and remembers the file that it stands in, so that its paths mean the
 * same to the command line and to a program that imports it from wherever it runs.
 *
 * ```ts
 * export default defineConfig({ url: 'sqlite:library.db', entities: ['entities/*.ts'] });
 * ```
 */
export function defineConfig(config: Config): Config;
export function defineConfig(configs: readonly Config[]): readonly Config[];
export function defineConfig(config: Config | readonly Config[]): Config | readonly Config[] {
  const file = callerFile(defineConfig);
  return isList(config) ? config.map((one) => mark(one, file)) : mark(config, file);
}

/** `Array.isArray`, which does not know read-only arrays. */
function isList(config: Config | readonly Config[]): config is readonly Config[] {
  return Array.isArray(config);
}

function mark<T>(config: T, file: string | undefined): T {
  if (typeof config !== 'object' || config === null || file === undefined) return config;
  return Object.defineProperty({ ...config }, CONFIG_FILE, { value: file });
}

/** The file that called a function; undefined where it is none (a REPL). */
function callerFile(callee: (...args: never[]) => unknown): string | undefined {
  // Source maps replace `prepareStackTrace`; the frames themselves name the file that was loaded.
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    const holder: { stack?: unknown } = {};
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_, frames) => frames[0]?.getFileName();
    Error.captureStackTrace(holder, callee);
    return typeof holder.stack === 'string' ? toPath(holder.stack) : undefined;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function toPath(name: string): string | undefined {
  // Loaders tell versions of a module apart with a query.
  const plain = name.replace(/[?#].*$/, '');
  if (plain.startsWith('file:')) return fileURLToPath(plain);
  return path.isAbsolute(plain) ? plain : undefined;
}

/**
 * Checks a configuration and completes it.
 *
 * @param raw what a user wrote
 * @param file where it was loaded from; where `defineConfig` stands counts more, and without either, paths are
 * relative to the working directory
 * @throws CONFIG_INVALID with all mistakes at once
 */
export function resolveConfig(raw: unknown, file?: string): ResolvedConfig {
  const source = definedIn(raw) ?? file;
  const problems = findProblems(raw);
  if (problems.length > 0) throw error('CONFIG_INVALID', { file: source ?? file, problems });
  const config = raw as Config;
  const directory = source === undefined ? process.cwd() : path.dirname(source);
  const entities = config.entities ?? [];
  const subscribers = config.subscribers ?? [];
  const migrations = [config.migrations ?? 'migrations']
    .flat()
    .map((folder) => path.resolve(directory, folder));
  return {
    name: config.name ?? 'default',
    url: absoluteUrl(config.url, directory),
    file: source,
    directory,
    extension: source === undefined ? extensionInUse(migrations) : extensionOf(source),
    entityGlobs: entities.filter((entity) => typeof entity === 'string'),
    entityClasses: entities.filter((entity) => typeof entity !== 'string'),
    migrations,
    schema: config.schema,
    replicas: (config.replicas ?? []).map((url) => absoluteUrl(url, directory)),
    isolation: config.isolation,
    maxConnections: config.pool?.max,
    acquireTimeoutMs: config.pool?.acquireTimeoutMs,
    versionTable: config.versionTable ?? 'limbeck_version',
    naming: chosenNaming(config.naming),
    logger: loggerOf(config.logger),
    logParameters: config.logParameters === true,
    slowQueryMs: config.slowQueryMs,
    subscriberGlobs: subscribers.filter((each) => typeof each === 'string'),
    subscribers: subscribers.filter((each) => typeof each === 'object' || typeof each === 'function'),
    validate: validationOptions(config.validate),
    fileTemplate: config.fileTemplate ?? '%(rev)s_%(slug)s',
    timezone: config.timezone ?? 'UTC',
    lockTimeoutMs: config.lockTimeoutMs ?? 30_000,
    transactionPerMigration: config.transactionPerMigration ?? true,
    hooks: hooksOf(config),
  };
}

function hooksOf(config: Config): MigrationHooks {
  const { includeObject, includeName, compareType, compareDefault, processOperations } = config;
  const { afterWrite, onVersionApply, operations } = config;
  return compact({
    includeObject,
    includeName,
    compareType,
    compareDefault,
    processOperations,
    afterWrite,
    onVersionApply,
    operations,
  });
}

function validationOptions(validate: Config['validate']): ValidationOptions | undefined {
  if (validate === false) return undefined;
  return validate === undefined || validate === true ? {} : validate;
}

function loggerOf(logger: Config['logger']): Logger | undefined {
  if (typeof logger === 'function') return logger;
  return logger === true || logger === 'console' ? consoleLogger : undefined;
}

/** What a database is opened with. */
export function openOptions(
  config: Pick<ResolvedConfig, 'url' | 'schema' | 'maxConnections' | 'acquireTimeoutMs'>,
  mode: OpenOptions['mode'],
): OpenOptions {
  const { url, schema, maxConnections, acquireTimeoutMs } = config;
  return { url, mode, schema, maxConnections, acquireTimeoutMs };
}

function definedIn(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  return (raw as { [CONFIG_FILE]?: string })[CONFIG_FILE];
}

function extensionOf(file: string): ModuleExtension {
  const extension = path.extname(file);
  return MODULE_EXTENSIONS.find((known) => known === extension) ?? '.js';
}

/**
 * For a configuration that came from no file: what the migration folders hold says which files are meant;
 * empty ones get what the program itself was started as.
 */
function extensionInUse(folders: readonly string[]): ModuleExtension {
  for (const folder of folders) {
    const used = MODULE_EXTENSIONS.find((extension) =>
      namesIn(folder).some((name) => name.endsWith(extension)),
    );
    if (used !== undefined) return used;
  }
  return extensionOf(process.argv[1] ?? '');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !/\.d\.[cm]?ts$/.test(name));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

/** A URL without `//` names a file: `sqlite:library.db`. What begins with a colon names none (`:memory:`). */
function absoluteUrl(url: string, directory: string): string {
  const parts = /^([a-z][a-z\d+.-]*):(?!\/\/|:)([^?]+)(\?.*)?$/is.exec(url);
  if (parts === null) return url;
  const [, scheme, file = '', query = ''] = parts;
  return `${scheme}:${path.resolve(directory, file)}${query}`;
}
