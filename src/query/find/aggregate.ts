/**
 * `sum`, `average`, `minimum`, `maximum` of one column. Databases differ in the type of a sum and in the digits
 * of an average, so both are made of exact sums here, and are the same on all of them.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, SqlValue } from '../../dialects/contract.js';
import { decimalText, parseDecimal, scaleOf } from '../../dialects/shared/decimals.js';
import { labelWhere } from '../conditions/where-shape.js';
import { whereClause, writeVisible, writeWhere } from '../conditions/where-sql.js';
import type { EntityMap, MappedColumn } from '../mapping/entity-map.js';
import { fieldNamed } from '../mapping/family-fields.js';
import { columnAt } from '../mapping/row-layout.js';
import { chain } from '../maybe-promise.js';
import { StatementWriter } from '../statement.js';

export type Aggregate = 'sum' | 'average' | 'minimum' | 'maximum';

/** Digits behind the point that an average has more than what it is made of. */
const AVERAGE_DIGITS = 4;
const EXACT = { bigints: true };

interface CompiledAggregate {
  readonly sql: string;
  readonly bind: (values: readonly unknown[]) => SqlValue[];
}

/**
 * Computes an aggregate of the rows that meet a condition; null where there are none, or none with a value.
 *
 * @throws PROPERTY_UNKNOWN · OPTION_INVALID for a column that cannot be added up
 */
export function aggregate(
  connection: Connection,
  map: EntityMap,
  kind: Aggregate,
  property: string,
  where: unknown,
): MaybePromise<unknown> {
  const column = columnOf(map, kind, property);
  const { compiled, values } = map.shapes.get<CompiledAggregate>(
    (shape) => {
      shape.label(kind);
      shape.label(property);
      if (where !== undefined) labelWhere(map, where, shape);
    },
    () => compileAggregate(map, kind, column, where),
  );
  const rows = connection.queryArrays(compiled.sql, compiled.bind(values), EXACT);
  return chain(rows, ([row]) => read(kind, column, row));
}

function columnOf(map: EntityMap, kind: Aggregate, property: string): MappedColumn {
  const columns = [...map.columns, ...map.virtuals];
  const own = columns.find(({ meta }) => meta.role !== 'relation' && meta.property === property);
  const column = own ?? fieldNamed(map, property);
  if (column?.kind !== 'column') throw map.unknown(property, kind);
  const { type, transformers } = column.meta;
  const isNumber = NUMBERS.has(type.kind) && transformers.length === 0;
  if ((kind === 'sum' || kind === 'average') && !isNumber) throw unfit(column, kind, 'is no number');
  if (type.kind === 'json') throw unfit(column, kind, 'has no order');
  return column;
}

const NUMBERS: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint', 'decimal', 'real', 'double']);

function unfit({ owner, meta }: MappedColumn, kind: Aggregate, problem: string): Error {
  return error('OPTION_INVALID', { option: kind, problem: `'${owner}' (${meta.type.kind}) ${problem}` });
}

function compileAggregate(
  map: EntityMap,
  kind: Aggregate,
  column: MappedColumn,
  where: unknown,
): CompiledAggregate {
  const writer = new StatementWriter(map.dialect);
  const sql = columnAt(column, map.sql);
  const isEnd = kind === 'minimum' || kind === 'maximum';
  const parts = [
    where === undefined ? '' : writeWhere(map, where, map.sql, writer),
    ...writeVisible(map, map.sql, writer, { withDeleted: false }),
    isEnd ? `${sql} IS NOT NULL` : '',
  ];
  const from = `FROM ${map.source}${whereClause(parts)}`;
  // Not MIN and MAX, which not every database has for every type that it can order.
  const text = isEnd
    ? `SELECT ${sql} ${from} ORDER BY ${sql} ${kind === 'minimum' ? 'ASC' : 'DESC'} LIMIT 1`
    : `SELECT SUM(${summed(column, sql, writer)}), COUNT(${sql}) ${from}`;
  return { sql: text, bind: writer.binder() };
}

/** Where decimals are binary fractions, whole numbers are added up in their place. */
function summed(column: MappedColumn, sql: string, writer: StatementWriter): string {
  const scale = scaledBy(column, writer.dialect.capabilities.exactDecimals);
  return scale === 0 ? sql : `CAST(ROUND(${sql} * ${10 ** scale}) AS INTEGER)`;
}

function scaledBy({ meta }: MappedColumn, exactDecimals: boolean): number {
  return meta.type.kind === 'decimal' && !exactDecimals ? (scaleOf(meta.type) ?? 0) : 0;
}

function read(kind: Aggregate, column: MappedColumn, row: readonly SqlValue[] | undefined): unknown {
  const [value = null, count = null] = row ?? [];
  if (value === null) return null;
  if (kind === 'minimum' || kind === 'maximum') return column.decode(value);
  return kind === 'sum' ? readSum(column, value) : readAverage(column, value, Number(count));
}

function readSum(column: MappedColumn, value: SqlValue): unknown {
  const { type, as } = column.meta;
  if (type.kind === 'real' || type.kind === 'double') return Number(value);
  if (typeof value === 'bigint' && (type.kind === 'integer' || type.kind === 'smallint')) {
    return safe(column, Number(value));
  }
  const text = exactText(column, value);
  switch (type.kind) {
    case 'decimal':
      return as === 'number' ? Number(text) : text;
    case 'bigint':
      return as === 'string' ? text : as === 'number' ? safe(column, text) : BigInt(text);
    default:
      return safe(column, text);
  }
}

function safe({ owner }: MappedColumn, sum: string | number): number {
  const number = Number(sum);
  if (Number.isSafeInteger(number)) return number;
  throw error('VALUE_INVALID', {
    owner: `the sum of ${owner}`,
    problem: 'it is beyond 2^53, so no number holds it',
  });
}

/** A sum as plain decimal text with the digits that its column has. */
function exactText(column: MappedColumn, value: SqlValue): string {
  const { type } = column.meta;
  const scale = type.kind === 'decimal' ? (scaleOf(type) ?? 0) : 0;
  const sum = parseDecimal(String(value));
  if (sum === undefined) return String(value);
  // A sum of scaled integers comes as one, every other with its point in place.
  return typeof value === 'bigint' && scale > 0
    ? decimalText({ ...sum, scale: sum.scale + scale }, scale)
    : decimalText(sum, scale);
}

/** Of floating-point numbers a number; else divided exactly, rounded half away from zero. */
function readAverage(column: MappedColumn, value: SqlValue, count: number): unknown {
  const { type, as } = column.meta;
  if (type.kind === 'real' || type.kind === 'double') return Number(value) / count;
  const isText = as === 'string' || (as === undefined && (type.kind === 'decimal' || type.kind === 'bigint'));
  const text = exactText(column, value);
  if (!isText) return Number(text) / count;
  const { negative, digits, scale } = parseDecimal(text) as NonNullable<ReturnType<typeof parseDecimal>>;
  const wanted = (type.kind === 'decimal' ? (scaleOf(type) ?? 0) : 0) + AVERAGE_DIGITS;
  const scaled = BigInt(digits) * 10n ** BigInt(wanted - scale + 1);
  const quotient = (scaled / BigInt(count) + 5n) / 10n;
  return decimalText(
    { negative: negative && quotient !== 0n, digits: String(quotient), scale: wanted },
    wanted,
  );
}
