/**
 * Replaying migrations without a database: the schema that the files describe at a revision, and the script
 * that would lead from one revision to another.
 */

import { type SqlFragment, writeSql } from '../ast/sql.js';
import { error } from '../base/error-codes.js';
import type { Dialect, Plan, PlanStatement } from '../dialects/contract.js';
import type { Schema } from '../schema/model.js';
import { byName, EMPTY_SCHEMA } from '../schema/model.js';
import { type OperationTarget, openOperations } from './operations.js';
import type { MigrationModule, MigrationRow } from './operations-api.js';
import type { CalledDirective } from './queue.js';
import { insertText, listOf, makeOperations, rowEncoder } from './target-database.js';

/** What is known after a replay. */
export interface Replayed {
  readonly schema: Schema;
  /** A statement whose effect on the schema nobody knows: a table may have a trigger or an index from it. */
  readonly opaque: string | undefined;
}

const NOTHING_REPLAYED: Replayed = { schema: EMPTY_SCHEMA, opaque: undefined };

/** Carries out directives on a schema, and writes SQL where it is asked to. */
export class ReplayTarget implements OperationTarget {
  readonly isOffline = true;
  readonly dialect: string;
  readonly warnings: string[] = [];
  readonly #dialect: Dialect;
  readonly #write: ((sql: string) => void) | undefined;
  #schema: Schema;
  #suspendsForeignKeys = false;
  #opaque: Replayed['opaque'];

  /** @param before how the revisions before this one left it */
  constructor(dialect: Dialect, before: Replayed = NOTHING_REPLAYED, write?: (sql: string) => void) {
    this.#dialect = dialect;
    this.dialect = dialect.name;
    this.#schema = before.schema;
    this.#opaque = before.opaque;
    this.#write = write;
  }

  get replayed(): Replayed {
    return { schema: this.#schema, opaque: this.#opaque };
  }

  get suspendsForeignKeys(): boolean {
    return this.#suspendsForeignKeys;
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  async schema(directives: readonly CalledDirective[]): Promise<void> {
    const { operations, after } = makeOperations(this.#schema, directives);
    if (this.#write) {
      // Nobody is there to begin a script again where a later statement uses a new value.
      const plan = this.#dialect.plan(this.#schema, operations, { commitEnumValues: true });
      this.#suspendsForeignKeys ||= plan.suspendsForeignKeys;
      this.#writePlan(plan, this.#write);
    }
    this.#schema = after;
  }

  #writePlan(plan: Plan, write: (sql: string) => void): void {
    for (const step of plan.steps) {
      switch (step.kind) {
        case 'statement':
          this.#writeStatement(step, write);
          break;
        case 'check':
          write(
            `-- must be 0, rows of '${step.table}' that ${step.problem}:\n-- ${step.countSql.replaceAll('\n', ' ')}`,
          );
          break;
        case 'remember':
          if (this.#opaque !== undefined) {
            throw error('OFFLINE_REBUILD', { table: step.table, step: this.#opaque });
          }
          break;
        case 'replay':
          for (const trigger of this.#schema.triggers) {
            const text = trigger.sql[this.#dialect.name] ?? trigger.sql.default;
            if (trigger.table === step.table && text !== undefined) write(`${text};`);
          }
          break;
        case 'probe':
          // A script is only text; what it breaks shows when it runs.
          break;
        default:
          step satisfies never;
      }
    }
  }

  /** What no transaction holds stands between two of them. */
  #writeStatement({ sql, outside }: PlanStatement, write: (sql: string) => void): void {
    const alone = outside !== undefined && this.#dialect.capabilities.transactionalDdl;
    if (alone) write('COMMIT;');
    write(`${sql};`);
    if (alone) write('BEGIN;');
  }

  async execute(fragment: SqlFragment): Promise<{ readonly changes: number }> {
    const { text } = writeSql(fragment, {
      identifier: (name) => this.#dialect.quoteIdentifier(name),
      value: (value) =>
        Array.isArray(value) ? listOf(value, (each) => this.#literal(each)) : this.#literal(value),
    });
    if (isOpaque(text)) this.#opaque ??= text.trim().slice(0, 80);
    const statement = text.trim().replace(/;$/, '');
    // A comment at the end would swallow the semicolon, and the next statement with it.
    this.#write?.(/--[^\n]*$/.test(statement) ? `${statement}\n;` : `${statement};`);
    return { changes: 0 };
  }

  async query(): Promise<MigrationRow[]> {
    throw error('OFFLINE', { directive: 'query' });
  }

  /** A script has no other way to say it than to end the transaction before. */
  async outsideTransaction(begins: boolean): Promise<void> {
    if (this.#dialect.revisions.fingerprint === undefined) return;
    if (this.#dialect.capabilities.transactionalDdl) this.#write?.(begins ? 'COMMIT;' : 'BEGIN;');
  }

  async bulkInsert(table: string, rows: readonly MigrationRow[]): Promise<void> {
    if (!this.#write) return;
    // A table that free SQL has made is not in the picture, and its values go as they stand.
    const isKnown = byName(this.#schema.tables, table) !== undefined;
    const stored = isKnown ? rowEncoder(this.#dialect, this.#schema, table) : storedAsGiven;
    for (const row of rows) {
      const values = stored(row);
      const texts = values.map(({ value }) => this.#literal(value));
      this.#write(`${insertText(this.#dialect, table, values, texts)};`);
    }
  }

  #literal(value: unknown): string {
    if (value === null || value === undefined) return this.#dialect.literal(null);
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Date) {
      return this.#literal(
        this.#dialect.codec({ kind: 'timestamp' }, { owner: 'a value in a migration' }).encode(value),
      );
    }
    if (value instanceof Uint8Array) return this.#dialect.literal(value);
    return this.#dialect.literal(
      typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean),
    );
  }
}

/** Whether a statement may leave a table with more than the directives say; whole tables and views do not. */
function isOpaque(sql: string): boolean {
  return /\b(?:create|alter|drop)\b/i.test(sql) && !/^\s*(?:create|drop)\s+(?:table|view)\b/i.test(sql);
}

function storedAsGiven(row: MigrationRow): { readonly column: string; readonly value: unknown }[] {
  return Object.entries(row)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => ({ column, value }));
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
