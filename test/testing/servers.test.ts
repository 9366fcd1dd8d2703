/** The test kit on servers: a database of its own beside the configured one, in the same state for every test. */

import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, migrations } from '../../src/index';
import { useTestDatabase } from '../../src/testing/index';
import { Author, entities } from '../session/library';
import { createDatabase, isAvailable, type TestDatabase } from '../support/databases';

describe.each((['postgres', 'mysql'] as const).filter(isAvailable))('on %s', (kind) => {
  const config = { url: `${kind}://filled.in/later`, entities };
  let configured: TestDatabase;
  beforeAll(async () => {
    configured = await createDatabase(kind);
    config.url = configured.url;
  });
  afterAll(() => configured.drop());

  const db = useTestDatabase(config);
  const authors = db.getRepository(Author);
  const state = async (): Promise<unknown> => [
    await db.query(
      kind === 'postgres'
        ? 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1'
        : 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1',
    ),
    await db.query('SELECT * FROM authors'),
    await db.query('SELECT * FROM books'),
  ];
  let clean: unknown;
  beforeEach(async () => {
    clean ??= await state();
    await db.reset();
  });

  const damages: [name: string, damage: () => Promise<unknown>][] = [
    ['nothing', async () => {}],
    ['rows', () => authors.save({ name: 'a', books: [{ title: 'A' }] })],
    ['rows that came and went', async () => authors.remove(await authors.save({ name: 'a' }))],
    ['new tables', () => db.query('CREATE TABLE more (id integer)')],
    ['new columns', () => db.query('ALTER TABLE books ADD COLUMN more integer')],
    ['dropped tables', () => db.dropSchema()],
    [
      'a transaction that never ends',
      async () => {
        void db
          .transaction(async () => {
            await authors.save({ name: 'a' });
            await new Promise(() => {});
          })
          .catch(() => {});
        await sleep(50);
      },
    ],
    [
      'a transaction that goes on afterwards',
      async () => {
        void db
          .transaction(async () => {
            await authors.save({ name: 'a' });
            await sleep(100);
            await authors.save({ name: 'b' });
          })
          .catch(() => {});
        await sleep(30);
      },
    ],
  ];
  test.each(damages)('undoes %s', async (_, damage) => {
    await damage();
    await db.reset();
    expect(await state()).toEqual(clean);
    await sleep(150);
    expect(await state()).toEqual(clean);
    expect((await authors.save({ name: 'a' })).id).toBe(1);
  });

  test('gives the same first key to every test', async () => {
    for (let round = 0; round < 3; round++) {
      await db.reset();
      expect((await authors.save({ name: 'a' })).id).toBe(1);
    }
  });

  test('never touches the configured database', async () => {
    await authors.save({ name: 'a' });
    const source = await new DataSource({ url: configured.url }).initialize();
    await expect(source.query('SELECT * FROM authors')).rejects.toThrow();
    await source.destroy();
  });

  test('runs migrations on the test database', async () => {
    const m = migrations(db);
    await m.ensureVersion();
    expect(await db.query('SELECT * FROM limbeck_version')).toEqual([]);
    await db.reset();
    await expect(db.query('SELECT * FROM limbeck_version')).rejects.toThrow();
  });
});
