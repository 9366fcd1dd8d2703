/** `kysely()` on every database: names and values are those of the entities, whatever SQL says with them. */

import { CompiledQuery, type Kysely, type KyselyPlugin, ParseJSONResultsPlugin, sql } from 'kysely';
import { jsonArrayFrom as mysqlJson } from 'kysely/helpers/mysql';
import { jsonArrayFrom as postgresJson } from 'kysely/helpers/postgres';
import { jsonArrayFrom as sqliteJson } from 'kysely/helpers/sqlite';
import { DataSource, type Flat, isLimbeckError, type KyselyDatabase } from 'limbeck';
import { createDatabase, type DatabaseKind, type TestDatabase, testDatabases } from '../support/databases';
import { CASES, Hard, refused } from './hard-values';
import {
  Author,
  Book,
  entities,
  MixedUp,
  Photo,
  Place,
  Post,
  Shelf,
  Slot,
  type Tables,
  Tag,
} from './kysely-entities';

type Db = Kysely<KyselyDatabase<Tables & { books: Flat<Book, 'size'> }>>;

const codeOf = async (work: PromiseLike<unknown>): Promise<string> => {
  try {
    await work;
  } catch (cause) {
    return isLimbeckError(cause) ? cause.code : String(cause);
  }
  return 'nothing was thrown';
};

const LONG_AGO = new Date('1999-12-31T23:59:59.123Z');
const HUGE = 9_007_199_254_740_993n;

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  let db: Db;
  let log: string[] = [];

  beforeAll(async () => {
    database = await createDatabase(kind);
    source = new DataSource({
      url: database.url,
      entities,
      logger: (entry) => {
        if (entry.kind === 'query') log.push(entry.sql);
      },
    });
    await source.initialize();
    await source.createSchema();
    db = source.kysely<Tables & { books: Flat<Book, 'size'> }>() as unknown as Db;
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });

  let ann: number;
  let bob: number;
  beforeEach(async () => {
    await source.transaction(async (manager) => {
      await manager.query('DELETE FROM books_tags');
      for (const entity of [Slot, Shelf, Book, Tag, MixedUp])
        await manager.getRepository<object>(entity).clear();
      await manager.query('UPDATE places SET parent_id = NULL');
      await manager.query('DELETE FROM places');
      await manager.query('DELETE FROM authors');
      const authors = manager.getRepository(Author);
      ({ id: ann } = await authors.save({ name: 'Ann', points: HUGE, joinedAt: LONG_AGO }));
      ({ id: bob } = await authors.save({ name: 'Bob', isActive: false }));
      const books = manager.getRepository(Book);
      const tag = await manager.getRepository(Tag).save({ name: 'new' });
      const common = { size: { width: 7, pageCount: 100 }, tags: [tag] };
      await books.save({ title: 'One', price: '9.90', author: { id: ann }, ...common } as never);
      await books.save({
        title: 'Two',
        extra: { tags: ['x'] },
        author: { id: ann },
        editor: { id: bob },
        ...common,
      } as never);
      await books.save({
        title: 'Three',
        publishedAt: LONG_AGO,
        author: { id: bob },
        ...common,
        tags: [],
      } as never);
    });
    log = [];
  });

  describe('names', () => {
    test('a to-one relation is its key, an embedded object its columns, and results are called as asked', async () => {
      const rows = await db
        .selectFrom('books')
        .select(['title', 'authorId', 'editorId as e', 'sizePageCount', 'books.sizeWidth'])
        .where('authorId', '=', ann)
        .orderBy('title')
        .execute();
      expect(rows).toEqual([
        { title: 'One', authorId: ann, e: null, sizePageCount: 100, sizeWidth: 7 },
        { title: 'Two', authorId: ann, e: bob, sizePageCount: 100, sizeWidth: 7 },
      ]);
    });

    test('selectAll gives every property and nothing else', async () => {
      const row = await db
        .selectFrom('books')
        .selectAll()
        .where('title', '=', 'Two')
        .executeTakeFirstOrThrow();
      expect(row).toEqual({
        id: expect.any(Number),
        title: 'Two',
        price: null,
        extra: { tags: ['x'] },
        publishedAt: null,
        sizeWidth: 7,
        sizePageCount: 100,
        authorId: ann,
        editorId: bob,
      });
      const joined = await db
        .selectFrom('books as b')
        .innerJoin('authors as a', 'a.id', 'b.authorId')
        .selectAll('a')
        .select('b.title')
        .where('b.title', '=', 'One')
        .executeTakeFirstOrThrow();
      expect(joined).toEqual({
        id: ann,
        name: 'Ann',
        points: HUGE,
        isActive: true,
        joinedAt: LONG_AGO,
        deletedAt: null,
        title: 'One',
      });
    });

    test('a composite key gives a name for each part', async () => {
      await db
        .insertInto('shelves')
        .values([
          { room: 'A', no: 1 },
          { room: 'B', no: 1 },
        ])
        .execute();
      await db
        .insertInto('slots')
        .values({ shelfRoom: 'B', shelfNo: 1 } as never)
        .execute();
      const rows = await db
        .selectFrom('slots')
        .innerJoin('shelves', (join) =>
          join
            .onRef('shelves.room', '=', 'slots.shelfRoom' as never)
            .onRef('shelves.no', '=', 'slots.shelfNo' as never),
        )
        .select(['shelves.room', 'slots.shelfNo' as never])
        .where((eb) =>
          eb(eb.refTuple('shelves.room', 'shelves.no'), 'in', [eb.tuple('B', 1), eb.tuple('C', 2)]),
        )
        .execute();
      expect(rows).toEqual([{ room: 'B', shelfNo: 1 }]);
      expect(await source.getRepository(Slot).find({ relations: { shelf: true } })).toEqual([
        { id: expect.any(Number), shelf: { room: 'B', no: 1 } },
      ]);
    });

    test('a many-to-many table is there under its own names', async () => {
      const rows = await db
        .selectFrom('books')
        .innerJoin('books_tags as bt', 'bt.book_id', 'books.id')
        .innerJoin('tags', 'tags.name', 'bt.tag_name')
        .select(['books.title', 'tags.name', 'bt.tag_name'])
        .where('bt.tag_name', 'in', ['new', 'old'])
        .orderBy('books.id')
        .execute();
      expect(rows).toEqual([
        { title: 'One', name: 'new', tag_name: 'new' },
        { title: 'Two', name: 'new', tag_name: 'new' },
      ]);
      const { id } = await db
        .selectFrom('books')
        .select('id')
        .where('title', '=', 'Three')
        .executeTakeFirstOrThrow();
      await db.insertInto('books_tags').values({ book_id: id, tag_name: 'new' }).execute();
      expect(await db.selectFrom('books_tags').selectAll().where('book_id', '=', id).execute()).toEqual([
        { book_id: id, tag_name: 'new' },
      ]);
    });

    describe('a property that is called as another one’s column', () => {
      const early = new Date('2000-01-01T00:00:00.000Z');
      const late = new Date('2020-01-01T00:00:00.000Z');
      beforeEach(async () => {
        await db
          .insertInto('mixed_up')
          .values([
            { a: 2, b: true, c: early },
            { a: 1, b: false, c: late },
          ])
          .execute();
      });

      test('is itself in every clause', async () => {
        expect(await source.getRepository(MixedUp).find({ order: { a: 'asc' } })).toMatchObject([
          { a: 1, b: false, c: late },
          { a: 2, b: true, c: early },
        ]);
        expect(await db.selectFrom('mixed_up').select(['a', 'b', 'c']).orderBy('a').execute()).toEqual([
          { a: 1, b: false, c: late },
          { a: 2, b: true, c: early },
        ]);
        // Nothing selected is called `c`, but the column of `b` is.
        expect(await db.selectFrom('mixed_up').select(['b']).orderBy('c').execute()).toEqual([
          { b: true },
          { b: false },
        ]);
        expect(await db.selectFrom('mixed_up').select('a as b').orderBy('a').execute()).toEqual([
          { b: 1 },
          { b: 2 },
        ]);
        expect(
          await db.selectFrom('mixed_up').selectAll().where('b', '=', true).where('c', '<', late).execute(),
        ).toMatchObject([{ a: 2, b: true, c: early }]);
        expect(
          await db
            .selectFrom('mixed_up')
            .select(({ fn }) => ['b', fn.max('c').as('a'), fn.sum<number>('a').as('c')])
            .groupBy('b')
            .having('b', '=', true)
            .execute(),
        ).toEqual([{ b: true, a: early, c: expect.anything() }]);
      });

      test('is itself through aliases, subqueries and common table expressions', async () => {
        const rows = await db
          .with('m', (qc) => qc.selectFrom('mixed_up as x').selectAll().where('x.a', '>', 0))
          .selectFrom('m')
          .innerJoin(
            (eb) => eb.selectFrom('mixed_up').select(['a as b', 'c', 'b as a']).as('s'),
            (join) => join.onRef('s.b', '=', 'm.a'),
          )
          .select(['m.a', 's.a as sa', 's.c', 'm.b'])
          .where('s.a', '=', true)
          .where('m.c', '=', early)
          .execute();
        expect(rows).toEqual([{ a: 2, sa: true, c: early, b: true }]);
      });

      test('is itself where it is written', async () => {
        await db
          .updateTable('mixed_up')
          .set((eb) => ({ a: eb('a', '+', 10), b: false, c: late }))
          .where('b', '=', true)
          .execute();
        expect(
          await db.selectFrom('mixed_up').select(['a', 'b', 'c']).orderBy('a', 'desc').limit(1).execute(),
        ).toEqual([{ a: 12, b: false, c: late }]);
        await db.deleteFrom('mixed_up').where('a', '=', 12).execute();
        expect(await db.selectFrom('mixed_up').select('a').execute()).toEqual([{ a: 1 }]);
      });

      test('is not mixed up with a column of an outer query', async () => {
        const rows = await db
          .selectFrom('mixed_up as o')
          .select('o.a')
          .where((eb) =>
            eb.exists(
              eb
                .selectFrom('mixed_up as i')
                .select('i.id')
                .whereRef('i.a', '<', 'o.a')
                .where('i.b', '=', false),
            ),
          )
          .execute();
        expect(rows).toEqual([{ a: 2 }]);
      });
    });

    test('a bare name stays clear where another table has a column of that name', async () => {
      // `name` of authors is the column `full_name`; `full_name` is no property of anything.
      const rows = await db
        .selectFrom('authors')
        .innerJoin('books', 'books.authorId', 'authors.id')
        .innerJoin('mixed_up', (join) => join.on(sql<boolean>`1 = 1`))
        .select(['title', 'points'])
        .execute();
      expect(rows).toEqual([]);
      const inner = await db
        .selectFrom('books')
        .select('title')
        .where((eb) =>
          eb.exists(eb.selectFrom('authors').select('authors.id').whereRef('authors.id', '=', 'authorId')),
        )
        .orderBy('title')
        .execute();
      expect(inner.map(({ title }) => title)).toEqual(['One', 'Three', 'Two']);
    });

    test('raw SQL stays as it is; sql.ref and sql.table are mapped', async () => {
      const rows = await db
        .selectFrom('books')
        .select(sql<string>`upper(${sql.ref('title')})`.as('t'))
        .select(sql<number>`size_page_count + ${sql.ref('books.sizeWidth')}`.as('n'))
        .where(sql<boolean>`author_id = ${ann}`)
        .orderBy(sql`title`)
        .execute();
      expect(rows).toEqual([
        { t: 'ONE', n: 107 },
        { t: 'TWO', n: 107 },
      ]);
      const raw = await sql<{
        author_id: number;
      }>`select ${sql.ref('books.authorId')} from ${sql.table('books')} where title = ${'One'}`.execute(db);
      expect(raw.rows).toEqual([{ author_id: ann }]);
    });

    test.each([
      ['a property that there is not', (q: any) => q.selectFrom('books').select('titel'), 'title'],
      [
        'the same in a condition',
        (q: any) => q.selectFrom('books').selectAll().where('books.titel', '=', 'x'),
        'title',
      ],
      ['a relation', (q: any) => q.selectFrom('books').select('author'), 'authorId'],
      ['an embedded object', (q: any) => q.selectFrom('books').select('size'), "sizeWidth', 'sizePageCount"],
      ['the other side of a relation', (q: any) => q.selectFrom('authors').select('book'), 'books'],
      ['a value', (q: any) => q.insertInto('books').values({ titel: 'x' }), 'title'],
      ['a new value', (q: any) => q.updateTable('books').set({ titel: 'x' }), 'title'],
    ])('%s is refused, with the nearest name', async (_, query, nearest) => {
      const cause = await query(db)
        .execute()
        .catch((each: unknown) => each);
      expect(isLimbeckError(cause) && cause.code).toBe('PROPERTY_UNKNOWN');
      if (nearest !== 'books') expect(cause.hint).toContain(nearest);
      expect(log).toEqual([]);
    });

    test('an identifier is quoted, whatever it holds', async () => {
      const evil = 'x"`; DROP TABLE books; --';
      expect(
        await db
          .selectFrom('books')
          .select(`title as ${evil}` as 'title')
          .where('title', '=', 'One')
          .execute(),
      ).toEqual([{ [evil]: 'One' }]);
      expect(
        await codeOf(
          db
            .selectFrom('books')
            .selectAll()
            .orderBy(evil.replaceAll(' ', '') as never)
            .execute(),
        ),
      ).toBe('PROPERTY_UNKNOWN');
      expect(
        await codeOf(
          db
            .selectFrom(evil as 'books')
            .selectAll()
            .execute(),
        ),
      ).not.toBe('nothing was thrown');
      expect(await db.selectFrom('books').select('id').execute()).toHaveLength(3);
    });
  });

  describe('values', () => {
    test('are what entities hold: through joins that find nothing, subqueries, unions and functions', async () => {
      const rows = await db
        .selectFrom('books')
        .leftJoin('authors as e', 'e.id', 'books.editorId')
        .select(['title', 'price', 'publishedAt', 'e.isActive', 'e.points', 'e.name as editor'])
        .orderBy('books.id')
        .execute();
      expect(rows).toEqual([
        { title: 'One', price: '9.90', publishedAt: null, isActive: null, points: null, editor: null },
        { title: 'Two', price: null, publishedAt: null, isActive: false, points: 0n, editor: 'Bob' },
        { title: 'Three', price: null, publishedAt: LONG_AGO, isActive: null, points: null, editor: null },
      ]);
      const computed = await db
        .selectFrom('authors')
        .select(({ fn, eb, selectFrom }) => [
          fn.max('joinedAt').as('last'),
          fn.max('points').as('most'),
          fn.countAll<number>().as('count'),
          fn.coalesce(fn.min('joinedAt'), eb.val(new Date(0))).as('first'),
          selectFrom('authors as i').select('i.isActive').where('i.name', '=', 'Bob').as('bob'),
          eb
            .case()
            .when(fn.countAll<number>(), '>', 1)
            .then(fn.max('joinedAt'))
            .else(new Date(5))
            .end()
            .as('either'),
        ])
        .executeTakeFirstOrThrow();
      expect(computed).toEqual({
        last: LONG_AGO,
        most: HUGE,
        count: 2,
        first: LONG_AGO,
        bob: false,
        either: LONG_AGO,
      });
      const union = await db
        .selectFrom('authors')
        .select(['joinedAt as at', 'points as n'])
        .where('joinedAt', 'is not', null)
        .unionAll(
          db.selectFrom('authors').select(['joinedAt as at', 'points as n']).where('name', '=', 'Bob'),
        )
        .orderBy('n', 'desc')
        .execute();
      expect(union).toEqual([
        { at: LONG_AGO, n: HUGE },
        { at: null, n: 0n },
      ]);
    });

    test('are compared as the column has them: =, IN, BETWEEN, IS DISTINCT, tuples, either side', async () => {
      const names = async (where: (q: any) => any): Promise<string[]> => {
        const rows = await where(db.selectFrom('authors as a').select('a.name').orderBy('a.name')).execute();
        return rows.map(({ name }: { name: string }) => name);
      };
      expect(await names((q) => q.where('a.joinedAt', '=', LONG_AGO))).toEqual(['Ann']);
      expect(await names((q) => q.where('a.joinedAt', 'in', [LONG_AGO, new Date(0)]))).toEqual(['Ann']);
      expect(await names((q) => q.where('joinedAt', 'not in', [new Date(0)]))).toEqual(['Ann']);
      expect(
        await names((q) => q.where((eb: any) => eb.between('a.joinedAt', new Date(0), LONG_AGO))),
      ).toEqual(['Ann']);
      expect(await names((q) => q.where('a.isActive', '=', false))).toEqual(['Bob']);
      expect(await names((q) => q.where('a.isActive', 'in', [true]))).toEqual(['Ann']);
      expect(await names((q) => q.where('a.isActive', 'is', false))).toEqual(['Bob']);
      expect(await names((q) => q.where('a.points', '=', HUGE))).toEqual(['Ann']);
      expect(
        await names((q) => q.where((eb: any) => eb(eb.val(LONG_AGO), '=', eb.ref('a.joinedAt')))),
      ).toEqual(['Ann']);
      expect(
        await names((q) =>
          q.where((eb: any) => eb(eb.refTuple('a.isActive', 'a.joinedAt'), '=', eb.tuple(true, LONG_AGO))),
        ),
      ).toEqual(['Ann']);
      expect(
        await names((q) => q.where((eb: any) => eb.and({ isActive: true, joinedAt: LONG_AGO }))),
      ).toEqual(['Ann']);
      expect(await names((q) => q.where('a.name', 'like', 'B%'))).toEqual(['Bob']);
      expect(
        await names((q) =>
          q.where((eb: any) => eb(eb.fn.coalesce('a.joinedAt', eb.val(new Date(0))), '<', new Date(5))),
        ),
      ).toEqual(['Bob']);
    });

    test('are written as the repository writes them, and refused where it refuses them', async () => {
      const row = {
        title: 'W',
        price: '12.5',
        extra: { tags: ["it's", '"'] },
        publishedAt: LONG_AGO,
        authorId: bob,
      };
      await db.insertInto('books').values(row).execute();
      const found = await source
        .getRepository(Book)
        .findOneOrFail({ where: { title: 'W' }, relations: { author: true } });
      expect(found).toMatchObject({
        price: '12.50',
        extra: row.extra,
        publishedAt: LONG_AGO,
        author: { id: bob },
      });
      await db
        .updateTable('books')
        .set({ publishedAt: new Date(5), extra: null, sizeWidth: 3 })
        .where('title', '=', 'W')
        .execute();
      expect(await source.getRepository(Book).findOneByOrFail({ title: 'W' })).toMatchObject({
        publishedAt: new Date(5),
        extra: null,
        size: { width: 3, pageCount: 0 },
      });
      for (const wrong of [
        db.insertInto('books').values({ ...row, price: 'much' }),
        db.insertInto('books').values({ ...row, title: 'x'.repeat(101) }),
        db.updateTable('books').set({ publishedAt: new Date(Number.NaN) }),
        db.updateTable('authors').set({ isActive: 1 as never }),
        db
          .selectFrom('authors')
          .selectAll()
          .where('joinedAt', '=', 'yesterday' as never),
      ]) {
        expect(await codeOf(wrong.execute())).toBe('VALUE_INVALID');
      }
      // Longer than the column: found nowhere, which is no mistake.
      expect(await db.selectFrom('books').selectAll().where('title', '=', 'x'.repeat(101)).execute()).toEqual(
        [],
      );
    });

    test('classes that share a table share its columns', async () => {
      const photo = await source.getRepository(Photo).save({ madeAt: LONG_AGO, pixelSize: 3 });
      await source.getRepository(Post).save({ madeAt: new Date(5), bodyText: 'x' });
      const rows = await db.selectFrom('contents').selectAll().where('madeAt', '=', LONG_AGO).execute();
      // Nothing is said of the kind: a row of any class is a row.
      expect(rows).toEqual([{ id: photo.id, madeAt: LONG_AGO, pixelSize: 3, bodyText: null }]);
      expect(await db.selectFrom('contents').select('id').execute()).toHaveLength(2);
    });

    test('soft-deleted rows are rows like others', async () => {
      await db.updateTable('authors').set({ deletedAt: LONG_AGO }).where('id', '=', bob).execute();
      expect(await source.getRepository(Author).count()).toBe(1);
      expect(await db.selectFrom('authors').select('deletedAt').where('id', '=', bob).execute()).toEqual([
        { deletedAt: LONG_AGO },
      ]);
    });
  });

  describe('statements', () => {
    test('a recursive common table expression', async () => {
      const world = await source.getRepository(Place).save({ name: 'World', foundedAt: LONG_AGO });
      const land = await source
        .getRepository(Place)
        .save({ name: 'Land', foundedAt: LONG_AGO, parent: world });
      await source.getRepository(Place).save({ name: 'Town', foundedAt: new Date(5), parent: land });
      const rows = await db
        .withRecursive('line', (qc) =>
          qc
            .selectFrom('places')
            .select(['id', 'name', 'foundedAt', 'parentId'])
            .where('name', '=', 'Town')
            .unionAll((eb) =>
              eb
                .selectFrom('places as p')
                .innerJoin('line', 'line.parentId', 'p.id')
                .select(['p.id', 'p.name', 'p.foundedAt', 'p.parentId']),
            ),
        )
        .selectFrom('line')
        .select(['name', 'foundedAt'])
        .where('foundedAt', '<=', LONG_AGO)
        .orderBy('id', 'desc')
        .execute();
      expect(rows).toEqual([
        { name: 'Town', foundedAt: new Date(5) },
        { name: 'Land', foundedAt: LONG_AGO },
        { name: 'World', foundedAt: LONG_AGO },
      ]);
    });

    test('a table expression that is called as the table it reads', async () => {
      await source.getRepository(Place).save({ name: 'Land', foundedAt: LONG_AGO });
      const shadow = db
        .with('places', (qc) =>
          qc.selectFrom('places').select(['foundedAt as since', 'name']).where('name', '=', 'Land'),
        )
        .selectFrom('places')
        .selectAll();
      // SQLite reads every one as if it were recursive.
      if (kind === 'sqlite') expect(await codeOf(shadow.execute())).toBe('QUERY_FAILED');
      else expect(await shadow.execute()).toEqual([{ since: LONG_AGO, name: 'Land' }]);
    });

    test('window functions', async () => {
      const rows = await db
        .selectFrom('books')
        .select(({ fn }) => [
          'title',
          fn
            .agg<number>('row_number')
            .over((ob) => ob.partitionBy('authorId').orderBy('id'))
            .as('place'),
          fn
            .agg<Date | null>('max', ['publishedAt'])
            .over((ob) => ob.partitionBy('authorId'))
            .as('last'),
        ])
        .orderBy('books.id')
        .execute();
      expect(rows).toEqual([
        { title: 'One', place: 1, last: null },
        { title: 'Two', place: 2, last: null },
        { title: 'Three', place: 1, last: LONG_AGO },
      ]);
    });

    test('an upsert', async () => {
      const { id } = await db
        .selectFrom('books')
        .select('id')
        .where('title', '=', 'One')
        .executeTakeFirstOrThrow();
      const insert = db
        .insertInto('books')
        .values({ id, title: 'New', authorId: bob, publishedAt: LONG_AGO });
      const upsert =
        kind === 'mysql'
          ? insert.onDuplicateKeyUpdate({
              title: sql`values(${sql.ref('title')})`,
              authorId: bob,
              publishedAt: LONG_AGO,
            })
          : insert.onConflict((oc) =>
              oc
                .column('id')
                .doUpdateSet((eb) => ({
                  title: eb.ref('excluded.title'),
                  authorId: eb.ref('excluded.authorId'),
                  publishedAt: LONG_AGO,
                }))
                .where('books.authorId', '=', ann),
            );
      await upsert.execute();
      expect(
        await db
          .selectFrom('books')
          .select(['title', 'authorId', 'publishedAt'])
          .where('id', '=', id)
          .execute(),
      ).toEqual([{ title: 'New', authorId: bob, publishedAt: LONG_AGO }]);
    });

    test('RETURNING where the database has it', async () => {
      const insert = db.insertInto('mixed_up').values({ a: 1, b: true, c: LONG_AGO });
      expect(await insert.returningAll().execute()).toEqual([
        { id: expect.any(Number), a: 1, b: true, c: LONG_AGO },
      ]);
      const update = db
        .updateTable('mixed_up')
        .set({ b: false })
        .where('a', '=', 1)
        .returning(['a', 'b', 'c as when']);
      if (kind === 'mysql') expect(await codeOf(update.execute())).toBe('CAPABILITY_MISSING');
      else expect(await update.execute()).toEqual([{ a: 1, b: false, when: LONG_AGO }]);
      expect(await db.deleteFrom('mixed_up').returning(['c', 'a']).execute()).toEqual([
        { c: LONG_AGO, a: 1 },
      ]);
    });

    test('counts of what was written', async () => {
      const inserted = await db
        .insertInto('authors')
        .values([{ name: 'X' }, { name: 'Y' }])
        .executeTakeFirstOrThrow();
      expect(inserted.numInsertedOrUpdatedRows).toBe(2n);
      const single = await db.insertInto('authors').values({ name: 'X' }).executeTakeFirstOrThrow();
      if (kind === 'postgres') expect(single.insertId).toBeUndefined();
      else expect(typeof single.insertId).toBe('bigint');
      expect(
        (await db.updateTable('authors').set({ points: 3n }).where('name', '=', 'X').executeTakeFirst())
          .numUpdatedRows,
      ).toBe(2n);
      expect(
        (await db.deleteFrom('authors').where('name', 'in', ['X', 'Y']).executeTakeFirst()).numDeletedRows,
      ).toBe(3n);
    });

    test('INSERT from a SELECT', async () => {
      await db
        .insertInto('books')
        .columns(['title', 'authorId', 'publishedAt'])
        .expression((eb) =>
          eb
            .selectFrom('books')
            .select(['title', 'editorId', 'publishedAt'])
            .where('editorId', 'is not', null),
        )
        .execute();
      expect(
        await db.selectFrom('books').select('authorId').where('title', '=', 'Two').orderBy('id').execute(),
      ).toEqual([{ authorId: ann }, { authorId: bob }]);
    });

    test('JSON helpers of Kysely', async () => {
      const jsonArrayFrom = { sqlite: sqliteJson, postgres: postgresJson, mysql: mysqlJson }[kind];
      const query = db
        .withPlugin(new ParseJSONResultsPlugin())
        .selectFrom('authors')
        .select((eb) => [
          'authors.name',
          jsonArrayFrom(
            eb
              .selectFrom('books')
              .select(['books.title', 'books.authorId'])
              .whereRef('books.authorId', '=', 'authors.id')
              .orderBy('books.id'),
          ).as('books'),
        ])
        .orderBy('authors.name');
      // Kysely's helper casts to json, a type that MariaDB has no word for.
      if (kind === 'mysql') return expect(await codeOf(query.execute())).toBe('QUERY_FAILED');
      expect(await query.execute()).toEqual([
        {
          name: 'Ann',
          books: [
            { title: 'One', authorId: ann },
            { title: 'Two', authorId: ann },
          ],
        },
        { name: 'Bob', books: [{ title: 'Three', authorId: bob }] },
      ]);
    });

    test('a stream, a compiled query, a raw one, and a plugin of the user', async () => {
      const titles: string[] = [];
      for await (const { title, authorId } of db
        .selectFrom('books')
        .select(['title', 'authorId'])
        .orderBy('id')
        .stream(2)) {
        titles.push(`${title} ${authorId}`);
      }
      expect(titles).toEqual([`One ${ann}`, `Two ${ann}`, `Three ${bob}`]);
      const compiled = db.selectFrom('authors').select('joinedAt').where('name', '=', 'Ann').compile();
      expect((await db.executeQuery(compiled)).rows).toEqual([{ joinedAt: LONG_AGO }]);
      expect((await db.executeQuery(CompiledQuery.raw('select 1 as one'))).rows).toEqual([{ one: 1 }]);
      const seen: string[] = [];
      const plugin: KyselyPlugin = {
        transformQuery: ({ node }) => {
          seen.push(JSON.stringify(node));
          return node;
        },
        transformResult: async ({ result }) => ({ ...result, rows: result.rows.slice(0, 1) }),
      };
      const some = await db.withPlugin(plugin).selectFrom('books').select('authorId').orderBy('id').execute();
      expect(some).toEqual([{ authorId: ann }]);
      expect(seen[0]).toContain('authorId');
    });

    test('errors are those of every other call', async () => {
      const cause = await db
        .insertInto('tags')
        .values({ name: 'new' })
        .execute()
        .catch((each) => each);
      expect(cause).toMatchObject({
        code: 'UNIQUE_VIOLATION',
        context: { table: 'tags', columns: ['name'] },
      });
      expect(await codeOf(db.insertInto('books').values({ title: 'x', authorId: -1 }).execute())).toBe(
        'FOREIGN_KEY_VIOLATION',
      );
      expect(
        await codeOf(
          db
            .selectFrom('nowhere' as 'books')
            .selectAll()
            .execute(),
        ),
      ).toBe('QUERY_FAILED');
      expect(await codeOf(sql`begin`.execute(db))).toBe('TRANSACTION_BY_HAND');
    });

    test('the logger hears of every statement', async () => {
      await db.selectFrom('books').select('title').where('authorId', '=', ann).execute();
      const [first, ...rest] = log;
      expect(rest).toEqual([]);
      expect(first?.replace(/["`]/g, '').replace('$1', '?')).toBe(
        'select title from books where author_id = ?',
      );
    });
  });

  describe('transactions', () => {
    const count = async (): Promise<number> => (await db.selectFrom('tags').selectAll().execute()).length;
    class Undo extends Error {}

    test('it joins the transaction of the flow, and is undone with it', async () => {
      const work = source.transaction(async (manager) => {
        await db.insertInto('tags').values({ name: 'a' }).execute();
        await manager.kysely<Tables>().insertInto('tags').values({ name: 'b' }).execute();
        expect(await manager.getRepository(Tag).count()).toBe(3);
        throw new Undo();
      });
      await expect(work).rejects.toThrow(Undo);
      expect(await count()).toBe(1);
    });

    test('its own transaction is ours: repositories inside join it', async () => {
      const work = db.transaction().execute(async (trx) => {
        await source.getRepository(Tag).save({ name: 'a' });
        await trx.insertInto('tags').values({ name: 'b' }).execute();
        expect(await db.selectFrom('tags').selectAll().execute()).toHaveLength(3);
        expect(trx.isTransaction).toBe(true);
        throw new Undo();
      });
      await expect(work).rejects.toThrow(Undo);
      expect(await count()).toBe(1);
      const kept = await db
        .transaction()
        .setIsolationLevel('serializable')
        .execute(async (trx) => {
          await source.getRepository(Tag).save({ name: 'a' });
          return (await trx.selectFrom('tags').selectAll().execute()).length;
        });
      expect([kept, await count()]).toEqual([2, 2]);
    });

    test('inside ours it is a savepoint', async () => {
      await source.transaction(async () => {
        await db.insertInto('tags').values({ name: 'a' }).execute();
        const work = db
          .withPlugin(new ParseJSONResultsPlugin())
          .transaction()
          .execute(async (trx) => {
            await trx.insertInto('tags').values({ name: 'b' }).execute();
            throw new Undo();
          });
        await expect(work).rejects.toThrow(Undo);
      });
      expect(await db.selectFrom('tags').select('name').orderBy('name').execute()).toEqual([
        { name: 'a' },
        { name: 'new' },
      ]);
      expect(log.filter((text) => /^SAVEPOINT/.test(text))).toHaveLength(1);
    });

    test('a transaction that is over refuses what comes late', async () => {
      let late: Kysely<any> | undefined;
      await db.transaction().execute(async (trx) => {
        late = trx;
      });
      expect(await codeOf((late as Kysely<any>).selectFrom('tags').selectAll().execute())).toBe(
        'TRANSACTION_CLOSED',
      );
    });

    test('a transaction that is ended by hand, with savepoints', async () => {
      const trx = await db.startTransaction().execute();
      await trx.insertInto('tags').values({ name: 'a' }).execute();
      const point = await trx.savepoint('here').execute();
      await point.insertInto('tags').values({ name: 'b' }).execute();
      await point.rollbackToSavepoint('here').execute();
      await trx.commit().execute();
      expect(await count()).toBe(2);
      const other = await db.startTransaction().execute();
      await other.insertInto('tags').values({ name: 'c' }).execute();
      await other.rollback().execute();
      expect(await count()).toBe(2);
    });

    test('connection() keeps to one connection', async () => {
      const rows = await db.connection().execute(async (one) => {
        await sql`create temporary table scratch_pad (x integer)`.execute(one);
        await sql`insert into scratch_pad values (1)`.execute(one);
        const read = await sql`select x from scratch_pad`.execute(one);
        await one.transaction().execute((trx) => trx.insertInto('tags').values({ name: 'a' }).execute());
        await sql`drop table scratch_pad`.execute(one);
        return read.rows;
      });
      expect(rows).toEqual([{ x: 1 }]);
      expect(await count()).toBe(2);
    });

    test('who keeps the only connection is told, not left to wait for himself', async () => {
      const saved = db.connection().execute(() => source.getRepository(Tag).save({ name: 'b' }));
      if (kind === 'sqlite') expect(await codeOf(saved)).toBe('DATABASE_HELD');
      else expect(await saved).toEqual({ name: 'b' });
      await source.transaction(() =>
        db.connection().execute(async (one) => {
          await one.insertInto('tags').values({ name: 'c' }).execute();
          expect(await codeOf(one.transaction().execute(async () => {}))).toBe('TRANSACTION_BY_HAND');
        }),
      );
      expect(await db.selectFrom('tags').selectAll().where('name', '=', 'c').execute()).toHaveLength(1);
    });

    test('destroy() closes nothing', async () => {
      await source.kysely<Tables>().destroy();
      expect(await count()).toBe(1);
    });
  });
});

describe.each(testDatabases())('hard values on %s', (kind: DatabaseKind) => {
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    database = await createDatabase(kind);
    source = await new DataSource({ url: database.url, entities: [Hard] }).initialize();
    await source.createSchema();
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
  });

  test.each(CASES.map(([field, value, back = value]) => [field, value, back] as const))(
    '%s: %p',
    async (field, value, back) => {
      const db = source.kysely<{ hard_values: Hard }>();
      const insert = db.insertInto('hard_values').values({ [field]: value } as never);
      if (back === refused) return expect(await codeOf(insert.execute())).toBe('VALUE_INVALID');
      await insert.execute();
      const rows = await db.selectFrom('hard_values').selectAll().orderBy('id', 'desc').limit(1).execute();
      const row = rows[0] as unknown as Hard;
      expect(row[field]).toEqual(back);
      expect({ ...(await source.getRepository(Hard).findOneByOrFail({ id: row.id })) }).toEqual(row);
      await db
        .updateTable('hard_values')
        .set({ [field]: null } as never)
        .where('id', '=', row.id)
        .execute();
      await db
        .updateTable('hard_values')
        .set({ [field]: value } as never)
        .where('id', '=', row.id)
        .execute();
      const again = await source.getRepository(Hard).findOneByOrFail({ id: row.id });
      expect(again[field]).toEqual(back);
      if (['json', 'list', 'double', 'real'].includes(field)) return;
      const found = db
        .selectFrom('hard_values as h')
        .select('h.id')
        .where(`h.${field}`, 'in', [value as never]);
      expect(await found.where('id', '=', row.id).execute()).toEqual([{ id: row.id }]);
    },
  );
});

test('a data source that is closed hands out none', async () => {
  const source = new DataSource({ url: 'sqlite::memory:', entities });
  expect(() => source.kysely()).toThrow(expect.objectContaining({ code: 'DATA_SOURCE_CLOSED' }));
});
