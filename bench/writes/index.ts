/**
 * `npm run bench writes [WORKLOAD …]`: every way to write on SQLite, against code written by hand and peers.
 *
 * Each candidate has a process of its own, and they take turns round by round. What counts is the processor's time,
 * not the clock's: others may use the machine, and SQLite waits for nobody.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from '../harness.js';
import { candidates } from './candidates.js';
import { fill } from './library.js';
import { openLimbeck } from './limbeck.js';
import { MEASURES, type Measure } from './measures.js';
import type { Answer, Order } from './worker.js';
import { writtenBy } from './written.js';

export async function writes(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-bench-'));
  const opened: Opened[] = [];
  try {
    const seed = path.join(folder, 'seed.db');
    await makeSeed(seed);
    for (const [i, { name }] of candidates().entries()) {
      const file = path.join(folder, `${i}.db`);
      copyFileSync(seed, file);
      const worker = fork(path.join(__dirname, 'worker.ts'));
      opened.push({ name, file, worker });
      await ask(worker, { kind: 'open', candidate: name, file });
    }
    const wanted = MEASURES.filter(({ name }) => names.length === 0 || names.some((n) => name.includes(n)));
    const ratios = new Map<string, number[]>();
    for (const measure of wanted) await measureOne(measure, opened, ratios);
    console.log('\ngeometric mean over these rows');
    for (const [name, list] of ratios) {
      const mean = Math.exp(list.reduce((sum, ratio) => sum + Math.log(ratio), 0) / list.length);
      console.log(`  ${name.padEnd(44)} ${mean.toFixed(2)} x (${list.length} rows)`);
    }
    for (const { worker } of opened) await ask(worker, { kind: 'close' });
  } finally {
    for (const { worker } of opened) worker.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Opened {
  readonly name: string;
  readonly file: string;
  readonly worker: ChildProcess;
}

interface Able extends Opened {
  readonly answer: string;
  readonly times: number[];
}

export function ask(worker: ChildProcess, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the process of a candidate has ended'));
    worker.once('exit', ended);
    worker.once('message', (answer: Answer) => {
      worker.off('exit', ended);
      if (answer.failure === undefined) resolve(answer);
      else reject(new Error(answer.failure));
    });
    worker.send(order);
  });
}

export async function makeSeed(file: string, notes?: number): Promise<void> {
  const db = await openLimbeck(file);
  await db.createSchema();
  await db.destroy();
  fill(file, notes);
}

/** Whoever can do it; all must give the same answer and leave the same rows behind. */
async function whoCan(measure: Measure, opened: readonly Opened[]): Promise<Able[]> {
  const able: Able[] = [];
  for (const each of opened) {
    const { text } = await ask(each.worker, { kind: 'first', measure: measure.name });
    if (text !== undefined) able.push({ ...each, answer: `${text} ${writtenBy(each.file)}`, times: [] });
  }
  const [base] = able;
  for (const { name, answer } of able) {
    if (answer === base?.answer) continue;
    const at = [...answer].findIndex((char, i) => char !== base?.answer[i]);
    const around = (text = ''): string => text.slice(Math.max(0, at - 60), at + 60);
    throw new Error(`${measure.name}: ${name} answers …${around(answer)}… and not …${around(base?.answer)}…`);
  }
  return able;
}

async function measureOne(
  measure: Measure,
  opened: readonly Opened[],
  ratios: Map<string, number[]>,
): Promise<void> {
  const able = await whoCan(measure, opened);
  const [base] = able;
  let call = 1;
  for (let round = -8; round < measure.rounds; round++) {
    const order = round % 2 === 0 ? able : [...able].reverse();
    for (const { worker, times } of order) {
      const { us = Number.NaN } = await ask(worker, { kind: 'round', measure: measure.name, call });
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
