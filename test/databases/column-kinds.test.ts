/** Columns that are more than a value: generated ones, transformers, enums, JSON, lists; read, written and asked for. */

import {
  ArrayContains,
  Column,
  DataSource,
  Entity,
  In,
  IsNull,
  MoreThan,
  migrations,
  Not,
  PrimaryGeneratedColumn,
} from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';

enum Mood {
  Sad = 'sad',
  Merry = 'merry',
}

const reverse = { to: (v: unknown) => flip(v), from: (v: unknown) => flip(v) };
const shout = {
  to: (v: unknown) => (typeof v === 'string' ? `${v}!` : v),
  from: (v: unknown) => (typeof v === 'string' ? v.slice(0, -1) : v),
};
const flip = (value: unknown) => (typeof value === 'string' ? [...value].reverse().join('') : value);

@Entity('kinds')
class Kinds {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') a!: number;
  @Column('integer', { asExpression: 'a * 2', generatedType: 'STORED' }) twice!: number;
  @Column('varchar', { length: 50, asExpression: 'name', generatedType: 'STORED' }) label!: string;
  @Column('varchar', { length: 20 }) name!: string;
  @Column('varchar', { length: 30, transformer: [shout, reverse], nullable: true }) secret!: string | null;
  @Column('enum', { enum: Mood, default: Mood.Merry }) mood!: Mood;
  @Column('json', { nullable: true }) data!: { n?: number; list?: number[] } | null;
  @Column('simple-array', { nullable: true }) tags!: string[] | null;
  @Column('simple-json', { nullable: true }) extra!: unknown;
}

@Entity('lists')
class Lists {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer', { array: true, nullable: true }) numbers!: number[] | null;
  @Column('text', { array: true }) words!: string[];
  @Column('enum', { enum: Mood, array: true, nullable: true }) moods!: Mood[] | null;
}

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  const kinds = () => source.getRepository(Kinds);
  beforeAll(async () => {
    database = await createDatabase(kind);
    source = await new DataSource({ url: database.url, entities: [Kinds] }).initialize();
    await source.createSchema();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });
  beforeEach(() => source.query('DELETE FROM kinds'));

  test('autogenerate finds nothing', async () => {
    expect((await migrations(source).diff()).operations).toEqual([]);
  });

  test('a generated column is read back after every write, asked for, ordered by, and never written', async () => {
    const one = await kinds().save({ a: 2, name: 'x' });
    expect(one).toMatchObject({ twice: 4 });
    one.a = 5;
    one.twice = 999;
    await kinds().save(one);
    expect(await kinds().findOneBy({ twice: 10 })).toMatchObject({ a: 5 });
    await kinds().insert({ a: 1, name: 'y' });
    expect(
      (await kinds().find({ where: { twice: MoreThan(0) }, order: { twice: 'asc' } })).map(
        ({ twice }) => twice,
      ),
    ).toEqual([2, 10]);
  });

  test('transformers run in turn to the database and back, in conditions as well', async () => {
    const one = await kinds().save({ a: 1, name: 'x', secret: 'abc' });
    const [row] = await source.query<{ secret: string }>('SELECT secret FROM kinds');
    expect(row?.secret).toBe('!cba');
    expect(await kinds().findOneBy({ secret: 'abc' })).toMatchObject({ id: one.id, secret: 'abc' });
    expect(await kinds().countBy({ secret: In(['abc', 'zzz']) })).toBe(1);
    await kinds().update({ secret: 'abc' }, { secret: 'def' });
    expect(await kinds().findOneBy({ secret: Not('abc') })).toMatchObject({ secret: 'def' });
    await kinds().update({ id: one.id }, { secret: null });
    expect(await kinds().countBy({ secret: IsNull() })).toBe(1);
  });

  test('enums, JSON and simple lists come back as they went in, and change only when they do', async () => {
    const one = await kinds().save({
      a: 1,
      name: 'x',
      data: { n: 1, list: [1, 2] },
      tags: ['p', 'q'],
      extra: { deep: [true, null] },
    });
    expect(one.mood).toBe(Mood.Merry);
    const found = await kinds().findOneByOrFail({ id: one.id, mood: Mood.Merry });
    expect(found).toMatchObject({
      data: { n: 1, list: [1, 2] },
      tags: ['p', 'q'],
      extra: { deep: [true, null] },
    });
    found.mood = Mood.Sad;
    found.data = { n: 2 };
    found.tags?.push('r');
    await kinds().save(found);
    expect(await kinds().findOneBy({ mood: In([Mood.Sad]) })).toMatchObject({
      data: { n: 2 },
      tags: ['p', 'q', 'r'],
    });
    expect(await kinds().countBy({ tags: ['p', 'q', 'r'] as never })).toBe(1);
    await expect(kinds().save({ a: 1, name: 'x', mood: 'angry' as Mood })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
  });

  test('arrays are PostgreSQL’s, and refused elsewhere', async () => {
    const own = await createDatabase(kind);
    const other = await new DataSource({ url: own.url, entities: [Lists] }).initialize();
    try {
      if (kind !== 'postgres') {
        await expect(other.createSchema()).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
        return;
      }
      await other.createSchema();
      expect((await migrations(other).diff()).operations).toEqual([]);
      const lists = other.getRepository(Lists);
      const one = await lists.save({
        numbers: [3, 1],
        words: ['a"b', 'c,d', '{}', 'NULL'],
        moods: [Mood.Sad],
      });
      await lists.save({ words: [] });
      expect(await lists.findOneBy({ numbers: ArrayContains([1]) })).toMatchObject({
        words: ['a"b', 'c,d', '{}', 'NULL'],
        moods: [Mood.Sad],
      });
      one.numbers?.push(9);
      await lists.save(one);
      expect((await lists.find({ order: { numbers: 'asc' } })).map(({ numbers }) => numbers)).toEqual([
        [3, 1, 9],
        null,
      ]);
    } finally {
      await other.destroy();
      await own.drop();
    }
  });
});
