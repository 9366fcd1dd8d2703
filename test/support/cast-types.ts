/** Types that are cast into each other on every database, by the names that the tests give them. */

import type { ColumnType } from '../../src/schema/model';

export const CAST_TYPES = {
  smallint: { kind: 'smallint' },
  integer: { kind: 'integer' },
  bigint: { kind: 'bigint' },
  boolean: { kind: 'boolean' },
  real: { kind: 'real' },
  double: { kind: 'double' },
  decimal: { kind: 'decimal' },
  'decimal(5,2)': { kind: 'decimal', precision: 5, scale: 2 },
  'decimal(3)': { kind: 'decimal', precision: 3 },
  'char(3)': { kind: 'char', length: 3 },
  'varchar(5)': { kind: 'varchar', length: 5 },
  varchar: { kind: 'varchar' },
  text: { kind: 'text' },
  'simple-array': { kind: 'simple-array' },
  enum: { kind: 'enum', name: 'state' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  'time(0)': { kind: 'time', precision: 0 },
  timestamp: { kind: 'timestamp' },
  'timestamp(0)': { kind: 'timestamp', precision: 0 },
  'timestamp(6)': { kind: 'timestamp', precision: 6 },
  timestamptz: { kind: 'timestamptz' },
  json: { kind: 'json' },
  uuid: { kind: 'uuid' },
  blob: { kind: 'blob' },
} as const satisfies Record<string, ColumnType>;
