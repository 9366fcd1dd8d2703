/**
 * A run that dies or loses its disk: whatever the instant, the file holds whole revisions, nothing is lost, and
 * running again ends well. `strace` injects the faults; LIMBECK_FAULTS=all tries every disk operation.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import type Database from 'better-sqlite3';
import {
  CLI,
  migration,
  type Project,
  type Run,
  schemaOf,
  useProjects,
  versionsOf,
} from '../support/project';

const newProject = useProjects();
const everyOperation = process.env.LIMBECK_FAULTS === 'all';
const samples = everyOperation ? Number.POSITIVE_INFINITY : 10;

/** Why faults cannot be injected here; undefined where they can. */
const obstacle = whyNoStrace();
const whereStrace = obstacle === undefined ? describe : describe.skip;
if (obstacle !== undefined) {
  process.stderr.write(
    `\nSKIPPED: killing and starving a run needs strace (apt-get install strace): ${obstacle}\n`,
  );
}

function whyNoStrace(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  return error?.message ?? (status === 0 ? undefined : stderr.trim());
}

const FIRST = migration('aa', {
  message: 'tables',
  upgrade: `
  op.createTable('authors', {
    columns: { id: { type: 'integer', generated: 'increment' }, name: { type: 'varchar', length: 50, nullable: true } },
    primaryKey: { columns: ['id'] },
  });
  op.createTable('books', {
    columns: { id: { type: 'integer', generated: 'increment' }, title: { type: 'text' }, author_id: { type: 'integer' } },
    primaryKey: { columns: ['id'] },
    foreignKeys: [{ columns: ['author_id'], refTable: 'authors', refColumns: ['id'], onDelete: 'CASCADE' }],
    indexes: [{ columns: ['author_id'], name: 'ix_books_author_id' }],
  });
  op.createView('written', 'SELECT a.name, b.title FROM authors a JOIN books b ON b.author_id = a.id');
  op.createTrigger('authors_trimmed', 'authors', {
    sqlite: 'CREATE TRIGGER authors_trimmed AFTER INSERT ON authors BEGIN UPDATE authors SET name = trim(new.name) WHERE id = new.id; END',
  });`,
  downgrade: `
  op.dropView('written');
  op.dropTable('books');
  op.dropTable('authors');`,
});

/** A rebuild of a table that others refer to, and a data step that must not happen twice. */
const SECOND = migration('bb', {
  down: 'aa',
  message: 'rebuild authors',
  async: true,
  upgrade: `
  op.alterColumn('authors', 'name', { type: 'text', nullable: false });
  op.addColumn('authors', 'books', { type: 'integer', default: 0 });
  op.createCheckConstraint('ck_authors_name', 'authors', "name <> ''");
  await op.execute('UPDATE authors SET books = books + (SELECT count(*) FROM books WHERE author_id = authors.id)');
  op.alterColumn('books', 'title', { type: 'varchar', length: 100 });`,
  downgrade: `
  op.alterColumn('books', 'title', { type: 'text' });
  op.dropConstraint('ck_authors_name', 'authors');
  op.dropColumn('authors', 'books');
  op.alterColumn('authors', 'name', { type: 'varchar', length: 50, nullable: true });`,
});

/** What of a database must be the same after a fault: all of one moment, or all of another. */
interface Contents {
  readonly versions: readonly string[];
  readonly journal: readonly unknown[];
  readonly schema: readonly unknown[];
  readonly rows: readonly unknown[];
}

function contentsOf(database: Database.Database): Contents {
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  const schema = schemaOf(database);
  const names = schema.filter(([type]) => type === 'table').map(([, name]) => String(name));
  const all = (sql: string): unknown[] => database.prepare(sql).raw().all();
  const hasJournal = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'limbeck_journal'").get();
  return {
    versions: versionsOf(database),
    journal: hasJournal
      ? all('SELECT revision, step, checksum, state FROM limbeck_journal ORDER BY 1, 2')
      : [],
    schema,
    rows: names.map((name) => [name, all(`SELECT * FROM "${name}" ORDER BY 1`)]),
  };
}

interface Scene {
  readonly project: Project;
  readonly words: readonly string[];
  readonly before: Contents;
  readonly after: Contents;
  reset(): void;
}

/** A database file before a command, and what it holds before and after it. */
function scene(words: readonly string[], prepare: (project: Project) => void): Scene {
  const project = newProject({ 'migrations/aa.js': FIRST, 'migrations/bb.js': SECOND });
  prepare(project);
  const file = project.path('app.db');
  const kept = project.path('kept.db');
  if (existsSync(file)) copyFileSync(file, kept);
  const reset = (): void => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
    if (existsSync(kept)) copyFileSync(kept, file);
  };
  const before = project.database(contentsOf);
  reset();
  project.ok(words);
  const after = project.database(contentsOf);
  expect(after).not.toEqual(before);
  return { project, words, before, after, reset };
}

function fill(project: Project): void {
  project.ok(['upgrade', 'aa']);
  project.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO authors (name) SELECT 'author ' || i || ' ' || hex(zeroblob(8)) FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
    INSERT INTO books (title, author_id) SELECT 'title ' || i || hex(zeroblob(20)), 1 + i % 60 FROM n;`);
}

const DISK = 'pwrite64,fsync,fdatasync,ftruncate,unlink';

/** One system call of a command: the n-th of its kind, for strace counts each kind by itself. */
interface Operation {
  readonly call: string;
  readonly n: number;
}

function strace(project: Project, ...options: readonly string[]): string[] {
  const files = ['', '-wal', '-shm', '-journal'].map((suffix) => project.path(`app.db${suffix}`));
  return ['strace', '-f', '-qq', ...files.flatMap((file) => ['-P', file]), ...options];
}

/** Runs the command with a fault injected into what it does to the database's files. */
function withFault({ project, words }: Scene, call: string, fault: string): Run {
  const command = strace(project, '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${fault}`);
  return project.spawn([...command, process.execPath, CLI, ...words]);
}

/** What a command does to the disk, in its order. */
function operationsOf({ project, words, reset }: Scene, calls = DISK): Operation[] {
  reset();
  const command = strace(project, '-o', project.path('strace.log'), '-e', `trace=${calls}`);
  expect(project.spawn([...command, process.execPath, CLI, ...words]).status).toBe(0);
  const counts = new Map<string, number>();
  return [...project.read('strace.log').matchAll(/^\d+ +(\w+)\(/gm)].map(([, call = '']) => {
    const n = (counts.get(call) ?? 0) + 1;
    counts.set(call, n);
    return { call, n };
  });
}

/** All operations, or some of them from first to last. */
function sample(operations: readonly Operation[], count = samples): Operation[] {
  if (operations.length <= count) return [...operations];
  const step = (operations.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => operations[Math.round(i * step)] as Operation);
}

const SCENES = [
  { name: 'an upgrade that rebuilds', words: ['upgrade', 'head'], prepare: fill },
  {
    name: 'the same on a file that is not in WAL mode',
    words: ['upgrade', 'head'],
    prepare: (project: Project) => {
      fill(project);
      project.exec('PRAGMA journal_mode = DELETE');
    },
  },
  {
    name: 'a downgrade that rebuilds',
    words: ['downgrade', '-1'],
    prepare: (project: Project) => {
      fill(project);
      project.ok(['upgrade', 'head']);
    },
  },
];

whereStrace('a run that is killed', () => {
  it.each(SCENES)(
    'leaves whole revisions at every disk operation: $name',
    ({ words, prepare }) => {
      const it = scene(words, prepare);
      const operations = operationsOf(it);
      expect(operations.length).toBeGreaterThan(40);
      const found = { before: 0, after: 0 };
      for (const moment of sample(operations)) {
        it.reset();
        expect(withFault(it, moment.call, `signal=SIGKILL:when=${moment.n}`).status).toBeNull();
        const contents = it.project.database(contentsOf);
        const isBefore = contents.versions.join() === it.before.versions.join();
        expect({ moment, contents }).toEqual({ moment, contents: isBefore ? it.before : it.after });
        found[isBefore ? 'before' : 'after']++;
        // The command means the same place as before: a revision that is done is not done again.
        if (isBefore) expect(it.project.run(it.words)).toMatchObject({ status: 0 });
        else if (words[0] === 'upgrade')
          expect(it.project.run(it.words)).toEqual({ status: 0, stdout: '', stderr: '' });
        expect(it.project.database(contentsOf)).toEqual(it.after);
      }
      expect(found.before).toBeGreaterThan(0);
      expect(found.after).toBeGreaterThan(0);
    },
    600_000,
  );

  it('leaves whole revisions when it makes the file and runs both', () => {
    const project = newProject({ 'migrations/aa.js': FIRST, 'migrations/bb.js': SECOND });
    const at = (target: string): Contents => {
      project.ok(['upgrade', target]);
      return project.database(contentsOf);
    };
    const nothing: Contents = { versions: [], journal: [], schema: [], rows: [] };
    const states = [nothing, at('aa'), at('bb')];
    const last = states[2] as Contents;
    const reset = (): void => {
      for (const suffix of ['', '-wal', '-shm', '-journal'])
        rmSync(project.path(`app.db${suffix}`), { force: true });
    };
    const it: Scene = { project, words: ['upgrade', 'head'], before: nothing, after: last, reset };
    const seen = new Set<string>();
    for (const moment of sample(operationsOf(it))) {
      reset();
      withFault(it, moment.call, `signal=SIGKILL:when=${moment.n}`);
      const contents = project.exists('app.db') ? project.database(contentsOf) : nothing;
      const state = states.find(({ versions }) => versions.join() === contents.versions.join());
      expect({ moment, contents }).toEqual({ moment, contents: state });
      seen.add(contents.versions.join());
      expect(project.run(it.words)).toMatchObject({ status: 0 });
      expect(project.database(contentsOf)).toEqual(last);
    }
    expect([...seen].sort()).toEqual(['', 'aa', 'bb']);
  }, 600_000);
});

whereStrace('a disk that fails', () => {
  it.each([
    {
      call: 'pwrite64',
      fault: 'error=ENOSPC',
      code: 'DATABASE_FULL',
      message: /^The disk is full \(.+\); what/,
    },
    {
      call: 'pwrite64',
      fault: 'error=EIO',
      // SQLite cannot tell why the file that WAL mode shares did not grow; a full disk is the likeliest.
      code: expect.stringMatching(/^DATABASE_(IO|FULL)$/),
      message: /^The disk (failed|is full) \(.+SQLITE_IOERR_\w+\); what/,
    },
    {
      call: 'fsync',
      fault: 'error=EIO',
      code: 'DATABASE_IO',
      message: /^The disk failed \(.+SQLITE_IOERR_\w+\); what/,
    },
  ])(
    'once or for good ($call: $fault) is told, and nothing is lost',
    ({ call, fault, code, message }) => {
      const it = scene(['--json', 'upgrade', 'head'], fill);
      let refused = 0;
      for (const { n } of sample(operationsOf(it, call), samples / 2)) {
        for (const when of [`${n}`, `${n}+`]) {
          it.reset();
          const run = withFault(it, call, `${fault}:when=${when}`);
          const contents = it.project.database(contentsOf);
          const isBefore = contents.versions.join() === it.before.versions.join();
          expect({ when, contents }).toEqual({ when, contents: isBefore ? it.before : it.after });
          if (run.status !== 0) {
            refused++;
            expect({ when, status: run.status, stderr: run.stderr }).toEqual({ when, status: 1, stderr: '' });
            const error: unknown = JSON.parse(run.stdout).error;
            expect({ when, error }).toMatchObject({
              error: { code, message: expect.stringMatching(message) },
            });
          }
          // What is reported as done was done.
          else expect({ when, isBefore }).toEqual({ when, isBefore: false });
          expect(it.project.run(['upgrade', 'head'])).toMatchObject({ status: 0 });
          expect(it.project.database(contentsOf)).toEqual(it.after);
        }
      }
      expect(refused).toBeGreaterThan(0);
    },
    600_000,
  );

  it('says in one line why, and no more', () => {
    const it = scene(['upgrade', 'head'], fill);
    it.reset();
    const run = withFault(it, 'pwrite64', 'error=ENOSPC:when=30+');
    expect(run).toMatchObject({ status: 1, stdout: '' });
    const failed = run.stderr.split('\n').filter((line) => !line.startsWith('Running '));
    expect(failed).toEqual([
      'FAILED: The disk is full (database or disk is full); what was begun has been undone.',
      'hint: Free some space and run again.',
      '',
    ]);
  });
});
