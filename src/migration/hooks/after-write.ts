/** `afterWrite`: what the configuration does with a new migration file, a function or a command by itself. */

import { execFile } from 'node:child_process';
import { error } from '../../base/error-codes.js';
import { awaitHook } from './call.js';
import type { AfterWrite, MigrationHooks } from './types.js';

/** Alembic's word for the path, where it is not to stand at the end. */
const PATH_TOKEN = 'REVISION_SCRIPT_FILENAME';

/** As much of what a command said as an error shows. */
const SHOWN_CHARACTERS = 2000;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Runs all of them in their order.
 *
 * @param directory where commands run; the working directory when undefined
 * @throws HOOK_FAILED, AFTER_WRITE_FAILED; the file stays as it is then
 */
export async function runAfterWrite(
  { afterWrite }: MigrationHooks,
  path: string,
  directory: string | undefined,
): Promise<void> {
  for (const each of listOf(afterWrite)) {
    if (typeof each === 'function') await awaitHook('afterWrite', async () => void (await each(path)));
    else await runCommand(each, path, directory);
  }
}

/** One function, one command as a list of texts, or a list of such. */
function listOf(given: MigrationHooks['afterWrite']): readonly AfterWrite[] {
  if (given === undefined) return [];
  if (typeof given === 'function' || isCommand(given)) return [given];
  return given;
}

function isCommand(given: readonly AfterWrite[] | readonly string[]): given is readonly string[] {
  return typeof given[0] === 'string';
}

async function runCommand(
  words: readonly string[],
  path: string,
  directory: string | undefined,
): Promise<void> {
  const given = words.includes(PATH_TOKEN)
    ? words.map((word) => (word === PATH_TOKEN ? path : word))
    : [...words, path];
  const [program = '', ...args] = given;
  const failure = await run(program, args, directory);
  if (failure !== undefined) {
    throw error('AFTER_WRITE_FAILED', { command: words.join(' '), path, reason: failure });
  }
}

/** @returns why it failed, in words */
function run(
  program: string,
  args: readonly string[],
  directory: string | undefined,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { ...(directory !== undefined && { cwd: directory }), maxBuffer: MAX_BYTES };
    execFile(program, args, options, (failure, stdout, stderr) => {
      if (failure === null) return resolve(undefined);
      const { code, signal } = failure;
      const said = (stderr.trim() || stdout.trim()).slice(-SHOWN_CHARACTERS);
      const what =
        typeof code === 'number'
          ? `ended with status ${code}`
          : signal
            ? `was ended by ${signal}`
            : `could not be run (${code ?? failure.message})`;
      resolve(said === '' ? `${what}.` : `${what}:\n${said}`);
    });
  });
}
