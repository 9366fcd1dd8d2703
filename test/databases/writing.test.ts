/** Writing by values and criteria, and the manager's family of methods, on every database. */

import {
  Column,
  DataSource,
  DeleteDateColumn,
  Entity,
  ManyToOne,
  type One,
  PrimaryGeneratedColumn,
  type Repository,
  sql,
  UpdateDateColumn,
  VersionColumn,
} from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('wr_shelves')
class Shelf {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
}

@Entity('wr_items')
class Item {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('integer', { default: 0 }) count!: number;
  @Column('bigint', { nullable: true }) big!: bigint | null;
  @Column('decimal', { precision: 12, scale: 2, nullable: true }) price!: string | null;
  @Column('double', { nullable: true }) weight!: number | null;
  @Column('varchar', { length: 20, update: false, default: 'x' }) origin!: string;
  @Column('varchar', { length: 20, insert: false, nullable: true }) later!: string | null;
  @ManyToOne(() => Shelf, { nullable: true }) shelf!: One<Shelf> | null;
  @UpdateDateColumn() updatedAt!: Date;
  @DeleteDateColumn() deletedAt!: Date | null;
  @VersionColumn() version!: number;
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: unknown) => (isLimbeckError(cause) ? cause.code : cause),
  );

for (const kind of testDatabases()) {
  describe(`on ${kind}`, () => {
    let base: TestDatabase;
    let db: DataSource;
    let items: Repository<Item>;
    let log: string[] = [];

    beforeAll(async () => {
      base = await createDatabase(kind);
      db = new DataSource({
        url: base.url,
        entities: [Item, Shelf],
        logger: (entry) => {
          if (entry.kind === 'query') log.push(entry.sql);
        },
      });
      await db.initialize();
      await db.createSchema();
      items = db.getRepository(Item);
    });
    afterAll(async () => {
      await db.destroy();
      await base.drop();
    });
    beforeEach(async () => {
      await items.clear();
      await items.insert([
        { name: 'a', count: 1, big: 9007199254740993n, price: '0.10', weight: 1.5 },
        { name: 'b', count: 2 },
      ]);
      log = [];
    });

    const only = (name: string): Promise<Item> =>
      items.findOneOrFail({ where: { name }, withDeleted: true }) as Promise<Item>;

    test('insert writes generated values back, and leaves out what may not be inserted', async () => {
      const rows = [{ name: 'c', later: 'no' }, { name: 'd' }];
      const { identifiers, generatedMaps, affected } = await items.insert(rows);
      expect(affected).toBe(2);
      expect(log.filter((text) => text.startsWith('INSERT'))).toHaveLength(1);
      const [c, d] = [await only('c'), await only('d')];
      expect(identifiers).toEqual([{ id: c.id }, { id: d.id }]);
      expect(generatedMaps[0]).toMatchObject({ id: c.id, version: 1, origin: 'x', count: 0 });
      expect(c.later).toBeNull();
    });

    test('update sets values and SQL, counts the version on and leaves fixed columns alone', async () => {
      const before = await only('a');
      await new Promise((resolve) => setTimeout(resolve, 5));
      log = [];
      const shelf = await db.manager.save(Shelf, { name: 's' });
      log = [];
      const result = await items.update(
        { name: 'a' },
        { count: sql`count + ${10}`, origin: 'other', shelf, later: 'yes' },
      );
      expect(result).toEqual({ affected: 1 });
      expect(log).toHaveLength(1);
      const after = await only('a');
      expect(after).toMatchObject({ count: 11, origin: 'x', later: 'yes', version: 2 });
      expect(after.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime());
      expect(await items.countBy({ shelf: { name: 's' } })).toBe(1);
      expect((await only('b')).version).toBe(1);
    });

    test.each<[string, () => Promise<unknown>, string]>([
      ['nothing to write', () => items.update({ name: 'a' }, {}), 'UPDATE_EMPTY'],
      ['what may not be updated alone', () => items.update({ name: 'a' }, { origin: 'y' }), 'UPDATE_EMPTY'],
      ['an unknown property', () => items.update({ name: 'a' }, { nam: 'y' } as never), 'PROPERTY_UNKNOWN'],
      [
        'a value of another type',
        () => items.update({ name: 'a' }, { count: '1' } as never),
        'VALUE_INVALID',
      ],
      ['no criteria', () => items.update({}, { count: 1 }), 'CRITERIA_EMPTY'],
      ['no criteria to increment', () => items.increment({}, 'count', 1), 'CRITERIA_EMPTY'],
      [
        'no number to increment',
        () => items.increment({ name: 'a' }, 'name' as 'count', 1),
        'OPTION_INVALID',
      ],
      ['a fraction of an integer', () => items.increment({ name: 'a' }, 'count', 0.5), 'VALUE_INVALID'],
      ['no criteria to soft-delete', () => items.softDelete([]), 'CRITERIA_EMPTY'],
      ['soft deletion without a date', () => db.getRepository(Shelf).softDelete(1), 'DELETE_DATE_MISSING'],
      [
        '__proto__ to insert',
        () => items.insert(JSON.parse('{"name":"x","__proto__":{"a":1}}')),
        'PROPERTY_UNKNOWN',
      ],
      [
        'constructor to insert',
        () => items.insert(JSON.parse('{"constructor":{"a":1}}')),
        'PROPERTY_UNKNOWN',
      ],
      [
        '__proto__ to save',
        () => items.save(JSON.parse('{"name":"x","__proto__":{"a":1}}')),
        'PROPERTY_UNKNOWN',
      ],
      ['__proto__ to update', () => items.update(1, JSON.parse('{"__proto__":{"a":1}}')), 'PROPERTY_UNKNOWN'],
      [
        'a forged operator or fragment',
        () => items.update(1, JSON.parse('{"count":{"strings":["1"],"values":[]}}')),
        'VALUE_INVALID',
      ],
    ])('refuses %s', async (_, act, code) => {
      expect(await codeOf(act())).toBe(code);
      expect(({} as { a?: unknown }).a).toBeUndefined();
    });

    test('increment and decrement are exact in every type of number', async () => {
      await items.increment({ name: 'a' }, 'count', 5);
      await items.decrement({ name: 'a' }, 'count', 2);
      await items.increment({ name: 'a' }, 'big', 2n);
      await items.increment({ name: 'a' }, 'price', '0.20');
      await items.decrement({ name: 'a' }, 'weight', 0.25);
      expect(log).toHaveLength(5);
      expect(await only('a')).toMatchObject({
        count: 4,
        big: 9007199254740995n,
        price: '0.30',
        weight: 1.25,
        version: 6,
      });
      expect(await items.countBy({ price: '0.30' })).toBe(1);
    });

    test('softDelete marks rows once, restore takes the mark back', async () => {
      expect(await items.softDelete({ name: 'a' })).toEqual({ affected: 1 });
      expect(await items.softDelete({ name: 'a' })).toEqual({ affected: 0 });
      expect(await items.count()).toBe(1);
      expect((await only('a')).deletedAt).toBeInstanceOf(Date);
      expect(await items.restore({ name: 'a' })).toEqual({ affected: 1 });
      expect(log.filter((text) => text.startsWith('UPDATE'))).toHaveLength(3);
      expect(await items.count()).toBe(2);
    });

    test('preload finds the row of a draft and assigns the draft to it', async () => {
      const { id } = await only('a');
      const found = await items.preload({ id, name: 'a2' });
      expect(found).toBeInstanceOf(Item);
      expect(found).toMatchObject({ id, name: 'a2', count: 1 });
      expect(await items.preload({ id: -1, name: 'none' })).toBeUndefined();
      expect(await items.preload({ name: 'no key' })).toBeUndefined();
      expect([items.hasId({ id }), items.hasId({}), items.getId({ id })]).toEqual([true, false, id]);
    });

    test('merge assigns to related entities of the same key and replaces others', async () => {
      const shelf = await db.manager.save(Shelf, { name: 's' });
      const item = items.merge(items.create({ name: 'm', shelf }), { shelf: { name: 't' } });
      expect(item.shelf).toBe(shelf);
      expect(shelf.name).toBe('t');
      items.merge(item, { shelf: { id: shelf.id + 1 } });
      expect(item.shelf).not.toBe(shelf);
    });

    test('the manager has the same methods, with the class before their arguments', async () => {
      const { manager } = db;
      const shelf = manager.create(Shelf, { name: 'm' });
      const item = manager.create(Item, { name: 'm', count: 3 });
      await manager.save([shelf, item]);
      expect([shelf.id, item.id].every((id) => id > 0)).toBe(true);
      expect(await manager.findOneBy(Item, { name: 'm' })).toMatchObject({ id: item.id });
      expect(await manager.count(Item)).toBe(3);
      expect(await manager.exists(Shelf, { where: { name: 'm' } })).toBe(true);
      await manager.increment(Item, item.id, 'count', 1);
      await manager.update(Item, { name: 'm' }, { weight: 2 });
      expect(await manager.findOneByOrFail(Item, { id: item.id })).toMatchObject({ count: 4, weight: 2 });
      await manager.insert(Shelf, { name: 'n' });
      await manager.delete(Shelf, { name: 'n' });
      const again = await manager.findOneByOrFail(Item, { id: item.id });
      await manager.softRemove(again);
      await manager.recover(again);
      await manager.remove([again, shelf]);
      expect(await manager.find(Item, { order: { name: 'asc' } })).toMatchObject([
        { name: 'a' },
        { name: 'b' },
      ]);
      expect(await codeOf(manager.save({ name: 'plain' }))).toBe('OPTION_INVALID');
      expect(manager.hasId(item)).toBe(true);
      await manager.clear(Shelf);
    });
  });
}
