/** `TreeRepository<T>`: a repository of rows that hang together as a tree, with what is above and below them. */

import { sql as sqlTag } from '../ast/sql.js';
import { error } from '../base/error-codes.js';
import type { SqlValue } from '../dialects/contract.js';
import type { Loaded, Plain, TreeLeaf, TreeNode } from '../metadata/relation-types.js';
import { Raw } from '../query/conditions/operators.js';
import type { WhereAny } from '../query/conditions/where-types.js';
import type { ExactRelations, FindOptions, Nothing, Relations } from '../query/find/find-options.js';
import { keyName } from '../query/find/row-keys.js';
import { storedValue } from '../query/mapping/column-values.js';
import type { EntityMap, MappedColumn, RowLayout, Values } from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { put, relatedOf, setRelated } from '../query/mapping/related.js';
import { layoutOf, rememberMembers, rowOf } from '../query/mapping/row-state.js';
import {
  ancestorKeys,
  descendantKeys,
  type Gapped,
  isAmong,
  keysFromRoots,
} from '../query/trees/read-tree.js';
import { type TreeMap, treeOf } from '../query/trees/tree-map.js';
import type { EntityHooks } from './entity-hooks.js';
import { Repository } from './repository.js';
import type { Runner } from './transactions.js';

/** What is loaded beside the rows of a tree, and how far down it is read. */
export interface TreeOptions<T, R = Nothing> {
  readonly relations?: R & ExactRelations<T, R>;
  /** Levels below the first; all by default. */
  readonly depth?: number;
}

export class TreeRepository<T extends object> extends Repository<T> {
  readonly #tree: TreeMap;

  /** @internal Repositories come from `getTreeRepository()`. @throws TREE_MISSING */
  constructor(map: EntityMap, runner: Runner, hooks?: EntityHooks) {
    super(map, runner, hooks);
    const tree = treeOf(map);
    if (tree === undefined) throw error('TREE_MISSING', { entity: map.meta.name });
    this.#tree = tree;
  }

  /**
   * All trees, each as its root with its children, theirs, and so on; one statement.
   *
   * ```ts
   * const [root] = await categories.findTrees({ depth: 2 });
   * root.children[0].children;
   * ```
   */
  async findTrees<const R extends Relations<T> = Nothing>(
    options: TreeOptions<T, R> = {},
  ): Promise<TreeNode<T, R>[]> {
    const { depth } = this.#checked(options);
    const rows = await this.#rows(
      options,
      depth === undefined ? undefined : keysFromRoots(this.#tree, depth),
    );
    const children = this.#link(rows, depth === undefined);
    const found = rows.filter((row) => children.isRoot(row));
    return found as object[] as TreeNode<T, R>[];
  }

  /** The rows without a parent. */
  async findRoots<const R extends Relations<T> = Nothing>(
    options: TreeOptions<T, R> = {},
  ): Promise<Loaded<T, R>[]> {
    this.#checked(options);
    const rows = await this.#rows(options, keysFromRoots(this.#tree, 0));
    return rows as object[] as Loaded<T, R>[];
  }

  /** An entity and all below it, as a list; one statement. @throws KEY_MISSING */
  async findDescendants<const R extends Relations<T> = Nothing>(
    entity: Plain<T>,
    options: TreeOptions<T, R> = {},
  ): Promise<Loaded<T, R>[]> {
    const { depth } = this.#checked(options);
    const rows = await this.#rows(
      options,
      descendantKeys(this.#tree, this.#keyOf(entity, 'findDescendants'), depth),
    );
    return rows as object[] as Loaded<T, R>[];
  }

  /** The same entity with its children, theirs, and so on; one statement. @throws KEY_MISSING */
  async findDescendantsTree<const R extends Relations<T> = Nothing>(
    entity: Plain<T>,
    options: TreeOptions<T, R> = {},
  ): Promise<TreeNode<T, R>> {
    const { depth } = this.#checked(options);
    const key = this.#keyOf(entity, 'findDescendantsTree');
    const rows = await this.#rows(options, descendantKeys(this.#tree, key, depth));
    const root = this.#link(rows, depth === undefined).find(key);
    const { children } = this.#tree.meta;
    this.#take(entity, root, children, root?.[children] ?? [], depth === undefined);
    return entity as object as TreeNode<T, R>;
  }

  /** How many rows are below an entity, itself included. @throws KEY_MISSING */
  countDescendants(entity: Plain<T>): Promise<number> {
    return this.countBy(this.#where(descendantKeys(this.#tree, this.#keyOf(entity, 'countDescendants'))));
  }

  /** An entity and all above it, as a list; one statement. @throws KEY_MISSING */
  async findAncestors<const R extends Relations<T> = Nothing>(
    entity: Plain<T>,
    options: TreeOptions<T, R> = {},
  ): Promise<Loaded<T, R>[]> {
    this.#checked(options);
    const rows = await this.#rows(options, ancestorKeys(this.#tree, this.#keyOf(entity, 'findAncestors')));
    return rows as object[] as Loaded<T, R>[];
  }

  /** The same entity with its parent, its parent's, and so on; one statement. @throws KEY_MISSING */
  async findAncestorsTree<const R extends Relations<T> = Nothing>(
    entity: Plain<T>,
    options: TreeOptions<T, R> = {},
  ): Promise<TreeLeaf<T, R>> {
    this.#checked(options);
    const key = this.#keyOf(entity, 'findAncestorsTree');
    const rows = await this.#rows(options, ancestorKeys(this.#tree, key));
    const { parent } = this.#tree.meta;
    const byKey = new Map(rows.map((row) => [nameOf(row, this.#tree.key), row]));
    for (const row of rows) row[parent] = byKey.get(nameOf(row, this.#tree.parent)) ?? null;
    const own = byKey.get(keyName(key));
    this.#take(entity, own, parent, own?.[parent] ?? null);
    return entity as object as TreeLeaf<T, R>;
  }

  /** How many rows are above an entity, itself included. @throws KEY_MISSING */
  countAncestors(entity: Plain<T>): Promise<number> {
    return this.countBy(this.#where(ancestorKeys(this.#tree, this.#keyOf(entity, 'countAncestors'))));
  }

  #checked<O extends object>(options: O): O & { readonly depth?: number | undefined } {
    const { depth } = options as { readonly depth?: unknown };
    const known = ['relations', 'depth'];
    const unknown = Object.keys(options).find((name) => !known.includes(name));
    const problem =
      unknown !== undefined
        ? `a tree takes relations and depth, not '${unknown}'`
        : depth === undefined || (Number.isSafeInteger(depth) && (depth as number) >= 0)
          ? undefined
          : 'expected a whole number, 0 or more';
    if (problem !== undefined) throw error('OPTION_INVALID', { option: unknown ?? 'depth', problem });
    return options as O & { readonly depth?: number };
  }

  async #rows({ relations }: { readonly relations?: unknown }, keys: Gapped | undefined): Promise<Values[]> {
    const order: Values = {};
    for (const { meta } of this.#tree.key) if (meta.role !== 'relation') put(order, meta.path, 'asc');
    const options = {
      ...(keys === undefined ? {} : { where: this.#where(keys) }),
      ...(relations === undefined ? {} : { relations }),
      order: this.map.meta.orderBy ?? order,
    };
    return (await this.find(options as FindOptions<T>)) as object[] as Values[];
  }

  /** A condition on whatever column, which says nothing of it but of the key. */
  #where(keys: Gapped): WhereAny<T> {
    const field = this.map.columns.find(({ meta }) => meta.role === 'regular') as MappedColumn;
    const condition = Raw((column) => {
      const alias = String(column).slice(0, -(field.sql.length + 1));
      const { strings, values } = isAmong(this.#tree, alias, keys);
      const texts = strings.map((text) => sqlTag.raw(text));
      return texts.reduce((all, text, i) => (i === 0 ? text : sqlTag`${all}${values[i - 1]}${text}`));
    });
    const where: Values = {};
    put(where, field.meta.path, condition);
    return where as object as WhereAny<T>;
  }

  #keyOf(entity: object, method: string): readonly SqlValue[] {
    const missing = this.#tree.key.filter((column) => (readColumn(column, entity) ?? null) === null);
    if (missing.length === 0)
      return this.#tree.key.map((column) => column.encode(readColumn(column, entity)));
    const columns = missing.map(({ meta }) => meta.property);
    throw error('KEY_MISSING', { entity: this.map.meta.name, method, columns });
  }

  /** Puts rows under their parents. @param whole whether every row has all its children among them */
  #link(rows: readonly Values[], whole: boolean): LinkedRows {
    const { key, parent, meta } = this.#tree;
    const lists = new Map<unknown, Values[]>();
    const byKey = new Map<unknown, Values>();
    for (const row of rows) {
      const list: Values[] = [];
      row[meta.children] = list;
      lists.set(nameOf(row, key), list);
      byKey.set(nameOf(row, key), row);
    }
    for (const row of rows) lists.get(nameOf(row, parent))?.push(row);
    if (whole) for (const row of rows) rememberMembers(row, meta.children, row[meta.children] as Values[]);
    return {
      isRoot: (row) => partsOf(row, parent).every((part) => part === null),
      find: (wanted) => byKey.get(keyName(wanted)),
    };
  }

  /** Shows on an entity that the caller has what was read for it. */
  #take(entity: object, row: Values | undefined, property: string, value: unknown, isWhole = false): void {
    const own = entity as Values;
    own[property] = value;
    if (row === undefined) return;
    for (const relation of this.map.relations()) {
      const { property: other } = relation.meta;
      const read = relatedOf(row, relation);
      if (other !== this.#tree.meta.parent && other !== this.#tree.meta.children && read !== undefined)
        setRelated(own, relation, read);
    }
    if (isWhole && rowOf(own) !== undefined) rememberMembers(own, property, value as object[]);
  }
}

interface LinkedRows {
  isRoot(row: Values): boolean;
  find(key: readonly SqlValue[]): Values | undefined;
}

function partsOf(entity: Values, columns: readonly MappedColumn[]): SqlValue[] {
  const [row, layout] = [rowOf(entity) as SqlValue[], layoutOf(entity) as RowLayout];
  return columns.map((column) => storedValue(row, layout, column) ?? null);
}

function nameOf(entity: Values, columns: readonly MappedColumn[]): unknown {
  return keyName(partsOf(entity, columns));
}
