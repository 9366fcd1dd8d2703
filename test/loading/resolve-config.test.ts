/** What a configuration may hold, what it becomes, and that all its mistakes are told at once. */

import path from 'node:path';
import { type Config, DATA_SOURCE, defineConfig, isDataSource, resolveConfig } from '../../src/config';
import { snakeCaseNaming } from '../../src/schema/naming';

const file = '/app/ormconfig.ts';
const url = 'sqlite:library.db';

function problems(raw: unknown): string[] {
  try {
    resolveConfig(raw, file);
  } catch (error) {
    const { code, context } = error as {
      code: string;
      context: { problems: { key: string; problem: string }[] };
    };
    expect(code).toBe('CONFIG_INVALID');
    return context.problems.map(({ key, problem }) => `${key}: ${problem}`);
  }
  return [];
}

test('what is left out has a default, and paths become absolute', () => {
  expect(resolveConfig({ url }, file)).toEqual({
    name: 'default',
    url: 'sqlite:/app/library.db',
    file,
    directory: '/app',
    extension: '.ts',
    entityGlobs: [],
    entityClasses: [],
    migrations: ['/app/migrations'],
    versionTable: 'limbeck_version',
    naming: snakeCaseNaming,
    logger: undefined,
    logParameters: false,
    replicas: [],
    subscribers: [],
    subscriberGlobs: [],
    validate: {},
    fileTemplate: '%(rev)s_%(slug)s',
    timezone: 'UTC',
    lockTimeoutMs: 30_000,
    transactionPerMigration: true,
    hooks: {},
  });
});

test('what is given counts', () => {
  class Book {}
  const config: Config = {
    url: 'postgres://u:secret@h/db',
    name: 'main',
    entities: ['entities/*.ts', Book],
    migrations: ['a', '/abs/b'],
    versionTable: 'alembic_version',
    naming: { table: (name) => `t_${name}` },
    fileTemplate: '%(year)d_%(month).2d_%(rev)s',
    timezone: 'Europe/Vienna',
    lockTimeoutMs: 0,
    isolation: 'SERIALIZABLE',
  };
  const resolved = resolveConfig(config, file);
  expect(resolved).toMatchObject({
    url: config.url,
    name: 'main',
    entityGlobs: ['entities/*.ts'],
    entityClasses: [Book],
    migrations: ['/app/a', '/abs/b'],
    versionTable: 'alembic_version',
    timezone: 'Europe/Vienna',
    lockTimeoutMs: 0,
    isolation: 'SERIALIZABLE',
  });
  expect(resolved.naming.table('X')).toBe('t_X');
  expect(resolved.naming.column(['authorId'])).toBe('author_id');
});

test.each([
  ['sqlite:library.db', 'sqlite:/app/library.db'],
  ['sqlite:./data/library.db', 'sqlite:/app/data/library.db'],
  ['sqlite:../library.db?mode=x', 'sqlite:/library.db?mode=x'],
  ['sqlite:/var/library.db', 'sqlite:/var/library.db'],
  ['sqlite::memory:', 'sqlite::memory:'],
  ['sqlite:///library.db', 'sqlite:///library.db'],
  ['postgres://u:p@h:5432/db', 'postgres://u:p@h:5432/db'],
])('the URL %s becomes %s', (written, absolute) => {
  expect(resolveConfig({ url: written }, file).url).toBe(absolute);
});

test('all mistakes are told at once, each with its cure', () => {
  expect(
    problems({
      entities: 'entities/*.ts',
      migrations: [],
      versionTable: '',
      naming: { tabel: () => '' },
      logger: console,
      fileTemplate: '%(revision)s',
      timezone: 'Europe/Wien',
      lockTimeoutMs: '10',
      pool: { maximum: 5 },
      guards: {},
      includeObject: true,
      compareType: 'yes',
      transactionPerMigration: 1,
      afterWrite: 'npx prettier --write',
      operations: { grant: { up: () => 'GRANT' } },
      include_name: () => true,
      subscribers: undefined,
      entites: [],
      host: 'localhost',
      isolation: 'serializable',
      isolationLevel: 'SERIALIZABLE',
    }),
  ).toEqual([
    "url: is missing. Name the database, for example 'sqlite:library.db'.",
    'entities: must be an array of globs or classes, not a string.',
    'migrations: must be a folder, or an array of folders.',
    'versionTable: must be the name of a table, not empty.',
    "naming: names nothing with 'tabel'. Did you mean 'table'?",
    "logger: must be a function, true, or 'console', not an object.",
    "fileTemplate: knows no token '%(revision)'. There are rev, slug, epoch, year, month, day, hour, minute, second.",
    "timezone: 'Europe/Wien' is no time zone. Write one such as 'Europe/Vienna', or 'UTC'.",
    'lockTimeoutMs: must be a number of milliseconds, 0 or more, not a string.',
    "pool: knows no 'maximum'. There are max and acquireTimeoutMs.",
    'guards: is not available yet. Leave it out.',
    'includeObject: must be a function, not a boolean.',
    'compareType: must be true, false or a function, not a string.',
    'transactionPerMigration: must be true or false, not a number.',
    "afterWrite: must be functions, or commands as lists of arguments such as ['npx', 'prettier', '--write'].",
    "operations: 'grant' needs 'down': a function that makes statements, or one by database.",
    "include_name: is no setting. Did you mean 'includeName'?",
    "entites: is no setting. Did you mean 'entities'?",
    "host: is no setting. Did you mean 'url'?",
    'isolation: must be one of READ UNCOMMITTED, READ COMMITTED, REPEATABLE READ, SERIALIZABLE.',
    "isolationLevel: is no setting. Did you mean 'isolation'?",
  ]);
});

test.each<[string, object, string]>([
  [
    'an entity that is not there yet',
    { url, entities: ['a', undefined] },
    'entities: must hold globs or classes; entry 1 is undefined (do two files import each other?).',
  ],
  [
    'an entity that is a number',
    { url, entities: [1] },
    'entities: must hold globs or classes; entry 0 is a number.',
  ],
  [
    'the name of a table that is ours',
    { url, versionTable: 'limbeck_journal' },
    "versionTable: must not be 'limbeck_journal', which is taken.",
  ],
  ['a folder named twice', { url, migrations: ['a', './a'] }, "migrations: names the folder './a' twice."],
  [
    'a folder in the file’s name',
    { url, fileTemplate: '%(year)d/%(rev)s' },
    'fileTemplate: must name a file, without folders.',
  ],
  [
    'one name for all files',
    { url, fileTemplate: 'migration' },
    'fileTemplate: must hold %(rev)s, or all migrations would have one name.',
  ],
  [
    'a naming by name',
    { url, naming: 'typeorn' },
    "naming: 'typeorn' is no naming. There is 'typeorm', or give an object of functions.",
  ],
  ['no configuration', [], ': A configuration must be an object, not an array.'],
])('%s is a mistake', (_name, raw, problem) => {
  expect(problems(raw)).toEqual([problem]);
});

test('a password never shows', () => {
  for (const wrong of ['u:hunter2@h/db', ['hunter2'], { password: 'hunter2' }]) {
    expect(JSON.stringify(problems({ url: wrong }))).not.toContain('hunter2');
  }
  expect(problems({ url: '//u:hunter2@h/db' })).toEqual([
    "url: must begin with the kind of database: 'sqlite:library.db', 'postgres://user:password@host/database'.",
  ]);
});

test('defineConfig remembers where it stands, and that counts more than where it was loaded', () => {
  const config = defineConfig({ url });
  expect(config).toEqual({ url });
  expect(resolveConfig(config)).toMatchObject({ file: __filename, directory: __dirname, extension: '.ts' });
  expect(resolveConfig(config, file).directory).toBe(__dirname);
  const [one] = defineConfig([{ url, name: 'a' }]);
  expect(resolveConfig(one)).toMatchObject({ name: 'a', file: __filename });
});

test('without a file, paths are relative to the working directory', () => {
  expect(resolveConfig({ url })).toMatchObject({ file: undefined, directory: process.cwd() });
  expect(resolveConfig({ url }).url).toBe(`sqlite:${path.resolve('library.db')}`);
});

test('a data source is known by its symbol', () => {
  expect(isDataSource({ [DATA_SOURCE]: true, options: {} })).toBe(true);
  expect([isDataSource({ options: {} }), isDataSource(null), isDataSource('x')]).toEqual([
    false,
    false,
    false,
  ]);
});
