/**
 * What a person can get wrong: each mistake is one clear message with the right status, nothing is left half
 * done, and no file that breaks the next command is written.
 */

import { readdirSync } from 'node:fs';
import { config, entities, migration, type Project, type Run, useProjects } from '../support/project';

const newProject = useProjects();

/** Runs a command that is to fail, and that is to change nothing: no file, no byte of the database. */
function refused(project: Project, words: readonly string[], status = 1): Run {
  const before = project.state();
  const run = project.run(words);
  expect({ words, status: run.status, stderr: run.stderr }).toMatchObject({ words, status });
  expect({ words, files: project.state() }).toEqual({ words, files: before });
  expectPlain(run);
  return run;
}

/** No stack trace, nothing on standard output, and one failure only. */
function expectPlain(run: Run): void {
  expect(run.stdout).toBe('');
  expect(run.stderr).not.toMatch(/^\s+at /m);
  expect(run.stderr.match(/^FAILED: /gm)).toHaveLength(1);
}

/** What was said, without the hint. */
function said({ stderr }: Run): string {
  return stderr
    .replace(/^Running .*\n/gm, '')
    .replace(/^hint: [\s\S]*$/m, '')
    .replace(/\n$/, '')
    .replace(/^FAILED: /, '');
}

const ONE = migration('aa00', {
  message: 'one',
  upgrade: `op.createTable('t', { columns: { id: { type: 'integer' }, name: { type: 'text', nullable: true } } });`,
  downgrade: `op.dropTable('t');`,
});

describe('a revision that does not exist, or not only once', () => {
  const project = newProject({
    'migrations/aa00.js': ONE,
    'migrations/ab11.js': migration('ab11', { down: 'aa00', labels: ['left'] }),
    'migrations/ab22.js': migration('ab22', { down: 'aa00' }),
  });
  project.ok(['upgrade', 'aa00']);

  it.each<[string, number, string]>([
    ['upgrade nope', 1, "Can't locate revision identified by 'nope'"],
    ['downgrade nope', 1, "Can't locate revision identified by 'nope'"],
    ['stamp nope', 1, "Can't locate revision identified by 'nope'"],
    ['show nope', 1, "Can't locate revision identified by 'nope'"],
    ['edit nope', 1, "Can't locate revision identified by 'nope'"],
    ['merge nope ab11', 1, "Can't locate revision identified by 'nope'"],
    ['history -r aa00:nope', 1, "Can't locate revision identified by 'nope'"],
    ['revision --head nope', 1, "Can't locate revision identified by 'nope'"],
    ['revision --head ab11 --depends-on nope', 1, "Can't locate revision identified by 'nope'"],
    ['upgrade --sql nope', 1, "Can't locate revision identified by 'nope'"],
    [
      'upgrade ab',
      1,
      "Can't locate revision identified by 'ab': two revisions begin with it (ab11, ab22). Give more characters.",
    ],
    [
      'upgrade other@head',
      1,
      "Can't locate revision identified by 'other': in 'other@head' it stands for a branch, and no branch label or revision is called so. Check the name before the @.",
    ],
    [
      'upgrade left@ab22',
      1,
      "Can't locate revision identified by 'left@ab22': revision ab22 is not a member of branch 'left'. Leave the branch out, or name one it belongs to.",
    ],
    ['upgrade a@b@c', 1, "Can't locate revision identified by 'a@b@c': only one @ is possible."],
    ['upgrade +9', 1, 'Ambiguous walk: aa00 is followed by ab11, ab22'],
    ['downgrade -2', 1, "Relative revision -2 didn't produce 2 migrations"],
    [
      'upgrade head',
      1,
      "Multiple head revisions are present for given argument 'head'; please specify a specific target revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads",
    ],
    [
      'revision',
      1,
      'Multiple heads are present; please specify the head revision on which the new revision should be based, or perform a merge.',
    ],
    [
      'revision --autogenerate',
      1,
      'Multiple heads are present; please specify the head revision on which the new revision should be based, or perform a merge.',
    ],
    ['upgrade ab11:ab22', 1, 'Range revision not allowed'],
    ['history -r nope', 1, 'History range requires [start]:[end], [start]:, or :[end]'],
    [
      'history -r ab11:ab22',
      1,
      'Requested range ab11:ab22 does not refer to ancestor/descendant revisions along the same branch',
    ],
    ['downgrade --sql base', 1, 'downgrade with --sql requires <fromrev>:<torev>'],
    ['merge ab11', 1, 'There is nothing to merge: ab11 is the only revision given'],
    ['merge ab11 ab11', 1, 'Duplicate head revisions specified'],
    [
      'revision --head aa00',
      1,
      'Revision aa00 is not a head revision; please specify --splice to create a new branch from this revision',
    ],
    ['downgrade ab11', 1, 'Destination ab11 is not a valid downgrade target from current head(s)'],
  ])('limbeck %s', (line, status, message) => {
    expect(said(refused(project, line.split(' '), status))).toBe(message);
  });

  it('has a code and the next step as data', () => {
    const run = project.run(['--json', 'upgrade', 'ab']);
    expect(run).toMatchObject({ status: 1, stderr: '' });
    expect(JSON.parse(run.stdout)).toEqual({
      error: {
        code: 'REVISION_AMBIGUOUS',
        message: expect.stringMatching(/^Can't locate revision identified by 'ab'/),
        hint: 'Give more characters of the id; `limbeck history` lists the revisions.',
        context: { argument: 'ab', candidates: ['ab11', 'ab22'] },
      },
    });
  });
});

describe('a new revision that would break the next command', () => {
  const project = newProject({
    'migrations/aa00.js': ONE,
    'migrations/bb11.js': migration('bb11', { down: 'aa00', labels: ['left'] }),
  });
  const there = (file: string): string => `${project.path('migrations')}/${file}`;

  it.each<[string[], string]>([
    [['--rev-id', 'aa00'], `Revision identifier 'aa00' is taken by the revision in ${there('aa00.js')}`],
    [['--rev-id', 'left'], `Revision identifier 'left' is taken by the branch label in ${there('bb11.js')}`],
    [
      ['--rev-id', 'a'.repeat(33)],
      `Revision identifier '${'a'.repeat(33)}' is 33 characters long; the version table holds 32`,
    ],
    [['--rev-id', 'head'], "'head' cannot be a revision identifier: arguments use the word"],
    [['--rev-id', 'a-b'], "Character(s) '-' not allowed in revision identifier 'a-b'"],
    [['--rev-id', 'a:b@c+d'], "Character(s) '+, :, @' not allowed in revision identifier 'a:b@c+d'"],
    [['--rev-id', ''], 'A revision identifier must not be empty'],
    [
      ['--branch-label', 'left'],
      expect.stringMatching(/^Branch name 'left' in revision \w+ already used by revision bb11$/),
    ],
    [
      ['--branch-label', 'aa00'],
      expect.stringMatching(/^Branch name 'aa00' in revision \w+ is the id of a revision$/),
    ],
    [
      ['--branch-label', 'x@y'],
      expect.stringMatching(/^Character\(s\) '@' not allowed in branch label 'x@y'/),
    ],
    [['--branch-label', 'base'], "'base' cannot be a branch label: arguments use the word"],
    [['--branch-label', ''], 'A branch label must not be empty'],
    [['--version-path', 'nowhere'], 'Path nowhere is not represented in current version locations.'],
    [['--version-path', '..'], 'Path .. is not represented in current version locations.'],
    [['--depends-on', 'base'], "'base' is no revision to depend on"],
  ] as [string[], string][])('limbeck revision %j', (words, message) => {
    expect(said(refused(project, ['revision', '-m', 'x', ...words]))).toEqual(message);
  });

  it('is not written over a file that is there', () => {
    const name = 'migrations/cc22_x.js';
    project.write({ [name]: '// somebody else wrote this\n' });
    const run = refused(project, ['revision', '-m', 'x', '--rev-id', 'cc22']);
    expect(said(run)).toBe(`File ${project.path(name)} exists already; it is left as it is.`);
    expect(readdirSync(project.path('migrations'))).toEqual(['aa00.js', 'bb11.js', 'cc22_x.js']);
  });

  it.each([
    '../x',
    'a b',
    "a'b",
    'a"b',
    'a`${process.exit(7)}`b',
    '__proto__',
    'constructor',
    'é',
    '..',
    'a\\b',
    '%s',
    '-- ',
    '*/',
  ])('is one that works, whatever characters its identifier has: %j', (id) => {
    if (id.includes('-')) return void refused(project, ['revision', '--rev-id', id]);
    const other = newProject({ 'migrations/aa00.js': ONE });
    const before = Object.keys(other.state());
    other.ok(['revision', '-m', '../../x */ ${process.exit(7)} `', '--rev-id', id]);
    const made = Object.keys(other.state()).filter((name) => !before.includes(name));
    expect(made).toHaveLength(1);
    expect(made[0]).toMatch(/^migrations\/[^/]+_x_process_exit_7\.js$/);
    other.ok(['upgrade', 'head']);
    expect(other.versions()).toEqual([id]);
    expect(other.ok(['current']).stdout).toBe(`${id} (head)\n`);
    other.ok(['downgrade', id]);
    other.ok(['downgrade', 'base']);
    expect(other.versions()).toEqual([]);
  });
});

describe('files that do not fit together', () => {
  const m = migration;
  it.each<{ name: string; files: Record<string, string>; message: string | RegExp; code: string }>([
    {
      name: 'a parent that is missing',
      files: { aa: m('aa', { down: 'zz' }) },
      code: 'REVISION_MISSING_FILE',
      message:
        /^Can't locate revision identified by 'zz': \S+aa\.js names it as its downRevision, but no file has that id\. Bring the file back, or correct the downRevision\.$/,
    },
    {
      name: 'a dependency that is missing',
      files: { aa: m('aa', { depends: ['zz'] }) },
      code: 'REVISION_MISSING_FILE',
      message: /^Can't locate revision identified by 'zz': \S+aa\.js names it as its dependsOn/,
    },
    {
      name: 'a circle',
      files: { aa: m('aa', { down: 'cc' }), bb: m('bb', { down: 'aa' }), cc: m('cc', { down: 'bb' }) },
      code: 'REVISION_CYCLE',
      message: 'Cycle is detected in revisions (aa, bb, cc)',
    },
    {
      name: 'a circle beside a sound base',
      files: { aa: m('aa'), bb: m('bb', { down: ['aa', 'cc'] }), cc: m('cc', { down: 'bb' }) },
      code: 'REVISION_CYCLE',
      message: 'Cycle is detected in revisions (bb, cc)',
    },
    {
      name: 'a revision that is its own parent',
      files: { aa: m('aa', { down: 'aa' }) },
      code: 'REVISION_SELF_LOOP',
      message: 'Self-loop is detected in revisions (aa)',
    },
    {
      name: 'a circle of dependencies',
      files: { aa: m('aa', { depends: ['bb'] }), bb: m('bb', { down: 'aa' }) },
      code: 'REVISION_DEPENDENCY_CYCLE',
      message: 'Dependency cycle is detected in revisions (aa, bb)',
    },
    {
      name: 'one identifier twice',
      files: { aa: m('aa'), copy: m('aa') },
      code: 'REVISION_DUPLICATE',
      message: /^Revision aa is present more than once: in \S+aa\.js and \S+copy\.js$/,
    },
    {
      name: 'one label twice',
      files: { aa: m('aa', { labels: ['one'] }), bb: m('bb', { down: 'aa', labels: ['one'] }) },
      code: 'BRANCH_LABEL_DUPLICATE',
      message: "Branch name 'one' in revision bb already used by revision aa",
    },
    {
      name: 'a label that is an identifier',
      files: { aa: m('aa', { labels: ['bb'] }), bb: m('bb', { down: 'aa' }) },
      code: 'BRANCH_LABEL_IS_REVISION',
      message: "Branch name 'bb' in revision aa is the id of a revision",
    },
    {
      name: 'an identifier that is too long',
      files: { aa: m('a'.repeat(33)) },
      code: 'REVISION_ID_TOO_LONG',
      message: /is 33 characters long; the version table holds 32$/,
    },
    {
      name: 'an identifier that is a number',
      files: { aa: 'exports.revision = 42; exports.downRevision = null;' },
      code: 'MIGRATION_FILE_BROKEN',
      message: /^Migration file \S+aa\.js cannot be used: its 'revision' is not a string\.$/,
    },
    {
      name: 'a parent that is an object',
      files: { aa: "exports.revision = 'aa'; exports.downRevision = {};" },
      code: 'MIGRATION_FILE_BROKEN',
      message: /its 'downRevision' holds something else than strings\.$/,
    },
    {
      name: 'no parent at all',
      files: { aa: "exports.revision = 'aa';" },
      code: 'MIGRATION_FILE_BROKEN',
      message: /it exports no 'downRevision' \(null for a first revision\)\.$/,
    },
    {
      name: 'a header that throws',
      files: { aa: 'exports.revision = nope();' },
      code: 'MIGRATION_FILE_BROKEN',
      message:
        /^Migration file \S+aa\.js cannot be used: nope is not defined \(migrations\/aa\.js:1:\d+\)\.$/,
    },
  ])('$name', ({ files, message, code }) => {
    const project = newProject(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}.js`, text])),
    );
    for (const words of [['upgrade', 'heads'], ['revision', '-m', 'x'], ['history']]) {
      const text = said(refused(project, words));
      if (typeof message === 'string') expect(text).toBe(message);
      else expect(text).toMatch(message);
    }
    expect(JSON.parse(project.run(['--json', 'heads']).stdout).error.code).toBe(code);
  });

  it('does not take a folder or somebody’s helper for a migration', () => {
    const project = newProject({
      'migrations/aa00.js': ONE,
      'migrations/zz.js/inner.js': '',
      'migrations/helper.js': 'exports.upgrade = () => {};',
      'migrations/empty.js': '',
    });
    expect(project.ok(['history']).stdout).toBe('<base> -> aa00 (head), one\n');
  });
});

describe('a migration that cannot be run', () => {
  const next = (upgrade: string, isAsync = true): string =>
    migration('bb11', { down: 'aa00', upgrade, async: isAsync });
  const header = "exports.revision = 'bb11';\nexports.downRevision = 'aa00';\n";

  /** A project at aa00 with three rows, and a second revision. */
  function project(second: string): Project {
    const made = newProject({ 'migrations/aa00.js': ONE });
    made.ok(['upgrade', 'head']);
    made.exec("INSERT INTO t VALUES (1, 'a'), (2, NULL), (2, 'x')");
    made.write({ 'migrations/bb11.js': second });
    return made;
  }

  it.each<[string, string, string]>([
    [
      'is no JavaScript',
      `${header}exports.upgrade = function ( {`,
      'Unexpected end of input (migrations/bb11.js:3).',
    ],
    [
      'throws while it is loaded',
      `${header}throw new Error('at load');`,
      'at load (migrations/bb11.js:3:7).',
    ],
    [
      'needs a package that is missing',
      `${header}require('left-pad');`,
      "Cannot find module 'left-pad' (migrations/bb11.js:3:1).",
    ],
    ['has no upgrade', `${header}exports.downgrade = () => {};`, "it exports no function 'upgrade'."],
    ['has no downgrade', `${header}exports.upgrade = () => {};`, "it exports no function 'downgrade'."],
    [
      'has an upgrade that is no function',
      `${header}exports.upgrade = 'no'; exports.downgrade = () => {};`,
      "it exports no function 'upgrade'.",
    ],
  ])('because it %s: before anything runs', (_, text, problem) => {
    const it = project(text);
    it.write({ 'migrations/cc22.js': migration('cc22', { down: 'bb11' }) });
    const run = refused(it, ['upgrade', 'head']);
    expect(said(run)).toBe(`Migration file ${it.path('migrations/bb11.js')} cannot be used: ${problem}`);
    expect(run.stderr).not.toContain('Running');
  });

  it('is found broken before a database is made for it', () => {
    const it = newProject({ 'migrations/aa00.js': ONE, 'migrations/bb11.js': `${header}nope();` });
    refused(it, ['upgrade', 'head']);
    expect(it.exists('app.db')).toBe(false);
  });

  const TABLE = "op.createTable('u', { columns: { id: { type: 'integer' } } });";
  it.each<[string, string, string]>([
    [
      'throws half-way',
      next(`${TABLE}\nthrow new Error('half-way');`, false),
      'Error: half-way\n  in revision bb11, FILE:14:7',
    ],
    [
      'throws half-way, later',
      next(`await ${TABLE} await op.execute('DELETE FROM t');\nthrow new TypeError('half-way');`),
      'TypeError: half-way\n  in revision bb11, FILE:14:7',
    ],
    ['throws what is no error', next(`${TABLE}\nthrow 'a text';`, false), 'a text\n  in revision bb11, FILE'],
    [
      'calls op when its function has returned',
      next(`${TABLE} Promise.resolve().then(() => {}).then(() => op.dropTable('t'));`, false),
      'op.dropTable was called after the function of the revision had returned.',
    ],
    [
      'commits',
      next(`${TABLE} await op.execute('DELETE FROM t'); await op.execute('COMMIT');`),
      'The transaction of a revision is not for its statements to begin or end: COMMIT',
    ],
    [
      'rolls back',
      next(`${TABLE} await op.execute('ROLLBACK');`),
      'The transaction of a revision is not for its statements to begin or end: ROLLBACK',
    ],
    [
      'begins',
      next(`${TABLE} await op.execute('/* now */ begin immediate');`),
      'The transaction of a revision is not for its statements to begin or end: /* now */ begin immediate',
    ],
    [
      'runs what is no SQL',
      next(`${TABLE} await op.execute('DELEET FROM t');`),
      'near "DELEET": syntax error\n  in: DELEET FROM t',
    ],
    [
      'goes on after a step that failed',
      next(`${TABLE} try { await op.execute('DELEET'); } catch {} await op.execute('DELETE FROM t');`),
      'near "DELEET": syntax error\n  in: DELEET',
    ],
    [
      'runs two statements as one',
      next(`await op.execute('DELETE FROM t; DROP TABLE t');`),
      'The supplied SQL string contains more than one statement\n  in: DELETE FROM t; DROP TABLE t',
    ],
    [
      'drops what is not there',
      next(`${TABLE} op.dropTable('nope');`),
      "dropTable: there is no table 'nope'.",
    ],
    [
      'adds what is there',
      next(`${TABLE} op.addColumn('t', 'name', { type: 'text' });`),
      "addColumn: column 'name' exists already on table 't'.",
    ],
    [
      'misspells a type',
      next(`${TABLE} op.addColumn('t', 'x', { type: 'txet' });`),
      "Column 't.x': there is no column type 'txet'.",
    ],
    [
      'forgets a type',
      next(`${TABLE} op.addColumn('t', 'x', { nullable: true });`),
      "Column 't.x': no type is given.",
    ],
    [
      'calls what op has not',
      next(`${TABLE}\nop.frobnicate('t');`),
      'TypeError: op.frobnicate is not a function\n  in revision bb11, FILE:14:4',
    ],
    [
      'adds a column that rows have no value for',
      next(`${TABLE} op.addColumn('t', 'x', { type: 'integer' });`),
      "addColumn 't.x' is refused: 3 rows of 't' have no value for the new column 't.x', which is NOT NULL.",
    ],
    [
      'makes unique what is not',
      next(`${TABLE} op.createUniqueConstraint('uq', 't', ['id']);`),
      "createUnique 't' is refused: 2 rows of 't' share their value of 't.id', which is to be unique.",
    ],
    [
      'forbids NULL where there is one',
      next(`${TABLE} op.alterColumn('t', 'name', { nullable: false });`),
      "alterColumn 't.name' is refused: 1 row of 't' hold NULL in 't.name'.",
    ],
    [
      'has a requirement that is not met',
      next(`${TABLE} await op.require('SELECT count(*) = 0 FROM t', 'table t is empty');`),
      'A requirement of the revision is not met: table t is empty',
    ],
    [
      'waits for what never comes',
      next(`${TABLE} await new Promise(() => {});`),
      'The process ended before the command was done.',
    ],
    ['ends the process', next(`${TABLE} process.exit(0);`), 'The process ended before the command was done.'],
  ])('because it %s: all of it is undone', (_, text, message) => {
    const it = project(text);
    const before = { schema: it.schema(), rows: it.rows('SELECT * FROM t ORDER BY id') };
    const run = it.run(['upgrade', 'head']);
    expect(said(run)).toBe(message.replace('FILE', it.path('migrations/bb11.js')));
    expect(run.status).toBe(1);
    expectPlain(run);
    expect({ schema: it.schema(), rows: it.rows('SELECT * FROM t ORDER BY id') }).toEqual(before);
    expect(it.versions()).toEqual(['aa00']);
    // Nothing stands in the way of the next try.
    it.write({ 'migrations/bb11.js': next(TABLE) });
    expect(it.run(['upgrade', 'head']).status).toBe(0);
    expect(it.rows('SELECT * FROM limbeck_lock')).toEqual([]);
  });

  it('shows the stack trace when asked, beginning with the line of the migration', () => {
    const it = project(next(`${TABLE}\nop.dropTable('nope');`));
    const { stderr } = it.run(['--raiseerr', 'upgrade', 'head']);
    expect(stderr).toMatch(
      /SchemaError: dropTable: there is no table 'nope'\.\n +at (?:\S+ \()?\S+bb11\.js:14:4\)?\n/,
    );
  });

  it('warns of a data step that nobody waits for, with its place, and runs it in its place', () => {
    const it = project(
      next(
        `op.addColumn('t', 'x', { type: 'integer', nullable: true });\nop.execute('UPDATE t SET x = id');\nop.dropColumn('t', 'name');`,
        false,
      ),
    );
    const run = it.ok(['upgrade', 'head']);
    expect(run.stderr).toBe(`Running upgrade aa00 -> bb11, bb11
Warning: The data step at ${it.path('migrations/bb11.js')}:14:4 is not awaited; it ran in its place.
`);
    expect(it.rows('SELECT * FROM t ORDER BY id')).toEqual([
      { id: 1, x: 1 },
      { id: 2, x: 2 },
      { id: 2, x: 2 },
    ]);
  });

  it('tells of an op that comes too late to be refused, without a stack trace', () => {
    const it = project(next(`${TABLE} setTimeout(() => op.dropTable('t'), 20);`, false));
    const run = it.run(['upgrade', 'head']);
    expect(run.status).toBe(1);
    expectPlain(run);
    expect(said(run)).toBe('op.dropTable was called after the function of the revision had returned.');
    expect(it.rows('SELECT count(*) AS n FROM t')).toEqual([{ n: 3 }]);
  });

  it('keeps the revisions before the one that failed', () => {
    const it = newProject({ 'migrations/aa00.js': ONE, 'migrations/bb11.js': next("op.dropTable('nope');") });
    const run = it.run(['upgrade', 'head']);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toMatch(
      /^Running upgrade {2}-> aa00, one\nRunning upgrade aa00 -> bb11, bb11\nFAILED: dropTable: there is no table 'nope'\.\n/,
    );
    expect(it.versions()).toEqual(['aa00']);
  });
});

describe('a configuration that cannot be used', () => {
  it.each<[string, string | undefined, string | RegExp]>([
    [
      'is missing',
      undefined,
      /^No configuration was found: looked for ormconfig\.\{ts,mts,cts,js,mjs,cjs\} in \S+\.$/,
    ],
    [
      'is no JavaScript',
      'module.exports = {',
      'Cannot load ormconfig.js: Unexpected end of input (ormconfig.js:1)',
    ],
    ['throws', "throw new Error('no vault');", 'Cannot load ormconfig.js: no vault (ormconfig.js:1:7)'],
    [
      'throws later',
      "module.exports = async () => { throw new Error('no vault'); };",
      /^Cannot load ormconfig\.js: no vault \(ormconfig\.js:1:\d+\)$/,
    ],
    [
      'never answers',
      'module.exports = () => new Promise(() => {});',
      'The process ended before the command was done.',
    ],
    [
      'exports nothing',
      'module.exports = null;',
      /^One mistake in the configuration \(\S+\):\n {2}- There is no default export\./,
    ],
    ['is an empty list', 'module.exports = [];', /- The array is empty\.$/],
    [
      'has no url',
      'module.exports = {};',
      /- url: is missing\. Name the database, for example 'sqlite:library\.db'\.$/,
    ],
    [
      'has a setting too many',
      "module.exports = { url: 'sqlite:a.db', migration: 'x' };",
      /- migration: is no setting\. Did you mean 'migrations'\?$/,
    ],
    [
      'is wrong in many ways',
      "module.exports = { url: 1, entities: 'x', migrations: 7, versionTable: '', timezone: 'Mars', lockTimeoutMs: -1 };",
      /^6 mistakes in the configuration[\s\S]*- url: [\s\S]*- entities: [\s\S]*- migrations: [\s\S]*- versionTable: [\s\S]*- timezone: [\s\S]*- lockTimeoutMs: /,
    ],
    [
      'names a database that nobody knows',
      "module.exports = { url: 'oracle://u:secretpw@h/db' };",
      /^The database URL is not valid: 'oracle:' is none of /,
    ],
  ])('because it %s', (_, text, message) => {
    const project = newProject({ 'ormconfig.js': text ?? '' });
    if (text === undefined) project.spawn(['rm', 'ormconfig.js']);
    for (const words of [['upgrade', 'head'], ['current']]) {
      const run = refused(project, words);
      if (typeof message === 'string') expect(said(run)).toBe(message);
      else expect(said(run)).toMatch(message);
      expect(run.stderr).not.toContain('secretpw');
    }
  });

  it('warns where there is nothing to apply, since a mistyped folder looks the same', () => {
    const project = newProject({ 'ormconfig.js': config("migrations: 'mirgations'") });
    const run = project.ok(['upgrade', 'head']);
    expect(run.stderr).toBe(`Warning: There is no migration in ${project.path('mirgations')}.\n`);
  });
});

describe('a database that is not what it should be', () => {
  const WORDS = [
    ['current'],
    ['check'],
    ['downgrade', 'base'],
    ['stamp', 'head'],
    ['ensure_version'],
    ['history', '-i'],
    ['current', '--check-heads'],
    ['diff'],
  ];

  it('is not made by anything but an upgrade', () => {
    const project = newProject({
      'migrations/aa00.js': ONE,
      'entities/all.js': entities({
        T: { $: "Entity('t')", id: 'PrimaryColumn()', name: "Column('text', { nullable: true })" },
      }),
    });
    const before = project.state();
    const status = WORDS.map((words) => project.run(words).status);
    expect(project.state()).toEqual(before);
    expect(status).toEqual([0, 1, 1, 1, 1, 0, 1, 1]);
    for (const words of [['downgrade', 'base'], ['stamp', 'head'], ['ensure_version']]) {
      expect(said(refused(project, words))).toBe('Database app.db does not exist.');
    }
  });

  it.each<[string, (project: Project) => void, string]>([
    [
      'noise',
      (project) => project.write({ 'app.db': 'noise '.repeat(1000) }),
      'The file is damaged or not a database (app.db: file is not a database).',
    ],
    [
      'a text',
      (project) => project.write({ 'app.db': 'hello\n' }),
      'The file is damaged or not a database (app.db: file is not a database).',
    ],
    ['a folder', (project) => project.write({ 'app.db/inner': '' }), 'Cannot open app.db: it is a folder'],
  ])('because it is %s', (_, prepare, message) => {
    const project = newProject({
      'ormconfig.js': "module.exports = { url: 'sqlite:app.db' };",
      'migrations/aa00.js': ONE,
    });
    prepare(project);
    for (const words of [
      ['upgrade', 'head'],
      ['current'],
      ['downgrade', 'base'],
      ['stamp', 'head'],
      ['ensure_version'],
    ]) {
      expect(said(refused(project, words))).toBe(message);
    }
  });

  it('lies in a folder that does not exist', () => {
    const project = newProject({
      'ormconfig.js': "module.exports = { url: 'sqlite:no/such/app.db' };",
      'migrations/aa00.js': ONE,
    });
    expect(said(refused(project, ['upgrade', 'head']))).toBe(
      `Cannot open no/such/app.db: the folder ${project.path('no/such')} does not exist`,
    );
  });

  it('is at a revision that no file has', () => {
    const project = newProject({ 'migrations/aa00.js': ONE });
    project.ok(['upgrade', 'head']);
    project.exec("UPDATE limbeck_version SET version_num = 'zz99'");
    for (const words of [['upgrade', 'head'], ['downgrade', 'base'], ['current'], ['stamp', 'aa00']]) {
      expect(said(refused(project, words))).toBe(
        "Can't locate revision identified by 'zz99': the database is at this revision, but no migration file has that id. Bring the file back (another branch of the code may have it), or tell the database where it is with `limbeck stamp --purge`.",
      );
    }
    project.ok(['stamp', '--purge', 'aa00']);
    expect(project.versions()).toEqual(['aa00']);
  });

  // Who is root may write anyway, so the command runs as somebody else.
  const isRoot = process.getuid?.() === 0;
  (isRoot ? it : it.skip)('may not be written', () => {
    const project = newProject({
      'migrations/aa00.js': ONE,
      'migrations/bb11.js': migration('bb11', { down: 'aa00', upgrade: "op.dropTable('t');" }),
    });
    project.ok(['upgrade', 'aa00']);
    project.spawn(['chmod', '-R', 'a+rX,a-w', '.']);
    const before = project.state();
    const asNobody = (...words: string[]): Run =>
      project.spawn([
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        project.path('node_modules/limbeck/dist/cli/main.js'),
        ...words,
      ]);
    const upgrade = asNobody('upgrade', 'head');
    expect(upgrade.status).toBe(1);
    expectPlain(upgrade);
    expect(said(upgrade)).toMatch(/^(The database cannot be written|Cannot open app\.db)/);
    expect(said(upgrade)).not.toContain('\n');
    expect(asNobody('current')).toEqual({ status: 0, stdout: 'aa00\n', stderr: '' });
    const revision = asNobody('revision', '-m', 'x');
    expect(revision.status).toBe(1);
    expectPlain(revision);
    expect(project.state()).toEqual(before);
  });
});

describe('models that make no sense', () => {
  it('are told all at once', () => {
    const project = newProject({
      'entities/all.js': entities({
        NoKey: { name: "Column('text')" },
        BadType: { id: 'PrimaryGeneratedColumn()', a: "Column('txet')", b: 'Column()' },
        Twice: {
          $: "Entity('books')",
          id: 'PrimaryGeneratedColumn()',
          a: "Column('integer', { name: 'x' })",
          b: "Column('integer', { name: 'x' })",
        },
        Same: { $: "Entity('books')", id: 'PrimaryGeneratedColumn()' },
        Lost: {
          id: 'PrimaryGeneratedColumn()',
          other: 'ManyToOne(() => undefined)',
          many: 'OneToMany(() => exports.Twice, (x) => x.nope)',
        },
        Idle: {
          $: "Entity(), Index(['nope']), Unique(['neither'])",
          id: 'PrimaryGeneratedColumn()',
          eager: 'ManyToOne(() => exports.Twice, { eager: true })',
        },
      }),
    });
    const run = refused(project, ['revision', '--autogenerate', '-m', 'x']);
    const mistakes = run.stderr.split('\n').filter((line) => /^ {2}/.test(line));
    expect(mistakes.length).toBeGreaterThanOrEqual(10);
    expect(run.stderr).toMatchSnapshot();
  });

  it('are missed where there are none', () => {
    const project = newProject({ 'ormconfig.js': "module.exports = { url: 'sqlite:app.db' };" });
    for (const words of [['revision', '--autogenerate'], ['check'], ['diff']]) {
      expect(said(refused(project, words))).toBe(
        "Can't proceed with --autogenerate: the configuration names no entities.",
      );
    }
  });
});

describe('words that no command knows', () => {
  const project = newProject();
  it.each<[string, string]>([
    ['', ''],
    ['frobnicate', "unknown command 'frobnicate'"],
    ['upgrade', "missing required argument 'revision'"],
    ['upgrade head extra', "too many arguments for 'upgrade'. Expected 1 argument but got 2."],
    ['upgrade head --frob', "unknown option '--frob'"],
    ['revision -m', "option '-m, --message <text>' argument missing"],
    ['current -c', "option '-c, --config <file>' argument missing"],
    ['revision --sql -m x', 'Using --sql with the revision command does not make any sense'],
    ['revision --autogenerate --fill x', "--fill 'x' names no value"],
  ])('limbeck %s', (line, message) => {
    const before = project.state();
    const run = project.run(line.split(' ').filter((word) => word !== ''));
    expect(run).toMatchObject({ status: 2, stdout: '' });
    if (message !== '') expect(said(run)).toBe(message);
    expect(project.state()).toEqual(before);
  });
});

describe('hostile texts in the models', () => {
  /** If any of these ever runs, it leaves a file behind. */
  const RUN = "require('node:fs').writeFileSync('pwned','')";
  const TEXTS = [
    `it's "quoted"`,
    `\`\${${RUN}}\``,
    `'); ${RUN}; ('`,
    `"); ${RUN}; ("`,
    `*/ ${RUN} /*`,
    `\n${RUN}\n`,
    `\r\n// ${RUN}`,
    `\u2028${RUN}\u2029`,
    `\\'; ${RUN}; //`,
    '-- comment',
    '/* comment',
    '\\u0027 \\x27 \\',
    '\ufeff\u200b\u202e end',
    '%s %% $1 ? :x @y',
    '😀 ünï',
    '',
    ' ',
    'NULL',
    'CURRENT_TIMESTAMP',
    '007',
    `</script>{{${RUN}}}`,
  ];
  const NAMES = [
    `a'b`,
    'a"b',
    'a`b',
    `\${${RUN}}`,
    '*/ x',
    '-- x',
    '__proto__',
    'constructor',
    'order',
    'a.b:c',
    'a b',
    'ünï 😀',
    'a\\b',
    '[x]',
    '1',
    'a\u2028b',
  ];
  const j = JSON.stringify;

  const project = newProject({
    'entities/all.js': entities({
      Texts: {
        $: `Entity(${j(`tab'le "\`\${${RUN}} */ --`)}, { comment: ${j(TEXTS.join('|'))} })`,
        id: "PrimaryGeneratedColumn('increment')",
        ...Object.fromEntries(
          TEXTS.map((text, i) => [`d${i}`, `Column('text', { default: ${j(text)}, comment: ${j(text)} })`]),
        ),
        kind: `Column('enum', { enum: ${j(TEXTS.filter((text) => text.trim() !== ''))}, enumName: ${j(`e'"\`\${${RUN}}*/`)}, default: ${j(TEXTS[0])} })`,
        checked: `Check(${j(`ck'"\``)}, ${j(`checked <> 'it''s \`\${${RUN.replaceAll("'", "''")}}\` */ \u2028'`)}), Column('text', { default: 'x' })`,
      },
      Names: {
        $: `Entity('__proto__'), Index(${j(`ix'"\``)}, ['n0', 'n1']), Unique(${j(`uq'"\``)}, ['n2'])`,
        id: "PrimaryGeneratedColumn('increment')",
        ...Object.fromEntries(
          NAMES.map((name, i) => [`n${i}`, `Column('text', { name: ${j(name)}, nullable: true })`]),
        ),
      },
      Child: {
        $: `Entity('child; drop table child')`,
        id: 'PrimaryGeneratedColumn()',
        parent: `ManyToOne(() => exports.Names, { nullable: true, onDelete: 'CASCADE' }), JoinColumn({ name: ${j(`p'"\`\${x}`)} })`,
      },
    }),
  });
  const table = `"tab'le ""\`\${${RUN}} */ --"`;
  const generate = (id: string): string => {
    project.ok(['revision', '--autogenerate', '-m', 'hostile', '--rev-id', id]);
    return project.read(`migrations/${id}_hostile.js`);
  };

  it('become a file that parses, says the same each time, and runs nothing', () => {
    const first = generate('aa');
    project.spawn(['rm', 'migrations/aa_hostile.js']);
    const second = generate('aa');
    const dateless = (text: string): string => text.replace(/^ \* Create Date: .*$/m, '');
    expect(dateless(second)).toBe(dateless(first));
    expect(first).not.toMatch(/[\u2028\u2029\ufeff\0]/);
    expect(project.ok(['history']).stdout).toBe('<base> -> aa (head), hostile\n');
    expect(project.exists('pwned')).toBe(false);
  });

  it('come back unchanged', () => {
    project.ok(['upgrade', 'head']);
    project.exec(`INSERT INTO ${table} DEFAULT VALUES`);
    const [row = {}] = project.rows(`SELECT * FROM ${table}`);
    expect(TEXTS.map((_, i) => row[`d${i}`])).toEqual(TEXTS);
    expect(row.kind).toBe(TEXTS[0]);
    for (const kind of TEXTS.filter((text) => text.trim() !== '')) {
      project.database((database) => database.prepare(`UPDATE ${table} SET kind = ?`).run(kind));
    }
    expect(() => project.exec(`UPDATE ${table} SET kind = 'other'`)).toThrow(/CHECK/);
    const columns = project.rows(`SELECT name FROM pragma_table_info('__proto__')`).map(({ name }) => name);
    // Of JavaScript's objects a name that is a whole number comes first, whatever was written.
    expect(columns).toEqual(['1', 'id', ...NAMES.filter((name) => name !== '1')]);
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
    expect(project.exists('pwned')).toBe(false);
  });

  it('survive a rebuild and the way back', () => {
    const before = project.schema();
    project.write({
      'entities/all.js': project
        .read('entities/all.js')
        .replaceAll('nullable: true })', "nullable: false, default: 'n' })"),
    });
    generate('bb');
    project.ok(['upgrade', 'head']);
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
    project.ok(['downgrade', 'aa']);
    expect(project.rows(`SELECT * FROM ${table}`)).toHaveLength(1);
    const names = (schema: unknown[][]): unknown[][] => schema.map((row) => row.slice(0, 3));
    expect(names(project.schema())).toEqual(names(before));
    expect(project.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    project.ok(['downgrade', 'base']);
    expect(project.schema()).toEqual([]);
    expect(project.exists('pwned')).toBe(false);
  });

  it('of a database are dropped and made again', () => {
    project.ok(['upgrade', 'aa']);
    project.spawn(['rm', 'migrations/bb_hostile.js', 'entities/all.js']);
    project.write({ 'entities/all.js': entities({ Other: { id: 'PrimaryGeneratedColumn()' } }) });
    project.ok(['revision', '--autogenerate', '--no-rename', '-m', 'hostile', '--rev-id', 'cc']);
    const before = project.schema();
    project.ok(['upgrade', 'head']);
    expect(project.schema().map(([, name]) => name)).toEqual(['other']);
    project.ok(['downgrade', 'aa']);
    expect(project.schema().map((row) => row.slice(0, 3))).toEqual(before.map((row) => row.slice(0, 3)));
    project.exec(`INSERT INTO ${table} DEFAULT VALUES`);
    const [row = {}] = project.rows(`SELECT * FROM ${table}`);
    expect(TEXTS.map((_, i) => row[`d${i}`])).toEqual(TEXTS);
    expect(project.exists('pwned')).toBe(false);
  });

  it('make the same script', () => {
    const script = project.ok(['upgrade', '--sql', 'aa']).stdout;
    project.exec(script, 'offline.db');
    const plain = (schema: unknown[][]): unknown[][] =>
      schema.filter(([, name]) => !String(name).startsWith('limbeck_'));
    project.spawn(['rm', 'app.db']);
    project.ok(['upgrade', 'aa']);
    expect(plain(project.schema('offline.db'))).toEqual(plain(project.schema()));
    expect(project.versions('offline.db')).toEqual(['aa']);
  });
});
