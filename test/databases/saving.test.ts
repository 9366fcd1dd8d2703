/** Saving and removing graphs of entities, on every database: what is written, in which order, and how much of it. */

import { DataSource } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import {
  Egg,
  entities,
  File,
  Folder,
  Hen,
  Label,
  Left,
  Line,
  Order,
  Passport,
  Person,
  type Player,
  Right,
  Team,
} from './saving-entities';

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: { code?: string }) => cause.code ?? cause,
  );

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let db: DataSource;
  let log: string[] = [];
  /** The statements since the last call, by their first words, those that open and end a transaction left out. */
  const statements = (): string[] => {
    const said = log.filter((sql) => !/^(?:BEGIN|START|COMMIT|SAVEPOINT|RELEASE|SET)/.test(sql));
    log = [];
    return said.map((sql) => sql.replaceAll(/["`]/g, '').split(/ (?:SET|\(|WHERE)/)[0] as string);
  };
  const isDeferrable = kind !== 'mysql';

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({
      url: database.url,
      entities: isDeferrable ? [...entities, Left, Right] : entities,
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
    log = [];
  });

  describe('inserting', () => {
    test('a graph comes class by class, each in one statement', async () => {
      const order = await db.getRepository(Order).save({
        customer: 'Ann',
        lines: [
          { place: 1, article: 'a' },
          { place: 2, article: 'b' },
        ],
        labels: [{ name: 'new' }, { name: 'paid' }],
      });
      expect(statements()).toEqual(
        [
          expect.stringContaining('SELECT name FROM labels'),
          'INSERT INTO orders',
          'INSERT INTO order_lines',
          'INSERT INTO labels',
          'INSERT INTO orders_labels',
        ].sort((a) => (String(a).includes('SELECT') ? -1 : 0)) as never,
      );
      expect(order).toMatchObject({
        version: 1,
        lines: [{ orderId: order.id, price: '1.00' }, { place: 2 }],
      });
      const read = await db.getRepository(Order).findOneOrFail({
        where: { id: order.id },
        relations: { lines: true, labels: true },
      });
      expect(read.lines.map(({ article }) => article)).toEqual(['a', 'b']);
      expect(read.labels.map(({ name }) => name)).toEqual(['new', 'paid']);
      await db.getRepository(Order).save(order);
      await db.getRepository(Order).save(read);
      statements();
      log = [];
      await db.getRepository(Order).save([order, read] as never);
      expect(log).toEqual([]);
    });

    test('a tree of one class comes a level a statement, parents first', async () => {
      const boss = await db.getRepository(Person).save({
        name: 'boss',
        reports: [
          { name: 'a', reports: [{ name: 'aa' }, { name: 'ab' }] },
          { name: 'b', reports: [{ name: 'ba' }] },
        ],
      });
      expect(statements()).toEqual(['INSERT INTO people', 'INSERT INTO people', 'INSERT INTO people']);
      const rows = await db.query<{ name: string; boss: string | null }>(
        'SELECT p.name, b.name AS boss FROM people p LEFT JOIN people b ON b.id = p.boss_id ORDER BY p.name',
      );
      expect(rows.map(({ name, boss: of }) => `${name}<${of}`)).toEqual([
        'a<boss',
        'aa<a',
        'ab<a',
        'b<boss',
        'ba<b',
        'boss<null',
      ]);
      expect((boss.reports[0] as Person).bossId).toBe(boss.id);
      expect(() => JSON.stringify(boss)).not.toThrow();
    });

    test('a circle is cut where a key may be NULL, and closed by an UPDATE', async () => {
      const team = db.getRepository(Team).create({ name: 'reds', players: [{ name: 'p1' }, { name: 'p2' }] });
      team.captain = team.players[1] as Player;
      await db.getRepository(Team).save(team);
      expect(statements()).toEqual(['INSERT INTO teams', 'INSERT INTO players', 'UPDATE teams']);
      const read = await db
        .getRepository(Team)
        .findOneOrFail({ where: { id: team.id }, relations: { captain: true } });
      expect(read.captain?.name).toBe('p2');
    });

    test('a row that refers to itself is inserted, then told so', async () => {
      const person = db.getRepository(Person).create({ name: 'self' });
      person.boss = person;
      await db.getRepository(Person).save(person);
      expect((await db.getRepository(Person).findOneByOrFail({ id: person.id })).bossId).toBe(person.id);
    });

    test('a circle without a key that may be NULL is refused, naming the way round', async () => {
      const hen = new Hen();
      const egg = new Egg();
      hen.hatchedFrom = egg;
      egg.laidBy = hen;
      const cause = await db
        .getRepository(Hen)
        .save(hen)
        .catch((thrown: unknown) => thrown);
      expect(cause).toMatchObject({ code: 'SAVE_CYCLE' });
      expect((cause as Error).message).toContain('Hen.hatchedFrom -> Egg.laidBy -> Hen');
      expect(log).toEqual([]);
    });

    test('a circle of deferred keys is inserted with keys made ahead, where there are such keys', async () => {
      if (!isDeferrable) {
        const other = await new DataSource({ url: database.url, entities: [Left, Right] }).initialize();
        expect(await codeOf(other.createSchema())).toBe('CAPABILITY_MISSING');
        await other.destroy();
        return;
      }
      const left = new Left();
      const right = new Right();
      left.right = right;
      right.left = left;
      await db.getRepository(Left).save(left);
      expect(statements()).toEqual(['INSERT INTO rights', 'INSERT INTO lefts'].sort());
      expect(await db.getRepository(Left).countBy({ right: { id: right.id } })).toBe(1);
    });

    test('several instances of one new row are one row', async () => {
      const orders = await db.getRepository(Order).save([
        { customer: 'a', labels: [{ name: 'x', weight: 1 }] },
        { customer: 'b', labels: [{ name: 'x', weight: 1 }, { name: 'y' }] },
      ]);
      expect(await db.getRepository(Label).count()).toBe(2);
      const read = await db
        .getRepository(Label)
        .findOneOrFail({ where: { name: 'x' }, relations: { orders: true } });
      expect(read.orders).toHaveLength(2);
      expect(orders.map(({ version }) => version)).toEqual([1, 1]);
    });

    test('a list may name who is saved from the other side', async () => {
      const label = db.getRepository(Label).create({ name: 'x' });
      const order = db.getRepository(Order).create({ customer: 'a', labels: [label] });
      label.orders = [order];
      await db.getRepository(Order).save(order);
      const read = await db.getRepository(Label).findOneOrFail({ relations: { orders: true } });
      expect(read.orders.map(({ id }) => id)).toEqual([order.id]);
      const alone = Object.assign(new Label(), { name: 'y', orders: [new Order()] });
      expect(await codeOf(db.getRepository(Label).save(alone))).toBe('RELATED_NOT_SAVED');
    });

    test('a generated key of null is made, and written back', async () => {
      const [a, b] = [
        { id: null, name: 'a' },
        { id: null, name: 'b' },
      ];
      const people = db.getRepository(Person);
      await people.insert([a, b] as never);
      const c = await people.save({ id: null, name: 'c' } as never);
      const ids = (await people.find({ order: { name: 'asc' } })).map(({ id }) => id);
      expect([a.id, b.id, (c as Person).id]).toEqual(ids);
    });

    test('the same instance twice in one call is written once', async () => {
      const person = db.getRepository(Person).create({ name: 'x' });
      await db.getRepository(Person).save([person, person]);
      expect(await db.getRepository(Person).countBy({ name: 'x' })).toBe(1);
    });
  });

  describe('updating', () => {
    test('many rows with values of their own, and only the changed ones', async () => {
      const people = db.getRepository(Person);
      await people.save(Array.from({ length: 150 }, (_, i) => ({ name: `n${i}` })));
      const read = await people.find({ order: { id: 'asc' } });
      for (const person of read.slice(0, 149)) person.name = `${person.name}!`;
      log = [];
      await people.save(read);
      expect(statements().length).toBe(kind === 'sqlite' ? 149 : 1);
      const names = (await people.find({ order: { id: 'asc' } })).map(({ name }) => name);
      expect(names).toEqual(read.map(({ name }) => name));
      expect(names[0]).toBe('n0!');
      expect(names[149]).toBe('n149');
      log = [];
      await people.save(read);
      expect(log).toEqual([]);
    });

    test('versions and dates go on in many rows at once, and a stale one stops them all', async () => {
      const orders = db.getRepository(Order);
      await orders.save(['a', 'b', 'c'].map((customer) => ({ customer })));
      const mine = await orders.find({ order: { customer: 'asc' } });
      const theirs = await orders.findOneByOrFail({ customer: 'b' });
      theirs.customer = 'bb';
      await orders.save(theirs);
      for (const order of mine) order.customer += '!';
      const before = mine.map((order) => ({ ...order }));
      const cause = await orders.save(mine).catch((thrown: unknown) => thrown);
      expect(cause).toMatchObject({
        code: 'OPTIMISTIC_LOCK',
        context: { entity: 'Order', key: `id ${theirs.id}` },
      });
      expect(mine.map((order) => ({ ...order }))).toEqual(before);
      const all = (await orders.find({ order: { customer: 'asc' } })).map(({ customer, version }) => [
        customer,
        version,
      ]);
      expect(all).toEqual([
        ['a', 1],
        ['bb', 2],
        ['c', 1],
      ]);
      const fresh = await orders.find();
      for (const order of fresh) order.customer += '?';
      await orders.save(fresh);
      expect(fresh.map(({ version }) => version).sort()).toEqual([2, 2, 3]);
      expect(await orders.find({ order: { id: 'asc' } })).toEqual(
        [...fresh].sort((a, b) => (a.id < b.id ? -1 : 1)),
      );
    });

    test('a row that is gone is told among many', async () => {
      const people = db.getRepository(Person);
      await people.save([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
      const read = await people.find({ order: { id: 'asc' } });
      await people.delete((read[1] as Person).id);
      for (const person of read) person.name += '!';
      const cause = await people.save(read).catch((thrown: unknown) => thrown);
      expect(cause).toMatchObject({ code: 'ROW_GONE', context: { key: `id ${read[1]?.id}` } });
      expect(await people.countBy({ name: 'a' })).toBe(1);
    });

    test('a to-one by its entity, by its key, by an object with an id, and by null', async () => {
      const people = db.getRepository(Person);
      const [a, b, c] = await people.save([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
      const person = await people.findOneByOrFail({ id: (c as Person).id });
      person.boss = a as Person;
      await people.save(person);
      expect(person.bossId).toBe(a?.id);
      person.bossId = (b as Person).id;
      await people.save(person);
      log = [];
      await people.save(person);
      expect(log).toEqual([]);
      expect((await people.findOneByOrFail({ id: person.id })).bossId).toBe(b?.id);
      person.boss = { id: a?.id } as never;
      await people.save(person);
      expect((await people.findOneByOrFail({ id: person.id })).bossId).toBe(a?.id);
      person.boss = null;
      await people.save(person);
      expect((await people.findOneByOrFail({ id: person.id })).bossId).toBeNull();
      expect(person.bossId).toBeNull();
    });

    test('a plain object with a key is an update, or an insert where nothing has that key', async () => {
      const labels = db.getRepository(Label);
      await labels.save([{ name: 'a', weight: 1 }, { name: 'b' }]);
      log = [];
      await labels.save([
        { name: 'a', weight: 5 },
        { name: 'c', weight: 6 },
      ]);
      expect(statements()).toEqual([
        expect.stringContaining('SELECT'),
        'INSERT INTO labels',
        'UPDATE labels',
      ]);
      const read = await labels.find({ order: { name: 'asc' } });
      expect(read.map(({ name, weight }) => `${name}${weight}`)).toEqual(['a5', 'b0', 'c6']);
    });
  });

  describe('lists that were loaded', () => {
    const loadOrder = (id: string) =>
      db.getRepository(Order).findOneOrFail({ where: { id }, relations: { lines: true, labels: true } });

    test('write who has joined and who has left, and nothing else', async () => {
      const { id } = await db.getRepository(Order).save({
        customer: 'Ann',
        lines: [1, 2, 3].map((place) => ({ place, article: `a${place}` })),
        labels: [{ name: 'x' }, { name: 'y' }],
      });
      const order = await loadOrder(id);
      order.lines.splice(0, 2);
      order.lines.push(db.getRepository(Line).create({ place: 9, article: 'new' }));
      order.labels = [order.labels[1] as Label, db.getRepository(Label).create({ name: 'z' })];
      log = [];
      await db.getRepository(Order).save(order);
      expect(statements()).toEqual([
        expect.stringContaining('SELECT name FROM labels'),
        'INSERT INTO order_lines',
        'INSERT INTO labels',
        'INSERT INTO orders_labels',
        'DELETE FROM orders_labels',
        'DELETE FROM order_lines',
      ]);
      const read = await loadOrder(id);
      expect(read.lines.map(({ place }) => place)).toEqual([3, 9]);
      expect(read.labels.map(({ name }) => name)).toEqual(['y', 'z']);
      log = [];
      await db.getRepository(Order).save(order);
      expect(log).toEqual([]);
    });

    test('let go of rows whose owner may be NULL', async () => {
      const people = db.getRepository(Person);
      const { id } = await people.save({ name: 'boss', reports: [{ name: 'a' }, { name: 'b' }] });
      const boss = await people.findOneOrFail({ where: { id }, relations: { reports: true } });
      const [left] = boss.reports.splice(0, 1) as [Person];
      await people.save(boss);
      expect(left.bossId).toBeNull();
      expect((await people.findOneByOrFail({ name: 'a' })).bossId).toBeNull();
      expect((await people.findOneByOrFail({ name: 'b' })).bossId).toBe(id);
      // What the member says itself is what was changed last.
      left.boss = boss as Person;
      await people.save([boss, left] as never);
      expect((await people.findOneByOrFail({ name: 'a' })).bossId).toBe(id);
    });

    test('soft-delete who has left where they are told to', async () => {
      const folders = db.getRepository(Folder);
      const { id } = await folders.save({ name: 'f', files: [{ name: 'a' }, { name: 'b' }] });
      const folder = await folders.findOneOrFail({ where: { id }, relations: { files: true } });
      const [gone] = folder.files.splice(0, 1) as [File];
      await folders.save(folder);
      expect(gone.deletedAt).toBeInstanceOf(Date);
      expect(await db.getRepository(File).count()).toBe(1);
    });

    test('the other side of a one-to-one is put, replaced and taken away', async () => {
      const people = db.getRepository(Person);
      const { id } = await people.save({ name: 'p', passport: { number: '1' } });
      const load = () => people.findOneOrFail({ where: { id }, relations: { passport: true } });
      const numbers = async () =>
        (
          await db.getRepository(Passport).find({ relations: { person: true }, order: { number: 'asc' } })
        ).map(({ number, person }) => `${number}:${person?.name}`);
      const person = await load();
      log = [];
      await people.save(person);
      expect(log).toEqual([]);
      person.passport = db.getRepository(Passport).create({ number: '2' });
      await people.save(person);
      expect(await numbers()).toEqual(['1:undefined', '2:p']);
      const again = await load();
      again.passport = null;
      await people.save(again);
      expect(await numbers()).toEqual(['1:undefined', '2:undefined']);
    });
  });

  describe('removing', () => {
    test('takes along what cascades, those that refer to others first', async () => {
      const { id } = await db.getRepository(Person).save({ name: 'p', passport: { number: '1' } });
      const person = await db
        .getRepository(Person)
        .findOneOrFail({ where: { id }, relations: { passport: true } });
      log = [];
      await db.getRepository(Person).remove(person);
      expect(statements()).toEqual(['DELETE FROM passports', 'DELETE FROM people']);
    });

    test('a tree of one class goes from its leaves, a level a statement', async () => {
      const people = db.getRepository(Person);
      await people.save({ name: 'b', reports: [{ name: 'a', reports: [{ name: 'aa' }] }, { name: 'c' }] });
      const all = await people.find();
      log = [];
      await people.remove(all);
      expect(statements()).toEqual(['DELETE FROM people', 'DELETE FROM people', 'DELETE FROM people']);
      expect(await people.count()).toBe(0);
    });

    test('a circle is cut before it is deleted', async () => {
      const team = db.getRepository(Team).create({ name: 'reds', players: [{ name: 'p1' }] });
      team.captain = team.players[0] as Player;
      await db.getRepository(Team).save(team);
      log = [];
      await db.getRepository(Team).remove(team);
      expect(statements()).toEqual(['UPDATE teams', 'DELETE FROM players', 'DELETE FROM teams']);
    });

    test('a stale version stops it, naming the entity', async () => {
      const orders = db.getRepository(Order);
      await orders.save([{ customer: 'a' }, { customer: 'b' }]);
      const mine = await orders.find({ order: { customer: 'asc' } });
      await orders.update({ customer: 'b' }, { customer: 'bb' });
      const cause = await orders.remove(mine).catch((thrown: unknown) => thrown);
      expect(cause).toMatchObject({ code: 'OPTIMISTIC_LOCK', context: { key: `id ${mine[1]?.id}` } });
      expect(await orders.count()).toBe(2);
      const [first] = mine as [Order];
      first.customer = 'c';
      await orders.save(first);
      expect(first.version).toBe(2);
    });

    test('leaves alone who has left the list before, and forgets who was never a row', async () => {
      const people = db.getRepository(Person);
      const { id } = await people.save({ name: 'boss', reports: [{ name: 'a' }, { name: 'b' }] });
      const boss = await people.findOneOrFail({ where: { id }, relations: { reports: true } });
      await people.remove(boss.reports.splice(0, 1) as Person[]);
      boss.reports.pop();
      await people.remove(boss);
      expect((await people.find()).map(({ name, bossId }) => [name, bossId])).toEqual([['b', null]]);
      const orders = db.getRepository(Order);
      const order = await orders.save({ customer: 'x', lines: [{ place: 1, article: 'a' }] });
      order.lines.push(db.getRepository(Line).create({ place: 2, article: 'b' }) as never);
      await orders.remove(order);
      expect(await db.getRepository(Line).count()).toBe(0);
    });

    test('softRemove hides, recover shows again, both with what they cascade to', async () => {
      const folders = db.getRepository(Folder);
      const { id } = await folders.save({ name: 'f', files: [{ name: 'a' }, { name: 'b' }] });
      const folder = await folders.findOneOrFail({ where: { id }, relations: { files: true } });
      await folders.softRemove(folder);
      expect(folder.deletedAt).toBeInstanceOf(Date);
      expect(folder.version).toBe(2);
      expect([await folders.count(), await db.getRepository(File).count()]).toEqual([0, 0]);
      await folders.recover(folder);
      expect(folder).toMatchObject({ deletedAt: null, version: 3 });
      expect([await folders.count(), await db.getRepository(File).count()]).toEqual([1, 2]);
      log = [];
      await folders.recover(folder);
      expect(log).toEqual([]);
      expect(await codeOf(db.getRepository(Person).softRemove({ id: 1 } as never))).toBe(
        'DELETE_DATE_MISSING',
      );
    });
  });

  test('a rollback gives entities back exactly what they held', async () => {
    const orders = db.getRepository(Order);
    const { id } = await orders.save({
      customer: 'old',
      lines: [{ place: 1, article: 'a' }],
      labels: [{ name: 'x' }],
    });
    const known = await orders.findOneOrFail({ where: { id }, relations: { lines: true, labels: true } });
    const [line] = known.lines as [Line];
    known.customer = 'new';
    known.lines = [db.getRepository(Line).create({ place: 2, article: 'b' })] as never;
    known.labels = [];
    const fresh = orders.create({ customer: 'fresh', lines: [{ place: 1, article: 'c' }] });
    const picture = (): string => JSON.stringify([known, fresh, line, Object.keys(fresh)]);
    const before = picture();
    await codeOf(
      db.transaction(async () => {
        await orders.save([known, fresh] as never);
        expect(fresh.id).toBeDefined();
        throw new Error('back');
      }),
    );
    expect(picture()).toBe(before);
    log = [];
    await orders.save([known, fresh] as never);
    const read = await orders.find({ relations: { lines: true, labels: true }, order: { customer: 'asc' } });
    expect(read.map(({ customer, lines, labels }) => [customer, lines.length, labels.length])).toEqual([
      ['fresh', 1, 0],
      ['new', 1, 0],
    ]);
    expect(known.version).toBe(2);
  });

  test('keys that are swapped are swapped', async () => {
    const labels = db.getRepository(Label);
    await labels.save([
      { name: 'a', weight: 1 },
      { name: 'b', weight: 2 },
    ]);
    const [a, b] = (await labels.find({ order: { name: 'asc' } })) as [Label, Label];
    [a.name, b.name] = [b.name, a.name];
    await labels.save([a, b]);
    expect((await labels.find({ order: { name: 'asc' } })).map(({ weight }) => weight)).toEqual([2, 1]);
  });
});
