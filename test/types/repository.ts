/** What a repository writes: entities, results of finds, drafts; and all that must not compile. */

import { expectTypeOf } from 'expect-type';
import type { DataSource } from '../../src/data-source';
import type { Loaded } from '../../src/metadata/relation-types';
import { Author, Book } from '../session/library';

declare const db: DataSource;
const books = db.getRepository(Book);
const authors = db.getRepository(Author);

export async function compiles(): Promise<void> {
  const author = new Author();
  author.name = 'x';
  expectTypeOf(await authors.save(author)).toEqualTypeOf<Author>();
  const found = await books.findOneByOrFail({ id: 1 });
  expectTypeOf(await books.save(found)).toEqualTypeOf<Loaded<Book>>();
  found.author = author;
  found.author = await authors.findOneByOrFail({ id: 1 });
  found.author = authors.create({ name: 'x' });
  found.editor = null;
  const loaded = await books.findOneOrFail({ relations: { author: true } });
  loaded.author = author;
  loaded.author = await authors.findOneByOrFail({ id: 1 });
  await books.save([loaded, loaded]);
  expectTypeOf(await books.save({ title: 'x' })).toEqualTypeOf<Book>();
  expectTypeOf(await books.save([{ title: 'x' }, { title: 'y', author: { name: 'z' } }])).toEqualTypeOf<
    Book[]
  >();
  const narrowed = await books.findOneOrFail({ relations: { author: { where: { name: 'x' } } } });
  expectTypeOf<null>().toExtend<typeof narrowed.author>();
  expectTypeOf(await books.save(narrowed)).toEqualTypeOf<typeof narrowed>();
  expectTypeOf(await books.save([narrowed])).toEqualTypeOf<(typeof narrowed)[]>();
  expectTypeOf(await books.remove(narrowed)).toEqualTypeOf<typeof narrowed>();
  expectTypeOf(books.merge(narrowed, { title: 'x' })).toEqualTypeOf<typeof narrowed>();
  await db.manager.save(narrowed);
  await db.manager.remove(Book, narrowed);
  books.getId(narrowed);
  await books.save({ title: 'x', author, tags: [{ name: 'x' }], extra: null });
  await books.save({ title: 'x', author: await authors.findOneByOrFail({ id: 1 }) });
  expectTypeOf(await books.remove(found)).toEqualTypeOf<Loaded<Book>>();
  await books.insert({ title: 'x', author });
  await books.insert([{ title: 'x', author: { id: 1 } }]);
  await books.update({ title: 'x' }, { pages: 3, editor: null, author });
  await books.update(1, { pages: 3 });
  await books.delete([1, 2]);
  await books.delete({ author });
  expectTypeOf(books.create({ title: 'x' })).toEqualTypeOf<Book>();
  expectTypeOf(books.create([{ title: 'x' }])).toEqualTypeOf<Book[]>();
  expectTypeOf(books.merge(found, { title: 'x' })).toEqualTypeOf<Loaded<Book>>();
  expectTypeOf(books.metadata.tableName).toEqualTypeOf<string>();
  expectTypeOf(
    await db.transaction(async (manager) => manager.getRepository(Book).count()),
  ).toEqualTypeOf<number>();
  expectTypeOf(await db.query<{ n: number }>('SELECT 1 AS n')).toEqualTypeOf<{ n: number }[]>();
  expectTypeOf(await db.sql<{ n: number }>`SELECT ${1} AS n`).toEqualTypeOf<{ n: number }[]>();
}

export async function doesNotCompile(): Promise<void> {
  // @ts-expect-error an unknown property in a draft
  await books.save({ titel: 'x' });
  // @ts-expect-error an unknown property beside a known one
  await books.save({ title: 'x', titel: 'x' });
  // @ts-expect-error an unknown property in a draft inside
  await books.save({ title: 'x', author: { nmae: 'x' } });
  // @ts-expect-error a text for a number
  await books.save({ title: 'x', pages: '3' });
  // @ts-expect-error null for a column that may not be null
  await books.save({ title: null });
  // @ts-expect-error null for a relation that may not be null
  await books.save({ title: 'x', author: null });
  // @ts-expect-error the same of an entity that has everything else
  await books.save({ ...(await books.findOneByOrFail({ id: 1 })), author: null });
  // @ts-expect-error an unknown property in one of several
  await books.save([{ title: 'x' }, { titel: 'x' }]);
  // @ts-expect-error an unknown property
  await books.insert({ titel: 'x' });
  // @ts-expect-error an unknown column in criteria
  await books.update({ titel: 'x' }, { pages: 3 });
  // @ts-expect-error an unknown property in values
  await books.update({ title: 'x' }, { page: 3 });
  // @ts-expect-error an unknown column in criteria
  await books.delete({ titel: 'x' });
  // @ts-expect-error a draft is no entity
  await books.remove({ id: 1 });
  // @ts-expect-error an unknown property
  books.create({ titel: 'x' });
  // @ts-expect-error not an entity of another class
  const found: Loaded<Author> = await books.findOneByOrFail({ id: 1 });
  void found;
  // @ts-expect-error options that do not work yet are not there
  await db.transaction(async () => 1, { isolation: 'serializable' });
  // @ts-expect-error a class is wanted
  db.getRepository('Book');
}
