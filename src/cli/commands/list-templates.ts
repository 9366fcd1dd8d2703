/** `limbeck list_templates`: what `init` can make. */

import { TEMPLATES } from '../scaffold.js';
import { defineVerb } from '../verb.js';

export const listTemplates = defineVerb<object, Readonly<Record<string, string>>>({
  usage: 'list_templates',
  summary: 'list what init can make',
  run: async () =>
    Object.fromEntries(Object.entries(TEMPLATES).map(([name, { synopsis }]) => [name, synopsis])),
  print: (templates, { output }) => {
    output.line('Available templates:\n');
    for (const [name, synopsis] of Object.entries(templates)) output.line(`${name} - ${synopsis}`);
    output.line(
      "\nTemplates are used via the 'init' command, e.g.:\n\n  limbeck init --template generic ./migrations",
    );
  },
});
