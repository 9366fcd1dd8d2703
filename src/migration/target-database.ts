/** Carries out a migration on a database: inside the transaction that the runner has opened for the revision. */

import { isSqlFragment, isSqlIdentifier, type SqlFragment, writeSql } from '../ast/sql.js';
import { error } from '../base/error-codes.js';
import type {
  Codec,
  Connection,
  Dialect,
  Plan,
  PlanCheck,
  PlanOptions,
  SqlValue,
} from '../dialects/contract.js';
import { applyTo } from '../schema/apply.js';
import { SchemaDraft } from '../schema/draft.js';
import type { Schema } from '../schema/model.js';
import { byName } from '../schema/model.js';
import type { Operation } from '../schema/operations.js';
import type { CustomOperations } from './custom/types.js';
import type { OperationTarget } from './operations.js';
import type { MigrationRow } from './operations-api.js';
import { at, type CalledDirective, type CallSite } from './queue.js';
import type { Steps } from './steps.js';

/** Thrown when a step needs what only a new transaction can give; the runner begins the revision again. */
export class RestartWithoutForeignKeys extends Error {}

/**
 * The schema as it was read or made last, good as long as nobody else changes it: by the database's stamp where
 * it has one, else for one revision, which holds the lock.
 */
export class SchemaCache {
  readonly #dialect: Dialect;
  readonly #ignore: readonly string[];
  #known: { readonly schema: Schema; readonly stamp: string | undefined } | undefined;

  constructor(dialect: Dialect, ignoreTables: readonly string[]) {
    this.#dialect = dialect;
    this.#ignore = ignoreTables;
  }

  /** At the beginning of a revision, before which others may have changed anything. */
  begin(): void {
    if (this.#dialect.revisions.schemaStamp === undefined) this.#known = undefined;
  }

  async read(connection: Connection, steps: Steps): Promise<Schema> {
    const stamp = await this.#dialect.revisions.schemaStamp?.(connection);
    if (this.#known?.stamp !== stamp || this.#known === undefined) {
      const read = (): Promise<Schema> =>
        this.#dialect.introspect(connection, { ignoreTables: this.#ignore });
      const schema = await steps.read('the schema', read);
      this.#known = { schema, stamp };
    }
    return this.#known.schema;
  }

  async keep(connection: Connection, schema: Schema): Promise<void> {
    this.#known = { schema, stamp: await this.#dialect.revisions.schemaStamp?.(connection) };
  }

  /** After a rollback, when a stamp may come again with another schema, or a statement whose effect nobody knows. */
  forget(): void {
    this.#known = undefined;
  }
}

export interface DatabaseTargetOptions {
  readonly dialect: Dialect;
  readonly connection: Connection;
  readonly cache: SchemaCache;
  readonly steps: Steps;
  readonly planOptions: PlanOptions;
  readonly foreignKeysEnforced: boolean;
  /** Called before a step, when it is sure that it runs under the present conditions. */
  readonly starting: () => void;
  readonly warn: (text: string) => void;
  readonly customOperations: CustomOperations;
}

export class DatabaseTarget implements OperationTarget {
  readonly isOffline = false;
  readonly dialect: string;
  readonly customOperations: CustomOperations;
  readonly #options: DatabaseTargetOptions;
  #outside = false;
  #tables: readonly string[] = [];

  constructor(options: DatabaseTargetOptions) {
    this.#options = options;
    this.dialect = options.dialect.name;
    this.customOperations = options.customOperations;
  }

  warn(text: string): void {
    this.#options.warn(text);
  }

  /** The tables of the directives that were carried out last: what a lock in the way is on. */
  get tables(): readonly string[] {
    return this.#tables;
  }

  async outsideTransaction(begins: boolean): Promise<void> {
    await this.#options.steps.boundary();
    this.#outside = begins;
  }

  async schema(directives: readonly CalledDirective[]): Promise<void> {
    const { dialect, connection, cache, steps, planOptions, foreignKeysEnforced } = this.#options;
    const before = await cache.read(connection, steps);
    const { operations, sites, after } = makeOperations(before, directives);
    this.#tables = tablesOf(operations);
    const plan = planAt(() => dialect.plan(before, operations, planOptions), operations, sites);
    if (plan.suspendsForeignKeys && foreignKeysEnforced) throw new RestartWithoutForeignKeys();
    this.#options.starting();
    await steps.plan(plan, (check, rows) => refused(check, rows, sites));
    // The database itself rewrites the text of triggers and views at a rename; only it knows how.
    if (operations.some(({ kind }) => kind === 'renameColumn' || kind === 'renameTable')) cache.forget();
    else await cache.keep(connection, after);
  }

  async execute(statement: SqlFragment): Promise<{ readonly changes: number }> {
    const { connection, dialect, steps, cache } = this.#options;
    const { text, params } = this.#write(statement);
    refuseTransactionControl(text);
    this.#options.starting();
    const rowsOnly = changesRowsOnly(text);
    // Where DDL commits by itself, no transaction holds what may be DDL.
    const commits = !rowsOnly && !dialect.capabilities.transactionalDdl && !CALLS_PROCEDURE.test(text);
    const run = async (): Promise<{ readonly changes: number }> => {
      const { changes } = await connection.run(text, params);
      return { changes };
    };
    const result = await (this.#outside || commits ? steps.outside(text, run) : steps.write(text, run));
    if (!rowsOnly) cache.forget();
    return result ?? { changes: 0 };
  }

  async query(statement: SqlFragment): Promise<MigrationRow[]> {
    const { text, params } = this.#write(statement);
    refuseTransactionControl(text);
    const { connection, starting, steps } = this.#options;
    starting();
    return steps.read(text, async () => connection.query(text, params));
  }

  #write(statement: SqlFragment): { readonly text: string; readonly params: readonly unknown[] } {
    const { dialect } = this.#options;
    const params: unknown[] = [];
    const bind = (value: unknown): string => dialect.placeholder(params.push(this.#plain(value)) - 1);
    const { text } = writeSql(statement, {
      identifier: (name) => dialect.quoteIdentifier(name),
      value: (value) => (Array.isArray(value) ? listOf(value, bind) : bind(value)),
    });
    return { text, params };
  }

  /** A value of JavaScript's as the driver takes it, where no column says its type. */
  #plain(value: unknown): unknown {
    if (value instanceof Date) {
      return this.#options.dialect
        .codec({ kind: 'timestamp' }, { owner: 'a value in a migration' })
        .encode(value);
    }
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    return isSqlFragment(value) || isSqlIdentifier(value) ? value : JSON.stringify(value);
  }

  async require(statement: SqlFragment, message: string): Promise<void> {
    const [row] = await this.query(statement);
    const value = row && Object.values(row)[0];
    const isMet =
      value === true || ((typeof value === 'number' || typeof value === 'bigint') && Number(value) !== 0);
    if (!isMet) throw error('REQUIREMENT_NOT_MET', { requirement: message });
  }

  async bulkInsert(table: string, rows: readonly MigrationRow[]): Promise<void> {
    const { dialect, connection, cache, steps } = this.#options;
    const encode = rowEncoder(dialect, await cache.read(connection, steps), table);
    this.#options.starting();
    const inserts = rows.map((row) => encode(row));
    await steps.write(`insert ${rows.length} rows into ${table}`, async () => {
      for (const values of inserts) {
        const places = values.map((_, index) => dialect.placeholder(index));
        await connection.run(
          insertText(dialect, table, values, places),
          values.map(({ value }) => value),
        );
      }
    });
  }
}

/** The values of an array in a fragment, as `IN (${ids})` wants them; none is what equals nothing. */
export function listOf(values: readonly unknown[], write: (value: unknown) => string): string {
  return values.length === 0 ? 'NULL' : values.map(write).join(', ');
}

/** A value of a row that is to be inserted, as the database stores it. */
interface StoredValue {
  readonly column: string;
  readonly value: SqlValue;
}

/** Makes the values of rows for a table; what a row leaves out has its default from the database. */
export function rowEncoder(
  dialect: Dialect,
  schema: Schema,
  table: string,
): (row: MigrationRow) => readonly StoredValue[] {
  // Once for all rows: a draft costs a look at every table.
  const draft = new SchemaDraft(schema);
  const found = draft.table(table, 'bulkInsert');
  const codecs = new Map<string, Codec>();
  const codecOf = (name: string): Codec => {
    let codec = codecs.get(name);
    if (codec === undefined) {
      const { type } = draft.column(found, name, 'bulkInsert');
      const enumValues = type.kind === 'enum' ? byName(schema.enums, type.name)?.values : undefined;
      codec = dialect.codec(type, { owner: `${table}.${name}`, ...(enumValues && { enumValues }) });
      codecs.set(name, codec);
    }
    return codec;
  };
  return (row) =>
    Object.entries(row)
      .filter(([, value]) => value !== undefined)
      .map(([column, value]) => {
        const codec = codecOf(column);
        return { column, value: value === null ? null : codec.encode(value) };
      });
}

/** The INSERT of one row, with a text for each of its values. */
export function insertText(
  dialect: Dialect,
  table: string,
  values: readonly { readonly column: string }[],
  texts: readonly string[],
): string {
  const into = `INSERT INTO ${dialect.quoteTable(table)}`;
  if (values.length === 0) return `${into} ${dialect.emptyRow}`;
  const names = values.map(({ column }) => dialect.quoteIdentifier(column)).join(', ');
  return `${into} (${names}) VALUES (${texts.join(', ')})`;
}

/** Verbs of statements that change rows and nothing else, on every database. */
const CHANGES_ROWS =
  /^(?:[\s;(]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*(insert|update|delete|replace|merge|with|select|values|load\s+data)\b/i;

/** `SELECT … INTO t` of PostgreSQL makes a table; what only looks like it is treated so too. */
const MAKES_TABLE = /(?<!\b(?:insert|merge)\s+)\binto\b/i;

/**
 * Procedures mostly change rows, which only a transaction keeps from being changed twice; one that commits by
 * itself is told as TRANSACTION_LEFT.
 */
const CALLS_PROCEDURE = /^\s*call\b/i;

/** Whether a statement can have no effect on the schema, and commits nothing by itself. */
export function changesRowsOnly(statement: string): boolean {
  const verb = CHANGES_ROWS.exec(statement)?.[1]?.toLowerCase();
  if (verb === undefined) return false;
  return !['with', 'select', 'values'].includes(verb) || !MAKES_TABLE.test(statement);
}

/** The tables that operations work on. */
function tablesOf(operations: readonly Operation[]): string[] {
  const names = operations.map((operation) => {
    const { table } = operation as { readonly table?: string | { readonly name: string } };
    return typeof table === 'object' ? table.name : table;
  });
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The error for rows that stand in the way of a directive, at the line that called it. */
function refused(check: PlanCheck, rows: number, sites: ReadonlyMap<Operation, CallSite>): unknown {
  const { table, columns, problem, remedy, operation } = check;
  const step = stepName(operation);
  const cause = error('STEP_LOSES_DATA', { rows, table, columns, problem, step, remedy });
  const site = sites.get(operation);
  return site ? at(cause, site) : cause;
}

/**
 * Behind blanks and comments; ROLLBACK TO a savepoint stays inside. A comment has one end only: a lazy
 * `[\s\S]*?` would try every later one, twice as long with each comment more.
 */
const TRANSACTION_CONTROL =
  /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:begin|commit|end|start\s+transaction|rollback(?!\s+(?:transaction\s+|work\s+)?to\b))\b/i;

/** Refused before it runs: what a COMMIT has made permanent cannot be undone with the revision. */
function refuseTransactionControl(statement: string): void {
  if (TRANSACTION_CONTROL.test(statement)) throw error('TRANSACTION_LEFT', { statement });
}

/** Operations of directives, each made from the schema as it is by then. */
export function makeOperations(
  before: Schema,
  directives: readonly CalledDirective[],
): { readonly operations: Operation[]; readonly sites: Map<Operation, CallSite>; readonly after: Schema } {
  const draft = new SchemaDraft(before);
  const operations: Operation[] = [];
  const sites = new Map<Operation, CallSite>();
  for (const { make, site } of directives) {
    try {
      for (const operation of make(draft)) {
        applyTo(draft, operation);
        operations.push(operation);
        sites.set(operation, site);
      }
    } catch (cause) {
      throw at(cause, site);
    }
  }
  return { operations, sites, after: draft.finish() };
}

/** The plan; what the database cannot do is told at the line of the first directive that it would be refused for. */
export function planAt(
  plan: () => Plan,
  operations: readonly Operation[],
  sites: ReadonlyMap<Operation, CallSite>,
): Plan {
  try {
    return plan();
  } catch (cause) {
    const first = operations[0] && sites.get(operations[0]);
    throw first ? at(cause, first) : cause;
  }
}

/** A step in words, for errors: `alterColumn 'books.pages'`. */
export function stepName(operation: Operation): string {
  const parts = operation as {
    table?: unknown;
    name?: string;
    column?: { name: string };
    index?: { name: string };
  };
  const table =
    typeof parts.table === 'string' ? parts.table : (parts.table as { name?: string } | undefined)?.name;
  const name = parts.column?.name ?? parts.index?.name ?? parts.name;
  const object = [table, name].filter((part) => part !== undefined).join('.');
  return object === '' ? operation.kind : `${operation.kind} '${object}'`;
}
