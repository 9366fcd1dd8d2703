/**
 * Conditions → the shape that their SQL is kept under, and the values of this call. What is wrong is refused
 * here, on every call; `where-sql.ts` walks the same way when a shape is new.
 */

import { error } from '../../base/error-codes.js';
import type { EntityMap, Field, MappedRelation, Values } from '../mapping/entity-map.js';
import { fieldNamed } from '../mapping/family-fields.js';
import type { ShapeWalk } from '../shape-cache.js';
import { checkOperator, listPlan } from './operands.js';
import { type AnyOperator, isOperator } from './operators.js';

export { roomFor } from './operands.js';

import { entityKey, keyValue } from './related-keys.js';

type Fields = ReadonlyMap<string, Field>;

/** Labels that no property can have: numbers. */
const LABEL = { list: 1, end: 2, entity: 3, equal: 4, nested: 5, operator: 6 } as const;

/**
 * Tells the shape of a condition and collects its values.
 *
 * @throws PROPERTY_UNKNOWN · CONDITION_MISSING · CONDITION_INVALID · OPTION_INVALID
 */
export function labelWhere(map: EntityMap, where: unknown, shape: ShapeWalk): void {
  if (Array.isArray(where)) {
    shape.label(LABEL.list);
    for (const each of where) labelWhere(map, each, shape);
    shape.label(LABEL.end);
  } else if (isOperator(where)) {
    checkRootOperator(map, where);
    shape.label(LABEL.operator);
    shape.label(where.kind);
    shape.label(where.operands.length);
    for (const operand of where.operands) labelWhere(map, operand, shape);
  } else labelObject(map, map.fields, where, shape);
}

const has = Object.prototype.hasOwnProperty;

function labelObject(map: EntityMap, fields: Fields, where: unknown, shape: ShapeWalk): void {
  const conditions = asConditions(map, where);
  for (const property in conditions) {
    // What a prototype holds was said by nobody here.
    if (!has.call(conditions, property)) continue;
    const field = fields.get(property) ?? (fields === map.fields ? fieldNamed(map, property) : undefined);
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
  if (value === undefined || value === null) throw missing(map, property, value);
  if (isOperator(value)) labelOperator(map, field, property, value, shape);
  else if (field.kind === 'column') {
    shape.label(LABEL.equal);
    shape.value(value);
  } else if (field.kind === 'embedded') {
    labelObject(map, field.fields, value, shape);
  } else labelRelated(field, value, shape);
}

/** Conditions on the other side of a relation, or an entity of it. */
function labelRelated(relation: MappedRelation, value: unknown, shape: ShapeWalk): void {
  if (relation.target.isInstance(value)) {
    shape.label(LABEL.entity);
    for (const column of entityKey(relation)) shape.value(keyValue(relation, column, value));
  } else {
    shape.label(LABEL.nested);
    labelWhere(relation.target, value, shape);
  }
}

function labelOperator(
  map: EntityMap,
  field: Field,
  property: string,
  condition: AnyOperator,
  shape: ShapeWalk,
): void {
  const { kind, operands } = condition;
  checkOperator(map, field, property, condition);
  shape.label(LABEL.operator);
  shape.label(kind);
  switch (kind) {
    case 'not':
    case 'and':
    case 'or':
      shape.label(operands.length);
      for (const operand of operands) labelCondition(map, field, property, operand, shape);
      return;
    case 'some':
    case 'every':
    case 'none':
      if (operands[0] === undefined || operands[0] === null) throw missing(map, property, operands[0]);
      labelRelated(field as MappedRelation, operands[0], shape);
      return;
    case 'in':
    case 'any':
      labelList(map, field, property, condition, shape);
      return;
    case 'raw':
      shape.cacheable = false;
      return;
    default:
      for (const operand of operands) labelOperand(map, field, property, operand, shape);
  }
}

function labelList(
  map: EntityMap,
  field: Field,
  property: string,
  condition: AnyOperator,
  shape: ShapeWalk,
): void {
  const list = condition.operands[0];
  if (!Array.isArray(list)) throw invalid(map, property, `${condition.kind}() takes a list of values`);
  const plan = listPlan(map, field, condition);
  if (plan.kind === 'packed') {
    for (const operand of list) checkOperand(map, property, operand);
    const column = field.kind === 'relation' ? entityKey(field)[0] : undefined;
    shape.label(-1);
    shape.value(
      column === undefined ? list : list.map((each) => keyValue(field as MappedRelation, column, each)),
    );
    return;
  }
  shape.label(plan.room);
  for (let i = 0; i < plan.room; i++) {
    // The rest of the room repeats the last value, so that few lengths of a list make few statements.
    labelOperand(map, field, property, list[Math.min(i, list.length - 1)], shape);
  }
}

/** A single value inside an operator; an entity means its key. */
function labelOperand(
  map: EntityMap,
  field: Field,
  property: string,
  operand: unknown,
  shape: ShapeWalk,
): void {
  checkOperand(map, property, operand);
  // How many members a relation has is asked with a number.
  if (field.kind !== 'relation' || typeof operand === 'number') shape.value(operand);
  else for (const column of entityKey(field)) shape.value(keyValue(field, column, operand));
}

function checkOperand(map: EntityMap, property: string, operand: unknown): void {
  if (operand === undefined || operand === null) throw missing(map, property, operand);
  if (isOperator(operand)) throw invalid(map, property, 'only Not, And and Or take other operators');
}

function checkRootOperator(map: EntityMap, { kind }: AnyOperator): void {
  if (kind === 'not' || kind === 'and' || kind === 'or') return;
  throw error('OPTION_INVALID', {
    option: 'where',
    problem: `only Not, And and Or stand around conditions on '${map.meta.name}'; others stand on a property`,
  });
}

function missing(map: EntityMap, property: string, value: null | undefined): Error {
  const said = value === null ? 'null' : 'undefined';
  return error('CONDITION_MISSING', { entity: map.meta.name, property, value: said });
}

function invalid(map: EntityMap, property: string, problem: string): Error {
  return error('CONDITION_INVALID', { entity: map.meta.name, property, problem });
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
  return !ArrayBuffer.isView(where) && Object.keys(where).length === 0;
}
