/** merge(): what an entity of somewhere else says becomes what the session's own instance says. */

import { DataSource, type Session } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Folder, Label, Line, Order, Passport, Person } from './saving-entities';

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
    const said = log.map((sql) => sql.replace('START TRANSACTION', 'BEGIN').split(' ')[0] as string);
    log = [];
    return said.filter((word) => word !== 'BEGIN' && word !== 'COMMIT');
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
    await db.getRepository(Label).insert([
      { name: 'a', weight: 1 },
      { name: 'b', weight: 2 },
    ]);
    session = db.session();
    log = [];
  });
  afterEach(() => session.close());

  test('an entity that was read elsewhere is read here, and what differs is written', async () => {
    const other = await db.getRepository(Label).findOneByOrFail({ name: 'a' });
    other.weight = 10;
    log = [];
    const merged = await session.merge(other);
    expect(merged).not.toBe(other);
    expect(merged).toBeInstanceOf(Label);
    expect(session.contains(other)).toBe(false);
    expect(session.isModified(merged)).toBe(true);
    await session.commit();
    expect(statements()).toEqual(['SELECT', 'UPDATE']);
    expect((await db.getRepository(Label).findOneByOrFail({ name: 'a' })).weight).toBe(10);
  });

  test('into what the session has, without asking', async () => {
    const known = await session.get(Label, 'a');
    log = [];
    expect(await session.merge(Label, { name: 'a', weight: 7 })).toBe(known);
    expect(log).toEqual([]);
    expect(known?.weight).toBe(7);
    expect(await session.merge(known as Label)).toBe(known);
  });

  test('plain data of a row that is there, that is not, and that has no key', async () => {
    const isNew: boolean[] = [];
    for (const merge of [
      () => session.merge(Label, { name: 'b', weight: 20 }),
      () => session.merge(Label, { name: 'c', weight: 3 }),
      () => session.merge(Person, { name: 'x' }),
    ]) {
      const merged = await session.noAutoflush(() => merge() as Promise<object>);
      isNew.push(session.new.includes(merged));
    }
    expect(isNew).toEqual([false, true, true]);
    log = [];
    await session.commit();
    expect(statements().sort()).toEqual(['INSERT', 'INSERT', 'UPDATE']);
    expect(await codeOf(() => session.merge(Label, { name: 'b', wait: 1 } as never))).toBe(
      'PROPERTY_UNKNOWN',
    );
  });

  test('what is undefined there stays, null is null', async () => {
    const boss = await db.getRepository(Person).save({ name: 'boss' });
    const { id } = await db.getRepository(Person).save({ name: 'x', boss });
    const merged = await session.merge(Person, { id, name: 'y' });
    expect(merged.bossId).toBe(boss.id);
    await session.merge(Person, { id, boss: null });
    await session.commit();
    expect(await db.getRepository(Person).findOneByOrFail({ id })).toMatchObject({ name: 'y', bossId: null });
  });

  test('a graph along relations that cascade: every row read once, all of a class in one query', async () => {
    const made = await db.getRepository(Order).save({
      customer: 'c',
      lines: [1, 2, 3].map((place) => ({ place, article: `a${place}` })),
      labels: [{ name: 'a' }],
    });
    const other = await db.getRepository(Order).findOneOrFail({
      where: { id: made.id },
      relations: { lines: { order: { place: 'asc' } }, labels: true },
    });
    other.customer = 'd';
    (other.lines[0] as { article: string }).article = 'changed';
    other.lines.splice(1, 1);
    other.lines.push(Object.assign(new Line(), { place: 4, article: 'new' }) as never);
    log = [];
    const merged = await session.merge(other);
    // The order, its lines, and the labels; then the two lists.
    expect(statements().length).toBeLessThanOrEqual(5);
    expect(merged.lines.every((line) => session.contains(line) || session.new.includes(line))).toBe(true);
    await session.commit();
    const stored = await db.getRepository(Order).findOneOrFail({
      where: { id: made.id },
      relations: { lines: { order: { place: 'asc' } }, labels: true },
    });
    expect([stored.customer, stored.version]).toEqual(['d', 2]);
    expect(stored.lines.map(({ place, article }) => `${place} ${article}`)).toEqual([
      '1 changed',
      '3 a3',
      '4 new',
    ]);
    expect(stored.labels.map(({ name }) => name)).toEqual(['a']);
  });

  test('along relations that do not cascade only the row is meant', async () => {
    const boss = await db.getRepository(Person).save({ name: 'boss' });
    const a = await db.getRepository(Label).findOneByOrFail({ name: 'a' });
    const merged = await session.merge(Order, { customer: 'c', labels: [Object.assign(a, { weight: 99 })] });
    // Orders cascade inserts to labels, so what a label says is taken over.
    expect((await session.get(Label, 'a'))?.weight).toBe(99);
    expect(merged.labels[0]).toBe(await session.get(Label, 'a'));
    const passport = await session.merge(
      Object.assign(await passportOf(boss), { person: { ...boss, name: 'z' } }),
    );
    expect(passport.person).toBe(await session.get(Person, boss.id));
    expect((await session.get(Person, boss.id))?.name).toBe('boss');
  });

  const passportOf = (person: Person): Promise<Passport> =>
    db.getRepository(Passport).save({ number: '1', person });

  test('circles stay circles', async () => {
    const { id } = await db.getRepository(Person).save({ name: 'boss', reports: [{ name: 'x' }] });
    const other = await db
      .getRepository(Person)
      .findOneOrFail({ where: { id }, relations: { reports: true } });
    const report = other.reports[0] as Person;
    report.boss = other as never;
    report.name = 'y';
    const merged = await session.merge(other);
    expect(merged.reports[0]?.name).toBe('y');
    expect((merged.reports[0] as Person).boss).toBe(merged);
  });

  test('another version than the row has is refused', async () => {
    const folders = db.getRepository(Folder);
    const { id } = await folders.save({ name: 'f' });
    const [stale, fresh] = [await folders.findOneByOrFail({ id }), await folders.findOneByOrFail({ id })];
    await folders.save(Object.assign(fresh, { name: 'g' }));
    stale.name = 'h';
    expect(await codeOf(() => session.merge(stale))).toBe('OPTIMISTIC_LOCK');
    const merged = await session.merge(Object.assign(fresh, { name: 'i' }));
    await session.commit();
    expect([merged.version, (await folders.findOneByOrFail({ id })).name]).toEqual([3, 'i']);
    // Plain data without a version means whatever is there.
    await session.merge(Folder, { id, name: 'j' });
    await session.commit();
    expect((await folders.findOneByOrFail({ id })).name).toBe('j');
  });

  test('what was to be removed is meant to be there', async () => {
    const a = (await session.get(Label, 'a')) as Label;
    session.remove(a);
    expect(session.deleted).toEqual([a]);
    await session.merge(Label, { name: 'a', weight: 4 });
    expect(session.deleted).toEqual([]);
    await session.commit();
    expect(await db.getRepository(Label).findOneByOrFail({ name: 'a' })).toMatchObject({ weight: 4 });
  });

  test('from another session, closed meanwhile', async () => {
    const far = db.session();
    const a = (await far.get(Label, 'a')) as Label;
    await far.close();
    a.weight = 5;
    await session.merge(a);
    await session.commit();
    expect(await db.getRepository(Label).findOneByOrFail({ name: 'a' })).toMatchObject({ weight: 5 });
    expect(made(Label, {})).toBeInstanceOf(Label);
  });
});
