/** What `plan` tells: a versioned document of which new versions only add to. */

import type { Impact } from '../../dialects/shared/impact.js';

/** What an upgrade would do, in the order in which it would do it. */
export interface UpgradePlan {
  /** Of this document; it changes when something is taken away or means something else. */
  readonly version: 1;
  readonly dialect: string;
  /** Whether a database was asked; otherwise rows and checks are unknown. */
  readonly isLive: boolean;
  /** Where it begins: the heads of the database, or the start of the range. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly revisions: readonly PlannedRevision[];
  readonly warnings: readonly string[];
}

export interface PlannedRevision {
  readonly revision: string;
  readonly downRevisions: readonly string[];
  readonly message: string;
  readonly path: string | null;
  /** One transaction together with its version row, or each step by itself, on record in the journal. */
  readonly transaction: 'one' | 'step by step';
  /** Whether foreign keys are off while it runs, and checked at its end. */
  readonly suspendsForeignKeys: boolean;
  readonly reversible: Reversible;
  readonly steps: readonly PlannedStep[];
}

export interface Reversible {
  /** `loses data`: the structure comes back, and rows or values do not. */
  readonly verdict: 'yes' | 'loses data' | 'no' | 'unknown';
  readonly reasons: readonly string[];
}

/** Directives that stand next to each other, which become statements together, or one step with rows. */
export interface PlannedStep {
  readonly kind: 'schema' | 'execute' | 'insert' | 'require' | 'outside';
  readonly changes: readonly PlannedOperation[];
  readonly checks: readonly PlannedCheck[];
  /** As `upgrade --sql` writes them. */
  readonly sql: readonly string[];
}

/** One directive, or one step with rows. */
export interface PlannedOperation {
  /** `added column 'books.genre'`. */
  readonly words: readonly string[];
  /** `file:line:column`. */
  readonly place: string | null;
  /** The locks that it takes in turn; none where it touches nothing that others use, or nobody knows. */
  readonly impacts: readonly Impact[];
  readonly rows: readonly TableRows[];
}

/** How many rows a table has that a change works on. */
export interface TableRows {
  readonly table: string;
  readonly rows: number;
  /** Otherwise there are at least so many: counted up to a limit, or what the database has in its catalog. */
  readonly isExact: boolean;
}

/** A question that the run asks before it changes anything; any row in the way is a refusal. */
export interface PlannedCheck {
  readonly table: string;
  readonly columns: readonly string[];
  readonly problem: string;
  readonly remedy: string;
  /** Null where it was not asked: no database, too big a table, or an earlier step has to come first. */
  readonly rows: number | null;
  /** Whether nothing before it in the plan can change the answer. */
  readonly isCertain: boolean;
}

export interface PlanWishes {
  /** Replay the files alone: from base, or of a range `A:B`; no database is opened. */
  readonly fromMigrations?: boolean | undefined;
}
