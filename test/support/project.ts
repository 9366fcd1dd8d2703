/**
 * Projects in temporary folders, on which the built command line runs as a process of its own. Configuration,
 * entities and migrations are JavaScript as a compiler leaves it, for ts-node alone takes a second to start.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';

const root = path.resolve(__dirname, '../..');

/** The script that `limbeck` stands for. */
export const CLI = path.join(root, 'dist/cli/main.js');

/** What a process left behind. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project. */
  readonly cwd?: string;
  readonly input?: string;
}

/** A command line that was started and not waited for. */
export interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Run>;
}

export class Project {
  readonly folder: string;

  /** @param files by path; `ormconfig.js`, `migrations/` and a database `app.db` unless they say otherwise */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'limbeck-e2e-')));
    mkdirSync(this.path('node_modules'));
    mkdirSync(this.path('migrations'));
    symlinkSync(root, this.path('node_modules/limbeck'), 'junction');
    if (!Object.keys(files).some((name) => name.startsWith('ormconfig.')))
      this.write({ 'ormconfig.js': config() });
    this.write(files);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), text);
    }
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  exists(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** Runs the command line to its end. */
  run(words: readonly string[], options: RunOptions = {}): Run {
    return this.spawn([process.execPath, CLI, ...words], options);
  }

  /** As `run`; a status other than 0 fails the test and shows what was said. */
  ok(words: readonly string[], options: RunOptions = {}): Run {
    const run = this.run(words, options);
    if (run.status !== 0) throw new Error(`limbeck ${words.join(' ')}: status ${run.status}\n${run.stderr}`);
    return run;
  }

  /** Any process, in the project's folder. */
  spawn([command = '', ...words]: readonly string[], options: RunOptions = {}): Run {
    const { status, stdout, stderr, error } = spawnSync(command, words, {
      cwd: this.path(options.cwd ?? '.'),
      env: environment(options.env),
      input: options.input ?? '',
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    return { status, stdout, stderr };
  }

  /** Starts a command line. */
  start(words: readonly string[], options: RunOptions = {}): Started {
    const child = spawn(process.execPath, [CLI, ...words], {
      cwd: this.path(options.cwd ?? '.'),
      env: environment(options.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, done: ended(child) };
  }

  /** The paths of the migration files, sorted. */
  migrations(folder = 'migrations'): string[] {
    return readdirSync(this.path(folder)).sort();
  }

  /** Every file with the hash of its bytes: what must be the same when nothing was to happen. */
  state(): Record<string, string> {
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    const hashes = files
      .filter((file) => file.isFile())
      .map((file) => path.join(file.parentPath, file.name))
      .map((file) => [path.relative(this.folder, file), sha256(readFileSync(file))] as const);
    return Object.fromEntries(hashes.filter(([name]) => !name.startsWith('node_modules')).sort());
  }

  /** Works on the database by hand; foreign keys are on. */
  database<T>(work: (database: Database.Database) => T, file = 'app.db'): T {
    const database = new Database(this.path(file));
    try {
      database.pragma('foreign_keys = ON');
      return work(database);
    } finally {
      database.close();
    }
  }

  exec(sql: string, file?: string): void {
    this.database((database) => void database.exec(sql), file);
  }

  rows(sql: string, file?: string): Record<string, unknown>[] {
    return this.database((database) => database.prepare(sql).all() as Record<string, unknown>[], file);
  }

  /** Everything of the user's in the database, as SQLite keeps it: `[type, name, text]`, sorted. */
  schema(file?: string): unknown[][] {
    return this.database((database) => schemaOf(database), file);
  }

  /** The rows of the version table; none where there is no table. */
  versions(file?: string): string[] {
    return this.database((database) => versionsOf(database), file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Projects that are removed when the file's tests are done. */
export function useProjects(): (files?: Readonly<Record<string, string>>) => Project {
  const projects: Project[] = [];
  afterAll(() => {
    for (const project of projects) project.remove();
  });
  return (files) => {
    const project = new Project(files);
    projects.push(project);
    return project;
  };
}

export function schemaOf(database: Database.Database): unknown[][] {
  return database
    .prepare(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name NOT LIKE 'limbeck\\_%' ESCAPE '\\' ORDER BY type, name",
    )
    .raw()
    .all() as unknown[][];
}

export function versionsOf(database: Database.Database): string[] {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'limbeck_version'").get();
  if (table === undefined) return [];
  const rows = database.prepare('SELECT version_num FROM limbeck_version ORDER BY 1').raw().all();
  return rows.map((row) => String((row as unknown[])[0]));
}

/** A configuration file; `more` are further properties as source. */
export function config(more = ''): string {
  return `module.exports = { url: 'sqlite:app.db', entities: ['entities/*.js'], ${more} };\n`;
}

/** Classes by name: decorators of the class under `$`, of properties under theirs, as source. */
export type Models = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Entities as one file. Other classes are `exports.Name`. */
export function entities(models: Models): string {
  const classes = Object.entries(models).map(([name, { $: own = 'Entity()', ...properties }]) => {
    const decorators = Object.entries(properties).map(
      ([property, text]) =>
        `for (const one of [${text}]) one(${name}.prototype, ${JSON.stringify(property)});\n`,
    );
    return `class ${name} {}\n${decorators.join('')}for (const one of [${own}]) one(${name});\nexports.${name} = ${name};\n`;
  });
  return `const limbeck = require('limbeck');\nconst { ${DECORATORS.join(', ')} } = limbeck;\n${classes.join('')}`;
}

const DECORATORS = [
  ...['Entity', 'Column', 'PrimaryColumn', 'PrimaryGeneratedColumn', 'ManyToOne', 'OneToMany', 'ManyToMany'],
  ...['JoinColumn', 'JoinTable', 'Index', 'Unique', 'Check'],
];

/** A migration file of one's own; `upgrade` and `downgrade` are the bodies of its functions. */
export function migration(
  revision: string,
  parts: {
    readonly down?: string | readonly string[] | null;
    readonly labels?: readonly string[];
    readonly depends?: readonly string[];
    readonly message?: string;
    readonly upgrade?: string;
    readonly downgrade?: string;
    readonly async?: boolean;
  } = {},
): string {
  const { down = null, labels = [], depends = [], message = revision } = parts;
  const parents = down === null ? '(base)' : [down].flat().join(', ');
  const word = parts.async ? 'async ' : '';
  return `/** ${message}
 *
 * Revision ID: ${revision}
 * Revises: ${parents}
 * Create Date: 2026-11-22 18:25:16 UTC
 */
exports.revision = '${revision}';
exports.downRevision = ${JSON.stringify(down)};
exports.branchLabels = ${JSON.stringify(labels)};
exports.dependsOn = ${JSON.stringify(depends)};

exports.upgrade = ${word}function upgrade(op) {
${parts.upgrade ?? ''}
};

exports.downgrade = ${word}function downgrade(op) {
${parts.downgrade ?? ''}
};
`;
}

function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const {
    NODE_OPTIONS: _,
    LIMBECK_CONFIG: __,
    FORCE_COLOR: ___,
    VISUAL: ____,
    EDITOR: _____,
    ...env
  } = process.env;
  return { ...env, ...more };
}

async function ended(child: ChildProcess): Promise<Run> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { status, stdout, stderr };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
