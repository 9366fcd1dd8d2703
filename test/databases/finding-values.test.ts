/** Counting, adding up, locking, comments and signals: the same on every database. */

import { In, Like, type LimbeckError, MoreThan } from 'limbeck';
import { type DatabaseKind, testDatabases } from '../support/databases';
import { Product, Review, Shop } from './finding-entities';
import { type OpenShop, openShop } from './open-shop';

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop(kind);
  });
  afterAll(() => shop.close());
  beforeEach(() => shop.statements());
  const products = () => shop.db.getRepository(Product);
  const failure = (work: Promise<unknown>): Promise<LimbeckError> =>
    work.then(
      () => {
        throw new Error('it worked');
      },
      (cause) => cause,
    ) as Promise<LimbeckError>;

  describe('findAndCount', () => {
    test.each([
      ['everything', {}, 12, 12, 1],
      ['the first page', { take: 5 }, 5, 12, 2],
      ['the last page, which tells', { skip: 10, take: 5 }, 2, 12, 1],
      ['a full last page, which does not', { skip: 7, take: 5 }, 5, 12, 2],
      ['behind the last page', { skip: 20, take: 5 }, 0, 12, 2],
      ['take 0', { take: 0 }, 0, 12, 2],
      ['skip alone', { skip: 3 }, 9, 12, 1],
      ['nothing', { where: { name: 'x' }, take: 3 }, 0, 0, 1],
    ] as const)('%s', async (_, options, size, total, count) => {
      const [page, all] = await products().findAndCount({ order: { id: 'asc' }, ...options });
      expect([page.length, all]).toEqual([size, total]);
      expect(shop.statements()).toHaveLength(count);
    });

    test('by conditions alone it is one query', async () => {
      const [page, all] = await products().findAndCountBy({ stock: MoreThan(2) });
      expect(page).toHaveLength(all);
      expect(shop.statements()).toHaveLength(1);
    });
  });

  describe('aggregates', () => {
    test('keep the type of their column, exactly', async () => {
      expect(await products().sum('price')).toBe('67.20');
      expect(await products().sum('sold')).toBe(66n * 10n ** 15n);
      expect(await products().sum('stock')).toBe(13);
      expect(await products().sum('weight')).toBeCloseTo(16.5);
      expect(await products().average('price')).toBe('5.600000');
      expect(await products().average('price', { name: In(['p1', 'p2', 'p4']) })).toBe('2.433333');
      expect(await products().average('sold')).toBe('5500000000000000.0000');
      expect(await products().average('stock')).toBe(1.625);
      expect(await products().minimum('price')).toBe('0.10');
      expect(await products().maximum('sold')).toBe(11n * 10n ** 15n);
      expect(await products().maximum('madeAt')).toEqual(new Date(Date.UTC(2026, 0, 6)));
      expect(await products().minimum('name')).toBe('p0');
      expect(await products().maximum('weight')).toBe(2.75);
      expect(shop.statements()).toHaveLength(13);
    });

    test('no row, and no row with a value, is null', async () => {
      for (const where of [{ name: 'nobody' }, { name: 'p0' }]) {
        expect(await products().sum('weight', where)).toBeNull();
        expect(await products().average('stock', where)).toBeNull();
        expect(await products().minimum('weight', where)).toBeNull();
        expect(await products().maximum('madeAt', where)).toBeNull();
      }
      expect(await products().sum('price', { name: 'nobody' })).toBeNull();
    });

    test('leave out what was deleted, and refuse what is no number', async () => {
      const reviews = shop.db.getRepository(Review);
      expect(await reviews.sum('rating')).toBe(27);
      expect(await reviews.sum('rating', { product: { shop: { name: 'Corner' } } })).toBe(9);
      expect(await failure(products().sum('name'))).toMatchObject({ code: 'OPTION_INVALID' });
      expect(await failure(products().sum('nmae' as never))).toMatchObject({ code: 'PROPERTY_UNKNOWN' });
    });

    test('a sum that no number holds is refused, not rounded', async () => {
      const exact = await products().sum('sold', { name: Like('p1%') });
      expect(exact).toBe(22n * 10n ** 15n);
    });
  });

  describe('lock', () => {
    test('rows are locked inside a transaction only', async () => {
      const lock = { mode: 'pessimistic_write' } as const;
      expect(await failure(products().find({ lock }))).toMatchObject({ code: 'LOCK_OUTSIDE_TRANSACTION' });
      expect(shop.statements()).toEqual([]);
      const readOnly = shop.db.transaction((manager) => manager.getRepository(Product).find({ lock }), {
        readOnly: true,
      });
      expect(await failure(readOnly)).toMatchObject({ code: 'READ_ONLY' });
      shop.statements();
      await shop.db.transaction(async (manager) => {
        const repository = manager.getRepository(Product);
        const found = await repository.findOneOrFail({
          where: { name: 'p1' },
          order: { shop: { name: 'asc' } },
          relations: { shop: true },
          lock,
        });
        expect(found.shop.name).toBe('Market');
        await repository.find({
          where: { name: 'p1' },
          lock: { mode: 'pessimistic_read', onLocked: 'skip_locked' },
        });
        await repository.find({ where: { name: 'p1' }, lock: { mode: 'pessimistic_partial_write' } });
        await repository.find({ where: { name: 'p1' }, lock: { mode: 'pessimistic_write_or_fail' } });
      });
      const locks = shop.statements().filter((text) => text.startsWith('SELECT'));
      const ends = {
        sqlite: ['LIMIT 1', '"name" = ?', '"name" = ?', '"name" = ?'],
        postgres: [
          'FOR UPDATE OF "products"',
          'FOR SHARE SKIP LOCKED',
          'FOR UPDATE SKIP LOCKED',
          'FOR UPDATE NOWAIT',
        ],
        mysql: [
          'FOR UPDATE',
          'LOCK IN SHARE MODE SKIP LOCKED',
          'FOR UPDATE SKIP LOCKED',
          'FOR UPDATE NOWAIT',
        ],
      }[kind];
      expect([locks[0], ...locks.slice(2)].map((text, i) => text?.endsWith(ends[i] as string))).toEqual([
        true,
        true,
        true,
        true,
      ]);
    });

    test('others pass over locked rows, or fail on them', async () => {
      if (kind === 'sqlite') return;
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let locked = (): void => {};
      const ready = new Promise<void>((resolve) => {
        locked = resolve;
      });
      const holder = shop.db.transaction(async (manager) => {
        await manager
          .getRepository(Product)
          .find({ where: { id: In([2, 3]) }, lock: { mode: 'pessimistic_write' } });
        locked();
        await held;
      });
      await ready;
      try {
        await shop.db.transaction(async (manager) => {
          const free = await manager
            .getRepository(Product)
            .find({ lock: { mode: 'pessimistic_partial_write' } });
          expect(free).toHaveLength(10);
        });
        const failed = await failure(
          shop.db.transaction((manager) =>
            manager.getRepository(Product).findOne({
              where: { id: 2 },
              lock: { mode: 'pessimistic_write', onLocked: 'nowait' },
            }),
          ),
        );
        expect(failed).toMatchObject({ code: 'LOCK_NOT_AVAILABLE' });
      } finally {
        release();
        await holder;
      }
    });

    test('what one database cannot do is refused there', async () => {
      for (const mode of ['for_no_key_update', 'for_key_share'] as const) {
        const work = shop.db.transaction((manager) =>
          manager.getRepository(Product).find({ where: { name: 'p1' }, lock: { mode } }),
        );
        if (kind === 'mysql') expect(await failure(work)).toMatchObject({ code: 'CAPABILITY_MISSING' });
        else expect(await work).toHaveLength(1);
      }
    });

    test('an optimistic lock compares the version that was seen before', async () => {
      const reviews = shop.db.getRepository(Review);
      const found = await reviews.findOneOrFail({
        where: { text: 'r1.0' },
        lock: { mode: 'optimistic', version: 1 },
      });
      expect(shop.statements()).toHaveLength(1);
      found.rating = 1;
      const stale = await failure(
        reviews.findOne({ where: { text: 'r1.0' }, lock: { mode: 'optimistic', version: 7 } }),
      );
      expect(stale).toMatchObject({ code: 'OPTIMISTIC_LOCK', name: 'OptimisticLockError' });
      const without = await failure(products().find({ lock: { mode: 'optimistic', version: 1 } }));
      expect(without).toMatchObject({ code: 'OPTION_INVALID' });
      const unknown = await failure(products().find({ lock: { mode: 'pessimistic' } as never }));
      expect(unknown).toMatchObject({ code: 'OPTION_INVALID' });
    });
  });

  test('a comment stands behind every statement and cannot break out', async () => {
    const nasty = "a */ DROP TABLE products; /* **/ /*! DROP TABLE x */ ?\n$1 '";
    const found = await products().findOneOrFail({
      where: { name: 'p1' },
      relations: { shop: true },
      comment: nasty,
    });
    expect(found.shop.name).toBe('Market');
    const said = shop.statements().filter((text) => text.startsWith('SELECT'));
    expect(said).toHaveLength(2);
    for (const text of said) {
      expect(text.match(/\*\//g)).toHaveLength(1);
      expect(text.match(/\/\*/g)).toHaveLength(1);
      expect(text.endsWith(' */')).toBe(true);
    }
    expect(await products().count({ comment: nasty })).toBe(12);
    expect(await failure(products().find({ comment: 3 as never }))).toMatchObject({ code: 'OPTION_INVALID' });
  });

  describe('signal', () => {
    test('aborted before, nothing is asked', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      const failed = await failure(products().find({ signal }));
      expect(failed).toMatchObject({
        code: 'QUERY_ABORTED',
        name: 'QueryAbortedError',
        cause: { message: 'enough' },
      });
      expect(shop.statements()).toEqual([]);
      expect(await failure(products().count({ signal }))).toMatchObject({ code: 'QUERY_ABORTED' });
    });

    test('aborted between two queries, the second one is not asked, and the connection is free again', async () => {
      const controller = new AbortController();
      const work = products().find({ relations: { shop: true, labels: true }, signal: controller.signal });
      queueMicrotask(() => controller.abort());
      expect(await failure(work)).toMatchObject({ code: 'QUERY_ABORTED' });
      expect(await products().count()).toBe(12);
    });

    test('a statement under way is given up', async () => {
      if (kind === 'sqlite') return;
      const controller = new AbortController();
      const { Raw, sql } = await import('limbeck');
      const sleep = kind === 'postgres' ? sql`pg_sleep(20) IS NOT NULL` : sql`SLEEP(20) = 1`;
      const start = Date.now();
      const work = shop.db
        .getRepository(Shop)
        .find({ where: { name: Raw(() => sleep) }, signal: controller.signal });
      setTimeout(() => controller.abort(), 100);
      expect(await failure(work)).toMatchObject({ code: 'QUERY_ABORTED' });
      expect(Date.now() - start).toBeLessThan(10_000);
      expect(await products().count()).toBe(12);
    });
  });
});
