// Where data folders of test servers stand: in memory where there is enough of it, for schemas are made and dropped
// all the time and nothing must outlive a run.
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 4 * 1024 ** 3;

/** The folder in which servers make theirs. */
export function dataRoot(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Everywhere they may stand, for tidying up. */
export function dataRoots(): readonly string[] {
  return [...new Set([tmpdir(), dataRoot()])];
}
