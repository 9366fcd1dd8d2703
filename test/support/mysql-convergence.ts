/**
 * One random pair of schemas, led from one to the other and back on a MariaDB database that holds rows, with everything
 * that must be true at each stop.
 */

import { isLimbeckError } from '../../src/base/errors';
import { fingerprint } from '../../src/dialects/mysql/fingerprint';
import { settledSameness } from '../../src/dialects/shared/settled-sameness';
import { needsFill } from '../../src/migration/autogenerate/autogenerate';
import { diff } from '../../src/schema/diff';
import {
  byName,
  type Column,
  type ColumnDefault,
  type ColumnType,
  type Schema,
  type Table,
} from '../../src/schema/model';
import type { Operation } from '../../src/schema/operations';
import { creationOrder } from '../../src/schema/order';
import { reconcile } from '../../src/schema/reconcile';
import { reverse } from '../../src/schema/reverse';
import { quoted, Refusal, SchemaBench } from '../dialects/mysql/schema-bench';
import { Choices } from './arbitrary-choices';
import { changedSchema, randomSchema } from './arbitrary-schema';
import { keptColumns } from './kept-columns';
import { forMariadb } from './mysql-schemas';
import { Dice, storedValue } from './sqlite-rows';

export interface Outcome {
  readonly tables: number;
  readonly tablesWithRows: number;
  /** How often rows had to go before a step ran. */
  readonly refusals: number;
}

type Row = Readonly<Record<string, unknown>>;
type Rows = ReadonlyMap<string, readonly Row[]>;

const OPTIONS = { forSqlite: true, maxTables: 5 };

/** Two schemas of some tables each, the second mostly the first one after a few changes. */
export function pairOf(dice: Dice): readonly [a: Schema, b: Schema] {
  const choices = (): Choices => new Choices(Array.from({ length: 1500 }, () => dice.below(2 ** 30)));
  let a = randomSchema(choices(), OPTIONS);
  while (a.tables.length < 2) a = randomSchema(choices(), OPTIONS);
  const b = dice.chance(10) ? randomSchema(choices(), OPTIONS) : changedSchema(choices(), a, OPTIONS);
  return [forMariadb(a), forMariadb(b)];
}

/** Runs the pair of a seed in an empty database. */
export async function converge(seed: number, bench: SchemaBench): Promise<Outcome> {
  const dice = new Dice(seed);
  const [a, b] = pairOf(dice);
  return new Journey(a, b, dice, bench).go();
}

class Journey {
  readonly #a: Schema;
  readonly #b: Schema;
  readonly #dice: Dice;
  readonly #bench: SchemaBench;
  #refusals = 0;

  constructor(a: Schema, b: Schema, dice: Dice, bench: SchemaBench) {
    this.#a = a;
    this.#b = b;
    this.#dice = dice;
    this.#bench = bench;
  }

  async go(): Promise<Outcome> {
    await this.#bench.make(this.#a);
    await this.#expectAt(this.#a, 'the first schema');
    await this.#insertRows();
    const filled = [...(await this.#rows()).values()];
    const counts = { tables: filled.length, tablesWithRows: filled.filter((rows) => rows.length > 0).length };

    const { base, operations } = await this.#operationsTo(this.#b);
    const there = await this.#run(operations);
    await this.#expectAt(this.#b, 'the second schema');
    this.#expectKept(there, await this.#rows(), 'on the way there');

    const back = reverse(base, operations).map((operation) => this.#filled(operation, base));
    const before = await this.#run(back);
    await this.#expectAt(this.#a, 'the first schema again');
    this.#expectKept(before, await this.#rows(), 'on the way back');
    return { ...counts, refusals: this.#refusals };
  }

  /** As autogenerate makes them, but views and triggers that are not wanted go. */
  async #operationsTo(wanted: Schema): Promise<{ readonly base: Schema; readonly operations: Operation[] }> {
    const found = await this.#bench.found();
    const known: Schema = {
      ...wanted,
      views: [...wanted.views, ...found.views.filter(({ name }) => !byName(wanted.views, name))],
      triggers: [
        ...wanted.triggers,
        ...found.triggers.filter(
          ({ name, table }) => !wanted.triggers.some((each) => each.name === name && each.table === table),
        ),
      ],
    };
    const { sameness } = await settledSameness(this.#bench.dialect, this.#bench.connection, found, known);
    const base = reconcile(found, known, sameness);
    return { base, operations: diff(base, wanted).map((operation) => this.#filled(operation, wanted)) };
  }

  #filled(operation: Operation, schema: Schema): Operation {
    if (operation.kind !== 'addColumn' || !needsFill(operation.column)) return operation;
    return { ...operation, fill: this.#fillOf(operation.column.type, schema) };
  }

  #fillOf(type: ColumnType, schema: Schema): ColumnDefault {
    const value = randomValue(type, schema, this.#dice);
    if (Buffer.isBuffer(value)) return { kind: 'expression', sql: `x'${value.toString('hex')}'` };
    return { kind: 'literal', value: typeof value === 'bigint' ? String(value) : (value as string | number) };
  }

  /** Runs operations; what refuses them is taken away, and must be all that was in the way. Gives the rows before. */
  async #run(operations: readonly Operation[]): Promise<Rows> {
    for (let attempt = 0; ; attempt++) {
      const before = await this.#rows();
      const stamp = await fingerprint(this.#bench.connection);
      try {
        await this.#bench.apply(operations);
        return before;
      } catch (cause) {
        if (!(cause instanceof Refusal)) throw await this.#told(cause as Error, operations);
        if (cause.rows === 0 || attempt > 40) throw cause;
        this.#refusals++;
        expectEqual(await fingerprint(this.#bench.connection), stamp, 'what a refused run leaves behind');
        expectEqual(await this.#rows(), before, 'the rows that a refused run leaves behind');
        await this.#bench.connection.run('SET foreign_key_checks = 0');
        // Where the table has another name by then, all of them go.
        const names = before.has(cause.check.table) ? [cause.check.table] : [...before.keys()];
        for (const name of names) await this.#bench.connection.run(`DELETE FROM ${quoted(name)}`);
        await this.#bench.connection.run('SET foreign_key_checks = 1');
        await this.#deleteOrphans();
      }
    }
  }

  /** An error with what led to it. */
  async #told(cause: Error, operations: readonly Operation[]): Promise<Error> {
    const { tables } = await this.#bench.found();
    const lying = await Promise.all(tables.map(({ name }) => this.#bench.showTable(name)));
    const steps = this.#bench.last?.steps.map((step) =>
      'sql' in step ? step.sql : 'countSql' in step ? step.countSql : '',
    );
    cause.message += `\nIn the plan:\n${steps?.join(';\n')}\nfor ${JSON.stringify(operations)}\nover\n${lying.join('\n')}`;
    return cause;
  }

  async #deleteOrphans(): Promise<void> {
    const { tables } = await this.#bench.found();
    for (let round = 0; round < 6; round++) {
      for (const table of tables) {
        for (const key of table.foreignKeys) {
          const match = key.columns.map(
            (name, i) => `p.${quoted(key.refColumns[i] as string)} = c.${quoted(name)}`,
          );
          const present = key.columns.map((name) => `c.${quoted(name)} IS NOT NULL`);
          const parents = `(SELECT * FROM ${quoted(key.refTable)})`;
          await this.#bench.connection.run('SET foreign_key_checks = 0');
          await this.#bench.connection.run(
            `DELETE c FROM ${quoted(table.name)} AS c WHERE ${present.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${parents} AS p WHERE ${match.join(' AND ')})`,
          );
          await this.#bench.connection.run('SET foreign_key_checks = 1');
        }
      }
    }
  }

  async #insertRows(): Promise<void> {
    for (const table of creationOrder(this.#a.tables).tables) {
      const whole = byName(this.#a.tables, table.name) as Table;
      for (let row = 2 + this.#dice.below(3); row > 0; row--) await this.#insertRow(whole);
    }
  }

  async #insertRow(table: Table): Promise<void> {
    for (let attempt = 0; attempt < 12; attempt++) {
      const row = await this.#randomRow(table, attempt);
      const names = Object.keys(row);
      const places = names.map(() => '?').join(', ');
      try {
        await this.#bench.connection.run(
          `INSERT INTO ${quoted(table.name)} (${names.map(quoted).join(', ')}) VALUES (${places})`,
          names.map((name) => row[name]),
        );
        return;
      } catch (cause) {
        if (!isLimbeckError(cause)) throw cause;
      }
    }
  }

  async #randomRow(table: Table, attempt: number): Promise<Row> {
    const row: Record<string, unknown> = Object.create(null);
    for (const column of table.columns) {
      if (column.generated || (column.autoIncrement && this.#dice.chance(80))) continue;
      if (column.default && this.#dice.chance(20)) continue;
      const isNull = column.nullable && this.#dice.chance(attempt > 3 ? 70 : 25);
      row[column.name] = isNull ? null : randomValue(column.type, this.#a, this.#dice);
    }
    for (const key of table.foreignKeys) {
      const own = key.columns.map((name) => byName(table.columns, name) as Column);
      const nullable = own.find((column) => column.nullable);
      const parents = await this.#rowsOf(key.refTable);
      if (parents.length === 0 || (nullable && this.#dice.chance(20))) {
        if (nullable) row[nullable.name] = null;
        continue;
      }
      const parent = this.#dice.pick(parents);
      for (const [i, name] of key.columns.entries()) row[name] = parent[key.refColumns[i] as string];
    }
    return row;
  }

  async #rows(): Promise<Rows> {
    const { tables } = await this.#bench.found();
    const rows = new Map<string, readonly Row[]>();
    for (const { name } of tables) {
      const list = await this.#rowsOf(name);
      rows.set(
        name,
        list.sort((a, b) => (text(a) < text(b) ? -1 : 1)),
      );
    }
    return rows;
  }

  #rowsOf(table: string): Promise<Row[]> {
    return this.#bench.rowsOf(table);
  }

  async #expectAt(schema: Schema, place: string): Promise<void> {
    const left = await this.#bench.differences(schema);
    if (left.length === 0) return;
    throw new Error(
      `${text(left)}\nis left of the way to ${place}; found is\n${text(await this.#bench.found())}`,
    );
  }

  /** Rows and values in all that both schemas have in common. */
  #expectKept(before: Rows, now: Rows, moment: string): void {
    for (const table of this.#a.tables) {
      const other = byName(this.#b.tables, table.name);
      if (other === undefined) continue;
      const names = keptColumns({ table, schema: this.#a }, { table: other, schema: this.#b });
      expectEqual(
        pick(now, table.name, names),
        pick(before, table.name, names),
        `rows of '${table.name}' ${moment}`,
      );
    }
  }
}

/** A value as the driver takes it. */
function randomValue(type: ColumnType, schema: Schema, dice: Dice): unknown {
  const value = storedValue(type, schema, dice);
  if (typeof value === 'string' && type.kind === 'decimal') return value;
  if (type.kind === 'native') return Buffer.isBuffer(value) ? 'native' : value;
  if ((type.kind === 'real' || type.kind === 'double') && typeof value === 'number' && Math.abs(value) > 1e30)
    return type.kind === 'real' ? 0.25 : value;
  if (type.kind === 'varchar' && typeof value === 'string')
    return [...value].slice(0, type.length ?? 255).join('');
  if (type.kind === 'char' && typeof value === 'string')
    return [...value]
      .slice(0, type.length ?? 1)
      .join('')
      .trimEnd();
  if (type.kind === 'timestamp' || type.kind === 'timestamptz' || type.kind === 'time') return value;
  return value;
}

/** The values of some columns, row by row, in an order of their own. */
function pick(rows: Rows, table: string, columns: readonly string[]): string[] {
  return (rows.get(table) ?? []).map((row) => text(columns.map((name) => row[name]))).sort();
}

function text(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) =>
      each instanceof Map
        ? [...each]
        : each instanceof Uint8Array
          ? `x'${Buffer.from(each).toString('hex')}'`
          : typeof each === 'bigint'
            ? `integer ${each}`
            : each,
    1,
  );
}

function expectEqual(received: unknown, expected: unknown, what: string): void {
  if (text(received) !== text(expected))
    throw new Error(`${what}:\n${text(received)}\ninstead of\n${text(expected)}`);
}

/** The tests of as many seeds; `CONVERGENCE_RUNS` says how many, `CONVERGENCE_FROM` from which on, `CONVERGENCE_SEED` which one alone. */
export function describeConvergence(seeds: { readonly from: number; readonly count: number }): void {
  const only = process.env.CONVERGENCE_SEED;
  const count = Number(process.env.CONVERGENCE_RUNS ?? seeds.count);
  const from = Number(process.env.CONVERGENCE_FROM ?? seeds.from);
  const list = only ? [Number(only)] : Array.from({ length: count }, (_, i) => from + i);
  const outcomes: Outcome[] = [];
  const groups = Array.from({ length: Math.ceil(list.length / 10) }, (_, i) =>
    list.slice(i * 10, i * 10 + 10),
  );
  let bench: SchemaBench;

  beforeAll(async () => {
    bench = await SchemaBench.open();
  });

  afterAll(() => bench.close());

  test.each(groups.map((group) => [group[0], group.at(-1), group] as const))(
    'seeds %i to %i',
    async (_, __, group) => {
      for (const seed of group) {
        try {
          await bench.clear();
          outcomes.push(await converge(seed, bench));
        } catch (cause) {
          throw new Error(`CONVERGENCE_SEED=${seed}: ${cause instanceof Error ? cause.message : cause}`, {
            cause,
          });
        }
      }
    },
    120_000,
  );

  if (only === undefined) {
    test('most tables hold rows, and some steps are refused', () => {
      const sum = (of: (outcome: Outcome) => number): number =>
        outcomes.reduce((total, each) => total + of(each), 0);
      expect(sum((each) => each.tablesWithRows)).toBeGreaterThan(0.5 * sum((each) => each.tables));
      expect(sum((each) => each.refusals)).toBeGreaterThan(0);
    });
  }
}
