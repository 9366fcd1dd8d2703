// An open PostgreSQL database of its own for a block of tests, without the rest of the pack.
import type { Connection, Database, Dialect, Lease, OpenOptions } from '../../../src/dialects/contract';
import { openPostgres } from '../../../src/dialects/postgres/database';
import { createDatabase, type TestDatabase } from '../../support/databases';

/** The parts below do not ask the dialect anything. */
export const NO_DIALECT = (): Dialect => ({}) as Dialect;

export interface Place {
  readonly url: string;
  readonly database: Database;
  readonly connection: Connection;
  open(options?: Partial<OpenOptions>): Promise<Database>;
}

/** Made before all tests of a block, dropped after them; databases that a test opened are closed for it. */
export function useDatabase(): Place {
  let server: TestDatabase;
  let lease: Lease;
  let database: Database;
  const opened: Database[] = [];
  const open = async (options: Partial<OpenOptions> = {}): Promise<Database> => {
    const another = await openPostgres({ url: server.url, mode: 'existing', ...options }, NO_DIALECT);
    opened.push(another);
    return another;
  };
  beforeAll(async () => {
    server = await createDatabase('postgres');
    database = await openPostgres({ url: server.url, mode: 'existing' }, NO_DIALECT);
    lease = await database.acquire('write');
  });
  afterEach(async () => {
    for (const another of opened.splice(0)) await another.close();
  });
  afterAll(async () => {
    lease?.release();
    await database?.close();
    await server?.drop();
  });
  return {
    get url() {
      return server.url;
    },
    get database() {
      return database;
    },
    get connection() {
      return lease.connection;
    },
    open,
  };
}

/** The error that a call ends in. */
export async function failure(call: unknown | (() => unknown)): Promise<Record<string, unknown> & Error> {
  try {
    await (typeof call === 'function' ? call() : call);
  } catch (cause) {
    return cause as Record<string, unknown> & Error;
  }
  throw new Error('it should have failed');
}
