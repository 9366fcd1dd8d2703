/**
 * Asks a person on a terminal what only a person can decide. The library behind it is loaded with the first
 * question, and draws on standard error: standard output belongs to what was asked for.
 */

import { error } from '../base/error-codes.js';
import type { Decider } from '../migration/types.js';

/** Whether there is a person to ask. */
export function canAsk(streams: {
  readonly stdin: { isTTY?: boolean };
  readonly stderr: { isTTY?: boolean };
}): boolean {
  return streams.stdin.isTTY === true && streams.stderr.isTTY === true;
}

/** The questions of a revision; leaving one with Ctrl-C ends the command before anything is written. */
export function createDecider(streams: {
  readonly stdin: NodeJS.ReadableStream;
  readonly stderr: NodeJS.WritableStream;
}): Decider {
  const context = { input: streams.stdin, output: streams.stderr };
  return {
    rename: async ({ what, name, to }) => {
      const { select } = await import('@inquirer/prompts');
      const message = `${what} '${name}' is gone. Was it renamed?`;
      const choices = [
        ...to.map((value) => ({ name: `renamed to '${value}'`, value: value as string | null })),
        { name: 'dropped, with what it holds', value: null },
      ];
      return asked(message, select<string | null>({ message, choices }, context));
    },
    fill: async ({ column, type, rows }) => {
      const { input } = await import('@inquirer/prompts');
      const count =
        rows === undefined ? 'rows that are' : rows === 1 ? 'the row that is' : `the ${rows} rows that are`;
      const message = `'${column}' (${type}) is NOT NULL. Its value in ${count} there:`;
      return asked(message, input({ message, required: true }, context));
    },
  };
}

async function asked<T>(question: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    const isCancelled =
      cause instanceof Error && /^(ExitPromptError|CancelPromptError|AbortPromptError)$/.test(cause.name);
    throw isCancelled ? error('PROMPT_CANCELLED', { question }, { cause }) : cause;
  }
}
