/**
 * `DataSource`: a configuration, its entities and its database, joined. The one place that knows all parts;
 * they are handed what they need and never this.
 */

import { error } from './base/error-codes.js';
import { type Config, DATA_SOURCE, openOptions, type ResolvedConfig, resolveConfig } from './config.js';
import type { Database, Dialect, SqlRow } from './dialects/contract.js';
import { dialectFor } from './dialects/registry.js';
import { loadEntities } from './loading/entities.js';
import { loadSubscribers } from './loading/subscribers.js';
import { buildEntities } from './metadata/build.js';
import type { EntityClass, EntityMetadata } from './metadata/entity.js';
import { toSchema } from './metadata/to-schema.js';
import { OPEN_DATABASE } from './migrations.js';
import { Mapping } from './query/mapping/entity-map.js';
import { type EntityHooks, ListeningHooks } from './session/entity-hooks.js';
import { EntityManager } from './session/entity-manager.js';
import type { Kysely, KyselyDatabase } from './session/kysely/types.js';
import { type ReadPlace, Replicas } from './session/replicas.js';
import type { Repository } from './session/repository.js';
import type { SchemaPlace } from './session/schema-tasks.js';
import { Session } from './session/session.js';
import type { SessionOptions } from './session/session-options.js';
import { TracedDatabase } from './session/traced-database.js';
import { Tracer } from './session/tracer.js';
import { transactionHooks } from './session/transaction-hooks.js';
import type { TransactionOptions } from './session/transaction-options.js';
import { type Runner, Transactions } from './session/transactions.js';
import type { TreeRepository } from './session/tree-repository.js';
import { ClassRules } from './session/validation.js';

/** Everything that is there between `initialize()` and `destroy()`. */
interface Opened {
  readonly config: ResolvedConfig;
  readonly mapping: Mapping;
  readonly transactions: Transactions;
  readonly replicas: Replicas | undefined;
  readonly manager: EntityManager;
  readonly hooks: EntityHooks;
}

let openedOf: (source: DataSource) => Opened;

/** The database under a data source: for the test kit, which takes snapshots of it. */
export function databaseOf(source: DataSource): Database {
  return openedOf(source).transactions.database;
}

/**
 * Puts another database under a data source; transactions that are open end where they are.
 *
 * @returns the former database, which is the caller's to close
 */
export function replaceDatabase(source: DataSource, database: Database): Database {
  return openedOf(source).transactions.replaceDatabase(database);
}

/**
 * The door to one database.
 *
 * ```ts
 * await using db = new DataSource({ url: 'sqlite:library.db', entities: [Author, Book] });
 * await db.initialize();
 * await db.createSchema();
 * const books = await db.getRepository(Book).find({ relations: { author: true } });
 * ```
 */
export class DataSource {
  /** The configuration that it was made with. */
  readonly options: Config;
  #state: 'new' | 'open' | 'destroyed' = 'new';
  #opened: Opened | undefined;
  #opening: Promise<void> | undefined;

  static {
    Object.defineProperty(DataSource.prototype, DATA_SOURCE, { value: true });
    openedOf = (source) => source.#get();
  }

  /** Nothing is opened or checked yet; a relative SQLite path is relative to the working directory. */
  constructor(options: Config) {
    this.options = options;
  }

  get isInitialized(): boolean {
    return this.#opened !== undefined;
  }

  /** Every entity through one handle. @throws DATA_SOURCE_CLOSED */
  get manager(): EntityManager {
    return this.#get().manager;
  }

  /**
   * Loads the entities and opens the database; a SQLite file is made where there is none. Called again, it
   * does nothing.
   *
   * @throws CONFIG_INVALID · METADATA_INVALID · CONNECTION_FAILED
   */
  async initialize(): Promise<this> {
    if (this.#opened === undefined) {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
    return this;
  }

  async #open(): Promise<void> {
    const config = resolveConfig(this.options);
    const dialect = await dialectFor(config.url);
    const namesNone = config.entityClasses.length + config.entityGlobs.length === 0;
    const classes = namesNone ? [] : await loadEntities(config);
    const { maxIdentifierBytes, uniqueConstraints, enumTypes } = dialect.capabilities;
    const registry = buildEntities(classes, {
      naming: config.naming,
      lacks: { uniqueConstraints: !uniqueConstraints, enumTypes: !enumTypes },
      maxIdentifierBytes,
      defaultSchema: config.schema,
    });
    const subscribers = await loadSubscribers(config);
    const tracer = new Tracer(config);
    const name = dialect.describe(config.url);
    const replicas = await openReplicas(config, dialect, tracer);
    const database = await dialect.open(openOptions(config, 'create')).catch(async (cause) => {
      await replicas?.close();
      throw cause;
    });
    const traced = new TracedDatabase(database, tracer, name);
    const managerOf = (runner: Runner): EntityManager => new EntityManager(mapping, runner, hooks);
    const told = transactionHooks(subscribers, managerOf);
    const transactions = new Transactions(
      traced,
      { tracer, name, hooks: told, isolation: config.isolation },
      replicas,
    );
    // A server may turn out to be another one than its URL says.
    const mapping = new Mapping(registry, database.dialect);
    const hooks: EntityHooks = new ListeningHooks({
      entities: registry.entities,
      subscribers,
      rules: config.validate === undefined ? undefined : new ClassRules(config.validate),
      managerOf,
    });
    this.#opened = {
      config,
      mapping,
      transactions,
      replicas,
      manager: new EntityManager(mapping, transactions, hooks),
      hooks,
    };
    this.#state = 'open';
  }

  /** Closes the database; what is still running fails. Called again, it does nothing. */
  async destroy(): Promise<void> {
    await this.#opening?.catch(() => {});
    const opened = this.#opened;
    this.#opened = undefined;
    this.#state = 'destroyed';
    await Promise.all([opened?.transactions.database.close(), opened?.replicas?.close()]);
  }

  /** The open database, for `migrations(db)`. @throws SCHEMA_IN_TRANSACTION */
  get [OPEN_DATABASE](): Database | undefined {
    const transactions = this.#opened?.transactions;
    if (transactions !== undefined) requireOutside(transactions);
    return transactions?.database;
  }

  /** What a console shows: without the options, whose URL may hold a password. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `DataSource '${this.options?.name ?? 'default'}' (${this.#state})`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  /** @throws DATA_SOURCE_CLOSED · ENTITY_UNKNOWN naming the class */
  getRepository<T extends object>(target: EntityClass<T>): Repository<T> {
    return this.manager.getRepository(target);
  }

  /** A repository of an entity with `@Tree`. @throws DATA_SOURCE_CLOSED · ENTITY_UNKNOWN · TREE_MISSING */
  getTreeRepository<T extends object>(target: EntityClass<T>): TreeRepository<T> {
    return this.manager.getTreeRepository(target);
  }

  /** What is known of an entity. @throws DATA_SOURCE_CLOSED · ENTITY_UNKNOWN */
  metadata<T extends object>(target: EntityClass<T>): EntityMetadata<T> {
    return this.#get().mapping.registry.get(target);
  }

  /**
   * Runs a function in a transaction that every call inside it joins, whatever handle it uses; inside another
   * one it is a savepoint.
   *
   * ```ts
   * await db.transaction(async (manager) => transfer(manager, 100), { isolation: 'SERIALIZABLE', retries: 3 });
   * // BEGIN ISOLATION LEVEL SERIALIZABLE; …; COMMIT · at most four times
   * ```
   *
   * @throws TRANSACTION_CLOSED in calls that are made when it has ended · COMMIT_UNKNOWN · TRANSACTION_NESTED · READ_ONLY
   */
  async transaction<R>(
    run: (manager: EntityManager) => Promise<R>,
    options?: TransactionOptions,
  ): Promise<R> {
    return this.manager.transaction(run, options);
  }

  /**
   * Runs a function whose reads outside transactions go to the primary, or to a replica. By themselves finds go to
   * replicas and raw SQL to the primary; without `replicas` in the configuration all go to the one database.
   *
   * ```ts
   * await books.save(book);
   * const seen = await db.readFrom('primary', () => books.findOneBy({ id: book.id }));
   * ```
   */
  readFrom<R>(place: ReadPlace, run: () => R): R {
    if (place === 'primary' || place === 'replica') return this.#get().transactions.readFrom(place, run);
    throw error('OPTION_INVALID', { option: 'readFrom', problem: "expected 'primary' or 'replica'" });
  }

  /**
   * A unit of work: every row is one instance, `flush()` writes what was changed in an order that the keys allow,
   * `commit()` ends the transaction that began with the first write.
   *
   * ```ts
   * await using session = db.session();
   * const book = await session.get(Book, 1);
   * if (book !== null) book.title = 'Dune';
   * session.add(Object.assign(new Book(), { title: 'Dune Messiah' }));
   * await session.commit(); // BEGIN …; INSERT …; UPDATE …; COMMIT
   * ```
   *
   * Inside `transaction()` it joins that one. @throws DATA_SOURCE_CLOSED
   */
  session(options?: SessionOptions): Session {
    const { mapping, transactions, hooks } = this.#get();
    const joined = () => transactions.journal;
    return new Session({ mapping, runner: transactions, hooks, joined }, options);
  }

  /** Runs SQL with bound parameters. @returns rows by column name, as the database gives them */
  async query<R extends object = SqlRow>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return this.manager.query<R>(text, params);
  }

  /** SQL with its values in place, which are bound: ``db.sql`SELECT * FROM books WHERE id = ${id}` ``. */
  async sql<R extends object = SqlRow>(
    strings: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Promise<R[]> {
    return this.manager.sql<R>(strings, ...values);
  }

  /**
   * A Kysely instance on this database: it runs in the transaction of the calling flow and tells the same logger.
   * Keys are table names, identifiers are names of properties, to-one relations appear as their keys.
   *
   * ```ts
   * await db
   *   .kysely<{ books: Book }>()
   *   .selectFrom('books')
   *   .select(({ fn }) => ['authorId', fn.countAll().as('count')])
   *   .groupBy('authorId')
   *   .execute();
   * // select "author_id" as "authorId", count(*) as "count" from "books" group by "author_id"
   * ```
   *
   * @throws DRIVER_MISSING where the package kysely is not installed · DATA_SOURCE_CLOSED
   */
  kysely<Tables extends object>(): Kysely<KyselyDatabase<Tables>> {
    return this.manager.kysely<Tables>();
  }

  /** Makes the tables of the entities that are missing, in one transaction. */
  async createSchema(): Promise<void> {
    const { createSchema } = await schemaTasks();
    await createSchema(this.#place());
  }

  /** Drops the tables of the entities and of the migrations' book-keeping, with all that is in them. */
  async dropSchema(): Promise<void> {
    const { dropSchema } = await schemaTasks();
    await dropSchema(this.#place());
  }

  /**
   * Brings the tables of the entities to what the entities say; a migration is the better way for data that
   * matters. Tables that no entity has are left alone.
   *
   * @throws SYNCHRONIZE_LOSS listing what would be destroyed, unless `force` is given
   */
  async synchronize(options: { readonly force?: boolean } = {}): Promise<void> {
    const { synchronize } = await schemaTasks();
    await synchronize(this.#place(), { force: options.force === true });
  }

  #place(): SchemaPlace {
    const { config, mapping, transactions } = this.#get();
    requireOutside(transactions);
    return {
      database: transactions.database,
      wanted: toSchema(mapping.registry),
      versionTable: config.versionTable,
      lockTimeoutMs: config.lockTimeoutMs,
    };
  }

  #get(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    throw error('DATA_SOURCE_CLOSED', { state: this.#state === 'new' ? 'new' : 'destroyed' });
  }
}

/** Loaded when first needed: an application in production seldom does. */
function schemaTasks(): Promise<typeof import('./session/schema-tasks.js')> {
  return import('./session/schema-tasks.js');
}

/** @throws CONFIG_INVALID where one is of another kind */
async function openReplicas(
  config: ResolvedConfig,
  dialect: Dialect,
  tracer: Tracer,
): Promise<Replicas | undefined> {
  if (config.replicas.length === 0) return undefined;
  for (const [i, url] of config.replicas.entries()) {
    if ((await dialectFor(url)) === dialect) continue;
    const problem = `entry ${i} is of another kind than the database itself.`;
    throw error('CONFIG_INVALID', { file: config.file, problems: [{ key: 'replicas', problem }] });
  }
  const sources = config.replicas.map((url) => {
    const name = dialect.describe(url);
    const open = async (): Promise<Database> =>
      new TracedDatabase(await dialect.open(openOptions({ ...config, url }, 'existing')), tracer, name);
    return { name, open };
  });
  const replicas = new Replicas(sources, (entry) => tracer.tell(entry));
  await replicas.open();
  return replicas;
}

/** Inside a transaction it would wait for a lease that the calling flow itself holds. */
function requireOutside(transactions: Transactions): void {
  if (transactions.inTransaction) throw error('SCHEMA_IN_TRANSACTION', {});
}
