/** Saving, finding and removing more rows at once than a statement has single placeholders for. */

import {
  Column,
  DataSource,
  Entity,
  In,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  VersionColumn,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('shelves')
class Shelf {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') place!: number;
  @OneToMany(
    () => Thing,
    (thing) => thing.shelf,
  )
  things!: Many<Thing>;
}

@Entity('things')
class Thing {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 100, nullable: true }) name!: string | null;
  @Column('bigint', { nullable: true }) large!: bigint | null;
  @Column('double', { nullable: true }) real!: number | null;
  @Column('decimal', { precision: 20, scale: 4, nullable: true }) price!: string | null;
  @Column('boolean', { nullable: true }) flag!: boolean | null;
  @Column('timestamp', { nullable: true }) moment!: Date | null;
  @Column('date', { nullable: true }) day!: string | null;
  @Column('time', { nullable: true }) hour!: string | null;
  @Column('uuid', { nullable: true }) mark!: string | null;
  @Column('blob', { nullable: true }) bytes!: Buffer | null;
  @ManyToOne(
    () => Shelf,
    (shelf) => shelf.things,
    { nullable: true },
  )
  shelf!: One<Shelf> | null;
}

@Entity('documents')
class Document {
  @PrimaryGeneratedColumn() id!: number;
  @Column('integer') pages!: number;
  @Column('json', { nullable: true }) content!: unknown;
  @VersionColumn() version!: number;
}

const ROWS = 1_500;

/** What text, numbers and dates can hold that a form of writing them down may lose. */
const VALUES: readonly Partial<Thing>[] = [
  { name: '' },
  { name: 'null' },
  { name: 'a\\b"c\'d\n\t{},%_' },
  { name: ' blanks ' },
  { name: '😀 ß Ω' },
  { name: '\u0001\u001f\u007f' },
  { name: null, large: null, real: null, price: null, flag: null },
  { large: 9_223_372_036_854_775_807n },
  { large: -9_223_372_036_854_775_808n },
  { real: 5e-324 },
  { real: 1.7976931348623157e308 },
  { real: 0.1 + 0.2 },
  { real: -1.5 },
  { price: '12345678901.4567' },
  { price: '-0.0001' },
  { flag: true },
  { flag: false },
  { moment: new Date('2024-02-29T23:59:59.999Z') },
  { moment: new Date('1970-01-01T00:00:00.000Z') },
  { day: '1999-12-31' },
  { hour: '23:59:59.999' },
  { mark: '0f8fad5b-d9cb-469f-a165-70867728950e' },
  { bytes: Buffer.from([0, 255, 39, 92, 10]) },
  { bytes: Buffer.alloc(0) },
];

describe.each(testDatabases())('on %s', (kind) => {
  let database: TestDatabase;
  let db: DataSource;
  let log: string[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    db = new DataSource({
      url: database.url,
      entities: [Shelf, Thing, Document],
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    });
    await db.initialize();
    await db.createSchema();
  });

  afterAll(async () => {
    await db?.destroy();
    await database?.drop();
  });

  const isServer = kind !== 'sqlite';
  const statements = (): string[] =>
    log.filter((sql) => !/^(?:BEGIN|START|COMMIT|SAVEPOINT|RELEASE)/.test(sql));

  test('new rows have the keys of their own places', async () => {
    const things = db.getRepository(Thing);
    log = [];
    const made = await things.save(Array.from({ length: ROWS }, (_, i) => ({ name: `n${i}` })));
    if (isServer) expect(statements()).toHaveLength(2);
    const found = await things.findBy({ id: In(made.map(({ id }) => id)) });
    const names = new Map(found.map(({ id, name }) => [id, name]));
    expect(made.map(({ id }) => names.get(id))).toEqual(made.map(({ name }) => name));
    expect(new Set(made.map(({ id }) => id)).size).toBe(ROWS);
  });

  test('whatever a column can hold is inserted and updated as it is', async () => {
    const things = db.getRepository(Thing);
    // All columns of nearly all rows change, so that they go into one statement.
    const filled: Partial<Thing> = {
      ...{
        name: 'x',
        large: 42n,
        real: 42,
        price: '42.0000',
        flag: true,
        day: '2000-01-01',
        hour: '01:01:01',
      },
      ...{ moment: new Date(0.9e12), mark: '0f8fad5b-d9cb-469f-a165-70867728950f', bytes: Buffer.from([1]) },
    };
    const made = await things.save([
      ...VALUES.map((values) => ({ ...values })),
      ...VALUES.map(() => ({ ...filled })),
    ]);
    const changed = made.slice(VALUES.length);
    log = [];
    VALUES.forEach((values, i) => {
      Object.assign(changed[i] as object, { ...empty(), ...values });
    });
    await things.save(changed);
    const read = async (list: readonly { readonly id: number }[]): Promise<unknown[]> => {
      const found = await things.findBy({ id: In(list.map(({ id }) => id)) });
      const byId = new Map(found.map(({ id, ...rest }) => [id, rest]));
      return list.map(({ id }) => byId.get(id));
    };
    const expected = VALUES.map((values) => ({ ...empty(), ...values }));
    expect(await read(made.slice(0, VALUES.length))).toEqual(expected);
    expect(await read(changed)).toEqual(expected);
  });

  test('each row is updated with its own values, in one statement on a server', async () => {
    const things = db.getRepository(Thing);
    const made = await things.save(Array.from({ length: ROWS }, (_, i) => ({ name: `u${i}`, real: 0.5 })));
    for (const [i, thing] of made.entries()) thing.name = `changed ${i}`;
    log = [];
    await things.save(made);
    if (isServer) expect(statements()).toHaveLength(1);
    const found = await things.find({ where: { id: In(made.map(({ id }) => id)) }, order: { id: 'asc' } });
    expect(found.map(({ name, real }) => [name, real])).toEqual(
      Array.from({ length: ROWS }, (_, i) => [`changed ${i}`, 0.5]),
    );
  });

  test('one row that is gone undoes the update of all', async () => {
    const things = db.getRepository(Thing);
    const made = await things.save(Array.from({ length: 100 }, (_, i) => ({ name: `g${i}` })));
    const gone = made[70] as (typeof made)[number];
    await things.delete(gone.id);
    for (const thing of made) thing.name = 'lost';
    await expect(things.save(made)).rejects.toMatchObject({ code: 'ROW_GONE' });
    expect(await things.countBy({ name: 'lost' })).toBe(0);
  });

  test('a stale version undoes the update, and the removal, of all', async () => {
    const documents = db.getRepository(Document);
    const made = await documents.save(Array.from({ length: 100 }, (_, i) => ({ pages: i, content: { i } })));
    const again = await documents.find({ order: { id: 'asc' } });
    for (const document of again) document.pages += 1;
    await documents.save(again);
    expect(again.every(({ version }) => version === 2)).toBe(true);
    for (const document of made) document.pages = -1;
    await expect(documents.save(made)).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    expect(await documents.countBy({ pages: -1 })).toBe(0);
    await expect(documents.remove(made)).rejects.toMatchObject({ code: 'OPTIMISTIC_LOCK' });
    expect(await documents.count()).toBe(100);
    await documents.remove(again);
    expect(await documents.count()).toBe(0);
  });

  test('JSON of many rows is updated as it is', async () => {
    const documents = db.getRepository(Document);
    const made = await documents.save(Array.from({ length: 40 }, (_, i) => ({ pages: i, content: null })));
    for (const [i, document] of made.entries()) document.content = { text: `"${i}\\`, list: [i, null] };
    await documents.save(made);
    const found = await documents.find({ order: { id: 'asc' } });
    expect(found.map(({ content }) => content)).toEqual(made.map(({ content }) => content));
    await documents.remove(found);
  });

  test('many rows are removed, and only they', async () => {
    const things = db.getRepository(Thing);
    const made = await things.save(Array.from({ length: ROWS + 1 }, (_, i) => ({ name: `r${i}` })));
    const [kept, ...others] = made as [(typeof made)[number], ...(typeof made)[number][]];
    const before = await things.count();
    log = [];
    await things.remove(others);
    if (isServer) expect(statements()).toHaveLength(1);
    expect(await things.count()).toBe(before - ROWS);
    expect(await things.findOneBy({ id: kept.id })).not.toBeNull();
  });

  test('the members of many rows are loaded in one query', async () => {
    const shelves = db.getRepository(Shelf);
    const made = await shelves.save(Array.from({ length: 600 }, (_, place) => ({ place })));
    await db
      .getRepository(Thing)
      .save(made.flatMap((shelf) => ['a', 'b'].map((name) => ({ name: `${shelf.place}${name}`, shelf }))));
    log = [];
    const found = await shelves.find({
      relations: { things: { order: { name: 'asc' }, relations: { shelf: true } } },
      order: { place: 'asc' },
    });
    expect(statements()).toHaveLength(3);
    expect(found.map(({ things }) => things.map(({ name }) => name))).toEqual(
      made.map(({ place }) => [`${place}a`, `${place}b`]),
    );
  });
});

function empty(): Partial<Thing> {
  return {
    name: null,
    large: null,
    real: null,
    price: null,
    flag: null,
    moment: null,
    day: null,
    hour: null,
    mark: null,
    bytes: null,
  };
}
