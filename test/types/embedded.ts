/** Relations inside embedded objects: what results show of them, and what must not compile. */

import { expectTypeOf } from 'expect-type';
import type { Loaded, NotLoaded, Repository } from 'limbeck';
import type { Article, Person } from '../databases/embedded-entities';

declare const articles: Repository<Article>;

export async function results(): Promise<void> {
  const plain = await articles.findOneOrFail({});
  expectTypeOf(plain.credits.note).toEqualTypeOf<string | null>();
  expectTypeOf(plain.credits.author).toEqualTypeOf<
    object & NotLoaded<'relations: { credits: { author: true } }'>
  >();
  expectTypeOf(plain.stats.reach.scout).toEqualTypeOf<
    (object & NotLoaded<'relations: { stats: { reach: { scout: true } } }'>) | null
  >();
  const loaded = await articles.findOneOrFail({
    relations: { credits: { author: true }, stats: { reach: { watchers: true } } },
  });
  expectTypeOf(loaded.credits.author).toEqualTypeOf<Loaded<Person>>();
  expectTypeOf(loaded.stats.reach.watchers).toEqualTypeOf<Loaded<Person>[]>();
  expectTypeOf(loaded.stats.reach.views).toEqualTypeOf<number>();
  const chosen = await articles.findOneOrFail({
    select: { title: true, credits: { note: true, author: { name: true } } },
  });
  expectTypeOf(chosen.credits.author.name).toEqualTypeOf<string>();
  expectTypeOf<keyof typeof chosen.credits>().toEqualTypeOf<'note' | 'author'>();
  const late = await articles.load(plain, { stats: { likedBy: true } });
  expectTypeOf(late.stats.likedBy).toEqualTypeOf<Loaded<Person>[]>();
  expectTypeOf(late.stats.likes).toEqualTypeOf<number>();
  await articles.save({ title: 'x', credits: { author: { name: 'y' } } });
  await articles.update({ credits: { author: { name: 'x' } } }, { credits: { editor: null } });
}

export function mistakes(): void {
  // @ts-expect-error no such relation
  articles.find({ relations: { credits: { autor: true } } });
  // @ts-expect-error a column is no relation
  articles.find({ relations: { credits: { note: true } } });
  // @ts-expect-error an object is no relation
  articles.find({ relations: { credits: true } });
  // @ts-expect-error no such property on the other side
  articles.find({ where: { credits: { author: { nam: 'x' } } } });
  // @ts-expect-error no such property on the other side
  articles.find({ order: { credits: { author: { nam: 'asc' } } } });
  // @ts-expect-error a list says no order
  articles.find({ order: { stats: { likedBy: { name: 'asc' } } } });
  // @ts-expect-error no such property on the other side
  articles.find({ select: { credits: { author: { nam: true } } } });
  // @ts-expect-error no such relation
  articles.create({ credits: { autor: {} } });
}
