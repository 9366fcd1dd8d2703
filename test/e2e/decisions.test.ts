/**
 * Renames and losses: what only a person can decide is asked, never guessed; what was decided keeps the data on
 * both ways; what would lose data is told when it is written and refused when it is run.
 */

import { spawn, spawnSync } from 'node:child_process';
import { CLI, entities, type Models, type Project, type Run, useProjects } from '../support/project';

const newProject = useProjects();
const write = (project: Project, models: Models): void =>
  project.write({ 'entities/all.js': entities(models) });

const ID = 'PrimaryGeneratedColumn()';
const BEFORE: Models = {
  Book: {
    $: "Entity('books')",
    id: ID,
    title: "Column('varchar', { length: 200 })",
    summary: "Column('text', { nullable: true })",
    status: "Column('enum', { enum: ['new', 'used'], default: 'new' })",
  },
};
/** A column, an enum's value and a NOT NULL column to decide. */
const AFTER: Models = {
  Book: {
    $: "Entity('books')",
    id: ID,
    title: "Column('varchar', { length: 200 })",
    description: "Column('text', { nullable: true })",
    status: "Column('enum', { enum: ['fresh', 'used'], default: 'used' })",
    pages: "Column('integer')",
  },
};
const ROWS = [
  { id: 1, title: 't1', summary: 's1', status: 'new' },
  { id: 2, title: 't2', summary: null, status: 'used' },
];

/** A database at `aa` that was made from some models, with rows in it. */
function projectAt(models: Models, rows: string): Project {
  const project = newProject({ 'entities/all.js': entities(models) });
  project.ok(['revision', '--autogenerate', '-m', 'first', '--rev-id', 'aa']);
  project.ok(['upgrade', 'head']);
  if (rows !== '') project.exec(rows);
  return project;
}

const SEED = "INSERT INTO books (title, summary, status) VALUES ('t1', 's1', 'new'), ('t2', NULL, 'used')";

/** Asks for a revision that is not to be written. */
function stopped(project: Project, status: number, ...flags: string[]): Run {
  const before = project.state();
  const run = project.run(['revision', '--autogenerate', '-m', 'second', ...flags]);
  expect({ flags, status: run.status, stdout: run.stdout }).toEqual({ flags, status, stdout: '' });
  expect(project.state()).toEqual(before);
  expect(run.stderr).not.toMatch(/^\s+at /m);
  return run;
}

/** Writes revision `bb`. */
function generate(project: Project, ...flags: string[]): Run & { readonly text: string } {
  const run = project.ok(['revision', '--autogenerate', '-m', 'second', '--rev-id', 'bb', ...flags]);
  return { ...run, text: project.read('migrations/bb_second.js') };
}

const body = (text: string, name: string): string =>
  new RegExp(`function ${name}\\(op\\) \\{\\n([\\s\\S]*?)\\n\\};`).exec(text)?.[1] ?? '';

describe('what only a person can decide', () => {
  const project = projectAt(BEFORE, SEED);
  write(project, AFTER);

  it('stops the command with status 3, which lists the questions and the flags', () => {
    const { stderr } = stopped(project, 3);
    expect(stderr).toBe(`FAILED: A decision is needed that only you can take; nothing was written.
  column 'books.summary' is gone: was it renamed to 'description', or dropped?
  enum value 'books_status_enum.new' is gone: was it renamed to 'fresh', or dropped?
  new column 'books.pages' is NOT NULL and has no default: what do the 2 rows of 'books' get?
hint: Settle each with one of:
  --rename books.summary:description
  --drop books.summary
  --no-rename
  --rename-value books_status_enum.new:fresh
  --drop books_status_enum.new
  --fill books.pages=LITERAL
`);
  });

  it('is data with --json', () => {
    const run = project.run(['--json', 'revision', '--autogenerate']);
    expect(run).toMatchObject({ status: 3, stderr: '' });
    expect(JSON.parse(run.stdout).error).toMatchObject({
      code: 'DECISION_NEEDED',
      context: {
        candidates: [
          { kind: 'column', table: 'books', name: 'summary', to: ['description'] },
          { kind: 'enumValue', enum: 'books_status_enum', name: 'new', to: ['fresh'] },
          { kind: 'fill', table: 'books', column: 'pages', rows: 2 },
        ],
        flags: [
          '--rename books.summary:description',
          '--drop books.summary',
          '--no-rename',
          '--rename-value books_status_enum.new:fresh',
          '--drop books_status_enum.new',
          '--fill books.pages=LITERAL',
        ],
      },
    });
  });

  it('is left open by diff, which writes nothing, and told', () => {
    const before = project.state();
    const run = project.run(['diff']);
    expect(run.status).toBe(0);
    expect(run.stderr).toContain(
      "Warning: column 'books.summary' is gone: was it renamed to 'description', or dropped?\n",
    );
    const settled = project.ok([
      'diff',
      '--rename',
      'books.summary:description',
      '--rename-value',
      'books_status_enum.new:fresh',
    ]);
    expect(settled.stdout).toContain("renamed column 'books.summary' to 'description'\n");
    expect(settled.stderr).not.toContain('is gone');
    expect(project.state()).toEqual(before);
  });

  it.each<[string[], string[]]>([
    [
      ['--rename', 'books.summary:description'],
      ['enum value', 'new column'],
    ],
    [
      ['--drop', 'books.summary'],
      ['enum value', 'new column'],
    ],
    [
      ['--rename-value', 'books_status_enum.new:fresh'],
      ['column', 'new column'],
    ],
    [
      ['--drop', 'books_status_enum.new'],
      ['column', 'new column'],
    ],
    [['--no-rename'], ['new column']],
    [
      ['--fill', 'books.pages=0'],
      ['column', 'enum value'],
    ],
    [['--rename', 'books.summary:description', '--no-rename'], ['new column']],
  ])('is settled one by one: %j leaves %j', (flags, left) => {
    const questions =
      stopped(project, 3, ...flags)
        .stderr.split('\nhint:')[0]
        ?.split('\n')
        .slice(1) ?? [];
    expect(questions.map((line) => /^ {2}((?:new )?column|enum value) '/.exec(line)?.[1])).toEqual(left);
  });

  it.each<[string[], string]>([
    [
      ['--rename', 'books.nope:description'],
      "--rename books.nope:description: table 'books' has no column 'nope'.",
    ],
    [
      ['--rename', 'nope.summary:description'],
      "--rename nope.summary:description: the database has no table 'nope'.",
    ],
    [
      ['--rename', 'books.summary:nope'],
      "--rename books.summary:nope: the model of 'books' has no column 'nope'.",
    ],
    [
      ['--rename', 'books.title:description'],
      "--rename books.title:description: the models still have 'title'.",
    ],
    [['--rename', 'books.summary:title'], "--rename books.summary:title: the database has 'title' already."],
    [['--rename', 'books:other'], "--rename books:other: the models have no table 'other'."],
    [['--rename', 'books.summary'], '--rename books.summary: expected T.C:NEW or T:NEW.'],
    [['--rename', 'a.b.c:d'], '--rename a.b.c:d: expected T.C:NEW or T:NEW.'],
    [
      ['--rename', '"books.summary:description'],
      '--rename "books.summary:description: a name is missing at character 1.',
    ],
    [
      ['--rename', 'books.summary:description:x'],
      "--rename books.summary:description:x: ':x' is not understood.",
    ],
    [
      ['--rename', 'books.summary:description', '--rename', 'books.summary:pages'],
      "column 'summary': it is renamed twice.",
    ],
    [
      ['--rename', 'books.summary:description', '--drop', 'books.summary'],
      "--drop books.summary: it is renamed to 'description'.",
    ],
    [
      ['--rename-value', 'books_status_enum.nope:fresh'],
      "--rename-value books_status_enum.nope:fresh: there is no value 'nope' of enum 'books_status_enum'.",
    ],
    [
      ['--rename-value', 'books_status_enum.new:used'],
      "--rename-value books_status_enum.new:used: the database has 'used' already.",
    ],
    [
      ['--rename-value', 'books_status_enum.new:nope'],
      "--rename-value books_status_enum.new:nope: the models have no value 'nope' of enum 'books_status_enum'.",
    ],
    [['--rename-value', 'x'], '--rename-value x: expected ENUM.V:NEW.'],
    [['--drop', 'books.nope'], "--drop books.nope: table 'books' has no column 'nope'."],
    [['--drop', 'books.title'], '--drop books.title: the models still have it.'],
    [['--drop', 'nope'], "--drop nope: the database has no table 'nope'."],
    [['--drop', 'books.summary:x'], '--drop books.summary:x: expected T.C or T.'],
    [
      ['--fill', 'books.nope=1'],
      '--fill books.nope: no new column and no column that becomes NOT NULL is called so.',
    ],
    [
      ['--fill', 'books.title=x'],
      '--fill books.title: no new column and no column that becomes NOT NULL is called so.',
    ],
    [['--fill', 'books.pages=abc'], "--fill books.pages=abc: 'abc' is not a number."],
    [['--fill', 'books.pages='], "--fill books.pages=: '' is not a number."],
    [['--fill', 'books.pages=1.5'], '--fill books.pages=1.5: expected an integer, got a number.'],
    [
      ['--fill', 'books.pages=99999999999'],
      '--fill books.pages=99999999999: the integer lies outside -2147483648 to 2147483647.',
    ],
  ])('is not settled by a flag that speaks of nothing: %j', (flags, message) => {
    expect(stopped(project, 1, ...flags).stderr.split('\n')[0]).toBe(`FAILED: ${message}`);
  });

  it('keeps the data when it was a rename, up and down', () => {
    const made = generate(
      project,
      '--rename',
      'books.summary:description',
      '--rename-value',
      'books_status_enum.new:fresh',
      '--fill',
      'books.pages=7',
    );
    expect(made.stderr).toBe(`Detected renamed column 'books.summary' to 'description'
Detected renamed enum value 'books_status_enum.new' to 'fresh'
Detected added column 'books.pages'
Detected default changed on 'books.status'
`);
    expect(body(made.text, 'upgrade')).toBe(`  op.renameColumn('books', 'summary', 'description');
  op.alterEnum('books_status_enum', { rename: { new: 'fresh' }, columns: ['books.status'] });
  op.addColumn('books', 'pages', { type: 'integer' }, { fill: 7 });
  op.alterColumn('books', 'status', { default: 'used' });`);
    const before = project.schema();
    project.ok(['upgrade', 'head']);
    expect(project.rows('SELECT * FROM books')).toEqual([
      { id: 1, title: 't1', description: 's1', status: 'fresh', pages: 7 },
      { id: 2, title: 't2', description: null, status: 'used', pages: 7 },
    ]);
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
    project.ok(['downgrade', '-1']);
    expect(project.rows('SELECT * FROM books')).toEqual(ROWS);
    expect(project.schema().map((row) => row.slice(0, 3))).toEqual(before.map((row) => row.slice(0, 3)));
  });

  it('is the same from code', () => {
    const other = projectAt(BEFORE, SEED);
    write(other, AFTER);
    other.write({
      'script.js': `const { migrations } = require('limbeck');
const m = migrations({ ...require('./ormconfig.js'), migrations: 'migrations' });
(async () => {
  const refused = await m.revision({ autogenerate: true }).catch(({ name, code, candidates, flags }) => ({ name, code, candidates, flags }));
  const made = await m.revision({
    message: 'second', revId: 'bb', autogenerate: true, renames: ['books.summary:description'], drops: ['books_status_enum.new'], fills: { 'books.pages': 7 },
  });
  console.log(JSON.stringify({ refused, changes: made.changes }));
})();`,
    });
    const { stdout } = other.spawn([process.execPath, 'script.js']);
    const { refused, changes } = JSON.parse(stdout);
    expect(refused).toMatchObject({
      name: 'DecisionNeededError',
      code: 'DECISION_NEEDED',
      candidates: [{ kind: 'column' }, { kind: 'enumValue' }, { kind: 'fill' }],
    });
    expect(refused.flags).toHaveLength(6);
    expect(changes).toContain("renamed column 'books.summary' to 'description'");
  });
});

describe('a rename', () => {
  it('of a table is asked where half of the columns are the same, and keeps rows, keys and indexes', () => {
    const parent = (name: string): Models => ({
      Author: {
        $: `Entity('${name}')`,
        id: ID,
        name: "Column('text')",
        born: "Column('date', { nullable: true })",
      },
      Book: {
        $: "Entity('books')",
        id: ID,
        author: "ManyToOne(() => exports.Author, { onDelete: 'CASCADE' })",
      },
    });
    const project = projectAt(
      parent('authors'),
      "INSERT INTO authors (name) VALUES ('a'), ('b'); INSERT INTO books (author_id) VALUES (2)",
    );
    write(project, parent('writers'));
    expect(stopped(project, 3).stderr).toContain(
      "  table 'authors' is gone: was it renamed to 'writers', or dropped?\n",
    );
    const made = generate(project, '--rename', 'authors:writers');
    expect(made.stderr).toContain("Detected renamed table 'authors' to 'writers'\n");
    project.ok(['upgrade', 'head']);
    expect(project.rows('SELECT * FROM writers')).toEqual([
      { id: 1, name: 'a', born: null },
      { id: 2, name: 'b', born: null },
    ]);
    expect(project.rows('SELECT * FROM books')).toEqual([{ id: 1, author_id: 2 }]);
    expect(project.rows('SELECT "table" FROM pragma_foreign_key_list(\'books\')')).toEqual([
      { table: 'writers' },
    ]);
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
    project.ok(['downgrade', '-1']);
    expect(project.rows('SELECT count(*) AS n FROM authors')).toEqual([{ n: 2 }]);
    expect(project.rows('SELECT * FROM books')).toEqual([{ id: 1, author_id: 2 }]);
  });

  it('is told by renamedFrom, of a table and of a column in it, and asked no more', () => {
    const project = projectAt(BEFORE, SEED);
    const { title, status } = BEFORE.Book as { title: string; status: string };
    write(project, {
      Book: {
        $: "Entity('volumes', { renamedFrom: 'books' })",
        id: ID,
        title,
        status: status.replace('{ enum', "{ enumName: 'books_status_enum', enum"),
        description: "Column('text', { nullable: true, renamedFrom: 'summary' })",
      },
    });
    const made = generate(project);
    expect(made.stderr).toContain(
      "Detected renamed table 'books' to 'volumes'\nDetected renamed column 'volumes.summary' to 'description'\n",
    );
    project.ok(['upgrade', 'head']);
    expect(project.rows('SELECT id, description FROM volumes')).toEqual([
      { id: 1, description: 's1' },
      { id: 2, description: null },
    ]);
    // The hint may stay in the model: it has been followed.
    expect(project.ok(['check']).stdout).toBe('No new upgrade operations detected.\n');
    project.ok(['downgrade', '-1']);
    expect(project.rows('SELECT * FROM books')).toEqual(ROWS);
  });

  it('of two columns that change places keeps both', () => {
    const model = (a: string, b: string): Models => ({
      T: {
        $: "Entity('t')",
        id: ID,
        one: `Column('text', { name: '${a}', nullable: true })`,
        two: `Column('integer', { name: '${b}', nullable: true })`,
      },
    });
    const project = projectAt(model('a', 'b'), "INSERT INTO t (a, b) VALUES ('text', 1)");
    write(project, model('b', 'a'));
    generate(project, '--rename', 't.a:b', '--rename', 't.b:a');
    project.ok(['upgrade', 'head']);
    expect(project.rows('SELECT * FROM t')).toEqual([{ id: 1, a: 1, b: 'text' }]);
    project.ok(['downgrade', '-1']);
    expect(project.rows('SELECT * FROM t')).toEqual([{ id: 1, a: 'text', b: 1 }]);
  });

  it('has names in double quotes where they hold what flags are made of', () => {
    const model = (name: string): Models => ({
      T: {
        $: `Entity('a.b:c "d"')`,
        id: ID,
        one: `Column('text', { name: ${JSON.stringify(name)}, nullable: true })`,
      },
    });
    const project = projectAt(model('x.y'), `INSERT INTO "a.b:c ""d""" ("x.y") VALUES ('kept')`);
    write(project, model('=z:'));
    const { stderr } = stopped(project, 3);
    const flag = '"a.b:c ""d"""."x.y":"=z:"';
    expect(stderr).toContain(`\n  --rename ${flag}\n  --drop "a.b:c ""d"""."x.y"\n`);
    generate(project, '--rename', flag);
    project.ok(['upgrade', 'head']);
    expect(project.rows(`SELECT "=z:" FROM "a.b:c ""d"""`)).toEqual([{ '=z:': 'kept' }]);
  });

  it('is no candidate where the types have nothing in common', () => {
    const project = projectAt(BEFORE, SEED);
    const { summary: _, ...rest } = BEFORE.Book as Record<string, string>;
    write(project, { Book: { ...rest, weight: "Column('double', { nullable: true })" } });
    expect(generate(project).stderr).toContain(
      "Detected added column 'books.weight'\nDetected removed column 'books.summary'\n",
    );
  });
});

describe('a new NOT NULL column', () => {
  const model = (column: string): Models => ({
    T: { $: "Entity('t')", id: ID, ...(column === '' ? {} : { c: column }) },
  });

  it('asks nothing of a table without rows', () => {
    const project = projectAt(model(''), '');
    write(project, model("Column('integer')"));
    generate(project);
    project.ok(['upgrade', 'head']);
    expect(project.schema()).toHaveLength(1);
  });

  it('and asks nothing where it has a default', () => {
    const project = projectAt(model(''), 'INSERT INTO t DEFAULT VALUES');
    write(project, model("Column('integer', { default: 3 })"));
    generate(project);
    project.ok(['upgrade', 'head']);
    expect(project.rows('SELECT c FROM t')).toEqual([{ c: 3 }]);
  });

  const FILLS: readonly [type: string, fill: string, held: unknown][] = [
    ["'integer'", '42', 42],
    ["'bigint'", '9007199254740993', '9007199254740993'],
    ["'decimal', { precision: 10, scale: 2 }", '12.50', 12.5],
    ["'double'", '-0.5', -0.5],
    ["'boolean'", 'true', 1],
    ["'varchar', { length: 10 }", 'unknown', 'unknown'],
    ["'varchar', { length: 10 }", "'it''s'", "it's"],
    ["'text'", '007', '007'],
    ["'text'", '42', '42'],
    ["'text'", 'a=b.c:d', 'a=b.c:d'],
    ["'text'", '', ''],
    ["'date'", '2026-11-22', '2026-11-22'],
    ["'time'", '18:25:16', '18:25:16'],
    ["'timestamp'", '2026-11-22 18:25:16', '2026-11-22 18:25:16.000'],
    ["'timestamptz'", '2026-11-22T18:25:16+01:00', '2026-11-22 17:25:16.000'],
    ["'enum', { enum: ['a', 'b'] }", 'b', 'b'],
    ["'json'", '{"a":[1]}', '{"a":[1]}'],
    ["'uuid'", '00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000000'],
  ];

  it('takes a value of each type', () => {
    const project = projectAt(model(''), 'INSERT INTO t DEFAULT VALUES');
    const columns = FILLS.map(([type], i) => [`c${i}`, `Column(${type})`]);
    write(project, { T: { $: "Entity('t')", id: ID, ...Object.fromEntries(columns) } });
    generate(project, ...FILLS.flatMap(([, fill], i) => ['--fill', `t.c${i}=${fill}`]));
    project.ok(['upgrade', 'head']);
    const held = FILLS.map(([, , value], i) =>
      typeof value === 'string' ? `CAST(c${i} AS TEXT) AS c${i}` : `c${i}`,
    );
    expect(project.rows(`SELECT ${held.join(', ')} FROM t`)).toEqual([
      Object.fromEntries(FILLS.map(([, , value], i) => [`c${i}`, value])),
    ]);
    expect(project.run(['check']).stderr).toBe('');
    project.ok(['downgrade', '-1']);
  });

  const WRONG: readonly [type: string, fill: string, problem: RegExp][] = [
    ["'smallint'", '70000', /outside -32768 to 32767/],
    ["'bigint'", '1.5', /'1\.5' is not a whole number/],
    ["'boolean'", 'maybe', /'maybe' is neither true nor false/],
    ["'varchar', { length: 3 }", 'four', /longer than 3 characters/],
    ["'date'", '2026-02-30', /the calendar has no such day/],
    ["'time'", '25:00', /expected a time/],
    ["'timestamp'", 'tomorrow', /'tomorrow' is no date and time/],
    ["'enum', { enum: ['a', 'b'] }", 'c', /FAILED: --fill t\.c7=c: /],
    ["'json'", '{', /'\{' is no JSON/],
    ["'uuid'", 'x', /expected a UUID/],
  ];

  it('takes no value that its type has not', () => {
    const project = projectAt(model(''), 'INSERT INTO t DEFAULT VALUES');
    const columns = WRONG.map(([type], i) => [`c${i}`, `Column(${type})`]);
    write(project, { T: { $: "Entity('t')", id: ID, ...Object.fromEntries(columns) } });
    for (const [i, [, fill, problem]] of WRONG.entries()) {
      expect(stopped(project, 1, '--fill', `t.c${i}=${fill}`).stderr).toMatch(problem);
    }
  });

  it('is filled in a table and column that were renamed', () => {
    const project = projectAt(
      { T: { $: "Entity('t')", id: ID, a: "Column('integer', { nullable: true })" } },
      'INSERT INTO t (a) VALUES (1), (NULL)',
    );
    write(project, { T: { $: "Entity('u')", id: ID, b: "Column('integer')", c: "Column('integer')" } });
    const made = generate(
      project,
      '--rename',
      't:u',
      '--rename',
      'u.a:b',
      '--fill',
      'u.b=5',
      '--fill',
      'u.c=6',
    );
    expect(made.text).toContain('coalesce("b", 5)');
    project.ok(['upgrade', 'head']);
    expect(project.rows('SELECT * FROM u')).toEqual([
      { id: 1, b: 1, c: 6 },
      { id: 2, b: 5, c: 6 },
    ]);
  });
});

describe('a loss', () => {
  const model = (columns: Record<string, string>): Models => ({
    T: { $: "Entity('t')", id: ID, ...columns },
  });
  const TEXT = "Column('text', { nullable: true })";
  const seed = "INSERT INTO t (a, b) VALUES ('1', 'x'), ('2.5', NULL), (NULL, NULL)";

  it('of a column or a table is told with its rows, and marked in the file', () => {
    const project = projectAt(
      { ...model({ a: TEXT, b: TEXT }), Old: { $: "Entity('old')", id: ID } },
      `${seed}; INSERT INTO old DEFAULT VALUES`,
    );
    write(project, model({ a: TEXT }));
    const made = generate(project);
    expect(made.stderr).toBe(`Detected removed table 'old'
Detected removed column 't.b'
Warning: destroys table 'old' with 1 row
Warning: destroys column 't.b': 1 value in 3 rows
`);
    expect(body(made.text, 'upgrade')).toContain(
      "  // destroys column 't.b': 1 value in 3 rows\n  op.dropColumn('t', 'b');",
    );
    expect(body(made.text, 'upgrade')).toContain(
      "  // destroys table 'old' with 1 row\n  op.dropTable('old');",
    );
    project.ok(['upgrade', 'head']);
    project.ok(['downgrade', '-1']);
    expect(project.rows('SELECT * FROM t')).toEqual([
      { id: 1, a: '1', b: null },
      { id: 2, a: '2.5', b: null },
      { id: 3, a: null, b: null },
    ]);
  });

  it('of a NOT NULL column can be taken back, without the values', () => {
    const project = projectAt(model({ a: "Column('text')" }), "INSERT INTO t (a) VALUES ('gone')");
    write(project, model({}));
    const made = generate(project);
    expect(body(made.text, 'downgrade')).toBe(
      "  // the values of 't.a' do not come back\n  op.addColumn('t', 'a', { type: 'text' }, { fill: '' });",
    );
    project.ok(['upgrade', 'head']);
    project.ok(['downgrade', '-1']);
    expect(project.rows('SELECT * FROM t')).toEqual([{ id: 1, a: '' }]);
  });

  it.each<[string, Record<string, string>, string, string]>([
    [
      'a type that values do not fit',
      { a: "Column('integer', { nullable: true })", b: TEXT },
      'INSERT',
      "alterColumn 't.a' is refused: 1 row of 't' hold a value in 't.a' that would change.",
    ],
    [
      'a length that cuts',
      { a: "Column('varchar', { length: 2, nullable: true })", b: TEXT },
      'INSERT',
      "alterColumn 't.a' is refused: 1 row of 't' hold a value in 't.a' that would change.",
    ],
    [
      'NOT NULL over NULLs',
      { a: "Column('text')", b: TEXT },
      'INSERT',
      "alterColumn 't.a' is refused: 1 row of 't' hold NULL in 't.a'.",
    ],
    [
      'a unique over duplicates',
      { a: TEXT, b: "Column('text', { nullable: true, unique: true })" },
      "UPDATE t SET b = 'same'",
      "createUnique 't' is refused: 3 rows of 't' share their value of 't.b', which is to be unique.",
    ],
  ])(
    '%s is told when it is written, and refused with the rows counted before anything has changed',
    (_, columns, more, message) => {
      const project = projectAt(model({ a: TEXT, b: TEXT }), seed);
      if (more.startsWith('UPDATE')) project.exec(more);
      write(project, { ...model(columns), Added: { $: "Entity('added')", id: ID } });
      const made = generate(project);
      expect(made.stderr).toContain('Warning: will be refused as the data stands: ');
      expect(made.text).toContain('  // will be refused as the data stands: ');
      const before = { schema: project.schema(), rows: project.rows('SELECT * FROM t') };
      const run = project.run(['upgrade', 'head']);
      expect(run).toMatchObject({ status: 1, stdout: '' });
      expect(run.stderr.split('\n')[1]).toBe(`FAILED: ${message}`);
      expect({ schema: project.schema(), rows: project.rows('SELECT * FROM t') }).toEqual(before);
      expect(project.versions()).toEqual(['aa']);
      expect(JSON.parse(project.run(['--json', 'upgrade', 'head']).stdout)).toMatchObject({
        error: { code: 'STEP_LOSES_DATA', context: { table: 't', rows: expect.any(Number) } },
      });
    },
  );

  it('is let through by allowLoss with a reason, or made unnecessary by `using` or a data step', () => {
    const edits: [string, string, unknown[]][] = [
      ["{ type: 'integer' }", "{ type: 'integer', allowLoss: 'fractions mean nothing' }", [1, 2, null]],
      ["{ type: 'integer' }", "{ type: 'integer', using: 'round(a)' }", [1, 3, null]],
      [
        '  op.alterColumn',
        "  op.execute('UPDATE t SET a = 9 WHERE id = 2');\n  op.alterColumn",
        [1, 9, null],
      ],
    ];
    for (const [from, to, values] of edits) {
      const project = projectAt(model({ a: TEXT, b: TEXT }), seed);
      write(project, model({ a: "Column('integer', { nullable: true })", b: TEXT }));
      const { text } = generate(project);
      expect(text).toContain(from);
      project.write({ 'migrations/bb_second.js': text.replace(from, to) });
      project.ok(['upgrade', 'head']);
      expect(project.rows('SELECT a FROM t ORDER BY id').map(({ a }) => a)).toEqual(values);
    }
  });
});

/** `script` of util-linux, which gives a command a terminal. */
const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasTerminal) process.stderr.write('\nSKIPPED: questions on a terminal need `script` of util-linux\n');

(hasTerminal ? describe : describe.skip)('on a terminal', () => {
  /** Runs a command on a terminal, and types answers when their questions appear. */
  async function onTerminal(
    project: Project,
    words: readonly string[],
    answers: readonly [RegExp, string][],
  ): Promise<{ status: number | null; shown: string }> {
    const command = [process.execPath, CLI, ...words].map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: project.folder,
      env: { ...process.env, TERM: 'xterm', NODE_OPTIONS: '', CI: '' },
    });
    let shown = '';
    let from = 0;
    const left = [...answers];
    child.stdout.on('data', (text: Buffer) => {
      shown += text.toString();
      const [next] = left;
      if (next === undefined || !next[0].test(shown.slice(from))) return;
      left.shift();
      from = shown.length;
      // A question reads its answer a moment after it is drawn.
      setTimeout(() => child.stdin.write(next[1]), 100);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    clearTimeout(timer);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is taken away
    return { status, shown: shown.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '') };
  }

  it('the questions are asked, and the answers taken', async () => {
    const project = projectAt(BEFORE, SEED);
    write(project, AFTER);
    const { status, shown } = await onTerminal(
      project,
      ['revision', '--autogenerate', '-m', 'second', '--rev-id', 'bb'],
      [
        [/books\.summary[^\n]*is gone[\s\S]*dropped/, '\r'],
        [/books_status_enum\.new[^\n]*is gone[\s\S]*dropped/, '\r'],
        [/books\.pages[^\n]*NOT NULL/, '7\r'],
      ],
    );
    expect({ status, shown }).toMatchObject({ status: 0 });
    expect(shown).toContain("Detected renamed column 'books.summary' to 'description'");
    expect(
      body(project.read('migrations/bb_second.js'), 'upgrade'),
    ).toBe(`  op.renameColumn('books', 'summary', 'description');
  op.alterEnum('books_status_enum', { rename: { new: 'fresh' }, columns: ['books.status'] });
  op.addColumn('books', 'pages', { type: 'integer' }, { fill: 7 });
  op.alterColumn('books', 'status', { default: 'used' });`);
  });

  it('Ctrl-C leaves nothing behind', async () => {
    const project = projectAt(BEFORE, SEED);
    write(project, AFTER);
    const before = project.state();
    const { status, shown } = await onTerminal(
      project,
      ['revision', '--autogenerate', '-m', 'second'],
      [[/books\.summary[^\n]*is gone[\s\S]*dropped/, '\u0003']],
    );
    expect({ status, shown }).toMatchObject({ status: 1 });
    expect(shown).toContain('FAILED: Cancelled; nothing was written.');
    expect(shown).not.toMatch(/^\s+at /m);
    expect(project.state()).toEqual(before);
  });

  it('nobody is asked what --json or --quiet make unanswerable', async () => {
    const project = projectAt(BEFORE, SEED);
    write(project, AFTER);
    const { status, shown } = await onTerminal(project, ['--json', 'revision', '--autogenerate'], []);
    expect(status).toBe(3);
    expect(JSON.parse(shown)).toMatchObject({ error: { code: 'DECISION_NEEDED' } });
  });
});
