/**
 * The unique key that a duplicate was refused by: the message has its name and, on MySQL, its table. Asked on the
 * way of an error, on the same connection.
 */

import type { UniqueKey } from './errors.js';
import type { NativeRows } from './native.js';
import { targetTable } from './statement-kinds.js';

const KEYS = `SELECT table_name, index_name, column_name FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND non_unique = 0`;
const ORDER = 'ORDER BY table_name, index_name, seq_in_index';

/**
 * Looks a unique key up.
 *
 * @param name as the message has it: `uq`, or `t.uq` on MySQL 8.0.19 and newer
 * @param sql the statement that failed; the table that it writes is asked about first
 * @returns undefined where no key is found, or several tables have one of that name
 */
export async function findUniqueKey(
  ask: (sql: string, values: readonly string[]) => Promise<NativeRows>,
  name: string,
  sql: string,
): Promise<UniqueKey | undefined> {
  const table = targetTable(sql);
  const own = table === undefined ? [] : await ask(`${KEYS} AND table_name = ? ${ORDER}`, [table]);
  const found = keyAmong(own, name);
  if (found !== undefined) return found;
  // A trigger or a cascade may have written another table.
  return keyAmong(
    await ask(`${KEYS} AND (index_name = ? OR CONCAT(table_name, '.', index_name) = ?) ${ORDER}`, [
      name,
      name,
    ]),
    name,
  );
}

function keyAmong(rows: NativeRows, name: string): UniqueKey | undefined {
  const keys = new Map<string, { constraint: string; table: string; columns: string[]; isWhole: boolean }>();
  for (const [table = '', constraint = '', column] of rows as readonly (readonly string[])[]) {
    if (constraint !== name && `${table}.${constraint}` !== name) continue;
    const id = `${table}\0${constraint}`;
    const key = keys.get(id) ?? { constraint, table, columns: [], isWhole: true };
    keys.set(id, key);
    if (typeof column !== 'string') key.isWhole = false;
    else key.columns.push(column);
  }
  const [first, second] = keys.values();
  if (first === undefined || second !== undefined) return undefined;
  const { constraint, table, columns, isWhole } = first;
  // An index over an expression has no columns to name.
  return { constraint, table, columns: isWhole ? columns : undefined };
}
