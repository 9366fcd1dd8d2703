/** Commands for histories that two people have continued: joining the lines, or putting one behind the other. */

import { readFile, rename, writeFile } from 'node:fs/promises';
import { error } from '../../base/error-codes.js';
import type { MigrationDirectory } from '../directory.js';
import type { RevisionGraph } from '../history/graph.js';
import { planMerge } from '../history/new-revision.js';
import { planUpgrade } from '../history/path.js';
import { resolveRevision } from '../history/resolve.js';
import { newRevisionId } from '../new-file.js';
import { Timeline } from '../replay/timeline.js';
import { proveMerge } from '../teams/proof.js';
import { reparent } from '../teams/reparent.js';
import type { MergeProof, Migrations, RebaseResult } from '../types.js';
import type { CommandContext } from './context.js';
import { writeRevision } from './revisions.js';

export function teamCommands(context: CommandContext): Pick<Migrations, 'merge' | 'rebase'> {
  const { environment } = context;
  return {
    async merge(revisions, options = {}) {
      const directory = await context.directory();
      const { message, branchLabel, revId, splice, allowClash } = options;
      const planned = planMerge(directory.graph, {
        id: revId ?? newRevisionId(),
        revisions: typeof revisions === 'string' ? [revisions] : revisions,
        splice,
        branchLabels: branchLabel === undefined ? [] : [branchLabel],
        doc: message ?? '',
      });
      const proof = await proveMerge(
        new Timeline(environment, directory),
        directory.graph,
        planned.downRevisions,
      );
      if (proof.verdict === 'clashes' && allowClash === undefined) throw clashError(proof);
      const note = verdictText(proof, allowClash);
      const made = await writeRevision(context, directory, planned, { message, note });
      const warnings = [...proof.clashes, ...proof.unproven].map(({ problem }) => problem);
      for (const text of warnings) environment.onEvent({ kind: 'warning', text });
      return { ...made, warnings, proof };
    },

    async rebase(revision, options = {}) {
      const directory = await context.directory();
      const { graph } = directory;
      const head = requireRevision(graph, revision);
      const onto =
        options.onto === undefined ? otherHead(directory, head) : requireRevision(graph, options.onto);
      const line = lineOf(directory, head, onto);
      await requireNotApplied(context, directory, line);
      await requireRunsBehind(context, directory, line, onto);
      return { onto, rebased: await moveRoots(directory, line, onto) };
    },
  };
}

/** What whoever reads the file is told. */
function verdictText({ verdict }: MergeProof, allowClash: string | undefined): string | undefined {
  if (allowClash !== undefined) return `Clashes allowed: ${allowClash}`;
  return verdict === 'commutes' ? 'The lines come out the same in any order.' : undefined;
}

function clashError(proof: MergeProof): Error {
  return error('MERGE_CLASHES', {
    questions: proof.clashes.map(({ objects, problem }) =>
      objects.length === 0 ? problem : `${objects.join(', ')}: ${problem}`,
    ),
    clashes: proof.clashes,
    flags: ['--allow-clash REASON'],
  });
}

/** @throws REBASE_NEEDLESS for `base`, which nothing stands behind */
function requireRevision(graph: RevisionGraph, text: string): string {
  const id = resolveRevision(graph, text);
  if (id === undefined) throw error('REBASE_NEEDLESS', { revision: text });
  return id;
}

/** @throws MULTIPLE_HEADS where it is not plain which head is meant */
function otherHead({ graph }: MigrationDirectory, revision: string): string {
  const above = graph.descendantsOf([revision]);
  const others = graph.heads.filter((id) => !above.has(id));
  const [only] = others;
  if (only === undefined) throw error('REBASE_NEEDLESS', { revision });
  if (others.length > 1) throw error('MULTIPLE_HEADS', { argument: 'head', heads: others });
  return only;
}

/** Revisions that the new parent does not have, oldest first: those that move, and all that stand on them. */
function lineOf({ graph }: MigrationDirectory, revision: string, onto: string): readonly string[] {
  const kept = graph.ancestorsOf([onto]);
  if (kept.has(revision)) throw error('REBASE_NEEDLESS', { revision });
  const lower = [...graph.ancestorsOf([revision])].filter((id) => !kept.has(id));
  const line = graph.oldestFirst([...graph.descendantsOf(lower)]);
  const mixed = line.find((id) => kept.has(id));
  if (mixed !== undefined) throw error('REBASE_NEEDLESS', { revision });
  return line;
}

/** @throws REBASE_APPLIED naming those that the database has */
async function requireNotApplied(
  context: CommandContext,
  { graph }: MigrationDirectory,
  line: readonly string[],
): Promise<void> {
  const rows = await context.inspect((connection) => context.rows(connection));
  const applied = graph.ancestorsOf(rows.filter((row) => graph.has(row)));
  const ran = line.filter((id) => applied.has(id));
  if (ran.length > 0) throw error('REBASE_APPLIED', { revisions: ran });
}

/** @throws what the first revision fails with that does not fit behind the new parent */
async function requireRunsBehind(
  { environment }: CommandContext,
  directory: MigrationDirectory,
  line: readonly string[],
  onto: string,
): Promise<void> {
  const { graph } = directory;
  const timeline = new Timeline(environment, directory);
  const steps = planUpgrade(graph, graph.tipsOf(graph.ancestorsOf([onto])), graph.tipsOf(new Set(line)));
  let before = await timeline.at([onto]);
  for (const step of steps.filter(({ revision }) => line.includes(revision.id))) {
    try {
      const [run] = await timeline.recordFrom(before, [step]);
      if (run !== undefined) before = run.after;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw error('REBASE_CLASHES', { revision: step.revision.id, onto, reason }, { cause });
    }
  }
}

/** Those that stand on nothing of the line stand on the new parent now. */
async function moveRoots(
  directory: MigrationDirectory,
  line: readonly string[],
  onto: string,
): Promise<RebaseResult['rebased']> {
  const roots = line.filter((id) => directory.graph.downsOf(id).every((down) => !line.includes(down)));
  const files = await Promise.all(
    roots.map(async (revision) => {
      const { path } = directory.file(revision);
      return { revision, path, text: reparent(await readFile(path, 'utf8'), path, [onto]) };
    }),
  );
  for (const { path, text } of files) {
    await writeFile(`${path}.unfinished`, text);
    await rename(`${path}.unfinished`, path);
  }
  return files.map(({ revision, path }) => ({
    revision,
    path,
    from: directory.graph.downsOf(revision),
    to: onto,
  }));
}
