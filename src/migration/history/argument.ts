/** The grammar of a revision argument, `[BRANCH@][SYMBOL][+N|-N]` or `[START]:[END]`, without any meaning yet. */

import { error } from '../../base/error-codes.js';

/** A revision argument taken apart. */
export interface RevisionArgument {
  /** As given. */
  readonly text: string;
  /** What stands before the `@`: a label, or any revision of the branch. */
  readonly branch: string | undefined;
  /** An id, the beginning of one, a label, or head, heads, base, current; undefined in `+2`. */
  readonly symbol: string | undefined;
  /** Steps up (positive) or down from the symbol. */
  readonly steps: number;
  /** The steps as written, `+2`; undefined where there are none. */
  readonly offset: string | undefined;
}

/** A range as written; an end that was left out is undefined. */
export interface RevisionRange {
  readonly start: string | undefined;
  readonly end: string | undefined;
}

const GRAMMAR = /^(?:([^@]*)@)?([^@]*?)([+-]\d+)?$/;

/**
 * Takes an argument apart.
 *
 * @throws REVISION_ARGUMENT_INVALID when it is empty or has a part too many; RANGE_NOT_ALLOWED for a range
 */
export function parseArgument(text: string): RevisionArgument {
  if (text.includes(':')) throw error('RANGE_NOT_ALLOWED', { argument: text });
  const match = GRAMMAR.exec(text);
  if (match === null) {
    throw error('REVISION_ARGUMENT_INVALID', { argument: text, problem: 'only one @ is possible' });
  }
  const [, branch, symbol, offset] = match;
  if (branch === '') {
    throw error('REVISION_ARGUMENT_INVALID', { argument: text, problem: 'there is no branch before the @' });
  }
  if (symbol === '' && offset === undefined) {
    const problem = branch === undefined ? 'the argument is empty' : 'there is no revision after the @';
    throw error('REVISION_ARGUMENT_INVALID', { argument: text, problem });
  }
  return { text, branch, symbol: symbol || undefined, steps: Number(offset ?? 0), offset };
}

/** Whether an argument is a range, which only `history` and `--sql` take. */
export function isRange(text: string): boolean {
  return text.includes(':');
}

/**
 * Takes a range apart: `A:B`, `A:`, `:B`, `:`.
 *
 * @throws HISTORY_RANGE_INVALID when there is not exactly one colon
 */
export function parseRange(text: string): RevisionRange {
  const [start, end, ...more] = text.trim().split(':');
  if (start === undefined || end === undefined || more.length > 0) {
    throw error('HISTORY_RANGE_INVALID', { range: text });
  }
  return { start: start.trim() || undefined, end: end.trim() || undefined };
}
