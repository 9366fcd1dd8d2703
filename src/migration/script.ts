/**
 * `--sql`: what a run would do, as a script for somebody else to run. No database is asked; where it stands
 * is said by the range, and the schema comes from replaying the files.
 */

import { error } from '../base/error-codes.js';
import type { MigrationDirectory } from './directory.js';
import type { MigrationEnvironment } from './environment.js';
import { isRange, parseRange } from './history/argument.js';
import { planDowngrade, planUpgrade, type Step, stepLine } from './history/path.js';
import { resolveRevisions } from './history/resolve.js';
import { planStamp } from './history/stamp.js';
import { type Replayed, ReplayTarget, runMigration } from './replay.js';
import type { RunResult, RunStep } from './types.js';
import { VersionTable } from './version-table.js';

/** The script of an upgrade: of all from base, or of a range `FROM:TO`. */
export async function scriptUpgrade(
  environment: MigrationEnvironment,
  directory: MigrationDirectory,
  target: string,
): Promise<RunResult> {
  const { start, end } = isRange(target) ? parseRange(target) : { start: undefined, end: target };
  if (end === undefined) throw error('SQL_RANGE_INVALID', { problem: 'The range has no end.' });
  const { graph } = directory;
  const rows = start === undefined ? [] : [...resolveRevisions(graph, start)];
  return writeScript(environment, directory, rows, planUpgrade(graph, rows, end), rows.length === 0);
}

/** The script of a downgrade, which needs a range: without a database nobody knows where it stands. */
export async function scriptDowngrade(
  environment: MigrationEnvironment,
  directory: MigrationDirectory,
  target: string,
): Promise<RunResult> {
  const range = isRange(target) ? parseRange(target) : undefined;
  if (range?.start === undefined || range.end === undefined) {
    throw error('SQL_RANGE_INVALID', { problem: 'downgrade with --sql requires <fromrev>:<torev>' });
  }
  const rows = [...resolveRevisions(directory.graph, range.start)];
  return writeScript(environment, directory, rows, planDowngrade(directory.graph, rows, range.end), false);
}

/** The script of a stamp. */
export async function scriptStamp(
  environment: MigrationEnvironment,
  directory: MigrationDirectory,
  targets: readonly string[],
  purge: boolean,
): Promise<RunResult> {
  if (purge) throw error('SQL_NOT_POSSIBLE', { problem: "Can't use --purge with --sql mode" });
  const [first = '', ...more] = targets;
  const range = more.length === 0 && isRange(first) ? parseRange(first) : undefined;
  const rows = range?.start === undefined ? [] : [...resolveRevisions(directory.graph, range.start)];
  const goals = range?.end === undefined ? targets : [range.end];
  return writeScript(
    environment,
    directory,
    rows,
    planStamp(directory.graph, rows, goals),
    rows.length === 0,
  );
}

/** The script that makes the version table. */
export async function scriptEnsureVersion(environment: MigrationEnvironment): Promise<RunResult> {
  const versions = new VersionTable(environment.dialect, environment.versionTable);
  return { steps: [], heads: [], warnings: [], sql: versions.createSql.map((sql) => `${sql};\n`).join('\n') };
}

async function writeScript(
  environment: MigrationEnvironment,
  directory: MigrationDirectory,
  from: readonly string[],
  steps: readonly Step[],
  createTable: boolean,
): Promise<RunResult> {
  const { dialect } = environment;
  const versions = new VersionTable(dialect, environment.versionTable);
  const blocks: string[] = [];
  if (createTable) blocks.push(versions.createSql.map((sql) => `${sql};`).join('\n'));
  let replayed = await replayTo(environment, directory, from);
  const warnings: string[] = [];
  for (const step of steps) {
    const lines: string[] = [];
    let suspends = false;
    if (step.direction !== 'stamp') {
      const target = new ReplayTarget(dialect, replayed, (sql) => lines.push(sql));
      await runMigration(await directory.module(step.revision.id), step.direction, target);
      replayed = target.replayed;
      suspends = target.suspendsForeignKeys;
      warnings.push(...target.warnings);
    }
    lines.push(...versions.script(step.rows).map((sql) => `${sql};`));
    blocks.push(dialect.revisionScript([`-- ${stepLine(step)}`, '', ...lines], suspends).join('\n'));
  }
  return {
    steps: steps.map(runStep),
    heads: steps.at(-1)?.headsAfter ?? from,
    warnings,
    sql: `${blocks.join('\n\n')}\n`,
  };
}

/** What the files describe when certain revisions are the heads. */
async function replayTo(
  environment: MigrationEnvironment,
  directory: MigrationDirectory,
  heads: readonly string[],
): Promise<Replayed> {
  const target = new ReplayTarget(environment.dialect);
  for (const step of planUpgrade(directory.graph, [], heads)) {
    await runMigration(await directory.module(step.revision.id), 'upgrade', target);
  }
  return target.replayed;
}

function runStep(step: Step): RunStep {
  return {
    direction: step.direction,
    line: stepLine(step),
    revision: step.revision?.id ?? (step.to || null),
  };
}
