/**
 * `find` options → one SELECT with its reader, compiled once a shape, and the relations to load after it.
 */

import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import { labelWhere } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { EntityMap, Values } from '../mapping/entity-map.js';
import type { ShapeWalk } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import { asOptions, unknownOption } from './option-errors.js';
import { writeOrder } from './order.js';
import { compileSelection, type Selection } from './selection.js';

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

function compileSelect(map: EntityMap, options: LooseFindOptions, mode: SelectMode): CompiledSelect {
  const writer = new StatementWriter(map.dialect);
  const selection = compileSelection(map, options.select, options.relations);
  const where = options.where === undefined ? '' : writeWhere(map, options.where, map.sql, writer);
  const visible = writeVisible(map, map.sql, writer, { withDeleted: options.withDeleted === true });
  const from = `FROM ${map.source}${whereClause([where, ...visible])}`;
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
