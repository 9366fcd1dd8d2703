/** `limbeck show REV`: everything about a revision. */

import type { RevisionEntry } from '../../migration/types.js';
import { printEntries } from '../print.js';
import { defineVerb } from '../verb.js';

export const show = defineVerb<object, readonly RevisionEntry[]>({
  usage: 'show <revision>',
  summary: 'tell everything about a revision; current, heads and the like are understood',
  run: async ({ args: [revision = ''], open }) => (await open()).show(revision),
  print: printEntries,
});
