/** `limbeck merge REV…`: a revision that joins several. */

import type { MergeOptions, MergeResult } from '../../migration/types.js';
import { printGenerated } from '../print.js';
import { BRANCH_LABEL, defineVerb, MESSAGE, REV_ID, SPLICE } from '../verb.js';

export const merge = defineVerb<MergeOptions, MergeResult>({
  usage: 'merge <revisions...>',
  summary: 'join several revisions, such as heads, in a new one',
  options: [
    MESSAGE,
    BRANCH_LABEL,
    REV_ID,
    SPLICE,
    { flags: '--allow-clash <reason>', words: 'join lines that come out differently in another order' },
  ],
  run: async ({ args, options, open }) => {
    const { message, branchLabel, revId, splice, allowClash } = options;
    return (await open()).merge(args, { message, branchLabel, revId, splice, allowClash });
  },
  print: printGenerated,
});
