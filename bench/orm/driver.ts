/** What a person writes by hand on better-sqlite3: statements prepared once, classes, dates and booleans made. */

import Database from 'better-sqlite3';
import { sqlDate } from './library.js';
import type { Candidate, NewNote, Workloads } from './workloads.js';

class Author {
  id!: number;
  name!: string;
  born!: number;
  books?: Book[];
}

class Book {
  id!: number;
  title!: string;
  isbn!: string;
  pages!: number;
  price!: number;
  inPrint!: boolean;
  publishedAt!: Date;
  summary!: string | null;
  author?: Author;
  chapters?: Chapter[];
  tags?: Tag[];
}

class Chapter {
  id!: number;
  number!: number;
  title!: string;
}

class Tag {
  id!: number;
  name!: string;
}

class Note {
  id!: number;
  text!: string;
  stars!: number;
  writtenAt!: Date;
}

interface BookRow {
  id: number;
  title: string;
  isbn: string;
  pages: number;
  price: number;
  in_print: number;
  published_at: string;
  summary: string | null;
  author_id: number;
}

const date = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`);

function toBook(row: BookRow): Book {
  const book = new Book();
  book.id = row.id;
  book.title = row.title;
  book.isbn = row.isbn;
  book.pages = row.pages;
  book.price = row.price;
  book.inPrint = row.in_print === 1;
  book.publishedAt = date(row.published_at);
  book.summary = row.summary;
  return book;
}

function assign<T extends object>(target: T, values: object): T {
  return Object.assign(target, values);
}

const COLUMNS = 'id, title, isbn, pages, price, in_print, published_at, summary, author_id';
const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');

class Driver implements Workloads {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(file: string) {
    this.#db = new Database(file);
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = NORMAL');
    this.#db.pragma('foreign_keys = ON');
  }

  #sql(text: string): Database.Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  async byKey(id: number): Promise<Book | null> {
    const row = this.#sql(`SELECT ${COLUMNS} FROM books WHERE id = ?`).get(id) as BookRow | undefined;
    return row === undefined ? null : toBook(row);
  }

  async byUnique(isbn: string): Promise<Book | null> {
    const row = this.#sql(`SELECT ${COLUMNS} FROM books WHERE isbn = ?`).get(isbn) as BookRow | undefined;
    return row === undefined ? null : toBook(row);
  }

  async rows(count: number): Promise<Book[]> {
    const rows = this.#sql(`SELECT ${COLUMNS} FROM books ORDER BY id LIMIT ?`).all(count) as BookRow[];
    return rows.map(toBook);
  }

  async plainRows(count: number): Promise<unknown[]> {
    return this.#sql('SELECT id, number, title FROM chapters ORDER BY id LIMIT ?').all(count);
  }

  async page(pages: number, skip: number): Promise<Book[]> {
    const text = `SELECT ${COLUMNS} FROM books WHERE in_print = 1 AND pages >= ? ORDER BY title LIMIT 20 OFFSET ?`;
    return (this.#sql(text).all(pages, skip) as BookRow[]).map(toBook);
  }

  async withAuthor(count: number): Promise<Book[]> {
    const rows = this.#sql(`SELECT ${COLUMNS} FROM books ORDER BY id LIMIT ?`).all(count) as BookRow[];
    const keys = [...new Set(rows.map((row) => row.author_id))];
    const found = this.#sql(`SELECT id, name, born FROM authors WHERE id IN (${marks(keys.length)})`).all(
      keys,
    );
    const authors = new Map((found as Author[]).map((row) => [row.id, assign(new Author(), row)]));
    return rows.map((row) => {
      const book = toBook(row);
      book.author = authors.get(row.author_id) as Author;
      return book;
    });
  }

  async nested(count: number): Promise<Author[]> {
    const rows = this.#sql('SELECT id, name, born FROM authors ORDER BY id LIMIT ?').all(count) as Author[];
    const authors = rows.map((row) => assign(new Author(), { ...row, books: [] as Book[] }));
    const byAuthor = new Map(authors.map((author) => [author.id, author.books as Book[]]));
    const keys = [...byAuthor.keys()];
    const text = `SELECT ${COLUMNS} FROM books WHERE author_id IN (${marks(keys.length)}) ORDER BY id`;
    const byBook = new Map<number, Chapter[]>();
    for (const row of this.#sql(text).all(keys) as BookRow[]) {
      const book = toBook(row);
      book.chapters = [];
      byBook.set(book.id, book.chapters);
      byAuthor.get(row.author_id)?.push(book);
    }
    const books = [...byBook.keys()];
    for (let from = 0; from < books.length; from += 1_000) {
      const some = books.slice(from, from + 1_000);
      const chapters = this.#sql(
        `SELECT id, number, title, book_id FROM chapters WHERE book_id IN (${marks(some.length)}) ORDER BY id`,
      ).all(some) as (Chapter & { book_id: number })[];
      for (const { book_id, ...chapter } of chapters)
        byBook.get(book_id)?.push(assign(new Chapter(), chapter));
    }
    return authors;
  }

  async withTags(count: number): Promise<Book[]> {
    const rows = this.#sql(`SELECT ${COLUMNS} FROM books ORDER BY id LIMIT ?`).all(count) as BookRow[];
    const books = rows.map(toBook);
    const byBook = new Map<number, Tag[]>();
    for (const book of books) {
      book.tags = [];
      byBook.set(book.id, book.tags);
    }
    const text = `SELECT l.book_id, t.id, t.name FROM books_tags l JOIN tags t ON t.id = l.tag_id
      WHERE l.book_id IN (${marks(books.length)}) ORDER BY t.id`;
    const tags = new Map<number, Tag>();
    for (const row of this.#sql(text).all([...byBook.keys()]) as {
      book_id: number;
      id: number;
      name: string;
    }[]) {
      let tag = tags.get(row.id);
      if (tag === undefined) {
        tag = assign(new Tag(), { id: row.id, name: row.name });
        tags.set(row.id, tag);
      }
      byBook.get(row.book_id)?.push(tag);
    }
    return books;
  }

  async aggregate(authorId: number): Promise<{ count: number; pages: number }> {
    return this.#sql('SELECT COUNT(*) AS count, SUM(pages) AS pages FROM books WHERE author_id = ?').get(
      authorId,
    ) as { count: number; pages: number };
  }

  async insert({ text, stars, writtenAt }: NewNote): Promise<number> {
    const statement = this.#sql('INSERT INTO notes (text, stars, written_at) VALUES (?, ?, ?)');
    return Number(statement.run(text, stars, sqlDate(writtenAt)).lastInsertRowid);
  }

  async insertMany(notes: readonly NewNote[]): Promise<number> {
    const statement = this.#sql('INSERT INTO notes (text, stars, written_at) VALUES (?, ?, ?)');
    this.#db.transaction(() => {
      for (const { text, stars, writtenAt } of notes) statement.run(text, stars, sqlDate(writtenAt));
    })();
    return notes.length;
  }

  async loadChangeSave(count: number): Promise<void> {
    const found = this.#sql('SELECT id, text, stars, written_at FROM notes ORDER BY id LIMIT ?').all(count);
    const rows = found as { id: number; text: string; stars: number; written_at: string }[];
    const notes = rows.map(({ id, text, stars, written_at }) =>
      assign(new Note(), { id, text, stars, writtenAt: date(written_at) }),
    );
    for (const note of notes) note.stars += 1;
    const update = this.#sql('UPDATE notes SET stars = ? WHERE id = ?');
    this.#db.transaction(() => {
      for (const { id, stars } of notes) update.run(stars, id);
    })();
  }

  async upsert(id: number, { text, stars, writtenAt }: NewNote): Promise<void> {
    this.#sql(
      `INSERT INTO notes (id, text, stars, written_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
       SET text = excluded.text, stars = excluded.stars, written_at = excluded.written_at`,
    ).run(id, text, stars, sqlDate(writtenAt));
  }

  async remove(id: number): Promise<void> {
    this.#sql('DELETE FROM notes WHERE id = ?').run(id);
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

export const driver: Candidate = { name: 'better-sqlite3, by hand', open: async (file) => new Driver(file) };
