/** A shorthand for graphs: `'c2 < b1 b2 ^ x1 # blue'` is c2 on b1 and b2, depending on x1, labelled blue. */

import { isLimbeckError, type LimbeckError } from '../../../src/base/errors.js';
import { RevisionGraph } from '../../../src/migration/history/graph.js';
import { type Step, stepLine } from '../../../src/migration/history/path.js';
import { type Revision, revisionFrom } from '../../../src/migration/history/revision.js';

export function revision(text: string): Revision {
  const part = (sign: string): string[] =>
    new RegExp(`\\${sign}([^<^#]*)`).exec(text)?.[1]?.split(/\s+/).filter(Boolean) ?? [];
  const id = text.split(/[<^#]/)[0]?.trim() ?? '';
  return revisionFrom({
    id,
    downRevisions: part('<'),
    dependsOn: part('^'),
    branchLabels: part('#'),
    doc: `make ${id}`,
    path: `migrations/${id}.ts`,
  });
}

export function graphOf(...texts: string[]): RevisionGraph {
  return new RevisionGraph(texts.map(revision));
}

/** The error that a function throws; fails the test where there is none. */
export function errorOf(run: () => unknown): LimbeckError {
  try {
    run();
  } catch (thrown) {
    if (isLimbeckError(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

/** A plan as text: `+b` applied, `-b` taken back, `a>b` stamped. */
export function shape(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      if (step.direction === 'stamp') return `${step.from}>${step.to}`;
      return `${step.direction === 'upgrade' ? '+' : '-'}${step.revision.id}`;
    })
    .join(' ');
}

/** What happens to the rows, step by step: `ins a · upd a b · del c, upd b d`. */
export function rowText(steps: readonly Step[]): string {
  return steps
    .map(({ rows }) =>
      rows
        .map((row) =>
          row.kind === 'update' ? `upd ${row.from} ${row.to}` : `${row.kind.slice(0, 3)} ${row.version}`,
        )
        .join(', '),
    )
    .join(' · ');
}

export function lines(steps: readonly Step[]): string[] {
  return steps.map(stepLine);
}

export function finalRows(steps: readonly Step[], before: readonly string[]): string[] {
  return [...(steps.at(-1)?.headsAfter ?? before)].sort();
}
