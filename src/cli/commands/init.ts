/** `limbeck init [DIR]`: a first configuration and a folder for migrations. */

import { type Scaffold, scaffold } from '../scaffold.js';
import { defineVerb } from '../verb.js';

export const init = defineVerb<{ readonly template?: string }, Scaffold>({
  usage: 'init [directory]',
  summary: 'make a configuration and a folder for migrations (migrations, if no other is named)',
  options: [{ flags: '-t, --template <name>', words: 'see list_templates; generic when absent' }],
  run: async ({ args: [directory = 'migrations'], options, global, cwd }) =>
    scaffold({ directory, template: options.template ?? 'generic', configFile: global.config, cwd }),
  print: (made, { output }) => {
    if (made.createdDirectory) output.done('Creating directory', made.directory);
    if (made.createdConfig) output.done('Generating', made.config);
    else output.status(`File ${output.path(made.config)} already exists, skipping`);
    if (made.createdConfig)
      output.status(`Please edit 'url' and 'entities' in ${output.path(made.config)} before proceeding.`);
    if (made.missing.length > 0)
      output.note('hint', `Install what loads it: npm install -D ${made.missing.join(' ')}`);
  },
});
