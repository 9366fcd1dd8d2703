/** What operations become on a database: the steps of a plan, in the words in which the packs write and the runners read it. */

import type { Operation } from '../schema/operations.js';

/** One step of a plan, in the order in which they run. */
export type PlanStep = PlanStatement | PlanCheck | PlanRemember | PlanReplay | PlanProbe;

export interface PlanStatement {
  readonly kind: 'statement';
  readonly sql: string;
  /** Counts that tell, when the statement has failed, which rows stood in its way. */
  readonly diagnoses?: readonly PlanCheck[];
  /** Present where no transaction can hold the statement: it commits by itself, or is refused inside one. */
  readonly outside?: OutsideTransaction;
}

/** What lets a run be resumed after a statement that no transaction holds. */
export interface OutsideTransaction {
  /**
   * What the statement changes, in words of the pack's own, which `RevisionTransactions.fingerprint` reads: the
   * same before and after means that it has not happened.
   */
  readonly objects: readonly string[];
  /** What a failed attempt leaves behind (an invalid index): counted, and taken away before the next one. */
  readonly leftover?: { readonly countSql: string; readonly sql: string };
}

/** Keeps statements that the database itself holds (a table's triggers) before a step takes them away. */
export interface PlanRemember {
  readonly kind: 'remember';
  readonly table: string;
  /** Selects one column: the texts of the statements, in the order in which to run them again. */
  readonly sql: string;
}

/** Runs what was remembered of a table, or of a view. */
export interface PlanReplay {
  readonly kind: 'replay';
  readonly table: string;
}

/**
 * Asks whether something that the plan does not touch (a view, a trigger) still works: what worked before the
 * plan must work after it. What was broken already is nobody's fault.
 */
export interface PlanProbe {
  readonly kind: 'probe';
  readonly moment: 'before' | 'after';
  /** What is asked about, in words: `view 'v'`; the same at both moments. */
  readonly object: string;
  /** Fails where the object is broken, and changes nothing. */
  readonly sql: string;
}

/** Refuses a step that cannot keep the data, with the offending rows counted. */
export interface PlanCheck {
  readonly kind: 'check';
  /** Selects one number: how many rows are in the way. */
  readonly countSql: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** What is wrong with those rows, to follow their number: `hold NULL in 'books.pages'`. */
  readonly problem: string;
  readonly remedy: string;
  /** Which of the planned operations is in question. */
  readonly operation: Operation;
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** The plan may only run while the database does not enforce foreign keys; the runner sees to it. */
  readonly suspendsForeignKeys: boolean;
}
