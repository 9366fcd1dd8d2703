/** Revisions that no transaction holds: every DDL of MySQL, and on PostgreSQL what must stand outside. */

import { error } from '../../src/base/error-codes';
import { isLimbeckError } from '../../src/base/errors';
import type { Connection, Database, MaybePromise } from '../../src/dialects/contract';
import type { Operations } from '../../src/migration/operations-api';
import { DatabaseBench } from '../support/database-bench';
import { isAvailable } from '../support/databases';

const benches: DatabaseBench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

async function open(kind: 'postgres' | 'mysql'): Promise<DatabaseBench> {
  const bench = await DatabaseBench.open(kind);
  benches.push(bench);
  return bench;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (cause) {
    if (isLimbeckError(cause)) return cause.code;
    throw cause;
  }
}

const journal = (bench: DatabaseBench): Promise<unknown> =>
  bench.sql('SELECT revision, step, state FROM limbeck_journal ORDER BY revision, step');

(isAvailable('mysql') ? describe : describe.skip)('where DDL commits by itself', () => {
  test('a revision that fails half-way keeps its steps on record, and the next run does the rest once', async () => {
    const bench = await open('mysql');
    await bench.run((op) => {
      op.createTable('counters', { columns: { n: { type: 'integer' } } });
      op.bulkInsert('counters', [{ n: 0 }]);
    });
    let fails = true;
    const id = bench.add(async (op) => {
      op.addColumn('counters', 'a', { type: 'integer', nullable: true });
      await op.execute('UPDATE counters SET n = n + 1');
      op.addColumn('counters', 'b', { type: 'integer', nullable: true });
      await op.execute('UPDATE counters SET n = n + 10');
      await op.execute(fails ? 'UPDATE nowhere SET n = 1' : 'UPDATE counters SET n = n + 100');
      op.addColumn('counters', 'c', { type: 'integer', nullable: true });
    });
    expect(await codeOf(bench.commands.upgrade('head'))).toBe('QUERY_FAILED');
    expect(await bench.commands.current()).toMatchObject([{ revision: '000000000001' }]);
    expect(await codeOf(bench.commands.downgrade('base'))).toBe('REVISION_UNFINISHED');
    bench.wanted = await bench.found();
    expect(await codeOf(bench.commands.diff())).not.toBe('none');
    fails = false;
    await bench.commands.upgrade('head');
    expect(await bench.sql('SELECT n FROM counters')).toEqual([{ n: 111 }]);
    const [table] = (await bench.found()).tables;
    expect(table?.columns.map(({ name }) => name)).toEqual(['n', 'a', 'b', 'c']);
    expect(await journal(bench)).toEqual([
      { revision: '000000000001', step: 0, state: 'done' },
      { revision: id, step: 0, state: 'done' },
    ]);
  });

  test('what a query said the first time is said again', async () => {
    const bench = await open('mysql');
    await bench.run((op) => {
      op.createTable('counters', { columns: { n: { type: 'integer' } } });
      op.bulkInsert('counters', [{ n: 1 }]);
    });
    let fails = true;
    bench.add(async (op) => {
      const [row] = await op.query<{ n: number }>('SELECT n FROM counters');
      await op.execute(`UPDATE counters SET n = ${Number(row?.n) + 1}`);
      op.addColumn('counters', 'a', { type: 'integer', nullable: true });
      await op.execute(fails ? 'UPDATE nowhere SET n = 1' : 'SELECT 1');
    });
    await expect(bench.commands.upgrade('head')).rejects.toThrow();
    fails = false;
    await bench.commands.upgrade('head');
    expect(await bench.sql('SELECT n FROM counters')).toEqual([{ n: 2 }]);
  });

  test('a step that has run may not be changed afterwards', async () => {
    const bench = await open('mysql');
    const id = bench.add(async (op) => {
      op.createTable('a', { columns: { n: { type: 'integer' } } });
      await op.execute('UPDATE nowhere SET n = 1');
    });
    await expect(bench.commands.upgrade('head')).rejects.toThrow();
    bench.replace(id, (op) => {
      op.createTable('a', { columns: { n: { type: 'bigint' } } });
    });
    expect(await codeOf(bench.commands.upgrade('head'))).toBe('STEP_CHANGED');
    bench.replace(id, (op) => {
      op.createTable('a', { columns: { n: { type: 'integer' } } });
    });
    await bench.commands.upgrade('head');
    expect(await bench.commands.current()).toHaveLength(1);
  });

  test('a first step that fails leaves nothing behind', async () => {
    const bench = await open('mysql');
    const id = bench.add((op) => op.execute('UPDATE nowhere SET n = 1'));
    await expect(bench.commands.upgrade('head')).rejects.toThrow();
    expect(await journal(bench)).toEqual([]);
    bench.replace(id, (op) => op.createTable('t', { columns: { n: { type: 'integer' } } }));
    await bench.commands.upgrade('head');
  });

  test('a client that dies at any statement leaves a revision that the next run finishes, each data step once', async () => {
    const build = async (): Promise<DatabaseBench> => {
      const bench = await open('mysql');
      await bench.run((op) => {
        op.createTable('parents', { columns: { id: { type: 'integer' } }, primaryKey: { columns: ['id'] } });
        op.createTable('counters', { columns: { id: { type: 'integer' }, n: { type: 'integer' } } });
        op.bulkInsert('counters', [{ id: 1, n: 0 }]);
      });
      bench.add(fiveSteps);
      return bench;
    };
    const clean = await build();
    await clean.commands.upgrade('head');
    const expected = await clean.found();
    /** Whether there was a statement to die at. */
    const dieAt = async (at: number, moment: 'before' | 'after'): Promise<boolean> => {
      const bench = await build();
      const dying = new DyingClient(at, moment);
      const outcome = await codeOf(bench.another({ wrap: (it) => dying.wrap(it) }).upgrade('head'));
      expect([at, outcome]).toEqual([at, dying.hasDied ? 'CONNECTION_LOST' : 'none']);
      await bench.commands.upgrade('head');
      expect([at, await bench.found()]).toEqual([at, expected]);
      expect([at, await bench.sql('SELECT n FROM counters')]).toEqual([at, [{ n: 1011 }]]);
      await bench.close();
      benches.splice(benches.indexOf(bench), 1);
      return dying.hasDied;
    };
    for (const moment of ['before', 'after'] as const) {
      let died = [true];
      let at = 1;
      for (; !died.includes(false); at += TOGETHER) {
        died = await Promise.all(Array.from({ length: TOGETHER }, (_, i) => dieAt(at + i, moment)));
      }
      expect(at).toBeGreaterThan(15);
    }
  }, 300_000);
});

describe.each((['postgres', 'mysql'] as const).filter(isAvailable))('resumed on %s', (kind) => {
  test('what a query said is said again, however long it is and whatever numbers are in it', async () => {
    const bench = await open(kind);
    await bench.run((op) => {
      op.createTable('t', { columns: { n: { type: 'integer' }, x: { type: 'text' } } });
      op.bulkInsert(
        't',
        Array.from({ length: 50 }, (_, n) => ({ n, x: String(n % 10).repeat(100_000) })),
      );
    });
    const hard =
      kind === 'postgres'
        ? "SELECT 'NaN'::float8 AS a, '-Infinity'::float8 AS b, 9007199254740991::int8 AS i, '\\x00ff'::bytea AS y"
        : "SELECT 1e308 AS a, -0.5e0 AS b, 9007199254740991 AS i, x'00ff' AS y";
    let fails = true;
    const answers: unknown[] = [];
    bench.add(async (op) => {
      answers.push(await op.query('SELECT n, x FROM t ORDER BY n'), await op.query(hard));
      await op.execute('UPDATE t SET n = n + 100');
      op.createIndex('ix_t_n', 't', ['n'], { concurrently: true });
      await op.execute(fails ? 'UPDATE nowhere SET n = 1' : 'SELECT 1');
    });
    expect(await codeOf(bench.commands.upgrade('head'))).toBe('QUERY_FAILED');
    fails = false;
    await bench.commands.upgrade('head');
    expect(answers.slice(-2)).toEqual(answers.slice(-4, -2));
    expect(await bench.sql('SELECT min(n) AS n FROM t')).toEqual([{ n: 100 }]);
  });
});

(isAvailable('postgres') ? describe : describe.skip)('what must stand outside of transactions', () => {
  test('a new enum value is used behind a step that is done', async () => {
    const bench = await open('postgres');
    await bench.run((op) => {
      op.createTable('t', {
        columns: { n: { type: 'integer' }, s: { type: 'enum', enum: ['a'], enumName: 'letters' } },
      });
    });
    let fails = true;
    bench.add(async (op) => {
      op.createIndex('ix_t_n', 't', ['n'], { concurrently: true });
      op.createTable('u', { columns: { n: { type: 'integer' } } });
      op.alterEnum('letters', { add: ['b'] });
      await op.execute("INSERT INTO t VALUES (1, 'b')");
      op.createIndex('ix_t_s', 't', ['s'], { concurrently: true });
      await op.execute(fails ? 'UPDATE nowhere SET n = 1' : 'SELECT 1');
    });
    expect(await codeOf(bench.commands.upgrade('head'))).toBe('QUERY_FAILED');
    fails = false;
    await bench.commands.upgrade('head');
    expect(await bench.sql('SELECT n, s FROM t')).toEqual([{ n: 1, s: 'b' }]);
  });

  test('a table that SELECT INTO has made can be worked on', async () => {
    const bench = await open('postgres');
    await bench.run(async (op) => {
      op.createTable('t', { columns: { n: { type: 'integer' } } });
      await op.execute('SELECT n INTO u FROM t');
      op.addColumn('u', 'm', { type: 'integer', nullable: true });
    });
    expect((await bench.found()).tables.map(({ name }) => name)).toEqual(['t', 'u']);
  });
});

/** Deaths that are tried at a time. */
const TOGETHER = 6;

async function fiveSteps(op: Operations): Promise<void> {
  op.addColumn('counters', 'parent_id', { type: 'integer', nullable: true });
  await op.execute('UPDATE counters SET n = n + 1');
  op.createForeignKey('fk_counters', 'counters', ['parent_id'], 'parents', ['id']);
  op.createTable('notes', {
    columns: { id: { type: 'integer', generated: 'increment' }, text: { type: 'text' } },
    primaryKey: { columns: ['id'] },
  });
  await op.execute('UPDATE counters SET n = n + 10');
  const [row] = await op.query<{ n: number }>('SELECT n FROM counters');
  await op.execute(`UPDATE counters SET n = ${Number(row?.n) + 1000}`);
  op.createIndex('ix_counters_n', 'counters', ['n']);
}

/** A client whose connection breaks at one of its statements, before the server has it or before it answers. */
class DyingClient {
  hasDied = false;
  #statements = 0;
  readonly #at: number;
  readonly #moment: 'before' | 'after';

  constructor(at: number, moment: 'before' | 'after') {
    this.#at = at;
    this.#moment = moment;
  }

  wrap(database: Database): Database {
    return {
      dialect: database.dialect,
      singleWriter: database.singleWriter,
      acquire: async (purpose) => {
        const lease = await database.acquire(purpose);
        return { connection: this.#connection(lease.connection), release: () => lease.release() };
      },
      close: () => database.close(),
    };
  }

  #connection(connection: Connection): Connection {
    const guard = async <R>(work: () => MaybePromise<R>): Promise<R> => {
      if (this.hasDied) throw error('CONNECTION_LOST', { database: 'test', reason: 'it has died' });
      this.#statements++;
      if (this.#statements !== this.#at) return work();
      if (this.#moment === 'after') await work();
      this.hasDied = true;
      await this.#kill(connection);
      throw error('CONNECTION_LOST', { database: 'test', reason: 'it dies' });
    };
    return {
      get inTransaction() {
        return connection.inTransaction;
      },
      query: (...given) => guard(() => connection.query(...given)),
      queryArrays: (...given) => guard(() => connection.queryArrays(...given)),
      run: (...given) => guard(() => connection.run(...given)),
      script: (...given) => guard(() => connection.script(...given)),
    };
  }

  /** The server ends the session, as it does when the client's process is gone: what is open is undone. */
  async #kill(connection: Connection): Promise<void> {
    try {
      await connection.run('KILL CONNECTION_ID()');
    } catch (cause) {
      if (!isLimbeckError(cause)) throw cause;
    }
  }
}
