/** A tree as statements see it: quoted names of its table, of the key, and of the columns that hold the parent's key. */

import type { TreeMetadata } from '../../metadata/entity.js';
import type { EntityMap, MappedColumn, MappedRelation } from '../mapping/entity-map.js';
import { partHolding } from '../mapping/joined-tables.js';

export interface TreeMap {
  readonly map: EntityMap;
  readonly meta: TreeMetadata;
  /** The table that holds the parents' keys. */
  readonly table: string;
  /** What parents are named by: the primary key, or another one that `referencedColumnName` says. */
  readonly key: readonly MappedColumn[];
  /** The columns that hold the parent's key, in the order of the key. */
  readonly parent: readonly MappedColumn[];
  readonly path?: MappedColumn;
  readonly level?: MappedColumn;
  readonly closure?: {
    readonly table: string;
    readonly ancestors: readonly string[];
    readonly descendants: readonly string[];
  };
}

const known = new WeakMap<EntityMap, TreeMap>();

/** Undefined where the rows of an entity are no tree. */
export function treeOf(map: EntityMap): TreeMap | undefined {
  if (map.meta.tree === undefined) return undefined;
  let tree = known.get(map);
  if (tree === undefined) {
    tree = makeTree(map, map.meta.tree);
    known.set(map, tree);
  }
  return tree;
}

function makeTree(map: EntityMap, meta: TreeMetadata): TreeMap {
  const { dialect } = map;
  const relation = map.relation(meta.parent) as MappedRelation;
  const quote = (name: string): string => dialect.quoteIdentifier(name);
  const { closure, path, level } = meta;
  const [first] = relation.meta.joinColumns as unknown as readonly [{ readonly column: string }];
  // In the order of the key where it is the primary one, for a closure table's columns are.
  const pairs = relation.meta.joinColumns
    .map(({ column, referenced }) => ({ column: map.columnNamed(column), key: map.columnNamed(referenced) }))
    .sort((a, b) => map.key.indexOf(a.key) - map.key.indexOf(b.key));
  const table =
    map.meta.parts === undefined ? map.meta.tableName : partHolding(map.meta, first.column).tableName;
  return {
    map,
    meta,
    table: dialect.quoteTable(table),
    key: pairs.map(({ key }) => key),
    parent: pairs.map(({ column }) => column),
    ...(path === undefined ? {} : { path: map.columnNamed(path) }),
    ...(level === undefined ? {} : { level: map.columnNamed(level) }),
    ...(closure === undefined
      ? {}
      : {
          closure: {
            table: dialect.quoteTable(closure.table),
            ancestors: closure.ancestors.map(quote),
            descendants: closure.descendants.map(quote),
          },
        }),
  };
}

/** `a`, or `(a, b)`. */
export function tuple(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(', ')})`;
}

/** `x.a = y.b AND …` */
export function pairs(left: readonly string[], right: readonly string[]): string {
  return left.map((each, i) => `${each} = ${right[i]}`).join(' AND ');
}
