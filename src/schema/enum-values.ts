/** The values of an enum after it was altered, and the alteration that leads from one list to another. */

import { error } from '../base/error-codes.js';
import { compact, deepEqual } from '../base/structure.js';
import type { Enum } from './model.js';
import type { EnumAddition, OperationOf } from './operations.js';

/**
 * The values after an alteration: renamed (all at once, so two may exchange their names), then removed,
 * then added, then put in order.
 *
 * @throws SCHEMA_OBJECT_MISSING, SCHEMA_OBJECT_EXISTS naming the value · SCHEMA_INVALID when the order is
 * not one of these values
 */
export function alterEnumValues(found: Enum, op: OperationOf<'alterEnum'>): readonly string[] {
  const operation = op.kind;
  let values = [...found.values];
  const at = (name: string): number => {
    const index = values.indexOf(name);
    if (index === -1) {
      throw error('SCHEMA_OBJECT_MISSING', { operation, object: `value of enum '${found.name}'`, name });
    }
    return index;
  };
  const refusePresent = (name: string): void => {
    if (!values.includes(name)) return;
    throw error('SCHEMA_OBJECT_EXISTS', { operation, object: `value of enum '${found.name}'`, name });
  };
  const renamed = new Map(Object.entries(op.rename ?? {}).map(([from, to]) => [at(from), to]));
  const old = values;
  values = old.filter((_, i) => !renamed.has(i));
  for (const to of renamed.values()) {
    refusePresent(to);
    values.push(to);
  }
  values = old.map((value, i) => renamed.get(i) ?? value);
  for (const value of op.remove ?? []) values.splice(at(value), 1);
  for (const { value, before } of op.add ?? []) {
    refusePresent(value);
    values.splice(before === undefined ? values.length : at(before), 0, value);
  }
  if (op.order === undefined) return values;
  if (!deepEqual([...op.order].sort(), [...values].sort())) {
    const problem = `the order must name each of its values once (${values.join(', ')})`;
    throw error('SCHEMA_INVALID', { object: 'enum', name: found.name, problem });
  }
  return op.order;
}

/** The alteration that adds what is new; undefined when nothing is. */
export function additionsTo(from: readonly string[], to: readonly string[]): readonly EnumAddition[] {
  const present = new Set(from);
  const additions: EnumAddition[] = [];
  // From the end, so that the value a new one stands before is there already.
  for (let i = to.length - 1; i >= 0; i--) {
    const value = to[i] as string;
    if (present.has(value)) continue;
    const next = to[i + 1];
    additions.push(compact({ value, before: next }));
    present.add(value);
  }
  return additions;
}
