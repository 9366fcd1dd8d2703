/** What a session gives and takes: found as repositories find, entities alone; and all that must not compile. */

import { expectTypeOf } from 'expect-type';
import type { DataSource } from '../../src/data-source';
import type { Loaded } from '../../src/metadata/relation-types';
import { Author, Book } from '../session/library';

declare const db: DataSource;
const session = db.session();
const books = db.getRepository(Book);

export async function compiles(): Promise<void> {
  expectTypeOf(await session.get(Book, 1)).toEqualTypeOf<Loaded<Book> | null>();
  expectTypeOf(await session.findBy(Book, { id: 1 })).toEqualTypeOf(await books.findBy({ id: 1 }));
  expectTypeOf(await session.findOneBy(Book, { id: 1 })).toEqualTypeOf(await books.findOneBy({ id: 1 }));
  expectTypeOf(await session.find(Book, { relations: { author: true } })).toEqualTypeOf(
    await books.find({ relations: { author: true } }),
  );
  expectTypeOf(await session.find(Book, { select: { title: true } })).toEqualTypeOf(
    await books.find({ select: { title: true } }),
  );
  const loaded = await session.findOneOrFail(Book, { where: { id: 1 }, relations: { author: true } });
  expectTypeOf(loaded.author.name).toEqualTypeOf<string>();
  expectTypeOf(session.add(new Author())).toEqualTypeOf<Author>();
  expectTypeOf(session.add(loaded)).toEqualTypeOf(loaded);
  expectTypeOf(session.remove(loaded)).toEqualTypeOf(loaded);
  session.addAll([new Author(), new Author()]);
  expectTypeOf(await session.count(Book)).toEqualTypeOf<number>();
  expectTypeOf(await session.get(Book, 1, { relations: { author: true } })).toEqualTypeOf<Loaded<
    Book,
    { author: true }
  > | null>();
  expectTypeOf(await session.getOne(Book, 1)).toEqualTypeOf<Loaded<Book>>();
  expectTypeOf(await session.merge(loaded)).toEqualTypeOf(loaded);
  expectTypeOf(await session.merge(Book, { id: 1, title: 'x' })).toEqualTypeOf<Book>();
  expectTypeOf(await session.sum(Book, 'pages')).toEqualTypeOf(await books.sum('pages'));
  expectTypeOf(await session.page(Book, { first: 2 })).toEqualTypeOf(await books.page({ first: 2 }));
  for await (const each of session.stream(Book, { relations: { author: true } })) {
    expectTypeOf(each.author.name).toEqualTypeOf<string>();
  }
  const plain = await session.getOne(Book, 1);
  expectTypeOf((await session.load(Book, plain, { author: true })).author.name).toEqualTypeOf<string>();
  expectTypeOf(await session.update(Book, { title: 'x' }, { pages: 1 })).toEqualTypeOf(
    await books.update(1, { pages: 1 }),
  );
  expectTypeOf(await session.refresh(plain)).toEqualTypeOf(plain);
  expectTypeOf(await session.lock(plain, { mode: 'pessimistic_write' })).toEqualTypeOf(plain);
  expectTypeOf(await session.savepoint(async (inner) => inner.count(Book))).toEqualTypeOf<number>();
}

export async function mustNotCompile(): Promise<void> {
  const book = await session.findOneByOrFail(Book, { id: 1 });
  // @ts-expect-error the author was not loaded
  book.author.name;
  // @ts-expect-error no such property
  await session.findBy(Book, { titel: 'x' });
  // @ts-expect-error no such relation
  await session.find(Book, { relations: { autor: true } });
  // @ts-expect-error no such property in a draft
  await session.merge(Book, { titel: 'x' });
  // @ts-expect-error no such relation
  await session.get(Book, 1, { relations: { autor: true } });
  // @ts-expect-error no such property in values
  await session.update(Book, 1, { page: 1 });
  // @ts-expect-error not a number
  await session.sum(Book, 'author');
  // @ts-expect-error no lock of rows
  await session.lock(book, { mode: 'optimistic', version: 1 });
  // @ts-expect-error a session takes entities
  session.add('x');
  // @ts-expect-error a session takes entities
  session.remove(1);
  // @ts-expect-error not a list of them
  session.addAll([1, 2]);
  // @ts-expect-error no such level
  db.session({ isolation: 'READ' });
}
