/** A table for each class of a family, joined by the key; the same on every database. */

import {
  ChildEntity,
  Column,
  DataSource,
  DeleteDateColumn,
  Entity,
  In,
  Index,
  JoinTable,
  type Many,
  ManyToMany,
  ManyToOne,
  MoreThan,
  migrations,
  type One,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  UpdateDateColumn,
  VersionColumn,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

@Entity('owners')
class Owner {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') name!: string;
  @OneToMany(
    () => Animal,
    (animal) => animal.owner,
    { cascade: true },
  )
  animals!: Many<Animal>;
  @OneToMany(
    () => Dog,
    (dog) => dog.walker,
  )
  walks!: Many<Dog>;
}

@Entity('animals')
@TableInheritance({ pattern: 'CTI', column: 'kind' })
@Index(['name'])
class Animal {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('integer', { default: 4 }) legs!: number;
  @VersionColumn() version!: number;
  @UpdateDateColumn() updatedAt!: Date;
  @DeleteDateColumn() deletedAt!: Date | null;
  @ManyToOne(
    () => Owner,
    (owner) => owner.animals,
    { nullable: true },
  )
  owner!: One<Owner> | null;
}

@ChildEntity('pet', { name: 'pets' })
class Pet extends Animal {
  @Column('varchar', { length: 20 }) @Index({ unique: true }) tag!: string;
}

@ChildEntity('dog')
class Dog extends Pet {
  @Column('integer') barks!: number;
  @ManyToOne(
    () => Owner,
    (owner) => owner.walks,
    { nullable: true },
  )
  walker!: One<Owner> | null;
  @ManyToMany(() => Cow) @JoinTable() herds!: Many<Cow>;
}

@ChildEntity('cow')
class Cow extends Animal {
  @Column('integer') milk!: number;
}

@Entity('badges')
class Badge {
  @PrimaryGeneratedColumn() id!: number;
  @ManyToOne(() => Dog) dog!: One<Dog>;
  @ManyToOne(() => Animal) animal!: One<Animal>;
}

/** Without a column that says the class, and with columns of one name in two classes. */
@Entity('shapes')
@TableInheritance({ pattern: 'CTI' })
class Shape {
  @PrimaryColumn('varchar', { length: 10 }) code!: string;
}
@ChildEntity()
class Circle extends Shape {
  @Column('integer') size!: number;
}
@ChildEntity()
class Square extends Shape {
  @Column('varchar', { length: 5, nullable: true }) size!: string | null;
}
@ChildEntity()
class RoundSquare extends Square {
  @Column('integer') radius!: number;
}

const make = <T extends object>(target: new () => T, values: Partial<Record<keyof T, unknown>>): T =>
  Object.assign(new target(), values);
const classOf = (entity: object) => entity.constructor;

const ENTITIES = [Owner, Animal, Pet, Dog, Cow, Badge, Shape, Circle, Square, RoundSquare];

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  const animals = () => source.getRepository(Animal);
  const dogs = () => source.getRepository(Dog);
  const pets = () => source.getRepository(Pet);
  const rowsIn = async (table: string) =>
    Number((await source.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);

  beforeAll(async () => {
    database = await createDatabase(kind);
    source = new DataSource({
      url: database.url,
      entities: ENTITIES,
    });
    await source.initialize();
    await source.createSchema();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    for (const table of ['badges', 'dog_herds', 'animals', 'owners', 'shapes']) {
      await source.query(`DELETE FROM ${table}`);
    }
  });

  const fill = async () => {
    const owner = await source.getRepository(Owner).save({ name: 'O' });
    const elk = make(Animal, { name: 'elk' });
    const rex = make(Dog, { name: 'rex', tag: 't1', barks: 9, owner });
    const tom = make(Pet, { name: 'tom', tag: 't2', legs: 3 });
    const moo = make(Cow, { name: 'moo', milk: 30 });
    await animals().save([elk, rex, tom, moo]);
    return { owner, elk, rex, tom, moo };
  };

  test('autogenerate finds nothing', async () => {
    expect((await migrations(source).diff()).operations).toEqual([]);
  });

  test('the root finds instances of every class, each with its own columns', async () => {
    await fill();
    const found = await animals().find({ order: { name: 'asc' } });
    expect(found.map(classOf)).toEqual([Animal, Cow, Dog, Pet]);
    expect(found).toMatchObject([
      { name: 'elk', legs: 4 },
      { name: 'moo', milk: 30 },
      { name: 'rex', tag: 't1', barks: 9 },
      { name: 'tom', tag: 't2', legs: 3 },
    ]);
    expect(Object.entries(found[3] as object).filter(([, value]) => value !== undefined)).toHaveLength(7);
  });

  test('a class finds its own rows and those below it, by columns of every table', async () => {
    const { rex } = await fill();
    expect((await pets().find({ order: { tag: 'asc' } })).map(classOf)).toEqual([Dog, Pet]);
    expect(await dogs().findBy({ name: 'rex', barks: MoreThan(8), tag: In(['t1']) })).toHaveLength(1);
    expect(await pets().findOneBy({ id: rex.id })).toBeInstanceOf(Dog);
    expect(await source.getRepository(Cow).findOneBy({ id: rex.id })).toBeNull();
    expect(await pets().count()).toBe(2);
    expect(await pets().countBy({ legs: 3 })).toBe(1);
    expect(await dogs().existsBy({ name: 'tom' })).toBe(false);
    expect(
      (await pets().find({ order: { name: 'desc' }, take: 1, skip: 1 })).map(({ name }) => name),
    ).toEqual(['rex']);
  });

  test('rows go into every table of their class, many in one statement each', async () => {
    const many = Array.from({ length: 40 }, (_, i) => make(Dog, { name: `d${i}`, tag: `x${i}`, barks: i }));
    await dogs().insert(many);
    expect(await Promise.all(['animals', 'pets', 'dog', 'cow'].map(rowsIn))).toEqual([40, 40, 40, 0]);
    const found = await dogs().find({ order: { barks: 'asc' } });
    expect(found.map(({ id, tag, name }) => [id, tag, name])).toEqual(
      many.map(({ id, tag, name }) => [id, tag, name]),
    );
    expect(found[0]?.legs).toBe(4);
    await dogs().insert({ name: 'plain', tag: 'p', barks: 1 });
    expect(await dogs().findOneBy({ name: 'plain' })).toMatchObject({ tag: 'p', version: 1 });
  });

  test('a row that one table refuses is in none, and its entity is new still', async () => {
    await fill();
    const twin = make(Dog, { name: 'twin', tag: 't1', barks: 1 });
    await expect(animals().save(twin)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
    expect(await rowsIn('animals')).toBe(4);
    expect(twin.id).toBeUndefined();
    await expect(dogs().insert(twin)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
    expect(await rowsIn('animals')).toBe(4);
    expect(twin.id).toBeUndefined();
    twin.tag = 'other';
    await dogs().save(twin);
    expect(await rowsIn('dog')).toBe(2);
  });

  test('a change goes to the table of its column, and the version counts for all', async () => {
    await fill();
    const rex = (await animals().findOneByOrFail({ name: 'rex' })) as Dog;
    const stale = (await dogs().findOneByOrFail({ name: 'rex' })) as Dog;
    rex.barks = 10;
    await animals().save(rex);
    expect(rex.version).toBe(2);
    rex.name = 'max';
    rex.tag = 'tx';
    await dogs().save(rex);
    expect(await dogs().findOneBy({ id: rex.id })).toMatchObject({
      name: 'max',
      tag: 'tx',
      barks: 10,
      version: 3,
    });
    stale.barks = 0;
    await expect(dogs().save(stale)).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    expect(await dogs().findOneBy({ id: rex.id })).toMatchObject({ barks: 10 });
  });

  test('saving an entity with a key that was never read updates or inserts it, in its class alone', async () => {
    const { rex, moo } = await fill();
    await dogs().save(make(Dog, { id: rex.id, barks: 77 }));
    expect(await dogs().findOneBy({ id: rex.id })).toMatchObject({ barks: 77, name: 'rex' });
    await expect(dogs().save(make(Dog, { id: moo.id, name: 'x', tag: 'y', barks: 1 }))).rejects.toMatchObject(
      {
        code: 'UNIQUE_VIOLATION',
      },
    );
    expect(await animals().findOneBy({ id: moo.id })).toMatchObject({ name: 'moo' });
  });

  test('update writes to rows of the class, in one table or in several', async () => {
    const { moo, rex } = await fill();
    expect(await pets().update({ name: In(['rex', 'tom', 'moo']) }, { legs: 5 })).toEqual({ affected: 2 });
    expect(await dogs().update({ name: 'rex' }, { name: 'max', tag: 'new', barks: 0 })).toEqual({
      affected: 1,
    });
    expect(await dogs().findOneBy({ id: rex.id })).toMatchObject({
      name: 'max',
      tag: 'new',
      barks: 0,
      legs: 5,
    });
    expect(await animals().findOneBy({ id: moo.id })).toMatchObject({ legs: 4 });
    expect((await animals().findOneByOrFail({ id: rex.id })).version).toBe(3);
    expect(await dogs().update({ name: 'none' }, { name: 'a', barks: 0 })).toEqual({ affected: 0 });
  });

  test('a row goes from every table, by its entity, by criteria, or all of a class', async () => {
    const { tom } = await fill();
    await animals().remove(tom);
    expect(await Promise.all(['animals', 'pets', 'dog', 'cow'].map(rowsIn))).toEqual([3, 1, 1, 1]);
    expect(
      await pets()
        .delete({ milk: 30 } as never)
        .catch((cause) => cause.code),
    ).toBe('PROPERTY_UNKNOWN');
    expect(await pets().delete({ barks: 90 } as never)).toEqual({ affected: 0 });
    expect(await dogs().delete({ name: 'moo' })).toEqual({ affected: 0 });
    expect(await pets().delete({ name: 'rex' })).toEqual({ affected: 1 });
    expect(await Promise.all(['animals', 'pets', 'dog', 'cow'].map(rowsIn))).toEqual([2, 0, 0, 1]);
    expect(await source.getRepository(Cow).clear()).toEqual({ affected: 1 });
    expect(await Promise.all(['animals', 'cow'].map(rowsIn))).toEqual([1, 0]);
  });

  test('relations lead to the right class and from it, with keys to its own table', async () => {
    const { owner, rex, moo } = await fill();
    rex.walker = owner;
    rex.herds = [moo];
    await animals().save(rex);
    await source.getRepository(Badge).save({ dog: rex, animal: moo });
    const found = await source
      .getRepository(Owner)
      .findOneOrFail({ where: { animals: { name: 'rex' } }, relations: { animals: true, walks: true } });
    expect(found.animals).toMatchObject([{ barks: 9 }]);
    expect(found.animals[0]).toBeInstanceOf(Dog);
    expect(found.walks).toMatchObject([{ tag: 't1' }]);
    const dog = await dogs().findOneOrFail({
      where: { walker: { name: 'O' }, herds: { milk: 30 } },
      relations: { herds: true, owner: true, walker: true },
    });
    expect(dog).toMatchObject({
      herds: [{ milk: 30, name: 'moo' }],
      owner: { name: 'O' },
      walker: { name: 'O' },
    });
    const badge = await source.getRepository(Badge).findOneOrFail({
      where: { dog: { name: 'rex' } },
      relations: { dog: true, animal: true },
      order: { dog: { name: 'asc' } },
    });
    expect(badge.dog).toBeInstanceOf(Dog);
    expect(badge.animal).toBeInstanceOf(Cow);
  });

  test('lists of the root are saved by cascade with the classes of their members', async () => {
    const owner = make(Owner, { name: 'farm' });
    owner.animals = [
      make(Cow, { name: 'c', milk: 1 }),
      make(Dog, { name: 'd', tag: 'dd', barks: 2 }),
    ] as never;
    await source.getRepository(Owner).save(owner);
    expect(await Promise.all(['animals', 'pets', 'dog', 'cow'].map(rowsIn))).toEqual([2, 1, 1, 1]);
    expect(await dogs().findOneBy({ owner: { name: 'farm' } })).toMatchObject({ barks: 2 });
  });

  test('soft deletion and counters reach the table of their column', async () => {
    const { rex } = await fill();
    await dogs().softDelete({ name: 'rex' });
    expect(await animals().count()).toBe(3);
    await dogs().restore({ id: rex.id });
    await dogs().increment({ id: rex.id }, 'barks', 2);
    await dogs().increment({ id: rex.id }, 'legs', 1);
    expect(await dogs().findOneBy({ id: rex.id })).toMatchObject({ barks: 11, legs: 5 });
    await dogs().softRemove((await dogs().findOneByOrFail({ id: rex.id })) as Dog);
    expect(await animals().findOneBy({ id: rex.id })).toBeNull();
    expect(await animals().find({ withDeleted: true })).toHaveLength(4);
    expect(await dogs().sum('barks')).toBeNull();
  });

  test('pages, streams and locks are those of any entity', async () => {
    await fill();
    const page = await animals().page({ first: 3, order: { name: 'asc' } });
    expect(page.items.map(classOf)).toEqual([Animal, Cow, Dog]);
    const streamed: object[] = [];
    for await (const each of animals().stream()) streamed.push(each);
    expect(streamed).toHaveLength(4);
    expect(await pets().sum('legs')).toBe(7);
    const lock = { mode: 'pessimistic_write' } as const;
    const locked = source.transaction((manager) => manager.getRepository(Dog).find({ lock }));
    expect(await locked).toHaveLength(1);
    const all = source.transaction((manager) => manager.getRepository(Animal).find({ lock }));
    if (kind === 'postgres') await expect(all).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
    else expect(await all).toHaveLength(4);
  });

  test('without a column the tables say the class, and columns of one name stay apart', async () => {
    const shapes = source.getRepository(Shape);
    await shapes.save([
      make(Circle, { code: 'c', size: 5 }),
      make(Square, { code: 's', size: 'xl' }),
      make(RoundSquare, { code: 'r', size: 'm', radius: 2 }),
      make(Shape, { code: 'o' }),
    ]);
    const found = await shapes.find({ order: { code: 'asc' } });
    expect(found.map(classOf)).toEqual([Circle, Shape, RoundSquare, Square]);
    expect(found).toMatchObject([{ size: 5 }, { code: 'o' }, { size: 'm', radius: 2 }, { size: 'xl' }]);
    expect((await source.getRepository(Square).find({ order: { size: 'asc' } })).map(classOf)).toEqual([
      RoundSquare,
      Square,
    ]);
    (found[0] as Circle).size = 6;
    await shapes.save(found);
    expect(await source.getRepository(Circle).findOneBy({ size: 6 })).toMatchObject({ code: 'c' });
    await expect(shapes.save(make(Circle, { code: 's', size: 1 }))).rejects.toMatchObject({
      code: 'UNIQUE_VIOLATION',
    });
  });
});
