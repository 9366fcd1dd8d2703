/**
 * Which columns a broken constraint is over.
 *
 * For unique and exclusion constraints the detail says so in a form that every language keeps: `(a, "b c",
 * lower(d))=(…)`, written with the quotes of SQL. For foreign keys and checks it does not, so the catalog is asked.
 */

import { type Token, tokenize } from '../../base/sql-tokens.js';
import type { ServerError } from './server-error.js';

/** The plain columns of the key that a detail tells of; undefined where it tells of none. */
export function keyColumns(detail: string | undefined): readonly string[] | undefined {
  if (detail === undefined) return undefined;
  const start = detail.indexOf('(');
  if (start < 0) return undefined;
  const parts = splitKey(tokenize(detail.slice(start)));
  // An expression is no column.
  return parts?.flatMap(([only, ...more]) =>
    only !== undefined && more.length === 0 ? columnName(only) : [],
  );
}

function columnName({ kind, value }: Token): string[] {
  return kind === 'word' || kind === 'quoted' ? [value] : [];
}

/** The tokens between the first parenthesis and its partner, at the commas; undefined where `=(` does not follow. */
function splitKey(tokens: readonly Token[]): Token[][] | undefined {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.text === ')') {
      depth -= 1;
      if (depth === 0) return tokens[i + 1]?.text === '=' && tokens[i + 2]?.text === '(' ? parts : undefined;
    }
    if (token.text === ',' && depth === 1) parts.push([]);
    else if (depth > 0) parts.at(-1)?.push(token);
    if (token.text === '(') depth += 1;
  }
  return undefined;
}

/** Selects the columns of the constraint that an error names, in their order. */
export const CONSTRAINT_COLUMNS = `
  SELECT a.attname
    FROM pg_catalog.pg_constraint c
    JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
   CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
   WHERE n.nspname = $1 AND t.relname = $2 AND c.conname = $3
   ORDER BY k.place`;

/** The parameters of `CONSTRAINT_COLUMNS`; undefined where the error itself says all that there is to know. */
export function constraintToLookUp(found: ServerError | undefined): readonly string[] | undefined {
  if (found === undefined || !['23503', '23001', '23514'].includes(found.code)) return undefined;
  const { schema, table, constraint } = found;
  return schema && table && constraint ? [schema, table, constraint] : undefined;
}
