/** `upsert()` of classes that have a table each. */

import {
  ChildEntity,
  Column,
  DataSource,
  Entity,
  MoreThan,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  UpdateDateColumn,
  VersionColumn,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('ships')
@TableInheritance({ pattern: 'CTI', column: 'kind' })
class Ship {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, unique: true }) name!: string;
  @Column('integer', { default: 1 }) masts!: number;
  @VersionColumn() version!: number;
  @UpdateDateColumn() updatedAt!: Date;
}

@ChildEntity('steamer', { name: 'steamers' })
class Steamer extends Ship {
  @Column('integer', { unique: true }) number!: number;
  @Column('integer') power!: number;
}

@ChildEntity('tug', { name: 'tugs' })
class Tug extends Steamer {
  @Column('integer') pull!: number;
}

@ChildEntity('raft', { name: 'rafts' })
class Raft extends Ship {
  @Column('integer') logs!: number;
}

const make = <T extends object>(target: new () => T, values: Partial<Record<keyof T, unknown>>): T =>
  Object.assign(new target(), values);

describe.each(testDatabases())('on %s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;
  const tugs = () => db.getRepository(Tug);
  const tables = async (): Promise<number[]> =>
    Promise.all(
      [Ship, Steamer, Tug, Raft].map(async (target) => {
        const [row] = await db.query<{ n: number }>(
          `SELECT COUNT(*) AS n FROM ${db.metadata(target).tableName}`,
        );
        return Number(row?.n);
      }),
    );

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = await new DataSource({ url: database.url, entities: [Ship, Steamer, Tug, Raft] }).initialize();
    await db.createSchema();
  });
  beforeEach(async () => {
    await db.query('DELETE FROM ships');
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  test.each(['name', 'number'] as const)(
    'by the %s: what is not there is inserted, what is there is updated',
    async (path) => {
      const first = [
        { name: 'a', number: 1, power: 10, pull: 100 },
        { name: 'b', number: 2, power: 20, pull: 200 },
      ];
      const { identifiers } = await tugs().upsert(first, [path]);
      expect(await tables()).toEqual([2, 2, 2, 0]);
      const again = await tugs().upsert(
        [
          { name: 'b', number: 2, power: 21, pull: 201 },
          { name: 'c', number: 3, power: 30, pull: 300 },
        ],
        [path],
      );
      expect(again.identifiers[0]).toEqual(identifiers[1]);
      const found = await tugs().find({ order: { name: 'asc' } });
      expect(found.map(({ name, power, pull, version }) => [name, power, pull, version])).toEqual([
        ['a', 10, 100, 1],
        ['b', 21, 201, 2],
        ['c', 30, 300, 1],
      ]);
      expect(await tables()).toEqual([3, 3, 3, 0]);
    },
  );

  test('by the key, which is written back with what the rows hold', async () => {
    const tug = await tugs().save({ name: 'a', number: 1, power: 10, pull: 100, masts: 3 });
    const draft = { id: tug.id, name: 'z', number: 1, power: 10, pull: 5 } as Partial<Tug>;
    await tugs().upsert(draft as never, ['id']);
    expect(draft).toMatchObject({ id: tug.id, name: 'z', masts: 3, version: 2 });
    expect(await tugs().findOneByOrFail({ id: tug.id })).toMatchObject({
      name: 'z',
      pull: 5,
      masts: 3,
      version: 2,
    });
  });

  test('only what is to be updated is, and the version counts whichever table it stands in', async () => {
    const tug = await tugs().save({ name: 'a', number: 1, power: 10, pull: 100 });
    await tugs().upsert({ name: 'a', number: 1, power: 99, pull: 99, masts: 9 }, {
      conflictPaths: ['name'],
      update: ['pull'],
    } as never);
    expect(await tugs().findOneByOrFail({ id: tug.id })).toMatchObject({
      power: 10,
      pull: 99,
      masts: 1,
      version: 2,
    });
  });

  test('a row that does not meet the condition is left alone', async () => {
    await tugs().save([
      { name: 'a', number: 1, power: 10, pull: 100 },
      { name: 'b', number: 2, power: 20, pull: 200 },
    ]);
    await tugs().upsert(
      [
        { name: 'a', number: 1, power: 11, pull: 1 },
        { name: 'b', number: 2, power: 21, pull: 2 },
        { name: 'c', number: 3, power: 31, pull: 3 },
      ],
      { conflictPaths: ['number'], where: { pull: MoreThan(150) } } as never,
    );
    const found = await tugs().find({ order: { name: 'asc' } });
    expect(found.map(({ power, pull }) => [power, pull])).toEqual([
      [10, 100],
      [21, 2],
      [31, 3],
    ]);
  });

  test('instances go by their own class; a row of another class is in the way', async () => {
    const ships = db.getRepository(Ship);
    await ships.upsert(
      [
        make(Tug, { name: 'a', number: 1, power: 1, pull: 1 }),
        make(Raft, { name: 'r', logs: 3 }),
        make(Ship, { name: 's' }),
      ] as never,
      ['name'],
    );
    expect(await tables()).toEqual([3, 1, 1, 1]);
    await db.getRepository(Steamer).upsert({ name: 'a', number: 1, power: 7 }, ['name']);
    expect(await tugs().findOneByOrFail({ name: 'a' })).toMatchObject({ power: 7, pull: 1 });
    const clash = tugs().upsert({ name: 'r', number: 5, power: 1, pull: 1 }, ['name']);
    await expect(clash).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
    const other = tugs().upsert({ name: 's', number: 6, power: 1, pull: 1 }, ['number']);
    await expect(other).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
    expect(await tables()).toEqual([3, 1, 1, 1]);
  });

  test('a key that there is none is refused', async () => {
    const refused = tugs().upsert({ name: 'a', number: 1, power: 1, pull: 1 }, ['pull']);
    await expect(refused).rejects.toMatchObject({ code: 'CONFLICT_TARGET_INVALID' });
  });
});

@Entity('papers')
@TableInheritance({ column: { type: 'varchar', name: 'kind', length: 20 } })
class Paper {
  @PrimaryColumn('integer') id!: number;
  @Column('text') title!: string;
}

@ChildEntity('book')
class BookPaper extends Paper {
  @Column('integer', { nullable: true }) pages!: number | null;
}

@ChildEntity('magazine')
class Magazine extends Paper {
  @Column('integer', { nullable: true }) issue!: number | null;
}

describe.each(testDatabases())('in one table on %s', (kind) => {
  test('a row of another class is left as it is, and the whole call refused', async () => {
    const database = await createDatabase(kind);
    const entities = [Paper, BookPaper, Magazine];
    const db = await new DataSource({ url: database.url, entities }).initialize();
    await db.createSchema();
    await db.getRepository(BookPaper).insert({ id: 1, title: 'a book', pages: 3 });
    const magazines = db.getRepository(Magazine);
    const rows = [
      { id: 2, title: 'new', issue: 1 },
      { id: 1, title: 'a magazine', issue: 9 },
    ];
    await expect(magazines.upsert(rows, ['id'])).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
    expect(await db.getRepository(Paper).find()).toEqual([
      make(BookPaper, { id: 1, title: 'a book', pages: 3 }),
    ]);
    await db.getRepository(Paper).upsert({ id: 1, title: 'still a book' }, ['id']);
    await magazines.upsert([{ id: 3, title: 'new', issue: 1 }], ['id']);
    await magazines.upsert([{ id: 3, title: 'newer', issue: 2 }], ['id']);
    expect(await db.getRepository(Paper).find({ order: { id: 'asc' } })).toEqual([
      make(BookPaper, { id: 1, title: 'still a book', pages: 3 }),
      make(Magazine, { id: 3, title: 'newer', issue: 2 }),
    ]);
    await db.destroy();
    await database.drop();
  });
});
