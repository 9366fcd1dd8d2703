/**
 * Runs a plan on a connection, step by step. Migrations and `createSchema` both come here; what a refusal is
 * called is theirs to say, and so is what surrounds a step: a transaction around all, or a journal.
 */

import { error } from '../../base/error-codes.js';
import { isLimbeckError } from '../../base/errors.js';
import type { Connection, Plan, PlanCheck, PlanProbe, PlanStatement, PlanStep } from '../contract.js';

/** Makes the error for rows that stand in the way of a step. */
export type Refusal = (check: PlanCheck, rows: number) => unknown;

/** What surrounds each step; gives the step's result, or the one that is on record. */
export type Carrier = <R>(step: PlanStep, run: () => Promise<R>) => Promise<R>;

const RUN_PLAINLY: Carrier = (_, run) => run();

/**
 * Runs every step of a plan.
 *
 * @throws what `refusal` makes for the first check that counts rows; DEPENDENT_BROKEN for a view or trigger
 * that would not work any more
 */
export async function runPlan(
  connection: Connection,
  plan: Plan,
  refusal: Refusal,
  carry: Carrier = RUN_PLAINLY,
): Promise<void> {
  const remembered = new Map<string, string[]>();
  const broken = new Set<string>();
  for (const step of plan.steps) {
    switch (step.kind) {
      case 'statement':
        await carry(step, () => runStatement(connection, step, refusal));
        break;
      case 'check':
        await carry(step, () => runCheck(connection, step, refusal));
        break;
      case 'remember': {
        const texts = await carry(step, async () => {
          const rows = await connection.queryArrays(step.sql);
          return rows.map(([text]) => String(text));
        });
        remembered.set(step.table, texts);
        break;
      }
      case 'replay':
        await carry(step, async () => {
          for (const text of remembered.get(step.table) ?? []) await connection.run(text);
        });
        break;
      case 'probe':
        await carry(step, () => ask(connection, step, broken));
        break;
      default:
        step satisfies never;
    }
  }
}

/** A statement that fails on the rows is explained by counting those in its way: who succeeds need not count. */
async function runStatement(connection: Connection, step: PlanStatement, refusal: Refusal): Promise<void> {
  try {
    await connection.run(step.sql);
  } catch (cause) {
    for (const check of step.diagnoses ?? []) {
      const rows = await diagnose(connection, check, step.outside !== undefined);
      if (rows > 0) throw refusal(check, rows);
    }
    throw cause;
  }
}

/** Rows in the way; none where the failure left nothing to count (a full disk undoes the whole transaction). */
async function diagnose(connection: Connection, check: PlanCheck, outside: boolean): Promise<number> {
  if (!outside && !connection.inTransaction) return 0;
  try {
    return await countRows(connection, check);
  } catch (cause) {
    if (isLimbeckError(cause)) return 0;
    throw cause;
  }
}

async function runCheck(connection: Connection, check: PlanCheck, refusal: Refusal): Promise<void> {
  const rows = await countRows(connection, check);
  if (rows !== 0) throw refusal(check, rows);
}

async function countRows(connection: Connection, { countSql }: PlanCheck): Promise<number> {
  const [[count] = []] = await connection.queryArrays(countSql);
  return Number(count);
}

/** What worked before the plan must work after it. */
async function ask(connection: Connection, probe: PlanProbe, broken: Set<string>): Promise<void> {
  const { object, moment, sql } = probe;
  if (broken.has(object)) return;
  try {
    await connection.run(sql);
  } catch (cause) {
    if (!isLimbeckError(cause)) throw cause;
    if (moment === 'before') broken.add(object);
    else
      throw error('DEPENDENT_BROKEN', { object, reason: cause.message.split('\n', 1)[0] ?? '' }, { cause });
  }
}
