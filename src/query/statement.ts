/**
 * Writing one statement: text with placeholders, and for each placeholder where its value comes from. And
 * values without a column, as raw SQL has them.
 */

import { isSqlFragment, isSqlIdentifier, isSqlParameter, type SqlFragment, writeSql } from '../ast/sql.js';
import { error } from '../base/error-codes.js';
import type { Dialect, SqlValue } from '../dialects/contract.js';
import type { Encoder } from './mapping/entity-map.js';

/** What a placeholder stands for: the next value of the query, encoded, or always the same. */
type Slot = { readonly encode: Encoder } | { readonly constant: unknown };

/** Collects the placeholders of a statement in the order in which its text names them. */
export class StatementWriter {
  readonly dialect: Dialect;
  readonly #slots: Slot[] = [];
  #aliases = 0;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  /** A placeholder for the next value of the query. */
  value(encode: Encoder): string {
    this.#slots.push({ encode });
    return this.dialect.placeholder(this.#slots.length - 1);
  }

  /** A placeholder for a value that belongs to the shape. */
  constant(constant: unknown): string {
    this.#slots.push({ constant });
    return this.dialect.placeholder(this.#slots.length - 1);
  }

  fragment(fragment: SqlFragment): string {
    const { dialect } = this;
    const writer = {
      identifier: (name: string) => dialect.quoteIdentifier(name),
      value: (value: unknown) => this.#loose(value),
      parameter: (value: unknown) => this.constant(looseValue(this.dialect, value)),
    };
    return writeSql(fragment, writer).text;
  }

  #loose(value: unknown): string {
    // Only SQLite takes a placeholder after IS.
    if (value === null) return 'NULL';
    if (!Array.isArray(value)) return this.constant(looseValue(this.dialect, value));
    if (value.length === 0) return 'NULL';
    return value.map((each) => this.constant(looseValue(this.dialect, each))).join(', ');
  }

  /** How many values of the query the statement has taken so far. */
  get valueCount(): number {
    return this.#slots.filter((slot) => 'encode' in slot).length;
  }

  /** How many placeholders it has so far. */
  get size(): number {
    return this.#slots.length;
  }

  /** A new name for a table inside a subquery. */
  alias(): string {
    this.#aliases += 1;
    return this.dialect.quoteIdentifier(`_${this.#aliases}`);
  }

  /** What turns the values of a query into parameters. */
  binder(): (values: readonly unknown[]) => SqlValue[] {
    const slots = this.#slots;
    return (values) => {
      const params = new Array<SqlValue>(slots.length);
      let next = 0;
      for (let i = 0; i < slots.length; i++) {
        const slot = slots[i] as Slot;
        params[i] = 'encode' in slot ? slot.encode(values[next++]) : (slot.constant as SqlValue);
      }
      return params;
    };
  }
}

/**
 * A value of raw SQL, which has no column to say its type.
 *
 * @throws VALUE_INVALID for what no column could hold as it is, `undefined` included
 */
export function looseValue(dialect: Dialect, value: unknown): unknown {
  if (value === undefined) throw error('VALUE_INVALID', { owner: 'a parameter', problem: 'it is undefined' });
  if (typeof value === 'boolean') return dialect.codec({ kind: 'boolean' }, PARAMETER).encode(value);
  if (Object.prototype.toString.call(value) === '[object Date]') {
    return dialect.codec({ kind: 'timestamp', precision: 3 }, PARAMETER).encode(value);
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || Buffer.isBuffer(value)) {
    return value;
  }
  if (!Array.isArray(value)) throw unbindable(objectProblem(value));
  if (dialect.capabilities.arrays) return value;
  throw unbindable(
    'an array is no value; in sql`…` it is a list for IN (…), as :...name is in Raw; JSON.stringify(list) is JSON',
  );
}

function objectProblem(value: object): string {
  if (isSqlFragment(value) || isSqlIdentifier(value) || isSqlParameter(value)) {
    return 'a fragment is no value; it belongs into the text of sql`…`';
  }
  return 'an object is no value; pass JSON.stringify(object) for a column of JSON';
}

function unbindable(problem: string): Error {
  return error('VALUE_INVALID', { owner: 'a parameter', problem });
}

const PARAMETER = { owner: 'a parameter' };

/** A fragment of the `sql` tag for one dialect; an array becomes a list, as `IN (${ids})` wants it. */
export function writeFragment(
  dialect: Dialect,
  fragment: SqlFragment,
): { readonly sql: string; readonly params: SqlValue[] } {
  const writer = new StatementWriter(dialect);
  const sql = writer.fragment(fragment);
  return { sql, params: writer.binder()([]) };
}
