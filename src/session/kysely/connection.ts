/** What Kysely takes for a driver: statements go where the calling flow's own go, its transaction included. */

import type {
  CompiledQuery,
  DatabaseConnection,
  Driver,
  QueryResult,
  RootOperationNode,
  TransactionSettings,
  WithNode,
} from 'kysely';
import type { Dialect } from '../../dialects/contract.js';
import { Claim } from '../../dialects/shared/holding.js';
import { chain } from '../../query/maybe-promise.js';
import { rawQuery } from '../raw-query.js';
import { checkTransaction, type TransactionOptions } from '../transaction-options.js';
import type { Runner, Work } from '../transactions.js';
import { RAW_ROWS, type RowReader } from './results.js';
import { portionsOf, readPortions } from './stream.js';

/** How the rows of what was compiled here are read, by the root of the statement. */
export type Readers = WeakMap<RootOperationNode, RowReader | undefined>;

type Result = QueryResult<Record<string, unknown>>;

const WRITES: ReadonlySet<string> = new Set([
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'MergeQueryNode',
]);

/** A connection in Kysely's eyes. It holds none itself, unless a transaction was begun on it by hand. */
export class FlowConnection implements DatabaseConnection {
  readonly #runner: Runner;
  readonly #dialect: Dialect;
  readonly #readers: Readers;
  readonly #claim: Claim;
  #held: HeldTransaction | undefined;

  /** @param claim of the flow that holds the database while a transaction is open that was begun by hand */
  constructor(runner: Runner, dialect: Dialect, readers: Readers, claim = new Claim()) {
    this.#runner = runner;
    this.#dialect = dialect;
    this.#readers = readers;
    this.#claim = claim;
  }

  get #place(): Runner {
    return this.#held?.runner ?? this.#runner;
  }

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    return (await this.#execute(compiled)) as QueryResult<R>;
  }

  /** Rows as they are asked for; what writes is done whole before the first of its rows is handed out. */
  async *streamQuery<R>(compiled: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    const reader = this.#readers.get(compiled.query);
    const portions =
      reader === undefined || !onlyReads(compiled.query)
        ? portionsOf((await this.#execute(compiled)).rows, chunkSize)
        : readPortions(this.#place, this.#dialect, compiled, { reader, chunkSize });
    for await (const rows of portions) yield { rows: rows as R[] };
  }

  /** Opens a transaction that stays open until it is told to end. */
  async begin(settings: TransactionSettings): Promise<void> {
    const options = optionsOf(settings);
    this.#held = await holdTransaction(this.#runner, options);
    if (options.readOnly !== true) this.#claim.database = this.#runner.database;
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    this.#claim.database = undefined;
    await held?.end(how);
  }

  /** A statement without results, for savepoints. */
  async run(sql: string): Promise<void> {
    await this.#place.write((connection) => connection.run(sql));
  }

  async #execute({ query, sql, parameters }: CompiledQuery): Promise<Result> {
    if (!this.#readers.has(query)) {
      const rows = await rawQuery(this.#place, this.#dialect, sql, parameters, { bigints: RAW_ROWS.bigints });
      return { rows: RAW_ROWS.read(rows) };
    }
    const reader = this.#readers.get(query);
    if (reader === undefined)
      return this.#place.write(changesOf(sql, parameters, query.kind === 'InsertQueryNode'));
    const work: Work<Result> = (connection) =>
      chain(connection.query(sql, parameters, reader), (rows): Result => {
        const read = { rows: reader.read(rows) };
        return WRITES.has(query.kind) ? { ...read, numAffectedRows: BigInt(rows.length) } : read;
      });
    return onlyReads(query) ? this.#place.read(work) : this.#place.write(work);
  }
}

/** Runs a statement that returns no rows, and tells what it changed. */
function changesOf(sql: string, parameters: readonly unknown[], inserts: boolean): Work<Result> {
  return (connection) =>
    chain(connection.run(sql, parameters), ({ changes, lastInsertId }): Result => {
      const result = { rows: [], numAffectedRows: BigInt(changes) };
      // Where nothing was inserted, it is the key of some earlier row.
      return inserts && changes > 0 && lastInsertId !== undefined
        ? { ...result, insertId: BigInt(lastInsertId) }
        : result;
    });
}

/** Whether a statement leaves the database as it is, and takes no locks. */
function onlyReads(query: RootOperationNode): boolean {
  if (query.kind !== 'SelectQueryNode' || query.endModifiers?.length) return false;
  return !writesInside(query.with);
}

function writesInside(node: WithNode | undefined): boolean {
  return node?.expressions.some(({ expression }) => WRITES.has(expression.kind)) === true;
}

/** Kysely's settings of a transaction in our words. @throws OPTION_INVALID */
export function optionsOf({ isolationLevel, accessMode }: TransactionSettings): TransactionOptions {
  const options = {
    ...(isolationLevel !== undefined && {
      isolation: isolationLevel.toUpperCase() as NonNullable<TransactionOptions['isolation']>,
    }),
    ...(accessMode !== undefined && { readOnly: accessMode === 'read only' }),
  };
  checkTransaction(() => {}, options);
  return options;
}

interface HeldTransaction {
  readonly runner: Runner;
  end(how: 'commit' | 'rollback'): Promise<void>;
}

const ROLLED_BACK = Symbol('rolled back');

/** A transaction whose function waits for somebody to say how it ends. */
function holdTransaction(runner: Runner, options: TransactionOptions): Promise<HeldTransaction> {
  return new Promise((resolve, reject) => {
    let settle: (how: 'commit' | 'rollback') => void = () => {};
    const told = new Promise<'commit' | 'rollback'>((tell) => {
      settle = tell;
    });
    const done = runner.transaction(async (inner) => {
      resolve({ runner: inner, end });
      if ((await told) === 'rollback') throw ROLLED_BACK;
    }, options);
    const end = async (how: 'commit' | 'rollback'): Promise<void> => {
      settle(how);
      await done.catch((cause: unknown) => {
        if (cause !== ROLLED_BACK) throw cause;
      });
    };
    done.catch(reject);
  });
}

/** The driver of one runner; what is destroyed with it is nothing. */
export class FlowDriver implements Driver {
  readonly #connect: () => FlowConnection;
  readonly #dialect: Dialect;

  constructor(connect: () => FlowConnection, dialect: Dialect) {
    this.#connect = connect;
    this.#dialect = dialect;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<FlowConnection> {
    return this.#connect();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await (connection as FlowConnection).begin(settings);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as FlowConnection).end('commit');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as FlowConnection).end('rollback');
  }

  async savepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await (connection as FlowConnection).run(`SAVEPOINT ${this.#dialect.quoteIdentifier(name)}`);
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await (connection as FlowConnection).run(`ROLLBACK TO SAVEPOINT ${this.#dialect.quoteIdentifier(name)}`);
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await (connection as FlowConnection).run(`RELEASE SAVEPOINT ${this.#dialect.quoteIdentifier(name)}`);
  }
}
