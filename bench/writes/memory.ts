/** `npm run bench memory`: what a process grows by at the most while it reads or writes 100,000 rows. */

import { fork } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { candidates } from './candidates.js';
import { ask, makeSeed } from './index.js';
import type { MemoryTask } from './worker.js';

const TASKS: readonly (readonly [MemoryTask, string])[] = [
  ['readAll', 'find of 100,000 rows'],
  ['stream', 'stream of 100,000 rows'],
  ['insertMany', 'insert of 100,000 rows'],
  ['readManaged', 'unit of work of 100,000 rows'],
];

export async function memory(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-bench-'));
  try {
    const seed = path.join(folder, 'seed.db');
    await makeSeed(seed, 100_000);
    for (const [task, title] of TASKS) {
      console.log(`\n${title}`);
      for (const { name } of candidates()) {
        const mb = await grownBy(seed, path.join(folder, 'copy.db'), name, task);
        if (mb !== undefined) console.log(`  ${name.padEnd(44)} ${mb.toFixed(0).padStart(6)} MB`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, on a file of its own. */
async function grownBy(
  seed: string,
  file: string,
  candidate: string,
  task: MemoryTask,
): Promise<number | undefined> {
  for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  copyFileSync(seed, file);
  const worker = fork(path.join(__dirname, 'worker.ts'));
  try {
    await ask(worker, { kind: 'open', candidate, file });
    return (await ask(worker, { kind: 'memory', task })).mb;
  } finally {
    worker.kill();
  }
}
