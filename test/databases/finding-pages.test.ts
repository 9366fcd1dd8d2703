/** Pages behind cursors, streams, and relations that are loaded later: the same on every database. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Like, type LimbeckError, type Loaded, MoreThan, type Page, sql } from 'limbeck';
import { Author } from '../session/library';
import { openLibrary } from '../session/open-library';
import { type DatabaseKind, testDatabases } from '../support/databases';
import { Label, Product, Review, Shop } from './finding-entities';
import { type OpenShop, openShop } from './open-shop';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

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

  describe('page', () => {
    const ORDERS: readonly [string, object | undefined][] = [
      ['the key', undefined],
      ['a column that may be NULL', { stock: 'asc' }],
      ['the same downwards', { stock: 'desc' }],
      ['NULL last', { stock: { direction: 'asc', nulls: 'last' } }],
      ['NULL first, downwards', { stock: { direction: 'desc', nulls: 'first' } }],
      ['two columns in mixed directions', { stock: 'desc', madeAt: { direction: 'asc', nulls: 'last' } }],
      ['a decimal', { price: 'desc' }],
      ['a bigint', { sold: -1 }],
      ['a double with NULL', { weight: 'asc', id: 'desc' }],
      ['a date', { madeAt: 'desc', stock: 1 }],
      ['a related column that may be missing', { outlet: { name: { nulls: 'last' } }, name: 'desc' }],
      ['a column two relations away', { shop: { licence: { code: 'desc' } }, stock: 'asc' }],
      ['an embedded column', { shop: { address: { city: 'desc' } } }],
      ['an expression', { id: { by: (id: unknown) => sql`${id} % ${3}`, direction: 'desc' }, name: 'asc' }],
    ];
    test.each(ORDERS)('walks forth and back in the order of %s', async (_, order) => {
      const options = { ...(order !== undefined && { order: order as never }) };
      const whole = (await products().find({ ...options, take: 100 })).map(({ name }) => name);
      for (const first of [1, 5, 12, 13]) {
        const forth: string[] = [];
        let after: string | null = null;
        for (;;) {
          const page: Page<Loaded<Product>> = await products().page({ ...options, first, after });
          forth.push(...page.items.map(({ name }) => name));
          expect(page.hasPrevious).toBe(after !== null);
          after = page.endCursor;
          if (!page.hasNext) break;
        }
        expect(forth).toEqual(whole);
        const back: string[] = [];
        let before: string | null = after;
        while (before !== null) {
          const page: Page<Loaded<Product>> = await products().page({ ...options, first, before });
          back.unshift(...page.items.map(({ name }) => name));
          expect(page.hasNext).toBe(true);
          before = page.hasPrevious ? page.startCursor : null;
        }
        expect(back).toEqual(whole.slice(0, -1));
      }
    });

    test('is one statement, with relations one more each, and narrows as find does', async () => {
      const page = await products().page({ first: 3, where: { stock: MoreThan(0) }, order: { name: 'asc' } });
      expect(page.items.map(({ name }) => name)).toEqual(['p1', 'p11', 'p2']);
      expect(shop.statements()).toHaveLength(1);
      const next = await products().page({
        first: 3,
        where: { stock: MoreThan(0) },
        order: { name: 'asc' },
        select: { id: true, shop: { name: true } },
        relations: { reviews: { where: { rating: MoreThan(1) }, take: 1 } },
        after: page.endCursor,
      });
      expect(
        next.items.map(({ id, reviews, shop: { name } }) => [id, name, reviews.map((r) => r.rating)]),
      ).toEqual([
        [5, 'Corner', []],
        [8, 'Market', [2]],
        [9, 'Corner', []],
      ]);
      expect(shop.statements().filter((text) => text.startsWith('SELECT'))).toHaveLength(3);
      expect(next.hasNext).toBe(false);
      const empty = await products().page({ first: 3, where: { name: 'x' } });
      expect(empty).toEqual({
        items: [],
        hasNext: false,
        hasPrevious: false,
        startCursor: null,
        endCursor: null,
      });
    });

    test('a cursor of another order or entity, or one that was changed, is refused', async () => {
      const { endCursor } = await products().page({ first: 2, order: { name: 'asc' } });
      const cursor = endCursor as string;
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(cursor).not.toContain('products');
      const attempts: Promise<unknown>[] = [
        products().page({ first: 2, order: { name: 'desc' }, after: cursor }),
        products().page({ first: 2, after: cursor }),
        products().page({ first: 2, order: { stock: 'asc', name: 'asc' }, after: cursor }),
        shop.db.getRepository(Shop).page({ first: 2, order: { name: 'asc' }, after: cursor }),
        products().page({ first: 2, order: { name: 'asc' }, after: `${cursor.slice(0, -3)}AAA` }),
        products().page({ first: 2, order: { name: 'asc' }, after: 'nonsense' }),
        products().page({ first: 2, order: { name: 'asc' }, after: '' }),
        products().page({ first: 2, order: { name: 'asc' }, before: 3 as never }),
      ];
      for (const attempt of attempts) {
        expect(await failure(attempt)).toMatchObject({ code: 'CURSOR_INVALID', name: 'UsageError' });
      }
      for (const options of [{ first: 0 }, { first: 1.5 }, {}, { first: 1, after: cursor, before: cursor }]) {
        expect(await failure(products().page(options as never))).toMatchObject({ code: 'OPTION_INVALID' });
      }
      expect(await failure(products().page({ first: 1, take: 2 } as never))).toMatchObject({
        code: 'OPTION_UNKNOWN',
      });
    });

    test('rows that come meanwhile move nobody', async () => {
      const page = await products().page({ first: 6, order: { name: 'desc' } });
      const [seller] = await shop.db.getRepository(Shop).find({ take: 1 });
      const added = await products().save({ name: 'p99', price: '1.00', shop: seller as Shop });
      const next = await products().page({ first: 6, order: { name: 'desc' }, after: page.endCursor });
      expect([...page.items, ...next.items].map(({ name }) => name)).toHaveLength(12);
      expect(new Set([...page.items, ...next.items].map(({ name }) => name)).size).toBe(12);
      await products().remove(added);
    });
  });

  describe('stream', () => {
    test.each([
      ['in the order of the keys', {}, 'p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11'],
      ['in an order with NULL', { order: { stock: 'asc', id: 'desc' } }, undefined],
      ['cut', { skip: 2, take: 7 }, 'p2 p3 p4 p5 p6 p7 p8'],
      ['of nothing', { where: { name: 'x' } }, ''],
      ['narrowed', { where: { stock: MoreThan(2) } }, 'p4 p8'],
    ] as const)('%s, whatever the size of a batch', async (_, options, expected) => {
      const found = await products().find({ order: { id: 'asc' }, ...options });
      const whole = expected ?? found.map(({ name }) => name).join(' ');
      for (const batchRows of [1, 4, 500]) {
        const names: string[] = [];
        for await (const product of products().stream({ ...options, batchRows })) names.push(product.name);
        expect(names.join(' ')).toBe(whole);
      }
    });

    test('loads relations a batch at a time', async () => {
      const ratings: string[] = [];
      for await (const product of products().stream({
        batchRows: 5,
        select: { name: true },
        relations: { reviews: { order: { rating: 'desc' }, take: 1 } },
      })) {
        ratings.push(`${product.name}:${product.reviews.map((each) => each.rating)}`);
      }
      expect(ratings.slice(0, 4)).toEqual(['p0:', 'p1:1', 'p2:2', 'p3:2']);
      const reads = shop.statements().filter((text) => /^(?:SELECT|FETCH)/.test(text));
      expect(reads).toHaveLength(6);
    });

    test('ends early: by break, by an error, by a signal; the connection is free again each time', async () => {
      for (let round = 0; round < 15; round++) {
        for await (const product of products().stream({ batchRows: 2 })) {
          if (product.name === 'p3') break;
        }
        const thrown = (async () => {
          for await (const product of products().stream({ batchRows: 2 })) throw new Error(product.name);
        })();
        expect(await failure(thrown)).toMatchObject({ message: 'p0' });
        const controller = new AbortController();
        const seen: string[] = [];
        const aborted = (async () => {
          for await (const product of products().stream({ batchRows: 2, signal: controller.signal })) {
            seen.push(product.name);
            if (seen.length === 2) controller.abort();
          }
        })();
        expect(await failure(aborted)).toMatchObject({ code: 'QUERY_ABORTED' });
        expect(seen).toEqual(['p0', 'p1']);
      }
      await products().update({ name: 'p0' }, { status: 'x' });
      await products().update({ name: 'p0' }, { status: 'new' });
    });

    test('one may write meanwhile, and inside a transaction the stream sees what that has written', async () => {
      for await (const product of products().stream({ batchRows: 2 })) {
        await products().update({ id: product.id }, { status: 'seen' });
      }
      expect(await products().countBy({ status: 'seen' })).toBe(12);
      await shop.db.transaction(async (manager) => {
        const inner = manager.getRepository(Product);
        await inner.update({ status: 'seen' }, { status: 'new' });
        const names: string[] = [];
        for await (const product of inner.stream({ batchRows: 5 })) {
          names.push(product.status);
          await inner.update({ id: product.id }, { status: 'new' });
        }
        expect(names).toEqual(Array.from({ length: 12 }, () => 'new'));
        const outer: string[] = [];
        for await (const one of inner.stream({ batchRows: 5, take: 6 })) {
          for await (const two of inner.stream({ batchRows: 5, take: 1 })) outer.push(one.name + two.name);
        }
        expect(outer).toHaveLength(6);
      });
    });

    test('holds a batch in memory, whatever the number of rows', async () => {
      const labels = shop.db.getRepository(Label);
      const rows = Array.from({ length: 30_000 }, (_, i) => ({ name: `many${i}`, rank: i }));
      for (let i = 0; i < rows.length; i += 5_000) await labels.insert(rows.slice(i, i + 5_000));
      const alive = new Set<WeakRef<object>>();
      let count = 0;
      let most = 0;
      for await (const label of labels.stream({ batchRows: 100 })) {
        if (++count % 50 === 0) alive.add(new WeakRef(label));
        if (count % 10_000 !== 0) continue;
        await new Promise(setImmediate);
        collectGarbage();
        most = Math.max(most, [...alive].filter((each) => each.deref() !== undefined).length);
      }
      expect(count).toBe(30_003);
      expect(most).toBeLessThan(50);
      await labels.delete({ name: Like('many%') });
    });

    test('what is wrong is told at once', () => {
      expect(() => products().stream({ batchRows: 0 })).toThrow('batchRows');
      expect(() => products().stream({ wehre: {} } as never)).toThrow('wehre');
      expect(() => products().stream({ order: { nmae: 'asc' } } as never)).toThrow('nmae');
    });
  });

  describe('load', () => {
    test('puts relations into entities that were read, a query each and level', async () => {
      const found = await products().find({ order: { id: 'asc' } });
      shop.statements();
      const loaded = await products().load(found, {
        shop: { relations: { licence: true } },
        reviews: { where: { rating: MoreThan(1) }, take: 1, order: { rating: 'asc' } },
        labels: true,
        outlet: true,
      });
      expect(loaded).toBe(found);
      expect(loaded[7]?.shop.licence?.code).toBe('L2');
      expect(loaded.slice(0, 4).map(({ reviews }) => reviews.map(({ rating }) => rating))).toEqual([
        [],
        [],
        [2],
        [2],
      ]);
      expect(loaded[6]?.labels.map(({ name }) => name)).toEqual(['one', 'three', 'two']);
      expect(loaded[0]?.outlet).toBeNull();
      expect(shop.statements().filter((text) => text.startsWith('SELECT'))).toHaveLength(5);
      shop.statements();
      await products().save(loaded);
      expect(shop.statements().filter((text) => /^(?:UPDATE|INSERT|DELETE)/.test(text))).toEqual([]);
    });

    test('of one entity, of one that was saved, of one of which a part was selected', async () => {
      const labels = shop.db.getRepository(Label);
      const label = await labels.save({ name: 'fresh', rank: 9 });
      const withProducts = await labels.load(label, { products: true });
      expect(withProducts.products).toEqual([]);
      await labels.remove(label);
      const [part] = await products().find({ where: { name: 'p7' }, select: { name: true } });
      shop.statements();
      const whole = await products().load(part as NonNullable<typeof part>, {
        shop: { select: { name: true } },
      });
      expect([whole.name, whole.shop.name]).toEqual(['p7', 'Market']);
      expect(shop.statements().filter((text) => text.startsWith('SELECT'))).toHaveLength(2);
      whole.name = 'p7';
      await products().save(whole as never);
      expect(shop.statements().filter((text) => text.startsWith('UPDATE'))).toEqual([]);
      const reviews = await shop.db.getRepository(Review).find({ where: { text: 'r1.0' } });
      expect((await shop.db.getRepository(Review).load(reviews, { product: true }))[0]?.product.name).toBe(
        'p1',
      );
    });

    test('nothing costs nothing, and what is wrong is refused', async () => {
      expect(await products().load([], { shop: true })).toEqual([]);
      expect(shop.statements()).toEqual([]);
      const [found] = await products().find({ take: 1 });
      expect(await failure(products().load([found as Product], { shp: true } as never))).toMatchObject({
        code: 'PROPERTY_UNKNOWN',
      });
      const stranger = new Shop();
      expect(await failure(products().load(stranger as never, { shop: true }))).toMatchObject({
        code: 'ENTITY_INVALID',
      });
      expect(await failure(products().load(new Product(), { reviews: true }))).toMatchObject({
        code: 'KEY_MISSING',
      });
    });
  });
});

test('a stream from memory leaves the only connection free between two batches', async () => {
  const { db } = await openLibrary();
  await db.getRepository(Author).save(Array.from({ length: 7 }, (_, i) => ({ name: `a${i}` })));
  const names: string[] = [];
  for await (const author of db.getRepository(Author).stream({ batchRows: 3 })) {
    names.push(author.name);
    await db.getRepository(Author).update({ id: author.id }, { bio: 'read' });
  }
  expect(names).toHaveLength(7);
  await db.destroy();
});
