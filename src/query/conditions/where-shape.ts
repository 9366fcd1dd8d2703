/**
 * Conditions → the shape that their SQL is kept under, and the values of this call. What is wrong is refused
 * here, on every call.
 */

import { error } from '../../base/error-codes.js';
import type { EntityMap, Field, MappedColumn, MappedRelation, Values } from '../mapping/entity-map.js';
import { isOwningToOne } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import type { ShapeWalk } from '../shape-cache.js';
import { isOperator, type Operator } from './operators.js';

type Fields = ReadonlyMap<string, Field>;

/** Labels that no property can have: numbers. */
const LABEL = { list: 1, end: 2, entity: 3, equal: 4, nested: 5, operator: 6 } as const;

/**
 * Tells the shape of a condition and collects its values.
 *
 * @throws PROPERTY_UNKNOWN · CONDITION_MISSING · CONDITION_INVALID
 */
export function labelWhere(map: EntityMap, where: unknown, shape: ShapeWalk): void {
  if (!Array.isArray(where)) {
    labelObject(map, map.fields, where, shape);
    return;
  }
  shape.label(LABEL.list);
  for (const each of where) labelObject(map, map.fields, each, shape);
  shape.label(LABEL.end);
}

function labelObject(map: EntityMap, fields: Fields, where: unknown, shape: ShapeWalk): void {
  const conditions = asConditions(map, where);
  for (const property in conditions) {
    const field = fields.get(property);
    if (field === undefined) throw map.unknown(property, 'where', fields.keys());
    shape.label(property);
    labelCondition(map, field, property, conditions[property], shape);
  }
  shape.label(LABEL.end);
}

function labelCondition(
  map: EntityMap,
  field: Field,
  property: string,
  value: unknown,
  shape: ShapeWalk,
): void {
  if (value === undefined || value === null) {
    const missing = value === null ? 'null' : 'undefined';
    throw error('CONDITION_MISSING', { entity: map.meta.name, property, value: missing });
  }
  if (isOperator(value)) labelOperator(map, field, property, value, shape);
  else if (field.kind === 'column') {
    shape.label(LABEL.equal);
    shape.value(value);
  } else if (field.kind === 'embedded') {
    labelObject(map, field.fields, value, shape);
  } else if (field.target.isInstance(value)) {
    shape.label(LABEL.entity);
    for (const column of entityKey(field)) shape.value(keyValue(field, column, value));
  } else {
    shape.label(LABEL.nested);
    labelObject(field.target, field.target.fields, value, shape);
  }
}

function labelOperator(
  map: EntityMap,
  field: Field,
  property: string,
  condition: Operator,
  shape: ShapeWalk,
): void {
  const { kind, operands } = condition;
  shape.label(LABEL.operator);
  shape.label(kind);
  if (field.kind !== 'column') checkRelationOperator(map, field, property);
  if (kind === 'raw') {
    shape.cacheable = false;
  } else if (kind === 'in') {
    labelList(map, field, property, operands[0], shape);
  } else {
    shape.label(operands.length);
    const takesConditions = kind === 'not' || kind === 'and' || kind === 'or';
    for (const operand of operands) {
      if (takesConditions) labelCondition(map, field, property, operand, shape);
      else shape.value(operandOf(map, field, property, operand));
    }
  }
}

function labelList(map: EntityMap, field: Field, property: string, list: unknown, shape: ShapeWalk): void {
  const values = asList(map, property, list);
  const room = roomFor(values.length);
  shape.label(room);
  for (let i = 0; i < room; i++) {
    // The rest of the room repeats the last value, so that few lengths of a list make few statements.
    shape.value(operandOf(map, field, property, values[Math.min(i, values.length - 1)]));
  }
}

/** The next power of two; none for an empty list. */
export function roomFor(count: number): number {
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}

function asList(map: EntityMap, property: string, list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list;
  throw error('CONDITION_INVALID', {
    entity: map.meta.name,
    property,
    problem: 'In() takes a list of values',
  });
}

/** A single value inside an operator; an entity means its key. */
function operandOf(map: EntityMap, field: Field, property: string, operand: unknown): unknown {
  if (operand === undefined || operand === null) {
    const value = operand === null ? 'null' : 'undefined';
    throw error('CONDITION_MISSING', { entity: map.meta.name, property, value });
  }
  if (isOperator(operand)) {
    const problem = 'only Not, And and Or take other operators';
    throw error('CONDITION_INVALID', { entity: map.meta.name, property, problem });
  }
  if (field.kind !== 'relation') return operand;
  if (field.target.isInstance(operand)) return keyValue(field, field.remote[0] as MappedColumn, operand);
  const problem = `expected an entity of '${field.target.meta.name}'`;
  throw error('CONDITION_INVALID', { entity: map.meta.name, property, problem });
}

/** An operator asks a relation for its key, which this entity must hold in one column. */
function checkRelationOperator(map: EntityMap, field: Exclude<Field, MappedColumn>, property: string): void {
  if (field.kind === 'relation' && isOwningToOne(field.meta) && field.local.length === 1) return;
  const problem =
    'operators stand on columns and on relations whose key this entity holds; name a property inside it';
  throw error('CONDITION_INVALID', { entity: map.meta.name, property, problem });
}

function entityKey(relation: MappedRelation): readonly MappedColumn[] {
  return isOwningToOne(relation.meta) ? relation.remote : relation.target.key;
}

function keyValue(relation: MappedRelation, column: MappedColumn, entity: object): unknown {
  const value = readColumn(column, entity);
  if (value !== undefined && value !== null) return value;
  throw error('KEY_MISSING', {
    entity: relation.target.meta.name,
    method: `where: ${relation.owner}`,
    columns: [column.meta.property],
  });
}

export function asConditions(map: EntityMap, where: unknown): Values {
  if (typeof where === 'object' && where !== null && !Array.isArray(where) && !isOperator(where))
    return where as Values;
  throw error('OPTION_INVALID', {
    option: 'where',
    problem: `expected an object of conditions on '${map.meta.name}'`,
  });
}

/** Whether criteria would match every row: `{}`, `[]`, or a list with an empty object in it. */
export function isEmptyCriteria(where: unknown): boolean {
  if (where === undefined || where === null || where === '') return true;
  if (Array.isArray(where)) return where.length === 0 || where.some(isEmptyCriteria);
  if (typeof where !== 'object' || isOperator(where) || Object.getPrototypeOf(where) === Date.prototype)
    return false;
  return !ArrayBuffer.isView(where) && !hasCondition(where as Values);
}

function hasCondition(where: Values): boolean {
  return Object.keys(where).length > 0;
}
