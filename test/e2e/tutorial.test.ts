/**
 * The two walks of README.md, gone word by word on a copy of the example: every command is run, what it prints is
 * what the README shows, every edit is made. After each part the database is asked by the driver alone.
 */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ReadmeWalk } from '../docs/readme-walk';
import { Scratch } from '../example/scratch';

const root = path.resolve(__dirname, '../..');
const PART_TIMEOUT_MS = 180_000;

const BOOKS = [
  { id: 1, title: 'The Pragmatic Programmer', author: 'David Thomas' },
  { id: 2, title: 'Clean Code', author: 'Robert C. Martin' },
  { id: 3, title: 'Fluent Python', author: 'Luciano Ramalho' },
];

let scratch: Scratch;
let walk: ReadmeWalk;
beforeAll(() => {
  scratch = new Scratch();
  walk = new ReadmeWalk(scratch);
});
afterAll(() => scratch.remove());

function books(): unknown[] {
  return scratch.rows(
    'SELECT books.id, title, name AS author FROM books JOIN authors ON authors.id = author_id ORDER BY books.id',
  );
}

const versions = (): unknown[] => scratch.rows('SELECT version_num FROM limbeck_version');
const indexes = (): unknown[] =>
  scratch.rows(
    "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'books' AND sql IS NOT NULL",
  );

test(
  'Tutorial: the new column comes, goes and comes again, and the books stay',
  async () => {
    await walk.go('### Tutorial');
    expect(scratch.columns('books')).toEqual(['author_id', 'genre', 'id', 'title']);
    expect(books()).toEqual(BOOKS);
    expect(versions()).toHaveLength(1);

    expect(scratch.run('node_modules/.bin/limbeck downgrade -1').status).toBe(0);
    expect(scratch.columns('books')).toEqual(['author_id', 'id', 'title']);
    expect(books()).toEqual(BOOKS);
    expect(versions()).toEqual([]);
    expect(scratch.run('node_modules/.bin/limbeck upgrade head').status).toBe(0);
  },
  PART_TIMEOUT_MS,
);

test(
  'Alter it: a second column, a data migration, an index',
  async () => {
    await walk.go('### Alter it');
    expect(scratch.columns('books')).toEqual(['author_id', 'genre', 'id', 'isbn', 'title']);
    expect(scratch.rows('SELECT genre, isbn FROM books')).toEqual(
      BOOKS.map(() => ({ genre: 'programming', isbn: null })),
    );
    expect(indexes()).toEqual([{ name: 'ix_books_author_id' }, { name: 'ix_books_genre' }]);
    expect(books()).toEqual(BOOKS);
  },
  PART_TIMEOUT_MS,
);

test(
  'Break it: a column made by hand, a file that is gone, a model that ran ahead',
  async () => {
    await walk.go('### Break it');
    expect(scratch.columns('books')).toContain('notes');
    expect(books()).toEqual(BOOKS);
  },
  PART_TIMEOUT_MS,
);

test(
  'Fix it: stamp, an empty revision filled by hand, and the chain is whole',
  async () => {
    await walk.go('### Fix it');
    expect(
      scratch.rows("SELECT lower(type) AS type FROM pragma_table_info('books') WHERE name = 'title'"),
    ).toEqual([{ type: 'text' }]);
    expect(books()).toEqual(BOOKS);
    expect(indexes()).toEqual([{ name: 'ix_books_author_id' }, { name: 'ix_books_genre' }]);
    expect(scratch.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(scratch.rows('PRAGMA foreign_key_check')).toEqual([]);
  },
  PART_TIMEOUT_MS,
);

test(
  'what was generated and filled by hand compiles',
  () => {
    scratch.write(
      'tsconfig.json',
      JSON.stringify({
        extends: path.join(root, 'tsconfig.json'),
        compilerOptions: { rootDir: '.', types: ['node'] },
        include: ['entities', 'migrations', 'ormconfig.ts'],
        exclude: [],
      }),
    );
    const { stdout, status } = spawnSync(
      'node',
      [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'],
      {
        cwd: scratch.folder,
        encoding: 'utf8',
      },
    );
    expect(stdout).toBe('');
    expect(status).toBe(0);
  },
  PART_TIMEOUT_MS,
);
