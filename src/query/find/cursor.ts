/**
 * Cursors: where a page begins or ends, as text that is handed to a client and comes back. It holds the values
 * that a row is ordered by, never SQL, and says of which order they are.
 */

import { crypto } from '../../base/crypto.js';
import { error } from '../../base/error-codes.js';
import type { SqlValue } from '../../dialects/contract.js';
import type { EntityMap } from '../mapping/entity-map.js';

/** A cursor that was read. */
export interface Cursor {
  /** The name of its order, to be compared with the one that is asked for. */
  readonly order: string;
  readonly values: readonly SqlValue[];
}

const CHECK_LENGTH = 8;
/** Longer than any key that an index could hold. */
const MAX_LENGTH = 20_000;

/** Opaque text without characters that a URL would need escaped. */
export function writeCursor({ order, values }: Cursor): string {
  const text = JSON.stringify([order, ...values.map(packed)]);
  return Buffer.from(checkOf(text) + text).toString('base64url');
}

/** @throws CURSOR_INVALID for text that no cursor has, or one that was changed */
export function readCursor(map: EntityMap, cursor: unknown): Cursor {
  if (typeof cursor !== 'string' || cursor.length > MAX_LENGTH) throw invalid(map, 'a cursor is text');
  const content = Buffer.from(cursor, 'base64url').toString();
  const text = content.slice(CHECK_LENGTH);
  if (checkOf(text) !== content.slice(0, CHECK_LENGTH)) throw invalid(map, 'the cursor was changed');
  const [order, ...values] = parsed(map, text);
  if (typeof order !== 'string') throw invalid(map, 'the cursor was changed');
  return { order, values: values.map((value) => unpacked(map, value)) };
}

function parsed(map: EntityMap, text: string): unknown[] {
  try {
    const content: unknown = JSON.parse(text);
    if (Array.isArray(content)) return content;
  } catch {
    // Said below.
  }
  throw invalid(map, 'the cursor was changed');
}

/** Finds a slip, not an attack: what is forged is bound as a value all the same, and finds nothing it may not. */
function checkOf(text: string): string {
  return crypto().createHash('sha256').update(text).digest('base64url').slice(0, CHECK_LENGTH);
}

function packed(value: SqlValue): unknown {
  if (typeof value === 'bigint') return { n: String(value) };
  return value instanceof Uint8Array ? { b: Buffer.from(value).toString('base64') } : value;
}

function unpacked(map: EntityMap, value: unknown): SqlValue {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'number'
  ) {
    return value;
  }
  const { n, b } = value as { readonly n?: unknown; readonly b?: unknown };
  if (typeof n === 'string' && /^-?\d{1,20}$/.test(n)) return BigInt(n);
  if (typeof b === 'string') return Buffer.from(b, 'base64');
  throw invalid(map, 'the cursor was changed');
}

export function invalid(map: EntityMap, problem: string): Error {
  return error('CURSOR_INVALID', { entity: map.meta.name, problem });
}
