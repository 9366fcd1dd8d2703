/** `limbeck branches`: the revisions at which the history divides. */

import type { RevisionEntry } from '../../migration/types.js';
import { printEntries } from '../print.js';
import { defineVerb, VERBOSE } from '../verb.js';

export const branches = defineVerb<{ readonly verbose?: boolean }, readonly RevisionEntry[]>({
  usage: 'branches',
  summary: 'show where the history divides',
  options: [VERBOSE],
  run: async ({ options, open }) => (await open()).branches({ verbose: options.verbose ?? false }),
  print: printEntries,
});
