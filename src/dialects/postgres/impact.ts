/**
 * What each change costs those who use a PostgreSQL meanwhile. Read off the statements of the plan, so that it is about
 * what really runs; the facts are measured (test/dialects/postgres/lock-matrix.test.ts) where not the manual says
 * them ("Explicit Locking", "ALTER TABLE", Notes).
 */

import { tokenize } from '../../base/sql-tokens.js';
import { findConstraint } from '../../schema/draft.js';
import type { Column, ColumnDefault, ColumnType, Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { type Impact, impactsOn, type Work } from '../shared/impact.js';
import { type StatementWords, tableOf, wordsOf } from '../shared/statement-words.js';
import { planPostgres } from './plan.js';

type Cost = Omit<Impact, 'tables'>;

const exclusive = (work: Work): Cost => ({ lock: 'ACCESS EXCLUSIVE', blocks: 'reads and writes', work });
const writersOut = (work: Work): Cost => ({ lock: 'SHARE ROW EXCLUSIVE', blocks: 'writes', work });
const online = (work: Work): Cost => ({ lock: 'SHARE UPDATE EXCLUSIVE', blocks: 'nothing', work });

/** What an operation costs, one entry a lock. */
export function impactPostgres(
  before: Schema,
  operation: Operation,
  serverVersion?: number,
): readonly Impact[] {
  const options = serverVersion === undefined ? {} : { serverVersion };
  const statements = wordsOf(planPostgres(before, [operation], options).steps);
  const isProven = statements.some(({ text }) => text.includes('VALIDATE CONSTRAINT'));
  const impacts = statements.flatMap((statement) => {
    const cost = costOf(statement, { before, operation, isProven });
    return cost === undefined ? [] : [{ ...cost, tables: tablesOf(statement, before, operation) }];
  });
  const known = new Set([...before.tables, ...before.views].map(({ name }) => name));
  return impactsOn(impacts, (table) => known.has(table));
}

interface Circumstances {
  readonly before: Schema;
  readonly operation: Operation;
  /** A validated check has shown before that there is no NULL. */
  readonly isProven: boolean;
}

/** What statements of these kinds cost, whatever they say further on. */
const KINDS: readonly (readonly [RegExp, Cost | undefined])[] = [
  [/^CREATE (?:UNIQUE )?INDEX CONCURRENTLY\b/, online('index build')],
  [/^CREATE (?:UNIQUE )?INDEX\b/, { lock: 'SHARE', blocks: 'writes', work: 'index build' }],
  [/^DROP INDEX CONCURRENTLY\b/, online('catalog')],
  [/^COMMENT ON\b/, online('catalog')],
  [/^(?:CREATE|ALTER|DROP) (?:TYPE|SEQUENCE|SCHEMA)\b/, undefined],
  [/^CREATE TABLE\b/, writersOut('catalog')],
  [/^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER\b/, writersOut('catalog')],
  [/^UPDATE\b/, { lock: 'ROW EXCLUSIVE', blocks: 'writes', work: 'rewrite' }],
];

function costOf(statement: StatementWords, circumstances: Circumstances): Cost | undefined {
  const { text } = statement;
  const kind = KINDS.find(([pattern]) => pattern.test(text));
  if (kind !== undefined) return kind[1];
  if (!text.startsWith('ALTER TABLE')) return exclusive('catalog');
  if (text.includes('VALIDATE CONSTRAINT')) return online('scan');
  if (/\bADD CONSTRAINT \S+ FOREIGN KEY\b/.test(text)) {
    return writersOut(text.endsWith('NOT VALID') ? 'catalog' : 'scan');
  }
  if (/^ALTER TABLE \S+(?: \. \S+)? (?:RE)?SET \(/.test(text)) return online('catalog');
  return exclusive(workOf(text, circumstances));
}

/** The most that a part of an ALTER TABLE asks for. */
function workOf(text: string, { before, operation, isProven }: Circumstances): Work {
  if (/\bSET (?:UN)?LOGGED\b/.test(text)) return 'rewrite';
  if (/\bALTER COLUMN \S+ TYPE\b/.test(text)) {
    const work = retypeWork(text, before, operation);
    if (work !== 'catalog') return work;
  }
  if (/\bADD COLUMN\b/.test(text) && operation.kind === 'addColumn') return additionWork(operation);
  if (/\bUSING INDEX\b/.test(text) || text.endsWith('NOT VALID')) return 'catalog';
  if (/\bADD CONSTRAINT \S+ (?:PRIMARY KEY|UNIQUE|EXCLUDE)\b/.test(text)) return 'index build';
  if (/\bADD CONSTRAINT \S+ CHECK\b/.test(text)) return 'scan';
  return /\bSET NOT NULL\b/.test(text) && !isProven ? 'scan' : 'catalog';
}

function additionWork({ column, fill }: Extract<Operation, { kind: 'addColumn' }>): Work {
  if (column.generated) return column.generated.stored ? 'rewrite' : 'catalog';
  const value = fill ?? column.default;
  return column.autoIncrement !== undefined || (value && isVolatile(value)) ? 'rewrite' : 'catalog';
}

/** Functions whose answer is one for the whole statement ("Function Volatility Categories"). */
const STABLE: ReadonlySet<string> = new Set([
  ...['now', 'transaction_timestamp', 'statement_timestamp', 'current_setting', 'current_schema'],
  ...['timezone', 'date_trunc', 'to_char', 'to_date', 'to_timestamp', 'lower', 'upper', 'coalesce'],
  ...['make_date', 'make_interval', 'make_timestamp', 'jsonb_build_object', 'jsonb_build_array'],
  ...['json_build_object', 'json_build_array', 'varchar', 'char', 'numeric', 'decimal', 'timestamp'],
  ...['timestamptz', 'time', 'interval', 'cast', 'concat', 'round', 'floor', 'abs'],
]);

/** Whether each row may get another value; of a function that is not known it is assumed. */
export function isVolatile(value: ColumnDefault): boolean {
  if (value.kind === 'literal') return false;
  const tokens = tokenize(value.sql);
  return tokens.some(
    ({ kind, value: name }, i) =>
      (kind === 'word' || kind === 'quoted') &&
      tokens[i + 1]?.text === '(' &&
      !STABLE.has(name.toLowerCase()),
  );
}

function retypeWork(text: string, before: Schema, operation: Operation): Work {
  if (operation.kind !== 'alterColumn') return 'rewrite';
  const table = byName(before.tables, operation.table);
  const from = table && byName(table.columns, operation.name);
  if (from === undefined || / USING /.test(text)) return 'rewrite';
  const to = operation.change.type ?? from.type;
  if (!keepsStorage(from, to)) return 'rewrite';
  const collates = operation.change.collation !== undefined && operation.change.collation !== from.collation;
  return collates && isIndexed(before, operation.table, operation.name) ? 'index build' : 'catalog';
}

function isIndexed(schema: Schema, table: string, column: string): boolean {
  const found = byName(schema.tables, table);
  if (found === undefined) return false;
  const keys = [found.primaryKey, ...found.uniques].flatMap((key) => key?.columns ?? []);
  const indexed = found.indexes.flatMap(({ columns }) =>
    columns.flatMap((part) => ('column' in part ? [part.column] : [])),
  );
  return [...keys, ...indexed].includes(column);
}

/** Whether every stored value is one of the new type as it lies ("ALTER TABLE", Notes). */
function keepsStorage({ type: from }: Column, to: ColumnType): boolean {
  const isText = from.kind === 'varchar' || from.kind === 'text';
  if (isText && to.kind === 'text') return true;
  if (isText && to.kind === 'varchar') {
    if (to.length === undefined) return true;
    return from.kind === 'varchar' && from.length !== undefined && to.length >= from.length;
  }
  if (from.kind === 'decimal' && to.kind === 'decimal') {
    if (to.precision === undefined) return true;
    if (from.precision === undefined) return false;
    return to.precision >= from.precision && (to.scale ?? 0) === (from.scale ?? 0);
  }
  return JSON.stringify(from) === JSON.stringify(to);
}

function tablesOf(
  { text, table, references }: StatementWords,
  before: Schema,
  operation: Operation,
): string[] {
  const own = tableOf(operation);
  // COMMENT ON COLUMN names the column.
  const names = [text.startsWith('COMMENT') ? own : (table ?? own), references];
  if (operation.kind === 'createTable') names.push(...operation.table.foreignKeys.map((key) => key.refTable));
  const found = own === undefined ? undefined : byName(before.tables, own);
  // The triggers that enforce a key lie on both of its tables.
  if (operation.kind === 'dropTable') names.push(...(found?.foreignKeys.map((key) => key.refTable) ?? []));
  if (
    operation.kind === 'dropConstraint' &&
    found &&
    findConstraint(found, operation.name) === 'foreignKey'
  ) {
    names.push(byName(found.foreignKeys, operation.name)?.refTable);
  }
  return names.filter((name) => name !== undefined);
}
