/** `limbeck merge REV…`: a revision that joins several. */

import type { MergeOptions, RevisionResult } from '../../migration/types.js';
import { printGenerated } from '../print.js';
import { BRANCH_LABEL, defineVerb, MESSAGE, REV_ID, SPLICE } from '../verb.js';

export const merge = defineVerb<MergeOptions, RevisionResult>({
  usage: 'merge <revisions...>',
  summary: 'join several revisions, such as heads, in a new one',
  options: [MESSAGE, BRANCH_LABEL, REV_ID, SPLICE],
  run: async ({ args, options, open }) => {
    const { message, branchLabel, revId, splice } = options;
    return (await open()).merge(args, { message, branchLabel, revId, splice });
  },
  print: printGenerated,
});
