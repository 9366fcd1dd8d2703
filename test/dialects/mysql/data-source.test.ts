/** The whole library on MySQL/MariaDB, and as on a server that cannot return what it has inserted. */

import { DataSource, databaseOf } from '../../../src/data-source.js';
import {
  Column,
  Entity,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
} from '../../../src/decorators/index.js';
import type { Many, One } from '../../../src/metadata/relation-types.js';
import { createDatabase, isAvailable, type TestDatabase } from '../../support/databases.js';
import { errorOf } from './open-databases.js';

@Entity('node`s')
@Unique(['parent', 'name'])
class Node {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20, default: "it's" }) name!: string;
  @Column('json', { nullable: true }) extra!: { z: number; a: number } | null;
  @ManyToOne(
    () => Node,
    (node) => node.children,
    { nullable: true },
  )
  parent!: One<Node> | null;
  @OneToMany(
    () => Node,
    (node) => node.parent,
    { cascade: ['insert', 'update'] },
  )
  children!: Many<Node>;
}

@Entity('ticks')
class Tick {
  @PrimaryGeneratedColumn() id!: number;
}

@Entity('stays')
class Stay {
  @PrimaryColumn('varchar', { length: 10 }) room!: string;
  @PrimaryColumn('date') day!: string;
  @Column('decimal', { precision: 8, scale: 2, default: 1.5 }) price!: string;
  @Column('timestamp', { default: () => 'CURRENT_TIMESTAMP' }) madeAt!: Date;
}

@Entity('tallies')
class Tally {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id!: bigint;
  @Column('boolean', { default: true }) open!: boolean;
}

@Entity('made')
class Made {
  @PrimaryColumn('varchar', { length: 40, default: () => 'UUID()' }) id!: string;
}

const described = isAvailable('mysql') ? describe : describe.skip;

described.each([
  ['with RETURNING', true],
  ['without RETURNING', false],
])('a data source on MySQL or MariaDB, %s', (_, returning) => {
  let database: TestDatabase;
  let db: DataSource;
  let log: string[];

  beforeAll(async () => {
    database = await createDatabase('mysql');
    db = new DataSource({
      url: database.url,
      entities: [Node, Tick, Stay, Tally, Made],
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    });
    log = [];
    await db.initialize();
    const { capabilities } = databaseOf(db).dialect;
    if (!returning) Object.defineProperty(capabilities, 'returning', { value: false });
    await db.createSchema();
  });
  beforeEach(async () => {
    for (const entity of [Tick, Stay, Tally]) await db.getRepository<object>(entity).clear();
    await db.query('UPDATE `node``s` SET parent_id = NULL');
    await db.getRepository(Node).clear();
    log = [];
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  test('saves a graph, and learns keys and defaults', async () => {
    const root = db.getRepository(Node).create({ name: 'root' });
    await db
      .getRepository(Node)
      .save({ name: 'root', children: [{ name: 'a' }, {}, { name: 'c', extra: { z: 1, a: 2 } }] });
    const [found] = await db.getRepository(Node).find({
      where: { name: 'root' },
      relations: { children: { order: { id: 'asc' } } },
    });
    expect(found?.children.map(({ name, extra }) => [name, extra])).toEqual([
      ['a', null],
      ["it's", null],
      ['c', { z: 1, a: 2 }],
    ]);
    expect(root).toMatchObject({ name: 'root' });
    expect(log.some((sql) => sql.includes('RETURNING'))).toBe(returning);
  });

  test('gives every row of one statement its own key', async () => {
    const nodes = Array.from({ length: 1_300 }, (_, i) => ({ name: `n${i}` }));
    const saved = await db.getRepository(Node).save(nodes);
    const inserts = log.filter((sql) => sql.startsWith('INSERT'));
    expect(inserts).toHaveLength(2);
    const found = await db.getRepository(Node).find({ order: { id: 'asc' } });
    expect(found.map(({ id, name }) => [id, name])).toEqual(saved.map(({ id, name }) => [id, name]));
    expect(new Set(found.map(({ id }) => id)).size).toBe(1_300);
  });

  test('saves rows of nothing but defaults', async () => {
    const ticks = await db.getRepository(Tick).save([{}, {}]);
    expect(ticks.map(({ id }) => typeof id)).toEqual(['number', 'number']);
    expect(await db.getRepository(Tick).count()).toBe(2);
    expect(log).toContainEqual(
      expect.stringMatching(/^INSERT INTO `ticks` \(\) VALUES \(\)( RETURNING `id`)?$/),
    );
  });

  test('reads defaults of rows with a compound key that it wrote itself', async () => {
    const stays = await db.getRepository(Stay).save([
      { room: 'b', day: '2024-01-02' },
      { room: 'a', day: '2024-01-01' },
    ]);
    expect(stays.map(({ room, price, madeAt }) => [room, price, madeAt instanceof Date])).toEqual([
      ['b', '1.50', true],
      ['a', '1.50', true],
    ]);
  });

  test('generates keys of 64 bits', async () => {
    await db.query('INSERT INTO tallies (id) VALUES (?)', [2n ** 60n]);
    const saved = await db.getRepository(Tally).save([{}, { open: false }]);
    expect(saved.map(({ id, open }) => [id, open])).toEqual([
      [2n ** 60n + 1n, true],
      [2n ** 60n + 2n, false],
    ]);
  });

  test('a key that the database makes otherwise is returned, or refused before anything is written', async () => {
    if (returning) {
      expect((await db.getRepository(Made).save({})).id).toMatch(/^[0-9a-f-]{36}$/);
    } else {
      expect(await errorOf(() => db.getRepository(Made).save({}))).toMatchObject({
        code: 'CAPABILITY_MISSING',
        context: { object: 'Made.id' },
      });
      expect(await db.getRepository(Made).count()).toBe(0);
    }
  });

  test('writes what has changed and nothing else', async () => {
    const node = await db.getRepository(Node).save({ name: 'x', extra: { z: 1, a: 2 } });
    const [found] = await db.getRepository(Node).find();
    log = [];
    // The same members in another order mean the same.
    (found as Node).extra = { a: 2, z: 1 };
    await db.getRepository(Node).save(found as Node);
    expect(log).toEqual([]);
    (found as Node).name = 'y';
    await db.getRepository(Node).save(found as Node);
    expect(log.filter((sql) => sql.startsWith('UPDATE'))).toEqual([
      'UPDATE `node``s` SET `name` = ? WHERE `id` = ?',
    ]);
    await db.getRepository(Node).remove(found as Node);
    expect(await db.getRepository(Node).exists({ where: { id: node.id } })).toBe(false);
  });

  test('rolls back to a savepoint, and as a whole', async () => {
    const nodes = db.getRepository(Node);
    await db.transaction(async () => {
      await nodes.save({ name: 'kept' });
      await errorOf(() =>
        db.transaction(async () => {
          await nodes.save({ name: 'gone' });
          throw new Error('no');
        }),
      );
    });
    await errorOf(() =>
      db.transaction(async () => {
        await nodes.save({ name: 'also gone' });
        throw new Error('no');
      }),
    );
    expect((await nodes.find()).map(({ name }) => name)).toEqual(['kept']);
  });

  test('names what a duplicate was refused by, inside a transaction that goes on', async () => {
    const nodes = db.getRepository(Node);
    const root = await nodes.save({ name: 'root' });
    await db.transaction(async () => {
      await nodes.save({ name: 'a', parent: root });
      const failure = await errorOf(() => nodes.insert({ name: 'a', parent: root }));
      expect(failure).toMatchObject({ code: 'UNIQUE_VIOLATION', table: 'node`s' });
      expect([...failure.columns].sort()).toEqual(['name', 'parent_id']);
      await nodes.save({ name: 'b', parent: root });
    });
    expect(await nodes.count({ where: { parent: root } })).toBe(2);
  });

  test('writes rows by a condition on the very table that is written', async () => {
    const nodes = db.getRepository(Node);
    await nodes.save({ name: 'root', children: [{ name: 'a' }, { name: 'b' }] });
    await nodes.save({ name: 'other', children: [{ name: 'c' }] });
    expect(
      await nodes.update({ parent: { name: 'root' } }, { name: 'child' }).catch((cause) => cause),
    ).toMatchObject({
      code: 'UNIQUE_VIOLATION',
    });
    expect(await nodes.delete({ parent: { name: 'root' } })).toEqual({ affected: 2 });
    expect((await nodes.find({ order: { name: 'asc' } })).map(({ name }) => name)).toEqual([
      'c',
      'other',
      'root',
    ]);
  });
});
