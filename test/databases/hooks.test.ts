/** Listeners and subscribers on real databases: who is told, when, in which transaction, and at what price. */

import {
  AfterLoad,
  Column,
  DataSource,
  Entity,
  type EntitySubscriberInterface,
  type InsertEvent,
  type LoadEvent,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

const heard: string[] = [];
beforeEach(() => heard.splice(0));

@Entity('hook_owners')
class Owner {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @OneToMany(
    () => Pet,
    (pet) => pet.owner,
  )
  pets!: Many<Pet>;
  shout?: string;

  @AfterLoad() louder(): void {
    this.shout = `${this.name.toUpperCase()} ${this.pets === undefined ? '' : this.pets.length}`.trim();
  }
}

@Entity('hook_pets')
class Pet {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @ManyToOne(
    () => Owner,
    (owner) => owner.pets,
  )
  owner!: One<Owner>;
}

class Ear implements EntitySubscriberInterface<Pet> {
  listenTo() {
    return Pet;
  }
  async afterLoad(entity: Pet, { manager, metadata }: LoadEvent<Pet>): Promise<void> {
    const count = await manager.getRepository(Pet).count();
    heard.push(`${metadata.name} ${entity.name} of ${count}`);
  }
}

for (const kind of testDatabases()) {
  describe(`on ${kind}`, () => {
    let base: TestDatabase;
    let log: string[] = [];

    async function open(subscribers: readonly object[] = []): Promise<DataSource> {
      const db = new DataSource({
        url: base.url,
        entities: [Owner, Pet],
        subscribers,
        logger: (entry) => {
          if (entry.kind === 'query') log.push(entry.sql);
        },
      });
      await db.initialize();
      await db.synchronize();
      return db;
    }

    beforeAll(async () => {
      base = await createDatabase(kind);
      const db = await open();
      const ann = await db.getRepository(Owner).save({ name: 'ann' });
      await db.getRepository(Pet).insert([
        { name: 'rex', owner: ann },
        { name: 'mia', owner: ann },
      ]);
      await db.destroy();
    });
    afterAll(() => base.drop());

    test('an entity is told of having been loaded when its relations are there', async () => {
      const db = await open();
      const owners = db.getRepository(Owner);
      expect((await owners.findOneByOrFail({ name: 'ann' })).shout).toBe('ANN');
      const [ann] = await owners.find({ relations: { pets: true } });
      expect(ann?.shout).toBe('ANN 2');
      const pets = await db.getRepository(Pet).find({ relations: { owner: true } });
      expect(pets.map(({ owner }) => owner.shout)).toEqual(['ANN', 'ANN']);
      await db.destroy();
    });

    test('subscribers are told of related entities before those that hold them, and may read', async () => {
      const db = await open([Ear, { afterLoad: (entity: object) => heard.push(entity.constructor.name) }]);
      log = [];
      const [ann] = await db.getRepository(Owner).find({ relations: { pets: true } });
      expect(ann?.pets).toHaveLength(2);
      expect(heard).toEqual(['Pet rex of 2', 'Pet', 'Pet mia of 2', 'Pet', 'Owner']);
      expect(log.filter((sql) => sql.includes('COUNT'))).toHaveLength(2);
      await db.destroy();
    });

    test('what afterLoad throws reaches the caller, and the connection is free', async () => {
      const db = await open([
        {
          afterLoad: () => {
            throw new Error('deaf');
          },
        },
      ]);
      await expect(db.getRepository(Pet).find()).rejects.toThrow('deaf');
      await expect(db.getRepository(Pet).count()).resolves.toBe(2);
      await db.destroy();
    });

    test('insert and save tell of what they write, in the same transaction, and are undone by who throws', async () => {
      let fails = false;
      const db = await open([
        {
          listenTo: () => Pet,
          beforeInsert: ({ entity }: InsertEvent<Pet>) => {
            entity.name = entity.name.trim();
          },
          afterInsert: async ({ entity, manager }: InsertEvent<Pet>) => {
            heard.push(`${entity.name} ${await manager.countBy(Pet, { name: entity.name })}`);
            if (fails) throw new Error('undo');
          },
        },
      ]);
      const pets = db.getRepository(Pet);
      const owner = await db.getRepository(Owner).findOneByOrFail({ name: 'ann' });
      await pets.insert([{ name: ' tom ', owner }]);
      await pets.save({ name: ' bob ', owner });
      expect(heard).toEqual(['tom 1', 'bob 1']);
      fails = true;
      await expect(pets.insert({ name: 'ida', owner })).rejects.toThrow('undo');
      await expect(pets.save({ name: 'ida', owner })).rejects.toThrow('undo');
      expect(await pets.countBy({ name: 'ida' })).toBe(0);
      await pets.delete([...(await pets.findBy([{ name: 'tom' }, { name: 'bob' }]))].map(({ id }) => id));
      await db.destroy();
    });
  });
}
