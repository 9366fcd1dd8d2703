/**
 * Conditions → SQL: `{ author: { name: Like('D%') }, pages: MoreThan(100) }`. Written once a shape; walks the
 * object in the order in which `where-shape.ts` has collected its values.
 */

import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import type {
  Discriminator,
  Encoder,
  EntityMap,
  Field,
  MappedColumn,
  MappedRelation,
} from '../mapping/entity-map.js';
import { isOwningToOne } from '../mapping/entity-map.js';
import type { StatementWriter } from '../statement.js';
import { isOperator, type Operator, rawCondition } from './operators.js';
import { asConditions, roomFor } from './where-shape.js';

type Fields = ReadonlyMap<string, Field>;

const PLAIN_OPERATORS: Readonly<Record<string, string>> = {
  equal: '=',
  lessThan: '<',
  lessThanOrEqual: '<=',
  moreThan: '>',
  moreThanOrEqual: '>=',
  like: 'LIKE',
};

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
  const values = classValues(map);
  if (values !== undefined) {
    const list = values.map((value) => writer.constant(value)).join(', ');
    parts.push(`${alias}.${(map.discriminator as Discriminator).column.sql} IN (${list})`);
  }
  if (map.deleteDate !== undefined && !visible.withDeleted)
    parts.push(`${alias}.${map.deleteDate.sql} IS NULL`);
  return parts;
}

/** What the discriminator of a row must be for it to be of the class; undefined where every row of the table is. */
export function classValues({ meta, discriminator }: EntityMap): readonly SqlValue[] | undefined {
  // Rows of a class that nobody knows are the first class's as well: not to see them would hide a mistake.
  return meta.parent === undefined ? undefined : discriminator?.values;
}

/** The same as a condition of a statement by key, with its values bound last; nothing where every row is of the class. */
export function classCondition(map: EntityMap, placeholder: () => string): readonly string[] {
  const values = classValues(map);
  if (values === undefined) return [];
  return [`${map.discriminator?.column.sql} IN (${values.map(placeholder).join(', ')})`];
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
    return `${alias}.${own.sql} IN (SELECT ${inner}.${other.sql} FROM ${target.sourceAs(inner)}${whereClause(all)})`;
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
    return { tables: target.sourceAs(inner), pairs };
  }
  const between = writer.alias();
  const own = local.map((column, i) => `${between}.${joinTable.local[i]} = ${alias}.${column.sql}`);
  const other = remote.map((column, i) => `${between}.${joinTable.remote[i]} = ${inner}.${column.sql}`);
  return {
    tables: `${joinTable.sql} AS ${between} JOIN ${target.sourceAs(inner)} ON ${other.join(' AND ')}`,
    pairs: own,
  };
}

/** ` WHERE a AND b`, or nothing. */
export function whereClause(parts: readonly string[]): string {
  const real = parts.filter((part) => part !== '');
  return real.length === 0 ? '' : ` WHERE ${real.join(' AND ')}`;
}
