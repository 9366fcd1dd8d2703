/**
 * Operations as SQLite statements: native where ALTER TABLE can, one rebuild per table for the rest.
 *
 * The planner walks through the operations with two schemas in hand: the one that the operations so far
 * describe, and, inside each pending rebuild, the table as it lies in the file. A rebuild waits for more
 * changes of its table and is written when something else needs the table, or at the end.
 */

import { error } from '../../base/error-codes.js';
import { applyTo, enumOf } from '../../schema/apply.js';
import { usesOf } from '../../schema/column-uses.js';
import { findConstraint, SchemaDraft } from '../../schema/draft.js';
import type { Column, Schema, Table } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { ColumnChange, ObjectOperation, Operation, OperationOf } from '../../schema/operations.js';
import type { Plan, PlanStep } from '../contract.js';
import { columnText, createIndexText, createTableText } from './ddl.js';
import { foldName } from './describe-table.js';
import { literalText, quoteIdentifier as quote } from './literals.js';
import { mayBreak, probesBetween } from './probes.js';
import { type Demand, Rebuild, type Source, triggersOf } from './rebuild.js';
import { createIndexStep } from './row-checks.js';
import { isStrictType } from './types.js';

/**
 * The plan for operations on a database that looks like `before`.
 *
 * @throws CAPABILITY_MISSING, SCHEMA_OBJECT_MISSING and what else `apply` throws, before any step
 */
export function planSqlite(before: Schema, operations: readonly Operation[]): Plan {
  const planner = new Planner(before);
  for (const operation of operations) planner.add(operation);
  const plan = planner.finish();
  if (!mayBreak(operations.map(({ kind }) => kind))) return plan;
  const probes = probesBetween(before, planner.schema);
  return { ...plan, steps: [...probes.before, ...plan.steps, ...probes.after] };
}

class Planner {
  readonly #steps: PlanStep[] = [];
  readonly #draft: SchemaDraft;
  readonly #pending = new Map<string, Rebuild>();
  #suspendsForeignKeys = false;

  constructor(before: Schema) {
    this.#draft = new SchemaDraft(before);
  }

  finish(): Plan {
    this.#flushAll();
    return { steps: this.#steps, suspendsForeignKeys: this.#suspendsForeignKeys };
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
        return this.#apply(op);
      case 'setTableOptions':
        this.#rebuild(op.table, op);
        return this.#apply(op);
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
        return this.#createConstraint(op);
      case 'createExclusion':
        throw this.#unsupported('exclusion constraints', `'${op.exclusion.name}' on '${op.table}'`);
      case 'dropConstraint':
        return this.#dropConstraint(op);
      case 'createIndex':
        return this.#createIndex(op);
      case 'dropIndex':
        return this.#dropIndex(op);
      case 'createEnum':
      case 'dropEnum':
        return this.#apply(op);
      case 'alterEnum':
        return this.#alterEnum(op);
      default:
        return this.#addObject(op);
    }
  }

  #addObject(op: ObjectOperation): void {
    this.#flushAll();
    this.#apply(op);
    switch (op.kind) {
      case 'createView':
        if (op.view.materialized) throw this.#unsupported('materialized views', `'${op.view.name}'`);
        return this.#emit(`CREATE VIEW ${quote(op.view.name)} AS ${op.view.query}`);
      case 'replaceView': {
        const table = op.view.name;
        this.#steps.push({ kind: 'remember', table, sql: triggersOf(table) });
        this.#emit(`DROP VIEW ${quote(op.view.name)}`);
        this.#emit(`CREATE VIEW ${quote(op.view.name)} AS ${op.view.query}`);
        this.#steps.push({ kind: 'replay', table });
        return;
      }
      case 'dropView':
        return this.#emit(`DROP VIEW ${quote(op.name)}`);
      case 'createTrigger': {
        const text = op.trigger.sql.sqlite ?? op.trigger.sql.default;
        if (text === undefined) {
          throw this.#unsupported(
            'text of its own in this trigger',
            `'${op.trigger.name}' on '${op.trigger.table}'`,
          );
        }
        return this.#emit(text);
      }
      case 'dropTrigger':
        return this.#emit(`DROP TRIGGER ${quote(op.name)}`);
      case 'createSequence':
      case 'alterSequence':
        throw this.#unsupported('sequences', `'${op.sequence.name}'`);
      case 'dropSequence':
        throw this.#unsupported('sequences', `'${op.name}'`);
      default:
        op satisfies never;
    }
  }

  #unsupported(feature: string, object: string): Error {
    return error('CAPABILITY_MISSING', { database: 'SQLite', feature, object });
  }

  #apply(op: Operation): void {
    applyTo(this.#draft, op);
  }

  #emit(sql: string): void {
    this.#steps.push({ kind: 'statement', sql });
  }

  #table(name: string, operation: string): Table {
    return this.#draft.table(name, operation);
  }

  /** Finishes the draft's view of the schema where a function needs all of it. */
  get schema(): Schema {
    return {
      tables: [...this.#draft.tables.values()],
      enums: [...this.#draft.enums.values()],
      views: [...this.#draft.views.values()],
      sequences: [],
      triggers: this.#draft.triggers,
    };
  }

  /** The pending rebuild of a table, begun when there is none. */
  #rebuild(name: string, operation: Operation): Rebuild {
    const rebuild = this.#pending.get(name) ?? this.#beginRebuild(name, operation.kind);
    rebuild.operations.push(operation);
    return rebuild;
  }

  #beginRebuild(name: string, operation: string): Rebuild {
    const table = this.#table(name, operation);
    const unmodelled = table.options?.['sqlite.unmodelled'];
    if (unmodelled !== undefined) {
      throw this.#unsupported(`way to rebuild table '${name}' and keep all of it`, String(unmodelled));
    }
    const rebuild = new Rebuild(table, this.schema);
    this.#pending.set(name, rebuild);
    return rebuild;
  }

  #flushAll(): void {
    for (const name of [...this.#pending.keys()]) this.#flush(name);
  }

  #flush(name: string): void {
    const rebuild = this.#pending.get(name);
    if (rebuild === undefined) return;
    this.#pending.delete(name);
    const to = this.#table(name, 'rebuild');
    // Dropping the old table would carry out the actions of keys that refer to it, and copying would
    // refuse rows whose parent was missing before: both only while keys are enforced.
    if (this.#isInvolvedInKeys(rebuild.from) || this.#isInvolvedInKeys(to)) this.#suspendsForeignKeys = true;
    this.#steps.push(...rebuild.steps(to, this.schema, this.#freeName(name)));
  }

  #isInvolvedInKeys(table: Table): boolean {
    return table.foreignKeys.length > 0 || this.#isReferenced(table.name);
  }

  /** Whether a table of the file, as it lies there now, refers to one. */
  #isReferenced(name: string): boolean {
    for (const table of this.#draft.tables.values()) {
      const lying = this.#pending.get(table.name)?.from ?? table;
      if (lying.foreignKeys.some((key) => key.refTable.toLowerCase() === name.toLowerCase())) return true;
    }
    return false;
  }

  #freeName(table: string): string {
    const taken = new Set([...this.#draft.tables.keys(), ...this.#draft.views.keys()].map(foldName));
    for (const { indexes } of this.#draft.tables.values())
      for (const { name } of indexes) taken.add(foldName(name));
    for (let i = 1; ; i++) {
      const name = `_limbeck_${i === 1 ? 'new' : `new${i}`}_${table}`;
      if (!taken.has(foldName(name))) return name;
    }
  }

  #createTable(op: OperationOf<'createTable'>): void {
    if (op.options?.ifNotExists && this.#draft.tables.has(op.table.name)) return;
    this.#apply(op);
    const table = this.#table(op.table.name, op.kind);
    this.#emit(createTableText(table, this.schema));
    for (const index of table.indexes) this.#emit(createIndexText(index, table.name));
  }

  #dropTable(op: OperationOf<'dropTable'>): void {
    if (op.options?.ifExists && !this.#draft.tables.has(op.table)) return;
    // A pending rebuild may be what lets go of this table; while the file still holds the old key,
    // dropping the table would carry out the key's action.
    if (this.#isReferenced(op.table)) this.#suspendsForeignKeys = true;
    this.#apply(op);
    this.#pending.delete(op.table);
    this.#emit(`DROP TABLE ${quote(op.table)}`);
  }

  #renameTable(op: OperationOf<'renameTable'>): void {
    this.#flushAll();
    const rename = (from: string, to: string): void =>
      this.#emit(`ALTER TABLE ${quote(from)} RENAME TO ${quote(to)}`);
    if (op.table !== op.to && foldName(op.table) === foldName(op.to)) {
      // SQLite finds the new name taken, by the very table that is to get it.
      const aside = this.#freeName(op.table);
      rename(op.table, aside);
      rename(aside, op.to);
    } else rename(op.table, op.to);
    this.#apply(op);
  }

  #addColumn(op: OperationOf<'addColumn'>): void {
    const { column } = op;
    const present = byName(this.#table(op.table, op.kind).columns, column.name);
    if (present !== undefined && op.options?.ifNotExists) return;
    if (
      !this.#pending.has(op.table) &&
      canAddNatively(column, op) &&
      fitsOptions(column, this.#table(op.table, op.kind))
    ) {
      this.#apply(op);
      const text = columnText(column, this.#table(op.table, op.kind));
      return this.#emit(`ALTER TABLE ${quote(op.table)} ADD COLUMN ${text}`);
    }
    const rebuild = this.#rebuild(op.table, op);
    this.#apply(op);
    if (!column.generated) rebuild.sources.set(column.name, sourceOfNew(op));
    rebuild.demandNotNull([column.name], demandOf(op));
  }

  #dropColumn(op: OperationOf<'dropColumn'>): void {
    const before = this.#table(op.table, op.kind);
    if (op.options?.ifExists && !byName(before.columns, op.name)) return;
    const uses = usesOf(before, op.name);
    // The values of an enum are kept by a check, which would be left without its column.
    const isEnum = byName(before.columns, op.name)?.type.kind === 'enum';
    const isFree = !isEnum && uses.every((use) => use.kind === 'index' && use.alone);
    if (isFree && !this.#pending.has(op.table) && this.#standsAlone) {
      this.#apply(op);
      for (const use of uses) this.#emit(`DROP INDEX ${quote(use.name)}`);
      return this.#emit(`ALTER TABLE ${quote(op.table)} DROP COLUMN ${quote(op.name)}`);
    }
    const rebuild = this.#rebuild(op.table, op);
    this.#apply(op);
    rebuild.sources.delete(op.name);
  }

  /** DROP COLUMN reads all views and triggers and fails on any that is broken, if only until it is replaced. */
  get #standsAlone(): boolean {
    return this.#draft.views.size === 0 && this.#draft.triggers.length === 0;
  }

  #renameColumn(op: OperationOf<'renameColumn'>): void {
    const pending = this.#pending.get(op.table);
    const lying = pending?.from ?? this.#table(op.table, op.kind);
    if (pending && (pending.hasFreeSql || byName(lying.columns, op.to))) {
      this.#flush(op.table);
      return this.#renameColumn(op);
    }
    const source = pending?.sources.get(op.name);
    const native = `ALTER TABLE ${quote(op.table)} RENAME COLUMN ${quote(op.name)} TO ${quote(op.to)}`;
    if (pending === undefined) this.#emit(native);
    else if (source?.kind === 'column' && source.name === op.name) {
      this.#emit(native);
      const draft = new SchemaDraft({ ...this.schema, tables: [pending.from] });
      applyTo(draft, op);
      pending.renamePhysical(op.name, op.to, draft.table(op.table, op.kind));
    }
    this.#apply(op);
    pending?.renameTarget(op.name, op.to);
  }

  #alterColumn(op: OperationOf<'alterColumn'>): void {
    const before = this.#draft.column(this.#table(op.table, op.kind), op.name, op.kind);
    if (changesNothingHere(op.change)) return this.#apply(op);
    // Free SQL speaks of the columns as they are by then, which a pending rebuild has still to make.
    if (op.using !== undefined) this.#flush(op.table);
    const rebuild = this.#rebuild(op.table, op);
    this.#apply(op);
    const after = this.#draft.column(this.#table(op.table, op.kind), op.name, op.kind);
    const demand = demandOf(op);
    if (op.using !== undefined) rebuild.sources.set(op.name, { kind: 'sql', sql: op.using });
    else if (op.change.type !== undefined) rebuild.demandCast(op.name, demand);
    if (after.generated && !before.generated) rebuild.demandEqual(op.name, after.generated.sql, demand);
    if (!after.nullable && (before.nullable || op.using !== undefined))
      rebuild.demandNotNull([op.name], demand);
  }

  #createConstraint(
    op: OperationOf<'createPrimaryKey' | 'createUnique' | 'createForeignKey' | 'createCheck'>,
  ): void {
    const rebuild = this.#rebuild(op.table, op);
    this.#apply(op);
    const demand = demandOf(op);
    if (op.kind === 'createPrimaryKey') {
      rebuild.demandNotNull(op.primaryKey.columns, demand);
      rebuild.demandUnique(op.primaryKey.columns, demand);
    } else if (op.kind === 'createUnique') rebuild.demandUnique(op.unique.columns, demand);
    else if (op.kind === 'createCheck') rebuild.demandCheck(op.check, demand);
    // Rows without a parent are found by the check of all keys before the commit, which names them.
  }

  #dropConstraint(op: OperationOf<'dropConstraint'>): void {
    const present = findConstraint(this.#table(op.table, op.kind), op.name);
    if (present === undefined && op.options?.ifExists) return;
    if (present !== undefined) this.#rebuild(op.table, op);
    this.#apply(op);
  }

  #createIndex(op: OperationOf<'createIndex'>): void {
    const present = byName(this.#table(op.table, op.kind).indexes, op.index.name);
    if (present !== undefined && op.options?.ifNotExists) return;
    this.#apply(op);
    const step = createIndexStep(op.index, op.table, op);
    const pending = this.#pending.get(op.table);
    // A rebuild makes all indexes of its table at its end.
    if (pending === undefined) this.#steps.push(step);
    else pending.operations.push(op);
  }

  #dropIndex(op: OperationOf<'dropIndex'>): void {
    const present = byName(this.#table(op.table, op.kind).indexes, op.name);
    if (present === undefined && op.options?.ifExists) return;
    this.#apply(op);
    const pending = this.#pending.get(op.table);
    if (pending === undefined) return this.#emit(`DROP INDEX ${quote(op.name)}`);
    // Another table may take the name at once, so the index goes now where the file has it.
    if (!byName(pending.from.indexes, op.name)) return;
    this.#emit(`DROP INDEX ${quote(op.name)}`);
    pending.from = {
      ...pending.from,
      indexes: pending.from.indexes.filter((index) => index.name !== op.name),
    };
  }

  #alterEnum(op: OperationOf<'alterEnum'>): void {
    const users = [...this.#draft.tables.values()].flatMap((table) =>
      table.columns
        .filter((column) => enumOf(column) === op.name)
        .map((column) => ({ table: table.name, column })),
    );
    const rebuilds = users.map(({ table, column }) => ({ column, rebuild: this.#rebuild(table, op) }));
    this.#apply(op);
    const demand = demandOf(op);
    const renamed = new Map(Object.entries(op.rename ?? {}));
    for (const { column, rebuild } of rebuilds) {
      if (renamed.size > 0) this.#renameValues(rebuild, column, renamed);
      if (op.remove?.length) rebuild.demandCast(column.name, { ...demand, lossAllowed: false });
    }
  }

  #renameValues(rebuild: Rebuild, column: Column, renamed: ReadonlyMap<string, string>): void {
    const before = rebuild.renamedValues.get(column.name);
    const chained = new Map([...(before ?? [])].map(([from, to]) => [from, renamed.get(to) ?? to]));
    const goals = new Set(before?.values());
    for (const [from, to] of renamed) if (!goals.has(from)) chained.set(from, to);
    rebuild.renamedValues.set(column.name, chained);
  }
}

function demandOf(operation: Operation): Demand {
  const options = 'options' in operation ? operation.options : undefined;
  const allowLoss = options !== undefined && 'allowLoss' in options ? options.allowLoss : undefined;
  return { operation, lossAllowed: allowLoss !== undefined };
}

/** What ADD COLUMN takes ("ALTER TABLE ADD COLUMN", lang_altertable section 4). */
function canAddNatively(column: Column, op: OperationOf<'addColumn'>): boolean {
  if (op.fill !== undefined || column.autoIncrement !== undefined || column.type.kind === 'enum')
    return false;
  if (column.generated) return !column.generated.stored && column.nullable;
  if (column.default === undefined) return column.nullable;
  return column.default.kind === 'literal' && !literalText(column.default.value).startsWith('(');
}

/** Whether a table as it lies takes a column: a STRICT one may be about to become none. */
function fitsOptions({ type }: Column, table: Table): boolean {
  return table.options?.['sqlite.strict'] !== true || isStrictType(type);
}

/** Where the rows that are there get the value of a new column from. */
function sourceOfNew(op: OperationOf<'addColumn'>): Source {
  const value = op.fill ?? op.column.default;
  if (value !== undefined) return { kind: 'value', value };
  return op.column.nullable ? { kind: 'sql', sql: 'NULL' } : { kind: 'nothing' };
}

/** SQLite has no comments on columns. */
function changesNothingHere(change: ColumnChange): boolean {
  return Object.keys(change).every((key) => key === 'comment');
}
