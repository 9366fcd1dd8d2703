/**
 * What a revision does, written down without a database: its steps in their order, and the schema before and
 * after each. Scripts, plans, lint, squashing and everything else that thinks about revisions read this.
 */

import { type SqlFragment, writeSql } from '../../ast/sql.js';
import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import type { Dialect } from '../../dialects/contract.js';
import { EMPTY_SCHEMA, type Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { CustomOperations } from '../custom/types.js';
import { type DataStep, type OperationTarget, openOperations, type StatementStep } from '../operations.js';
import type { MigrationModule, MigrationRow } from '../operations-api.js';
import { at, type CalledDirective, type CallSite } from '../queue.js';
import { changesRowsOnly, listOf, makeOperations } from '../target-database.js';
import { sqlLiteral } from './literal.js';

/** One step of a revision. */
export type RecordedStep =
  /** Directives that stand next to each other. */
  | {
      readonly kind: 'schema';
      readonly before: Schema;
      readonly after: Schema;
      readonly operations: readonly Operation[];
      readonly sites: ReadonlyMap<Operation, CallSite>;
      /** Statements before it whose effect nobody knows. */
      readonly opaque: readonly OpaqueStep[];
    }
  | {
      readonly kind: 'execute';
      /** The statement, values written as literals. */
      readonly text: string;
      /** What the file says that it does to the schema. */
      readonly effect: readonly Operation[] | undefined;
      readonly site: CallSite;
    }
  | {
      readonly kind: 'insert';
      readonly table: string;
      readonly rows: readonly MigrationRow[];
      /** The schema by then: it tells the types of the values. */
      readonly schema: Schema;
      readonly site: CallSite;
    }
  | { readonly kind: 'require'; readonly text: string; readonly message: string; readonly site: CallSite }
  /** From here on (or no longer) outside the revision's transaction. */
  | { readonly kind: 'outside'; readonly begins: boolean };

/** A statement of which nobody knows what it does to the schema, or what a revision does with its rows. */
export interface OpaqueStep {
  readonly kind: 'effect' | 'rows';
  readonly text: string;
  /** `file:line:column`. */
  readonly place: string | undefined;
  /** Whether a table of ours may have a trigger or an index from it that no directive told of. */
  readonly touchesTables: boolean;
}

/** What is known of a schema that was replayed. */
export interface Replayed {
  readonly schema: Schema;
  readonly opaque: readonly OpaqueStep[];
}

export const NOTHING_REPLAYED: Replayed = { schema: EMPTY_SCHEMA, opaque: [] };

/** One direction of a revision, written down. */
export interface RecordedRun {
  readonly before: Replayed;
  readonly after: Replayed;
  readonly steps: readonly RecordedStep[];
  readonly warnings: readonly string[];
}

/**
 * What becomes of `op.query` where there are no rows: a script would not be what the revision does, so it is
 * refused; who only asks for the schema gets that of an empty database, and is told of the question.
 */
export type RowsWanted = 'refused' | 'none';

export interface RecordOptions {
  readonly dialect: Dialect;
  /** How the revisions before this one left the schema. */
  readonly before: Replayed;
  readonly rows: RowsWanted;
  /** Those that the configuration registers. */
  readonly customOperations?: CustomOperations | undefined;
}

/**
 * Runs one direction of a migration against nothing but a schema.
 *
 * @throws OFFLINE where it reads rows without having asked `isOffline`, and they are refused or it cannot do without;
 * what `apply` throws for a wrong directive
 */
export async function recordRun(
  module: MigrationModule,
  direction: 'upgrade' | 'downgrade',
  options: RecordOptions,
): Promise<RecordedRun> {
  const { before } = options;
  const recorder = new Recorder(options);
  try {
    await runMigration(module, direction, recorder);
  } catch (cause) {
    throw recorder.explain(cause);
  }
  const { steps, warnings, after } = recorder;
  return { before, after, steps, warnings };
}

/** Runs one direction of a migration against a target, to its end. */
export async function runMigration(
  module: MigrationModule,
  direction: 'upgrade' | 'downgrade',
  target: OperationTarget,
): Promise<void> {
  const { op, queue } = openOperations(target);
  await module[direction](op);
  await queue.finish();
}

class Recorder implements OperationTarget {
  readonly isOffline = true;
  readonly dialect: string;
  readonly customOperations: CustomOperations;
  readonly steps: RecordedStep[] = [];
  readonly warnings: string[] = [];
  readonly #dialect: Dialect;
  readonly #rows: RowsWanted;
  readonly #opaque: OpaqueStep[];
  #schema: Schema;
  #unanswered: CallSite | undefined;

  constructor({ dialect, before, rows, customOperations = {} }: RecordOptions) {
    this.customOperations = customOperations;
    this.#dialect = dialect;
    this.#rows = rows;
    this.dialect = dialect.name;
    this.#schema = before.schema;
    this.#opaque = [...before.opaque];
  }

  get after(): Replayed {
    return { schema: this.#schema, opaque: this.#opaque };
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  async schema(directives: readonly CalledDirective[]): Promise<void> {
    const before = this.#schema;
    const { operations, sites, after } = makeOperations(before, directives);
    this.#schema = after;
    this.steps.push({ kind: 'schema', before, after, operations, sites, opaque: [...this.#opaque] });
  }

  async execute(
    statement: SqlFragment,
    { site, effect }: StatementStep,
  ): Promise<{ readonly changes: number }> {
    const text = this.#write(statement);
    const done = effect && makeOperations(this.#schema, effect);
    if (done !== undefined) this.#schema = done.after;
    else if (!changesRowsOnly(text)) {
      const touches = touchesTables(text);
      this.#opaque.push({ kind: 'effect', text: text.trim(), place: site.place, touchesTables: touches });
    }
    this.steps.push({ kind: 'execute', text, effect: done?.operations, site });
    return { changes: 0 };
  }

  async query(statement: SqlFragment, { site }: DataStep): Promise<MigrationRow[]> {
    if (this.#rows === 'refused') throw error('OFFLINE', { directive: 'query' });
    this.#unanswered ??= site;
    const text = this.#write(statement).trim();
    this.#opaque.push({ kind: 'rows', text, place: site.place, touchesTables: false });
    return [];
  }

  /** What a revision throws that has missed its rows says nothing to whoever reads it. */
  explain(cause: unknown): unknown {
    if (this.#unanswered === undefined || isLimbeckError(cause)) return cause;
    return at(error('OFFLINE', { directive: 'query' }, { cause }), this.#unanswered);
  }

  async require(statement: SqlFragment, message: string, { site }: DataStep): Promise<void> {
    this.steps.push({ kind: 'require', text: this.#write(statement), message, site });
  }

  async bulkInsert(table: string, rows: readonly MigrationRow[], { site }: DataStep): Promise<void> {
    this.steps.push({ kind: 'insert', table, rows, schema: this.#schema, site });
  }

  async outsideTransaction(begins: boolean): Promise<void> {
    this.steps.push({ kind: 'outside', begins });
  }

  #write(statement: SqlFragment): string {
    const literal = (value: unknown): string => sqlLiteral(this.#dialect, value);
    const { text } = writeSql(statement, {
      identifier: (name) => this.#dialect.quoteIdentifier(name),
      value: (value) => (Array.isArray(value) ? listOf(value, literal) : literal(value)),
    });
    return text;
  }
}

/** Whether a statement may leave a table with more than the directives say; whole tables and views do not. */
function touchesTables(sql: string): boolean {
  return /\b(?:create|alter|drop)\b/i.test(sql) && !/^\s*(?:create|drop)\s+(?:table|view)\b/i.test(sql);
}
