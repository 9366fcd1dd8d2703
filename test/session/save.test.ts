/** Writing: what is written, what is not, and what entities know afterwards. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from '../../src/data-source';
import { In, IsNull } from '../../src/query/conditions/operators';
import { Author, Book, Note, Profile, Tag } from './library';
import { openLibrary } from './open-library';

let db: DataSource;
let statements: () => string[];

beforeEach(async () => {
  ({ db, statements } = await openLibrary());
});
afterEach(() => db.destroy());

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { code?: string }) => cause.code ?? cause,
  );

async function twoBooks(): Promise<Author> {
  const author = await db
    .getRepository(Author)
    .save({ name: 'Le Guin', books: [{ title: 'A' }, { title: 'B' }] });
  statements();
  return author;
}

test('a new entity is one INSERT, and learns its key and defaults', async () => {
  const author = new Author();
  author.name = 'Herbert';
  expect(await db.getRepository(Author).save(author)).toBe(author);
  expect(statements()).toEqual(['INSERT INTO "authors" ("name", "bio") VALUES (?, ?)']);
  expect(author).toMatchObject({ id: 1, bio: null });
});

test('a draft becomes an instance, and learns its key too', async () => {
  const draft: { id?: number; name: string } = { name: 'Herbert' };
  const author = await db.getRepository(Author).save(draft);
  expect(author).toBeInstanceOf(Author);
  expect(author.greet()).toBe('I am Herbert');
  expect(draft.id).toBe(1);
});

test('only what changed is written, without reading back', async () => {
  await twoBooks();
  const books = db.getRepository(Book);
  const book = await books.findOneByOrFail({ title: 'A' });
  statements();
  await books.save(book);
  expect(statements()).toEqual([]);
  book.title = 'AA';
  await books.save(book);
  await books.save(book);
  expect(statements()).toEqual(['UPDATE "books" SET "title" = ? WHERE "id" = ?']);
  book.extra = { tags: ['x'] };
  await books.save(book);
  book.extra.tags.push('y');
  await books.save(book);
  expect(statements()).toHaveLength(2);
  expect((await books.findOneByOrFail({ id: book.id })).extra).toEqual({ tags: ['x', 'y'] });
});

test('text that means the same as the row is no change', async () => {
  await twoBooks();
  await db.query(`UPDATE books SET extra = '{ "tags" : [ "x" ] }' WHERE id = 1`);
  const book = await db.getRepository(Book).findOneByOrFail({ id: 1 });
  statements();
  await db.getRepository(Book).save(book);
  expect(statements()).toEqual([]);
});

test('bytes changed in place are a change', async () => {
  const author = await db.getRepository(Author).save({ name: 'x' });
  const profiles = db.getRepository(Profile);
  await profiles.save({ picture: Buffer.from('abc'), author });
  const profile = await profiles.findOneByOrFail({ id: 1 });
  (profile.picture as Buffer)[0] = 0x7a;
  await profiles.save(profile);
  expect((await profiles.findOneByOrFail({ id: 1 })).picture?.toString()).toBe('zbc');
});

test('a column that was not read is not emptied', async () => {
  await twoBooks();
  await db.query("UPDATE books SET secret = 's', pages = 7");
  const some = await db.getRepository(Book).findOneOrFail({ where: { id: 1 }, select: { title: true } });
  some.title = 'new';
  await db.getRepository(Book).save(some as never);
  expect(await db.query('SELECT title, pages, secret, author_id FROM books WHERE id = 1')).toEqual([
    { title: 'new', pages: 7, secret: 's', author_id: 1 },
  ]);
});

describe('an entity that was not loaded', () => {
  test('with a key is an UPDATE of what it says', async () => {
    await twoBooks();
    await db.getRepository(Book).save({ id: 1, title: 'new' });
    expect(statements()).toEqual([
      'BEGIN IMMEDIATE',
      'UPDATE "books" SET "title" = ? WHERE "id" = ?',
      'COMMIT',
    ]);
    expect(await db.query('SELECT title, pages FROM books WHERE id = 1')).toEqual([
      { title: 'new', pages: 100 },
    ]);
  });
  test('with a key that no row has is an INSERT after that', async () => {
    await db.getRepository(Author).save({ id: 7, name: 'Seven' });
    expect(statements().map((sql) => sql.split(' ')[0])).toEqual(['BEGIN', 'UPDATE', 'INSERT', 'COMMIT']);
    expect(await db.getRepository(Author).findOneByOrFail({ id: 7 })).toMatchObject({ name: 'Seven' });
  });
  test('with nothing but its key is asked for, and inserted where it is missing', async () => {
    await db.getRepository(Tag).save({ name: 'x' });
    await db.getRepository(Tag).save({ name: 'x' });
    expect(await db.getRepository(Tag).count()).toBe(1);
  });
  test('comes from another data source or JSON just as well', async () => {
    const author = await twoBooks();
    const copy = Object.assign(new Author(), JSON.parse(JSON.stringify({ id: author.id, name: 'copy' })));
    await db.getRepository(Author).save(copy);
    expect((await db.getRepository(Author).findOneByOrFail({ id: author.id })).name).toBe('copy');
  });
});

test('a row that is gone since it was loaded is told', async () => {
  await twoBooks();
  const book = await db.getRepository(Book).findOneByOrFail({ id: 1 });
  await db.getRepository(Book).delete(1);
  book.title = 'x';
  expect(await codeOf(db.getRepository(Book).save(book))).toBe('ROW_GONE');
});

test('a key that was changed is changed in the row', async () => {
  await db.getRepository(Tag).save({ name: 'a' });
  const tag = await db.getRepository(Tag).findOneByOrFail({ name: 'a' });
  tag.name = 'b';
  await db.getRepository(Tag).save(tag);
  expect((await db.getRepository(Tag).find()).map(({ name }) => name)).toEqual(['b']);
});

test('many are inserted with few statements, in their order', async () => {
  const authors = await db
    .getRepository(Author)
    .save(Array.from({ length: 300 }, (_, i) => ({ name: `n${i}`, ...(i % 2 && { bio: 'b' }) })));
  expect(statements()).toHaveLength(2 + 3);
  expect(authors.map(({ id }) => id)).toEqual(authors.map((_, i) => i + 1));
  const rows = await db.query<{ id: number; name: string }>('SELECT id, name FROM authors ORDER BY id');
  expect(rows.map(({ name }) => name)).toEqual(authors.map(({ name }) => name));
});

test('several are saved whole or not at all', async () => {
  const books = db.getRepository(Author);
  const code = await codeOf(books.save([{ name: 'a' }, { name: null as never }]));
  expect(code).toBe('NOT_NULL_VIOLATION');
  expect(await books.count()).toBe(0);
});

describe('dates, versions and keys that Limbeck makes', () => {
  test('are there after an INSERT, and go on with an UPDATE', async () => {
    const notes = db.getRepository(Note);
    const note = await notes.save({ text: 'a' });
    expect(note.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(note).toMatchObject({ version: 1, deletedAt: null });
    expect(Math.abs(note.createdAt.getTime() - Date.now())).toBeLessThan(5_000);
    const { createdAt, updatedAt } = note;
    await sleep(5);
    note.text = 'b';
    await notes.save(note);
    expect(note.version).toBe(2);
    expect(note.updatedAt.getTime()).toBeGreaterThan(updatedAt.getTime());
    const read = await notes.findOneByOrFail({ id: note.id });
    expect(read).toEqual(note);
    expect(read.createdAt).toEqual(createdAt);
  });
  test('a stale version is refused, and nothing is written', async () => {
    const notes = db.getRepository(Note);
    const { id } = await notes.save({ text: 'a' });
    const [mine, theirs] = [await notes.findOneByOrFail({ id }), await notes.findOneByOrFail({ id })];
    theirs.text = 'theirs';
    await notes.save(theirs);
    mine.text = 'mine';
    const error = await notes.save(mine).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'OptimisticLockError', code: 'OPTIMISTIC_LOCK' });
    expect(await codeOf(notes.remove(mine))).toBe('OPTIMISTIC_LOCK');
    expect((await notes.findOneByOrFail({ id })).text).toBe('theirs');
    expect(await codeOf(notes.save({ id, text: 'x', version: 1 }))).toBe('OPTIMISTIC_LOCK');
    await notes.save({ id, text: 'y', version: 2 });
    await notes.save({ id, text: 'z' });
    expect(await db.query('SELECT text, version FROM notes')).toEqual([{ text: 'z', version: 4 }]);
  });
  test('update() counts on too', async () => {
    const notes = db.getRepository(Note);
    const note = await notes.save({ text: 'a' });
    await sleep(5);
    expect(await notes.update({ id: note.id }, { text: 'b' })).toEqual({ affected: 1 });
    const read = await notes.findOneByOrFail({ id: note.id });
    expect(read.version).toBe(2);
    expect(read.updatedAt.getTime()).toBeGreaterThan(note.updatedAt.getTime());
  });
});

describe('relations', () => {
  test('cascade to new entities on every side, in one transaction', async () => {
    const author = await db.getRepository(Author).save({
      name: 'Le Guin',
      books: [{ title: 'A', tags: [{ name: 'sf' }] }, { title: 'B' }],
    });
    const said = statements();
    expect(said[0]).toBe('BEGIN IMMEDIATE');
    expect(said.filter((sql) => sql.startsWith('INSERT INTO "books" '))).toHaveLength(1);
    expect(said.at(-1)).toBe('COMMIT');
    expect(author.books.map(({ id }) => id)).toEqual([1, 2]);
    expect(() => JSON.stringify(author)).not.toThrow();
    const read = await db
      .getRepository(Author)
      .findOneOrFail({ where: {}, relations: { books: { relations: { tags: true } } } });
    expect(read.books.map(({ title, tags }) => [title, tags.map(({ name }) => name)])).toEqual([
      ['A', ['sf']],
      ['B', []],
    ]);
  });
  test('that do not cascade name the entity that is not saved', async () => {
    const book = { title: 'A', author: { name: 'x' }, editor: { name: 'new' } };
    const error = await db
      .getRepository(Book)
      .save(book)
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'RELATED_NOT_SAVED',
      context: { entity: 'Book', property: 'editor', target: 'Author' },
    });
    expect(await db.getRepository(Author).count()).toBe(0);
  });
  test('a to-one is set by an entity or by its key, and cleared by null', async () => {
    const author = await twoBooks();
    const books = db.getRepository(Book);
    const book = await books.findOneByOrFail({ id: 1 });
    book.editor = author;
    await books.save(book);
    expect(statements().at(-1)).toBe('UPDATE "books" SET "editor_id" = ? WHERE "id" = ?');
    expect(await books.countBy({ editor: author })).toBe(1);
    book.editor = null;
    await books.save(book);
    expect(await books.countBy({ editor: IsNull() })).toBe(2);
    await books.save({ id: 1, editor: { id: author.id } });
    expect(await books.countBy({ editor: author })).toBe(1);
  });
  test('a list that was not loaded is only added to', async () => {
    const author = await twoBooks();
    const read = await db.getRepository(Author).findOneByOrFail({ id: author.id });
    await db.getRepository(Author).save(Object.assign(read, { books: [{ title: 'C' }] }) as never);
    expect(await db.getRepository(Book).countBy({ author })).toBe(3);
    const bare = await db.getRepository(Author).findOneByOrFail({ id: author.id });
    bare.name = 'other';
    await db.getRepository(Author).save(bare);
    expect(await db.getRepository(Book).countBy({ author })).toBe(3);
  });
  test('who was put into a list that was not loaded can be taken out of it again', async () => {
    await twoBooks();
    const books = db.getRepository(Book);
    const [a, b, c] = await db.getRepository(Tag).save([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    await books.save({ id: 1, tags: [a as Tag] });
    const names = async (): Promise<unknown> =>
      (await db.query<{ tag_name: string }>('SELECT tag_name FROM books_tags ORDER BY 1')).map(
        (row) => row.tag_name,
      );
    const book = await books.findOneByOrFail({ id: 1 });
    for (const [tags, found] of [
      [
        [b, c],
        ['a', 'b', 'c'],
      ],
      [[b], ['a', 'b']],
      [
        [b, c],
        ['a', 'b', 'c'],
      ],
      [[], ['a']],
      [[b], ['a', 'b']],
      [null, ['a']],
    ] as const) {
      await books.save(Object.assign(book, { tags }) as never);
      expect(await names()).toEqual(found);
    }
    await books.save(Object.assign(book, { tags: [c] }) as never);
    await db
      .transaction(async () => {
        await books.save(Object.assign(book, { tags: [] }) as never);
        throw new Error('rolled back');
      })
      .catch(() => {});
    await books.save(Object.assign(book, { tags: [] }) as never);
    expect(await names()).toEqual(['a']);
  });
  test('a loaded list that lost a member whose owner is required is refused', async () => {
    await twoBooks();
    const author = await db.getRepository(Author).findOneOrFail({ relations: { books: true } });
    author.books.pop();
    expect(await codeOf(db.getRepository(Author).save(author))).toBe('RELATION_REQUIRED');
    expect(await db.getRepository(Book).count()).toBe(2);
  });
  test('a member that moved to another list moves in the database', async () => {
    await twoBooks();
    const authors = db.getRepository(Author);
    await authors.save({ name: 'other' });
    const load = (id: number) => authors.findOneOrFail({ where: { id }, relations: { books: true } });
    const [from, to] = [await load(1), await load(2)];
    to.books.push(...from.books.splice(1));
    await authors.save([from, to]);
    expect(await db.query('SELECT id, author_id FROM books ORDER BY id')).toEqual([
      { id: 1, author_id: 1 },
      { id: 2, author_id: 2 },
    ]);
  });
  test('a many-to-many gains and loses rows of the join table', async () => {
    await twoBooks();
    const books = db.getRepository(Book);
    await db.getRepository(Tag).save([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    await books.save({ id: 1, tags: [{ name: 'a' }, { name: 'b' }] });
    const names = async (): Promise<unknown> =>
      (await db.query<{ tag_name: string }>('SELECT tag_name FROM books_tags ORDER BY 1')).map(
        (row) => row.tag_name,
      );
    expect(await names()).toEqual(['a', 'b']);
    await books.save({ id: 1, tags: [{ name: 'b' }, { name: 'c' }] });
    expect(await names()).toEqual(['a', 'b', 'c']);
    const book = await books.findOneOrFail({ where: { id: 1 }, relations: { tags: true } });
    book.tags = book.tags.filter(({ name }) => name !== 'a');
    await books.save(book);
    expect(await names()).toEqual(['b', 'c']);
    const tag = await db
      .getRepository(Tag)
      .findOneOrFail({ where: { name: 'c' }, relations: { books: true } });
    tag.books = [];
    await db.getRepository(Tag).save(tag);
    expect(await names()).toEqual(['b']);
  });
  test('new entities in a circle are refused by name', async () => {
    const author = new Author();
    author.name = 'x';
    const book = Object.assign(new Book(), { title: 'A', author });
    author.books = [book] as never;
    await db.getRepository(Author).save(author);
    expect(await db.getRepository(Book).countBy({ author: { name: 'x' } })).toBe(1);
    await db.getRepository(Book).save(book);
  });
});

describe('insert, update, delete, clear', () => {
  test('insert writes keys back, and names unknown properties', async () => {
    const rows = [{ name: 'a' }, { name: 'b' }] as { id?: number; name: string }[];
    expect(await db.getRepository(Author).insert(rows)).toMatchObject({
      identifiers: [{ id: 1 }, { id: 2 }],
      affected: 2,
    });
    expect(rows.map(({ id }) => id)).toEqual([1, 2]);
    expect(await codeOf(db.getRepository(Author).insert({ nmae: 'x' } as never))).toBe('PROPERTY_UNKNOWN');
    expect(await codeOf(db.getRepository(Author).insert({ id: 1, name: 'x' }))).toBe('UNIQUE_VIOLATION');
  });
  const empty: [name: string, criteria: any][] = [
    ['{}', {}],
    ['[]', []],
    ['[{}]', [{}]],
    ['a list with an empty one', [{ id: 1 }, {}]],
    ['undefined', undefined],
    ['null', null],
    ["''", ''],
  ];
  test.each(empty)('%s as criteria is refused', async (_, criteria) => {
    await twoBooks();
    expect(await codeOf(db.getRepository(Book).delete(criteria))).toBe('CRITERIA_EMPTY');
    expect(await codeOf(db.getRepository(Book).update(criteria, { title: 'x' }))).toBe('CRITERIA_EMPTY');
    expect(await db.getRepository(Book).countBy({ title: In(['A', 'B']) })).toBe(2);
  });
  test('undefined inside criteria is refused', async () => {
    await twoBooks();
    expect(await codeOf(db.getRepository(Book).delete({ id: undefined as never }))).toBe('CONDITION_MISSING');
    expect(await codeOf(db.getRepository(Book).update({ title: null as never }, { title: 'x' }))).toBe(
      'CONDITION_MISSING',
    );
    expect(statements()).toEqual([]);
  });
  test('criteria are conditions, a key, or keys', async () => {
    await db.getRepository(Author).insert(Array.from({ length: 6 }, (_, i) => ({ name: `n${i}` })));
    const authors = db.getRepository(Author);
    expect(await authors.delete(1)).toEqual({ affected: 1 });
    expect(await authors.delete([2, 3])).toEqual({ affected: 2 });
    expect(await authors.delete({ name: 'n3' })).toEqual({ affected: 1 });
    expect(await authors.delete({ id: In([]) })).toEqual({ affected: 0 });
    expect(await authors.update([5, 6], { bio: 'x' })).toEqual({ affected: 2 });
    expect(await authors.clear()).toEqual({ affected: 2 });
  });
  test('update takes relations, and refuses what it cannot write', async () => {
    const author = await twoBooks();
    const books = db.getRepository(Book);
    await books.update({ id: 1 }, { editor: author, extra: null });
    expect(await books.countBy({ editor: { name: 'Le Guin' } })).toBe(1);
    expect(await codeOf(books.update(1, {}))).toBe('UPDATE_EMPTY');
    expect(await codeOf(books.update(1, { tags: [] }))).toBe('OPTION_INVALID');
    expect(await codeOf(books.update(1, { titel: 'x' } as never))).toBe('PROPERTY_UNKNOWN');
    expect(await codeOf(books.update(1, { pages: 'x' as never }))).toBe('VALUE_INVALID');
  });
});

test('remove deletes the row and keeps the key; the entity can be saved again', async () => {
  const author = await db.getRepository(Author).save({ name: 'x' });
  await db.getRepository(Author).remove(author);
  expect(author.id).toBe(1);
  expect(await db.getRepository(Author).count()).toBe(0);
  await db.getRepository(Author).save(author);
  expect(await db.getRepository(Author).count()).toBe(1);
  expect(await codeOf(db.getRepository(Author).remove(new Author()))).toBe('KEY_MISSING');
});

test('create and merge take plain data and refuse what they do not know', () => {
  const authors = db.getRepository(Author);
  const author = authors.create({ name: 'x', books: [{ title: 'A' }] });
  expect(author).toBeInstanceOf(Author);
  expect(author.books[0]).toBeInstanceOf(Book);
  expect(authors.create()).toBeInstanceOf(Author);
  expect(authors.create([{ name: 'a' }, { name: 'b' }])).toHaveLength(2);
  expect(authors.merge(author, { name: 'y' }, { bio: 'z' })).toMatchObject({ name: 'y', bio: 'z' });
  expect(() => authors.create({ nmae: 'x' } as never)).toThrow("'Author' has no property 'nmae'");
});

test.each(['save', 'insert', 'remove'] as const)('%s refuses what is no such entity', async (method) => {
  const author = await db.getRepository(Author).save({ name: 'x' });
  for (const stranger of [author, null, undefined, 'x', 1, [[]]]) {
    expect(await codeOf((db.getRepository(Book) as any)[method](stranger))).toBe('ENTITY_INVALID');
  }
  expect(await (db.getRepository(Book) as any)[method]([])).toBeDefined();
});

test('a value that does not fit is refused with its owner, never its content', async () => {
  const error = await db
    .getRepository(Author)
    .save({ name: 'secret'.repeat(20) })
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ name: 'ValidationError', message: expect.stringContaining('Author.name') });
  expect((error as Error).message).not.toContain('secret');
});
