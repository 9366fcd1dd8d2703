/**
 * A walk through the documentation, read so that it can be gone: the commands of its `console` blocks with what
 * they print, and the edits of its `diff` blocks, section by section.
 */

export type Step =
  | { readonly kind: 'command'; readonly line: string; readonly output: string }
  | { readonly kind: 'edit'; readonly file: string; readonly hunks: readonly Hunk[] }
  | { readonly kind: 'file'; readonly text: string };

/** Lines that give way to others; where none do, the new ones stand behind `after`. */
export interface Hunk {
  readonly after: string | undefined;
  readonly before: string | undefined;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** The fenced blocks of a text, with the words behind their fence. */
export function blocksOf(text: string): { readonly language: string; readonly text: string }[] {
  return [...text.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    text: body,
  }));
}

/** A section of a Markdown text, up to the next heading of its level or above. */
export function sectionOf(text: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`There is no heading '${heading}'`);
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The steps of a section. */
export function stepsOf(section: string): Step[] {
  return blocksOf(section).flatMap(({ language, text }): Step[] => {
    if (language === 'console') return commandsOf(text);
    if (language === 'diff') return [editOf(text)];
    return language === 'ts' ? [{ kind: 'file', text }] : [];
  });
}

function commandsOf(text: string): Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [line = '', ...output] = part.split('\n');
      return { kind: 'command', line, output: output.join('\n').trimEnd() };
    });
}

function editOf(text: string): Step {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const file = /^--- (\S+)$/.exec(head)?.[1];
  if (file === undefined) throw new Error(`A diff begins with '--- FILE', not with '${head}'`);
  const hunks: {
    after: string | undefined;
    before: string | undefined;
    removed: string[];
    added: string[];
  }[] = [];
  let context: string | undefined;
  let open: (typeof hunks)[number] | undefined;
  for (const line of lines) {
    const [sign, rest] = [line[0], line.slice(1)];
    if (sign !== '-' && sign !== '+') {
      context = rest.trim() === '' ? undefined : rest;
      if (open !== undefined && context !== undefined) open.before = context;
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = { after: context, before: undefined, removed: [], added: [] };
      hunks.push(open);
    }
    (sign === '-' ? open.removed : open.added).push(rest);
  }
  return { kind: 'edit', file, hunks };
}

/** A text after an edit. @throws where a line that the edit speaks of is not there exactly once */
export function applyEdit(text: string, hunks: readonly Hunk[]): string {
  return hunks.reduce((now, { after, before, removed, added }) => {
    const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('');
    const [old, fresh] =
      removed.length > 0
        ? [lines(removed), lines(added)]
        : after !== undefined
          ? [`${after}\n`, `${after}\n${lines(added)}`]
          : [`${before}\n`, `${lines(added)}${before}\n`];
    const count = now.split(old).length - 1;
    if (count !== 1) throw new Error(`Found ${count} times, not once:\n${old}in:\n${now}`);
    return now.replace(old, () => fresh);
  }, text);
}

const IDENTIFIER = /(?<![0-9a-z])[0-9a-f]{12}(?![0-9a-z])/g;

/** Identifiers of revisions: those that the text made up, and those that a run made in their place. */
export class Identifiers {
  readonly #real = new Map<string, string>();

  /** Learns which is which, where both texts are the same but for identifiers and dates. */
  learn(written: string, real: string): void {
    const found = real.match(IDENTIFIER) ?? [];
    for (const [i, id] of (written.match(IDENTIFIER) ?? []).entries()) {
      const made = found[i];
      if (made !== undefined && !this.#real.has(id)) this.#real.set(id, made);
    }
  }

  /** A written text with the identifiers of the run. */
  inPlace(written: string): string {
    return written.replace(IDENTIFIER, (id) => this.#real.get(id) ?? id);
  }
}
