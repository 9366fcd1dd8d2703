/** How the results that several commands share are printed. */

import type { RevisionEntry, RevisionResult, RunOptions, RunResult } from '../migration/types.js';
import type { Call } from './verb.js';

/** A run was told as it happened; what is left is the script, where one was asked for. */
export function printRun(result: RunResult, { output }: Call<RunOptions>): void {
  if (result.sql !== undefined) output.line(result.sql.replace(/\n$/, ''));
}

/** One entry after the other; each knows its own lines. */
export function printEntries(
  entries: readonly RevisionEntry[],
  { output }: Pick<Call<unknown>, 'output'>,
): void {
  for (const { text } of entries) output.line(text);
}

export function printGenerated(made: RevisionResult | null, { output }: Pick<Call<unknown>, 'output'>): void {
  if (made === null) output.status(NOTHING_DETECTED);
  else output.done('Generating', made.path);
}

export const NOTHING_DETECTED = 'No new upgrade operations detected.';
