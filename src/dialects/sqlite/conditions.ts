/**
 * Conditions in SQLite's words. Lists go as JSON, which `json_each` makes rows of; JSON is compared by two functions
 * of ours, because SQLite compares its text, in which the order of members and the spelling of numbers count.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ConditionSql, PackedList, SqlValue } from '../contract.js';
import type { NativeDatabase } from './native.js';

const rows: PackedList = {
  preferred: false,
  // Integers of 64 bits and doubles come back exact from JSON's text (tried on a million of them).
  pack: (values) => `[${values.map(jsonValue).join()}]`,
  sql: (column, list) => `${column} IN (SELECT value FROM json_each(${list}))`,
};

function jsonValue(value: SqlValue): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

const bytes: PackedList = {
  preferred: false,
  pack: (values) => JSON.stringify(values.map((each) => Buffer.from(each as Uint8Array).toString('hex'))),
  // "unhex" came with SQLite 3.41, a year before the oldest better-sqlite3 that we take.
  sql: (column, list) => `${column} IN (SELECT unhex(value) FROM json_each(${list}))`,
};

export const sqliteConditions: ConditionSql = {
  // Without ESCAPE a backslash is one more character. Case does not matter to LIKE, as far as ASCII goes.
  like: (column, pattern) => `${column} LIKE ${pattern} ESCAPE '\\'`,
  ilike: (column, pattern) => `${column} LIKE ${pattern} ESCAPE '\\'`,
  list(type) {
    switch (type.kind) {
      case 'native':
        // May hold text, numbers and bytes side by side.
        return undefined;
      case 'blob':
        return bytes;
      default:
        return rows;
    }
  },
  rows: (columns, list) =>
    `(${columns.join(', ')}) IN (VALUES ${list.map((row) => `(${row.join(', ')})`).join(', ')})`,
  jsonEquals: (column, json) => `${EQUALS}(${column}, ${json})`,
  jsonContains: (column, json) => `${CONTAINS}(${column}, ${json})`,
};

const EQUALS = 'limbeck_json_equals';
const CONTAINS = 'limbeck_json_contains';

/** Makes the functions that conditions use known to a connection. */
export function registerFunctions(native: NativeDatabase): void {
  // Not from views or triggers: those must work for every program that opens the file.
  const options = { deterministic: true, directOnly: true };
  native.function(EQUALS, options, compared(isDeepStrictEqual));
  native.function(CONTAINS, options, compared(holds));
}

function compared(test: (document: unknown, operand: unknown) => boolean) {
  let text: unknown;
  let operand: unknown;
  return (document: unknown, json: unknown): number | null => {
    if (document === null || json === null) return null;
    // One statement asks the same of every row.
    if (json !== text) [operand, text] = [parsed(json), json];
    return test(parsed(document), operand) ? 1 : 0;
  };
}

/** A column that others declared JSON has NUMERIC affinity: it holds numbers as numbers. */
function parsed(json: unknown): unknown {
  return typeof json === 'string' ? (JSON.parse(json) as unknown) : json;
}

/** PostgreSQL's `@>` (8.14.3): a list may also hold a single value, but only at the top. */
function holds(document: unknown, operand: unknown): boolean {
  const isScalar = typeof operand !== 'object' || operand === null;
  if (isScalar && Array.isArray(document)) return document.includes(operand);
  return holdsPart(document, operand);
}

function holdsPart(document: unknown, operand: unknown): boolean {
  if (typeof operand !== 'object' || operand === null) return document === operand;
  if (typeof document !== 'object' || document === null) return false;
  if (Array.isArray(operand)) {
    if (!Array.isArray(document)) return false;
    return operand.every((each) => document.some((part) => holdsPart(part, each)));
  }
  if (Array.isArray(document)) return false;
  return Object.entries(operand).every(
    ([name, each]) =>
      Object.hasOwn(document, name) && holdsPart((document as Record<string, unknown>)[name], each),
  );
}
