/**
 * Codes of the revision graph. Where Alembic has words for a mistake, the message keeps them, since scripts
 * look for them; what it leaves out (which of several causes, what to do) follows or is the hint.
 */

import {
  AmbiguousRevisionError,
  DecisionNeededError,
  MigrationError,
  MultipleHeadsError,
  RevisionNotFoundError,
} from '../errors.js';

const list = (names: readonly string[]): string => names.join(', ');
/** Only so many names that a message stays readable; all of them are in the context. */
const few = (names: readonly string[]): string =>
  names.length > 5 ? `${list(names.slice(0, 5))}, …` : list(names);
const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];
const count = (n: number): string => NUMBERS[n] ?? String(n);
const cantLocate = (name: string): string => `Can't locate revision identified by '${name}'`;

export interface Cycle {
  revisions: readonly string[];
  files: readonly string[];
}
const filesOf = (c: Cycle): string | undefined =>
  c.files.length === 0 ? undefined : `Correct one of these files: ${list(c.files)}.`;

/** Files that are no longer what was applied. */
export interface ChangedFiles {
  revision: string;
  changes: readonly { kind: string; revision: string; text: string }[];
}
const changedMessage = (c: ChangedFiles): string =>
  `The files are not those that the database was made with; nothing was run.${c.changes
    .map(({ text }) => `\n  ${text}`)
    .join('')}`;
const repairOf = (c: ChangedFiles, kind: string): string =>
  `limbeck repair ${c.changes
    .filter((change) => change.kind === kind)
    .map(({ revision }) => revision)
    .join(' ')}`;

export const REVISION_CODES = {
  // What was applied, and is not what the files say by now.
  REVISION_EDITED: {
    type: MigrationError,
    message: changedMessage,
    hint: (c: ChangedFiles) =>
      `Restore the file, and write a new revision for what is to change. If the schema is right as it is: \`${repairOf(c, 'edited')}\` takes the files as they are.`,
  },
  REVISION_DELETED: {
    type: MigrationError,
    message: changedMessage,
    hint: (c: ChangedFiles) =>
      `Bring the file back from version control. If it is gone for good: \`${repairOf(c, 'deleted')}\` forgets it.`,
  },
  REVISION_RENAMED: {
    type: MigrationError,
    message: changedMessage,
    hint: (c: ChangedFiles) =>
      `Give the file its name back, or accept the new one: \`${repairOf(c, 'renamed')}\`.`,
  },
  REVISION_REORDERED: {
    type: MigrationError,
    message: changedMessage,
    hint: (c: ChangedFiles) =>
      `What was put below it would never run here. Restore its downRevision and put what is new behind the head (\`limbeck rebase\`). If the schema is right as it is: \`${repairOf(c, 'reordered')}\`.`,
  },
  REPAIR_NEEDLESS: {
    type: MigrationError,
    message: (c: { revision: string; changed: readonly string[] }) =>
      `Nothing is wrong with revision ${c.revision}, or it was never applied here.`,
    hint: (c: { revision: string; changed: readonly string[] }) =>
      c.changed.length === 0
        ? 'All files are those that were applied.'
        : `Those that differ from what was applied: ${few(c.changed)}.`,
  },

  // Two lines of one history.
  MERGE_CLASHES: {
    type: DecisionNeededError,
    message: (c: { questions: readonly string[]; clashes: readonly unknown[]; flags: readonly string[] }) =>
      `The lines do not commute: what a database looks like would depend on the order in which it got them. Nothing was written.${c.questions
        .map((each) => `\n  ${each}`)
        .join('')}`,
    hint: 'Change one of the revisions, or put one line behind the other: `limbeck rebase REV`. If any order will do: `--allow-clash REASON`.',
  },
  REBASE_APPLIED: {
    type: MigrationError,
    message: (c: { revisions: readonly string[] }) =>
      `The database has ${list(c.revisions)} already, and cannot run ${c.revisions.length === 1 ? 'it' : 'them'} behind another; nothing was written.`,
    hint: 'Rebase the other line, or join both: `limbeck merge heads`.',
  },
  REBASE_CLASHES: {
    type: MigrationError,
    message: (c: { revision: string; onto: string; reason: string }) =>
      `Revision ${c.revision} does not run behind ${c.onto}; nothing was written. ${c.reason}`,
    hint: 'Change the revision so that it fits behind the other line, then rebase.',
  },
  REBASE_NEEDLESS: {
    type: MigrationError,
    message: (c: { revision: string }) => `There is no other line to put ${c.revision} behind.`,
    hint: 'Name the new parent: `limbeck rebase REV --onto REV`. It must not stand on what is moved, nor the reverse.',
  },
  REBASE_FILE: {
    type: MigrationError,
    message: (c: { path: string }) =>
      `${c.path} does not say by a plain literal what it stands on; nothing was written.`,
    hint: "Change its downRevision by hand, or write it as `export const downRevision = '…';` and try again.",
  },

  // What an argument may not name.
  REVISION_NOT_FOUND: {
    type: RevisionNotFoundError,
    message: (c: { argument: string; labels?: readonly string[] }) => cantLocate(c.argument),
    hint: (c: { argument: string; labels?: readonly string[] }) =>
      `No file has this id, none begins with it and no branch is called so${
        c.labels?.length ? ` (branches: ${few(c.labels)})` : ''
      }. \`limbeck history\` lists the revisions.`,
  },
  REVISION_AMBIGUOUS: {
    type: AmbiguousRevisionError,
    message: (c: { argument: string; candidates: readonly string[] }) =>
      `${cantLocate(c.argument)}: ${count(c.candidates.length)} revisions begin with it (${few(c.candidates)}). Give more characters.`,
    hint: 'Give more characters of the id; `limbeck history` lists the revisions.',
  },
  REVISION_BRANCH_NOT_FOUND: {
    type: RevisionNotFoundError,
    message: (c: { argument: string; branch: string; labels: readonly string[] }) =>
      `${cantLocate(c.branch)}: in '${c.argument}' it stands for a branch, and no branch label or revision is called so. Check the name before the @.`,
    hint: (c: { argument: string; branch: string; labels: readonly string[] }) =>
      c.labels.length > 0
        ? `Branches: ${few(c.labels)}.`
        : 'No file has a branch label; give a revision of the branch before the @.',
  },
  REVISION_NOT_IN_BRANCH: {
    type: RevisionNotFoundError,
    message: (c: { argument: string; revision: string; branch: string }) =>
      `${cantLocate(c.argument)}: revision ${c.revision} is not a member of branch '${c.branch}'. Leave the branch out, or name one it belongs to.`,
    hint: 'Leave out what stands before the @; `limbeck history` shows the branches of each revision.',
  },
  REVISION_MISSING_FILE: {
    type: RevisionNotFoundError,
    message: (c: { revision: string; referrer: string; role: string; file: string }) =>
      `${cantLocate(c.revision)}: ${c.file} names it as its ${c.role}, but no file has that id. Bring the file back, or correct the ${c.role}.`,
    hint: (c: { revision: string; referrer: string; role: string; file: string }) =>
      `Bring back the file of revision ${c.revision} from version control, or correct the ${c.role} in ${c.file}.`,
  },
  REVISION_DATABASE_AHEAD: {
    type: RevisionNotFoundError,
    message: (c: { revision: string; rows: readonly string[] }) =>
      `${cantLocate(c.revision)}: the database is at this revision, but no migration file has that id. Bring the file back (another branch of the code may have it), or tell the database where it is with \`limbeck stamp --purge\`.`,
    hint: 'The database is ahead of the files: update the code, or `limbeck stamp --purge REVISION` where the file is gone for good.',
  },
  REVISION_ARGUMENT_INVALID: {
    type: RevisionNotFoundError,
    message: (c: { argument: string; problem: string }) => `${cantLocate(c.argument)}: ${c.problem}.`,
    hint: 'Give an id, the beginning of one, head, heads, base, +N, -N, ID+N, ID-N or BRANCH@one of these.',
  },

  // Several where one is needed.
  MULTIPLE_HEADS: {
    type: MultipleHeadsError,
    message: (c: {
      argument: string;
      heads: readonly string[];
      purpose?: 'revision' | 'stamp' | undefined;
    }) => {
      if (c.purpose === 'revision')
        return 'Multiple heads are present; please specify the head revision on which the new revision should be based, or perform a merge.';
      if (c.purpose === 'stamp') return 'Multiple heads are present; please specify a single target revision';
      return `Multiple head revisions are present for given argument '${c.argument}'; please specify a specific target revision, '<branchname>@head' to narrow to a specific head, or 'heads' for all heads`;
    },
    hint: (c: { heads: readonly string[] }) =>
      `The heads are ${few(c.heads)}; \`limbeck merge heads\` joins them into one, \`limbeck rebase REV\` puts one that is not applied yet behind the other.`,
  },
  RELATIVE_AMBIGUOUS: {
    type: AmbiguousRevisionError,
    message: (c: { direction: string; argument: string; choices: readonly string[] }) =>
      `Ambiguous ${c.direction} from multiple current revisions (${list(c.choices)})`,
    hint: (c: { argument: string; choices: readonly string[] }) =>
      `The database is at ${list(c.choices)}: say which, ${c.choices.map((id) => `'${id}@${c.argument}'`).join(' or ')}.`,
  },
  WALK_AMBIGUOUS: {
    type: AmbiguousRevisionError,
    message: (c: { from: string; direction: 'up' | 'down'; choices: readonly string[] }) =>
      c.direction === 'up'
        ? `Ambiguous walk: ${c.from} is followed by ${list(c.choices)}`
        : `Ambiguous walk: ${c.from} merges ${list(c.choices)}`,
    hint: (c: { choices: readonly string[] }) =>
      `Name a branch before an @ (for example '${c.choices[0]}@…'), or give the id of the revision itself.`,
  },

  // Relative arguments that lead nowhere.
  RELATIVE_TOO_FAR: {
    type: MigrationError,
    message: (c: { offset: string; reason: string }) =>
      `Relative revision ${c.offset} didn't produce ${c.offset.replace(/^[+-]/, '')} migrations`,
    hint: (c: { reason: string }) => c.reason,
  },
  WALKED_TOO_FAR: {
    type: MigrationError,
    message: (_: { argument: string; end: string; steps: number }) => 'Walked too far',
    hint: (c: { argument: string; end: string; steps: number }) =>
      `'${c.argument}' leads past ${c.end} after ${c.steps} ${c.steps === 1 ? 'step' : 'steps'}; give a smaller number.`,
  },
  DESTINATION_INVALID: {
    type: MigrationError,
    message: (c: { destination: string; direction: 'upgrade' | 'downgrade'; rows: readonly string[] }) =>
      `Destination ${c.destination} is not a valid ${c.direction} target from current head(s)`,
    hint: (c: { destination: string; rows: readonly string[] }) =>
      `The database is at ${c.rows.length === 0 ? 'base' : list(c.rows)}, where ${c.destination} is not applied; \`limbeck history -i\` shows both.`,
  },

  // Ranges.
  HISTORY_RANGE_INVALID: {
    type: MigrationError,
    message: (_: { range: string }) => 'History range requires [start]:[end], [start]:, or :[end]',
    hint: (c: { range: string }) =>
      `'${c.range}' needs exactly one colon, for example base:head or -3:current.`,
  },
  HISTORY_RANGE_UNRELATED: {
    type: MigrationError,
    message: (c: { start: string; end: string }) =>
      `Requested range ${c.start}:${c.end} does not refer to ancestor/descendant revisions along the same branch`,
    hint: 'Put the older revision first, and take both from one branch.',
  },
  RANGE_NOT_ALLOWED: {
    type: MigrationError,
    message: (_: { argument: string }) => 'Range revision not allowed',
    hint: 'A range FROM:TO needs --sql; without it the database itself says where it is.',
  },
  RANGE_REQUIRED: {
    type: MigrationError,
    message: (_: { argument: string }) => 'downgrade with --sql requires <fromrev>:<torev>',
    hint: 'Without a database at hand both ends must be given, for example head:head-1.',
  },
  REVISIONS_OVERLAP: {
    type: MigrationError,
    message: (c: { revision: string; others: readonly string[] }) =>
      `Requested revision ${c.revision} overlaps with other requested revisions ${list(c.others)}`,
    hint: (c: { revision: string; others: readonly string[] }) =>
      `One of them implies the other: leave out what ${c.revision} already rests on, or the reverse.`,
  },

  // Files that make no graph.
  REVISION_ID_INVALID: {
    type: MigrationError,
    message: (c: { characters: readonly string[]; revision: string; file?: string | undefined }) =>
      `Character(s) '${list(c.characters)}' not allowed in revision identifier '${c.revision}'`,
    hint: (c: { file?: string | undefined }) =>
      `The characters @ - + : have a meaning in arguments; give another id${c.file === undefined ? '' : ` in ${c.file}`}.`,
  },
  REVISION_ID_TOO_LONG: {
    type: MigrationError,
    message: (c: { revision: string; length: number; max: number; file?: string | undefined }) =>
      `Revision identifier '${c.revision}' is ${c.length} characters long; the version table holds ${c.max}`,
    hint: 'Give a shorter id; 12 hex digits are made when --rev-id is left out.',
  },
  REVISION_ID_RESERVED: {
    type: MigrationError,
    message: (c: { kind: string; name: string; file?: string | undefined }) =>
      c.name === ''
        ? `A ${c.kind} must not be empty`
        : `'${c.name}' cannot be a ${c.kind}: arguments use the word`,
    hint: (c: { file?: string | undefined }) =>
      `Give another name${c.file === undefined ? '' : ` in ${c.file}`}; head, heads, base and current are taken.`,
  },
  REVISION_DUPLICATE: {
    type: MigrationError,
    message: (c: { revision: string; files: readonly string[] }) =>
      `Revision ${c.revision} is present more than once${c.files.length > 0 ? `: in ${c.files.join(' and ')}` : ''}`,
    hint: 'Remove one of the files, or give one of them another id.',
  },
  REVISION_ID_TAKEN: {
    type: MigrationError,
    message: (c: { revision: string; by: string; file: string }) =>
      `Revision identifier '${c.revision}' is taken by the ${c.by} in ${c.file}`,
    hint: 'Give another --rev-id, or leave it out to have one made.',
  },
  REVISION_SELF_LOOP: {
    type: MigrationError,
    message: (c: Cycle) => `Self-loop is detected in revisions (${list(c.revisions)})`,
    hint: filesOf,
  },
  REVISION_DEPENDENCY_SELF_LOOP: {
    type: MigrationError,
    message: (c: Cycle) => `Dependency self-loop is detected in revisions (${list(c.revisions)})`,
    hint: filesOf,
  },
  REVISION_CYCLE: {
    type: MigrationError,
    message: (c: Cycle) => `Cycle is detected in revisions (${list(c.revisions)})`,
    hint: filesOf,
  },
  REVISION_DEPENDENCY_CYCLE: {
    type: MigrationError,
    message: (c: Cycle) => `Dependency cycle is detected in revisions (${list(c.revisions)})`,
    hint: filesOf,
  },
  BRANCH_LABEL_INVALID: {
    type: MigrationError,
    message: (c: { characters: readonly string[]; label: string; revision: string }) =>
      `Character(s) '${list(c.characters)}' not allowed in branch label '${c.label}' of revision ${c.revision}`,
    hint: 'The characters @ - + : have a meaning in arguments; choose another label.',
  },
  BRANCH_LABEL_DUPLICATE: {
    type: MigrationError,
    message: (c: { label: string; revision: string; other: string; files: readonly string[] }) =>
      `Branch name '${c.label}' in revision ${c.revision} already used by revision ${c.other}`,
    hint: (c: { files: readonly string[] }) =>
      `A label belongs to one revision${c.files.length > 0 ? ` (${c.files.join(', ')})` : ''}: choose another.`,
  },
  BRANCH_LABEL_IS_REVISION: {
    type: MigrationError,
    message: (c: { label: string; revision: string; files: readonly string[] }) =>
      `Branch name '${c.label}' in revision ${c.revision} is the id of a revision`,
    hint: 'Choose another label, so that an argument means one thing.',
  },

  // New revisions.
  REVISION_NOT_HEAD: {
    type: MigrationError,
    message: (c: { revision: string }) =>
      `Revision ${c.revision} is not a head revision; please specify --splice to create a new branch from this revision`,
    hint: 'Leave --head out to go on from the head, or add --splice for a branch.',
  },
  DUPLICATE_HEADS: {
    type: MigrationError,
    message: (_: { revisions: readonly string[] }) => 'Duplicate head revisions specified',
    hint: (c: { revisions: readonly string[] }) => `Name ${list(c.revisions)} once.`,
  },
  MERGE_NEEDS_SEVERAL: {
    type: MigrationError,
    message: (c: { revisions: readonly string[] }) =>
      c.revisions.length === 0
        ? 'There is nothing to merge: no revision is given'
        : `There is nothing to merge: ${list(c.revisions)} is the only revision given`,
    hint: 'A merge needs two revisions or more; `limbeck heads` lists the heads.',
  },
  DEPENDENCY_INVALID: {
    type: MigrationError,
    message: (c: { argument: string }) => `'${c.argument}' is no revision to depend on`,
    hint: 'Give --depends-on an id or a branch label.',
  },
};
