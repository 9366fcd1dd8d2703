/**
 * Where a command's words go. Standard output has what was asked for, and nothing else; what happens meanwhile,
 * warnings and failures go to standard error. Colour only where a person looks.
 */

import path from 'node:path';
import { inspect } from 'node:util';
import pc from 'picocolors';
import { isLimbeckError, type LimbeckError } from '../base/errors.js';
import type { Screen } from '../diagrams/paint.js';
import type { FailureDocument, MigrationEvent } from '../migration/types.js';

/** As much of a stream as is needed. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface OutputOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Paths are shown relative to it. */
  readonly cwd: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly raiseerr: boolean;
}

export interface Output {
  /** A line that was asked for. */
  line(text: string): void;
  /** `Generating <path> ... done`, for each file that was written. */
  done(action: string, file: string): void;
  /** A line that is nice to know. */
  status(text: string): void;
  /** A warning or a hint, on standard error. */
  note(kind: 'Warning' | 'hint', text: string): void;
  event(event: MigrationEvent): void;
  /** One JSON document. */
  document(value: unknown): void;
  failure(cause: unknown): void;
  path(file: string): string;
  /** What standard output can show; nothing is known of a file or a pipe. */
  readonly screen: Screen;
}

export function createOutput(options: OutputOptions): Output {
  const { stdout, stderr, cwd, json, quiet, raiseerr } = options;
  const colours = pc.createColors(stderr.isTTY === true && pc.isColorSupported);
  const silent = quiet || json;
  const out = (text: string): void => void stdout.write(`${text}\n`);
  const err = (text: string): void => void stderr.write(`${text}\n`);
  const told = (text: string): void => {
    if (!silent) err(text);
  };
  const show = (file: string): string => {
    const shown = path.relative(cwd, file);
    return shown === '' || shown.startsWith('..') || path.isAbsolute(shown) ? file : shown;
  };

  return {
    path: show,
    screen: stdout.isTTY ? { width: stdout.columns, colours: pc.isColorSupported } : {},
    line: out,
    status: (text) => {
      if (!silent) out(text);
    },
    done: (action, file) => {
      if (!silent) out(`${action} ${show(file)} ... done`);
    },
    note: (kind, text) => told(`${colours.yellow(`${kind}:`)} ${text}`),
    event: (event) => {
      if (event.kind === 'running') return told(event.step.line);
      if (event.kind === 'warning') return told(`${colours.yellow('Warning:')} ${event.text}`);
      const change = event.text.replace(/^Detected /, '');
      return told(`${colours.green('Detected')} ${change}`);
    },
    document: (value) => out(toJson(value)),
    failure: (cause) => {
      if (raiseerr) err(inspect(cause));
      if (json) return out(toJson(failureDocument(cause)));
      const { message, hint } = failureDocument(cause).error;
      err(`${colours.red('FAILED:')} ${message}`);
      for (const line of decisionLines(cause, `${message}\n${hint}`)) err(line);
      if (hint !== null) err(`${colours.yellow('hint:')} ${hint}`);
    },
  };
}

/** An error as `--json` tells it. */
export function failureDocument(cause: unknown): FailureDocument {
  if (isLimbeckError(cause)) {
    const { code, message, hint, context } = cause;
    return { error: { code, message, hint: hint ?? null, context } };
  }
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const hint =
    'This is not an error that Limbeck knows. Run again with --raiseerr to see where it comes from.';
  return { error: { code: 'UNEXPECTED', message, hint, context: {} } };
}

/** Whether an error is a decision that only a person can take. */
export function isDecision(cause: unknown): cause is LimbeckError {
  return isLimbeckError(cause) && cause.name === 'DecisionNeededError';
}

/** What can be decided and the flags that do it, one a line, where message and hint do not say so already. */
function decisionLines(cause: unknown, told: string): readonly string[] {
  if (!isDecision(cause)) return [];
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const candidates = list(cause.context.candidates).flatMap(candidateText);
  const flags = list(cause.context.flags).map(String);
  return [...candidates, ...flags].filter((text) => !told.includes(text)).map((text) => `  ${text}`);
}

/** Candidates that are data only are for `--json`. */
function candidateText(candidate: unknown): readonly string[] {
  if (typeof candidate !== 'object' || candidate === null) return [String(candidate)];
  const { text } = candidate as { readonly text?: unknown };
  return typeof text === 'string' ? [text] : [];
}

/** JSON of anything: a `bigint` becomes a number where it is exact and text where not, a circle is cut. */
export function toJson(value: unknown, indent = 2): string {
  const above: unknown[] = [];
  const text = JSON.stringify(
    value,
    function (this: unknown, _key, inner: unknown) {
      if (typeof inner === 'bigint')
        return Number.isSafeInteger(Number(inner)) ? Number(inner) : String(inner);
      if (inner instanceof Error) return { name: inner.name, message: inner.message };
      if (typeof inner !== 'object' || inner === null) return inner;
      // `this` is the holder: everything behind it on the way down is left again.
      while (above.length > 0 && above.at(-1) !== this) above.pop();
      if (above.includes(inner)) return '[circular]';
      above.push(inner);
      return inner;
    },
    indent,
  );
  return text ?? 'null';
}
