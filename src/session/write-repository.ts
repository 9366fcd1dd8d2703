/**
 * `WriteRepository<T>`: writing rows by values and by criteria, one statement each, without knowing what is there.
 * Checks what it is given, and leaves the statements to `query/write/`.
 */

import { isSqlFragment } from '../ast/sql.js';
import { error } from '../base/error-codes.js';
import type { Connection, MaybePromise } from '../dialects/contract.js';
import type { UpsertKind } from '../dialects/shared/write-forms.js';
import { asOptions, unknownOption } from '../query/find/option-errors.js';
import type { EntityMap, MappedColumn, Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { put } from '../query/mapping/related.js';
import { requireWritable } from '../query/mapping/writable.js';
import { chain } from '../query/maybe-promise.js';
import { isKept, keepTree, lockTree, showPlace } from '../query/trees/keep-tree.js';
import { checkValues } from '../query/write/assignments.js';
import { columnsAt, conflictTarget, type UpsertOrder } from '../query/write/conflict-target.js';
import { deleteAll, deleteWhere } from '../query/write/delete.js';
import { insertEntities } from '../query/write/insert.js';
import { addWhere, restoreWhere, softDeleteWhere, updateWhere } from '../query/write/update-where.js';
import { upsertEntities } from '../query/write/upsert.js';
import { whereOf } from './criteria.js';
import type { HookSubject } from './entity-hooks.js';
import { ReadRepository } from './read-repository.js';
import { noteAll } from './save.js';
import type { Runner, Work } from './transactions.js';
import type {
  ColumnPath,
  Criteria,
  InsertResult,
  NumberOf,
  NumericKey,
  Row,
  UpdateValues,
  UpsertOptions,
  UpsertResult,
  WriteResult,
} from './write-types.js';

export class WriteRepository<T extends object> extends ReadRepository<T> {
  #generated: readonly MappedColumn[] | undefined;

  /**
   * Inserts rows without asking whether they are there, cascading to nothing. Generated values are written
   * back to what was given; `beforeInsert` and `afterInsert` are told.
   *
   * ```ts
   * const { identifiers } = await repository.insert([{ title: 'Dune' }, { title: 'Emma' }]);
   * // INSERT INTO "books" ("title") VALUES (?), (?) RETURNING "id"
   * ```
   *
   * @throws UNIQUE_VIOLATION · VALIDATION_FAILED · VALUE_INVALID · PROPERTY_UNKNOWN
   */
  async insert(rows: Row<T> | readonly Row<T>[]): Promise<InsertResult> {
    const list = this.#rowsOf(rows, 'insert');
    if (list.length > 0) {
      if (this.hooks.concerns(this.map)) await this.#insertHooked(list);
      else await this.#insert(this.runner, list);
    }
    return Object.assign(this.#resultOf(list), { affected: list.length });
  }

  /**
   * Inserts rows, or updates those that are there already by a unique key, in one statement. Keys, and what the
   * rows hold of versions and dates, are written back to what was given. A version is counted on, the date of
   * creation stays. Tells nobody: which of the two it was is not known.
   *
   * ```ts
   * await repository.upsert([{ isbn: '1', title: 'Dune' }], ['isbn']);
   * // INSERT INTO "books" ("isbn", "title") VALUES (?, ?)
   * //   ON CONFLICT ("isbn") DO UPDATE SET "title" = excluded."title" RETURNING "isbn", "id"
   * ```
   *
   * @throws CONFLICT_TARGET_INVALID where the properties are no unique key · UNIQUE_VIOLATION where a row is there
   * by another one · VALIDATION_FAILED
   */
  upsert(
    rows: Row<T> | readonly Row<T>[],
    conflictPathsOrOptions: readonly ColumnPath<T>[] | UpsertOptions<T>,
  ): Promise<UpsertResult> {
    try {
      if (isKept(this.map)) throw treeUpsert(this.map);
      const list = this.#rowsOf(rows, 'upsert');
      const order = upsertOrder(this.map, conflictPathsOrOptions);
      if (list.length === 0) return Promise.resolve(this.#resultOf(list));
      if (!this.hooks.validates(this.map)) return this.#upsert(list, order);
      return this.#validate(list, 'insert').then(() => this.#upsert(list, order));
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #upsert(list: readonly Values[], order: UpsertOrder): Promise<UpsertResult> {
    const write: Work<UpsertResult> = (connection, journal) => {
      noteAll(this.map, list, journal);
      return chain(upsertEntities(connection, this.map, list, order), () => this.#resultOf(list));
    };
    // Where the key cannot be named, a row that is there by another one shows only afterwards.
    const isOneStatement =
      list.length === 1 &&
      this.map.parts === undefined &&
      this.map.dialect.writeForms.upsertKind === ON_CONFLICT;
    return isOneStatement ? this.runner.write(write) : this.runner.atomic(write);
  }

  /**
   * Writes values to all rows that meet the criteria, in one statement. The version is counted on and the update
   * date set; nobody is told, for no entity is known.
   *
   * ```ts
   * await repository.update({ genre: 'sf' }, { pages: sql`pages + ${1}` });
   * // UPDATE "books" SET "pages" = pages + ? WHERE "books"."genre" = ?
   * ```
   *
   * @throws CRITERIA_EMPTY for `{}`, `[]` and their like · UPDATE_EMPTY · PROPERTY_UNKNOWN · VALIDATION_FAILED
   */
  update(criteria: Criteria<T>, values: UpdateValues<T>): Promise<WriteResult> {
    const write = (): Promise<WriteResult> =>
      this.#byCriteria('update', criteria, (connection, where) =>
        updateWhere(connection, this.map, where, asOptions('values', values)),
      );
    return this.hooks.validates(this.map) ? this.#validated(criteria, values, write) : write();
  }

  async #validated(
    criteria: unknown,
    values: unknown,
    write: () => Promise<WriteResult>,
  ): Promise<WriteResult> {
    whereOf(this.map, criteria, 'update');
    await this.#validate([withoutSql(asOptions('values', values))], 'update');
    return write();
  }

  /**
   * Deletes all rows that meet the criteria, in one statement.
   *
   * @throws CRITERIA_EMPTY for `{}`, `[]` and their like; `clear()` is the way to mean it
   */
  delete(criteria: Criteria<T>): Promise<WriteResult> {
    return this.#byCriteria('delete', criteria, (connection, where) =>
      deleteWhere(connection, this.map, where),
    );
  }

  /**
   * Marks all rows that meet the criteria as deleted, in one statement; those that are marked already keep their time.
   *
   * @throws DELETE_DATE_MISSING · CRITERIA_EMPTY
   */
  softDelete(criteria: Criteria<T>): Promise<WriteResult> {
    return this.#byCriteria('softDelete', criteria, (connection, where) =>
      softDeleteWhere(connection, this.map, where),
    );
  }

  /**
   * Takes the mark of deletion from all rows that meet the criteria, in one statement.
   *
   * @throws DELETE_DATE_MISSING · CRITERIA_EMPTY
   */
  restore(criteria: Criteria<T>): Promise<WriteResult> {
    return this.#byCriteria('restore', criteria, (connection, where) =>
      restoreWhere(connection, this.map, where),
    );
  }

  /**
   * Adds to a column in the database itself, so that no addition is lost.
   *
   * ```ts
   * await repository.increment({ id: 1 }, 'pages', 10); // UPDATE "books" SET "pages" = "pages" + ? WHERE …
   * ```
   *
   * @throws CRITERIA_EMPTY · OPTION_INVALID for a column that holds no number · VALUE_INVALID
   */
  increment<K extends NumericKey<T>>(
    criteria: Criteria<T>,
    property: K,
    value: NumberOf<T[K]>,
  ): Promise<WriteResult> {
    return this.#byCriteria('increment', criteria, (connection, where) =>
      addWhere(connection, this.map, where, { property, sign: '+', value }),
    );
  }

  /** Takes from a column in the database itself. @throws as `increment` */
  decrement<K extends NumericKey<T>>(
    criteria: Criteria<T>,
    property: K,
    value: NumberOf<T[K]>,
  ): Promise<WriteResult> {
    return this.#byCriteria('decrement', criteria, (connection, where) =>
      addWhere(connection, this.map, where, { property, sign: '-', value }),
    );
  }

  /** Deletes every row. */
  clear(): Promise<WriteResult> {
    return this.runner.write((connection) => chain(deleteAll(connection, this.map), affected));
  }

  // Not async, so that a write by key costs one promise; what is thrown is a rejection all the same.
  #byCriteria(
    method: string,
    criteria: unknown,
    work: (connection: Connection, where: unknown) => MaybePromise<number>,
  ): Promise<WriteResult> {
    try {
      const where = whereOf(this.map, criteria, method);
      return this.runner.write((connection) => chain(work(connection, where), affected));
    } catch (cause) {
      return Promise.reject(cause);
    }
  }

  #rowsOf(rows: unknown, method: string): Values[] {
    const list = (Array.isArray(rows) ? rows : [rows]) as Values[];
    for (const row of list) {
      this.checkDraft(row, method);
      checkValues(this.map, row);
    }
    return list;
  }

  /** Refuses what is neither an entity of this class nor plain data. */
  protected checkDraft(draft: unknown, method: string): void {
    requireWritable(this.map, method);
    const isObject = typeof draft === 'object' && draft !== null && !Array.isArray(draft);
    if (isObject && !this.map.isStranger(draft)) return;
    const found = isObject ? `'${draft.constructor.name}'` : typeof draft;
    throw error('ENTITY_INVALID', {
      entity: this.map.meta.name,
      problem: `${method} takes entities or plain objects, not ${found}`,
    });
  }

  #insert(runner: Runner, list: readonly Values[]): Promise<void> {
    const map = this.map;
    const remember = list.every((row) => map.isInstance(row));
    const insert: Work<void> = (connection, journal) => {
      noteAll(map, list, journal);
      return insertEntities(connection, map, list, remember);
    };
    if (isKept(map)) {
      return runner.atomic(async (connection, journal) => {
        const { parent } = map.meta.tree as NonNullable<EntityMap['meta']['tree']>;
        const columns = map.relation(parent)?.local ?? [];
        const isRoot = (row: Values): boolean =>
          (row[parent] ?? null) === null &&
          columns.every((column) => (readColumn(column, row) ?? null) === null);
        if (!list.every(isRoot)) await lockTree(connection, map, 'share');
        await insert(connection, journal);
        const places = await keepTree(connection, map, list, []);
        for (const row of list) showPlace(map, row, places(row));
      });
    }
    return list.length === 1 ? runner.write(insert) : runner.atomic(insert);
  }

  /** What is written in a hook belongs to the transaction of the insert, through whatever handle. */
  async #insertHooked(list: readonly Values[]): Promise<void> {
    const tells = this.hooks.listens(this.map, 'beforeInsert') || this.hooks.listens(this.map, 'afterInsert');
    if (!tells) {
      await this.#validate(list, 'insert');
      return this.#insert(this.runner, list);
    }
    await this.runner.transaction(async (runner) => {
      const subjects = list.map((entity) => ({ map: this.map.mapOfInstance(entity), entity, runner }));
      await this.#tell('beforeInsert', subjects);
      await this.#validate(list, 'insert');
      await this.#insert(runner, list);
      await this.#tell('afterInsert', subjects);
    });
  }

  async #tell(event: 'beforeInsert' | 'afterInsert', subjects: readonly HookSubject[]): Promise<void> {
    for (const subject of subjects) await this.hooks.emit(event, subject);
  }

  async #validate(list: readonly Values[], mode: 'insert' | 'update'): Promise<void> {
    if (!this.hooks.validates(this.map)) return;
    await this.hooks.validate(list.map((entity) => ({ map: this.map.mapOfInstance(entity), entity, mode })));
  }

  #resultOf(list: readonly Values[]): UpsertResult {
    const { key, columns } = this.map;
    this.#generated ??= columns.filter(isGenerated);
    const generated = this.#generated;
    const result = { identifiers: list.map((row) => valuesOf(key, row)), generatedMaps: [] };
    // Of thousands of rows they cost as much as writing them, and few look at them.
    let maps: readonly Values[] | undefined;
    return Object.defineProperty(result, 'generatedMaps', {
      enumerable: true,
      get: () => {
        maps ??= list.map((row) => valuesOf(generated, row));
        return maps;
      },
    });
  }
}

const affected = (count: number): WriteResult => ({ affected: count });

/** Whether the database or Limbeck gives a column a value where an entity gives none. */
function isGenerated({ meta }: MappedColumn): boolean {
  const { role, generation, default: value } = meta;
  if (role === 'createDate' || role === 'updateDate' || role === 'version') return true;
  return role !== 'relation' && (generation !== undefined || value !== undefined);
}

function valuesOf(columns: readonly MappedColumn[], row: Values): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const column of columns) put(values, column.meta.path, readColumn(column, row));
  return values;
}

/** What rules can be asked about: SQL has no value yet. */
function withoutSql(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isSqlFragment(value)));
}

const ON_CONFLICT: UpsertKind = 'on-conflict-do-update';
const UPSERT_OPTIONS = [
  'conflictPaths',
  'update',
  'where',
  'skipUpdateIfNoValuesChanged',
  'indexPredicate',
  'upsertType',
];

/** @throws OPTION_UNKNOWN · OPTION_INVALID · CAPABILITY_MISSING · CONFLICT_TARGET_INVALID */
/** Which rows are new, and which have moved, only the database would know. */
function treeUpsert({ meta }: EntityMap): Error {
  const problem = `'${meta.name}' is a tree, whose shape save() keeps`;
  return error('OPTION_INVALID', { option: 'upsert', problem });
}

function upsertOrder(map: EntityMap, given: unknown): UpsertOrder {
  const options = Array.isArray(given) ? { conflictPaths: given } : asOptions('upsert', given);
  for (const name of Object.keys(options)) {
    if (!UPSERT_OPTIONS.includes(name)) throw unknownOption(name, 'upsert', UPSERT_OPTIONS);
  }
  const { update, where, skipUpdateIfNoValuesChanged, indexPredicate, upsertType } = options as Values;
  if (upsertType !== undefined && upsertType !== map.dialect.writeForms.upsertKind) {
    throw error('CAPABILITY_MISSING', {
      database: map.dialect.name,
      feature: `upsert of the type '${String(upsertType)}'`,
      object: map.meta.name,
    });
  }
  if (indexPredicate !== undefined && !isSqlFragment(indexPredicate)) {
    throw error('OPTION_INVALID', { option: 'indexPredicate', problem: 'expected SQL: sql`…`' });
  }
  const columns = (paths: unknown, option: string): MappedColumn[] =>
    pathsOf(paths, option).flatMap((path) => columnsAt(map, path, option));
  return {
    target: conflictTarget(map, pathsOf(options.conflictPaths, 'conflictPaths'), indexPredicate),
    update: update === undefined ? undefined : new Set(columns(update, 'update')),
    onlyChanged: skipUpdateIfNoValuesChanged === true,
    where,
  };
}

function pathsOf(paths: unknown, option: string): readonly string[] {
  if (Array.isArray(paths) && paths.every((path) => typeof path === 'string')) return paths;
  throw error('OPTION_INVALID', { option, problem: 'expected a list of properties' });
}
