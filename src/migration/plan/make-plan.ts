/** Makes the document of `plan` from what the pending revisions do when they are replayed. */

import type { Dialect, Plan, PlanCheck } from '../../dialects/contract.js';
import { impactsOn } from '../../dialects/shared/impact.js';
import { distinctChecks } from '../../dialects/shared/plan-checks.js';
import { tableOf } from '../../dialects/shared/statement-words.js';
import type { Operation } from '../../schema/operations.js';
import { describeChanges } from '../autogenerate/changes.js';
import type { MigrationDirectory } from '../directory.js';
import type { RecordedStep } from '../replay/record.js';
import { planOfStep, stepScript } from '../replay/script.js';
import type { RecordedMigration } from '../replay/timeline.js';
import type { LiveRows } from './live-rows.js';
import { lossOf, oneByOne, reversibilityOf } from './losses.js';
import type { PlannedCheck, PlannedOperation, PlannedRevision, PlannedStep, TableRows } from './types.js';

/** What the steps of a plan so far have done, as far as it matters to questions about the rows of today. */
class Progress {
  /** Tables by the name that they have by now, with the one that the database knows. */
  readonly #renamed = new Map<string, string | undefined>();
  readonly #touched = new Set<string>();
  #isUnknown = false;

  /** The name by which the database knows a table; undefined for one that is still to be made. */
  liveName(table: string): string | undefined {
    return this.#renamed.has(table) ? this.#renamed.get(table) : table;
  }

  /** Whether an answer of today is the answer when the plan gets there. */
  isUntouched(table: string): boolean {
    return !this.#isUnknown && !this.#touched.has(table);
  }

  note(operation: Operation): void {
    const table = tableOf(operation);
    if (table !== undefined) this.#touched.add(table);
    if (operation.kind === 'createTable') this.#renamed.set(operation.table.name, undefined);
    if (operation.kind !== 'renameTable') return;
    this.#renamed.set(operation.to, this.liveName(operation.table));
    this.#renamed.set(operation.table, undefined);
    this.#touched.add(operation.to);
  }

  noteRows(table: string | undefined): void {
    if (table === undefined) this.#isUnknown = true;
    else this.#touched.add(table);
  }
}

export interface PlanMaterial {
  readonly dialect: Dialect;
  readonly directory: MigrationDirectory;
  /** Undefined where no database was asked. */
  readonly rows: LiveRows | undefined;
}

/** The revisions of a plan, in order. */
export async function planRevisions(
  material: PlanMaterial,
  recorded: readonly RecordedMigration[],
): Promise<PlannedRevision[]> {
  const progress = new Progress();
  const revisions: PlannedRevision[] = [];
  for (const run of recorded) revisions.push(await planRevision(material, run, progress));
  return revisions;
}

async function planRevision(
  material: PlanMaterial,
  run: RecordedMigration,
  progress: Progress,
): Promise<PlannedRevision> {
  const { dialect, directory } = material;
  const { revision } = run.step;
  const stepwise = isStepwise(dialect, run);
  const fresh = new Set<string>();
  const steps: PlannedStep[] = [];
  let suspendsForeignKeys = false;
  for (const step of run.steps) {
    const scripted = step.kind === 'schema' && material.rows ? { ...step, opaque: [] } : step;
    const script = stepScript(dialect, scripted, { commitEnumValues: stepwise });
    suspendsForeignKeys ||= script.suspendsForeignKeys;
    const about =
      step.kind === 'schema'
        ? await planSchemaStep(material, { step, stepwise, fresh, progress })
        : planDataStep(step, progress);
    steps.push({ kind: step.kind, ...about, sql: script.lines });
  }
  return {
    revision: revision.id,
    downRevisions: revision.downRevisions,
    message: revision.message,
    path: revision.path ?? null,
    transaction: stepwise ? 'step by step' : 'one',
    suspendsForeignKeys,
    reversible: await reversibilityOf(dialect, await directory.module(revision.id), run),
    steps,
  };
}

/** Whether no transaction can hold all of a revision. */
function isStepwise(dialect: Dialect, { steps }: RecordedMigration): boolean {
  if (!dialect.capabilities.transactionalDdl) return true;
  const goesOutside = steps.some(({ kind }) => kind === 'outside');
  if (goesOutside && dialect.revisions.fingerprint !== undefined) return true;
  return steps.some(
    (step) =>
      step.kind === 'schema' &&
      planOfStep(dialect, step, {}).steps.some((each) => each.kind === 'statement' && each.outside),
  );
}

interface SchemaCircumstances {
  readonly step: Extract<RecordedStep, { kind: 'schema' }>;
  readonly stepwise: boolean;
  /** Tables that the revision itself has made. */
  readonly fresh: Set<string>;
  readonly progress: Progress;
}

type AboutStep = Pick<PlannedStep, 'changes' | 'checks'>;

async function planSchemaStep(
  material: PlanMaterial,
  { step, stepwise, fresh, progress }: SchemaCircumstances,
): Promise<AboutStep> {
  const { dialect, rows } = material;
  const plan = planOfStep(dialect, step, { commitEnumValues: stepwise });
  const checks = await answerChecks(checksOf(plan, step.operations), rows, progress);
  const changes: PlannedOperation[] = [];
  for (const { schema, operation } of oneByOne(step.before, step.operations)) {
    if (operation.kind === 'createTable') fresh.add(operation.table.name);
    if (operation.kind === 'renameTable' && fresh.has(operation.table)) fresh.add(operation.to);
    const impacts = impactsOn(dialect.impact(schema, operation), (table) => !fresh.has(table));
    const worked = impacts.filter(({ work }) => work !== 'catalog').flatMap(({ tables }) => tables);
    const table = tableOf(operation);
    if (table !== undefined && lossOf(schema, operation) !== undefined) worked.push(table);
    changes.push({
      words: describeChanges(schema, [operation]),
      place: step.sites.get(operation)?.place ?? null,
      impacts,
      rows: rows === undefined ? [] : await rowsOf(rows, progress, [...new Set(worked)]),
    });
    progress.note(operation);
  }
  return { changes, checks };
}

async function rowsOf(rows: LiveRows, progress: Progress, tables: readonly string[]): Promise<TableRows[]> {
  const counted: TableRows[] = [];
  for (const table of tables) {
    const name = progress.liveName(table);
    const found = name === undefined ? undefined : await rows.of(name);
    if (found !== undefined) counted.push({ ...found, table });
  }
  return counted;
}

/** Those that a directive asks for; what a plan asks of its own work only makes sense in the run. */
function checksOf({ steps }: Plan, operations: readonly Operation[]): PlanCheck[] {
  const checks = steps.flatMap((step) => {
    if (step.kind === 'check') return [step];
    return step.kind === 'statement' ? (step.diagnoses ?? []) : [];
  });
  return distinctChecks(checks.filter(({ operation }) => operations.includes(operation)));
}

async function answerChecks(
  checks: readonly PlanCheck[],
  rows: LiveRows | undefined,
  progress: Progress,
): Promise<PlannedCheck[]> {
  const answers: PlannedCheck[] = [];
  for (const check of checks) {
    const { table, columns, problem, remedy, countSql } = check;
    // A table that has another name by now cannot be asked in the words of the plan.
    const isThere = progress.liveName(table) === table;
    const found = isThere ? await rows?.countFor(table, countSql) : undefined;
    const isCertain = found !== undefined && progress.isUntouched(table);
    answers.push({ table, columns, problem, remedy, rows: found ?? null, isCertain });
  }
  return answers;
}

function planDataStep(step: Exclude<RecordedStep, { kind: 'schema' }>, progress: Progress): AboutStep {
  if (step.kind === 'execute') progress.noteRows(undefined);
  if (step.kind === 'insert') progress.noteRows(step.table);
  const place = step.kind === 'outside' ? null : (step.site.place ?? null);
  return { changes: [{ words: [dataWords(step)], place, impacts: [], rows: [] }], checks: [] };
}

function dataWords(step: Exclude<RecordedStep, { kind: 'schema' }>): string {
  switch (step.kind) {
    case 'execute':
      return step.effect === undefined ? 'runs SQL' : 'runs SQL of which the file says the effect';
    case 'insert':
      return `inserts ${step.rows.length} ${step.rows.length === 1 ? 'row' : 'rows'} into '${step.table}'`;
    case 'require':
      return `requires: ${step.message}`;
    case 'outside':
      return step.begins ? 'leaves the transaction' : 'comes back into a transaction';
    default:
      return step satisfies never;
  }
}
