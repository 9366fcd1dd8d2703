/**
 * A script → its statements. A semicolon ends one, but for those in quotes and comments and in the body of a
 * trigger or routine, which goes from BEGIN to its END.
 */

/** Quoted text with MySQL's backslashes, names, comments, words, and whatever else stands alone. */
const PART =
  /'(?:[^'\\]|\\[\s\S]|'')*'?|"(?:[^"\\]|\\[\s\S]|"")*"?|`(?:[^`]|``)*`?|--(?=\s|$)[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\p{L}_$][\p{L}\p{N}_$]*|[\s\S]/gu;

const HAS_BODY = /^create(?: \S+)*? (?:trigger|procedure|function|event|package)\b|^begin not atomic/;
/** Words by which a statement is known to have a body. */
const MAX_BEGINNING = 12;
/** `END IF` and its kin close what was never counted. */
const INNER_ENDS: ReadonlySet<string> = new Set(['if', 'loop', 'while', 'repeat', 'for']);

/** The statements of a script, without their semicolons; what holds nothing but blanks and comments is left out. */
export function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let beginning: string[] = [];
  let before = '';
  let depth = 0;
  let isEmpty = true;
  const finish = (end: number): void => {
    if (!isEmpty) statements.push(script.slice(start, end).trim());
    beginning = [];
    before = '';
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
    const word = text.toLowerCase();
    if (/^[\p{L}_$]/u.test(text)) {
      if (beginning.length < MAX_BEGINNING) beginning.push(word);
      if (HAS_BODY.test(beginning.join(' '))) depth += changeOfDepth(word, before);
    }
    before = word;
  }
  finish(script.length);
  return statements;
}

/** Comments of the form that a server may run are no blanks. */
function isBlank(text: string): boolean {
  return /^(?:\s|--|#|\/\*(?!M?!))/.test(text);
}

function changeOfDepth(word: string, before: string): number {
  // `END` was counted as it came, but `END IF` closes no BEGIN and no CASE.
  if (before === 'end' && INNER_ENDS.has(word)) return 1;
  if (before === 'end' && word === 'case') return 0;
  if (word === 'begin' || word === 'case') return 1;
  return word === 'end' ? -1 : 0;
}
