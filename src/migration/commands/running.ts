/** Commands that run revisions or move the version rows, or write the script of it. */

import type { MigrationDirectory } from '../directory.js';
import { planUpgrade } from '../history/path.js';
import { planStamp } from '../history/stamp.js';
import { scriptDowngrade, scriptEnsureVersion, scriptStamp, scriptUpgrade } from '../replay/script.js';
import type { Migrations } from '../types.js';
import type { CommandContext } from './context.js';

type Running = Pick<Migrations, 'upgrade' | 'downgrade' | 'stamp' | 'ensureVersion' | 'repair'>;

export function runningCommands(context: CommandContext): Running {
  const { environment } = context;
  return {
    async upgrade(target, options = {}) {
      const directory = await context.directory();
      if (options.sql) return scriptUpgrade(environment, directory, target);
      // A wrong target must not leave a new empty file behind, so what is missing is asked about first.
      if (!(await context.exists())) await planFromNothing(directory, target);
      const report = await context.run('create', directory, (runner) => runner.upgrade(target));
      if (directory.graph.revisions.length > 0) return report;
      // A folder that is mistyped looks the same as one that nothing has been written to yet.
      const text = `There is no migration in ${environment.folders.join(', ')}.`;
      environment.onEvent({ kind: 'warning', text });
      return { ...report, warnings: [...report.warnings, text] };
    },

    async downgrade(target, options = {}) {
      const directory = await context.directory();
      if (options.sql) return scriptDowngrade(environment, directory, target);
      return context.run('existing', directory, (runner) => runner.downgrade(target));
    },

    async stamp(targets, options = {}) {
      const directory = await context.directory();
      const list = typeof targets === 'string' ? [targets] : targets;
      const purge = options.purge === true;
      if (options.sql) return scriptStamp(environment, directory, list, purge);
      return context.keepBooks(directory, (books) =>
        books.stamp((rows) => planStamp(directory.graph, rows, list, { purge }), purge),
      );
    },

    async ensureVersion(options = {}) {
      if (options.sql) return scriptEnsureVersion(environment);
      const directory = await context.directory();
      const heads = await context.keepBooks(directory, (books) => books.ensureVersion());
      return { steps: [], heads, warnings: [] };
    },

    async repair(revisions) {
      const directory = await context.directory();
      const ids = [revisions].flat();
      return { repaired: await context.keepBooks(directory, (books) => books.repair(ids)) };
    },
  };
}

async function planFromNothing(directory: MigrationDirectory, target: string): Promise<void> {
  for (const step of planUpgrade(directory.graph, [], target)) await directory.module(step.revision.id);
}
