/** Conditions on a column → SQL. */

import { isSqlFragment } from '../../ast/sql.js';
import { error } from '../../base/error-codes.js';
import type { PackedList, SqlValue } from '../../dialects/contract.js';
import type { Encoder, EntityMap, MappedColumn } from '../mapping/entity-map.js';
import type { StatementWriter } from '../statement.js';
import { listPlan } from './operands.js';
import { type AnyOperator, isOperator, rawCondition } from './operators.js';

/** A column as conditions name it, and how values for it are encoded. */
export interface Comparand {
  readonly sql: string;
  readonly column: MappedColumn;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  equal: '=',
  lessThan: '<',
  lessThanOrEqual: '<=',
  moreThan: '>',
  moreThanOrEqual: '>=',
  arrayContains: '@>',
  arrayContainedBy: '<@',
  arrayOverlap: '&&',
};

/** `x = ?`; JSON is compared by what it means. */
export function writeEqual({ sql, column }: Comparand, writer: StatementWriter): string {
  const encode = encoderFor(column);
  if (column.meta.type.kind !== 'json') return `${sql} = ${writer.value(encode)}`;
  return writer.dialect.conditions.jsonEquals(sql, writer.value(encode));
}

/** The SQL of an operator other than Not, And and Or. */
export function writeColumnOperator(
  map: EntityMap,
  comparand: Comparand,
  condition: AnyOperator,
  writer: StatementWriter,
): string {
  const { sql, column } = comparand;
  const { kind, operands } = condition;
  const { conditions } = writer.dialect;
  const encode = encoderFor(column);
  switch (kind) {
    case 'isNull':
      return `${sql} IS NULL`;
    case 'equal':
      return writeEqual(comparand, writer);
    case 'in':
    case 'any':
      return writeList(map, comparand, condition, writer);
    case 'between':
      return `${sql} BETWEEN ${writer.value(encode)} AND ${writer.value(encode)}`;
    case 'like':
      return conditions.like(sql, writer.value(asText));
    case 'ilike':
      return conditions.ilike(sql, writer.value(asText));
    case 'jsonContains':
      return conditions.jsonContains(sql, writer.value(encode));
    case 'raw': {
      const owner = { entity: map.meta.name, property: column.meta.property };
      return `(${writer.fragment(rawCondition(operands, sql, owner))})`;
    }
    default:
      return `${sql} ${COMPARISONS[kind]} ${writer.value(encode)}`;
  }
}

/** Patterns were checked when the shape was told. */
const asText = (value: unknown): SqlValue => value as string;

function writeList(
  map: EntityMap,
  comparand: Comparand,
  condition: AnyOperator,
  writer: StatementWriter,
): string {
  const { sql, column } = comparand;
  const plan = listPlan(map, column, condition);
  if (plan.kind === 'packed') {
    const packed = writer.dialect.conditions.list(column.meta.type) as PackedList;
    return packed.sql(sql, writer.value(packedEncoder(column.encodeOperand, packed)));
  }
  const room = Array.from({ length: plan.room });
  if (plan.room === 0) return '1 = 0';
  if (column.meta.type.kind === 'json')
    return `(${room.map(() => writeEqual(comparand, writer)).join(' OR ')})`;
  return `${sql} IN (${room.map(() => writer.value(column.encodeOperand)).join(', ')})`;
}

/** All values of a list as one parameter. */
export function packedEncoder(encode: Encoder, packed: PackedList): Encoder {
  return (values) => packed.pack((values as readonly unknown[]).map(encode));
}

function encoderFor(column: MappedColumn): Encoder {
  if (column.meta.type.kind !== 'json') return column.encodeOperand;
  return (value) => {
    // First, because it refuses what contains itself.
    const encoded = column.encodeOperand(value);
    refuseOperators(column, value);
    return encoded;
  };
}

/** JSON is compared whole: an operator inside it would be taken for data, and quietly find nothing. */
function refuseOperators(column: MappedColumn, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (isOperator(value) || isSqlFragment(value)) {
    const [entity, ...property] = column.owner.split('.') as [string, ...string[]];
    const problem = 'JSON is compared whole, so no operator stands inside it; say JsonContains() or Raw()';
    throw error('CONDITION_INVALID', { entity, property: property.join('.'), problem });
  }
  for (const each of Object.values(value)) refuseOperators(column, each);
}
