// The workloads as MikroORM does them, each on a fork of its own, as its guide has requests do.
const { EntitySchema, MikroORM } = require('@mikro-orm/core');
const { Type } = require('@mikro-orm/core');

class Moment extends Type {
  convertToDatabaseValue(value) {
    return value instanceof Date ? value.toISOString().replace('T', ' ').slice(0, 23) : value;
  }
  convertToJSValue(value) {
    return typeof value === 'string' ? new Date(`${value.replace(' ', 'T')}Z`) : value;
  }
  getColumnType() {
    return 'text';
  }
  compareAsType() {
    return 'string';
  }
}
function entities(moment) {
  const id = { type: 'number', primary: true };
  const Author = new EntitySchema({
    name: 'Author',
    tableName: 'authors',
    properties: {
      id,
      name: { type: 'string' },
      born: { type: 'number' },
      books: { kind: '1:m', entity: () => 'Book', mappedBy: 'author' },
    },
  });
  const Book = new EntitySchema({
    name: 'Book',
    tableName: 'books',
    properties: {
      id,
      title: { type: 'string' },
      isbn: { type: 'string' },
      pages: { type: 'number' },
      price: { type: 'double' },
      inPrint: { type: 'boolean', fieldName: 'in_print' },
      publishedAt: { ...moment, fieldName: 'published_at' },
      summary: { type: 'string', nullable: true },
      author: { kind: 'm:1', entity: () => 'Author', fieldName: 'author_id' },
      chapters: { kind: '1:m', entity: () => 'Chapter', mappedBy: 'book' },
      tags: {
        kind: 'm:n',
        entity: () => 'Tag',
        pivotTable: 'books_tags',
        joinColumn: 'book_id',
        inverseJoinColumn: 'tag_id',
      },
    },
  });
  const Chapter = new EntitySchema({
    name: 'Chapter',
    tableName: 'chapters',
    properties: {
      id,
      number: { type: 'number' },
      title: { type: 'string' },
      book: { kind: 'm:1', entity: () => 'Book', fieldName: 'book_id' },
    },
  });
  const Tag = new EntitySchema({
    name: 'Tag',
    tableName: 'tags',
    properties: { id, name: { type: 'string' } },
  });
  const Note = new EntitySchema({
    name: 'Note',
    tableName: 'notes',
    properties: {
      id,
      text: { type: 'string' },
      stars: { type: 'number' },
      writtenAt: { ...moment, fieldName: 'written_at' },
    },
  });
  return [Author, Book, Chapter, Tag, Note];
}

// Its entities carry keys of relations and collections that were not asked for; the answer is what was.
const BOOK = ['id', 'title', 'isbn', 'pages', 'price', 'inPrint', 'publishedAt', 'summary'];
const pick = (entity, names) => Object.fromEntries(names.map((name) => [name, entity[name]]));
/** An array whose JSON is the comparable answer, made only when somebody compares. */
const answer = (found, show) =>
  Object.defineProperty(found ?? {}, 'toJSON', {
    configurable: true,
    enumerable: false,
    value: () => (found === null ? null : Array.isArray(found) ? found.map(show) : show(found)),
  });
const book = (entity) => pick(entity, BOOK);
const author = (entity) => pick(entity, ['id', 'name', 'born']);
const chapter = (entity) => pick(entity, ['id', 'number', 'title']);

const candidate = (moment, optionsOf) => ({
  name: 'MikroORM',
  async open(place) {
    const { setUp = [], ...options } = optionsOf(place);
    const orm = await MikroORM.init({
      ...options,
      entities: entities(moment),
      discovery: { disableDynamicFileAccess: true },
      allowGlobalContext: true,
    });
    for (const sql of setUp) await orm.em.getConnection().execute(sql);
    const orderBy = { id: 'asc' };
    return {
      byKey: async (key) => answer(await orm.em.fork().findOne('Book', { id: key }), book),
      byUnique: async (isbn) => answer(await orm.em.fork().findOne('Book', { isbn }), book),
      rows: async (limit) => answer(await orm.em.fork().find('Book', {}, { orderBy, limit }), book),
      plainRows: async (limit) =>
        answer(await orm.em.fork().find('Chapter', {}, { orderBy, limit }), chapter),
      page: async (pages, offset) =>
        answer(
          await orm.em
            .fork()
            .find(
              'Book',
              { inPrint: true, pages: { $gte: pages } },
              { orderBy: { title: 'asc' }, limit: 20, offset },
            ),
          book,
        ),
      withAuthor: async (limit) =>
        answer(await orm.em.fork().find('Book', {}, { orderBy, limit, populate: ['author'] }), (each) => ({
          ...book(each),
          author: author(each.author),
        })),
      nested: async (limit) =>
        answer(
          await orm.em.fork().find(
            'Author',
            {},
            {
              orderBy: { id: 'asc', books: { id: 'asc', chapters: { id: 'asc' } } },
              limit,
              populate: ['books.chapters'],
              strategy: 'select-in',
            },
          ),
          (each) => ({
            ...author(each),
            books: each.books.getItems().map((one) => ({
              ...book(one),
              chapters: one.chapters.getItems().map(chapter),
            })),
          }),
        ),
      withTags: async (limit) =>
        answer(
          await orm.em.fork().find(
            'Book',
            {},
            {
              orderBy: { id: 'asc', tags: { id: 'asc' } },
              limit,
              populate: ['tags'],
              strategy: 'select-in',
            },
          ),
          (each) => ({ ...book(each), tags: each.tags.getItems().map((tag) => pick(tag, ['id', 'name'])) }),
        ),
      insert: async (note) => {
        const em = orm.em.fork();
        const made = em.create('Note', note);
        await em.persistAndFlush(made);
        return made.id;
      },
      insertMany: async (list) => {
        const em = orm.em.fork();
        await em.insertMany(
          'Note',
          list.map((note) => ({ ...note })),
        );
        return list.length;
      },
      loadChangeSave: async (limit) => {
        const em = orm.em.fork();
        const found = await em.find('Note', {}, { orderBy, limit });
        for (const note of found) note.stars += 1;
        await em.flush();
      },
      saveNew: async (list) => {
        const em = orm.em.fork();
        for (const note of list) em.persist(em.create('Note', note));
        await em.flush();
      },
      saveGraph: async (author) => {
        const em = orm.em.fork();
        em.persist(em.create('Author', structuredClone(author)));
        await em.flush();
      },
      removeMany: async (limit) => {
        const em = orm.em.fork();
        const found = await em.find('Note', {}, { orderBy: { id: 'desc' }, limit });
        for (const note of found) em.remove(note);
        await em.flush();
      },
      upsert: async (key, note) => {
        await orm.em.fork().upsert('Note', { id: key, ...note });
      },
      remove: async (key) => {
        await orm.em.fork().nativeDelete('Note', { id: key });
      },
      close: () => orm.close(),
    };
  },
});

exports.sqlite = candidate({ type: Moment }, (dbName) => ({
  driver: require('@mikro-orm/better-sqlite').BetterSqliteDriver,
  dbName,
  setUp: ['pragma journal_mode = WAL', 'pragma synchronous = NORMAL'],
}));
exports.postgres = candidate({ type: 'Date', columnType: 'timestamp(3)' }, (clientUrl) => ({
  driver: require('@mikro-orm/postgresql').PostgreSqlDriver,
  clientUrl,
  forceUtcTimezone: true,
}));
exports.mariadb = candidate({ type: 'Date', columnType: 'datetime(3)' }, (clientUrl) => ({
  driver: require('@mikro-orm/mariadb').MariaDbDriver,
  clientUrl,
  forceUtcTimezone: true,
}));
