/** What `npm run bench writes` measures, one row each. */

import { DRAFTS, NOTES } from './library.js';
import type { NewNote, NewOrder, Workloads } from './workloads.js';

export interface Measure {
  readonly name: string;
  readonly aim: string;
  /** Calls in one round. */
  readonly calls: number;
  readonly rounds: number;
  /** One call; undefined where the candidate cannot do it. */
  run(workloads: Workloads, call: number): Promise<unknown> | undefined;
  /** Makes what a round needs, once for every call; not timed. */
  prepare?(workloads: Workloads): Promise<unknown>;
}

export const newNote = (i: number): NewNote => ({
  text: `note ${i}`,
  stars: i % 5,
  writtenAt: new Date(1.6e12 + i),
});
const NEW_NOTES = Array.from({ length: 10_000 }, (_, i) => newNote(i));
const THOUSAND = NEW_NOTES.slice(0, 1_000);
const WITH_KEYS = THOUSAND.map((each, i) => ({ id: i * 2 + 1, ...each }));
const ORDERS: readonly NewOrder[] = Array.from({ length: 100 }, (_, i) => ({
  customer: `customer ${i}`,
  lines: Array.from({ length: 10 }, (_, n) => ({
    product: `product ${n}`,
    quantity: n + 1,
    price: i + n / 4,
  })),
}));
const noteId = (call: number): number => ((call * 7_919) % NOTES) + 1;

export const MEASURES: readonly Measure[] = [
  write('single insert', 300, (w, i) => w.insert(newNote(i))),
  write('insert of one row', 300, (w, i) => w.insertRow(newNote(i))),
  write('10,000 inserts', 1, (w) => w.insertMany(NEW_NOTES)),
  write('save 1,000 new', 2, (w) => w.saveMany(THOUSAND)),
  write('add and flush 1,000 new', 2, (w) => w.addMany(THOUSAND)),
  write('save 100 orders of 10 lines', 2, (w) => w.saveGraph(ORDERS)),
  write('load, change and save one', 300, (w, i) => w.changeOne(noteId(i))),
  write('load, change and save 1,000', 2, (w) => w.loadChangeSave(1_000)),
  write('load, change and flush 1,000', 2, (w) => w.loadChangeFlush(1_000)),
  write('update by criteria', 300, (w, i) => w.updateWhere(noteId(i), i % 7)),
  write('increment', 300, (w, i) => w.increment(noteId(i), 1)),
  write('soft delete', 300, (w, i) => w.softDelete((i % DRAFTS) + 1)),
  write('upsert', 300, (w, i) => w.upsert(i % 2 === 0 ? noteId(i) : 1_000_000 + i, newNote(i))),
  write('upsert 1,000', 2, (w) => w.upsertMany(WITH_KEYS)),
  write('delete by key', 300, (w, i) => w.remove(1_000_000 + i)),
  {
    ...write('load and remove 1,000', 2, (w) => w.removeNewest(1_000)),
    prepare: (w) => w.insertMany(THOUSAND),
  },
];

type Run = Measure['run'];

function write(name: string, calls: number, run: Run): Measure {
  return { name, aim: '1.5', calls, rounds: calls >= 100 ? 31 : 15, run };
}
