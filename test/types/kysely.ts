/** What Kysely knows of entities: columns by property, relations as their keys, and nothing else. */

import { expectTypeOf } from 'expect-type';
import { type Generated, sql } from 'kysely';
import type { DataSource } from '../../src/data-source';
import type { Many, One } from '../../src/metadata/relation-types';
import type { EntityManager } from '../../src/session/entity-manager';
import type { Flat, Kysely, KyselyDatabase } from '../../src/session/kysely/types';
import type { Author, Book } from '../session/library';

declare class Country {
  code: string;
  name: string;
  area: number;
  flag: Buffer | null;
  president: One<Author> | null;
  cities: Many<City>;
}

declare class City {
  id: bigint;
  name: string;
  nickname?: string;
  foundedAt: Date;
  isCapital: boolean;
  mood: 'good' | 'bad';
  place: { lat: number; long: number };
  anything: unknown;
  country: One<Country>;
  twin: One<City> | null;
  twinId: bigint | null;
  describe(): string;
  compare: (other: City) => number;
}

interface Tables {
  authors: Author;
  books: Book;
  cities: City;
  countries: Country;
  books_tags: { book_id: number; tag_name: string };
  counters: { id: Generated<number>; value: number };
}

declare const source: DataSource;
declare const manager: EntityManager;
const db = source.kysely<Tables>();

expectTypeOf(manager.kysely<Tables>()).toEqualTypeOf<Kysely<KyselyDatabase<Tables>>>();

export async function reads(): Promise<void> {
  const book = await db.selectFrom('books').selectAll().executeTakeFirstOrThrow();
  expectTypeOf(book).toEqualTypeOf<{
    id: number;
    title: string;
    pages: number;
    extra: { tags: string[] } | null;
    secret: string | null;
    authorId: number;
    editorId: number | null;
  }>();

  const city = await db.selectFrom('cities').selectAll().executeTakeFirstOrThrow();
  expectTypeOf(city.id).toEqualTypeOf<bigint>();
  expectTypeOf(city.nickname).toEqualTypeOf<string | null>();
  expectTypeOf(city.foundedAt).toEqualTypeOf<Date>();
  expectTypeOf(city.isCapital).toEqualTypeOf<boolean>();
  expectTypeOf(city.mood).toEqualTypeOf<'good' | 'bad'>();
  expectTypeOf(city.anything).toEqualTypeOf<unknown>();
  // A property of its own wins over the relation's key, which is the same column.
  expectTypeOf(city.twinId).toEqualTypeOf<bigint | null>();
  // Without an `id` any text, number or bytes may be what a relation refers to.
  expectTypeOf(city.countryCode).toEqualTypeOf<string>();

  const joined = await db
    .selectFrom('books as b')
    .leftJoin('authors as a', 'a.id', 'b.editorId')
    .select(({ fn }) => ['b.title as t', 'a.name', 'b.authorId', fn.max('b.pages').as('most')])
    .groupBy('b.id')
    .execute();
  expectTypeOf(joined).toEqualTypeOf<{ t: string; name: string | null; authorId: number; most: number }[]>();

  const nested = await db
    .with('c', (qc) => qc.selectFrom('cities').select(['foundedAt as since', 'countryCode']))
    .selectFrom('c')
    .selectAll()
    .where('since', '>', new Date())
    .execute();
  expectTypeOf(nested).toEqualTypeOf<{ since: Date; countryCode: string }[]>();

  const pairs = await db.selectFrom('books_tags').selectAll().execute();
  expectTypeOf(pairs).toEqualTypeOf<{ book_id: number; tag_name: string }[]>();

  const raw = await sql<{ n: number }>`select 1 as n`.execute(db);
  expectTypeOf(raw.rows).toEqualTypeOf<{ n: number }[]>();

  const flat = source.kysely<{ cities: Flat<City, 'place'> }>();
  const placed = await flat.selectFrom('cities').select(['placeLat', 'placeLong', 'countryCode']).execute();
  expectTypeOf(placed).toEqualTypeOf<{ placeLat: number; placeLong: number; countryCode: string }[]>();
  // @ts-expect-error it is its columns now
  flat.selectFrom('cities').select('place');
}

export function doesNotCompile(): void {
  // @ts-expect-error no such table
  db.selectFrom('bookz');
  // @ts-expect-error no such property
  db.selectFrom('books').select('titel');
  // @ts-expect-error a relation is no column
  db.selectFrom('books').select('author');
  // @ts-expect-error a to-many relation is no column
  db.selectFrom('authors').select('books');
  // @ts-expect-error nor has it a key here
  db.selectFrom('authors').select('booksId');
  // @ts-expect-error a method is no column
  db.selectFrom('authors').select('greet');
  // @ts-expect-error nor is a function in a property
  db.selectFrom('cities').select('compare');
  // @ts-expect-error what a Country is referred to by is no Date
  db.selectFrom('cities').select('countryFoundedAt');
  // @ts-expect-error a column's name in the database
  db.selectFrom('books').select('author_id');
  // @ts-expect-error the wrong value
  db.selectFrom('books').selectAll().where('pages', '=', 'many');
  // @ts-expect-error the wrong value
  db.selectFrom('cities').selectAll().where('foundedAt', '>', 5);
  // @ts-expect-error the wrong value
  db.insertInto('books').values({ title: 5 });
  // @ts-expect-error no such property
  db.insertInto('books').values({ titel: 'x' });
  // @ts-expect-error a relation is no column
  db.insertInto('books').values({ author: { id: 1 } });
  // @ts-expect-error it cannot be null
  db.updateTable('books').set({ authorId: null });
  // @ts-expect-error no such value of the enum
  db.updateTable('cities').set({ mood: 'so-so' });
  // @ts-expect-error a key that is generated is a number all the same
  db.insertInto('counters').values({ id: 'x', value: 1 });
}

export function writes(): void {
  // Which columns have defaults no class says: the database refuses what it cannot do without.
  db.insertInto('books').values({ title: 'x', authorId: 1, extra: { tags: [] } });
  db.insertInto('counters').values({ value: 1 });
  db.updateTable('books').set({ editorId: null, extra: null }).where('authorId', 'in', [1, 2]);
}
