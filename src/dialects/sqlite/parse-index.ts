/**
 * CREATE INDEX and CREATE VIEW texts, as SQLite stores them in sqlite_schema, into the model's values.
 */

import { tokenize } from '../../base/sql-tokens.js';
import type { Index, IndexColumn, View } from '../../schema/model.js';
import { quoteIdentifier } from './literals.js';
import { SyntaxGap, TokenCursor } from './parse-cursor.js';

/** Parses a CREATE INDEX text; `columns` are those of its table. @throws SyntaxGap */
export function parseIndex(sql: string, columns: readonly string[]): Index {
  const cursor = new TokenCursor(sql);
  cursor.expects('create');
  const unique = cursor.takes('unique');
  cursor.expects('index');
  cursor.takes('if', 'not', 'exists');
  let name = cursor.name();
  if (cursor.takesSymbol('.')) name = cursor.name();
  cursor.expects('on');
  cursor.name();
  const parts = splitList(cursor.group()).map((part) => parsePart(part, columns));
  const where = cursor.takes('where') ? cursor.rest() : undefined;
  if (!cursor.done) throw cursor.gap('the end of the index');
  return { name, columns: parts, unique, ...(where !== undefined && { where }) };
}

/** Parts of a list as written; commas inside parentheses do not divide. */
function splitList(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const token of tokenize(list)) {
    if (token.kind !== 'symbol') continue;
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    else if (token.text === ',' && depth === 0) {
      parts.push(list.slice(from, token.start));
      from = token.end;
    }
  }
  return [...parts, list.slice(from)];
}

function parsePart(sql: string, columns: readonly string[]): IndexColumn {
  let tokens = tokenize(sql);
  const last = (back: number): string => tokens.at(-back)?.text.toLowerCase() ?? '';
  const desc = tokens.length > 1 && tokens.at(-1)?.kind === 'word' && last(1) === 'desc';
  if (desc || (tokens.length > 1 && tokens.at(-1)?.kind === 'word' && last(1) === 'asc'))
    tokens = tokens.slice(0, -1);
  // Of `a COLLATE x COLLATE y` the last one counts, as it does in an expression.
  const collated = tokens.length > 2 && tokens.at(-2)?.kind === 'word' && last(2) === 'collate';
  const collation = collated ? tokens.at(-1)?.value : undefined;
  if (collated) tokens = tokens.slice(0, -2);
  const [first, end] = [tokens[0], tokens.at(-1)];
  if (first === undefined || end === undefined) throw new SyntaxGap('an index column is empty');
  const named =
    tokens.length === 1 && first.kind !== 'number' ? columnNamed(first.value, columns) : undefined;
  const target = named === undefined ? { expression: sql.slice(first.start, end.end) } : { column: named };
  return {
    ...target,
    ...(desc && { order: 'desc' as const }),
    ...(collation !== undefined && { collation }),
  };
}

/** SQLite's names are the same in any case of ASCII letters; the model has the column's own spelling. */
function columnNamed(name: string, columns: readonly string[]): string | undefined {
  return (
    columns.find((each) => each === name) ?? columns.find((each) => each.toLowerCase() === name.toLowerCase())
  );
}

/** Parses a CREATE VIEW text. @throws SyntaxGap */
export function parseView(sql: string): View {
  const cursor = new TokenCursor(sql);
  cursor.expects('create');
  if (!cursor.takes('temp')) cursor.takes('temporary');
  cursor.expects('view');
  cursor.takes('if', 'not', 'exists');
  let name = cursor.name();
  if (cursor.takesSymbol('.')) name = cursor.name();
  const columns = cursor.peek()?.text === '(' ? cursor.group() : undefined;
  cursor.expects('as');
  const query = cursor.rest();
  if (columns === undefined) return { name, query };
  // The model has no place for a list of columns; a common table expression says the same.
  return {
    name,
    query: `WITH ${quoteIdentifier(name)} (${columns}) AS (${query}) SELECT * FROM ${quoteIdentifier(name)}`,
  };
}
