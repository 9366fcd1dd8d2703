/** `limbeck check`: whether the models ask for a new revision; a failure says for what. */

import type { Difference } from '../../migration/types.js';
import { NOTHING_DETECTED } from '../print.js';
import { defineVerb } from '../verb.js';

export const check = defineVerb<object, Difference>({
  usage: 'check',
  summary: 'fail when the models have changes that no revision has',
  // What is different is the failure's message; told twice it would only be longer.
  run: async ({ open }) => (await open({ isQuiet: true })).check(),
  print: (_, { output }) => output.line(NOTHING_DETECTED),
});
