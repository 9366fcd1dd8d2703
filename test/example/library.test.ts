/** The example's own tests, as an application would write them: with the kit, on the shipped configuration. */

import { migrationTests, useTestDatabase } from 'limbeck/testing';
import { Author } from '../../entities/author';
import { Book } from '../../entities/book';
import config from '../../ormconfig';

describe('the library', () => {
  const db = useTestDatabase(config);
  beforeEach(() => db.reset());

  async function addBook(): Promise<Author> {
    const author = await db.getRepository(Author).save({ name: 'Ursula K. Le Guin' });
    await db.getRepository(Book).save({ title: 'The Dispossessed', author });
    return author;
  }

  test('finds books with their authors', async () => {
    await addBook();
    const books = await db.getRepository(Book).find({ relations: { author: true } });
    expect(books.map(({ title, author }) => [title, author.name])).toEqual([
      ['The Dispossessed', 'Ursula K. Le Guin'],
    ]);
  });

  test('loses the books of an author who goes', async () => {
    const author = await addBook();
    await db.getRepository(Author).delete(author.id);
    expect(await db.getRepository(Book).count()).toBe(0);
  });

  test('begins every test empty, and with the first key', async () => {
    expect(await db.getRepository(Book).count()).toBe(0);
    expect((await addBook()).id).toBe(1);
  });
});

describe('the shipped state', () => {
  test('has no revisions, so that the first one adds what the tutorial adds', async () => {
    const { migrations } = await import('limbeck');
    expect(await migrations(config).history()).toEqual([]);
  });
});

/** Where the library's own revisions begin with a table that createSchema() made, they need it to be there. */
const alone = { ...config, entities: [] };
migrationTests(alone);
