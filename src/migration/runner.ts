/**
 * Runs revisions on a database: one transaction each, together with its version row, under the lock.
 *
 * Several runners may share a run: after the lock is taken the rows are read again, so each revision is
 * applied once, by whoever comes first. A crash at any instant leaves whole revisions, applied or not.
 */

import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type { BrokenForeignKey, Connection, Dialect } from '../dialects/contract.js';
import type { MigrationDirectory } from './directory.js';
import { type MigrationEnvironment, ownTables } from './environment.js';
import {
  type MigrationStep,
  planDowngrade,
  planTakeBack,
  planUpgrade,
  remainingFrom,
  type Step,
  stepLine,
} from './history/path.js';
import { canonicalHeads } from './history/resolve.js';
import type { MigrationModule } from './operations-api.js';
import { runMigration } from './replay.js';
import { DatabaseTarget, RestartWithoutForeignKeys, SchemaCache } from './target-database.js';
import type { RunStep } from './types.js';
import { Journal, VersionTable } from './version-table.js';

/** What a run did. */
export interface RunReport {
  readonly steps: readonly RunStep[];
  readonly heads: readonly string[];
  readonly warnings: readonly string[];
}

/** One revision in one transaction. */
interface Attempt {
  readonly step: MigrationStep;
  readonly module: MigrationModule;
  readonly foreignKeys: boolean;
  readonly starting: () => void;
}

type Modules = ReadonlyMap<string, MigrationModule>;

export class Runner {
  readonly #environment: MigrationEnvironment;
  readonly #directory: MigrationDirectory;
  readonly #connection: Connection;
  readonly #dialect: Dialect;
  readonly #versions: VersionTable;
  readonly #journal: Journal;
  readonly #cache: SchemaCache;
  readonly #warnings: string[] = [];
  readonly #steps: RunStep[] = [];
  /** Rows that broke a foreign key before a revision began, which is not its doing. */
  #knownBroken: ReadonlySet<string> | undefined;

  constructor(environment: MigrationEnvironment, directory: MigrationDirectory, connection: Connection) {
    this.#environment = environment;
    this.#directory = directory;
    this.#connection = connection;
    this.#dialect = environment.dialect;
    this.#versions = new VersionTable(environment.dialect, environment.versionTable);
    this.#journal = new Journal(environment.dialect);
    this.#cache = new SchemaCache(environment.dialect, ownTables(environment));
  }

  /** Upgrades to a target; revisions that another run applies meanwhile are not run twice. */
  async upgrade(target: string): Promise<RunReport> {
    const { graph } = this.#directory;
    return this.#runAll((rows, begun) =>
      planUpgrade(graph, rows, begun === undefined ? target : canonicalHeads(graph, begun)),
    );
  }

  async downgrade(target: string): Promise<RunReport> {
    const { graph } = this.#directory;
    return this.#runAll((rows, begun) =>
      begun === undefined ? planDowngrade(graph, rows, target) : planTakeBack(graph, rows, begun),
    );
  }

  /**
   * @param plan `begun`: the revisions of the first plan. Once begun, they are what the target means, wherever
   * others move the rows: `-1` is no count any more, and `base` not what another run has applied since.
   */
  async #runAll(
    plan: (rows: readonly string[], begun?: readonly string[]) => MigrationStep[],
  ): Promise<RunReport> {
    const connection = this.#connection;
    let rows: readonly string[] = await this.#versions.rows(connection);
    let steps = plan(rows);
    const begun = steps.map(({ revision }) => revision.id);
    const modules = await this.#load(steps);
    if (steps.length === 0) return { steps: [], heads: await this.#ensureTable(rows), warnings: [] };
    await this.#dialect.revisions.announce(connection, { timeoutMs: this.#environment.lockTimeoutMs });
    try {
      for (let done = 0; done < steps.length; ) {
        const outcome = await this.#runStep(steps, done, modules);
        rows = outcome.rows;
        const next = remainingFrom(steps, rows, outcome.ran ? done + 1 : done);
        if (next !== undefined) done = next;
        else {
          steps = plan(rows, begun);
          for (const [id, module] of await this.#load(steps)) modules.set(id, module);
          done = 0;
        }
      }
    } finally {
      await this.#retire();
    }
    return { steps: this.#steps, heads: rows, warnings: this.#warnings };
  }

  /** Moves the rows without running anything. */
  async stamp(plan: (rows: readonly string[]) => readonly Step[], purge: boolean): Promise<RunReport> {
    await this.#begin(true);
    try {
      await this.#versions.ensure(this.#connection);
      const before = purge ? [] : await this.#versions.rows(this.#connection);
      const steps = plan(before);
      if (purge) await this.#versions.clear(this.#connection);
      for (const step of steps) {
        await this.#versions.apply(this.#connection, step.rows);
        this.#tell({ direction: 'stamp', line: stepLine(step), revision: step.to === '' ? null : step.to });
      }
      const rows = await this.#versions.rows(this.#connection);
      await this.#dialect.revisions.commit(this.#connection);
      return { steps: this.#steps, heads: rows, warnings: this.#warnings };
    } catch (cause) {
      await this.#rollback(cause);
      throw cause;
    }
  }

  /** Makes the version table where it is missing; a database that has it is not written to. */
  async #ensureTable(known: readonly string[]): Promise<readonly string[]> {
    if (await this.#dialect.tableExists(this.#connection, this.#environment.versionTable)) return known;
    return this.ensureVersion();
  }

  /** Makes the version table where it is missing; gives its rows. */
  async ensureVersion(): Promise<string[]> {
    await this.#begin(true);
    try {
      await this.#versions.ensure(this.#connection);
      const rows = await this.#versions.rows(this.#connection);
      await this.#dialect.revisions.commit(this.#connection);
      return rows;
    } catch (cause) {
      await this.#rollback(cause);
      throw cause;
    }
  }

  /** All files are loaded before anything runs: a broken one must not be found half-way. */
  async #load(steps: readonly MigrationStep[]): Promise<Map<string, MigrationModule>> {
    const modules = new Map<string, MigrationModule>();
    for (const { revision } of steps) modules.set(revision.id, await this.#directory.module(revision.id));
    return modules;
  }

  /** One revision, begun again where it turns out to need other conditions. */
  async #runStep(
    steps: readonly MigrationStep[],
    index: number,
    modules: Modules,
  ): Promise<{ readonly rows: readonly string[]; readonly ran: boolean }> {
    this.#knownBroken = undefined;
    let foreignKeys = true;
    let told = false;
    // Not before the first step: a revision that has to be begun again may meanwhile be done by another run.
    const tell = (): void => {
      if (!told) this.#tell(runStep(steps[index] as MigrationStep));
      told = true;
    };
    for (;;) {
      await this.#begin(foreignKeys);
      try {
        const rows = await this.#versions.rows(this.#connection);
        if (remainingFrom(steps, rows, index) !== index) {
          await this.#dialect.revisions.rollback(this.#connection);
          // Told, begun again, and meanwhile done by another run.
          if (told) this.#steps.pop();
          return { rows, ran: false };
        }
        const step = steps[index] as MigrationStep;
        const module = modules.get(step.revision.id) as MigrationModule;
        await this.#runRevision({ step, module, foreignKeys, starting: tell });
        tell();
        await this.#dialect.revisions.commit(this.#connection);
        return { rows: step.headsAfter, ran: true };
      } catch (cause) {
        await this.#rollback(cause);
        if (cause instanceof RestartWithoutForeignKeys && foreignKeys) foreignKeys = false;
        else if (cause instanceof CompareBrokenKeys) this.#knownBroken = await this.#brokenBefore();
        else {
          tell();
          throw this.#located(cause, steps[index] as MigrationStep);
        }
      }
    }
  }

  async #runRevision({ step, module, foreignKeys, starting }: Attempt): Promise<void> {
    const { revision, direction } = step;
    await this.#versions.ensure(this.#connection);
    await this.#journal.ensure(this.#connection);
    const warnings: string[] = [];
    const target = new DatabaseTarget({
      dialect: this.#dialect,
      connection: this.#connection,
      cache: this.#cache,
      foreignKeysEnforced: foreignKeys,
      starting,
      warn: (text) => warnings.push(text),
    });
    await runMigration(module, direction, target);
    if (!foreignKeys) await this.#refuseBrokenKeys();
    await this.#versions.apply(this.#connection, step.rows);
    if (direction === 'downgrade') await this.#journal.takenBack(this.#connection, revision.id);
    else {
      const { checksum } = this.#directory.file(revision.id);
      await this.#journal.applied(this.#connection, revision.id, checksum);
    }
    for (const text of warnings) {
      this.#warnings.push(text);
      this.#environment.onEvent({ kind: 'warning', text });
    }
  }

  /** Keys that were not enforced are checked; what was broken before does not count. */
  async #refuseBrokenKeys(): Promise<void> {
    const broken = await this.#dialect.revisions.brokenForeignKeys(this.#connection);
    if (broken.length === 0) return;
    // Only who has seen the rows before can tell which of them are new, so the revision begins once more.
    if (this.#knownBroken === undefined) throw new CompareBrokenKeys();
    const known = this.#knownBroken;
    const keys = broken
      .map((key) => ({ ...key, rows: key.rows.filter((row) => !known.has(brokenRow(key, row))) }))
      .filter((key) => key.rows.length > 0);
    if (keys.length > 0) throw error('FOREIGN_KEYS_BROKEN', { keys });
  }

  async #brokenBefore(): Promise<Set<string>> {
    const broken = await this.#dialect.revisions.brokenForeignKeys(this.#connection);
    return new Set(broken.flatMap((key) => key.rows.map((row) => brokenRow(key, row))));
  }

  async #begin(enforceForeignKeys: boolean): Promise<void> {
    const timeoutMs = this.#environment.lockTimeoutMs;
    await this.#dialect.revisions.begin(this.#connection, { enforceForeignKeys, timeoutMs });
  }

  /** Undoes the transaction; a failure to do so must not hide why. */
  async #rollback(cause: unknown): Promise<void> {
    this.#cache.forget();
    try {
      await this.#dialect.revisions.rollback(this.#connection);
    } catch (failure) {
      if (!isLimbeckError(cause)) throw failure;
    }
  }

  async #retire(): Promise<void> {
    try {
      await this.#dialect.revisions.retire(this.#connection);
    } catch (cause) {
      // The word is only for the message of others; a run that is done is not undone by it.
      if (!isLimbeckError(cause)) throw cause;
    }
  }

  /** What a revision's own code threw, with the revision it belongs to. */
  #located(cause: unknown, step: MigrationStep): unknown {
    if (isLimbeckError(cause)) return cause;
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const path = placeIn(step.revision.path ?? step.revision.id, cause);
    const failed = error('MIGRATION_FAILED', { revision: step.revision.id, path, reason }, { cause });
    if (cause instanceof Error && cause.stack) {
      const frames = cause.stack.split('\n').filter((line) => /^\s+at /.test(line));
      failed.stack = [`${failed.name}: ${failed.message}`, ...frames].join('\n');
    }
    return failed;
  }

  #tell(step: RunStep): void {
    this.#steps.push(step);
    this.#environment.onEvent({ kind: 'running', step });
  }
}

/** Thrown when broken rows were found and nobody knows which of them are new. */
class CompareBrokenKeys extends Error {}

/** A file with the line on which something was thrown, where the stack tells it. */
function placeIn(path: string, cause: unknown): string {
  const stack = cause instanceof Error ? (cause.stack ?? '') : '';
  const start = stack.indexOf(`${path}:`) + path.length;
  return path + (start < path.length ? '' : (/^:\d+(?::\d+)?/.exec(stack.slice(start))?.[0] ?? ''));
}

function brokenRow(key: BrokenForeignKey, row: string): string {
  return JSON.stringify([key.table, key.columns, key.refTable, row]);
}

function runStep(step: MigrationStep): RunStep {
  return { direction: step.direction, line: stepLine(step), revision: step.revision.id };
}
