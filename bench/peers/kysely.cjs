// The workloads as Kysely does them: rows are its results, so what SQLite has no type for is made by hand.
const Database = require('better-sqlite3');
const { Kysely, SqliteDialect } = require('kysely');
const { jsonArrayFrom, jsonObjectFrom } = require('kysely/helpers/sqlite');

const sqlDate = (date) => date.toISOString().replace('T', ' ').slice(0, 23);
const shown = (row) => ({
  id: row.id,
  title: row.title,
  isbn: row.isbn,
  pages: row.pages,
  price: row.price,
  inPrint: row.in_print === 1,
  publishedAt: new Date(`${row.published_at.replace(' ', 'T')}Z`),
  summary: row.summary,
});
const parsed = (value) => (typeof value === 'string' ? JSON.parse(value) : value);
const toRow = ({ text, stars, writtenAt }) => ({ text, stars, written_at: sqlDate(writtenAt) });

const toBookRow = (book, author, dateOf, flagOf) => ({
  title: book.title,
  isbn: book.isbn,
  pages: book.pages,
  price: book.price,
  in_print: flagOf(book.inPrint),
  published_at: dateOf(book.publishedAt),
  summary: book.summary,
  author_id: author,
});

/** An author with books and chapters, three statements where RETURNING tells the keys. */
async function saveGraph(tx, { name, born, books }, dateOf = sqlDate, flagOf = Number) {
  const author = await tx.insertInto('authors').values({ name, born }).returning('id').executeTakeFirst();
  const rows = books.map((book) => toBookRow(book, author.id, dateOf, flagOf));
  const keys = await tx.insertInto('books').values(rows).returning('id').execute();
  const chapters = books.flatMap((book, i) => book.chapters.map((one) => ({ ...one, book_id: keys[i].id })));
  await tx.insertInto('chapters').values(chapters).execute();
}

exports.sqlite = {
  name: 'Kysely',
  async open(file) {
    const native = new Database(file);
    native.pragma('journal_mode = WAL');
    native.pragma('synchronous = NORMAL');
    native.pragma('foreign_keys = ON');
    const db = new Kysely({ dialect: new SqliteDialect({ database: native }) });
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
        const query = books().where('in_print', '=', 1).where('pages', '>=', pages);
        return (await query.orderBy('title').limit(20).offset(skip).execute()).map(shown);
      },
      withAuthor: async (take) => {
        const rows = await books()
          .select((eb) =>
            jsonObjectFrom(
              eb
                .selectFrom('authors')
                .select(['id', 'name', 'born'])
                .whereRef('authors.id', '=', 'books.author_id'),
            ).as('author'),
          )
          .orderBy('id')
          .limit(take)
          .execute();
        return rows.map((row) => ({ ...shown(row), author: parsed(row.author) }));
      },
      nested: async (take) => {
        const rows = await db
          .selectFrom('authors')
          .select(['id', 'name', 'born'])
          .select((a) =>
            jsonArrayFrom(
              a
                .selectFrom('books')
                .select(['id', 'title', 'isbn', 'pages', 'price', 'in_print', 'published_at', 'summary'])
                .select((b) =>
                  jsonArrayFrom(
                    b
                      .selectFrom('chapters')
                      .select(['id', 'number', 'title'])
                      .whereRef('chapters.book_id', '=', 'books.id')
                      .orderBy('id'),
                  ).as('chapters'),
                )
                .whereRef('books.author_id', '=', 'authors.id')
                .orderBy('id'),
            ).as('books'),
          )
          .orderBy('id')
          .limit(take)
          .execute();
        return rows.map((row) => ({
          ...row,
          books: parsed(row.books).map((book) => ({ ...shown(book), chapters: parsed(book.chapters) })),
        }));
      },
      withTags: async (take) => {
        const rows = await books()
          .select((eb) =>
            jsonArrayFrom(
              eb
                .selectFrom('books_tags')
                .innerJoin('tags', 'tags.id', 'books_tags.tag_id')
                .select(['tags.id', 'tags.name'])
                .whereRef('books_tags.book_id', '=', 'books.id')
                .orderBy('tags.id'),
            ).as('tags'),
          )
          .orderBy('id')
          .limit(take)
          .execute();
        return rows.map((row) => ({ ...shown(row), tags: parsed(row.tags) }));
      },
      aggregate: (authorId) =>
        db
          .selectFrom('books')
          .select((eb) => [eb.fn.countAll().as('count'), eb.fn.sum('pages').as('pages')])
          .where('author_id', '=', authorId)
          .executeTakeFirst(),
      insert: async (note) =>
        Number((await db.insertInto('notes').values(toRow(note)).executeTakeFirst()).insertId),
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
      saveNew: (list) => db.insertInto('notes').values(list.map(toRow)).returning('id').execute(),
      saveGraph: (author) => db.transaction().execute((tx) => saveGraph(tx, author)),
      removeMany: async (take) => {
        const found = await db.selectFrom('notes').selectAll().orderBy('id', 'desc').limit(take).execute();
        const keys = found.map(({ id }) => id);
        await db.deleteFrom('notes').where('id', 'in', keys).execute();
      },
      upsert: async (id, note) => {
        const row = toRow(note);
        await db
          .insertInto('notes')
          .values({ id, ...row })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
          .execute();
      },
      remove: async (id) => {
        await db.deleteFrom('notes').where('id', '=', id).execute();
      },
      close: () => db.destroy(),
    };
  },
};

const { servers } = require('./kysely-servers.cjs');
exports.postgres = servers.postgres;
exports.mariadb = servers.mariadb;
