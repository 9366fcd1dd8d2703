/**
 * A condition or expression of the schema as text: a string stands as it is, a fragment of the `sql` tag is
 * written out, because DDL can bind nothing. Names are quoted only where they have to be, so that the text
 * means the same on every database.
 */

import { RESERVED_WORDS } from '../base/reserved-words.js';
import { isSqlFragment, type SqlFragment, writeSql } from './sql.js';

/** SQL text, or a fragment of the `sql` tag. */
export type SqlText = string | SqlFragment;

/** Whether a value is SQL by position: a string or a fragment. */
export function isSqlText(value: unknown): value is SqlText {
  return typeof value === 'string' || isSqlFragment(value);
}

/** The text of a condition or expression; trimmed. */
export function sqlText(expression: SqlText): string {
  if (typeof expression === 'string') return expression.trim();
  return writeSql(expression, { identifier: identifierText, value: literal }).text.trim();
}

/** A name as SQL text; quoted only where it has to be. */
export function identifierText(name: string): string {
  const simple = /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED_WORDS.has(name);
  return simple ? name : `"${name.replaceAll('"', '""')}"`;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  if (value instanceof Date) return quoted(value.toISOString().replace('T', ' ').slice(0, 23));
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (Array.isArray(value)) return value.map(literal).join(', ');
  return quoted(typeof value === 'string' ? value : JSON.stringify(value));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
