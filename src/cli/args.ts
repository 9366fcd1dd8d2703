/**
 * From the words of a command line to one call, without running anything. Commander reads the options; what it
 * takes for a mistake becomes CLI_USAGE with its suggestion as the hint.
 */

import { Command, CommanderError, Option } from 'commander';
import { error } from '../base/error-codes.js';
import type { GlobalOptions, OptionDeclaration, Verb } from './verb.js';

/** What the words mean: a call of a verb, or a text that was asked for. */
export type Invocation =
  | {
      readonly kind: 'call';
      readonly verb: Verb;
      readonly args: readonly string[];
      readonly options: Readonly<Record<string, unknown>>;
      readonly global: GlobalOptions;
    }
  /** Help or the version; `isAsked` is false where it stands in for a command that is missing. */
  | { readonly kind: 'text'; readonly text: string; readonly isAsked: boolean };

const GLOBAL_OPTIONS: readonly OptionDeclaration[] = [
  { flags: '-c, --config <file>', words: 'the configuration, instead of ormconfig.* in this folder' },
  { flags: '-n, --name <name>', words: 'which of several configurations' },
  { flags: '-x <key=value>', words: 'an argument for the migrations to read', repeat: true },
  { flags: '--raiseerr', words: 'show the stack trace of a failure' },
  { flags: '--json', words: 'print the result as one JSON document' },
  { flags: '-q, --quiet', words: 'print nothing but what was asked for, and errors' },
];

/**
 * Reads a command line.
 *
 * @param argv words after the program's name
 * @param version printed for `--version`
 * @throws CLI_USAGE with the nearest name
 */
export function parseArguments(argv: readonly string[], verbs: readonly Verb[], version: string): Invocation {
  let texts = '';
  let called: Omit<Extract<Invocation, { kind: 'call' }>, 'global' | 'kind'> | undefined;
  const program = new Command('limbeck');
  const setUp = (command: Command): Command =>
    addOptions(command, GLOBAL_OPTIONS)
      .version(`limbeck ${version}`, '--version')
      .exitOverride()
      .configureOutput({
        writeOut: (text) => (texts += text),
        writeErr: (text) => (texts += text),
        outputError: () => {},
      });

  // Else `revision -m --json` would lose its message to the program's own option.
  setUp(program).enablePositionalOptions().description('Migrations and more for Limbeck.');
  for (const verb of verbs) {
    const command = setUp(program.command(verb.usage).description(verb.summary));
    addOptions(command, verb.options ?? []).action(() => {
      called = {
        verb,
        args: command.processedArgs.flat().filter(isText).map(unmark),
        options: unmarkAll(command.opts()),
      };
    });
  }
  try {
    program.parse(argv.map(mark), { from: 'user' });
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    const isAsked = cause.code === 'commander.version' || cause.code === 'commander.helpDisplayed';
    if (isAsked || cause.code === 'commander.help') return { kind: 'text', text: texts, isAsked };
    throw usageError(cause);
  }
  if (called === undefined) return { kind: 'text', text: program.helpInformation(), isAsked: false };
  return {
    kind: 'call',
    ...called,
    global: globalOptions(unmarkAll(program.opts()), called.options),
  };
}

function addOptions(command: Command, declarations: readonly OptionDeclaration[]): Command {
  for (const { flags, words, repeat } of declarations) {
    const option = new Option(flags, words);
    // `--no-rename` is a flag of its own; commander takes it for the opposite of `--rename` and lets one win.
    option.negate = false;
    if (repeat) option.argParser((value: string, before: readonly string[] = []) => [...before, value]);
    command.addOption(option);
  }
  return command;
}

/**
 * `-1`, `-2:head` are revisions, not options: no option of ours begins with a digit. They are marked while
 * commander reads, which knows negative numbers but not ranges.
 */
const MARK = '\0';
const mark = (word: string): string => (/^-\d/.test(word) ? MARK + word : word);
const unmark = (word: string): string => (word.startsWith(MARK) ? word.slice(MARK.length) : word);
const isText = (value: unknown): value is string => typeof value === 'string';

function unmarkAll(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const plain = (value: unknown): unknown =>
    isText(value) ? unmark(value) : Array.isArray(value) ? value.map(plain) : value;
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, plain(value)]));
}

type RawOptions = Readonly<Record<string, unknown>>;

/** Of both places; what stands after the verb counts more. */
function globalOptions(before: RawOptions, after: RawOptions): GlobalOptions {
  const both = { ...before, ...after };
  const texts = [before.x, after.x].flat().filter(isText);
  return {
    ...(isText(both.config) ? { config: both.config } : {}),
    ...(isText(both.name) ? { name: both.name } : {}),
    x: Object.fromEntries(texts.map(keyAndValue)),
    raiseerr: both.raiseerr === true,
    json: both.json === true,
    quiet: both.quiet === true,
  };
}

/** `-x data=true`, `-x data`: without a value it is empty, as in Alembic. */
function keyAndValue(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

function usageError(cause: CommanderError): Error {
  const [problem = '', suggestion] = cause.message
    .replace(/^error: /, '')
    .replaceAll(MARK, '')
    .split(/\n\(|\)$/);
  return error('CLI_USAGE', { problem, cure: suggestion });
}

/**
 * `--fill books.genre=unknown` for each new column, read.
 *
 * @param words `T.C=LITERAL`; a name with a dot or an equals sign stands in double quotes
 * @returns by `T.C`; a number, `true`, `false`, text in single quotes (doubled inside) or as it is
 * @throws CLI_USAGE
 */
export function parseFills(words: readonly string[]): Readonly<Record<string, string | number | boolean>> {
  const fills = new Map<string, string | number | boolean>();
  for (const word of words) {
    const [, column, literal] = /^((?:"(?:[^"]|"")*"|[^="])+)=(.*)$/s.exec(word) ?? [];
    const cure =
      'Write --fill TABLE.COLUMN=VALUE, for example --fill books.genre=unknown or --fill books.pages=0.';
    if (column === undefined || literal === undefined)
      throw error('CLI_USAGE', { problem: `--fill '${word}' names no value`, cure });
    if (fills.has(column)) throw error('CLI_USAGE', { problem: `--fill names '${column}' twice`, cure });
    fills.set(column, parseLiteral(literal));
  }
  // A null prototype: a table may be called `__proto__`.
  return Object.assign(Object.create(null) as object, Object.fromEntries(fills));
}

function parseLiteral(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const quoted = /^'((?:[^']|'')*)'$/s.exec(text)?.[1];
  if (quoted !== undefined) return quoted.replaceAll("''", "'");
  // Only a number that comes back as it was written: '007' and what a double cannot hold stay text.
  return /^-?\d/.test(text) && String(Number(text)) === text ? Number(text) : text;
}
