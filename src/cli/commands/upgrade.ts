/** `limbeck upgrade REV`: applies revisions up to one. */

import type { RunOptions, RunResult } from '../../migration/types.js';
import { printRun } from '../print.js';
import { defineVerb, SQL, TAG } from '../verb.js';

export const upgrade = defineVerb<RunOptions, RunResult>({
  usage: 'upgrade <revision>',
  summary: 'apply revisions up to this one: head, heads, +1, an identifier, LABEL@head',
  options: [SQL, TAG],
  run: async ({ args: [target = ''], options, open }) =>
    (await open()).upgrade(target, { sql: options.sql, tag: options.tag }),
  print: printRun,
});
