/** Reads parts of what SHOW CREATE TABLE prints, which tells expressions as the server keeps them. */

/**
 * What follows a name in its line. Strings are printed with their line breaks escaped, names are not.
 *
 * @param start what the line begins with, behind two blanks
 */
export function lineOf(printed: string, start: string): string | undefined {
  const at = printed.indexOf(`\n  ${start}`);
  if (at === -1) return undefined;
  const rest = printed.slice(at + 3);
  const line = /^(?:'(?:[^'\\]|''|\\[\s\S])*'|`(?:[^`]|``)*`|[^\n'`])*/.exec(rest)?.[0] ?? '';
  return line.replace(/,$/, '');
}

/** What stands in the parentheses that follow some words. */
export function insideOf(line: string, words: string): string | undefined {
  const parts = /'(?:[^'\\]|''|\\[\s\S])*'|`(?:[^`]|``)*`|[()]|[^'`()]+/g;
  let depth = 0;
  let open: number | undefined;
  for (let match = parts.exec(line); match !== null; match = parts.exec(line)) {
    const [part] = match;
    if (open === undefined) {
      const before = line.slice(0, match.index);
      if (part !== '(' || depth > 0 || !before.trimEnd().endsWith(words)) {
        if (part === '(') depth++;
        else if (part === ')') depth--;
        continue;
      }
      open = match.index;
      depth = 1;
    } else if (part === '(') depth++;
    else if (part === ')' && --depth === 0) return line.slice(open + 1, match.index);
  }
  return undefined;
}

/** What stands behind DEFAULT, up to the words that may follow it. */
export function defaultOf(line: string): string | undefined {
  const parts = /'(?:[^'\\]|''|\\[\s\S])*'|`(?:[^`]|``)*`|[()]|[^\s'`()]+|\s+/g;
  let depth = 0;
  let from: number | undefined;
  for (let match = parts.exec(line); match !== null; match = parts.exec(line)) {
    const [part] = match;
    if (part === '(') depth++;
    else if (part === ')') depth--;
    if (depth > 0) continue;
    if (from === undefined) {
      if (part === 'DEFAULT') from = match.index + part.length;
    } else if (/^(?:ON|COMMENT|CHECK|INVISIBLE|COLLATE)$/.test(part))
      return line.slice(from, match.index).trim();
  }
  return from === undefined ? undefined : line.slice(from).trim();
}
