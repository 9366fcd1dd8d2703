/**
 * The schema that the files describe at any revision, found by replaying them into nothing: each is replayed
 * once, however often it is asked for.
 */

import type { CustomOperations } from '../custom/types.js';
import type { MigrationDirectory } from '../directory.js';
import type { MigrationEnvironment } from '../environment.js';
import { type MigrationStep, planUpgrade } from '../history/path.js';
import { NOTHING_REPLAYED, type RecordedRun, type Replayed, type RowsWanted, recordRun } from './record.js';

/** A step of a plan with what its revision does. */
export interface RecordedMigration extends RecordedRun {
  readonly step: MigrationStep;
}

export class Timeline {
  readonly #dialect: MigrationEnvironment['dialect'];
  readonly #directory: MigrationDirectory;
  readonly #customOperations: CustomOperations | undefined;
  /** By the rows that a database would have by then. */
  readonly #known = new Map<string, Replayed>([[keyOf([]), NOTHING_REPLAYED]]);

  constructor(
    { dialect, hooks }: Pick<MigrationEnvironment, 'dialect' | 'hooks'>,
    directory: MigrationDirectory,
  ) {
    this.#customOperations = hooks?.operations;
    this.#dialect = dialect;
    this.#directory = directory;
  }

  /** How the files leave a database with these heads. */
  async at(heads: readonly string[]): Promise<Replayed> {
    const known = this.#known.get(keyOf(heads));
    if (known !== undefined) return known;
    const steps = planUpgrade(this.#directory.graph, [], heads);
    const start = steps.findLastIndex(({ headsAfter }) => this.#known.has(keyOf(headsAfter)));
    const reached = steps[start];
    let replayed = reached === undefined ? NOTHING_REPLAYED : this.#recall(reached.headsAfter);
    for (const step of steps.slice(start + 1)) {
      const { after } = await this.#record(step, replayed, 'none');
      this.#known.set(keyOf(step.headsAfter), after);
      replayed = after;
    }
    // Heads that imply each other were given by another name.
    this.#known.set(keyOf(heads), replayed);
    return replayed;
  }

  /** What each step of a plan does, from the heads at which it begins. */
  async record(
    heads: readonly string[],
    steps: readonly MigrationStep[],
    rows: RowsWanted = 'none',
  ): Promise<RecordedMigration[]> {
    return this.recordFrom(await this.at(heads), steps, rows);
  }

  /** The same from a schema that no heads stand for. */
  async recordFrom(
    start: Replayed,
    steps: readonly MigrationStep[],
    rows: RowsWanted = 'none',
  ): Promise<RecordedMigration[]> {
    const recorded: RecordedMigration[] = [];
    let before = start;
    for (const step of steps) {
      const run = await this.#record(step, before, rows);
      recorded.push({ step, ...run });
      before = run.after;
    }
    return recorded;
  }

  async #record(step: MigrationStep, before: Replayed, rows: RowsWanted): Promise<RecordedRun> {
    const module = await this.#directory.module(step.revision.id);
    const customOperations = this.#customOperations;
    return recordRun(module, step.direction, { dialect: this.#dialect, before, rows, customOperations });
  }

  #recall(heads: readonly string[]): Replayed {
    return this.#known.get(keyOf(heads)) as Replayed;
  }
}

function keyOf(heads: readonly string[]): string {
  return JSON.stringify([...heads].sort());
}
