/** A tree as statements see it: quoted names of its table, of the key, and of the columns that hold the parent's key. */

import type { TreeMetadata } from '../../metadata/entity.js';
import type { EntityMap, MappedColumn, MappedRelation } from '../mapping/entity-map.js';

export interface TreeMap {
  readonly map: EntityMap;
  readonly meta: TreeMetadata;
  readonly table: string;
  readonly key: readonly MappedColumn[];
  /** The columns that hold the parent's key, in the order of the key. */
  readonly parent: readonly MappedColumn[];
  readonly path?: string;
  readonly level?: string;
  readonly closure?: {
    readonly table: string;
    readonly ancestors: readonly string[];
    readonly descendants: readonly string[];
  };
}

/** Undefined where the rows of an entity are no tree. */
export function treeOf(map: EntityMap): TreeMap | undefined {
  const { tree } = map.meta;
  if (tree === undefined) return undefined;
  const { dialect, root } = map;
  const relation = map.relation(tree.parent) as MappedRelation;
  const quote = (name: string): string => dialect.quoteIdentifier(name);
  const { closure, path, level } = tree;
  return {
    map,
    meta: tree,
    table: dialect.quoteTable(root.meta.tableName),
    key: map.key,
    parent: map.key.map((column) => {
      const i = relation.meta.joinColumns.findIndex(({ referenced }) => referenced === column.meta.name);
      return map.columnNamed((relation.meta.joinColumns[i] as { readonly column: string }).column);
    }),
    ...(path === undefined ? {} : { path: quote(path) }),
    ...(level === undefined ? {} : { level: quote(level) }),
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
