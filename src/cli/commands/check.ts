/** `limbeck check`: whether the models ask for a new revision; a failure says for what. */

import type { Difference } from '../../migration/types.js';
import { NOTHING_DETECTED } from '../print.js';
import { defineVerb, FROM_MIGRATIONS, type FromMigrations } from '../verb.js';

export const check = defineVerb<FromMigrations, Difference>({
  usage: 'check',
  summary: 'fail when the models have changes that no revision has',
  options: [FROM_MIGRATIONS],
  // What is different is the failure's message; told twice it would only be longer.
  run: async ({ options: { fromMigrations }, open }) =>
    (await open({ isQuiet: true })).check({ fromMigrations }),
  print: ({ warnings }, { output }) => {
    for (const warning of warnings) output.note('Warning', warning);
    output.line(NOTHING_DETECTED);
  },
});
