/**
 * Runs revisions on a database under the lock: one transaction each, together with its version row, or step by
 * step in the journal where no transaction can hold all of it.
 *
 * Several runners may share a run: after the lock is taken the rows are read again, so each revision is
 * applied once, by whoever comes first. A crash at any instant leaves whole revisions, applied or not, or the
 * steps on record from which the next run resumes.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import { error } from '../base/error-codes.js';
import { isLimbeckError, type LimbeckError } from '../base/errors.js';
import type { BrokenForeignKey, Connection, Dialect } from '../dialects/contract.js';
import { Bookkeeper, type RunReport } from './bookkeeper.js';
import type { MigrationDirectory } from './directory.js';
import { type MigrationEnvironment, ownTables } from './environment.js';
import {
  type MigrationStep,
  planDowngrade,
  planTakeBack,
  planUpgrade,
  remainingFrom,
  stepLine,
} from './history/path.js';
import { canonicalHeads } from './history/resolve.js';
import { tellVersionApplied } from './hooks/version-applied.js';
import { recordOf, requireUnchanged } from './integrity.js';
import { Journal } from './journal.js';
import { JournaledSteps } from './journaled-steps.js';
import type { MigrationModule } from './operations-api.js';
import { runMigration } from './replay/record.js';
import { RestartStepwise, type Steps, TransactionSteps } from './steps.js';
import { DatabaseTarget, RestartWithoutForeignKeys, SchemaCache } from './target-database.js';
import type { RunStep } from './types.js';
import { VersionTable } from './version-table.js';

/** Under which conditions a revision runs; where they do not suit it, it is begun again under others. */
interface Conditions {
  readonly foreignKeys: boolean;
  /** One step after the other, each in the journal, instead of one transaction. */
  readonly stepwise: boolean;
}

/** One revision under its conditions. */
interface Attempt extends Conditions {
  readonly step: MigrationStep;
  readonly module: MigrationModule;
  /** Whether it was begun before, step by step, and not finished. */
  readonly resumes: boolean;
  readonly starting: () => void;
  /** Hears of the tables that are worked on, to name who holds them. */
  readonly working: (tables: readonly string[]) => void;
}

/**
 * Pauses between two attempts at a lock that others hold: those who were held up behind one attempt get on in the
 * pause, so it is a few times as long as an attempt may take.
 */
const FIRST_PAUSE_MS = 50;
const SHORTEST_LIMIT_MS = 200;
const ATTEMPTS_IN_A_PAUSE = 3;

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
    this.#requireTransactions();
    let rows: readonly string[] = await this.#versions.rows(connection);
    let steps = plan(rows);
    const begun = steps.map(({ revision }) => revision.id);
    const modules = await this.#load(steps);
    requireUnchanged(this.#directory, await this.#journal.appliedFiles(connection));
    if (steps.length === 0) return { steps: [], heads: await this.#ensureTable(rows), warnings: [] };
    await this.#dialect.revisions.announce(connection, { timeoutMs: this.#environment.lockTimeoutMs });
    try {
      for (let done = 0; done < steps.length; ) {
        const outcome = await this.#runSteps(steps, done, modules);
        rows = outcome.rows;
        const next = remainingFrom(steps, rows, done + outcome.ran);
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

  /** Makes the version table where it is missing; a database that has it is not written to. */
  async #ensureTable(known: readonly string[]): Promise<readonly string[]> {
    if (await this.#dialect.tableExists(this.#connection, this.#environment.versionTable)) return known;
    return new Bookkeeper(this.#environment, this.#directory, this.#connection).ensureVersion();
  }

  /** All files are loaded before anything runs: a broken one must not be found half-way. */
  async #load(steps: readonly MigrationStep[]): Promise<Map<string, MigrationModule>> {
    const modules = new Map<string, MigrationModule>();
    for (const { revision } of steps) modules.set(revision.id, await this.#directory.module(revision.id));
    return modules;
  }

  /**
   * What one transaction is to hold, one revision or all that are left; begun again where it turns out to need other
   * conditions, or where a lock is in the way.
   */
  async #runSteps(
    steps: readonly MigrationStep[],
    index: number,
    modules: Modules,
  ): Promise<{ readonly rows: readonly string[]; readonly ran: number }> {
    this.#knownBroken = undefined;
    const group = this.#isOneTransaction ? steps.slice(index) : steps.slice(index, index + 1);
    let step = group[0] as MigrationStep;
    const deadline = Date.now() + this.#environment.lockTimeoutMs;
    let conditions: Conditions = {
      foreignKeys: true,
      stepwise: !this.#dialect.capabilities.transactionalDdl,
    };
    let tables: readonly string[] = [];
    const told = new Set<MigrationStep>();
    // Not before the first step: a revision that has to be begun again may meanwhile be done by another run.
    const starting = (): void => {
      if (!told.has(step)) this.#tell(runStep(step));
      told.add(step);
    };
    const working = (names: readonly string[]): void => {
      tables = names;
    };
    for (let attempt = 0; ; attempt++) {
      await this.#begin(conditions);
      try {
        const rows = await this.#versions.rows(this.#connection);
        if (remainingFrom(steps, rows, index) !== index) {
          await this.#dialect.revisions.rollback(this.#connection);
          // Told, begun again, and meanwhile done by another run.
          this.#steps.splice(this.#steps.length - told.size);
          return { rows, ran: 0 };
        }
        for (step of group) {
          const resumes = await this.#isHalfDone(step);
          if (resumes) requireStepwise(conditions);
          const module = modules.get(step.revision.id) as MigrationModule;
          await this.#runRevision({ ...conditions, step, module, resumes, starting, working });
          starting();
        }
        await this.#dialect.revisions.commit(this.#connection);
        return { rows: step.headsAfter, ran: group.length };
      } catch (cause) {
        await this.#rollback(cause);
        const next = this.#otherConditions(conditions, cause);
        if (next?.stepwise && this.#isOneTransaction)
          throw error('ONE_TRANSACTION_IMPOSSIBLE', { revision: step.revision.id });
        if (next !== undefined) conditions = next;
        else if (cause instanceof CompareBrokenKeys) this.#knownBroken = await this.#brokenBefore();
        else if (isLockInTheWay(cause)) await this.#waitForLock(cause, { attempt, deadline, tables });
        else {
          starting();
          throw this.#located(cause, step);
        }
      }
    }
  }

  /** Whether all revisions of a run are kept or undone together. */
  get #isOneTransaction(): boolean {
    return this.#environment.transactionPerMigration === false;
  }

  /** @throws CAPABILITY_MISSING where all revisions of a run are to be in one transaction, and none can hold them */
  #requireTransactions(): void {
    if (!this.#isOneTransaction || this.#dialect.capabilities.transactionalDdl) return;
    const feature = 'transaction that holds changes of the schema';
    const object = 'transactionPerMigration: false';
    throw error('CAPABILITY_MISSING', { database: this.#dialect.name, feature, object });
  }

  /** What to begin a revision again with; undefined where that would not help. */
  #otherConditions(now: Conditions, cause: unknown): Conditions | undefined {
    if (cause instanceof RestartWithoutForeignKeys && now.foreignKeys) return { ...now, foreignKeys: false };
    const isUncommitted = isLimbeckError(cause) && cause.code === 'ENUM_VALUE_UNCOMMITTED';
    const needsSteps = isUncommitted || cause instanceof RestartStepwise;
    return needsSteps && !now.stepwise ? { ...now, stepwise: true } : undefined;
  }

  /** Waits a while, or gives up and names who is in the way. */
  async #waitForLock(
    cause: LimbeckError,
    at: { readonly attempt: number; readonly deadline: number; readonly tables: readonly string[] },
  ): Promise<void> {
    const blockers = (await this.#dialect.revisions.blockers?.(this.#connection, at.tables)) ?? [];
    if (Date.now() >= at.deadline) {
      const { reason } = cause.context as { readonly reason?: string };
      throw error('LOCK_NOT_AVAILABLE', { reason: reason ?? cause.message, blockers }, { cause });
    }
    if (at.attempt === 0) {
      const who = blockers.length === 0 ? 'others' : blockers.join('; ');
      this.#warn(`Waiting for a lock that is held by ${who}.`);
    }
    const { tableWaitMs = 0 } = this.#dialect.revisions;
    const limit = Math.max(SHORTEST_LIMIT_MS, ATTEMPTS_IN_A_PAUSE * tableWaitMs);
    const pause = Math.min(limit, FIRST_PAUSE_MS * 2 ** Math.min(at.attempt, 8));
    await sleep(Math.min(pause * (0.5 + Math.random()), Math.max(0, at.deadline - Date.now())));
  }

  /** Whether a revision was begun step by step and not finished. @throws REVISION_UNFINISHED where another was */
  async #isHalfDone(step: MigrationStep): Promise<boolean> {
    const unfinished = await this.#journal.unfinished(this.#connection);
    if (unfinished === undefined) return false;
    if (unfinished.revision === step.revision.id && unfinished.direction === step.direction) return true;
    throw error('REVISION_UNFINISHED', unfinished);
  }

  async #runRevision(attempt: Attempt): Promise<void> {
    const { step, module, foreignKeys, stepwise } = attempt;
    await this.#versions.ensure(this.#connection);
    await this.#journal.ensure(this.#connection);
    const warnings: string[] = [];
    const steps = await this.#openSteps(attempt);
    const target = new DatabaseTarget({
      dialect: this.#dialect,
      connection: this.#connection,
      cache: this.#cache,
      steps,
      // From the first step on: a plan in another order would not be the one that is on record.
      planOptions: { commitEnumValues: stepwise },
      foreignKeysEnforced: foreignKeys,
      starting: attempt.starting,
      warn: (text) => warnings.push(text),
      customOperations: this.#environment.hooks?.operations ?? {},
    });
    try {
      await runMigration(module, step.direction, target);
    } catch (cause) {
      attempt.working(target.tables);
      if (steps instanceof JournaledSteps) await this.#abandon(steps, step, cause);
      throw cause;
    }
    if (!foreignKeys) await this.#refuseBrokenKeys();
    await this.#finish(step);
    for (const text of warnings) this.#warn(text);
  }

  async #openSteps({ step: { revision, direction }, stepwise, resumes }: Attempt): Promise<Steps> {
    const { revisions } = this.#dialect;
    if (!stepwise) return new TransactionSteps(this.#connection, revisions.fingerprint !== undefined);
    const connection = this.#connection;
    const journal = this.#journal;
    if (!resumes) {
      const { checksum } = this.#directory.file(revision.id);
      await journal.begun(connection, revision.id, direction, checksum);
    }
    const steps = await JournaledSteps.open({
      dialect: this.#dialect,
      connection,
      journal,
      revision: revision.id,
    });
    if (resumes && steps.done > 0) {
      this.#warn(`Resuming the ${direction} of ${revision.id} behind the ${steps.done} steps that are done.`);
    }
    return steps;
  }

  /** After a failure: a revision of which nothing was done counts as never begun. */
  async #abandon(steps: JournaledSteps, { revision }: MigrationStep, cause: unknown): Promise<void> {
    try {
      if (this.#connection.inTransaction) await this.#connection.run('ROLLBACK');
      const changed = await steps.hasChanged();
      if (!changed) await this.#journal.forget(this.#connection, revision.id);
      else if (!isLockInTheWay(cause)) {
        this.#warn(
          `Revision ${revision.id} is half applied: no transaction holds its steps here. The next run resumes behind those that are done.`,
        );
      }
    } catch (second) {
      // A broken connection; the next run finds what is on record.
      if (!isLimbeckError(second)) throw second;
    }
  }

  /** The version row, and with it the journal's: the revision is done, all at once. */
  async #finish(step: MigrationStep): Promise<void> {
    await this.#transaction();
    await this.#versions.apply(this.#connection, step.rows);
    const { id } = step.revision;
    if (step.direction === 'downgrade') await this.#journal.forget(this.#connection, id);
    else await this.#journal.applied(this.#connection, recordOf(this.#directory.file(id)));
    const database = { dialect: this.#dialect, connection: this.#connection };
    const applied = { ...runStep(step), heads: step.headsAfter };
    await tellVersionApplied(this.#environment.hooks, database, applied);
  }

  #warn(text: string): void {
    this.#warnings.push(text);
    this.#environment.onEvent({ kind: 'warning', text });
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

  async #begin({ foreignKeys, stepwise }: Pick<Conditions, 'foreignKeys' | 'stepwise'>): Promise<void> {
    this.#cache.begin();
    const timeoutMs = this.#environment.lockTimeoutMs;
    await this.#dialect.revisions.begin(this.#connection, {
      enforceForeignKeys: foreignKeys,
      timeoutMs,
      stepwise,
    });
  }

  /** A transaction for rows, where none is open. */
  async #transaction(): Promise<void> {
    if (!this.#connection.inTransaction) await this.#connection.run(this.#dialect.begin.write);
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

/** @throws RestartStepwise where a transaction is open for what can only go on step by step */
function requireStepwise({ stepwise }: Conditions): void {
  if (!stepwise) throw new RestartStepwise();
}

function isLockInTheWay(cause: unknown): cause is LimbeckError {
  return isLimbeckError(cause) && cause.code === 'LOCK_NOT_AVAILABLE';
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
