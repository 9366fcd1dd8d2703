/**
 * The migration commands as plain functions that return data; the command line and `migrations()` are their
 * two doors.
 */

import { error } from '../base/error-codes.js';
import { isLimbeckError } from '../base/errors.js';
import type { Connection, Database, Dialect, OpenOptions } from '../dialects/contract.js';
import { type Generated, type GenerateOptions, generate } from './autogenerate/autogenerate.js';
import { requireDecided } from './autogenerate/decisions.js';
import { MigrationDirectory } from './directory.js';
import { type MigrationEnvironment, ownTables } from './environment.js';
import { branchBlock, currentLine, headLine, historyLine, verboseBlock } from './history/describe.js';
import type { RevisionGraph } from './history/graph.js';
import { planMerge, planRevision } from './history/new-revision.js';
import { planUpgrade } from './history/path.js';
import { rangeNeedsDatabase, selectHistory } from './history/range.js';
import { currentRevisions, isUpToDate, resolveRevisions } from './history/resolve.js';
import type { Revision } from './history/revision.js';
import { planStamp } from './history/stamp.js';
import { Journal } from './journal.js';
import { dateText, fileName, folderFor, newRevisionId, writeNewFile } from './new-file.js';
import { renderFile, type Section } from './render/file.js';
import { languageOf } from './render/language.js';
import { Runner, type RunReport } from './runner.js';
import { scriptDowngrade, scriptEnsureVersion, scriptStamp, scriptUpgrade } from './script.js';
import type {
  Difference,
  MergeOptions,
  Migrations,
  RevisionEntry,
  RevisionOptions,
  RevisionResult,
  RunOptions,
  RunResult,
} from './types.js';
import { VersionTable } from './version-table.js';

/** The commands for one environment. */
export function migrationCommands(environment: MigrationEnvironment): Migrations {
  return new MigrationCommands(environment);
}

class MigrationCommands implements Migrations {
  readonly #environment: MigrationEnvironment;

  constructor(environment: MigrationEnvironment) {
    this.#environment = environment;
  }

  async revision(options: RevisionOptions = {}): Promise<RevisionResult | null> {
    const directory = await this.#directory();
    const id = options.revId ?? newRevisionId();
    const planned = planRevision(directory.graph, {
      id,
      head: options.head,
      splice: options.splice,
      branchLabels: options.branchLabel === undefined ? [] : [options.branchLabel],
      dependsOn: options.dependsOn,
      doc: options.message ?? '',
    });
    if (!options.autogenerate) return this.#write(directory, planned, options, undefined);
    const generated = await this.#generate(directory, options, true);
    requireDecided(generated.open);
    if (generated.operations.length === 0) return null;
    for (const text of generated.changes)
      this.#environment.onEvent({ kind: 'detected', text: `Detected ${text}` });
    for (const text of generated.warnings) this.#environment.onEvent({ kind: 'warning', text });
    return this.#write(directory, planned, options, generated);
  }

  async merge(revisions: string | readonly string[], options: MergeOptions = {}): Promise<RevisionResult> {
    const directory = await this.#directory();
    const planned = planMerge(directory.graph, {
      id: options.revId ?? newRevisionId(),
      revisions: typeof revisions === 'string' ? [revisions] : revisions,
      splice: options.splice,
      branchLabels: options.branchLabel === undefined ? [] : [options.branchLabel],
      doc: options.message ?? '',
    });
    return this.#write(directory, planned, options, undefined);
  }

  async #write(
    directory: MigrationDirectory,
    planned: Revision,
    options: { readonly message?: string | undefined; readonly versionPath?: string | undefined },
    generated: Generated | undefined,
  ): Promise<RevisionResult> {
    const environment = this.#environment;
    const [parent] = planned.downRevisions;
    const folder = folderFor(
      environment,
      options.versionPath,
      parent === undefined ? undefined : directory.file(parent),
    );
    const message = options.message ?? '';
    const date = new Date();
    const none: readonly Section[] = [];
    const text = renderFile({
      revision: planned.id,
      downRevisions: planned.downRevisions,
      branchLabels: planned.branchLabels,
      dependsOn: planned.dependsOn,
      message,
      createDate: dateText(date, environment.timezone),
      upgrade: generated?.upgrade ?? none,
      downgrade: generated?.downgrade ?? none,
      language: await languageOf(folder, environment.extension),
    });
    const path = await writeNewFile(folder, fileName(planned.id, message, date, environment), text);
    return {
      revision: planned.id,
      path,
      operations: generated?.operations ?? [],
      changes: generated?.changes ?? [],
      warnings: generated?.warnings ?? [],
    };
  }

  async #generate(
    directory: MigrationDirectory,
    options: GenerateOptions,
    asks: boolean,
  ): Promise<Generated> {
    const environment = this.#environment;
    if (environment.models === undefined) throw error('MODELS_MISSING', {});
    const models = await environment.models();
    return this.#inspect(async (connection, dialect) => {
      await this.#requireUpToDate(directory.graph, connection);
      if (connection !== undefined) {
        const unfinished = await new Journal(dialect).unfinished(connection);
        if (unfinished !== undefined) throw error('REVISION_UNFINISHED', unfinished);
      }
      const database = { dialect, connection, ignoreTables: ownTables(environment) };
      return generate(database, models, options, asks ? environment.decider : undefined);
    });
  }

  async #requireUpToDate(graph: RevisionGraph, connection: Connection | undefined): Promise<void> {
    const current = await this.#rows(connection);
    if (!isUpToDate(graph, current)) throw error('NOT_UP_TO_DATE', { current, heads: graph.realHeads });
  }

  async diff(options: GenerateOptions = {}): Promise<Difference> {
    const generated = await this.#generate(await this.#directory(), options, false);
    const { operations, changes } = generated;
    return {
      operations,
      changes,
      warnings: [...generated.open.map(({ text }) => text), ...generated.warnings],
    };
  }

  async check(): Promise<Difference> {
    const difference = await this.diff();
    const { changes } = difference;
    if (changes.length > 0) throw error('NEW_OPERATIONS', { changes });
    return difference;
  }

  async upgrade(target: string, options: RunOptions = {}): Promise<RunResult> {
    const directory = await this.#directory();
    if (options.sql) return scriptUpgrade(this.#environment, directory, target);
    // A wrong target must not leave a new empty file behind, so what is missing is asked about first.
    const exists = await this.#exists();
    if (!exists) await this.#planFromNothing(directory, target);
    const report = await this.#run('create', directory, (runner) => runner.upgrade(target));
    if (directory.graph.revisions.length > 0) return report;
    // A folder that is mistyped looks the same as one that nothing has been written to yet.
    const text = `There is no migration in ${this.#environment.folders.join(', ')}.`;
    this.#environment.onEvent({ kind: 'warning', text });
    return { ...report, warnings: [...report.warnings, text] };
  }

  async #planFromNothing(directory: MigrationDirectory, target: string): Promise<void> {
    for (const step of planUpgrade(directory.graph, [], target)) await directory.module(step.revision.id);
  }

  async downgrade(target: string, options: RunOptions = {}): Promise<RunResult> {
    const directory = await this.#directory();
    if (options.sql) return scriptDowngrade(this.#environment, directory, target);
    return this.#run('existing', directory, (runner) => runner.downgrade(target));
  }

  async stamp(
    targets: string | readonly string[],
    options: RunOptions & { readonly purge?: boolean } = {},
  ): Promise<RunResult> {
    const directory = await this.#directory();
    const list = typeof targets === 'string' ? [targets] : targets;
    const purge = options.purge === true;
    if (options.sql) return scriptStamp(this.#environment, directory, list, purge);
    return this.#run('existing', directory, (runner) =>
      runner.stamp((rows) => planStamp(directory.graph, rows, list, { purge }), purge),
    );
  }

  async ensureVersion(options: RunOptions = {}): Promise<RunResult> {
    if (options.sql) return scriptEnsureVersion(this.#environment);
    const directory = await this.#directory();
    return this.#run('existing', directory, async (runner) => ({
      steps: [],
      heads: await runner.ensureVersion(),
      warnings: [],
    }));
  }

  async #run(
    mode: OpenOptions['mode'],
    directory: MigrationDirectory,
    run: (runner: Runner) => Promise<RunReport>,
  ): Promise<RunResult> {
    const database = await this.#environment.open(mode);
    try {
      const lease = await database.acquire('write');
      try {
        const environment = { ...this.#environment, dialect: database.dialect };
        const runner = new Runner(environment, directory, lease.connection);
        return await this.#environment.whileHolding(() => run(runner));
      } finally {
        lease.release();
      }
    } finally {
      await database.close();
    }
  }

  async current(
    options: { readonly verbose?: boolean; readonly checkHeads?: boolean } = {},
  ): Promise<readonly RevisionEntry[]> {
    const { graph } = await this.#directory();
    const rows = await this.#inspect((connection) => this.#rows(connection));
    const current = currentRevisions(graph, rows);
    if (options.checkHeads && !isUpToDate(graph, rows)) {
      throw error('NOT_ON_ALL_HEADS', { current: rows, heads: graph.realHeads });
    }
    return current.map((id) =>
      entry(graph, id, options.verbose ? verboseBlock(graph, id) : currentLine(graph, id), current),
    );
  }

  async heads(
    options: { readonly verbose?: boolean; readonly resolveDependencies?: boolean } = {},
  ): Promise<readonly RevisionEntry[]> {
    const { graph } = await this.#directory();
    const heads = options.resolveDependencies ? graph.realHeads : graph.heads;
    return heads.map((id) =>
      entry(graph, id, options.verbose ? verboseBlock(graph, id) : headLine(graph, id)),
    );
  }

  async history(
    options: { readonly range?: string; readonly verbose?: boolean; readonly indicateCurrent?: boolean } = {},
  ): Promise<readonly RevisionEntry[]> {
    const { graph } = await this.#directory();
    const { range } = options;
    const needsRows = options.indicateCurrent === true || (range !== undefined && rangeNeedsDatabase(range));
    const rows = needsRows ? await this.#inspect((connection) => this.#rows(connection)) : undefined;
    const current = options.indicateCurrent && rows ? currentRevisions(graph, rows) : [];
    return selectHistory(graph, { range, currentHeads: rows }).map((id) => {
      const text = options.verbose
        ? verboseBlock(graph, id, { current })
        : historyLine(graph, id, { current });
      return entry(graph, id, text, current);
    });
  }

  async branches(options: { readonly verbose?: boolean } = {}): Promise<readonly RevisionEntry[]> {
    const { graph } = await this.#directory();
    return graph.branchPoints.map((id) =>
      entry(graph, id, branchBlock(graph, id, { verbose: options.verbose })),
    );
  }

  async show(revision: string): Promise<readonly RevisionEntry[]> {
    const { graph } = await this.#directory();
    const rows = /(^|@)current\b/.test(revision) ? await this.#inspect((c) => this.#rows(c)) : undefined;
    return resolveRevisions(graph, revision, { currentHeads: rows }).map((id) =>
      entry(graph, id, verboseBlock(graph, id)),
    );
  }

  #directory(): Promise<MigrationDirectory> {
    return MigrationDirectory.read(this.#environment);
  }

  async #rows(connection: Connection | undefined): Promise<string[]> {
    if (connection === undefined) return [];
    return new VersionTable(this.#environment.dialect, this.#environment.versionTable).rows(connection);
  }

  async #exists(): Promise<boolean> {
    return this.#inspect(async (connection) => connection !== undefined);
  }

  /** Reads without changing anything; a database that an upgrade would make reads as an empty one. */
  async #inspect<T>(read: (connection: Connection | undefined, dialect: Dialect) => Promise<T>): Promise<T> {
    let database: Database;
    try {
      database = await this.#environment.open('inspect');
    } catch (cause) {
      if (isMissingFile(cause)) return read(undefined, this.#environment.dialect);
      throw cause;
    }
    try {
      const lease = await database.acquire('read');
      try {
        return await read(lease.connection, database.dialect);
      } finally {
        lease.release();
      }
    } finally {
      await database.close();
    }
  }
}

/** On a server nobody makes a database by opening it, so one that is missing is one whose name is wrong. */
function isMissingFile(cause: unknown): boolean {
  if (!isLimbeckError(cause) || cause.code !== 'DATABASE_MISSING') return false;
  return !(cause.context as { readonly isOnServer?: boolean }).isOnServer;
}

function entry(
  graph: RevisionGraph,
  id: string,
  text: string,
  current: readonly string[] = [],
): RevisionEntry {
  const revision = graph.revision(id);
  return {
    revision: id,
    downRevisions: revision.downRevisions,
    dependsOn: revision.dependsOn,
    branchLabels: graph.labelsOf(id),
    message: revision.message,
    path: revision.path ?? null,
    isHead: graph.childrenOf(id).length === 0,
    isCurrent: current.includes(id),
    text,
  };
}
