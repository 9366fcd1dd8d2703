// The workloads as Kysely does them on servers: relations by its JSON helpers where the server can do them, and
// by a query a level put together by hand on MariaDB, which has no subqueries that see the row outside them.
const { Kysely, MysqlDialect, PostgresDialect } = require('kysely');
const { jsonArrayFrom, jsonObjectFrom } = require('kysely/helpers/postgres');

const toRow = ({ text, stars, writtenAt }) => ({ text, stars, written_at: writtenAt });
const shown = (row) => ({
  id: row.id,
  title: row.title,
  isbn: row.isbn,
  pages: row.pages,
  price: row.price,
  inPrint: row.in_print === true || row.in_print === 1,
  publishedAt: row.published_at instanceof Date ? row.published_at : new Date(`${row.published_at}Z`),
  summary: row.summary,
});
const BOOK = ['id', 'title', 'isbn', 'pages', 'price', 'in_print', 'published_at', 'summary'];

/** What both servers are asked in the same words. */
function common(db) {
  const books = () => db.selectFrom('books').selectAll();
  return {
    byKey: async (id) => {
      const row = await books().where('id', '=', id).executeTakeFirst();
      return row ? shown(row) : null;
    },
    byUnique: async (isbn) => {
      const row = await books().where('isbn', '=', isbn).executeTakeFirst();
      return row ? shown(row) : null;
    },
    rows: async (take) => (await books().orderBy('id').limit(take).execute()).map(shown),
    plainRows: (take) =>
      db.selectFrom('chapters').select(['id', 'number', 'title']).orderBy('id').limit(take).execute(),
    page: async (pages, skip) => {
      const query = books().where('in_print', '=', true).where('pages', '>=', pages);
      return (await query.orderBy('title').limit(20).offset(skip).execute()).map(shown);
    },
    aggregate: async (authorId) => {
      const { count, pages } = await db
        .selectFrom('books')
        .select((eb) => [eb.fn.countAll().as('count'), eb.fn.sum('pages').as('pages')])
        .where('author_id', '=', authorId)
        .executeTakeFirst();
      return { count: Number(count), pages: Number(pages) };
    },
    insertMany: async (list) => {
      await db.transaction().execute(async (tx) => {
        for (let from = 0; from < list.length; from += 1_000) {
          await tx
            .insertInto('notes')
            .values(list.slice(from, from + 1_000).map(toRow))
            .execute();
        }
      });
      return list.length;
    },
    loadChangeSave: async (take) => {
      const found = await db.selectFrom('notes').selectAll().orderBy('id').limit(take).execute();
      await db.transaction().execute(async (tx) => {
        for (const { id, stars } of found) {
          await tx
            .updateTable('notes')
            .set({ stars: stars + 1 })
            .where('id', '=', id)
            .execute();
        }
      });
    },
    removeMany: async (take) => {
      const found = await db.selectFrom('notes').selectAll().orderBy('id', 'desc').limit(take).execute();
      const keys = found.map(({ id }) => id);
      await db.deleteFrom('notes').where('id', 'in', keys).execute();
    },
    remove: async (id) => {
      await db.deleteFrom('notes').where('id', '=', id).execute();
    },
    close: () => db.destroy(),
  };
}

const TIMESTAMP = 1114;

function openPostgres(connectionString) {
  const pg = require('pg');
  const types = {
    getTypeParser: (oid, format) =>
      oid === TIMESTAMP
        ? (text) => new Date(`${text.replace(' ', 'T')}Z`)
        : pg.types.getTypeParser(oid, format),
  };
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString, types }) }) });
  const books = () => db.selectFrom('books').selectAll();
  return {
    ...common(db),
    withAuthor: async (take) => {
      const author = (eb) =>
        eb
          .selectFrom('authors')
          .select(['id', 'name', 'born'])
          .whereRef('authors.id', '=', 'books.author_id');
      const rows = await books()
        .select((eb) => jsonObjectFrom(author(eb)).as('author'))
        .orderBy('id')
        .limit(take)
        .execute();
      return rows.map((row) => ({ ...shown(row), author: row.author }));
    },
    nested: async (take) => {
      const chapters = (eb) =>
        eb
          .selectFrom('chapters')
          .select(['id', 'number', 'title'])
          .whereRef('chapters.book_id', '=', 'books.id')
          .orderBy('id');
      const own = (eb) =>
        eb
          .selectFrom('books')
          .select(BOOK)
          .select((inner) => jsonArrayFrom(chapters(inner)).as('chapters'))
          .whereRef('books.author_id', '=', 'authors.id')
          .orderBy('id');
      const rows = await db
        .selectFrom('authors')
        .select(['id', 'name', 'born'])
        .select((eb) => jsonArrayFrom(own(eb)).as('books'))
        .orderBy('id')
        .limit(take)
        .execute();
      return rows.map((row) => ({
        ...row,
        books: row.books.map((book) => ({ ...shown(book), chapters: book.chapters })),
      }));
    },
    withTags: async (take) => {
      const tags = (eb) =>
        eb
          .selectFrom('books_tags')
          .innerJoin('tags', 'tags.id', 'books_tags.tag_id')
          .select(['tags.id', 'tags.name'])
          .whereRef('books_tags.book_id', '=', 'books.id')
          .orderBy('tags.id');
      const rows = await books()
        .select((eb) => jsonArrayFrom(tags(eb)).as('tags'))
        .orderBy('id')
        .limit(take)
        .execute();
      return rows.map((row) => ({ ...shown(row), tags: row.tags }));
    },
    insert: async (note) =>
      (await db.insertInto('notes').values(toRow(note)).returning('id').executeTakeFirst()).id,
    saveNew: (list) => db.insertInto('notes').values(list.map(toRow)).returning('id').execute(),
    saveGraph: ({ name, born, books: own }) =>
      db.transaction().execute(async (tx) => {
        const author = await tx
          .insertInto('authors')
          .values({ name, born })
          .returning('id')
          .executeTakeFirst();
        const keys = await tx.insertInto('books').values(bookRows(own, author.id)).returning('id').execute();
        const rows = chapterRows(
          own,
          keys.map(({ id }) => id),
        );
        await tx.insertInto('chapters').values(rows).execute();
      }),
    upsert: async (id, note) => {
      const row = toRow(note);
      const query = db.insertInto('notes').values({ id, ...row });
      await query.onConflict((conflict) => conflict.column('id').doUpdateSet(row)).execute();
    },
  };
}

function bookRows(books, author) {
  return books.map(({ chapters: _, inPrint, publishedAt, ...book }) => ({
    ...book,
    in_print: inPrint,
    published_at: publishedAt,
    author_id: author,
  }));
}

function chapterRows(books, keys) {
  return books.flatMap((book, i) => book.chapters.map((one) => ({ ...one, book_id: keys[i] })));
}

function openMariadb(url) {
  const pool = require('mysql2').createPool({ uri: url.replace(/^mariadb:/, 'mysql:'), timezone: 'Z' });
  const db = new Kysely({ dialect: new MysqlDialect({ pool }) });
  const some = (table, by, keys) => db.selectFrom(table).where(by, 'in', keys).orderBy('id');
  const first = (take) => db.selectFrom('books').selectAll().orderBy('id').limit(take).execute();
  return {
    ...common(db),
    withAuthor: async (take) => {
      const rows = await first(take);
      const keys = [...new Set(rows.map((row) => row.author_id))];
      const found = await some('authors', 'id', keys).select(['id', 'name', 'born']).execute();
      const authors = new Map(found.map((author) => [author.id, author]));
      return rows.map((row) => ({ ...shown(row), author: authors.get(row.author_id) }));
    },
    nested: async (take) => {
      const rows = await db
        .selectFrom('authors')
        .select(['id', 'name', 'born'])
        .orderBy('id')
        .limit(take)
        .execute();
      const authors = new Map(rows.map((row) => [row.id, { ...row, books: [] }]));
      const books = new Map();
      for (const row of await some('books', 'author_id', [...authors.keys()])
        .selectAll()
        .execute()) {
        const book = { ...shown(row), chapters: [] };
        books.set(book.id, book);
        authors.get(row.author_id).books.push(book);
      }
      for (const { book_id, ...chapter } of await some('chapters', 'book_id', [...books.keys()])
        .selectAll()
        .execute()) {
        books.get(book_id).chapters.push(chapter);
      }
      return [...authors.values()].map(({ books: own, ...author }) => ({
        ...author,
        books: own.map(({ chapters, ...book }) => ({
          ...book,
          chapters: chapters.map(({ id, number, title }) => ({ id, number, title })),
        })),
      }));
    },
    withTags: async (take) => {
      const books = (await first(take)).map((row) => ({ ...shown(row), tags: [] }));
      const byKey = new Map(books.map((book) => [book.id, book]));
      const rows = await db
        .selectFrom('books_tags')
        .innerJoin('tags', 'tags.id', 'books_tags.tag_id')
        .select(['books_tags.book_id', 'tags.id', 'tags.name'])
        .where('books_tags.book_id', 'in', [...byKey.keys()])
        .orderBy('tags.id')
        .execute();
      for (const { book_id, ...tag } of rows) byKey.get(book_id).tags.push(tag);
      return books;
    },
    insert: async (note) =>
      Number((await db.insertInto('notes').values(toRow(note)).executeTakeFirst()).insertId),
    saveNew: (list) => db.insertInto('notes').values(list.map(toRow)).executeTakeFirst(),
    saveGraph: ({ name, born, books: own }) =>
      db.transaction().execute(async (tx) => {
        const { insertId } = await tx.insertInto('authors').values({ name, born }).executeTakeFirst();
        const made = await tx.insertInto('books').values(bookRows(own, insertId)).executeTakeFirst();
        const rows = chapterRows(
          own,
          own.map((_, i) => Number(made.insertId) + i),
        );
        await tx.insertInto('chapters').values(rows).execute();
      }),
    upsert: async (id, note) => {
      const row = toRow(note);
      const query = db.insertInto('notes').values({ id, ...row });
      await query.onDuplicateKeyUpdate(row).execute();
    },
  };
}

exports.servers = {
  postgres: { name: 'Kysely', open: async (url) => openPostgres(url) },
  mariadb: { name: 'Kysely', open: async (url) => openMariadb(url) },
};
