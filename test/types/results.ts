/** What a find returns: its type says what was loaded, exactly. */

import { expectTypeOf } from 'expect-type';
import type { Loaded, NotLoaded } from '../../src/metadata/relation-types';
import type { Repository } from '../../src/session/repository';
import type { Author, Book, Tag } from '../session/library';

declare const books: Repository<Book>;
declare const authors: Repository<Author>;
declare function first<T>(list: readonly T[]): T;

export async function results(): Promise<void> {
  const [plain] = await books.find();
  if (plain === undefined) return;
  expectTypeOf(plain).toEqualTypeOf<Loaded<Book>>();
  expectTypeOf(plain.title).toEqualTypeOf<string>();
  expectTypeOf(plain.extra).toEqualTypeOf<{ tags: string[] } | null>();
  expectTypeOf(plain.author).toEqualTypeOf<object & NotLoaded<'relations: { author: true }'>>();
  expectTypeOf(plain.editor).toEqualTypeOf<(object & NotLoaded<'relations: { editor: true }'>) | null>();
  // @ts-expect-error it was not loaded
  plain.author.name;
  // @ts-expect-error it was not loaded, even where it is not null
  plain.editor?.name;
  // @ts-expect-error a list that was not loaded has no length
  plain.tags.length;
  // @ts-expect-error a list that was not loaded cannot be walked
  for (const tag of plain.tags) tag.name;

  const [one] = await books.find({ relations: { author: true } });
  if (one === undefined) return;
  expectTypeOf(one).toEqualTypeOf<Loaded<Book, { readonly author: true }>>();
  expectTypeOf(one.author.name).toEqualTypeOf<string>();
  expectTypeOf(one.author.greet()).toEqualTypeOf<string>();
  // @ts-expect-error another relation
  one.editor?.name;
  // @ts-expect-error the relation's own relations
  one.author.books[0];

  const deep = await books.findOneOrFail({
    where: { id: 1 },
    relations: { author: { relations: { books: { relations: { tags: true } } } }, editor: true },
  });
  expectTypeOf(first(first(deep.author.books).tags).name).toEqualTypeOf<string>();
  expectTypeOf(deep.editor).toEqualTypeOf<Loaded<Author> | null>();
  expectTypeOf(deep.editor?.name).toEqualTypeOf<string | undefined>();
  // @ts-expect-error it may be null
  deep.editor.name;
  // @ts-expect-error not loaded that deep
  deep.author.books[0]?.author.name;

  const filtered = await authors.find({ relations: { books: { where: { pages: 3 } } } });
  expectTypeOf(first(first(filtered).books).title).toEqualTypeOf<string>();

  const switched = await books.find({ relations: { author: false } });
  // @ts-expect-error it was not asked for after all
  switched[0]?.author.name;

  const [some] = await books.find({ select: { id: true, title: true } });
  if (some === undefined) return;
  expectTypeOf(some).toEqualTypeOf<{ id: number; title: string }>();
  // @ts-expect-error it was not selected
  some.pages;
  // @ts-expect-error nor was the relation
  some.author;

  const [both] = await books.find({ select: { title: true }, relations: { author: true } });
  if (both === undefined) return;
  expectTypeOf(both.title).toEqualTypeOf<string>();
  expectTypeOf(both.author.name).toEqualTypeOf<string>();
  // @ts-expect-error it was not selected
  both.pages;

  expectTypeOf(await books.findOne({ where: { id: 1 } })).toEqualTypeOf<Loaded<Book> | null>();
  expectTypeOf(await books.findOneBy({ id: 1 })).toEqualTypeOf<Loaded<Book> | null>();
  expectTypeOf(await books.findOneByOrFail({ id: 1 })).toEqualTypeOf<Loaded<Book>>();
  expectTypeOf(await books.findBy({ id: 1 })).toEqualTypeOf<Loaded<Book>[]>();
  expectTypeOf(await books.count()).toEqualTypeOf<number>();
  expectTypeOf(await books.existsBy({ id: 1 })).toEqualTypeOf<boolean>();
}

export function needsAuthor(book: Loaded<Book, { author: true }>): string {
  return book.author.name;
}

export async function handedOn(): Promise<void> {
  needsAuthor(first(await books.find({ relations: { author: true } })));
  needsAuthor(first(await books.find({ relations: { author: true, tags: true } })));
  // @ts-expect-error it was not loaded
  needsAuthor(first(await books.find()));
  const tags: Loaded<Book, { tags: true }>['tags'] = first(
    await books.find({ relations: { tags: true } }),
  ).tags;
  expectTypeOf(tags).toEqualTypeOf<Loaded<Tag>[]>();
  // @ts-expect-error what is wanted of a result does not load it
  const wanted: Loaded<Book, { author: true }>[] = await books.find();
  // @ts-expect-error nor of a single one
  const single: Loaded<Book, { author: true }> | null = await books.findOne({ where: { id: 1 } });
  void [wanted, single];
}
