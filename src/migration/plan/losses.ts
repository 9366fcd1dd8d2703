/** What an operation destroys for good, and whether a revision can be taken back. */

import type { Dialect } from '../../dialects/contract.js';
import { applyTo } from '../../schema/apply.js';
import { diff } from '../../schema/diff.js';
import { SchemaDraft } from '../../schema/draft.js';
import type { Schema } from '../../schema/model.js';
import { byName } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import type { MigrationModule } from '../operations-api.js';
import { type RecordedRun, recordRun } from '../replay/record.js';
import { changesRowsOnly } from '../target-database.js';
import type { Reversible } from './types.js';

/** What no downgrade brings back, in words; undefined where nothing is lost. */
export function lossOf(before: Schema, operation: Operation): string | undefined {
  switch (operation.kind) {
    case 'dropTable':
      return byName(before.tables, operation.table) && `the rows of '${operation.table}'`;
    case 'dropColumn': {
      const table = byName(before.tables, operation.table);
      const column = table && byName(table.columns, operation.name);
      return column && !column.generated ? `the values of '${operation.table}.${operation.name}'` : undefined;
    }
    case 'alterColumn': {
      const isLossy = operation.using !== undefined || operation.options?.allowLoss !== undefined;
      return isLossy ? `the old values of '${operation.table}.${operation.name}'` : undefined;
    }
    case 'alterEnum':
      return operation.options?.allowLoss === undefined
        ? undefined
        : `values of the enum '${operation.name}'`;
    default:
      return undefined;
  }
}

/** Each operation of a list with the schema that it meets. */
export function* oneByOne(
  before: Schema,
  operations: readonly Operation[],
): Generator<{ readonly schema: Schema; readonly operation: Operation }> {
  let schema = before;
  for (const operation of operations) {
    yield { schema, operation };
    const draft = new SchemaDraft(schema);
    applyTo(draft, operation);
    schema = draft.finish();
  }
}

/** Runs the downgrade against the schema that the upgrade leaves: it must lead back to where that began. */
export async function reversibilityOf(
  dialect: Dialect,
  module: MigrationModule,
  run: RecordedRun,
): Promise<Reversible> {
  const problem = await downgradeProblem(dialect, module, run);
  if (problem !== undefined) return { verdict: 'no', reasons: [problem] };
  const losses = run.steps.flatMap((step) =>
    step.kind === 'schema'
      ? [...oneByOne(step.before, step.operations)].flatMap(
          ({ schema, operation }) => lossOf(schema, operation) ?? [],
        )
      : [],
  );
  if (losses.length > 0) return { verdict: 'loses data', reasons: losses };
  const unknown = run.steps.flatMap((step) =>
    step.kind === 'execute' && (step.effect === undefined || changesRowsOnly(step.text))
      ? [`nobody knows what takes back: ${step.text.trim().split('\n', 1)[0]}`]
      : [],
  );
  return unknown.length > 0 ? { verdict: 'unknown', reasons: unknown } : { verdict: 'yes', reasons: [] };
}

async function downgradeProblem(
  dialect: Dialect,
  module: MigrationModule,
  run: RecordedRun,
): Promise<string | undefined> {
  try {
    const back = await recordRun(module, 'downgrade', { dialect, before: run.after, rows: 'none' });
    const left = diff(back.after.schema, run.before.schema);
    const isWhole = left.length === 0 || back.after.opaque.length > run.after.opaque.length;
    return isWhole ? undefined : 'its downgrade does not lead back to the schema before it';
  } catch (cause) {
    return cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? cause.name) : String(cause);
  }
}
