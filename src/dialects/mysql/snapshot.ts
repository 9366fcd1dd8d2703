/**
 * Keeps a database as it is, and puts it back into that state again and again: only what is not as it was is
 * touched, so that resetting after a test that wrote three rows costs three tables and not fifty.
 *
 * It has a connection of its own, on which the rows are kept in temporary tables, which nobody else sees. Several
 * statements go over it at once; none of their text comes from a user, and every name in it is quoted.
 */

import { error } from '../../base/error-codes.js';
import type { Database, DatabaseSnapshot } from '../contract.js';
import { isLost, translateMysqlError } from './errors.js';
import type { NativeConnection, NativeResult } from './native.js';
import type { Server } from './server.js';
import type { RunAll } from './snapshot-objects.js';
import { type KeptState, keepState, restore } from './snapshot-restore.js';

/** What a snapshot asks of the database that it was taken of. */
export interface SnapshotOwner {
  /** Ends what is still held of it. @returns the server's numbers of those connections */
  supersede(): number[];
  /** The database that takes its place. */
  reopen(): Database;
}

/** Takes a snapshot. */
export async function takeSnapshot(server: Server, owner: SnapshotOwner): Promise<DatabaseSnapshot> {
  const native = await server.openForScripts();
  const name = server.facts.name;
  const runAll: RunAll = (statements) => sendAll(native, statements, name);
  let state: KeptState | undefined;
  try {
    // What is copied is copied as it is, however a session of ours would judge it.
    await runAll([
      "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', SESSION foreign_key_checks = 0",
    ]);
    state = await keepState(runAll);
  } catch (cause) {
    await end(native);
    throw cause;
  }
  // Two that are opened at once would undo each other's work.
  let turn: Promise<unknown> = Promise.resolve();
  const open = async (): Promise<Database> => {
    if (state === undefined) throw error('CONNECTION_CLOSED', { database: `the snapshot of ${name}` });
    for (const id of owner.supersede()) {
      // Its transaction may be waiting for a lock, and only the server can wake it; or it has ended by itself.
      await runAll([`KILL ${id}`]).catch(() => {});
    }
    await restore(runAll, state);
    return owner.reopen();
  };
  return {
    open: () => {
      const opened = turn.then(open);
      turn = opened.catch(() => {});
      return opened;
    },
    discard: async () => {
      if (state === undefined) return;
      state = undefined;
      await turn;
      await end(native);
    },
  };
}

/** How much text goes in one packet; the server's smallest default has room for sixteen times as much. */
const MAX_TEXT = 1_000_000;

async function sendAll(
  native: NativeConnection,
  statements: readonly string[],
  database: string,
): Promise<NativeResult[]> {
  const results: NativeResult[] = [];
  let from = 0;
  while (from < statements.length) {
    let to = from;
    let length = 0;
    while (to < statements.length && (to === from || length + (statements[to] as string).length < MAX_TEXT)) {
      length += (statements[to] as string).length + 2;
      to++;
    }
    results.push(...(await send(native, statements.slice(from, to), database)));
    from = to;
  }
  return results;
}

function send(
  native: NativeConnection,
  statements: readonly string[],
  database: string,
): Promise<readonly NativeResult[]> {
  const sql = statements.join(';\n');
  return new Promise((resolve, reject) => {
    native.query({ sql }, (cause, result) => {
      if (cause) reject(translateMysqlError(cause, { sql: isLost(cause) ? undefined : sql, database }));
      else resolve(statements.length === 1 ? [result as NativeResult] : (result as readonly NativeResult[]));
    });
  });
}

async function end(native: NativeConnection): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 500);
    timer.unref?.();
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (native.stream?.once === undefined) done();
    else native.stream.once('close', done);
    native.end(() => {});
  });
  native.destroy();
}
