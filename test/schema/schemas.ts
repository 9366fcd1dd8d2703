/** Schemas in few words, for tests that are tables of input and output. */

import type { LimbeckError } from '../../src/base/errors';
import { isLimbeckError } from '../../src/base/errors';
import type { Column, ColumnType, ForeignKey, Schema, Table } from '../../src/schema/model';
import { EMPTY_SCHEMA } from '../../src/schema/model';

/** A nullable integer column unless said otherwise. */
export function column(name: string, parts: Partial<Column> | ColumnType['kind'] = {}): Column {
  const given = typeof parts === 'string' ? { type: { kind: parts } as ColumnType } : parts;
  return { name, type: { kind: 'integer' }, nullable: true, ...given };
}

/** A table of columns; a name alone stands for a nullable integer. */
export function table(
  name: string,
  columns: readonly (string | Column)[],
  parts: Partial<Table> = {},
): Table {
  return {
    name,
    columns: columns.map((each) => (typeof each === 'string' ? column(each) : each)),
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
    exclusions: [],
    ...parts,
  };
}

export function schema(tables: readonly Table[], parts: Partial<Schema> = {}): Schema {
  return { ...EMPTY_SCHEMA, tables, ...parts };
}

/** A foreign key `fk_COLUMN` from one column to another. */
export function key(
  name: string,
  refTable: string,
  refName: string,
  parts: Partial<ForeignKey> = {},
): ForeignKey {
  return { name: `fk_${name}`, columns: [name], refTable, refColumns: [refName], ...parts };
}

export function pk(...columns: string[]): Pick<Table, 'primaryKey'> {
  return { primaryKey: { name: 'pk', columns } };
}

/** The error that a function throws. */
export function errorOf(run: () => unknown): LimbeckError {
  try {
    run();
  } catch (cause) {
    if (isLimbeckError(cause)) return cause;
    throw cause;
  }
  throw new Error('Nothing was thrown.');
}
