/** `order` options → ` ORDER BY …`. */

import { error } from '../../base/error-codes.js';
import type { EntityMap, Field, MappedColumn, MappedRelation, Values } from '../mapping/entity-map.js';
import type { StatementWriter } from '../statement.js';
import { asOptions } from './option-errors.js';

/** ` ORDER BY …`; a property of a related entity is a subquery, so it multiplies no rows. */
export function writeOrder(map: EntityMap, order: unknown, alias: string, writer: StatementWriter): string {
  if (order === undefined) return '';
  const parts = orderParts(map, map.fields, asOptions('order', order), (column) => `${alias}.${column.sql}`, {
    alias,
    writer,
  });
  return parts.length === 0 ? '' : ` ORDER BY ${parts.join(', ')}`;
}

interface OrderPlace {
  readonly alias: string;
  readonly writer: StatementWriter;
}

function orderParts(
  map: EntityMap,
  fields: ReadonlyMap<string, Field>,
  order: Values,
  write: (column: MappedColumn) => string,
  place: OrderPlace,
): string[] {
  const parts: string[] = [];
  for (const name in order) {
    const wanted = order[name];
    const field = fields.get(name);
    if (field === undefined) throw map.unknown(name, 'order', fields.keys());
    if (wanted === undefined) continue;
    if (field.kind === 'column') parts.push(`${write(field)} ${direction(map, name, wanted)}`);
    else if (field.kind === 'embedded') {
      parts.push(...orderParts(map, field.fields, asOptions('order', wanted), write, place));
    } else parts.push(...orderByRelation(field, asOptions('order', wanted), place));
  }
  return parts;
}

function orderByRelation(relation: MappedRelation, order: Values, { alias, writer }: OrderPlace): string[] {
  const { target, local, remote, owner } = relation;
  if (relation.toMany) {
    throw error('OPTION_INVALID', {
      option: 'order',
      problem: `'${owner}' has many members; none says where to stand`,
    });
  }
  const inner = writer.alias();
  const pairs = local.map(
    (column, i) => `${inner}.${(remote[i] as MappedColumn).sql} = ${alias}.${column.sql}`,
  );
  const subquery = (text: string): string =>
    `(SELECT ${text} FROM ${target.sourceAs(inner)} WHERE ${pairs.join(' AND ')})`;
  const write = (column: MappedColumn): string => subquery(`${inner}.${column.sql}`);
  for (const name in order) {
    if (target.fields.get(name)?.kind === 'relation') {
      throw error('OPTION_INVALID', {
        option: 'order',
        problem: `'${owner}.${name}' lies more than one relation away`,
      });
    }
  }
  return orderParts(target, target.fields, order, write, { alias: inner, writer });
}

function direction(map: EntityMap, property: string, wanted: unknown): 'ASC' | 'DESC' {
  const upper = typeof wanted === 'string' ? wanted.toUpperCase() : '';
  if (upper === 'ASC' || upper === 'DESC') return upper;
  throw error('OPTION_INVALID', {
    option: 'order',
    problem: `'${map.meta.name}.${property}' takes 'asc' or 'desc'`,
  });
}
