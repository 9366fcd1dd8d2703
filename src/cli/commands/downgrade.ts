/** `limbeck downgrade REV`: takes revisions back down to one. */

import type { RunOptions, RunResult } from '../../migration/types.js';
import { printRun } from '../print.js';
import { defineVerb, SQL, TAG } from '../verb.js';

export const downgrade = defineVerb<RunOptions, RunResult>({
  usage: 'downgrade <revision>',
  summary: 'take revisions back down to this one: base, -1, an identifier; FROM:TO with --sql',
  options: [SQL, TAG],
  run: async ({ args: [target = ''], options, open }) =>
    (await open()).downgrade(target, { sql: options.sql, tag: options.tag }),
  print: printRun,
});
