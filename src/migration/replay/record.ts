/**
 * What a revision does, written down without a database: its steps in their order, and the schema before and
 * after each. Scripts, plans, lint, squashing and everything else that thinks about revisions read this.
 */

import { type SqlFragment, writeSql } from '../../ast/sql.js';
import { error } from '../../base/error-codes.js';
import type { Dialect } from '../../dialects/contract.js';
import { EMPTY_SCHEMA, type Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { type DataStep, type OperationTarget, openOperations, type StatementStep } from '../operations.js';
import type { MigrationModule, MigrationRow } from '../operations-api.js';
import type { CalledDirective, CallSite } from '../queue.js';
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

/** A statement whose effect on the schema nobody knows. */
export interface OpaqueStep {
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
 * Runs one direction of a migration against nothing but a schema.
 *
 * @param before how the revisions before this one left it
 * @throws OFFLINE where it reads rows without having asked `isOffline`; what `apply` throws for a wrong directive
 */
export async function recordRun(
  module: MigrationModule,
  direction: 'upgrade' | 'downgrade',
  dialect: Dialect,
  before: Replayed,
): Promise<RecordedRun> {
  const recorder = new Recorder(dialect, before);
  await runMigration(module, direction, recorder);
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
  readonly steps: RecordedStep[] = [];
  readonly warnings: string[] = [];
  readonly #dialect: Dialect;
  readonly #opaque: OpaqueStep[];
  #schema: Schema;

  constructor(dialect: Dialect, before: Replayed) {
    this.#dialect = dialect;
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
      this.#opaque.push({ text: text.trim(), place: site.place, touchesTables: touchesTables(text) });
    }
    this.steps.push({ kind: 'execute', text, effect: done?.operations, site });
    return { changes: 0 };
  }

  async query(): Promise<MigrationRow[]> {
    throw error('OFFLINE', { directive: 'query' });
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
