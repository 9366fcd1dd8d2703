// biome-ignore-all lint/suspicious/noTemplateCurlyInString: names that would run if they got into a template
/** Names and texts that break what is quoted wrongly, compared loosely or used as a key of a plain object. */

import type { Choices } from './arbitrary-choices';

const PLAIN = [
  'id',
  'name',
  'title',
  'author_id',
  'price',
  'status',
  'a',
  'b',
  'c',
  'books',
  'authors',
  'created_at',
];

const ODD = [
  ...[
    'select',
    'order',
    'group',
    'table',
    'key',
    'end',
    'and',
    'null',
    'default',
    'text',
    'date',
    'rank',
    'index',
  ],
  ...[
    'two words',
    ' leading',
    'trailing ',
    'a\tb',
    'line\nbreak',
    'say "hi"',
    '"',
    '""',
    "it's",
    "'",
    '`tick`',
    '[x]',
  ],
  ...[
    'a]b',
    '[',
    'a.b',
    'a:b',
    'a.b:c"d',
    '.',
    ':',
    '1st',
    '2023',
    '0x1F',
    '1e5',
    'größe',
    '日本語',
    'İı',
    'ß',
  ],
  ...[
    '😀',
    'a😀b',
    'Ω',
    'e\u0301',
    '\u00a0',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
  ],
  ...[
    'CamelCase',
    'camelCase',
    'Name',
    'NAME',
    'Id',
    'A',
    'B',
    '$1',
    '?',
    '%s',
    '@x',
    '#',
    '--',
    '/*',
    '*/',
    ';',
    '\\',
  ],
  ...[
    "'); DROP TABLE x; --",
    '${x}',
    '`${1}`',
    'a,b',
    '(',
    ')',
    'lower("a")',
    '-',
    'a_moving',
    '_',
    'x'.repeat(64),
  ],
  `long_${'name_'.repeat(14)}of_more_than_seventy_bytes`,
  `lang_${'ä'.repeat(40)}`,
];

const TEXTS = [
  ...[
    '',
    'x',
    "it's",
    'say "hi"',
    '`',
    '\\',
    "\\'",
    "''",
    'line\nbreak',
    '😀',
    '--',
    '/* x */',
    '; DROP TABLE x',
  ],
  ...['NULL', 'true', '0', 'CURRENT_TIMESTAMP', '(1)', '${x}', 'ä', '__proto__', ' ', '%'],
];

export interface NameRules {
  /** Names that differ in case only are the same name. */
  readonly ignoreCase: boolean;
}

/** Names in one space. */
export class NameSpace {
  readonly #taken = new Set<string>();
  readonly #fold: (name: string) => string;

  constructor(rules: NameRules, taken: Iterable<string> = []) {
    this.#fold = rules.ignoreCase ? (name) => name.toUpperCase().toLowerCase() : (name) => name;
    for (const name of taken) this.take(name);
  }

  take(name: string): void {
    this.#taken.add(this.#fold(name));
  }

  has(name: string): boolean {
    return this.#taken.has(this.#fold(name));
  }

  /** A name that is free, taken from now on. */
  draw(choices: Choices, suggestion?: string): string {
    const wish =
      suggestion !== undefined && !choices.chance(30)
        ? suggestion
        : choices.pick(choices.chance(50) ? ODD : PLAIN);
    let name = wish;
    for (let i = 2; this.has(name); i++) name = `${wish}_${i}`;
    this.take(name);
    return name;
  }
}

/** A text as it may stand in a literal, a comment or an enum. */
export function text(choices: Choices): string {
  return choices.pick(TEXTS);
}

/** A name in double quotes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in single quotes. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The names in double quotes in an expression; a scanner of its own, so that tests do not trust the tokenizer. */
export function quotedNames(sql: string): string[] {
  const names: string[] = [];
  for (const [run] of sql.matchAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g)) {
    if (run.startsWith('"')) names.push(run.slice(1, -1).replaceAll('""', '"'));
  }
  return names;
}
