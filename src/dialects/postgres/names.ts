/** Names that PostgreSQL can hold in full: it cuts longer ones without an error ("4.1.1"). */

import { error } from '../../base/error-codes.js';
import { byteLength } from '../../base/text.js';
import type { Table } from '../../schema/model.js';
import { splitTableName } from '../../schema/table-names.js';

const MAX_BYTES = 63;

/** @throws SCHEMA_INVALID for a name that would be cut, and for an empty one */
export function requireName(object: string, name: string): void {
  if (name === '') throw error('SCHEMA_INVALID', { object, name, problem: 'a name cannot be empty' });
  const bytes = byteLength(name);
  if (bytes <= MAX_BYTES) return;
  const problem = `the name takes ${bytes} bytes, and PostgreSQL keeps ${MAX_BYTES}`;
  throw error('SCHEMA_INVALID', { object, name, problem });
}

/** The name of a table, view, enum or sequence, and of its schema where it says one. */
export function requireQualifiedName(object: string, name: string): void {
  const { schema, name: bare } = splitTableName(name);
  if (schema !== undefined) requireName('schema', schema);
  requireName(object, bare);
}

/** All names of a new table. */
export function requireTableNames(table: Table): void {
  requireQualifiedName('table', table.name);
  for (const { name } of table.columns) requireName('column', name);
  const { primaryKey, uniques, checks, foreignKeys, exclusions } = table;
  const constraints = [
    ...(primaryKey ? [primaryKey] : []),
    ...uniques,
    ...checks,
    ...foreignKeys,
    ...exclusions,
  ];
  for (const { name } of constraints) requireName('constraint', name);
  for (const { name } of table.indexes) requireName('index', name);
}
