/**
 * Expressions in PostgreSQL's own lexical rules ("4.1. Lexical Structure"), which the common tokenizer does not
 * know in full: whether a text is one expression and cannot end the statement it is written into.
 */

/** An expression in parentheses; a comment to the end of its last line must not hide the closing one. */
export function enclosed(sql: string): string {
  return sql.includes('--') ? `(${sql}\n)` : `(${sql})`;
}

/** A statement without the semicolon that people end it with. */
export function withoutEnd(sql: string): string {
  return sql.replace(/\s*;\s*$/, '');
}

/**
 * Whether a text stays inside the parentheses that it is put into: no semicolon, no closing parenthesis that
 * it has not opened, nothing left open.
 */
export function isOneExpression(sql: string): boolean {
  let depth = 0;
  let at = 0;
  while (at < sql.length) {
    const end = skipQuoted(sql, at);
    if (end === undefined) return false;
    if (end > at) {
      at = end;
      continue;
    }
    const character = sql[at];
    if (character === ';') return false;
    if (character === '(') depth++;
    else if (character === ')' && --depth < 0) return false;
    at++;
  }
  return depth === 0;
}

const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;

/** Where a string, a quoted name, a comment or a word ends that begins here; `at` where none does. */
function skipQuoted(sql: string, at: number): number | undefined {
  const character = sql[at] as string;
  const next = sql[at + 1];
  if (character === "'") return closing(sql, at, "'");
  if (character === '"') return closing(sql, at, '"');
  if (character === '-' && next === '-') return lineEnd(sql, at);
  if (character === '/' && next === '*') return commentEnd(sql, at);
  if (character === '$') {
    DOLLAR.lastIndex = at;
    const [tag] = DOLLAR.exec(sql) ?? [];
    if (tag === undefined) return at;
    const end = sql.indexOf(tag, at + tag.length);
    return end === -1 ? undefined : end + tag.length;
  }
  WORD.lastIndex = at;
  const [word] = WORD.exec(sql) ?? [];
  if (word === undefined) return at;
  const after = at + word.length;
  // In E'…' a backslash may hide a quote.
  if (/^e$/i.test(word) && sql[after] === "'") return escapedEnd(sql, after);
  return after;
}

function closing(sql: string, at: number, quote: string): number | undefined {
  let from = at + 1;
  for (;;) {
    const end = sql.indexOf(quote, from);
    if (end === -1) return undefined;
    if (sql[end + 1] !== quote) return end + 1;
    from = end + 2;
  }
}

function escapedEnd(sql: string, at: number): number | undefined {
  for (let i = at + 1; i < sql.length; i++) {
    if (sql[i] === '\\') i++;
    else if (sql[i] === "'" && sql[i + 1] === "'") i++;
    else if (sql[i] === "'") return i + 1;
  }
  return undefined;
}

function lineEnd(sql: string, at: number): number {
  for (let i = at; i < sql.length; i++) if (sql[i] === '\n' || sql[i] === '\r') return i;
  return sql.length;
}

/** Comments nest here. */
function commentEnd(sql: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < sql.length - 1; i++) {
    if (sql[i] === '/' && sql[i + 1] === '*') {
      depth++;
      i++;
    } else if (sql[i] === '*' && sql[i + 1] === '/') {
      i++;
      if (--depth === 0) return i + 1;
    }
  }
  return undefined;
}
