/**
 * A place in the tokens of one SQL statement, moved along by the parsers of CREATE TABLE, INDEX and VIEW.
 * It reads what SQLite itself has accepted and stored, so anything unexpected is a gap in our grammar: a
 * `SyntaxGap`, on which the caller falls back to what SQLite's pragmas say.
 */

import { type Token, tokenize } from '../../base/sql-tokens.js';

/** SQL that our grammar does not know. */
export class SyntaxGap extends Error {}

/** Walks over the tokens of one statement. */
export class TokenCursor {
  readonly sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string) {
    this.sql = sql;
    this.#tokens = tokenize(sql);
  }

  get done(): boolean {
    const token = this.peek();
    return token === undefined || token.text === ';';
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SyntaxGap('the statement ends too early');
    return token;
  }

  /** Whether these words come next; quoted ones are names, not words. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return token !== undefined && token.kind === 'word' && token.text.toLowerCase() === word;
    });
  }

  /** Steps over these words where they come next, and says whether they did. */
  takes(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    this.#at += words.length;
    return true;
  }

  /** Steps over a symbol where it comes next, and says whether it did. */
  takesSymbol(symbol: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'symbol' || token.text !== symbol) return false;
    this.#at++;
    return true;
  }

  expects(...words: readonly string[]): void {
    if (!this.takes(...words)) throw this.gap(words.join(' '));
  }

  expectsSymbol(symbol: string): void {
    if (!this.takesSymbol(symbol)) throw this.gap(symbol);
  }

  gap(expected: string): SyntaxGap {
    return new SyntaxGap(`expected ${expected}, found ${this.peek()?.text ?? 'the end'}`);
  }

  /** A name in any quotes that SQLite takes, 'strings' included (parse.y: "nm ::= ID | STRING"). */
  name(): string {
    const token = this.next();
    if (token.kind === 'word' || token.kind === 'quoted' || token.kind === 'string') return token.value;
    throw new SyntaxGap(`expected a name, found ${token.text}`);
  }

  /**
   * Steps over a balanced group and gives what stands inside its parentheses, from the first token to the
   * last: a comment behind that would, written again, swallow the parenthesis that follows it.
   */
  group(): string {
    this.expectsSymbol('(');
    const from = this.#at;
    for (let depth = 1; depth > 0; ) {
      const token = this.next();
      if (token.kind !== 'symbol') continue;
      if (token.text === '(') depth++;
      else if (token.text === ')') depth--;
    }
    return this.#slice(from, this.#at - 1);
  }

  /** The text from a token to the one before the cursor. */
  since(first: Token): string {
    return this.sql.slice(first.start, this.#tokens[this.#at - 1]?.end);
  }

  /** The text from the cursor to the end of the statement; the cursor stands at the end then. */
  rest(): string {
    const from = this.#at;
    this.#at = this.#tokens.length;
    let end = this.#at;
    while (end > from && this.#tokens[end - 1]?.text === ';') end--;
    return this.#slice(from, end);
  }

  #slice(from: number, end: number): string {
    return end <= from ? '' : this.sql.slice(this.#tokens[from]?.start, this.#tokens[end - 1]?.end);
  }
}
