/**
 * How the steps of a revision are carried: all in the one transaction of the revision, or one by one, each in
 * the journal, where a database has statements that no transaction holds. `JournaledSteps` is the second way.
 */

import { error } from '../base/error-codes.js';
import type { Connection, Plan } from '../dialects/contract.js';
import { type Refusal, runPlan } from '../dialects/shared/run-plan.js';

/** Carries out what a revision asks for. Texts tell the steps of a revision from each other when it is resumed. */
export interface Steps {
  /** The plan of directives that stand next to each other. */
  plan(plan: Plan, refusal: Refusal): Promise<void>;
  /** Changes rows, in a transaction. @throws TRANSACTION_LEFT where the step has ended it */
  write<R>(text: string, run: () => Promise<R>): Promise<R>;
  /** A statement that commits by itself, or is refused inside a transaction. */
  outside<R>(text: string, run: () => Promise<R>): Promise<R>;
  /** A place where what is open is committed. */
  boundary(): Promise<void>;
  /** Reads; a resumed revision is given the answer of the first time. */
  read<R>(text: string, run: () => Promise<R>): Promise<R>;
}

/** Thrown when a step cannot run in a transaction; the runner begins the revision again, step by step. */
export class RestartStepwise extends Error {}

/** Everything in the transaction that the runner has opened. */
export class TransactionSteps implements Steps {
  readonly #connection: Connection;
  /** Whether the database can be worked on step by step at all. */
  readonly #mayRestart: boolean;

  constructor(connection: Connection, mayRestart: boolean) {
    this.#connection = connection;
    this.#mayRestart = mayRestart;
  }

  async plan(plan: Plan, refusal: Refusal): Promise<void> {
    if (plan.steps.some((step) => step.kind === 'statement' && step.outside !== undefined)) {
      throw new RestartStepwise();
    }
    await runPlan(this.#connection, plan, refusal);
  }

  async write<R>(text: string, run: () => Promise<R>): Promise<R> {
    const result = await run();
    if (!this.#connection.inTransaction) throw error('TRANSACTION_LEFT', { statement: text });
    return result;
  }

  /** Where the transaction holds everything there is, the step is as well off inside it. */
  async outside<R>(_: string, run: () => Promise<R>): Promise<R> {
    if (this.#mayRestart) throw new RestartStepwise();
    return run();
  }

  async boundary(): Promise<void> {
    if (this.#mayRestart) throw new RestartStepwise();
  }

  read<R>(_: string, run: () => Promise<R>): Promise<R> {
    return run();
  }
}
