/** What every command begins with: the files, and the database, opened for reading or for a run. */

import { isLimbeckError } from '../../base/errors.js';
import type { Connection, Database, Dialect, OpenOptions } from '../../dialects/contract.js';
import { Bookkeeper, type RunReport } from '../bookkeeper.js';
import { MigrationDirectory } from '../directory.js';
import type { MigrationEnvironment } from '../environment.js';
import { Runner } from '../runner.js';
import type { RunResult } from '../types.js';
import { VersionTable } from '../version-table.js';

export class CommandContext {
  readonly environment: MigrationEnvironment;

  constructor(environment: MigrationEnvironment) {
    this.environment = environment;
  }

  /** The migration files as they are now. */
  directory(): Promise<MigrationDirectory> {
    return MigrationDirectory.read(this.environment);
  }

  /** The rows of the version table; none of a database that is not there. */
  async rows(connection: Connection | undefined): Promise<string[]> {
    if (connection === undefined) return [];
    return new VersionTable(this.environment.dialect, this.environment.versionTable).rows(connection);
  }

  /** Whether there is a database; on a server one that is missing is an error. */
  exists(): Promise<boolean> {
    return this.inspect(async (connection) => connection !== undefined);
  }

  /** Reads without changing anything; a database that an upgrade would make reads as an empty one. */
  async inspect<T>(read: (connection: Connection | undefined, dialect: Dialect) => Promise<T>): Promise<T> {
    let database: Database;
    try {
      database = await this.environment.open('inspect');
    } catch (cause) {
      if (isMissingFile(cause)) return read(undefined, this.environment.dialect);
      throw cause;
    }
    return using(database, 'read', (connection) => read(connection, database.dialect));
  }

  /** Runs revisions under the lock of the database. */
  run(
    mode: OpenOptions['mode'],
    directory: MigrationDirectory,
    run: (runner: Runner) => Promise<RunReport>,
  ): Promise<RunResult> {
    return this.#writing(mode, (environment, connection) =>
      run(new Runner(environment, directory, connection)),
    );
  }

  /** Changes what is on record of the database, under its lock. */
  keepBooks<R>(directory: MigrationDirectory, work: (bookkeeper: Bookkeeper) => Promise<R>): Promise<R> {
    return this.#writing('existing', (environment, connection) =>
      work(new Bookkeeper(environment, directory, connection)),
    );
  }

  async #writing<R>(
    mode: OpenOptions['mode'],
    work: (environment: MigrationEnvironment, connection: Connection) => Promise<R>,
  ): Promise<R> {
    const database = await this.environment.open(mode);
    return using(database, 'write', (connection) => {
      const environment = { ...this.environment, dialect: database.dialect };
      return this.environment.whileHolding(() => work(environment, connection));
    });
  }
}

async function using<R>(
  database: Database,
  purpose: 'read' | 'write',
  work: (connection: Connection) => Promise<R>,
): Promise<R> {
  try {
    const lease = await database.acquire(purpose);
    try {
      return await work(lease.connection);
    } finally {
      lease.release();
    }
  } finally {
    await database.close();
  }
}

/** On a server nobody makes a database by opening it, so one that is missing is one whose name is wrong. */
function isMissingFile(cause: unknown): boolean {
  if (!isLimbeckError(cause) || cause.code !== 'DATABASE_MISSING') return false;
  return !(cause.context as { readonly isOnServer?: boolean }).isOnServer;
}
