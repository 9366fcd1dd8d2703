/** Many at once on few connections, connections that go, and the end of it all: nothing leaks and nothing hangs. */

import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';
import { proxied } from '../support/tcp-proxy';

@Entity('marks')
class Mark {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) text!: string;
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { code?: string; message?: string }) => cause.code ?? cause.message,
  );

function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe.each(testDatabases())('%s', (kind) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(kind);
  });
  afterEach(() => database.drop());

  const open = async (
    pool: { max?: number; acquireTimeoutMs?: number },
    url = database.url,
  ): Promise<DataSource> => {
    const db = await new DataSource({ url, entities: [Mark], pool }).initialize();
    await db.createSchema();
    return db;
  };

  /** As the server sees it: its connections to this database besides the one that asks, and what they do. */
  const onServer = async (): Promise<{ connections: number; transactions: number }> => {
    if (kind === 'sqlite') return { connections: 0, transactions: 0 };
    const watcher = await new DataSource({ url: database.url }).initialize();
    try {
      const sql =
        kind === 'postgres'
          ? `SELECT count(*) AS connections, count(xact_start) AS transactions FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
          : `SELECT count(*) AS connections,
                (SELECT count(*) FROM information_schema.innodb_trx JOIN information_schema.processlist p
                    ON p.id = trx_mysql_thread_id WHERE p.db = DATABASE()) AS transactions
               FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()`;
      const [row] = await watcher.query<{ connections: number | string; transactions: number | string }>(sql);
      return { connections: Number(row?.connections), transactions: Number(row?.transactions) };
    } finally {
      await watcher.destroy();
    }
  };

  /** Every connection of the pool can be had at the same time, and none has anything open. */
  const expectWhole = async (db: DataSource, max: number): Promise<void> => {
    const { connections, transactions } = await onServer();
    expect(transactions).toBe(0);
    expect(connections).toBeLessThanOrEqual(max);
    const together = kind === 'sqlite' ? 1 : max;
    const all = gate();
    let inside = 0;
    await Promise.all(
      Array.from({ length: together }, () =>
        db.transaction(async (manager) => {
          await manager.getRepository(Mark).count();
          inside += 1;
          if (inside === together) all.open();
          await all.opened;
        }),
      ),
    );
    expect(inside).toBe(together);
  };

  test('200 transactions on two connections, of which some throw and some go deep', async () => {
    const db = await open({ max: 2 });
    const marks = db.getRepository(Mark);
    const run = (i: number): Promise<void> =>
      db.transaction(async (manager) => {
        await manager.getRepository(Mark).insert({ text: `${i}` });
        if (i % 3 === 0) await sleep(1);
        if (i % 4 === 0) {
          await manager
            .transaction(async () => {
              await marks.insert({ text: 'lost' });
              throw new Error('inner');
            })
            .catch(() => {});
        }
        if (i % 5 === 0) throw new Error('no');
        if (i % 7 === 0) await manager.query('SELECT nothing FROM nowhere');
        await marks.insert({ text: `${i}` });
      });
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, (_, i) => run(i)));
    const kept = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [`${i}`, `${i}`] : []));
    expect(kept).toHaveLength(2 * 137);
    const found = (await marks.find()).map(({ text }) => text);
    expect(found.sort()).toEqual(kept.sort());
    await expectWhole(db, 2);
    await db.destroy();
    expect((await onServer()).connections).toBe(0);
  });

  test('single statements and transactions at once, more than there are connections', async () => {
    const db = await open({ max: 2 });
    const marks = db.getRepository(Mark);
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        if (i % 2 === 0) await marks.insert({ text: 'one' });
        else await db.transaction(() => marks.insert({ text: 'in a transaction' }));
        await marks.count();
      }),
    );
    expect(await marks.count()).toBe(100);
    await expectWhole(db, 2);
    await db.destroy();
  });

  test('who waits too long for a connection is told how many hold one', async () => {
    const db = await open({ max: 2, acquireTimeoutMs: 1_000 });
    const held = kind === 'sqlite' ? 1 : 2;
    const end = gate();
    const holders = Array.from({ length: held }, () =>
      db.transaction(async (manager) => {
        await manager.getRepository(Mark).insert({ text: 'a' });
        await end.opened;
      }),
    );
    await sleep(20);
    const started = performance.now();
    const failure = db.transaction(async () => 1);
    await expect(failure).rejects.toMatchObject({
      code: 'POOL_TIMEOUT',
      name: 'ConnectionError',
      context: { timeoutMs: 1_000, held, waiting: 1 },
    });
    expect(performance.now() - started).toBeLessThan(20_000);
    end.open();
    await Promise.all(holders);
    expect(await db.transaction(async () => 1)).toBe(1);
    await expectWhole(db, 2);
    await db.destroy();
  });

  test('what waits inside a transaction for something outside of it ends with an error, not never', async () => {
    const db = await open({ max: 1, acquireTimeoutMs: 1_000 });
    const outside = gate();
    let work: Promise<unknown> = Promise.resolve();
    // Started outside, it is not part of the transaction that awaits it.
    const starter = outside.opened.then(() => {
      work = codeOf(db.getRepository(Mark).insert({ text: 'outside' }));
    });
    const failure = db.transaction(async () => {
      outside.open();
      await starter;
      expect(await work).toBe('POOL_TIMEOUT');
      throw new Error('so be it');
    });
    await expect(failure).rejects.toThrow('so be it');
    await expectWhole(db, 1);
    await db.destroy();
  });

  test('destroy() while work is running fails that work cleanly', async () => {
    const db = await open({ max: 2 });
    const started = gate();
    const running = Array.from({ length: 20 }, (_, i) =>
      codeOf(
        db.transaction(async (manager) => {
          await manager.getRepository(Mark).insert({ text: `${i}` });
          started.open();
          await sleep(30);
          await manager.getRepository(Mark).insert({ text: `${i}` });
        }),
      ),
    );
    await started.opened;
    await db.destroy();
    const codes = new Set(await Promise.all(running));
    expect([...codes]).toEqual(['CONNECTION_CLOSED']);
    expect(await codeOf(db.transaction(async () => 1))).toBe('DATA_SOURCE_CLOSED');
    expect((await onServer()).connections).toBe(0);
    const again = await open({ max: 2 });
    expect(await again.getRepository(Mark).count()).toBe(0);
    await again.destroy();
  });

  test('a data source may be destroyed twice, at once, and before it was open', async () => {
    const db = await open({});
    await Promise.all([db.destroy(), db.destroy()]);
    await db.destroy();
    await new DataSource({ url: database.url }).destroy();
  });

  if (kind !== 'sqlite') {
    test('connections that are cut under load are replaced; what was acknowledged is there', async () => {
      await (await open({})).destroy();
      const { url, proxy } = await proxied(database.url);
      const db = await new DataSource({ url, entities: [Mark], pool: { max: 4 } }).initialize();
      const kept: string[] = [];
      const doubtful: string[] = [];
      const codes = new Set<unknown>();
      let isOver = false;
      let next = 0;
      const worker = async (): Promise<void> => {
        while (!isOver) {
          const text = `${next++}`;
          const code = await codeOf(
            db.transaction(async (manager) => {
              await manager.getRepository(Mark).insert({ text });
              await sleep(1);
              await manager.getRepository(Mark).insert({ text });
            }),
          );
          codes.add(code);
          if (code === 'nothing was thrown') kept.push(text, text);
          else if (code === 'COMMIT_UNKNOWN') doubtful.push(text);
        }
      };
      const workers = Array.from({ length: 12 }, worker);
      for (let i = 0; i < 12; i++) {
        await sleep(25);
        proxy.cutAll();
      }
      isOver = true;
      await Promise.all(workers);
      codes.delete('nothing was thrown');
      const expected = ['CONNECTION_LOST', 'CONNECTION_FAILED', 'COMMIT_UNKNOWN'];
      for (const code of codes) expect(expected).toContain(code);
      expect(codes.has('CONNECTION_LOST')).toBe(true);
      const found = (await db.getRepository(Mark).find()).map(({ text }) => text);
      const unsure = new Set(doubtful);
      expect(found.filter((text) => !unsure.has(text)).sort()).toEqual(kept.sort());
      await expectWhole(db, 4);
      await db.destroy();
      await proxy.close();
    });

    test('a server that is gone for a while fails calls at once, all of them, and serves when it is back', async () => {
      await (await open({})).destroy();
      const { url, proxy } = await proxied(database.url);
      const db = await new DataSource({ url, entities: [Mark], pool: { max: 2 } }).initialize();
      await Promise.all(Array.from({ length: 4 }, () => db.getRepository(Mark).count()));
      proxy.isDown = true;
      proxy.cutAll();
      await sleep(20);
      const codes = await Promise.all(
        Array.from({ length: 30 }, () => codeOf(db.getRepository(Mark).count())),
      );
      for (const code of codes) expect(['CONNECTION_LOST', 'CONNECTION_FAILED']).toContain(code);
      proxy.isDown = false;
      expect(await db.getRepository(Mark).count()).toBe(0);
      await expectWhole(db, 2);
      await db.destroy();
      await proxy.close();
    });

    test('an idle connection that the server has ended is replaced without anybody noticing', async () => {
      const db = await open({ max: 2 });
      const watcher = await new DataSource({ url: database.url }).initialize();
      const own = kind === 'postgres' ? 'pg_backend_pid()' : 'CONNECTION_ID()';
      const [row] = await db.query<{ id: number }>(`SELECT ${own} AS id`);
      await watcher.query(
        kind === 'postgres' ? `SELECT pg_terminate_backend(${row?.id})` : `KILL ${row?.id}`,
      );
      await sleep(50);
      expect(await db.getRepository(Mark).count()).toBe(0);
      await watcher.destroy();
      await db.destroy();
    });
  }

  const program = (ending: string): string => `
    const { DataSource } = require(${JSON.stringify(path.resolve('src/index.ts'))});
    (async () => {
      const db = new DataSource({ url: ${JSON.stringify(database.url)}, pool: { max: 3 } });
      await db.initialize();
      await Promise.all([1, 2, 3, 4, 5].map(() => db.query('SELECT 1')));
      await db.transaction(() => db.query('SELECT 1'), { readOnly: true });
      ${ending}
      console.log('over');
    })();`;

  test.each([
    ['after destroy()', 'await db.destroy();'],
    ['when it was never destroyed and nothing runs any more', ''],
  ])('the process ends by itself %s', async (_, ending) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', program(ending)]);
    let overAt = 0;
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      if (said.includes('over')) overAt ||= performance.now();
    });
    child.stderr.on('data', (text) => (said += text));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect({ said, code }).toEqual({ said: 'over\n', code: 0 });
    expect(performance.now() - overAt).toBeLessThan(2_000);
  });
});

test.each([
  [{ max: 0 }, "'max' must be a whole number from 1"],
  [{ max: 1.5 }, "'max' must be a whole number from 1"],
  [{ acquireTimeoutMs: 0 }, "'acquireTimeoutMs' must be a number of milliseconds above 0"],
  [{ acquireTimeoutMs: '5s' }, "'acquireTimeoutMs' must be a number of milliseconds above 0"],
  [{ min: 1 }, "knows no 'min'. There are max and acquireTimeoutMs"],
])('pool: %j is refused', async (pool, words) => {
  const db = new DataSource({ url: 'sqlite::memory:', pool: pool as { max: number } });
  await expect(db.initialize()).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await expect(db.initialize()).rejects.toThrow(words);
});
