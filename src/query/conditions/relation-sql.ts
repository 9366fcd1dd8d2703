/**
 * Conditions on a relation → SQL: always a subquery, never a join, so nothing multiplies rows.
 *
 * What is asked of related rows is whether there is one that meets the conditions, which is true or false and never
 * unknown. An entity in place of conditions means its key: where this table holds that key, it is compared as a
 * column is.
 */

import type { PackedList } from '../../dialects/contract.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedColumn,
  type MappedRelation,
} from '../mapping/entity-map.js';
import type { StatementWriter } from '../statement.js';
import { packedEncoder } from './column-sql.js';
import { listPlan } from './operands.js';
import { type AnyOperator, isOperator, rawCondition } from './operators.js';
import { entityKey } from './related-keys.js';
import { whereClause, writeVisible } from './visible-sql.js';

/** Where conditions are written. */
export interface Place {
  readonly map: EntityMap;
  readonly alias: string;
  readonly writer: StatementWriter;
  readonly withDeleted: boolean;
  /** Inside a Not false and unknown are two things; elsewhere neither finds a row. */
  readonly exact: boolean;
}

/** Writes conditions on an entity; handed in by `where-sql.ts`, which calls this file. '' for none. */
export type WriteInside = (place: Place, where: unknown) => string;

/** Which of the related rows have to meet the conditions. */
type Quantity = 'some' | 'every' | 'none';

/** Conditions on related rows, or an entity, which means its key. */
export function writeRelated(
  place: Place,
  relation: MappedRelation,
  value: unknown,
  quantity: Quantity,
  inside: WriteInside,
): string {
  const isEntity = relation.target.isInstance(value);
  const isHeldHere = isOwningToOne(relation.meta);
  if (isHeldHere && isEntity) return writeKeys(place, relation, [[...entityKey(relation)]]);
  if (isHeldHere && isKeyAlone(relation, value)) return writeKeyAlone(place, relation);
  const { writer } = place;
  const inner = { ...place, map: relation.target, alias: writer.alias(), exact: false };
  const from = writeFrom(relation, inner.alias, place);
  const wanted = isEntity ? equalKey(relation, inner) : inside(inner, value);
  if (quantity === 'every' && wanted === '') return '1 = 1';
  const condition = quantity === 'every' ? `(${wanted}) IS NOT TRUE` : wanted;
  const all = [condition, ...membersVisible(relation, inner)];
  if (isHeldHere && relation.local.length === 1 && !place.exact) {
    const [own, other] = [relation.local[0] as MappedColumn, relation.remote[0] as MappedColumn];
    // IN lets SQLite drive from the inner side by an index; EXISTS would ask it anew for every row. It is unknown
    // where EXISTS is false, so it will not do inside a Not.
    return `${place.alias}.${own.sql} IN (SELECT ${inner.alias}.${other.sql} FROM ${from.tables}${whereClause(all)})`;
  }
  const exists = `EXISTS (SELECT 1 FROM ${from.tables}${whereClause([...from.pairs, ...all])})`;
  return quantity === 'some' ? exists : `NOT ${exists}`;
}

/** The SQL of an operator other than Not, And and Or. */
export function writeRelationOperator(
  place: Place,
  relation: MappedRelation,
  condition: AnyOperator,
  inside: WriteInside,
): string {
  const { kind, operands } = condition;
  switch (kind) {
    case 'some':
    case 'every':
    case 'none':
      return writeRelated(place, relation, operands[0], kind, inside);
    case 'isNull':
      return writeAbsent(place, relation);
    case 'equal':
      return writeRelated(place, relation, operands[0], 'some', inside);
    case 'in':
    case 'any':
      return writeEntities(place, relation, condition);
    case 'raw': {
      const column = relation.local[0] as MappedColumn;
      const owner = { entity: place.map.meta.name, property: relation.meta.property };
      const fragment = rawCondition(operands, `${place.alias}.${column.sql}`, owner);
      return `(${place.writer.fragment(fragment)})`;
    }
    default:
      return writeCount(place, relation, kind);
  }
}

/** No related row: no key here, or nobody who holds ours. */
function writeAbsent(place: Place, relation: MappedRelation): string {
  if (isOwningToOne(relation.meta)) {
    // A key of which a part is NULL refers to nothing (MATCH SIMPLE).
    const parts = relation.local.map(({ sql }) => `${place.alias}.${sql} IS NULL`);
    return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' OR ')})`;
  }
  const inner = place.writer.alias();
  const { tables, pairs } = writeFrom(relation, inner, place);
  return `NOT EXISTS (SELECT 1 FROM ${tables}${whereClause(pairs)})`;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  lessThan: '<',
  lessThanOrEqual: '<=',
  moreThan: '>',
  moreThanOrEqual: '>=',
};

/** How many members there are. */
function writeCount(place: Place, relation: MappedRelation, kind: string): string {
  const inner = { ...place, alias: place.writer.alias() };
  const { tables, pairs } = writeFrom(relation, inner.alias, place);
  const where = whereClause([...pairs, ...membersVisible(relation, inner)]);
  const number = place.writer.value((value) => value as number);
  return `(SELECT COUNT(*) FROM ${tables}${where}) ${COMPARISONS[kind]} ${number}`;
}

/** One of some entities. */
function writeEntities(place: Place, relation: MappedRelation, condition: AnyOperator): string {
  const { writer } = place;
  const plan = listPlan(place.map, relation, condition);
  if (plan.kind === 'room' && plan.room === 0) return '1 = 0';
  const key = entityKey(relation);
  const isHeldHere = isOwningToOne(relation.meta);
  const inner = isHeldHere ? place.alias : writer.alias();
  const columns = (isHeldHere ? relation.local : key).map(({ sql }) => `${inner}.${sql}`);
  const member =
    plan.kind === 'packed'
      ? writePacked(columns[0] as string, key[0] as MappedColumn, writer)
      : writeRows(
          columns,
          Array.from({ length: plan.room }, () => key),
          writer,
        );
  if (isHeldHere) return member;
  const { tables, pairs } = writeFrom(relation, inner, place);
  const visible = membersVisible(relation, { ...place, alias: inner });
  return `EXISTS (SELECT 1 FROM ${tables}${whereClause([...pairs, member, ...visible])})`;
}

function writePacked(sql: string, column: MappedColumn, writer: StatementWriter): string {
  const packed = writer.dialect.conditions.list(column.meta.type) as PackedList;
  return packed.sql(sql, writer.value(packedEncoder(column.encodeOperand, packed)));
}

function writeRows(
  columns: readonly string[],
  rows: readonly (readonly MappedColumn[])[],
  writer: StatementWriter,
): string {
  const list = rows.map((row) => row.map((column) => writer.value(column.encodeOperand)));
  if (columns.length === 1) return `${columns[0]} IN (${list.flat().join(', ')})`;
  return writer.dialect.conditions.rows(columns, list);
}

/** The key of an entity, compared with the columns of this table that hold it. */
function writeKeys(
  { alias, writer }: Place,
  { local }: MappedRelation,
  [key]: readonly [readonly MappedColumn[]],
): string {
  return local
    .map((column, i) => `${alias}.${column.sql} = ${writer.value((key[i] as MappedColumn).encodeOperand)}`)
    .join(' AND ');
}

/**
 * Whether conditions name the key of the other side and nothing else, by its value: `{ author: { id: 1 } }`. This
 * table holds the same value, so the other one need not be asked.
 */
function isKeyAlone({ local, remote }: MappedRelation, value: unknown): boolean {
  const [other] = remote as readonly [MappedColumn];
  if (local.length !== 1 || other.meta.path.length !== 1 || other.meta.role === 'relation') return false;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isOperator(value)) return false;
  const names = Object.keys(value);
  const [property] = other.meta.path as readonly [string];
  return (
    names.length === 1 && names[0] === property && !isOperator((value as Record<string, unknown>)[property])
  );
}

function writeKeyAlone({ alias, writer, exact }: Place, { local, remote }: MappedRelation): string {
  const column = `${alias}.${(local[0] as MappedColumn).sql}`;
  const equal = `${column} = ${writer.value((remote[0] as MappedColumn).encodeOperand)}`;
  return exact ? `(${column} IS NOT NULL AND ${equal})` : equal;
}

function equalKey({ target }: MappedRelation, { alias, writer }: Place): string {
  return target.key
    .map((column) => `${alias}.${column.sql} = ${writer.value(column.encodeOperand)}`)
    .join(' AND ');
}

/** A key that is stored is followed, whatever became of its row; lists leave out what was deleted. */
function membersVisible(relation: MappedRelation, { alias, writer, withDeleted }: Place): string[] {
  return relation.toMany ? writeVisible(relation.target, alias, writer, { withDeleted }) : [];
}

interface From {
  readonly tables: string;
  readonly pairs: readonly string[];
}

function writeFrom(relation: MappedRelation, inner: string, { alias, writer }: Place): From {
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
