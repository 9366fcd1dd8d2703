/** Who holds a table that a statement has waited for in vain, in words for people. */

import { isLimbeckError } from '../../base/errors.js';
import { tokenize } from '../../base/sql-tokens.js';
import type { Connection, SqlRow } from '../contract.js';
import { quoteTable } from './literals.js';

/** How many are named, and how much of what they run. */
const MOST = 5;
const QUERY_CHARACTERS = 60;

const HOLDERS = `
  SELECT a.pid, a.application_name, a.usename, pg_catalog.host(a.client_addr) AS client, a.state, a.query,
         pg_catalog.array_to_string(pg_catalog.array_agg(DISTINCT pg_catalog.format('%s on %s', l.mode, c.relname)), ', ') AS locks,
         (extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start)))::float8 AS seconds
    FROM pg_catalog.pg_locks l
    JOIN pg_catalog.pg_class c ON c.oid = l.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
   WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND CASE WHEN $1::text[] = '{}' THEN n.nspname NOT IN ('pg_catalog', 'information_schema')
              ELSE c.oid IN (SELECT pg_catalog.to_regclass(t) FROM unnest($1::text[]) AS t) END
   GROUP BY a.pid, a.application_name, a.usename, a.client_addr, a.state, a.query, a.xact_start, a.query_start
   ORDER BY seconds DESC NULLS LAST
   LIMIT ${MOST}`;

/** Those who hold locks on the tables (on any, where none are named); the one who has done so longest comes first. */
export async function blockersOf(
  connection: Connection,
  tables: readonly string[],
): Promise<readonly string[]> {
  const names = [tables.map(quoteTable)];
  const rows = await ask(connection, names);
  return rows.map(describeBlocker);
}

async function ask(connection: Connection, params: readonly unknown[]): Promise<SqlRow[]> {
  try {
    return await connection.query(HOLDERS, params);
  } catch (cause) {
    if (!isLimbeckError(cause) || cause.code !== 'TRANSACTION_LOST') throw cause;
    // The statement that waited in vain has ended its transaction; nothing can be asked before that is undone.
    await connection.run('ROLLBACK');
    return connection.query(HOLDERS, params);
  }
}

function describeBlocker(row: SqlRow): string {
  const { pid, application_name, usename, client, state, query, locks, seconds } = row;
  const since = typeof seconds === 'number' && seconds >= 1 ? ` for ${Math.round(seconds)} s` : '';
  return [
    `server process ${pid} (${application_name || `user ${usename}`}${client ? ` from ${client}` : ''})`,
    ...(state ? [`${state}${since}`] : []),
    `holds ${locks}`,
    ...(typeof query === 'string' && query !== ''
      ? [`${state === 'active' ? 'runs' : 'ran'}: ${shortened(query)}`]
      : []),
  ].join(', ');
}

/** The beginning of a statement, without the values that were written into it. */
function shortened(query: string): string {
  const parts: string[] = [];
  let end = 0;
  for (const token of tokenize(query)) {
    if (token.start > end && parts.length > 0) parts.push(' ');
    parts.push(token.kind === 'string' ? "'…'" : token.text);
    end = token.end;
  }
  const characters = [...parts.join('')];
  if (characters.length <= QUERY_CHARACTERS) return characters.join('');
  return `${characters.slice(0, QUERY_CHARACTERS - 1).join('')}…`;
}
