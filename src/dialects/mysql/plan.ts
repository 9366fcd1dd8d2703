/**
 * Operations as MySQL or MariaDB statements.
 *
 * No statement can be undone, so two things keep a run safe: everything that could be refused is counted before the
 * first statement, and the changes of one table go into one ALTER TABLE, which happens whole or not at all. The planner
 * holds the schema twice: as the operations so far describe it, and as it lies in the database; what differs waits in a
 * `TableChange` until something else needs the table, or the end.
 */

import { deepEqual } from '../../base/structure.js';
import { applyTo, enumOf } from '../../schema/apply.js';
import { columnsIn } from '../../schema/column-uses.js';
import { findConstraint, SchemaDraft } from '../../schema/draft.js';
import type { ForeignKey, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { ColumnChange, Operation, OperationOf } from '../../schema/operations.js';
import type { Plan, PlanCheck, PlanOptions, PlanStatement } from '../contract.js';
import { distinctChecks } from '../shared/plan-checks.js';
import type { TableState } from './alter-clauses.js';
import { alterStatement, outside } from './change-steps.js';
import { columnChecks, columnChecksOption, defaultEnumName } from './column-checks.js';
import { columnText, createTableText } from './ddl.js';
import { refuseBroken } from './dependents.js';
import { objectName } from './fingerprint.js';
import type { Flavour } from './flavour.js';
import { Flush } from './flush.js';
import { refuseUnfit } from './key-types.js';
import { quoteIdentifier as quote } from './literals.js';
import { LyingSchema } from './lying-schema.js';
import { objectStatement } from './object-statements.js';
import { aliased } from './row-checks.js';
import { TableChange } from './table-change.js';
import { selected } from './table-rows.js';
import { unsupported } from './types.js';

/**
 * The plan for operations on a database that looks like `before`.
 *
 * @throws CAPABILITY_MISSING, SCHEMA_OBJECT_MISSING and what else `apply` throws, before any step
 */
export function planMysql(
  flavour: Flavour,
  before: Schema,
  operations: readonly Operation[],
  _options: PlanOptions = {},
): Plan {
  const planner = new Planner(flavour, before);
  for (const operation of viewsLast(operations)) planner.add(operation);
  refuseBroken(before, planner.schema);
  return planner.finish();
}

/**
 * Views are looked through when they are made, unlike on SQLite: so they come when all tables are there. The steps of a
 * way back begin with them, for they were what the way there ended with.
 */
function viewsLast(operations: readonly Operation[]): readonly Operation[] {
  const later: Operation[] = [];
  const first = operations.filter((op, i) => {
    if (op.kind !== 'createView' && op.kind !== 'replaceView') return true;
    const { name } = op.view;
    const isTouched = operations.slice(i + 1).some((next) => touchesView(next, name));
    if (!isTouched) later.push(op);
    return isTouched;
  });
  return later.length === 0 ? operations : [...first, ...later];
}

function touchesView(op: Operation, name: string): boolean {
  switch (op.kind) {
    case 'createView':
    case 'replaceView':
      return op.view.name === name;
    case 'dropView':
      return op.name === name;
    case 'createTrigger':
      return op.trigger.table === name;
    case 'createTable':
      return op.table.name === name;
    default:
      return false;
  }
}

class Planner {
  readonly #flavour: Flavour;
  readonly #checks: PlanCheck[] = [];
  readonly #statements: PlanStatement[] = [];
  readonly #draft: SchemaDraft;
  readonly #lying: LyingSchema;
  readonly #pending = new Map<string, TableChange>();

  constructor(flavour: Flavour, before: Schema) {
    this.#flavour = flavour;
    this.#draft = new SchemaDraft(before);
    this.#lying = new LyingSchema(flavour, before);
  }

  /** The schema as the operations so far describe it. */
  get schema(): Schema {
    return {
      tables: [...this.#draft.tables.values()],
      enums: [...this.#draft.enums.values()],
      views: [...this.#draft.views.values()],
      sequences: [...this.#draft.sequences.values()],
      triggers: this.#draft.triggers,
    };
  }

  finish(): Plan {
    this.#flush();
    return { steps: [...distinctChecks(this.#checks), ...this.#statements], suspendsForeignKeys: false };
  }

  /** Plans one operation, and makes it true in the draft. */
  add(op: Operation): void {
    switch (op.kind) {
      case 'createTable':
        return this.#createTable(op);
      case 'dropTable':
        return this.#dropTable(op);
      case 'renameTable':
        return this.#renameTable(op);
      case 'setTableComment':
        return this.#change(op.table, op);
      case 'setTableOptions':
        return this.#setTableOptions(op);
      case 'addColumn':
        return this.#addColumn(op);
      case 'dropColumn':
        return this.#dropColumn(op);
      case 'renameColumn':
        return this.#renameColumn(op);
      case 'alterColumn':
        return this.#alterColumn(op);
      case 'createPrimaryKey':
      case 'createUnique':
      case 'createForeignKey':
      case 'createCheck':
        return this.#change(op.table, op);
      case 'createExclusion':
        throw unsupported(this.#flavour, 'exclusion constraints', `'${op.exclusion.name}' on '${op.table}'`);
      case 'dropConstraint':
        return this.#dropConstraint(op);
      case 'createIndex':
        if (op.options?.ifNotExists && byName(this.#table(op.table, op).indexes, op.index.name)) return;
        return this.#change(op.table, op);
      case 'dropIndex':
        if (op.options?.ifExists && !byName(this.#table(op.table, op).indexes, op.name)) return;
        return this.#change(op.table, op);
      case 'createEnum':
        return this.#createEnum(op);
      case 'dropEnum':
        // Columns that lie may still be of it.
        return applyTo(this.#draft, op);
      case 'alterEnum':
        return this.#alterEnum(op);
      default:
        this.#flush();
        applyTo(this.#draft, op);
        this.#statements.push(objectStatement(op, this.#flavour));
    }
  }

  #table(name: string, op: Operation): Table {
    return this.#draft.table(name, op.kind);
  }

  #state(table: Table): TableState {
    return { table, context: { flavour: this.#flavour, schema: { enums: [...this.#draft.enums.values()] } } };
  }

  /** The waiting change of a table, begun when there is none. */
  #pendingOf(name: string, op: Operation): TableChange {
    const pending = this.#pending.get(name) ?? new TableChange();
    pending.operations.push(op);
    this.#pending.set(name, pending);
    return pending;
  }

  #change(table: string, op: Operation): void {
    applyTo(this.#draft, op);
    this.#pendingOf(table, op);
  }

  #flush(): void {
    if (this.#pending.size === 0) return;
    const pending = new Map(
      [...this.#pending].map(([name, change]) => [name, { change, to: this.#draft.table(name, 'flush') }]),
    );
    this.#pending.clear();
    for (const { change, to } of pending.values()) this.#refuseTriggered(change, to);
    const { checks, statements } = new Flush(this.#lying, pending, (table) => this.#state(table)).run();
    this.#checks.push(...checks);
    this.#statements.push(...statements);
    this.#lying.setEnums(this.#draft.enums.values());
  }

  /** An UPDATE that writes values anew would fire them, which nobody asked for. */
  #refuseTriggered(change: TableChange, table: Table): void {
    const rewrites =
      change.renamedValues.size > 0 ||
      [...change.altered.values()].some(({ using, options }) => using ?? options?.allowLoss);
    const fired = this.#draft.triggers.find(
      (each) =>
        each.table === table.name && /\b(?:before|after)\s+update\b/i.test(Object.values(each.sql).join(' ')),
    );
    if (!rewrites || fired === undefined) return;
    const feature = `way to write the values of '${table.name}' anew without firing a trigger (drop it before, create it after)`;
    throw unsupported(this.#flavour, feature, `'${fired.name}'`);
  }

  #createTable(op: OperationOf<'createTable'>): void {
    if (op.options?.ifNotExists && this.#draft.tables.has(op.table.name)) return;
    // A key holds on to what it refers to as that lies.
    const waits = op.table.foreignKeys.some((key) => key.refTable !== op.table.name && !this.#isReady(key));
    if (waits) this.#flush();
    applyTo(this.#draft, op);
    const table = this.#table(op.table.name, op);
    for (const key of table.foreignKeys) {
      const target = this.#draft.tables.get(key.refTable);
      if (target !== undefined) refuseUnfit(key, this.#state(table), this.#state(target));
    }
    const sql = createTableText(table, this.#state(table).context);
    this.#statements.push(outside(sql, objectName('table', table.name)));
    this.#lying.put(table);
  }

  /** Whether a table lies as a new key to it wants it. */
  #isReady(key: ForeignKey): boolean {
    if (!this.#pending.has(key.refTable)) return true;
    const [lying, draft] = [this.#lying.tables.get(key.refTable), this.#draft.tables.get(key.refTable)];
    if (lying === undefined || draft === undefined) return false;
    const columns = key.refColumns.every((name) => {
      const column = byName(lying.columns, name);
      return column !== undefined && deepEqual(column, byName(draft.columns, name));
    });
    const keys = [lying.primaryKey?.columns, ...lying.uniques.map((unique) => unique.columns)];
    return columns && keys.some((each) => deepEqual(each, key.refColumns));
  }

  #dropTable(op: OperationOf<'dropTable'>): void {
    if (op.options?.ifExists && !this.#draft.tables.has(op.table)) return;
    applyTo(this.#draft, op);
    this.#pending.delete(op.table);
    // Keys of others that wait to be dropped go now.
    for (const table of this.#lying.holdersOfKeysTo(op.table)) {
      const rest = { ...table, foreignKeys: table.foreignKeys.filter((key) => key.refTable !== op.table) };
      this.#statements.push(...alterStatement(this.#lying.state(table), this.#lying.state(rest)));
      this.#lying.put(rest);
    }
    this.#statements.push(outside(`DROP TABLE ${quote(op.table)}`, objectName('table', op.table)));
    this.#lying.drop(op.table);
  }

  #renameTable(op: OperationOf<'renameTable'>): void {
    this.#flush();
    const before = this.#table(op.table, op);
    applyTo(this.#draft, op);
    const table = this.#table(op.to, op);
    const objects = [objectName('table', op.table), objectName('table', op.to)];
    this.#statements.push(outside(`ALTER TABLE ${quote(op.table)} RENAME TO ${quote(op.to)}`, ...objects));
    this.#lying.rename(op.table, op.to);
    this.#relay();
    // An enum that was called after its table keeps that name.
    this.#keepEnumNames(
      table,
      before.columns
        .filter(({ name, type }) => type.kind === 'enum' && type.name === defaultEnumName(op.table, name))
        .map(({ name }) => name),
    );
  }

  /** Where nothing waits, the tables lie as the draft has them. */
  #relay(): void {
    this.#lying.tables.clear();
    for (const table of this.#draft.tables.values()) this.#lying.tables.set(table.name, table);
  }

  #keepEnumNames(table: Table, columns: readonly string[]): void {
    if (columns.length === 0 || !this.#flavour.mariadb) return;
    const state = this.#state(table);
    const clauses = columns.map((name) => {
      const column = byName(table.columns, name);
      return column === undefined ? '' : `MODIFY COLUMN ${columnText(column, table, state.context)}`;
    });
    this.#statements.push(
      outside(`ALTER TABLE ${quote(table.name)} ${clauses.join(', ')}`, objectName('table', table.name)),
    );
  }

  #setTableOptions(op: OperationOf<'setTableOptions'>): void {
    const kept = this.#table(op.table, op).options?.['mysql.columnChecks'];
    // That others have put checks at columns is no option that anybody sets or takes away.
    const options = kept === undefined ? op.options : { ...op.options, 'mysql.columnChecks': kept };
    this.#change(op.table, { ...op, options });
  }

  #addColumn(op: OperationOf<'addColumn'>): void {
    const table = this.#table(op.table, op);
    if (op.options?.ifNotExists && byName(table.columns, op.column.name)) return;
    this.#change(op.table, op);
    this.#pending.get(op.table)?.addColumn(op, this.#lying.tables.get(op.table) as Table);
  }

  #dropColumn(op: OperationOf<'dropColumn'>): void {
    const table = this.#table(op.table, op);
    if (op.options?.ifExists && !byName(table.columns, op.name)) return;
    this.#change(op.table, op);
    this.#pending.get(op.table)?.dropColumn(op.name);
  }

  #renameColumn(op: OperationOf<'renameColumn'>): void {
    this.#flush();
    const before = this.#table(op.table, op);
    const column = this.#draft.column(before, op.name, op.kind);
    applyTo(this.#draft, op);
    this.#draft.replace(withColumnCheckRenamed(this.#table(op.table, op), op));
    const after = this.#table(op.table, op);
    this.#statements.push(...this.#renameStatements(op, before, after));
    const rows = this.#lying.rows(op.table);
    this.#relay();
    if (rows !== undefined) {
      const values = after.columns.map(({ name }) => quote(name === op.to ? op.name : name));
      const names = after.columns.map(({ name }) => name);
      this.#lying.put(after, selected(values, names, aliased(rows, op.table)));
    }
    const isNamed = column.type.kind === 'enum' && column.type.name === defaultEnumName(op.table, op.name);
    this.#keepEnumNames(after, isNamed ? [op.to] : []);
  }

  /** MariaDB renames a column wherever the table names it; MySQL refuses where a check or a generated column does. */
  #renameStatements(op: OperationOf<'renameColumn'>, before: Table, after: Table): PlanStatement[] {
    const rename = `RENAME COLUMN ${quote(op.name)} TO ${quote(op.to)}`;
    const objects = [objectName('table', op.table)];
    const online = this.#flavour.mariadb ? ', ALGORITHM=INSTANT, LOCK=NONE' : '';
    const checks = this.#flavour.mariadb
      ? []
      : before.checks.filter(({ expression }) => columnsIn(expression, before).includes(op.name));
    const generated = this.#flavour.mariadb
      ? []
      : before.columns.filter(({ generated: made }) => made && columnsIn(made.sql, before).includes(op.name));
    if (checks.length + generated.length === 0)
      return [
        outside(`ALTER TABLE ${quote(op.table)} ${rename}${isInnodb(before) ? online : ''}`, ...objects),
      ];
    const names = new Set(generated.map(({ name }) => name));
    const without = (table: Table): Table => ({
      ...table,
      columns: table.columns.filter(({ name }) => !names.has(name)),
      uniques: table.uniques.filter(({ columns }) => !columns.some((each) => names.has(each))),
      indexes: table.indexes.filter(
        ({ columns }) => !columns.some((part) => 'column' in part && names.has(part.column)),
      ),
      checks: table.checks.filter(({ name }) => !checks.some((check) => check.name === name)),
    });
    return [
      ...alterStatement(this.#state(before), this.#state(without(before))),
      outside(`ALTER TABLE ${quote(op.table)} ${rename}`, ...objects),
      ...alterStatement(this.#state(without(after)), this.#state(after)),
    ];
  }

  #alterColumn(op: OperationOf<'alterColumn'>): void {
    // Free SQL speaks of the columns as they are by then.
    const waiting = this.#pending.get(op.table);
    if (op.using !== undefined || waiting?.hasFreeSql) this.#flush();
    this.#change(op.table, op);
    if (changesValues(op.change) || op.using !== undefined) this.#pending.get(op.table)?.alterColumn(op);
  }

  #dropConstraint(op: OperationOf<'dropConstraint'>): void {
    if (op.options?.ifExists && findConstraint(this.#table(op.table, op), op.name) === undefined) return;
    this.#change(op.table, op);
  }

  #createEnum(op: OperationOf<'createEnum'>): void {
    if (this.#lying.hasEnum(op.name)) this.#flush();
    applyTo(this.#draft, op);
    this.#lying.addEnum({ name: op.name, values: op.values });
  }

  #alterEnum(op: OperationOf<'alterEnum'>): void {
    this.#flush();
    const renamed = new Map(Object.entries(op.rename ?? {}));
    const users = [...this.#draft.tables.values()].filter((table) =>
      table.columns.some((column) => enumOf(column) === op.name),
    );
    applyTo(this.#draft, op);
    for (const { name } of users) {
      const change = this.#pendingOf(name, op);
      const table = this.#renamedDefaults(this.#table(name, op), op.name, renamed);
      if (renamed.size === 0) continue;
      for (const column of table.columns)
        if (enumOf(column) === op.name && !column.generated) change.renamedValues.set(column.name, renamed);
    }
    this.#flush();
  }

  /** A default that is called something else now; the server would not take the old name. */
  #renamedDefaults(table: Table, enumName: string, renamed: ReadonlyMap<string, string>): Table {
    const columns = table.columns.map((column) => {
      const value =
        column.default?.kind === 'literal' ? renamed.get(String(column.default.value)) : undefined;
      if (enumOf(column) !== enumName || value === undefined) return column;
      return { ...column, default: { kind: 'literal', value } as const };
    });
    const changed = { ...table, columns };
    this.#draft.replace(changed);
    return changed;
  }
}

/** A check that stands at a column goes by the column's name. */
function withColumnCheckRenamed(table: Table, { name, to }: OperationOf<'renameColumn'>): Table {
  const names = columnChecks(table).map((check) => check.name);
  if (!names.includes(name)) return table;
  const renamed = names.map((each) => (each === name ? to : each));
  return {
    ...table,
    checks: table.checks.map((check) => (check.name === name ? { ...check, name: to } : check)),
    options: { ...table.options, 'mysql.columnChecks': columnChecksOption(renamed) },
  };
}

function isInnodb(table: Table): boolean {
  return table.options?.['mysql.engine'] === undefined;
}

/** Whether a change may touch the values that rows have. */
function changesValues(change: ColumnChange): boolean {
  return (
    change.type !== undefined ||
    change.generated !== undefined ||
    change.nullable === false ||
    change.options !== undefined
  );
}
