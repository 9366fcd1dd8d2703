/** Two people have continued one history: what clashes, what a merge proves, what a rebase writes. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Migrations, migrations } from 'limbeck';

const BOOKS = `op.createTable('books', {
    columns: { id: { type: 'integer', primary: true }, title: { type: 'text' }, pages: { type: 'integer', nullable: true } },
  });
  op.createTable('authors', { columns: { id: { type: 'integer', primary: true }, name: { type: 'text' } } });`;

describe('two lines', () => {
  let folder: string;
  let commands: Migrations;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-teams-'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
    commands = migrations({
      url: `sqlite:${path.join(folder, 'test.db')}`,
      migrations: path.join(folder, 'migrations'),
    });
    write('first', null, BOOKS);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const at = (id: string): string => path.join(folder, 'migrations', `${id}.js`);
  function write(id: string, down: string | null, body: string): void {
    const text = `/** ${id}
 *
 * Revision ID: ${id}
 * Revises: ${down ?? '(base)'}
 */
exports.revision = '${id}';
exports.downRevision = ${JSON.stringify(down)};
exports.upgrade = async (op) => {
  ${body}
};
exports.downgrade = () => {};\n`;
    writeFileSync(at(id), text);
  }
  const heads = async (): Promise<string[]> => (await commands.heads()).map(({ revision }) => revision);

  const COMMUTE: [name: string, left: string, right: string][] = [
    [
      'columns of one table',
      "op.addColumn('books', 'a', { type: 'text', nullable: true });",
      "op.addColumn('books', 'b', { type: 'text', nullable: true });",
    ],
    [
      'a rename of a column and an index on another',
      "op.renameColumn('books', 'title', 'heading');",
      "op.createIndex('ix', 'books', ['pages']);",
    ],
    [
      'a rename of a table and a new one',
      "op.renameTable('books', 'works');",
      "op.createTable('tags', { columns: { id: { type: 'integer', primary: true } } });",
    ],
    [
      'rows of one table and columns of another',
      "await op.execute('UPDATE books SET pages = 1');",
      "op.dropColumn('authors', 'name');",
    ],
    ['nothing at all', '', ''],
  ];
  test.each(COMMUTE)('commute: %s', async (_, left, right) => {
    write('left', 'first', left);
    write('right', 'first', right);
    const { proof, warnings, path: made } = await commands.merge('heads', { message: 'join' });
    expect(proof).toEqual({ verdict: 'commutes', clashes: [], unproven: [] });
    expect(warnings).toEqual([]);
    expect(readFileSync(made, 'utf8')).toContain("'left', 'right'");
    expect(readFileSync(made, 'utf8')).toContain(
      '/** join\n *\n * The lines come out the same in any order.\n',
    );
    expect(await heads()).toHaveLength(1);
  });

  const CLASH: [name: string, left: string, right: string, objects: string[]][] = [
    [
      'one column made twice',
      "op.addColumn('books', 'a', { type: 'text', nullable: true });",
      "op.addColumn('books', 'a', { type: 'text', nullable: true });",
      ['books.a'],
    ],
    [
      'a column renamed here and there',
      "op.renameColumn('books', 'title', 'heading');",
      "op.renameColumn('books', 'title', 'name');",
      ['books.title'],
    ],
    [
      'a column dropped that the other indexes',
      "op.dropColumn('books', 'pages');",
      "op.createIndex('ix', 'books', ['pages']);",
      [],
    ],
    [
      'a table dropped that the other changes',
      "op.dropTable('books');",
      "op.dropColumn('books', 'pages');",
      ['books', 'books.pages'],
    ],
    [
      'a type, set last by whoever comes last',
      "op.alterColumn('books', 'pages', { type: 'bigint' });",
      "op.alterColumn('books', 'pages', { type: 'text' });",
      ['books.pages'],
    ],
    [
      'a table renamed that the other changes',
      "op.renameTable('books', 'works');",
      "op.dropColumn('books', 'pages');",
      ['books', 'books.pages'],
    ],
  ];
  test.each(CLASH)('clash: %s', async (_, left, right, objects) => {
    write('left', 'first', left);
    write('right', 'first', right);
    const failure = commands.merge('heads');
    await expect(failure).rejects.toMatchObject({
      name: 'DecisionNeededError',
      code: 'MERGE_CLASHES',
      context: { flags: ['--allow-clash REASON'] },
    });
    const { context } = (await failure.catch((cause) => cause)) as {
      context: { clashes: { between: string[]; objects: string[]; revisions: string[] }[] };
    };
    expect(context.clashes).toHaveLength(1);
    expect(context.clashes[0]?.between).toEqual(['left', 'right']);
    expect(context.clashes[0]?.objects).toEqual(expect.arrayContaining(objects));
    // Nothing was written, and nothing half.
    expect(readdirSync(path.join(folder, 'migrations')).sort()).toEqual(['first.js', 'left.js', 'right.js']);
    const made = await commands.merge('heads', { allowClash: 'the left one is not out yet' });
    expect(readFileSync(made.path, 'utf8')).toContain('Clashes allowed: the left one is not out yet');
  });

  test('are not proven where both work with rows of one table, or nobody knows what a statement does', async () => {
    write('left', 'first', "await op.execute('UPDATE books SET pages = pages + 1');");
    write(
      'right',
      'first',
      "await op.execute('CREATE VIRTUAL TABLE v USING x');\n  op.dropColumn('books', 'pages');",
    );
    const { proof, warnings } = await commands.merge('heads');
    expect(proof).toMatchObject({
      verdict: 'unproven',
      unproven: [{ revisions: ['left'] }, { revisions: ['right'] }],
    });
    expect(warnings[0]).toMatch(/left\.js:9:\d+ works with rows, .*: UPDATE books SET pages = pages \+ 1$/);
  });

  describe('rebase', () => {
    test('puts a line behind the other, its own order and every other byte kept', async () => {
      write('left', 'first', '');
      write('right', 'first', "op.dropColumn('books', 'pages');");
      write('right2', 'right', "op.addColumn('books', 'pages', { type: 'text', nullable: true });");
      const before = readFileSync(at('right'), 'utf8');
      expect(await commands.rebase('right2')).toEqual({
        onto: 'left',
        rebased: [{ revision: 'right', path: at('right'), from: ['first'], to: 'left' }],
      });
      expect(await heads()).toEqual(['right2']);
      const after = readFileSync(at('right'), 'utf8');
      expect(after).toContain(' * Revises: left\n');
      expect(after.replaceAll('left', 'first').replace("'first'", '"first"')).toBe(before);
      await commands.upgrade('head');
    });

    test('refuses what the database has, and takes the other line', async () => {
      write('left', 'first', '');
      await commands.upgrade('head');
      write('right', 'first', '');
      await expect(commands.rebase('left')).rejects.toMatchObject({
        code: 'REBASE_APPLIED',
        context: { revisions: ['left'] },
      });
      await commands.rebase('right');
      await commands.upgrade('head');
      expect((await commands.current()).map(({ revision }) => revision)).toEqual(['right']);
    });

    test('refuses what does not run behind the other line, and writes nothing', async () => {
      write('left', 'first', "op.renameColumn('books', 'title', 'heading');");
      write('right', 'first', "op.renameColumn('books', 'title', 'name');");
      const before = readFileSync(at('right'), 'utf8');
      await expect(commands.rebase('right')).rejects.toMatchObject({ code: 'REBASE_CLASHES' });
      expect(readFileSync(at('right'), 'utf8')).toBe(before);
    });

    test.each([
      ['where there is one line', ['left'], {}, 'REBASE_NEEDLESS'],
      ['behind itself', ['left', 'right'], { onto: 'left' }, 'REBASE_NEEDLESS'],
      ['behind one of several', ['left', 'right', 'third'], {}, 'MULTIPLE_HEADS'],
    ])('is refused %s', async (_, lines, options, code) => {
      for (const id of lines) write(id, 'first', '');
      await expect(commands.rebase('left', options)).rejects.toMatchObject({ code });
    });
  });
});
