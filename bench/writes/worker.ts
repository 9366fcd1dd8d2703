/** A process of its own for one candidate, so that nobody pays for the garbage of another. */

import { candidates } from './candidates.js';
import { MEASURES, newNote } from './measures.js';
import type { Workloads } from './workloads.js';

/** What is asked of a worker; it answers with `Answer` or with what failed. */
export type Order =
  | { readonly kind: 'open'; readonly candidate: string; readonly file: string }
  | { readonly kind: 'first'; readonly measure: string }
  | { readonly kind: 'round'; readonly measure: string; readonly call: number }
  | { readonly kind: 'memory'; readonly task: MemoryTask }
  | { readonly kind: 'close' };

export type MemoryTask = 'readAll' | 'stream' | 'insertMany' | 'readManaged';

export interface Answer {
  /** Megabytes that the process has grown by at the most. */
  readonly mb?: number;
  readonly text?: string | undefined;
  /** Microseconds of the processor. */
  readonly us?: number;
  readonly failure?: string;
}

let workloads: Workloads;

async function obey(order: Order): Promise<Answer> {
  if (order.kind === 'open') {
    const candidate = candidates().find(({ name }) => name === order.candidate);
    workloads = await (candidate as NonNullable<typeof candidate>).open(order.file);
    return {};
  }
  if (order.kind === 'close') {
    await workloads.close();
    return {};
  }
  if (order.kind === 'memory') return measureMemory(order.task);
  const measure = MEASURES.find(({ name }) => name === order.measure) as (typeof MEASURES)[number];
  if (order.kind === 'first') {
    await measure.prepare?.(workloads);
    const first = measure.run(workloads, 0);
    return first === undefined ? {} : { text: JSON.stringify((await first) ?? null) };
  }
  for (let i = 0; i < measure.calls; i++) await measure.prepare?.(workloads);
  const start = process.cpuUsage();
  for (let i = 0; i < measure.calls; i++) await measure.run(workloads, order.call + i);
  const { user, system } = process.cpuUsage(start);
  return { us: (user + system) / measure.calls };
}

const MANY = 100_000;

/** The notes to insert are there before, as they are anywhere. */
async function measureMemory(task: MemoryTask): Promise<Answer> {
  const { run } = { run: workloads[task] };
  if (run === undefined) return {};
  const list = task === 'insertMany' ? Array.from({ length: MANY }, (_, i) => newNote(i)) : [];
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const count = await (run as (given: typeof list) => Promise<number>).call(workloads, list);
  if (count !== MANY) throw new Error(`${task} tells of ${count} rows, not of ${MANY}`);
  // In kilobytes, whatever the system.
  return { mb: Math.max(0, process.resourceUsage().maxRSS / 1_024 - before / 2 ** 20) };
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (cause) => process.send?.({ failure: cause instanceof Error ? cause.stack : String(cause) }),
  );
});
