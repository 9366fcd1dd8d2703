/** The models against the files alone: no database is opened, and what the files do not say is told. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Column, Entity, type Migrations, migrations, PrimaryColumn } from 'limbeck';

@Entity('books')
class Book {
  @PrimaryColumn('integer') id!: number;
  @Column('text') title!: string;
}

const BOOKS = `op.createTable('books', {
  columns: { id: { type: 'integer' }, title: { type: 'text' } },
  primaryKey: { name: 'pk_books', columns: ['id'] },
});`;

describe('from the files', () => {
  let folder: string;
  let commands: Migrations;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'limbeck-from-'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'package.json'), '{}');
    commands = migrations({
      url: `sqlite:${path.join(folder, 'never.db')}`,
      migrations: path.join(folder, 'migrations'),
      entities: [Book],
    });
  });
  afterEach(() => {
    // Not even an empty file was made.
    expect(existsSync(path.join(folder, 'never.db'))).toBe(false);
    rmSync(folder, { recursive: true, force: true });
  });

  function write(...bodies: readonly string[]): void {
    bodies.forEach((body, i) => {
      const down = i === 0 ? 'null' : `'r${i - 1}'`;
      const text = `exports.revision = 'r${i}'; exports.downRevision = ${down};
exports.upgrade = async (op) => {
${body}
};
exports.downgrade = () => {};\n`;
      writeFileSync(path.join(folder, 'migrations', `r${i}.js`), text);
    });
  }
  const check = () => commands.check({ fromMigrations: true });

  test('check is content where they make what the models want', async () => {
    write(BOOKS);
    await expect(check()).resolves.toEqual({ operations: [], changes: [], warnings: [] });
  });

  test('check fails and says what is missing', async () => {
    write("op.createTable('books', { columns: { id: { type: 'integer', primary: true } } });");
    await expect(check()).rejects.toMatchObject({
      code: 'NEW_OPERATIONS',
      context: { changes: ["added column 'books.title'"] },
    });
  });

  test('revision writes what is missing, once a person has said what rows get that nobody can count', async () => {
    write("op.createTable('books', { columns: { id: { type: 'integer', primary: true } } });");
    const options = { autogenerate: true, fromMigrations: true, message: 'titles' } as const;
    await expect(commands.revision(options)).rejects.toMatchObject({
      code: 'DECISION_NEEDED',
      context: { candidates: [{ kind: 'fill', table: 'books', column: 'title' }] },
    });
    const made = await commands.revision({ ...options, fills: { 'books.title': 'none' } });
    expect(readFileSync(made?.path as string, 'utf8')).toContain("op.addColumn('books', 'title'");
    await expect(check()).resolves.toMatchObject({ changes: [] });
    await expect(commands.revision(options)).resolves.toBeNull();
  });

  test('two heads are read together', async () => {
    write(BOOKS, "op.createTable('a', { columns: { id: { type: 'integer', primary: true } } });");
    const text = readFileSync(path.join(folder, 'migrations', 'r1.js'), 'utf8');
    writeFileSync(
      path.join(folder, 'migrations', 'r2.js'),
      text.replace("'r1'", "'r2'").replace("createTable('a'", "createTable('b'"),
    );
    const { changes } = await commands.diff({ fromMigrations: true });
    expect([...changes].sort()).toEqual(["removed table 'a'", "removed table 'b'"]);
  });

  describe('rows that are not there', () => {
    test('are none, and the revision that reads them is told of', async () => {
      write(
        `${BOOKS}\nfor (const { id } of await op.query('SELECT id FROM books')) await op.execute('DELETE');`,
      );
      const { changes, warnings } = await check();
      expect(changes).toEqual([]);
      expect(warnings).toEqual([
        expect.stringMatching(/r0\.js:7:\d+ reads rows, and .*: SELECT id FROM books$/),
      ]);
    });

    test('that a revision cannot do without are an error at its line', async () => {
      write(`${BOOKS}\nconst [{ n }] = await op.query('SELECT count(*) AS n FROM books');`);
      const failure: Error & { code?: string } = await check().then(
        () => new Error('nothing failed'),
        (cause: Error) => cause,
      );
      expect(failure.code).toBe('OFFLINE');
      expect(failure.stack?.split('\n')[1]).toContain('r0.js:7');
    });

    test('are refused where a script is to be written of it, and not of what came before', async () => {
      write(`${BOOKS}\nawait op.query('SELECT 1');`, "await op.execute('DELETE FROM books');");
      await expect(commands.upgrade('r0', { sql: true })).rejects.toMatchObject({ code: 'OFFLINE' });
      const { sql } = await commands.upgrade('r0:r1', { sql: true });
      expect(sql).toContain('DELETE FROM books;');
    });
  });

  describe('a statement of its own', () => {
    const ADD = "await op.execute('ALTER TABLE books ADD COLUMN title text NOT NULL DEFAULT 1'";
    const NO_TITLE = "op.createTable('books', { columns: { id: { type: 'integer', primary: true } } });";

    test('is reported with its place where nobody says what it does', async () => {
      write(`${BOOKS}\nawait op.execute('CREATE INDEX i ON books (title)');`);
      const { warnings } = await check();
      expect(warnings).toEqual([
        expect.stringMatching(
          /^nobody knows the effect of .*r0\.js:7:\d+: CREATE INDEX i ON books \(title\)$/,
        ),
      ]);
    });

    test.each([
      ['changes rows only', "await op.execute('DELETE FROM books');"],
      ['is said to change nothing', "await op.execute('CREATE EXTENSION x', { effect: () => {} });"],
    ])('is not reported where it %s', async (_, statement) => {
      write(`${BOOKS}\n${statement}`);
      expect((await check()).warnings).toEqual([]);
    });

    test('counts as what its effect says', async () => {
      const effect = "(op) => op.addColumn('books', 'title', { type: 'text' })";
      write(NO_TITLE, `${ADD}, { effect: ${effect} });`);
      expect(await check()).toEqual({ operations: [], changes: [], warnings: [] });
    });

    test('with a wrong effect fails at its line', async () => {
      write(BOOKS, "await op.execute('SELECT 1', { effect: (op) => op.dropColumn('books', 'nope') });");
      const failure: Error = await check().then(
        () => {
          throw new Error('nothing failed');
        },
        (cause: Error) => cause,
      );
      expect(failure).toMatchObject({ code: 'SCHEMA_OBJECT_MISSING' });
      expect(failure.stack?.split('\n')[1]).toContain('r1.js:3');
    });

    test('does not run the directives of its effect, and refuses data steps in it', async () => {
      write(BOOKS, "await op.execute('SELECT 1', { effect: (op) => op.execute('SELECT 2') });");
      await expect(check()).rejects.toMatchObject({ code: 'EFFECT_INVALID' });
    });
  });
});
