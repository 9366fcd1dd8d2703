/** What one call of `save` or `remove` may say besides the entities, and what one call does of several classes. */

import {
  BeforeInsert,
  BeforeUpdate,
  Column,
  DataSource,
  Entity,
  type EntitySubscriberInterface,
  type InsertEvent,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  type RemoveEvent,
  type UpdateEvent,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

const heard: unknown[] = [];

@Entity('option_houses')
class House {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @OneToMany(
    () => Guest,
    (guest) => guest.house,
    { cascade: ['insert', 'remove'] },
  )
  guests!: Many<Guest>;

  @BeforeInsert() @BeforeUpdate() call(): void {
    heard.push(`listener of ${this.name}`);
  }
}

@Entity('option_guests')
class Guest {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @ManyToOne(
    () => House,
    (house) => house.guests,
  )
  house!: One<House>;
}

class Ear implements EntitySubscriberInterface {
  afterInsert({ entity, data }: InsertEvent): void {
    heard.push([entity.constructor.name, data]);
  }
  beforeUpdate({ data }: UpdateEvent): void {
    heard.push(data);
  }
  beforeRemove({ entity, data }: RemoveEvent): void {
    heard.push([entity.constructor.name, data]);
  }
}

describe.each(testDatabases())('on %s', (kind) => {
  let base: TestDatabase;
  let db: DataSource;
  let log: string[] = [];
  const said = (): string[] => log.splice(0).map((sql) => sql.split(/[ (]/, 1)[0]?.toUpperCase() as string);

  beforeAll(async () => {
    base = await createDatabase(kind);
    db = await new DataSource({
      url: base.url,
      entities: [House, Guest],
      subscribers: [Ear],
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await base.drop();
  });
  beforeEach(() => {
    heard.length = 0;
    log = [];
  });

  test('data reaches subscribers, of what is cascaded to as well, and of the next call no longer', async () => {
    const data = { by: 'ann' };
    const house = await db.getRepository(House).save({ name: 'a', guests: [{ name: 'x' }] }, { data });
    expect(heard).toEqual(['listener of a', ['House', data], ['Guest', data]]);
    heard.length = 0;
    house.name = 'b';
    await db.manager.save(house, { data: 5 });
    expect(heard).toEqual(['listener of b', 5]);
    heard.length = 0;
    house.name = 'c';
    await db.manager.save(House, house);
    expect(heard).toEqual(['listener of c', undefined]);
    heard.length = 0;
    await db.getRepository(House).remove(house, { data });
    expect(heard).toEqual([
      ['Guest', data],
      ['House', data],
    ]);
  });

  test('listeners: false tells nobody, and needs no transaction', async () => {
    const house = await db.getRepository(House).save({ name: 'a' }, { listeners: false });
    house.name = 'b';
    await db.manager.save([house], { listeners: false });
    await db.manager.remove(House, house, { listeners: false });
    expect(heard).toEqual([]);
    expect(said().filter((word) => /BEGIN|START|COMMIT/.test(word))).toEqual([]);
    expect(await db.getRepository(House).count()).toBe(0);
  });

  test('chunks are written one after the other in one transaction', async () => {
    const drafts = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }));
    await db.getRepository(House).save(drafts, { chunk: 2, listeners: false });
    const words = said();
    expect(words.filter((word) => word === 'COMMIT')).toHaveLength(1);
    expect(words.filter((word) => word === 'INSERT').length).toBeGreaterThanOrEqual(3);
    const houses = await db.getRepository(House).find({ order: { id: 'asc' } });
    expect(houses.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const broken = [...houses.map((house) => Object.assign(house, { name: 'z' })), { name: 'x'.repeat(99) }];
    await expect(db.getRepository(House).save(broken as House[], { chunk: 2 })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    expect(await db.getRepository(House).countBy({ name: 'z' })).toBe(0);
    await db.getRepository(House).clear();
  });

  test('what cannot be chosen, or is misspelt, is refused', async () => {
    const save = (options: unknown): Promise<unknown> =>
      db.getRepository(House).save({ name: 'a' }, options as object);
    for (const [options, code, words] of [
      [{ transaction: false }, 'OPTION_INVALID', 'whole or not at all'],
      [{ reload: false }, 'OPTION_INVALID', 'read back'],
      [{ listener: false }, 'OPTION_UNKNOWN', "'listener'"],
      [{ listeners: 0 }, 'OPTION_INVALID', 'true or false'],
      [{ chunk: 0 }, 'OPTION_INVALID', 'from 1'],
      ['x', 'OPTION_INVALID', 'expected options'],
    ] as const) {
      await expect(save(options)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    }
    await expect(save({ transaction: true, reload: true })).resolves.toBeInstanceOf(House);
    await db.getRepository(House).clear();
  });

  test('entities of several classes are one unit of work, in whatever order they are given', async () => {
    const house = db.getRepository(House).create({ name: 'a' });
    const guest = db.getRepository(Guest).create({ name: 'x' });
    guest.house = house;
    await db.manager.save([guest, house]);
    expect(await db.getRepository(Guest).countBy({ house: { name: 'a' } })).toBe(1);
    await db.manager.remove([house, guest]);
    expect([await db.getRepository(House).count(), await db.getRepository(Guest).count()]).toEqual([0, 0]);
  });

  test('an object that names a row which is not there is told so, and not that the row was deleted', async () => {
    const house = db.getRepository(House).create({ name: 'a' });
    house.guests = [db.getRepository(Guest).create({ id: 999 })];
    const cause = await db
      .getRepository(House)
      .save(house)
      .catch((thrown: unknown) => thrown);
    expect(cause).toMatchObject({ code: 'ROW_GONE', context: { isRead: false, key: 'id 999' } });
    expect((cause as Error).message).toContain("No row of 'Guest' has id 999");
    expect(await db.getRepository(House).count()).toBe(0);
  });

  test('what is no entity in the place of one is refused, and not left out quietly', async () => {
    const [houses, guests] = [db.getRepository(House), db.getRepository(Guest)];
    const house = await houses.save({ name: 'a' });
    const wrong: readonly (readonly [name: string, save: () => Promise<unknown>, words: string])[] = [
      ['a Promise', () => guests.save({ name: 'x', house: Promise.resolve(house) } as never), 'await it'],
      [
        'one in an insert',
        () => guests.insert({ name: 'x', house: Promise.resolve(house) } as never),
        'await it',
      ],
      ['one for a list', () => houses.save({ name: 'x', guests: Promise.resolve([]) } as never), 'await it'],
      [
        'an object for a list',
        () => houses.save({ name: 'x', guests: { name: 'y' } } as never),
        'got an object',
      ],
      [
        'a key in a list',
        () => houses.save({ name: 'x', guests: [{ name: 'y' }, 1] } as never),
        'holds 1 at 1',
      ],
      ['null in a list', () => houses.save({ name: 'x', guests: [null] } as never), 'holds null at 0'],
    ];
    for (const [name, save, words] of wrong) {
      const cause = await save().catch((thrown: unknown) => thrown);
      expect([name, cause]).toEqual([name, expect.objectContaining({ code: 'VALUE_INVALID' })]);
      expect((cause as Error).message).toContain(words);
    }
    expect([await houses.count(), await guests.count()]).toEqual([1, 0]);
    await houses.remove(house);
  });
});
