/**
 * The name of the unique constraint or index that an error of SQLite's is about: the message has the columns
 * only. Asked on the way of an error, so it reads the one table's texts and never throws.
 */

import { describeTable, foldName } from './describe-table.js';
import type { NativeDatabase } from './native.js';
import { parseIndex } from './parse-index.js';
import { parseTable } from './parse-table.js';

const TEXTS = `SELECT type, sql FROM main.sqlite_schema
  WHERE type IN ('table', 'index') AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL`;

/** The constraint or unique index of a table over exactly these columns; undefined where none is found. */
export function findUniqueName(
  native: NativeDatabase,
  table: string,
  columns: readonly string[],
): string | undefined {
  try {
    const rows = native.prepare(TEXTS).raw(true).all([table]) as [string, string][];
    return nameAmong(rows, columns);
  } catch {
    // A table of an attached database, or one that our grammar cannot read.
    return undefined;
  }
}

function nameAmong(rows: readonly [string, string][], columns: readonly string[]): string | undefined {
  const wanted = columns.map(foldName).join('\0');
  const fits = (names: readonly string[]): boolean => names.map(foldName).join('\0') === wanted;
  const sql = rows.find(([type]) => type === 'table')?.[1];
  const described = sql === undefined ? undefined : describeTable(parseTable(sql), () => undefined);
  if (described === undefined) return undefined;
  if (described.primaryKey && fits(described.primaryKey.columns)) return described.primaryKey.name;
  const unique = described.uniques.find((each) => fits(each.columns));
  if (unique !== undefined) return unique.name;
  const names = described.columns.map((column) => column.name);
  return rows
    .filter(([type]) => type === 'index')
    .map(([, text]) => parseIndex(text, names))
    .find((index) => index.unique && fits(index.columns.map((part) => ('column' in part ? part.column : ''))))
    ?.name;
}
