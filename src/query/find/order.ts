/**
 * `order` options → the terms of an ORDER BY, and the joins that lead to related entities. A to-one join adds
 * no rows, and unlike a subquery it is not asked anew for every row.
 */

import { isSqlFragment } from '../../ast/sql.js';
import { error } from '../../base/error-codes.js';
import type { Dialect } from '../../dialects/contract.js';
import { rawColumn } from '../conditions/operators.js';
import type { EntityMap, Field, MappedColumn, MappedRelation, Values } from '../mapping/entity-map.js';
import { fieldNamed } from '../mapping/family-fields.js';
import { columnAt } from '../mapping/row-layout.js';
import type { StatementWriter } from '../statement.js';
import { asOptions, unknownOption } from './option-errors.js';

/** One key of an order. */
export interface OrderTerm {
  /** Writes what is ordered by; anew for each place, since an expression may hold values. */
  readonly write: (writer: StatementWriter) => string;
  readonly descending: boolean;
  /** Where NULL stands; undefined where there can be none. */
  readonly nulls: 'first' | 'last' | undefined;
  /** The column that is compared, where it is one. */
  readonly column: MappedColumn | undefined;
  /** The same, where it is the ordered entity's own. */
  readonly own: MappedColumn | undefined;
}

export interface CompiledOrder {
  /** ` LEFT JOIN …`, or nothing. */
  readonly joins: string;
  readonly terms: readonly OrderTerm[];
}

const NO_ORDER: CompiledOrder = { joins: '', terms: [] };

interface OrderPlace {
  readonly alias: string;
  readonly writer: StatementWriter;
  readonly joins: string[];
  /** Whether a join lies between the result and the column, so that it may find nothing. */
  readonly joined: boolean;
  readonly terms: OrderTerm[];
}

/** The order of an entity whose table goes by `alias`. @throws PROPERTY_UNKNOWN · OPTION_INVALID */
export function compileOrder(
  map: EntityMap,
  order: unknown,
  alias: string,
  writer: StatementWriter,
): CompiledOrder {
  if (order === undefined) return NO_ORDER;
  const place: OrderPlace = { alias, writer, joins: [], joined: false, terms: [] };
  addTerms(map, map.fields, asOptions('order', order), place);
  return { joins: place.joins.join(''), terms: place.terms };
}

/** The same order made total by the key, so that rows never change places between two reads. */
export function totalOrder(map: EntityMap, { joins, terms }: CompiledOrder, alias: string): CompiledOrder {
  const missing = map.key.filter((column) => !terms.some(({ own }) => own === column));
  const descending = terms.at(-1)?.descending === true;
  return { joins, terms: [...terms, ...missing.map((column) => keyTerm(column, alias, descending))] };
}

function keyTerm(column: MappedColumn, alias: string, descending: boolean): OrderTerm {
  return { write: () => `${alias}.${column.sql}`, descending, nulls: undefined, column, own: column };
}

/** ` ORDER BY …`, or nothing. */
export function orderClause({ terms }: CompiledOrder, writer: StatementWriter): string {
  if (terms.length === 0) return '';
  return ` ORDER BY ${terms.map((term) => writeTerm(term, writer)).join(', ')}`;
}

function writeTerm(term: OrderTerm, writer: StatementWriter): string {
  const { write, descending, nulls } = term;
  const text = `${write(writer)} ${descending ? 'DESC' : 'ASC'}`;
  if (nulls === undefined || nulls === usualNulls(writer.dialect, descending)) return text;
  if (writer.dialect.capabilities.nullsKeyword) return `${text} NULLS ${nulls.toUpperCase()}`;
  return `${write(writer)} IS NULL ${nulls === 'first' ? 'DESC' : 'ASC'}, ${text}`;
}

function usualNulls({ capabilities }: Dialect, descending: boolean): 'first' | 'last' {
  return capabilities.nullsAreLow === descending ? 'last' : 'first';
}

function addTerms(
  map: EntityMap,
  fields: ReadonlyMap<string, Field>,
  order: Values,
  place: OrderPlace,
): void {
  for (const name in order) {
    const wanted = order[name];
    const field = fields.get(name) ?? (fields === map.fields ? fieldNamed(map, name) : undefined);
    if (field === undefined) throw map.unknown(name, 'order', fields.keys());
    if (wanted === undefined) continue;
    if (field.kind === 'column') place.terms.push(columnTerm(map, field, wanted, place));
    else if (field.kind === 'embedded') addTerms(map, field.fields, asOptions('order', wanted), place);
    else addRelation(field, asOptions('order', wanted), place);
  }
}

function addRelation(relation: MappedRelation, order: Values, place: OrderPlace): void {
  const { target, local, remote, owner } = relation;
  if (relation.toMany) {
    throw error('OPTION_INVALID', {
      option: 'order',
      problem: `'${owner}' has many members; none says where to stand`,
    });
  }
  const inner = place.writer.alias();
  const pairs = local.map(
    (column, i) => `${inner}.${(remote[i] as MappedColumn).sql} = ${place.alias}.${column.sql}`,
  );
  place.joins.push(` LEFT JOIN ${target.sourceAs(inner)} ON ${pairs.join(' AND ')}`);
  addTerms(target, target.fields, order, { ...place, alias: inner, joined: true });
}

const TERM_OPTIONS = ['direction', 'nulls', 'by'];

function columnTerm(map: EntityMap, column: MappedColumn, wanted: unknown, place: OrderPlace): OrderTerm {
  const { alias, joined, writer } = place;
  const sql = columnAt(column, alias);
  const options: Values = isOptions(wanted) ? wanted : { direction: wanted };
  for (const option in options) {
    if (!TERM_OPTIONS.includes(option)) {
      throw unknownOption(option, `order.${column.meta.property}`, TERM_OPTIONS);
    }
  }
  const { by } = options;
  const descending = isDescending(map, column, options.direction ?? 'asc');
  const nullable = joined || column.meta.nullable || by !== undefined;
  const nulls = nullsOf(map, column, options.nulls) ?? usualNulls(writer.dialect, descending);
  return {
    write: by === undefined ? () => sql : (into) => expression(map, column, by, sql, into),
    descending,
    nulls: nullable ? nulls : undefined,
    column: by === undefined ? column : undefined,
    own: joined || by !== undefined ? undefined : column,
  };
}

function isOptions(wanted: unknown): wanted is Values {
  return typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted);
}

function expression(
  map: EntityMap,
  column: MappedColumn,
  by: unknown,
  sql: string,
  writer: StatementWriter,
): string {
  const written: unknown = typeof by === 'function' ? by(rawColumn(sql)) : undefined;
  if (isSqlFragment(written)) return `(${writer.fragment(written)})`;
  throw invalid(map, column, "'by' takes a function that gives a fragment of the sql tag");
}

function isDescending(map: EntityMap, column: MappedColumn, wanted: unknown): boolean {
  if (wanted === 1 || wanted === -1) return wanted === -1;
  const upper = typeof wanted === 'string' ? wanted.toUpperCase() : '';
  if (upper === 'ASC' || upper === 'DESC') return upper === 'DESC';
  throw invalid(map, column, "takes 'asc' or 'desc'");
}

function nullsOf(map: EntityMap, column: MappedColumn, wanted: unknown): 'first' | 'last' | undefined {
  if (wanted === undefined) return undefined;
  const lower = typeof wanted === 'string' ? wanted.toLowerCase() : '';
  if (lower === 'first' || lower === 'last') return lower;
  throw invalid(map, column, "'nulls' takes 'first' or 'last'");
}

function invalid(map: EntityMap, column: MappedColumn, problem: string): Error {
  return error('OPTION_INVALID', {
    option: 'order',
    problem: `'${map.meta.name}.${column.meta.property}' ${problem}`,
  });
}
