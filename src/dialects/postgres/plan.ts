/**
 * Operations as PostgreSQL statements.
 *
 * Rows that stand in the way are counted before the first statement; several changes of a table become one ALTER
 * TABLE; what PostgreSQL does not let anybody change underneath (views, generated columns, foreign keys) is taken
 * aside and brought back.
 */

import type { Schema } from '../../schema/model.js';
import type { ObjectOperation, Operation, OperationOf } from '../../schema/operations.js';
import { splitTableName } from '../../schema/table-names.js';
import type { Plan, PlanOptions } from '../contract.js';
import {
  alteredSequenceText,
  createTableTexts,
  createViewText,
  dropViewText,
  optionText,
  sequenceText,
  tableCommentText,
} from './ddl.js';
import { withTableRenamed } from './dependents.js';
import { literalText, quoteIdentifier as quote, quoteTable } from './literals.js';
import { requireQualifiedName, requireTableNames } from './names.js';
import { inOrder } from './operation-order.js';
import { addColumn, alterColumn, dropColumn, renameColumn } from './plan-columns.js';
import {
  createCheck,
  createExclusion,
  createForeignKey,
  createIndex,
  createPrimaryKey,
  createUnique,
  dropConstraint,
  dropIndex,
} from './plan-constraints.js';
import { addEarly, alterEnum, createEnum, dropEnum, EnumOrigins } from './plan-enums.js';
import { PlanState } from './plan-state.js';
import { comparedOptions, isStorage } from './table-options.js';

/** What is assumed of a server that nobody has asked. */
const ASSUMED_VERSION = 160000;

export interface PostgresPlanOptions extends PlanOptions {
  /** `server_version_num` of the server that the plan is for. */
  readonly serverVersion?: number;
}

/**
 * The plan for operations on a database that looks like `before`.
 *
 * @throws CAPABILITY_MISSING, SCHEMA_OBJECT_MISSING and what else `apply` throws, before any step
 */
export function planPostgres(
  before: Schema,
  operations: readonly Operation[],
  options: PostgresPlanOptions = {},
): Plan {
  const planner = new Planner(before, options.serverVersion ?? ASSUMED_VERSION);
  const early = options.commitEnumValues ? planner.addValuesEarly(operations) : new Set<Operation>();
  const ordered = inOrder(before, operations);
  ordered.forEach((operation, i) => {
    planner.add(operation, ordered.slice(i + 1), early.has(operation));
  });
  return planner.finish();
}

class Planner {
  readonly #state: PlanState;
  readonly #origins = new EnumOrigins();

  constructor(before: Schema, version: number) {
    this.#state = new PlanState(before, version);
  }

  finish(): Plan {
    return this.#state.finish();
  }

  /** Adds values to enums that are there, each for good, so that what comes later can use them. */
  addValuesEarly(operations: readonly Operation[]): Set<Operation> {
    const altered = new Set<string>();
    return new Set(
      operations.filter((op) => {
        if (op.kind !== 'alterEnum' && op.kind !== 'createEnum' && op.kind !== 'dropEnum') return false;
        // What comes before may be what a value is put in front of.
        const isFirst = !altered.has(op.name);
        if (op.kind === 'alterEnum' && isFirst && addEarly(this.#state, op)) return true;
        altered.add(op.name);
        return false;
      }),
    );
  }

  /** Plans one operation, and makes it true in the draft. */
  add(op: Operation, upcoming: readonly Operation[], early: boolean): void {
    const state = this.#state;
    state.upcoming = upcoming;
    state.endColumns(isColumnOperation(op) ? op.table : undefined);
    switch (op.kind) {
      case 'createTable':
        return this.#createTable(op);
      case 'dropTable':
        return this.#dropTable(op);
      case 'renameTable':
        return this.#renameTable(op);
      case 'setTableComment':
        state.apply(op);
        return state.emitAfter(op.table, tableCommentText(op.table, op.comment));
      case 'setTableOptions':
        return this.#setTableOptions(op);
      case 'addColumn':
        return addColumn(state, op);
      case 'dropColumn':
        return dropColumn(state, op);
      case 'renameColumn':
        return renameColumn(state, op);
      case 'alterColumn':
        return alterColumn(state, op);
      case 'createPrimaryKey':
        return createPrimaryKey(state, op);
      case 'createUnique':
        return createUnique(state, op);
      case 'createForeignKey':
        return createForeignKey(state, op);
      case 'createCheck':
        return createCheck(state, op);
      case 'createExclusion':
        return createExclusion(state, op);
      case 'dropConstraint':
        return dropConstraint(state, op);
      case 'createIndex':
        return createIndex(state, op);
      case 'dropIndex':
        return dropIndex(state, op);
      case 'createEnum':
        return createEnum(state, op);
      case 'alterEnum':
        return alterEnum(state, op, this.#origins, early);
      case 'dropEnum':
        return dropEnum(state, op);
      default:
        return this.#addObject(op);
    }
  }

  #createTable(op: OperationOf<'createTable'>): void {
    const state = this.#state;
    if (op.options?.ifNotExists && state.draft.tables.has(op.table.name)) return;
    requireTableNames(op.table);
    state.apply(op);
    state.ensureSchema(op.table.name);
    const table = state.table(op.table.name, op.kind);
    for (const sql of createTableTexts(table, state.version)) state.emit(sql);
  }

  #dropTable(op: OperationOf<'dropTable'>): void {
    const state = this.#state;
    if (op.options?.ifExists && !state.draft.tables.has(op.table)) return;
    state.setViewsAside(op.table);
    state.apply(op);
    state.forgetKeysOf(op.table);
    state.aside.forgetTable(op.table);
    state.dropRows(op.table);
    state.emit(`DROP TABLE ${quoteTable(op.table)}`);
  }

  #renameTable(op: OperationOf<'renameTable'>): void {
    const state = this.#state;
    requireQualifiedName('table', op.to);
    state.apply(op);
    state.ensureSchema(op.to);
    for (const sql of renameTexts(op.table, op.to)) state.emit(sql);
    state.renameRows(op.table, op.to);
    state.renameKeysOf(op.table, op.to);
    for (const view of state.draft.views.values()) {
      const query = withTableRenamed(view.query, op.table, op.to);
      if (query !== view.query) state.draft.views.set(view.name, { ...view, query });
    }
  }

  #setTableOptions(op: OperationOf<'setTableOptions'>): void {
    const state = this.#state;
    const before = comparedOptions(state.table(op.table, op.kind));
    state.apply(op);
    const after = comparedOptions({ options: op.options });
    if (before.has('unlogged') !== after.has('unlogged')) {
      state.alter(op.table, {
        sql: `SET ${after.has('unlogged') ? 'UNLOGGED' : 'LOGGED'}`,
        about: 'logging',
      });
    }
    const names = [...before.keys(), ...after.keys()].filter(isStorage);
    const gone = [...new Set(names)].filter((name) => !after.has(name));
    const set = [...after].filter(([name, value]) => isStorage(name) && before.get(name) !== value);
    if (gone.length > 0)
      state.alter(op.table, {
        sql: `RESET (${gone.map((name) => optionText(name, '').split(' =')[0]).join(', ')})`,
        about: 'reset',
      });
    if (set.length > 0) {
      const list = set.map(([name, value]) => optionText(name, value)).join(', ');
      state.alter(op.table, { sql: `SET (${list})`, about: 'set' });
    }
  }

  #addObject(op: ObjectOperation): void {
    const state = this.#state;
    state.flush();
    state.bringBackKeys();
    switch (op.kind) {
      case 'createView':
        requireQualifiedName('view', op.view.name);
        state.apply(op);
        state.bringBackViews();
        state.ensureSchema(op.view.name);
        return state.emit(createViewText(op.view));
      case 'replaceView':
        return this.#replaceView(op);
      case 'dropView': {
        const view = state.draft.present(state.draft.views.get(op.name), 'view', op.name, op.kind);
        if (!state.isViewAside(op.name)) state.setAsideOver(op.name);
        state.apply(op);
        if (!state.forgetView(op.name)) state.emit(dropViewText(view));
        return;
      }
      case 'createTrigger': {
        state.apply(op);
        state.bringBackViews();
        const text = op.trigger.sql.postgres ?? op.trigger.sql.default;
        if (text === undefined) {
          throw state.unsupported(
            'text of its own in this trigger',
            `'${op.trigger.name}' on '${op.trigger.table}'`,
          );
        }
        return state.emit(text);
      }
      case 'dropTrigger':
        state.apply(op);
        // With its view it is gone already.
        if (state.isViewAside(op.table)) return;
        return state.emit(`DROP TRIGGER ${quote(op.name)} ON ${quoteTable(op.table)}`);
      case 'createSequence':
        requireQualifiedName('sequence', op.sequence.name);
        state.apply(op);
        state.ensureSchema(op.sequence.name);
        return state.emit(`CREATE SEQUENCE ${quoteTable(op.sequence.name)} ${sequenceText(op.sequence)}`);
      case 'alterSequence': {
        const { name } = op.sequence;
        const old = state.draft.present(state.draft.sequences.get(name), 'sequence', name, op.kind);
        state.apply(op);
        return state.emit(`ALTER SEQUENCE ${quoteTable(name)} ${alteredSequenceText(old, op.sequence)}`);
      }
      case 'dropSequence':
        state.apply(op);
        return state.emit(`DROP SEQUENCE ${quoteTable(op.name)}`);
      default:
        op satisfies never;
    }
  }

  /** CREATE OR REPLACE keeps the columns that a view has ("CREATE VIEW"), and nobody knows them here. */
  #replaceView(op: OperationOf<'replaceView'>): void {
    const state = this.#state;
    state.takeView(op.view.name, op.kind);
    state.apply(op);
    state.bringBackViews();
  }
}

function isColumnOperation(op: Operation): op is OperationOf<'addColumn' | 'alterColumn' | 'dropColumn'> {
  return op.kind === 'addColumn' || op.kind === 'alterColumn' || op.kind === 'dropColumn';
}

/** A table under another name, in another schema, or both. */
function renameTexts(from: string, to: string): string[] {
  const [old, now] = [splitTableName(from), splitTableName(to)];
  const moves = old.schema !== now.schema;
  const text = (schema: string | undefined, name: string): string =>
    schema === undefined ? quote(name) : `${quote(schema)}.${quote(name)}`;
  const rename =
    old.name === now.name ? [] : [`ALTER TABLE ${text(old.schema, old.name)} RENAME TO ${quote(now.name)}`];
  if (!moves) return rename;
  const table = text(old.schema, now.name);
  if (now.schema !== undefined) return [...rename, `ALTER TABLE ${table} SET SCHEMA ${quote(now.schema)}`];
  // Only the connection knows the default schema.
  const body = `BEGIN EXECUTE format(${literalText(`ALTER TABLE ${table.replaceAll('%', '%%')} SET SCHEMA %I`)}, current_schema()); END`;
  return [...rename, `DO ${literalText(body)}`];
}
