/**
 * Node's module hooks for TypeScript in ESM, run in the thread that Node keeps for them: ts-node's own, made
 * with options that `module.register` hands over (`ts-node/esm` takes them from the environment only).
 */

import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import type * as TsNode from 'ts-node';
import { withoutStatsWarning } from './stats-warning.js';

/** What `typescript.ts` sends. */
interface HookData {
  /** The path of the user's ts-node. */
  readonly tsNode: string;
  readonly options: TsNode.RegisterOptions;
}

let hooks: { readonly resolve: ResolveHook; readonly load: LoadHook };

export const initialize: InitializeHook<HookData> = ({ tsNode, options }) => {
  withoutStatsWarning(() => {
    const { create, createEsmHooks } = require(tsNode) as typeof TsNode;
    try {
      hooks = createEsmHooks(create(options)) as unknown as typeof hooks;
    } catch (cause) {
      throw plainError(cause);
    }
  });
};

export const resolve: ResolveHook = (specifier, context, nextResolve) =>
  hooks.resolve(specifier, context, nextResolve);

export const load: LoadHook = async (url, context, nextLoad) => {
  try {
    return await hooks.load(url, context, nextLoad);
  } catch (cause) {
    throw plainError(cause);
  }
};

/** ts-node's own error loses its message on the way to the other thread. */
function plainError(cause: unknown): unknown {
  const text = (cause as { diagnosticText?: unknown } | null)?.diagnosticText;
  return typeof text === 'string' ? new SyntaxError(text) : cause;
}
