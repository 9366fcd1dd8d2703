/** `limbeck repair REV…`: accepts files that are not what was applied. */

import type { RepairResult } from '../../migration/types.js';
import { defineVerb } from '../verb.js';

export const repair = defineVerb<object, RepairResult>({
  usage: 'repair <revisions...>',
  summary: 'take the files of applied revisions as they are now; full identifiers',
  run: async ({ args, open }) => (await open()).repair(args),
  print: ({ repaired }, { output }) => {
    for (const { revision, kind } of repaired) output.line(`Repaired ${revision} (${kind})`);
  },
});
