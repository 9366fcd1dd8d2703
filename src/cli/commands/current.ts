/** `limbeck current`: the revisions that the database stands at. */

import type { RevisionEntry } from '../../migration/types.js';
import { printEntries } from '../print.js';
import { defineVerb, VERBOSE } from '../verb.js';

export const current = defineVerb<
  { readonly verbose?: boolean; readonly checkHeads?: boolean },
  readonly RevisionEntry[]
>({
  usage: 'current',
  summary: 'show the revisions that the database stands at',
  // Alembic's short form for the second is -c, which is the configuration here.
  options: [VERBOSE, { flags: '--check-heads', words: 'fail unless the database is on all heads' }],
  run: async ({ options, open }) =>
    (await open()).current({ verbose: options.verbose ?? false, checkHeads: options.checkHeads ?? false }),
  print: printEntries,
});
