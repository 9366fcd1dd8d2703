/**
 * The settings of a session: whatever defaults the server, the database or the user has, results are the same.
 * They are set when a connection is made, and again when somebody has changed them.
 */

import { hostname } from 'node:os';
import { quoteIdentifier } from './literals.js';

/** Where a value of a result, or the meaning of a statement, depends on a setting. */
const SETTINGS: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  TimeZone: 'UTC',
  // What it writes, and how it reads 01/02/2024: as the server does by default.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  standard_conforming_strings: 'on',
  bytea_output: 'hex',
  xmloption: 'content',
  // Shortest text that means the same number.
  extra_float_digits: '3',
  // Off, NULL in an array's text would be the word.
  array_nulls: 'on',
  // On, `x = NULL` would be true of NULL.
  transform_null_equals: 'off',
  // On, every definition that the catalog tells would be in quotes.
  quote_all_identifiers: 'off',
};

/**
 * One statement that sets them.
 *
 * @param searchPath the connection's default when absent
 */
export function sessionSetup(searchPath: string | undefined): string {
  const settings = { ...SETTINGS, ...(searchPath === undefined ? {} : { search_path: searchPath }) };
  const calls = Object.entries(settings).map(
    ([name, value]) => `pg_catalog.set_config(${text(name)}, ${text(value)}, false)`,
  );
  return `SELECT ${calls.join(', ')}`;
}

/**
 * The search path for a schema in which tables without a schema of their own live.
 *
 * @param exists a schema that is not there is skipped in the search: tables would be made, and found, in the next one
 */
export function searchPathOf(schema: string, exists: boolean): string {
  return exists ? `${quoteIdentifier(schema)}, public` : quoteIdentifier(schema);
}

/** Not `literalText`: before the setting, a backslash may still be an escape. No setting of ours but a schema has one. */
function text(value: string): string {
  const quoted = value.replaceAll("'", "''");
  return value.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** What a former holder may have left in a session, taken away; what the server holds prepared stays. */
export function sessionReset(searchPath: string | undefined): string {
  return [
    'CLOSE ALL',
    'SET SESSION AUTHORIZATION DEFAULT',
    'RESET ALL',
    'UNLISTEN *',
    'SELECT pg_catalog.pg_advisory_unlock_all()',
    'DISCARD TEMP',
    'DISCARD SEQUENCES',
    sessionSetup(searchPath),
  ].join('; ');
}

/** Commands after which a session is not as it was. */
const CHANGING_TAG = /^(?:SET|RESET|LISTEN|LOAD|PREPARE|DECLARE|DISCARD)/;
/** Of functions and temporary tables the command says nothing. */
const CHANGING_TEXT =
  /\bset_config\b|\bpg_(?:try_)?advisory_lock|\b(?:create|into)\s+(?:(?:global|local)\s+)?temp(?:orary)?\b/i;

/** Whether a command, by the tag with which the server reports it, may have left something in the session. */
export function commandChangesSession(tag: string): boolean {
  return CHANGING_TAG.test(tag);
}

/** Whether a statement may, by its text. */
export function textChangesSession(sql: string): boolean {
  return CHANGING_TEXT.test(sql);
}

/** Who we are, for others who look at `pg_stat_activity`; 63 bytes are shown. */
export function applicationName(): string {
  return `limbeck ${hostname()}:${process.pid}`.slice(0, 63);
}
