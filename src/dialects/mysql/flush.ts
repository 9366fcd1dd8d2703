/**
 * Carries out the changes that wait, of all tables together: foreign keys that stand in the way go first, then every
 * table gets its one ALTER TABLE, and what keys are still missing are added last.
 *
 * InnoDB refuses to change a column that a key is over or refers to (1832, 1833), to drop the index that a key needs
 * (1553), and to drop and add a key of one name in one statement (1005).
 */

import { deepEqual } from '../../base/structure.js';
import type { ForeignKey, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { PlanCheck, PlanStatement } from '../contract.js';
import type { TableState } from './alter-clauses.js';
import { changeChecks } from './change-checks.js';
import { alterStatement, changeSteps } from './change-steps.js';
import { columnTypeText } from './ddl.js';
import { refuseUnfit } from './key-types.js';
import { quoteIdentifier as quote } from './literals.js';
import type { LyingSchema } from './lying-schema.js';
import { countCheck, parentCheck } from './row-checks.js';
import { TableChange } from './table-change.js';
import { TableRows } from './table-rows.js';

/** What a flush makes: counts, and statements. */
export interface Flushed {
  readonly checks: readonly PlanCheck[];
  readonly statements: readonly PlanStatement[];
}

/** A table that is to change. */
interface Pending {
  readonly change: TableChange;
  readonly to: Table;
}

export class Flush {
  readonly #lying: LyingSchema;
  readonly #pending: ReadonlyMap<string, Pending>;
  /** Makes a state of a table as it is to be. */
  readonly #stateOf: (table: Table) => TableState;
  readonly #checks: PlanCheck[] = [];
  readonly #statements: PlanStatement[] = [];
  /** Tables that have got what they were to get. */
  readonly #done = new Set<string>();
  readonly #keysBefore: ReadonlyMap<string, readonly ForeignKey[]>;

  constructor(
    lying: LyingSchema,
    pending: ReadonlyMap<string, Pending>,
    stateOf: (table: Table) => TableState,
  ) {
    this.#lying = lying;
    this.#pending = pending;
    this.#stateOf = stateOf;
    this.#keysBefore = new Map([...lying.tables.values()].map((table) => [table.name, table.foreignKeys]));
  }

  run(): Flushed {
    this.#refuseUnfitKeys();
    this.#dropKeysInTheWay();
    for (const name of this.#order()) this.#changeTable(name);
    this.#addMissingKeys();
    return { checks: this.#checks, statements: this.#statements };
  }

  /** The table that a name will mean: as it is to be where it changes. */
  #target(name: string): Table | undefined {
    return this.#pending.get(name)?.to ?? this.#lying.tables.get(name);
  }

  /** Keys that are new, and keys whose columns become something else on one side. */
  #refuseUnfitKeys(): void {
    for (const table of this.#lying.tables.values()) {
      const holder = this.#target(table.name) as Table;
      for (const key of holder.foreignKeys) {
        const target = this.#target(key.refTable);
        const isTouched = this.#pending.has(table.name) || this.#pending.has(key.refTable);
        if (!isTouched || target === undefined) continue;
        const isNew = byName(table.foreignKeys, key.name) === undefined;
        const changes =
          this.#changesColumns(table.name, key.columns) || this.#changesKey(key.refTable, key.refColumns);
        if (isNew || changes) refuseUnfit(key, this.#stateOf(holder), this.#stateOf(target));
      }
    }
  }

  #dropKeysInTheWay(): void {
    for (const table of [...this.#lying.tables.values()]) {
      const gone = table.foreignKeys.filter((key) => this.#isInTheWay(key, table));
      if (gone.length === 0) continue;
      const rest = { ...table, foreignKeys: table.foreignKeys.filter((key) => !gone.includes(key)) };
      this.#statements.push(...alterStatement(this.#lying.state(table), this.#lying.state(rest)));
      this.#lying.put(rest);
    }
  }

  /** Whether a key has to go in a statement of its own before anything else. */
  #isInTheWay(key: ForeignKey, table: Table): boolean {
    const own = this.#pending.get(table.name);
    const parent = this.#pending.get(key.refTable);
    const wanted = byName(this.#target(table.name)?.foreignKeys ?? [], key.name);
    if (own !== undefined && wanted !== undefined && !deepEqual(wanted, key)) return true;
    if (parent !== undefined && this.#changesKey(key.refTable, key.refColumns)) return true;
    if (own === undefined) return false;
    // What goes can go together with the change of its columns.
    return wanted !== undefined && this.#changesColumns(table.name, key.columns);
  }

  #changesColumns(name: string, columns: readonly string[]): boolean {
    const from = this.#lying.tables.get(name);
    const pending = this.#pending.get(name);
    if (from === undefined || pending === undefined) return false;
    const [before, after] = [this.#lying.state(from), this.#stateOf(pending.to)];
    return columns.some((each) => {
      const [old, now] = [byName(from.columns, each), byName(pending.to.columns, each)];
      if (old === undefined || now === undefined || !pending.change.isKept(each, from)) return true;
      const typeOf = (column: typeof old, { table, context }: TableState): string =>
        JSON.stringify([columnTypeText(column, table, context), column.nullable, column.generated]);
      return (
        typeOf(old, before) !== typeOf(now, after) || pending.change.altered.get(each)?.using !== undefined
      );
    });
  }

  /** Whether the columns that keys refer to, or all that makes them findable, change. */
  #changesKey(name: string, columns: readonly string[]): boolean {
    if (this.#changesColumns(name, columns)) return true;
    const [from, to] = [this.#lying.tables.get(name), this.#target(name)];
    if (from === undefined || to === undefined) return false;
    const keysOf = (table: Table): string[] =>
      [
        ...(table.primaryKey ? [['PRIMARY', table.primaryKey.columns] as const] : []),
        ...table.uniques.map((unique) => [unique.name, unique.columns] as const),
        ...table.indexes.map(
          (index) =>
            [index.name, index.columns.map((part) => ('column' in part ? part.column : ''))] as const,
        ),
      ]
        .filter(([, list]) => columns.every((column, i) => list[i] === column))
        .map((each) => JSON.stringify(each));
    const after = keysOf(to);
    return !keysOf(from).some((each) => after.includes(each));
  }

  /** Parents before the tables that refer to them. */
  #order(): string[] {
    const names = [...this.#pending.keys()];
    const ordered: string[] = [];
    const visit = (name: string, path: ReadonlySet<string>): void => {
      if (ordered.includes(name) || path.has(name)) return;
      for (const { refTable } of this.#pending.get(name)?.to.foreignKeys ?? []) {
        if (this.#pending.has(refTable)) visit(refTable, new Set([...path, name]));
      }
      ordered.push(name);
    };
    for (const name of names) visit(name, new Set());
    return ordered;
  }

  #changeTable(name: string): void {
    const { change, to } = this.#pending.get(name) as Pending;
    const lying = this.#lying.tables.get(name) as Table;
    const source = this.#lying.rows(name);
    const keys = to.foreignKeys.filter(
      (key) => byName(lying.foreignKeys, key.name) || this.#canAddAtOnce(key, name),
    );
    const target = { ...to, foreignKeys: keys };
    const [before, after] = [this.#lying.state(lying), this.#stateOf(target)];
    const rows = new TableRows(source ?? quote(name), before, after, change);
    if (source !== undefined) this.#checks.push(...changeChecks(before, after, change, rows));
    const steps = changeSteps(before, after, change, rows);
    this.#statements.push(...steps);
    this.#lying.put(target, source === undefined ? undefined : rows.after());
    this.#done.add(name);
    for (const key of keys) if (!byName(lying.foreignKeys, key.name)) this.#checkParents(key, target);
  }

  /** A key can stand in the same ALTER as the rest where what it refers to is there already. */
  #canAddAtOnce(key: ForeignKey, table: string): boolean {
    if (key.refTable === table) return false;
    return (
      this.#lying.tables.has(key.refTable) &&
      (!this.#pending.has(key.refTable) || this.#done.has(key.refTable))
    );
  }

  #addMissingKeys(): void {
    for (const table of [...this.#lying.tables.values()]) {
      const wanted = this.#wantedKeys(table);
      const missing = wanted.filter((key) => !byName(table.foreignKeys, key.name));
      if (missing.length === 0) continue;
      const whole = { ...table, foreignKeys: [...table.foreignKeys, ...missing] };
      this.#statements.push(...alterStatement(this.#stateOf(table), this.#stateOf(whole)));
      this.#lying.put(whole);
      for (const key of missing) this.#checkParents(key, whole);
    }
  }

  /** A table that does not change itself gets back what had to go for a while. */
  #wantedKeys(table: Table): readonly ForeignKey[] {
    return this.#pending.get(table.name)?.to.foreignKeys ?? this.#keysBefore.get(table.name) ?? [];
  }

  #checkParents(key: ForeignKey, table: Table): void {
    const rows = this.#lying.rows(table.name);
    if (rows === undefined) return;
    const change = this.#pending.get(table.name)?.change ?? this.#pending.get(key.refTable)?.change;
    const place = {
      rows,
      table,
      operation: (change ?? new TableChange()).causeOf([key.name, ...key.columns]),
    };
    const parents = this.#lying.rows(key.refTable);
    if (parents !== undefined) {
      this.#checks.push(parentCheck(place, key, parents));
      return;
    }
    const subject = key.columns.map((name) => `'${table.name}.${name}'`).join(', ');
    const present = key.columns.map((name) => `${quote(name)} IS NOT NULL`).join(' AND ');
    const problem = `refer in ${subject} to a row of '${key.refTable}' that is not there`;
    this.#checks.push(countCheck(place, key.columns, problem, present));
  }
}
