/** What a person writes by hand on `pg` and on `mysql2`: prepared statements, few of them, classes made of rows. */

import { createPool, type Pool as MysqlPool, type ResultSetHeader } from 'mysql2/promise';
import pg from 'pg';
import type { Candidate, NewAuthor, NewNote, Workloads } from './workloads.js';

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
  in_print: number | boolean;
  published_at: Date;
  summary: string | null;
  author_id: number;
}

interface NoteRow {
  id: number;
  text: string;
  stars: number;
  written_at: Date;
}

function toBook(row: BookRow): Book {
  const book = new Book();
  book.id = row.id;
  book.title = row.title;
  book.isbn = row.isbn;
  book.pages = row.pages;
  book.price = row.price;
  book.inPrint = row.in_print === 1 || row.in_print === true;
  book.publishedAt = row.published_at;
  book.summary = row.summary;
  return book;
}

const COLUMNS = 'id, title, isbn, pages, price, in_print, published_at, summary, author_id';
const BOOK_COLUMNS = COLUMNS.split(', ').slice(1);

/** Everything but the words in which the two servers differ. */
abstract class ServerDriver implements Workloads {
  /** Rows of a statement with `?` for its parameters. */
  protected abstract ask<T>(sql: string, params: readonly unknown[]): Promise<T[]>;
  /** Whether a column is one of some keys. */
  protected abstract among(column: string): string;
  /** Rows in one transaction; their keys in order, where the table makes them. */
  protected abstract insertAll(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Promise<number[]>;
  protected abstract atomic<R>(work: (driver: ServerDriver) => Promise<R>): Promise<R>;
  abstract loadChangeSave(count: number): Promise<void>;
  abstract upsert(id: number, note: NewNote): Promise<void>;
  abstract insert(note: NewNote): Promise<number>;
  abstract close(): Promise<void>;

  async byKey(id: number): Promise<Book | null> {
    const [row] = await this.ask<BookRow>(`SELECT ${COLUMNS} FROM books WHERE id = ?`, [id]);
    return row === undefined ? null : toBook(row);
  }

  async byUnique(isbn: string): Promise<Book | null> {
    const [row] = await this.ask<BookRow>(`SELECT ${COLUMNS} FROM books WHERE isbn = ?`, [isbn]);
    return row === undefined ? null : toBook(row);
  }

  async #books(count: number): Promise<BookRow[]> {
    return this.ask<BookRow>(`SELECT ${COLUMNS} FROM books ORDER BY id LIMIT ?`, [count]);
  }

  async #some<T>(table: string, columns: string, by: string, keys: readonly number[]): Promise<T[]> {
    const sql = `SELECT ${columns} FROM ${table} WHERE ${this.among(by)} ORDER BY id`;
    return this.ask<T>(sql, [keys]);
  }

  async rows(count: number): Promise<Book[]> {
    return (await this.#books(count)).map(toBook);
  }

  async plainRows(count: number): Promise<unknown[]> {
    return this.ask('SELECT id, number, title FROM chapters ORDER BY id LIMIT ?', [count]);
  }

  async page(pages: number, skip: number): Promise<Book[]> {
    const sql = `SELECT ${COLUMNS} FROM books WHERE in_print = ? AND pages >= ? ORDER BY title LIMIT 20 OFFSET ?`;
    return (await this.ask<BookRow>(sql, [true, pages, skip])).map(toBook);
  }

  async withAuthor(count: number): Promise<Book[]> {
    const rows = await this.#books(count);
    const keys = [...new Set(rows.map((row) => row.author_id))];
    const found = await this.#some<Author>('authors', 'id, name, born', 'id', keys);
    const authors = new Map(found.map((row) => [row.id, Object.assign(new Author(), row)]));
    return rows.map((row) => {
      const book = toBook(row);
      book.author = authors.get(row.author_id) as Author;
      return book;
    });
  }

  async nested(count: number): Promise<Author[]> {
    const rows = await this.ask<Author>('SELECT id, name, born FROM authors ORDER BY id LIMIT ?', [count]);
    const authors = rows.map((row) => Object.assign(new Author(), { ...row, books: [] as Book[] }));
    const byAuthor = new Map(authors.map((author) => [author.id, author.books as Book[]]));
    const byBook = new Map<number, Chapter[]>();
    for (const row of await this.#some<BookRow>('books', COLUMNS, 'author_id', [...byAuthor.keys()])) {
      const book = toBook(row);
      book.chapters = [];
      byBook.set(book.id, book.chapters);
      byAuthor.get(row.author_id)?.push(book);
    }
    type ChapterRow = Chapter & { book_id: number };
    const columns = 'id, number, title, book_id';
    for (const row of await this.#some<ChapterRow>('chapters', columns, 'book_id', [...byBook.keys()])) {
      const chapter = new Chapter();
      chapter.id = row.id;
      chapter.number = row.number;
      chapter.title = row.title;
      byBook.get(row.book_id)?.push(chapter);
    }
    return authors;
  }

  async withTags(count: number): Promise<Book[]> {
    const books = (await this.#books(count)).map(toBook);
    const byBook = new Map<number, Tag[]>();
    for (const book of books) {
      book.tags = [];
      byBook.set(book.id, book.tags);
    }
    const sql = `SELECT l.book_id, t.id, t.name FROM books_tags l JOIN tags t ON t.id = l.tag_id
      WHERE ${this.among('l.book_id')} ORDER BY t.id`;
    const tags = new Map<number, Tag>();
    const rows = await this.ask<{ book_id: number; id: number; name: string }>(sql, [[...byBook.keys()]]);
    for (const { book_id, id, name } of rows) {
      let tag = tags.get(id);
      if (tag === undefined) {
        tag = Object.assign(new Tag(), { id, name });
        tags.set(id, tag);
      }
      byBook.get(book_id)?.push(tag);
    }
    return books;
  }

  async aggregate(authorId: number): Promise<{ count: number; pages: number }> {
    const sql = 'SELECT COUNT(*) AS count, SUM(pages) AS pages FROM books WHERE author_id = ?';
    const [row] = await this.ask<{ count: unknown; pages: unknown }>(sql, [authorId]);
    return { count: Number(row?.count), pages: Number(row?.pages) };
  }

  async insertMany(notes: readonly NewNote[]): Promise<number> {
    await this.saveNew(notes);
    return notes.length;
  }

  async saveNew(notes: readonly NewNote[]): Promise<readonly number[]> {
    const rows = notes.map(({ text, stars, writtenAt }) => [text, stars, writtenAt]);
    return this.insertAll('notes', ['text', 'stars', 'written_at'], rows);
  }

  async saveGraph({ name, born, books }: NewAuthor): Promise<void> {
    await this.atomic(async (driver) => {
      const [author] = await driver.insertAll('authors', ['name', 'born'], [[name, born]]);
      const keys = await driver.insertAll(
        'books',
        BOOK_COLUMNS,
        books.map((b) => [b.title, b.isbn, b.pages, b.price, b.inPrint, b.publishedAt, b.summary, author]),
      );
      const chapters = books.flatMap((book, i) => book.chapters.map((c) => [c.number, c.title, keys[i]]));
      await driver.insertAll('chapters', ['number', 'title', 'book_id'], chapters);
    });
  }

  protected async notes(count: number, order: 'ASC' | 'DESC'): Promise<Note[]> {
    const sql = `SELECT id, text, stars, written_at FROM notes ORDER BY id ${order} LIMIT ?`;
    return (await this.ask<NoteRow>(sql, [count])).map((row) => {
      const note = new Note();
      note.id = row.id;
      note.text = row.text;
      note.stars = row.stars;
      note.writtenAt = row.written_at;
      return note;
    });
  }

  async removeMany(count: number): Promise<void> {
    const notes = await this.notes(count, 'DESC');
    await this.ask(`DELETE FROM notes WHERE ${this.among('id')}`, [notes.map(({ id }) => id)]);
  }

  async remove(id: number): Promise<void> {
    await this.ask('DELETE FROM notes WHERE id = ?', [id]);
  }
}

const TIMESTAMP = 1114;
/** What the driver would take for local time. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === TIMESTAMP
      ? (text: string) => new Date(`${text.replace(' ', 'T')}Z`)
      : pg.types.getTypeParser(oid, format as 'text'),
};

type Asking = Pick<pg.Pool, 'query'>;

const ARRAYS: Readonly<Record<string, string>> = {
  ...{ text: 'text', stars: 'int', written_at: 'timestamp', name: 'text', born: 'int', title: 'text' },
  ...{ isbn: 'text', pages: 'int', price: 'float8', in_print: 'bool', published_at: 'timestamp' },
  ...{ summary: 'text', author_id: 'int', number: 'int', book_id: 'int' },
};

class PostgresDriver extends ServerDriver {
  readonly #pool: pg.Pool;
  readonly #client: Asking;
  /** Statements by their text, under a name each, so that the server prepares them once. */
  readonly #known = new Map<string, { readonly name: string; readonly text: string }>();

  constructor(
    pool: pg.Pool,
    client: Asking = pool,
    known = new Map<string, { name: string; text: string }>(),
  ) {
    super();
    this.#pool = pool;
    this.#client = client;
    this.#known = known;
  }

  protected async ask<T>(sql: string, params: readonly unknown[]): Promise<T[]> {
    let known = this.#known.get(sql);
    if (known === undefined) {
      let next = 0;
      known = { name: `s${this.#known.size}`, text: sql.replace(/\?/g, () => `$${++next}`) };
      this.#known.set(sql, known);
    }
    return (await this.#client.query({ ...known, values: params as unknown[] })).rows as T[];
  }

  protected among(column: string): string {
    return `${column} = ANY(?)`;
  }

  protected async insertAll(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Promise<number[]> {
    const lists = columns.map((_, i) => rows.map((row) => row[i]));
    const sql = `INSERT INTO ${table} (${columns.join(', ')})
      SELECT * FROM unnest(${columns.map((column) => `?::${ARRAYS[column]}[]`).join(', ')}) RETURNING id`;
    return (await this.ask<{ id: number }>(sql, lists.map(utc))).map(({ id }) => id);
  }

  protected async atomic<R>(work: (driver: ServerDriver) => Promise<R>): Promise<R> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(new PostgresDriver(this.#pool, client, this.#known));
      await client.query('COMMIT');
      return result;
    } finally {
      client.release();
    }
  }

  async insert({ text, stars, writtenAt }: NewNote): Promise<number> {
    const sql = 'INSERT INTO notes (text, stars, written_at) VALUES (?, ?, ?) RETURNING id';
    const [row] = await this.ask<{ id: number }>(sql, [text, stars, writtenAt.toISOString()]);
    return row?.id as number;
  }

  async loadChangeSave(count: number): Promise<void> {
    const notes = await this.notes(count, 'ASC');
    for (const note of notes) note.stars += 1;
    const sql =
      'UPDATE notes n SET stars = v.stars FROM unnest(?::int[], ?::int[]) v(id, stars) WHERE n.id = v.id';
    await this.ask(sql, [notes.map(({ id }) => id), notes.map(({ stars }) => stars)]);
  }

  async upsert(id: number, { text, stars, writtenAt }: NewNote): Promise<void> {
    const sql = `INSERT INTO notes (id, text, stars, written_at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
      SET text = excluded.text, stars = excluded.stars, written_at = excluded.written_at`;
    await this.ask(sql, [id, text, stars, writtenAt.toISOString()]);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

function utc(list: readonly unknown[]): readonly unknown[] {
  return list[0] instanceof Date ? list.map((date) => (date as Date).toISOString()) : list;
}

/** Rows in one INSERT: a packet of some hundred kilobytes. */
const CHUNK = 1_000;

class MysqlDriver extends ServerDriver {
  readonly #pool: MysqlPool;
  readonly #client: Pick<MysqlPool, 'execute' | 'query'>;

  constructor(pool: MysqlPool, client: Pick<MysqlPool, 'execute' | 'query'> = pool) {
    super();
    this.#pool = pool;
    this.#client = client;
  }

  protected async ask<T>(sql: string, params: readonly unknown[]): Promise<T[]> {
    // A list is no parameter of a prepared statement.
    const isList = Array.isArray(params[0]);
    const [rows] = isList
      ? await this.#client.query(sql, params as unknown[])
      : await this.#client.execute(sql, params as string[]);
    return rows as T[];
  }

  protected among(column: string): string {
    return `${column} IN (?)`;
  }

  protected async insertAll(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Promise<number[]> {
    const keys: number[] = [];
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ?`;
    const work = async (client: Pick<MysqlPool, 'query'>): Promise<void> => {
      for (let from = 0; from < rows.length; from += CHUNK) {
        const some = rows.slice(from, from + CHUNK);
        const [{ insertId }] = await client.query<ResultSetHeader>(sql, [some]);
        for (let i = 0; i < some.length; i++) keys.push(insertId + i);
      }
    };
    if (rows.length <= CHUNK || this.#client !== this.#pool) await work(this.#client);
    else await this.#transaction(work);
    return keys;
  }

  protected atomic<R>(work: (driver: ServerDriver) => Promise<R>): Promise<R> {
    return this.#transaction((client) => work(new MysqlDriver(this.#pool, client)));
  }

  async #transaction<R>(work: (client: Pick<MysqlPool, 'execute' | 'query'>) => Promise<R>): Promise<R> {
    const connection = await this.#pool.getConnection();
    try {
      await connection.beginTransaction();
      const result = await work(connection);
      await connection.commit();
      return result;
    } finally {
      connection.release();
    }
  }

  async insert({ text, stars, writtenAt }: NewNote): Promise<number> {
    const sql = 'INSERT INTO notes (text, stars, written_at) VALUES (?, ?, ?)';
    const [{ insertId }] = await this.#client.execute<ResultSetHeader>(sql, [text, stars, writtenAt]);
    return insertId;
  }

  async loadChangeSave(count: number): Promise<void> {
    const notes = await this.notes(count, 'ASC');
    for (const note of notes) note.stars += 1;
    const rows = notes.map(({ id, stars }) => [id, stars]);
    await this.#client.query(
      `UPDATE notes n JOIN JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$[0]', stars INT PATH '$[1]')) v
        ON v.id = n.id SET n.stars = v.stars`,
      [JSON.stringify(rows)],
    );
  }

  async upsert(id: number, { text, stars, writtenAt }: NewNote): Promise<void> {
    const sql = `INSERT INTO notes (id, text, stars, written_at) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE
      text = VALUES(text), stars = VALUES(stars), written_at = VALUES(written_at)`;
    await this.#client.execute(sql, [id, text, stars, writtenAt]);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

export const postgresDriver: Candidate = {
  name: 'pg, by hand',
  open: async (url) => new PostgresDriver(new pg.Pool({ connectionString: url, types })),
};

export const mysqlDriver: Candidate = {
  name: 'mysql2, by hand',
  open: async (url) =>
    new MysqlDriver(createPool({ uri: url.replace(/^mariadb:/, 'mysql:'), timezone: 'Z' })),
};
