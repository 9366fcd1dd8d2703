/**
 * What each change costs those who use a SQLite file meanwhile: there is one writer, and a migration is it until it ends.
 * What differs is how long that takes ("ALTER TABLE": what only edits the schema, and what reads or writes the rows).
 */

import type { Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { type Impact, impactsOn, type Work } from '../shared/impact.js';
import { type StatementWords, tableOf, wordsOf } from '../shared/statement-words.js';
import { planSqlite } from './plan.js';

/** What an operation costs. */
export function impactSqlite(before: Schema, operation: Operation): readonly Impact[] {
  const statements = wordsOf(planSqlite(before, [operation]).steps);
  const [table, work] = [tableOf(operation), hardest(statements.map(workOf))];
  if (statements.length === 0 || work === undefined) return [];
  const known = new Set(before.tables.map(({ name }) => name));
  const named = [table, ...statements.map((statement) => statement.table)];
  const tables = named.filter((name) => name !== undefined);
  return impactsOn([{ lock: 'the write lock', blocks: 'writes', work, tables }], (name) => known.has(name));
}

function workOf({ text }: StatementWords): Work {
  if (/^INSERT INTO\b/.test(text)) return 'rewrite';
  // "DROP COLUMN … rewrites its content to purge the data".
  if (/^ALTER TABLE \S+ DROP COLUMN\b/.test(text)) return 'rewrite';
  if (/^CREATE (?:UNIQUE )?INDEX\b/.test(text)) return 'index build';
  // "when adding a column with a CHECK constraint, or a NOT NULL constraint on a generated column, … against all rows".
  return /^ALTER TABLE \S+ ADD COLUMN\b.*\b(?:CHECK|GENERATED .*NOT NULL)\b/.test(text) ? 'scan' : 'catalog';
}

function hardest(works: readonly Work[]): Work | undefined {
  const order: readonly Work[] = ['rewrite', 'index build', 'scan', 'catalog'];
  return order.find((work) => works.includes(work));
}
