/**
 * The rows that a table will have, as SQL over the rows that are there before the plan.
 *
 * Checks run before the first statement, when columns still have their old names and types; what an operation in
 * the middle of a plan asks about must be asked of what the operations before it will have made.
 */

import { mentionedColumns } from '../../base/sql-tokens.js';
import { splitTableName } from '../../schema/table-names.js';
import { enclosed } from './expressions.js';
import { quoteIdentifier as quote, quoteTable } from './literals.js';

/** A value of the rows to be; undefined where it is not known before it is made. */
type Value = string | undefined;

export class RowLineage {
  /** What stands behind FROM; undefined for a table that has no rows, since the plan makes it. */
  #from: string | undefined;
  #values: Map<string, Value>;
  /** Columns whose value stands as text for what is none yet: a value of an enum that the plan makes. */
  readonly #loose = new Set<string>();
  /** Expressions over the other columns as they will be. */
  #generated = new Map<string, string>();

  private constructor(from: string | undefined, values: Map<string, Value>) {
    this.#from = from;
    this.#values = values;
  }

  /** Of a table that is there. */
  static of(table: string, columns: readonly string[]): RowLineage {
    return new RowLineage(quoteTable(table), new Map(columns.map((name) => [name, quote(name)])));
  }

  /** Of a table that the plan makes. */
  static empty(): RowLineage {
    return new RowLineage(undefined, new Map());
  }

  get from(): string | undefined {
    return this.#from;
  }

  /** What a column will hold, over the rows of `from`; undefined for what is generated as well. */
  value(column: string): Value {
    return this.#values.get(column);
  }

  /** @param loose its text stands for it: good for telling whether values are equal, and for nothing else */
  set(column: string, value: Value, loose = false): void {
    this.#generated.delete(column);
    this.#loose.delete(column);
    if (loose) this.#loose.add(column);
    this.#values.set(column, value);
  }

  setGenerated(column: string, sql: string): void {
    this.#values.delete(column);
    this.#generated.set(column, sql);
  }

  drop(column: string): void {
    this.#values.delete(column);
    this.#generated.delete(column);
  }

  /** @param rewrite how the table's expressions say the new name */
  rename(from: string, to: string, rewrite: (sql: string) => string): void {
    if (this.#loose.delete(from)) this.#loose.add(to);
    const renamed = (name: string): string => (name === from ? to : name);
    this.#values = new Map([...this.#values].map(([name, value]) => [renamed(name), value]));
    this.#generated = new Map([...this.#generated].map(([name, sql]) => [renamed(name), rewrite(sql)]));
  }

  /**
   * What stands behind FROM where free SQL is to find the columns, and the table, by their names; undefined where
   * one of those that it needs is not known.
   *
   * @param use `equality` where values are only held against each other
   */
  rows(table: string, needed: readonly string[], use: 'any' | 'equality' = 'any'): string | undefined {
    if (this.#from === undefined) return undefined;
    if (use === 'any' && needed.some((name) => this.#loose.has(name))) return undefined;
    const columns = [...this.#values];
    const isPlain = columns.every(([name, value]) => value === quote(name));
    if (isPlain && this.#generated.size === 0) return this.#from;
    const known = new Map(columns.filter(([, value]) => value !== undefined));
    const all = [...this.#values.keys(), ...this.#generated.keys()];
    const made = [...this.#generated].filter(([, sql]) =>
      mentionedColumns(sql, all).every((name) => known.has(name) && !this.#loose.has(name)),
    );
    const isKnown = (name: string): boolean => known.has(name) || made.some(([each]) => each === name);
    if (!needed.every(isKnown)) return undefined;
    const alias = quote(splitTableName(table).name);
    const list = [...known].map(([name, value]) =>
      value === quote(name) ? value : `${value} AS ${quote(name)}`,
    );
    const inner = isPlain ? this.#from : `(SELECT ${list.join(', ')} FROM ${this.#from}) AS ${alias}`;
    if (made.length === 0) return inner;
    const names = [
      ...[...known.keys()].map(quote),
      ...made.map(([name, sql]) => `${enclosed(sql)} AS ${quote(name)}`),
    ];
    return `(SELECT ${names.join(', ')} FROM ${inner}) AS ${alias}`;
  }

  /** Begins anew from the rows as they are by now, so that free SQL can be put on top of them. */
  settle(table: string): void {
    const from = this.rows(table, []);
    if (from === this.#from) return;
    const known = [...this.#values].flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const made = [...this.#generated.keys()].filter((name) => this.rows(table, [name]) !== undefined);
    this.#from = from;
    this.#values = new Map([
      ...[...this.#values.keys(), ...this.#generated.keys()].map((name): [string, Value] => [
        name,
        undefined,
      ]),
      ...[...known, ...made].map((name): [string, Value] => [name, quote(name)]),
    ]);
    this.#generated = new Map();
  }
}
