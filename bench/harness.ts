/**
 * Measures candidates in interleaved rounds and prints medians and ratios. Absolute times are noise on
 * shared machines; a ratio from one run is what counts.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** One way of doing the work; `prepare` is not timed. */
export interface Candidate {
  readonly name: string;
  readonly prepare?: (folder: string) => Promise<void> | void;
  readonly run: (folder: string) => Promise<void> | void;
}

export interface Comparison {
  readonly title: string;
  readonly rounds: number;
  /** The first one is what the others are compared with. */
  readonly candidates: readonly Candidate[];
  /** What we aim at, in words. */
  readonly aim?: string;
}

/** Runs a comparison: every round does each candidate once, each in a folder of its own. */
export async function compare({ title, rounds, candidates, aim }: Comparison): Promise<void> {
  const times = new Map(candidates.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, prepare, run } of candidates) {
      const folder = mkdtempSync(path.join(tmpdir(), 'limbeck-bench-'));
      try {
        await prepare?.(folder);
        const start = process.hrtime.bigint();
        await run(folder);
        const ms = Number(process.hrtime.bigint() - start) / 1e6;
        // The first round warms up.
        if (round > 0) times.get(name)?.push(ms);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  const base = median(times.get(candidates[0]?.name ?? '') ?? []);
  console.log(`\n${title}${aim === undefined ? '' : `   (aim: ${aim})`}`);
  for (const [name, list] of times) {
    const middle = median(list);
    const ratio = (middle / base).toFixed(2).padStart(7);
    console.log(`  ${name.padEnd(44)} ${middle.toFixed(2).padStart(10)} ms ${ratio} x`);
  }
}

export function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
