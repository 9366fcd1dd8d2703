/** `page()`: some entities behind or before a cursor, and the cursors from which to go on. */

import { error } from '../../base/error-codes.js';
import type { Connection, SqlValue } from '../../dialects/contract.js';
import type { EntityMap, Values } from '../mapping/entity-map.js';
import { invalid, readCursor, writeCursor } from './cursor.js';
import { type KeysetCall, type KeysetPlace, keysetFor } from './keyset.js';
import { loadRelations } from './load-relations.js';
import { unknownOption } from './option-errors.js';
import { inOneState } from './read-rows.js';
import type { LooseFindOptions } from './select.js';
import type { Selection } from './selection.js';

/** Entities of one page. */
export interface Page<E> {
  readonly items: E[];
  /** Whether there are entities behind the last one, in the order that was asked for. */
  readonly hasNext: boolean;
  /** Whether there are entities before the first one. */
  readonly hasPrevious: boolean;
  /** To be passed as `before` for the page that ends where this one begins; null on an empty page. */
  readonly startCursor: string | null;
  /** To be passed as `after` for the page that begins where this one ends; null on an empty page. */
  readonly endCursor: string | null;
}

interface PageOptions extends LooseFindOptions {
  readonly first?: unknown;
  readonly after?: unknown;
  readonly before?: unknown;
}

const PAGE_OPTIONS = [
  'first',
  'after',
  'before',
  'where',
  'select',
  'relations',
  'order',
  'withDeleted',
  'comment',
  'signal',
];

/** What is asked of one page, checked before anything is asked of the database. */
export interface PageCall {
  readonly call: KeysetCall;
  readonly size: number;
  readonly backwards: boolean;
  readonly isFromCursor: boolean;
}

/** @throws CURSOR_INVALID · OPTION_INVALID · OPTION_UNKNOWN */
export function pageFor(map: EntityMap, options: PageOptions): PageCall {
  for (const name in options) {
    if (!PAGE_OPTIONS.includes(name)) throw unknownOption(name, 'page', PAGE_OPTIONS);
  }
  const { first, after, before } = options;
  const size = sizeOf(first);
  const backwards = before !== undefined && before !== null;
  if (backwards && after !== undefined && after !== null) {
    throw error('OPTION_INVALID', { option: 'page', problem: "it takes 'after' or 'before', not both" });
  }
  const text = backwards ? before : (after ?? undefined);
  const cursor = text === undefined ? undefined : readCursor(map, text);
  // One row more tells whether there is another page.
  const place: KeysetPlace = { beside: cursor?.values, backwards, size: size + 1 };
  const call = keysetFor(map, options, place);
  if (cursor !== undefined && cursor.order !== call.order) {
    throw invalid(map, 'the cursor belongs to another order or entity');
  }
  return { call, size, backwards, isFromCursor: cursor !== undefined };
}

function sizeOf(first: unknown): number {
  if (typeof first === 'number' && Number.isSafeInteger(first) && first > 0) return first;
  throw error('OPTION_INVALID', { option: 'first', problem: 'expected a whole number, 1 or more' });
}

/** Reads a page. */
export async function readPage(
  connection: Connection,
  map: EntityMap,
  page: PageCall,
): Promise<Page<Values>> {
  const { call, size, backwards, isFromCursor } = page;
  const read = async (): Promise<Page<Values>> => {
    const rows = await connection.queryArrays(call.sql, call.params, { bigints: call.bigints });
    const hasMore = rows.length > size;
    if (hasMore) rows.length = size;
    if (backwards) rows.reverse();
    const items = rows.map(call.selection.read);
    if (items.length > 0) {
      await loadRelations({ connection, values: call.values, seen: new Map() }, items, call.selection);
    }
    const cursorOf = (row: SqlValue[] | undefined): string | null =>
      row === undefined ? null : writeCursor({ order: call.order, values: besideRow(call.selection, row) });
    return {
      items,
      // Where a cursor was given, the row it was made of lies on that side.
      hasNext: backwards ? isFromCursor : hasMore,
      hasPrevious: backwards ? hasMore : isFromCursor,
      startCursor: cursorOf(rows[0]),
      endCursor: cursorOf(rows.at(-1)),
    };
  };
  const isAlone = call.selection.relations.length === 0 || connection.inTransaction;
  return isAlone ? read() : inOneState(connection, map, read);
}

/** The values that a row is ordered by, which stand behind its columns. */
export function besideRow({ layout }: Selection, row: readonly SqlValue[]): SqlValue[] {
  return row.slice(layout.columns.length);
}
