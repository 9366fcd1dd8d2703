/** A database of their own for tests of the schema: a bare connection, and the way from a schema to a database and back. */

import { Client } from 'pg';
import type { Connection, Plan, PlanCheck, PlanOptions, SqlValue } from '../../../src/dialects/contract.js';
import { postgresCanonical } from '../../../src/dialects/postgres/canonical.js';
import { introspect } from '../../../src/dialects/postgres/introspect.js';
import { literalText } from '../../../src/dialects/postgres/literals.js';
import { planPostgres } from '../../../src/dialects/postgres/plan.js';
import { settle } from '../../../src/dialects/postgres/settle.js';
import { settledSameness } from '../../../src/dialects/shared/settled-sameness.js';
import { diff } from '../../../src/schema/diff.js';
import { type Column, type ColumnType, EMPTY_SCHEMA, type Schema } from '../../../src/schema/model.js';
import type { Operation } from '../../../src/schema/operations.js';
import { reconcile } from '../../../src/schema/reconcile.js';
import { createDatabase, type TestDatabase } from '../../support/databases';

/** Refuses as the runner would, with the rows counted. */
export class Refused extends Error {
  constructor(
    readonly check: PlanCheck,
    readonly rows: number,
  ) {
    super(`${rows} rows of '${check.table}' ${check.problem}`);
  }
}

/** Everything as text, as the server writes it. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

export class Bench implements Connection {
  readonly inTransaction = false;
  statements: string[] = [];
  readonly #client: Client;
  readonly #database: TestDatabase | undefined;

  private constructor(client: Client, database?: TestDatabase) {
    this.#client = client;
    this.#database = database;
  }

  static async open(): Promise<Bench> {
    const database = await createDatabase('postgres');
    return new Bench(await connect(database.url), database);
  }

  static async connect(url: string): Promise<Bench> {
    return new Bench(await connect(url));
  }

  get url(): string {
    return this.#database?.url ?? '';
  }

  async close(): Promise<void> {
    await this.#client.end();
    await this.#database?.drop();
  }

  async queryArrays(sql: string, params: readonly unknown[] = []): Promise<SqlValue[][]> {
    const { rows } = await this.#client.query({
      text: sql,
      values: [...params],
      rowMode: 'array',
      types: AS_TEXT as never,
    });
    return rows as SqlValue[][];
  }

  async query(sql: string, params: readonly unknown[] = []): Promise<Record<string, SqlValue>[]> {
    const { rows } = await this.#client.query({ text: sql, values: [...params], types: AS_TEXT as never });
    return rows as Record<string, SqlValue>[];
  }

  async run(sql: string, params: readonly unknown[] = []): Promise<{ changes: number }> {
    this.statements.push(sql);
    const { rowCount } = await this.#client.query(sql, [...params]);
    return { changes: rowCount ?? 0 };
  }

  async script(sql: string): Promise<void> {
    await this.#client.query(sql);
  }

  /** One value of a query. */
  async value(sql: string): Promise<SqlValue | undefined> {
    return (await this.queryArrays(sql))[0]?.[0];
  }

  /** The first column of all rows. */
  async values(sql: string): Promise<SqlValue[]> {
    return (await this.queryArrays(sql)).map(([value]) => value as SqlValue);
  }

  introspect(): Promise<Schema> {
    return introspect(this, { ignoreTables: [] }) as Promise<Schema>;
  }

  /** Runs operations as a revision does: in one transaction, but for what must stand outside one. */
  async apply(before: Schema, operations: readonly Operation[], options: PlanOptions = {}): Promise<Plan> {
    const serverVersion = Number(await this.value("SELECT current_setting('server_version_num')"));
    const plan = planPostgres(before, operations, { serverVersion, ...options });
    const remembered = new Map<string, string[]>();
    await this.run('BEGIN');
    try {
      for (const step of plan.steps) {
        switch (step.kind) {
          case 'statement':
            if (step.outside) {
              await this.run('COMMIT');
              await this.run(step.sql);
              await this.run('BEGIN');
            } else await this.#explained(step.sql);
            break;
          case 'check': {
            const rows = Number(await this.#explainedValue(step.countSql));
            if (rows > 0) throw new Refused(step, rows);
            break;
          }
          case 'remember':
            remembered.set(step.table, (await this.values(step.sql)).map(String));
            break;
          case 'replay':
            for (const text of remembered.get(step.table) ?? []) await this.#explained(text);
            break;
          default:
            throw new Error(`no such step here: ${step.kind}`);
        }
      }
      await this.run('COMMIT');
      return plan;
    } catch (cause) {
      await this.run('ROLLBACK');
      // "New enum values must be committed before they can be used."
      if ((cause as { code?: string }).code === '55P04' && !options.commitEnumValues) {
        return this.apply(before, operations, { commitEnumValues: true });
      }
      throw cause;
    }
  }

  async #explained(sql: string): Promise<void> {
    try {
      await this.run(sql);
    } catch (cause) {
      (cause as Error).message += ` ${(cause as { detail?: string }).detail}\n  in: ${sql}`;
      throw cause;
    }
  }

  async #explainedValue(sql: string): Promise<SqlValue | undefined> {
    try {
      return await this.value(sql);
    } catch (cause) {
      (cause as Error).message += `\n  in: ${sql}`;
      throw cause;
    }
  }

  /** Leads an empty database to a schema. */
  async create(schema: Schema): Promise<Plan> {
    return this.apply(EMPTY_SCHEMA, diff(EMPTY_SCHEMA, schema));
  }

  /** What the database holds, told in the words of a wanted schema. */
  async found(wanted: Schema, options: { readonly allViews?: boolean } = {}): Promise<Schema> {
    const found = await this.introspect();
    if (options.allViews) {
      // Views that models do not know are others' and stay; here they are to go as well.
      const missing = <T extends { name: string }>(list: readonly T[], known: readonly T[]): T[] =>
        list.filter(({ name }) => !known.some((each) => each.name === name));
      const views = [...wanted.views, ...missing(found.views, wanted.views)];
      const sequences = [...wanted.sequences, ...missing(found.sequences, wanted.sequences)];
      return this.found({ ...wanted, views, sequences });
    }
    const dialect = { canonical: postgresCanonical, settle, literal: literalText } as never;
    const { sameness, incomparable } = await settledSameness(dialect, this, found, wanted);
    if (incomparable.length > 0) throw new Error(incomparable.join('\n'));
    return reconcile(found, wanted, sameness);
  }

  /** What leads from the database to a schema; empty when it is there. */
  async differences(wanted: Schema): Promise<Operation[]> {
    return diff(await this.found(wanted), wanted);
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  // As every connection of ours does.
  await client.query("SET timezone = 'UTC'; SET datestyle = 'ISO'; SET extra_float_digits = 1");
  return client;
}

const benches: Bench[] = [];

/** A new database that goes with the test. */
export async function bench(): Promise<Bench> {
  const opened = await Bench.open();
  benches.push(opened);
  return opened;
}

export async function closeBenches(): Promise<void> {
  await Promise.all(benches.splice(0).map((each) => each.close()));
}

/** A nullable column of a type. */
export function column(name: string, type: ColumnType, more: Partial<Column> = {}): Column {
  return { name, type, nullable: true, ...more };
}
