/** The commands that draw, as processes: what goes to which stream, which files are written, and which words are refused. */

import { statSync } from 'node:fs';
import { migration, type Project, useProjects } from '../support/project';

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
