/** A discriminator that is a property as well: what a new row may say of its class. */

import { ChildEntity, Column, DataSource, Entity, PrimaryGeneratedColumn, TableInheritance } from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('told_animals')
@TableInheritance({ column: { name: 'type', type: 'varchar' } })
class Animal {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @Column('varchar', { length: 20 }) type!: string;
}

@ChildEntity('cat')
class Cat extends Animal {
  @Column('integer', { nullable: true }) lives!: number | null;
}

@ChildEntity('dog')
class Dog extends Animal {}

for (const kind of testDatabases()) {
  describe(`on ${kind}`, () => {
    let database: TestDatabase;
    let db: DataSource;
    beforeAll(async () => {
      database = await createDatabase(kind);
      db = await new DataSource({ url: database.url, entities: [Animal, Cat, Dog] }).initialize();
      await db.createSchema();
    });
    afterAll(async () => {
      await db.destroy();
      await database.drop();
    });

    test('a row that names a class below is of that class; one that names none is of its own', async () => {
      const animals = db.getRepository(Animal);
      const told = await animals.save(animals.create({ name: 'a', type: 'cat' }));
      expect(told.type).toBe('cat');
      await animals.insert({ name: 'b', type: 'dog' });
      await animals.save({ name: 'c' });
      await db.getRepository(Cat).save({ name: 'd', type: 'cat' });
      const found = await animals.find({ order: { name: 'asc' } });
      expect(found.map((animal) => [animal.constructor, animal.type])).toEqual([
        [Cat, 'cat'],
        [Dog, 'dog'],
        [Animal, 'Animal'],
        [Cat, 'cat'],
      ]);
    });

    test('a class that is not below is refused, not written over', async () => {
      const refused = {
        code: 'VALUE_INVALID',
        message: expect.stringContaining("none of its classes: 'cat'"),
      };
      await expect(db.getRepository(Cat).save({ name: 'x', type: 'dog' })).rejects.toMatchObject(refused);
      await expect(db.getRepository(Animal).insert({ name: 'x', type: 'cow' })).rejects.toThrow("'cow'");
      await expect(db.getRepository(Animal).countBy({ name: 'x' })).resolves.toBe(0);
    });
  });
}
