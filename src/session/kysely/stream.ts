/**
 * Rows of a query of Kysely's in portions: over a cursor where the database has them, and elsewhere as the driver
 * reads them, where the connection is the stream's alone. In a transaction without cursors everything is read at
 * once: its other statements could not run while rows are on their way.
 */

import type { CompiledQuery } from 'kysely';
import type { Connection, Dialect, RowStream, SqlRow, SqlValue } from '../../dialects/contract.js';
import type { Held, Runner } from '../transactions.js';
import type { RowReader } from './results.js';

type Rows = Record<string, unknown>[];

interface Portions {
  readonly reader: RowReader;
  readonly chunkSize: number;
}

/** Rows that are there already. */
export function* portionsOf(rows: Rows, chunkSize: number): Generator<Rows> {
  for (let i = 0; i < rows.length; i += chunkSize) yield rows.slice(i, i + chunkSize);
}

/** Reads the rows of a query that changes nothing. */
export async function* readPortions(
  runner: Runner,
  dialect: Dialect,
  query: CompiledQuery,
  portions: Portions,
): AsyncGenerator<Rows, void, undefined> {
  const held = await runner.hold();
  try {
    if (dialect.capabilities.cursors) yield* readByCursor(held, dialect, query, portions);
    else yield* readByDriver(held, query, portions);
  } finally {
    await held.release();
  }
}

let lastCursor = 0;

/** Outside a transaction a cursor must be told to live on (`WITH HOLD`); the server then keeps its rows. */
async function* readByCursor(
  held: Held,
  dialect: Dialect,
  { sql, parameters }: CompiledQuery,
  { reader, chunkSize }: Portions,
): AsyncGenerator<Rows, void, undefined> {
  const name = dialect.quoteIdentifier(`limbeck_kysely_${++lastCursor}`);
  const hold = held.isSteady ? '' : ' WITH HOLD';
  await held.ask((connection) =>
    connection.run(`DECLARE ${name} NO SCROLL CURSOR${hold} FOR ${sql}`, parameters),
  );
  const fetch = `FETCH FORWARD ${chunkSize} FROM ${name}`;
  try {
    for (;;) {
      const rows = await held.ask((connection) => connection.query(fetch, [], reader));
      const count = rows.length;
      if (count > 0) yield reader.read(rows);
      if (count < chunkSize) return;
    }
  } finally {
    // A transaction that has failed has closed it already.
    await held.ask((connection) => connection.run(`CLOSE ${name}`)).catch(() => {});
  }
}

async function* readByDriver(
  held: Held,
  { sql, parameters }: CompiledQuery,
  { reader, chunkSize }: Portions,
): AsyncGenerator<Rows, void, undefined> {
  const open = (connection: Connection) => connection.stream?.(sql, parameters, reader);
  const stream = held.isAlone ? await held.ask<RowStream | undefined>(open) : undefined;
  if (stream === undefined) {
    const rows = await held.ask((connection) => connection.query(sql, parameters, reader));
    yield* portionsOf(reader.read(rows), chunkSize);
    return;
  }
  try {
    for (;;) {
      const rows = await stream.read(chunkSize);
      if (rows.length > 0) yield reader.read(objectsOf(rows, stream.names));
      if (rows.length < chunkSize) return;
    }
  } finally {
    await stream.close();
  }
}

/** Of columns with one name the last one counts; not by assignment, which would lose one called `__proto__`. */
function objectsOf(rows: readonly SqlValue[][], names: readonly string[]): SqlRow[] {
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] as SqlValue])));
}
