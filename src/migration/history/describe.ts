/**
 * The words in which the listing commands show revisions: Alembic's, part for part, with everything in an
 * order that does not change between runs. Each function returns text without the last line feed.
 */

import type { RevisionGraph } from './graph.js';

const BASE = '<base>';

export interface DescribeOptions {
  /** Ids to be marked `(current)`. */
  readonly current?: readonly string[] | undefined;
}

/** `history`: `<base> -> 6e80461a0239 (head), add genre column to books`. */
export function historyLine(graph: RevisionGraph, id: string, options: DescribeOptions = {}): string {
  const { downRevisions, dependsOn, message } = graph.revision(id);
  const parents = downRevisions.length === 0 ? BASE : downRevisions.join(', ');
  const dependencies = dependsOn.length === 0 ? '' : ` (${dependsOn.join(', ')})`;
  const marks = headMarks(graph, id) + currentMark(id, options) + treeMarks(graph, id);
  return `${parents}${dependencies} -> ${id}${labelMarks(graph, id)}${marks}${comment(message)}`;
}

/** `heads`: `6e80461a0239 (label) (head)`. */
export function headLine(graph: RevisionGraph, id: string): string {
  return id + labelMarks(graph, id) + headMarks(graph, id);
}

/** `current`: `6e80461a0239 (head)`. */
export function currentLine(graph: RevisionGraph, id: string): string {
  return id + headMarks(graph, id) + treeMarks(graph, id);
}

/**
 * `branches`: a branch point, and under it an arrow to each of its children in the order of the files.
 *
 * @param options `verbose` shows the branch point as `show` does and adds the children's messages
 */
export function branchBlock(
  graph: RevisionGraph,
  id: string,
  options: DescribeOptions & { readonly verbose?: boolean | undefined } = {},
): string {
  const marks = labelMarks(graph, id) + headMarks(graph, id) + treeMarks(graph, id);
  const parent = options.verbose === true ? verboseBlock(graph, id, options) : id + marks;
  const children = graph.childrenOf(id).map((child) => {
    const message = options.verbose === true ? comment(graph.revision(child).message) : '';
    return `${' '.repeat(id.length)} -> ${headLine(graph, child)}${treeMarks(graph, child)}${message}`;
  });
  return [parent, ...children, ''].join('\n');
}

/**
 * `show`, and every listing with `-v`: several lines, the last one empty.
 *
 * Here `(head)` looks at parentage alone, so an effective head is one, as in Alembic.
 */
export function verboseBlock(graph: RevisionGraph, id: string, options: DescribeOptions = {}): string {
  const { downRevisions, dependsOn, doc, path } = graph.revision(id);
  const children = graph.childrenOf(id);
  const labels = graph.labelsOf(id);
  const head = children.length === 0 ? ' (head)' : '';
  const lines = [`Rev: ${id}${head}${treeMarks(graph, id)}${currentMark(id, options)}`];
  if (graph.isMergePoint(id)) lines.push(`Merges: ${downRevisions.join(', ')}`);
  else lines.push(`Parent: ${downRevisions[0] ?? BASE}`);
  if (dependsOn.length > 0) lines.push(`Also depends on: ${dependsOn.join(', ')}`);
  if (graph.isBranchPoint(id)) lines.push(`Branches into: ${children.join(', ')}`);
  if (labels.length > 0) lines.push(`Branch names: ${labels.join(', ')}`);
  if (path !== undefined) lines.push(`Path: ${path}`);
  lines.push('', ...doc.split(/\r?\n/).map((line) => `    ${line}`.trimEnd()), '');
  return lines.join('\n');
}

function labelMarks(graph: RevisionGraph, id: string): string {
  const labels = graph.labelsOf(id);
  return labels.length === 0 ? '' : ` (${labels.join(', ')})`;
}

function headMarks(graph: RevisionGraph, id: string): string {
  if (graph.dependentsOf(id).length === 0) return ' (head)';
  return graph.childrenOf(id).length === 0 ? ' (effective head)' : '';
}

function treeMarks(graph: RevisionGraph, id: string): string {
  return `${graph.isBranchPoint(id) ? ' (branchpoint)' : ''}${graph.isMergePoint(id) ? ' (mergepoint)' : ''}`;
}

function currentMark(id: string, options: DescribeOptions): string {
  return options.current?.includes(id) ? ' (current)' : '';
}

function comment(message: string): string {
  return message === '' ? '' : `, ${message}`;
}
