/** The flags that settle what autogenerate cannot know; `revision` and `diff` take the same ones. */

import type { RevisionOptions } from '../migration/types.js';
import type { OptionDeclaration } from './verb.js';

export const RENAMES: readonly OptionDeclaration[] = [
  { flags: '--rename <T.C:NEW>', words: 'a column, or a table as T:NEW, that was renamed', repeat: true },
  { flags: '--rename-value <ENUM.V:NEW>', words: 'a value of an enum that was renamed', repeat: true },
  {
    flags: '--drop <T.C>',
    words: 'a column, or a table as T, that is dropped and not renamed',
    repeat: true,
  },
  { flags: '--no-rename', words: 'nothing that is left was renamed' },
];

export interface RenameOptions {
  readonly rename?: readonly string[];
  readonly renameValue?: readonly string[];
  readonly drop?: readonly string[];
  readonly noRename?: boolean;
}

export function renameOptions({
  rename,
  renameValue,
  drop,
  noRename,
}: RenameOptions): Pick<RevisionOptions, 'renames' | 'renameValues' | 'drops' | 'noRename'> {
  return { renames: rename, renameValues: renameValue, drops: drop, noRename };
}
