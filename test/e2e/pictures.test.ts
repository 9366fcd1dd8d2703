/** The commands that draw, as processes: what goes to which stream, which files are written, and which words are refused. */

import { statSync } from 'node:fs';
import { entities, migration, type Project, useProjects } from '../support/project';

const project = useProjects();

/** The history of docs/pictures.md. */
function team(): Project {
  return project({
    'migrations/a1.js': migration('a1', { message: 'create tables' }),
    'migrations/b2.js': migration('b2', { down: 'a1', message: 'add genre' }),
    'migrations/c3.js': migration('c3', { down: 'b2', labels: ['billing'], message: 'add prices' }),
    'migrations/d4.js': migration('d4', { down: 'c3', message: 'bill in euros' }),
    'migrations/e5.js': migration('e5', { down: 'b2', labels: ['search'], message: 'index titles' }),
    'migrations/f6.js': migration('f6', { down: ['e5', 'd4'], message: 'merge search and billing' }),
  });
}

describe('graph', () => {
  test('marks where the database stands, as the page shows it', () => {
    const it = team();
    it.ok(['upgrade', 'd4']);
    expect(it.ok(['graph'])).toMatchObject({
      stderr: '',
      stdout: `○   f6 (head) (mergepoint)  merge search and billing
├─╮
○ │ e5 (search)  index titles
│ ◉ d4 (current)  bill in euros
│ ● c3 (billing)  add prices
├─╯
●   b2 (branchpoint)  add genre
●   a1  create tables

◉ current  ● applied  ○ pending  (4 applied, 2 pending)
`,
    });
    expect(it.ok(['graph', '-r', 'b2:current']).stdout).toMatch(/^◉ d4[\s\S]*~\n/);
  });

  test('without a database file all is pending, and none is made', () => {
    const it = team();
    expect(it.ok(['graph']).stdout).toContain('(0 applied, 6 pending)');
    expect(it.exists('app.db')).toBe(false);
  });

  test('where no database can be asked nothing is marked, and a warning says why', () => {
    const it = team();
    it.write({ 'ormconfig.js': "module.exports = { url: 'sqlite:migrations' };\n" });
    const { stdout, stderr } = it.ok(['graph']);
    expect(stdout).not.toMatch(/applied|pending|current/);
    expect(stderr).toMatch(/^Warning: Nothing is marked as applied, for the database cannot be asked: /);
    expect(it.run(['graph', '-r', ':current']).status).toBe(1);
  });

  test('a row that no file has is told, and the rest is drawn', () => {
    const it = team();
    it.ok(['upgrade', 'b2']);
    it.exec("INSERT INTO limbeck_version VALUES ('gone')");
    const { stdout, stderr } = it.ok(['graph']);
    expect(stdout).toContain('◉   b2');
    expect(stderr).toBe(
      'Warning: The database stands at gone, which no file has; it is not in the picture.\n',
    );
  });

  test('writes a file whole, in the format of its name', () => {
    const it = team();
    it.write({ 'history.svg': 'old' });
    expect(it.ok(['graph', '-o', 'history.svg']).stdout).toBe('Generating history.svg ... done\n');
    expect(it.read('history.svg')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    it.ok(['graph', '-o', 'history.txt', '--format', 'mermaid', '--json']);
    expect(it.read('history.txt')).toMatch(/^flowchart BT\n/);
    expect(statSync(it.folder).isDirectory()).toBe(true);
    expect(Object.keys(it.state()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('--json prints picture and data', () => {
    const { format, picture, revisions, warnings } = JSON.parse(team().ok(['graph', '--json']).stdout);
    expect({ format, warnings }).toEqual({ format: 'text', warnings: [] });
    expect(picture).toContain('├─╮');
    expect(revisions[0]).toMatchObject({ revision: 'f6', downRevisions: ['e5', 'd4'], state: 'pending' });
  });

  test.each([
    [['--format', 'png'], 2, "FAILED: there is no format 'png'"],
    [['-o', 'x.html'], 2, "FAILED: 'x.html' asks for the format 'html', which this command does not have"],
    [['-r', 'nope:'], 1, "FAILED: Can't locate revision identified by 'nope'"],
    [['-o', 'no/such/folder.svg'], 1, 'FAILED: The picture cannot be written to '],
  ])('%j is refused, and nothing is written', (words, status, message) => {
    const it = team();
    const before = it.state();
    const run = it.run(['graph', ...words]);
    expect(run).toMatchObject({ status, stdout: '' });
    expect(run.stderr.startsWith(message)).toBe(true);
    expect(it.state()).toEqual(before);
  });
});

describe('erd', () => {
  /** The models and files of docs/pictures.md. */
  function library(): Project {
    const create = (name: string, columns: string, more = '') =>
      `op.createTable('${name}', { columns: { id: { type: 'integer', autoIncrement: 'increment' }, ${columns} }, primaryKey: { name: 'pk_${name}', columns: ['id'] }${more} });`;
    const key = (column: string, to: string) =>
      `{ name: 'fk_books_${column}_${to}', columns: ['${column}'], refTable: '${to}', refColumns: ['id'] }`;
    return project({
      'entities/all.js': entities({
        Author: {
          $: "Entity('authors')",
          id: 'PrimaryGeneratedColumn()',
          name: "Column('varchar', { length: 200 })",
        },
        Book: {
          $: "Entity('books')",
          id: 'PrimaryGeneratedColumn()',
          title: "Column('varchar', { length: 200 })",
          author: 'ManyToOne(() => exports.Author)',
          sequelOf: "ManyToOne(() => exports.Book, { nullable: true }), JoinColumn({ name: 'sequel_of' })",
        },
      }),
      'migrations/a1.js': migration('a1', {
        message: 'create tables',
        upgrade: [
          create('authors', "name: { type: 'varchar', length: 200 }"),
          create(
            'books',
            "title: { type: 'varchar', length: 200 }, author_id: { type: 'integer' }",
            `, foreignKeys: [${key('author_id', 'authors')}]`,
          ),
        ].join('\n'),
      }),
      'migrations/b2.js': migration('b2', {
        down: 'a1',
        message: 'add sequels',
        upgrade: `op.addColumn('books', 'sequel_of', { type: 'integer', nullable: true });
op.createForeignKey('fk_books_sequel_of_books', 'books', ['sequel_of'], 'books', ['id']);`,
      }),
    });
  }

  test('draws the models, as the page shows them', () => {
    expect(library().ok(['erd'])).toMatchObject({
      stderr: '',
      stdout: `Models

┌─ authors ──────────────┐  ┌─ books ────────────────────────────────┐
│ PK  id    integer      │  │ PK  id         integer                 │
│     name  varchar(200) │  │     title      varchar(200)            │
└────────────────────────┘  │ FK  author_id  integer → authors.id    │
                            │ FK  sequel_of  integer null → books.id │
                            └────────────────────────────────────────┘
`,
    });
  });

  test('draws what a revision changes, and what there is at one, without a database', () => {
    const it = library();
    expect(it.ok(['erd', '--changes', 'head']).stdout).toContain(
      '│ +  FK  sequel_of  integer null → books.id │',
    );
    expect(it.ok(['erd', '--revision', 'a1']).stdout).not.toContain('sequel_of');
    expect(it.ok(['erd', '--revision', 'head']).stdout).toContain('sequel_of');
    expect(it.ok(['erd', '--revision', 'base']).stdout).toBe('Before the first revision: nothing to draw.\n');
    expect(it.exists('app.db')).toBe(false);
  });

  test('draws the database, without tables of our own', () => {
    const it = library();
    expect(it.ok(['erd', '--database']).stdout).toBe('Database: nothing to draw.\n');
    it.ok(['upgrade', 'a1']);
    it.exec('CREATE VIEW titles AS SELECT title FROM books');
    const { stdout } = it.ok(['erd', '--database']);
    expect(stdout).toMatch(/─ books ─[\s\S]*─ titles \(view\) [\s\S]*→ authors\.id/);
    expect(stdout).not.toMatch(/limbeck_|sequel_of/);
  });

  test('writes a page', () => {
    const it = library();
    expect(it.ok(['erd', '-o', 'schema.html']).stdout).toBe('Generating schema.html ... done\n');
    expect(it.read('schema.html')).toMatch(/^<!DOCTYPE html>\n[\s\S]*<\/html>\n$/);
  });

  test('tells of steps whose effect nobody knows', () => {
    const it = library();
    it.write({
      'migrations/c3.js': migration('c3', {
        down: 'b2',
        upgrade: "op.execute('CREATE TABLE more (id INTEGER)');",
      }),
    });
    expect(it.ok(['erd', '--changes', 'c3']).stderr).toMatch(
      /^Warning: nobody knows the effect of .*CREATE TABLE more/,
    );
    expect(it.ok(['erd', '--changes', 'b2']).stderr).toBe('');
  });

  test.each([
    [['--format', 'png'], 2, "FAILED: there is no format 'png'"],
    [
      ['--database', '--revision', 'a1'],
      2,
      'FAILED: one picture shows one of --database, --revision and --changes',
    ],
    [['--revision', 'nope'], 1, "FAILED: Can't locate revision identified by 'nope'"],
    [['--changes', 'base'], 1, "FAILED: Can't locate revision identified by 'base'"],
  ])('%j is refused', (words, status, message) => {
    const run = library().run(['erd', ...words]);
    expect(run).toMatchObject({ status, stdout: '' });
    expect(run.stderr.startsWith(message)).toBe(true);
  });
});
