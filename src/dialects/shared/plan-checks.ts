/** What the checks of a plan have in common, whatever the database: what to do about rows, and counting once. */

import type { Operation } from '../../schema/operations.js';
import type { PlanCheck } from '../contract.js';

/** What a person can do about rows that stand in the way. */
export function remedyOf(operation: Operation): string {
  switch (operation.kind) {
    case 'addColumn':
      return 'Give the column a default, or give `fill` the value for rows that are there.';
    case 'alterColumn':
      return "Change those rows in a data step before it, give `using` an expression that makes the new value, or say allowLoss: 'why'.";
    default:
      return 'Change those rows in a data step before it.';
  }
}

/** The first of several checks that count the same. */
export function distinctChecks(checks: readonly PlanCheck[]): PlanCheck[] {
  const seen = new Set<string>();
  return checks.filter(({ countSql }) => {
    const isNew = !seen.has(countSql);
    seen.add(countSql);
    return isNew;
  });
}
