/** Transactions: who is inside and who is not, savepoints, rollback, and what comes too late. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from '../../src/data-source';
import type { EntityManager } from '../../src/session/entity-manager';
import { Author, Book, entities, Note } from './library';
import { openLibrary } from './open-library';

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { code?: string; message?: string }) => cause.code ?? cause.message,
  );

function signal(): { wait: Promise<void>; give(): void } {
  let give = (): void => {};
  const wait = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { wait, give };
}

const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-tx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

describe.each(['memory', 'file'])('in %s', (kind) => {
  let db: DataSource;
  let statements: () => string[];
  beforeEach(async () => {
    const url = kind === 'memory' ? 'sqlite::memory:' : `sqlite:${path.join(folder, `${++files}.db`)}`;
    ({ db, statements } = await openLibrary({ url }));
  });
  afterEach(() => db.destroy());
  const names = async (): Promise<string[]> =>
    (await db.query<{ name: string }>('SELECT name FROM authors ORDER BY name')).map((row) => row.name);

  test('what is done inside is committed, through any handle', async () => {
    const authors = db.getRepository(Author);
    const result = await db.transaction(async (manager) => {
      await manager.getRepository(Author).save({ name: 'a' });
      await authors.save({ name: 'b' });
      await db.query('INSERT INTO authors (name) VALUES (?)', ['c']);
      return 'done';
    });
    expect(result).toBe('done');
    expect(statements().filter((sql) => sql.startsWith('BEGIN'))).toEqual(['BEGIN IMMEDIATE']);
    expect(await names()).toEqual(['a', 'b', 'c']);
  });

  test('what throws is rolled back, through any handle', async () => {
    const authors = db.getRepository(Author);
    const failure = db.transaction(async (manager) => {
      await manager.getRepository(Author).save({ name: 'a' });
      await authors.save({ name: 'b' });
      throw new Error('no');
    });
    await expect(failure).rejects.toThrow('no');
    expect(await names()).toEqual([]);
  });

  test('a write of another flow is never inside, and stays when it was acknowledged', async () => {
    const [begun, written] = [signal(), signal()];
    const authors = db.getRepository(Author);
    const rolledBack = db.transaction(async () => {
      await authors.save({ name: 'inside' });
      begun.give();
      await sleep(20);
      throw new Error('no');
    });
    const other = (async () => {
      await begun.wait;
      await authors.save({ name: 'outside' });
      written.give();
    })();
    await expect(rolledBack).rejects.toThrow('no');
    await other;
    expect(await names()).toEqual(['outside']);
  });

  test('two flows at once, many times, lose nothing', async () => {
    const authors = db.getRepository(Author);
    const flows = Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0
        ? authors.save({ name: `kept${i}` })
        : db
            .transaction(async () => {
              await authors.save({ name: `lost${i}` });
              await sleep(1);
              throw new Error('no');
            })
            .catch(() => {}),
    );
    await Promise.all(flows);
    const found = await names();
    expect(found).toHaveLength(20);
    expect(found.every((name) => name.startsWith('kept'))).toBe(true);
  });

  test('a read of another flow does not see what is not committed', async () => {
    const [begun, seen] = [signal(), signal()];
    const inside = db.transaction(async () => {
      await db.getRepository(Author).save({ name: 'a' });
      begun.give();
      if (kind === 'file') await seen.wait;
    });
    await begun.wait;
    const count = db.getRepository(Author).count();
    if (kind === 'file') {
      expect(await count).toBe(0);
      seen.give();
    }
    await inside;
    // In memory there is one connection: the read has waited.
    expect(await count).toBe(kind === 'file' ? 0 : 1);
  });

  test('inside another one it is a savepoint', async () => {
    await db.transaction(async (manager) => {
      await manager.getRepository(Author).save({ name: 'a' });
      const failure = manager.transaction(async (inner) => {
        await inner.getRepository(Author).save({ name: 'b' });
        throw new Error('no');
      });
      await expect(failure).rejects.toThrow('no');
      await db.transaction(async () => db.getRepository(Author).save({ name: 'c' }));
    });
    expect(statements().filter((sql) => /^(BEGIN|SAVEPOINT|RELEASE|ROLLBACK|COMMIT)/.test(sql))).toEqual([
      'BEGIN IMMEDIATE',
      'SAVEPOINT limbeck_1',
      'ROLLBACK TO SAVEPOINT limbeck_1',
      'RELEASE SAVEPOINT limbeck_1',
      'SAVEPOINT limbeck_1',
      'RELEASE SAVEPOINT limbeck_1',
      'COMMIT',
    ]);
    expect(await names()).toEqual(['a', 'c']);
  });

  test('savepoints at once queue, and what is beside them is not inside them', async () => {
    await db.transaction(async (manager) => {
      const inner = (name: string, fails: boolean): Promise<unknown> =>
        manager
          .transaction(async () => {
            await db.getRepository(Author).save({ name });
            await sleep(2);
            await db.getRepository(Author).save({ name: `${name}${name}` });
            if (fails) throw new Error('no');
          })
          .catch(() => {});
      await Promise.all([
        inner('a', true),
        inner('b', false),
        manager.getRepository(Author).save({ name: 'beside' }),
        inner('c', true),
        inner('d', false),
      ]);
    });
    expect(await names()).toEqual(['b', 'bb', 'beside', 'd', 'dd']);
  });

  test('several saved at once inside keep their savepoints apart', async () => {
    const authors = db.getRepository(Author);
    await db.transaction(async () => {
      await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          authors.save([{ name: `${i}` }, { name: (i % 2 ? null : `${i}b`) as string }]).catch(() => {}),
        ),
      );
    });
    expect(await names()).toEqual(['0', '0b', '2', '2b', '4', '4b', '6', '6b', '8', '8b']);
  });

  test('a call that comes too late is refused', async () => {
    const authors = db.getRepository(Author);
    let late: Promise<unknown> = Promise.resolve();
    let kept: EntityManager = db.manager;
    await db.transaction(async (manager) => {
      kept = manager;
      late = sleep(5).then(() => codeOf(authors.save({ name: 'late' })));
    });
    expect(await late).toBe('TRANSACTION_CLOSED');
    expect(await codeOf(kept.getRepository(Author).find())).toBe('TRANSACTION_CLOSED');
    expect(await codeOf(kept.transaction(async () => 1))).toBe('TRANSACTION_CLOSED');
    expect(await names()).toEqual([]);
    await authors.save({ name: 'after' });
  });

  test('what nobody awaited still belongs to it, or is refused, but is never half done', async () => {
    const authors = db.getRepository(Author);
    let floating: Promise<unknown> = Promise.resolve();
    await db.transaction(async () => {
      floating = codeOf(authors.save([{ name: 'a', books: [{ title: 'x' }] }, { name: 'b' }]));
    });
    expect(await floating).toBe('nothing was thrown');
    expect(await names()).toEqual(['a', 'b']);
  });

  test('a handle that leaks into another flow still means its transaction while that is open', async () => {
    const [given, used] = [signal(), signal()];
    let leaked: EntityManager = db.manager;
    const inside = db.transaction(async (manager) => {
      leaked = manager;
      given.give();
      await used.wait;
      throw new Error('no');
    });
    await given.wait;
    await leaked.getRepository(Author).save({ name: 'leaked' });
    used.give();
    await expect(inside).rejects.toThrow('no');
    expect(await names()).toEqual([]);
  });

  test('an error of the database may be caught inside, and the rest is committed', async () => {
    await db.transaction(async () => {
      await db.getRepository(Author).insert({ id: 1, name: 'a' });
      expect(await codeOf(db.getRepository(Author).insert({ id: 1, name: 'b' }))).toBe('UNIQUE_VIOLATION');
      await db.getRepository(Author).insert({ id: 2, name: 'c' });
    });
    expect(await names()).toEqual(['a', 'c']);
  });

  test('a COMMIT that is refused is a rollback', async () => {
    const failure = db.transaction(async () => {
      await db.query('PRAGMA defer_foreign_keys = ON');
      await db.query("INSERT INTO books (title, author_id) VALUES ('x', 99)");
    });
    expect(await codeOf(failure)).toBe('FOREIGN_KEY_VIOLATION');
    expect(await db.getRepository(Book).count()).toBe(0);
    await db.transaction(async () => db.getRepository(Author).save({ name: 'a' }));
    expect(await names()).toEqual(['a']);
  });

  test('a transaction that was ended by hand is told, and nothing after it runs', async () => {
    const failure = db.transaction(async () => {
      await db.getRepository(Author).save({ name: 'a' });
      await codeOf(db.query('ROLLBACK'));
      expect(await codeOf(db.getRepository(Author).save({ name: 'b' }))).toBe('TRANSACTION_LOST');
    });
    expect(await codeOf(failure)).toBe('TRANSACTION_LOST');
    expect(await names()).toEqual([]);
  });

  test('a transaction opened by hand is refused', async () => {
    expect(await codeOf(db.query('BEGIN'))).toBe('TRANSACTION_BY_HAND');
    await db.getRepository(Author).save({ name: 'a' });
    expect(await codeOf(db.query('ROLLBACK'))).toBe('QUERY_FAILED');
    expect(await names()).toEqual(['a']);
  });

  test('after a rollback entities are as they were, and can be saved again', async () => {
    const authors = db.getRepository(Author);
    const known = await authors.save({ name: 'known' });
    const fresh = authors.create({ name: 'fresh' });
    const failure = db.transaction(async () => {
      known.name = 'changed';
      await authors.save(known);
      await authors.save(fresh);
      throw new Error('no');
    });
    await expect(failure).rejects.toThrow('no');
    expect(fresh.id).toBeUndefined();
    // Somebody else gets the key that was given back.
    await authors.save({ name: 'other' });
    await authors.save([known, fresh]);
    expect(await names()).toEqual(['changed', 'fresh', 'other']);
  });

  test('after a rollback a version is the old one', async () => {
    const notes = db.getRepository(Note);
    const note = await notes.save({ text: 'a' });
    const failure = db.transaction(async () => {
      note.text = 'b';
      await notes.save(note);
      throw new Error('no');
    });
    await expect(failure).rejects.toThrow('no');
    await notes.save(note);
    expect(await db.query('SELECT text, version FROM notes')).toEqual([{ text: 'b', version: 2 }]);
  });

  test('it waits for nothing when its function throws at once', async () => {
    const run = (() => {
      throw new Error('at once');
    }) as () => Promise<void>;
    await expect(db.transaction(run)).rejects.toThrow('at once');
    expect(await names()).toEqual([]);
  });

  test('the schema is not made inside one', async () => {
    expect(await codeOf(db.transaction(() => db.createSchema()))).toBe('SCHEMA_IN_TRANSACTION');
  });
});

test('another process that holds the file is waited for, and the event loop is free meanwhile', async () => {
  const url = `sqlite:${path.join(folder, 'shared.db')}`;
  const { db } = await openLibrary({ url });
  // The second data source of one process stands for another process: it has connections of its own.
  const second = new DataSource({ url, entities });
  await second.initialize();
  const held = db.transaction(async () => {
    await db.getRepository(Author).save({ name: 'first' });
    await sleep(60);
  });
  await sleep(5);
  await second.getRepository(Author).save({ name: 'second' });
  await held;
  expect(await db.getRepository(Author).count()).toBe(2);
  await Promise.all([db.destroy(), second.destroy()]);
});
