/**
 * `op`: turns the calls of a migration file into operations and data steps of its queue.
 *
 * It knows shapes and names, nothing of databases: what carries the steps out is the `OperationTarget`.
 */

import { isSqlFragment, type SqlFragment, sql } from '../ast/sql.js';
import { type SqlText, sqlText } from '../ast/sql-text.js';
import { error } from '../base/error-codes.js';
import { compact } from '../base/structure.js';
import type { SchemaDraft } from '../schema/draft.js';
import type { Enum, View } from '../schema/model.js';
import type { Operation, StepOptions } from '../schema/operations.js';
import {
  readAlteration,
  readCheck,
  readColumn,
  readDefault,
  readExclusion,
  readForeignKey,
  readIndex,
  readPrimaryKey,
  readTable,
  readUnique,
} from './column-options.js';
import { effectOf, requirePlain, statementsOf } from './custom/custom.js';
import type { CustomCall, CustomOperations } from './custom/types.js';
import type {
  CustomArguments,
  Effect,
  EnumAlteration,
  MigrationRow,
  Operations,
  Queued,
} from './operations-api.js';
import { type CalledDirective, type CallSite, type Directive, OperationQueue, type Sink } from './queue.js';

/** What carries out a migration: schema directives as a sink, data steps one by one. */
export interface OperationTarget extends Sink {
  readonly dialect: string;
  readonly isOffline: boolean;
  /** Those that the configuration registers. */
  readonly customOperations: CustomOperations;
  execute(statement: SqlFragment, step: StatementStep): Promise<{ readonly changes: number }>;
  query(statement: SqlFragment, step: DataStep): Promise<MigrationRow[]>;
  /** @throws REQUIREMENT_NOT_MET */
  require(statement: SqlFragment, message: string, step: DataStep): Promise<void>;
  bulkInsert(table: string, rows: readonly MigrationRow[], step: DataStep): Promise<void>;
  /** What comes next runs outside a transaction, until told otherwise. */
  outsideTransaction(begins: boolean): Promise<void>;
}

/** Where a data step was called. */
export interface DataStep {
  readonly site: CallSite;
}

/** A statement, and what its file says that it does to the schema. */
export interface StatementStep extends DataStep {
  readonly effect: readonly CalledDirective[] | undefined;
}

/** `op` and the queue behind it. */
export interface OpenOperations {
  readonly op: Operations;
  readonly queue: OperationQueue;
}

/** Makes the `op` that a revision's function is handed. */
export function openOperations(target: OperationTarget): OpenOperations {
  const queue = new OperationQueue(target);
  const fragment = (statement: SqlText): SqlFragment =>
    isSqlFragment(statement) ? statement : sql.raw(statement);
  const custom = async (call: CustomCall, site: CallSite): Promise<void> => {
    const { customOperations, dialect } = target;
    // The first statement tells the effect of all of them.
    let effect = await directivesOf(effectOf(customOperations, call), dialect);
    for (const statement of statementsOf(customOperations, call, dialect)) {
      await target.execute(fragment(statement), { site, effect });
      effect = [];
    }
  };
  const one =
    (operation: Operation): Directive =>
    () => [operation];

  const op: Operations = {
    createTable(name, shape) {
      return queue.directive('createTable', op.createTable, (schema) => {
        const { table, enums } = readTable(name, shape);
        return [...newEnums(schema, enums), withOptions({ kind: 'createTable', table }, shape)];
      });
    },
    dropTable(name, options) {
      return queue.directive(
        'dropTable',
        op.dropTable,
        one(withOptions({ kind: 'dropTable', table: name }, options)),
      );
    },
    renameTable(from, to) {
      return queue.directive('renameTable', op.renameTable, one({ kind: 'renameTable', table: from, to }));
    },
    setTableComment(table, comment) {
      return queue.directive(
        'setTableComment',
        op.setTableComment,
        one({ kind: 'setTableComment', table, comment }),
      );
    },
    setTableOptions(table, options) {
      return queue.directive(
        'setTableOptions',
        op.setTableOptions,
        one({ kind: 'setTableOptions', table, options }),
      );
    },

    addColumn(table, name, column, options) {
      return queue.directive('addColumn', op.addColumn, (schema) => {
        const read = readColumn(table, name, column);
        const fill = options?.fill === undefined ? undefined : readDefault(options.fill);
        const operation = compact({ kind: 'addColumn', table, column: read.column, fill }) as Operation;
        return [...newEnums(schema, read.enum ? [read.enum] : []), withOptions(operation, options)];
      });
    },
    dropColumn(table, name, options) {
      return queue.directive(
        'dropColumn',
        op.dropColumn,
        one(withOptions({ kind: 'dropColumn', table, name }, options)),
      );
    },
    renameColumn(table, from, to) {
      return queue.directive(
        'renameColumn',
        op.renameColumn,
        one({ kind: 'renameColumn', table, name: from, to }),
      );
    },
    alterColumn(table, name, alteration) {
      return queue.directive('alterColumn', op.alterColumn, (schema) => {
        const current = schema.column(schema.table(table, 'alterColumn'), name, 'alterColumn');
        const read = readAlteration(table, current, alteration);
        const { using, allowLoss, concurrently } = alteration;
        const operation = compact({
          kind: 'alterColumn',
          table,
          name,
          change: read.change,
          using: using === undefined ? undefined : sqlText(using),
        }) as Operation;
        return [
          ...newEnums(schema, read.enum ? [read.enum] : []),
          withOptions(operation, { allowLoss, concurrently }),
        ];
      });
    },

    createPrimaryKey(name, table, columns) {
      const primaryKey = readPrimaryKey(table, columns, name);
      return queue.directive('createPrimaryKey', op.createPrimaryKey, (schema) => [
        // Every database makes the columns of a key NOT NULL; here it is said.
        ...columns.flatMap((column): Operation[] => {
          const found = schema.column(schema.table(table, 'createPrimaryKey'), column, 'createPrimaryKey');
          return found.nullable
            ? [{ kind: 'alterColumn', table, name: column, change: { nullable: false } }]
            : [];
        }),
        { kind: 'createPrimaryKey', table, primaryKey },
      ]);
    },
    createUniqueConstraint(name, table, columns, options) {
      const unique = readUnique(table, { columns, ...options, ...(name !== null && { name }) });
      return queue.directive(
        'createUniqueConstraint',
        op.createUniqueConstraint,
        one(withOptions({ kind: 'createUnique', table, unique }, options)),
      );
    },
    createForeignKey(name, table, columns, refTable, refColumns, options) {
      const shape = { columns, refTable, refColumns, ...options, ...(name !== null && { name }) };
      const foreignKey = readForeignKey(table, shape);
      return queue.directive(
        'createForeignKey',
        op.createForeignKey,
        one(withOptions({ kind: 'createForeignKey', table, foreignKey }, options)),
      );
    },
    createCheckConstraint(name, table, condition, options) {
      const check = readCheck(table, { expression: condition, ...(name !== null && { name }) });
      return queue.directive(
        'createCheckConstraint',
        op.createCheckConstraint,
        one(withOptions({ kind: 'createCheck', table, check }, options)),
      );
    },
    createExclusionConstraint(name, table, elements, options) {
      const exclusion = readExclusion(name, elements, options);
      return queue.directive(
        'createExclusionConstraint',
        op.createExclusionConstraint,
        one({ kind: 'createExclusion', table, exclusion }),
      );
    },
    dropConstraint(name, table, options) {
      return queue.directive(
        'dropConstraint',
        op.dropConstraint,
        one(withOptions({ kind: 'dropConstraint', table, name }, options)),
      );
    },
    createIndex(name, table, columns, options) {
      const index = readIndex(table, { columns, ...options, ...(name !== null && { name }) });
      return queue.directive(
        'createIndex',
        op.createIndex,
        one(withOptions({ kind: 'createIndex', table, index }, options)),
      );
    },
    dropIndex(name, table, options) {
      return queue.directive(
        'dropIndex',
        op.dropIndex,
        one(withOptions({ kind: 'dropIndex', table, name }, options)),
      );
    },

    createEnum(name, values) {
      return queue.directive(
        'createEnum',
        op.createEnum,
        one({ kind: 'createEnum', name, values: [...values] }),
      );
    },
    alterEnum(name, change) {
      return queue.directive('alterEnum', op.alterEnum, one(alterEnum(name, change)));
    },
    dropEnum(name) {
      return queue.directive('dropEnum', op.dropEnum, one({ kind: 'dropEnum', name }));
    },

    createView(name, query, options) {
      const view = readView(name, query, options);
      return queue.directive('createView', op.createView, one({ kind: 'createView', view }));
    },
    replaceView(name, query, options) {
      const view = readView(name, query, options);
      return queue.directive('replaceView', op.replaceView, one({ kind: 'replaceView', view }));
    },
    dropView(name) {
      return queue.directive('dropView', op.dropView, one({ kind: 'dropView', name }));
    },
    createSequence(name, options) {
      return queue.directive(
        'createSequence',
        op.createSequence,
        one({ kind: 'createSequence', sequence: { name, ...options } }),
      );
    },
    alterSequence(name, options) {
      return queue.directive(
        'alterSequence',
        op.alterSequence,
        one({ kind: 'alterSequence', sequence: { name, ...options } }),
      );
    },
    dropSequence(name) {
      return queue.directive('dropSequence', op.dropSequence, one({ kind: 'dropSequence', name }));
    },
    createTrigger(name, table, text) {
      const trigger = { name, table, sql: { ...text } };
      return queue.directive('createTrigger', op.createTrigger, one({ kind: 'createTrigger', trigger }));
    },
    dropTrigger(name, table) {
      return queue.directive('dropTrigger', op.dropTrigger, one({ kind: 'dropTrigger', name, table }));
    },

    execute(statement, options) {
      return queue.data('execute', op.execute, async (site) => {
        const effect = options?.effect && (await directivesOf(options.effect, target.dialect));
        return target.execute(fragment(statement), { site, effect });
      });
    },
    query<R extends MigrationRow>(statement: Parameters<Operations['query']>[0]) {
      return queue.data(
        'query',
        op.query,
        (site) => target.query(fragment(statement), { site }) as Promise<R[]>,
      );
    },
    bulkInsert(table, rows) {
      const copies = rows.map((row) => ({ ...row }));
      return queue.data('bulkInsert', op.bulkInsert, (site) => target.bulkInsert(table, copies, { site }));
    },
    invoke(name, args) {
      const call = customCall('invoke', name, args);
      return queue.mark('invoke', op.invoke, (site) => custom(call, site));
    },
    revoke(name, args) {
      const call = customCall('revoke', name, args);
      return queue.mark('revoke', op.revoke, (site) => custom(call, site));
    },
    outsideTransaction(run) {
      const mark = (begins: boolean): Queued =>
        queue.mark('outsideTransaction', op.outsideTransaction, () => target.outsideTransaction(begins));
      mark(true);
      const result = run();
      // Of a function that is done at once the end takes its place at once, whether anybody awaits it or not.
      const isPending = typeof (result as PromiseLike<unknown> | undefined)?.then === 'function';
      return isPending ? Promise.resolve(result).then(() => mark(false)) : mark(false);
    },
    require(statement, message) {
      return queue.data('require', op.require, (site) =>
        target.require(fragment(statement), message, { site }),
      );
    },

    dialect: target.dialect,
    isOffline: target.isOffline,
  };
  return { op, queue };
}

function readView(name: string, query: SqlText, options: { readonly materialized?: boolean } = {}): View {
  return { name, query: sqlText(query), ...(options.materialized === true && { materialized: true }) };
}

/** The directives by which a file says what a statement of its own does to the schema. */
export async function directivesOf(effect: Effect, dialect: string): Promise<readonly CalledDirective[]> {
  const directives: CalledDirective[] = [];
  const refuse = async (): Promise<never> => {
    throw error('EFFECT_INVALID', {});
  };
  const { op, queue } = openOperations({
    dialect,
    isOffline: true,
    customOperations: {},
    schema: async (called) => void directives.push(...called),
    warn: () => {},
    execute: refuse,
    query: refuse,
    require: refuse,
    bulkInsert: refuse,
    outsideTransaction: refuse,
  });
  effect(op);
  await queue.finish();
  return directives;
}

function customCall(kind: CustomCall['kind'], name: string, args: CustomArguments | undefined): CustomCall {
  requirePlain(name, args);
  return { kind, name, ...(args !== undefined && { args: structuredClone(args) }) };
}

/** Enums that a column's options define and the schema does not hold yet. */
function newEnums(schema: SchemaDraft, enums: readonly Enum[]): Operation[] {
  const fresh = new Map(enums.filter(({ name }) => !schema.enums.has(name)).map((each) => [each.name, each]));
  return [...fresh.values()].map(({ name, values }) => ({ kind: 'createEnum', name, values: [...values] }));
}

function alterEnum(name: string, change: EnumAlteration): Operation {
  return compact({
    kind: 'alterEnum',
    name,
    rename: change.rename,
    remove: change.remove,
    add: change.add?.map((each) => (typeof each === 'string' ? { value: each } : each)),
    order: change.order,
  }) as Operation;
}

function withOptions(
  operation: Operation,
  given: StepOptions | { readonly [key: string]: unknown } | undefined,
): Operation {
  const { allowLoss, ifExists, ifNotExists, concurrently } = (given ?? {}) as StepOptions;
  const options = compact({ allowLoss, ifExists, ifNotExists, concurrently });
  return Object.keys(options).length === 0 ? operation : ({ ...operation, options } as Operation);
}
