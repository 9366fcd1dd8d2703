/**
 * What must not compile, a statement each. The code behind `@ts-expect-error` is the compiler's own, which
 * `finding-mistakes.test.ts` compares: a line that fails for another reason than it says is no proof.
 */

import {
  In,
  type Loaded,
  MoreThan,
  type Page,
  type Repository,
  type Selected,
  type WithLoaded,
} from 'limbeck';
import type { Product, Shop } from '../databases/finding-entities';

declare const p: Repository<Product>;
declare const s: Repository<Shop>;
declare const product: Loaded<Product>;
declare const plain: Loaded<Product>;
declare const some: Selected<Product, { name: true }>;
declare const deep: Loaded<Product, { shop: true }>;
declare const narrow: Loaded<Product, { shop: { where: { name: 'x' } } }>;
declare const partial: Selected<Product, { shop: { address: { street: true } } }>;
declare const page: Page<Loaded<Product>>;
declare const late: WithLoaded<Product, Loaded<Product>, { shop: true }>;

export function mistakes(): void {
  // @ts-expect-error TS2353 no such column
  p.find({ where: { nmae: 'x' } });
  // @ts-expect-error TS2353 no such column beside one that is
  p.find({ where: { name: 'x', nmae: 'x' } });
  // @ts-expect-error TS2353 no such column in one of several conditions
  p.find({ where: [{ name: 'x' }, { nmae: 'x' }] });
  // @ts-expect-error TS2322 no such column of a relation
  p.find({ where: { shop: { nmae: 'x' } } });
  // @ts-expect-error TS2322 no such column of a relation beside one that is
  p.find({ where: { shop: { name: 'x', nmae: 'x' } } });
  // @ts-expect-error TS2322 no such column two relations away
  p.find({ where: { shop: { licence: { cod: 'x' } } } });
  // @ts-expect-error TS2322 no such column of an embedded object of a relation
  p.find({ where: { shop: { address: { cty: 'x' } } } });
  // @ts-expect-error TS2322 a number for a decimal
  p.find({ where: { price: 3 } });
  // @ts-expect-error TS2322 a number for a bigint
  p.find({ where: { sold: 3 } });
  // @ts-expect-error TS2322 text for a number
  p.find({ where: { stock: '3' } });
  // @ts-expect-error TS2322 null is IsNull()
  p.find({ where: { stock: null } });
  // @ts-expect-error TS2322 text for a date
  p.find({ where: { madeAt: '2026-01-01' } });
  // @ts-expect-error TS2322 an operator on text for a number
  p.find({ where: { stock: MoreThan('3') } });
  // @ts-expect-error TS2322 a list of numbers for a text
  p.find({ where: { name: In([3]) } });
  // @ts-expect-error TS2322 no such column of a list
  p.find({ where: { reviews: { ratng: 3 } } });
  // @ts-expect-error TS2322 a key for a relation
  p.find({ where: { shop: 3 } });
  // @ts-expect-error TS2322 a key for conditions
  p.find({ where: 3 });
  // @ts-expect-error TS2353 no such column to order by
  p.find({ order: { nmae: 'asc' } });
  // @ts-expect-error TS2353 no such column to order by beside one that is
  p.find({ order: { name: 'asc', nmae: 'asc' } });
  // @ts-expect-error TS2322 no such direction
  p.find({ order: { name: 'up' } });
  // @ts-expect-error TS2322 no such number of a direction
  p.find({ order: { name: 2 } });
  // @ts-expect-error TS2322 no such direction in options
  p.find({ order: { name: { direction: 'up' } } });
  // @ts-expect-error TS2322 no such place of NULL
  p.find({ order: { name: { nulls: 'top' } } });
  // @ts-expect-error TS2322 text for an expression
  p.find({ order: { name: { by: 'lower' } } });
  // @ts-expect-error TS2561 no such option of an order
  p.find({ order: { name: { direction: 'asc', null: 'last' } } });
  // @ts-expect-error TS2353 no such column of a relation to order by
  p.find({ order: { shop: { nmae: 'asc' } } });
  // @ts-expect-error TS2559 a relation is no column to order by
  p.find({ order: { shop: 'asc' } });
  // @ts-expect-error TS2322 a list says not where to stand
  p.find({ order: { reviews: { rating: 'asc' } } });
  // @ts-expect-error TS2353 no such column of an embedded object to order by
  p.find({ order: { shop: { address: { cty: 'asc' } } } });
  // @ts-expect-error TS2322 a list of a relation says not where to stand
  p.find({ order: { shop: { products: { name: 'asc' } } } });
  // @ts-expect-error TS2561 no such column two relations away to order by
  p.find({ order: { shop: { licence: { cod: 1 } } } });
  // @ts-expect-error TS2353 no such column to select
  p.find({ select: { nmae: true } });
  // @ts-expect-error TS2322 no such column to select beside one that is
  p.find({ select: { name: true, nmae: true } });
  // @ts-expect-error TS2322 nothing is selected by 1
  p.find({ select: { name: 1 } });
  // @ts-expect-error TS2559 a list selects nothing
  p.find({ select: ['name'] });
  // @ts-expect-error TS2353 no such column of a relation to select
  p.find({ select: { shop: { nmae: true } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ select: { shop: { name: true, nmae: true } } });
  // @ts-expect-error TS2561 no such column of an embedded object to select
  p.find({ select: { shop: { address: { cty: true } } } });
  // @ts-expect-error TS2322 nothing is inside a text
  p.find({ select: { name: { length: true } } });
  // @ts-expect-error TS2353 no such column two relations away to select
  p.find({ select: { reviews: { product: { nmae: true } } } });
  // @ts-expect-error TS2561 no such relation
  p.find({ relations: { shp: true } });
  // @ts-expect-error TS2322 no such relation beside one that is
  p.find({ relations: { shop: true, shp: true } });
  // @ts-expect-error TS2322 a column is no relation
  p.find({ relations: { name: true } });
  // @ts-expect-error TS2559 a list loads nothing
  p.find({ relations: ['shop'] });
  // @ts-expect-error TS2322 nothing is loaded by 1
  p.find({ relations: { shop: 1 } });
  // @ts-expect-error TS2561 no such relation of a relation
  p.find({ relations: { shop: { relations: { licenc: true } } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ relations: { shop: { relations: { licence: true, licenc: true } } } });
  // @ts-expect-error TS2353 one entity has no page
  p.find({ relations: { shop: { take: 1 } } });
  // @ts-expect-error TS2353 one entity has nothing to pass over
  p.find({ relations: { shop: { skip: 1 } } });
  // @ts-expect-error TS2353 one entity has no order
  p.find({ relations: { shop: { order: { name: 'asc' } } } });
  // @ts-expect-error TS2322 text for a number of members
  p.find({ relations: { reviews: { take: '1' } } });
  // @ts-expect-error TS2353 no such column of members
  p.find({ relations: { reviews: { where: { ratng: 1 } } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ relations: { reviews: { where: { rating: 1, ratng: 1 } } } });
  // @ts-expect-error TS2322 text for a number of members' column
  p.find({ relations: { reviews: { where: { rating: '1' } } } });
  // @ts-expect-error TS2561 no such column in one of several
  p.find({ relations: { reviews: { where: [{ rating: 1 }, { ratng: 1 }] } } });
  // @ts-expect-error TS2322 no such column behind members
  p.find({ relations: { reviews: { where: { product: { nmae: 'x' } } } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ relations: { reviews: { where: { product: { name: 'x', nmae: 'x' } } } } });
  // @ts-expect-error TS2561 no such column to order members by
  p.find({ relations: { reviews: { order: { ratng: 'asc' } } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ relations: { reviews: { order: { rating: 'asc', ratng: 'asc' } } } });
  // @ts-expect-error TS2322 no such direction for members
  p.find({ relations: { reviews: { order: { rating: 'up' } } } });
  // @ts-expect-error TS2353 no such column behind members to order by
  p.find({ relations: { reviews: { order: { product: { nmae: 1 } } } } });
  // @ts-expect-error TS2322 a number for an expression
  p.find({ relations: { reviews: { order: { rating: { by: 1 } } } } });
  // @ts-expect-error TS2561 no such column of members to select
  p.find({ relations: { reviews: { select: { ratng: true } } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ relations: { reviews: { select: { rating: true, ratng: true } } } });
  // @ts-expect-error TS2353 no such column behind members to select
  p.find({ relations: { reviews: { select: { product: { nmae: true } } } } });
  // @ts-expect-error TS2561 no such option of a relation
  p.find({ relations: { reviews: { wehre: {} } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ relations: { reviews: { take: 1, wehre: {} } } });
  // @ts-expect-error TS2322 a number for a switch
  p.find({ relations: { reviews: { withDeleted: 1 } } });
  // @ts-expect-error TS2561 no such relation three levels down
  p.find({ relations: { reviews: { relations: { product: { relations: { shp: true } } } } } });
  // @ts-expect-error TS2322 no such column of a relation's embedded object
  p.find({ relations: { shop: { where: { address: { cty: 'x' } } } } });
  // @ts-expect-error TS2322 the same beside one that is
  p.find({ relations: { shop: { where: { address: { city: 'x', cty: 'x' } } } } });
  // @ts-expect-error TS2322 text for a number of entities
  p.find({ take: '1' });
  // @ts-expect-error TS2322 a switch for a number of entities
  p.find({ skip: true });
  // @ts-expect-error TS2561 no such option
  p.find({ wehre: {} });
  // @ts-expect-error TS2322 no such lock
  p.find({ lock: { mode: 'pessimistic' } });
  // @ts-expect-error TS2322 an optimistic lock of no version
  p.find({ lock: { mode: 'optimistic' } });
  // @ts-expect-error TS2322 no such way with locked rows
  p.find({ lock: { mode: 'pessimistic_write', onLocked: 'wait' } });
  // @ts-expect-error TS2322 a number for a comment
  p.find({ comment: 3 });
  // @ts-expect-error TS2322 a switch for a signal
  p.find({ signal: true });
  // @ts-expect-error TS2322 a number for what is a switch
  p.find({ withDeleted: 1 });
  // @ts-expect-error TS2322 no such column of an embedded object beside one that is
  s.find({ where: { address: { city: 'x', cty: 'x' } } });
  // @ts-expect-error TS2322 no such column of an embedded object to select
  s.find({ select: { address: { city: true, cty: true } } });
  // @ts-expect-error TS2353 no such column of an embedded object to order by
  s.find({ order: { address: { city: 'asc', cty: 'asc' } } });
  // @ts-expect-error TS2353 conditions, not options
  p.findBy({ where: {} });
  // @ts-expect-error TS2554 one of what
  p.findOne();
  // @ts-expect-error TS2353 one is one
  p.findOne({ take: 1 });
  // @ts-expect-error TS2353 no such option to count by
  p.findAndCount({ nmae: 1 });
  // @ts-expect-error TS2353 counting loads nothing
  p.count({ relations: { shop: true } });
  // @ts-expect-error TS2345 a relation is no number
  p.sum('shop');
  // @ts-expect-error TS2345 no such column to add up
  p.sum('nmae');
  // @ts-expect-error TS2345 a date is no number
  p.sum('madeAt');
  // @ts-expect-error TS2345 a list is no number
  p.average('reviews');
  // @ts-expect-error TS2345 a relation has no order
  p.minimum('shop');
  // @ts-expect-error TS2353 no such column to narrow by
  p.maximum('price', { nmae: 1 });
  // @ts-expect-error TS2345 a page of which size
  p.page({});
  // @ts-expect-error TS2322 text for a size
  p.page({ first: '1' });
  // @ts-expect-error TS2353 a page is not cut again
  p.page({ first: 1, take: 1 });
  // @ts-expect-error TS2353 no such column to page by
  p.page({ first: 1, order: { nmae: 1 } });
  // @ts-expect-error TS2322 a number for a cursor
  p.page({ first: 1, after: 3 });
  // @ts-expect-error TS2322 text for a size of batches
  p.stream({ batchRows: '1' });
  // @ts-expect-error TS2353 a stream locks nothing
  p.stream({ lock: { mode: 'pessimistic_read' } });
  // @ts-expect-error TS2769 no such relation to load
  p.load([product], { shp: true });
  // @ts-expect-error TS2769 one entity has no page to load
  p.load(product, { shop: { take: 1 } });
  // @ts-expect-error TS2769 a key is no entity to load into
  p.load(3, { shop: true });
  // @ts-expect-error TS2339 it was not loaded
  plain.shop.name;
  // @ts-expect-error TS2339 a list that was not loaded has no length
  plain.reviews.length;
  // @ts-expect-error TS2339 it was not selected
  some.price;
  // @ts-expect-error TS2339 the relation was neither selected nor loaded
  some.shop;
  // @ts-expect-error TS2339 the relation's relation was not loaded
  deep.shop.licence.code;
  // @ts-expect-error TS18047 what was narrowed may be null
  narrow.shop.name;
  // @ts-expect-error TS2339 it was not selected of the relation
  partial.shop.id;
  // @ts-expect-error TS2339 it was not selected of the embedded object
  partial.shop.address.city;
  // @ts-expect-error TS2339 a page loads only what is asked for
  page.items[0].shop.name;
  // @ts-expect-error TS2339 another relation was loaded later
  late.outlet?.name;
}
