/**
 * SQL text as tokens, for questions that must not be asked of raw text: are two expressions the same but
 * for blanks and case, which columns does one name, what does it say after a column was renamed.
 *
 * It knows what all our databases share (comments, quotes, numbers) and guesses at nothing else.
 */

import { RESERVED_WORDS } from './reserved-words.js';

export type TokenKind = 'word' | 'quoted' | 'string' | 'blob' | 'number' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Without quotes and with doubled quotes undone; as written where nothing is quoted. */
  readonly value: string;
  /** Offsets in the text, for rewriting in place. */
  readonly start: number;
  readonly end: number;
}

// Blanks are ASCII: to SQL a no-break space is a letter as any other.
const SPACE = /[ \t\n\v\f\r]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)/y;
const WORD = /[\p{L}_\u{80}-\u{10ffff}][\p{L}\p{N}_$\u{80}-\u{10ffff}]*/uy;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<=>|->>|\|\||<>|!=|<=|>=|==|->|<<|>>|::|[\s\S]/y;
/** What an array's subscript stands behind; anywhere else `[` opens a quoted name. */
const SUBSCRIPTED = /[\p{L}\p{N}_$"\])]/u;
const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' };

/** Where a match that begins at `at` ends; undefined when there is none. */
function matchEnd(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

/** Where the quote stands that closes the one at `at`; the end of the text where none does. */
function closingQuote(sql: string, at: number, closing: string): number {
  let from = at + 1;
  for (;;) {
    const end = sql.indexOf(closing, from);
    if (end === -1) return sql.length;
    // A bracket cannot be doubled; every other quote can.
    if (closing === ']' || sql[end + 1] !== closing) return end;
    from = end + 2;
  }
}

/** Splits SQL into tokens; blanks and comments are left out. Linear in the length of the text. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const end = matchEnd(SPACE, sql, at);
    if (end !== undefined) {
      at = end;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): Token {
  const first = sql[at] as string;
  if ((first === 'x' || first === 'X') && sql[at + 1] === "'") {
    const end = closingQuote(sql, at + 1, "'");
    return token('blob', sql, at, end + 1, sql.slice(at + 2, end).toLowerCase());
  }
  const closing = CLOSING[first];
  const subscript = first === '[' && at > 0 && SUBSCRIPTED.test(sql[at - 1] as string);
  if (closing !== undefined && !subscript) {
    const end = closingQuote(sql, at, closing);
    const inner = sql.slice(at + 1, end);
    const value = closing === ']' ? inner : inner.replaceAll(closing + closing, closing);
    return token(first === "'" ? 'string' : 'quoted', sql, at, end + 1, value);
  }
  const number = matchEnd(NUMBER, sql, at);
  if (number !== undefined) return token('number', sql, at, number);
  const word = matchEnd(WORD, sql, at);
  if (word !== undefined) return token('word', sql, at, word);
  return token('symbol', sql, at, matchEnd(SYMBOL, sql, at) as number);
}

function token(kind: TokenKind, sql: string, start: number, after: number, value?: string): Token {
  // What is never closed ends with the text.
  const end = Math.min(after, sql.length);
  const text = sql.slice(start, end);
  return { kind, text, value: value ?? text, start, end };
}

/** Drops parentheses that enclose the whole list of tokens. Linear, however deep they go. */
export function withoutOuterParentheses(tokens: readonly Token[]): readonly Token[] {
  const closing = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach(({ text }, i) => {
    if (text === '(') open.push(i);
    else if (text === ')') closing.set(open.pop() ?? -1, i);
  });
  let outer = 0;
  while (outer < tokens.length && closing.get(outer) === tokens.length - 1 - outer) outer++;
  return outer === 0 ? tokens : tokens.slice(outer, tokens.length - outer);
}

const SIMPLE = /^[a-z_][a-z0-9_]*$/;

/** Words that no database of ours takes for a column where they stand bare. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['and', 'or', 'not', 'null', 'is', 'in', 'between', 'isnull', 'notnull', 'exists', 'distinct'],
  ...['case', 'when', 'then', 'else', 'as', 'collate', 'escape', 'select', 'from', 'where', 'on'],
  ...['current_date', 'current_time', 'current_timestamp'],
]);

/** A token in the spelling in which two equal ones are equal text. */
export function canonicalToken(token: Token): string {
  switch (token.kind) {
    case 'word':
      return token.text.toLowerCase();
    case 'quoted': {
      const lower = token.value.toLowerCase();
      return SIMPLE.test(lower) && !KEYWORDS.has(lower) ? lower : `"${token.value.replaceAll('"', '""')}"`;
    }
    case 'string':
      return `'${token.value.replaceAll("'", "''")}'`;
    case 'blob':
      return `x'${token.value}'`;
    default:
      return token.text;
  }
}

/** An expression without what means nothing: case of words, blanks, comments, outer parentheses, needless quotes. */
export function canonicalSql(sql: string): string {
  return withoutOuterParentheses(tokenize(sql)).map(canonicalToken).join(' ');
}

/** The tokens that may be the name of a column. */
function columnTokens(tokens: readonly Token[]): Token[] {
  let cases = 0;
  return tokens.filter((token, i) => {
    const word = keyword(token);
    if (word === 'case') cases++;
    // Outside of CASE some databases take a bare `end` for a column.
    if (word === 'end' && cases > 0) {
      cases--;
      return false;
    }
    return namesColumn(token, tokens[i - 1], tokens[i + 1]);
  });
}

function namesColumn(token: Token, before: Token | undefined, after: Token | undefined): boolean {
  if (token.kind !== 'word' && token.kind !== 'quoted') return false;
  if (KEYWORDS.has(keyword(token))) return false;
  // A function, or the table before a column.
  if (after?.text === '(' || after?.text === '.') return false;
  // `DATE '2020-01-01'`, `_utf8'x'`, `LIKE 'x'`.
  if (token.kind === 'word' && after?.kind === 'string') return false;
  // A type, an alias, a collation.
  return before?.text !== '::' && !/^(?:as|collate)$/.test(keyword(before));
}

function keyword(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toLowerCase() : '';
}

/** Answers which of some columns a token means: the one spelt so, else the one that differs in case only. */
function columnResolver(columns: readonly string[]): (token: Token) => string | undefined {
  const exact = new Set(columns);
  const folded = new Map([...columns].reverse().map((name) => [name.toLowerCase(), name]));
  return ({ kind, value }) => {
    const lower = value.toLowerCase();
    if (kind === 'word' && exact.has(lower)) return lower;
    return exact.has(value) ? value : folded.get(lower);
  };
}

/**
 * Which of some columns an expression names, in the order of the columns.
 *
 * A word of the same spelling counts, so it may say yes too often; strings, functions and types do not.
 */
export function mentionedColumns(sql: string, columns: readonly string[]): string[] {
  const resolve = columnResolver(columns);
  const found = new Set(columnTokens(tokenize(sql)).map(resolve));
  return columns.filter((name) => found.has(name));
}

/** Whether an expression names a column; see `mentionedColumns`. */
export function mentions(sql: string, name: string): boolean {
  return mentionedColumns(sql, [name]).length > 0;
}

/**
 * The expression after a column got another name; everything else stays as written.
 *
 * @param columns all columns of the table, where some differ in case only
 */
export function renameInSql(
  sql: string,
  from: string,
  to: string,
  columns: readonly string[] = [from],
): string {
  const resolve = columnResolver(columns);
  let text = '';
  let at = 0;
  for (const token of columnTokens(tokenize(sql))) {
    if (resolve(token) !== from) continue;
    text += sql.slice(at, token.start) + quoteLike(token, to);
    at = token.end;
  }
  return text + sql.slice(at);
}

function quoteLike(token: Token, name: string): string {
  if (token.kind === 'word' && SIMPLE.test(name) && !RESERVED_WORDS.has(name)) return name;
  return token.text.startsWith('`') ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;
}
