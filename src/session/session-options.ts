/** What a session is made with, and what its methods are told: types alone. */

import type { ExactRelations, Nothing } from '../query/find/find-options.js';
import type { FindLock } from '../query/find/lock.js';
import type { Mapping } from '../query/mapping/entity-map.js';
import type { EntityHooks } from './entity-hooks.js';
import type { Journal } from './scope.js';
import type { TransactionOptions } from './transaction-options.js';
import type { Runner } from './transactions.js';

export interface SessionOptions {
  /** Whether queries write first what was changed, so that they see it; true when absent. */
  readonly autoflush?: boolean | undefined;
  /**
   * Whether what is read after a commit is read anew: `get()` asks the database again, and finds bring known
   * instances up to date. Instances keep their values meanwhile. True when absent.
   */
  readonly expireOnCommit?: boolean | undefined;
  /** Of the session's transaction; the server's default when absent. */
  readonly isolation?: TransactionOptions['isolation'];
}

/** Options of `get` and `refresh`. */
export interface GetOptions<T, R = Nothing> {
  readonly relations?: R & ExactRelations<T, R>;
  /** A row that is to be locked is read in any case. */
  readonly lock?: FindLock;
}

/** What a session needs of its data source. */
export interface SessionPlace {
  readonly mapping: Mapping;
  readonly runner: Runner;
  readonly hooks: EntityHooks;
  /** The transaction that the calling flow is inside. */
  joined(): Journal | undefined;
}
