/**
 * What the parts of the planner share: the schema as the operations so far describe it, the rows that its tables
 * will have, the ALTER TABLE that is being put together, and what was taken aside to be brought back.
 */

import { applyTo, enumOf } from '../../schema/apply.js';
import { usesOf } from '../../schema/column-uses.js';
import { SchemaDraft } from '../../schema/draft.js';
import type { Column, Schema, Table, View } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { splitTableName } from '../../schema/table-names.js';
import type { OutsideTransaction, Plan, PlanCheck, PlanStep } from '../contract.js';
import { type AlterPart, AlterTable } from './alter-table.js';
import { AsideParts } from './aside-parts.js';
import { createViewText, dropExpressionText, dropViewText, foreignKeyText, unsupported } from './ddl.js';
import {
  creationOrderOf,
  extrasSql,
  isBuiltOn,
  namesIn,
  saysName,
  triggerExtrasSql,
  viewsOver,
} from './dependents.js';
import { quoteIdentifier as quote, quoteTable } from './literals.js';
import type { RowPlace } from './row-checks.js';
import { RowLineage } from './row-lineage.js';

interface DetachedKey {
  table: string;
  readonly name: string;
}

export class PlanState {
  readonly draft: SchemaDraft;
  readonly version: number;
  readonly #checks: PlanCheck[] = [];
  readonly #steps: PlanStep[] = [];
  #later: { readonly table: string; readonly make: () => readonly PlanCheck[] }[] = [];
  readonly #rows = new Map<string, RowLineage>();
  readonly #knownSchemas: Set<string>;
  readonly #keys: DetachedKey[] = [];
  readonly #views = new Map<string, View>();
  /** Operations that are still to come, the present one left out. */
  upcoming: readonly Operation[] = [];
  readonly aside: AsideParts;
  #alter: AlterTable | undefined;

  constructor(before: Schema, version: number) {
    this.draft = new SchemaDraft(before);
    this.version = version;
    for (const table of before.tables) {
      const names = table.columns.map(({ name }) => name);
      this.#rows.set(table.name, RowLineage.of(table.name, names));
    }
    const objects = [...before.tables, ...before.enums, ...before.views, ...before.sequences];
    this.#knownSchemas = new Set(objects.flatMap(({ name }) => splitTableName(name).schema ?? []));
    this.aside = new AsideParts(this);
  }

  finish(): Plan {
    this.endColumns();
    this.bringBackKeys();
    this.bringBackViews();
    this.flush();
    return { steps: [...this.#checks, ...this.#steps], suspendsForeignKeys: false };
  }

  apply(op: Operation): void {
    applyTo(this.draft, op);
  }

  table(name: string, operation: string): Table {
    return this.draft.table(name, operation);
  }

  get schema(): Schema {
    const { tables, enums, views, sequences, triggers } = this.draft;
    return {
      tables: [...tables.values()],
      enums: [...enums.values()],
      views: [...views.values()],
      sequences: [...sequences.values()],
      triggers,
    };
  }

  // Statements.

  check(...checks: readonly PlanCheck[]): void {
    this.#checks.push(...checks);
  }

  /** A check of the rows as they will be when the columns of a table are done. */
  checkLater(table: string, make: () => readonly PlanCheck[]): void {
    this.#later.push({ table, make });
  }

  /** What waits for the columns of tables to be done, but for a table whose columns go on changing. */
  endColumns(except?: string): void {
    const waiting = this.#later.filter(({ table }) => table !== except);
    this.#later = this.#later.filter(({ table }) => table === except);
    for (const { make } of waiting) this.check(...make());
    for (const name of this.aside.tables) if (name !== except) this.aside.bringBack(name);
  }

  emit(sql: string, outside?: OutsideTransaction): void {
    this.flush();
    this.#steps.push({ kind: 'statement', sql, ...(outside && { outside }) });
  }

  /** A part of ALTER TABLE, together with those before it where that means the same. */
  alter(table: string, ...parts: readonly AlterPart[]): void {
    if (this.#alter?.table !== table || this.#alter.after.length > 0 || !this.#alter.takes(parts))
      this.flush();
    this.#alter ??= new AlterTable(table);
    this.#alter.add(parts);
  }

  /** A statement about a table that may come after other changes of it: a comment. */
  emitAfter(table: string, sql: string): void {
    if (this.#alter?.table === table) this.#alter.after.push(sql);
    else this.emit(sql);
  }

  flush(): void {
    const alter = this.#alter;
    this.#alter = undefined;
    for (const sql of alter?.texts ?? []) this.#steps.push({ kind: 'statement', sql });
  }

  /** CREATE SCHEMA where nothing says that it is there. */
  ensureSchema(name: string): void {
    const { schema } = splitTableName(name);
    if (schema === undefined || this.#knownSchemas.has(schema)) return;
    this.#knownSchemas.add(schema);
    this.emit(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`);
  }

  // Rows.

  rowsOf(table: string): RowLineage {
    return this.#rows.get(table) ?? RowLineage.empty();
  }

  place(table: string, operation: Operation): RowPlace {
    return { table, rows: this.rowsOf(table), operation };
  }

  dropRows(table: string): void {
    this.#rows.delete(table);
  }

  renameRows(from: string, to: string): void {
    const rows = this.#rows.get(from);
    this.#rows.delete(from);
    if (rows) this.#rows.set(to, rows);
  }

  // Foreign keys that hold on to what changes; they come back when everything is done.

  detachKeys(isHeld: (holder: Table, key: Table['foreignKeys'][number]) => boolean): void {
    for (const table of this.draft.tables.values()) {
      for (const key of table.foreignKeys) {
        if (this.isDetached(table.name, key.name) || !isHeld(table, key)) continue;
        this.#refuseUnmodelled(table, key.name);
        this.#keys.push({ table: table.name, name: key.name });
        this.alter(table.name, {
          sql: `DROP CONSTRAINT ${quote(key.name)}`,
          about: `constraint ${key.name}`,
        });
      }
    }
  }

  #refuseUnmodelled(table: Table, key: string): void {
    const unmodelled = String(table.options?.['postgres.unmodelled'] ?? '');
    const part = `foreign key '${key}'`;
    if (!unmodelled.includes(` of ${part}`)) return;
    throw this.unsupported('way to make it anew with all that it says', `${part} on '${table.name}'`);
  }

  isDetached(table: string, key: string): boolean {
    return this.#keys.some((each) => each.table === table && each.name === key);
  }

  /** Whether it was detached; then it does not come back. */
  forgetKey(table: string, key: string): boolean {
    const at = this.#keys.findIndex((each) => each.table === table && each.name === key);
    if (at !== -1) this.#keys.splice(at, 1);
    return at !== -1;
  }

  forgetKeysOf(table: string): void {
    for (const key of this.#keys.filter((each) => each.table === table)) this.forgetKey(table, key.name);
  }

  renameKeysOf(from: string, to: string): void {
    for (const key of this.#keys) if (key.table === from) key.table = to;
  }

  bringBackKeys(): void {
    for (const { table, name } of this.#keys.splice(0)) {
      const key = byName(this.table(table, 'createForeignKey').foreignKeys, name);
      if (key) this.alter(table, { sql: `ADD ${foreignKeyText(key)}`, about: `constraint ${name}` });
    }
  }

  // Views.

  /** Takes away the views over certain columns of a table, or over all of it. */
  setViewsAside(table: string, columns?: readonly string[]): void {
    this.#setAside(
      (names) =>
        saysName(names, table) &&
        (columns === undefined || names.has('*') || columns.some((column) => names.has(column))),
    );
  }

  /** Takes away the views that say a name: of an enum, of another view. */
  setAsideSaying(name: string): void {
    this.#setAside((names) => saysName(names, name));
  }

  #setAside(isDirect: (names: ReadonlySet<string>, view: string) => boolean, except?: string): void {
    const standing = [...this.draft.views.values()].filter(
      ({ name }) => !this.#views.has(name) && name !== except,
    );
    const found = viewsOver(standing, isDirect);
    if (found.length === 0) return;
    this.flush();
    for (const { name } of found) this.#steps.push({ kind: 'remember', table: name, sql: extrasSql(name) });
    for (const view of [...found].reverse()) this.emit(dropViewText(view));
    for (const view of found) this.#views.set(view.name, view);
  }

  /** Whether a view was taken aside; then it does not come back by itself. */
  forgetView(name: string): boolean {
    return this.#views.delete(name);
  }

  /** What CREATE VIEW does not say, once the view is there again. */
  replayExtras(view: string): void {
    this.flush();
    this.#steps.push({ kind: 'replay', table: view });
    for (const { table, sql } of this.draft.triggers) {
      const text = sql.postgres ?? sql.default;
      if (table === view && text !== undefined) this.emit(text);
    }
  }

  /** Takes away one view, and those that are built on it. */
  takeView(name: string, operation: string): void {
    const view = this.draft.present(this.draft.views.get(name), 'view', name, operation);
    if (this.#views.has(name)) return;
    this.setAsideOver(name);
    this.flush();
    this.#steps.push({ kind: 'remember', table: name, sql: extrasSql(name) });
    this.emit(dropViewText(view));
    this.#views.set(name, view);
  }

  /** Makes the views again that nothing which is still to come replaces, drops, or has yet to make possible. */
  bringBackViews(): void {
    const changing = new Set(
      this.upcoming.flatMap((op) => {
        if (op.kind === 'replaceView' || op.kind === 'createView') return [op.view.name];
        return op.kind === 'dropView' ? [op.name] : [];
      }),
    );
    const waiting = [...this.#views.values()];
    for (const { name } of creationOrderOf(waiting)) {
      const view = this.draft.views.get(name);
      if (view === undefined || changing.has(name)) continue;
      const others = [...this.draft.views.values()].filter((each) => each.name !== name);
      const isMissing = (each: View): boolean => changing.has(each.name) || this.#views.has(each.name);
      if (others.some((each) => isMissing(each) && isBuiltOn(view, each))) continue;
      this.#views.delete(name);
      this.emit(createViewText(view));
      this.replayExtras(name);
    }
  }

  isViewAside(name: string): boolean {
    return this.#views.has(name);
  }

  /** Takes away the views that are built on a view. */
  setAsideOver(view: string): void {
    const [base] = [...this.draft.views.values()].filter(({ name }) => name === view);
    if (base === undefined) return;
    const over = [...this.draft.views.values()]
      .filter((each) => isBuiltOn(each, base))
      .map(({ name }) => name);
    this.#setAside((_, name) => over.includes(name), view);
  }

  /**
   * Triggers that speak of a column (UPDATE OF, WHEN) are in the way of a new type: they go before it, and come back
   * after it.
   */
  takeTriggers(table: string, column: string): string[] {
    const taken = this.draft.triggers.flatMap(({ name, table: owner, sql }) => {
      const text = sql.postgres ?? sql.default;
      if (owner !== table || text === undefined) return [];
      const names = namesIn(text);
      return names.has(column) && (names.has('of') || names.has('when')) ? [{ name, text }] : [];
    });
    if (taken.length === 0) return [];
    this.flush();
    const extras = triggerExtrasSql(
      table,
      taken.map(({ name }) => name),
    );
    this.#steps.push({ kind: 'remember', table: triggersOf(table, column), sql: extras });
    for (const { name } of taken) this.emit(`DROP TRIGGER ${quote(name)} ON ${quoteTable(table)}`);
    return taken.map(({ text }) => text);
  }

  /** Makes triggers again that were taken, as they were: one that was disabled must not fire. */
  bringBackTriggers(table: string, column: string, texts: readonly string[]): void {
    if (texts.length === 0) return;
    for (const text of texts) this.emit(text);
    this.#steps.push({ kind: 'replay', table: triggersOf(table, column) });
  }

  /**
   * Takes away the columns that are generated from one. Those that are to be plain columns afterwards become so at
   * once, while they still have their values.
   */
  takeGenerated(name: string, column: string): void {
    for (const use of usesOf(this.table(name, 'alterColumn'), column)) {
      if (use.kind !== 'generated' || this.aside.has(name, 'column', use.name)) continue;
      const table = this.table(name, 'alterColumn');
      const becomesPlain = this.upcoming.some(
        (op) =>
          op.kind === 'alterColumn' &&
          op.table === name &&
          op.name === use.name &&
          op.change.generated === null,
      );
      if (!becomesPlain) this.aside.column(table, use.name);
      else {
        this.alter(name, {
          sql: dropExpressionText(use.name, name, this.version),
          about: `column ${use.name}`,
        });
        this.apply({ kind: 'alterColumn', table: name, name: use.name, change: { generated: null } });
      }
    }
  }

  // Enums.

  /** Columns of all tables that an enum is the type of, also inside an array. */
  columnsOf(enumName: string): { readonly table: Table; readonly column: Column }[] {
    return [...this.draft.tables.values()].flatMap((table) =>
      table.columns.filter((column) => enumOf(column) === enumName).map((column) => ({ table, column })),
    );
  }

  unsupported(feature: string, object: string): Error {
    return unsupported(feature, object);
  }
}

/** What is remembered of a table's triggers, beside what is remembered of views. */
function triggersOf(table: string, column: string): string {
  return `${table} (triggers of ${column})`;
}
