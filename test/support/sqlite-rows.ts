/**
 * Random rows for a schema in a SQLite file, hostile texts included, that fit its keys and checks. Where
 * another schema is to come, rows that it could hold as well are preferred, so that most steps to it can run.
 */

import Database from 'better-sqlite3';
import { cast } from '../../src/dialects/sqlite/casts';
import { planSqlite } from '../../src/dialects/sqlite/plan';
import { diff } from '../../src/schema/diff';
import {
  byName,
  type Column,
  type ColumnType,
  EMPTY_SCHEMA,
  type Schema,
  type Table,
} from '../../src/schema/model';
import { creationOrder } from '../../src/schema/order';
import { type Native, quoted, type Row, rowsOf, type StoredValue } from './sqlite-workbench';

/** Random numbers that a seed decides. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % count;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const TEXTS = [
  ...[
    '',
    'x',
    "it's",
    'say "hi"',
    '`',
    '\\',
    "''",
    'line\nbreak',
    '😀',
    '--',
    '; DROP TABLE x',
    'NULL',
    '0',
    '007',
  ],
  ...['ä', '__proto__', ' ', '%', 'a', 'b', 'name', '5', '1.5', 'Straße', '\u0000nul', 'z'.repeat(300)],
];

/** A value of a type, as the ORM would store it. */
export function storedValue(type: ColumnType, schema: Schema, dice: Dice): StoredValue {
  const wide = dice.chance(50);
  switch (type.kind) {
    case 'smallint':
      return dice.pick([0, 1, -1, 7, 42, 32_767, -32_768, dice.below(30_000)]);
    case 'integer':
      return dice.pick([0, 1, -1, 7, 42, 2_147_483_647, -2_147_483_648, dice.below(1_000_000)]);
    case 'bigint':
      return wide ? dice.below(1000) : dice.pick([9_007_199_254_740_993n, -9_223_372_036_854_775_808n, 0, 5]);
    case 'real':
    case 'double':
      return wide ? dice.below(1000) : dice.pick([0.5, -2.25, 0.1, 1e300, 3, 1e-7]);
    case 'decimal': {
      const scale = type.scale ?? (type.precision === undefined ? 2 : 0);
      const digits = Math.min(type.precision ?? 9, 9);
      return Number((dice.below(10 ** digits) / 10 ** scale).toFixed(scale));
    }
    case 'boolean':
      return dice.below(2);
    case 'date':
      return `20${10 + dice.below(80)}-02-${10 + dice.below(18)}`;
    case 'time':
      return `1${dice.below(9)}:0${dice.below(9)}:00`;
    case 'timestamp':
    case 'timestamptz':
      return `20${10 + dice.below(80)}-02-${10 + dice.below(18)} 1${dice.below(9)}:00:00.000`;
    case 'json':
      return dice.pick([
        '{"a":"it\'s"}',
        'null',
        '[1,2]',
        '12345678901234567890',
        '"x"',
        `${dice.below(99)}`,
      ]);
    case 'uuid':
      return `${String(dice.below(99_999_999)).padStart(8, '0')}-0000-4000-8000-00000000000a`;
    case 'blob':
      return Buffer.from([dice.below(256), 0, 255]);
    case 'enum':
      return dice.pick(byName(schema.enums, type.name)?.values ?? ['']);
    case 'native':
      return wide ? `POINT(${dice.below(9)} 2)` : Buffer.from([1, dice.below(256)]);
    case 'array':
      return null;
    default: {
      const text = dice.chance(70) ? dice.pick(TEXTS) : `text ${dice.below(1000)}`;
      const length = 'length' in type ? type.length : undefined;
      // As a server keeps it: of one character where no length is said, without blanks at the end.
      if (type.kind === 'char')
        return [...text]
          .slice(0, length ?? 1)
          .join('')
          .trimEnd();
      return length === undefined ? text : [...text].slice(0, length).join('');
    }
  }
}

/** Where the rows are to go to after they were inserted: the schema, and the values that new columns get. */
export interface Destination {
  readonly schema: Schema;
  fill(table: string, column: Column): StoredValue | undefined;
}

/** Inserts rows into every table, parents first; where constraints contradict each other a table stays empty. */
export function insertRows(native: Native, schema: Schema, dice: Dice, destination?: Destination): void {
  const trial = destination && new Trial(schema, destination);
  native.pragma('foreign_keys = ON');
  for (const table of creationOrder(schema.tables).tables) {
    const whole = byName(schema.tables, table.name) as Table;
    for (let row = 2 + dice.below(3); row > 0; row--) insertRow(native, whole, schema, dice, trial);
  }
  trial?.close();
}

const ATTEMPTS = 30;

function insertRow(native: Native, table: Table, schema: Schema, dice: Dice, trial: Trial | undefined): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const row = randomRow(native, table, schema, dice, attempt);
    native.exec('BEGIN');
    try {
      insert(native, table.name, row);
      // What is generated was not known before.
      const stored = lastRow(native, table.name);
      if (attempt > ATTEMPTS - 4 || !trial || trial.takes(table, stored)) {
        native.exec('COMMIT');
        return;
      }
    } catch (cause) {
      if (!String((cause as { code?: unknown }).code).startsWith('SQLITE_')) throw cause;
    }
    if (native.inTransaction) native.exec('ROLLBACK');
  }
}

function insert(native: Native, table: string, row: Row): void {
  const names = Object.keys(row);
  const into = quoted(table);
  if (names.length === 0) native.exec(`INSERT INTO ${into} DEFAULT VALUES`);
  else {
    const sql = `INSERT INTO ${into} (${names.map(quoted).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
    // The driver binds every number as a REAL; integers are to be stored as such.
    native.prepare(sql).run(names.map((name) => exact(row[name] as StoredValue)));
  }
}

function exact(value: StoredValue): StoredValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** The row inserted last, or in a table without rowid some row: good enough to look at what was generated. */
function lastRow(native: Native, table: string): Row {
  return rowsOf(native, table).at(-1) as Row;
}

function randomRow(native: Native, table: Table, schema: Schema, dice: Dice, attempt: number): Row {
  const row: Record<string, StoredValue> = Object.create(null);
  for (const column of table.columns) {
    if (column.generated || (column.autoIncrement && dice.chance(80))) continue;
    if (column.default && dice.chance(20)) continue;
    row[column.name] = column.nullable && dice.chance(25) ? null : storedValue(column.type, schema, dice);
  }
  for (const key of table.foreignKeys) {
    const own = key.columns.map((name) => byName(table.columns, name) as Column);
    const nullable = own.find((column) => column.nullable);
    const parents = rowsOf(native, key.refTable);
    if (parents.length === 0 || (nullable && dice.chance(20))) {
      if (nullable) row[nullable.name] = null;
      else if (key.refTable === table.name)
        for (const [i, name] of key.columns.entries()) row[name] = row[key.refColumns[i] as string] ?? null;
      continue;
    }
    const parent = dice.pick(parents);
    for (const [i, name] of key.columns.entries()) row[name] = parent[key.refColumns[i] as string] ?? null;
  }
  // Checks of random schemas often ask for the name of a column, for a small number, or for nothing.
  if (attempt > 5 && table.checks.length > 0) {
    const checked = dice.pick(table.columns.filter((column) => !column.generated));
    if (checked && !checked.autoIncrement) {
      row[checked.name] = dice.pick<StoredValue>([
        checked.name,
        checked.nullable ? null : 'a',
        5,
        'zzz',
        ...Object.keys(row),
      ]);
    }
  }
  return row;
}

/** Tables of the schema to come, in memory, to try rows on. */
class Trial {
  readonly #native = new Database(':memory:');
  readonly #from: Schema;
  readonly #destination: Destination;

  constructor(from: Schema, destination: Destination) {
    this.#from = from;
    this.#destination = destination;
    this.#native.pragma('foreign_keys = OFF');
    const tables = { ...destination.schema, views: [], triggers: [] };
    for (const step of planSqlite(EMPTY_SCHEMA, diff(EMPTY_SCHEMA, tables)).steps) {
      if (step.kind === 'statement') this.#native.exec(step.sql);
    }
  }

  takes(table: Table, row: Row): boolean {
    const to = byName(this.#destination.schema.tables, table.name);
    if (to === undefined) return true;
    const next: Record<string, StoredValue> = Object.create(null);
    for (const column of to.columns) {
      if (column.generated) continue;
      const from = byName(table.columns, column.name);
      const value =
        from === undefined
          ? this.#destination.fill(to.name, column)
          : this.#cast(row[column.name] ?? null, from, column);
      if (value !== undefined) next[column.name] = value;
      else if (from !== undefined) return false;
    }
    try {
      insert(this.#native, to.name, next);
      return true;
    } catch {
      return false;
    }
  }

  /** The value after the change of its type; undefined where it would be refused. */
  #cast(value: StoredValue, from: Column, to: Column): StoredValue | undefined {
    if (value === null || (JSON.stringify(from.type) === JSON.stringify(to.type) && to.type.kind !== 'enum'))
      return value;
    const schemas = { from: this.#from, to: this.#destination.schema };
    const { expression, offending } = cast('v', from.type, to.type, schemas);
    const sql = `SELECT ${expression}, ${offending ?? '0'} FROM (SELECT ? AS v)`;
    const [converted, refused] = this.#native
      .prepare(sql)
      .raw()
      .safeIntegers()
      .get(exact(value)) as StoredValue[];
    return refused === 0n ? (converted as StoredValue) : undefined;
  }

  close(): void {
    this.#native.close();
  }
}
