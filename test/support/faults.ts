// A database of which one statement fails, to see what becomes of everything around it.
import type { Connection, Database, Lease } from '../../src/dialects/contract';

/** Which statement fails: counted from 1, and the first that is no longer there fails nothing. */
export interface Fault {
  at: number;
  /** Whether the statement runs before the failure is told, as when its answer is lost. */
  after: boolean;
}

const STATEMENTS = new Set(['query', 'queryArrays', 'run', 'script']);
const FRAME = /^(BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET)/;

const SAVEPOINT = /^(SAVEPOINT|RELEASE)/;

/** A database in front of another one: the statement that the present fault names fails on the server itself. */
export class FaultyDatabase {
  fault: Fault | undefined;
  /** Statements since the fault was set. */
  count = 0;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** As the data source sees it. */
  get front(): Database {
    const wrap = (lease: Lease): Lease => ({
      connection: this.#wrap(lease.connection),
      release: () => lease.release(),
    });
    return new Proxy(this.#database, {
      get: (database, name) => {
        if (name === 'acquire')
          return async (purpose: 'read' | 'write') => wrap(await database.acquire(purpose));
        if (name === 'tryAcquire') {
          return (purpose: 'read' | 'write') => {
            const lease = database.tryAcquire?.(purpose);
            return lease && wrap(lease);
          };
        }
        const value = Reflect.get(database, name, database);
        return typeof value === 'function' ? value.bind(database) : value;
      },
    });
  }

  /** Sets a fault. @returns whether it has come to pass, asked afterwards */
  set(fault: Fault | undefined): void {
    this.fault = fault;
    this.count = 0;
  }

  #wrap(connection: Connection): Connection {
    return new Proxy(connection, {
      get: (inner, name) => {
        const value = Reflect.get(inner, name, inner);
        if (typeof value !== 'function') return value;
        if (!STATEMENTS.has(String(name))) return value.bind(inner);
        return (...args: unknown[]) => this.#ask(inner, String(args[0]), () => value.apply(inner, args));
      },
    });
  }

  #ask(connection: Connection, sql: string, run: () => unknown): unknown {
    const { fault } = this;
    if (fault === undefined || (fault.after && FRAME.test(sql)) || sql.startsWith('ROLLBACK')) return run();
    this.count += 1;
    if (this.count !== fault.at) return run();
    // A savepoint that the server refuses would take the transaction around it along.
    if (SAVEPOINT.test(sql)) throw new Error('the statement was not sent');
    // What the server itself refuses ends a transaction of PostgreSQL, as any failure there does.
    const fail = () => connection.run('SELECT * FROM limbeck_no_such_table');
    return fault.after ? Promise.resolve(run()).then(fail) : fail();
  }
}
