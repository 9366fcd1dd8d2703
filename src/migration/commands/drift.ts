/** `verify`: the database held against the files of the revisions that it has. */

import { error } from '../../base/error-codes.js';
import { type FoundDrift, findDrift } from '../autogenerate/drift.js';
import { ownTables } from '../environment.js';
import { planRevision } from '../history/new-revision.js';
import { isUpToDate } from '../history/resolve.js';
import { newRevisionId } from '../new-file.js';
import { scriptOf } from '../replay/script.js';
import { Timeline } from '../replay/timeline.js';
import type { Drift, Migrations, RevisionResult, VerifyOptions } from '../types.js';
import type { CommandContext } from './context.js';
import { requireSettled } from './difference.js';
import { writeRevision } from './revisions.js';

export function driftCommands(context: CommandContext): Pick<Migrations, 'verify'> {
  return {
    async verify(options = {}) {
      const found = await compareWithFiles(context);
      const { heads, drift, dialect } = found;
      for (const text of drift.notes) context.environment.onEvent({ kind: 'warning', text });
      const told: Drift = {
        heads,
        changes: drift.changes,
        warnings: [...drift.notes, ...drift.revertWarnings],
        revert: drift.revert,
        adopt: drift.adopt,
      };
      if (drift.changes.length === 0) return { ...told, ...(options.sql && { sql: '' }), next: [] };
      if (options.adopt) {
        const adopted = await writeAdoption(context, heads, drift, options);
        return { ...told, adopted, next: [`limbeck stamp ${adopted.revision}`, 'limbeck upgrade head'] };
      }
      if (!options.sql) throw error('DRIFT_FOUND', { ...told });
      for (const text of drift.revertWarnings) context.environment.onEvent({ kind: 'warning', text });
      return { ...told, sql: revertScript(dialect, drift), next: [] };
    },
  };
}

async function compareWithFiles(context: CommandContext) {
  const directory = await context.directory();
  const { environment } = context;
  return context.inspect(async (connection, dialect) => {
    const heads = await context.rows(connection);
    if (connection !== undefined) await requireSettled(directory, connection, dialect);
    const files = await new Timeline({ dialect, hooks: context.environment.hooks }, directory).at(heads);
    const ignoreTables = ownTables(environment);
    return { heads, dialect, drift: await findDrift({ dialect, connection, ignoreTables, files }) };
  });
}

/** The way back as a script, in a transaction where the database has such for it. */
function revertScript(dialect: Parameters<typeof scriptOf>[0], drift: FoundDrift): string {
  const before = { schema: drift.found, opaque: [] };
  const after = { schema: drift.wanted, opaque: [] };
  const { lines, suspendsForeignKeys } = scriptOf(dialect, {
    before,
    after,
    warnings: [],
    steps: [
      {
        kind: 'schema',
        before: drift.found,
        after: drift.wanted,
        operations: drift.revert,
        sites: new Map(),
        opaque: [],
      },
    ],
  });
  const warnings = drift.revertWarnings.map((text) => `-- ${text.replace(/[\r\n]+/g, ' ')}`);
  return `${dialect.revisionScript([...warnings, ...lines], suspendsForeignKeys).join('\n')}\n`;
}

/** Writes the revision that does elsewhere what was done here. */
async function writeAdoption(
  context: CommandContext,
  current: readonly string[],
  drift: FoundDrift,
  options: VerifyOptions,
): Promise<RevisionResult> {
  const directory = await context.directory();
  const { graph } = directory;
  // It follows what the database has; what has not run here would be in between.
  if (!isUpToDate(graph, current)) throw error('NOT_UP_TO_DATE', { current, heads: graph.realHeads });
  const planned = planRevision(graph, {
    id: options.revId ?? newRevisionId(),
    head: options.head,
    splice: undefined,
    branchLabels: [],
    dependsOn: undefined,
    doc: options.message ?? '',
  });
  return writeRevision(context, directory, planned, options, {
    operations: drift.adopt,
    changes: drift.changes,
    warnings: [],
    open: [],
    upgrade: drift.upgrade,
    downgrade: drift.downgrade,
  });
}
