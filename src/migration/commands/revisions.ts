/** Commands that write a new migration file. */

import type { Generated } from '../autogenerate/autogenerate.js';
import { requireDecided } from '../autogenerate/decisions.js';
import type { MigrationDirectory } from '../directory.js';
import { planRevision } from '../history/new-revision.js';
import type { Revision } from '../history/revision.js';
import { runAfterWrite } from '../hooks/after-write.js';
import { dateText, fileName, folderFor, newRevisionId, writeNewFile } from '../new-file.js';
import { renderFile } from '../render/file.js';
import { languageOf } from '../render/language.js';
import type { Migrations, RevisionResult } from '../types.js';
import type { CommandContext } from './context.js';
import { compareModels } from './difference.js';

export function revisionCommands(context: CommandContext): Pick<Migrations, 'revision'> {
  const { environment } = context;
  return {
    async revision(options = {}) {
      const directory = await context.directory();
      const planned = planRevision(directory.graph, {
        id: options.revId ?? newRevisionId(),
        head: options.head,
        splice: options.splice,
        branchLabels: options.branchLabel === undefined ? [] : [options.branchLabel],
        dependsOn: options.dependsOn,
        doc: options.message ?? '',
      });
      if (!options.autogenerate) return writeRevision(context, directory, planned, options);
      const generated = await compareModels(context, directory, options, true);
      requireDecided(generated.open);
      if (generated.operations.length === 0) return null;
      for (const text of generated.changes)
        environment.onEvent({ kind: 'detected', text: `Detected ${text}` });
      for (const text of generated.warnings) environment.onEvent({ kind: 'warning', text });
      return writeRevision(context, directory, planned, options, generated);
    },
  };
}

/** What the file of a revision is to say, beside its place in the graph. */
interface NewRevision {
  readonly message?: string | undefined;
  /** Stands below the message. */
  readonly note?: string | undefined;
  readonly versionPath?: string | undefined;
}

/** Writes the file of a planned revision; empty functions where nothing was generated. */
export async function writeRevision(
  context: CommandContext,
  directory: MigrationDirectory,
  planned: Revision,
  options: NewRevision,
  generated?: Generated,
): Promise<RevisionResult> {
  const { environment } = context;
  const [parent] = planned.downRevisions;
  const folder = folderFor(
    environment,
    options.versionPath,
    parent === undefined ? undefined : directory.file(parent),
  );
  const message = options.message ?? '';
  const date = new Date();
  const text = renderFile({
    revision: planned.id,
    downRevisions: planned.downRevisions,
    branchLabels: planned.branchLabels,
    dependsOn: planned.dependsOn,
    message: options.note === undefined ? message : `${message || 'empty message'}\n\n${options.note}`,
    createDate: dateText(date, environment.timezone),
    upgrade: generated?.upgrade ?? [],
    downgrade: generated?.downgrade ?? [],
    language: await languageOf(folder, environment.extension),
  });
  const path = await writeNewFile(folder, fileName(planned.id, message, date, environment), text);
  await runAfterWrite(environment.hooks ?? {}, path, environment.directory);
  return {
    revision: planned.id,
    path,
    operations: generated?.operations ?? [],
    changes: generated?.changes ?? [],
    warnings: generated?.warnings ?? [],
  };
}
