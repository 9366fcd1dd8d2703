/**
 * A failure at every statement of a flush and of a save: the database has nothing of it, entities and session are
 * what they were, and the same call succeeds when the cause is gone.
 */

import { DataSource, type Session } from 'limbeck';
import { databaseOf, replaceDatabase } from '../../src/data-source';
import { stateOf } from '../../src/query/mapping/row-state';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { FaultyDatabase } from '../support/faults';
import {
  entities,
  File,
  Folder,
  Label,
  Line,
  Order,
  Passport,
  Person,
  Player,
  Team,
} from './saving-entities';
import { Badge, Board, Card, Coin, turnoverEntities } from './turnover-entities';

const made = <T extends object>(target: new () => T, values: Partial<T>): T =>
  Object.assign(new target(), values);

const TABLES = [
  ['passports', 'number, person_id IS NULL AS free'],
  ['people', 'name, boss_id IS NULL AS free'],
  ['order_lines', 'place, article'],
  ['orders', 'customer, version'],
  ['labels', 'name, weight'],
  ['files', 'name, deleted_at IS NULL AS there'],
  ['folders', 'name, version'],
  ['players', 'name'],
  ['teams', 'name, captain_id IS NULL AS free'],
  ['cards', 'place, text, version'],
  ['boards', 'name'],
  ['badges', 'code, version'],
  ['coins', 'code, weight'],
] as const;

/** Everything that an entity holds and that is kept with it, related entities by their names. */
function picture(all: readonly object[]): unknown {
  const names = new Map(all.map((entity, i) => [entity, `#${i}`]));
  const told = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(told);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    return names.get(value) ?? 'somebody else';
  };
  return all.map((entity) => {
    const { row, lists, hidden } = stateOf(entity);
    return {
      own: Object.entries(entity).map(([name, value]) => [name, told(value)]),
      row: row && [...row],
      lists: [...(lists ?? [])].map(([name, members]) => [name, [...members].map(told)]),
      hidden: [...(hidden ?? [])],
    };
  });
}

interface Scene {
  /** Everything that takes part. */
  readonly all: readonly object[];
  readonly act: () => Promise<unknown>;
  readonly session?: Session;
}

/** What is saved or flushed, made anew for each run. */
const SCENES: Readonly<Record<string, (db: DataSource) => Promise<Scene>>> = {
  'a new graph is saved': async (db) => {
    const lines = [1, 2].map((place) => made(Line, { place, article: `a${place}` }));
    const labels = ['new', 'newer'].map((name) => made(Label, { name, weight: 1 }));
    const order = made(Order, { customer: 'c', lines, labels });
    return { all: [order, ...lines, ...labels], act: () => db.getRepository(Order).save(order) };
  },
  'a loaded graph is changed': async (db) => {
    const { id } = await db.getRepository(Order).save({
      customer: 'c',
      lines: [1, 2, 3].map((place) => ({ place, article: `a${place}` })),
      labels: [{ name: 'x' }, { name: 'y' }],
    });
    const order = await db
      .getRepository(Order)
      .findOneOrFail({ where: { id }, relations: { lines: true, labels: true } });
    const [first, second] = order.lines;
    const fresh = made(Line, { place: 9, article: 'fresh' });
    const label = made(Label, { name: 'z', weight: 1 });
    order.customer = 'd';
    (first as Line).article = 'changed';
    order.lines = [first, fresh] as never;
    order.labels = [order.labels[0], label] as never;
    return {
      all: [order, first as Line, second as Line, fresh, label],
      act: () => db.getRepository(Order).save(order),
    };
  },
  'a graph is removed': async (db) => {
    const { id } = await db.getRepository(Person).save({ name: 'p', passport: { number: '1' } });
    const person = await db
      .getRepository(Person)
      .findOneOrFail({ where: { id }, relations: { passport: true } });
    return { all: [person, person.passport as Passport], act: () => db.getRepository(Person).remove(person) };
  },
  'values are swapped': async (db) => {
    const badges = await db.getRepository(Badge).save(['a', 'b', 'c'].map((code) => ({ code })));
    const [a, b, c] = badges as [Badge, Badge, Badge];
    [a.code, b.code, c.code] = [b.code, c.code, a.code];
    return { all: badges, act: () => db.getRepository(Badge).save(badges) };
  },
  'a session flushes everything at once': async (db) => {
    const session = db.session();
    await db.getRepository(Team).save({ name: 'old', players: [{ name: 'p' }] });
    await db.getRepository(Folder).save({ name: 'f', files: [{ name: 'one' }, { name: 'two' }] });
    await db.getRepository(Board).save({ name: 'b', cards: [1, 2].map((place) => ({ place, text: 'old' })) });
    await db.getRepository(Person).save({ name: 'boss', reports: [{ name: 'r' }] });
    await db.getRepository(Coin).save({ code: 'k', side: true, weight: 1 });
    const folder = await session.findOneOrFail(Folder, { where: { name: 'f' }, relations: { files: true } });
    const board = await session.findOneOrFail(Board, { where: { name: 'b' }, relations: { cards: true } });
    const boss = await session.findOneOrFail(Person, {
      where: { name: 'boss' },
      relations: { reports: true },
    });
    const coin = await session.findOneByOrFail(Coin, { code: 'k' });
    const files = [...folder.files];
    const cards = [...board.cards];
    const report = boss.reports[0] as Person;
    // Circles, an orphan that is hidden, replaced members, a key that changes hands, a new boss for everybody.
    const players = [made(Player, { name: 'q' }), made(Player, { name: 's' })];
    const team = session.add(
      made(Team, { name: 'new', players: players as never, captain: players[1] as never }),
    );
    folder.files = [files[0]] as never;
    board.cards = [1, 2].map((place) => made(Card, { place, text: 'new' })) as never;
    session.remove(coin);
    const other = session.add(made(Coin, { code: 'k', side: true, weight: 2 }));
    const chief = session.add(made(Person, { name: 'chief' }));
    boss.boss = chief as never;
    report.boss = chief as never;
    boss.reports = [];
    const passport = session.add(made(Passport, { number: '7', person: boss as never }));
    const all = [
      folder,
      ...files,
      board,
      ...cards,
      ...board.cards,
      boss,
      report,
      coin,
      other,
      chief,
      passport,
    ];
    return { all: [...all, team, ...players], act: () => session.flush(), session };
  },
  'a second flush of a transaction that goes on': async (db) => {
    const session = db.session();
    const labels = [1, 2, 3].map((weight) => session.add(made(Label, { name: `l${weight}`, weight })));
    await session.flush();
    const [first, second] = labels as [Label, Label, Label];
    first.weight = 10;
    session.remove(second);
    const fresh = session.add(made(Label, { name: 'l4', weight: 4 }));
    return { all: [...labels, fresh], act: () => session.flush(), session };
  },
};

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  let faulty: FaultyDatabase;

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities: [...entities, ...turnoverEntities],
    }).initialize();
    await db.createSchema();
    faulty = new FaultyDatabase(databaseOf(db));
    replaceDatabase(db, faulty.front);
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    faulty.set(undefined);
    await db.query('UPDATE people SET boss_id = NULL');
    await db.query('UPDATE teams SET captain_id = NULL');
    for (const [table] of TABLES) await db.query(`DELETE FROM ${table}`);
  });

  async function rows(query: (sql: string) => Promise<object[]>): Promise<unknown> {
    const all: unknown[] = [];
    for (const [table, columns] of TABLES)
      all.push(
        await query(`SELECT ${columns} FROM ${table} ORDER BY ${columns.replaceAll(/[^,]+ AS /g, '')}`),
      );
    return JSON.parse(JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
  }

  const words = (session: Session | undefined): unknown =>
    session && [session.new.length, session.dirty.length, session.deleted.length, session.changes().length];

  describe.each(Object.keys(SCENES))('%s', (name) => {
    test.each([
      ['is not run', false],
      ['is run, and its answer lost', true],
    ] as const)('whichever statement %s', async (_, after) => {
      const scene = await (SCENES[name] as (typeof SCENES)[string])(db);
      const { all, act, session } = scene;
      const query = (sql: string): Promise<object[]> =>
        session?.inTransaction === true
          ? session.noAutoflush((inner) => inner.manager.query(sql))
          : db.query(sql);
      const before = { rows: await rows(query), entities: picture(all), words: words(session) };
      let at = 1;
      for (; ; at++) {
        if (at > 80) throw new Error('it never ends');
        faulty.set({ at, after });
        const failed = await act().then(
          () => false,
          () => true,
        );
        const hasFailed = faulty.count >= at;
        faulty.set(undefined);
        expect(failed).toBe(hasFailed);
        if (!failed) break;
        expect({ at, entities: picture(all) }).toEqual({ at, entities: before.entities });
        expect({ at, words: words(session) }).toEqual({ at, words: before.words });
        expect({ at, rows: await rows(query) }).toEqual({ at, rows: before.rows });
      }
      // As many statements have failed as there were, and then everything was written.
      expect(at).toBeGreaterThan(2);
      expect(await rows(query)).not.toEqual(before.rows);
      expect(words(session)).toEqual(session && [0, 0, 0, 0]);
      await session?.close();
    });
  });

  test('a COMMIT that fails is a rollback: what was new is new, and out of the session', async () => {
    const session = db.session();
    const label = session.add(made(Label, { name: 'l', weight: 1 }));
    const file = session.add(made(Folder, { name: 'f', files: [made(File, { name: 'x' })] as never }));
    await session.flush();
    faulty.set({ at: 1, after: false });
    await expect(session.commit()).rejects.toThrow();
    faulty.set(undefined);
    expect([session.contains(label), session.contains(file), file.id]).toEqual([false, false, undefined]);
    session.addAll([label, file]);
    await session.commit();
    expect(await db.getRepository(File).count()).toBe(1);
    await session.close();
  });
});
