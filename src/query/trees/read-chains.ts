/** What stands above and below rows of a tree, as the keys of the parents say, whatever is kept beside them. */

import type { Connection, SqlValue } from '../../dialects/contract.js';
import { keyName } from '../find/row-keys.js';
import { writeKeyList } from '../write/keys.js';
import { pairs, type TreeMap } from './tree-map.js';

export type Key = readonly SqlValue[];

/** A row with what is kept of its place. */
export interface Node {
  readonly key: Key;
  readonly parent: Key;
  readonly path: string | null;
  readonly level: number;
}

/** By the name of their key. */
export type Nodes = Map<unknown, Node>;

/** Most rows in one statement. */
const CHUNK = 200;

/** Rows and everything above them, or everything below them: one statement. */
export async function readNodes(
  connection: Connection,
  tree: TreeMap,
  keys: readonly Key[],
  direction: 'up' | 'down',
  nodes: Nodes = new Map(),
): Promise<Nodes> {
  const { key, parent, path, level, table, map } = tree;
  const columns = [...key, ...parent, ...(path ? [path] : []), ...(level ? [level] : [])];
  const names = columns.map((_, i) => `_c${i}`);
  const [keyNames, parentNames] = [names.slice(0, key.length), names.slice(key.length, 2 * key.length)];
  const list = columns.map(({ sql }) => `t.${sql}`).join(', ');
  const from = (direction === 'up' ? parentNames : keyNames).map((name) => `_w.${name}`);
  const on = pairs(
    (direction === 'up' ? key : parent).map(({ sql }) => `t.${sql}`),
    from,
  );
  const { treeLock } = map.dialect.writeForms;
  const fresh = treeLock === undefined ? '' : treeLock.fresh;
  const each = (text: string): string => (fresh === '' ? text : `(${text}${fresh})`);
  const bigints = columns.some((column) => column.needsBigints);
  for (const chunk of chunksOf(keys)) {
    const { text, params } = isOneOf(tree, sqlOf('t', key), chunk);
    const first = each(`SELECT ${list} FROM ${table} AS t WHERE ${text}`);
    const next = each(`SELECT ${list} FROM ${table} AS t JOIN _w ON ${on}`);
    const sql = `WITH RECURSIVE _w (${names.join(', ')}) AS (${first} UNION ${next}) SELECT ${names.join(', ')} FROM _w`;
    for (const row of await connection.queryArrays(sql, params, { bigints })) {
      const own = row.slice(0, key.length);
      let place = 2 * key.length;
      nodes.set(keyName(own), {
        key: own,
        parent: row.slice(key.length, place),
        path: path === undefined ? null : ((row[place++] ?? null) as string | null),
        level: level === undefined ? 0 : Number(row[place] ?? 0),
      });
    }
  }
  return nodes;
}

/** From the root down to a row; undefined where it stands below itself. */
export function chainOf(nodes: Nodes, key: Key): readonly Node[] | undefined {
  const chain: Node[] = [];
  const seen = new Set<Node>();
  for (let node = nodes.get(keyName(key)); node !== undefined; ) {
    if (seen.has(node)) return undefined;
    seen.add(node);
    chain.push(node);
    node = node.parent.includes(null) ? undefined : nodes.get(keyName(node.parent));
  }
  return chain.reverse();
}

export interface Written {
  readonly text: string;
  readonly params: SqlValue[];
}

/** Rows by their keys, which are columns or other names of them. @param place the index of the first placeholder */
export function isOneOf(
  { map }: TreeMap,
  columns: readonly string[],
  keys: readonly Key[],
  place = 0,
): Written {
  // Not `(a, b) IN (…)`, for which MariaDB reads, and locks, every row.
  const text = writeKeyList(columns, keys.length, map.dialect.placeholder, place);
  return { text: `(${text})`, params: keys.flat() };
}

export const sqlOf = (alias: string, columns: readonly { readonly sql: string }[]): string[] =>
  columns.map(({ sql }) => (alias === '' ? sql : `${alias}.${sql}`));

export function* chunksOf<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < list.length; from += CHUNK) yield list.slice(from, from + CHUNK);
}
