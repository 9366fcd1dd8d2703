/**
 * The law of migrations on PostgreSQL, over random pairs of schemas with rows: run, the database is what was
 * wanted; taken back, it is what it was, with every value that both have; refused, nothing has changed.
 * CONVERGENCE_RUNS widens it, CONVERGENCE_SEED looks at one pair.
 */

import { typeText } from '../../../src/dialects/postgres/types.js';
import { apply } from '../../../src/schema/apply.js';
import { diff } from '../../../src/schema/diff.js';
import { byName, type Column, type Schema, type Table } from '../../../src/schema/model.js';
import type { Operation } from '../../../src/schema/operations.js';
import { reverse } from '../../../src/schema/reverse.js';
import { isAvailable } from '../../support/databases';
import { Dice, quoted, quotedTable, RandomSchema, randomValue } from './random-schema.js';
import { Bench, Refused } from './schema-support.js';

type Dump = ReadonlyMap<string, readonly Record<string, unknown>[]>;

interface Outcome {
  readonly up: string;
  readonly down: string;
  readonly tables: number;
  readonly tablesWithRows: number;
}

/** What a step may end in where constraints are kept by the server alone, after values have been converted. */
async function converge(seed: number): Promise<Outcome> {
  const dice = new Dice(seed);
  const a = RandomSchema.make(dice);
  const b = dice.chance(10) ? RandomSchema.make(dice) : RandomSchema.change(dice, a);
  const bench = await Bench.open();
  try {
    await bench.create(a);
    await expectAt(bench, a, 'the first schema');
    await insertRows(bench, a, dice);
    const start = await dump(bench, a);
    const counts = {
      tables: start.size,
      tablesWithRows: [...start.values()].filter((rows) => rows.length > 0).length,
    };
    const base = await bench.found(b, { allViews: true });
    const operations = diff(base, b).map((operation) => filled(operation, b, dice));
    if (process.env.CONVERGENCE_SEED) show(operations);
    const up = await run(bench, base, operations);
    if (up !== 'done') {
      expectEqual([...(await dump(bench, a))], [...start], 'what a refused run leaves behind');
      await expectAt(bench, a, 'the first schema, where nothing happened');
      return { ...counts, up, down: 'not tried' };
    }
    await expectAt(bench, b, 'the second schema');
    const middle = await dump(bench, b);
    expectKept(a, b, start, middle, 'after the upgrade');

    const after = apply(base, operations);
    const back = reverse(base, operations).map((operation) => filled(operation, a, dice));
    if (process.env.CONVERGENCE_SEED) show(back);
    const down = await run(bench, after, back);
    if (down !== 'done') return { ...counts, up, down };
    await expectAt(bench, a, 'the first schema again');
    expectKept(a, b, start, await dump(bench, a), 'after the downgrade');
    return { ...counts, up, down };
  } finally {
    await bench.close();
  }
}

function show(operations: readonly Operation[]): void {
  console.log(operations.map((operation) => JSON.stringify(operation)).join('\n'));
}

async function run(bench: Bench, before: Schema, operations: readonly Operation[]): Promise<string> {
  try {
    await bench.apply(before, operations);
    return 'done';
  } catch (cause) {
    if (isExclusion(cause)) return 'exclusion';
    // Which row gets which new key is the server's choice.
    const givesKeys = operations.some((op) => op.kind === 'addColumn' && op.column.autoIncrement);
    if (givesKeys && /^235?(?:03|05|14)$|^23514$/.test(String((cause as { code?: string }).code)))
      return 'new keys';
    if (!(cause instanceof Refused)) throw cause;
    return cause.message.replace(/.* rows of '.*' /s, '').replace(/'.*'/s, "'…'");
  }
}

/** Rows that exclude each other after a change of type are found by the server alone. */
function isExclusion(cause: unknown): boolean {
  return (cause as { code?: string }).code === '23P01';
}

async function expectAt(bench: Bench, schema: Schema, place: string): Promise<void> {
  expectEqual(await bench.differences(schema), [], `what differs from ${place}`);
}

function needsFill(column: Column): boolean {
  return !column.nullable && !column.default && !column.generated && !column.autoIncrement;
}

function filled(operation: Operation, schema: Schema, dice: Dice): Operation {
  if (operation.kind !== 'addColumn' || !needsFill(operation.column)) return operation;
  const value = randomValue(operation.column.type, schema, dice);
  if (value === null) return operation;
  if (dice.chance(20)) {
    const sql = `'${value.replaceAll("'", "''")}'`;
    return {
      ...operation,
      fill: {
        kind: 'expression',
        sql: `coalesce(NULL, ${sql})::${typeText(operation.column.type)}`,
      },
    };
  }
  return { ...operation, fill: { kind: 'literal', value } };
}

async function insertRows(bench: Bench, schema: Schema, dice: Dice): Promise<void> {
  const waiting = [...schema.tables];
  for (let round = 0; round < 3; round++) {
    for (const table of waiting) for (let i = 2; i > 0; i--) await insertRow(bench, table, schema, dice);
  }
}

async function insertRow(bench: Bench, table: Table, schema: Schema, dice: Dice): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const values = new Map<string, unknown>();
    for (const column of table.columns) {
      if (column.generated || (column.autoIncrement && dice.chance(80))) continue;
      if (column.default && dice.chance(20)) continue;
      values.set(
        column.name,
        column.nullable && dice.chance(25) ? null : randomValue(column.type, schema, dice),
      );
    }
    for (const key of table.foreignKeys) {
      const list = key.refColumns.map((name) => `${quoted(name)}::text`).join(', ');
      const parents = await bench.queryArrays(`SELECT ${list} FROM ${quotedTable(key.refTable)} LIMIT 20`);
      const nullable = key.columns.find((name) => byName(table.columns, name)?.nullable);
      if (parents.length > 0 && !(nullable && dice.chance(20))) {
        const parent = dice.pick(parents);
        for (const [i, name] of key.columns.entries()) values.set(name, parent[i]);
      } else if (nullable !== undefined) values.set(nullable, null);
    }
    const names = [...values.keys()];
    const into = quotedTable(table.name);
    const places = names.map((_, i) => `$${i + 1}`);
    const sql =
      names.length === 0
        ? `INSERT INTO ${into} DEFAULT VALUES`
        : `INSERT INTO ${into} (${names.map(quoted).join(', ')}) VALUES (${places.join(', ')})`;
    try {
      await bench.run(sql, [...values.values()]);
      return;
    } catch (cause) {
      // Broken constraints, and values that are no such values.
      if (!/^(23|22)/.test(String((cause as { code?: string }).code))) throw cause;
    }
  }
}

async function dump(bench: Bench, schema: Schema): Promise<Dump> {
  const tables = new Map<string, Record<string, unknown>[]>();
  for (const { name, columns } of schema.tables) {
    const list = columns.map((column) => `${quoted(column.name)}::text AS ${quoted(column.name)}`);
    const rows = await bench.queryArrays(`SELECT ${list.join(', ')} FROM ${quotedTable(name)}`);
    tables.set(
      name,
      rows.map((row) => Object.fromEntries(columns.map((column, i) => [`.${column.name}`, row[i]]))),
    );
  }
  return tables;
}

/** Every value of what both schemas have alike. */
function expectKept(a: Schema, b: Schema, before: Dump, now: Dump, moment: string): void {
  for (const table of a.tables) {
    const other = byName(b.tables, table.name);
    if (other === undefined) continue;
    const kept = table.columns.filter(({ name, type, generated, collation }) => {
      const same = byName(other.columns, name);
      const text = (value: unknown): string => JSON.stringify(value) ?? '';
      return (
        same !== undefined &&
        text(same.type) === text(type) &&
        text(same.collation) === text(collation) &&
        !generated &&
        !same.generated
      );
    });
    const pick = (rows: Dump): string[] =>
      (rows.get(table.name) ?? [])
        .map((row) => JSON.stringify(kept.map(({ name }) => row[`.${name}`])))
        .sort();
    expectEqual(pick(now), pick(before), `rows of '${table.name}' ${moment}`);
  }
}

function expectEqual(received: unknown, expected: unknown, what: string): void {
  const text = (value: unknown): string => JSON.stringify(value, null, 1);
  if (text(received) !== text(expected))
    throw new Error(`${what}:\n${text(received)}\ninstead of\n${text(expected)}`);
}

const describeServer = isAvailable('postgres') ? describe : describe.skip;

describeServer('pairs of schemas', () => {
  const only = process.env.CONVERGENCE_SEED;
  const count = Number(process.env.CONVERGENCE_RUNS ?? 50);
  const from = Number(process.env.CONVERGENCE_FROM ?? 1);
  const seeds = only ? [Number(only)] : Array.from({ length: count }, (_, i) => from + i);
  const outcomes: Outcome[] = [];
  const groups = Array.from({ length: Math.ceil(seeds.length / 10) }, (_, i) =>
    seeds.slice(i * 10, i * 10 + 10),
  );

  test.each(groups.map((group) => [group[0], group.at(-1), group] as const))(
    'seeds %i to %i',
    async (_, __, group) => {
      for (const seed of group) {
        try {
          outcomes.push(await converge(seed));
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
    test('most pairs are not refused, and most tables hold rows', () => {
      const share = (is: (outcome: Outcome) => boolean): number =>
        outcomes.filter(is).length / outcomes.length;
      const sum = (of: (outcome: Outcome) => number): number =>
        outcomes.reduce((total, each) => total + of(each), 0);
      if (process.env.CONVERGENCE_TALLY) {
        const tally = new Map<string, number>();
        for (const { up, down } of outcomes)
          for (const each of [up, down]) tally.set(each, (tally.get(each) ?? 0) + 1);
        console.log(tally);
      }
      expect(share(({ up }) => up === 'done')).toBeGreaterThan(0.5);
      expect(share(({ down }) => down === 'done')).toBeGreaterThan(0.4);
      expect(sum((each) => each.tablesWithRows)).toBeGreaterThan(0.6 * sum((each) => each.tables));
    });
  }
});
