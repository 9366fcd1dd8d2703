/** What `find` takes: conditions, order, selections and relations, and all that must not compile. */

import { Every, None, Some } from '../../src/query/conditions/member-operators';
import {
  And,
  Any,
  Between,
  Equal,
  In,
  IsNull,
  JsonContains,
  Like,
  MoreThan,
  Not,
  Or,
  Raw,
} from '../../src/query/conditions/operators';
import type { Repository } from '../../src/session/repository';
import type { Author, Book, Note } from '../session/library';

declare const books: Repository<Book>;
declare const authors: Repository<Author>;
declare const notes: Repository<Note>;
declare const author: Author;
declare const genre: 'a' | 'b';

export async function compiles(): Promise<void> {
  await books.find();
  await books.find({});
  await books.find({ where: {} });
  await books.find({ where: { title: 'x', pages: 3 } });
  await books.find({ where: [{ title: 'x' }, { pages: MoreThan(3) }] });
  await books.find({ where: { title: Like('x%'), pages: Between(1, 2) } });
  await books.find({ where: { title: Not('x'), pages: In([1, 2]) } });
  await books.find({ where: { pages: And(MoreThan(1), Not(Equal(3))) } });
  await books.find({ where: { extra: IsNull() } });
  await books.find({ where: { extra: Not(IsNull()) } });
  await books.find({ where: { extra: { tags: ['x'] } } });
  await books.find({ where: { pages: Or(1, IsNull()) } });
  await books.find({ where: { pages: Raw((column) => `${column} > 1`) } });
  await books.find({ where: { author: { name: 'x', books: { title: Like('x') } } } });
  await books.find({ where: { author } });
  await books.find({ where: { author: await authors.findOneByOrFail({ id: 1 }) } });
  await books.find({ where: { editor: IsNull() } });
  await books.find({ where: { tags: { name: In([genre]) } } });
  await books.find({ order: { title: 'asc', author: { name: 'DESC' } }, skip: 1, take: 2 });
  await books.find({ select: { id: true, title: true } });
  await books.find({ relations: { author: true, tags: false } });
  await books.find({ relations: { author: { relations: { books: { relations: { tags: true } } } } } });
  await authors.find({ relations: { books: { where: { pages: MoreThan(3) }, order: { title: 'asc' } } } });
  await notes.find({ where: { createdAt: MoreThan(new Date()) }, withDeleted: true });
  await books.count({ where: { title: 'x' } });
}

export async function doesNotCompile(): Promise<void> {
  // @ts-expect-error an unknown option
  await books.find({ wehre: {} });
  // @ts-expect-error an unknown column
  await books.find({ where: { titel: 'x' } });
  // @ts-expect-error an unknown column beside a known one
  await books.find({ where: { title: 'x', titel: 'x' } });
  // @ts-expect-error an unknown column in one of several
  await books.find({ where: [{ title: 'x' }, { titel: 'x' }] });
  // @ts-expect-error an unknown column of a relation
  await books.find({ where: { author: { nmae: 'x' } } });
  // @ts-expect-error an unknown column of a relation beside a known one
  await books.find({ where: { author: { name: 'x', nmae: 'x' } } });
  // @ts-expect-error an unknown column two relations away
  await books.find({ where: { author: { books: { titel: 'x' } } } });
  // @ts-expect-error a text for a number
  await books.find({ where: { pages: 'x' } });
  // @ts-expect-error null is IsNull()
  await books.find({ where: { extra: null } });
  // @ts-expect-error an operator on the wrong type
  await books.find({ where: { pages: Like('x') } });
  // @ts-expect-error a list of the wrong type
  await books.find({ where: { pages: In(['x']) } });
  // @ts-expect-error a method is no column
  await authors.find({ where: { greet: 'x' } });
  // @ts-expect-error a key for a relation
  await books.find({ where: { author: 1 } });
  // @ts-expect-error an operator on the wrong entity's key
  await books.find({ where: { author: MoreThan(1) } });
  // @ts-expect-error an unknown column in order
  await books.find({ order: { titel: 'asc' } });
  // @ts-expect-error no such direction
  await books.find({ order: { title: 'up' } });
  // @ts-expect-error an order by a list
  await books.find({ order: { tags: { name: 'asc' } } });
  // @ts-expect-error an order by an unknown column of a relation
  await books.find({ order: { author: { nmae: 'asc' } } });
  // @ts-expect-error an unknown column in select
  await books.find({ select: { titel: true } });
  // @ts-expect-error an unknown column in select beside a known one
  await books.find({ select: { title: true, titel: true } });
  // @ts-expect-error an unknown column of a relation in select
  await books.find({ select: { author: { nmae: true } } });
  // @ts-expect-error select takes true or false
  await books.find({ select: { title: 1 } });
  // @ts-expect-error an unknown relation
  await books.find({ relations: { autor: true } });
  // @ts-expect-error an unknown relation beside a known one
  await books.find({ relations: { author: true, autor: true } });
  // @ts-expect-error a column as a relation
  await books.find({ relations: { title: true } });
  // @ts-expect-error an unknown relation inside one
  await books.find({ relations: { author: { relations: { book: true } } } });
  // @ts-expect-error an unknown relation inside one beside a known one
  await books.find({ relations: { author: { relations: { books: true, book: true } } } });
  // @ts-expect-error an unknown option inside a relation
  await books.find({ relations: { author: { wehre: {} } } });
  // @ts-expect-error an unknown option inside a relation beside a known one
  await authors.find({ relations: { books: { relations: { tags: true }, wehre: {} } } });
  // @ts-expect-error a to-one has no page
  await books.find({ relations: { author: { take: 1 } } });
  // @ts-expect-error a to-one has no order
  await books.find({ relations: { author: { order: { name: 'asc' } } } });
  // @ts-expect-error an unknown column in the conditions of a list
  await authors.find({ relations: { books: { where: { titel: 'x' } } } });
  // @ts-expect-error an unknown column in the conditions of a list beside a known one
  await authors.find({ relations: { books: { where: { title: 'y', titel: 'x' } } } });
  // @ts-expect-error a text for a number
  await books.find({ take: '1' });
  // @ts-expect-error findBy takes conditions, not options
  await books.findBy({ where: { title: 'x' } });
  // @ts-expect-error findOne needs options
  await books.findOne();
  // @ts-expect-error findOne takes one anyway
  await books.findOne({ take: 1 });
  // @ts-expect-error count loads nothing
  await books.count({ relations: { author: true } });
}

export async function operatorsCompile(): Promise<void> {
  await authors.find({ where: { books: Some({ title: Like('x%') }) } });
  await authors.find({ where: { books: Some({}) } });
  await authors.find({ where: { books: None([{ title: 'x' }, { pages: MoreThan(3) }]) } });
  await authors.find({ where: { books: Every({ tags: Some({ name: 'x' }), author: { name: 'y' } }) } });
  await authors.find({ where: { books: Not(Some({ title: 'x' })) } });
  await authors.find({ where: { books: And(Some({ title: 'x' }), None({ title: 'y' })) } });
  await authors.find({ where: { books: MoreThan(2) } });
  await authors.find({ where: { books: [{ title: 'x' }, { title: 'y' }] } });
  await books.find({ where: { author: Not({ name: 'x' }) } });
  await books.find({ where: { author: Not({ name: Like('x') }) } });
  await books.find({ where: { author: Or({ name: 'x' }, { name: 'y' }) } });
  await books.find({ where: { author: In([author]) } });
  await books.find({ where: { author: Not(In([author])) } });
  await books.find({ where: { editor: Not(IsNull()) } });
  await books.find({ where: { pages: Any([1, 2]) } });
  await books.find({ where: { extra: JsonContains({ tags: ['x'] }) } });
  await books.find({ where: Not({ title: 'x' }) });
  await books.find({ where: And({ title: 'x' }, Not({ pages: MoreThan(3) })) });
}

export async function operatorsDoNotCompile(): Promise<void> {
  // @ts-expect-error an unknown column of a member
  await authors.find({ where: { books: Some({ titel: 'x' }) } });
  // @ts-expect-error an unknown column of a member beside a known one
  await authors.find({ where: { books: Some({ title: 'x', titel: 'x' }) } });
  // @ts-expect-error an operator on the wrong type
  await authors.find({ where: { books: Every({ title: MoreThan(1) }) } });
  // @ts-expect-error members of a relation to one
  await books.find({ where: { author: Some({ name: 'x' }) } });
  // @ts-expect-error members of a column
  await books.find({ where: { title: None({}) } });
  // @ts-expect-error an unknown column behind a Not
  await books.find({ where: { author: Not({ nmae: 'x' }) } });
  // @ts-expect-error members are counted, with a number
  await authors.find({ where: { books: MoreThan('2') } });
  // @ts-expect-error a list of the wrong type
  await books.find({ where: { pages: Any(['x']) } });
}

declare const lines: Repository<Line>;
interface Place {
  city: string;
  /** Every object has one by this name. */
  toString(): string;
  far(): boolean;
}
interface Line {
  id: number;
  from: Place;
  toString(): string;
  length(): number;
}

export async function entitiesWithMethodsCompile(): Promise<void> {
  await lines.find({ where: { id: 1, from: { city: 'x' } }, order: { id: 'asc', from: { city: 'desc' } } });
  await lines.find({ select: { id: true, from: { city: true } } });
  await lines.find({ relations: {} });
}

export async function methodsAreNoOptions(): Promise<void> {
  // @ts-expect-error a method in conditions
  await lines.find({ where: { length: 1 } });
  // @ts-expect-error a method in an order
  await lines.find({ order: { length: 'asc' } });
  // @ts-expect-error a method in a selection
  await lines.find({ select: { length: true } });
  // @ts-expect-error a method of an embedded object in an order
  await lines.find({ order: { from: { far: 'asc' } } });
  // @ts-expect-error toString is a method as well
  await lines.find({ where: { toString: 'x' } });
}
