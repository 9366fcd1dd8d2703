/** `limbeck ensure_version`: makes the version table where it is missing. */

import type { RunOptions, RunResult } from '../../migration/types.js';
import { printRun } from '../print.js';
import { defineVerb, SQL } from '../verb.js';

export const ensureVersion = defineVerb<RunOptions, RunResult>({
  usage: 'ensure_version',
  summary: 'create the version table if it is missing',
  options: [SQL],
  run: async ({ options, open }) => (await open()).ensureVersion({ sql: options.sql }),
  print: printRun,
});
