/**
 * Entities batch by batch, so that a whole table passes through little memory: over a cursor where the database
 * has them, elsewhere page by page behind the last row.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, MaybePromise, RowStream, SqlValue } from '../../dialects/contract.js';
import type { EntityMap, Values } from '../mapping/entity-map.js';
import { keysetFor } from './keyset.js';
import { loadRelations } from './load-relations.js';
import { unknownOption } from './option-errors.js';
import { besideRow } from './page.js';
import { type LooseFindOptions, selectFor } from './select.js';
import type { Selection } from './selection.js';

/** Where a stream reads. */
export interface StreamPlace {
  /** Runs reads, one after the other. */
  ask<R>(work: (connection: Connection) => MaybePromise<R>): Promise<R>;
  /** Whether a transaction is open for as long as the stream is, as cursors need it. */
  readonly isSteady: boolean;
  /** Whether the connection may be kept busy for as long as the stream is. */
  readonly isAlone: boolean;
}

interface StreamOptions extends LooseFindOptions {
  readonly batchRows?: unknown;
}

const STREAM_OPTIONS = [
  'batchRows',
  'where',
  'select',
  'relations',
  'order',
  'take',
  'skip',
  'withDeleted',
  'comment',
  'signal',
];

/** Rows a batch: enough to make round trips cheap, few enough to hold. */
const BATCH_ROWS = 500;

/** What a stream reads, checked. */
export interface StreamCall {
  readonly options: LooseFindOptions;
  readonly batchRows: number;
}

/** @throws OPTION_UNKNOWN · OPTION_INVALID */
export function streamFor(map: EntityMap, given: StreamOptions): StreamCall {
  for (const name in given) {
    if (!STREAM_OPTIONS.includes(name)) throw unknownOption(name, 'stream', STREAM_OPTIONS);
  }
  const { batchRows = BATCH_ROWS, ...options } = given;
  if (typeof batchRows !== 'number' || !Number.isSafeInteger(batchRows) || batchRows < 1) {
    throw error('OPTION_INVALID', { option: 'batchRows', problem: 'expected a whole number, 1 or more' });
  }
  // Whatever is wrong with the rest is told here, not when the first entity is asked for.
  selectFor(map, options, 'rows');
  return { options, batchRows };
}

/** The batches of a stream, each with its relations. */
export function readBatches(
  place: StreamPlace,
  map: EntityMap,
  call: StreamCall,
): AsyncGenerator<Values[], void, undefined> {
  if (map.dialect.capabilities.cursors && place.isSteady) return readByCursor(place, map, call);
  return place.isAlone ? readByDriver(place, map, call) : readByKeyset(place, map, call);
}

/**
 * One query, whatever its order: page by page each would sort the table again. What follows rows, their relations,
 * is asked on the same connection, which is busy until the last of them: those are read page by page.
 */
async function* readByDriver(
  place: StreamPlace,
  map: EntityMap,
  call: StreamCall,
): AsyncGenerator<Values[], void, undefined> {
  const { select, params } = selectFor(map, totallyOrdered(map, call.options), 'rows');
  const { read, relations, relationIds, bigints } = select.selection;
  const isPlain = relations.length === 0 && relationIds.length === 0;
  const open = (connection: Connection) => connection.stream?.(select.sql, params, { bigints });
  const stream = isPlain ? await place.ask<RowStream | undefined>(open) : undefined;
  if (stream === undefined) {
    yield* readByKeyset(place, map, call);
    return;
  }
  try {
    for (;;) {
      const rows = await stream.read(call.batchRows);
      if (rows.length > 0) yield rows.map(read);
      if (rows.length < call.batchRows) return;
    }
  } finally {
    await stream.close();
  }
}

let lastCursor = 0;

/** A name of its own each: a statement that was prepared for one cursor must not be run on another. */
async function* readByCursor(
  place: StreamPlace,
  map: EntityMap,
  { options, batchRows }: StreamCall,
): AsyncGenerator<Values[], void, undefined> {
  const { select, params, values } = selectFor(map, totallyOrdered(map, options), 'rows');
  const name = map.dialect.quoteIdentifier(`limbeck_stream_${++lastCursor}`);
  const { selection } = select;
  await place.ask((connection) =>
    connection.queryArrays(`DECLARE ${name} NO SCROLL CURSOR FOR ${select.sql}`, params),
  );
  try {
    for (;;) {
      const batch = await place.ask(async (connection) => {
        const rows = await connection.queryArrays(`FETCH FORWARD ${batchRows} FROM ${name}`, [], {
          bigints: selection.bigints,
        });
        return entitiesOf(connection, rows, selection, values);
      });
      if (batch.length > 0) yield batch;
      if (batch.length < batchRows) return;
    }
  } finally {
    // A transaction that has failed has closed it already.
    await place.ask((connection) => connection.run(`CLOSE ${name}`)).catch(() => {});
  }
}

/** Streams come in the order of their keys unless told, as they do page by page. */
function totallyOrdered(map: EntityMap, options: LooseFindOptions): LooseFindOptions {
  if (options.order !== undefined || map.meta.orderBy !== undefined || options.skip !== undefined)
    return options;
  return options.take === undefined ? { ...options, skip: 0 } : options;
}

async function* readByKeyset(
  place: StreamPlace,
  map: EntityMap,
  { options, batchRows }: StreamCall,
): AsyncGenerator<Values[], void, undefined> {
  const { skip, take } = options as { readonly skip?: number; readonly take?: number };
  let left = take ?? Number.POSITIVE_INFINITY;
  let beside: SqlValue[] | undefined;
  while (left > 0) {
    const size = Math.min(batchRows, left);
    const isFirst: boolean = beside === undefined;
    const { batch, last }: Batch = await place.ask(async (connection) => {
      const at = { beside, backwards: false, size, skip: isFirst ? skip : undefined };
      const { sql, params, selection, bigints, values } = keysetFor(map, options, at);
      const rows = await connection.queryArrays(sql, params, { bigints });
      const lastRow = rows.at(-1);
      return {
        batch: await entitiesOf(connection, rows, selection, values),
        last: lastRow && besideRow(selection, lastRow),
      };
    });
    beside = last;
    left -= batch.length;
    if (batch.length > 0) yield batch;
    if (batch.length < size) return;
  }
}

interface Batch {
  readonly batch: Values[];
  readonly last: SqlValue[] | undefined;
}

async function entitiesOf(
  connection: Connection,
  rows: SqlValue[][],
  selection: Selection,
  values: readonly unknown[],
): Promise<Values[]> {
  const entities = rows.map(selection.read);
  if (entities.length > 0) await loadRelations({ connection, values, seen: new Map() }, entities, selection);
  return entities;
}
