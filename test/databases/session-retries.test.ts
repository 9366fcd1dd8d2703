/** Sessions in transactions of the calling flow that are rolled back, and run again. */

import { DataSource, type Session } from 'limbeck';
import { error } from '../../src/base/error-codes';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Label, Order, Person } from './saving-entities';

const made = <T extends object>(target: new () => T, values: Partial<T>): T =>
  Object.assign(new target(), values);
const deadlock = (): never => {
  throw error('DEADLOCK', { reason: 'made for a test' });
};

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({ url: database.url, entities }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    await db.query('DELETE FROM labels');
    await db.query('UPDATE people SET boss_id = NULL');
    await db.query('DELETE FROM people');
    await db.getRepository(Label).insert([
      { name: 'a', weight: 1 },
      { name: 'b', weight: 2 },
    ]);
  });

  const weightOf = async (name: string): Promise<number> =>
    (await db.getRepository(Label).findOneByOrFail({ name })).weight;

  /** Runs a function until its third attempt. */
  const thirdTime = async <R>(body: (attempt: number) => Promise<R>): Promise<R> => {
    let attempt = 0;
    return db.transaction(
      async () => {
        attempt += 1;
        const result = await body(attempt);
        return attempt < 3 ? deadlock() : result;
      },
      { retries: 2 },
    );
  };

  test('a session from outside begins every attempt with what is there', async () => {
    await using session = db.session();
    const fresh: Label[] = [];
    await thirdTime(async (attempt) => {
      const a = await session.get(Label, 'a');
      if (a === null) throw new Error('it is there');
      expect(a.weight).toBe(1);
      a.weight += 10;
      const label = session.add(made(Label, { name: `x${attempt}`, weight: attempt }));
      fresh.push(label);
      await session.commit();
      a.weight += 100;
      expect(session.changes()).toHaveLength(1);
      await session.flush();
    });
    expect(await weightOf('a')).toBe(111);
    expect(fresh.map((label) => session.contains(label))).toEqual([false, false, true]);
    expect(session.changes()).toEqual([]);
    expect(await db.getRepository(Label).count()).toBe(3);
  });

  test('one from inside as well', async () => {
    const sessions: Session[] = [];
    await thirdTime(async () => {
      const session = db.session();
      sessions.push(session);
      const b = await session.get(Label, 'b');
      if (b !== null) b.weight *= 2;
      session.add(made(Person, { name: 'new' }));
      await session.commit();
    });
    expect(await weightOf('b')).toBe(4);
    expect(await db.getRepository(Person).count()).toBe(1);
    await Promise.all(sessions.map((session) => session.close()));
  });

  test('what was pending before the transaction is written by the attempt that succeeds', async () => {
    await using session = db.session();
    const a = (await session.get(Label, 'a')) as Label;
    const b = (await session.get(Label, 'b')) as Label;
    const fresh = session.add(made(Person, { name: 'fresh' }));
    a.weight = 50;
    session.remove(b);
    const keys: unknown[] = [];
    await thirdTime(async () => {
      keys.push(fresh.id);
      expect(a.weight).toBe(50);
      await session.commit();
      expect(fresh.id).toBeDefined();
    });
    expect(keys).toEqual([undefined, undefined, undefined]);
    expect(await weightOf('a')).toBe(50);
    expect(await db.getRepository(Label).existsBy({ name: 'b' })).toBe(false);
    expect(await db.getRepository(Person).count()).toBe(1);
  });

  test('what an attempt changes before it calls the session is taken back', async () => {
    await using session = db.session();
    const a = (await session.get(Label, 'a')) as Label;
    const seen: number[] = [];
    await thirdTime(async () => {
      seen.push(a.weight);
      a.weight += 1;
      await session.commit();
    });
    expect(seen).toEqual([1, 1, 1]);
    expect(await weightOf('a')).toBe(2);
  });

  test('a session that only read is expired when its transaction is rolled back', async () => {
    await using session = db.session();
    const back = db.transaction(async (manager) => {
      await manager.getRepository(Label).update({ name: 'a' }, { weight: 7 });
      expect((await session.get(Label, 'a'))?.weight).toBe(7);
      throw new Error('back');
    });
    await expect(back).rejects.toThrow('back');
    expect((await session.get(Label, 'a'))?.weight).toBe(1);
  });

  test('so is one that only updated an entity, and one row that was made in it is gone', async () => {
    await using session = db.session();
    const a = (await session.get(Label, 'a')) as Label;
    await session.commit();
    const back = db.transaction(async (manager) => {
      a.weight = 9;
      await session.flush();
      await manager.getRepository(Label).insert({ name: 'c', weight: 3 });
      expect((await session.get(Label, 'c'))?.weight).toBe(3);
      throw new Error('back');
    });
    await expect(back).rejects.toThrow('back');
    expect(a.weight).toBe(1);
    expect(session.changes()).toEqual([]);
    await db.getRepository(Label).update({ name: 'a' }, { weight: 8 });
    expect((await session.get(Label, 'a'))?.weight).toBe(8);
    expect(await session.get(Label, 'c')).toBeNull();
  });

  test('a savepoint that is rolled back takes along only what came in it', async () => {
    await using session = db.session();
    await db.transaction(async () => {
      const a = (await session.get(Label, 'a')) as Label;
      a.weight = 5;
      const inner = db.transaction(async () => {
        a.weight = 6;
        await session.flush();
        session.add(made(Label, { name: 'lost' }));
        throw new Error('back');
      });
      await expect(inner).rejects.toThrow('back');
      a.weight += 10;
      await session.commit();
    });
    expect(await weightOf('a')).toBe(15);
    expect(await db.getRepository(Label).count()).toBe(2);
  });

  test('lists and related entities are those of the row again', async () => {
    await using session = db.session();
    const boss = session.add(made(Person, { name: 'boss', reports: [made(Person, { name: 'one' })] }));
    await session.commit();
    const [one] = boss.reports;
    await thirdTime(async () => {
      const found = await session.findOneOrFail(Person, {
        where: { name: 'boss' },
        relations: { reports: true },
      });
      expect(found.reports.map(({ name }) => name)).toEqual(['one']);
      expect(found.reports[0]).toBe(one);
      found.reports.push(made(Person, { name: 'two' }));
      await session.commit();
    });
    expect(await db.getRepository(Person).count()).toBe(3);
    const order = made(Order, { customer: 'c' });
    await thirdTime(async () => {
      session.add(order);
      await session.flush();
      expect(order.version).toBe(1);
    });
    expect(await db.getRepository(Order).count()).toBe(1);
  });

  if (kind !== 'sqlite') {
    test('a serialization failure of the database', async () => {
      const increment = (): Promise<void> => {
        const session = db.session();
        return db
          .transaction(
            async () => {
              const a = (await session.get(Label, 'a')) as Label;
              await new Promise((resolve) => setTimeout(resolve, 1));
              a.weight += 1;
              await session.commit();
            },
            { isolation: 'SERIALIZABLE', retries: 50 },
          )
          .finally(() => session.close());
      };
      await Promise.all(Array.from({ length: 6 }, increment));
      expect(await weightOf('a')).toBe(7);
    });
  }
});
