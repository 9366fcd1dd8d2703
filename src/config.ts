/**
 * `ormconfig.ts`: what may stand in it, checked at once and completed with defaults and absolute paths.
 *
 * A person writes a `Config`; everything below works with a `ResolvedConfig`. Keys that a later release will
 * know are refused by name: a setting that is quietly ignored is worse than none.
 */

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigProblem } from './base/catalogue/config.js';
import { error } from './base/error-codes.js';
import { nearestName } from './base/text.js';
import type { IsolationLevel, OpenOptions } from './dialects/contract.js';
import type { EntityClass } from './metadata/entity.js';
import { JOURNAL_TABLE, LOCK_TABLE } from './migration/environment.js';
import { chosenNaming, NAMING_KEYS } from './schema/chosen-naming.js';
import type { NamingStrategy } from './schema/naming.js';
import { consoleLogger, type Logger } from './session/log-entry.js';
import type { SubscriberClass } from './session/subscriber.js';
import { LEVELS } from './session/transaction-options.js';
import { VALIDATION_OPTIONS, type ValidationOptions } from './session/validation.js';

/** The configuration of one database. */
export interface Config {
  /** `sqlite:file.db` (relative to this file), `sqlite::memory:`, `postgres://…`, `mysql://…`, `mariadb://…` */
  readonly url: string;
  /** Tells several databases apart: `limbeck -n NAME`. `default` when absent. */
  readonly name?: string | undefined;
  /** Globs relative to this file, or classes. */
  readonly entities?: readonly (string | EntityClass)[] | undefined;
  /** One folder, or several; `migrations` when absent. */
  readonly migrations?: string | readonly string[] | undefined;
  /** PostgreSQL: where tables live that name no schema; the connection's own default when absent. */
  readonly schema?: string | undefined;
  /**
   * URLs of copies that answer reads outside transactions, in turn; all of the same kind as `url`, which gets
   * everything else. What was written a moment ago may not be there yet: `readFrom('primary', …)`.
   */
  readonly replicas?: readonly string[] | undefined;
  /** Of every transaction that asks for none; the server's default when absent. SQLite's are serializable. */
  readonly isolation?: IsolationLevel | undefined;
  /** Connections to a server; SQLite has its own rule. */
  readonly pool?: PoolOptions | undefined;
  /** `limbeck_version` when absent; `alembic_version` takes over a database from Alembic. */
  readonly versionTable?: string | undefined;
  /** How names are made where none is given; what is left out is snake_case. `'typeorm'` names as TypeORM does. */
  readonly naming?: Partial<NamingStrategy> | 'typeorm' | undefined;
  /** Told of every statement, transaction and problem; `true` or `'console'` writes a line each to the console. */
  readonly logger?: Logger | boolean | 'console' | undefined;
  /** The logger, and subscribers of `diagnostics_channel`, see the values of parameters: they are your users' data. */
  readonly logParameters?: boolean | undefined;
  /** From how many milliseconds on an entry says that its statement was slow; none does when absent. */
  readonly slowQueryMs?: number | undefined;
  /** Who is told of what happens to entities: classes, objects, or globs of files that export classes with `@EventSubscriber()`. */
  readonly subscribers?: readonly (string | SubscriberClass | object)[] | undefined;
  /** Rules of class-validator on write: on where a class has any; `false`, or the options that it takes. */
  readonly validate?: boolean | ValidationOptions | undefined;
  /** The name of a migration file, with Alembic's tokens; `%(rev)s_%(slug)s` when absent. */
  readonly fileTemplate?: string | undefined;
  /** Of the dates in migration files and their names, such as `Europe/Vienna`; `UTC` when absent. */
  readonly timezone?: string | undefined;
  /** How long a run waits for another one to end; 30 seconds when absent. */
  readonly lockTimeoutMs?: number | undefined;
}

/** Connections to a server. */
export interface PoolOptions {
  /** Most connections at once; 10 when absent. SQLite has one writer and a few readers whatever is said. */
  readonly max?: number | undefined;
  /** How long a call waits for a connection that others hold before POOL_TIMEOUT; 60,000 when absent. */
  readonly acquireTimeoutMs?: number | undefined;
}

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
  };
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

type Check = (value: unknown) => string | undefined;

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const kindOf = (value: unknown): string =>
  value === null || value === undefined
    ? String(value)
    : Array.isArray(value)
      ? 'an array'
      : `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
const mustBe = (what: string, value: unknown): string =>
  `must be ${what}, not ${value === '' ? 'empty' : kindOf(value)}.`;
const text =
  (what: string): Check =>
  (value) =>
    isText(value) ? undefined : mustBe(what, value);

function milliseconds(value: unknown): string | undefined {
  return typeof value === 'number' && value >= 0
    ? undefined
    : mustBe('a number of milliseconds, 0 or more', value);
}

function checkVersionTable(value: unknown): string | undefined {
  if (value === JOURNAL_TABLE || value === LOCK_TABLE) return `must not be '${value}', which is taken.`;
  return text('the name of a table')(value);
}

function checkPool(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mustBe('an object', value);
  const unknown = Object.keys(value).find((key) => key !== 'max' && key !== 'acquireTimeoutMs');
  if (unknown !== undefined) return `knows no '${unknown}'. There are max and acquireTimeoutMs.`;
  const { max, acquireTimeoutMs } = value as PoolOptions;
  if (max !== undefined && !(Number.isInteger(max) && max > 0)) return "'max' must be a whole number from 1.";
  return acquireTimeoutMs === undefined || (typeof acquireTimeoutMs === 'number' && acquireTimeoutMs > 0)
    ? undefined
    : "'acquireTimeoutMs' must be a number of milliseconds above 0.";
}

function checkReplicas(value: unknown): string | undefined {
  if (!Array.isArray(value)) return mustBe('an array of URLs', value);
  const problems = value.map(checkUrl);
  const index = problems.findIndex((problem) => problem !== undefined);
  return index < 0 ? undefined : `entry ${index} ${problems[index]}`;
}

const CHECKS: Readonly<Record<keyof Config, Check>> = {
  url: checkUrl,
  name: text('a name'),
  entities: checkEntities,
  migrations: checkMigrations,
  schema: text('the name of a schema'),
  replicas: checkReplicas,
  isolation: (value) =>
    LEVELS.some((level) => level === value) ? undefined : `must be one of ${LEVELS.join(', ')}.`,
  pool: checkPool,
  versionTable: checkVersionTable,
  naming: checkNaming,
  subscribers: checkSubscribers,
  validate: checkValidate,
  logger: (value) =>
    typeof value === 'function' || typeof value === 'boolean' || value === 'console'
      ? undefined
      : mustBe("a function, true, or 'console'", value),
  logParameters: (value) => (typeof value === 'boolean' ? undefined : mustBe('true or false', value)),
  slowQueryMs: milliseconds,
  fileTemplate: checkFileTemplate,
  timezone: checkTimezone,
  lockTimeoutMs: milliseconds,
};

/** Part of the contract, and not of this release. */
const LATER = new Set([
  'guards',
  'transactionPerMigration',
  'includeObject',
  'includeName',
  'compareType',
  'compareDefault',
  'processOperations',
  'afterWrite',
]);

/** What TypeORM and Alembic call it; hands that know them write these first. */
const OTHER_WORDS: Readonly<Record<string, keyof Config>> = {
  type: 'url',
  host: 'url',
  port: 'url',
  username: 'url',
  password: 'url',
  database: 'url',
  migrationsTableName: 'versionTable',
  namingStrategy: 'naming',
  logging: 'logger',
  isolationLevel: 'isolation',
  replication: 'replicas',
  maxQueryExecutionTime: 'slowQueryMs',
  script_location: 'migrations',
  file_template: 'fileTemplate',
};

function findProblems(raw: unknown): ConfigProblem[] {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return [{ key: '', problem: `A configuration ${mustBe('an object', raw)}` }];
  }
  const given = Object.entries(raw).filter(([, value]) => value !== undefined);
  const problems: ConfigProblem[] = [];
  if (!given.some(([key]) => key === 'url')) {
    problems.push({ key: 'url', problem: "is missing. Name the database, for example 'sqlite:library.db'." });
  }
  for (const [key, value] of given) {
    const problem = Object.hasOwn(CHECKS, key) ? CHECKS[key as keyof Config](value) : unknownKey(key);
    if (problem !== undefined) problems.push({ key, problem });
  }
  return problems;
}

function unknownKey(key: string): string {
  if (LATER.has(key)) return 'is not available yet. Leave it out.';
  const known = Object.hasOwn(OTHER_WORDS, key) ? OTHER_WORDS[key] : nearestName(key, Object.keys(CHECKS));
  return `is no setting.${known === undefined ? ` There are ${Object.keys(CHECKS).join(', ')}.` : ` Did you mean '${known}'?`}`;
}

/** The value itself is never repeated: it may hold a password. */
function checkUrl(value: unknown): string | undefined {
  if (!isText(value)) return mustBe("a URL such as 'sqlite:library.db'", value);
  if (/^[a-z][a-z\d+.-]*:./is.test(value)) return undefined;
  return "must begin with the kind of database: 'sqlite:library.db', 'postgres://user:password@host/database'.";
}

function checkEntities(value: unknown): string | undefined {
  if (!Array.isArray(value)) return mustBe('an array of globs or classes', value);
  const index = value.findIndex((entity) => !isText(entity) && typeof entity !== 'function');
  if (index < 0) return undefined;
  const cause = value[index] === undefined ? ' (do two files import each other?)' : '';
  return `must hold globs or classes; entry ${index} is ${value[index] === '' ? 'empty' : kindOf(value[index])}${cause}.`;
}

function checkSubscribers(value: unknown): string | undefined {
  if (!Array.isArray(value)) return mustBe('an array of globs, classes or objects', value);
  const index = value.findIndex(
    (each) => !isText(each) && typeof each !== 'function' && (typeof each !== 'object' || each === null),
  );
  return index < 0
    ? undefined
    : `must hold globs, classes or objects; entry ${index} is ${value[index] === '' ? 'empty' : kindOf(value[index])}.`;
}

function checkValidate(value: unknown): string | undefined {
  if (typeof value === 'boolean') return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return mustBe('true, false or options of class-validator', value);
  }
  const unknown = Object.keys(value).find((key) => !(VALIDATION_OPTIONS as readonly string[]).includes(key));
  if (unknown === undefined) return undefined;
  const nearest = nearestName(unknown, VALIDATION_OPTIONS);
  return `knows no '${unknown}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`}`;
}

function checkMigrations(value: unknown): string | undefined {
  const folders = Array.isArray(value) ? value : [value];
  if (folders.length === 0 || !folders.every(isText)) return 'must be a folder, or an array of folders.';
  const twice = folders.find((folder, i) =>
    folders.some((other, j) => j < i && path.normalize(other) === path.normalize(folder)),
  );
  return twice === undefined ? undefined : `names the folder '${twice}' twice.`;
}

function checkNaming(value: unknown): string | undefined {
  if (value === 'typeorm') return undefined;
  if (typeof value === 'string')
    return `'${value}' is no naming. There is 'typeorm', or give an object of functions.`;
  if (typeof value !== 'object' || value === null) return mustBe('an object of functions', value);
  const known: readonly string[] = NAMING_KEYS;
  for (const [key, method] of Object.entries(value)) {
    if (!known.includes(key)) {
      // An instance of a class may keep what it likes.
      if (Object.getPrototypeOf(value) !== Object.prototype) continue;
      const nearest = nearestName(key, known);
      return `names nothing with '${key}'.${nearest === undefined ? ` There are ${known.join(', ')}.` : ` Did you mean '${nearest}'?`}`;
    }
    if (key !== 'implicit' && method !== undefined && typeof method !== 'function')
      return `'${key}' ${mustBe('a function', method)}`;
  }
  return undefined;
}

/** Alembic's tokens, which Python formats: `%(rev)s`, `%(month).2d`. */
const FILE_TOKENS = ['rev', 'slug', 'epoch', 'year', 'month', 'day', 'hour', 'minute', 'second'];

function checkFileTemplate(value: unknown): string | undefined {
  if (!isText(value)) return mustBe("a template such as '%(rev)s_%(slug)s'", value);
  if (/[/\\]/.test(value)) return 'must name a file, without folders.';
  const tokens = [...value.matchAll(/%\(([^)]*)\)/g)].map(([, token = '']) => token);
  const unknown = tokens.find((token) => !FILE_TOKENS.includes(token));
  if (unknown !== undefined) return `knows no token '%(${unknown})'. There are ${FILE_TOKENS.join(', ')}.`;
  const isUnique = tokens.includes('rev') || tokens.includes('slug') || tokens.includes('epoch');
  return isUnique ? undefined : 'must hold %(rev)s, or all migrations would have one name.';
}

function checkTimezone(value: unknown): string | undefined {
  if (!isText(value)) return mustBe("a time zone such as 'Europe/Vienna'", value);
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return undefined;
  } catch {
    return `'${value}' is no time zone. Write one such as 'Europe/Vienna', or 'UTC'.`;
  }
}
