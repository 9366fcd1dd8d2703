/** Several statements for what a caller takes to be one. */

import type { Connection, Dialect, MaybePromise } from '../../dialects/contract.js';

/** Does work whole or not at all: in the transaction that is open, whoever opened it, or in one of its own. */
export async function whole<R>(
  connection: Connection,
  dialect: Dialect,
  work: () => MaybePromise<R>,
): Promise<R> {
  if (connection.inTransaction) return work();
  await connection.run(dialect.begin.write);
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (cause) {
    // Why it failed matters more than that the connection has failed as well.
    if (connection.inTransaction) await Promise.resolve(connection.run('ROLLBACK')).catch(() => {});
    throw cause;
  }
}
