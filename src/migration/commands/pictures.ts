/** Commands that draw: the history of the revisions, with where the database stands in it. */

import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import { GRAPH_FORMATS } from '../../diagrams/format.js';
import type { DrawnRevision } from '../../diagrams/history/model.js';
import type { RevisionGraph } from '../history/graph.js';
import { rangeNeedsDatabase, selectHistory } from '../history/range.js';
import { currentRevisions } from '../history/resolve.js';
import type { Migrations } from '../types.js';
import type { CommandContext } from './context.js';

export function pictureCommands(context: CommandContext): Pick<Migrations, 'graph'> {
  return {
    async graph(options = {}) {
      const { format = 'text', range, width, colours } = options;
      if (!GRAPH_FORMATS.includes(format))
        throw error('PICTURE_FORMAT_UNKNOWN', { format, formats: GRAPH_FORMATS });
      const { graph } = await context.directory();
      const { rows, warnings } = await standing(context, range !== undefined && rangeNeedsDatabase(range));
      const known = rows?.filter((id) => graph.has(id));
      const lost = rows?.filter((id) => !graph.has(id)) ?? [];
      const ids = selectHistory(graph, { range, currentHeads: known });
      const revisions = drawnRevisions(graph, ids, known);
      const { drawHistory } = await import('../../diagrams/history/draw.js');
      return {
        format,
        picture: drawHistory(revisions, format, { width, colours }),
        revisions,
        warnings: [
          ...warnings,
          ...lost.map((id) => `The database stands at ${id}, which no file has; it is not in the picture.`),
        ],
      };
    },
  };
}

/** The rows of the version table, where a database can be asked; a picture of the files needs none. */
async function standing(
  context: CommandContext,
  isNeeded: boolean,
): Promise<{ readonly rows?: readonly string[]; readonly warnings: readonly string[] }> {
  try {
    return { rows: await context.inspect((connection) => context.rows(connection)), warnings: [] };
  } catch (cause) {
    if (isNeeded || !isLimbeckError(cause)) throw cause;
    return { warnings: [`Nothing is marked as applied, for the database cannot be asked: ${cause.message}`] };
  }
}

function drawnRevisions(
  graph: RevisionGraph,
  ids: readonly string[],
  rows: readonly string[] | undefined,
): DrawnRevision[] {
  const applied = rows && graph.ancestorsOf(rows);
  const current = rows === undefined ? [] : currentRevisions(graph, rows);
  return ids.map((id) => {
    const { downRevisions, branchLabels, message } = graph.revision(id);
    return {
      revision: id,
      downRevisions,
      dependsOn: graph.dependenciesOf(id),
      branchLabels,
      message,
      state: applied === undefined ? null : applied.has(id) ? 'applied' : 'pending',
      isCurrent: current.includes(id),
      isHead: graph.childrenOf(id).length === 0,
      isBranchPoint: graph.isBranchPoint(id),
      isMergePoint: graph.isMergePoint(id),
    };
  });
}
