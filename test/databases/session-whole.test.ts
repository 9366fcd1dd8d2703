/** What a session has beside its unit of work: aggregates, pages, streams, SQL, bulk writes, locks, late loading. */

import { DataSource, In, MoreThan, type Session, sql } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Folder, Label, Line, Order, Person } from './saving-entities';

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
  const statements = (): string[] => {
    const said = log.map((text) => text.replace('START TRANSACTION', 'BEGIN').split(' ')[0] as string);
    log = [];
    return said;
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
    for (const table of ['passports', 'people', 'order_lines', 'orders', 'labels', 'files', 'folders'])
      await db.query(`DELETE FROM ${table}`);
    await db.getRepository(Label).insert([1, 2, 3, 4, 5].map((weight) => ({ name: `l${weight}`, weight })));
    session = db.session();
    log = [];
  });
  afterEach(() => session.close());

  const weights = async (): Promise<number[]> =>
    (await db.getRepository(Label).find({ order: { name: 'asc' } })).map(({ weight }) => weight);

  describe('get', () => {
    test('loads relations where they are not here, and answers without a statement where they are', async () => {
      const { id } = await db.getRepository(Person).save({ name: 'boss', reports: [{ name: 'x' }] });
      const plain = await session.get(Person, id);
      log = [];
      const whole = await session.get(Person, id, { relations: { reports: true } });
      expect(whole).toBe(plain);
      expect(whole?.reports.map(({ name }) => name)).toEqual(['x']);
      expect(log.length).toBeGreaterThan(0);
      log = [];
      expect(await session.get(Person, id, { relations: { reports: true } })).toBe(plain);
      expect(log).toEqual([]);
    });

    test('getOne is told where there is none', async () => {
      expect((await session.getOne(Label, 'l1')).weight).toBe(1);
      expect(await codeOf(() => session.getOne(Label, 'none'))).toBe('ENTITY_NOT_FOUND');
    });
  });

  test('aggregates and pages see what was changed', async () => {
    const first = (await session.get(Label, 'l1')) as Label;
    first.weight = 101;
    expect(await session.sum(Label, 'weight')).toBe(115);
    expect(await session.maximum(Label, 'weight')).toBe(101);
    expect(await session.minimum(Label, 'weight', { weight: MoreThan(2) })).toBe(3);
    expect(await session.average(Label, 'weight')).toBe(23);
    expect((await session.findAndCountBy(Label, { weight: MoreThan(4) }))[1]).toBe(2);
    const page = await session.page(Label, { first: 2, order: { weight: 'desc' } });
    expect(page.items[0]).toBe(first);
    const next = await session.page(Label, { first: 2, order: { weight: 'desc' }, after: page.endCursor });
    expect(next.items.map(({ weight }) => weight)).toEqual([4, 3]);
  });

  test('noAutoflush lets queries see what is there', async () => {
    const first = (await session.get(Label, 'l1')) as Label;
    first.weight = 101;
    expect(await session.noAutoflush((inner) => inner.sum(Label, 'weight'))).toBe(15);
    expect(await session.sum(Label, 'weight')).toBe(115);
  });

  describe('stream', () => {
    test('gives the instances that the session has, and writes what was changed', async () => {
      const first = await session.get(Label, 'l1');
      const seen: unknown[] = [];
      for await (const label of session.stream(Label, { order: { name: 'asc' }, batchRows: 2 })) {
        seen.push(label);
        if (label.weight > 3) label.weight += 10;
      }
      expect(seen[0]).toBe(first);
      // Those that are as they were have left it.
      expect(seen.map((each) => session.contains(each as object))).toEqual([true, false, false, true, true]);
      expect(session.dirty).toHaveLength(2);
      await session.commit();
      expect(await weights()).toEqual([1, 2, 3, 14, 15]);
    });

    test('goes on while the session flushes', async () => {
      for await (const label of session.stream(Label, { order: { name: 'asc' }, batchRows: 2 })) {
        label.weight += 1;
        await session.flush();
      }
      await session.commit();
      expect(await weights()).toEqual([2, 3, 4, 5, 6]);
    });

    test('sees what was changed before, in the transaction that is open', async () => {
      session.add(made(Label, { name: 'l0', weight: 0 }));
      const names: string[] = [];
      for await (const { name } of session.stream(Label, { order: { name: 'asc' }, batchRows: 2 }))
        names.push(name);
      expect(names).toEqual(['l0', 'l1', 'l2', 'l3', 'l4', 'l5']);
    });
  });

  test('load fills relations with the instances that the session has', async () => {
    const { id } = await db
      .getRepository(Person)
      .save({ name: 'boss', reports: [{ name: 'x' }, { name: 'y' }] });
    const people = await session.find(Person, { order: { id: 'asc' } });
    log = [];
    const [boss] = await session.load(Person, people, { reports: true });
    expect(statements().filter((word) => word === 'SELECT')).toHaveLength(1);
    expect(boss?.id).toBe(id);
    expect(boss?.reports.map((each) => people.includes(each as never))).toEqual([true, true]);
    log = [];
    await session.flush();
    expect(log).toEqual([]);
    const stranger = await db.getRepository(Person).findOneByOrFail({ id });
    expect(await codeOf(() => session.load(Person, stranger, { reports: true }))).toBe('SESSION_STRANGER');
  });

  test('kysely runs in the session’s transaction, after what was changed is flushed', async () => {
    session.add(made(Label, { name: 'l0', weight: 100 }));
    const kysely = session.kysely<{ labels: Label }>();
    const rows = await kysely.selectFrom('labels').select('name').where('weight', '>=', 100).execute();
    expect(rows).toEqual([{ name: 'l0' }]);
    await kysely.updateTable('labels').set({ weight: 200 }).where('name', '=', 'l1').execute();
    expect(await session.countBy(Label, { weight: 200 })).toBe(1);
    await session.rollback();
    expect(await weights()).toEqual([1, 2, 3, 4, 5]);
  });

  test('the manager sees what was changed', async () => {
    const first = (await session.get(Label, 'l1')) as Label;
    first.weight = 77;
    expect(await session.manager.countBy(Label, { weight: 77 })).toBe(1);
    expect(session.inTransaction).toBe(true);
    await session.rollback();
    expect(session.inTransaction).toBe(false);
  });

  describe('writing by criteria', () => {
    test('update reads again what the session has of the rows, and nothing else', async () => {
      const [l1, l5] = [await session.get(Label, 'l1'), await session.get(Label, 'l5')];
      log = [];
      const result = await session.update(Label, { weight: MoreThan(3) }, { weight: sql`weight * ${10}` });
      expect(result.affected).toBe(2);
      expect(statements()).toEqual(['BEGIN', 'SELECT', 'UPDATE', 'SELECT']);
      expect([l1?.weight, l5?.weight]).toEqual([1, 50]);
      expect(session.dirty).toEqual([]);
      await session.rollback();
      expect([l1?.weight, l5?.weight]).toEqual([1, 5]);
      expect(await weights()).toEqual([1, 2, 3, 4, 5]);
    });

    test('of a key or of keys nothing is asked beforehand, and of rows that it does not have nothing at all', async () => {
      log = [];
      await session.update(Label, 'l2', { weight: 20 });
      expect(statements()).toEqual(['BEGIN', 'UPDATE']);
      const l2 = (await session.get(Label, 'l2')) as Label;
      log = [];
      await session.increment(Label, ['l1', 'l2'], 'weight', 5);
      expect(statements().filter((word) => word === 'SELECT')).toHaveLength(1);
      expect(l2.weight).toBe(25);
      await session.decrement(Label, { name: In(['l2']) }, 'weight', 1);
      expect(l2.weight).toBe(24);
    });

    test('what was changed and not flushed is written first', async () => {
      const l1 = (await session.get(Label, 'l1')) as Label;
      l1.weight = 1000;
      await session.increment(Label, { weight: MoreThan(999) }, 'weight', 1);
      expect(l1.weight).toBe(1001);
    });

    test('delete takes rows out of the session, and a rollback brings them back', async () => {
      const [l1, l5] = await session.find(Label, {
        where: { name: In(['l1', 'l5']) },
        order: { name: 'asc' },
      });
      expect((await session.delete(Label, { weight: MoreThan(4) })).affected).toBe(1);
      expect([session.contains(l1 as Label), session.contains(l5 as Label)]).toEqual([true, false]);
      expect(await session.get(Label, 'l5')).toBeNull();
      await session.rollback();
      expect(await session.get(Label, 'l5')).toBe(l5);
    });

    test('what the database has taken along is gone when it is asked for', async () => {
      const order = await db
        .getRepository(Order)
        .save({ customer: 'c', lines: [{ place: 1, article: 'x' }] });
      const line = await session.get(Line, { orderId: order.id, place: 1 });
      expect(line).not.toBeNull();
      await session.delete(Order, order.id);
      expect(await session.get(Line, { orderId: order.id, place: 1 })).toBeNull();
    });

    test('soft deletion', async () => {
      const { id } = await db.getRepository(Folder).save({ name: 'f' });
      const folder = (await session.get(Folder, id)) as Folder;
      await session.softDelete(Folder, { name: 'f' });
      expect(folder.deletedAt).toBeInstanceOf(Date);
      await session.restore(Folder, id);
      expect(folder.deletedAt).toBeNull();
    });

    test('what fails leaves the session as it was', async () => {
      const l1 = (await session.get(Label, 'l1')) as Label;
      expect(await codeOf(() => session.update(Label, {}, { weight: 1 }))).toBe('CRITERIA_EMPTY');
      expect(await codeOf(() => session.update(Label, { name: 'l1' }, { name: 'l2' }))).toBe(
        'UNIQUE_VIOLATION',
      );
      expect(session.inTransaction).toBe(false);
      l1.weight = 3;
      await session.flush();
      expect(await codeOf(() => session.update(Label, { name: 'l1' }, { name: 'l2' }))).toBe(
        'UNIQUE_VIOLATION',
      );
      await session.commit();
      expect(await weights()).toEqual([3, 2, 3, 4, 5]);
    });
  });

  describe('locks', () => {
    test('a lock opens the transaction, and brings the entity up to date', async () => {
      const l1 = (await session.get(Label, 'l1')) as Label;
      await db.query("UPDATE labels SET weight = 9 WHERE name = 'l1'");
      expect(session.inTransaction).toBe(false);
      expect(await session.lock(l1, { mode: 'pessimistic_write' })).toBe(l1);
      expect(session.inTransaction).toBe(true);
      await session.rollback();
      const found = await session.find(Label, { where: { name: 'l1' }, lock: { mode: 'pessimistic_write' } });
      expect(found[0]?.weight).toBe(9);
      expect(session.inTransaction).toBe(true);
      expect((await session.get(Label, 'l2', { lock: { mode: 'pessimistic_write' } }))?.weight).toBe(2);
      await session.refresh(l1, { lock: { mode: 'pessimistic_write' } });
      expect(l1.weight).toBe(9);
    });

    test('of a row that is gone it is told', async () => {
      const l1 = (await session.get(Label, 'l1')) as Label;
      await db.query("DELETE FROM labels WHERE name = 'l1'");
      expect(await codeOf(() => session.lock(l1, { mode: 'pessimistic_write' }))).toBe('ROW_GONE');
    });
  });

  test('new, dirty and deleted name what a flush will write', async () => {
    const [a, b, c] = await session.find(Label, { order: { name: 'asc' }, take: 3 });
    const fresh = session.add(made(Label, { name: 'new' }));
    (a as Label).weight = 5;
    session.remove(b as Label);
    expect([session.new, session.dirty, session.deleted]).toEqual([[fresh], [a], [b]]);
    expect([a, b, c, fresh].map((each) => session.isModified(each as Label))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    await session.flush();
    expect([session.new, session.dirty, session.deleted]).toEqual([[], [], []]);
    session.detachAll();
    expect(session.contains(a as Label)).toBe(false);
  });

  test('refresh loads relations again', async () => {
    const { id } = await db.getRepository(Person).save({ name: 'boss', reports: [{ name: 'x' }] });
    const boss = await session.getOne(Person, id, { relations: { reports: true } });
    await db.getRepository(Person).save({ name: 'y', boss: { id } });
    expect(boss.reports).toHaveLength(1);
    await session.refresh(boss, { relations: { reports: true } });
    expect(boss.reports.map(({ name }) => name).sort()).toEqual(['x', 'y']);
    expect(session.dirty).toEqual([]);
  });

  test('what was removed stays removed, although a list that cascades still names it', async () => {
    const { id } = await db
      .getRepository(Person)
      .save({ name: 'boss', reports: [{ name: 'x' }, { name: 'y' }] });
    const boss = await session.getOne(Person, id, { relations: { reports: true } });
    session.remove(boss.reports[0] as Person);
    await session.flush();
    log = [];
    expect(session.changes()).toEqual([]);
    boss.name = 'chief';
    await session.commit();
    expect(await db.getRepository(Person).count()).toBe(2);
  });
});
