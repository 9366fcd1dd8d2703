/** Runs that meet others: runners at the same time, readers in the way, indexes built beside writers. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isLimbeckError, type LimbeckError } from '../../src/base/errors';
import { DatabaseBench } from '../support/database-bench';
import { isAvailable } from '../support/databases';

const SERVERS = (['postgres', 'mysql'] as const).filter(isAvailable);

const benches: DatabaseBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

async function open(kind: 'postgres' | 'mysql', lockTimeoutMs = 10_000): Promise<DatabaseBench> {
  const bench = await DatabaseBench.open(kind, { lockTimeoutMs });
  benches.push(bench);
  return bench;
}

async function errorOf(work: Promise<unknown>): Promise<LimbeckError> {
  try {
    await work;
  } catch (cause) {
    if (isLimbeckError(cause)) return cause;
    throw cause;
  }
  throw new Error('Nothing was thrown.');
}

const counters = (bench: DatabaseBench): void => {
  bench.add((op) => {
    op.createTable('counters', {
      columns: { id: { type: 'integer' }, n: { type: 'integer' } },
      primaryKey: { columns: ['id'] },
    });
    op.bulkInsert('counters', [{ id: 1, n: 0 }]);
  });
};

describe.each(SERVERS)('on %s', (kind) => {
  test('eight runners on an empty database apply each revision once, and none fails', async () => {
    const rounds = Number(process.env.LIMBECK_ROUNDS ?? 5);
    for (let round = 0; round < rounds; round++) {
      const bench = await open(kind, 30_000);
      counters(bench);
      for (let i = 0; i < 3; i++) {
        bench.add(async (op) => {
          op.addColumn('counters', `c${i}`, { type: 'integer', nullable: true });
          await op.execute('UPDATE counters SET n = n + 1');
        });
      }
      const runs = Array.from({ length: 8 }, () => bench.another({ lockTimeoutMs: 30_000 }).upgrade('head'));
      const reports = await Promise.all(runs);
      expect(reports.flatMap(({ steps }) => steps)).toHaveLength(4);
      expect(await bench.sql('SELECT n FROM counters')).toEqual([{ n: 3 }]);
      expect(await bench.sql('SELECT version_num FROM limbeck_version')).toHaveLength(1);
      await bench.close();
      benches.splice(benches.indexOf(bench), 1);
    }
  }, 240_000);

  test('a run waits for another one, and names it when it waits in vain', async () => {
    const bench = await open(kind);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let began = (): void => {};
    const started = new Promise<void>((resolve) => {
      began = resolve;
    });
    bench.add(async (op) => {
      await op.query('SELECT 1 AS one');
      began();
      await held;
      op.createTable('t', { columns: { id: { type: 'integer' } } });
    });
    const first = bench.commands.upgrade('head');
    await started;
    const failure = await errorOf(bench.another({ lockTimeoutMs: 300 }).upgrade('head'));
    expect(failure.code).toBe('LOCK_TIMEOUT');
    expect(failure.message).toMatch(/limbeck|\d+/);
    const waiting = bench.another({ lockTimeoutMs: 10_000 }).upgrade('head');
    release();
    await first;
    expect((await waiting).steps).toEqual([]);
  });

  test('a long reader delays nobody for long, and is named when the run gives up', async () => {
    const bench = await open(kind, 1_500);
    counters(bench);
    await bench.commands.upgrade('head');
    const id = bench.add((op) => op.addColumn('counters', 'late', { type: 'integer', nullable: true }));
    const reader = await bench.database.acquire('write');
    await reader.connection.run('BEGIN');
    await reader.connection.query('SELECT * FROM counters');
    const run = errorOf(bench.commands.upgrade('head'));
    const delays: number[] = [];
    const until = Date.now() + 1_200;
    while (Date.now() < until) {
      const start = Date.now();
      await bench.sql('SELECT count(*) FROM counters');
      delays.push(Date.now() - start);
      await sleep(20);
    }
    const failure = await run;
    expect(failure.code).toBe('LOCK_NOT_AVAILABLE');
    expect((failure.context as { blockers: string[] }).blockers.join()).not.toBe('');
    expect(Math.max(...delays)).toBeLessThan(1_000);
    await reader.connection.run('ROLLBACK');
    reader.release();
    await bench.commands.upgrade('head');
    expect(await bench.commands.current()).toMatchObject([{ revision: id }]);
  }, 30_000);

  test('a reader that ends in time is waited for', async () => {
    const bench = await open(kind);
    counters(bench);
    await bench.commands.upgrade('head');
    bench.add((op) => op.addColumn('counters', 'late', { type: 'integer', nullable: true }));
    const reader = await bench.database.acquire('write');
    await reader.connection.run('BEGIN');
    await reader.connection.query('SELECT * FROM counters');
    const run = bench.commands.upgrade('head');
    await sleep(1_500);
    await reader.connection.run('COMMIT');
    reader.release();
    expect((await run).steps).toHaveLength(1);
  }, 30_000);
});

(isAvailable('postgres') ? describe : describe.skip)('indexes beside writers', () => {
  test('a second runner that waits does not stop an index from being built concurrently', async () => {
    const bench = await open('postgres', 30_000);
    counters(bench);
    await bench.commands.upgrade('head');
    await bench.sql('INSERT INTO counters SELECT i, i FROM generate_series(2, 200000) i');
    bench.add((op) => op.createIndex('ix_counters_n', 'counters', ['n'], { concurrently: true }));
    const runs = await Promise.all(
      Array.from({ length: 3 }, () => bench.another({ lockTimeoutMs: 30_000 }).upgrade('head')),
    );
    expect(runs.flatMap(({ steps }) => steps)).toHaveLength(1);
    expect(
      await bench.sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_counters_n'::regclass"),
    ).toEqual([{ indisvalid: true }]);
  }, 60_000);

  test('a unique index that fails on duplicates leaves nothing, and is built when they are gone', async () => {
    const bench = await open('postgres');
    counters(bench);
    await bench.commands.upgrade('head');
    await bench.sql('INSERT INTO counters VALUES (2, 0)');
    bench.add((op) => {
      op.addColumn('counters', 'before', { type: 'integer', nullable: true });
      op.createUniqueConstraint('uq_counters_n', 'counters', ['n'], { concurrently: true });
      op.addColumn('counters', 'after', { type: 'integer', nullable: true });
    });
    const failure = await errorOf(bench.commands.upgrade('head'));
    expect(['STEP_LOSES_DATA', 'UNIQUE_VIOLATION']).toContain(failure.code);
    expect(await bench.sql('SELECT count(*) AS n FROM pg_index WHERE NOT indisvalid')).toEqual([{ n: 0 }]);
    await bench.sql('DELETE FROM counters WHERE id = 2');
    await bench.commands.upgrade('head');
    const [table] = (await bench.found()).tables;
    expect(table?.uniques).toMatchObject([{ name: 'uq_counters_n' }]);
    expect(table?.columns.map(({ name }) => name)).toEqual(['id', 'n', 'before', 'after']);
  });

  test('an invalid index that a killed run has left is built again', async () => {
    const bench = await open('postgres');
    counters(bench);
    await bench.commands.upgrade('head');
    await bench.sql('INSERT INTO counters VALUES (2, 0)');
    await errorOf(
      bench.with((connection) =>
        Promise.resolve(connection.run('CREATE UNIQUE INDEX CONCURRENTLY ix_u ON counters (n)')),
      ),
    );
    await bench.sql('DELETE FROM counters WHERE id = 2');
    bench.add((op) => op.createIndex('ix_u', 'counters', ['n'], { unique: true, concurrently: true }));
    await bench.commands.upgrade('head');
    expect((await bench.found()).tables[0]?.indexes).toMatchObject([{ name: 'ix_u', unique: true }]);
  });

  test('keys, checks and NOT NULL come unvalidated first, and each is validated by itself', async () => {
    const bench = await open('postgres');
    counters(bench);
    await bench.commands.upgrade('head');
    bench.add(
      (op) => {
        op.createCheckConstraint('ck_counters_n', 'counters', 'n >= 0', { concurrently: true });
        op.alterColumn('counters', 'n', { nullable: false, concurrently: true });
        op.createForeignKey('fk_self', 'counters', ['n'], 'counters', ['id'], { concurrently: true });
      },
      (op) => {
        op.dropConstraint('fk_self', 'counters');
        op.dropConstraint('ck_counters_n', 'counters');
      },
    );
    const failure = await errorOf(bench.commands.upgrade('head'));
    expect(failure.code).toBe('STEP_LOSES_DATA');
    await bench.sql('UPDATE counters SET n = 1');
    await bench.commands.upgrade('head');
    expect(
      await bench.sql(
        "SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'counters'::regclass AND contype IN ('c', 'f') ORDER BY 1",
      ),
    ).toEqual([
      { conname: 'ck_counters_n', convalidated: true },
      { conname: 'fk_self', convalidated: true },
    ]);
  });

  test('an enum value is used in the revision that adds it', async () => {
    const bench = await open('postgres');
    await bench.run((op) => {
      op.createTable('t', {
        columns: { id: { type: 'integer' }, mood: { type: 'enum', enum: ['sad'], enumName: 'mood' } },
      });
      op.bulkInsert('t', [{ id: 1, mood: 'sad' }]);
    });
    await bench.run(async (op) => {
      op.alterEnum('mood', { add: ['happy'] });
      op.addColumn('t', 'later', { type: 'integer', nullable: true });
      await op.execute("UPDATE t SET mood = 'happy'");
    });
    expect(await bench.sql('SELECT mood FROM t')).toEqual([{ mood: 'happy' }]);
  });

  test('steps outside the transaction are committed one by one', async () => {
    const bench = await open('postgres');
    counters(bench);
    await bench.commands.upgrade('head');
    let fails = true;
    bench.add(async (op) => {
      op.addColumn('counters', 'a', { type: 'integer', nullable: true });
      await op.outsideTransaction(() => op.execute('VACUUM counters'));
      await op.execute('UPDATE counters SET n = n + 1');
      await op.execute(fails ? 'UPDATE nowhere SET n = 1' : 'SELECT 1');
    });
    expect((await errorOf(bench.commands.upgrade('head'))).code).toBe('QUERY_FAILED');
    expect((await bench.found()).tables[0]?.columns.map(({ name }) => name)).toEqual(['id', 'n', 'a']);
    expect(await bench.sql('SELECT n FROM counters')).toEqual([{ n: 0 }]);
    fails = false;
    await bench.commands.upgrade('head');
    expect(await bench.sql('SELECT n FROM counters')).toEqual([{ n: 1 }]);
  });
});
