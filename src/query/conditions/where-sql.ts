/**
 * Conditions → SQL: `{ author: { name: Like('D%') }, pages: MoreThan(100) }`. Written once a shape; walks the
 * object in the order in which `where-shape.ts` has collected its values.
 *
 * SQL knows true, false and unknown, and so do these conditions: NULL is neither equal to a value nor unequal. What
 * is asked of related rows is never unknown (`relation-sql.ts`). Whether case, accents and blanks at the end matter
 * to `=` and `<` is the column's collation's rule, as it is for its unique indexes: on SQLite and PostgreSQL they do
 * unless the column says otherwise, on MySQL and MariaDB the database's default collation mostly says they do not.
 */

import type { EntityMap, Field } from '../mapping/entity-map.js';
import { fieldNamed } from '../mapping/family-fields.js';
import { columnAt } from '../mapping/row-layout.js';
import type { StatementWriter } from '../statement.js';
import { writeColumnOperator, writeEqual } from './column-sql.js';
import { type AnyOperator, isOperator } from './operators.js';
import { type Place, writeRelated, writeRelationOperator } from './relation-sql.js';
import type { Visibility } from './visible-sql.js';
import { asConditions } from './where-shape.js';

export { classCondition, classValues, type Visibility, whereClause, writeVisible } from './visible-sql.js';

type Fields = ReadonlyMap<string, Field>;

const VISIBLE: Visibility = { withDeleted: false };

/**
 * The SQL of a condition on a table that goes by `alias`; '' where there is none.
 *
 * @param visible whether members that were soft-deleted count
 */
export function writeWhere(
  map: EntityMap,
  where: unknown,
  alias: string,
  writer: StatementWriter,
  { withDeleted }: Visibility = VISIBLE,
): string {
  return writeInside({ map, alias, writer, withDeleted, exact: false }, where);
}

function writeInside(place: Place, where: unknown): string {
  if (Array.isArray(where)) return writeAlternatives(where.map((each) => writeInside(place, each)));
  if (isOperator(where)) return writeLogic(place, where, writeInside);
  return writeObject(place, place.map.fields, where);
}

function writeObject(place: Place, fields: Fields, where: unknown): string {
  const conditions = asConditions(place.map, where);
  const parts: string[] = [];
  for (const property in conditions) {
    if (!Object.hasOwn(conditions, property)) continue;
    const field = fields.get(property) ?? fieldNamed(place.map, property);
    const part = writeCondition(place, field as Field, conditions[property]);
    if (part !== '') parts.push(part);
  }
  return parts.join(' AND ');
}

function writeCondition(place: Place, field: Field, value: unknown): string {
  if (isOperator(value)) return writeOperator(place, field, value);
  if (field.kind === 'embedded') return writeObject(place, field.fields, value);
  if (field.kind === 'relation') return writeRelated(place, field, value, 'some', writeInside);
  return writeEqual({ sql: columnAt(field, place.alias), column: field }, place.writer);
}

function writeOperator(place: Place, field: Field, condition: AnyOperator): string {
  if (
    condition.kind === 'not' ||
    condition.kind === 'and' ||
    condition.kind === 'or' ||
    field.kind === 'embedded'
  )
    return writeLogic(place, condition, (inner, operand) => writeCondition(inner, field, operand));
  if (field.kind === 'relation') return writeRelationOperator(place, field, condition, writeInside);
  const comparand = { sql: columnAt(field, place.alias), column: field };
  return writeColumnOperator(place.map, comparand, condition, place.writer);
}

/** Not, And and Or around whatever `write` writes of their operands. */
function writeLogic(
  place: Place,
  { kind, operands }: AnyOperator,
  write: (place: Place, operand: unknown) => string,
): string {
  if (kind === 'not') return `NOT (${write({ ...place, exact: true }, operands[0]) || '1 = 1'})`;
  const parts = operands.map((operand) => write(place, operand));
  if (kind === 'or') return writeAlternatives(parts);
  const real = parts.filter((part) => part !== '');
  return real.length === 0 ? '1 = 1' : `(${real.join(' AND ')})`;
}

function writeAlternatives(parts: readonly string[]): string {
  if (parts.length === 0) return '1 = 0';
  if (parts.length === 1) return parts[0] as string;
  return `(${parts.map((part) => (part === '' ? '1 = 1' : `(${part})`)).join(' OR ')})`;
}
