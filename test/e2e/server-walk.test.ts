/** The walks of README.md on a server: nothing but the URL in ormconfig.ts is another one. */

import { DataSource } from 'limbeck';
import { ReadmeWalk } from '../docs/readme-walk';
import { Scratch } from '../example/scratch';
import { createDatabase, isAvailable, type TestDatabase } from '../support/databases';

describe.each((['postgres', 'mysql'] as const).filter(isAvailable))('on %s', (kind) => {
  let scratch: Scratch;
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    scratch = new Scratch();
    database = await createDatabase(kind);
    source = await new DataSource({ url: database.url }).initialize();
    const config = scratch.read('ormconfig.ts');
    scratch.write('ormconfig.ts', config.replace("'sqlite:library.db'", JSON.stringify(database.url)));
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
    scratch.remove();
  });

  test('all four parts, and the books are there', async () => {
    // What SQLite's driver does there by hand is done here by SQL.
    const walk = new ReadmeWalk(scratch, async (line) => {
      const sql = /^node -e "require\('better-sqlite3'\)\('library\.db'\)\.exec\('(.*)'\)"$/.exec(line)?.[1];
      if (sql !== undefined) await source.query(sql);
      return sql !== undefined;
    });
    for (const heading of ['### Tutorial', '### Alter it', '### Break it', '### Fix it'])
      await walk.go(heading);
    expect(
      await source.query(
        'SELECT books.id, title, name, genre, isbn, notes FROM books JOIN authors ON authors.id = author_id ORDER BY books.id',
      ),
    ).toEqual(
      [
        { id: 1, title: 'The Pragmatic Programmer', name: 'David Thomas' },
        { id: 2, title: 'Clean Code', name: 'Robert C. Martin' },
        { id: 3, title: 'Fluent Python', name: 'Luciano Ramalho' },
      ].map((row) => ({ ...row, genre: 'programming', isbn: null, notes: null })),
    );
  }, 300_000);
});
