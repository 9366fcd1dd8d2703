/**
 * Changes what is on record of a database without running any revision: the version rows, and the files that
 * count as applied. All of it under the lock, in one transaction.
 */

import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type { Connection } from '../dialects/contract.js';
import type { MigrationDirectory } from './directory.js';
import type { MigrationEnvironment } from './environment.js';
import { type Step, stepLine } from './history/path.js';
import { tellVersionApplied } from './hooks/version-applied.js';
import { changedFiles, type FileChange, recordOf } from './integrity.js';
import { Journal } from './journal.js';
import type { RunStep } from './types.js';
import { VersionTable } from './version-table.js';

/** What a run did. */
export interface RunReport {
  readonly steps: readonly RunStep[];
  readonly heads: readonly string[];
  readonly warnings: readonly string[];
}

export class Bookkeeper {
  readonly #environment: MigrationEnvironment;
  readonly #directory: MigrationDirectory;
  readonly #connection: Connection;
  readonly #versions: VersionTable;
  readonly #journal: Journal;

  constructor(environment: MigrationEnvironment, directory: MigrationDirectory, connection: Connection) {
    this.#environment = environment;
    this.#directory = directory;
    this.#connection = connection;
    this.#versions = new VersionTable(environment.dialect, environment.versionTable);
    this.#journal = new Journal(environment.dialect);
  }

  /** Moves the rows without running anything. */
  stamp(plan: (rows: readonly string[]) => readonly Step[], purge: boolean): Promise<RunReport> {
    return this.#locked(async () => {
      await this.#settleUnfinished(purge);
      const steps = plan(purge ? [] : await this.#versions.rows(this.#connection));
      if (purge) await this.#versions.clear(this.#connection);
      const told: RunStep[] = [];
      for (const step of steps) {
        await this.#versions.apply(this.#connection, step.rows);
        const run = { direction: 'stamp', line: stepLine(step), revision: step.to || null } as const;
        told.push(run);
        this.#environment.onEvent({ kind: 'running', step: run });
        const applied = { ...run, heads: await this.#versions.rows(this.#connection) };
        await tellVersionApplied(
          this.#environment.hooks,
          { dialect: this.#environment.dialect, connection: this.#connection },
          applied,
        );
      }
      const heads = await this.#versions.rows(this.#connection);
      await this.#recordAsApplied(heads);
      return { steps: told, heads, warnings: [] };
    });
  }

  /**
   * Takes the files of revisions as they are now for those that were applied.
   *
   * @throws REPAIR_NEEDLESS for one that has not changed
   */
  repair(revisions: readonly string[]): Promise<readonly FileChange[]> {
    return this.#locked(async () => {
      const changes = changedFiles(this.#directory, await this.#journal.appliedFiles(this.#connection));
      const repaired = revisions.map((id) => requireChanged(changes, id));
      for (const { kind, revision } of repaired) {
        if (kind === 'deleted') await this.#journal.forget(this.#connection, revision);
        else await this.#journal.applied(this.#connection, recordOf(this.#directory.file(revision)));
      }
      return repaired;
    });
  }

  /** Makes the version table where it is missing; gives its rows. */
  async ensureVersion(): Promise<string[]> {
    return this.#locked(() => this.#versions.rows(this.#connection));
  }

  async #locked<R>(work: () => Promise<R>): Promise<R> {
    const { dialect, lockTimeoutMs } = this.#environment;
    const connection = this.#connection;
    const stepwise = !dialect.capabilities.transactionalDdl;
    await dialect.revisions.begin(connection, {
      enforceForeignKeys: true,
      timeoutMs: lockTimeoutMs,
      stepwise,
    });
    try {
      await this.#versions.ensure(connection);
      await this.#journal.ensure(connection);
      if (!connection.inTransaction) await connection.run(dialect.begin.write);
      const result = await work();
      await dialect.revisions.commit(connection);
      return result;
    } catch (cause) {
      await dialect.revisions.rollback(connection).catch((failure) => {
        // A failure to undo must not hide why.
        if (!isLimbeckError(cause)) throw failure;
      });
      throw cause;
    }
  }

  /** Purging is the way to say that a half-applied revision has been cleared up by hand. */
  async #settleUnfinished(purge: boolean): Promise<void> {
    const unfinished = await this.#journal.unfinished(this.#connection);
    if (unfinished === undefined) return;
    if (!purge) throw error('REVISION_UNFINISHED', unfinished);
    await this.#journal.forget(this.#connection, unfinished.revision);
  }

  /** What counts as applied is on record, and what no longer does is not. */
  async #recordAsApplied(heads: readonly string[]): Promise<void> {
    const applied = this.#directory.graph.ancestorsOf(heads);
    const known = new Set<string>();
    for (const { revision } of await this.#journal.appliedFiles(this.#connection)) {
      if (applied.has(revision)) known.add(revision);
      else await this.#journal.forget(this.#connection, revision);
    }
    for (const id of applied) {
      if (!known.has(id)) await this.#journal.applied(this.#connection, recordOf(this.#directory.file(id)));
    }
  }
}

function requireChanged(changes: readonly FileChange[], revision: string): FileChange {
  const change = changes.find((each) => each.revision === revision);
  if (change !== undefined) return change;
  throw error('REPAIR_NEEDLESS', { revision, changed: changes.map((each) => each.revision) });
}
