/** Codes of finding, reading and loading what a user wrote: configuration, entities, and the command line. */

import { ConfigError, DriverMissingError, MigrationError, UsageError } from '../errors.js';

/** One mistake in a configuration. */
export interface ConfigProblem {
  /** The key that it is about; '' for the whole. */
  readonly key: string;
  /** What is wrong and what to write instead, as sentences. Never holds a value, which may be a password. */
  readonly problem: string;
}

export interface Broken {
  readonly file: string;
  /** The original's message. */
  readonly reason: string;
  /** `path:line:column` of the first line that belongs to the user, where it is known. */
  readonly at?: string | undefined;
  /** What to do, where the reason tells it. */
  readonly cure?: string | undefined;
}

const problemLine = ({ key, problem }: ConfigProblem): string =>
  `  - ${key === '' ? '' : `${key}: `}${problem}`;
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

export const CONFIG_CODES = {
  CONFIG_MISSING: {
    type: ConfigError,
    message: (c: { searched: readonly string[] }) =>
      `No configuration was found: looked for ${c.searched.join(', ')}.`,
    hint: 'Run `limbeck init` to make one, or name yours with -c FILE or in the variable LIMBECK_CONFIG.',
  },
  CONFIG_INVALID: {
    type: ConfigError,
    message: (c: { file?: string | undefined; problems: readonly ConfigProblem[] }) =>
      [
        `${c.problems.length === 1 ? 'One mistake' : `${c.problems.length} mistakes`} in the configuration${c.file === undefined ? '' : ` (${c.file})`}:`,
        ...c.problems.map(problemLine),
      ].join('\n'),
  },
  CONFIG_NAME_UNKNOWN: {
    type: ConfigError,
    message: (c: { name: string | undefined; names: readonly string[]; nearest?: string | undefined }) =>
      c.name === undefined
        ? `Several databases are configured (${quoted(c.names)}): which one is meant?`
        : `No configuration is named '${c.name}'; there ${c.names.length === 1 ? 'is' : 'are'} ${quoted(c.names)}.`,
    hint: (c: { name: string | undefined; names: readonly string[]; nearest?: string | undefined }) =>
      c.nearest === undefined ? 'Say which one with -n NAME.' : `Did you mean '${c.nearest}'?`,
  },
  MODULE_BROKEN: {
    type: ConfigError,
    message: (c: Broken) => `Cannot load ${c.file}: ${c.reason}${c.at === undefined ? '' : ` (${c.at})`}`,
    hint: (c: Broken) => c.cure,
  },
  ENTITIES_NOT_FOUND: {
    type: ConfigError,
    message: (c: {
      globs: readonly string[];
      directory: string;
      extensions: readonly string[];
      files: number;
    }) =>
      c.globs.length === 0
        ? 'The configuration names no entities.'
        : c.files === 0
          ? `No entity was found: no file ending in ${c.extensions.join(' or ')} matches ${quoted(c.globs)} in ${c.directory}.`
          : `No entity was found: ${c.files === 1 ? 'one file matches' : `${c.files} files match`} ${quoted(c.globs)} in ${c.directory}, but none exports a class with @Entity().`,
    hint: 'Globs are relative to the configuration and match files with its own extension: check `entities`, and export the classes.',
  },
  TYPESCRIPT_MISSING: {
    type: DriverMissingError,
    message: (c: { file: string; package: string }) => `Loading ${c.file} needs the package '${c.package}'.`,
    hint: 'Install it: npm install -D ts-node typescript',
  },
  CLI_USAGE: {
    type: UsageError,
    message: (c: { problem: string; cure?: string | undefined }) => c.problem,
    hint: (c: { problem: string; cure?: string | undefined }) => c.cure ?? 'See `limbeck --help`.',
  },
  PICTURE_FORMAT_UNKNOWN: {
    type: UsageError,
    message: (c: { format: string; formats: readonly string[] }) => `There is no format '${c.format}'.`,
    hint: (c: { format: string; formats: readonly string[] }) => `Formats: ${c.formats.join(', ')}.`,
  },
  PICTURE_OF_TWO: {
    type: UsageError,
    message: (c: { asked: readonly string[] }) => `One picture cannot show ${c.asked.join(' and ')}.`,
    hint: 'Draw them one by one; what is not said is a picture of the models.',
  },
  PICTURE_NOT_WRITTEN: {
    type: MigrationError,
    message: (c: { file: string; reason: string }) =>
      `The picture cannot be written to ${c.file}: ${c.reason}.`,
    hint: 'See that the folder exists and that you may write to it.',
  },
  COMMAND_UNFINISHED: {
    type: MigrationError,
    message: (_: Record<string, never>) => 'The process ended before the command was done.',
    hint: 'Look in the configuration and in the migrations for a promise that is never settled, or for process.exit().',
  },
  INIT_NOT_EMPTY: {
    type: ConfigError,
    message: (c: { directory: string }) => `Directory ${c.directory} already exists and is not empty`,
    hint: 'Name another directory: limbeck init DIRECTORY',
  },
  TEMPLATE_UNKNOWN: {
    type: ConfigError,
    message: (c: { template: string; templates: readonly string[] }) => `No such template '${c.template}'`,
    hint: (c: { template: string; templates: readonly string[] }) => `There are ${quoted(c.templates)}.`,
  },
  EDITOR_FAILED: {
    type: ConfigError,
    message: (c: { problem: string }) => `The editor could not be used: ${c.problem}.`,
    hint: 'Name your editor in the variable VISUAL or EDITOR.',
  },
  PROMPT_CANCELLED: {
    type: UsageError,
    message: (_: { question: string }) => 'Cancelled; nothing was written.',
  },
};
