/**
 * The words in which PostgreSQL's definitions are compared: equal text means that PostgreSQL cannot tell the two
 * apart. Types by what the server makes of them, defaults by value, expressions token by token: where their
 * words still differ, `settle` asks the server itself.
 */

import { canonicalSql } from '../../base/sql-tokens.js';
import type { ColumnType, Table } from '../../schema/model.js';
import type { CanonicalForms } from '../contract.js';
import { canonicalDefault } from './defaults.js';
import { comparedOptions } from './table-options.js';
import { canonicalType } from './types.js';

/** PostgreSQL's canonical forms. */
export const postgresCanonical: CanonicalForms = {
  type: (type, { enums }) => canonicalType(type, enums),
  default: canonicalDefault,
  expression: canonicalSql,
  collation: (collation) => (collation === undefined || collation === 'default' ? '' : collation),
  // An empty comment is none ("COMMENT").
  comment: (comment) => comment ?? '',
  // `timestamp`, as people write it, keeps six digits.
  serves: (found, wanted) =>
    isMoment(found) &&
    isMoment(wanted) &&
    found.kind === wanted.kind &&
    found.precision === 6 &&
    wanted.precision === undefined,
  // A sequence of one's own (serial) and an identity are made and taken away in different ways.
  autoIncrement: (column) => column.autoIncrement ?? '',
  columnOptions: () => '',
  indexOptions: ({ method }) => {
    const name = (method ?? 'btree').toLowerCase();
    return name === 'btree' ? '' : name;
  },
  tableOptions: (table: Table) =>
    [...comparedOptions(table)].map(([name, value]) => `${name}=${value}`).join(' '),
};

type Moment = Extract<ColumnType, { readonly kind: 'time' | 'timestamp' | 'timestamptz' }>;

function isMoment(type: ColumnType): type is Moment {
  return type.kind === 'time' || type.kind === 'timestamp' || type.kind === 'timestamptz';
}
