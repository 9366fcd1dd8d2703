/**
 * The operations of a revision as `processOperations` leaves them: what they do to the schema, step by step, and
 * the way back. Between operations of the schema there may stand calls of operations of one's own.
 */

import type { Dialect } from '../../dialects/contract.js';
import { applyTo } from '../../schema/apply.js';
import { SchemaDraft } from '../../schema/draft.js';
import type { Schema } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { reverse } from '../../schema/reverse.js';
import { effectOf, isCall, opposite, requirePlain, statementsOf } from '../custom/custom.js';
import type { CustomCall, CustomOperations } from '../custom/types.js';
import { awaitHook, hookFailed } from '../hooks/call.js';
import type { MigrationHooks, ProcessContext, RevisionOperation } from '../hooks/types.js';
import { directivesOf } from '../operations.js';
import { makeOperations } from '../target-database.js';
import { describeChanges } from './changes.js';

/** One step of a rewritten revision. */
export interface RewrittenStep {
  readonly operation: RevisionOperation;
  readonly before: Schema;
  readonly after: Schema;
  /** What it does to the schema: itself, or the effect of a call. */
  readonly effect: readonly Operation[];
  /** The way back, in its order, each with its effect. */
  readonly back: readonly { readonly operation: RevisionOperation; readonly effect: readonly Operation[] }[];
}

/**
 * Lets the hook rewrite operations, and follows what they do then.
 *
 * @throws HOOK_FAILED for what the hook throws, and for operations that do not fit the schema
 */
export async function rewritten(
  dialect: Dialect,
  operations: readonly Operation[],
  { processOperations, operations: registered = {} }: MigrationHooks,
  context: ProcessContext,
): Promise<RewrittenStep[]> {
  const given: unknown = await awaitHook('processOperations', () =>
    processOperations === undefined ? operations : processOperations([...operations], context),
  );
  if (!Array.isArray(given)) throw hookFailed('processOperations', 'it must return a list of operations');
  const steps: RewrittenStep[] = [];
  let before = context.schema;
  for (const operation of given as RevisionOperation[]) {
    try {
      const step = await follow(dialect, before, operation, registered);
      steps.push(step);
      before = step.after;
    } catch (cause) {
      throw hookFailed('processOperations', cause);
    }
  }
  return steps;
}

async function follow(
  dialect: Dialect,
  before: Schema,
  operation: RevisionOperation,
  registered: CustomOperations,
): Promise<RewrittenStep> {
  if (!isCall(operation)) {
    const draft = new SchemaDraft(before);
    applyTo(draft, operation);
    // What the database cannot do is refused now, not when somebody runs the file.
    dialect.plan(before, [operation]);
    const back = reverse(before, [operation]).map((each) => ({ operation: each, effect: [each] }));
    return { operation, before, after: draft.finish(), effect: [operation], back };
  }
  requirePlain(operation.name, operation.args);
  const effectFrom = async (schema: Schema, call: CustomCall) => {
    statementsOf(registered, call, dialect.name);
    return makeOperations(schema, await directivesOf(effectOf(registered, call), dialect.name));
  };
  const { operations: effect, after } = await effectFrom(before, operation);
  const undone = opposite(operation);
  const { operations: undoing } = await effectFrom(after, undone);
  return { operation, before, after, effect, back: [{ operation: undone, effect: undoing }] };
}

/** The changes in words. */
export function describeRewritten(start: Schema, steps: readonly RewrittenStep[]): string[] {
  const lines: string[] = [];
  let from = start;
  let run: Operation[] = [];
  const flush = (): void => {
    lines.push(...describeChanges(from, run));
    run = [];
  };
  for (const { operation, after } of steps) {
    if (!isCall(operation)) {
      run.push(operation);
      continue;
    }
    flush();
    lines.push(`${operation.kind === 'invoke' ? 'invoked' : 'revoked'} operation '${operation.name}'`);
    from = after;
  }
  flush();
  return lines;
}
