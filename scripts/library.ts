// The example application: a small library of authors and books in library.db.
//
//   npm run library
//
// The first run makes the tables from entities/ and puts three books in; every run prints what is there. Columns
// that the tutorial adds are shown below the books as the database has them, whatever the entities say.
import { DataSource, QueryError } from 'limbeck';
import { Author } from '../entities/author';
import { Book } from '../entities/book';
import config from '../ormconfig';

const SAMPLE = [
  { title: 'The Pragmatic Programmer', author: 'David Thomas' },
  { title: 'Clean Code', author: 'Robert C. Martin' },
  { title: 'Fluent Python', author: 'Luciano Ramalho' },
];

async function main(): Promise<void> {
  await using db = new DataSource(config);
  await db.initialize();

  const done: string[] = [];
  if (await isWithoutTables(db)) {
    await db.createSchema();
    done.push('Tables created.');
  }
  if (!(await db.getRepository(Author).exists())) {
    await insertSample(db);
    done.push('Sample data inserted.');
  }
  if (done.length > 0) console.log(done.join(' '));
  await printBooks(db);
  await printNewColumns(db);
}

/** Tables that are there were made by an earlier run, or by a migration, and stay as they are. */
async function isWithoutTables(db: DataSource): Promise<boolean> {
  try {
    await db.sql`SELECT id FROM books WHERE id = 0`;
    return false;
  } catch (error) {
    if (error instanceof QueryError) return true;
    throw error;
  }
}

async function insertSample(db: DataSource): Promise<void> {
  await db.transaction(async (manager) => {
    for (const { title, author } of SAMPLE) {
      const writer = await manager.getRepository(Author).save({ name: author });
      await manager.getRepository(Book).save({ title, author: writer });
    }
  });
}

async function printBooks(db: DataSource): Promise<void> {
  const books = await db.getRepository(Book).find({ relations: { author: true }, order: { id: 'ASC' } });
  console.log('Books in database:');
  for (const { id, title, author } of books) {
    console.log(`  ${id} | ${title.padEnd(28)} | ${author.name}`);
  }
}

async function printNewColumns(db: DataSource): Promise<void> {
  const rows = await db.sql<Record<string, unknown>>`SELECT * FROM books ORDER BY id`;
  const added = Object.keys(rows[0] ?? {}).filter((name) => !['id', 'title', 'author_id'].includes(name));
  if (added.length === 0) return;
  console.log('Columns that are new:');
  for (const row of rows) {
    console.log(`  ${row.id} | ${added.map((name) => `${name} = ${row[name] ?? 'NULL'}`).join(' | ')}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `FAILED: ${error.message}` : error);
  process.exitCode = 1;
});
