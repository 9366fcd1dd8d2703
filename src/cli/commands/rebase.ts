/** `limbeck rebase REV`: puts a line of revisions that is not applied behind another one. */

import type { RebaseResult } from '../../migration/types.js';
import { defineVerb } from '../verb.js';

export const rebase = defineVerb<{ readonly onto?: string }, RebaseResult>({
  usage: 'rebase <revision>',
  summary: 'put a line of revisions that is not applied behind the other head',
  options: [{ flags: '--onto <revision>', words: 'the new parent, instead of the other head' }],
  run: async ({ args: [revision = ''], options: { onto }, open }) =>
    (await open()).rebase(revision, { onto }),
  print: ({ rebased }, { output }) => {
    for (const { revision, from, to } of rebased) {
      output.line(`Rebased ${revision}: ${from.join(', ') || '<base>'} -> ${to}`);
    }
  },
});
