/** Conditions in the words of MySQL and MariaDB. */

import type { ColumnType } from '../../schema/model.js';
import type { ConditionSql, PackedList, SqlValue } from '../contract.js';
import type { Flavour } from './flavour.js';
import { decimalShape } from './types.js';

export function mysqlConditions(flavour: Flavour): ConditionSql {
  return {
    // The backslash is the escape by default; whether case matters is the column's collation's rule.
    like: (column, pattern) => `${column} LIKE ${pattern}`,
    ilike: (column, pattern) => `LOWER(${column}) LIKE LOWER(${pattern})`,
    list: packedList,
    // Not `(a, b) IN (…)`: of a single row MariaDB never says that it is unknown (10.11).
    rows: (columns, list) => {
      const equal = (row: readonly string[]): string =>
        columns.map((column, i) => `${column} = ${row[i]}`).join(' AND ');
      return `(${list.map((row) => `(${equal(row)})`).join(' OR ')})`;
    },
    // MySQL would compare a JSON value with a text that is none. MariaDB's JSON is text; its JSON_EQUALS is true of
    // NULL in a WHERE clause (10.11).
    jsonEquals: (column, json) =>
      flavour.mariadb
        ? `JSON_NORMALIZE(${column}) = JSON_NORMALIZE(${json}) COLLATE utf8mb4_bin`
        : `${column} = CAST(${json} AS JSON)`,
    jsonContains: (column, json) => `JSON_CONTAINS(${column}, ${json})`,
  };
}

/** A list as JSON, of which JSON_TABLE makes rows of the column's type. */
function packedList(type: ColumnType): PackedList | undefined {
  const declared = listType(type);
  if (declared === undefined) return undefined;
  const value = type.kind === 'blob' ? 'UNHEX(_list.v)' : '_list.v';
  return {
    preferred: false,
    ...(isWhole(type) && { fasterFrom: 16 }),
    pack: (values) => `[${values.map(jsonValue).join()}]`,
    sql: (column, list) =>
      `${column} IN (SELECT ${value} FROM JSON_TABLE(${list}, '$[*]' COLUMNS (v ${declared} PATH '$')) AS _list)`,
  };
}

export function isWhole({ kind }: ColumnType): boolean {
  return kind === 'smallint' || kind === 'integer' || kind === 'bigint';
}

export function jsonValue(value: SqlValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('hex')}"`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

export function listType(type: ColumnType): string | undefined {
  switch (type.kind) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'boolean':
      return 'BIGINT';
    case 'real':
    case 'double':
      return 'DOUBLE';
    case 'decimal':
      // Operands were checked to fit the column.
      return `DECIMAL(${decimalShape(type).precision},${decimalShape(type).scale})`;
    case 'date':
      return 'DATE';
    case 'time':
      return 'TIME(6)';
    case 'timestamp':
    case 'timestamptz':
      return 'DATETIME(6)';
    case 'uuid':
      return 'CHAR(36)';
    case 'char':
    case 'varchar':
    case 'text':
    case 'simple-array':
    case 'enum':
    case 'blob':
      return 'LONGTEXT';
    default:
      return undefined;
  }
}
