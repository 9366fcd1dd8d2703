/** Listeners and subscribers on real databases: who is told, when, in which transaction, and at what price. */

import {
  AfterLoad,
  Column,
  DataSource,
  Entity,
  type EntitySubscriberInterface,
  In,
  type InsertEvent,
  Like,
  type LoadEvent,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  type TransactionCommitEvent,
  type TransactionStartEvent,
} from 'limbeck';
import { error } from '../../src/base/error-codes';
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

    describe('of transactions', () => {
      const steps = ['Start', 'Commit', 'Rollback'].flatMap((step) => [
        `beforeTransaction${step}`,
        `afterTransaction${step}`,
      ]);
      const ear = (extra: object = {}): object => ({
        ...Object.fromEntries(
          steps.map((step) => [
            step,
            async ({ manager }: TransactionStartEvent) => {
              await manager.getRepository(Owner).count();
              heard.push(step);
            },
          ]),
        ),
        ...extra,
      });
      const told = (): string[] => heard.splice(0).map((step) => step.replace('Transaction', ''));

      test('the outermost one is told of, inside and outside of it, with a manager that works', async () => {
        const db = await open([ear()]);
        log = [];
        await db.transaction(async (manager) => {
          heard.push('body');
          await manager.transaction(async () => heard.push('savepoint'));
        });
        expect(told()).toEqual([
          'beforeStart',
          'afterStart',
          'body',
          'savepoint',
          'beforeCommit',
          'afterCommit',
        ]);
        const shape = log.map((sql) => (sql.includes('COUNT') ? 'count' : sql.split(' ')[0]));
        const statements = shape.filter((word) => ['count', 'BEGIN', 'START', 'COMMIT'].includes(word ?? ''));
        expect(statements.map((word) => (word === 'START' ? 'BEGIN' : word))).toEqual([
          'count',
          'BEGIN',
          'count',
          'count',
          'COMMIT',
          'count',
        ]);
        await db.destroy();
      });

      test('a rollback is told of, and what fails then hides nothing', async () => {
        const fails = (step: string): object => ({
          [step]: () => {
            throw new Error('the ear');
          },
        });
        for (const step of ['none', 'beforeTransactionRollback', 'afterTransactionRollback']) {
          const db = await open([ear(), fails(step)]);
          const failed = db.transaction(async (manager) => {
            await manager.getRepository(Owner).insert({ name: 'lost' });
            throw new Error('the body');
          });
          await expect(failed).rejects.toThrow('the body');
          expect(told()).toEqual(['beforeStart', 'afterStart', 'beforeRollback', 'afterRollback']);
          await expect(db.getRepository(Owner).countBy({ name: 'lost' })).resolves.toBe(0);
          await db.destroy();
        }
      });

      test.each([
        ['beforeTransactionStart', 0, ['beforeStart']],
        ['afterTransactionStart', 0, ['beforeStart', 'afterStart', 'beforeRollback', 'afterRollback']],
        [
          'beforeTransactionCommit',
          0,
          ['beforeStart', 'afterStart', 'beforeCommit', 'beforeRollback', 'afterRollback'],
        ],
        ['afterTransactionCommit', 1, ['beforeStart', 'afterStart', 'beforeCommit', 'afterCommit']],
      ])('what %s throws reaches the caller', async (step, kept, expected) => {
        const db = await open([
          ear(),
          {
            [step]: () => {
              throw new Error('enough');
            },
          },
        ]);
        const name = `from ${step}`;
        const write = db.transaction(
          async (manager) => {
            await manager.getRepository(Owner).insert({ name });
          },
          { retries: 2 },
        );
        await expect(write).rejects.toThrow('enough');
        expect(told()).toEqual(expected);
        await expect(db.getRepository(Owner).countBy({ name })).resolves.toBe(kept);
        await db.getRepository(Owner).delete({ name: Like('from %') });
        await db.destroy();
      });

      test('a committed transaction never runs again for what is thrown afterwards', async () => {
        const db = await open([
          {
            afterTransactionCommit: () => {
              throw error('DEADLOCK', { reason: 'made up' });
            },
          },
        ]);
        let runs = 0;
        const write = db.transaction(
          async () => {
            runs++;
          },
          { retries: 2 },
        );
        await expect(write).rejects.toThrow('made up');
        expect(runs).toBe(1);
        await db.destroy();
      });

      test('what is written before the commit belongs to the transaction of a save of several rows', async () => {
        const db = await open([
          {
            beforeTransactionCommit: async ({ manager }: TransactionCommitEvent) => {
              heard.push('commit');
              await manager.getRepository(Owner).insert({ name: 'last' });
            },
          },
        ]);
        const owner = Object.assign(new Owner(), { name: 'first' });
        const pet = Object.assign(new Pet(), { name: 'first pet', owner });
        await db.transaction(async (manager) => {
          await manager.getRepository(Owner).save(owner);
          await manager.getRepository(Pet).save(pet);
        });
        expect(heard).toEqual(['commit']);
        await expect(db.getRepository(Owner).countBy({ name: 'last' })).resolves.toBe(1);
        await db.getRepository(Pet).delete({ name: 'first pet' });
        await db.getRepository(Owner).delete({ name: In(['first', 'last']) });
        await db.destroy();
      });
    });
  });
}
