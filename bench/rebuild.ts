/** A rebuild of a million rows: an upgrade against the bare SQL that SQLite's documentation prescribes. */

import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from 'limbeck';
import { compare } from './harness.js';

const ROWS = Number(process.env.LIMBECK_BENCH_ROWS ?? 1_000_000);

const MIGRATION = `
exports.revision = 'aaaaaaaaaaaa';
exports.downRevision = null;
exports.upgrade = (op) => { op.alterColumn('books', 'pages', { nullable: false }); };
exports.downgrade = (op) => { op.alterColumn('books', 'pages', { nullable: true }); };
`;

const TABLE = (name: string, pages: string): string => `CREATE TABLE ${name} (
  id integer NOT NULL CONSTRAINT pk_books PRIMARY KEY AUTOINCREMENT,
  title varchar(200) NOT NULL,
  pages integer ${pages},
  author_id integer NOT NULL,
  CONSTRAINT fk_books_author_id_authors FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE
)`;

function makeTemplate(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-bench-template-'));
  const file = path.join(folder, 'big.db');
  const database = new Database(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;
    CREATE TABLE authors (id integer NOT NULL CONSTRAINT pk_authors PRIMARY KEY AUTOINCREMENT, name text NOT NULL);
    INSERT INTO authors (name) VALUES ('a'), ('b');
    ${TABLE('books', '')};
    CREATE INDEX ix_books_author_id ON books (author_id);`);
  const insert = database.prepare('INSERT INTO books (title, pages, author_id) VALUES (?, ?, ?)');
  database.transaction(() => {
    for (let i = 0; i < ROWS; i++) insert.run(`title of book number ${i}`, i % 900, (i % 2) + 1);
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  return file;
}

/** The twelve steps of "Making Other Kinds Of Table Schema Changes" (lang_altertable, section 7). */
function bareSql(file: string): void {
  const database = new Database(file);
  database.pragma('foreign_keys = OFF');
  database.pragma('synchronous = FULL');
  database.exec('BEGIN IMMEDIATE');
  database.exec(TABLE('new_books', 'NOT NULL'));
  database.exec(
    'INSERT INTO new_books (id, title, pages, author_id) SELECT id, title, pages, author_id FROM books',
  );
  database.exec('DROP TABLE books');
  database.exec('ALTER TABLE new_books RENAME TO books');
  database.exec('CREATE INDEX ix_books_author_id ON books (author_id)');
  if ((database.pragma('foreign_key_check') as unknown[]).length > 0) throw new Error('broken');
  database.exec('COMMIT');
  database.pragma('foreign_keys = ON');
  database.close();
}

export async function rebuild(): Promise<void> {
  const template = makeTemplate();
  const prepare = (folder: string): void => {
    cpSync(template, path.join(folder, 'big.db'));
    mkdirSync(path.join(folder, 'migrations'));
    writeFileSync(path.join(folder, 'migrations', 'aaaaaaaaaaaa_not_null.js'), MIGRATION);
    writeFileSync(path.join(folder, 'package.json'), '{}');
  };
  await compare({
    title: `rebuild of a table with ${ROWS.toLocaleString('en')} rows`,
    rounds: 5,
    aim: '1.10 at most',
    candidates: [
      {
        name: "SQLite's documented procedure, bare",
        prepare,
        run: (folder) => bareSql(path.join(folder, 'big.db')),
      },
      {
        name: 'limbeck upgrade',
        prepare,
        run: async (folder) => {
          const url = `sqlite:${path.join(folder, 'big.db')}`;
          await migrations({ url, migrations: path.join(folder, 'migrations') }).upgrade('head');
        },
      },
    ],
  });
}
