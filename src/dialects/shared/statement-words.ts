/** A statement of our own making as words that can be looked through: what is quoted cannot be taken for a keyword. */

import { type Token, tokenize } from '../../base/sql-tokens.js';
import type { Operation } from '../../schema/operations.js';
import type { PlanStep } from '../contract.js';

export interface StatementWords {
  /** Keywords and bare names in capitals; a text is `''`, a quoted name `"x"`. */
  readonly text: string;
  /** The table (or view) that it names first. */
  readonly table: string | undefined;
  /** The table that its first foreign key refers to. */
  readonly references: string | undefined;
}

/** The statements of a plan's steps, taken apart. */
export function wordsOf(steps: readonly PlanStep[]): StatementWords[] {
  return steps.flatMap((step) => (step.kind === 'statement' ? [statementWords(step.sql)] : []));
}

function statementWords(sql: string): StatementWords {
  const tokens = tokenize(sql);
  return {
    text: tokens.map(plainText).join(' '),
    table: nameAfter(tokens, ['TABLE', 'ON', 'UPDATE', 'INTO', 'VIEW']),
    references: nameAfter(tokens, ['REFERENCES']),
  };
}

function plainText({ kind, text }: Token): string {
  if (kind === 'string' || kind === 'blob') return "''";
  return kind === 'quoted' ? '"x"' : text.toUpperCase();
}

function nameAfter(tokens: readonly Token[], words: readonly string[]): string | undefined {
  const found = tokens.findIndex(
    ({ kind, text }, i) =>
      kind === 'word' && words.includes(text.toUpperCase()) && isName(tokens[nameIndex(tokens, i)]),
  );
  if (found < 0) return undefined;
  const at = nameIndex(tokens, found);
  const name = tokens[at] as Token;
  const more = tokens[at + 2];
  return tokens[at + 1]?.text === '.' && isName(more) ? `${name.value}.${more.value}` : name.value;
}

function nameIndex(tokens: readonly Token[], word: number): number {
  let at = word + 1;
  while (/^(?:if|not|exists|only)$/i.test(tokens[at]?.text ?? '')) at++;
  return at;
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'quoted';
}

/** The table that an operation is about; undefined for what is about none. */
export function tableOf(operation: Operation): string | undefined {
  switch (operation.kind) {
    case 'createTable':
      return operation.table.name;
    case 'createTrigger':
      return operation.trigger.table;
    default:
      return 'table' in operation ? operation.table : undefined;
  }
}
