/** What a step destroys or may fail on, in words, counted where a database is at hand. */

import { isLimbeckError } from '../../base/errors.js';
import type { Connection, Dialect } from '../../dialects/contract.js';
import type { SchemaDraft } from '../../schema/draft.js';
import type { Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { stepName } from '../target-database.js';

/** The database to compare with; undefined where its file does not exist, which is an empty one. */
export interface ComparedDatabase {
  readonly dialect: Dialect;
  readonly connection: Connection | undefined;
  readonly ignoreTables: readonly string[];
  /** What the files make of an empty database, compared instead of a real one; rows are not known then. */
  readonly replayed?: Schema;
}

/** How many rows a table has. */
export async function countRows(connection: Connection, dialect: Dialect, table: string): Promise<number> {
  const [[count] = []] = await connection.queryArrays(`SELECT count(*) FROM ${dialect.quoteTable(table)}`);
  return Number(count);
}

interface Circumstances {
  /** The schema when the step runs. */
  readonly draft: SchemaDraft;
  /** The schema before all steps. */
  readonly base: Schema;
  readonly renames: readonly Operation[];
}

/** The warnings of one step. */
export async function lossWarnings(
  database: ComparedDatabase,
  operation: Operation,
  circumstances: Circumstances,
): Promise<string[]> {
  switch (operation.kind) {
    case 'dropTable':
      return [`destroys table '${operation.table}'${await rowsOf(database, operation.table, circumstances)}`];
    case 'dropColumn':
      return dropColumnWarning(database, operation, circumstances);
    case 'alterColumn':
    case 'createUnique':
    case 'createPrimaryKey':
    case 'createCheck':
    case 'createIndex':
    case 'alterEnum':
      return refusals(database, operation, circumstances);
    default:
      return [];
  }
}

/** The name by which the database still knows a table. */
export function formerName(table: string, renames: readonly Operation[]): string {
  let name = table;
  for (const operation of [...renames].reverse()) {
    if (operation.kind === 'renameTable' && operation.to === name) name = operation.table;
  }
  return name;
}

async function rowsOf(
  database: ComparedDatabase,
  table: string,
  circumstances: Circumstances,
): Promise<string> {
  if (!database.connection) return '';
  const rows = await countRows(
    database.connection,
    database.dialect,
    formerName(table, circumstances.renames),
  );
  return ` with ${rows} ${rows === 1 ? 'row' : 'rows'}`;
}

async function dropColumnWarning(
  database: ComparedDatabase,
  operation: Extract<Operation, { kind: 'dropColumn' }>,
  circumstances: Circumstances,
): Promise<string[]> {
  const { table, name } = operation;
  const column = byName(circumstances.draft.table(table, operation.kind).columns, name);
  if (column?.generated) return [];
  const { connection, dialect } = database;
  if (!connection) return [`destroys column '${table}.${name}'`];
  const place = dialect.quoteTable(formerName(table, circumstances.renames));
  const sql = `SELECT count(*), count(${dialect.quoteIdentifier(name)}) FROM ${place}`;
  const [[rows, values] = []] = await connection.queryArrays(sql);
  return [
    `destroys column '${table}.${name}': ${values} ${Number(values) === 1 ? 'value' : 'values'} in ${rows} ${Number(rows) === 1 ? 'row' : 'rows'}`,
  ];
}

/** What the run would refuse if it ran now: the checks of the plan, asked beforehand. */
async function refusals(
  database: ComparedDatabase,
  operation: Operation,
  { base, renames }: Circumstances,
): Promise<string[]> {
  const { connection, dialect } = database;
  if (!connection) return [];
  const warnings: string[] = [];
  for (const step of checksOf(dialect, base, operation)) {
    // After a rename the database does not know the names that the check would ask for.
    if (renames.some((rename) => touches(rename, step.table))) continue;
    const rows = await countOf(connection, step.countSql);
    if (rows !== undefined && rows > 0) {
      const subject = `${rows} ${rows === 1 ? 'row' : 'rows'} of '${step.table}' ${step.problem}`;
      warnings.push(`will be refused as the data stands: ${stepName(operation)}: ${subject}. ${step.remedy}`);
    }
  }
  return warnings;
}

/** Whether a rename gives something that a question about a table mentions another name; enums are in all of them. */
function touches(rename: Operation, table: string): boolean {
  if (rename.kind === 'renameTable') return rename.to === table;
  return rename.kind === 'renameColumn' ? rename.table === table : true;
}

function checksOf(dialect: Dialect, base: Schema, operation: Operation) {
  try {
    const checks = dialect
      .plan(base, [operation])
      .steps.flatMap((step) =>
        step.kind === 'check' ? [step] : step.kind === 'statement' ? (step.diagnoses ?? []) : [],
      );
    // Those that count copied rows only make sense in the run.
    return checks.filter((check) => check.operation === operation);
  } catch (cause) {
    // A step that builds on an earlier one of the same revision cannot be asked about alone.
    if (isLimbeckError(cause)) return [];
    throw cause;
  }
}

async function countOf(connection: Connection, sql: string): Promise<number | undefined> {
  try {
    const [[count] = []] = await connection.queryArrays(sql);
    return Number(count);
  } catch (cause) {
    if (isLimbeckError(cause)) return undefined;
    throw cause;
  }
}
