/** `limbeck diff`: what autogenerate would do, without doing it. */

import type { Difference } from '../../migration/types.js';
import { NOTHING_DETECTED } from '../print.js';
import { RENAMES, type RenameOptions, renameOptions } from '../renames.js';
import { defineVerb, FROM_MIGRATIONS, type FromMigrations } from '../verb.js';

export const diff = defineVerb<RenameOptions & FromMigrations, Difference>({
  usage: 'diff',
  summary: 'show what revision --autogenerate would write',
  options: [FROM_MIGRATIONS, ...RENAMES],
  run: async ({ options, open }) =>
    (await open({ isQuiet: true })).diff({
      fromMigrations: options.fromMigrations,
      ...renameOptions(options),
    }),
  print: ({ changes, warnings }, { output }) => {
    for (const change of changes) output.line(change);
    for (const warning of warnings) output.note('Warning', warning);
    if (changes.length === 0) output.line(NOTHING_DETECTED);
  },
});
