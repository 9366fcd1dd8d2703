/**
 * `--sql`: what a run would do, as a script for somebody else to run. No database is asked; where it stands
 * is said by the range, and the schema comes from replaying the files.
 */

import { error } from '../../base/error-codes.js';
import type { Dialect, Plan, PlanOptions, PlanStatement } from '../../dialects/contract.js';
import { byName, type Schema } from '../../schema/model.js';
import type { MigrationDirectory } from '../directory.js';
import type { MigrationEnvironment } from '../environment.js';
import { isRange, parseRange } from '../history/argument.js';
import { planDowngrade, planUpgrade, type Step, stepLine } from '../history/path.js';
import { resolveRevisions } from '../history/resolve.js';
import { planStamp } from '../history/stamp.js';
import type { MigrationRow } from '../operations-api.js';
import { insertText, planAt, rowEncoder } from '../target-database.js';
import type { RunResult, RunStep } from '../types.js';
import { VersionTable } from '../version-table.js';
import { sqlLiteral } from './literal.js';
import type { OpaqueStep, RecordedRun, RecordedStep } from './record.js';
import { Timeline } from './timeline.js';

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
  const runs = steps.filter((step) => step.direction !== 'stamp');
  const recorded = await new Timeline(environment, directory).record(from, runs, 'refused');
  for (const [index, step] of steps.entries()) {
    const run = recorded[index];
    const script = run === undefined ? { lines: [], suspendsForeignKeys: false } : scriptOf(dialect, run);
    const lines = [...script.lines, ...versions.script(step.rows).map((sql) => `${sql};`)];
    const block = dialect.revisionScript([`-- ${stepLine(step)}`, '', ...lines], script.suspendsForeignKeys);
    blocks.push(block.join('\n'));
  }
  return {
    steps: steps.map(runStep),
    heads: steps.at(-1)?.headsAfter ?? from,
    warnings: recorded.flatMap(({ warnings }) => warnings),
    sql: `${blocks.join('\n\n')}\n`,
  };
}

/** The statements of one revision. */
export interface RevisionScript {
  readonly lines: readonly string[];
  /** Whether foreign keys must be off while it runs. */
  readonly suspendsForeignKeys: boolean;
}

/**
 * Writes what a revision does as SQL.
 *
 * @throws OFFLINE_REBUILD where a table is to be rebuilt of which not everything is known
 */
export function scriptOf(dialect: Dialect, run: RecordedRun): RevisionScript {
  // Nobody is there to begin a script again where a later statement uses a new value.
  const scripts = run.steps.map((step) => stepScript(dialect, step, { commitEnumValues: true }));
  return {
    lines: scripts.flatMap(({ lines }) => lines),
    suspendsForeignKeys: scripts.some((script) => script.suspendsForeignKeys),
  };
}

/** The statements of one step. */
export function stepScript(dialect: Dialect, step: RecordedStep, options: PlanOptions): RevisionScript {
  if (step.kind !== 'schema') return { lines: dataLines(dialect, step), suspendsForeignKeys: false };
  const plan = planOfStep(dialect, step, options);
  const { suspendsForeignKeys } = plan;
  return { lines: planLines(dialect, plan, step.before, step.opaque), suspendsForeignKeys };
}

/** What the directives of a recorded step become. */
export function planOfStep(
  dialect: Dialect,
  { before, operations, sites }: Extract<RecordedStep, { kind: 'schema' }>,
  options: PlanOptions,
): Plan {
  return planAt(() => dialect.plan(before, operations, options), operations, sites);
}

function planLines(
  dialect: Dialect,
  plan: Plan,
  schema: Schema,
  opaque: readonly OpaqueStep[],
): readonly string[] {
  return plan.steps.flatMap((step) => {
    switch (step.kind) {
      case 'statement':
        return statementLines(dialect, step);
      case 'check':
        return [
          `-- must be 0, rows of '${step.table}' that ${step.problem}:\n-- ${step.countSql.replaceAll('\n', ' ')}`,
        ];
      case 'remember': {
        const unknown = opaque.find(({ touchesTables }) => touchesTables);
        if (unknown === undefined) return [];
        throw error('OFFLINE_REBUILD', { table: step.table, step: unknown.text.slice(0, 80) });
      }
      case 'replay':
        return schema.triggers.flatMap((trigger) => {
          const text = trigger.sql[dialect.name] ?? trigger.sql.default;
          return trigger.table === step.table && text !== undefined ? [`${text};`] : [];
        });
      case 'probe':
        // A script is only text; what it breaks shows when it runs.
        return [];
      default:
        return step satisfies never;
    }
  });
}

/** What no transaction holds stands between two of them. */
function statementLines(dialect: Dialect, { sql, outside }: PlanStatement): string[] {
  const alone = outside !== undefined && dialect.capabilities.transactionalDdl;
  return alone ? ['COMMIT;', `${sql};`, 'BEGIN;'] : [`${sql};`];
}

function dataLines(dialect: Dialect, step: Exclude<RecordedStep, { kind: 'schema' }>): string[] {
  switch (step.kind) {
    case 'execute':
      return [terminated(step.text)];
    case 'insert':
      return insertLines(dialect, step);
    case 'require':
      return [`-- must be true, or ${step.message}:\n-- ${step.text.replaceAll('\n', ' ')}`];
    case 'outside':
      // A script has no other way to say it than to end the transaction before.
      if (dialect.revisions.fingerprint === undefined || !dialect.capabilities.transactionalDdl) return [];
      return [step.begins ? 'COMMIT;' : 'BEGIN;'];
    default:
      return step satisfies never;
  }
}

/** A comment at the end would swallow the semicolon, and the next statement with it. */
function terminated(text: string): string {
  const statement = text.trim().replace(/;$/, '');
  return /--[^\n]*$/.test(statement) ? `${statement}\n;` : `${statement};`;
}

function insertLines(
  dialect: Dialect,
  { table, rows, schema }: Extract<RecordedStep, { kind: 'insert' }>,
): string[] {
  // A table that free SQL has made is not in the picture, and its values go as they stand.
  const isKnown = byName(schema.tables, table) !== undefined;
  const stored = isKnown ? rowEncoder(dialect, schema, table) : storedAsGiven;
  return rows.map((row) => {
    const values = stored(row);
    const texts = values.map(({ value }) => sqlLiteral(dialect, value));
    return `${insertText(dialect, table, values, texts)};`;
  });
}

function storedAsGiven(row: MigrationRow): { readonly column: string; readonly value: unknown }[] {
  return Object.entries(row)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => ({ column, value }));
}

function runStep(step: Step): RunStep {
  return {
    direction: step.direction,
    line: stepLine(step),
    revision: step.revision?.id ?? (step.to || null),
  };
}
