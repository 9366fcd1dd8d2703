/**
 * The SELECT of one page: the rows behind (or before) a row that is known by the values it is ordered by. Unlike
 * an offset this costs the same on every page, and rows that come and go meanwhile move nobody.
 */

import { crypto } from '../../base/crypto.js';
import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import { labelWhere } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { EntityMap } from '../mapping/entity-map.js';
import { StatementWriter } from '../statement.js';
import { labelPlain, labelRelations, SHAPE } from './option-shape.js';
import { compileOrder, type OrderTerm, orderClause, totalOrder } from './order.js';
import type { LooseFindOptions } from './select.js';
import { compileSelection, type Selection, SelectionCompiler } from './selection.js';

/** From where a page is read, and in which direction. */
export interface KeysetPlace {
  /** The values of the order's terms in the row beside which the page lies; absent at either end. */
  readonly beside?: readonly SqlValue[] | undefined;
  readonly backwards: boolean;
  readonly size: number;
  /** Rows that are passed over. */
  readonly skip?: number | undefined;
}

interface CompiledKeyset {
  readonly sql: string;
  readonly bind: (values: readonly unknown[]) => SqlValue[];
  readonly selection: Selection;
  readonly bigints: boolean;
  /** Tells orders apart: the entity's name and what it is ordered by. */
  readonly order: string;
  /** How many values the conditions take, behind which those of the keyset come. */
  readonly conditionValues: number;
  /** Which of the known values each place of the keyset takes. */
  readonly places: readonly number[];
}

/** The SELECT of a page as it is asked once. */
export interface KeysetCall {
  readonly sql: string;
  readonly params: SqlValue[];
  readonly selection: Selection;
  readonly bigints: boolean;
  readonly order: string;
  /** What follows the SELECT takes its values from them. */
  readonly values: readonly unknown[];
}

/** The compiled SELECT of a page and the values of this call. @throws CURSOR_INVALID for values of another order */
export function keysetFor(map: EntityMap, options: LooseFindOptions, place: KeysetPlace): KeysetCall {
  const { compiled, values } = map.shapes.get<CompiledKeyset>(
    (shape) => {
      shape.label(place.backwards ? 'before' : 'after');
      for (const value of place.beside ?? []) shape.label(value === null ? 'null' : 'value');
      if (place.skip !== undefined) shape.label(SHAPE.skip);
      if (options.where !== undefined) {
        shape.label(SHAPE.where);
        labelWhere(map, options.where, shape);
      }
      if (options.withDeleted === true) shape.label(SHAPE.withDeleted);
      if (options.order !== undefined) labelPlain('order', options.order, shape);
      if (options.select !== undefined) labelPlain('select', options.select, shape);
      if (options.relations !== undefined) labelRelations(map, options.relations, shape);
    },
    () => compileKeyset(map, options, place),
  );
  const { conditionValues, places, selection, sql, bigints, order } = compiled;
  const all = [
    ...values.slice(0, conditionValues),
    ...places.map((i) => place.beside?.[i]),
    place.size,
    ...(place.skip === undefined ? [] : [place.skip]),
    ...values.slice(conditionValues),
  ];
  return { sql, params: compiled.bind(all), selection, bigints, order, values: all };
}

function compileKeyset(map: EntityMap, options: LooseFindOptions, place: KeysetPlace): CompiledKeyset {
  const writer = new StatementWriter(map.dialect);
  const withDeleted = options.withDeleted === true;
  const asked = compileOrder(map, options.order ?? map.meta.orderBy, map.sql, writer);
  const total = totalOrder(map, asked, map.sql);
  const terms = total.terms.map((term) => comparable(map, term));
  const order = { joins: total.joins, terms: place.backwards ? terms.map(turned) : terms };
  const { beside } = place;
  if (beside !== undefined && beside.length !== terms.length) throw otherOrder(map);
  const extras = order.terms.map((term) => term.write(writer));
  const where = options.where === undefined ? '' : writeWhere(map, options.where, map.sql, writer);
  const visible = writeVisible(map, map.sql, writer, { withDeleted });
  const conditionValues = writer.valueCount;
  const places: number[] = [];
  const behind = beside === undefined ? '' : writeBehind(order.terms, beside, places, writer);
  const clause = orderClause(order, writer);
  const limit = `LIMIT ${writer.value(asIs)}${place.skip === undefined ? '' : ` OFFSET ${writer.value(asIs)}`}`;
  const from = `FROM ${map.source}${order.joins}${whereClause([where, ...visible, behind])}`;
  const { select, relations } = options;
  const compiler = new SelectionCompiler(writer.valueCount);
  const selection = compileSelection(map, { select, relations, withDeleted }, compiler);
  return {
    sql: `SELECT ${[selection.list(map.sql), ...extras].join(', ')} ${from}${clause} ${limit}`,
    bind: writer.binder(),
    selection,
    bigints: selection.bigints || terms.some(({ own }) => own?.needsBigints ?? true),
    order: nameOf(map, { joins: total.joins, terms }),
    conditionValues,
    places,
  };
}

const asIs = (value: unknown): SqlValue => value as SqlValue;

function otherOrder(map: EntityMap): Error {
  return error('CURSOR_INVALID', { entity: map.meta.name, problem: 'the cursor belongs to another order' });
}

/** A term whose values can be compared as they are ordered. */
function comparable(map: EntityMap, term: OrderTerm): OrderTerm {
  const { orderKey } = map.dialect;
  const { column } = term;
  if (orderKey === undefined || column === undefined) return term;
  return { ...term, write: (writer) => orderKey(term.write(writer), column.meta.type) };
}

function turned(term: OrderTerm): OrderTerm {
  const nulls = term.nulls === undefined ? undefined : term.nulls === 'first' ? 'last' : 'first';
  return { ...term, descending: !term.descending, nulls };
}

/** What makes two orders the same: the SQL of their terms, in forward direction. */
function nameOf(
  map: EntityMap,
  order: { readonly joins: string; readonly terms: readonly OrderTerm[] },
): string {
  const text = orderClause(order, new StatementWriter(map.dialect));
  return crypto()
    .createHash('sha256')
    .update(`${map.meta.name}\n${order.joins}\n${text}`)
    .digest('base64url')
    .slice(0, 12);
}

/** Notes in `places` which value each placeholder takes, in the order in which the text names them. */
function writeBehind(
  terms: readonly OrderTerm[],
  beside: readonly SqlValue[],
  places: number[],
  writer: StatementWriter,
): string {
  const slot = (i: number): string => {
    places.push(i);
    return writer.value(asIs);
  };
  const behind = (i: number): string => {
    const term = terms[i] as OrderTerm;
    const past = writePast(term, beside[i] === null, () => slot(i), writer);
    if (i === terms.length - 1) return past === '' ? '1 = 0' : past;
    const same = beside[i] === null ? `${term.write(writer)} IS NULL` : `${term.write(writer)} = ${slot(i)}`;
    const rest = behind(i + 1);
    return past === '' ? `(${same} AND ${rest})` : `(${past} OR (${same} AND ${rest}))`;
  };
  const [first] = terms as [OrderTerm, ...OrderTerm[]];
  const isBound = terms.length > 1 && beside[0] !== null && first.nulls !== 'last';
  // Says nothing that the rest does not, but in a form for which every database uses an index.
  const bound = isBound ? `${first.write(writer)} ${first.descending ? '<=' : '>='} ${slot(0)} AND ` : '';
  return `${bound}${behind(0)}`;
}

/** The rows whose value alone says that they lie behind; '' where there are none. */
function writePast(
  { write, descending, nulls }: OrderTerm,
  isNull: boolean,
  slot: () => string,
  writer: StatementWriter,
): string {
  if (isNull) return nulls === 'first' ? `${write(writer)} IS NOT NULL` : '';
  const past = `${write(writer)} ${descending ? '<' : '>'} ${slot()}`;
  return nulls === 'last' ? `(${past} OR ${write(writer)} IS NULL)` : past;
}
