/** The settings of `ormconfig.ts`, as a person writes them. */

import type { IsolationLevel } from '../dialects/contract.js';
import type { EntityClass } from '../metadata/entity.js';
import type { CustomOperations } from '../migration/custom/types.js';
import type {
  AfterWrite,
  CompareColumns,
  IncludeName,
  IncludeObject,
  ProcessOperations,
  VersionApplied,
} from '../migration/hooks/types.js';
import type { NamingStrategy } from '../schema/naming.js';
import type { Logger } from '../session/log-entry.js';
import type { SubscriberClass } from '../session/subscriber.js';
import type { ValidationOptions } from '../session/validation.js';

/** The configuration of one database. */
export interface Config {
  /** `sqlite:file.db` (relative to this file), `sqlite::memory:`, `postgres://…`, `mysql://…`, `mariadb://…` */
  readonly url: string;
  /** Tells several databases apart: `limbeck -n NAME`. `default` when absent. */
  readonly name?: string | undefined;
  /** Globs relative to this file, or classes. */
  readonly entities?: readonly (string | EntityClass)[] | undefined;
  /** One folder, or several; `migrations` when absent. */
  readonly migrations?: string | readonly string[] | undefined;
  /** PostgreSQL: where tables live that name no schema; the connection's own default when absent. */
  readonly schema?: string | undefined;
  /**
   * URLs of copies that answer reads outside transactions, in turn; all of the same kind as `url`, which gets
   * everything else. What was written a moment ago may not be there yet: `readFrom('primary', …)`.
   */
  readonly replicas?: readonly string[] | undefined;
  /** Of every transaction that asks for none; the server's default when absent. SQLite's are serializable. */
  readonly isolation?: IsolationLevel | undefined;
  /** Connections to a server; SQLite has its own rule. */
  readonly pool?: PoolOptions | undefined;
  /** `limbeck_version` when absent; `alembic_version` takes over a database from Alembic. */
  readonly versionTable?: string | undefined;
  /** How names are made where none is given; what is left out is snake_case. `'typeorm'` names as TypeORM does. */
  readonly naming?: Partial<NamingStrategy> | 'typeorm' | undefined;
  /** Told of every statement, transaction and problem; `true` or `'console'` writes a line each to the console. */
  readonly logger?: Logger | boolean | 'console' | undefined;
  /** The logger, and subscribers of `diagnostics_channel`, see the values of parameters: they are your users' data. */
  readonly logParameters?: boolean | undefined;
  /** From how many milliseconds on an entry says that its statement was slow; none does when absent. */
  readonly slowQueryMs?: number | undefined;
  /** Who is told of what happens to entities: classes, objects, or globs of files that export classes with `@EventSubscriber()`. */
  readonly subscribers?: readonly (string | SubscriberClass | object)[] | undefined;
  /** Rules of class-validator on write: on where a class has any; `false`, or the options that it takes. */
  readonly validate?: boolean | ValidationOptions | undefined;
  /** The name of a migration file, with Alembic's tokens; `%(rev)s_%(slug)s` when absent. */
  readonly fileTemplate?: string | undefined;
  /** Of the dates in migration files and their names, such as `Europe/Vienna`; `UTC` when absent. */
  readonly timezone?: string | undefined;
  /**
   * Whether each revision commits by itself, as it does when absent; `false`: all revisions of a run in one
   * transaction. Refused where no transaction holds changes of the schema (MySQL, MariaDB).
   */
  readonly transactionPerMigration?: boolean | undefined;
  /** Whether autogenerate looks at an object; what it does not look at is neither made nor dropped nor changed. */
  readonly includeObject?: IncludeObject | undefined;
  /** The same, asked only of what the database has, by name. */
  readonly includeName?: IncludeName | undefined;
  /** Whether types of columns are compared: `false`, or a function that says whether two differ. */
  readonly compareType?: boolean | CompareColumns | undefined;
  /** As `compareType`, of defaults. */
  readonly compareDefault?: boolean | CompareColumns | undefined;
  /** Rewrites the operations of a revision before it is written; none left: no file. */
  readonly processOperations?: ProcessOperations | undefined;
  /** What is done with a new migration file: functions, or commands as lists of arguments. */
  readonly afterWrite?: AfterWrite | readonly AfterWrite[] | undefined;
  /** Told of every version row that is written, inside its transaction. */
  readonly onVersionApply?: ((applied: VersionApplied) => unknown) | undefined;
  /** Operations of one's own, by name, for `op.invoke` and `op.revoke`. */
  readonly operations?: CustomOperations | undefined;
  /** How long a run waits for another one to end; 30 seconds when absent. */
  readonly lockTimeoutMs?: number | undefined;
}

/** Connections to a server. */
export interface PoolOptions {
  /** Most connections at once; 10 when absent. SQLite has one writer and a few readers whatever is said. */
  readonly max?: number | undefined;
  /** How long a call waits for a connection that others hold before POOL_TIMEOUT; 60,000 when absent. */
  readonly acquireTimeoutMs?: number | undefined;
}
