/**
 * One SQLite connection: statements prepared once, values checked at the border, errors translated.
 *
 * Everything is answered at once, but for a lock that another process holds: that is polled between sleeps,
 * since SQLite's own busy handler would block the event loop, and with it the one who holds the lock.
 */

import { error } from '../../base/error-codes.js';
import type { LimbeckError } from '../../base/errors.js';
import type {
  Connection,
  MaybePromise,
  QueryOptions,
  RowStream,
  RunOptions,
  RunResult,
  SqlRow,
  SqlValue,
} from '../contract.js';
import { INT64_MAX, INT64_MIN, invalidValue, isWellFormed, kindOf } from '../shared/values.js';
import { findUniqueName } from './constraint-names.js';
import { CountedKeys, mayChangeSchema } from './counted-keys.js';
import { isBusy, translateSqliteError } from './errors.js';
import type { NativeDatabase, NativeStatement } from './native.js';

/** How long a statement outside a transaction waits for another process, as `busy_timeout` would. */
const BUSY_LIMIT_MS = 5_000;
/** Statements kept a generation; two generations are kept. */
const CACHE_SIZE = 256;
const EXPLAIN = /^\s*explain\b/i;

interface Prepared {
  readonly statement: NativeStatement;
  readonly reader: boolean;
  readonly readonly: boolean;
  readonly changesSchema: boolean;
  raw: boolean;
  bigints: boolean;
  /** Whether a column is called `__proto__`, which an object literal would swallow; asked when needed. */
  hasProto: boolean | undefined;
}

const NO_PARAMS: readonly unknown[] = [];

/** A connection of `SqliteDatabase`. */
export class SqliteConnection implements Connection {
  readonly #native: NativeDatabase;
  readonly #name: string;
  /** Whether anything but plain reads ran on it for its present holder: only then may a transaction be open. */
  #hasWritten = false;
  #counted: CountedKeys | undefined;
  // Least recently used statements are let go a generation at a time: a hit costs one look-up, no reordering.
  #young = new Map<string, Prepared>();
  #old = new Map<string, Prepared>();

  /** @param name the database's name for people */
  constructor(native: NativeDatabase, name: string) {
    this.#native = native;
    this.#name = name;
  }

  get inTransaction(): boolean {
    return this.#native.inTransaction;
  }

  get lostBy(): LimbeckError | undefined {
    return this.#native.open ? undefined : error('CONNECTION_CLOSED', { database: this.#name });
  }

  query(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlRow[]> {
    // Written out three times, so that the usual case makes no closure.
    const bigints = options?.bigints === true;
    try {
      return this.#objects(sql, params, bigints);
    } catch (cause) {
      return this.#waitOrThrow(cause, sql, () => this.#objects(sql, params, bigints));
    }
  }

  queryArrays(sql: string, params?: readonly unknown[], options?: QueryOptions): MaybePromise<SqlValue[][]> {
    const bigints = options?.bigints === true;
    try {
      return this.#rows(sql, params, bigints, true) as SqlValue[][];
    } catch (cause) {
      return this.#waitOrThrow(cause, sql, () => this.#rows(sql, params, bigints, true) as SqlValue[][]);
    }
  }

  /** On a statement of its own: one that is kept might be wanted meanwhile, and is busy. */
  stream(sql: string, params: readonly unknown[] = NO_PARAMS, options?: QueryOptions): RowStream {
    try {
      const statement = this.#native.prepare(sql).raw(true).safeIntegers(true);
      const names = statement.columns().map(({ name }) => name);
      const rows = statement.iterate(bindable(params));
      return {
        names,
        read: (count) => {
          try {
            return readSome(rows, count, options?.bigints === true ? undefined : names);
          } catch (cause) {
            throw this.#translate(cause, sql);
          }
        },
        close: () => void rows.return(),
      };
    } catch (cause) {
      throw this.#translate(cause, sql);
    }
  }

  run(sql: string, params?: readonly unknown[], options?: RunOptions): MaybePromise<RunResult> {
    try {
      return this.#execute(sql, params);
    } catch (cause) {
      return this.#waitOrThrow(cause, sql, () => this.#execute(sql, params), options?.waitMs);
    }
  }

  /** Never waits for a lock: of a script that fails half-way nobody knows what may run again. */
  script(sql: string): void {
    this.#hasWritten = true;
    this.#counted?.forget();
    try {
      this.#native.exec(sql);
    } catch (cause) {
      throw this.#translate(cause, sql);
    }
  }

  /** Undoes a transaction that its holder has left open, so that the next one does not run inside it. */
  abandonTransaction(): void {
    if (!this.#hasWritten) return;
    this.#hasWritten = false;
    if (!this.#native.open || !this.#native.inTransaction) return;
    this.#counted?.forget();
    this.#native.exec('ROLLBACK');
  }

  /** Where another process stands in the way, nothing is promised. */
  countsKeys(table: string, column: string): boolean {
    this.#counted ??= new CountedKeys(this.#native);
    try {
      return this.#counted.isCounted(table, column);
    } catch {
      return false;
    }
  }

  /** The whole database as the bytes of a file that another connection can be opened on. */
  serialize(): Buffer {
    try {
      return this.#native.serialize();
    } catch (cause) {
      throw this.#translate(cause, 'serialize');
    }
  }

  close(): void {
    this.#young.clear();
    this.#old.clear();
    this.#native.close();
  }

  #prepare(sql: string): Prepared {
    const young = this.#young.get(sql);
    if (young !== undefined) return young;
    const prepared = this.#old.get(sql) ?? this.#prepareNew(sql);
    // SQLite 3.53.2 crashes when an EXPLAIN is run again after the schema has changed.
    if (EXPLAIN.test(sql)) return prepared;
    if (this.#young.size >= CACHE_SIZE) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(sql, prepared);
    return prepared;
  }

  #prepareNew(sql: string): Prepared {
    const statement = this.#native.prepare(sql);
    const { reader, readonly } = statement;
    const changesSchema = !reader && mayChangeSchema(sql);
    return { statement, reader, readonly, changesSchema, raw: false, bigints: false, hasProto: undefined };
  }

  #objects(sql: string, params: readonly unknown[] | undefined, bigints: boolean): SqlRow[] {
    const prepared = this.#prepare(sql);
    if (!prepared.reader) {
      this.#execute(sql, params);
      return [];
    }
    prepared.hasProto ??= prepared.statement.columns().some((column) => column.name === '__proto__');
    if (!prepared.hasProto) return this.#rows(sql, params, bigints, false) as SqlRow[];
    const names = prepared.statement.columns().map((column) => column.name);
    const rows = this.#rows(sql, params, bigints, true) as SqlValue[][];
    return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] as SqlValue])));
  }

  #rows(sql: string, params: readonly unknown[] | undefined, bigints: boolean, raw: boolean): unknown[] {
    const prepared = this.#prepare(sql);
    const bound = params === undefined ? NO_PARAMS : bindable(params);
    if (!prepared.reader) {
      this.#hasWritten = true;
      if (prepared.changesSchema) this.#counted?.forget();
      prepared.statement.run(bound);
      return [];
    }
    // better-sqlite3 rounds integers beyond 2^53 without a word. A statement that writes is run once, with
    // exact integers that are narrowed afterwards (few rows come of it); one that only reads, fast.
    const exact = bigints || !prepared.readonly;
    const rows = all(prepared, bound, exact, raw);
    if (bigints) return rows;
    if (exact) return narrowed(rows, prepared);
    // A number that large is a REAL or a rounded integer: which, only reading again can tell. The second
    // result replaces the first whole, so that both questions are answered from one state of the database.
    return holdLarge(rows, raw) ? narrowed(all(prepared, bound, true, raw), prepared) : rows;
  }

  #execute(sql: string, params: readonly unknown[] | undefined): RunResult {
    const prepared = this.#prepare(sql);
    const bound = params === undefined ? NO_PARAMS : bindable(params);
    if (prepared.reader) {
      all(prepared, bound, true, true);
      if (prepared.readonly) return { changes: 0 };
      return this.#lastResult();
    }
    this.#hasWritten = true;
    if (prepared.changesSchema) this.#counted?.forget();
    const { changes, lastInsertRowid } = prepared.statement.run(bound);
    return {
      changes,
      lastInsertId: Number.isSafeInteger(lastInsertRowid) ? lastInsertRowid : this.#lastId(),
    };
  }

  #lastResult(): RunResult {
    const row = all(this.#prepare('SELECT changes()'), NO_PARAMS, true, true)[0] as bigint[];
    return { changes: Number(row[0]), lastInsertId: this.#lastId() };
  }

  #lastId(): number | bigint {
    const row = all(this.#prepare('SELECT last_insert_rowid()'), NO_PARAMS, true, true)[0] as bigint[];
    const id = row[0] as bigint;
    return Number.isSafeInteger(Number(id)) ? Number(id) : id;
  }

  /** Where a lock is held by another process and waiting is right, tries again between sleeps. */
  #waitOrThrow<T>(cause: unknown, sql: string, action: () => T, waitMs = BUSY_LIMIT_MS): Promise<T> {
    if (waitMs === 0 || !isBusy(cause) || !this.#mayWait(sql)) throw this.#translate(cause, sql);
    return this.#poll(sql, action, waitMs);
  }

  /**
   * Inside a transaction a statement that writes must not wait: SQLite reports a deadlock that way, and the
   * one who holds the lock may be waiting for us ("sqlite3_busy_handler"). COMMIT may be tried again.
   */
  #mayWait(sql: string): boolean {
    return !this.#native.inTransaction || /^\s*(?:commit|end)\b/i.test(sql) || this.#prepare(sql).readonly;
  }

  async #poll<T>(sql: string, action: () => T, waitMs: number): Promise<T> {
    const { inTransaction } = this.#native;
    const deadline = performance.now() + waitMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
      await sleep(pauseMs);
      // Whatever began meanwhile on this connection, the statement does not belong into it.
      const sameState = this.#native.open && this.#native.inTransaction === inTransaction;
      try {
        if (sameState || !this.#native.open) return action();
        throw error('DATABASE_BUSY', { database: this.#name });
      } catch (cause) {
        if (!isBusy(cause) || performance.now() >= deadline) throw this.#translate(cause, sql);
      }
    }
  }

  #translate(cause: unknown, sql: string): LimbeckError {
    const database = this.#name;
    if (!this.#native.open) return error('CONNECTION_CLOSED', { database }, { cause });
    return translateSqliteError(cause, {
      sql,
      database,
      uniqueName: (table, columns) => findUniqueName(this.#native, table, columns),
    });
  }
}

/** Waits between two tries for a lock; keeps the process alive, for somebody waits for the answer. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function all(prepared: Prepared, bound: readonly unknown[], bigints: boolean, raw: boolean): unknown[] {
  const { statement } = prepared;
  if (prepared.raw !== raw) {
    statement.raw(raw);
    prepared.raw = raw;
  }
  if (prepared.bigints !== bigints) {
    statement.safeIntegers(bigints);
    prepared.bigints = bigints;
  }
  return statement.all(bound);
}

/**
 * Parameters as the driver takes them; the caller's array where nothing has to change.
 *
 * Whole numbers go as bigints: better-sqlite3 binds every number as a REAL, so that `5 / ?` and `'n' || ?`
 * would see 2.0.
 */
function bindable(params: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < params.length; i++) {
    const value = params[i];
    const bound = bindableValue(value, i);
    if (bound === value) continue;
    copy ??= [...params];
    copy[i] = bound;
  }
  return copy ?? params;
}

function bindableValue(value: unknown, i: number): unknown {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value))
        throw refused(i, 'the text holds half of a surrogate pair, which cannot be stored');
      return value;
    case 'number':
      if (Number.isSafeInteger(value)) return BigInt(value);
      // From 2^63 on it can only be meant as a REAL.
      if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) {
        throw refused(i, 'the integer is beyond 2^53 and so not exact; pass a bigint');
      }
      if (!Number.isFinite(value)) throw refused(i, `SQL has no number ${value}`);
      return value;
    case 'bigint':
      if (value < INT64_MIN || value > INT64_MAX) throw refused(i, 'the integer needs more than 64 bits');
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    default:
      if (value === null || value instanceof Uint8Array || Buffer.isBuffer(value)) return value;
      throw refused(i, `SQLite stores text, numbers, bytes and NULL, got ${kindOf(value)}`);
  }
}

function refused(i: number, problem: string): LimbeckError {
  return invalidValue(`parameter ${i + 1}`, problem);
}

function isLarge(value: unknown): boolean {
  return typeof value === 'number' && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER);
}

function holdLarge(rows: readonly unknown[], raw: boolean): boolean {
  for (let i = 0; i < rows.length; i++) {
    const row = raw ? (rows[i] as SqlValue[]) : Object.values(rows[i] as SqlRow);
    for (let j = 0; j < row.length; j++) if (isLarge(row[j])) return true;
  }
  return false;
}

/** Turns the bigints of rows into numbers, in place. @throws VALUE_INVALID for one that no number holds */
function narrowed(rows: unknown[], prepared: Prepared): unknown[] {
  for (const row of rows) {
    if (Array.isArray(row)) narrowArray(row, prepared);
    else narrowObject(row as Record<string, unknown>);
  }
  return rows;
}

/** @param names of the columns, where their integers are to be numbers */
function readSome(
  rows: Iterator<unknown>,
  count: number,
  names: readonly string[] | undefined,
): SqlValue[][] {
  const some: SqlValue[][] = [];
  while (some.length < count) {
    const { value, done } = rows.next();
    if (done === true) break;
    const row = value as SqlValue[];
    for (let i = 0; names !== undefined && i < row.length; i++) {
      const cell = row[i];
      if (typeof cell === 'bigint') row[i] = safeInteger(cell, () => names[i]);
    }
    some.push(row);
  }
  return some;
}

function narrowArray(row: unknown[], { statement }: Prepared): void {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === 'bigint') row[i] = safeInteger(value, () => statement.columns()[i]?.name);
  }
}

function narrowObject(row: Record<string, unknown>): void {
  for (const name of Object.keys(row)) {
    const value = row[name];
    if (typeof value === 'bigint') row[name] = safeInteger(value, () => name);
  }
}

function safeInteger(value: bigint, name: () => string | undefined): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw invalidValue(`column ${name()}`, 'the integer is beyond 2^53; read it with bigints');
}
