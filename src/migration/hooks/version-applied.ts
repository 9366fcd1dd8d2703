/** `onVersionApply`: tells the configuration of a version row that has just been written, in its transaction. */

import { isSqlFragment, sql, writeSql } from '../../ast/sql.js';
import type { Connection, Dialect } from '../../dialects/contract.js';
import { awaitHook } from './call.js';
import type { MigrationHooks, VersionApplied } from './types.js';

export async function tellVersionApplied(
  hooks: MigrationHooks | undefined,
  { dialect, connection }: { readonly dialect: Dialect; readonly connection: Connection },
  applied: Omit<VersionApplied, 'execute'>,
): Promise<void> {
  const hook = hooks?.onVersionApply;
  if (hook === undefined) return;
  const execute: VersionApplied['execute'] = async (statement) => {
    const params: unknown[] = [];
    const { text } = writeSql(isSqlFragment(statement) ? statement : sql.raw(statement), {
      identifier: (name) => dialect.quoteIdentifier(name),
      value: (value) => dialect.placeholder(params.push(value) - 1),
    });
    const { changes } = await connection.run(text, params);
    return { changes };
  };
  await awaitHook('onVersionApply', async () => void (await hook({ ...applied, execute })));
}
