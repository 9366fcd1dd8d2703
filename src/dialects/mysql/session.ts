/**
 * The settings of our sessions: whatever defaults a server has, the same statement means the same on all of
 * them. Set on connect, and again after a connection was reset.
 */

import { type Flavour, isAtLeast } from './flavour.js';
import { literalText } from './literals.js';

/**
 * Strict, so that what does not fit is refused and not bent; names quoted with backticks, and a key of 0 stored
 * as 0 and not replaced, as on every other database.
 */
export const SQL_MODE = [
  'STRICT_ALL_TABLES',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  'NO_AUTO_VALUE_ON_ZERO',
].join(',');

/** How long a statement waits for a lock before LOCK_NOT_AVAILABLE; MySQL's own default for DDL is a year. */
export const LOCK_WAIT_SECONDS = 50;

/** The statement that settles a session. */
export function sessionSql(collation: string): string {
  const names = /^utf8mb4_\w+$/.test(collation) ? ` COLLATE ${literalText(collation)}` : '';
  return `SET ${[
    `NAMES utf8mb4${names}`,
    `SESSION sql_mode = ${literalText(SQL_MODE)}`,
    "SESSION time_zone = '+00:00'",
    'SESSION autocommit = 1',
    'SESSION foreign_key_checks = 1',
    'SESSION unique_checks = 1',
    'SESSION sql_auto_is_null = 0',
    'SESSION completion_type = 0',
    'SESSION group_concat_max_len = 1073741824',
    `SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
    `SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
    'SESSION wait_timeout = 28800',
  ].join(', ')}`;
}

/**
 * Settings against rarer oddities of a server, which it may not let us make: a version may lack one, and some
 * take a right that few users have ("System Variable Privileges"). Each is tried once.
 */
export function extraSettings(flavour: Flavour): readonly string[] {
  const common = [
    'sql_safe_updates = 0',
    'sql_big_selects = 1',
    'sql_select_limit = 18446744073709551615',
    'sql_quote_show_create = 1',
    'div_precision_increment = 4',
    'default_storage_engine = InnoDB',
    // Names are read out of messages.
    "lc_messages = 'en_US'",
    'explicit_defaults_for_timestamp = 1',
  ];
  if (flavour.mariadb) {
    const readOnly = isAtLeast(flavour, 11, 1) ? 'transaction_read_only = 0' : 'tx_read_only = 0';
    return [...common, readOnly, 'check_constraint_checks = 1', 'sql_if_exists = 0'];
  }
  return [
    ...common,
    'transaction_read_only = 0',
    // Else information_schema tells of AUTO_INCREMENT what it was a day ago.
    'information_schema_stats_expiry = 0',
    'show_create_table_verbosity = 0',
    'sql_generate_invisible_primary_key = 0',
  ];
}

/** One SET of some of them; undefined for none. */
export function extraSql(settings: readonly string[]): string | undefined {
  if (settings.length === 0) return undefined;
  return `SET ${settings.map((setting) => `SESSION ${setting}`).join(', ')}`;
}
