/** `limbeck history`: the revisions, the newest first. */

import type { RevisionEntry } from '../../migration/types.js';
import { printEntries } from '../print.js';
import { defineVerb, VERBOSE } from '../verb.js';

interface HistoryOptions {
  readonly revRange?: string;
  readonly verbose?: boolean;
  readonly indicateCurrent?: boolean;
}

export const history = defineVerb<HistoryOptions, readonly RevisionEntry[]>({
  usage: 'history',
  summary: 'list the revisions, the newest first',
  options: [
    { flags: '-r, --rev-range <range>', words: 'only these: START:END, START:, :END, -3:current' },
    VERBOSE,
    { flags: '-i, --indicate-current', words: 'mark where the database stands' },
  ],
  run: async ({ options, open }) =>
    (await open()).history({
      verbose: options.verbose ?? false,
      indicateCurrent: options.indicateCurrent ?? false,
      ...(options.revRange === undefined ? {} : { range: options.revRange }),
    }),
  print: printEntries,
});
