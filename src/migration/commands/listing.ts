/** Commands that tell of the files, and of where the database stands among them. */

import { error } from '../../base/error-codes.js';
import { branchBlock, currentLine, headLine, historyLine, verboseBlock } from '../history/describe.js';
import type { RevisionGraph } from '../history/graph.js';
import { rangeNeedsDatabase, selectHistory } from '../history/range.js';
import { currentRevisions, isUpToDate, resolveRevisions } from '../history/resolve.js';
import type { Migrations, RevisionEntry } from '../types.js';
import type { CommandContext } from './context.js';

type Listing = Pick<Migrations, 'current' | 'heads' | 'history' | 'branches' | 'show'>;

export function listingCommands(context: CommandContext): Listing {
  return {
    async current(options = {}) {
      const { graph } = await context.directory();
      const rows = await context.inspect((connection) => context.rows(connection));
      const current = currentRevisions(graph, rows);
      if (options.checkHeads && !isUpToDate(graph, rows)) {
        throw error('NOT_ON_ALL_HEADS', { current: rows, heads: graph.realHeads });
      }
      return current.map((id) =>
        entry(graph, id, options.verbose ? verboseBlock(graph, id) : currentLine(graph, id), current),
      );
    },

    async heads(options = {}) {
      const { graph } = await context.directory();
      const heads = options.resolveDependencies ? graph.realHeads : graph.heads;
      return heads.map((id) =>
        entry(graph, id, options.verbose ? verboseBlock(graph, id) : headLine(graph, id)),
      );
    },

    async history(options = {}) {
      const { graph } = await context.directory();
      const { range } = options;
      const needsRows =
        options.indicateCurrent === true || (range !== undefined && rangeNeedsDatabase(range));
      const rows = needsRows ? await context.inspect((connection) => context.rows(connection)) : undefined;
      const current = options.indicateCurrent && rows ? currentRevisions(graph, rows) : [];
      return selectHistory(graph, { range, currentHeads: rows }).map((id) => {
        const text = options.verbose
          ? verboseBlock(graph, id, { current })
          : historyLine(graph, id, { current });
        return entry(graph, id, text, current);
      });
    },

    async branches(options = {}) {
      const { graph } = await context.directory();
      return graph.branchPoints.map((id) =>
        entry(graph, id, branchBlock(graph, id, { verbose: options.verbose })),
      );
    },

    async show(revision) {
      const { graph } = await context.directory();
      const isCurrent = /(^|@)current\b/.test(revision);
      const rows = isCurrent ? await context.inspect((connection) => context.rows(connection)) : undefined;
      return resolveRevisions(graph, revision, { currentHeads: rows }).map((id) =>
        entry(graph, id, verboseBlock(graph, id)),
      );
    },
  };
}

function entry(
  graph: RevisionGraph,
  id: string,
  text: string,
  current: readonly string[] = [],
): RevisionEntry {
  const revision = graph.revision(id);
  return {
    revision: id,
    downRevisions: revision.downRevisions,
    dependsOn: revision.dependsOn,
    branchLabels: graph.labelsOf(id),
    message: revision.message,
    path: revision.path ?? null,
    isHead: graph.childrenOf(id).length === 0,
    isCurrent: current.includes(id),
    text,
  };
}
