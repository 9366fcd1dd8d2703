/** The example's own tests, as an application would write them: with the kit, on the shipped configuration. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrations } from 'limbeck';
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

// The shipped folder is empty, and the tutorial's first revision adds to tables that createSchema() made; an
// application of one's own begins with a revision that makes them, as here.
describe('a first revision from the entities', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-example-'));
  const own = {
    url: `sqlite:${folder}/library.db`,
    entities: [Author, Book],
    migrations: `${folder}/migrations`,
  };
  beforeAll(async () => {
    const made = await migrations(own).revision({ message: 'create tables', autogenerate: true });
    expect(made?.changes).toEqual([
      "added table 'authors'",
      "added table 'books'",
      "added index 'ix_books_author_id' on 'books'",
    ]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  migrationTests(own);
});
