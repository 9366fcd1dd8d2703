/** What a caller of `transaction()` may ask for, checked at the door: a misspelt level must not mean the default. */

import { error } from '../base/error-codes.js';
import { nearestName } from '../base/text.js';
import type { Dialect, IsolationLevel, TransactionMode } from '../dialects/contract.js';

/** How a transaction is to be run. */
export interface TransactionOptions {
  /**
   * For this transaction alone; that of the configuration, or the server's default, when absent. SQLite's transactions are serializable, which
   * satisfies every level.
   */
  readonly isolation?: IsolationLevel | undefined;
  /** The database itself refuses writes (READ_ONLY). On SQLite it reads beside a writer. */
  readonly readOnly?: boolean | undefined;
  /**
   * How often the whole function may run again after an error that is `retryable` (a deadlock, a serialization
   * failure, a lock that was not to be had): at most `1 + retries` times in all. 0 when absent. Inside another
   * transaction it counts for nothing: only the outermost one can be repeated.
   */
  readonly retries?: number | undefined;
}

/** Every level that may be asked for. */
export const LEVELS: readonly IsolationLevel[] = [
  'READ UNCOMMITTED',
  'READ COMMITTED',
  'REPEATABLE READ',
  'SERIALIZABLE',
];
const OPTIONS = ['isolation', 'retries', 'readOnly'] satisfies (keyof TransactionOptions)[];

/**
 * Refuses what cannot be meant.
 *
 * @throws OPTION_UNKNOWN · OPTION_INVALID, with the nearest name
 */
export function checkTransaction(run: unknown, options: TransactionOptions | undefined): void {
  if (typeof run !== 'function') {
    const hint = typeof run === 'string' ? `; write transaction(run, { isolation: '${run}' })` : '';
    throw invalid('transaction', `the first argument is the function to run${hint}`);
  }
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw invalid('transaction', "expected options such as { isolation: 'SERIALIZABLE' }");
  }
  for (const option of Object.keys(options)) {
    if ((OPTIONS as readonly string[]).includes(option)) continue;
    throw error('OPTION_UNKNOWN', { option, place: 'transaction', nearest: nearestName(option, OPTIONS) });
  }
  const { isolation, readOnly, retries } = options;
  if (isolation !== undefined && !LEVELS.includes(isolation)) {
    throw invalid('isolation', `there are ${LEVELS.map((level) => `'${level}'`).join(', ')}`);
  }
  if (readOnly !== undefined && typeof readOnly !== 'boolean') throw invalid('readOnly', 'true or false');
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) {
    throw invalid('retries', 'expected a whole number from 0');
  }
}

/**
 * Refuses what a savepoint cannot give, because the transaction around it is another one.
 *
 * @param outer how the transaction around it runs
 * @throws TRANSACTION_NESTED
 */
export function checkNested(
  { isolation, readOnly }: TransactionOptions,
  outer: TransactionMode,
  dialect: Dialect,
): void {
  const isMet =
    isolation === undefined || !dialect.capabilities.isolationLevels || isolation === outer.isolation;
  if (!isMet) {
    const found = outer.isolation ?? "the server's default";
    throw error('TRANSACTION_NESTED', {
      option: `isolation: '${isolation}'`,
      outer: `isolation is ${found}`,
    });
  }
  if (readOnly === undefined || readOnly === (outer.readOnly === true)) return;
  const found = readOnly ? 'may write' : 'is read-only';
  throw error('TRANSACTION_NESTED', { option: `readOnly: ${readOnly}`, outer: found });
}

function invalid(option: string, problem: string): Error {
  return error('OPTION_INVALID', { option, problem });
}
