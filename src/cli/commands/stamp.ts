/** `limbeck stamp REV…`: writes the version table without running anything. */

import type { RunOptions, RunResult } from '../../migration/types.js';
import { printRun } from '../print.js';
import { defineVerb, SQL, TAG } from '../verb.js';

export const stamp = defineVerb<RunOptions & { readonly purge?: boolean }, RunResult>({
  usage: 'stamp <revisions...>',
  summary: 'say that the database stands at these revisions, without running them',
  options: [SQL, TAG, { flags: '--purge', words: 'delete all rows of the version table first' }],
  run: async ({ args, options, open }) =>
    (await open()).stamp(args, { sql: options.sql, tag: options.tag, purge: options.purge ?? false }),
  print: printRun,
});
