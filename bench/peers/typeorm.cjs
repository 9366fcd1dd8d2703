// The workloads as TypeORM does them.
require('reflect-metadata');
const { DataSource, EntitySchema, LessThanOrEqual, MoreThanOrEqual } = require('typeorm');

/** The entities, of which a few columns are of types that each database names in its own way. */
function entities({ double, moment, precision }) {
  const id = { type: 'integer', primary: true, generated: true };
  const Author = new EntitySchema({
    name: 'Author',
    tableName: 'authors',
    columns: { id, name: { type: 'varchar' }, born: { type: 'integer' } },
    relations: { books: { type: 'one-to-many', target: 'Book', inverseSide: 'author', cascade: true } },
  });
  const Book = new EntitySchema({
    name: 'Book',
    tableName: 'books',
    columns: {
      id,
      title: { type: 'varchar' },
      isbn: { type: 'varchar' },
      pages: { type: 'integer' },
      price: { type: double },
      inPrint: { type: 'boolean', name: 'in_print' },
      publishedAt: { type: moment, name: 'published_at', ...precision },
      summary: { type: 'text', nullable: true },
    },
    relations: {
      author: { type: 'many-to-one', target: 'Author', joinColumn: { name: 'author_id' } },
      chapters: { type: 'one-to-many', target: 'Chapter', inverseSide: 'book', cascade: true },
      tags: {
        type: 'many-to-many',
        target: 'Tag',
        joinTable: {
          name: 'books_tags',
          joinColumn: { name: 'book_id' },
          inverseJoinColumn: { name: 'tag_id' },
        },
      },
    },
  });
  const Chapter = new EntitySchema({
    name: 'Chapter',
    tableName: 'chapters',
    columns: { id, number: { type: 'integer' }, title: { type: 'varchar' } },
    relations: { book: { type: 'many-to-one', target: 'Book', joinColumn: { name: 'book_id' } } },
  });
  const Tag = new EntitySchema({
    name: 'Tag',
    tableName: 'tags',
    columns: { id: { type: 'integer', primary: true }, name: { type: 'varchar' } },
  });
  const Note = new EntitySchema({
    name: 'Note',
    tableName: 'notes',
    columns: {
      id,
      text: { type: 'varchar' },
      stars: { type: 'integer' },
      writtenAt: { type: moment, name: 'written_at', ...precision },
    },
  });
  return { Author, Book, Chapter, Tag, Note };
}

const candidate = (types, optionsOf) => ({
  name: 'TypeORM',
  async open(place) {
    const { Author, Book, Chapter, Tag, Note } = entities(types);
    const db = new DataSource({ ...optionsOf(place), entities: [Author, Book, Chapter, Tag, Note] });
    await db.initialize();
    const books = db.getRepository(Book);
    const authors = db.getRepository(Author);
    const chapters = db.getRepository(Chapter);
    const notes = db.getRepository(Note);
    const order = { id: 'ASC' };
    return {
      byKey: (key) => books.findOneBy({ id: key }),
      byUnique: (isbn) => books.findOneBy({ isbn }),
      rows: (take) => books.find({ order, take }),
      plainRows: (take) => chapters.find({ order, take }),
      page: (pages, skip) =>
        books.find({
          where: { inPrint: true, pages: MoreThanOrEqual(pages) },
          order: { title: 'ASC' },
          take: 20,
          skip,
        }),
      withAuthor: (take) => books.find({ order, take, relations: { author: true } }),
      // Not `take`: with an order inside a to-many it counts joined rows.
      nested: (take) =>
        authors.find({
          order: { id: 'ASC', books: { id: 'ASC', chapters: { id: 'ASC' } } },
          where: { id: LessThanOrEqual(take) },
          relations: { books: { chapters: true } },
        }),
      withTags: (take) =>
        books.find({
          order: { id: 'ASC', tags: { id: 'ASC' } },
          where: { id: LessThanOrEqual(take) },
          relations: { tags: true },
        }),
      aggregate: async (authorId) => ({
        count: await books.countBy({ author: { id: authorId } }),
        pages: Number(await books.sum('pages', { author: { id: authorId } })),
      }),
      insert: async (note) => (await notes.save({ ...note })).id,
      insertMany: async (list) => {
        // Its own INSERT of many rows exceeds SQLite's parameters and must be cut by hand.
        await db.transaction(async (manager) => {
          for (let from = 0; from < list.length; from += 1_000) {
            await manager
              .getRepository(Note)
              .insert(list.slice(from, from + 1_000).map((note) => ({ ...note })));
          }
        });
        return list.length;
      },
      loadChangeSave: async (take) => {
        const found = await notes.find({ order, take });
        for (const note of found) note.stars += 1;
        await notes.save(found);
      },
      saveNew: (list) => notes.save(list.map((note) => ({ ...note }))),
      saveGraph: (author) => authors.save(structuredClone(author)),
      removeMany: async (take) => {
        await notes.remove(await notes.find({ order: { id: 'DESC' }, take }));
      },
      upsert: async (key, note) => {
        await notes.upsert({ id: key, ...note }, ['id']);
      },
      remove: async (key) => {
        await notes.delete(key);
      },
      close: () => db.destroy(),
    };
  },
});

exports.sqlite = candidate({ double: 'double', moment: 'datetime', precision: {} }, (database) => ({
  type: 'better-sqlite3',
  database,
  prepareDatabase: (native) => {
    native.pragma('journal_mode = WAL');
    native.pragma('synchronous = NORMAL');
  },
}));
exports.postgres = candidate(
  { double: 'double precision', moment: 'timestamp', precision: { precision: 3 } },
  (url) => ({ type: 'postgres', url }),
);
exports.mariadb = candidate({ double: 'double', moment: 'datetime', precision: { precision: 3 } }, (url) => ({
  type: 'mariadb',
  url,
  timezone: 'Z',
}));
