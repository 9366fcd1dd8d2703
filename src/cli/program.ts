/**
 * Runs one command line: reads it, opens what the verb asks for, prints the result or the failure, and says
 * with which status the process should end. Everything slow is loaded after the words are known to make sense.
 */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type { ResolvedConfig } from '../config.js';
import { type Invocation, parseArguments } from './args.js';
import { VERBS } from './commands/index.js';
import { createOutput, isDecision, type Output } from './output.js';
import { canAsk, createDecider } from './prompts.js';
import type { Call, GlobalOptions } from './verb.js';

/** What a process has; a test brings its own. */
export interface Io {
  readonly cwd: string;
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;
const DECISION_NEEDED = 3;

/**
 * Runs a command line to its end. Never throws and never exits.
 *
 * @param argv words after the program's name
 * @returns 0 done · 1 failed · 2 wrong usage · 3 a decision that only a person can take
 */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  const early = earlyOptions(argv);
  let output = createOutput({ ...io, ...early });
  try {
    const invocation = parseArguments(argv, VERBS, packageVersion());
    if (invocation.kind === 'text') {
      if (!invocation.isAsked && early.json) throw error('CLI_USAGE', { problem: 'a command is missing' });
      (invocation.isAsked ? io.stdout : io.stderr).write(invocation.text);
      return invocation.isAsked ? DONE : WRONG_USAGE;
    }
    output = createOutput({ ...io, ...invocation.global });
    await runVerb(invocation, output, io);
    return DONE;
  } catch (cause) {
    output.failure(cause);
    if (cause instanceof Error) told.add(cause);
    return statusOf(cause);
  }
}

/** What somebody has been told of already: one failure may come by two ways. */
const told = new WeakSet<Error>();

/**
 * Tells of a failure that `runCommandLine` cannot know of, because nothing in it waits for what failed.
 *
 * @returns the status with which the process should end
 */
export function tellFailure(argv: readonly string[], io: Io, cause: unknown): number {
  const isTold = cause instanceof Error && told.has(cause);
  if (!isTold) createOutput({ ...io, ...earlyOptions(argv) }).failure(cause);
  return statusOf(cause);
}

/** How a failure is told, which must be known before the words are read, for they may be what fails. */
function earlyOptions(argv: readonly string[]): Pick<GlobalOptions, 'json' | 'quiet' | 'raiseerr'> {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  return { json: words.includes('--json'), quiet: false, raiseerr: words.includes('--raiseerr') };
}

async function runVerb(invocation: Invocation & { kind: 'call' }, output: Output, io: Io): Promise<void> {
  const { verb, args, options, global } = invocation;
  const config = (): Promise<ResolvedConfig> => findAndLoad(global, io.cwd);
  const call: Call<unknown> = {
    args,
    options,
    global,
    cwd: io.cwd,
    output,
    config,
    open: async ({ asks = false, isQuiet = false } = {}) => {
      const { openMigrations } = await import('../migrations.js');
      const mayAsk = asks && !global.json && !global.quiet && canAsk(io);
      return openMigrations(await config(), {
        x: global.x,
        ...(isQuiet ? {} : { onEvent: output.event }),
        ...(mayAsk ? { decider: createDecider(io) } : {}),
      });
    },
  };
  const result = await verb.run(call);
  if (global.json) output.document(result ?? null);
  else verb.print(result, call);
}

async function findAndLoad(global: GlobalOptions, cwd: string): Promise<ResolvedConfig> {
  const { findConfig, loadConfig, pickConfig } = await import('../loading/config.js');
  return pickConfig(await loadConfig(findConfig(cwd, global.config)), global.name);
}

function statusOf(cause: unknown): number {
  if (isLimbeckError(cause) && cause.code === 'CLI_USAGE') return WRONG_USAGE;
  return isDecision(cause) ? DECISION_NEEDED : FAILED;
}

function packageVersion(): string {
  const manifest = path.join(__dirname, '../../package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
