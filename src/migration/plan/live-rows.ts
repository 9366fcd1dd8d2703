/**
 * Rows counted for a plan. A plan is made while the application runs, so nothing is counted that takes long: of a big
 * table the catalog's number has to do, and its checks are left to the run.
 */

import { isLimbeckError } from '../../base/errors.js';
import type { Connection, Dialect } from '../../dialects/contract.js';
import type { TableRows } from './types.js';

/** Up to here rows are counted one by one. */
const COUNTED_ROWS = 200_000;

/** How many rows the tables of a database have; each is asked about once. */
export class LiveRows {
  readonly #connection: Connection;
  readonly #dialect: Dialect;
  readonly #known = new Map<string, Promise<TableRows | undefined>>();

  constructor(connection: Connection, dialect: Dialect) {
    this.#connection = connection;
    this.#dialect = dialect;
  }

  /** Undefined for a table that is not there. */
  of(table: string): Promise<TableRows | undefined> {
    const known = this.#known.get(table) ?? this.#count(table);
    this.#known.set(table, known);
    return known;
  }

  /** The answer of a check; undefined where asking would take long, or what it asks about is not there yet. */
  async countFor(table: string, countSql: string): Promise<number | undefined> {
    const size = await this.of(table);
    return size?.isExact ? this.#number(countSql) : undefined;
  }

  async #count(table: string): Promise<TableRows | undefined> {
    const limit = COUNTED_ROWS + 1;
    const sql = `SELECT count(*) FROM (SELECT 1 FROM ${this.#dialect.quoteTable(table)} LIMIT ${limit}) AS counted`;
    const counted = await this.#number(sql);
    if (counted === undefined) return undefined;
    if (counted < limit) return { table, rows: counted, isExact: true };
    const estimate = this.#dialect.rowEstimate?.(table);
    const about = estimate === undefined ? undefined : await this.#number(estimate);
    return { table, rows: Math.max(counted, Math.round(about ?? 0)), isExact: false };
  }

  async #number(sql: string): Promise<number | undefined> {
    try {
      const [[count] = []] = await this.#connection.queryArrays(sql);
      return count === undefined || count === null ? undefined : Number(count);
    } catch (cause) {
      if (isLimbeckError(cause)) return undefined;
      throw cause;
    }
  }
}
