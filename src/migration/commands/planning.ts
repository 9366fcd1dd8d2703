/** Commands that look at revisions before they run: what they would do, and what it would cost. */

import type { Connection, Dialect } from '../../dialects/contract.js';
import type { MigrationDirectory } from '../directory.js';
import { isRange, parseRange } from '../history/argument.js';
import { type MigrationStep, planUpgrade } from '../history/path.js';
import { resolveRevisions } from '../history/resolve.js';
import { requireUnchanged } from '../integrity.js';
import { Journal } from '../journal.js';
import { LiveRows } from '../plan/live-rows.js';
import { planRevisions } from '../plan/make-plan.js';
import type { UpgradePlan } from '../plan/types.js';
import { Timeline } from '../replay/timeline.js';
import type { Migrations } from '../types.js';
import type { CommandContext } from './context.js';

export function planningCommands(context: CommandContext): Pick<Migrations, 'plan'> {
  return {
    async plan(target = 'heads', options = {}) {
      const directory = await context.directory();
      const { dialect } = context.environment;
      if (isRange(target) || options.fromMigrations) {
        const { from, steps } = stepsOfFiles(directory, target);
        return makePlan({ dialect, directory, connection: undefined, from, steps });
      }
      return context.inspect(async (connection, dialect) => {
        const from = await context.rows(connection);
        const steps = planUpgrade(directory.graph, from, target);
        if (connection === undefined) return makePlan({ dialect, directory, connection, from, steps });
        // An upgrade would refuse as well.
        const journal = new Journal(dialect);
        requireUnchanged(directory, await journal.appliedFiles(connection));
        const unfinished = await journal.unfinished(connection);
        const plan = await makePlan({ dialect, directory, connection, from, steps });
        if (unfinished === undefined) return plan;
        const text = `The ${unfinished.direction} of ${unfinished.revision} has begun and not ended; a run resumes it behind the steps that are done.`;
        return { ...plan, warnings: [text, ...plan.warnings] };
      });
    },
  };
}

/** The steps of an upgrade from base, or of a range, without a database. */
export function stepsOfFiles(
  { graph }: MigrationDirectory,
  target: string,
): { readonly from: readonly string[]; readonly steps: readonly MigrationStep[] } {
  const { start, end } = isRange(target) ? parseRange(target) : { start: undefined, end: target };
  const from = start === undefined ? [] : [...resolveRevisions(graph, start)];
  return { from, steps: planUpgrade(graph, from, end ?? 'heads') };
}

interface Material {
  readonly dialect: Dialect;
  readonly directory: MigrationDirectory;
  readonly connection: Connection | undefined;
  readonly from: readonly string[];
  readonly steps: readonly MigrationStep[];
}

async function makePlan({ dialect, directory, connection, from, steps }: Material): Promise<UpgradePlan> {
  const recorded = await new Timeline({ dialect }, directory).record(from, steps);
  const rows = connection === undefined ? undefined : new LiveRows(connection, dialect);
  const revisions = await planRevisions({ dialect, directory, rows }, recorded);
  const opaque = recorded.at(-1)?.after.opaque ?? [];
  const unknown = opaque.map(({ kind, text, place = 'a step' }) =>
    kind === 'rows'
      ? `${place} reads rows, and what it does with them is not in this plan: ${text}`
      : `nobody knows the effect of ${place}: ${text}`,
  );
  return {
    version: 1,
    dialect: dialect.name,
    isLive: connection !== undefined,
    from,
    to: steps.at(-1)?.headsAfter ?? from,
    revisions,
    warnings: [...unknown, ...recorded.flatMap(({ warnings }) => warnings)],
  };
}
