/** Commands that hold the models against what is there: the database, or what the files make of an empty one. */

import { error } from '../../base/error-codes.js';
import type { Connection, Dialect } from '../../dialects/contract.js';
import { type Generated, type GenerateOptions, generate } from '../autogenerate/autogenerate.js';
import { opaqueText } from '../autogenerate/drift.js';
import type { MigrationDirectory } from '../directory.js';
import { ownTables } from '../environment.js';
import type { RevisionGraph } from '../history/graph.js';
import { isUpToDate } from '../history/resolve.js';
import { requireUnchanged } from '../integrity.js';
import { Journal } from '../journal.js';
import { Timeline } from '../replay/timeline.js';
import type { Migrations } from '../types.js';
import type { CommandContext } from './context.js';

export function differenceCommands(context: CommandContext): Pick<Migrations, 'diff' | 'check'> {
  const diff: Migrations['diff'] = async (options = {}) => {
    const generated = await compareModels(context, await context.directory(), options, false);
    const { operations, changes } = generated;
    return {
      operations,
      changes,
      warnings: [...generated.open.map(({ text }) => text), ...generated.warnings],
    };
  };
  return {
    diff,
    async check(options = {}) {
      const difference = await diff(options);
      const { changes } = difference;
      if (changes.length > 0) throw error('NEW_OPERATIONS', { changes });
      return difference;
    },
  };
}

/** What autogenerate is asked, and what it compares with. */
export type CompareOptions = GenerateOptions & { readonly fromMigrations?: boolean | undefined };

/**
 * Compares the models with the database, or with the files alone.
 *
 * @param asks whether a person may be asked
 * @throws MODELS_MISSING · NOT_UP_TO_DATE · REVISION_UNFINISHED and what `generate` throws
 */
export async function compareModels(
  context: CommandContext,
  directory: MigrationDirectory,
  options: CompareOptions,
  asks: boolean,
): Promise<Generated> {
  const { environment } = context;
  if (environment.models === undefined) throw error('MODELS_MISSING', {});
  const models = await environment.models();
  const decider = asks ? environment.decider : undefined;
  const ignoreTables = ownTables(environment);
  if (options.fromMigrations) {
    const { dialect } = environment;
    const { schema, opaque } = await new Timeline(environment, directory).at(directory.graph.realHeads);
    const generated = await generate(
      { dialect, connection: undefined, ignoreTables, replayed: schema },
      models,
      options,
      decider,
      environment.hooks,
    );
    const warnings = opaque.map(opaqueText);
    return { ...generated, warnings: [...warnings, ...generated.warnings] };
  }
  return context.inspect(async (connection, dialect) => {
    await requireUpToDate(context, directory.graph, connection);
    if (connection !== undefined) await requireSettled(directory, connection, dialect);
    return generate({ dialect, connection, ignoreTables }, models, options, decider, environment.hooks);
  });
}

/** Refuses a database that stands inside a revision, or whose revisions are no longer what was applied. */
export async function requireSettled(
  directory: MigrationDirectory,
  connection: Connection,
  dialect: Dialect,
): Promise<void> {
  const journal = new Journal(dialect);
  const unfinished = await journal.unfinished(connection);
  if (unfinished !== undefined) throw error('REVISION_UNFINISHED', unfinished);
  requireUnchanged(directory, await journal.appliedFiles(connection));
}

async function requireUpToDate(
  context: CommandContext,
  graph: RevisionGraph,
  connection: Connection | undefined,
): Promise<void> {
  const current = await context.rows(connection);
  if (!isUpToDate(graph, current)) throw error('NOT_UP_TO_DATE', { current, heads: graph.realHeads });
}
