/**
 * The version table, exactly as Alembic keeps it: one column, one row for each head. Beside it the journal,
 * which tells what was run and with which content.
 */

import { error } from '../base/error-codes.js';
import type { Connection, Dialect } from '../dialects/contract.js';
import type { Table } from '../schema/model.js';
import { EMPTY_SCHEMA } from '../schema/model.js';
import { JOURNAL_TABLE } from './environment.js';
import type { RowOperation } from './history/rows.js';

/** The version table of a name. */
export function versionTable(name: string): Table {
  return {
    name,
    columns: [{ name: 'version_num', type: { kind: 'varchar', length: 32 }, nullable: false }],
    primaryKey: { name: `${name}_pkc`, columns: ['version_num'] },
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
    exclusions: [],
  };
}

const journalTable: Table = {
  name: JOURNAL_TABLE,
  columns: [
    { name: 'revision', type: { kind: 'varchar', length: 32 }, nullable: false },
    { name: 'step', type: { kind: 'integer' }, nullable: false },
    { name: 'checksum', type: { kind: 'char', length: 64 }, nullable: false },
    { name: 'state', type: { kind: 'varchar', length: 16 }, nullable: false },
    { name: 'cursor', type: { kind: 'text' }, nullable: true },
    { name: 'at', type: { kind: 'varchar', length: 32 }, nullable: false },
  ],
  primaryKey: { name: `pk_${JOURNAL_TABLE}`, columns: ['revision', 'step'] },
  uniques: [],
  checks: [],
  foreignKeys: [],
  indexes: [],
  exclusions: [],
};

/** Reads and writes the rows of one version table on one connection. */
export class VersionTable {
  readonly #dialect: Dialect;
  readonly #name: string;

  constructor(dialect: Dialect, name: string) {
    this.#dialect = dialect;
    this.#name = name;
  }

  /** The statements that make it. */
  get createSql(): string[] {
    return createSql(this.#dialect, versionTable(this.#name));
  }

  /** The rows, sorted; none where the table does not exist. Writes nothing. */
  async rows(connection: Connection): Promise<string[]> {
    if (!(await this.#dialect.tableExists(connection, this.#name))) return [];
    const rows = await connection.queryArrays(`SELECT version_num FROM ${this.#quoted}`);
    return rows.map(([version]) => String(version)).sort();
  }

  /** Makes the table where it is missing. */
  async ensure(connection: Connection): Promise<void> {
    if (await this.#dialect.tableExists(connection, this.#name)) return;
    for (const sql of this.createSql) await connection.run(sql);
  }

  /** @throws VERSION_ROW_MISSING when a statement does not match exactly one row */
  async apply(connection: Connection, operations: readonly RowOperation[]): Promise<void> {
    for (const operation of operations) {
      const { sql, params, action } = this.#statement(operation, (index) => this.#dialect.placeholder(index));
      const { changes } = await connection.run(sql, params);
      if (changes !== 1) throw error('VERSION_ROW_MISSING', { action, table: this.#name, found: changes });
    }
  }

  async clear(connection: Connection): Promise<void> {
    await connection.run(`DELETE FROM ${this.#quoted}`);
  }

  /** The statements with their values written in, for a script. */
  script(operations: readonly RowOperation[]): string[] {
    return operations.map(
      (operation) => this.#statement(operation, (_, text) => this.#dialect.literal(text)).sql,
    );
  }

  #statement(
    operation: RowOperation,
    value: (index: number, text: string) => string,
  ): { readonly sql: string; readonly params: string[]; readonly action: string } {
    switch (operation.kind) {
      case 'insert':
        return {
          sql: `INSERT INTO ${this.#quoted} (version_num) VALUES (${value(0, operation.version)})`,
          params: [operation.version],
          action: `inserting '${operation.version}'`,
        };
      case 'delete':
        return {
          sql: `DELETE FROM ${this.#quoted} WHERE version_num = ${value(0, operation.version)}`,
          params: [operation.version],
          action: `deleting '${operation.version}'`,
        };
      case 'update':
        return {
          sql: `UPDATE ${this.#quoted} SET version_num = ${value(0, operation.to)} WHERE version_num = ${value(1, operation.from)}`,
          params: [operation.to, operation.from],
          action: `updating '${operation.from}' to '${operation.to}'`,
        };
      default:
        return operation satisfies never;
    }
  }

  get #quoted(): string {
    return this.#dialect.quoteIdentifier(this.#name);
  }
}

function createSql(dialect: Dialect, table: Table): string[] {
  const { steps } = dialect.plan(EMPTY_SCHEMA, [{ kind: 'createTable', table }]);
  return steps.flatMap((step) => (step.kind === 'statement' ? [step.sql] : []));
}

/** The journal: one row a step, written in the transaction of the step. */
export class Journal {
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  async ensure(connection: Connection): Promise<void> {
    if (await this.#dialect.tableExists(connection, JOURNAL_TABLE)) return;
    for (const sql of createSql(this.#dialect, journalTable)) await connection.run(sql);
  }

  /** Records that a revision was applied with this content. */
  async applied(connection: Connection, revision: string, checksum: string): Promise<void> {
    await this.takenBack(connection, revision);
    const p = (index: number): string => this.#dialect.placeholder(index);
    const at = this.#dialect.quoteIdentifier('at');
    const cursor = this.#dialect.quoteIdentifier('cursor');
    await connection.run(
      `INSERT INTO ${JOURNAL_TABLE} (revision, step, checksum, state, ${cursor}, ${at}) VALUES (${p(0)}, 0, ${p(1)}, ${p(2)}, NULL, ${p(3)})`,
      [revision, checksum, 'done', new Date().toISOString()],
    );
  }

  async takenBack(connection: Connection, revision: string): Promise<void> {
    await connection.run(`DELETE FROM ${JOURNAL_TABLE} WHERE revision = ${this.#dialect.placeholder(0)}`, [
      revision,
    ]);
  }
}
