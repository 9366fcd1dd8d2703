/**
 * From a revision argument to ids. What an argument means does not depend on the command, except where it is
 * relative to the database: then the rows of the version table are needed, and `path.ts` says which way.
 */

import { error } from '../../base/error-codes.js';
import { parseArgument, type RevisionArgument } from './argument.js';
import type { RevisionGraph } from './graph.js';
import { walkDown, walkUp } from './walk.js';

/** Where relative arguments and `current` start from. */
export interface ResolveOptions {
  /** The rows of the version table; without them `current` is unknown and `-N` counts back from the heads. */
  readonly currentHeads?: readonly string[] | undefined;
  /** What the revision is needed for: decides the words when there are several heads. */
  readonly purpose?: 'revision' | 'stamp' | undefined;
}

/**
 * Finds the revisions that an argument names.
 *
 * @param argument any of `ID`, a unique beginning of one, `LABEL`, `head`, `heads`, `base`, `current`,
 *   `+N`, `-N`, `ID+N`, `ID-N`, each also as `BRANCH@…`
 * @returns ids; none for `base` (and for `head` of an empty graph), several for `heads` and below a merge
 * @throws REVISION_NOT_FOUND, REVISION_AMBIGUOUS, REVISION_BRANCH_NOT_FOUND, REVISION_NOT_IN_BRANCH,
 *   MULTIPLE_HEADS, WALK_AMBIGUOUS, WALKED_TOO_FAR, RELATIVE_AMBIGUOUS, RELATIVE_TOO_FAR
 */
export function resolveRevisions(
  graph: RevisionGraph,
  argument: string,
  options: ResolveOptions = {},
): readonly string[] {
  const parsed = parseArgument(argument);
  if (parsed.offset === undefined) return resolveSymbol(graph, parsed, options);
  if (parsed.symbol !== undefined) return stepFromSymbol(graph, parsed, options);
  if (parsed.steps > 0) return [stepUpFromRows(graph, options.currentHeads ?? [], parsed)];
  if (options.currentHeads === undefined) return stepDownFromHeads(graph, parsed);
  return stepDownFromRows(graph, options.currentHeads, parsed).landing;
}

/**
 * Finds the one revision that an argument names.
 *
 * @returns its id; undefined for `base`
 * @throws as `resolveRevisions`, and MULTIPLE_HEADS where it names several
 */
export function resolveRevision(
  graph: RevisionGraph,
  argument: string,
  options: ResolveOptions = {},
): string | undefined {
  const [first, ...more] = resolveRevisions(graph, argument, options);
  if (first !== undefined && more.length > 0) {
    throw error('MULTIPLE_HEADS', { argument, heads: [first, ...more], purpose: options.purpose });
  }
  return first;
}

/**
 * The branch that stands before an `@`, as the revision that owns the label or is named.
 *
 * @throws REVISION_BRANCH_NOT_FOUND; REVISION_AMBIGUOUS for the beginning of several ids
 */
export function resolveBranch(graph: RevisionGraph, branch: string, argument: string): string {
  const exact = graph.ownerOfLabel(branch) ?? (graph.has(branch) ? branch : undefined);
  if (exact !== undefined) return exact;
  const [only, ...more] = candidatesFor(graph, branch);
  if (only === undefined) {
    throw error('REVISION_BRANCH_NOT_FOUND', { argument, branch, labels: graph.labels });
  }
  if (more.length > 0) throw error('REVISION_AMBIGUOUS', { argument: branch, candidates: [only, ...more] });
  return only;
}

/** The lineage that stands before an `@`; undefined where none does. */
export function branchLineage(graph: RevisionGraph, argument: RevisionArgument): Set<string> | undefined {
  if (argument.branch === undefined) return undefined;
  return graph.lineageOf(resolveBranch(graph, argument.branch, argument.text));
}

/**
 * Turns the rows of the version table into the heads they stand for, each once and without those that
 * another implies.
 *
 * @throws REVISION_DATABASE_AHEAD for a row that no file has
 */
export function canonicalHeads(graph: RevisionGraph, rows: readonly string[]): string[] {
  requireKnownRows(graph, rows);
  const distinct = [...new Set(rows)];
  if (distinct.length < 2) return distinct;
  const tips = new Set(graph.tipsOf(graph.ancestorsOf(distinct)));
  return distinct.filter((id) => tips.has(id));
}

/** @throws REVISION_DATABASE_AHEAD for a row that no file has */
export function requireKnownRows(graph: RevisionGraph, rows: readonly string[]): void {
  const unknown = rows.find((row) => !graph.has(row));
  if (unknown !== undefined) throw error('REVISION_DATABASE_AHEAD', { revision: unknown, rows });
}

/**
 * What `current` shows: the rows, and the heads of other lineages that they imply through `dependsOn`.
 *
 * @returns ids, newest first
 * @throws REVISION_DATABASE_AHEAD
 */
export function currentRevisions(graph: RevisionGraph, rows: readonly string[]): string[] {
  requireKnownRows(graph, rows);
  return graph.newestFirst(lineTips(graph, graph.ancestorsOf(rows)));
}

/** Whether a database with these rows has every revision applied. */
export function isUpToDate(graph: RevisionGraph, rows: readonly string[]): boolean {
  requireKnownRows(graph, rows);
  return graph.ancestorsOf(rows).size === graph.revisions.length;
}

function resolveSymbol(
  graph: RevisionGraph,
  argument: RevisionArgument,
  options: ResolveOptions,
): readonly string[] {
  const lineage = branchLineage(graph, argument);
  switch (argument.symbol) {
    case 'base':
      return [];
    case 'heads':
      return lineage === undefined ? graph.realHeads : graph.heads.filter((id) => lineage.has(id));
    case 'head':
      return singleHead(graph, argument, lineage, options);
    case 'current': {
      if (options.currentHeads === undefined) break;
      const heads = canonicalHeads(graph, options.currentHeads);
      return lineage === undefined ? heads : heads.filter((id) => lineage.has(id));
    }
  }
  return [locate(graph, argument, lineage)];
}

function singleHead(
  graph: RevisionGraph,
  argument: RevisionArgument,
  lineage: ReadonlySet<string> | undefined,
  options: ResolveOptions,
): readonly string[] {
  const heads = lineage === undefined ? graph.heads : graph.heads.filter((id) => lineage.has(id));
  if (heads.length > 1)
    throw error('MULTIPLE_HEADS', { argument: argument.text, heads, purpose: options.purpose });
  return heads;
}

function locate(
  graph: RevisionGraph,
  argument: RevisionArgument,
  lineage: ReadonlySet<string> | undefined,
): string {
  const symbol = argument.symbol as string;
  const exact = graph.has(symbol) ? symbol : graph.ownerOfLabel(symbol);
  if (exact !== undefined) {
    if (lineage === undefined || lineage.has(exact)) return exact;
    throw error('REVISION_NOT_IN_BRANCH', {
      argument: argument.text,
      revision: exact,
      branch: argument.branch as string,
    });
  }
  const everywhere = candidatesFor(graph, symbol);
  const [only, ...more] = lineage === undefined ? everywhere : everywhere.filter((id) => lineage.has(id));
  if (only !== undefined && more.length > 0) {
    throw error('REVISION_AMBIGUOUS', { argument: symbol, candidates: [only, ...more] });
  }
  if (only !== undefined) return only;
  const [outside] = everywhere;
  if (outside !== undefined) {
    throw error('REVISION_NOT_IN_BRANCH', {
      argument: argument.text,
      revision: outside,
      branch: argument.branch as string,
    });
  }
  throw error('REVISION_NOT_FOUND', { argument: symbol, labels: graph.labels });
}

/** Ids of up to three characters are only found whole, as in Alembic: `a1` is a name there, not a hash cut short. */
function candidatesFor(graph: RevisionGraph, beginning: string): string[] {
  return graph.revisions.map(({ id }) => id).filter((id) => id.length > 3 && id.startsWith(beginning));
}

function stepFromSymbol(
  graph: RevisionGraph,
  argument: RevisionArgument,
  options: ResolveOptions,
): readonly string[] {
  const { branch, symbol, steps } = argument;
  const text = branch === undefined ? (symbol as string) : `${branch}@${symbol}`;
  const start = resolveRevision(graph, text, options);
  const lineage = branchLineage(graph, argument);
  const tooFar = (end: string, walked: number) =>
    error('WALKED_TOO_FAR', { argument: argument.text, end, steps: walked });
  if (steps >= 0) {
    const end = walkUp(graph, start, steps, { lineage, tooFar });
    return end === undefined ? [] : [end];
  }
  return walkDown(graph, start, -steps, { lineage, tooFar }).landing;
}

/** `+N`: up from where the database is. */
function stepUpFromRows(graph: RevisionGraph, rows: readonly string[], argument: RevisionArgument): string {
  const lineage = branchLineage(graph, argument);
  const offset = argument.offset as string;
  const starts = startsOn(graph, canonicalHeads(graph, rows), lineage);
  if (starts.length > 1) {
    throw error('RELATIVE_AMBIGUOUS', { direction: 'upgrade', argument: offset, choices: starts });
  }
  const end = walkUp(graph, starts[0], argument.steps, {
    lineage,
    tooFar: (last, walked) =>
      error('RELATIVE_TOO_FAR', {
        offset,
        reason: `Above ${starts[0] ?? 'base'} there ${amount(walked)} (up to ${last}).`,
      }),
  });
  // At least one step was taken, so this is a revision.
  return end as string;
}

/**
 * `-N`: down from where the database is, one revision after the other.
 *
 * @returns what is undone, newest first, and where that lands: at several parents when the last is a merge
 */
export function stepDownFromRows(
  graph: RevisionGraph,
  rows: readonly string[],
  argument: RevisionArgument,
): { readonly undone: readonly string[]; readonly landing: readonly string[] } {
  const offset = argument.offset as string;
  if (argument.steps >= 0) {
    throw error('RELATIVE_TOO_FAR', { offset, reason: 'Give at least one step, and a - to go down.' });
  }
  const lineage = branchLineage(graph, argument);
  const starts = startsOn(graph, canonicalHeads(graph, rows), lineage);
  const [start] = starts;
  if (start === undefined) {
    const branch = argument.branch === undefined ? '' : ` of branch '${argument.branch}'`;
    throw error('RELATIVE_TOO_FAR', { offset, reason: `No revision${branch} is applied.` });
  }
  if (starts.length > 1) {
    throw error('RELATIVE_AMBIGUOUS', { direction: 'downgrade', argument: offset, choices: starts });
  }
  return walkDown(graph, start, -argument.steps, {
    lineage,
    tooFar: (_, walked) =>
      error('RELATIVE_TOO_FAR', { offset, reason: `Down from ${start} there ${amount(walked)} in all.` }),
  });
}

function stepDownFromHeads(graph: RevisionGraph, argument: RevisionArgument): readonly string[] {
  const lineage = branchLineage(graph, argument);
  const offset = argument.offset as string;
  const heads = graph.heads.filter((id) => lineage?.has(id) ?? true);
  const tooFar = (end: string) => error('RELATIVE_TOO_FAR', { offset, reason: `Nothing is below ${end}.` });
  const landings = heads.flatMap(
    (head) => walkDown(graph, head, -argument.steps, { lineage, tooFar }).landing,
  );
  return [...new Set(landings)];
}

/**
 * Where on a lineage the database is: its rows there; or, where the lineage is applied only because others
 * stand on it or depend on it, the last of it that is.
 */
function startsOn(
  graph: RevisionGraph,
  heads: readonly string[],
  lineage: ReadonlySet<string> | undefined,
): readonly string[] {
  if (lineage === undefined) return heads;
  const rows = heads.filter((id) => lineage.has(id));
  if (rows.length > 0) return rows;
  const applied = new Set([...graph.ancestorsOf(heads)].filter((id) => lineage.has(id)));
  return lineTips(graph, applied);
}

/** Those of a set that have no child in it. */
function lineTips(graph: RevisionGraph, applied: ReadonlySet<string>): string[] {
  return graph.inFileOrder(
    [...applied].filter((id) => !graph.childrenOf(id).some((child) => applied.has(child))),
  );
}

function amount(revisions: number): string {
  return revisions === 1 ? 'is 1 revision' : `are ${revisions} revisions`;
}
