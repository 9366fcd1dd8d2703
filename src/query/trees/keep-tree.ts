/**
 * What is kept of a tree beside the parents' keys, after rows were inserted or given another parent. It is made anew
 * from those keys, for the rows that were written and everything below them: so a move, several at once and one inside
 * the other come out right, whatever was kept before.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, SqlValue } from '../../dialects/contract.js';
import { keyName } from '../find/row-keys.js';
import { describeKey } from '../mapping/column-values.js';
import type { EntityMap } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { pairs, type TreeMap, treeOf, tuple } from './tree-map.js';

/** Most rows in one statement. */
const CHUNK = 200;

type Key = readonly SqlValue[];

interface Node {
  readonly key: Key;
  readonly parent: Key;
  path: string | null;
}

/** Whether writing a row of the entity takes more than its own statement. */
export function isKept(map: EntityMap): boolean {
  return map.meta.tree !== undefined && map.meta.tree.kind !== 'adjacency';
}

/**
 * Makes other transactions that change the shape of the tree wait for this one: two moves at once, each right by
 * itself, could make a circle. Nothing is asked where only one transaction writes at a time.
 */
export async function lockTree(connection: Connection, map: EntityMap): Promise<void> {
  const { dialect } = map;
  const lock = dialect.rowLock({ strength: 'update' });
  if (lock === '') return;
  const { table, key } = treeOf(map) as TreeMap;
  const columns = key.map(({ sql }) => sql).join(', ');
  await connection.queryArrays(`SELECT ${columns} FROM ${table} ORDER BY ${columns} LIMIT 1${lock}`, []);
}

/**
 * Keeps a tree for entities that were inserted and entities that were given another parent.
 *
 * @throws TREE_CYCLE when a row would stand below itself
 */
export async function keepTree(
  connection: Connection,
  map: EntityMap,
  inserted: readonly object[],
  moved: readonly object[],
): Promise<void> {
  const tree = treeOf(map) as TreeMap;
  const keys = (entities: readonly object[]): Key[] =>
    entities.map((entity) => tree.key.map((column) => column.encode(readColumn(column, entity))));
  const [fresh, changed] = [keys(inserted), keys(moved)];
  const needsChains = changed.length > 0 || tree.path !== undefined;
  const nodes = needsChains ? await readChains(connection, tree, [...fresh, ...changed]) : new Map();
  const chains = [...changed, ...(tree.path === undefined ? [] : fresh)].map((key, i) => {
    const chain = chainOf(nodes, key);
    if (chain === undefined) {
      const entity = moved[i] ?? inserted[i - moved.length] ?? {};
      throw error('TREE_CYCLE', { entity: map.meta.name, key: describeKey(map, entity) });
    }
    return chain;
  });
  if (tree.closure !== undefined) await keepClosure(connection, tree, fresh, changed);
  if (tree.path !== undefined) await keepPaths(connection, tree, tree.path, chains);
}

/** The rows and everything above them, by the name of their key: one statement. */
async function readChains(
  connection: Connection,
  tree: TreeMap,
  keys: readonly Key[],
): Promise<Map<unknown, Node>> {
  const { key, parent, path, table } = tree;
  const columns = [...key, ...parent].map(({ sql }) => sql);
  const all = path === undefined ? columns : [...columns, path];
  const names = all.map((_, i) => `_c${i}`);
  const list = all.map((column) => `t.${column}`).join(', ');
  const up = pairs(
    key.map(({ sql }) => `t.${sql}`),
    key.map((_, i) => `_up.${names[key.length + i]}`),
  );
  const nodes = new Map<unknown, Node>();
  for (const chunk of chunksOf(keys)) {
    const { text, params } = isOneOf(tree, 't', chunk);
    const first = `SELECT ${list} FROM ${table} AS t WHERE ${text}`;
    const next = `SELECT ${list} FROM ${table} AS t JOIN _up ON ${up}`;
    const sql = `WITH RECURSIVE _up (${names.join(', ')}) AS (${first} UNION ${next}) SELECT ${names.join(', ')} FROM _up`;
    for (const row of await connection.queryArrays(sql, params, { bigints: true })) {
      const own = row.slice(0, key.length);
      const path = (row[2 * key.length] ?? null) as string | null;
      nodes.set(keyName(own), { key: own, parent: row.slice(key.length, 2 * key.length), path });
    }
  }
  return nodes;
}

/** From the root down to a row; undefined where it stands below itself. */
function chainOf(nodes: ReadonlyMap<unknown, Node>, key: Key): Node[] | undefined {
  const chain: Node[] = [];
  const seen = new Set<Node>();
  for (let node = nodes.get(keyName(key)); node !== undefined; ) {
    if (seen.has(node)) return undefined;
    seen.add(node);
    chain.unshift(node);
    node = node.parent.includes(null) ? undefined : nodes.get(keyName(node.parent));
  }
  return chain;
}

/**
 * The closure of the rows and of everything below those that moved, from the parents' keys.
 *
 * `DELETE FROM c WHERE descendant IN (…)` · `INSERT INTO c (ancestor, descendant) WITH RECURSIVE …`
 */
async function keepClosure(
  connection: Connection,
  tree: TreeMap,
  inserted: readonly Key[],
  moved: readonly Key[],
): Promise<void> {
  const closure = tree.closure as NonNullable<TreeMap['closure']>;
  const all = [...moved, ...inserted];
  for (const chunk of chunksOf(all)) {
    const below = moved.length > 0;
    const down = below ? `${downFrom(tree, chunk)}` : undefined;
    if (down !== undefined) {
      const ids = `WITH RECURSIVE ${down} SELECT ${keyNames(tree, 'd').join(', ')} FROM _down`;
      const sql = `DELETE FROM ${closure.table} WHERE ${tuple(closure.descendants)} IN (${ids})`;
      await connection.run(sql, isOneOf(tree, 't', chunk).params);
    }
    await connection.run(insertClosure(tree, chunk, down), isOneOf(tree, 't', chunk).params);
    if (tree.level !== undefined) await keepLevels(connection, tree, chunk);
  }
}

const keyNames = ({ key }: TreeMap, prefix: string): string[] => key.map((_, i) => `_${prefix}${i}`);
const sqlOf = (alias: string, columns: readonly { readonly sql: string }[]): string[] =>
  columns.map(({ sql }) => `${alias}.${sql}`);

/** The rows and everything below them. */
function downFrom(tree: TreeMap, keys: readonly Key[]): string {
  const { key, parent, table } = tree;
  const names = keyNames(tree, 'd');
  const list = sqlOf('t', key).join(', ');
  const on = pairs(
    sqlOf('t', parent),
    names.map((name) => `_down.${name}`),
  );
  const first = `SELECT ${list} FROM ${table} AS t WHERE ${isOneOf(tree, 't', keys).text}`;
  return `_down (${names.join(', ')}) AS (${first} UNION SELECT ${list} FROM ${table} AS t JOIN _down ON ${on})`;
}

function insertClosure(tree: TreeMap, keys: readonly Key[], down: string | undefined): string {
  const { key, parent, table } = tree;
  const closure = tree.closure as NonNullable<TreeMap['closure']>;
  const [above, below] = [keyNames(tree, 'a'), keyNames(tree, 'b')];
  const seed =
    down === undefined
      ? `SELECT ${[...sqlOf('t', key), ...sqlOf('t', key)].join(', ')} FROM ${table} AS t WHERE ${isOneOf(tree, 't', keys).text}`
      : `SELECT ${[...keyNames(tree, 'd'), ...keyNames(tree, 'd')].join(', ')} FROM _down`;
  const on = pairs(
    sqlOf('t', key),
    above.map((name) => `_up.${name}`),
  );
  const list = [...sqlOf('t', parent), ...below.map((name) => `_up.${name}`)].join(', ');
  const there = sqlOf('t', parent).map((column) => `${column} IS NOT NULL`);
  const step = `SELECT ${list} FROM ${table} AS t JOIN _up ON ${on} WHERE ${there.join(' AND ')}`;
  const up = `_up (${[...above, ...below].join(', ')}) AS (${seed} UNION ${step})`;
  const columns = [...closure.ancestors, ...closure.descendants].join(', ');
  const body = `WITH RECURSIVE ${down === undefined ? '' : `${down}, `}${up} SELECT ${[...above, ...below].join(', ')} FROM _up`;
  return `INSERT INTO ${closure.table} (${columns}) ${body}`;
}

/** A row stands as deep as it has rows above it. */
async function keepLevels(connection: Connection, tree: TreeMap, keys: readonly Key[]): Promise<void> {
  const { closure, level, table } = tree;
  if (closure === undefined) return;
  const own = tree.key.map(({ sql }) => `${table}.${sql}`);
  const { text, params } = isOneOfNames(
    tree,
    closure.ancestors.map((name) => `c.${name}`),
    keys,
  );
  const count = `SELECT COUNT(*) - 1 FROM ${closure.table} AS a WHERE ${pairs(
    closure.descendants.map((name) => `a.${name}`),
    own,
  )}`;
  const ids = `SELECT ${closure.descendants.map((name) => `c.${name}`).join(', ')} FROM ${closure.table} AS c WHERE ${text}`;
  await connection.run(
    `UPDATE ${table} SET ${level} = (${count}) WHERE ${tuple(tree.key.map(({ sql }) => sql))} IN (${ids})`,
    params,
  );
}

/** The paths of rows, and of everything below those that had another one: from the top of the tree down. */
async function keepPaths(
  connection: Connection,
  tree: TreeMap,
  column: string,
  chains: readonly (readonly Node[])[],
): Promise<void> {
  const { placeholder } = tree.map.dialect;
  const ordered = [...chains].sort((a, b) => a.length - b.length);
  const done: { readonly from: string; readonly to: string }[] = [];
  for (const chain of ordered) {
    const node = chain[chain.length - 1];
    if (node === undefined) continue;
    const to = chain.map(({ key }) => stepOf(key)).join('');
    // A row below one that was moved just now has moved with it.
    const from = done.reduce(
      (path, step) => (path.startsWith(step.from) ? step.to + path.slice(step.from.length) : path),
      node.path ?? '',
    );
    if (from === to) continue;
    const level = tree.level === undefined ? '' : `, ${tree.level} = ${placeholder(1)}`;
    if (from === '') {
      const own = tree.key.map(
        ({ sql }, i) => `${sql} = ${placeholder((tree.level === undefined ? 1 : 2) + i)}`,
      );
      const params = [to, ...(tree.level === undefined ? [] : [chain.length - 1]), ...node.key];
      await connection.run(
        `UPDATE ${tree.table} SET ${column} = ${placeholder(0)}${level} WHERE ${own.join(' AND ')}`,
        params,
      );
    } else {
      // Compared whole, not by LIKE, to which case may not matter.
      // COALESCE gives the value a type, which CONCAT does not.
      const rest = `CONCAT(COALESCE(${placeholder(0)}, ${column}), SUBSTR(${column}, ${from.length + 1}))`;
      const by = to.split('.').length - from.split('.').length;
      const levels = tree.level === undefined ? '' : `, ${tree.level} = ${tree.level} + (${by})`;
      await connection.run(
        `UPDATE ${tree.table} SET ${column} = ${rest}${levels} WHERE SUBSTR(${column}, 1, ${from.length}) = ${placeholder(1)}`,
        [to, from],
      );
      done.push({ from, to });
    }
  }
}

/** A key in a path: nothing but letters, digits and `%-_~!*()`, so that dots and quotes part nothing. */
function stepOf(key: Key): string {
  const parts = key.map((part) => {
    const text = part instanceof Uint8Array ? Buffer.from(part).toString('hex') : String(part);
    return encodeURIComponent(text).replace(/[.']/g, (sign) => (sign === '.' ? '%2E' : '%27'));
  });
  return `${parts.join(',')}.`;
}

interface Written {
  readonly text: string;
  readonly params: SqlValue[];
}

function isOneOf(tree: TreeMap, alias: string, keys: readonly Key[]): Written {
  return isOneOfNames(tree, sqlOf(alias, tree.key), keys);
}

function isOneOfNames({ map }: TreeMap, columns: readonly string[], keys: readonly Key[]): Written {
  let next = 0;
  const slot = (): string => map.dialect.placeholder(next++);
  const rows = keys.map((key) => tuple(key.map(slot)));
  return { text: `${tuple(columns)} IN (${rows.join(', ')})`, params: keys.flat() };
}

function* chunksOf(keys: readonly Key[]): Iterable<readonly Key[]> {
  // Rows that moved are looked at together: one may stand below the other.
  for (let from = 0; from < keys.length; from += CHUNK) yield keys.slice(from, from + CHUNK);
}
