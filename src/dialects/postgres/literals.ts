/**
 * Names and literals as PostgreSQL text, for DDL; everywhere but in DDL values are bound.
 * Whatever stands in a value comes back unchanged and never runs.
 */

import { splitTableName } from '../../schema/table-names.js';
import { invalidValue, isWellFormed, numberLiteral } from '../shared/values.js';

/** A name in double quotes, doubled inside. @throws VALUE_INVALID for a NUL, which no name can hold */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0') || !isWellFormed(name)) {
    throw invalidValue('name', 'a name in the database cannot hold a NUL or half of a surrogate pair');
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table (a view, an enum …) as SQL text, with its schema where the name says one. */
export function quoteTable(name: string): string {
  const { schema, name: bare } = splitTableName(name);
  return schema === undefined ? quoteIdentifier(bare) : `${quoteIdentifier(schema)}.${quoteIdentifier(bare)}`;
}

/**
 * A literal as SQL text. A backslash is an ordinary character: every connection of ours has
 * `standard_conforming_strings` on (4.1.2.1 "String Constants").
 */
export function literalText(value: string | number | boolean | Uint8Array | null): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return numberLiteral(value);
  // Not as `'\\x…'`: with standard_conforming_strings off that backslash would be an escape.
  if (value instanceof Uint8Array) return `decode('${Buffer.from(value).toString('hex')}', 'hex')`;
  if (!isWellFormed(value)) throw invalidValue('literal', 'the text holds half of a surrogate pair');
  if (value.includes('\0')) throw invalidValue('literal', 'PostgreSQL cannot store a NUL character in text');
  return `'${value.replaceAll("'", "''")}'`;
}
