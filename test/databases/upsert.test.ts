/** `upsert()`: rows that are there by a unique key are updated, the others inserted, on every database. */

import {
  Column,
  CreateDateColumn,
  DataSource,
  Entity,
  In,
  Index,
  LessThan,
  ManyToOne,
  type One,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  type Repository,
  sql,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'limbeck';
import { isLimbeckError } from '../../src/base/errors';
import { createDatabase, type TestDatabase, testDatabases } from '../support/databases';

@Entity('up_owners')
class Owner {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) name!: string;
}

@Entity('up_things')
@Unique(['slug'])
@Unique(['owner', 'place'])
class Thing {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 50 }) slug!: string;
  @Column('varchar', { length: 50, nullable: true }) title!: string | null;
  @Column('integer', { default: 7 }) rank!: number;
  @Column('varchar', { length: 50, nullable: true, unique: true }) code!: string | null;
  @Column('varchar', { length: 50, update: false, default: 'fixed' }) origin!: string;
  @Column('integer', { nullable: true }) place!: number | null;
  @ManyToOne(() => Owner, { nullable: true }) owner!: One<Owner> | null;
  @CreateDateColumn() createdAt!: Date;
  @UpdateDateColumn() updatedAt!: Date;
  @VersionColumn() version!: number;
}

@Entity('up_settings')
class Setting {
  @PrimaryColumn('varchar', { length: 20 }) scope!: string;
  @PrimaryColumn('varchar', { length: 20 }) name!: string;
  @Column('text') value!: string;
}

@Entity('up_words')
@Index(['word'], { unique: true, where: 'deleted = 0' })
class Word {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { length: 20 }) word!: string;
  @Column('integer', { default: 0 }) deleted!: number;
  @Column('integer', { default: 0 }) uses!: number;
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (cause: unknown) => (isLimbeckError(cause) ? cause.code : cause),
  );

for (const kind of testDatabases()) {
  describe(`on ${kind}`, () => {
    const hasPartialIndexes = kind !== 'mysql';
    let base: TestDatabase;
    let db: DataSource;
    let things: Repository<Thing>;
    let log: string[] = [];

    beforeAll(async () => {
      base = await createDatabase(kind);
      db = new DataSource({
        url: base.url,
        entities: [Owner, Thing, Setting, ...(hasPartialIndexes ? [Word] : [])],
        logger: (entry) => {
          if (entry.kind === 'query') log.push(entry.sql);
        },
      });
      await db.initialize();
      await db.createSchema();
      things = db.getRepository(Thing);
    });
    afterAll(async () => {
      await db.destroy();
      await base.drop();
    });
    beforeEach(async () => {
      await things.clear();
      log = [];
    });

    /** Statements besides those that open and close the transaction. */
    const statements = (): string[] =>
      log.filter((text) => !/^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/.test(text));

    test('inserts what is not there and updates what is, in one statement', async () => {
      const first = await things.upsert([{ slug: 'a', title: 'A' }], ['slug']);
      const before = await things.findOneByOrFail({ slug: 'a' });
      await new Promise((resolve) => setTimeout(resolve, 5));
      log = [];
      const rows = [
        { slug: 'b', title: 'B' },
        { slug: 'a', title: 'A2' },
      ];
      const second = await things.upsert(rows, ['slug']);
      expect(statements()).toHaveLength(1);
      const after = await things.findOneByOrFail({ slug: 'a' });
      const other = await things.findOneByOrFail({ slug: 'b' });
      expect(first.identifiers).toEqual([{ id: before.id }]);
      expect(second.identifiers).toEqual([{ id: other.id }, { id: before.id }]);
      expect(after).toMatchObject({
        id: before.id,
        title: 'A2',
        version: 2,
        rank: 7,
        createdAt: before.createdAt,
      });
      expect(after.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime());
      expect(other).toMatchObject({ title: 'B', version: 1 });
    });

    test('writes keys, versions and dates back, also of rows that were there', async () => {
      await things.insert({ slug: 'a', title: 'A' });
      const row: { slug: string; title: string; id?: number; version?: number; createdAt?: Date } = {
        slug: 'a',
        title: 'A2',
      };
      const { generatedMaps } = await things.upsert(row, ['slug']);
      const found = await things.findOneByOrFail({ slug: 'a' });
      expect(row).toMatchObject({ id: found.id, version: 2, createdAt: found.createdAt });
      expect(generatedMaps[0]).toMatchObject({ id: found.id, version: 2, updatedAt: found.updatedAt });
    });

    test('leaves alone what a row does not say, and what may not be updated', async () => {
      await things.insert({ slug: 'a', title: 'A', rank: 1, origin: 'first' });
      await things.upsert([{ slug: 'a', rank: 2, origin: 'second' }], ['slug']);
      expect(await things.findOneByOrFail({ slug: 'a' })).toMatchObject({
        title: 'A',
        rank: 2,
        origin: 'first',
      });
    });

    test('takes rows that say different columns, in their order', async () => {
      await things.insert({ slug: 'a', title: 'A', rank: 1 });
      await things.upsert([{ slug: 'a', rank: 2 }, { slug: 'b' }, { slug: 'a', title: 'A3' }], {
        conflictPaths: ['slug'],
      });
      expect(await things.findOneByOrFail({ slug: 'a' })).toMatchObject({ title: 'A3', rank: 2, version: 3 });
      expect(await things.count()).toBe(2);
    });

    test('takes one key twice in a call: the last row counts', async () => {
      const { identifiers } = await things.upsert(
        [
          { slug: 'a', title: 'one' },
          { slug: 'a', title: 'two' },
        ],
        ['slug'],
      );
      expect(await things.find()).toMatchObject([{ title: 'two', version: 2 }]);
      expect(identifiers[0]).toEqual(identifiers[1]);
    });

    test('writes many rows in few statements', async () => {
      const rows = Array.from({ length: 300 }, (_, i) => ({ slug: `s${i}`, title: 't' }));
      await things.upsert(rows, ['slug']);
      expect(statements()).toHaveLength(3);
      log = [];
      const { identifiers } = await things.upsert(
        rows.map(({ slug }) => ({ slug, title: 'u' })),
        ['slug'],
      );
      expect(statements()).toHaveLength(3);
      const found = new Map((await things.find()).map(({ slug, id }) => [slug, id]));
      expect(identifiers.map(({ id }) => id)).toEqual(rows.map(({ slug }) => found.get(slug)));
      expect(await things.countBy({ title: 'u' })).toBe(300);
    });

    test('`update` says which columns are written to a row that is there', async () => {
      await things.insert({ slug: 'a', title: 'A', rank: 1 });
      await things.upsert({ slug: 'a', title: 'A2', rank: 2 }, { conflictPaths: ['slug'], update: ['rank'] });
      expect(await things.findOneByOrFail({ slug: 'a' })).toMatchObject({ title: 'A', rank: 2, version: 2 });
      await things.upsert({ slug: 'a', title: 'A3' }, { conflictPaths: ['slug'], update: [] });
      expect(await things.findOneByOrFail({ slug: 'a' })).toMatchObject({ title: 'A', version: 2 });
    });

    test('`where` says which rows that are there are written, and every row is identified', async () => {
      await things.insert([
        { slug: 'a', title: 'A', rank: 1 },
        { slug: 'b', title: 'B', rank: 9 },
      ]);
      const { identifiers } = await things.upsert(
        [
          { slug: 'a', title: 'A2', rank: 5 },
          { slug: 'b', title: 'B2', rank: 5 },
        ],
        { conflictPaths: ['slug'], where: { rank: LessThan(5) } },
      );
      const [a, b] = await things.find({ order: { slug: 'asc' } });
      expect([a, b]).toMatchObject([
        { title: 'A2', rank: 5, version: 2 },
        { title: 'B', rank: 9, version: 1 },
      ]);
      expect(identifiers).toEqual([{ id: a?.id }, { id: b?.id }]);
    });

    test('leaves rows alone that stay the same, where that is wanted', async () => {
      await things.insert([
        { slug: 'a', title: null },
        { slug: 'b', title: 'B' },
      ]);
      await things.upsert(
        [
          { slug: 'a', title: null },
          { slug: 'b', title: 'B2' },
        ],
        { conflictPaths: ['slug'], skipUpdateIfNoValuesChanged: true },
      );
      const found = await things.find({ order: { slug: 'asc' } });
      expect(found).toMatchObject([
        { title: null, version: 1 },
        { title: 'B2', version: 2 },
      ]);
    });

    test('a primary key, a key of two columns, and one with a relation are keys as any other', async () => {
      const [{ id }] = (await things.upsert({ slug: 'a' }, ['slug'])).identifiers as [{ id: number }];
      await things.upsert([{ id, slug: 'a2' }, { slug: 'new' }], ['id']);
      expect((await things.find({ order: { id: 'asc' } })).map(({ slug }) => slug)).toEqual(['a2', 'new']);
      const settings = db.getRepository(Setting);
      await settings.upsert({ scope: 's', name: 'n', value: '1' }, ['scope', 'name']);
      const again = await settings.upsert({ scope: 's', name: 'n', value: '2' }, ['name', 'scope']);
      expect(again.identifiers).toEqual([{ scope: 's', name: 'n' }]);
      expect(await settings.find()).toMatchObject([{ value: '2' }]);
      const owner = await db.getRepository(Owner).save({ name: 'o' });
      await things.upsert({ slug: 'x', owner, place: 1 }, ['owner', 'place']);
      await things.upsert({ slug: 'y', owner, place: 1 }, ['owner', 'place']);
      expect(await things.find({ where: { owner } })).toMatchObject([{ slug: 'y', place: 1 }]);
      await things.upsert({ slug: 'z', owner, place: 1 }, ['owner.id', 'place']);
      expect(await things.find({ where: { owner } })).toMatchObject([{ slug: 'z', place: 1 }]);
      expect(await codeOf(things.upsert({ slug: 'z', owner }, ['owner.name', 'place']))).toBe(
        'PROPERTY_UNKNOWN',
      );
      await settings.clear();
    });

    test('a row that leaves the key open is inserted', async () => {
      await things.upsert([{ slug: 'a', code: null }, { slug: 'b' }], ['code']);
      expect(await things.count()).toBe(2);
    });

    test('a row that is there by another key is refused, and nothing of it is written', async () => {
      await things.insert([
        { slug: 'a', code: '1' },
        { slug: 'b', code: '2' },
      ]);
      const rows = [
        { slug: 'c', code: '3' },
        { slug: 'd', code: '2', title: 'never' },
      ];
      expect(await codeOf(things.upsert(rows, ['slug']))).toBe('UNIQUE_VIOLATION');
      expect(await things.find({ order: { slug: 'asc' } })).toMatchObject([
        { slug: 'a', title: null },
        { slug: 'b', title: null },
      ]);
    });

    test('refuses what is no key, and what it does not know', async () => {
      await expect(things.upsert({ slug: 'a' }, ['title'])).rejects.toMatchObject({
        code: 'CONFLICT_TARGET_INVALID',
        hint: expect.stringContaining('(slug)'),
      });
      expect(await codeOf(things.upsert({ slug: 'a' }, []))).toBe('CONFLICT_TARGET_INVALID');
      await expect(things.upsert({ slug: 'a' }, ['slugg' as 'slug'])).rejects.toThrow("no property 'slugg'");
      const bad = { conflictPaths: ['slug'], wher: {} } as never;
      await expect(things.upsert({ slug: 'a' }, bad)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' });
      await expect(things.upsert({ slug: 'a', titel: '' } as never, ['slug'])).rejects.toThrow("'titel'");
      const other = kind === 'mysql' ? 'on-conflict-do-update' : 'on-duplicate-key-update';
      expect(await codeOf(things.upsert({ slug: 'a' }, { conflictPaths: ['slug'], upsertType: other }))).toBe(
        'CAPABILITY_MISSING',
      );
    });

    test('joins the transaction around it, and is undone with it', async () => {
      await things.insert({ slug: 'a', title: 'A' });
      const undone = db.transaction(async (manager) => {
        await manager.getRepository(Thing).upsert([{ slug: 'a', title: 'A2' }, { slug: 'b' }], ['slug']);
        throw new Error('undo');
      });
      await expect(undone).rejects.toThrow('undo');
      expect(await things.find()).toMatchObject([{ slug: 'a', title: 'A', version: 1 }]);
    });

    test('hostile values stay values', async () => {
      const slug = `'); DROP TABLE up_things; --`;
      await things.upsert([{ slug, title: '"`$1?' }], ['slug']);
      await things.upsert([{ slug, title: `' OR 1=1` }], ['slug']);
      expect(await things.find({ where: { slug: In([slug]) } })).toMatchObject([{ title: `' OR 1=1` }]);
    });

    test('a unique index on some rows only is a key with its condition', async () => {
      const options = { conflictPaths: ['word'], indexPredicate: sql`deleted = 0` } as const;
      if (!hasPartialIndexes) {
        expect(
          await codeOf(things.upsert({ slug: 'a' }, { conflictPaths: ['slug'], indexPredicate: sql`1 = 1` })),
        ).toBe('CAPABILITY_MISSING');
        return;
      }
      const words = db.getRepository(Word);
      await words.insert({ word: 'w', deleted: 1, uses: 1 });
      await words.upsert({ word: 'w', uses: 2 }, options);
      await words.upsert({ word: 'w', uses: 3 }, options);
      expect(await words.find({ order: { id: 'asc' } })).toMatchObject([
        { uses: 1 },
        { uses: 3, deleted: 0 },
      ]);
      expect(await codeOf(words.upsert({ word: 'w' }, ['word']))).toBe('CONFLICT_TARGET_INVALID');
    });
  });
}
