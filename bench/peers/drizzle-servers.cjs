// The workloads as Drizzle does them on servers.
const { and, asc, count, desc, eq, gte, inArray, relations, sum } = require('drizzle-orm');
const pgCore = require('drizzle-orm/pg-core');
const mysqlCore = require('drizzle-orm/mysql-core');

/** @param make how this server's package names tables and columns */
function schemaOf({ table, key, int, text, double, bool, moment, primaryKey }) {
  const authors = table('authors', { id: key(), name: text('name'), born: int('born') });
  const books = table('books', {
    id: key(),
    title: text('title'),
    isbn: text('isbn'),
    pages: int('pages'),
    price: double('price'),
    inPrint: bool('in_print'),
    publishedAt: moment('published_at'),
    summary: text('summary'),
    authorId: int('author_id'),
  });
  const chapters = table('chapters', {
    id: key(),
    number: int('number'),
    title: text('title'),
    bookId: int('book_id'),
  });
  const tags = table('tags', { id: int('id').primaryKey(), name: text('name') });
  const booksTags = table('books_tags', { bookId: int('book_id'), tagId: int('tag_id') }, (own) => [
    primaryKey({ columns: [own.bookId, own.tagId] }),
  ]);
  const notes = table('notes', {
    id: key(),
    text: text('text'),
    stars: int('stars'),
    writtenAt: moment('written_at'),
  });
  return {
    authors,
    books,
    chapters,
    tags,
    booksTags,
    notes,
    authorsRelations: relations(authors, ({ many }) => ({ books: many(books) })),
    booksRelations: relations(books, ({ one, many }) => ({
      author: one(authors, { fields: [books.authorId], references: [authors.id] }),
      chapters: many(chapters),
      links: many(booksTags),
    })),
    chaptersRelations: relations(chapters, ({ one }) => ({
      book: one(books, { fields: [chapters.bookId], references: [books.id] }),
    })),
    booksTagsRelations: relations(booksTags, ({ one }) => ({
      book: one(books, { fields: [booksTags.bookId], references: [books.id] }),
      tag: one(tags, { fields: [booksTags.tagId], references: [tags.id] }),
    })),
  };
}

const onPostgres = schemaOf({
  table: pgCore.pgTable,
  key: () => pgCore.serial('id').primaryKey(),
  int: pgCore.integer,
  text: pgCore.text,
  double: pgCore.doublePrecision,
  bool: pgCore.boolean,
  moment: (name) => pgCore.timestamp(name, { precision: 3, mode: 'date' }),
  primaryKey: pgCore.primaryKey,
});
const onMysql = schemaOf({
  table: mysqlCore.mysqlTable,
  key: () => mysqlCore.int('id').autoincrement().primaryKey(),
  int: mysqlCore.int,
  text: mysqlCore.text,
  double: mysqlCore.double,
  bool: mysqlCore.boolean,
  moment: (name) => mysqlCore.datetime(name, { fsp: 3, mode: 'date' }),
  primaryKey: mysqlCore.primaryKey,
});

const WITHOUT_AUTHOR = { authorId: false };
const bare = (book) => {
  if (book) delete book.authorId;
  return book ?? null;
};

function common(db, { books, chapters, notes, tags, booksTags, authors }) {
  return {
    byKey: async (id) => bare((await db.select().from(books).where(eq(books.id, id)).limit(1))[0]),
    byUnique: async (isbn) => bare((await db.select().from(books).where(eq(books.isbn, isbn)).limit(1))[0]),
    rows: async (take) => (await db.select().from(books).orderBy(asc(books.id)).limit(take)).map(bare),
    plainRows: async (take) =>
      db
        .select({ id: chapters.id, number: chapters.number, title: chapters.title })
        .from(chapters)
        .orderBy(asc(chapters.id))
        .limit(take),
    page: async (pages, skip) => {
      const query = db
        .select()
        .from(books)
        .where(and(eq(books.inPrint, true), gte(books.pages, pages)));
      return (await query.orderBy(asc(books.title)).limit(20).offset(skip)).map(bare);
    },
    aggregate: async (authorId) => {
      const query = db.select({ count: count(), pages: sum(books.pages).mapWith(Number) }).from(books);
      return (await query.where(eq(books.authorId, authorId)))[0];
    },
    insertMany: async (list) => {
      await db.transaction(async (tx) => {
        for (let from = 0; from < list.length; from += 1_000)
          await tx.insert(notes).values(list.slice(from, from + 1_000));
      });
      return list.length;
    },
    loadChangeSave: async (take) => {
      const found = await db.select().from(notes).orderBy(asc(notes.id)).limit(take);
      await db.transaction(async (tx) => {
        for (const note of found)
          await tx
            .update(notes)
            .set({ stars: note.stars + 1 })
            .where(eq(notes.id, note.id));
      });
    },
    removeMany: async (take) => {
      const found = await db.select().from(notes).orderBy(desc(notes.id)).limit(take);
      const keys = found.map(({ id }) => id);
      await db.delete(notes).where(inArray(notes.id, keys));
    },
    remove: async (id) => {
      await db.delete(notes).where(eq(notes.id, id));
    },
    withAuthor: async (take) => {
      const query = db.select({ book: books, author: authors }).from(books);
      const rows = await query
        .innerJoin(authors, eq(authors.id, books.authorId))
        .orderBy(asc(books.id))
        .limit(take);
      return rows.map(({ book, author }) => ({ ...bare(book), author }));
    },
    nested: async (take) => {
      const found = await db.select().from(authors).orderBy(asc(authors.id)).limit(take);
      const byAuthor = new Map(found.map((author) => [author.id, { ...author, books: [] }]));
      const own = await db
        .select()
        .from(books)
        .where(inArray(books.authorId, [...byAuthor.keys()]))
        .orderBy(asc(books.id));
      const byBook = new Map();
      for (const { authorId, ...book } of own) {
        const shown = { ...book, chapters: [] };
        byBook.set(book.id, shown);
        byAuthor.get(authorId).books.push(shown);
      }
      const parts = await db
        .select()
        .from(chapters)
        .where(inArray(chapters.bookId, [...byBook.keys()]))
        .orderBy(asc(chapters.id));
      for (const { bookId, ...chapter } of parts) byBook.get(bookId).chapters.push(chapter);
      return [...byAuthor.values()];
    },
    withTags: async (take) => {
      const found = await db.select().from(books).orderBy(asc(books.id)).limit(take);
      const byKey = new Map(found.map((book) => [book.id, { ...bare(book), tags: [] }]));
      const rows = await db
        .select({ book: booksTags.bookId, tag: tags })
        .from(booksTags)
        .innerJoin(tags, eq(tags.id, booksTags.tagId))
        .where(inArray(booksTags.bookId, [...byKey.keys()]))
        .orderBy(asc(tags.id));
      for (const { book, tag } of rows) byKey.get(book).tags.push(tag);
      return [...byKey.values()];
    },
  };
}

/** Relations by its own relational queries: lateral joins, which MariaDB does not have. */
function relational(db, { authors, books, booksTags, chapters }) {
  return {
    withAuthor: (take) =>
      db.query.books.findMany({
        columns: WITHOUT_AUTHOR,
        with: { author: true },
        orderBy: asc(books.id),
        limit: take,
      }),
    nested: (take) =>
      db.query.authors.findMany({
        orderBy: asc(authors.id),
        limit: take,
        with: {
          books: {
            columns: WITHOUT_AUTHOR,
            orderBy: asc(books.id),
            with: { chapters: { columns: { bookId: false }, orderBy: asc(chapters.id) } },
          },
        },
      }),
    withTags: async (take) => {
      const found = await db.query.books.findMany({
        columns: WITHOUT_AUTHOR,
        orderBy: asc(books.id),
        limit: take,
        with: { links: { columns: {}, orderBy: asc(booksTags.tagId), with: { tag: true } } },
      });
      return found.map(({ links, ...book }) => ({ ...book, tags: links.map(({ tag }) => tag) }));
    },
  };
}

/** @param insertInto inserts rows and tells their keys */
async function saveGraph(insertInto, { authors, books, chapters }, { name, born, books: own }) {
  const [author] = await insertInto(authors, [{ name, born }]);
  const rows = own.map(({ chapters: _, ...book }) => ({ ...book, authorId: author.id }));
  const keys = await insertInto(books, rows);
  const parts = own.flatMap((book, i) => book.chapters.map((one) => ({ ...one, bookId: keys[i].id })));
  await insertInto(chapters, parts);
}

async function openPostgres(connectionString) {
  const { drizzle } = require('drizzle-orm/node-postgres');
  const { Pool } = require('pg');
  const pool = new Pool({ connectionString });
  const db = drizzle(pool, { schema: onPostgres });
  const { notes } = onPostgres;
  return {
    ...common(db, onPostgres),
    ...relational(db, onPostgres),
    insert: async (note) => (await db.insert(notes).values(note).returning({ id: notes.id }))[0].id,
    saveNew: (list) => db.insert(notes).values(list).returning({ id: notes.id }),
    saveGraph: (author) =>
      db.transaction((tx) =>
        saveGraph(
          (table, rows) => tx.insert(table).values(rows).returning({ id: table.id }),
          onPostgres,
          author,
        ),
      ),
    upsert: async (id, note) => {
      const query = db.insert(notes).values({ id, ...note });
      await query.onConflictDoUpdate({ target: notes.id, set: note });
    },
    close: () => pool.end(),
  };
}

async function openMariadb(url) {
  const { drizzle } = require('drizzle-orm/mysql2');
  const pool = require('mysql2/promise').createPool({ uri: url.replace(/^mariadb:/, 'mysql:') });
  const db = drizzle(pool, { schema: onMysql, mode: 'default' });
  const { notes } = onMysql;
  return {
    ...common(db, onMysql),
    insert: async (note) => (await db.insert(notes).values(note).$returningId())[0].id,
    saveNew: (list) => db.insert(notes).values(list).$returningId(),
    saveGraph: (author) =>
      db.transaction((tx) =>
        saveGraph((table, rows) => tx.insert(table).values(rows).$returningId(), onMysql, author),
      ),
    upsert: async (id, note) => {
      await db
        .insert(notes)
        .values({ id, ...note })
        .onDuplicateKeyUpdate({ set: note });
    },
    close: () => pool.end(),
  };
}

exports.servers = {
  postgres: { name: 'Drizzle', open: openPostgres },
  mariadb: { name: 'Drizzle', open: openMariadb },
};
