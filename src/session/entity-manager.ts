/** `EntityManager`: every entity through one handle; what `transaction()` hands to its function. */

import { type SqlFragment, sql as sqlTag } from '../ast/sql.js';
import { lazy } from '../base/lazy.js';
import type { SqlRow } from '../dialects/contract.js';
import type { EntityClass } from '../metadata/entity.js';
import type { Mapping } from '../query/mapping/entity-map.js';
import { requireWritable } from '../query/mapping/writable.js';
import { writeFragment } from '../query/statement.js';
import { type EntityHooks, NO_HOOKS } from './entity-hooks.js';
import type { Kysely, KyselyDatabase } from './kysely/types.js';
import { rawQuery } from './raw-query.js';
import { refreshView } from './refresh-view.js';
import { Repository } from './repository.js';
import { type Deed, writeEntities } from './save.js';
import type { SaveOptions } from './save-options.js';
import { checkTransaction, type TransactionOptions } from './transaction-options.js';
import type { Runner } from './transactions.js';
import { TreeRepository } from './tree-repository.js';
import { WriteManager } from './write-manager.js';

// With the package it needs, only for those who ask.
const forKysely = lazy(() => require('./kysely/instance.js') as typeof import('./kysely/instance.js'));

export class EntityManager extends WriteManager {
  readonly #mapping: Mapping;
  readonly #runner: Runner;
  readonly #hooks: EntityHooks;
  #kysely: Kysely<unknown> | undefined;
  readonly #repositories = new Map<EntityClass, Repository<object>>();
  readonly #trees = new Map<EntityClass, TreeRepository<object>>();

  /** @internal Managers come from a data source. */
  constructor(mapping: Mapping, runner: Runner, hooks: EntityHooks = NO_HOOKS) {
    super();
    this.#mapping = mapping;
    this.#runner = runner;
    this.#hooks = hooks;
  }

  /** @throws ENTITY_UNKNOWN naming the class */
  getRepository<T extends object>(target: EntityClass<T>): Repository<T> {
    let repository = this.#repositories.get(target);
    if (repository === undefined) {
      repository = new Repository<object>(this.#mapping.of(target), this.#runner, this.#hooks);
      this.#repositories.set(target, repository);
    }
    // The map's key is the class whose repository it holds.
    return repository as unknown as Repository<T>;
  }

  /** A repository of an entity with `@Tree`. @throws ENTITY_UNKNOWN · TREE_MISSING */
  getTreeRepository<T extends object>(target: EntityClass<T>): TreeRepository<T> {
    let repository = this.#trees.get(target);
    if (repository === undefined) {
      repository = new TreeRepository<object>(this.#mapping.of(target), this.#runner, this.#hooks);
      this.#trees.set(target, repository);
    }
    // The map's key is the class whose repository it holds.
    return repository as unknown as TreeRepository<T>;
  }

  /**
   * Runs a function in a transaction, which every call inside it joins, whatever handle it uses. Inside another
   * one it is a savepoint; several at once queue. What throws is rolled back, and with it what entities
   * remember of having been saved.
   *
   * ```ts
   * await db.transaction(async (manager) => {
   *   const author = await manager.getRepository(Author).save({ name: 'Le Guin' });
   *   await books.save({ title: 'The Dispossessed', author }); // a repository from outside joins
   * });
   * // BEGIN IMMEDIATE; INSERT …; INSERT …; COMMIT
   * ```
   *
   * @param options isolation, `readOnly` and `retries` of the outermost transaction
   * @throws TRANSACTION_CLOSED in calls that are made when it has ended · COMMIT_UNKNOWN where the connection went
   * while COMMIT was under way · TRANSACTION_NESTED where the one around it is otherwise than `options` ask for ·
   * READ_ONLY
   */
  async transaction<R>(
    run: (manager: EntityManager) => Promise<R>,
    options?: TransactionOptions,
  ): Promise<R> {
    checkTransaction(run, options);
    return this.#runner.transaction(
      async (inner) => run(new EntityManager(this.#mapping, inner, this.#hooks)),
      options,
    );
  }

  /**
   * Has a materialized view read its tables anew (PostgreSQL).
   *
   * ```ts
   * await db.manager.refreshMaterializedView(Output, { concurrently: true });
   * // REFRESH MATERIALIZED VIEW CONCURRENTLY "output"
   * ```
   *
   * @param options `concurrently` keeps readers reading meanwhile; the view needs a unique index for it
   * @throws OPTION_INVALID for what is no materialized view · CAPABILITY_MISSING
   */
  refreshMaterializedView<T extends object>(
    target: EntityClass<T>,
    options: { readonly concurrently?: boolean } = {},
  ): Promise<void> {
    return refreshView(this.#mapping.of(target), this.#runner, options);
  }

  protected together(
    deed: Deed,
    entries: readonly { readonly target: EntityClass; readonly entity: object }[],
    options: SaveOptions | undefined,
  ): Promise<unknown> {
    const mapped = entries.map(({ target, entity }) => {
      const map = this.#mapping.of(target);
      requireWritable(map, deed);
      return { map, entity };
    });
    return writeEntities(this.#runner, deed, mapped, this.#hooks, options);
  }

  /** Runs SQL with bound parameters. @returns rows by column name, as the database gives them */
  query<R extends object = SqlRow>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return rawQuery(this.#runner, this.#mapping.dialect, text, params) as Promise<object[]> as Promise<R[]>;
  }

  /** SQL with its values in place, which are bound: ``manager.sql`SELECT * FROM books WHERE id = ${id}` ``. */
  sql<R extends object = SqlRow>(strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<R[]> {
    return this.#fragment<R>(sqlTag(strings, ...values));
  }

  /**
   * A Kysely instance for what finds do not say: joins, CTEs, windows. It runs where every other call of the flow
   * runs, its transaction included; keys are table names, identifiers the names of properties, a to-one relation
   * is its key. Soft-deleted rows are rows like others.
   *
   * ```ts
   * const db = manager.kysely<{ books: Book; authors: Author }>();
   * const rows = await db
   *   .selectFrom('books')
   *   .innerJoin('authors', 'authors.id', 'books.authorId')
   *   .select(['books.title', 'authors.name'])
   *   .execute();
   * // select "books"."title", "authors"."name" from "books" inner join "authors" on …
   * ```
   *
   * @throws DRIVER_MISSING where the package kysely is not installed
   */
  kysely<Tables extends object>(): Kysely<KyselyDatabase<Tables>> {
    this.#kysely ??= forKysely().kyselyOn(this.#mapping, this.#runner);
    return this.#kysely as unknown as Kysely<KyselyDatabase<Tables>>;
  }

  #fragment<R extends object>(fragment: SqlFragment): Promise<R[]> {
    const written = writeFragment(this.#mapping.dialect, fragment);
    return this.query<R>(written.sql, written.params);
  }
}
