/** `limbeck heads`: the revisions that no other one follows. */

import type { RevisionEntry } from '../../migration/types.js';
import { printEntries } from '../print.js';
import { defineVerb, VERBOSE } from '../verb.js';

export const heads = defineVerb<
  { readonly verbose?: boolean; readonly resolveDependencies?: boolean },
  readonly RevisionEntry[]
>({
  usage: 'heads',
  summary: 'list the heads of the migrations',
  options: [
    VERBOSE,
    { flags: '--resolve-dependencies', words: 'count a revision that another one depends on as followed' },
  ],
  run: async ({ options, open }) =>
    (await open()).heads({
      verbose: options.verbose ?? false,
      resolveDependencies: options.resolveDependencies ?? false,
    }),
  print: printEntries,
});
