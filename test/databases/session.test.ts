/** Sessions on every database: one instance a row, flushes in order, rollbacks that reach into memory. */

import { DataSource, type Session } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Folder, Label, Line, Order, Person, Player, Team } from './saving-entities';

const codeOf = (run: () => unknown): Promise<unknown> =>
  (async () => run())().then(
    () => 'nothing was thrown',
    (cause: { code?: string }) => cause.code ?? cause,
  );

const made = <T extends object>(target: new () => T, values: Partial<T>): T =>
  Object.assign(new target(), values);

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  let session: Session;
  let log: string[] = [];
  /** The first words of the statements since the last call. */
  const statements = (): string[] => {
    const said = log.map((sql) => sql.split(' ')[0] as string);
    log = [];
    return said.map((word) => (word === 'START' ? 'BEGIN' : word));
  };

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    await db.query('UPDATE people SET boss_id = NULL');
    await db.query('UPDATE teams SET captain_id = NULL');
    for (const table of [
      'passports',
      'people',
      'order_lines',
      'orders',
      'labels',
      'files',
      'folders',
      'players',
      'teams',
    ])
      await db.query(`DELETE FROM ${table}`);
    await db.getRepository(Label).insert([
      { name: 'a', weight: 1 },
      { name: 'b', weight: 2 },
    ]);
    session = db.session();
    log = [];
  });
  afterEach(() => session.close());

  const weightOf = async (name: string): Promise<number | undefined> =>
    (await db.query<{ weight: number }>(`SELECT weight FROM labels WHERE name = '${name}'`))[0]?.weight;

  describe('the identity map', () => {
    test('gives one instance for a row, and asks for it once', async () => {
      const a = await session.get(Label, 'a');
      expect(a).toBeInstanceOf(Label);
      expect(await session.get(Label, 'a')).toBe(a);
      expect(await session.get(Label, { name: 'a' })).toBe(a);
      expect(statements()).toEqual(['SELECT']);
      expect(await session.findOneBy(Label, { weight: 1 })).toBe(a);
      expect((await session.find(Label, { order: { name: 'asc' } }))[0]).toBe(a);
      expect(await session.get(Label, 'none')).toBeNull();
      expect(await codeOf(() => session.get(Label, { weight: 1 }))).toBe('KEY_MISSING');
    });

    test('reaches through relations, and keeps circles closed', async () => {
      const { id } = await db.getRepository(Person).save({ name: 'boss', reports: [{ name: 'x' }] });
      const boss = await session.findOneOrFail(Person, { where: { id }, relations: { reports: true } });
      const x = await session.findOneOrFail(Person, { where: { name: 'x' }, relations: { boss: true } });
      expect(boss.reports[0]).toBe(x);
      expect(x.boss).toBe(boss);
      log = [];
      await session.flush();
      expect(log).toEqual([]);
    });

    test('keeps what was changed when a row is read again, and brings the rest up to date', async () => {
      const lazy = db.session({ autoflush: false });
      const [a, b] = await lazy.find(Label, { order: { name: 'asc' } });
      if (a === undefined || b === undefined) throw new Error('two labels');
      a.weight = 10;
      await db.query('UPDATE labels SET weight = 50');
      expect((await lazy.find(Label, { order: { name: 'asc' } })).map(({ weight }) => weight)).toEqual([
        10, 50,
      ]);
      await lazy.commit();
      expect([await weightOf('a'), await weightOf('b')]).toEqual([10, 50]);
      await lazy.close();
    });

    test('knows a row by its new key when that was written, and by the old one after a rollback', async () => {
      const a = (await session.get(Label, 'a')) as Label;
      a.name = 'z';
      await session.flush();
      log = [];
      expect(await session.get(Label, 'z')).toBe(a);
      expect(log).toEqual([]);
      expect(await session.get(Label, 'a')).toBeNull();
      await session.rollback();
      expect(await session.get(Label, 'a')).toBe(a);
      expect(a.name).toBe('a');
      expect(await session.get(Label, 'z')).toBeNull();
      const b = (await session.get(Label, 'b')) as Label;
      [a.name, b.name] = [b.name, a.name];
      await session.flush();
      expect([await session.get(Label, 'a'), await session.get(Label, 'b')]).toEqual([b, a]);
      await session.rollback();
      expect([await session.get(Label, 'a'), await session.get(Label, 'b')]).toEqual([a, b]);
    });

    test('refuses a second instance of a row', async () => {
      await session.get(Label, 'a');
      const other = await db.getRepository(Label).findOneByOrFail({ name: 'a' });
      expect(await codeOf(() => session.add(other))).toBe('SESSION_DUPLICATE');
      const b = await db.getRepository(Label).findOneByOrFail({ name: 'b' });
      expect(session.add(b)).toBe(b);
      expect(await session.get(Label, 'b')).toBe(b);
    });
  });

  describe('flush', () => {
    test('writes what was added, changed and removed, each as one batch, and nothing twice', async () => {
      const [a, b] = await session.find(Label, { order: { name: 'asc' } });
      if (a === undefined || b === undefined) throw new Error('two labels');
      session.addAll([made(Label, { name: 'c' }), made(Label, { name: 'd' })]);
      a.weight = 100;
      session.remove(b);
      log = [];
      await session.flush();
      expect(statements()).toEqual(['BEGIN', 'INSERT', 'UPDATE', 'DELETE']);
      await session.flush();
      expect(statements()).toEqual([]);
      await session.commit();
      expect(statements()).toEqual(['COMMIT']);
      const rows = await db.query<{ name: string; weight: number }>(
        'SELECT name, weight FROM labels ORDER BY name',
      );
      expect(rows.map(({ name, weight }) => `${name}${weight}`)).toEqual(['a100', 'c0', 'd0']);
      expect(session.contains(b)).toBe(false);
    });

    test('comes before queries, so that they see it', async () => {
      session.add(made(Label, { name: 'z', weight: 9 }));
      expect(await session.countBy(Label, { weight: 9 })).toBe(1);
      expect(statements()).toEqual(['BEGIN', 'INSERT', 'SELECT']);
      expect(await db.getRepository(Label).existsBy({ name: 'a' })).toBe(true);
    });

    test('follows keys, circles included', async () => {
      const team = made(Team, { name: 'reds' });
      const captain = made(Player, { name: 'cap', team: team as never });
      team.captain = captain as never;
      session.addAll([captain, team]);
      await session.commit();
      expect(statements()).toEqual(['BEGIN', 'INSERT', 'INSERT', 'UPDATE', 'COMMIT']);
      expect(await db.getRepository(Team).countBy({ captain: { name: 'cap' } })).toBe(1);
    });

    test('fails alone: what was flushed before it is committed', async () => {
      session.add(made(Label, { name: 'c' }));
      await session.flush();
      const other = session.add(made(Label, { name: 'a' }));
      expect(await codeOf(() => session.flush())).toBe('UNIQUE_VIOLATION');
      other.name = 'd';
      await session.commit();
      expect([await weightOf('c'), await weightOf('d')]).toEqual([0, 0]);
    });

    test('leaves the session as it was when it fails', async () => {
      const a = await session.get(Label, 'a');
      if (a === null) throw new Error('a');
      const twin = made(Label, { name: 'b' });
      a.weight = 7;
      session.add(twin);
      expect(await codeOf(() => session.flush())).toBe('UNIQUE_VIOLATION');
      twin.name = 'bb';
      await session.commit();
      expect([await weightOf('a'), await weightOf('bb')]).toEqual([7, 0]);
    });
  });

  test('changes() tells beforehand, and sends nothing', async () => {
    const order = made(Order, { customer: 'Ann' });
    order.lines = [made(Line, { place: 1, article: 'x' })] as never;
    const [a, b] = await session.find(Label, { order: { name: 'asc' } });
    if (a === undefined || b === undefined) throw new Error('two labels');
    order.labels = [a] as never;
    a.weight = 5;
    session.add(order);
    session.remove(b);
    log = [];
    expect(session.changes()).toEqual([
      { kind: 'insert', entity: Order, table: 'orders', values: { customer: 'Ann' } },
      { kind: 'insert', entity: Line, table: 'order_lines', values: { place: 1, article: 'x' } },
      { kind: 'update', entity: Label, table: 'labels', key: { name: 'a' }, changed: { weight: [1, 5] } },
      {
        kind: 'link',
        entity: Order,
        table: 'orders_labels',
        property: 'labels',
        key: { id: undefined },
        member: { name: 'a' },
      },
      { kind: 'delete', entity: Label, table: 'labels', key: { name: 'b' } },
    ]);
    expect(log).toEqual([]);
    await session.commit();
    expect(session.changes()).toEqual([]);
    const read = await db
      .getRepository(Order)
      .findOneOrFail({ where: {}, relations: { lines: true, labels: true } });
    expect([read.lines.length, read.labels.map(({ name }) => name)]).toEqual([1, ['a']]);
  });

  describe('rollback', () => {
    test('gives entities back what they held at the last commit', async () => {
      const [a, b] = await session.find(Label, { order: { name: 'asc' } });
      if (a === undefined || b === undefined) throw new Error('two labels');
      const boss = made(Person, { name: 'boss' });
      session.add(boss);
      await session.commit();
      const fresh = made(Person, { name: 'fresh', boss: boss as never });
      session.add(fresh);
      a.weight = 10;
      boss.name = 'flushed';
      session.remove(b);
      await session.flush();
      expect(fresh.id).toBeDefined();
      a.weight = 11;
      boss.name = 'not flushed';
      await session.rollback();
      expect([a.weight, boss.name, fresh.id, fresh.boss]).toEqual([1, 'boss', undefined, boss]);
      expect([session.contains(fresh), session.contains(b), session.contains(boss)]).toEqual([
        false,
        true,
        true,
      ]);
      expect(session.changes()).toEqual([]);
      expect([await weightOf('a'), await weightOf('b')]).toEqual([1, 2]);
      session.add(fresh);
      b.weight = 3;
      await session.commit();
      expect(await db.getRepository(Person).countBy({ boss: { id: boss.id } })).toBe(1);
      expect(await weightOf('b')).toBe(3);
    });

    test('gives lists back their members', async () => {
      const { id } = await db.getRepository(Order).save({
        customer: 'x',
        lines: [{ place: 1, article: 'a' }],
        labels: [{ name: 'a' }],
      });
      const order = await session.findOneOrFail(Order, {
        where: { id },
        relations: { lines: true, labels: true },
      });
      const [line] = order.lines;
      order.lines.pop();
      order.labels.push((await session.get(Label, 'b')) as never);
      await session.flush();
      await session.rollback();
      expect(order.lines).toEqual([line]);
      expect(order.labels.map(({ name }) => name)).toEqual(['a']);
      expect(order.version).toBe(1);
      expect(session.changes()).toEqual([]);
    });

    test('a savepoint takes back only what came after it', async () => {
      const a = await session.get(Label, 'a');
      if (a === null) throw new Error('a');
      a.weight = 10;
      const fresh = made(Label, { name: 'fresh' });
      const cause = await session
        .savepoint(async (inner) => {
          expect(inner).toBe(session);
          a.weight = 20;
          session.add(fresh);
          await session.flush();
          throw new Error('back');
        })
        .catch((thrown: Error) => thrown.message);
      expect(cause).toBe('back');
      expect([a.weight, session.contains(fresh)]).toEqual([10, false]);
      await session.savepoint(async () => {
        a.weight += 1;
      });
      await session.commit();
      expect([await weightOf('a'), await weightOf('fresh')]).toEqual([11, undefined]);
    });
  });

  describe('after a commit', () => {
    test('what is read is read anew; values stay until then', async () => {
      const a = await session.get(Label, 'a');
      if (a === null) throw new Error('a');
      a.weight = 5;
      await session.commit();
      await db.query("UPDATE labels SET weight = 6 WHERE name = 'a'");
      expect(a.weight).toBe(5);
      expect(await session.get(Label, 'a')).toBe(a);
      expect(a.weight).toBe(6);
      await db.query("DELETE FROM labels WHERE name = 'a'");
      await session.commit();
      expect(await session.get(Label, 'a')).toBeNull();
      expect(session.contains(a)).toBe(false);
    });

    test('unless the session is told to keep it', async () => {
      const keeping = db.session({ expireOnCommit: false });
      await keeping.get(Label, 'a');
      await keeping.commit();
      log = [];
      await keeping.get(Label, 'a');
      expect(log).toEqual([]);
      await keeping.close();
    });
  });

  test('refresh and expire drop what was not flushed', async () => {
    const a = await session.get(Label, 'a');
    if (a === null) throw new Error('a');
    a.weight = 70;
    await db.query("UPDATE labels SET weight = 8 WHERE name = 'a'");
    await session.refresh(a);
    expect(a.weight).toBe(8);
    a.weight = 70;
    session.expire(a);
    expect(a.weight).toBe(8);
    log = [];
    expect(await session.get(Label, 'a')).toBe(a);
    expect(statements()).toEqual(['SELECT']);
    expect(await codeOf(() => session.refresh(new Label()))).toBe('SESSION_STRANGER');
    session.detach(a);
    a.weight = 1000;
    await session.commit();
    expect(await weightOf('a')).toBe(8);
  });

  test('a stale version is told, and what was written before it is taken back', async () => {
    session.add(made(Folder, { name: 'f' }));
    await session.commit();
    const [folder] = await session.find(Folder);
    if (folder === undefined) throw new Error('a folder');
    await db.getRepository(Folder).update({ id: folder.id }, { name: 'theirs' });
    folder.name = 'mine';
    const fresh = made(Label, { name: 'fresh' });
    session.add(fresh);
    expect(await codeOf(() => session.commit())).toBe('OPTIMISTIC_LOCK');
    expect(folder).toMatchObject({ name: 'mine', version: 1 });
    await session.refresh(folder);
    expect(folder).toMatchObject({ name: 'theirs', version: 2 });
  });

  describe('inside a transaction of the calling flow', () => {
    test('it joins, and goes with it', async () => {
      const fresh = made(Person, { name: 'fresh' });
      const cause = await db
        .transaction(async (manager) => {
          const joined = db.session();
          joined.add(fresh);
          await joined.commit();
          expect(await manager.getRepository(Person).countBy({ name: 'fresh' })).toBe(1);
          expect(await codeOf(() => joined.rollback())).toBe('SESSION_JOINED');
          throw new Error('back');
        })
        .catch((thrown: Error) => thrown.message);
      expect(cause).toBe('back');
      expect(fresh.id).toBeUndefined();
      expect(await db.getRepository(Person).count()).toBe(0);
    });
  });

  test('calls that were not awaited come one after the other', async () => {
    session.add(made(Label, { name: 'x' }));
    const [, count] = await Promise.all([
      session.flush(),
      session.count(Label),
      session.get(Label, 'a'),
      session.flush(),
    ]);
    expect(count).toBe(3);
    await session.savepoint(async () => {
      await Promise.all([session.count(Label), session.find(Label), session.flush()]);
    });
  });

  test('repositories and SQL of its manager run in its transaction', async () => {
    session.add(made(Label, { name: 'x', weight: 4 }));
    await session.flush();
    expect(await session.manager.getRepository(Label).countBy({ weight: 4 })).toBe(1);
    await session.manager.query("UPDATE labels SET weight = 5 WHERE name = 'x'");
    await session.rollback();
    expect(await weightOf('x')).toBeUndefined();
  });

  test('it is closed at the end of its block, and what was not committed is gone', async () => {
    let outer: Session;
    {
      await using inner = db.session();
      outer = inner;
      inner.add(made(Label, { name: 'lost' }));
      await inner.flush();
    }
    expect(outer.isClosed).toBe(true);
    expect(await weightOf('lost')).toBeUndefined();
    for (const call of [() => outer.flush(), () => outer.get(Label, 'a'), () => outer.add(new Label())]) {
      expect(await codeOf(call)).toBe('SESSION_CLOSED');
    }
    await outer.close();
  });
});
