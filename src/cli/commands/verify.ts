/** `limbeck verify`: whether the database is still what its migrations have made; a failure says what is not. */

import { error } from '../../base/error-codes.js';
import type { VerifyOptions, VerifyResult } from '../../migration/types.js';
import { printGenerated } from '../print.js';
import { defineVerb, MESSAGE, REV_ID } from '../verb.js';

export const verify = defineVerb<VerifyOptions, VerifyResult>({
  usage: 'verify',
  summary: 'fail when the database has been changed by other hands than its migrations',
  options: [
    { flags: '--sql', words: 'print the SQL that leads back to what the files say' },
    { flags: '--adopt', words: 'write a migration that does elsewhere what was done here' },
    MESSAGE,
    REV_ID,
    { flags: '--head <revision>', words: 'what the written migration follows, when there are several heads' },
    { flags: '--version-path <folder>', words: 'where to write it, when there are several folders' },
  ],
  run: async ({ options, open }) => {
    refuseContradictions(options);
    return (await open()).verify(options);
  },
  print: ({ sql, adopted, changes, next }, { output }) => {
    if (sql !== undefined && sql !== '') return output.line(sql.replace(/\n$/, ''));
    if (changes.length === 0) return output.status('No drift: the database is what the files say.');
    printGenerated(adopted ?? null, { output });
    const [here, elsewhere] = next;
    output.note('hint', `This database has it already: \`${here}\` says so. Elsewhere: \`${elsewhere}\`.`);
  },
});

function refuseContradictions({ sql, adopt, message, revId }: VerifyOptions): void {
  if (sql && adopt)
    throw error('CLI_USAGE', {
      problem: '--sql leads back and --adopt leaves what is there: say one of them',
    });
  if (!adopt && (message !== undefined || revId !== undefined))
    throw error('CLI_USAGE', { problem: '-m and --rev-id speak of the migration that --adopt writes' });
}
