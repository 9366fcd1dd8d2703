/**
 * `useTestDatabase()`: a database of its own for a block of tests, reset to the same state in well under a
 * millisecond or so, whatever a test has done to it.
 *
 * `reset()` puts a database made from an image in the place of the present one. Undoing what a test did would
 * have to know all of it: rows, DDL, the marks of AUTOINCREMENT, transactions left open. An image knows.
 */

import { error } from '../base/error-codes.js';
import { type Config, DATA_SOURCE } from '../config.js';
import { DataSource, databaseOf, replaceDatabase } from '../data-source.js';
import type { Database, DatabaseSnapshot } from '../dialects/contract.js';
import type { EntityClass } from '../metadata/entity.js';
import { migrations, OPEN_DATABASE } from '../migrations.js';
import type { Repository } from '../session/repository.js';
import { findRunner, type TestRunner } from './runner.js';
import { type ConfigLike, configOf, scratchConfig } from './test-config.js';

export interface TestDatabaseOptions {
  /** What makes the schema: the entities (by default), or the migrations. */
  readonly via?: 'entities' | 'migrations';
  /** The runner's functions, where it has no globals. */
  readonly runner?: TestRunner;
}

/** A data source for tests; it is open inside tests and hooks. */
export interface TestDatabase
  extends Pick<
    DataSource,
    | 'manager'
    | 'getRepository'
    | 'metadata'
    | 'transaction'
    | 'query'
    | 'sql'
    | 'createSchema'
    | 'dropSchema'
    | 'synchronize'
    | 'isInitialized'
    | 'options'
  > {
  /** The data source itself, for code under test that wants one. */
  readonly dataSource: DataSource;
  /**
   * Everything as it was when the schema was made: rows, tables, generated keys. Transactions that are still
   * open end; repositories stay valid.
   */
  reset(): Promise<void>;
}

/**
 * Opens a test database before the tests of a block and closes it after them.
 *
 * ```ts
 * describe('books', () => {
 *   const db = useTestDatabase(config);
 *   beforeEach(() => db.reset());
 *   it('saves', async () => {
 *     await db.getRepository(Book).save({ title: 'Dune' });
 *   });
 * });
 * ```
 *
 * @param config the application's; its database is never opened, SQLite is `:memory:`
 * @throws TEST_RUNNER_MISSING outside a test runner
 */
export function useTestDatabase(config: ConfigLike, options: TestDatabaseOptions = {}): TestDatabase {
  const { beforeAll, afterAll } = findRunner(options.runner, ['beforeAll', 'afterAll']);
  const kit = new TestKit(configOf(config), options.via ?? 'entities');
  beforeAll(() => kit.open());
  afterAll(() => kit.close());
  return kit;
}

class TestKit implements TestDatabase {
  readonly #config: Config;
  readonly #via: 'entities' | 'migrations';
  #source: DataSource | undefined;
  #snapshot: DatabaseSnapshot | undefined;
  #drop: (() => Promise<void>) | undefined;

  static {
    Object.defineProperty(TestKit.prototype, DATA_SOURCE, { value: true });
  }

  constructor(config: Config, via: 'entities' | 'migrations') {
    this.#config = config;
    this.#via = via;
  }

  async open(): Promise<void> {
    const scratch = await scratchConfig(this.#config);
    const source = new DataSource(scratch.config);
    try {
      await source.initialize();
      if (this.#via === 'migrations') await migrations(source).upgrade('heads');
      else await source.createSchema();
      this.#snapshot = await snapshotOf(databaseOf(source));
    } catch (cause) {
      await source.destroy();
      await scratch.drop();
      throw cause;
    }
    this.#source = source;
    this.#drop = scratch.drop;
  }

  async close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.destroy();
    await this.#snapshot?.discard();
    await this.#drop?.();
  }

  async reset(): Promise<void> {
    const source = this.dataSource;
    const fresh = await this.#snapshot?.open();
    if (fresh !== undefined) await replaceDatabase(source, fresh).close();
  }

  get dataSource(): DataSource {
    if (this.#source === undefined) throw error('TEST_DATABASE_CLOSED', {});
    return this.#source;
  }

  get isInitialized(): boolean {
    return this.#source !== undefined;
  }

  get options(): Config {
    return this.#source?.options ?? this.#config;
  }

  /** Never undefined, which would mean the database of the configuration. @throws TEST_DATABASE_CLOSED */
  get [OPEN_DATABASE](): Database | undefined {
    return this.dataSource[OPEN_DATABASE];
  }

  get manager(): DataSource['manager'] {
    return this.dataSource.manager;
  }

  /** Also outside tests, where the database is not open yet: what is asked of the repository then waits for it. */
  getRepository<T extends object>(target: EntityClass<T>): Repository<T> {
    if (this.#source !== undefined) return this.#source.getRepository(target);
    const real = (): Repository<T> => this.dataSource.getRepository(target);
    return new Proxy({} as Repository<T>, {
      get: (_, name) => {
        const repository = real();
        const value = repository[name as keyof Repository<T>] as unknown;
        return typeof value === 'function' ? value.bind(repository) : value;
      },
    });
  }

  metadata: DataSource['metadata'] = (target) => this.dataSource.metadata(target);
  transaction: DataSource['transaction'] = async (run) => this.dataSource.transaction(run);
  query: DataSource['query'] = async (text, params) => this.dataSource.query(text, params);
  sql: DataSource['sql'] = async (strings, ...values) => this.dataSource.sql(strings, ...values);
  createSchema = async (): Promise<void> => this.dataSource.createSchema();
  dropSchema = async (): Promise<void> => this.dataSource.dropSchema();
  synchronize: DataSource['synchronize'] = async (options) => this.dataSource.synchronize(options);
}

async function snapshotOf(database: Database): Promise<DatabaseSnapshot> {
  const snapshot = await database.snapshot?.();
  if (snapshot !== undefined) return snapshot;
  const { name } = database.dialect;
  throw error('CAPABILITY_MISSING', { database: name, feature: 'snapshot', object: 'reset()' });
}
