/** The version table, exactly as Alembic keeps it: one column, one row for each head. */

import { error } from '../base/error-codes.js';
import type { Connection, Dialect } from '../dialects/contract.js';
import type { Table } from '../schema/model.js';
import { EMPTY_SCHEMA } from '../schema/model.js';
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
    return createTableSql(this.#dialect, versionTable(this.#name));
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
    return this.#dialect.quoteTable(this.#name);
  }
}

/** The statements that make one of our own tables. */
export function createTableSql(dialect: Dialect, table: Table): string[] {
  const { steps } = dialect.plan(EMPTY_SCHEMA, [{ kind: 'createTable', table }]);
  return steps.flatMap((step) => (step.kind === 'statement' ? [step.sql] : []));
}
