/** The test kit: every test begins in the same state, whatever the one before did. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Column, Entity, PrimaryGeneratedColumn } from '../../src/decorators/index';
import { migrations } from '../../src/migrations';
import { migrationTests, useTestDatabase } from '../../src/testing/index';
import { findRunner } from '../../src/testing/runner';
import { Author, Book, entities } from '../session/library';

const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-kit-'));
const production = path.join(folder, 'production.db');
const config = { url: `sqlite:${production}`, entities };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('migrations of the test database', () => {
  const db = useTestDatabase(config);
  // Made while the database is not open yet, as a describe() does.
  const m = migrations(db);

  it('are those of the test database, never of the configured one, and survive a reset', async () => {
    await m.ensureVersion();
    expect(await db.query("SELECT name FROM sqlite_schema WHERE name = 'limbeck_version'")).toHaveLength(1);
    await db.reset();
    expect(await m.current()).toEqual([]);
    expect(existsSync(production)).toBe(false);
  });

  it('are refused where it is not open', async () => {
    const runner = { beforeAll: () => {}, afterAll: () => {} };
    const closed = migrations(useTestDatabase(config, { runner }));
    await expect(closed.ensureVersion()).rejects.toMatchObject({ code: 'TEST_DATABASE_CLOSED' });
    expect(existsSync(production)).toBe(false);
  });
});

describe('useTestDatabase()', () => {
  const db = useTestDatabase(config);
  const authors = db.getRepository(Author);
  const state = async (): Promise<unknown> => [
    await db.query('SELECT type, name, sql FROM sqlite_schema ORDER BY name'),
    await db.query('SELECT * FROM sqlite_sequence'),
    await db.query('SELECT * FROM authors'),
    await db.query('PRAGMA foreign_keys'),
  ];
  let clean: unknown;
  beforeAll(async () => {
    clean = await state();
  });
  beforeEach(() => db.reset());
  afterEach(async () => {
    await db.reset();
    expect(await state()).toEqual(clean);
  });

  const damages: [name: string, damage: () => Promise<unknown>][] = [
    ['nothing', async () => {}],
    ['rows', () => authors.save({ name: 'a', books: [{ title: 'A' }] })],
    ['rows that came and went', async () => authors.remove(await authors.save({ name: 'a' }))],
    ['new tables', () => db.query('CREATE TABLE more (id integer)')],
    ['dropped tables', () => db.dropSchema()],
    ['settings', () => db.query('PRAGMA foreign_keys = OFF')],
    [
      'a transaction that never ends',
      async () => {
        void db.transaction(async () => {
          await authors.save({ name: 'a' });
          await new Promise(() => {});
        });
        await sleep(1);
      },
    ],
    [
      'a transaction that goes on afterwards',
      async () => {
        void db
          .transaction(async () => {
            await authors.save({ name: 'a' });
            await sleep(5);
            await authors.save({ name: 'b' });
          })
          .catch(() => {});
        await sleep(1);
      },
    ],
    [
      'writers that wait in line',
      async () => {
        void db.transaction(() => new Promise(() => {}));
        await sleep(1);
        for (let i = 0; i < 3; i++) void authors.save({ name: `${i}` }).catch(() => {});
      },
    ],
  ];
  test.each(damages)('undoes %s', async (_, damage) => {
    await damage();
    await db.reset();
    expect(await state()).toEqual(clean);
    await sleep(10);
    expect(await state()).toEqual(clean);
    expect((await authors.save({ name: 'a' })).id).toBe(1);
  });

  test('gives the same first key to every test', async () => {
    for (let round = 0; round < 3; round++) {
      await db.reset();
      expect((await authors.save({ name: 'a' })).id).toBe(1);
    }
  });

  test('takes a transaction that is still open to its end', async () => {
    let outcome: unknown;
    const late = db
      .transaction(async () => {
        await sleep(5);
        await authors.save({ name: 'late' });
      })
      .catch((cause: { code: string }) => {
        outcome = cause.code;
      });
    await sleep(1);
    await db.reset();
    await late;
    expect(outcome).toBe('TRANSACTION_CLOSED');
    expect(await authors.count()).toBe(0);
  });

  test('may be reset twice at once', async () => {
    await authors.save({ name: 'a' });
    await Promise.all([db.reset(), db.reset(), db.reset()]);
    expect(await authors.count()).toBe(0);
  });

  test('stands in for a data source', async () => {
    await db.transaction(async (manager) => manager.getRepository(Book).count());
    expect(db.metadata(Author).tableName).toBe('authors');
    expect(db.isInitialized).toBe(true);
    expect(await db.sql`SELECT ${1} AS one`).toEqual([{ one: 1 }]);
    expect(await migrations(db).current()).toEqual([]);
  });

  test('never opens the database of the configuration', () => {
    expect(() => rmSync(production)).toThrow('ENOENT');
  });

  test('is closed outside tests, with an error that says so', async () => {
    const hooks: (() => Promise<void>)[] = [];
    const hook = (run: () => Promise<void>): unknown => hooks.push(run);
    const other = useTestDatabase(config, { runner: { before: hook, after: hook } });
    await expect(other.query('SELECT 1')).rejects.toThrow('is not open');
    await hooks[0]?.();
    expect(await other.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
    await hooks[1]?.();
    expect(() => other.dataSource).toThrow('is not open');
  });
});

describe('fifty tables', () => {
  const classes = Array.from({ length: 50 }, (_, i) => {
    @Entity(`table${i}`)
    class Table {
      @PrimaryGeneratedColumn() id!: number;
      @Column('varchar', { length: 20, unique: true }) name!: string;
    }
    return Table;
  });
  const db = useTestDatabase({ url: 'sqlite::memory:', entities: classes });

  test('are reset in about a millisecond', async () => {
    await db.reset();
    const start = performance.now();
    for (let i = 0; i < 50; i++) await db.reset();
    // Generous for a busy machine; measured at 0.3 ms.
    expect((performance.now() - start) / 50).toBeLessThan(5);
  });
});

@Entity('things')
class Thing {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
}

describe('with migrations', () => {
  const revisions = path.join(folder, 'migrations');
  const withMigrations = { url: 'sqlite::memory:', entities: [Thing], migrations: revisions };
  beforeAll(async () => {
    const made = await migrations(withMigrations).revision({ message: 'things', autogenerate: true });
    expect(made?.path).toContain(revisions);
  });

  describe('useTestDatabase({ via })', () => {
    const db = useTestDatabase(withMigrations, { via: 'migrations' });
    test('has the schema that the migrations make, and keeps it at a reset', async () => {
      await db.getRepository(Thing).save({ name: 'a' });
      await db.reset();
      expect(await db.getRepository(Thing).count()).toBe(0);
      expect(await db.query('SELECT count(*) AS n FROM limbeck_version')).toEqual([{ n: 1 }]);
    });
  });

  migrationTests(withMigrations);

  test('each of the tests can fail', async () => {
    const failing = path.join(folder, 'failing');
    const broken = {
      ...withMigrations,
      migrations: failing,
      entities: [Thing, Author, Book, ...entities.slice(2)],
    };
    await migrations({ ...withMigrations, migrations: failing }).revision({
      message: 'things',
      autogenerate: true,
    });
    const one = await migrations({ ...withMigrations, migrations: failing }).heads();
    const file = one[0]?.path as string;
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/op\.dropTable\('things'\);/, ''));
    const results = await runAll((runner) => migrationTests(broken, { runner }));
    expect(results).toEqual({
      'have one head': 'passed',
      'upgrade an empty database': 'passed',
      'match the entities': expect.stringContaining("added table 'authors'"),
      'go down and up again, one by one': expect.stringMatching(/another schema \('things'\)|exists/),
    });
  });
});

/** Runs what a registration registers, and tells how it went. */
async function runAll(
  register: (runner: Required<Pick<Parameters<typeof findRunner>[0] & object, 'describe' | 'it'>>) => void,
): Promise<Record<string, string>> {
  const tests: [string, () => void | Promise<void>][] = [];
  register({ describe: (_, run) => run(), it: (name, run) => tests.push([name, run]) });
  const results: Record<string, string> = {};
  for (const [name, run] of tests) {
    results[name] = await Promise.resolve()
      .then(run)
      .then(
        () => 'passed',
        (cause: Error) => cause.message,
      );
  }
  return results;
}

describe('findRunner()', () => {
  test('finds the globals when it is called, and node:test’s names too', () => {
    expect(findRunner(undefined, ['describe', 'it', 'beforeAll', 'afterAll']).beforeAll).toBe(beforeAll);
    const hook = (): void => {};
    expect(findRunner({ before: hook, after: hook }, ['beforeAll', 'afterAll'])).toEqual({
      beforeAll: hook,
      afterAll: hook,
    });
  });
  test('says what is missing where no runner is', () => {
    expect(() => findRunner({}, ['describe', 'beforeAll'])).toThrow('describe, beforeAll');
  });
});
