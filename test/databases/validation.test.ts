/** Rules of class-validator on write: what is asked, when, and what the error says, on every database. */

import { IsDefined, IsEmail, IsNotEmpty, MaxLength, Min, ValidateNested } from 'class-validator';
import {
  Column,
  DataSource,
  Embeddable,
  Embedded,
  Entity,
  ManyToOne,
  type One,
  PrimaryGeneratedColumn,
  type ValidationError,
  type ValidationOptions,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Embeddable()
class Place {
  @IsNotEmpty() @Column('varchar', { length: 50 }) street!: string;
}

@Entity('va_groups')
class Group {
  @PrimaryGeneratedColumn() id!: number;
  @MaxLength(5) @Column('varchar', { length: 50 }) name!: string;
}

@Entity('va_people')
class Person {
  @PrimaryGeneratedColumn() id!: number;
  @IsEmail() @Column('varchar', { length: 50 }) email!: string;
  @IsDefined() @Min(0) @Min(18, { groups: ['adult'] }) @Column('integer') age!: number;
  @ValidateNested() @Embedded(() => Place) place!: Place;
  @ManyToOne(() => Group, { nullable: true }) group!: One<Group> | null;
}

@Entity('va_plain')
class Plainly {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') age!: number;
}

const good = { email: 'a@b.cc', age: 20, place: { street: 's' } };

const failureOf = (promise: Promise<unknown>): Promise<ValidationError> =>
  promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (cause: ValidationError) => cause,
  );

for (const kind of testDatabases()) {
  describe(`on ${kind}`, () => {
    let base: TestDatabase;
    const opened: DataSource[] = [];

    async function open(validate?: boolean | ValidationOptions): Promise<DataSource> {
      const db = new DataSource({ url: base.url, entities: [Person, Group, Plainly], validate });
      await db.initialize();
      await db.synchronize();
      opened.push(db);
      return db;
    }

    beforeAll(async () => {
      base = await createDatabase(kind);
    });
    afterAll(async () => {
      for (const db of opened) await db.destroy();
      await base.drop();
    });

    test('every failed rule of every entity is told, and nothing is written', async () => {
      const people = (await open()).getRepository(Person);
      const rows = [good, { email: 'no', age: -1, place: { street: '' } }];
      for (const write of [() => people.insert(rows), () => people.save(rows)]) {
        const cause = await failureOf(write());
        expect(cause.code).toBe('VALIDATION_FAILED');
        expect(cause.failures.map(({ index, property, rule }) => [index, property, rule])).toEqual([
          [1, 'email', 'isEmail'],
          [1, 'age', 'min'],
          [1, 'place.street', 'isNotEmpty'],
        ]);
        expect(cause.message).toContain('Person (number 2).email: email must be an email (isEmail)');
      }
      expect(await people.count()).toBe(0);
    });

    test('an update is asked only about what it writes or what was loaded', async () => {
      const people = (await open()).getRepository(Person);
      const { id } = await people.save({ ...good });
      expect((await failureOf(people.update({ id }, { age: -1 }))).failures).toHaveLength(1);
      expect(await people.update({ id }, { email: 'c@d.ee' })).toEqual({ affected: 1 });
      const part = await people.findOneOrFail({ where: { id }, select: { id: true, email: true } });
      part.email = 'no';
      const cause = await failureOf(people.save(part as never));
      expect(cause.failures.map(({ property }) => property)).toEqual(['email']);
      part.email = 'e@f.gg';
      await people.save(part as never);
      expect(await people.countBy({ email: 'e@f.gg' })).toBe(1);
      await people.clear();
    });

    test('upsert is asked, relations are not', async () => {
      const db = await open();
      const people = db.getRepository(Person);
      const cause = await failureOf(people.upsert({ ...good, id: 1, email: 'no' }, ['id']));
      expect(cause.failures).toHaveLength(1);
      const group = await (await open(false)).getRepository(Group).save({ name: 'too long' });
      await people.save({ ...good, group });
      expect(await people.count()).toBe(1);
      await people.clear();
    });

    test('`false` turns rules off, groups choose among them, and a class without rules has none', async () => {
      const off = (await open(false)).getRepository(Person);
      await off.insert({ ...good, email: 'no' });
      expect(await off.count()).toBe(1);
      await off.clear();
      const adults = (await open({ groups: ['adult'] })).getRepository(Person);
      const cause = await failureOf(adults.insert({ ...good, email: 'no', age: 17 }));
      expect(cause.failures).toMatchObject([{ property: 'age', rule: 'min' }]);
      await (await open()).getRepository(Plainly).insert({ age: -1 });
    });

    test('a whitelist keeps columns that have no rule', async () => {
      const people = (await open({ whitelist: true })).getRepository(Person);
      const saved = await people.save({ ...good });
      expect(saved.id).toBeGreaterThan(0);
      expect(await people.count()).toBe(1);
      await people.clear();
    });
  });
}
