/**
 * The tables as they lie in the database while a plan goes on, and their rows as they will be by then, as SQL over the
 * tables as they lay when it began.
 */

import type { Enum, Schema, Table } from '../../schema/model.js';
import type { TableState } from './alter-clauses.js';
import type { Flavour } from './flavour.js';
import { quoteIdentifier as quote } from './literals.js';

export class LyingSchema {
  readonly tables: Map<string, Table>;
  readonly #flavour: Flavour;
  /** FROM items without an alias; none for a table that the plan makes, which has no rows. */
  readonly #rows: Map<string, string>;
  #enums: Map<string, Enum>;

  constructor(flavour: Flavour, schema: Schema) {
    this.#flavour = flavour;
    this.tables = new Map(schema.tables.map((table) => [table.name, table]));
    this.#rows = new Map(schema.tables.map(({ name }) => [name, quote(name)]));
    this.#enums = new Map(schema.enums.map((each) => [each.name, each]));
  }

  state(table: Table): TableState {
    return { table, context: { flavour: this.#flavour, schema: { enums: [...this.#enums.values()] } } };
  }

  /** The enums are from now on these. */
  setEnums(enums: Iterable<Enum>): void {
    this.#enums = new Map([...enums].map((each) => [each.name, each]));
  }

  hasEnum(name: string): boolean {
    return this.#enums.has(name);
  }

  addEnum(item: Enum): void {
    this.#enums.set(item.name, item);
  }

  rows(table: string): string | undefined {
    return this.#rows.get(table);
  }

  put(table: Table, rows?: string): void {
    this.tables.set(table.name, table);
    if (rows !== undefined) this.#rows.set(table.name, rows);
  }

  drop(name: string): void {
    this.tables.delete(name);
    this.#rows.delete(name);
  }

  rename(from: string, to: string): void {
    const rows = this.#rows.get(from);
    this.#rows.delete(from);
    if (rows !== undefined) this.#rows.set(to, rows);
  }

  /** Other tables with foreign keys that refer to one. */
  holdersOfKeysTo(name: string): Table[] {
    return [...this.tables.values()].filter(
      (table) => table.name !== name && table.foreignKeys.some((key) => key.refTable === name),
    );
  }
}
