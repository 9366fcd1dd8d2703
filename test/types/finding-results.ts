/** What is found, exactly: every result's type says what was loaded and selected. */

import { expectTypeOf } from 'expect-type';
import type { Loaded, NotLoaded, Page, Repository } from 'limbeck';
import {
  type Address,
  type Label,
  type Licence,
  Product,
  type Review,
  type Shop,
} from '../databases/finding-entities';

declare const p: Repository<Product>;

export async function results(): Promise<void> {
  const f0 = await p.findOneOrFail({});
  expectTypeOf(f0.name).toEqualTypeOf<string>();
  expectTypeOf(f0.stock).toEqualTypeOf<number | null>();
  expectTypeOf(f0.price).toEqualTypeOf<string>();
  expectTypeOf(f0.sold).toEqualTypeOf<bigint>();
  expectTypeOf(f0.weight).toEqualTypeOf<number | null>();
  expectTypeOf(f0.status).toEqualTypeOf<string>();
  expectTypeOf(f0.madeAt).toEqualTypeOf<Date | null>();
  expectTypeOf(f0.shop).toEqualTypeOf<object & NotLoaded<'relations: { shop: true }'>>();
  expectTypeOf(f0.outlet).toEqualTypeOf<(object & NotLoaded<'relations: { outlet: true }'>) | null>();
  expectTypeOf(f0.reviews).toEqualTypeOf<object & NotLoaded<'relations: { reviews: true }'>>();
  expectTypeOf(f0.labels).toEqualTypeOf<object & NotLoaded<'relations: { labels: true }'>>();
  const f1 = await p.findOneOrFail({ relations: { shop: true } });
  expectTypeOf(f1.shop).toEqualTypeOf<Loaded<Shop>>();
  expectTypeOf(f1.shop.address).toEqualTypeOf<Address>();
  expectTypeOf(f1.shop.products).toEqualTypeOf<object & NotLoaded<'relations: { products: true }'>>();
  expectTypeOf(f1.shop.licence).toEqualTypeOf<object & NotLoaded<'relations: { licence: true }'>>();
  expectTypeOf(f1.outlet).toEqualTypeOf<(object & NotLoaded<'relations: { outlet: true }'>) | null>();
  const f2 = await p.findOneOrFail({ relations: { outlet: true } });
  expectTypeOf(f2.outlet).toEqualTypeOf<Loaded<Shop> | null>();
  expectTypeOf(f2.outlet?.name).toEqualTypeOf<string | undefined>();
  const f3 = await p.findOneOrFail({ relations: { reviews: true, labels: true } });
  expectTypeOf(f3.reviews).toEqualTypeOf<Loaded<Review>[]>();
  expectTypeOf(f3.labels).toEqualTypeOf<Loaded<Label>[]>();
  expectTypeOf(f3.shop).toEqualTypeOf<object & NotLoaded<'relations: { shop: true }'>>();
  const f4 = await p.findOneOrFail({ relations: { shop: false } });
  expectTypeOf(f4.shop).toEqualTypeOf<object & NotLoaded<'relations: { shop: true }'>>();
  const f5 = await p.findOneOrFail({ relations: { shop: { relations: { licence: true } } } });
  expectTypeOf(f5.shop.licence.code).toEqualTypeOf<string>();
  expectTypeOf(f5.shop.licence).toEqualTypeOf<Loaded<Licence>>();
  expectTypeOf(f5.shop).toEqualTypeOf<Loaded<Shop, { licence: true }>>();
  const f6 = await p.findOneOrFail({ relations: { shop: { where: { name: 'x' } } } });
  expectTypeOf(f6.shop).toEqualTypeOf<Loaded<Shop> | null>();
  const f7 = await p.findOneOrFail({ relations: { shop: { withDeleted: false } } });
  expectTypeOf(f7.shop).toEqualTypeOf<Loaded<Shop> | null>();
  const f8 = await p.findOneOrFail({ relations: { shop: { withDeleted: true } } });
  expectTypeOf(f8.shop).toEqualTypeOf<Loaded<Shop>>();
  const f9 = await p.findOneOrFail({ relations: { outlet: { where: { name: 'x' } } } });
  expectTypeOf(f9.outlet).toEqualTypeOf<Loaded<Shop> | null>();
  const f10 = await p.findOneOrFail({
    relations: { reviews: { where: { rating: 1 }, take: 3, skip: 1, order: { rating: 'desc' } } },
  });
  expectTypeOf(f10.reviews).toEqualTypeOf<Loaded<Review>[]>();
  const f11 = await p.findOneOrFail({ relations: { reviews: { select: { rating: true } } } });
  expectTypeOf(f11.reviews).toEqualTypeOf<{ rating: number }[]>();
  const f12 = await p.findOneOrFail({
    relations: { reviews: { select: { rating: true }, take: 1, relations: { product: true } } },
  });
  expectTypeOf(f12.reviews).toEqualTypeOf<{ rating: number; product: Loaded<Product> }[]>();
  const f13 = await p.findOneOrFail({
    relations: { reviews: { relations: { product: { select: { name: true } } } } },
  });
  expectTypeOf(f13.reviews[0]).toEqualTypeOf<Loaded<Review, { product: { select: { name: true } } }>>();
  expectTypeOf(f13.reviews[0].product).toEqualTypeOf<{ name: string }>();
  expectTypeOf(f13.reviews[0].rating).toEqualTypeOf<number>();
  const f14 = await p.findOneOrFail({
    relations: { shop: { select: { name: true, address: { city: true } } } },
  });
  expectTypeOf(f14.shop).toEqualTypeOf<{ name: string; address: { city: string } }>();
  expectTypeOf(f14.shop.address).toEqualTypeOf<{ city: string }>();
  const f15 = await p.findOneOrFail({ relations: { outlet: { select: { name: true } } } });
  expectTypeOf(f15.outlet).toEqualTypeOf<{ name: string } | null>();
  const f16 = await p.findOneOrFail({
    relations: { shop: { relations: { products: { relations: { shop: true } } } } },
  });
  expectTypeOf(f16.shop.products[0].shop.name).toEqualTypeOf<string>();
  expectTypeOf(f16.shop.products).toEqualTypeOf<Loaded<Product, { shop: true }>[]>();
  const f17 = await p.findOneOrFail({
    relations: { labels: { order: { name: 'asc' }, relations: { products: true } } },
  });
  expectTypeOf(f17.labels).toEqualTypeOf<Loaded<Label, { products: true }>[]>();
  const f18 = await p.findOneOrFail({ select: { name: true } });
  expectTypeOf(f18).toEqualTypeOf<{ name: string }>();
  expectTypeOf(f18.name).toEqualTypeOf<string>();
  const f19 = await p.findOneOrFail({ select: { name: true, stock: true, madeAt: true } });
  expectTypeOf(f19).toEqualTypeOf<{ name: string; stock: number | null; madeAt: Date | null }>();
  const f20 = await p.findOneOrFail({ select: { name: true }, relations: { shop: true } });
  expectTypeOf(f20).toEqualTypeOf<{ name: string; shop: Loaded<Shop> }>();
  const f21 = await p.findOneOrFail({ select: { name: true }, relations: { shop: false } });
  expectTypeOf(f21).toEqualTypeOf<{ name: string }>();
  const f22 = await p.findOneOrFail({ select: { name: true, shop: { name: true } } });
  expectTypeOf(f22).toEqualTypeOf<{ name: string; shop: { name: string } }>();
  const f23 = await p.findOneOrFail({ select: { name: true, shop: true } });
  expectTypeOf(f23).toEqualTypeOf<{ name: string; shop: Loaded<Shop> }>();
  const f24 = await p.findOneOrFail({ select: { outlet: { id: true } } });
  expectTypeOf(f24).toEqualTypeOf<{ outlet: { id: number } | null }>();
  const f25 = await p.findOneOrFail({ select: { reviews: { rating: true, product: { id: true } } } });
  expectTypeOf(f25).toEqualTypeOf<{ reviews: { rating: number; product: { id: number } }[] }>();
  const f26 = await p.findOneOrFail({ select: { shop: { licence: { code: true } } } });
  expectTypeOf(f26).toEqualTypeOf<{ shop: { licence: { code: string } } }>();
  const f27 = await p.findOneOrFail({ select: { shop: { address: { street: true } } } });
  expectTypeOf(f27).toEqualTypeOf<{ shop: { address: { street: string } } }>();
  const f28 = await p.findOneOrFail({ select: { shop: { address: true } } });
  expectTypeOf(f28).toEqualTypeOf<{ shop: { address: Address } }>();
  const f29 = await p.findOneOrFail({
    select: { id: true, labels: { name: true } },
    relations: { labels: { take: 1 } },
  });
  expectTypeOf(f29).toEqualTypeOf<{ id: number; labels: { name: string }[] }>();
  const f30 = await p.findOneOrFail({
    select: { id: true },
    relations: { reviews: { select: { id: true } }, outlet: true },
  });
  expectTypeOf(f30).toEqualTypeOf<{ id: number; reviews: { id: number }[]; outlet: Loaded<Shop> | null }>();
  const f31 = await p.findOneOrFail({
    select: { shop: { name: true } },
    relations: { shop: { relations: { licence: true } } },
  });
  expectTypeOf(f31).toEqualTypeOf<{ shop: { name: string; licence: Loaded<Licence> } }>();
  const f32 = await p.findOneOrFail({
    select: { shop: { name: true } },
    relations: { shop: { where: { name: 'x' } } },
  });
  expectTypeOf(f32).toEqualTypeOf<{ shop: { name: string } | null }>();
  const f33 = await p.findOneOrFail({ select: { sold: true, price: true } });
  expectTypeOf(f33).toEqualTypeOf<{ sold: bigint; price: string }>();
  const f34 = await p.findOneOrFail({
    select: { name: true, price: false, shop: false, reviews: { rating: true, id: false } },
  });
  expectTypeOf(f34).toEqualTypeOf<{ name: string; reviews: { rating: number }[] }>();
  const maybe = f0.name === 'x';
  const f35 = await p.findOneOrFail({ select: { name: true, stock: maybe, price: maybe } });
  expectTypeOf(f35).toEqualTypeOf<{
    name: string;
    stock: number | null | undefined;
    price: string | undefined;
  }>();
  const f36 = await p.findOneOrFail({ relations: { shop: maybe } });
  expectTypeOf(f36.shop).toEqualTypeOf<Loaded<Shop> | (object & NotLoaded<'relations: { shop: true }'>)>();
  const f37 = await p.findOneOrFail({ select: { shop: { address: { city: true, street: false } } } });
  expectTypeOf(f37).toEqualTypeOf<{ shop: { address: { city: string } } }>();
  expectTypeOf(await p.find()).toEqualTypeOf<Loaded<Product>[]>();
  expectTypeOf(await p.findBy({ name: 'x' })).toEqualTypeOf<Loaded<Product>[]>();
  expectTypeOf(await p.findOne({})).toEqualTypeOf<Loaded<Product> | null>();
  expectTypeOf(await p.findOneBy({ id: 1 })).toEqualTypeOf<Loaded<Product> | null>();
  expectTypeOf(await p.findOneByOrFail({ id: 1 })).toEqualTypeOf<Loaded<Product>>();
  expectTypeOf(await p.findAndCount()).toEqualTypeOf<[Loaded<Product>[], number]>();
  expectTypeOf(await p.findAndCountBy({ id: 1 })).toEqualTypeOf<[Loaded<Product>[], number]>();
  expectTypeOf(await p.findAndCount({ select: { id: true } })).toEqualTypeOf<[{ id: number }[], number]>();
  expectTypeOf(await p.findAndCount({ relations: { shop: true } })).toEqualTypeOf<
    [Loaded<Product, { shop: true }>[], number]
  >();
  expectTypeOf(await p.count()).toEqualTypeOf<number>();
  expectTypeOf(await p.countBy({})).toEqualTypeOf<number>();
  expectTypeOf(await p.exists()).toEqualTypeOf<boolean>();
  expectTypeOf(await p.existsBy({})).toEqualTypeOf<boolean>();
  expectTypeOf(await p.sum('price')).toEqualTypeOf<string | null>();
  expectTypeOf(await p.sum('sold')).toEqualTypeOf<bigint | null>();
  expectTypeOf(await p.sum('stock')).toEqualTypeOf<number | null>();
  expectTypeOf(await p.sum('weight', { name: 'x' })).toEqualTypeOf<number | null>();
  expectTypeOf(await p.average('price')).toEqualTypeOf<string | null>();
  expectTypeOf(await p.average('sold')).toEqualTypeOf<string | null>();
  expectTypeOf(await p.average('stock')).toEqualTypeOf<number | null>();
  expectTypeOf(await p.minimum('madeAt')).toEqualTypeOf<Date | null>();
  expectTypeOf(await p.maximum('name')).toEqualTypeOf<string | null>();
  expectTypeOf(await p.maximum('sold')).toEqualTypeOf<bigint | null>();
  expectTypeOf(await p.page({ first: 1 })).toEqualTypeOf<Page<Loaded<Product>>>();
  expectTypeOf(await p.page({ first: 1, select: { id: true } })).toEqualTypeOf<Page<{ id: number }>>();
  expectTypeOf((await p.page({ first: 1 })).endCursor).toEqualTypeOf<string | null>();
  expectTypeOf((await p.page({ first: 1 })).hasNext).toEqualTypeOf<boolean>();
  expectTypeOf(p.stream()).toEqualTypeOf<AsyncGenerator<Loaded<Product>, void, undefined>>();
  expectTypeOf(p.stream({ select: { id: true } })).toEqualTypeOf<
    AsyncGenerator<{ id: number }, void, undefined>
  >();
  expectTypeOf((await p.load(f0, { shop: true })).shop).toEqualTypeOf<Loaded<Shop>>();
  expectTypeOf((await p.load(f0, { shop: true })).outlet).toEqualTypeOf<
    (object & NotLoaded<'relations: { outlet: true }'>) | null
  >();
  expectTypeOf((await p.load([f0], { outlet: true })).map((each) => each.outlet)).toEqualTypeOf<
    (Loaded<Shop> | null)[]
  >();
  expectTypeOf(
    (await p.load([f0], { reviews: { select: { rating: true } } })).map((each) => each.reviews),
  ).toEqualTypeOf<{ rating: number }[][]>();
  expectTypeOf((await p.load(new Product(), { labels: true })).labels).toEqualTypeOf<Loaded<Label>[]>();
  expectTypeOf((await p.load(f0, { shop: true })).name).toEqualTypeOf<string>();
}
