/** What a logger is told, and the loggers that a configuration can name. Data only: what is told stays as it was. */

import type { IsolationLevel } from '../dialects/contract.js';

/** One statement, when it is over. */
export interface QueryEntry {
  readonly kind: 'query';
  readonly sql: string;
  /** Its first word: `SELECT`, `BEGIN`. */
  readonly operation: string;
  readonly durationMs: number;
  /** How many rows it returned or wrote; absent where it failed, or was several statements. */
  readonly rows?: number;
  /** It took `slowQueryMs` or longer. */
  readonly slow?: true;
  /** Only with `logParameters`; bytes are shortened. */
  readonly parameters?: readonly unknown[];
  readonly error?: unknown;
}

/** An outermost transaction has begun, or has ended. */
export interface TransactionEntry {
  readonly kind: 'transaction';
  /** `unknown`: the answer to its COMMIT never came. */
  readonly event: 'begin' | 'commit' | 'rollback' | 'unknown';
  readonly isolation?: IsolationLevel;
  readonly readOnly?: true;
  /** From BEGIN to its end. */
  readonly durationMs?: number;
  /** Why it was rolled back. */
  readonly error?: unknown;
}

/** A connection broke, could not be made, or was not to be had in time. */
export interface ConnectionEntry {
  readonly kind: 'connection';
  readonly problem: 'lost' | 'failed' | 'timeout';
  readonly error: unknown;
}

/** A transaction has failed and will run again after a pause. */
export interface RetryEntry {
  readonly kind: 'retry';
  /** The attempt that has failed, from 1. */
  readonly attempt: number;
  /** How many there may be in all. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly error: unknown;
}

/** Something that a person should look at. */
export interface WarningEntry {
  readonly kind: 'warning';
  readonly message: string;
  readonly error?: unknown;
}

export type LogEntry = QueryEntry | TransactionEntry | ConnectionEntry | RetryEntry | WarningEntry;

export type Logger = (entry: LogEntry) => void;

/** Writes a line an entry to the console: problems to standard error, the rest to standard output. */
export const consoleLogger: Logger = (entry) => {
  const line = lineOf(entry);
  const isProblem = 'error' in entry || entry.kind === 'warning';
  if (isProblem) console.error(line);
  else console.log(line);
};

function lineOf(entry: LogEntry): string {
  switch (entry.kind) {
    case 'query': {
      const { sql, durationMs, rows, slow, parameters, error } = entry;
      const values = parameters === undefined ? '' : ` -- ${parameters.map(shortText).join(', ')}`;
      const result = error === undefined ? `${rows ?? 0} rows` : `failed: ${messageOf(error)}`;
      return `${slow ? 'slow query' : 'query'} (${durationMs.toFixed(1)} ms, ${result}): ${sql}${values}`;
    }
    case 'transaction':
      return `transaction ${entry.event}${entry.error === undefined ? '' : `: ${messageOf(entry.error)}`}`;
    case 'connection':
      return `connection ${entry.problem}: ${messageOf(entry.error)}`;
    case 'retry':
      return `transaction again in ${entry.delayMs.toFixed(0)} ms (attempt ${entry.attempt} of ${entry.attempts} failed): ${messageOf(entry.error)}`;
    case 'warning':
      return `warning: ${entry.message}`;
    default:
      return String(entry satisfies never);
  }
}

function messageOf(cause: unknown): string {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  const [first] = String(message ?? cause).split('\n', 1);
  return typeof code === 'string' ? `${code}, ${first}` : String(first);
}

function shortText(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
}
