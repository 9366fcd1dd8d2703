/** The writes as an application of Limbeck does them. */

import { createRequire } from 'node:module';
import path from 'node:path';
import * as current from 'limbeck';
import { Draft, ENTITIES, Note, Order } from './library.js';
import type { Candidate } from './workloads.js';

type Build = typeof current;

/** Metadata lives on the classes, so another build takes the same entities. */
export async function openLimbeck(
  file: string,
  { DataSource }: Build = current,
): Promise<InstanceType<Build['DataSource']>> {
  return new DataSource({ url: `sqlite:${file}`, entities: ENTITIES }).initialize();
}

/** This build, and with LIMBECK_BEFORE=<folder of a dist> another one, for what a change has brought. */
export function builds(): Candidate[] {
  const before = process.env.LIMBECK_BEFORE;
  if (before === undefined) return [candidate('Limbeck', current)];
  const folder = path.resolve(before);
  const other = createRequire(path.join(folder, 'index.js'))('./index.js') as Build;
  return [candidate('Limbeck', current), candidate('Limbeck before', other)];
}

const candidate = (name: string, build: Build): Candidate => ({
  name,
  open: async (file) => {
    const db = await openLimbeck(file, build);
    const notes = db.getRepository(Note);
    const orders = db.getRepository(Order);
    const drafts = db.getRepository(Draft);
    const newest = { order: { id: 'desc' } } as const;
    return {
      insert: async (note) => (await notes.save({ ...note })).id,
      insertMany: async (list) => (await notes.insert(list.map((note) => ({ ...note })))).affected,
      loadChangeSave: async (take) => {
        const found = await notes.find({ order: { id: 'asc' }, take });
        for (const note of found) note.stars += 1;
        await notes.save(found);
      },
      upsert: async (id, note) => {
        await notes.upsert({ id, ...note }, ['id']);
      },
      upsertMany: async (list) => {
        await notes.upsert(
          list.map((note) => ({ ...note })),
          ['id'],
        );
      },
      remove: async (id) => {
        await notes.delete(id);
      },
      insertRow: async (note) => (await notes.insert({ ...note })).identifiers[0]?.id as number,
      saveMany: async (list) => sumOf(await notes.save(notes.create(list.map((note) => ({ ...note }))))),
      addMany: async (list) => {
        const session = db.session();
        const added = notes.create(list.map((note) => ({ ...note })));
        session.addAll(added);
        await session.commit();
        await session.close();
        return sumOf(added);
      },
      loadChangeFlush: async (take) => {
        const session = db.session();
        for (const note of await session.find(Note, { order: { id: 'asc' }, take })) note.stars += 1;
        await session.commit();
        await session.close();
      },
      saveGraph: async (list) => {
        const made = orders.create(
          list.map(({ customer, lines }) => ({ customer, lines: lines.map((line) => ({ ...line })) })),
        );
        await orders.save(made);
        return sumOf(made) + made.reduce((sum, { lines }) => sum + sumOf(lines), 0);
      },
      removeNewest: async (take) => {
        await notes.remove(await notes.find({ ...newest, take }));
      },
      changeOne: async (id) => {
        const note = await notes.findOneByOrFail({ id });
        note.stars += 1;
        await notes.save(note);
      },
      updateWhere: async (id, stars) => {
        await notes.update({ id }, { stars });
      },
      increment: async (id, by) => {
        await notes.increment({ id }, 'stars', by);
      },
      softDelete: async (id) => {
        await drafts.softDelete(id);
      },
      readAll: async () => (await notes.find()).length,
      stream: async () => {
        let count = 0;
        for await (const _ of notes.stream()) count += 1;
        return count;
      },
      readManaged: async () => {
        const session = db.session();
        const { length } = await session.find(Note);
        await session.close();
        return length;
      },
      close: () => db.destroy(),
    };
  },
});

function sumOf(list: readonly { readonly id: number }[]): number {
  let sum = 0;
  for (const { id } of list) sum += id;
  return sum;
}
