/** Streams: rows that come as they are asked for, in little memory, and a connection that is given back however they end. */

import { Column, DataSource, Entity, ManyToOne, type One, PrimaryGeneratedColumn } from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('shelves')
class Shelf {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
}

@Entity('things')
class Thing {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
  @Column('integer') size!: number;
  @Column('bigint') large!: bigint;
  @Column('timestamp') madeAt!: Date;
  @ManyToOne(() => Shelf, { nullable: true }) shelf!: One<Shelf> | null;
}

interface Tables {
  things: Thing;
  shelves: Shelf;
}

const THINGS = 400;
const madeAt = new Date('2024-05-06T07:08:09.123Z');
const named = (i: number): string => `thing ${String(i).padStart(3, '0')}`;

describe.each(testDatabases())('on %s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;
  let log: string[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = new DataSource({
      url: database.url,
      entities: [Shelf, Thing],
      // One that is not given back would be missed soon.
      pool: { max: 2, acquireTimeoutMs: 5_000 },
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    });
    await db.initialize();
    await db.createSchema();
    const shelf = await db.getRepository(Shelf).save({ name: 'only' });
    await db.getRepository(Thing).save(
      Array.from({ length: THINGS }, (_, i) => ({
        ...{ name: named(i), size: (i * 7) % 10, large: 2n ** 60n + BigInt(i), madeAt, shelf },
      })),
    );
  });

  afterAll(async () => {
    await db?.destroy();
    await database?.drop();
  });

  beforeEach(() => {
    log = [];
  });

  const things = () => db.getRepository(Thing);

  /** More rows than any memory holds: 400 to the power of five. */
  const endless = () =>
    db
      .kysely<Tables>()
      .selectFrom(['things as a', 'things as b', 'things as c', 'things as d', 'things as e'])
      .select(['a.name', 'b.large', 'c.madeAt']);

  test('Kysely hands rows out as they come, and a loop that ends early lets go of the rest', async () => {
    for (let round = 0; round < 3; round++) {
      let count = 0;
      for await (const row of endless().stream(50)) {
        expect(typeof row.name).toBe('string');
        expect(typeof row.large).toBe('bigint');
        expect(row.madeAt).toEqual(madeAt);
        count += 1;
        if (count === 120) break;
      }
      expect(count).toBe(120);
    }
    expect(await things().count()).toBe(THINGS);
  }, 30_000);

  test('an error in the loop ends it, and is told', async () => {
    for (let round = 0; round < 5; round++) {
      const loop = async (): Promise<void> => {
        for await (const row of endless().stream(10)) throw new Error(String(row.name));
      };
      await expect(loop()).rejects.toThrow('thing');
    }
    expect(await things().count()).toBe(THINGS);
  });

  test('an error of the statement is told by the first row, and leaves the connection whole', async () => {
    for (let round = 0; round < 5; round++) {
      const query = db
        .kysely<Tables>()
        .selectFrom('nowhere' as 'things')
        .select('name');
      const loop = async (): Promise<void> => {
        for await (const row of query.stream(10)) throw new Error(String(row));
      };
      await expect(loop()).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    }
    expect(await things().count()).toBe(THINGS);
  });

  test.each([1, 7, 100, THINGS, THINGS + 1])('all rows come in their order, %d at a time', async (size) => {
    const names: string[] = [];
    const query = db
      .kysely<Tables>()
      .selectFrom('things')
      .select('name')
      .where('size', '>=', 0)
      .orderBy('name');
    for await (const { name } of query.stream(size)) names.push(name);
    expect(names).toEqual(Array.from({ length: THINGS }, (_, i) => named(i)));
  });

  test('no rows are no rows', async () => {
    const query = db.kysely<Tables>().selectFrom('things').selectAll().where('size', '<', 0);
    for await (const row of query.stream()) throw new Error(String(row));
    for await (const row of things().stream({ where: { size: -1 } })) throw new Error(String(row));
  });

  test('while one runs, others read and write', async () => {
    let count = 0;
    for await (const { name } of db
      .kysely<Tables>()
      .selectFrom('things')
      .select('name')
      .orderBy('id')
      .stream(100)) {
      count += 1;
      if (count % 100 !== 1) continue;
      expect((await things().findOneByOrFail({ name })).name).toBe(name);
      await db.getRepository(Shelf).save({ name });
      expect(
        await db.kysely<Tables>().selectFrom('shelves').select('id').where('name', '=', name).execute(),
      ).toHaveLength(1);
    }
    expect(count).toBe(THINGS);
  });

  test('inside a transaction Kysely sees what that has written, and statements run in between', async () => {
    await db.transaction(async (inner) => {
      const thing = await inner.getRepository(Thing).findOneByOrFail({ name: named(0) });
      thing.size = 77;
      await inner.getRepository(Thing).save(thing);
      const sizes: number[] = [];
      const query = db
        .kysely<Tables>()
        .selectFrom('things')
        .select(['size', 'name'])
        .orderBy('name')
        .limit(3);
      for await (const { size, name } of query.stream(1)) {
        sizes.push(size);
        expect(await inner.getRepository(Thing).countBy({ name })).toBe(1);
      }
      expect(sizes).toEqual([77, 7, 4]);
      thing.size = 0;
      await inner.getRepository(Thing).save(thing);
    });
  });

  test('an INSERT is done whole before its first row is handed out', async () => {
    const insert = db
      .kysely<Tables>()
      .insertInto('shelves')
      .values([{ name: 'x' }, { name: 'y' }]);
    if (kind !== 'mysql') {
      for await (const row of insert.returning('name').stream(1)) {
        expect(row.name).toBe('x');
        break;
      }
    } else await insert.execute();
    expect(await db.getRepository(Shelf).countBy({ name: 'y' })).toBe(1);
    await db.getRepository(Shelf).delete({ name: 'y' });
  });

  describe('of a repository', () => {
    test('one query reads rows of any order, whatever the batches', async () => {
      const found: [number, string][] = [];
      for await (const { size, name } of things().stream({
        order: { size: 'desc', name: 'asc' },
        batchRows: 30,
      })) {
        found.push([size, name]);
      }
      const all = await things().find({ order: { size: 'desc', name: 'asc' } });
      expect(found).toEqual(all.map(({ size, name }) => [size, name]));
      expect(log.filter((sql) => /ORDER BY/.test(sql))).toHaveLength(2);
    });

    test('entities are whole, and known when they are saved', async () => {
      for await (const thing of things().stream({ where: { name: named(5) } })) {
        expect(thing).toBeInstanceOf(Thing);
        expect(thing).toMatchObject({ name: named(5), large: 2n ** 60n + 5n, madeAt });
        log = [];
        thing.size = 50;
        await things().save(thing);
        expect(log.filter((sql) => /^UPDATE/.test(sql))).toHaveLength(1);
      }
      expect((await things().findOneByOrFail({ name: named(5) })).size).toBe(50);
    });

    test('relations come along, batch by batch', async () => {
      let count = 0;
      for await (const { shelf } of things().stream({ relations: { shelf: true }, batchRows: 90 })) {
        expect(shelf?.name).toBe('only');
        count += 1;
      }
      expect(count).toBe(THINGS);
    });

    test('a loop that ends early, an error in it and a signal give the connection back', async () => {
      for (let round = 0; round < 5; round++) {
        for await (const _ of things().stream({ batchRows: 20 })) break;
        const loop = async (): Promise<void> => {
          for await (const { name } of things().stream({ batchRows: 20 })) throw new Error(name);
        };
        await expect(loop()).rejects.toThrow('thing 000');
        const controller = new AbortController();
        const aborted = async (): Promise<void> => {
          for await (const _ of things().stream({ batchRows: 20, signal: controller.signal }))
            controller.abort();
        };
        await expect(aborted()).rejects.toMatchObject({ code: 'QUERY_ABORTED' });
      }
      expect(await things().count()).toBe(THINGS);
    });

    test('take and skip cut it', async () => {
      const names: string[] = [];
      const options = { order: { name: 'asc' }, skip: 5, take: 12, batchRows: 5 } as const;
      for await (const { name } of things().stream(options)) names.push(name);
      expect(names).toEqual(Array.from({ length: 12 }, (_, i) => named(i + 5)));
    });
  });
});
