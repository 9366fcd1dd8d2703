/** What may be asked of a transaction, and who is inside of one: the same rules on every database. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Column,
  DataSource,
  Entity,
  type EntityManager,
  type IsolationLevel,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  ReadOnlyError,
  type TransactionOptions,
} from 'limbeck';
import { error } from '../../src/base/error-codes';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

@Entity('accounts')
class Account {
  @PrimaryColumn('integer') id!: number;
  @Column('integer') balance!: number;
}

@Entity('marks')
class Mark {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) text!: string;
}

const LEVELS: readonly IsolationLevel[] = [
  'READ UNCOMMITTED',
  'READ COMMITTED',
  'REPEATABLE READ',
  'SERIALIZABLE',
];

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

const places: readonly (DatabaseKind | 'memory')[] = ['memory', ...testDatabases()];

describe.each(places)('%s', (kind) => {
  const isSqlite = kind === 'sqlite' || kind === 'memory';
  let database: TestDatabase | undefined;
  let db: DataSource;
  let log: string[] = [];
  beforeEach(async () => {
    database = kind === 'memory' ? undefined : await createDatabase(kind);
    db = new DataSource({
      url: database?.url ?? 'sqlite::memory:',
      entities: [Account, Mark],
      pool: { max: 3 },
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    });
    await db.initialize();
    await db.createSchema();
    log = [];
  });
  afterEach(async () => {
    await db.destroy();
    await database?.drop();
  });
  const texts = async (): Promise<string[]> =>
    (await db.getRepository(Mark).find({ order: { id: 'asc' } })).map(({ text }) => text);
  const mark = (text: string): Promise<unknown> => db.getRepository(Mark).insert({ text });

  describe('isolation', () => {
    const levelNow = async (): Promise<string> => {
      if (kind === 'postgres') {
        const [row] = await db.query<{ level: string }>(
          "SELECT current_setting('transaction_isolation') AS level",
        );
        return String(row?.level).toUpperCase();
      }
      // Only there it is told of a transaction that is open; the server looks ten times a second.
      await sleep(150);
      const [row] = await db.query<{ level: string }>(
        'SELECT trx_isolation_level AS level FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()',
      );
      return String(row?.level);
    };

    test.each(LEVELS)('%s holds for the transaction alone', async (isolation) => {
      let inside = '';
      await db.transaction(
        async (manager) => {
          await manager.getRepository(Mark).insert({ text: 'a' });
          if (!isSqlite) inside = await levelNow();
        },
        { isolation },
      );
      if (isSqlite) {
        expect(log).toEqual(['BEGIN IMMEDIATE', expect.stringContaining('INSERT'), 'COMMIT']);
        return;
      }
      expect(inside).toBe(isolation);
      let after = '';
      await db.transaction(async (manager) => {
        await manager.getRepository(Mark).insert({ text: 'b' });
        after = await levelNow();
      });
      expect(after).toBe(kind === 'postgres' ? 'READ COMMITTED' : 'REPEATABLE READ');
    });

    test('the configuration has one for those that ask for none, several statements of one call included', async () => {
      const other = new DataSource({
        url: database?.url ?? 'sqlite::memory:',
        entities: [Account, Mark],
        isolation: 'SERIALIZABLE',
        logger: (entry) => {
          if (entry.kind === 'query') log.push(entry.sql);
        },
      });
      await other.initialize();
      if (kind === 'memory') await other.createSchema();
      log = [];
      await other.transaction(async () => {});
      await other.transaction(async (manager) => manager.transaction(async () => {}), {
        isolation: 'REPEATABLE READ',
      });
      await other.getRepository(Account).save([
        { id: 1, balance: 1 },
        { id: 2, balance: 2 },
      ]);
      await other.destroy();
      const levels = log.flatMap((sql) => /ISOLATION LEVEL (.*)/.exec(sql)?.[1] ?? []);
      expect(levels).toEqual(isSqlite ? [] : ['SERIALIZABLE', 'REPEATABLE READ', 'SERIALIZABLE']);
    });

    test('a level that is set for the next transaction costs its connection nothing', async () => {
      await db.transaction(async () => {}, { isolation: 'SERIALIZABLE' });
      const begins = {
        memory: ['BEGIN IMMEDIATE', 'COMMIT'],
        sqlite: ['BEGIN IMMEDIATE', 'COMMIT'],
        postgres: ['BEGIN ISOLATION LEVEL SERIALIZABLE', 'COMMIT'],
        mysql: ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'START TRANSACTION', 'COMMIT'],
      };
      expect(log).toEqual(begins[kind]);
    });

    test('at REPEATABLE READ a row is the same when it is read again', async () => {
      await db.getRepository(Account).insert({ id: 1, balance: 1 });
      const [read, changed] = [gate(), gate()];
      const seen: unknown[] = [];
      const reader = db.transaction(
        async () => {
          const accounts = db.getRepository(Account);
          seen.push((await accounts.findOneByOrFail({ id: 1 })).balance);
          read.open();
          // One writer at a time there is; the other one waits for the end.
          if (!isSqlite) await changed.opened;
          seen.push((await accounts.findOneByOrFail({ id: 1 })).balance);
        },
        { isolation: 'REPEATABLE READ' },
      );
      await read.opened;
      const writer = db.getRepository(Account).update({ id: 1 }, { balance: 2 }).then(changed.open);
      await Promise.all([reader, writer]);
      expect(seen).toEqual([1, 1]);
    });

    test.each<[unknown, string, RegExp]>([
      [{ isolation: 'serializable' }, 'OPTION_INVALID', /'SERIALIZABLE'/],
      [{ isolation: 1 }, 'OPTION_INVALID', /'READ COMMITTED'/],
      [{ isolationLevel: 'SERIALIZABLE' }, 'OPTION_UNKNOWN', /isolationLevel/],
      [{ readonly: true }, 'OPTION_UNKNOWN', /readOnly/],
      [{ readOnly: 'yes' }, 'OPTION_INVALID', /readOnly/],
      [{ retries: -1 }, 'OPTION_INVALID', /retries/],
      [{ retries: 1.5 }, 'OPTION_INVALID', /retries/],
      ['SERIALIZABLE', 'OPTION_INVALID', /isolation/],
      [null, 'OPTION_INVALID', /transaction/],
    ])('%j is refused before anything is sent', async (options, code, words) => {
      const failure = db.transaction(async () => 1, options as TransactionOptions);
      await expect(failure).rejects.toMatchObject({ code });
      const told = await failure.catch(
        (cause: Error & { hint?: string }) => `${cause.message} ${cause.hint}`,
      );
      expect(told).toMatch(words);
      expect(log).toEqual([]);
    });

    test("TypeORM's other form is refused with the way to write it", async () => {
      const typeorm = db.transaction as unknown as (
        level: string,
        run: () => Promise<number>,
      ) => Promise<unknown>;
      await expect(typeorm.call(db, 'SERIALIZABLE', async () => 1)).rejects.toThrow(
        "write transaction(run, { isolation: 'SERIALIZABLE' })",
      );
    });
  });

  describe('readOnly', () => {
    test('refuses every way to write, by the database itself', async () => {
      await db.getRepository(Account).insert({ id: 1, balance: 1 });
      const writes: readonly ((manager: EntityManager) => Promise<unknown>)[] = [
        (manager) => manager.getRepository(Mark).insert({ text: 'a' }),
        (manager) => manager.getRepository(Mark).save([{ text: 'a' }, { text: 'b' }]),
        (manager) => manager.getRepository(Account).update({ id: 1 }, { balance: 2 }),
        (manager) => manager.getRepository(Account).delete({ id: 1 }),
        () => mark('a'),
        () => db.query("INSERT INTO marks (text) VALUES ('a')"),
        () => db.query('CREATE TABLE t (id integer)'),
      ];
      for (const write of writes) {
        const failure = db.transaction(write, { readOnly: true });
        await expect(failure).rejects.toMatchObject({ code: 'READ_ONLY', retryable: false });
        await expect(failure).rejects.toBeInstanceOf(ReadOnlyError);
      }
      expect(await db.getRepository(Account).find()).toEqual([{ id: 1, balance: 1 }]);
      expect(await texts()).toEqual([]);
    });

    test('reads, and leaves the connection able to write', async () => {
      await mark('a');
      for (let i = 0; i < 5; i++) {
        await db.transaction(async () => expect(await texts()).toHaveLength(1 + i), { readOnly: true });
        await mark('b');
      }
      await db.transaction(async (manager) => manager.getRepository(Mark).insert({ text: 'c' }));
      expect(await texts()).toHaveLength(7);
    });

    test('leaves the connection able to write when its function throws', async () => {
      for (let i = 0; i < 5; i++) {
        const failure = db.transaction(() => Promise.reject(new Error('no')), { readOnly: true });
        await expect(failure).rejects.toThrow('no');
      }
      await mark('a');
      expect(await texts()).toEqual(['a']);
    });

    test('sees one state, while others write', async () => {
      await mark('a');
      const [read, written] = [gate(), gate()];
      const seen: number[] = [];
      const reader = db.transaction(
        async () => {
          seen.push((await texts()).length);
          read.open();
          if (kind !== 'memory') await written.opened;
          seen.push((await texts()).length);
        },
        { readOnly: true, isolation: 'REPEATABLE READ' },
      );
      await read.opened;
      await mark('b').then(written.open);
      await reader;
      expect(seen).toEqual([1, 1]);
      expect(await texts()).toEqual(['a', 'b']);
    });
  });

  describe('inside another one', () => {
    test.each<[TransactionOptions, TransactionOptions, 'fits' | 'fits on SQLite' | 'never']>([
      [{}, {}, 'fits'],
      [{}, { isolation: 'SERIALIZABLE' }, 'fits on SQLite'],
      [{ isolation: 'SERIALIZABLE' }, { isolation: 'SERIALIZABLE' }, 'fits'],
      [{ isolation: 'SERIALIZABLE' }, {}, 'fits'],
      [{ isolation: 'SERIALIZABLE' }, { isolation: 'READ COMMITTED' }, 'fits on SQLite'],
      [{}, { readOnly: true }, 'never'],
      [{}, { readOnly: false }, 'fits'],
      [{ readOnly: true }, { readOnly: false }, 'never'],
      [{ readOnly: true }, { readOnly: true }, 'fits'],
      [{ readOnly: true }, {}, 'fits'],
      [{}, { retries: 3 }, 'fits'],
    ])('%j around %j', async (outer, inner, fate) => {
      let ran = 0;
      const nested = (): Promise<unknown> =>
        db.transaction(async () => {
          ran += 1;
          return texts();
        }, inner);
      const isMet = fate === 'fits' || (fate === 'fits on SQLite' && isSqlite);
      await db.transaction(async () => {
        expect(await codeOf(nested())).toBe(isMet ? 'nothing was thrown' : 'TRANSACTION_NESTED');
        // The outer one goes on.
        await texts();
      }, outer);
      expect(ran).toBe(isMet ? 1 : 0);
    });
  });

  describe('retries', () => {
    /** What a deadlock looks like to whoever runs the transaction. */
    const deadlock = async (): Promise<never> => {
      throw error('DEADLOCK', { reason: 'made for a test' });
    };

    test('runs the whole function again, with a manager of its own and entities as they were', async () => {
      const managers = new Set<EntityManager>();
      const fresh = db.getRepository(Mark).create({ text: 'a' });
      const keys: unknown[] = [];
      const result = await db.transaction(
        async (manager) => {
          managers.add(manager);
          keys.push(fresh.id);
          await manager.getRepository(Mark).save(fresh);
          if (managers.size < 3) await deadlock();
          return managers.size;
        },
        { retries: 2 },
      );
      expect(result).toBe(3);
      expect(keys).toEqual([undefined, undefined, undefined]);
      expect(managers.size).toBe(3);
      expect(await texts()).toEqual(['a']);
      expect(log.filter((sql) => sql === 'ROLLBACK')).toHaveLength(2);
    });

    test('gives up after 1 + retries attempts, and says how many', async () => {
      let runs = 0;
      const run = (retries: number | undefined): Promise<unknown> => {
        runs = 0;
        return db.transaction(
          async () => {
            runs += 1;
            await deadlock();
          },
          { retries },
        );
      };
      await expect(run(3)).rejects.toMatchObject({ code: 'DEADLOCK', context: { attempts: 4 } });
      expect(runs).toBe(4);
      await expect(run(3)).rejects.toThrow('4 attempts');
      await expect(run(0)).rejects.toMatchObject({ code: 'DEADLOCK' });
      expect(runs).toBe(1);
      await expect(run(undefined)).rejects.toMatchObject({ code: 'DEADLOCK' });
      expect(runs).toBe(1);
    });

    test('does not repeat what would fail again', async () => {
      let runs = 0;
      const failure = db.transaction(
        async (manager) => {
          runs += 1;
          await manager.getRepository(Account).insert({ id: 1, balance: 0 });
          await manager.getRepository(Account).insert({ id: 1, balance: 0 });
        },
        { retries: 5 },
      );
      await expect(failure).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
      expect(runs).toBe(1);
      const own = db.transaction(
        () => {
          runs += 1;
          return Promise.reject(new Error('my own'));
        },
        { retries: 5 },
      );
      await expect(own).rejects.toThrow('my own');
      expect(runs).toBe(2);
    });

    test('of a nested call count for nothing', async () => {
      let [outer, inner] = [0, 0];
      await db.transaction(
        async () => {
          outer += 1;
          const nested = db.transaction(
            async () => {
              inner += 1;
              if (outer === 1) await deadlock();
            },
            { retries: 5 },
          );
          await nested;
        },
        { retries: 1 },
      );
      expect([outer, inner]).toEqual([2, 2]);
    });

    test('holds no connection while it waits', async () => {
      const flows = Array.from({ length: 12 }, (_, i) => {
        let runs = 0;
        return db.transaction(
          async () => {
            await mark(`${i}`);
            if (++runs < 3) await deadlock();
          },
          { retries: 2 },
        );
      });
      await Promise.all(flows);
      expect(await texts()).toHaveLength(12);
    });

    if (!isSqlite) {
      test('a true deadlock is resolved', async () => {
        await db.getRepository(Account).insert([1, 2].map((id) => ({ id, balance: 100 })));
        const both: (() => void)[] = [];
        let met = 0;
        const meet = (): Promise<void> =>
          new Promise((resolve) => {
            both.push(resolve);
            if (both.length === 2) for (const go of both) go();
          });
        let runs = 0;
        const transfer = (from: number, to: number): Promise<void> => {
          let isFirst = true;
          return db.transaction(
            async (manager) => {
              runs += 1;
              const accounts = manager.getRepository(Account);
              await accounts.update({ id: from }, { balance: 90 + from });
              if (isFirst) {
                isFirst = false;
                met += 1;
                await meet();
              }
              await accounts.update({ id: to }, { balance: 110 + to });
            },
            { retries: 5 },
          );
        };
        await Promise.all([transfer(1, 2), transfer(2, 1)]);
        expect(met).toBe(2);
        expect(runs).toBeGreaterThan(2);
      });

      test('increments at SERIALIZABLE lose nothing', async () => {
        await db.getRepository(Account).insert({ id: 1, balance: 0 });
        const increment = (): Promise<void> =>
          db.transaction(
            async (manager) => {
              const accounts = manager.getRepository(Account);
              const account = await accounts.findOneByOrFail({ id: 1 });
              await sleep(1);
              account.balance += 1;
              await accounts.save(account);
            },
            { isolation: 'SERIALIZABLE', retries: 50 },
          );
        await Promise.all(Array.from({ length: 10 }, increment));
        expect((await db.getRepository(Account).findOneByOrFail({ id: 1 })).balance).toBe(10);
      });
    }

    if (kind === 'sqlite') {
      test('a file that somebody else writes is tried again', async () => {
        const other = await new DataSource({ url: database?.url ?? '', entities: [Mark] }).initialize();
        const held = gate();
        const holder = other.transaction(async (manager) => {
          await manager.getRepository(Mark).insert({ text: 'other' });
          await held.opened;
        });
        await sleep(20);
        const mine = db.transaction(() => mark('mine'), { retries: 3 });
        await sleep(50);
        held.open();
        await Promise.all([holder, mine]);
        expect(await texts()).toEqual(['other', 'mine']);
        await other.destroy();
      });
    }
  });

  describe('who is inside', () => {
    test('timers, promises of promises, emitters and generators of its flow', async () => {
      const emitter = new EventEmitter();
      const done: Promise<unknown>[] = [];
      async function* generated(): AsyncGenerator<string> {
        for (const text of ['g1', 'g2']) {
          await mark(text);
          yield text;
        }
      }
      const failure = db.transaction(async () => {
        await Promise.all([mark('a'), Promise.resolve().then(() => mark('b'))]);
        await new Promise<void>((resolve, reject) => {
          setTimeout(() => mark('timer').then(() => resolve(), reject), 1);
        });
        emitter.once('event', () => done.push(mark('emitted')));
        emitter.emit('event');
        await Promise.all(done);
        for await (const text of generated()) expect(await texts()).toContain(text);
        expect(await texts()).toHaveLength(6);
        throw new Error('no');
      });
      await expect(failure).rejects.toThrow('no');
      expect(await texts()).toEqual([]);
    });

    test('not what was started outside, even when it is awaited inside', async () => {
      const outside = mark('outside');
      const failure = db.transaction(async () => {
        await outside;
        await mark('inside');
        throw new Error('no');
      });
      await expect(failure).rejects.toThrow('no');
      expect(await texts()).toEqual(['outside']);
    });

    test('the manager says which one is meant, wherever it is used', async () => {
      const given = gate();
      const used = gate();
      let handed: EntityManager | undefined;
      const failure = db.transaction(async (manager) => {
        handed = manager;
        given.open();
        await used.opened;
        throw new Error('no');
      });
      await given.opened;
      await handed?.getRepository(Mark).insert({ text: 'through the manager' });
      await handed
        ?.transaction(async () => {
          await mark('a repository from outside, inside the savepoint');
        })
        .catch(() => {});
      used.open();
      await expect(failure).rejects.toThrow('no');
      expect(await texts()).toEqual([]);
    });

    test('who leaves the flow on purpose is outside', async () => {
      if (kind === 'memory') return;
      const snapshot = AsyncLocalStorage.snapshot();
      const seen: number[] = [];
      await db.transaction(async () => {
        await mark('a');
        seen.push((await texts()).length);
        seen.push(await snapshot(async () => (await texts()).length));
      });
      expect(seen).toEqual([1, 0]);
    });

    test('two data sources know nothing of each other', async () => {
      const otherDatabase = kind === 'memory' ? undefined : await createDatabase(kind);
      const other = await new DataSource({
        url: otherDatabase?.url ?? 'sqlite::memory:',
        entities: [Mark],
      }).initialize();
      try {
        await other.createSchema();
        const failure = db.transaction(async () => {
          await mark('a');
          await other.getRepository(Mark).insert({ text: 'kept' });
          await other.transaction(async (manager) => {
            await manager.getRepository(Mark).insert({ text: 'kept too' });
            // Of the outer data source, and its transaction.
            await mark('b');
          });
          expect(await texts()).toEqual(['a', 'b']);
          throw new Error('no');
        });
        await expect(failure).rejects.toThrow('no');
        expect(await texts()).toEqual([]);
        expect(await other.getRepository(Mark).count()).toBe(2);
      } finally {
        await other.destroy();
        await otherDatabase?.drop();
      }
    });

    test('nested ones that run at once queue, each whole or not at all', async () => {
      await db.transaction(async () => {
        const nested = (text: string, fails: boolean): Promise<unknown> =>
          db
            .transaction(async () => {
              await mark(text);
              await sleep(2);
              await mark(text);
              if (fails) throw new Error('no');
            })
            .catch(() => {});
        await Promise.all([nested('a', false), nested('b', true), nested('c', false), mark('beside')]);
      });
      expect((await texts()).sort()).toEqual(['a', 'a', 'beside', 'c', 'c']);
    });

    test('savepoints go deep, and each failure takes back its own part', async () => {
      await db.transaction(async () => {
        await mark('1');
        await db.transaction(async () => {
          await mark('2');
          await db
            .transaction(async () => {
              await mark('3');
              await db.transaction(() => mark('4'));
              throw new Error('no');
            })
            .catch(() => {});
          await mark('5');
        });
      });
      expect(await texts()).toEqual(['1', '2', '5']);
    });

    test('an error of the database inside a savepoint leaves the outer one as it was', async () => {
      await db.transaction(async (manager) => {
        await manager.getRepository(Account).insert({ id: 1, balance: 1 });
        const nested = manager.transaction(async (inner) => {
          await inner.getRepository(Mark).insert({ text: 'lost' });
          await inner.getRepository(Account).insert({ id: 1, balance: 2 });
        });
        expect(await codeOf(nested)).toBe('UNIQUE_VIOLATION');
        await manager.getRepository(Mark).insert({ text: 'kept' });
      });
      expect(await texts()).toEqual(['kept']);
    });
  });

  describe('what comes too late', () => {
    test('is refused: calls of the flow, of the manager, of timers', async () => {
      let late: Promise<unknown> = Promise.resolve();
      let kept: EntityManager = db.manager;
      await db.transaction(async (manager) => {
        kept = manager;
        late = new Promise((resolve) => {
          setTimeout(() => resolve(codeOf(mark('late'))), 60);
        });
      });
      expect(await late).toBe('TRANSACTION_CLOSED');
      expect(await codeOf(kept.getRepository(Mark).find())).toBe('TRANSACTION_CLOSED');
      expect(await codeOf(kept.query('SELECT 1'))).toBe('TRANSACTION_CLOSED');
      expect(await codeOf(kept.transaction(async () => 1))).toBe('TRANSACTION_CLOSED');
      expect(await texts()).toEqual([]);
    });

    test('what nobody awaited is done before the end, or refused, and never on its own', async () => {
      let floating: Promise<unknown> = Promise.resolve();
      await db.transaction(async () => {
        floating = codeOf(mark('floating'));
      });
      const isThere = (await texts()).includes('floating');
      expect(await floating).toBe(isThere ? 'nothing was thrown' : 'TRANSACTION_CLOSED');
      let second: Promise<unknown> = Promise.resolve();
      const failure = db.transaction(async () => {
        second = codeOf(mark('second'));
        throw new Error('no');
      });
      await expect(failure).rejects.toThrow('no');
      await second;
      expect(await texts()).not.toContain('second');
    });

    test('Promise.all that fails early leaves nothing behind that could still write', async () => {
      const failure = db.transaction(async () => {
        await Promise.all(
          [
            Promise.reject(new Error('at once')),
            mark('a'),
            sleep(5).then(() => mark('b')),
            db.transaction(async () => {
              await sleep(3);
              await mark('c');
            }),
          ].map((each) => each as Promise<unknown>),
        );
      });
      await expect(failure).rejects.toThrow('at once');
      await sleep(40);
      expect(await texts()).toEqual([]);
    });
  });
});
