/** The side of a one-to-one without the key: replaced and emptied, loaded or not; and hiding rows that nobody has read. */

import { DataSource } from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Folder, Passport, Person } from './saving-entities';

const made = <T extends object>(target: new () => T, values: Partial<T>): T =>
  Object.assign(new target(), values);

describe.each(testDatabases())('on %s', (kind) => {
  let base: TestDatabase;
  let db: DataSource;

  beforeAll(async () => {
    base = await createDatabase(kind);
    db = await new DataSource({ url: base.url, entities }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await base.drop();
  });
  beforeEach(async () => {
    for (const table of ['passports', 'people', 'folders']) await db.query(`DELETE FROM ${table}`);
    await db
      .getRepository(Person)
      .save(made(Person, { name: 'ann', passport: made(Passport, { number: 'old' }) }));
  });

  /** Whose each passport is, by number. */
  const holders = async (): Promise<Record<string, string | undefined>> => {
    const passports = await db
      .getRepository(Passport)
      .find({ relations: { person: true }, order: { id: 'asc' } });
    return Object.fromEntries(passports.map(({ number, person }) => [number, person?.name]));
  };
  const save = (person: object): Promise<unknown> => db.getRepository(Person).save(person as Person);
  const flush = async (person: object): Promise<unknown> => {
    await using session = db.session();
    session.add(person);
    return session.commit();
  };

  describe.each([
    ['save', save],
    ['a session', flush],
  ] as const)('by %s', (_, write) => {
    const loaded = () =>
      db.getRepository(Person).findOneOrFail({ where: { name: 'ann' }, relations: { passport: true } });
    const bare = () => db.getRepository(Person).findOneByOrFail({ name: 'ann' });

    test('loaded and replaced: the old one is let go, the new one inserted', async () => {
      const ann = await loaded();
      await write(Object.assign(ann, { passport: made(Passport, { number: 'new' }) }));
      expect(await holders()).toEqual({ old: undefined, new: 'ann' });
    });

    test('loaded and replaced by one that is there', async () => {
      const spare = await db.getRepository(Passport).save(made(Passport, { number: 'spare' }));
      await write(Object.assign(await loaded(), { passport: spare }));
      expect(await holders()).toEqual({ old: undefined, spare: 'ann' });
    });

    test('loaded and set to null: the old one is let go', async () => {
      await write(Object.assign(await loaded(), { passport: null }));
      expect(await holders()).toEqual({ old: undefined });
    });

    test('not loaded and set to null: nobody knows whom that would be, so nothing is written', async () => {
      await write(Object.assign(await bare(), { passport: null }));
      expect(await holders()).toEqual({ old: 'ann' });
    });

    test('not loaded and replaced: the database refuses the second one, and nothing is written', async () => {
      const ann = Object.assign(await bare(), { passport: made(Passport, { number: 'new' }) });
      await expect(write(ann)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
      expect(await holders()).toEqual({ old: 'ann' });
    });

    test('passed on from one that had it to another one', async () => {
      const ann = await loaded();
      const bob = await db.getRepository(Person).save(made(Person, { name: 'bob' }));
      const passport = ann.passport;
      ann.passport = null;
      Object.assign(bob, { passport });
      if (write === save) await db.getRepository(Person).save([ann, bob] as Person[]);
      else {
        await using session = db.session();
        session.addAll([ann, bob]);
        await session.commit();
      }
      expect(await holders()).toEqual({ old: 'bob' });
    });
  });

  test('what no row has can be neither hidden nor shown, and says nothing, as in TypeORM', async () => {
    const folders = db.getRepository(Folder);
    const ghost = (): Folder => made(Folder, { id: 4711 });
    const before = await folders.save(made(Folder, { name: 'here' }));
    await folders.softRemove(ghost());
    await folders.recover(ghost());
    expect(await folders.find({ withDeleted: true })).toHaveLength(1);
    await folders.softRemove(made(Folder, { id: before.id }));
    expect(await folders.count()).toBe(0);
    await folders.recover(made(Folder, { id: before.id }));
    expect(await folders.findOneByOrFail({})).toMatchObject({ name: 'here' });
    await expect(folders.softRemove(made(Folder, { name: 'no key' }))).rejects.toMatchObject({
      code: 'KEY_MISSING',
    });
  });
});
