/** `limbeck edit REV`: opens a migration in the editor. */

import { error } from '../../base/error-codes.js';
import { openEditor } from '../editor.js';
import { defineVerb } from '../verb.js';

export const edit = defineVerb<object, { readonly paths: readonly string[] }>({
  usage: 'edit <revision>',
  summary: 'open a migration in $VISUAL or $EDITOR',
  run: async ({ args: [revision = ''], open }) => {
    const entries = await (await open()).show(revision);
    const paths = entries.flatMap(({ path }) => (path === null ? [] : [path]));
    if (paths.length === 0)
      throw error('EDITOR_FAILED', { problem: `no revision files indicated by symbol '${revision}'` });
    await openEditor(paths);
    return { paths };
  },
  print: () => {},
});
