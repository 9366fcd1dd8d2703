/** What is read like a column and stands in no table: its metadata, its name in a statement, and its values. */

import type { Dialect, SqlValue } from '../../dialects/contract.js';
import type { ColumnMetadata } from '../../metadata/entity.js';
import type { ColumnType } from '../../schema/model.js';

/** No column of the table is called so. */
export function virtualName(property: string, dialect: Dialect): string {
  return dialect.quoteIdentifier(`_v_${property}`);
}

/** Without a type a value is what the driver makes of it. */
export const ANY: ColumnType = { kind: 'native', sql: {} };

export function virtualMeta(
  path: readonly string[],
  type: ColumnType,
  enumValues?: ColumnMetadata['enumValues'],
): ColumnMetadata {
  const property = path.join('.');
  return {
    path,
    property,
    name: property,
    type,
    ...(enumValues === undefined ? {} : { enumValues }),
    role: 'virtual',
    primary: false,
    nullable: true,
    select: true,
    insert: false,
    update: false,
    transformers: [],
  };
}

/** Sums and averages are decimals on some databases, which come as text, whatever they are made of. */
export function computedValue({ kind }: ColumnType, value: SqlValue): SqlValue {
  if (typeof value !== 'string') return value;
  switch (kind) {
    case 'smallint':
    case 'integer':
    case 'real':
    case 'double':
      return value.trim() === '' ? value : Number(value);
    case 'bigint':
      return /^-?\d+(\.0*)?$/.test(value) ? BigInt(value.replace(/\..*$/, '')) : value;
    default:
      return value;
  }
}
