/** Operations of one's own, looked up in what the configuration registers, as statements and their effect. */

import { isSqlText, type SqlText } from '../../ast/sql-text.js';
import { error } from '../../base/error-codes.js';
import { deepEqual } from '../../base/structure.js';
import { nearestName } from '../../base/text.js';
import { hookFailed } from '../hooks/call.js';
import type { CustomArguments, Effect } from '../operations-api.js';
import type { CustomCall, CustomOperation, CustomOperations, StatementsByDatabase } from './types.js';

/** Whether an operation of a revision is a call of one's own. */
export function isCall(operation: { readonly kind: string }): operation is CustomCall {
  return operation.kind === 'invoke' || operation.kind === 'revoke';
}

/** The same in the other direction. */
export function opposite(call: CustomCall): CustomCall {
  return { ...call, kind: call.kind === 'invoke' ? 'revoke' : 'invoke' };
}

/**
 * What a call runs on a database; none where the operation has nothing to do there.
 *
 * @throws CUSTOM_OPERATION_UNKNOWN, CAPABILITY_MISSING, HOOK_FAILED
 */
export function statementsOf(registered: CustomOperations, call: CustomCall, database: string): SqlText[] {
  const operation = registeredAs(registered, call.name);
  const make = forDatabase(call.kind === 'invoke' ? operation.up : operation.down, database);
  if (make === undefined) {
    const feature = `custom operation '${call.name}' (${call.kind})`;
    throw error('CAPABILITY_MISSING', {
      database,
      feature,
      object: 'the configuration has no statements for it',
    });
  }
  const made = inOperation(call, () => [make(argsOf(call))].flat());
  if (made.every(isSqlText)) return made;
  throw error('HOOK_FAILED', {
    hook: `operations.${call.name}`,
    reason: 'its statements must be strings or sql`…`',
  });
}

/** The directives that say what a call does to the schema. */
export function effectOf(registered: CustomOperations, call: CustomCall): Effect {
  const { effect } = registeredAs(registered, call.name);
  if (effect === undefined) return () => {};
  const tell = call.kind === 'invoke' ? effect.up : effect.down;
  return (op) => inOperation(call, () => tell(op, argsOf(call)));
}

/**
 * Refuses arguments that a file could not hold: they must be what JSON gives back unchanged.
 *
 * @throws CUSTOM_OPERATION_ARGS
 */
export function requirePlain(name: string, args: CustomArguments | undefined): void {
  if (args === undefined || isPlain(args)) return;
  throw error('CUSTOM_OPERATION_ARGS', { name });
}

function isPlain(args: unknown): boolean {
  try {
    const isObject = typeof args === 'object' && args !== null && !Array.isArray(args);
    return isObject && deepEqual(JSON.parse(JSON.stringify(args)), args);
  } catch {
    // A circle, a bigint: nothing that a file could say.
    return false;
  }
}

function argsOf({ name, args }: CustomCall): CustomArguments {
  requirePlain(name, args);
  return args ?? {};
}

function registeredAs(registered: CustomOperations, name: string): CustomOperation {
  const found = Object.hasOwn(registered, name) ? registered[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(registered);
  throw error('CUSTOM_OPERATION_UNKNOWN', { name, names, nearest: nearestName(name, names) });
}

function forDatabase(given: StatementsByDatabase, database: string) {
  return typeof given === 'function' ? given : (given[database] ?? given.default);
}

function inOperation<R>(call: CustomCall, run: () => R): R {
  try {
    return run();
  } catch (cause) {
    throw hookFailed(`operations.${call.name}`, cause);
  }
}
