/** The workloads as an application of Limbeck does them. */

import { DataSource, MoreThanOrEqual } from 'limbeck';
import { Author, Book, Chapter, ENTITIES, Note } from './library.js';
import type { Candidate } from './workloads.js';

export async function openLimbeck(place: string): Promise<DataSource> {
  const url = place.includes('://') ? place : `sqlite:${place}`;
  return new DataSource({ url, entities: ENTITIES }).initialize();
}

export const limbeck: Candidate = {
  name: 'Limbeck',
  open: async (place) => {
    const db = await openLimbeck(place);
    const books = db.getRepository(Book);
    const authors = db.getRepository(Author);
    const chapters = db.getRepository(Chapter);
    const notes = db.getRepository(Note);
    return {
      byKey: (id) => books.findOneBy({ id }),
      byUnique: (isbn) => books.findOneBy({ isbn }),
      rows: (take) => books.find({ order: { id: 'asc' }, take }),
      plainRows: (take) => chapters.find({ order: { id: 'asc' }, take }),
      page: (pages, skip) =>
        books.find({
          where: { inPrint: true, pages: MoreThanOrEqual(pages) },
          order: { title: 'asc' },
          take: 20,
          skip,
        }),
      withAuthor: (take) => books.find({ order: { id: 'asc' }, take, relations: { author: true } }),
      nested: (take) =>
        authors.find({
          order: { id: 'asc' },
          take,
          relations: {
            books: { order: { id: 'asc' }, relations: { chapters: { order: { id: 'asc' } } } },
          },
        }),
      withTags: (take) =>
        books.find({ order: { id: 'asc' }, take, relations: { tags: { order: { id: 'asc' } } } }),
      aggregate: async (id) => ({
        count: await books.countBy({ author: { id } }),
        pages: (await books.sum('pages', { author: { id } })) ?? 0,
      }),
      insert: async (note) => (await notes.save({ ...note })).id,
      insertMany: async (list) => (await notes.insert(list.map((note) => ({ ...note })))).affected,
      loadChangeSave: async (take) => {
        const found = await notes.find({ order: { id: 'asc' }, take });
        for (const note of found) note.stars += 1;
        await notes.save(found);
      },
      saveNew: (list) => notes.save(list.map((note) => ({ ...note }))),
      saveGraph: (author) => authors.save(author),
      removeMany: async (take) => {
        await notes.remove(await notes.find({ order: { id: 'desc' }, take }));
      },
      upsert: async (id, note) => {
        await notes.upsert({ id, ...note }, ['id']);
      },
      remove: async (id) => {
        await notes.delete(id);
      },
      close: () => db.destroy(),
    };
  },
};
