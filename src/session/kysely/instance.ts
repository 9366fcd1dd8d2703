/**
 * A Kysely instance on a runner: Kysely's own compilers make the SQL, after `rewrite.ts` has put it into the words
 * of the database.
 */

import type {
  AccessMode,
  Driver,
  IsolationLevel,
  Kysely,
  KyselyPlugin,
  KyselyProps,
  QueryCompiler,
  QueryId,
  RootOperationNode,
  Transaction,
  TransactionBuilder,
  TransactionSettings,
} from 'kysely';
import { error } from '../../base/error-codes.js';
import type { Dialect, KyselyFlavour } from '../../dialects/contract.js';
import { Claim, tie } from '../../dialects/shared/holding.js';
import type { Mapping } from '../../query/mapping/entity-map.js';
import { PinnedRunner } from '../pinned-runner.js';
import type { Runner } from '../transactions.js';
import { FlowConnection, FlowDriver, optionsOf, type Readers } from './connection.js';
import { type KyselyPackage, loadKysely } from './load.js';
import { readerOf } from './results.js';
import { makeRewrite, type Rewrite } from './rewrite.js';
import { KnownTables } from './tables.js';

type Make = (runner: Runner) => Kysely<unknown>;

/** Makers by mapping: what is read of its tables is kept as long as it is. */
const makers = new WeakMap<Mapping, Make>();

/** @throws DRIVER_MISSING with the install line */
export function kyselyOn(mapping: Mapping, runner: Runner): Kysely<unknown> {
  let make = makers.get(mapping);
  if (make === undefined) {
    make = makerOf(loadKysely(), mapping);
    makers.set(mapping, make);
  }
  return make(runner);
}

function makerOf(kysely: KyselyPackage, mapping: Mapping): Make {
  const { dialect } = mapping;
  const parts = partsOf(kysely, dialect.kysely);
  const readers: Readers = new WeakMap();
  const rewrite = makeRewrite(kysely, new KnownTables(mapping), dialect);
  const connect = (runner: Runner, claim?: Claim): FlowConnection =>
    new FlowConnection(runner, dialect, readers, claim);

  /** The instance whose transactions are ours; every copy that Kysely makes of it is one as well. */
  class FlowKysely extends kysely.Kysely<unknown> {
    readonly #props: KyselyProps;
    readonly #runner: Runner;

    constructor(props: KyselyProps, runner: Runner) {
      super(props);
      this.#props = props;
      this.#runner = runner;
    }

    override transaction(): TransactionBuilder<unknown> {
      const open: Open = (body, settings) =>
        this.#runner.transaction((inner) => {
          const provider = new kysely.SingleConnectionProvider(connect(inner));
          const executor = this.getExecutor().withConnectionProvider(provider);
          return body(new kysely.Transaction<unknown>({ ...this.#props, executor }));
        }, optionsOf(settings));
      return new FlowTransactionBuilder(open) as unknown as TransactionBuilder<unknown>;
    }

    /** Whoever asks for it holds the database until it ends: what would wait for that is refused (DATABASE_HELD). */
    override startTransaction(): ReturnType<Kysely<unknown>['startTransaction']> {
      const claim = new Claim();
      tie(claim);
      const driver = new FlowDriver(() => connect(this.#runner, claim), dialect);
      const provider = new kysely.DefaultConnectionProvider(driver);
      const executor = this.getExecutor().withConnectionProvider(provider);
      return new kysely.Kysely<unknown>({ ...this.#props, driver, executor }).startTransaction();
    }

    override connection(): ReturnType<Kysely<unknown>['connection']> {
      const execute = <R>(body: (db: Kysely<unknown>) => Promise<R>): Promise<R> =>
        this.#runner.keep((connection) => {
          const pinned = new PinnedRunner(connection);
          const provider = new kysely.SingleConnectionProvider(connect(pinned));
          const executor = this.getExecutor().withConnectionProvider(provider);
          return body(new FlowKysely({ ...this.#props, executor }, pinned));
        });
      return { execute } as unknown as ReturnType<Kysely<unknown>['connection']>;
    }

    override withPlugin(plugin: KyselyPlugin): FlowKysely {
      return this.#like(super.withPlugin(plugin));
    }

    override withoutPlugins(): FlowKysely {
      return this.#like(super.withoutPlugins());
    }

    override withSchema(schema: string): FlowKysely {
      return this.#like(super.withSchema(schema));
    }

    override withTables(): never {
      return this.#like(this) as never;
    }

    // Kysely 0.29.
    $extendTables(): FlowKysely {
      return this.#like(this);
    }

    $omitTables(): FlowKysely {
      return this.#like(this);
    }

    $pickTables(): FlowKysely {
      return this.#like(this);
    }

    #like(copy: Kysely<unknown>): FlowKysely {
      return new FlowKysely({ ...this.#props, executor: copy.getExecutor() }, this.#runner);
    }
  }

  return (runner) => {
    const driver = new FlowDriver(() => connect(runner), dialect);
    const compiler = new FlowCompiler(parts.createQueryCompiler(), rewrite, readers, dialect);
    const provider = new kysely.DefaultConnectionProvider(driver);
    const executor = new kysely.DefaultQueryExecutor(compiler, parts.createAdapter(), provider);
    const own = { ...parts, createDriver: (): Driver => driver };
    return new FlowKysely({ config: { dialect: own }, dialect: own, driver, executor }, runner);
  };
}

type Body<R> = (transaction: Transaction<unknown>) => Promise<R>;
type Open = <R>(body: Body<R>, settings: TransactionSettings) => Promise<R>;

/** Opens our transaction, so that every call inside its function joins it, whatever handle it uses. */
class FlowTransactionBuilder {
  readonly #open: Open;
  readonly #settings: TransactionSettings;

  constructor(open: Open, settings: TransactionSettings = {}) {
    this.#open = open;
    this.#settings = settings;
  }

  setIsolationLevel(isolationLevel: IsolationLevel): FlowTransactionBuilder {
    return new FlowTransactionBuilder(this.#open, { ...this.#settings, isolationLevel });
  }

  setAccessMode(accessMode: AccessMode): FlowTransactionBuilder {
    return new FlowTransactionBuilder(this.#open, { ...this.#settings, accessMode });
  }

  async execute<R>(body: Body<R>): Promise<R> {
    return this.#open(body, this.#settings);
  }
}

/** Kysely's compiler behind our words; keeps for each statement how its rows are read. */
class FlowCompiler implements QueryCompiler {
  readonly #compiler: QueryCompiler;
  readonly #rewrite: Rewrite;
  readonly #readers: Readers;
  readonly #dialect: Dialect;

  constructor(compiler: QueryCompiler, rewrite: Rewrite, readers: Readers, dialect: Dialect) {
    this.#compiler = compiler;
    this.#rewrite = rewrite;
    this.#readers = readers;
    this.#dialect = dialect;
  }

  compileQuery(query: RootOperationNode, queryId: QueryId): ReturnType<QueryCompiler['compileQuery']> {
    this.#refuseReturning(query);
    const { node, outputs } = this.#rewrite(query, queryId);
    const compiled = this.#compiler.compileQuery(node, queryId);
    // What EXPLAIN answers has columns of its own, and raw SQL may be anything.
    if ('explain' in query && query.explain !== undefined) return compiled;
    if (returnsRows(query)) this.#readers.set(compiled.query, readerOf(outputs));
    else if (WRITE_NAMES.has(query.kind)) this.#readers.set(compiled.query, undefined);
    return compiled;
  }

  /** @throws CAPABILITY_MISSING where the database has no such RETURNING */
  #refuseReturning(query: RootOperationNode): void {
    const write = WRITE_NAMES.get(query.kind);
    if (write === undefined || !('returning' in query) || query.returning === undefined) return;
    const { kysely, name } = this.#dialect;
    if (kysely.returning.includes(write)) return;
    throw error('CAPABILITY_MISSING', {
      database: name,
      feature: `RETURNING after ${write.toUpperCase()}`,
      object: 'kysely',
    });
  }
}

const WRITE_NAMES: ReadonlyMap<string, KyselyFlavour['returning'][number]> = new Map([
  ['InsertQueryNode', 'insert'],
  ['UpdateQueryNode', 'update'],
  ['DeleteQueryNode', 'delete'],
  ['MergeQueryNode', 'merge'],
]);

function returnsRows(query: RootOperationNode): boolean {
  if (query.kind === 'SelectQueryNode') return true;
  return 'returning' in query && query.returning !== undefined;
}

/** Kysely's own words for a database. */
function partsOf(kysely: KyselyPackage, { classes, returning }: KyselyFlavour) {
  const Compiler = kysely[`${classes}QueryCompiler`];
  const Adapter = kysely[`${classes}Adapter`];
  const Introspector = kysely[`${classes}Introspector`];
  // MariaDB has what Kysely's adapter for MySQL says there is not.
  const supportsReturning = { value: returning.length > 0 };
  return {
    createQueryCompiler: () => new Compiler(),
    createAdapter: () => Object.defineProperty(new Adapter(), 'supportsReturning', supportsReturning),
    createIntrospector: (db: Kysely<never>) => new Introspector(db),
  };
}
