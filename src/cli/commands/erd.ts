/** `limbeck erd`: a picture of tables and their foreign keys. */

import { error } from '../../base/error-codes.js';
import { ERD_FORMATS } from '../../diagrams/format.js';
import type { ErdResult } from '../../migration/types.js';
import { askedFormat, type PictureOptions, pictureOptions, printPicture, saved } from '../picture.js';
import { defineVerb } from '../verb.js';

interface ErdFlags extends PictureOptions {
  readonly database?: boolean;
  readonly revision?: string;
  readonly changes?: string;
}

export const erd = defineVerb<ErdFlags, ErdResult>({
  usage: 'erd',
  summary: 'draw the tables and what refers to what',
  options: [
    ...pictureOptions(ERD_FORMATS),
    { flags: '--database', words: 'of the database, instead of the models' },
    { flags: '--revision <revision>', words: 'of what the files make up to this revision' },
    { flags: '--changes <revision>', words: 'of what this revision adds, removes and changes' },
  ],
  run: async (call) => {
    const { options, output, open } = call;
    const format = askedFormat(options, ERD_FORMATS);
    const { database, revision, changes } = options;
    if ([database, revision, changes].filter((given) => given !== undefined).length > 1) {
      const problem = 'one picture shows one of --database, --revision and --changes';
      throw error('CLI_USAGE', { problem, cure: 'Draw them one by one.' });
    }
    const screen = options.output === undefined ? output.screen : {};
    return saved(await (await open()).erd({ format, database, revision, changes, ...screen }), call);
  },
  print: printPicture,
});
