/** Sessions and units of work over families of classes: in one table, and in a table for each class. */

import {
  ChildEntity,
  Column,
  DataSource,
  Entity,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  TableInheritance,
  VersionColumn,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('zoos')
class Zoo {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @OneToMany(
    () => Beast,
    (beast) => beast.zoo,
    { cascade: true },
  )
  beasts!: Many<Beast>;
}

@Entity('beasts')
@TableInheritance({ pattern: 'CTI', column: 'kind' })
class Beast {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @VersionColumn() version!: number;
  @ManyToOne(
    () => Zoo,
    (zoo) => zoo.beasts,
    { nullable: true },
  )
  zoo!: One<Zoo> | null;
}
@ChildEntity('bird')
class Bird extends Beast {
  @Column('integer') wings!: number;
  @ManyToOne(() => Zoo, { nullable: true }) nest!: One<Zoo> | null;
}
@ChildEntity('fish')
class Fish extends Beast {
  @Column('integer') fins!: number;
}

@Entity('media')
@TableInheritance({ column: 'kind' })
class Medium {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) title!: string;
}
@ChildEntity('film')
class Film extends Medium {
  @Column('integer') minutes!: number;
}
@ChildEntity('song')
class Song extends Medium {
  @Column('integer') tempo!: number;
}

const make = <T extends object>(target: new () => T, values: Partial<Record<keyof T, unknown>>): T =>
  Object.assign(new target(), values);
const codeOf = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => 'done',
    (cause: { code?: string }) => cause.code ?? cause,
  );

describe.each(testDatabases())('on %s', (kind) => {
  let base: TestDatabase;
  let db: DataSource;
  let log: string[] = [];
  /** The tables that were written to since the last call, in order. */
  const writes = (): string[] => {
    const written = log.flatMap(
      (sql) => /^(INSERT INTO|UPDATE|DELETE FROM) [`"](\w+)[`"]/.exec(sql)?.slice(1, 3).join(' ') ?? [],
    );
    log = [];
    return written.map((each) => each.replace(/ (INTO|FROM)/, '').toLowerCase());
  };

  beforeAll(async () => {
    base = await createDatabase(kind);
    db = await new DataSource({
      url: base.url,
      entities: [Zoo, Beast, Bird, Fish, Medium, Film, Song],
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
    for (const table of ['beasts', 'zoos', 'media']) await db.query(`DELETE FROM ${table}`);
    log = [];
  });

  test.each([
    ['one table', Medium, Film, Song, { title: 'x', minutes: 9 }],
    ['a table each', Beast, Bird, Fish, { name: 'x', wings: 2 }],
  ] as const)(
    '%s: a row is one instance, whatever class of the family it is asked for by',
    async (...[, root, child, other, values]) => {
      const saved = make(child as never, values as never) as { id: number };
      await db.getRepository(root as never).save(saved);
      await using session = db.session();
      const { id } = saved;
      const byRoot = await session.get(root as never, id as never);
      expect(byRoot).toBeInstanceOf(child);
      expect(await session.get(child as never, id as never)).toBe(byRoot);
      expect(await session.get(other as never, id as never)).toBeNull();
      expect(await session.findOneBy(child as never, { id } as never)).toBe(byRoot);
      expect((await session.find(root as never))[0]).toBe(byRoot);
      // Another instance of the row, by whatever class, is refused.
      const twin = await db.getRepository(root as never).findOneByOrFail({ id } as never);
      expect(await codeOf(async () => session.add(twin))).toBe('SESSION_DUPLICATE');
      session.remove(byRoot as never);
      expect(await session.get(root as never, id as never)).toBeNull();
      await session.commit();
      expect(await db.getRepository(root as never).count()).toBe(0);
    },
  );

  test('mixed classes are written in batches by class, and changes to their own tables alone', async () => {
    await using session = db.session();
    const zoo = session.add(make(Zoo, { name: 'z' }));
    const [jay, owl] = [make(Bird, { name: 'jay', wings: 2 }), make(Bird, { name: 'owl', wings: 2 })];
    const [cod, elk] = [make(Fish, { name: 'cod', fins: 5 }), make(Beast, { name: 'elk' })];
    zoo.beasts = [jay, cod, owl, elk];
    await session.commit();
    expect(
      writes()
        .filter((each) => / (birds?|fish)$/.test(each))
        .sort(),
    ).toEqual(['insert bird', 'insert fish']);
    expect(await db.getRepository(Beast).count({ where: { zoo: { id: zoo.id } } })).toBe(4);
    // Of the child's table alone: the version is in the root's.
    jay.wings = 1;
    await session.commit();
    expect([...new Set(writes())].sort()).toEqual(['update beasts', 'update bird']);
    expect(jay.version).toBe(2);
    // Of the root's table alone.
    owl.name = 'eagle owl';
    await session.commit();
    expect(writes()).toEqual(['update beasts']);
    // Of both, and of two classes at once.
    Object.assign(cod, { name: 'ling', fins: 6 });
    Object.assign(jay, { name: 'jackdaw', wings: 2 });
    await session.commit();
    expect([jay.version, cod.version, owl.version]).toEqual([3, 2, 2]);
    const found = await db.getRepository(Beast).find({ order: { name: 'asc' } });
    expect(found.map((each) => ({ ...each }))).toMatchObject([
      { name: 'eagle owl', wings: 2, version: 2 },
      { name: 'elk', version: 1 },
      { name: 'jackdaw', wings: 2, version: 3 },
      { name: 'ling', fins: 6, version: 2 },
    ]);
    writes();
    for (const each of [jay, cod, elk]) session.remove(each);
    await session.commit();
    expect(await db.getRepository(Beast).count()).toBe(1);
    expect((await db.query('SELECT * FROM fish')).length).toBe(0);
  });

  test('a stale version is told, whichever table the change is for, and nothing of the flush is written', async () => {
    const jay = await db.getRepository(Bird).save(make(Bird, { name: 'jay', wings: 2 }));
    const cod = await db.getRepository(Fish).save(make(Fish, { name: 'cod', fins: 5 }));
    for (const change of [{ wings: 1 }, { name: 'x' }, { name: 'y', wings: 0 }]) {
      await using session = db.session();
      const stale = await session.get(Bird, jay.id);
      const other = await session.get(Fish, cod.id);
      await db.transaction((manager) => manager.getRepository(Bird).increment({ id: jay.id }, 'version', 1));
      Object.assign(stale as Bird, change);
      Object.assign(other as Fish, { fins: 100 });
      expect(await codeOf(() => session.commit())).toBe('OPTIMISTIC_LOCK');
      await session.rollback();
    }
    expect(await db.getRepository(Bird).findOneByOrFail({ id: jay.id })).toMatchObject({
      name: 'jay',
      wings: 2,
    });
    expect(await db.getRepository(Fish).findOneByOrFail({ id: cod.id })).toMatchObject({ fins: 5 });
  });

  test('what only a child class has is written by its own repository, and the error says so', async () => {
    const beasts = db.getRepository(Beast);
    await expect(beasts.update({ name: 'x' }, { wings: 2 } as never)).rejects.toMatchObject({
      code: 'PROPERTY_UNKNOWN',
      context: { child: 'Bird' },
      hint: "'Bird' has it: ask getRepository(Bird).",
    });
    await expect(beasts.findBy({ nmae: 'x' } as never)).rejects.toMatchObject({
      hint: "Did you mean 'name'?",
    });
    expect(await beasts.find({ relations: { nest: true }, where: { wings: 200 } } as never)).toEqual([]);
    expect(await db.getRepository(Bird).find({ relations: { nest: true }, where: { wings: 2 } })).toEqual([]);
  });

  test('removing a stale one, upsert and row locks', async () => {
    const [one] = await db
      .getRepository(Beast)
      .save([make(Bird, { name: 'jay', wings: 2 }), make(Fish, { name: 'cod', fins: 1 })]);
    const stale = await db.getRepository(Bird).findOneByOrFail({ id: (one as Bird).id });
    await db.getRepository(Bird).update({ id: stale.id }, { wings: 7 });
    await db.getRepository(Bird).increment({ id: stale.id }, 'version', 1);
    expect(await codeOf(() => db.getRepository(Bird).remove(stale as Bird))).toBe('OPTIMISTIC_LOCK');
    expect(await db.getRepository(Bird).count()).toBe(1);
    const upserted = await codeOf(() =>
      db.getRepository(Bird).upsert({ id: stale.id, name: 'a', wings: 1 } as never, ['id']),
    );
    expect(upserted).toBe('done');
    const locked = await codeOf(() =>
      db.transaction((manager) => manager.getRepository(Bird).find({ lock: { mode: 'pessimistic_write' } })),
    );
    expect(locked).toBe('done');
  });
});
