/**
 * What one command is: the words it is called with, the method it calls, and how its result is printed. Files
 * in `commands/` each declare one; `args.ts` reads their options, `program.ts` runs them.
 */

import type { ResolvedConfig } from '../config.js';
import type { Migrations } from '../migration/types.js';
import type { Output } from './output.js';

/** Options that every command takes, before or after the verb. */
export interface GlobalOptions {
  readonly config?: string;
  readonly name?: string;
  readonly x: Readonly<Record<string, string>>;
  readonly raiseerr: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** One option: commander's flags, its words, and whether it may be given several times. */
export interface OptionDeclaration {
  readonly flags: string;
  readonly words: string;
  readonly repeat?: boolean;
}

/** One call of a command, arguments read and configuration at hand when asked for. */
export interface Call<O> {
  /** Positional arguments in their order. */
  readonly args: readonly string[];
  readonly options: Readonly<O>;
  readonly global: GlobalOptions;
  readonly cwd: string;
  readonly output: Output;
  /** Finds and loads the configuration. */
  config(): Promise<ResolvedConfig>;
  /**
   * The commands as methods, for the configuration that is meant.
   *
   * @param wishes `asks`: a person may be asked, where there is one; `isQuiet`: nothing is told as it happens
   */
  open(wishes?: { readonly asks?: boolean; readonly isQuiet?: boolean }): Promise<Migrations>;
}

export interface Verb<O = unknown, R = unknown> {
  /** As commander reads it: `upgrade <revision>`. */
  readonly usage: string;
  readonly summary: string;
  readonly options?: readonly OptionDeclaration[];
  /** @returns what `--json` prints */
  run(call: Call<O>): Promise<R>;
  /** Prints the result for a person; not called with `--json`. */
  print(result: R, call: Call<O>): void;
}

/** Ties the types of a verb's options and result together, and forgets them for the list of all verbs. */
export function defineVerb<O, R>(verb: Verb<O, R>): Verb {
  return verb as unknown as Verb;
}

export const VERBOSE: OptionDeclaration = { flags: '-v, --verbose', words: 'tell more of each revision' };
export const SQL: OptionDeclaration = { flags: '--sql', words: 'print the SQL instead of running it' };
export const TAG: OptionDeclaration = {
  flags: '--tag <tag>',
  words: 'an arbitrary word for the migrations to read',
};
export const MESSAGE: OptionDeclaration = { flags: '-m, --message <text>', words: 'what the revision does' };
export const SPLICE: OptionDeclaration = {
  flags: '--splice',
  words: 'allow a revision that is no head as the parent',
};
export const BRANCH_LABEL: OptionDeclaration = {
  flags: '--branch-label <label>',
  words: 'a name for the branch',
};
export const REV_ID: OptionDeclaration = {
  flags: '--rev-id <id>',
  words: 'the identifier, instead of a made one',
};

export interface FromMigrations {
  readonly fromMigrations?: boolean;
}
export const FROM_MIGRATIONS: OptionDeclaration = {
  flags: '--from-migrations',
  words: 'compare with what the migration files make of an empty database; none is needed',
};
