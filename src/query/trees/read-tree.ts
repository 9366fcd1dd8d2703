/**
 * Which rows of a tree are meant, as subqueries that give their keys. What the keys of the parents say is asked for by
 * one recursive query, whose UNION ends where rows run in a circle; a closure table is asked instead where there is one.
 */

import type { SqlValue } from '../../dialects/contract.js';
import { pairs, type TreeMap, tuple } from './tree-map.js';

/** SQL with a value in each gap. */
export interface Gapped {
  readonly strings: readonly string[];
  readonly values: readonly SqlValue[];
}

/** Names of a key's parts in a recursive query. */
const names = ({ key }: TreeMap, prefix = 'k'): string[] => key.map((_, i) => `_${prefix}${i}`);
const of = (alias: string, columns: readonly { readonly sql: string }[]): string[] =>
  columns.map(({ sql }) => `${alias}.${sql}`);

/** Keys of a row and of everything below it, down to a depth. */
export function descendantKeys(tree: TreeMap, key: readonly SqlValue[], depth?: number): Gapped {
  const { closure } = tree;
  if (closure !== undefined && depth === undefined) {
    const head = `SELECT ${closure.descendants.join(', ')} FROM ${closure.table} WHERE `;
    return equal(head, closure.ancestors, key, '');
  }
  return equal(`${begin(tree, depth)} WHERE `, of('t', tree.key), key, follow(tree, depth));
}

/** Keys of the roots and of everything below them, down to a depth. */
export function keysFromRoots(tree: TreeMap, depth: number): Gapped {
  const roots = of('t', tree.parent).map((column) => `${column} IS NULL`);
  return {
    strings: [`${begin(tree, depth)} WHERE ${roots.join(' AND ')}${follow(tree, depth)}`],
    values: [],
  };
}

/** Keys of a row and of everything above it. */
export function ancestorKeys(tree: TreeMap, key: readonly SqlValue[]): Gapped {
  const { closure, table } = tree;
  if (closure !== undefined) {
    const head = `SELECT ${closure.ancestors.join(', ')} FROM ${closure.table} WHERE `;
    return equal(head, closure.descendants, key, '');
  }
  const [own, parents] = [names(tree), names(tree, 'p')];
  const all = [...own, ...parents];
  const list = [...of('t', tree.key), ...of('t', tree.parent)].join(', ');
  const head = `WITH RECURSIVE _up (${all.join(', ')}) AS (SELECT ${list} FROM ${table} AS t WHERE `;
  const step = `SELECT ${list} FROM ${table} AS t JOIN _up ON ${pairs(
    of('t', tree.key),
    parents.map((name) => `_up.${name}`),
  )}`;
  return equal(head, of('t', tree.key), key, ` UNION ${step}) SELECT ${own.join(', ')} FROM _up`);
}

function begin(tree: TreeMap, depth: number | undefined): string {
  const columns = [...names(tree), ...(depth === undefined ? [] : ['_depth'])];
  const list = [...of('t', tree.key), ...(depth === undefined ? [] : ['0'])];
  return `WITH RECURSIVE _down (${columns.join(', ')}) AS (SELECT ${list.join(', ')} FROM ${tree.table} AS t`;
}

function follow(tree: TreeMap, depth: number | undefined): string {
  const own = names(tree);
  const list = [...of('t', tree.key), ...(depth === undefined ? [] : ['_down._depth + 1'])];
  const on = pairs(
    of('t', tree.parent),
    own.map((name) => `_down.${name}`),
  );
  const limit = depth === undefined ? '' : ` AND _down._depth < ${depth}`;
  const step = `SELECT ${list.join(', ')} FROM ${tree.table} AS t JOIN _down ON ${on}${limit}`;
  return ` UNION ${step}) SELECT ${own.join(', ')} FROM _down`;
}

function equal(head: string, columns: readonly string[], key: readonly SqlValue[], tail: string): Gapped {
  const strings = columns.map((column, i) => `${i === 0 ? head : ' AND '}${column} = `);
  return { strings: [...strings, tail], values: key };
}

/** `key IN (keys)` on a table that goes by an alias. */
export function isAmong({ key }: TreeMap, alias: string, { strings, values }: Gapped): Gapped {
  const parts = [...strings];
  parts[0] = `${tuple(of(alias, key))} IN (${parts[0]}`;
  parts[parts.length - 1] = `${parts[parts.length - 1]})`;
  return { strings: parts, values };
}
