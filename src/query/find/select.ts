/**
 * `find` options → one SELECT with its reader, compiled once a shape, and the relations to load after it.
 */

import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import { labelWhere } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { EntityMap } from '../mapping/entity-map.js';
import type { ShapeWalk } from '../shape-cache.js';
import { StatementWriter } from '../statement.js';
import { rowLockOf } from './lock.js';
import { unknownOption } from './option-errors.js';
import { SHAPE as LABEL, labelLimits, labelLock, labelPlain, labelRelations } from './option-shape.js';
import { type CompiledOrder, compileOrder, orderClause, totalOrder } from './order.js';
import { compileSelection, type Selection, SelectionCompiler } from './selection.js';

/** Options as they arrive: checked here, whatever the types said. */
export interface LooseFindOptions {
  readonly where?: unknown;
  readonly select?: unknown;
  readonly relations?: unknown;
  readonly order?: unknown;
  readonly skip?: unknown;
  readonly take?: unknown;
  readonly withDeleted?: unknown;
  readonly lock?: unknown;
  readonly comment?: unknown;
  readonly signal?: unknown;
}

const OPTIONS = [
  'where',
  'select',
  'relations',
  'order',
  'skip',
  'take',
  'withDeleted',
  'lock',
  'comment',
  'signal',
];

/** A SELECT of one shape. */
export interface CompiledSelect {
  readonly sql: string;
  readonly bind: (values: readonly unknown[]) => SqlValue[];
  readonly selection: Selection;
}

/** Which statement is wanted of the options. */
export type SelectMode = 'rows' | 'first' | 'count' | 'exists';

/** A SELECT as it is asked once. */
export interface SelectCall {
  readonly select: CompiledSelect;
  readonly params: SqlValue[];
  /** All values of the call; what follows the SELECT takes its own from them. */
  readonly values: readonly unknown[];
}

/** The compiled SELECT of some options and the values of this call. */
export function selectFor(map: EntityMap, options: LooseFindOptions, mode: SelectMode): SelectCall {
  const { compiled, values } = map.shapes.get<CompiledSelect>(
    (shape) => labelOptions(map, options, mode, shape),
    () => compileSelect(map, options, mode),
  );
  return { select: compiled, params: compiled.bind(values), values };
}

function labelOptions(map: EntityMap, options: LooseFindOptions, mode: SelectMode, shape: ShapeWalk): void {
  shape.label(mode);
  for (const name in options) if (!OPTIONS.includes(name)) throw unknownOption(name, 'find', OPTIONS);
  if (options.where !== undefined) {
    shape.label(LABEL.where);
    labelWhere(map, options.where, shape);
  }
  if (options.withDeleted === true) shape.label(LABEL.withDeleted);
  if (options.order !== undefined) labelPlain('order', options.order, shape);
  if (isRead(mode)) labelLimits(options, shape);
  if (options.lock !== undefined) labelLock(options.lock, shape);
  if (options.select !== undefined) labelPlain('select', options.select, shape);
  // Last, because the values of what follows the statement come behind its own.
  if (options.relations !== undefined) labelRelations(map, options.relations, shape);
}

function compileSelect(map: EntityMap, options: LooseFindOptions, mode: SelectMode): CompiledSelect {
  const writer = new StatementWriter(map.dialect);
  const withDeleted = options.withDeleted === true;
  const order = orderOf(map, options, mode, writer);
  const where =
    options.where === undefined ? '' : writeWhere(map, options.where, map.sql, writer, { withDeleted });
  const visible = writeVisible(map, map.sql, writer, { withDeleted });
  const from = `FROM ${map.source}${order.joins}${whereClause([where, ...visible])}`;
  const ordered = orderClause(order, writer);
  const limit = isRead(mode) ? writeLimits(options, writer) : '';
  const lock = isRead(mode) ? writeLock(map, options, order) : '';
  const { select, relations } = options;
  const compiler = new SelectionCompiler(writer.valueCount);
  const selection = compileSelection(map, { select, relations, withDeleted }, compiler);
  return {
    sql: selectText(mode, selection.list(map.sql), from, ordered, limit) + lock,
    bind: writer.binder(),
    selection,
  };
}

/** Whether rows are what is asked for. Of the others no page is meant, whatever the options of a find say besides. */
function isRead(mode: SelectMode): boolean {
  return mode === 'rows' || mode === 'first';
}

/** The table alone: the other sides of the order's joins are none of what was found. */
function writeLock(map: EntityMap, { lock }: LooseFindOptions, { joins }: CompiledOrder): string {
  const rows = lock === undefined ? undefined : rowLockOf(lock);
  if (rows === undefined) return '';
  const hasOuterJoins = map.parts !== undefined && map.family !== undefined;
  if (hasOuterJoins && !map.dialect.capabilities.lockOuterJoins) {
    throw error('CAPABILITY_MISSING', {
      database: map.dialect.name,
      feature: 'row locks across outer joins',
      object: `'${map.meta.name}' is read with the tables of the classes below it; lock rows of a class that has none`,
    });
  }
  return map.dialect.rowLock(rows, joins === '' ? undefined : map.meta.tableName);
}

/** Rows that are cut off somewhere are put into a total order, so that the same ones are cut off every time. */
function orderOf(
  map: EntityMap,
  options: LooseFindOptions,
  mode: SelectMode,
  writer: StatementWriter,
): CompiledOrder {
  const order = compileOrder(
    map,
    isRead(mode) ? (options.order ?? map.meta.orderBy) : undefined,
    map.sql,
    writer,
  );
  const isCut = options.skip !== undefined || (options.take !== undefined && mode === 'rows');
  const isTotal = isRead(mode) && (isCut || (mode === 'first' && order.terms.length > 0));
  return isTotal ? totalOrder(map, order, map.sql) : order;
}

function selectText(mode: SelectMode, list: string, from: string, order: string, limit: string): string {
  switch (mode) {
    case 'rows':
      return `SELECT ${list} ${from}${order}${limit}`;
    case 'first':
      return `SELECT ${list} ${from}${order}${limit === '' ? ' LIMIT 1' : limit}`;
    case 'exists':
      return `SELECT 1 ${from} LIMIT 1`;
    case 'count':
      return `SELECT COUNT(*) ${from}`;
  }
}

/** LIMIT and OFFSET are bound; an offset alone needs a limit on most databases, so it gets the largest one. */
function writeLimits(options: LooseFindOptions, writer: StatementWriter): string {
  const number = (value: unknown): number => value as number;
  const take = options.take === undefined ? undefined : writer.value(number);
  if (options.skip === undefined) return take === undefined ? '' : ` LIMIT ${take}`;
  return ` LIMIT ${take ?? '9223372036854775807'} OFFSET ${writer.value(number)}`;
}
