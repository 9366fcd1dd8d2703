/** `limbeck revision`: writes a new migration, empty or with what the models ask for. */

import { error } from '../../base/error-codes.js';
import type { RevisionResult } from '../../migration/types.js';
import { parseFills } from '../args.js';
import { printGenerated } from '../print.js';
import { RENAMES, type RenameOptions, renameOptions } from '../renames.js';
import {
  BRANCH_LABEL,
  defineVerb,
  FROM_MIGRATIONS,
  type FromMigrations,
  MESSAGE,
  REV_ID,
  SPLICE,
} from '../verb.js';

interface Options extends RenameOptions, FromMigrations {
  readonly message?: string;
  readonly autogenerate?: boolean;
  readonly sql?: boolean;
  readonly head?: string;
  readonly splice?: boolean;
  readonly branchLabel?: string;
  readonly versionPath?: string;
  readonly revId?: string;
  readonly dependsOn?: readonly string[];
  readonly fill?: readonly string[];
}

export const revision = defineVerb<Options, RevisionResult | null>({
  usage: 'revision',
  summary: 'write a new migration',
  options: [
    MESSAGE,
    { flags: '--autogenerate', words: 'fill it with what the models have and the database has not' },
    FROM_MIGRATIONS,
    { flags: '--sql', words: 'refused, as in Alembic: a migration holds no SQL' },
    { flags: '--head <revision>', words: 'what it follows; head when absent, base for a new beginning' },
    SPLICE,
    BRANCH_LABEL,
    { flags: '--version-path <folder>', words: 'where to write it, when there are several folders' },
    REV_ID,
    { flags: '--depends-on <revision>', words: 'what else must be applied before it', repeat: true },
    ...RENAMES,
    {
      flags: '--fill <T.C=LITERAL>',
      words: 'the value of a new NOT NULL column in the rows that are there',
      repeat: true,
    },
  ],
  run: async ({ options, open }) => {
    refuseContradictions(options);
    const { message, autogenerate, head, splice, branchLabel, versionPath, revId, dependsOn } = options;
    const fills = options.fill && parseFills(options.fill);
    const { fromMigrations } = options;
    const migrations = await open({ asks: true });
    return migrations.revision({
      ...{
        message,
        autogenerate,
        fromMigrations,
        head,
        splice,
        branchLabel,
        versionPath,
        revId,
        dependsOn,
        fills,
      },
      ...renameOptions(options),
    });
  },
  print: printGenerated,
});

function refuseContradictions({ sql, autogenerate, fromMigrations }: Options): void {
  if (fromMigrations && !autogenerate) {
    throw error('CLI_USAGE', { problem: '--from-migrations says what --autogenerate compares with' });
  }
  if (!sql) return;
  const what = autogenerate ? '--autogenerate' : 'the revision command';
  const cure = 'Write the revision, then print its SQL: limbeck upgrade --sql REV';
  throw error('CLI_USAGE', { problem: `Using --sql with ${what} does not make any sense`, cure });
}
