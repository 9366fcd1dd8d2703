/**
 * One revision as the graph knows it: what a migration file says about itself, without its functions.
 * The loader of files makes them, `RevisionGraph` joins them.
 */

/** The widest id that fits the version table, `VARCHAR(32)`. */
export const MAX_REVISION_ID_LENGTH = 32;

/** Words of the command line that an id or a label must not take. */
export const RESERVED_NAMES: readonly string[] = ['head', 'heads', 'base', 'current'];

/** What a migration file says about itself. */
export interface Revision {
  /** At most 32 characters, none of `@ - + :`. */
  readonly id: string;
  /** Full ids of the parents; none for a base, several for a merge. */
  readonly downRevisions: readonly string[];
  /** Full ids or labels of revisions that must be applied before, without being parents. */
  readonly dependsOn: readonly string[];
  /** Labels given in this very file; see `RevisionGraph.labelsOf` for those that apply to it. */
  readonly branchLabels: readonly string[];
  /** The first paragraph of `doc`, on one line. */
  readonly message: string;
  /** The whole opening comment. */
  readonly doc: string;
  /** As the opening comment states it. */
  readonly createDate?: string | undefined;
  /** For messages only: nothing here opens it. */
  readonly path?: string | undefined;
}

/** What is needed to make a `Revision`; all but the id may be left out. */
export type RevisionInput = Partial<Omit<Revision, 'message'>> & Pick<Revision, 'id'>;

/**
 * Fills in what a file left out, drops what it says twice, and takes the message from the opening comment.
 *
 * @example revisionFrom({ id: '6e80461a0239', doc: 'add genre\n\nRevises: (base)' }).message // 'add genre'
 */
export function revisionFrom(input: RevisionInput): Revision {
  const doc = input.doc?.trim() ?? '';
  return {
    ...input,
    downRevisions: [...new Set(input.downRevisions)],
    dependsOn: [...new Set(input.dependsOn)],
    branchLabels: [...new Set(input.branchLabels)],
    message: firstParagraph(doc),
    doc,
  };
}

/** The first paragraph of a text on one line, as one line of output shows it. */
export function firstParagraph(text: string): string {
  const [first = ''] = text.trim().split(/\r?\n[^\S\n]*\r?\n/);
  return first.replace(/\s*\r?\n\s*/g, ' ').trim();
}

/** How a message names where a revision stands: its file, or else its id. */
export function placeOf(revision: Pick<Revision, 'id' | 'path'>): string {
  return revision.path ?? `revision ${revision.id}`;
}
