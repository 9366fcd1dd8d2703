/** The value that `--fill` gives: text of a flag, read as its column's type and refused where it is none. */

import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import type { Dialect } from '../../dialects/contract.js';
import type { ColumnType, Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';

/** As a flag or a program gives it. */
export type FillInput = string | number | boolean;

export interface FilledColumn {
  readonly table: string;
  readonly name: string;
  readonly type: ColumnType;
  /** For the values of enums. */
  readonly schema: Schema;
}

/**
 * The literal for a migration file.
 *
 * @throws DECISION_UNKNOWN when the column cannot hold it
 */
export function fillValue(given: FillInput, column: FilledColumn, dialect: Dialect): FillInput {
  const { table, name, type, schema } = column;
  const owner = `${table}.${name}`;
  const refuse = (problem: string): never => {
    throw error('DECISION_UNKNOWN', { flag: `--fill ${owner}=${given}`, problem });
  };
  const input = inputOf(given, type, refuse);
  if (input === undefined) return String(given);
  const enumValues = type.kind === 'enum' ? byName(schema.enums, type.name)?.values : undefined;
  let encoded: unknown;
  try {
    encoded = dialect.codec(type, { owner, ...(enumValues && { enumValues }) }).encode(input);
  } catch (cause) {
    if (!isLimbeckError(cause) || cause.code !== 'VALUE_INVALID') throw cause;
    return refuse(String(cause.context.problem));
  }
  if (typeof input === 'number' || typeof input === 'boolean') return input;
  if (typeof input === 'bigint') return Number.isSafeInteger(Number(input)) ? Number(input) : String(input);
  if (type.kind === 'decimal') return String(Number(given)) === given ? Number(given) : String(given);
  return input instanceof Date ? String(encoded) : String(given);
}

/** What the column's codec takes; undefined where it is not for a flag to say, as for a native type. */
function inputOf(given: FillInput, type: ColumnType, refuse: (problem: string) => never): unknown {
  const text = String(given);
  switch (type.kind) {
    case 'smallint':
    case 'integer':
    case 'real':
    case 'double':
      return numberOf(text, refuse);
    case 'bigint':
      return /^[+-]?\d+$/.test(text) ? BigInt(text) : refuse(`'${text}' is not a whole number`);
    case 'boolean':
      return booleanOf(text, refuse);
    case 'timestamp':
    case 'timestamptz':
      return instantOf(text, refuse);
    case 'json':
      return jsonOf(text, refuse);
    case 'decimal':
      return String(numberOf(text, refuse)) === text ? Number(text) : text;
    case 'char':
    case 'varchar':
    case 'text':
    case 'date':
    case 'time':
    case 'uuid':
    case 'enum':
      return text;
    default:
      return undefined;
  }
}

function numberOf(text: string, refuse: (problem: string) => never): number {
  const number = Number(text);
  return text.trim() === '' || !Number.isFinite(number) ? refuse(`'${text}' is not a number`) : number;
}

function booleanOf(text: string, refuse: (problem: string) => never): boolean {
  const word = text.toLowerCase();
  if (['true', '1'].includes(word)) return true;
  if (['false', '0'].includes(word)) return false;
  return refuse(`'${text}' is neither true nor false`);
}

/** UTC where no zone is named, as everywhere. */
function instantOf(text: string, refuse: (problem: string) => never): Date {
  const zoned = /(?:[zZ]|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`;
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? text : zoned);
  const isOne = /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(date.getTime());
  return isOne ? date : refuse(`'${text}' is no date and time such as '2026-11-22 18:25:16'`);
}

function jsonOf(text: string, refuse: (problem: string) => never): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuse(`'${text}' is no JSON`);
  }
}
