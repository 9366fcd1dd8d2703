/**
 * What the migration commands take and give: one method a command, data where the command line prints.
 */

import type { LimbeckError } from '../base/errors.js';
import type { Diagram } from '../diagrams/erd/model.js';
import type { ErdFormat, GraphFormat } from '../diagrams/format.js';
import type { DrawnRevision } from '../diagrams/history/model.js';
import type { Screen } from '../diagrams/paint.js';
import type { Operation } from '../schema/operations.js';
import type { RevisionOperation } from './hooks/types.js';
import type { PlanWishes, UpgradePlan } from './plan/types.js';

export type * from './plan/types.js';

/** What autogenerate would do, in words and as data. */
export interface Difference {
  readonly operations: readonly RevisionOperation[];
  /** `added column 'books.genre'`, one a change, in the order of the operations. */
  readonly changes: readonly string[];
  /** What is destroyed or may fail, with row counts where a database was at hand. */
  readonly warnings: readonly string[];
}

export interface RevisionOptions {
  readonly message?: string | undefined;
  readonly autogenerate?: boolean | undefined;
  /** Compare the models with what the files make of an empty database; no database is needed. */
  readonly fromMigrations?: boolean | undefined;
  /** `head` unless said otherwise. */
  readonly head?: string | undefined;
  readonly splice?: boolean | undefined;
  readonly branchLabel?: string | undefined;
  /** The migrations folder to write to, where there are several. */
  readonly versionPath?: string | undefined;
  readonly revId?: string | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  /** `T.C:NEW`, `T:NEW`. */
  readonly renames?: readonly string[] | undefined;
  /** `ENUM.V:NEW`. */
  readonly renameValues?: readonly string[] | undefined;
  /** `T.C`, `T`: dropped, not renamed. */
  readonly drops?: readonly string[] | undefined;
  /** No candidate that is left is a rename. */
  readonly noRename?: boolean | undefined;
  /** By `T.C`: the value for rows that are there when a NOT NULL column without default is added. */
  readonly fills?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface RevisionResult {
  readonly revision: string;
  readonly path: string;
  readonly operations: readonly RevisionOperation[];
  readonly changes: readonly string[];
  readonly warnings: readonly string[];
}

export interface MergeOptions {
  readonly message?: string | undefined;
  readonly branchLabel?: string | undefined;
  readonly revId?: string | undefined;
  readonly splice?: boolean | undefined;
  /** Why lines may be joined that come out differently in another order; it is written into the file. */
  readonly allowClash?: string | undefined;
}

/** Why two lines of revisions do not commute, or cannot be shown to. */
export interface MergeClash {
  /** The heads of the two lines. */
  readonly between: readonly [string, string];
  /** Revisions of either line that have a hand in it. */
  readonly revisions: readonly string[];
  /** Objects that both lines work on: `books`, `books.title`. */
  readonly objects: readonly string[];
  readonly problem: string;
}

/** Whether the lines of a merge may run in any order. */
export interface MergeProof {
  readonly verdict: 'commutes' | 'clashes' | 'unproven';
  /** What fails, or comes out differently, in another order. */
  readonly clashes: readonly MergeClash[];
  /** What nobody can tell: statements of people's own that work with rows. */
  readonly unproven: readonly MergeClash[];
}

export interface MergeResult extends RevisionResult {
  readonly proof: MergeProof;
}

/** What `rebase` has put elsewhere; what stands on these came along. */
export interface RebaseResult {
  readonly onto: string;
  readonly rebased: readonly {
    readonly revision: string;
    readonly path: string;
    readonly from: readonly string[];
    readonly to: string;
  }[];
}

/** One revision that a run applied, took back or stamped. */
export interface RunStep {
  readonly direction: 'upgrade' | 'downgrade' | 'stamp';
  /** The line of the log: `Running upgrade a -> b, message`. */
  readonly line: string;
  readonly revision: string | null;
}

export interface RunResult {
  readonly steps: readonly RunStep[];
  /** Heads in the database afterwards. */
  readonly heads: readonly string[];
  readonly warnings: readonly string[];
  /** The script, where only SQL was asked for. */
  readonly sql?: string;
}

export interface RunOptions {
  /** Print SQL instead of running it. */
  readonly sql?: boolean | undefined;
  readonly tag?: string | undefined;
}

/** One revision as the listing commands tell it. */
export interface RevisionEntry {
  readonly revision: string;
  readonly downRevisions: readonly string[];
  readonly dependsOn: readonly string[];
  readonly branchLabels: readonly string[];
  readonly message: string;
  readonly path: string | null;
  readonly isHead: boolean;
  readonly isCurrent: boolean;
  /** As the command prints it; several lines where verbose. */
  readonly text: string;
}

/** What happens during a command, told as it happens; the command line prints it to standard error. */
export type MigrationEvent =
  | { readonly kind: 'detected'; readonly text: string }
  | { readonly kind: 'running'; readonly step: RunStep }
  | { readonly kind: 'warning'; readonly text: string };

/** A question that only a person can answer; `undefined` leaves it open. */
export interface Decider {
  /** Which of `to` a dropped thing became; `null` when it is really dropped. */
  rename(question: {
    readonly what: string;
    readonly name: string;
    readonly to: readonly string[];
  }): Promise<string | null | undefined>;
  /** The value of a new NOT NULL column for the rows that are there. */
  fill(question: {
    readonly column: string;
    readonly type: string;
    /** How many there are; undefined where no database is at hand. */
    readonly rows: number | undefined;
  }): Promise<string | undefined>;
}

/** What `repair` has put right. */
export interface RepairResult {
  readonly repaired: readonly {
    readonly kind: 'edited' | 'deleted' | 'renamed' | 'reordered';
    readonly revision: string;
  }[];
}

/** How the history is drawn; `width` and `colours` are a terminal's. */
export interface GraphOptions extends Screen {
  /** `text` unless said otherwise. */
  readonly format?: GraphFormat | undefined;
  /** As `history` takes it. */
  readonly range?: string | undefined;
}

/** The history, drawn and as data. */
export interface GraphResult {
  readonly format: GraphFormat;
  readonly picture: string;
  /** Newest first. */
  readonly revisions: readonly DrawnRevision[];
  readonly warnings: readonly string[];
}

/** What the database has that the files do not say, and both ways to end it. */
export interface Drift {
  /** Where the database stands. */
  readonly heads: readonly string[];
  /** What has happened to the database: `added column 'books.genre'`, one a change. */
  readonly changes: readonly string[];
  /** What cannot be judged (statements whose effect nobody declared), and what the way back destroys. */
  readonly warnings: readonly string[];
  /** What leads back to the files. */
  readonly revert: readonly Operation[];
  /** What leads from the files to the database as it is. */
  readonly adopt: readonly Operation[];
}

export interface VerifyOptions extends Pick<RevisionOptions, 'message' | 'revId' | 'head' | 'versionPath'> {
  /** Write the SQL that leads back to the files. */
  readonly sql?: boolean | undefined;
  /** Write a revision that does what was done to the database by other hands. */
  readonly adopt?: boolean | undefined;
}

export interface VerifyResult extends Drift {
  /** The script, where it was asked for. */
  readonly sql?: string;
  /** The revision, where one was asked for and there is drift. */
  readonly adopted?: RevisionResult;
  /** Commands that are to follow, in their order. */
  readonly next: readonly string[];
}

/** What is drawn as tables: the models unless one of the three says otherwise. */
export interface ErdOptions extends Screen {
  /** `text` unless said otherwise. */
  readonly format?: ErdFormat | undefined;
  /** What the database has. */
  readonly database?: boolean | undefined;
  /** What the files make of an empty database up to a revision. */
  readonly revision?: string | undefined;
  /** What one revision adds, removes and changes. */
  readonly changes?: string | undefined;
}

/** A schema, drawn and as data. */
export interface ErdResult {
  readonly format: ErdFormat;
  readonly picture: string;
  readonly diagram: Diagram;
  readonly warnings: readonly string[];
}

/** The commands as methods; each returns what its command prints with `--json`. */
export interface Migrations {
  revision(options?: RevisionOptions): Promise<RevisionResult | null>;
  upgrade(target: string, options?: RunOptions): Promise<RunResult>;
  downgrade(target: string, options?: RunOptions): Promise<RunResult>;
  stamp(
    targets: string | readonly string[],
    options?: RunOptions & { readonly purge?: boolean },
  ): Promise<RunResult>;
  /** @throws MERGE_CLASHES when the lines come out differently in another order, unless `allowClash` says why */
  merge(revisions: string | readonly string[], options?: MergeOptions): Promise<MergeResult>;
  /**
   * Puts a line of revisions that no database has behind another one, by writing its first files anew.
   *
   * @param revision any of the line
   * @param options `onto`: the new parent; the only other head when it is not said
   * @throws REBASE_APPLIED · REBASE_CLASHES · REBASE_NEEDLESS · REBASE_FILE
   */
  rebase(revision: string, options?: { readonly onto?: string | undefined }): Promise<RebaseResult>;
  diff(
    options?: Pick<RevisionOptions, 'renames' | 'renameValues' | 'drops' | 'noRename' | 'fromMigrations'>,
  ): Promise<Difference>;
  /** @throws NEW_OPERATIONS when the models and the database differ; NOT_UP_TO_DATE when it is behind */
  check(options?: Pick<RevisionOptions, 'fromMigrations'>): Promise<Difference>;
  /**
   * Holds the database against the files of the revisions that it has.
   *
   * @throws DRIFT_FOUND when they differ and neither `sql` nor `adopt` says what to do about it
   */
  verify(options?: VerifyOptions): Promise<VerifyResult>;
  /**
   * What `upgrade` would run from where the database stands, with what it costs; writes nothing.
   *
   * @param target `heads` when absent; a range `A:B` is planned from the files alone
   */
  plan(target?: string, options?: PlanWishes): Promise<UpgradePlan>;
  current(options?: {
    readonly verbose?: boolean;
    readonly checkHeads?: boolean;
  }): Promise<readonly RevisionEntry[]>;
  heads(options?: {
    readonly verbose?: boolean;
    readonly resolveDependencies?: boolean;
  }): Promise<readonly RevisionEntry[]>;
  history(options?: {
    readonly range?: string;
    readonly verbose?: boolean;
    readonly indicateCurrent?: boolean;
  }): Promise<readonly RevisionEntry[]>;
  branches(options?: { readonly verbose?: boolean }): Promise<readonly RevisionEntry[]>;
  show(revision: string): Promise<readonly RevisionEntry[]>;
  /**
   * Takes the files of these revisions as they are now for those that were applied.
   *
   * @param revisions full ids, for a file that is gone can be found by no other name
   * @throws REPAIR_NEEDLESS for one that has not changed
   */
  repair(revisions: string | readonly string[]): Promise<RepairResult>;
  /**
   * Draws the history. No database is needed: without one nothing is marked as applied.
   *
   * @throws PICTURE_FORMAT_UNKNOWN
   */
  graph(options?: GraphOptions): Promise<GraphResult>;
  /**
   * Draws tables and their foreign keys.
   *
   * @throws PICTURE_FORMAT_UNKNOWN · PICTURE_OF_TWO when it is to show two things at once · MODELS_MISSING
   */
  erd(options?: ErdOptions): Promise<ErdResult>;
  /** Makes the version table where it is missing. */
  ensureVersion(options?: RunOptions): Promise<RunResult>;
}

/** Where a failed command leaves its error for `--json`. */
export interface FailureDocument {
  readonly error: Pick<LimbeckError, 'code' | 'message' | 'context'> & { readonly hint: string | null };
}
