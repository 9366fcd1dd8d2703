/**
 * Which operator may stand where, and on what. Databases bend what they are given: to MariaDB `'abc' = 0` is true.
 * So a value must be of its column's type (its codec sees to that), a pattern stands on text alone, and an order is
 * asked only of types that all databases order in one way.
 */

import { error } from '../../base/error-codes.js';
import { type EntityMap, type Field, isOwningToOne, type MappedRelation } from '../mapping/entity-map.js';
import { type AnyOperator, isOperator, type OperatorKind } from './operators.js';
import { entityKey } from './related-keys.js';

type Kinds = ReadonlySet<string>;

const LOGIC: Kinds = new Set<OperatorKind>(['not', 'and', 'or']);
const MEMBERS: Kinds = new Set<OperatorKind>(['some', 'every', 'none']);
const ORDER: Kinds = new Set<OperatorKind>([
  'lessThan',
  'lessThanOrEqual',
  'moreThan',
  'moreThanOrEqual',
  'between',
]);
const PATTERN: Kinds = new Set<OperatorKind>(['like', 'ilike']);
const ARRAYS: Kinds = new Set<OperatorKind>(['arrayContains', 'arrayContainedBy', 'arrayOverlap']);
const IDENTITY: Kinds = new Set<OperatorKind>(['equal', 'in', 'any']);

/** Columns that hold text in every database; of another database's own types nobody knows. */
const TEXT: Kinds = new Set(['char', 'varchar', 'text', 'simple-array', 'native']);
/** An enum is ordered by its declaration on one database and by its text on another; JSON in no useful way. */
const UNORDERED: Kinds = new Set(['json', 'enum', 'simple-array']);

/** @throws CONDITION_INVALID · CAPABILITY_MISSING */
export function checkOperator(map: EntityMap, field: Field, property: string, condition: AnyOperator): void {
  const { kind } = condition;
  if (LOGIC.has(kind)) return;
  const problem =
    field.kind === 'column'
      ? columnProblem(map, field.meta.type.kind, condition)
      : field.kind === 'relation'
        ? relationProblem(field, condition)
        : 'only Not, And and Or stand on an embedded object; name a property inside it';
  if (problem !== undefined) throw error('CONDITION_INVALID', { entity: map.meta.name, property, problem });
}

function columnProblem(map: EntityMap, type: string, { kind, operands }: AnyOperator): string | undefined {
  if (kind === 'isNull' || kind === 'raw' || IDENTITY.has(kind)) return undefined;
  if (PATTERN.has(kind)) {
    return TEXT.has(type) ? patternProblem(operands[0]) : `a pattern stands on text, not on ${type}`;
  }
  if (ORDER.has(kind)) {
    return UNORDERED.has(type) ? `databases order values of type ${type} in different ways` : undefined;
  }
  if (ARRAYS.has(kind)) {
    if (!map.dialect.capabilities.arrays) {
      throw error('CAPABILITY_MISSING', {
        database: map.dialect.name,
        feature: 'array condition',
        object: 'use JsonContains on a json column',
      });
    }
    return type === 'array' ? undefined : `an array is expected, the column is of type ${type}`;
  }
  if (kind === 'jsonContains') {
    return type === 'json' ? undefined : `JSON is expected, the column is of type ${type}`;
  }
  return MEMBERS.has(kind)
    ? 'Some, Every and None stand on relations to many entities'
    : `there is no operator '${String(kind)}'`;
}

/** What the database would refuse, or each in its own way take for something else. */
function patternProblem(pattern: unknown): string | undefined {
  // What is missing is told by the walk, in its own words.
  if (pattern === undefined || pattern === null || isOperator(pattern)) return undefined;
  if (typeof pattern !== 'string') return 'a pattern is a string';
  const [end] = /\\*$/.exec(pattern) as unknown as [string];
  return end.length % 2 === 1 ? 'the pattern ends in a single backslash; escapeLike() doubles it' : undefined;
}

function relationProblem(relation: MappedRelation, { kind, operands }: AnyOperator): string | undefined {
  if (IDENTITY.has(kind)) return undefined;
  if (MEMBERS.has(kind)) {
    return relation.toMany ? undefined : 'Some, Every and None stand on relations to many entities';
  }
  if (kind === 'isNull') {
    return relation.toMany ? 'a relation to many is never null; say None({}) for no member' : undefined;
  }
  if (relation.toMany && ORDER.has(kind) && kind !== 'between') {
    const [count] = operands;
    const isCount = typeof count === 'number' && Number.isSafeInteger(count);
    return isCount ? undefined : 'the number of members is compared with a whole number';
  }
  if (kind === 'raw' && isOwningToOne(relation.meta) && relation.local.length === 1) return undefined;
  return `'${String(kind)}' cannot be asked of a relation; name a property inside it`;
}

/** How a list is written: as one parameter, or with a placeholder for each value and some to spare. */
export type ListPlan = { readonly kind: 'packed' } | { readonly kind: 'room'; readonly room: number };

/** Longer lists go as one parameter, so that they never meet the most that a statement takes. */
const MOST_PLACEHOLDERS = 256;

/** Both walks ask this, so both go the same way. */
export function listPlan(map: EntityMap, field: Field, { kind, operands }: AnyOperator): ListPlan {
  const { length } = operands[0] as readonly unknown[];
  const room: ListPlan = { kind: 'room', room: roomFor(length) };
  if (length === 0) return room;
  const columns = field.kind === 'relation' ? entityKey(field) : field.kind === 'column' ? [field] : [];
  const type = columns.length === 1 ? columns[0]?.meta.type : undefined;
  // JSON is compared value by value.
  const packed = type === undefined || type.kind === 'json' ? undefined : map.dialect.conditions.list(type);
  if (packed === undefined) return room;
  const isFaster = length >= (packed.fasterFrom ?? Number.POSITIVE_INFINITY);
  const isWanted = kind === 'any' && packed.preferred;
  return isFaster || isWanted || length > MOST_PLACEHOLDERS ? { kind: 'packed' } : room;
}

/** The next power of two, of longer lists the next multiple of 256; none for an empty list. */
export function roomFor(count: number): number {
  if (count > MOST_PLACEHOLDERS) return Math.ceil(count / MOST_PLACEHOLDERS) * MOST_PLACEHOLDERS;
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}
