/**
 * What scripts rely on: the lines of the command line byte for byte, which of the two streams they go to, the
 * exit status, and the documents of `--json`.
 */

import { spawnSync } from 'node:child_process';
import { config, entities, migration, type Project, useProjects } from '../support/project';

const newProject = useProjects();

const BOOK = {
  $: "Entity('books')",
  id: 'PrimaryGeneratedColumn()',
  title: "Column('varchar', { length: 200 })",
};
const GENRE = { genre: "Column('varchar', { length: 50, nullable: true })" };
const models = (book: Readonly<Record<string, string>>) => ({ 'entities/all.js': entities({ Book: book }) });

const done = (stdout: string, stderr = '') => ({ status: 0, stdout, stderr });
const json = (project: Project, ...words: string[]): unknown =>
  JSON.parse(project.ok(['--json', ...words]).stdout);

describe('the first revision of a project', () => {
  const project = newProject(models(BOOK));
  let revision = '';

  it('is detected, generated and applied in the words that scripts know', () => {
    expect(project.run(['check'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `FAILED: New upgrade operations detected: added table 'books'
hint: Run \`limbeck revision --autogenerate\` to write a migration for them.
`,
    });
    const made = project.run(['revision', '--autogenerate', '-m', 'create books']);
    revision = /migrations\/([0-9a-f]{12})_create_books\.js/.exec(made.stdout)?.[1] ?? '';
    expect(made).toEqual(
      done(`Generating migrations/${revision}_create_books.js ... done\n`, "Detected added table 'books'\n"),
    );
    expect(project.run(['check'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'FAILED: Target database is not up to date.\nhint: Run `limbeck upgrade head` first (or `limbeck stamp head` when the schema is there already).\n',
    });
    expect(project.run(['current'])).toEqual(done(''));
    expect(project.run(['upgrade', 'head'])).toEqual(
      done('', `Running upgrade  -> ${revision}, create books\n`),
    );
    expect(project.run(['upgrade', 'head'])).toEqual(done(''));
    expect(project.run(['current'])).toEqual(done(`${revision} (head)\n`));
    expect(project.run(['heads'])).toEqual(done(`${revision} (head)\n`));
    expect(project.run(['history'])).toEqual(done(`<base> -> ${revision} (head), create books\n`));
    expect(project.run(['check'])).toEqual(done('No new upgrade operations detected.\n'));
    expect(project.run(['revision', '--autogenerate', '-m', 'again'])).toEqual(
      done('No new upgrade operations detected.\n'),
    );
    expect(project.migrations()).toEqual([`${revision}_create_books.js`]);
  });

  it('is a file as it is documented', () => {
    const text = project.read(`migrations/${revision}_create_books.js`);
    expect(text).toMatch(/^ \* Create Date: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m);
    expect(
      text.replaceAll(revision, 'REV').replace(/^( \* Create Date: ).*$/m, '$1DATE'),
    ).toBe(`/** create books
 *
 * Revision ID: REV
 * Revises: (base)
 * Create Date: DATE
 */
exports.revision = 'REV';
exports.downRevision = null;
exports.branchLabels = [];
exports.dependsOn = [];

exports.upgrade = function upgrade(op) {
  op.createTable('books', {
    columns: {
      id: { type: 'integer', generated: 'increment' },
      title: { type: 'varchar', length: 200 },
    },
    primaryKey: { columns: ['id'], name: 'pk_books' },
  });
};

exports.downgrade = function downgrade(op) {
  op.dropTable('books');
};
`);
  });

  it('keeps the version table as Alembic has it', () => {
    expect(
      project.rows('SELECT name, type, "notnull", pk FROM pragma_table_info(\'limbeck_version\')'),
    ).toEqual([{ name: 'version_num', type: 'varchar(32)', notnull: 1, pk: 1 }]);
    const [{ sql } = {}] = project.rows("SELECT sql FROM sqlite_schema WHERE name = 'limbeck_version'");
    expect(sql).toContain('CONSTRAINT "limbeck_version_pkc" PRIMARY KEY ("version_num")');
    expect(project.versions()).toEqual([revision]);
  });

  it('is followed by a second one, taken back, and stamped', () => {
    project.write(models({ ...BOOK, ...GENRE }));
    const made = project.ok([
      'revision',
      '--autogenerate',
      '-m',
      'add genre column to books',
      '--rev-id',
      '6e80461a0239',
    ]);
    expect(made).toEqual(
      done(
        'Generating migrations/6e80461a0239_add_genre_column_to_books.js ... done\n',
        "Detected added column 'books.genre'\n",
      ),
    );
    expect(project.run(['current'])).toEqual(done(`${revision}\n`));
    expect(project.run(['upgrade', '+1'])).toEqual(
      done('', `Running upgrade ${revision} -> 6e80461a0239, add genre column to books\n`),
    );
    expect(project.run(['downgrade', '-1'])).toEqual(
      done('', `Running downgrade 6e80461a0239 -> ${revision}, add genre column to books\n`),
    );
    expect(project.run(['upgrade', '6e8'])).toMatchObject({ status: 0 });
    expect(project.run(['downgrade', 'base'])).toEqual(
      done(
        '',
        `Running downgrade 6e80461a0239 -> ${revision}, add genre column to books\nRunning downgrade ${revision} -> , create books\n`,
      ),
    );
    expect(project.versions()).toEqual([]);
    expect(project.run(['stamp', '6e80461a0239'])).toEqual(
      done('', 'Running stamp_revision  -> 6e80461a0239\n'),
    );
    expect(project.run(['stamp', '6e80461a0239'])).toEqual(done(''));
    expect(project.run(['stamp', revision])).toEqual(
      done('', `Running stamp_revision 6e80461a0239 -> ${revision}\n`),
    );
    expect(project.run(['stamp', '--purge', 'base'])).toMatchObject({ status: 0, stdout: '' });
    expect(project.versions()).toEqual([]);
    expect(project.schema()).toEqual([]);
  });
});

describe('standard output and standard error', () => {
  const project = newProject(models(BOOK));
  project.ok(['revision', '--autogenerate', '-m', 'one', '--rev-id', 'aa']);

  it('have nothing to say with --quiet but what was asked for, and failures', () => {
    expect(project.run(['--quiet', 'upgrade', 'head'])).toEqual(done(''));
    expect(project.run(['downgrade', 'base', '-q'])).toEqual(done(''));
    expect(project.run(['upgrade', 'head', '-q'])).toEqual(done(''));
    expect(project.run(['current', '-q'])).toEqual(done('aa (head)\n'));
    project.write(models({ ...BOOK, ...GENRE }));
    expect(project.run(['-q', 'revision', '--autogenerate', '--rev-id', 'bb'])).toEqual(done(''));
    expect(project.migrations()).toEqual(['aa_one.js', 'bb.js']);
    const failed = project.run(['-q', 'upgrade', 'nope']);
    expect(failed).toMatchObject({ status: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^FAILED: Can't locate revision identified by 'nope'\n/);
  });

  it('know no colours where nobody looks', () => {
    const run = project.run(['upgrade', 'nope'], { env: { FORCE_COLOR: '' } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
    expect(run.stdout + run.stderr).not.toMatch(/\u001b/);
  });

  it('survive a reader that goes away', () => {
    const run = spawnSync('sh', ['-c', `node_modules/limbeck/dist/cli/main.js history -v | head -1`], {
      cwd: project.folder,
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stdout: 'Rev: bb (head)\n', stderr: '' });
  });
});

describe('--json', () => {
  const project = newProject(models(BOOK));
  const first = { revision: 'aa', downRevisions: [], dependsOn: [], branchLabels: [], message: 'one' };
  const path = project.path('migrations/aa_one.js');

  it('prints what revision returns', () => {
    const run = project.run(['--json', 'revision', '--autogenerate', '-m', 'one', '--rev-id', 'aa']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toEqual({
      revision: 'aa',
      path,
      operations: [expect.objectContaining({ kind: 'createTable' })],
      changes: ["added table 'books'"],
      warnings: [],
    });
  });

  it('prints a run', () => {
    const line = 'Running upgrade  -> aa, one';
    expect(json(project, 'upgrade', 'head')).toEqual({
      steps: [{ direction: 'upgrade', line, revision: 'aa' }],
      heads: ['aa'],
      warnings: [],
    });
    expect(json(project, 'upgrade', 'head')).toEqual({ steps: [], heads: ['aa'], warnings: [] });
    const back = 'Running downgrade aa -> , one';
    expect(json(project, 'downgrade', '-1')).toEqual({
      steps: [{ direction: 'downgrade', line: back, revision: 'aa' }],
      heads: [],
      warnings: [],
    });
    const stamp = 'Running stamp_revision  -> aa';
    expect(json(project, 'stamp', 'head')).toEqual({
      steps: [{ direction: 'stamp', line: stamp, revision: 'aa' }],
      heads: ['aa'],
      warnings: [],
    });
    expect(json(project, 'ensure_version')).toEqual({ steps: [], heads: ['aa'], warnings: [] });
    expect(json(project, 'upgrade', 'head', '--sql')).toMatchObject({
      sql: expect.stringContaining('CREATE TABLE "books"'),
    });
  });

  it.each([
    ['current', { ...first, path, isHead: true, isCurrent: true, text: 'aa (head)' }],
    ['heads', { ...first, path, isHead: true, isCurrent: false, text: 'aa (head)' }],
    ['history', { ...first, path, isHead: true, isCurrent: false, text: '<base> -> aa (head), one' }],
    [
      'history -i',
      { ...first, path, isHead: true, isCurrent: true, text: '<base> -> aa (head) (current), one' },
    ],
    [
      'show head',
      {
        ...first,
        path,
        isHead: true,
        isCurrent: false,
        text: expect.stringMatching(/^Rev: aa \(head\)\nParent: <base>\nPath: \S+\n\n {4}one\n/),
      },
    ],
  ])('prints the entries of %s', (line, entry) => {
    expect(json(project, ...line.split(' '))).toEqual([entry]);
  });

  it('prints the rest', () => {
    project.exec('DELETE FROM limbeck_version');
    project.ok(['upgrade', 'head']);
    expect(json(project, 'branches')).toEqual([]);
    expect(json(project, 'check')).toEqual({ operations: [], changes: [], warnings: [] });
    expect(json(project, 'diff')).toEqual({ operations: [], changes: [], warnings: [] });
    expect(json(project, 'revision', '--autogenerate')).toBeNull();
    expect(JSON.parse(project.ok(['--json', 'edit', 'aa'], { env: { EDITOR: 'true' } }).stdout)).toEqual({
      paths: [path],
    });
    expect(Object.keys(json(project, 'list_templates') as object)).toContain('generic');
    project.write({
      'migrations/bb.js': migration('bb', { down: 'aa' }),
      'migrations/cc.js': migration('cc', { down: 'aa' }),
    });
    expect(json(project, 'merge', 'bb', 'cc', '--rev-id', 'dd', '-m', 'both')).toEqual({
      revision: 'dd',
      path: project.path('migrations/dd_both.js'),
      operations: [],
      changes: [],
      warnings: [],
      proof: { verdict: 'commutes', clashes: [], unproven: [] },
    });
  });

  it('prints an error as one document, wherever the option stands', () => {
    for (const words of [
      ['--json', 'upgrade', 'nope'],
      ['upgrade', 'nope', '--json'],
    ]) {
      const run = project.run(words);
      expect(run).toMatchObject({ status: 1, stderr: '' });
      expect(JSON.parse(run.stdout)).toEqual({
        error: {
          code: 'REVISION_NOT_FOUND',
          message: "Can't locate revision identified by 'nope'",
          hint: expect.any(String),
          context: expect.objectContaining({ argument: 'nope' }),
        },
      });
    }
    const usage = project.run(['--json', 'frobnicate']);
    expect(usage).toMatchObject({ status: 2, stderr: '' });
    expect(JSON.parse(usage.stdout)).toMatchObject({ error: { code: 'CLI_USAGE' } });
  });
});

describe('branches', () => {
  const project = newProject();
  const revision = (...words: string[]): void => void project.ok(['revision', ...words]);
  const heads = (): string => project.ok(['heads']).stdout;

  it('are made by --splice, named by --branch-label, and listed', () => {
    revision('-m', 'root', '--rev-id', 'a0');
    revision('-m', 'left', '--rev-id', 'b1', '--branch-label', 'left');
    revision('-m', 'right', '--rev-id', 'c1', '--head', 'a0', '--splice', '--branch-label', 'right');
    revision('-m', 'more left', '--rev-id', 'b2', '--head', 'left@head');
    expect(heads()).toBe('b2 (left) (head)\nc1 (right) (head)\n');
    expect(project.ok(['branches']).stdout).toBe(
      'a0 (branchpoint)\n   -> b1 (left)\n   -> c1 (right) (head)\n\n',
    );
    expect(project.ok(['history']).stdout).toBe(
      'b1 -> b2 (left) (head), more left\na0 -> b1 (left), left\na0 -> c1 (right) (head), right\n<base> -> a0 (branchpoint), root\n',
    );
  });

  it('are walked one by one and all together', () => {
    expect(project.run(['upgrade', 'head'])).toMatchObject({ status: 1 });
    expect(project.run(['upgrade', 'left@head']).stderr).toBe(
      'Running upgrade  -> a0, root\nRunning upgrade a0 -> b1, left\nRunning upgrade b1 -> b2, more left\n',
    );
    expect(project.run(['upgrade', 'heads']).stderr).toBe('Running upgrade a0 -> c1, right\n');
    expect(project.versions()).toEqual(['b2', 'c1']);
    expect(project.ok(['current']).stdout).toBe('b2 (head)\nc1 (head)\n');
    expect(project.run(['downgrade', 'left@-1']).stderr).toBe('Running downgrade b2 -> b1, more left\n');
    expect(project.run(['current', '--check-heads'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'FAILED: Database is not on all head revisions\nhint: Run `limbeck upgrade heads`.\n',
    });
    expect(project.run(['upgrade', 'left@+1']).stderr).toBe('Running upgrade b1 -> b2, more left\n');
    expect(project.run(['downgrade', '-1'])).toMatchObject({ status: 1 });
    expect(project.run(['current', '--check-heads'])).toMatchObject({ status: 0 });
  });

  it('are merged', () => {
    expect(project.run(['merge', 'heads', '-m', 'join', '--rev-id', 'd0'])).toEqual(
      done('Generating migrations/d0_join.js ... done\n'),
    );
    expect(heads()).toBe('d0 (left, right) (head)\n');
    expect(project.ok(['history', '-r', 'd0:']).stdout).toBe(
      'b2, c1 -> d0 (left, right) (head) (mergepoint), join\n',
    );
    expect(project.ok(['show', 'd0']).stdout).toContain('Merges: b2, c1\n');
    expect(project.run(['upgrade', 'head']).stderr).toBe('Running upgrade b2, c1 -> d0, join\n');
    expect(project.versions()).toEqual(['d0']);
    expect(project.run(['downgrade', 'b2']).stderr).toBe('Running downgrade d0 -> b2, c1, join\n');
    expect(project.ok(['upgrade', 'head']).stderr).toContain('Running upgrade b2, c1 -> d0, join\n');
  });

  it('depend on each other', () => {
    revision('-m', 'island', '--rev-id', 'e0', '--head', 'base', '--branch-label', 'island');
    revision('-m', 'bridge', '--rev-id', 'e1', '--head', 'island@head', '--depends-on', 'd0');
    expect(heads()).toBe('d0 (left, right) (effective head)\ne1 (island) (head)\n');
    expect(project.ok(['heads', '--resolve-dependencies']).stdout).toBe('e1 (island) (head)\n');
    expect(project.ok(['history', '-r', 'e1:']).stdout).toBe('e0 (d0) -> e1 (island) (head), bridge\n');
    expect(project.ok(['show', 'e1']).stdout).toContain('Also depends on: d0\n');
    expect(project.run(['upgrade', 'island@head']).stderr).toBe(
      'Running upgrade  -> e0, island\nRunning upgrade e0 -> e1, bridge\n',
    );
    expect(project.versions()).toEqual(['e1']);
    expect(project.ok(['downgrade', 'base']).stderr.match(/^Running downgrade/gm)).toHaveLength(7);
    expect(project.run(['upgrade', 'heads']).stderr.match(/^Running upgrade/gm)).toHaveLength(7);
  });

  it('are stamped', () => {
    expect(project.run(['stamp', 'b1', 'c1']).stderr).toContain('Running stamp_revision');
    expect(project.versions()).toEqual(['b1', 'c1']);
    expect(project.run(['stamp', '--purge', 'left@head']).status).toBe(0);
    expect(project.versions()).toEqual(['d0']);
    project.exec("INSERT INTO limbeck_version VALUES ('gone')");
    expect(project.run(['stamp', 'heads'])).toMatchObject({ status: 1 });
    project.ok(['stamp', '--purge', 'heads']);
    expect(project.versions()).toEqual(['e1']);
  });
});

describe('history', () => {
  const project = newProject({
    'migrations/aa.js': migration('aa', { message: 'one' }),
    'migrations/bb.js': migration('bb', { message: 'two', down: 'aa' }),
    'migrations/cc.js': migration('cc', { message: 'three', down: 'bb' }),
  });
  project.ok(['upgrade', 'bb']);
  const [one, two, three] = ['<base> -> aa, one\n', 'aa -> bb, two\n', 'bb -> cc (head), three\n'];

  it.each([
    ['history', three + two + one],
    ['history -i', `${three}aa -> bb (current), two\n${one}`],
    ['history -r aa:bb', two + one],
    ['history -r bb:', three + two],
    ['history -r :bb', two + one],
    ['history -r -1:current', two + one],
    ['history -r current:', three + two],
    ['history -r base:head', three + two + one],
    ['history -r current:+1', three + two],
  ])('limbeck %s', (line, expected) => {
    expect(project.run(line.split(' '))).toEqual(done(expected));
  });

  it('tells more with -v', () => {
    expect(project.run(['history', '-v', '-i', '-r', 'bb:'])).toEqual(
      done(`Rev: cc (head)
Parent: bb
Path: ${project.path('migrations/cc.js')}

    three

    Revision ID: cc
    Revises: bb
    Create Date: 2026-11-22 18:25:16 UTC

Rev: bb (current)
Parent: aa
Path: ${project.path('migrations/bb.js')}

    two

    Revision ID: bb
    Revises: aa
    Create Date: 2026-11-22 18:25:16 UTC

`),
    );
    const block = project.ok(['heads', '-v']).stdout;
    expect(project.ok(['show', 'head']).stdout).toBe(block);
    expect(block).toMatch(/^Rev: cc \(head\)\n/);
    expect(project.ok(['current', '-v']).stdout).toMatch(/^Rev: bb\nParent: aa\n/);
    expect(project.ok(['show', 'current']).stdout).toMatch(/^Rev: bb\nParent: aa\n/);
  });

  it('is edited', () => {
    const edited = (editor: string, revision: string) =>
      project.run(['edit', revision], { env: { EDITOR: editor } });
    expect(edited('true', 'head')).toEqual(done(''));
    expect(edited('echo opened', 'current')).toEqual(done(`opened ${project.path('migrations/bb.js')}\n`));
    expect(edited('false', 'head')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^FAILED: The editor could not be used: 'false' ended with 1\.\n/),
    });
    expect(project.run(['edit', 'head'])).toMatchObject({ status: 1 });
  });
});

describe('--sql', () => {
  const FIRST = migration('aa', {
    message: 'tables',
    upgrade: `
  op.createTable('authors', { columns: { id: { type: 'integer', generated: 'increment' }, name: { type: 'text', nullable: true } }, primaryKey: { columns: ['id'] } });
  op.createTable('books', {
    columns: { id: { type: 'integer', generated: 'increment' }, title: { type: 'text' }, author_id: { type: 'integer' } },
    primaryKey: { columns: ['id'] },
    foreignKeys: [{ columns: ['author_id'], refTable: 'authors', refColumns: ['id'], onDelete: 'CASCADE' }],
    indexes: [{ columns: ['title'], name: 'ix_books_title' }],
  });
  op.createTrigger('trimmed', 'authors', { sqlite: "CREATE TRIGGER trimmed AFTER INSERT ON authors BEGIN UPDATE authors SET name = trim(name); END" });
  op.bulkInsert('authors', [{ id: 1, name: " it's " }]);
  op.bulkInsert('books', [{ title: 'x; y', author_id: 1 }]);`,
    downgrade: "op.dropTable('books'); op.dropTable('authors');",
  });
  const SECOND = migration('bb', {
    down: 'aa',
    message: 'rebuild',
    upgrade:
      "op.alterColumn('authors', 'name', { type: 'varchar', length: 50, nullable: false }); op.addColumn('authors', 'born', { type: 'date', nullable: true });",
    downgrade:
      "op.dropColumn('authors', 'born'); op.alterColumn('authors', 'name', { type: 'text', nullable: true });",
  });
  const project = newProject({ 'migrations/aa.js': FIRST, 'migrations/bb.js': SECOND });
  const rows = (file: string) => [
    project.rows('SELECT * FROM authors', file),
    project.rows('SELECT * FROM books', file),
    project.versions(file),
  ];

  it('prints an upgrade that leads to the same database as a run, a rebuild included', () => {
    const script = project.run(['upgrade', 'head', '--sql']);
    expect(script).toMatchObject({ status: 0, stderr: '' });
    expect(project.exists('app.db')).toBe(false);
    expect(script.stdout).toContain('\n-- Running upgrade  -> aa, tables\n');
    expect(script.stdout).toContain('\n-- Running upgrade aa -> bb, rebuild\n');
    project.ok(['upgrade', 'head']);
    project.exec(script.stdout, 'offline.db');
    expect(project.schema('offline.db')).toEqual(project.schema());
    expect(rows('offline.db')).toEqual(rows('app.db'));
  });

  it('prints ranges, up and down', () => {
    const up = project.ok(['upgrade', 'aa:bb', '--sql']).stdout;
    expect(up).not.toContain('CREATE TABLE "limbeck_version"');
    const down = project.ok(['downgrade', 'bb:aa', '--sql']).stdout;
    const before = project.schema();
    project.exec(down);
    expect(project.versions()).toEqual(['aa']);
    expect(project.rows("SELECT name FROM pragma_table_info('authors')")).toEqual([
      { name: 'id' },
      { name: 'name' },
    ]);
    expect(project.rows('SELECT count(*) AS n FROM books')).toEqual([{ n: 1 }]);
    project.exec(up);
    expect(project.schema()).toEqual(before);
    expect(project.versions()).toEqual(['bb']);
    project.exec(project.ok(['downgrade', 'bb:base', '--sql']).stdout);
    expect(project.schema()).toEqual([]);
    expect(project.versions()).toEqual([]);
  });

  it('gives a script that the shell of SQLite understands', () => {
    const shell = spawnSync('sqlite3', ['-version']);
    if (shell.error !== undefined) return console.warn('Not checked: there is no sqlite3 on the path.');
    const run = spawnSync('sqlite3', ['-bail', project.path('shell.db')], {
      input: project.ok(['upgrade', 'heads', '--sql']).stdout,
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(project.schema('shell.db')).toEqual(project.schema('offline.db'));
  });

  it('prints stamps and the version table', () => {
    expect(project.ok(['stamp', 'aa:bb', '--sql']).stdout).toBe(`BEGIN;

-- Running stamp_revision aa -> bb

UPDATE "limbeck_version" SET version_num = 'bb' WHERE version_num = 'aa';

COMMIT;
`);
    expect(project.ok(['ensure_version', '--sql']).stdout).toBe(`CREATE TABLE "limbeck_version" (
  "version_num" varchar(32) NOT NULL,
  CONSTRAINT "limbeck_version_pkc" PRIMARY KEY ("version_num")
);
`);
  });

  it('does not fool itself about what only a database knows', () => {
    const other = newProject({
      'migrations/aa.js': migration('aa', {
        async: true,
        upgrade:
          "op.createTable('t', { columns: { a: { type: 'text' } } }); const rows = await op.query('SELECT 1 AS one'); op.bulkInsert('t', rows);",
      }),
    });
    const run = other.run(['upgrade', 'head', '--sql']);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toBe(
      'FAILED: op.query needs a database, and here is none.\nhint: Ask `op.isOffline` first.\n',
    );
    const triggers = newProject({
      'migrations/aa.js': migration('aa', {
        upgrade:
          "op.createTable('t', { columns: { a: { type: 'text' } } }); op.execute('CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END'); op.alterColumn('t', 'a', { type: 'integer' });",
      }),
    });
    expect(triggers.run(['upgrade', 'head', '--sql']).stderr).toMatch(
      /^FAILED: Table 't' must be rebuilt after 'CREATE TRIGGER x/,
    );
  });
});

describe('several folders', () => {
  const project = newProject({
    'ormconfig.js': config("migrations: ['migrations', 'plugin/migrations']"),
    'plugin/migrations/.keep': '',
  });

  it('need --version-path for a new beginning, and go on where the parent lies', () => {
    expect(project.run(['revision', '-m', 'x']).stderr).toMatch(
      /^FAILED: Multiple version locations present, please specify --version-path\.\n/,
    );
    expect(
      project.ok(['revision', '-m', 'core', '--rev-id', 'aa', '--version-path', 'migrations']).stdout,
    ).toBe('Generating migrations/aa_core.js ... done\n');
    expect(
      project.ok([
        'revision',
        '-m',
        'plugin',
        '--rev-id',
        'bb',
        '--head',
        'base',
        '--version-path',
        'plugin/migrations',
        '--branch-label',
        'plugin',
      ]).stdout,
    ).toBe('Generating plugin/migrations/bb_plugin.js ... done\n');
    expect(project.ok(['revision', '-m', 'more', '--rev-id', 'cc', '--head', 'plugin@head']).stdout).toBe(
      'Generating plugin/migrations/cc_more.js ... done\n',
    );
    expect(project.ok(['revision', '-m', 'other', '--rev-id', 'dd', '--head', 'aa']).stdout).toBe(
      'Generating migrations/dd_other.js ... done\n',
    );
    expect(project.ok(['upgrade', 'heads']).stderr.match(/Running/g)).toHaveLength(4);
    expect(project.versions()).toEqual(['cc', 'dd']);
  });
});

describe('where the configuration is', () => {
  const project = newProject({
    'ormconfig.js': `module.exports = [
  { name: 'main', url: 'sqlite:app.db' },
  { name: 'archive', url: 'sqlite:archive.db', versionTable: 'alembic_version' },
];`,
    'migrations/aa.js': migration('aa'),
    'inner/.keep': '',
  });

  it('is said by -c, -n and LIMBECK_CONFIG, before or after the verb', () => {
    expect(project.run(['upgrade', 'head'])).toMatchObject({ status: 1 });
    expect(project.run(['upgrade', 'head', '-n', 'archive'])).toMatchObject({ status: 0 });
    expect(project.rows('SELECT * FROM alembic_version', 'archive.db')).toEqual([{ version_num: 'aa' }]);
    expect(project.run(['-n', 'archive', '-c', '../ormconfig.js', 'current'], { cwd: 'inner' })).toEqual(
      done('aa (head)\n'),
    );
    expect(project.run(['current', '-n', 'main', '-c', '..'], { cwd: 'inner' })).toEqual(done(''));
    expect(
      project.run(['current', '-n', 'archive'], { cwd: 'inner', env: { LIMBECK_CONFIG: '../ormconfig.js' } }),
    ).toEqual(done('aa (head)\n'));
    expect(project.run(['current'], { cwd: 'inner' })).toMatchObject({ status: 1 });
  });
});

describe('a project in TypeScript', () => {
  const project = newProject({
    'package.json': '{}',
    'ormconfig.ts':
      "import { defineConfig } from 'limbeck';\nexport default defineConfig({ url: 'sqlite:library.db', entities: ['entities/*.ts'] });\n",
    'entities/book.ts': `import { Column, Entity, PrimaryGeneratedColumn } from 'limbeck';
@Entity('books')
export class Book {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 200 }) title!: string;
}
`,
  });
  for (const name of ['ts-node', 'typescript', '@swc', '@types']) {
    spawnSync('ln', [
      '-s',
      require('node:path').resolve(__dirname, '../../node_modules', name),
      project.path('node_modules/'),
    ]);
  }

  it('writes TypeScript, and walks it up and down', () => {
    const made = project.run(['revision', '--autogenerate', '-m', 'create books', '--rev-id', 'aa']);
    expect(made).toEqual(
      done('Generating migrations/aa_create_books.ts ... done\n', "Detected added table 'books'\n"),
    );
    expect(
      project.read('migrations/aa_create_books.ts'),
    ).toContain(`import type { Operations } from 'limbeck';

export const revision = 'aa';
export const downRevision: string | string[] | null = null;
export const branchLabels: string[] = [];
export const dependsOn: string[] = [];

export function upgrade(op: Operations): void {
  op.createTable('books', {`);
    expect(project.run(['upgrade', 'head'])).toEqual(done('', 'Running upgrade  -> aa, create books\n'));
    expect(project.run(['check'])).toEqual(done('No new upgrade operations detected.\n'));
    expect(project.run(['downgrade', 'base'])).toEqual(done('', 'Running downgrade aa -> , create books\n'));
  });
});
