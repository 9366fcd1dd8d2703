/**
 * Defaults of columns: what the user wrote becomes a literal or an SQL expression. A string is always a
 * literal; only a function's result and a fragment of the `sql` tag are SQL.
 */

import { isSqlFragment } from '../ast/sql.js';
import { sqlText } from '../ast/sql-text.js';
import type { ColumnDefault, ColumnType } from '../schema/model.js';

export type DefaultResult =
  | { readonly default: ColumnDefault | undefined }
  | { readonly problem: string; readonly cure: string };

const literal = (value: string | number | boolean): DefaultResult => ({
  default: { kind: 'literal', value },
});
const expression = (sql: string): DefaultResult => ({ default: { kind: 'expression', sql } });

/** `YYYY-MM-DD HH:MM:SS.SSS` in UTC, as SQLite stores it and the others read it. */
export function timestampText(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '');
}

/**
 * A default as the schema holds it.
 *
 * @param enumValues the values that an enum column may have
 */
export function columnDefault(
  value: unknown,
  type: ColumnType,
  enumValues: readonly string[] = [],
): DefaultResult {
  if (value === undefined || value === null) return { default: undefined };
  if (isSqlFragment(value)) return expression(sqlText(value));
  if (typeof value === 'function') return functionDefault(value as () => unknown);
  return literalDefault(value, type, enumValues) ?? misfit(value, type, enumValues);
}

function functionDefault(make: () => unknown): DefaultResult {
  const cure = "Return SQL as text: () => 'CURRENT_TIMESTAMP'";
  let sql: unknown;
  try {
    sql = make();
  } catch (cause) {
    return { problem: `the function of its default threw: ${String(cause)}`, cure };
  }
  if (isSqlFragment(sql)) return expression(sqlText(sql));
  if (typeof sql === 'string' && sql.trim() !== '') return expression(sql.trim());
  return { problem: 'the function of its default returns no SQL', cure };
}

function misfit(value: unknown, type: ColumnType, enumValues: readonly string[]): DefaultResult {
  const text = shown(value);
  const problem = `its default ${text} is no value of type ${type.kind}`;
  if (type.kind === 'enum') return { problem, cure: `Give one of ${enumValues.join(', ')}` };
  if (type.kind === 'blob') return { problem, cure: 'Write it as SQL: default: () => "x\'00ff\'"' };
  return { problem, cure: "Give a literal of the type, or SQL as a function: default: () => '…'" };
}

function shown(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object') return value instanceof Date ? 'a Date' : 'an object';
  return JSON.stringify(value) ?? String(value);
}

/** The literal, or undefined where the value does not fit the type. */
function literalDefault(
  value: unknown,
  type: ColumnType,
  enumValues: readonly string[],
): DefaultResult | undefined {
  switch (type.kind) {
    case 'smallint':
    case 'integer':
      return Number.isSafeInteger(value) ? literal(value as number) : undefined;
    case 'bigint':
      return integerText(value);
    case 'real':
    case 'double':
      return typeof value === 'number' && Number.isFinite(value) ? literal(value) : undefined;
    case 'decimal':
      return decimalDefault(value);
    case 'boolean':
      return typeof value === 'boolean' ? literal(value) : undefined;
    case 'char':
    case 'varchar':
    case 'text':
    case 'uuid':
    case 'time':
      return typeof value === 'string' ? literal(value) : undefined;
    case 'date':
      return dateDefault(value, (date) => date.toISOString().slice(0, 10));
    case 'timestamp':
    case 'timestamptz':
      return dateDefault(value, timestampText);
    case 'json':
      return jsonDefault(value);
    case 'enum':
      return typeof value === 'string' && enumValues.includes(value) ? literal(value) : undefined;
    case 'simple-array':
      return Array.isArray(value)
        ? literal(value.join(','))
        : typeof value === 'string'
          ? literal(value)
          : undefined;
    case 'array':
      return arrayDefault(value, type.of, enumValues);
    case 'native':
      return ['string', 'number', 'boolean'].includes(typeof value) ? literal(value as string) : undefined;
    case 'blob':
      return undefined;
    default:
      return type satisfies never;
  }
}

function integerText(value: unknown): DefaultResult | undefined {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return literal(String(value));
  return typeof value === 'string' && /^-?\d+$/.test(value) ? literal(value) : undefined;
}

function decimalDefault(value: unknown): DefaultResult | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return literal(value);
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? literal(value) : undefined;
}

function dateDefault(value: unknown, write: (date: Date) => string): DefaultResult | undefined {
  if (typeof value === 'string') return literal(value);
  return value instanceof Date && !Number.isNaN(value.getTime()) ? literal(write(value)) : undefined;
}

/** A string is JSON text, as TypeORM has it (`default: '{}'`); any other value is written as JSON. */
function jsonDefault(value: unknown): DefaultResult | undefined {
  try {
    if (typeof value !== 'string') return literal(JSON.stringify(value));
    JSON.parse(value);
    return literal(value);
  } catch {
    return undefined;
  }
}

/** PostgreSQL's text of an array; a string is taken to be one already. */
function arrayDefault(
  value: unknown,
  of: ColumnType,
  enumValues: readonly string[],
): DefaultResult | undefined {
  if (typeof value === 'string') return literal(value);
  if (!Array.isArray(value)) return undefined;
  const elements: string[] = [];
  for (const element of value as unknown[]) {
    const made = literalDefault(element, of, enumValues);
    if (made === undefined || !('default' in made) || made.default?.kind !== 'literal') return undefined;
    const text = String(made.default.value);
    elements.push(typeof made.default.value === 'string' ? `"${text.replace(/["\\]/g, '\\$&')}"` : text);
  }
  return literal(`{${elements.join(',')}}`);
}
