/**
 * A script → its statements. A semicolon ends one, but for those in quotes and comments and in the body of a
 * trigger or routine, which goes from BEGIN to its END.
 */

/** Quoted text with MySQL's backslashes, names, comments, words, and whatever else stands alone. */
const PART =
  /'(?:[^'\\]|\\[\s\S]|'')*'?|"(?:[^"\\]|\\[\s\S]|"")*"?|`(?:[^`]|``)*`?|--(?=\s|$)[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\p{L}_$][\p{L}\p{N}_$]*|[\s\S]/gu;

const HAS_BODY = /^create(?: \S+)*? (?:trigger|procedure|function|event|package)\b|^begin not atomic/;
/** `END IF` and its kin close what was never counted. */
const INNER_ENDS: ReadonlySet<string> = new Set(['if', 'loop', 'while', 'repeat', 'for']);

/** The statements of a script, without their semicolons; what holds nothing but blanks and comments is left out. */
export function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let words: string[] = [];
  let depth = 0;
  let isEmpty = true;
  const finish = (end: number): void => {
    if (!isEmpty) statements.push(script.slice(start, end).trim());
    words = [];
    depth = 0;
    isEmpty = true;
  };
  for (const match of script.matchAll(PART)) {
    const [text] = match;
    if (isBlank(text)) continue;
    if (text === ';' && depth === 0) {
      finish(match.index);
      start = match.index + 1;
      continue;
    }
    isEmpty = false;
    if (!/^[\p{L}_$]/u.test(text)) continue;
    words.push(text.toLowerCase());
    depth = depthAfter(words, depth);
  }
  finish(script.length);
  return statements;
}

/** Comments of the form that a server may run are no blanks. */
function isBlank(text: string): boolean {
  return /^(?:\s|--|#|\/\*(?!M?!))/.test(text) && text !== '-' && text !== '/';
}

function depthAfter(words: readonly string[], depth: number): number {
  const [word, before] = [words.at(-1) as string, words.at(-2)];
  if (!HAS_BODY.test(words.slice(0, 12).join(' '))) return depth;
  if (before === 'end') {
    // `END` was counted as it came; `END IF` closes no BEGIN and no CASE.
    if (INNER_ENDS.has(word)) return depth + 1;
    if (word === 'case') return depth;
  }
  if (word === 'begin' || word === 'case') return depth + 1;
  return word === 'end' ? Math.max(0, depth - 1) : depth;
}
