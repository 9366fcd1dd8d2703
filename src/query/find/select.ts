/**
 * `find` options → one SELECT with its reader, compiled once a shape, and the relations to load after it.
 */

import { error } from '../../base/error-codes.js';
import { nearestName } from '../../base/text.js';
import type { SqlValue } from '../../dialects/contract.js';
import { labelWhere, whereClause, writeVisible, writeWhere } from '../conditions/where.js';
import {
  type EntityMap,
  type Field,
  layoutOfColumns,
  type MappedColumn,
  type MappedRelation,
  type RowLayout,
  type Values,
} from '../mapping/entity-map.js';
import type { ShapeWalk } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import { makeReader, type ReadEntity } from './read-entity.js';

/** Options as they arrive: checked here, whatever the types said. */
export interface LooseFindOptions {
  readonly where?: unknown;
  readonly select?: unknown;
  readonly relations?: unknown;
  readonly order?: unknown;
  readonly skip?: unknown;
  readonly take?: unknown;
  readonly withDeleted?: unknown;
}

const OPTIONS = ['where', 'select', 'relations', 'order', 'skip', 'take', 'withDeleted'];

/** What is read of an entity, compiled: its columns, and which relations follow. */
export interface Selection {
  readonly layout: RowLayout;
  /** The select list of a table that goes by an alias. */
  readonly list: (alias: string) => string;
  readonly bigints: boolean;
  readonly read: ReadEntity;
  readonly relations: readonly RelationSelection[];
}

/** A relation that was asked for. */
export interface RelationSelection {
  readonly relation: MappedRelation;
  readonly selection: Selection;
  readonly where: unknown;
  readonly order: unknown;
  readonly withDeleted: boolean;
}

/** A SELECT of one shape. */
export interface CompiledSelect {
  readonly sql: string;
  readonly bind: (values: readonly unknown[]) => SqlValue[];
  readonly selection: Selection;
}

const LABEL = {
  where: 10,
  select: 11,
  relations: 12,
  order: 13,
  skip: 14,
  take: 15,
  withDeleted: 16,
  end: 17,
  nested: 18,
} as const;

/** Which statement is wanted of the options. */
export type SelectMode = 'rows' | 'first' | 'count' | 'exists';

/** The compiled SELECT of some options and the parameters of this call. */
export function selectFor(
  map: EntityMap,
  options: LooseFindOptions,
  mode: SelectMode,
): { readonly select: CompiledSelect; readonly params: SqlValue[] } {
  const { compiled, values } = map.shapes.get<CompiledSelect>(
    (shape) => labelOptions(map, options, mode, shape),
    () => compileSelect(map, options, mode),
  );
  return { select: compiled, params: compiled.bind(values) };
}

function labelOptions(map: EntityMap, options: LooseFindOptions, mode: SelectMode, shape: ShapeWalk): void {
  shape.label(mode);
  for (const name in options) if (!OPTIONS.includes(name)) throw unknownOption(name, 'find', OPTIONS);
  if (options.where !== undefined) {
    shape.label(LABEL.where);
    labelWhere(map, options.where, shape);
  }
  if (options.withDeleted === true) shape.label(LABEL.withDeleted);
  if (options.select !== undefined) labelPlain(LABEL.select, options.select, 'select', shape);
  if (options.relations !== undefined) labelRelations(options.relations, shape);
  if (options.order !== undefined) labelPlain(LABEL.order, options.order, 'order', shape);
  labelLimits(options, shape);
}

function labelLimits({ take, skip }: LooseFindOptions, shape: ShapeWalk): void {
  if (take !== undefined) {
    shape.label(LABEL.take);
    shape.value(wholeNumber('take', take));
  }
  if (skip !== undefined) {
    shape.label(LABEL.skip);
    shape.value(wholeNumber('skip', skip));
  }
}

function wholeNumber(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw error('OPTION_INVALID', { option, problem: 'expected a whole number, 0 or more' });
}

/** Options whose every key and value belongs to the shape. */
function labelPlain(label: number, value: unknown, option: string, shape: ShapeWalk): void {
  shape.label(label);
  labelEntries(asOptions(option, value), option, shape);
}

function labelEntries(entries: Values, option: string, shape: ShapeWalk): void {
  for (const name in entries) {
    const value = entries[name];
    shape.label(name);
    if (typeof value === 'object' && value !== null) {
      shape.label(LABEL.nested);
      labelEntries(asOptions(option, value), option, shape);
    } else shape.label(String(value));
  }
  shape.label(LABEL.end);
}

/** The conditions inside a relation are bound when it is loaded, so they are no part of this statement's values. */
function labelRelations(relations: unknown, shape: ShapeWalk): void {
  shape.label(LABEL.relations);
  const entries = asOptions('relations', relations);
  for (const name in entries) {
    const wanted = entries[name];
    if (wanted === false || wanted === undefined) continue;
    shape.label(name);
    // Nested options hold values of their own: such a query is compiled anew, its parts are not.
    if (wanted !== true) shape.cacheable = false;
  }
  shape.label(LABEL.end);
}

export function unknownOption(option: string, place: string, known: readonly string[]): Error {
  return error('OPTION_UNKNOWN', { option, place, nearest: nearestName(option, known) });
}

function asOptions(option: string, value: unknown): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values;
  throw error('OPTION_INVALID', { option, problem: 'expected an object whose keys are properties' });
}

function compileSelect(map: EntityMap, options: LooseFindOptions, mode: SelectMode): CompiledSelect {
  const writer = new StatementWriter(map.dialect);
  const selection = compileSelection(map, options.select, options.relations);
  const where = options.where === undefined ? '' : writeWhere(map, options.where, map.sql, writer);
  const visible = writeVisible(map, map.sql, writer, { withDeleted: options.withDeleted === true });
  const from = `FROM ${map.sql}${whereClause([where, ...visible])}`;
  const order = writeOrder(
    map,
    options.order ?? (mode === 'rows' || mode === 'first' ? map.meta.orderBy : undefined),
    map.sql,
    writer,
  );
  const limit = writeLimits(options, writer);
  return {
    sql: selectText(mode, selection.list(map.sql), from, order, limit),
    bind: writer.binder(),
    selection,
  };
}

function selectText(mode: SelectMode, list: string, from: string, order: string, limit: string): string {
  switch (mode) {
    case 'rows':
      return `SELECT ${list} ${from}${order}${limit}`;
    case 'first':
      return `SELECT ${list} ${from}${order}${limit === '' ? ' LIMIT 1' : limit}`;
    case 'exists':
      return `SELECT 1 ${from}${limit === '' ? ' LIMIT 1' : limit}`;
    case 'count':
      return limit === ''
        ? `SELECT COUNT(*) ${from}`
        : `SELECT COUNT(*) FROM (SELECT 1 ${from}${limit}) AS _0`;
  }
}

/** LIMIT and OFFSET are bound; an offset alone needs a limit on most databases, so it gets the largest one. */
function writeLimits(options: LooseFindOptions, writer: StatementWriter): string {
  const number = (value: unknown): number => value as number;
  const take = options.take === undefined ? undefined : writer.value(number);
  if (options.skip === undefined) return take === undefined ? '' : ` LIMIT ${take}`;
  return ` LIMIT ${take ?? '9223372036854775807'} OFFSET ${writer.value(number)}`;
}

/** The columns and relations that are asked for, checked and compiled. */
export function compileSelection(
  map: EntityMap,
  select: unknown,
  relations: unknown,
  extra: readonly MappedColumn[] = [],
): Selection {
  const wanted = relations === undefined ? [] : compileRelations(map, asOptions('relations', relations));
  const shown = shownColumns(map, select);
  // Keys, foreign keys and the version are always kept with the row: save() and relations need them.
  const kept = (column: MappedColumn): boolean =>
    shown.has(column) ||
    column.meta.primary ||
    column === map.version ||
    (select === undefined && column.relation !== undefined) ||
    extra.includes(column) ||
    wanted.some(({ relation }) => relation.local.includes(column));
  const columns = map.columns.filter(kept);
  const layout = layoutOfColumns(map, columns);
  return {
    layout,
    list: (alias) => columns.map((column) => `${alias}.${column.sql}`).join(', '),
    bigints: columns.some((column) => column.needsBigints),
    read: makeReader(layout, shown),
    relations: wanted,
  };
}

function shownColumns(map: EntityMap, select: unknown): ReadonlySet<MappedColumn> {
  if (select === undefined) return new Set(map.columns.filter((column) => column.meta.select));
  const shown = new Set<MappedColumn>();
  const collect = (fields: ReadonlyMap<string, Field>, entries: Values): void => {
    for (const name in entries) {
      const field = fields.get(name);
      const wanted = entries[name];
      if (field === undefined) throw map.unknown(name, 'select', columnNames(fields));
      if (field.kind === 'relation') {
        throw error('OPTION_INVALID', {
          option: 'select',
          problem: `'${name}' is a relation; name it in relations`,
        });
      }
      if (wanted === false || wanted === undefined) continue;
      if (field.kind === 'column') shown.add(field);
      else if (wanted === true) addAll(field.fields, shown);
      else collect(field.fields, asOptions('select', wanted));
    }
  };
  collect(map.fields, asOptions('select', select));
  return shown;
}

function addAll(fields: ReadonlyMap<string, Field>, shown: Set<MappedColumn>): void {
  for (const field of fields.values()) {
    if (field.kind === 'column') shown.add(field);
    else if (field.kind === 'embedded') addAll(field.fields, shown);
  }
}

function columnNames(fields: ReadonlyMap<string, Field>): string[] {
  return [...fields].filter(([, field]) => field.kind !== 'relation').map(([name]) => name);
}

const TO_ONE_OPTIONS = ['relations'];
const TO_MANY_OPTIONS = ['relations', 'where', 'order', 'withDeleted'];

function compileRelations(map: EntityMap, entries: Values): RelationSelection[] {
  const names = map.meta.relations.map(({ property }) => property);
  return Object.entries(entries).flatMap(([name, wanted]) => {
    const relation = map.relation(name);
    if (relation === undefined) throw map.unknown(name, 'relations', names);
    if (wanted === false || wanted === undefined) return [];
    const options: Values = wanted === true ? {} : asOptions(`relations.${name}`, wanted);
    const known = relation.toMany ? TO_MANY_OPTIONS : TO_ONE_OPTIONS;
    for (const option in options) {
      if (!known.includes(option)) throw unknownOption(option, `relations.${name}`, known);
    }
    const { relations, where, order, withDeleted } = options as LooseFindOptions;
    const selection = compileSelection(relation.target, undefined, relations, relation.remote);
    return [{ relation, selection, where, order, withDeleted: withDeleted === true }];
  });
}

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
    `(SELECT ${text} FROM ${target.sql} AS ${inner} WHERE ${pairs.join(' AND ')})`;
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
