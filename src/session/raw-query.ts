/**
 * SQL that a person wrote: `query(text, params)` and ``sql`…` ``, in the transaction of the calling flow. A SELECT may
 * call functions that write, so replicas get it only where `readFrom('replica', …)` says so.
 */

import { error } from '../base/error-codes.js';
import type { Connection, Dialect, MaybePromise, QueryOptions, SqlRow } from '../dialects/contract.js';
import { chain } from '../query/maybe-promise.js';
import { looseValue } from '../query/statement.js';
import type { Runner } from './transactions.js';

/**
 * Statements that can only read, after blanks and comments. WITH may write, so it is not among them. A
 * comment has one end only: a lazy `[\s\S]*?` would try every later one, twice as long with each comment more.
 */
const READS = /^(?:\s|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/|\()*(?:select|values|explain)\b/i;

/**
 * Runs one statement.
 *
 * @returns rows by column name as the database gives them; none where the statement returns none
 * @throws TRANSACTION_BY_HAND when the statement opens a transaction
 */
export function rawQuery(
  runner: Runner,
  dialect: Dialect,
  sql: string,
  params: readonly unknown[],
  options?: QueryOptions,
): Promise<SqlRow[]> {
  try {
    if (typeof sql !== 'string') {
      throw error('OPTION_INVALID', {
        option: 'query',
        problem: 'the first argument is SQL text; a fragment is run by sql`…`',
      });
    }
    if (!Array.isArray(params)) {
      throw error('OPTION_INVALID', {
        option: 'query',
        problem: 'parameters are an array, one value a placeholder',
      });
    }
    const bound = params.map((value) => looseValue(dialect, value));
    const work = (connection: Connection): MaybePromise<SqlRow[]> => guarded(connection, sql, bound, options);
    return READS.test(sql) ? runner.read(work, 'primary') : runner.write(work);
  } catch (cause) {
    return Promise.reject(cause);
  }
}

function guarded(
  connection: Connection,
  sql: string,
  params: readonly unknown[],
  options: QueryOptions | undefined,
): MaybePromise<SqlRow[]> {
  const before = connection.inTransaction;
  return chain(connection.query(sql, params, options), (rows) => {
    if (connection.inTransaction === before) return rows;
    if (before) throw error('TRANSACTION_LOST', {});
    // Left open, it would swallow whatever others run on this connection next.
    return chain(connection.run('ROLLBACK'), () => {
      throw error('TRANSACTION_BY_HAND', {});
    });
  });
}
