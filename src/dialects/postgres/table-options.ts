/**
 * What PostgreSQL knows of a table beside columns and keys, as `postgres.*` options: `unlogged`, and storage
 * parameters by their own names ("CREATE TABLE", Storage Parameters).
 */

import type { NativeOptions, Table } from '../../schema/model.js';

const PREFIX = 'postgres.';

/** Names what introspection found on a table and the model cannot hold. */
export const UNMODELLED = 'postgres.unmodelled';

/** Options by PostgreSQL's own name. */
export function ownOptions(options: NativeOptions | undefined): Map<string, string | number | boolean> {
  const own = Object.entries(options ?? {}).filter(
    ([name]) => name.startsWith(PREFIX) && name !== UNMODELLED,
  );
  return new Map(own.map(([name, value]) => [name.slice(PREFIX.length), value]).sort() as []);
}

/**
 * The options that are compared, and changed where they differ. How a table is vacuumed is tuned on the server
 * by those who run it, and left to them.
 */
export function comparedOptions(table: Pick<Table, 'options'>): Map<string, string | number | boolean> {
  const own = [...ownOptions(table.options)];
  return new Map(own.filter(([name, value]) => !isTuning(name) && !(name === 'unlogged' && value !== true)));
}

function isTuning(name: string): boolean {
  return name.startsWith('autovacuum_') || name.startsWith('toast.') || name.startsWith('log_autovacuum');
}

/** Whether an option is a storage parameter, which stands in WITH (…). */
export function isStorage(name: string): boolean {
  return name !== 'unlogged';
}

/** A table's options as the catalog has them: `reloptions` entries read `name=value`. */
export function readOptions(
  unlogged: boolean,
  reloptions: readonly string[],
  unmodelled: readonly string[],
): NativeOptions | undefined {
  const options: Record<string, string | number | boolean> = {};
  if (unlogged) options[`${PREFIX}unlogged`] = true;
  for (const entry of reloptions) {
    const equals = entry.indexOf('=');
    options[PREFIX + entry.slice(0, equals)] = readValue(entry.slice(equals + 1));
  }
  if (unmodelled.length > 0) options[UNMODELLED] = [...unmodelled].sort().join(', ');
  return Object.keys(options).length === 0 ? undefined : options;
}

function readValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return String(number) === text ? number : text;
}
