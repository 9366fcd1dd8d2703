/** Codes of reading and writing through entities, of transactions, of the data source and of the test kit. */

import {
  DataLossError,
  EntityNotFoundError,
  type FailedRule,
  MigrationError,
  OptimisticLockError,
  QueryAbortedError,
  QueryError,
  TransactionClosedError,
  UsageError,
  ValidationError,
} from '../errors.js';
import { enumerate } from '../text.js';

export interface Unknown {
  entity: string;
  property: string;
  /** Where it was written: `where`, `order`, `select`, `relations`, `values`. */
  place: string;
  nearest?: string | undefined;
  /** A class below the entity that has it. */
  child?: string | undefined;
}

export interface RowGone {
  entity: string;
  key: string;
  /** Whether the row was there when the entity was loaded, or nobody ever saw it. */
  isRead: boolean;
}

export const QUERY_CODES = {
  PROPERTY_UNKNOWN: {
    type: UsageError,
    message: (c: Unknown) => `${c.place}: '${c.entity}' has no property '${c.property}'.`,
    hint: (c: Unknown) => {
      if (c.child !== undefined) return `'${c.child}' has it: ask getRepository(${c.child}).`;
      return c.nearest === undefined ? undefined : `Did you mean '${c.nearest}'?`;
    },
  },
  PROPERTY_AMBIGUOUS: {
    type: UsageError,
    message: (c: { entity: string; property: string; classes: readonly string[] }) =>
      `'${c.property}' of '${c.entity}' could be that of ${c.classes.join(' or ')}, which differ.`,
    hint: (c: { classes: readonly string[] }) => `Ask getRepository(${c.classes[0]}).`,
  },
  OPTION_UNKNOWN: {
    type: UsageError,
    message: (c: {
      option: string;
      place: string;
      nearest?: string | undefined;
      instead?: string | undefined;
    }) => `${c.place}: there is no option '${c.option}'.`,
    hint: (c: { nearest?: string | undefined; instead?: string | undefined }) => {
      if (c.instead !== undefined) return `Write ${c.instead}.`;
      return c.nearest === undefined ? undefined : `Did you mean '${c.nearest}'?`;
    },
  },
  OPTION_INVALID: {
    type: UsageError,
    message: (c: { option: string; problem: string }) => `${c.option}: ${c.problem}.`,
  },
  CONDITION_MISSING: {
    type: UsageError,
    message: (c: { entity: string; property: string; value: 'undefined' | 'null' }) =>
      `where: '${c.entity}.${c.property}' is ${c.value}.`,
    hint: (c: { entity: string; property: string; value: 'undefined' | 'null' }) =>
      c.value === 'null'
        ? 'Say IsNull() to find the rows that have none.'
        : 'Leave the property out to match every row; a value that is missing by mistake must not do so.',
  },
  CONDITION_INVALID: {
    type: UsageError,
    message: (c: { entity: string; property: string; problem: string }) =>
      `where: '${c.entity}.${c.property}': ${c.problem}.`,
  },
  CRITERIA_EMPTY: {
    type: UsageError,
    message: (c: { entity: string; method: string }) =>
      `${c.method} on '${c.entity}' was given no condition, which would mean every row.`,
    hint: 'Give a condition; clear() deletes every row.',
  },
  UPDATE_EMPTY: {
    type: UsageError,
    message: (c: { entity: string }) => `update on '${c.entity}' was given nothing to write.`,
  },
  DELETE_DATE_MISSING: {
    type: UsageError,
    message: (c: { entity: string; method: string }) =>
      `${c.method}: '${c.entity}' has no column that says when it was deleted.`,
    hint: 'Give it a @DeleteDateColumn, or delete it for good.',
  },
  CONFLICT_TARGET_INVALID: {
    type: UsageError,
    message: (c: { entity: string; paths: readonly string[]; keys: readonly string[] }) =>
      `upsert on '${c.entity}': ${c.paths.length === 0 ? 'no property was given' : `(${c.paths.join(', ')}) is no unique key`}, so it cannot tell which row is there already.`,
    hint: (c: { entity: string; paths: readonly string[]; keys: readonly string[] }) =>
      `Give the properties of a key, all of them: ${c.keys.join(' or ')}.`,
  },
  ENTITY_INVALID: {
    type: ValidationError,
    message: (c: { entity: string; problem: string }) => `'${c.entity}': ${c.problem}.`,
  },
  VALIDATION_FAILED: {
    type: ValidationError,
    message: (c: { failures: readonly FailedRule[] }) =>
      [
        c.failures.length === 1 ? 'A rule is broken:' : `${c.failures.length} rules are broken:`,
        ...c.failures.map(
          ({ entity, index, property, rule, message }) =>
            `  - ${entity}${index === 0 ? '' : ` (number ${index + 1})`}.${property}: ${message} (${rule})`,
        ),
      ].join('\n'),
  },
  ENTITY_NOT_FOUND: {
    type: EntityNotFoundError,
    message: (c: { entity: string }) => `No '${c.entity}' meets the conditions.`,
  },
  DISCRIMINATOR_UNKNOWN: {
    type: QueryError,
    message: (c: { entity: string; column: string; value: unknown; known: readonly string[] }) =>
      `A row of '${c.entity}' is of the class '${String(c.value)}' by its column '${c.column}', which no entity is.`,
    hint: (c: { entity: string; column: string; value: unknown; known: readonly string[] }) =>
      `Known are ${enumerate(c.known)}. Add the class with @ChildEntity('${String(c.value)}') to \`entities\`.`,
  },
  VIEW_READ_ONLY: {
    type: UsageError,
    message: (c: { entity: string; view: string; method: string }) =>
      `${c.method}: '${c.entity}' is the view '${c.view}', which is read and never written.`,
    hint: 'Write the entities whose rows it shows.',
  },
  KEY_MISSING: {
    type: UsageError,
    message: (c: { entity: string; method: string; columns: readonly string[] }) =>
      `${c.method}: this '${c.entity}' has no key (${c.columns.join(', ')}).`,
    hint: 'Save it first, or give its key.',
  },
  RELATED_NOT_SAVED: {
    type: UsageError,
    message: (c: { entity: string; property: string; target: string }) =>
      `'${c.entity}.${c.property}' is a '${c.target}' that has no key yet.`,
    hint: (c: { entity: string; property: string; target: string }) =>
      `Save the '${c.target}' first, or declare the relation with { cascade: ['insert'] }.`,
  },
  SAVE_CYCLE: {
    type: UsageError,
    message: (c: { entities: readonly string[] }) =>
      `New entities refer to each other in a circle (${c.entities.join(' -> ')}), so none can be saved first.`,
    hint: 'Save one of them without the reference, then set it and save again.',
  },
  UNIQUE_SWAP: {
    type: UsageError,
    message: (c: { entity: string; columns: readonly string[] }) =>
      `Rows of '${c.entity}' exchange values of a unique key (${c.columns.join(', ')}), and none of them can hold another one meanwhile.`,
    hint: 'Save the one that gives the value up first, then the one that takes it, or make the constraint deferrable.',
  },
  TREE_MISSING: {
    type: UsageError,
    message: (c: { entity: string }) => `The rows of '${c.entity}' are no tree.`,
    hint: "Put @Tree('closure-table') on the class, with @TreeParent and @TreeChildren, or use getRepository().",
  },
  TREE_CYCLE: {
    type: UsageError,
    message: (c: { entity: string; key: string }) =>
      `The '${c.entity}' with ${c.key} would stand below itself.`,
    hint: 'Move what it is to be put under out of its own subtree first.',
  },
  RELATION_REQUIRED: {
    type: UsageError,
    message: (c: { entity: string; property: string; inverse: string }) =>
      `'${c.entity}.${c.property}' lost a member, whose '${c.inverse}' cannot be null.`,
    hint: 'Remove the member itself, or give it another owner.',
  },
  OPTIMISTIC_LOCK: {
    type: OptimisticLockError,
    message: (c: { entity: string; key: string; version: string }) =>
      `'${c.entity}' ${c.key} was changed by somebody else: its row is no longer at version ${c.version}.`,
    hint: 'Load it again and repeat the change.',
  },
  LOCK_OUTSIDE_TRANSACTION: {
    type: UsageError,
    message: (c: { mode: string }) => `lock: '${c.mode}' outside a transaction would be let go at once.`,
    hint: 'Find and write inside one transaction().',
  },
  QUERY_ABORTED: {
    type: QueryAbortedError,
    message: (_: Record<never, never>) => 'The query was given up: its signal was aborted.',
  },
  CURSOR_INVALID: {
    type: UsageError,
    message: (c: { entity: string; problem: string }) => `page on '${c.entity}': ${c.problem}.`,
    hint: 'Take the cursor from the page before, found with the same order.',
  },
  ROW_GONE: {
    type: OptimisticLockError,
    message: (c: RowGone) =>
      c.isRead
        ? `'${c.entity}' ${c.key} is no longer there: its row was deleted since it was loaded.`
        : `No row of '${c.entity}' has ${c.key}, the key of an object that was to be updated and never loaded.`,
    hint: (c: RowGone) =>
      c.isRead
        ? 'Load it again; insert() writes it as a new row.'
        : 'insert() writes a row with a key of your own; save it without a key, or through a relation that cascades, for a new one.',
  },
  SESSION_CLOSED: {
    type: UsageError,
    message: (_: Record<never, never>) => 'The session is closed.',
    hint: 'Make a new one by session(); entities of the old one can be added to it.',
  },
  SESSION_DUPLICATE: {
    type: UsageError,
    message: (c: { entity: string }) =>
      `The session has another instance of this '${c.entity}': two would overwrite each other.`,
    hint: 'Change the one that get() and find() give.',
  },
  SESSION_STRANGER: {
    type: UsageError,
    message: (c: { method: string }) => `${c.method}: the entity is not in the session.`,
    hint: 'Give one that the session has read or flushed, or add it first.',
  },
  SESSION_JOINED: {
    type: UsageError,
    message: (_: Record<never, never>) =>
      'The session writes in the transaction of the calling flow, which it cannot roll back.',
    hint: 'Throw inside the function given to transaction(), or use savepoint().',
  },
  TRANSACTION_CLOSED: {
    type: TransactionClosedError,
    message: (_: Record<never, never>) => 'The transaction of this call has ended.',
    hint: 'Await every call inside the function given to transaction(), and do not keep its manager.',
  },
  TRANSACTION_LOST: {
    type: TransactionClosedError,
    message: (_: Record<never, never>) =>
      'The transaction is no longer open: the database has rolled it back, or a statement ended it by hand.',
    hint: 'Let the error that came before leave the function given to transaction(); use transaction() alone to end it.',
  },
  TRANSACTION_NESTED: {
    type: UsageError,
    message: (c: { option: string; outer: string }) =>
      `A transaction inside another one cannot have ${c.option}: the outer one's ${c.outer}.`,
    hint: 'Give the option to the outermost transaction; one inside it is a savepoint.',
  },
  TRANSACTION_BY_HAND: {
    type: UsageError,
    message: (_: Record<never, never>) => 'A statement opened a transaction by hand; it was rolled back.',
    hint: 'Use transaction(), which keeps other calls out of it.',
  },
  DATABASE_HELD: {
    type: UsageError,
    message: (_: Record<never, never>) => 'The database is held by the function that asks for it.',
    hint: 'Inside a migration use op.query() and op.execute(), inside connection() of Kysely the instance that it hands out. A session that has written holds it until commit() or rollback(): use its manager, or commit first; so does startTransaction() of Kysely.',
  },
  DATA_SOURCE_CLOSED: {
    type: UsageError,
    message: (c: { state: 'new' | 'destroyed' }) =>
      c.state === 'new' ? 'The data source is not initialized.' : 'The data source was destroyed.',
    hint: 'Await initialize() first.',
  },
  SCHEMA_IN_TRANSACTION: {
    type: UsageError,
    message: (_: Record<never, never>) =>
      'The schema cannot be made, migrated or dropped inside a transaction: that opens its own.',
  },
  SYNCHRONIZE_LOSS: {
    type: DataLossError,
    message: (c: { losses: readonly string[] }) =>
      ['synchronize() would destroy data:', ...c.losses.map((loss) => `  - ${loss}`)].join('\n'),
    hint: 'Write a migration, or pass { force: true } where the data may go.',
  },
  SYNCHRONIZE_BLOCKED: {
    type: DataLossError,
    message: (c: { rows: number; problem: string; step: string; remedy: string }) =>
      `${c.step}: ${c.rows} ${c.problem}.`,
    hint: (c: { rows: number; problem: string; step: string; remedy: string }) => c.remedy,
  },
  TEST_RUNNER_MISSING: {
    type: UsageError,
    message: (c: { missing: readonly string[] }) =>
      `The test kit found no test runner: ${c.missing.join(', ')} cannot be called here.`,
    hint: "Call it inside describe() of jest or vitest (with `globals: true`), or pass node:test's functions as `runner`.",
  },
  MIGRATION_TEST_FAILED: {
    type: MigrationError,
    message: (c: { problem: string; cure: string }) => `Migrations: ${c.problem}.`,
    hint: (c: { problem: string; cure: string }) => `${c.cure}.`,
  },
  TEST_DATABASE_CLOSED: {
    type: UsageError,
    message: (_: Record<never, never>) => 'The test database is not open.',
    hint: 'It opens in beforeAll and closes in afterAll: use it inside tests and hooks.',
  },
};
