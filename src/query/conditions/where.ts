/**
 * Conditions: `{ author: { name: Like('D%') }, pages: MoreThan(100) }` → SQL.
 *
 * Two walks over the same object in the same order: `labelWhere` tells its shape and collects its values on
 * every call, `writeWhere` writes the SQL once a shape. What is wrong is refused on every call.
 */

import { error } from '../../base/error-codes.js';
import type {
  Encoder,
  EntityMap,
  Field,
  MappedColumn,
  MappedRelation,
  Values,
} from '../mapping/entity-map.js';
import { isOwningToOne } from '../mapping/entity-map.js';
import type { ShapeWalk } from '../shape-cache.js';
import type { StatementWriter } from '../statement.js';
import { isOperator, type Operator, rawCondition } from './operators.js';

type Fields = ReadonlyMap<string, Field>;

/** Labels that no property can have: numbers. */
const LABEL = { list: 1, end: 2, entity: 3, equal: 4, nested: 5, operator: 6 } as const;

const PLAIN_OPERATORS: Readonly<Record<string, string>> = {
  equal: '=',
  lessThan: '<',
  lessThanOrEqual: '<=',
  moreThan: '>',
  moreThanOrEqual: '>=',
  like: 'LIKE',
};

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

function asConditions(map: EntityMap, where: unknown): Values {
  if (typeof where === 'object' && where !== null && !Array.isArray(where) && !isOperator(where))
    return where as Values;
  throw error('OPTION_INVALID', {
    option: 'where',
    problem: `expected an object of conditions on '${map.meta.name}'`,
  });
}

/** What an entity holds for a column: the value at its path, or the key of the entity that a relation holds. */
export function readColumn(column: MappedColumn, entity: object): unknown {
  const { path, role } = column.meta;
  let value = (entity as Values)[path[0] as string];
  if (role === 'relation') {
    if (typeof value !== 'object' || value === null || column.relation === undefined) return value;
    return readColumn(column.relation.referenced(), value);
  }
  for (let i = 1; i < path.length; i++) {
    if (value === null || value === undefined) return undefined;
    value = (value as Values)[path[i] as string];
  }
  return value;
}

/** Which rows a statement may see beside its conditions. */
export interface Visibility {
  readonly withDeleted: boolean;
}

/**
 * The SQL of a condition on a table that goes by `alias`; '' where every row meets it.
 *
 * An object on a relation is a subquery, never a join, so it cannot multiply rows; on a to-many relation it
 * means "some".
 */
export function writeWhere(map: EntityMap, where: unknown, alias: string, writer: StatementWriter): string {
  if (!Array.isArray(where)) return writeObject(map, map.fields, where, alias, writer);
  if (where.length === 0) return '1 = 0';
  const parts = where.map((each) => writeObject(map, map.fields, each, alias, writer) || '1 = 1');
  return parts.length === 1 ? (parts[0] as string) : `(${parts.map((part) => `(${part})`).join(' OR ')})`;
}

/** The conditions that stand on every query of the entity: its class, and whether its rows are deleted. */
export function writeVisible(
  map: EntityMap,
  alias: string,
  writer: StatementWriter,
  visible: Visibility,
): string[] {
  const parts: string[] = [];
  const { discriminator } = map.meta;
  if (discriminator !== undefined) {
    const column = `${alias}.${writer.dialect.quoteIdentifier(discriminator.column)}`;
    parts.push(`${column} IN (${discriminator.values.map((value) => writer.constant(value)).join(', ')})`);
  }
  if (map.deleteDate !== undefined && !visible.withDeleted)
    parts.push(`${alias}.${map.deleteDate.sql} IS NULL`);
  return parts;
}

function writeObject(
  map: EntityMap,
  fields: Fields,
  where: unknown,
  alias: string,
  writer: StatementWriter,
): string {
  const conditions = asConditions(map, where);
  const parts: string[] = [];
  for (const property in conditions) {
    const field = fields.get(property) as Field;
    const part = writeCondition(map, field, conditions[property], alias, writer);
    if (part !== '') parts.push(part);
  }
  return parts.join(' AND ');
}

function writeCondition(
  map: EntityMap,
  field: Field,
  value: unknown,
  alias: string,
  writer: StatementWriter,
): string {
  if (field.kind === 'embedded') return writeObject(map, field.fields, value, alias, writer);
  if (isOperator(value)) {
    const target = operatorTarget(field);
    return writeOperator(
      map,
      field,
      value,
      { sql: `${alias}.${target.sql}`, encode: target.encode },
      alias,
      writer,
    );
  }
  if (field.kind === 'column') return `${alias}.${field.sql} = ${writer.value(field.encodeOperand)}`;
  return writeRelation(field, value, alias, writer);
}

interface OperatorTarget {
  readonly sql: string;
  readonly encode: Encoder;
}

function operatorTarget(field: MappedColumn | MappedRelation): OperatorTarget {
  const column = field.kind === 'column' ? field : (field.local[0] as MappedColumn);
  return { sql: column.sql, encode: column.encodeOperand };
}

function writeOperator(
  map: EntityMap,
  field: Field,
  { kind, operands }: Operator,
  target: OperatorTarget,
  alias: string,
  writer: StatementWriter,
): string {
  const { sql, encode } = target;
  const text = (value: unknown): string => pattern(map, kind, value);
  const nested = (operand: unknown): string => writeCondition(map, field, operand, alias, writer) || '1 = 1';
  switch (kind) {
    case 'isNull':
      return `${sql} IS NULL`;
    case 'not':
      return `NOT (${nested(operands[0])})`;
    case 'and':
      return operands.length === 0 ? '1 = 1' : `(${operands.map(nested).join(' AND ')})`;
    case 'or':
      return operands.length === 0 ? '1 = 0' : `(${operands.map(nested).join(' OR ')})`;
    case 'in': {
      const room = roomFor((operands[0] as readonly unknown[]).length);
      if (room === 0) return '1 = 0';
      return `${sql} IN (${Array.from({ length: room }, () => writer.value(encode)).join(', ')})`;
    }
    case 'between':
      return `${sql} BETWEEN ${writer.value(encode)} AND ${writer.value(encode)}`;
    case 'ilike':
      return `LOWER(${sql}) LIKE LOWER(${writer.value(text)})`;
    case 'raw':
      return `(${writer.fragment(rawCondition(operands[0], sql))})`;
    default:
      return `${sql} ${PLAIN_OPERATORS[kind]} ${writer.value(kind === 'like' ? text : encode)}`;
  }
}

function pattern(map: EntityMap, property: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw error('CONDITION_INVALID', { entity: map.meta.name, property, problem: 'a pattern is a string' });
}

function writeRelation(
  relation: MappedRelation,
  value: unknown,
  alias: string,
  writer: StatementWriter,
): string {
  const { target, local } = relation;
  const isEntity = target.isInstance(value);
  if (isEntity && isOwningToOne(relation.meta)) {
    return local
      .map((column) => `${alias}.${column.sql} = ${writer.value(column.encodeOperand)}`)
      .join(' AND ');
  }
  const inner = writer.alias();
  const from = writeFrom(relation, inner, alias, writer);
  const conditions = isEntity
    ? target.key.map((column) => `${inner}.${column.sql} = ${writer.value(column.encodeOperand)}`)
    : [writeObject(target, target.fields, value, inner, writer)];
  // A key that is stored is followed, whatever became of its row; lists leave out what was deleted.
  const visible = relation.toMany ? writeVisible(target, inner, writer, { withDeleted: false }) : [];
  const all = [...conditions, ...visible].filter((part) => part !== '');
  if (isOwningToOne(relation.meta) && local.length === 1) {
    const [own, other] = [local[0] as MappedColumn, relation.remote[0] as MappedColumn];
    // IN lets SQLite drive from the inner side by an index; EXISTS would ask it anew for every row.
    return `${alias}.${own.sql} IN (SELECT ${inner}.${other.sql} FROM ${target.sql} AS ${inner}${whereClause(all)})`;
  }
  return `EXISTS (SELECT 1 FROM ${from.tables}${whereClause([...from.pairs, ...all])})`;
}

interface From {
  readonly tables: string;
  readonly pairs: readonly string[];
}

function writeFrom(relation: MappedRelation, inner: string, alias: string, writer: StatementWriter): From {
  const { target, local, remote, joinTable } = relation;
  if (joinTable === undefined) {
    const pairs = local.map(
      (column, i) => `${inner}.${(remote[i] as MappedColumn).sql} = ${alias}.${column.sql}`,
    );
    return { tables: `${target.sql} AS ${inner}`, pairs };
  }
  const between = writer.alias();
  const own = local.map((column, i) => `${between}.${joinTable.local[i]} = ${alias}.${column.sql}`);
  const other = remote.map((column, i) => `${between}.${joinTable.remote[i]} = ${inner}.${column.sql}`);
  return {
    tables: `${joinTable.sql} AS ${between} JOIN ${target.sql} AS ${inner} ON ${other.join(' AND ')}`,
    pairs: own,
  };
}

/** ` WHERE a AND b`, or nothing. */
export function whereClause(parts: readonly string[]): string {
  const real = parts.filter((part) => part !== '');
  return real.length === 0 ? '' : ` WHERE ${real.join(' AND ')}`;
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
