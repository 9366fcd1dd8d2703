/** An empty database on the test server, worked on as migrations do: plans are run, and what they made is read back. */

import type { Connection, Database, Dialect, Plan, PlanCheck } from '../../../src/dialects/contract';
import { MARIADB_10_11 } from '../../../src/dialects/mysql/flavour';
import { makeMysql } from '../../../src/dialects/mysql/index';
import { runPlan } from '../../../src/dialects/shared/run-plan';
import { settledSameness } from '../../../src/dialects/shared/settled-sameness';
import { diff } from '../../../src/schema/diff';
import { EMPTY_SCHEMA, type Schema, type Table } from '../../../src/schema/model';
import type { Operation } from '../../../src/schema/operations';
import { reconcile } from '../../../src/schema/reconcile';
import { createDatabase, type DatabaseOptions, type TestDatabase } from '../../support/databases';

/** What a refused check throws in these tests. */
export class Refusal extends Error {
  readonly rows: number;
  readonly check: PlanCheck;

  constructor(check: PlanCheck, rows: number) {
    super(`${rows} rows of '${check.table}' ${check.problem}`);
    this.rows = rows;
    this.check = check;
  }
}

export class SchemaBench {
  /** The plan that was run last, or not to its end. */
  last: Plan | undefined;
  readonly dialect: Dialect;
  readonly connection: Connection;
  readonly #database: Database;
  readonly #test: TestDatabase;

  private constructor(test: TestDatabase, database: Database, connection: Connection) {
    this.#test = test;
    this.#database = database;
    this.dialect = database.dialect;
    this.connection = connection;
  }

  /** @param options `collation`: of any character set */
  static async open({ collation, ...options }: DatabaseOptions = {}): Promise<SchemaBench> {
    const test = await createDatabase('mysql', options);
    const open = () => makeMysql(MARIADB_10_11).open({ url: test.url, mode: 'existing' });
    if (collation !== undefined) {
      const database = await open();
      const { connection } = await database.acquire('write');
      await connection.run(`ALTER DATABASE CHARACTER SET ${collation.split('_')[0]} COLLATE ${collation}`);
      await database.close();
    }
    const database = await open();
    const { connection } = await database.acquire('write');
    return new SchemaBench(test, database, connection);
  }

  async close(): Promise<void> {
    await this.#database.close();
    await this.#test.drop();
  }

  /** Empties the database, for the next test. */
  async clear(): Promise<void> {
    const rows = await this.connection.queryArrays(
      'SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    await this.connection.run('SET foreign_key_checks = 0');
    for (const [name, type] of rows) {
      const kind = type === 'VIEW' ? 'VIEW' : type === 'SEQUENCE' ? 'SEQUENCE' : 'TABLE';
      await this.connection.run(`DROP ${kind} ${quoted(String(name))}`);
    }
    await this.connection.run('SET foreign_key_checks = 1');
  }

  async found(): Promise<Schema> {
    return this.dialect.introspect(this.connection, { ignoreTables: [] });
  }

  /** Plans operations on the database as it is, and runs the plan. */
  async apply(operations: readonly Operation[], before?: Schema): Promise<Plan> {
    const plan = this.dialect.plan(before ?? (await this.found()), operations);
    this.last = plan;
    await this.run(plan);
    return plan;
  }

  async run(plan: Plan): Promise<void> {
    await runPlan(this.connection, plan, (check, rows) => new Refusal(check, rows));
  }

  /** Makes a schema in the empty database. */
  async make(schema: Schema): Promise<void> {
    await this.apply(diff(EMPTY_SCHEMA, schema), EMPTY_SCHEMA);
  }

  /** The database in a schema's words. */
  async reconciled(wanted: Schema): Promise<Schema> {
    const found = await this.found();
    const { sameness } = await settledSameness(this.dialect, this.connection, found, wanted);
    return reconcile(found, wanted, sameness);
  }

  /** What leads from the database to a schema; empty when it is already there. */
  async differences(wanted: Schema): Promise<Operation[]> {
    return diff(await this.reconciled(wanted), wanted);
  }

  async rows(sql: string): Promise<unknown[][]> {
    return this.connection.queryArrays(sql);
  }

  /** All rows of a table by column, also by one called `__proto__`. */
  async rowsOf(name: string): Promise<Record<string, unknown>[]> {
    const columns = await this.rows(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ${this.dialect.literal(name)} ORDER BY ordinal_position`,
    );
    const names = columns.map(([each]) => String(each));
    const list = names.map(quoted).join(', ');
    const rows = await this.connection.queryArrays(`SELECT ${list} FROM ${quoted(name)}`, [], {
      bigints: true,
    });
    return rows.map((values) => {
      const row: Record<string, unknown> = Object.create(null);
      for (const [i, each] of names.entries()) row[each] = values[i];
      return row;
    });
  }

  async script(sql: string): Promise<void> {
    await this.connection.script(sql);
  }

  async showTable(name: string): Promise<string> {
    const [row] = await this.rows(`SHOW CREATE TABLE ${quoted(name)}`);
    return String(row?.[1]);
  }
}

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A table with what a test says of it. */
export function table(name: string, parts: Partial<Table>): Table {
  return {
    name,
    columns: [],
    uniques: [],
    checks: [],
    foreignKeys: [],
    indexes: [],
    exclusions: [],
    ...parts,
  };
}

export function schemaOf(tables: readonly Table[], rest: Partial<Schema> = {}): Schema {
  return { ...EMPTY_SCHEMA, tables, ...rest };
}

/** The statements of a plan. */
export function statementsOf(plan: Plan): string[] {
  return plan.steps.flatMap((step) => (step.kind === 'statement' ? [step.sql] : []));
}
