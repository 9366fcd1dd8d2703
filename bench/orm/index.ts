/** `npm run bench orm|orm-postgres|orm-mariadb [--alone] [WORKLOAD …]`: what applications do all day, against code written by hand and peers. */

import { median } from '../harness.js';
import { BOOKS, isbnOf } from './library.js';
import { limbeck } from './limbeck.js';
import { installedPeers } from './peers.js';
import type { Place } from './places.js';
import type { Candidate, NewAuthor, NewNote, Workloads } from './workloads.js';

interface Measure {
  readonly name: string;
  readonly aim: string;
  /** Calls in one round. */
  readonly calls: number;
  readonly rounds: number;
  /** One call; undefined where the candidate cannot do it. */
  run(workloads: Workloads, call: number): Promise<unknown> | undefined;
  /** Whether all candidates must give the same answer, which is checked first. */
  readonly compared: boolean;
}

const note = (i: number): NewNote => ({ text: `note ${i}`, stars: i % 5, writtenAt: new Date(1.6e12 + i) });
const idOf = (call: number): number => ((call * 7_919) % BOOKS) + 1;
const authorOf = (call: number): NewAuthor => ({
  name: `New author ${call}`,
  born: 1990,
  books: Array.from({ length: 20 }, (_, i) => ({
    title: `New book ${i}`,
    isbn: `n-${call}-${i}`,
    pages: 100 + i,
    price: 9.5,
    inPrint: i % 2 === 0,
    publishedAt: new Date(1.6e12 + i),
    summary: `What happens in ${i}`,
    chapters: [1, 2, 3].map((number) => ({ number, title: `Chapter ${number}` })),
  })),
});
const NOTES = Array.from({ length: 10_000 }, (_, i) => note(i));

const MEASURES: readonly Measure[] = [
  read('find by key', '1.25', 500, (w, i) => w.byKey(idOf(i))),
  read('find by unique column', '1.25', 500, (w, i) => w.byUnique(isbnOf(idOf(i)))),
  read('1,000 rows', '1.15', 10, (w) => w.rows(1_000)),
  read('1,000 rows as the driver gives them', '1.15', 10, (w) => w.plainRows(1_000)),
  read('20,000 rows', '1.3', 1, (w) => w.rows(20_000)),
  read('filtered page', '1.3', 5, (w, i) => w.page(100 + (i % 50), 20)),
  read('1,000 rows with a to-one', '1.3', 10, (w) => w.withAuthor(1_000)),
  read('20 authors, books, chapters', '1.3', 2, (w) => w.nested(20)),
  read('1,000 rows with many-to-many', '1.3', 5, (w) => w.withTags(1_000)),
  read('aggregate', '1.3', 200, (w, i) => w.aggregate?.((i % 200) + 1)),
  write('single insert', 300, (w, i) => w.insert(note(i))),
  write('10,000 inserts', 1, (w) => w.insertMany(NOTES)),
  write('load, change and save 1,000', 2, (w) => w.loadChangeSave(1_000)),
  write('save 1,000 new', 2, (w) => w.saveNew?.(NOTES.slice(0, 1_000))),
  write('save an author, 20 books, 60 chapters', 10, (w, i) => w.saveGraph?.(authorOf(i))),
  write('load and remove 1,000', 2, (w) => w.removeMany?.(1_000)),
  write('upsert', 300, (w, i) => w.upsert?.(i + 1, note(i))),
  write('delete by key', 300, (w, i) => w.remove(1_000_000 + i)),
];

type Run = Measure['run'];

function read(name: string, aim: string, calls: number, run: Run): Measure {
  return { name, aim, calls, rounds: calls >= 100 ? 101 : 25, run, compared: true };
}

function write(name: string, calls: number, run: Run): Measure {
  return { name, aim: '1.5', calls, rounds: 15, run, compared: false };
}

/** Among the names: without the peers. */
const ALONE = '--alone';

function scaled(measure: Measure, effort: number): Measure {
  const calls = Math.max(1, Math.round(measure.calls * effort));
  return { ...measure, calls, rounds: Math.max(11, Math.round(measure.rounds * Math.sqrt(effort))) };
}

export async function orm(place: Place, names: readonly string[]): Promise<void> {
  const wanted = names.filter((name) => name !== ALONE);
  const peers = wanted.length < names.length ? [] : installedPeers(place.name);
  const candidates = [place.driver, limbeck, ...peers];
  const { places, remove } = await place.make(candidates.length);
  try {
    const opened: [Candidate, Workloads][] = [];
    for (const [i, candidate] of candidates.entries()) {
      opened.push([candidate, await candidate.open(places[i] as string)]);
    }
    const measures = MEASURES.filter(
      ({ name }) => wanted.length === 0 || wanted.some((each) => name.includes(each)),
    );
    const ratios = new Map<string, number[]>();
    for (const measure of measures) await measureOne(scaled(measure, place.effort), opened, ratios);
    console.log('\ngeometric mean over these rows');
    for (const [name, list] of ratios) {
      const mean = Math.exp(list.reduce((sum, ratio) => sum + Math.log(ratio), 0) / list.length);
      console.log(`  ${name.padEnd(44)} ${mean.toFixed(2)} x (${list.length} rows)`);
    }
    for (const [, workloads] of opened) await workloads.close();
  } finally {
    await remove();
  }
}

async function measureOne(
  measure: Measure,
  opened: readonly (readonly [Candidate, Workloads])[],
  ratios: Map<string, number[]>,
): Promise<void> {
  const able = [];
  for (const [candidate, workloads] of opened) {
    const first = measure.run(workloads, 0);
    if (first === undefined) continue;
    able.push({
      name: candidate.name,
      workloads,
      answer: measure.compared ? JSON.stringify(await first) : String(typeof (await first)),
      times: [] as number[],
    });
  }
  const [base] = able;
  for (const { name, answer } of able) {
    if (!measure.compared || answer === base?.answer) continue;
    const at = [...answer].findIndex((char, i) => char !== base?.answer[i]);
    const around = (text = ''): string => text.slice(Math.max(0, at - 60), at + 60);
    throw new Error(`${measure.name}: ${name} answers …${around(answer)}… and not …${around(base?.answer)}…`);
  }
  let call = 1;
  for (let round = -3; round < measure.rounds; round++) {
    // Whoever comes first meets the garbage of the one before, so the order changes.
    const order = round % 2 === 0 ? able : [...able].reverse();
    for (const { workloads, times } of order) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < measure.calls; i++) await measure.run(workloads, call + i);
      const us = Number(process.hrtime.bigint() - start) / 1e3 / measure.calls;
      if (round >= 0) times.push(us);
    }
    call += measure.calls;
  }
  console.log(`\n${measure.name}   (aim: ${measure.aim})`);
  for (const { name, times } of able) {
    const middle = median(times);
    // Round by round: what disturbs the machine disturbs neighbours alike.
    const ratio = median(times.map((time, i) => time / (base?.times[i] ?? Number.NaN)));
    ratios.set(name, [...(ratios.get(name) ?? []), ratio]);
    console.log(
      `  ${name.padEnd(44)} ${middle.toFixed(1).padStart(11)} us ${ratio.toFixed(2).padStart(7)} x`,
    );
  }
}
