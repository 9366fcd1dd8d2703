/**
 * Names and literals as MySQL text, for DDL. Whatever stands in a value comes back unchanged and never runs;
 * everywhere but in DDL values are bound.
 */

import { invalidValue, isWellFormed, numberLiteral } from '../shared/values.js';

/**
 * A name in backticks, doubled inside.
 *
 * @throws VALUE_INVALID for what no object may be called ("Schema Object Names": no NUL, nothing beyond U+FFFF,
 *   not empty, no blank at the end)
 */
export function quoteIdentifier(name: string): string {
  if (name === '') throw invalidValue('name', 'a name in the database cannot be empty');
  if (name.includes('\0') || !isWellFormed(name)) {
    throw invalidValue('name', 'a name in the database cannot hold a NUL or half of a surrogate pair');
  }
  // Names are kept in three-byte UTF-8.
  if (/[\u{10000}-\u{10FFFF}]/u.test(name)) {
    throw invalidValue('name', `MySQL and MariaDB know no name with a character beyond U+FFFF: '${name}'`);
  }
  if (name.endsWith(' ')) {
    throw invalidValue('name', `MySQL and MariaDB know no name that ends with a blank: '${name}'`);
  }
  return `\`${name.replaceAll('`', '``')}\``;
}

/**
 * A literal as SQL text, for sessions without NO_BACKSLASH_ESCAPES and with utf8mb4, which ours always are
 * ("String Literals").
 */
export function literalText(value: string | number | boolean | Uint8Array | null): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return numberLiteral(value);
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (!isWellFormed(value)) throw invalidValue('literal', 'the text holds half of a surrogate pair');
  // The command line clients turn CR LF in a script into LF.
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "''")
    .replaceAll('\0', '\\0')
    .replaceAll('\r', '\\r');
  return `'${escaped}'`;
}
