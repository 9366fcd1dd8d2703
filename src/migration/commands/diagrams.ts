/** The command that draws tables: of the models, of the database, of what the files make, of what a revision changes. */

import { error } from '../../base/error-codes.js';
import type { Diagram } from '../../diagrams/erd/model.js';
import { ERD_FORMATS } from '../../diagrams/format.js';
import { EMPTY_SCHEMA } from '../../schema/model.js';
import type { Operation } from '../../schema/operations.js';
import { opaqueText } from '../autogenerate/drift.js';
import { ownTables } from '../environment.js';
import { planUpgrade } from '../history/path.js';
import { resolveRevision, resolveRevisions } from '../history/resolve.js';
import type { OpaqueStep, RecordedStep } from '../replay/record.js';
import { Timeline } from '../replay/timeline.js';
import type { ErdOptions, Migrations } from '../types.js';
import type { CommandContext } from './context.js';

/** A diagram, and what it may lack. */
interface Shown {
  readonly diagram: Diagram;
  readonly opaque?: readonly OpaqueStep[];
}

export function diagramCommands(context: CommandContext): Pick<Migrations, 'erd'> {
  return {
    async erd(options = {}) {
      const { format = 'text', width, colours } = options;
      if (!ERD_FORMATS.includes(format))
        throw error('PICTURE_FORMAT_UNKNOWN', { format, formats: ERD_FORMATS });
      const { diagram, opaque = [] } = await show(context, options);
      const { drawDiagram } = await import('../../diagrams/erd/draw.js');
      return {
        format,
        picture: drawDiagram(diagram, format, { width, colours }),
        diagram,
        warnings: opaque.map(opaqueText),
      };
    },
  };
}

async function show(context: CommandContext, options: ErdOptions): Promise<Shown> {
  const { database, revision, changes } = options;
  const asked = [
    ...(database ? ['the database'] : []),
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...(changes === undefined ? [] : [`the changes of ${changes}`]),
  ];
  if (asked.length > 1) throw error('PICTURE_OF_TWO', { asked });
  if (database) return ofDatabase(context);
  if (revision !== undefined) return ofRevision(context, revision);
  return changes === undefined ? ofModels(context) : ofChanges(context, changes);
}

async function ofModels({ environment }: CommandContext): Promise<Shown> {
  if (environment.models === undefined) throw error('MODELS_MISSING', {});
  const { schema } = await environment.models();
  const { diagramOf } = await import('../../diagrams/erd/model.js');
  return { diagram: diagramOf(schema, { title: 'Models', dialect: environment.dialect.name }) };
}

async function ofDatabase(context: CommandContext): Promise<Shown> {
  const ignoreTables = ownTables(context.environment);
  const schema = await context.inspect(async (connection, dialect) =>
    connection === undefined ? EMPTY_SCHEMA : dialect.introspect(connection, { ignoreTables }),
  );
  const { diagramOf } = await import('../../diagrams/erd/model.js');
  return { diagram: diagramOf(schema, { title: 'Database', dialect: context.environment.dialect.name }) };
}

async function ofRevision(context: CommandContext, revision: string): Promise<Shown> {
  const { environment } = context;
  const directory = await context.directory();
  const heads = resolveRevisions(directory.graph, revision, {
    currentHeads: await rowsFor(context, revision),
  });
  const { schema, opaque } = await new Timeline(environment, directory).at(heads);
  const title = heads.length === 0 ? 'Before the first revision' : `Revision ${heads.join(', ')}`;
  const { diagramOf } = await import('../../diagrams/erd/model.js');
  return { diagram: diagramOf(schema, { title, dialect: environment.dialect.name }), opaque };
}

async function ofChanges(context: CommandContext, revision: string): Promise<Shown> {
  const { environment } = context;
  const directory = await context.directory();
  const { graph } = directory;
  const id = resolveRevision(graph, revision, { currentHeads: await rowsFor(context, revision) });
  if (id === undefined) throw error('REVISION_NOT_FOUND', { argument: revision });
  const heads = graph.tipsOf(graph.ancestorsOf(graph.parentsOf(id)));
  const [run] = await new Timeline(environment, directory).record(heads, planUpgrade(graph, heads, [id]));
  const { before, after, steps } = run as NonNullable<typeof run>;
  const { message } = graph.revision(id);
  const title = `Revision ${id}${message === '' ? '' : `: ${message}`}`;
  const { diagramOfChanges } = await import('../../diagrams/erd/changes.js');
  const diagram = diagramOfChanges(before.schema, after.schema, steps.flatMap(operationsOf), {
    title,
    dialect: environment.dialect.name,
  });
  // What revisions before it have done unseen says nothing of this one.
  return { diagram, opaque: after.opaque.slice(before.opaque.length) };
}

function operationsOf(step: RecordedStep): readonly Operation[] {
  if (step.kind === 'schema') return step.operations;
  return step.kind === 'execute' ? (step.effect ?? []) : [];
}

/** The rows of the version table, where an argument speaks of where the database stands. */
async function rowsFor(context: CommandContext, argument: string): Promise<readonly string[] | undefined> {
  if (!/(^|@)current\b/.test(argument)) return undefined;
  return context.inspect((connection) => context.rows(connection));
}
