/**
 * What can be said of a statement from its first words: whether to prepare it, whether it may leave the session
 * other than it was, and which table it writes. Wherever the words do not tell, the careful answer is given.
 */

import { tokenize } from '../../base/sql-tokens.js';

const BLANKS = String.raw`^(?:\s|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|/\*(?![!M])[\s\S]*?\*/|\()*`;
const FIRST_WORD = new RegExp(`${BLANKS}([a-z]+)`, 'i');

/** The first word in lower case, behind blanks, comments and parentheses; '' where there is none. */
export function firstWord(sql: string): string {
  return (FIRST_WORD.exec(sql)?.[1] ?? '').toLowerCase();
}

const ROWS: ReadonlySet<string> = new Set(['select', 'with', 'values', 'table']);
const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'replace']);
const NEUTRAL: ReadonlySet<string> = new Set([
  ...['show', 'explain', 'describe', 'desc', 'alter', 'drop', 'truncate', 'rename', 'load'],
  ...['commit', 'rollback', 'savepoint', 'release', 'begin', 'start'],
]);

/** Whether a statement is worth preparing although it has no parameters: it reads or writes rows. */
export function isWorthPreparing(sql: string): boolean {
  const word = firstWord(sql);
  if (ROWS.has(word) || WRITES.has(word)) return true;
  // Prepared once, SHOW CREATE VIEW shows on MariaDB 10.11 for ever what the view was then.
  return word === 'show' && !/\bshow\s+create\b/i.test(sql);
}

/** Whether a statement that returned rows has left the transaction as it was, if there was one. */
export function keepsTransaction(sql: string): boolean {
  const word = firstWord(sql);
  return ROWS.has(word) || WRITES.has(word) || ['show', 'explain', 'describe', 'desc'].includes(word);
}

/** Whether a statement writes rows, so that those that it returns are those that it wrote. */
export function isWrite(sql: string): boolean {
  return WRITES.has(firstWord(sql));
}

/** A session is made read-only for one transaction, and then no longer is. */
export const READS_ONLY = 'SET SESSION TRANSACTION READ ONLY';
export const WRITES_AGAIN = 'SET SESSION TRANSACTION READ WRITE';

const NEXT_TRANSACTION = new RegExp(`${BLANKS}set\\s+transaction\\b`, 'i');

/** Whether a statement says how the next transaction is to be, and no other one ("SET TRANSACTION"). */
export function describesNextTransaction(sql: string): boolean {
  return NEXT_TRANSACTION.test(sql);
}

/**
 * The variable of an upsert, of which each row's first assignment says anew what it holds, so that it may stay.
 * Assignments run from left to right and see each other's results, so a condition is asked once, before them.
 */
export const HOLDS = '@limbeck_upsert';

/** Whether a statement may leave something in the session: a variable, a lock, a temporary table. */
export function mayChangeSession(sql: string): boolean {
  if (describesNextTransaction(sql) || sql === READS_ONLY || sql === WRITES_AGAIN) return false;
  if (sql.replaceAll(HOLDS, '').includes('@') || /_lock\s*\(/i.test(sql)) return true;
  const word = firstWord(sql);
  if (ROWS.has(word) || WRITES.has(word) || NEUTRAL.has(word)) return false;
  return word !== 'create' || /^\W*create\s+(?:or\s+replace\s+)?temporary\b/i.test(sql);
}

const BEFORE_TABLE: ReadonlySet<string> = new Set([
  ...['low_priority', 'delayed', 'high_priority', 'ignore', 'into', 'quick', 'from', 'table', 'if', 'exists'],
]);

/** The table that a statement writes or changes; undefined where its first words do not say. */
export function targetTable(sql: string | undefined): string | undefined {
  const word = sql === undefined ? '' : firstWord(sql);
  if (!WRITES.has(word) && word !== 'alter' && word !== 'create') return undefined;
  // Values can be megabytes of text; the table stands at the beginning.
  const tokens = tokenize((sql as string).slice(0, 2_000));
  if (word === 'create') return indexedTable(tokens);
  let at = tokens.findIndex((token) => token.text.toLowerCase() === word) + 1;
  while (tokens[at]?.kind === 'word' && BEFORE_TABLE.has((tokens[at]?.text ?? '').toLowerCase())) at++;
  return tableAt(tokens, at);
}

function indexedTable(tokens: ReturnType<typeof tokenize>): string | undefined {
  const kind = tokens.slice(0, 3).some(({ text }) => text.toLowerCase() === 'index');
  const on = tokens.findIndex(({ kind: each, text }) => each === 'word' && text.toLowerCase() === 'on');
  return kind && on !== -1 ? tableAt(tokens, on + 1) : undefined;
}

function tableAt(tokens: ReturnType<typeof tokenize>, at: number): string | undefined {
  const named = tokens[at + 1]?.text === '.' ? tokens[at + 2] : tokens[at];
  return named?.kind === 'quoted' || named?.kind === 'word' ? named.value : undefined;
}
