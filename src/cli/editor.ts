/** Opens files in the user's editor and waits until it is closed. */

import { spawn } from 'node:child_process';
import { error } from '../base/error-codes.js';

/** @throws EDITOR_FAILED when none is named, it cannot be started, or it fails */
export async function openEditor(files: readonly string[]): Promise<void> {
  const editor = process.env.VISUAL || process.env.EDITOR;
  if (!editor) throw error('EDITOR_FAILED', { problem: 'neither VISUAL nor EDITOR is set' });
  // The variable is a command line ("code --wait"), so a shell reads it, as it does for git; files stay apart.
  const child =
    process.platform === 'win32'
      ? spawn([editor, ...files.map((file) => `"${file}"`)].join(' '), { stdio: 'inherit', shell: true })
      : spawn('sh', ['-c', `${editor} "$@"`, editor, ...files], { stdio: 'inherit' });
  const problem = await new Promise<string | undefined>((resolve) => {
    child.on('error', (cause) => resolve(cause.message));
    child.on('exit', (status, signal) =>
      resolve(status === 0 ? undefined : `'${editor}' ended with ${signal ?? status}`),
    );
  });
  if (problem !== undefined) throw error('EDITOR_FAILED', { problem });
}
