// The workloads as Drizzle does them.
const Database = require('better-sqlite3');
const { drizzle } = require('drizzle-orm/better-sqlite3');
const { and, asc, count, desc, eq, gte, inArray, relations, sum } = require('drizzle-orm');
const { customType, integer, primaryKey, real, sqliteTable, text } = require('drizzle-orm/sqlite-core');

const moment = customType({
  dataType: () => 'text',
  fromDriver: (value) => new Date(`${value.replace(' ', 'T')}Z`),
  toDriver: (value) => value.toISOString().replace('T', ' ').slice(0, 23),
});
const key = () => integer('id').primaryKey({ autoIncrement: true });
const authors = sqliteTable('authors', {
  id: key(),
  name: text('name').notNull(),
  born: integer('born').notNull(),
});
const books = sqliteTable('books', {
  id: key(),
  title: text('title').notNull(),
  isbn: text('isbn').notNull(),
  pages: integer('pages').notNull(),
  price: real('price').notNull(),
  inPrint: integer('in_print', { mode: 'boolean' }).notNull(),
  publishedAt: moment('published_at').notNull(),
  summary: text('summary'),
  authorId: integer('author_id').notNull(),
});
const chapters = sqliteTable('chapters', {
  id: key(),
  number: integer('number').notNull(),
  title: text('title').notNull(),
  bookId: integer('book_id').notNull(),
});
const tags = sqliteTable('tags', { id: integer('id').primaryKey(), name: text('name').notNull() });
const booksTags = sqliteTable(
  'books_tags',
  { bookId: integer('book_id').notNull(), tagId: integer('tag_id').notNull() },
  (table) => [primaryKey({ columns: [table.bookId, table.tagId] })],
);
const notes = sqliteTable('notes', {
  id: key(),
  text: text('text').notNull(),
  stars: integer('stars').notNull(),
  writtenAt: moment('written_at').notNull(),
});
const schema = {
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

const WITHOUT_AUTHOR = { authorId: false };

exports.sqlite = {
  name: 'Drizzle',
  async open(file) {
    const native = new Database(file);
    native.pragma('journal_mode = WAL');
    native.pragma('synchronous = NORMAL');
    native.pragma('foreign_keys = ON');
    const db = drizzle(native, { schema });
    const bare = (book) => {
      if (book) delete book.authorId;
      return book ?? null;
    };
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
      page: async (pages, skip) =>
        (
          await db
            .select()
            .from(books)
            .where(and(eq(books.inPrint, true), gte(books.pages, pages)))
            .orderBy(asc(books.title))
            .limit(20)
            .offset(skip)
        ).map(bare),
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
      aggregate: async (authorId) => {
        const [row] = await db
          .select({ count: count(), pages: sum(books.pages).mapWith(Number) })
          .from(books)
          .where(eq(books.authorId, authorId));
        return row;
      },
      insert: async (note) => (await db.insert(notes).values(note).returning({ id: notes.id }))[0].id,
      insertMany: async (list) => {
        db.transaction((tx) => {
          for (let from = 0; from < list.length; from += 1_000)
            tx.insert(notes)
              .values(list.slice(from, from + 1_000))
              .run();
        });
        return list.length;
      },
      loadChangeSave: async (take) => {
        const found = await db.select().from(notes).orderBy(asc(notes.id)).limit(take);
        db.transaction((tx) => {
          for (const note of found)
            tx.update(notes)
              .set({ stars: note.stars + 1 })
              .where(eq(notes.id, note.id))
              .run();
        });
      },
      saveNew: (list) => db.insert(notes).values(list).returning({ id: notes.id }),
      saveGraph: async ({ name, born, books: own }) => {
        db.transaction((tx) => {
          const author = tx.insert(authors).values({ name, born }).returning({ id: authors.id }).get();
          const rows = own.map(({ chapters: _, ...book }) => ({ ...book, authorId: author.id }));
          const keys = tx.insert(books).values(rows).returning({ id: books.id }).all();
          const parts = own.flatMap((book, i) =>
            book.chapters.map((one) => ({ ...one, bookId: keys[i].id })),
          );
          tx.insert(chapters).values(parts).run();
        });
      },
      removeMany: async (take) => {
        const found = await db.select().from(notes).orderBy(desc(notes.id)).limit(take);
        const keys = found.map(({ id }) => id);
        await db.delete(notes).where(inArray(notes.id, keys));
      },
      upsert: async (id, note) => {
        await db
          .insert(notes)
          .values({ id, ...note })
          .onConflictDoUpdate({ target: notes.id, set: note });
      },
      remove: async (id) => {
        await db.delete(notes).where(eq(notes.id, id));
      },
      close: async () => native.close(),
    };
  },
};

const { servers } = require('./drizzle-servers.cjs');
exports.postgres = servers.postgres;
exports.mariadb = servers.mariadb;
