/**
 * What may stand in a configuration: a check for each setting, which says in words what is wrong with a value. Keys
 * that a later release will know are refused by name: a setting that is quietly ignored is worse than none.
 */

import path from 'node:path';
import type { ConfigProblem } from '../base/catalogue/config.js';
import { nearestName } from '../base/text.js';
import { JOURNAL_TABLE, LOCK_TABLE } from '../migration/environment.js';
import { NAMING_KEYS } from '../schema/chosen-naming.js';
import { LEVELS } from '../session/transaction-options.js';
import { VALIDATION_OPTIONS } from '../session/validation.js';
import type { Config, PoolOptions } from './settings.js';

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

function trueOrFalse(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : mustBe('true or false', value);
}

function aFunction(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : mustBe('a function', value);
}

function trueFalseOrFunction(value: unknown): string | undefined {
  const fits = typeof value === 'boolean' || typeof value === 'function';
  return fits ? undefined : mustBe('true, false or a function', value);
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
  logParameters: trueOrFalse,
  slowQueryMs: milliseconds,
  fileTemplate: checkFileTemplate,
  timezone: checkTimezone,
  lockTimeoutMs: milliseconds,
  transactionPerMigration: trueOrFalse,
  includeObject: aFunction,
  includeName: aFunction,
  compareType: trueFalseOrFunction,
  compareDefault: trueFalseOrFunction,
  processOperations: aFunction,
  afterWrite: checkAfterWrite,
  onVersionApply: aFunction,
  operations: checkOperations,
};

/** Part of the contract, and not of this release. */
const LATER = new Set(['guards']);

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
  include_object: 'includeObject',
  include_name: 'includeName',
  compare_type: 'compareType',
  compare_server_default: 'compareDefault',
  process_revision_directives: 'processOperations',
  post_write_hooks: 'afterWrite',
  on_version_apply: 'onVersionApply',
  transaction_per_migration: 'transactionPerMigration',
};

/** What is wrong with a configuration, all at once; nothing where it may be used. */
export function findProblems(raw: unknown): ConfigProblem[] {
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

/** A line for a shell is no list of arguments: nobody here takes it apart. */
function checkAfterWrite(value: unknown): string | undefined {
  const isCommand = (each: unknown): boolean =>
    Array.isArray(each) &&
    each.length > 0 &&
    each.every((word) => typeof word === 'string') &&
    each[0] !== '';
  const fits = (each: unknown): boolean => typeof each === 'function' || isCommand(each);
  if (fits(value) || (Array.isArray(value) && value.every(fits))) return undefined;
  return "must be functions, or commands as lists of arguments such as ['npx', 'prettier', '--write'].";
}

function checkOperations(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return mustBe('an object', value);
  for (const [name, operation] of Object.entries(value)) {
    const { up, down, effect } = (operation ?? {}) as Record<string, unknown>;
    for (const [key, statements] of Object.entries({ up, down })) {
      if (!isByDatabase(statements))
        return `'${name}' needs '${key}': a function that makes statements, or one by database.`;
    }
    if (effect === undefined) continue;
    const told = effect as Record<string, unknown> | null;
    if (typeof told?.up !== 'function' || typeof told.down !== 'function')
      return `'${name}' has an 'effect' that is not two functions, 'up' and 'down'.`;
  }
  return undefined;
}

function isByDatabase(statements: unknown): boolean {
  if (typeof statements === 'function') return true;
  if (typeof statements !== 'object' || statements === null) return false;
  const each = Object.values(statements);
  return each.length > 0 && each.every((make) => typeof make === 'function');
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
