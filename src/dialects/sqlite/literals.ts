/**
 * Names and literals as SQLite text, for DDL, and the way back: what a DEFAULT clause says.
 * Whatever stands in a value comes back unchanged and never runs; everywhere but in DDL values are bound.
 */

import { type Token, tokenize, withoutOuterParentheses } from '../../base/sql-tokens.js';
import type { ColumnDefault } from '../../schema/model.js';
import { invalidValue, isWellFormed, numberLiteral } from '../shared/values.js';

/** A name in double quotes, doubled inside. @throws VALUE_INVALID for a NUL, which ends SQL text */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0') || !isWellFormed(name)) {
    throw invalidValue('name', 'a name in the database cannot hold a NUL or half of a surrogate pair');
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A literal as SQL text.
 *
 * A NUL would end the statement (SQLite reads SQL up to the first one), so text that holds one is written
 * as bytes; `literalOf` reads that form back.
 */
export function literalText(value: string | number | boolean | Uint8Array | null): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return numberLiteral(value);
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (!isWellFormed(value)) throw invalidValue('literal', 'the text holds half of a surrogate pair');
  if (value.includes('\0')) return `(CAST(X'${Buffer.from(value, 'utf8').toString('hex')}' AS TEXT))`;
  return `'${value.replaceAll("'", "''")}'`;
}

/** A DEFAULT clause or an expression, if it is just a literal: numbers as written, TRUE and FALSE as such. */
export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' };

/** The literal that an expression is; undefined where it is more than that. */
export function literalOf(sql: string): Literal | undefined {
  const tokens = withoutOuterParentheses(tokenize(sql));
  const signed = tokens[0]?.text === '-' || tokens[0]?.text === '+';
  const first = tokens[signed ? 1 : 0];
  if (first === undefined) return undefined;
  if (tokens.length === (signed ? 2 : 1)) return signed ? signedNumber(tokens) : singleLiteral(first);
  return bytesAsText(tokens);
}

function singleLiteral(token: Token): Literal | undefined {
  if (token.kind === 'string') return { kind: 'string', value: token.value };
  if (token.kind === 'number') return { kind: 'number', text: token.text };
  if (token.kind !== 'word') return undefined;
  switch (token.text.toLowerCase()) {
    case 'true':
      return { kind: 'boolean', value: true };
    case 'false':
      return { kind: 'boolean', value: false };
    case 'null':
      return { kind: 'null' };
    default:
      return undefined;
  }
}

function signedNumber([sign, number]: readonly Token[]): Literal | undefined {
  if (number?.kind !== 'number') return undefined;
  return { kind: 'number', text: sign?.text === '-' ? `-${number.text}` : number.text };
}

/** `CAST(X'…' AS TEXT)`, as `literalText` writes text with a NUL. */
function bytesAsText(tokens: readonly Token[]): Literal | undefined {
  const words = tokens.map((token) => (token.kind === 'blob' ? 'blob' : token.text.toLowerCase()));
  const bytes = tokens[2];
  if (bytes === undefined || words.join(' ') !== 'cast ( blob as text )') return undefined;
  const value = Buffer.from(bytes.value, 'hex').toString('utf8');
  return value.includes('\0') ? { kind: 'string', value } : undefined;
}

/** The default of a column from the text of its DEFAULT clause; undefined where that says NULL. */
export function readDefault(sql: string, bareWordIsText: boolean): ColumnDefault | undefined {
  const literal = literalOf(sql);
  switch (literal?.kind) {
    case 'null':
      return undefined;
    case 'string':
    case 'boolean':
      return { kind: 'literal', value: literal.value };
    case 'number':
      return readNumber(literal.text);
  }
  const tokens = tokenize(sql);
  const only = tokens[0];
  // `DEFAULT abc` and `DEFAULT "abc"` mean the text 'abc' (parse.y: "DEFAULT id"); in parentheses they do not.
  if (bareWordIsText && only !== undefined && tokens.length === 1 && !isKeywordValue(only)) {
    return { kind: 'literal', value: only.value };
  }
  return { kind: 'expression', sql: innerText(sql) };
}

function isKeywordValue(token: Token): boolean {
  if (token.kind === 'quoted') return false;
  return token.kind !== 'word' || /^current_(?:timestamp|date|time)$/i.test(token.text);
}

/** A number as a literal where JavaScript spells it the same way; else its text stays SQL, so nothing is rounded. */
function readNumber(text: string): ColumnDefault {
  const value = Number(text);
  if (String(value) === text && (!Number.isInteger(value) || Number.isSafeInteger(value))) {
    return { kind: 'literal', value };
  }
  return { kind: 'expression', sql: text };
}

/** The text of an expression without parentheses around the whole and without blanks and comments outside. */
export function innerText(sql: string): string {
  const tokens = withoutOuterParentheses(tokenize(sql));
  const [first, last] = [tokens[0], tokens.at(-1)];
  return first === undefined || last === undefined ? '' : sql.slice(first.start, last.end);
}
