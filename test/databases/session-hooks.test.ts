/** Listeners and subscribers of what sessions read and write: order, cascades, writes of their own. */

import {
  AfterInsert,
  AfterLoad,
  AfterRemove,
  AfterUpdate,
  BeforeInsert,
  BeforeRemove,
  BeforeUpdate,
  Column,
  DataSource,
  Entity,
  type InsertEvent,
  type Many,
  ManyToOne,
  type One,
  OneToMany,
  PrimaryGeneratedColumn,
  type UpdateEvent,
} from 'limbeck';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

const heard: string[] = [];

abstract class Told {
  @AfterLoad() loaded(): void {
    heard.push(`load ${this.says()}`);
  }
  @BeforeInsert() async inserting(): Promise<void> {
    await new Promise(setImmediate);
    heard.push(`before insert ${this.says()}`);
  }
  @AfterInsert() inserted(): void {
    heard.push(`after insert ${this.says()}`);
  }
  @BeforeUpdate() updating(): void {
    heard.push(`before update ${this.says()}`);
  }
  @AfterUpdate() async updated(): Promise<void> {
    await new Promise(setImmediate);
    heard.push(`after update ${this.says()}`);
  }
  @BeforeRemove() removing(): void {
    heard.push(`before remove ${this.says()}`);
  }
  @AfterRemove() removed(): void {
    heard.push(`after remove ${this.says()}`);
  }
  abstract says(): string;
}

@Entity('told_invoices')
class Invoice extends Told {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) title!: string;
  @Column('integer', { default: 0 }) total!: number;
  @OneToMany(
    () => Item,
    (item) => item.invoice,
    { cascade: true },
  )
  items!: Many<Item>;
  loads?: number;

  @AfterLoad() count(): void {
    this.loads = (this.loads ?? 0) + 1;
  }
  /** Adds a line, and changes a column by what was added. */
  @BeforeInsert() async fee(): Promise<void> {
    await new Promise(setImmediate);
    if (this.title !== 'with fee') return;
    this.items = [...(this.items ?? []), Object.assign(new Item(), { name: 'fee', price: 5 })];
    this.total = this.items.reduce((sum, { price }) => sum + price, 0);
  }
  @BeforeUpdate() late(): void {
    if (
      this.title === 'late' &&
      this.items !== undefined &&
      this.items.every(({ name }) => name !== 'fine')
    ) {
      this.items.push(Object.assign(new Item(), { name: 'fine', price: 7 }));
      this.total += 7;
    }
  }
  says(): string {
    return this.title;
  }
}

@Entity('told_items')
class Item extends Told {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) name!: string;
  @Column('integer') price!: number;
  @ManyToOne(
    () => Invoice,
    (invoice) => invoice.items,
    { onDelete: 'CASCADE' },
  )
  invoice!: One<Invoice>;
  says(): string {
    return this.name;
  }
}

@Entity('told_audits')
class Audit {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) text!: string;
}

class Auditor {
  listenTo() {
    return Invoice;
  }
  async afterInsert({ entity, manager }: InsertEvent<Invoice>): Promise<void> {
    await manager.getRepository(Audit).insert({ text: `inserted ${entity.id} ${entity.title}` });
  }
  async beforeUpdate({ entity, manager, databaseEntity }: UpdateEvent<Invoice>): Promise<void> {
    await manager.getRepository(Audit).save({ text: `${databaseEntity?.title} to ${entity?.title}` });
    if (entity?.title === 'bad') throw new Error('refused');
  }
}

const item = (name: string, price: number): Item => Object.assign(new Item(), { name, price });
const invoice = (title: string, items: Item[] = []): Invoice =>
  Object.assign(new Invoice(), { title, items });

describe.each(testDatabases())('on %s', (kind) => {
  let base: TestDatabase;
  let db: DataSource;

  beforeAll(async () => {
    base = await createDatabase(kind);
    db = await new DataSource({
      url: base.url,
      entities: [Invoice, Item, Audit],
      subscribers: [new Auditor()],
    }).initialize();
    await db.createSchema();
  });
  afterAll(async () => {
    await db.destroy();
    await base.drop();
  });
  beforeEach(async () => {
    for (const table of ['told_items', 'told_invoices', 'told_audits'])
      await db.query(`DELETE FROM ${table}`);
    heard.length = 0;
  });

  const prices = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await db.getRepository(Item).find()).map(({ name, price }) => [name, price]));
  const audits = async (): Promise<string[]> =>
    (await db.getRepository(Audit).find({ order: { id: 'asc' } })).map(({ text }) =>
      text.replace(/ \d+ /, ' # '),
    );

  /** The same by `save` of a repository and by a session. */
  const ways = [
    ['save', (one: Invoice) => db.getRepository(Invoice).save(one)],
    [
      'session',
      async (one: Invoice) => {
        await using session = db.session();
        session.add(one);
        await session.commit();
      },
    ],
  ] as const;

  test.each(ways)(
    '%s: all are told before any is written, in the order of the statements',
    async (_, write) => {
      await write(invoice('one', [item('a', 1), item('b', 2)]));
      expect(heard).toEqual([
        'before insert one',
        'before insert a',
        'before insert b',
        'after insert one',
        'after insert a',
        'after insert b',
      ]);
      expect(await audits()).toEqual(['inserted # one']);
    },
  );

  test.each(ways)('%s: what a listener adds and changes is written, and told as well', async (_, write) => {
    const one = invoice('with fee', [item('a', 1)]);
    await write(one);
    expect(await prices()).toEqual({ a: 1, fee: 5 });
    expect((await db.getRepository(Invoice).findOneByOrFail({ id: one.id })).total).toBe(6);
    expect(heard.filter((each) => / insert (fee|a|with fee)$/.test(each))).toHaveLength(6);
  });

  test.each(ways)('%s: of an update as well, with the writes of a subscriber before it', async (_, write) => {
    await db.getRepository(Invoice).save(invoice('early', [item('a', 1)]));
    const found = await db.getRepository(Invoice).findOneOrFail({ where: {}, relations: { items: true } });
    heard.length = 0;
    found.title = 'late';
    await write(found as Invoice);
    expect(await prices()).toEqual({ a: 1, fine: 7 });
    expect((await db.getRepository(Invoice).findOneByOrFail({})).total).toBe(7);
    expect(heard.slice(0, 4)).toEqual([
      'before update late',
      'before insert fine',
      ...['after insert fine', 'after update late'],
    ]);
    expect(await audits()).toEqual(['inserted # early', 'early to late']);
  });

  test('what a listener throws takes back the flush, its writes included; the session goes on', async () => {
    await using session = db.session();
    const one = session.add(invoice('good'));
    await session.commit();
    one.title = 'bad';
    session.add(invoice('other'));
    await expect(session.commit()).rejects.toThrow('refused');
    one.title = 'better';
    await session.commit();
    expect(await audits()).toEqual(['inserted # good', 'good to better', 'inserted # other']);
  });

  test('removal is told before and after, related rows that go along included', async () => {
    await using session = db.session();
    const one = session.add(invoice('one', [item('a', 1)]));
    await session.commit();
    heard.length = 0;
    session.remove(one);
    await session.commit();
    expect(heard.filter((each) => each.includes('remove one'))).toEqual([
      'before remove one',
      'after remove one',
    ]);
    expect(await db.getRepository(Item).count()).toBe(0);
  });

  test('a session tells of loading once, on the instance that is kept, related ones first', async () => {
    await db.getRepository(Invoice).save(invoice('one', [item('a', 1)]));
    await using session = db.session();
    heard.length = 0;
    const one = await session.findOneOrFail(Invoice, { where: {}, relations: { items: true } });
    expect(heard).toEqual(['load a', 'load one']);
    expect(one.loads).toBe(1);
    const again = await session.findOneByOrFail(Invoice, { title: 'one' });
    expect(again).toBe(one);
    await session.find(Item, { relations: { invoice: true } });
    expect(heard).toEqual(['load a', 'load one']);
    expect(one.loads).toBe(1);
    await session.refresh(one);
    expect(one.loads).toBe(2);
    await session.commit();
    await session.findBy(Invoice, {});
    expect(one.loads).toBe(3);
    expect(heard).toEqual(['load a', 'load one', 'load one', 'load one']);
  });

  test('a listener may use the session that calls it', async () => {
    await using session = db.session();
    const own = await new DataSource({
      url: base.url,
      entities: [Invoice, Item, Audit],
      subscribers: [
        {
          listenTo: () => Item,
          afterLoad: async () => {
            heard.push(`${await reader.count(Invoice)} invoices`);
          },
        },
      ],
    }).initialize();
    await session.close();
    const reader = own.session();
    await db.getRepository(Invoice).save(invoice('one', [item('a', 1)]));
    heard.length = 0;
    await reader.find(Item);
    expect(heard).toEqual(['load a', '1 invoices']);
    await reader.close();
    await own.destroy();
  });
});
