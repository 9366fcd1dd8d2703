/**
 * Whether conditions say nothing, and so mean every row: `{}`, `{ author: {} }`, `{ id: Not(In([])) }`. Told from
 * their form alone; reads nothing. A delete or an update with such criteria is refused: the list that is empty by
 * mistake must not empty the table.
 */

import type { EntityMap, Field, Values } from '../mapping/entity-map.js';
import { fieldNamed } from '../mapping/family-fields.js';
import { type AnyOperator, isOperator } from './operators.js';

/** Which rows a condition can find, as far as its form tells. */
type Reach = 'all' | 'some' | 'none';

/** @param where conditions that were checked already, see `labelWhere` */
export function findsEverything(map: EntityMap, where: unknown): boolean {
  return reachOf(map, where) === 'all';
}

function reachOf(map: EntityMap, where: unknown): Reach {
  if (Array.isArray(where)) return either(where.map((each) => reachOf(map, each)));
  if (isOperator(where)) return reachOfLogic(where, (operand) => reachOf(map, operand));
  return reachOfObject((property) => fieldNamed(map, property), where as Values);
}

function reachOfObject(fieldOf: (property: string) => Field | undefined, where: Values): Reach {
  return both(
    Object.keys(where).map((property) => reachOfField(fieldOf(property) as Field, where[property])),
  );
}

function reachOfField(field: Field, value: unknown): Reach {
  if (isOperator(value)) return reachOfOperator(field, value);
  if (field.kind === 'embedded') {
    return reachOfObject((property) => field.fields.get(property), value as Values);
  }
  if (field.kind === 'column' || field.target.isInstance(value)) return 'some';
  return reachOf(field.target, value);
}

function reachOfOperator(field: Field, condition: AnyOperator): Reach {
  const [operand] = condition.operands;
  switch (condition.kind) {
    case 'not':
    case 'and':
    case 'or':
      return reachOfLogic(condition, (each) => reachOfField(field, each));
    case 'in':
    case 'any':
      return (operand as readonly unknown[]).length === 0 ? 'none' : 'some';
    case 'some':
      // Not 'all' of `Some({})`: that there is a member is something to ask.
      return membersReach(field, operand) === 'none' ? 'none' : 'some';
    case 'none':
      return membersReach(field, operand) === 'none' ? 'all' : 'some';
    case 'every':
      return membersReach(field, operand) === 'all' ? 'all' : 'some';
    default:
      return 'some';
  }
}

function membersReach(field: Field, operand: unknown): Reach {
  return field.kind === 'relation' && !field.target.isInstance(operand)
    ? reachOf(field.target, operand)
    : 'some';
}

function reachOfLogic({ kind, operands }: AnyOperator, reach: (operand: unknown) => Reach): Reach {
  const reaches = operands.map(reach);
  if (kind === 'and') return both(reaches);
  if (kind === 'or') return either(reaches);
  const [inner] = reaches;
  return inner === 'all' ? 'none' : inner === 'none' ? 'all' : 'some';
}

function both(reaches: readonly Reach[]): Reach {
  if (reaches.includes('none')) return 'none';
  return reaches.includes('some') ? 'some' : 'all';
}

function either(reaches: readonly Reach[]): Reach {
  if (reaches.includes('all')) return 'all';
  return reaches.includes('some') ? 'some' : 'none';
}
