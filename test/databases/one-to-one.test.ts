/** The side of a one-to-one without the key: replaced and emptied, loaded or not; and hiding rows that nobody has read. */

import {
  Column,
  DataSource,
  Entity,
  In,
  JoinColumn,
  type One,
  OneToOne,
  PrimaryGeneratedColumn,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';
import { entities, Folder, Passport, Person } from './saving-entities';

const made = <T extends object>(target: new () => T, values: Partial<T>): T =>
  Object.assign(new target(), values);

@Entity('desks')
class Desk {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @OneToOne(
    () => Lamp,
    (lamp) => lamp.desk,
    { cascade: true, nullable: true, orphanedRowAction: 'delete' },
  )
  lamp!: One<Lamp> | null;
  @OneToOne(
    () => Chair,
    (chair) => chair.desk,
    { cascade: true, nullable: true },
  )
  chair!: One<Chair> | null;
}

@Entity('lamps')
class Lamp {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @OneToOne(
    () => Desk,
    (desk) => desk.lamp,
  )
  @JoinColumn()
  desk!: One<Desk>;
}

@Entity('chairs')
class Chair {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @OneToOne(
    () => Desk,
    (desk) => desk.chair,
  )
  @JoinColumn()
  desk!: One<Desk>;
}

describe.each(testDatabases())('on %s', (kind) => {
  let base: TestDatabase;
  let db: DataSource;
  const log: string[] = [];

  beforeAll(async () => {
    base = await createDatabase(kind);
    db = await new DataSource({
      url: base.url,
      entities: [...entities, Desk, Lamp, Chair],
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
  beforeEach(async () => {
    for (const table of ['passports', 'people', 'folders', 'lamps', 'chairs', 'desks'])
      await db.query(`DELETE FROM ${table}`);
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
  const reads = (): number => log.filter((text) => /^SELECT/i.test(text)).length;
  const saveAll = (all: readonly object[]): Promise<unknown> => db.manager.save(all);
  const flushAll = async (all: readonly object[]): Promise<unknown> => {
    await using session = db.session();
    session.addAll(all);
    return session.commit();
  };
  const save = (one: object): Promise<unknown> => saveAll([one]);
  const flush = (one: object): Promise<unknown> => flushAll([one]);

  describe.each([
    ['save', save, saveAll],
    ['a session', flush, flushAll],
  ] as const)('by %s', (_, write, writeAll) => {
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

    test('not loaded and set to null: the old one is read, and let go', async () => {
      const ann = Object.assign(await bare(), { passport: null });
      log.length = 0;
      await write(ann);
      expect(await holders()).toEqual({ old: undefined });
      log.length = 0;
      await write(ann);
      expect(reads()).toBe(0);
    });

    test('not loaded and replaced: the old one is read, and let go before the new one comes', async () => {
      const ann = Object.assign(await bare(), { passport: made(Passport, { number: 'new' }) });
      await write(ann);
      expect(await holders()).toEqual({ old: undefined, new: 'ann' });
    });

    test('not loaded and replaced by the one that is there: nothing is read or written', async () => {
      const ann = Object.assign(await bare(), {
        passport: await db.getRepository(Passport).findOneByOrFail({}),
      });
      log.length = 0;
      await write(ann);
      expect(log.filter((text) => /^(?:SELECT|UPDATE|INSERT)/i.test(text))).toEqual([]);
    });

    test('many are asked about by one query', async () => {
      const names = Array.from({ length: 9 }, (_, i) => `p${i}`);
      const all = await db
        .getRepository(Person)
        .save(names.map((name) => made(Person, { name, passport: made(Passport, { number: name }) })));
      const people = await db.getRepository(Person).find({ where: { id: In(all.map(({ id }) => id)) } });
      people.forEach((person, i) => {
        Object.assign(person, { passport: i % 2 === 0 ? null : made(Passport, { number: `n${i}` }) });
      });
      log.length = 0;
      await writeAll(people);
      expect(reads()).toBe(1);
      const left = await holders();
      for (const [i, name] of names.entries()) {
        expect(left[name]).toBeUndefined();
        expect(left[`n${i}`]).toBe(i % 2 === 0 ? undefined : name);
      }
    });

    test('what becomes of the old one is as orphanedRowAction says', async () => {
      const [desk] = await db
        .getRepository(Desk)
        .save([
          made(Desk, { name: 'd', lamp: made(Lamp, { name: 'old' }), chair: made(Chair, { name: 'old' }) }),
        ]);
      const bareDesk = await db.getRepository(Desk).findOneByOrFail({ id: desk?.id as number });
      await write(Object.assign(bareDesk, { lamp: made(Lamp, { name: 'new' }) }));
      expect((await db.getRepository(Lamp).find()).map(({ name }) => name)).toEqual(['new']);
      const again = await db.getRepository(Desk).findOneByOrFail({ id: desk?.id as number });
      await write(Object.assign(again, { lamp: null }));
      expect(await db.getRepository(Lamp).count()).toBe(0);
      const once = await db.getRepository(Desk).findOneByOrFail({ id: desk?.id as number });
      await expect(write(Object.assign(once, { chair: made(Chair, { name: 'new' }) }))).rejects.toMatchObject(
        { code: 'RELATION_REQUIRED' },
      );
      expect((await db.getRepository(Chair).find()).map(({ name }) => name)).toEqual(['old']);
    });

    test('two that change places, neither loaded', async () => {
      const bob = await db
        .getRepository(Person)
        .save(made(Person, { name: 'bob', passport: made(Passport, { number: 'bobs' }) }));
      const [ann, other] = [await bare(), await db.getRepository(Person).findOneByOrFail({ id: bob.id })];
      const passports = db.getRepository(Passport);
      Object.assign(ann, { passport: await passports.findOneByOrFail({ number: 'bobs' }) });
      Object.assign(other, { passport: await passports.findOneByOrFail({ number: 'old' }) });
      await writeAll([ann, other]);
      expect(await holders()).toEqual({ old: 'bob', bobs: 'ann' });
    });

    test('a draft with a key empties it as well', async () => {
      const { id } = await bare();
      await db.manager.save([made(Person, { id, name: 'ann', passport: null })]);
      expect(await holders()).toEqual({ old: undefined });
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

  test('who is let go is told of, once, and a rollback gives everything back', async () => {
    const told: string[] = [];
    class Ear {
      listenTo(): unknown {
        return Passport;
      }
      beforeUpdate({ entity }: { entity: Passport }): void {
        told.push(`${entity.number} ${entity.person === null ? 'goes' : 'stays'}`);
      }
      beforeInsert({ entity }: { entity: Passport }): void {
        told.push(`${entity.number} comes`);
      }
    }
    const heard = await new DataSource({
      url: base.url,
      entities: [...entities, Desk, Lamp, Chair],
      subscribers: [Ear],
    }).initialize();
    const ann = await heard.getRepository(Person).findOneByOrFail({ name: 'ann' });
    const draft = { id: ann.id, name: 'ann', passport: { number: 'new' } };
    await expect(
      heard.transaction(async () => {
        await heard.getRepository(Person).save(draft);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    expect(await holders()).toEqual({ old: 'ann' });
    told.length = 0;
    Object.assign(ann, { passport: made(Passport, { number: 'new' }) });
    await heard.getRepository(Person).save(ann);
    expect(told.map((each) => each.split(' ')[0]).sort()).toEqual(['new', 'old']);
    expect(await holders()).toEqual({ old: undefined, new: 'ann' });
    await heard.destroy();
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
