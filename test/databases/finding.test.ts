/** Finding with relations, selections and orders of every kind: the same on every database, in as many queries. */

import { In, Like, MoreThan, sql } from 'limbeck';
import { type DatabaseKind, testDatabases } from '../support/databases';
import { Cell, Label, Product, Review, Shop } from './finding-entities';
import { type OpenShop, openShop } from './open-shop';

describe.each(testDatabases())('on %s', (kind: DatabaseKind) => {
  let shop: OpenShop;
  beforeAll(async () => {
    shop = await openShop(kind);
  });
  afterAll(() => shop.close());
  beforeEach(() => shop.statements());

  /** The SELECTs since the last call. */
  const selects = (): string[] => shop.statements().filter((text) => text.startsWith('SELECT'));
  const products = () => shop.db.getRepository(Product);
  const shops = () => shop.db.getRepository(Shop);

  describe('options of a relation', () => {
    test('take and skip count for each parent', async () => {
      for (const [options, expected] of [
        [{ take: 1 }, ['3', '2', '1']],
        [{ take: 2 }, ['3 2', '2 1', '1']],
        [{ skip: 1 }, ['2 1', '1', '']],
        [{ skip: 1, take: 1 }, ['2', '1', '']],
        [{ take: 0 }, ['', '', '']],
      ] as const) {
        const found = await products().find({
          where: { name: In(['p7', 'p6', 'p5']) },
          order: { id: 'desc' },
          relations: { reviews: { order: { rating: 'desc' }, ...options } },
        });
        expect(found.map((each) => each.reviews.map(({ rating }) => rating).join(' '))).toEqual(expected);
        expect(selects()).toHaveLength(2);
        // One parent alone needs no window.
        const one = await products().findOneOrFail({
          where: { name: 'p7' },
          relations: { reviews: { order: { rating: 'desc' }, ...options } },
        });
        expect(one.reviews.map(({ rating }) => rating).join(' ')).toBe(expected[0]);
        expect(selects().some((text) => text.includes('ROW_NUMBER'))).toBe(false);
      }
    });

    test('take counts members of a many-to-many for each parent', async () => {
      const found = await products().find({
        where: { name: In(['p0', 'p4', 'p5']) },
        order: { id: 'asc' },
        relations: { labels: { order: { name: 'desc' }, take: 2 } },
      });
      expect(found.map((each) => each.labels.map(({ name }) => name))).toEqual([
        ['two', 'three'],
        ['two', 'one'],
        ['one'],
      ]);
      expect(found[0]?.labels[0]).toBe(found[1]?.labels[0]);
      expect(selects()).toHaveLength(2);
    });

    test('values of nested conditions are this call’s, though the statements are compiled once', async () => {
      for (const [rating, city, text] of [
        [1, 'c0', '%'],
        [2, 'c1', 'r%'],
        [0, 'c0', 'r7%'],
      ] as const) {
        const found = await products().find({
          where: { name: 'p7' },
          relations: {
            reviews: { where: { rating: MoreThan(rating), text: Like(text) }, order: { rating: 'asc' } },
            shop: { where: { address: { city } } },
            labels: { where: [{ name: 'one' }, { rank: MoreThan(rating) }], take: 1 },
          },
        });
        const [{ reviews, shop: seller, labels }] = found as [(typeof found)[0]];
        expect(reviews.map((each) => each.rating)).toEqual([1, 2, 3].filter((each) => each > rating));
        expect(seller?.address.city ?? null).toBe(city === 'c1' ? 'c1' : null);
        expect(labels.map(({ name }) => name)).toEqual(['one']);
        expect(selects()).toHaveLength(4);
      }
      const shapes = await Promise.all(
        [1, 2].map((rating) => products().find({ relations: { reviews: { where: { rating } } } })),
      );
      expect(
        shapes.map((found) => found.flatMap(({ reviews }) => reviews).every((r) => r.rating > 0)),
      ).toEqual([true, true]);
    });

    test('options nest at every depth, one query a level', async () => {
      const found = await shops().find({
        order: { name: 'asc' },
        relations: {
          products: {
            where: { name: In(['p1', 'p3', 'p6', 'p7']) },
            order: { name: 'desc' },
            take: 2,
            relations: {
              reviews: {
                order: { rating: 'desc' },
                take: 1,
                select: { rating: true },
                relations: { product: { select: { name: true } } },
              },
            },
          },
          licence: true,
        },
      });
      expect(
        found.map((each) => [
          each.name,
          each.licence?.code ?? null,
          each.products.map((p) => [p.name, p.reviews.map((r) => `${r.rating} of ${r.product.name}`)]),
        ]),
      ).toEqual([
        ['Alley', null, []],
        ['Corner', 'L1', [['p6', ['2 of p6']]]],
        [
          'Market',
          'L2',
          [
            ['p7', ['3 of p7']],
            ['p3', ['2 of p3']],
          ],
        ],
      ]);
      expect(selects()).toHaveLength(5);
    });

    test('a list leaves out what was deleted unless asked for, here or at the top', async () => {
      const count = async (options: object): Promise<number> => {
        const found = await products().findOneOrFail({ where: { name: 'p3' }, ...options } as never);
        return (found as unknown as Product).reviews.length;
      };
      expect(await count({ relations: { reviews: true } })).toBe(2);
      expect(await count({ relations: { reviews: { withDeleted: true } } })).toBe(3);
      expect(await count({ relations: { reviews: true }, withDeleted: true })).toBe(3);
      expect(await count({ relations: { reviews: { withDeleted: false } }, withDeleted: true })).toBe(2);
    });

    test('a to-one that is not met reads as null, and saving does not write that', async () => {
      const product = await products().findOneOrFail({
        where: { name: 'p4' },
        relations: { outlet: { where: { name: 'Corner' } } },
      });
      expect(product.outlet).toBeNull();
      product.name = 'p4x';
      shop.statements();
      await products().save(product);
      expect(shop.statements().filter((text) => text.startsWith('UPDATE'))).toEqual([
        expect.not.stringContaining('outlet'),
      ]);
      product.name = 'p4';
      await products().save(product);
      const again = await products().findOneOrFail({ where: { name: 'p4' }, relations: { outlet: true } });
      expect(again.outlet?.name).toBe('Alley');
      again.outlet = null;
      await products().save(again);
      expect(
        (await products().findOneOrFail({ where: { name: 'p4' }, relations: { outlet: true } })).outlet,
      ).toBeNull();
      const [alley] = await shops().findBy({ name: 'Alley' });
      again.outlet = alley as Shop;
      await products().save(again);
    });

    test('compound keys are followed both ways', async () => {
      const cells = await shop.db
        .getRepository(Cell)
        .find({ order: { y: 'asc' }, relations: { whole: true, parts: { order: { y: 'desc' }, take: 2 } } });
      expect(cells.map((each) => each.whole?.text ?? null)).toEqual([null, 'whole', 'whole', 'whole']);
      expect(cells[0]?.parts.map(({ y }) => y)).toEqual([4, 3]);
      expect(cells[1]?.parts).toEqual([]);
      expect(selects()).toHaveLength(3);
    });

    test('one query a level for a thousand parents', async () => {
      const labels = shop.db.getRepository(Label);
      await labels.insert(Array.from({ length: 1100 }, (_, i) => ({ name: `many${i}`, rank: i })));
      shop.statements();
      const found = await labels.find({
        where: { name: Like('many%') },
        relations: { products: { take: 1 } },
      });
      expect(found).toHaveLength(1100);
      expect(selects()).toHaveLength(2);
      await labels.delete({ name: Like('many%') });
    });
  });

  describe('identity', () => {
    test('one row is one object where the same was asked of it, whatever leads to it', async () => {
      const found = await products().find({
        where: { name: In(['p1', 'p2']) },
        order: { id: 'asc' },
        relations: {
          shop: true,
          outlet: true,
          reviews: { relations: { product: { relations: { outlet: true } } } },
        },
      });
      expect(found[0]?.outlet).toBe(found[1]?.outlet);
      expect(found[0]?.reviews[0]?.product.outlet).toBe(found[0]?.outlet);
      expect(found[1]?.reviews[0]?.product).toBe(found[1]?.reviews[1]?.product);
      const withDeleted = await products().find({
        withDeleted: true,
        relations: { shop: { relations: { licence: true } }, outlet: { relations: { licence: true } } },
      });
      const outlets = new Set(withDeleted.map(({ outlet }) => outlet).filter((each) => each !== null));
      expect(outlets.size).toBe(1);
      const cells = await shop.db.getRepository(Cell).find({ relations: { whole: true, parts: true } });
      const parent = cells.find(({ y }) => y === 1);
      const child = cells.find(({ y }) => y === 2);
      expect(parent?.parts.find(({ y }) => y === 2)?.text).toBe('part2');
      expect(child?.whole?.text).toBe('whole');
    });

    test('two shapes of one row do not spoil each other', async () => {
      const found = await products().findOneOrFail({
        where: { name: 'p7' },
        relations: {
          shop: { relations: { products: { where: { name: 'p1' } } } },
          reviews: { relations: { product: { relations: { shop: { select: { name: true } } } } } },
        },
      });
      expect(found.shop.products.map(({ name }) => name)).toEqual(['p1']);
      const narrow = found.reviews[0]?.product.shop;
      expect(JSON.parse(JSON.stringify(narrow))).toEqual({ name: 'Market' });
      expect(found.shop.address.city).toBe('c1');
      expect(narrow).not.toBe(found.shop);
    });
  });

  describe('select', () => {
    test('reads what it names, of embedded objects and relations as well', async () => {
      const [found] = await products().find({
        where: { name: 'p1' },
        select: { name: true, shop: { name: true, address: { street: true } } },
        relations: { labels: { select: { name: true } } },
      });
      expect(JSON.parse(JSON.stringify(found))).toEqual({
        name: 'p1',
        shop: { name: 'Market', address: { street: 'Market St' } },
        labels: [{ name: 'one' }],
      });
      expect(selects()).toHaveLength(3);
    });

    test('false is the same as nothing said, and nothing but false is refused', async () => {
      const plain = (found: unknown): unknown => JSON.parse(JSON.stringify(found));
      const [found] = await products().find({
        where: { name: 'p1' },
        select: {
          name: true,
          price: false,
          status: false,
          shop: { name: true, address: { street: true, city: false } },
        },
        relations: { labels: false, reviews: false },
      });
      expect(plain(found)).toEqual({
        name: 'p1',
        shop: { name: 'Market', address: { street: 'Market St' } },
      });
      const whole = await products().findOneByOrFail({ name: 'p1' });
      expect(await products().findOne({ where: { name: 'p1' }, select: {} })).toEqual(whole);
      expect(
        plain(await products().findOne({ where: { name: 'p1' }, select: { id: true, shop: {} } })),
      ).toEqual({
        id: whole.id,
        shop: plain(await shops().findOneByOrFail({ name: 'Market' })),
      });
      for (const select of [
        { price: false },
        { name: true, shop: { name: false } },
        { shop: false, price: undefined },
      ]) {
        await expect(products().find({ select: select as object })).rejects.toMatchObject({
          code: 'OPTION_INVALID',
        });
      }
    });

    test('saving writes nothing that was not read, whatever the class sets by itself', async () => {
      const found = await products().findOneOrFail({
        where: { name: 'p1' },
        select: { name: true, price: true },
      });
      expect((found as { status?: string }).status).toBeUndefined();
      shop.statements();
      await products().save(found);
      expect(shop.statements()).toEqual([]);
      const [seller] = await shops().find({ where: { id: 1 }, select: { address: { street: true } } });
      await shops().save(seller as object);
      expect(shop.statements().filter((text) => text.startsWith('UPDATE'))).toEqual([]);
      found.price = '99.10';
      await products().save(found);
      expect(shop.statements().filter((text) => text.startsWith('UPDATE'))).toEqual([
        expect.stringMatching(/SET .price. = \S+ WHERE/),
      ]);
      found.price = '1.10';
      await products().save(found);
    });
  });

  describe('order', () => {
    const names = async (options: object): Promise<string> =>
      (await products().find(options as never))
        .map((each: unknown) => (each as Product).name.slice(1))
        .join(' ');

    test('NULL stands where it is told to, in both directions', async () => {
      const where = { name: In(['p0', 'p1', 'p2', 'p3']) };
      for (const [direction, nulls, expected] of [
        ['asc', 'first', '0 3 1 2'],
        ['asc', 'last', '1 2 0 3'],
        ['desc', 'first', '0 3 2 1'],
        ['DESC', 'LAST', '2 1 0 3'],
        [-1, 'last', '2 1 0 3'],
        [1, 'FIRST', '0 3 1 2'],
      ] as const) {
        expect(await names({ where, order: { stock: { direction, nulls }, id: 'asc' } })).toBe(expected);
      }
      expect(await names({ where, order: { outlet: { name: { nulls: 'last' } }, id: 1 } })).toBe('1 2 0 3');
    });

    test('goes through to-one relations at any depth, through embedded objects and expressions', async () => {
      expect(
        await names({ where: { id: In([1, 2, 3]) }, order: { shop: { licence: { code: 'desc' } }, id: 1 } }),
      ).toBe('1 0 2');
      expect(
        await names({ where: { id: In([1, 2, 3]) }, order: { shop: { address: { city: -1 } }, id: 1 } }),
      ).toBe('1 0 2');
      expect(
        await names({
          where: { id: In([1, 2, 3]) },
          order: { id: { by: (id: unknown) => sql`abs(${id} - ${2})`, direction: 'desc' }, name: 'asc' },
        }),
      ).toBe('0 2 1');
      const reviews = await shop.db.getRepository(Review).find({
        order: { product: { shop: { name: 'desc' }, name: 'asc' }, rating: 'asc' },
        take: 2,
      });
      expect(reviews.map(({ text }) => text)).toEqual(['r1.0', 'r11.0']);
      expect(selects()).toHaveLength(4);
    });

    test('take and skip count parents, in a total order', async () => {
      const pages: string[] = [];
      for (let skip = 0; skip < 12; skip += 5) {
        pages.push(await names({ order: { status: 'asc' }, skip, take: 5, relations: { labels: true } }));
      }
      expect(pages).toEqual(['0 1 2 3 4', '5 6 7 8 9', '10 11']);
    });

    test('orders members of each entity through relations', async () => {
      const [seller] = await shops().find({
        where: { name: 'Market' },
        relations: {
          products: {
            order: { outlet: { name: { direction: 'asc', nulls: 'first' } }, id: 'desc' },
            take: 3,
          },
        },
      });
      expect(seller?.products.map(({ name }) => name)).toEqual(['p9', 'p3', 'p11']);
      const both = await shops().find({
        order: { id: 'asc' },
        relations: {
          products: {
            order: { outlet: { name: { direction: 'asc', nulls: 'first' } }, id: 'desc' },
            take: 1,
          },
        },
      });
      expect(both.map(({ products: [first] }) => first?.name)).toEqual(['p6', 'p9', undefined]);
    });
  });
});
