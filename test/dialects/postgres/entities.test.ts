// Entities on PostgreSQL from end to end: every type through save and find, keys, transactions, raw SQL, errors.
import {
  Column,
  CreateDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
  VersionColumn,
} from '../../../src/decorators/index';
import { DataSource, In, Like, MoreThan } from '../../../src/index';
import type { Many, One } from '../../../src/metadata/relation-types';
import { createDatabase, type TestDatabase } from '../../support/databases';
import { failure } from './connection-support';

@Entity('all_types')
class AllTypes {
  @PrimaryGeneratedColumn() id!: number;
  @Column('smallint', { nullable: true }) small!: number | null;
  @Column('bigint', { nullable: true }) big!: bigint | null;
  @Column('bigint', { nullable: true, as: 'string' }) bigText!: string | null;
  @Column('real', { nullable: true }) real!: number | null;
  @Column('double', { nullable: true }) double!: number | null;
  @Column('decimal', { nullable: true, precision: 20, scale: 4 }) decimal!: string | null;
  @Column('boolean', { nullable: true }) boolean!: boolean | null;
  @Column('char', { nullable: true, length: 4 }) char!: string | null;
  @Column('varchar', { nullable: true, length: 20 }) varchar!: string | null;
  @Column('text', { nullable: true }) text!: string | null;
  @Column('date', { nullable: true }) date!: string | null;
  @Column('time', { nullable: true }) time!: string | null;
  @Column('timestamp', { nullable: true }) timestamp!: Date | null;
  @Column('timestamptz', { nullable: true }) timestamptz!: Date | null;
  @Column('timestamptz', { nullable: true, precision: 6 }) exact!: string | null;
  @Column('json', { nullable: true }) json!: unknown;
  @Column('uuid', { nullable: true }) uuid!: string | null;
  @Column('blob', { nullable: true }) blob!: Buffer | null;
  @Column('enum', { nullable: true, enum: ['sad', 'so "so"'] }) mood!: 'sad' | 'so "so"' | null;
  @Column('simple-array', { nullable: true }) simple!: string[] | null;
  @Column('integer', { nullable: true, array: true }) numbers!: number[] | null;
  @Column('text', { nullable: true, array: true }) words!: string[] | null;
  @Column({ postgres: 'inet', default: 'text' }, { nullable: true }) address!: string | null;
}

@Entity('shops.members')
@Unique(['name', 'town'])
class Member {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('varchar', { length: 30 }) name!: string;
  @Column('varchar', { length: 30, default: 'here' }) town!: string;
  @CreateDateColumn() createdAt!: Date;
  @VersionColumn() version!: number;
  @OneToMany(
    () => Order,
    (order) => order.member,
    { cascade: ['insert'] },
  )
  orders!: Many<Order>;
}

@Entity('order')
class Order {
  @PrimaryGeneratedColumn('identity') id!: number;
  @Column('integer', { default: 1 }) select!: number;
  @ManyToOne(
    () => Member,
    (member) => member.orders,
    { onDelete: 'CASCADE' },
  )
  member!: One<Member>;
  @ManyToMany(() => Label) @JoinTable() labels!: Many<Label>;
}

@Entity('labels')
class Label {
  @PrimaryColumn('varchar', { length: 20 }) name!: string;
}

@Entity('bare')
class Bare {
  @PrimaryGeneratedColumn() id!: number;
}

let server: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  server = await createDatabase('postgres');
  db = await new DataSource({
    url: server.url,
    entities: [AllTypes, Member, Order, Label, Bare],
  }).initialize();
  await db.createSchema();
});
afterAll(async () => {
  await db?.destroy();
  await server?.drop();
});

const FULL: Partial<AllTypes> = {
  small: -3,
  big: 2n ** 62n,
  bigText: '-9223372036854775808',
  real: 0.5,
  double: 0.1,
  decimal: '1234567890123456.7800',
  boolean: false,
  char: 'ab',
  varchar: 'é\u{1f600}',
  text: 'it\'s \\ "so"',
  date: '2024-02-29',
  time: '23:59:59.12',
  timestamp: new Date('2024-02-29T12:00:00.120Z'),
  timestamptz: new Date('2024-02-29T12:00:00Z'),
  exact: '2024-02-29T12:00:00.123456Z',
  json: { b: [1, null, 'x'], a: { c: true } },
  uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  blob: Buffer.from([0, 255]),
  mood: 'so "so"',
  simple: ['a', 'b'],
  numbers: [1, -2],
  words: ['a,b', 'NULL', '', '"'],
  address: '10.0.0.1',
};

describe('every type', () => {
  const types = () => db.getRepository(AllTypes);

  test('comes back as it was saved, and unchanged it is not written again', async () => {
    const saved = await types().save({ ...FULL });
    const found = await types().findOneOrFail({ where: { id: saved.id } });
    expect({ ...found }).toEqual({ ...FULL, id: saved.id });
    const written = (
      await db.query<{ xmin: string }>('SELECT xmin::text FROM all_types WHERE id = $1', [saved.id])
    )[0];
    await types().save(found);
    expect((await db.query('SELECT xmin::text FROM all_types WHERE id = $1', [saved.id]))[0]).toEqual(
      written,
    );
    (found.words as string[]).push('more');
    (found.json as { a: unknown }).a = 5;
    await types().save(found);
    expect(await types().findOneOrFail({ where: { id: saved.id } })).toMatchObject({
      words: ['a,b', 'NULL', '', '"', 'more'],
      json: { b: [1, null, 'x'], a: 5 },
    });
  });

  const columns = (Object.keys(FULL) as (keyof AllTypes)[]).filter((name) => name !== 'json');
  test.each(columns)('can be asked for: %s', async (name) => {
    const { id } = await types().save({ [name]: FULL[name] } as never);
    const found = await types().find({ where: { id, [name]: FULL[name] } as never });
    expect(found).toHaveLength(1);
    expect(await types().count({ where: { id, [name]: In([FULL[name]]) } as never })).toBe(1);
  });

  test('is NULL where nothing was said', async () => {
    const { id } = await types().save({});
    const found = await types().findOneOrFail({ where: { id } });
    expect(Object.values(found).filter((value) => value !== null)).toEqual([id]);
  });
});

describe('entities', () => {
  const members = () => db.getRepository(Member);
  const orders = () => db.getRepository(Order);

  test('are saved, found, changed and removed, also in another schema and under reserved words', async () => {
    await db.getRepository(Label).save([{ name: 'red' }, { name: 'blue' }]);
    const ada = await members().save({ name: 'Ada', orders: [{ select: 5 }, {}] });
    expect(ada.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(ada.town).toBe('here');
    expect(ada.createdAt).toBeInstanceOf(Date);
    expect(ada.orders.map(({ select }) => select)).toEqual([5, 1]);
    const found = await orders().find({
      where: { member: { name: Like('A%') }, select: MoreThan(1) },
      relations: { member: true, labels: true },
      order: { id: 'DESC' },
      take: 5,
      skip: 0,
    });
    expect(found).toMatchObject([{ select: 5, member: { name: 'Ada' }, labels: [] }]);
    const [order] = found as [(typeof found)[0]];
    order.labels.push(...((await db.getRepository(Label).find()) as never[]));
    await orders().save(order);
    expect(await db.query('SELECT count(*) FROM order_labels')).toEqual([{ count: 2 }]);
    ada.name = 'Ada L.';
    await members().save(ada);
    expect(ada.version).toBe(2);
    await members().remove(ada);
    expect(await orders().count()).toBe(0);
  });

  test('of which nothing is said are rows of defaults', async () => {
    const bares = await db.getRepository(Bare).save([{}, {}]);
    expect(bares.map(({ id }) => id)).toEqual([1, 2]);
  });

  test('many at once go in few statements', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({ text: `t${i}`, small: i % 100 }));
    const saved = await db.getRepository(AllTypes).save(many);
    expect(new Set(saved.map(({ id }) => id)).size).toBe(20_000);
    const some = await db
      .getRepository(AllTypes)
      .find({ where: { id: In(saved.slice(0, 3000).map(({ id }) => id)) } });
    expect(some).toHaveLength(3000);
  });

  test('that break a rule are told by name', async () => {
    await members().save({ name: 'Bob', town: 'there' });
    expect(await failure(members().save({ name: 'Bob', town: 'there' }))).toMatchObject({
      name: 'UniqueViolationError',
      constraint: expect.any(String),
      table: 'shops.members',
      columns: ['name', 'town'],
    });
    const order = { member: { id: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' } };
    for (const save of [
      () => orders().save(order as never),
      () => db.transaction(async (inner) => inner.getRepository(Order).save(order as never)),
    ]) {
      expect(await failure(save)).toMatchObject({
        name: 'ForeignKeyViolationError',
        table: 'order',
        columns: ['member_id'],
      });
    }
  });
});

describe('transactions', () => {
  const labels = () => db.getRepository(Label);

  test('run beside each other, each on a connection of its own', async () => {
    let inner = 0;
    await db.transaction(async () => {
      await labels().save({ name: 'unseen' });
      // In another flow: neither waits for the other.
      inner = await new Promise<number>((resolve, reject) => {
        outside(() => db.query<{ count: number }>("SELECT count(*) FROM labels WHERE name = 'unseen'"))
          .then(([row]) => resolve(row?.count as number))
          .catch(reject);
      });
    });
    expect(inner).toBe(0);
    expect(await labels().existsBy({ name: 'unseen' })).toBe(true);
  });

  test('inside each other are savepoints', async () => {
    await db.transaction(async () => {
      await labels().save({ name: 'outer' });
      await db
        .transaction(async () => {
          await labels().save({ name: 'inner' });
          throw new Error('never mind');
        })
        .catch(() => {});
      await failure(db.transaction(async () => labels().insert([{ name: 'outer' }])));
      await labels().save({ name: 'after' });
    });
    expect(
      (await labels().find({ where: { name: In(['outer', 'inner', 'after']) } }))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['after', 'outer']);
  });

  test('in which a statement failed are not committed, whoever caught its error', async () => {
    const error = await failure(
      db.transaction(async () => {
        await labels().save({ name: 'lost' });
        await db.query('SELECT 1/0').catch(() => {});
      }),
    );
    expect(error.code).toBe('TRANSACTION_LOST');
    expect(await labels().existsBy({ name: 'lost' })).toBe(false);
  });

  test('opened by hand are refused', async () => {
    expect(await failure(db.query('BEGIN'))).toMatchObject({ code: 'TRANSACTION_BY_HAND' });
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

test('a database is opened by either scheme, under the name of the dialect', async () => {
  const other = new DataSource({ url: server.url.replace(/^postgres:/, 'postgresql:'), entities: [Bare] });
  await other.initialize();
  expect(await other.getRepository(Bare).count()).toBe(await db.getRepository(Bare).count());
  await other.destroy();
});

test('raw SQL takes values of all kinds', async () => {
  const when = new Date('2024-02-29T12:00:00.5Z');
  expect(
    await db.query(
      'SELECT $1::int AS i, $2::boolean AS b, $3::timestamptz = $4 AS same, $5::bytea AS raw, $6::int[] AS list',
      [5, true, when, when, Buffer.from([1]), [1, 2]],
    ),
  ).toEqual([{ i: 5, b: true, same: true, raw: Buffer.from([1]), list: '{1,2}' }]);
  const names = ['red', 'blue'];
  expect(await db.sql`SELECT name FROM labels WHERE name IN (${names}) AND name <> ${'blue'}`).toEqual([
    { name: 'red' },
  ]);
});

/** Runs something outside of the transaction of the calling flow. */
function outside<R>(work: () => Promise<R>): Promise<R> {
  return notInFlow.run(work);
}
const { AsyncResource } = jest.requireActual<typeof import('node:async_hooks')>('node:async_hooks');
const flow = new AsyncResource('outside');
const notInFlow = { run: <R>(work: () => Promise<R>): Promise<R> => flow.runInAsyncScope(work) };
