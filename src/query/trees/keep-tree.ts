/**
 * What is kept of a tree beside the parents' keys, after rows were inserted or given another parent. It is made anew
 * from those keys, for the rows that were written and everything below them: so a move, several at once and one inside
 * the other come out right, whatever was kept before.
 *
 * Rows are named by their keys in all that is written: a condition that the database has to search for would lock, on
 * MySQL and MariaDB, every row that it looks at.
 */

import { error } from '../../base/error-codes.js';
import type { Connection, SqlValue } from '../../dialects/contract.js';
import { keyName } from '../find/row-keys.js';
import { describeKey } from '../mapping/column-values.js';
import { type EntityMap, type MappedColumn, writePath } from '../mapping/entity-map.js';
import { readColumn } from '../mapping/read-column.js';
import { layoutOf, rowOf } from '../mapping/row-state.js';
import {
  chainOf,
  chunksOf,
  isOneOf,
  type Key,
  type Node,
  type Nodes,
  readNodes,
  sqlOf,
} from './read-chains.js';
import { pairs, type TreeMap, treeOf } from './tree-map.js';

/** Whether writing a row of the entity takes more than its own statement. */
export function isKept(map: EntityMap): boolean {
  return map.meta.tree !== undefined && map.meta.tree.kind !== 'adjacency';
}

/**
 * Makes other transactions that change the shape of the tree wait for this one: two moves at once, each right by
 * itself, could make a circle. New rows wait for moves and not for each other. Nothing is asked where only one
 * transaction writes at a time.
 */
export async function lockTree(
  connection: Connection,
  map: EntityMap,
  strength: 'share' | 'update',
): Promise<void> {
  const { treeLock } = map.dialect.writeForms;
  if (treeLock === undefined) return;
  const { table, key } = treeOf(map) as TreeMap;
  await connection.queryArrays(treeLock.sql(table, sqlOf('', key), strength), treeLock.params(table));
}

/** Where a row stands now, as columns of it say. */
export interface Place {
  readonly column: MappedColumn;
  readonly value: SqlValue;
}

/** Lets an entity, and the row that is kept with it, say where it stands. */
export function showPlace(map: EntityMap, entity: object, places: readonly Place[]): void {
  for (const { column, value } of places) {
    const [row, layout] = [rowOf(entity), layoutOf(entity)];
    const at = layout?.positions[column.index] ?? -1;
    if (row !== undefined && at >= 0) row[at] = value;
    if (column.meta.path.length > 0 && column.meta.select) {
      writePath(map, entity, column.meta.path, column.decode(value));
    }
  }
}

/** Where rows stand that were written, or stand below such: asked by key. */
export type Places = (entity: object) => readonly Place[];

/**
 * Keeps a tree for entities that were inserted and entities that were given another parent.
 *
 * @returns where each of them stands now, and what is below those that moved
 * @throws TREE_CYCLE when a row would stand below itself
 */
export async function keepTree(
  connection: Connection,
  map: EntityMap,
  inserted: readonly object[],
  moved: readonly object[],
): Promise<Places> {
  const tree = treeOf(map) as TreeMap;
  const keys = (entities: readonly object[]): Key[] => entities.map((entity) => keyOf(tree, entity));
  const [fresh, changed] = [keys(inserted), keys(moved)];
  const isPlaced = tree.path !== undefined || tree.level !== undefined;
  const nodes: Nodes = new Map();
  if (changed.length > 0 || isPlaced) await readNodes(connection, tree, [...fresh, ...changed], 'up', nodes);
  changed.forEach((key, i) => {
    if (chainOf(nodes, key) === undefined) {
      throw error('TREE_CYCLE', { entity: map.meta.name, key: describeKey(map, moved[i] as object) });
    }
  });
  if (map.meta.tree?.kind === 'adjacency') return () => [];
  const below = changed.length === 0 ? [] : await readNodes(connection, tree, changed, 'down');
  for (const [name, node] of below) nodes.set(name, node);
  const all = new Map([...fresh, ...[...below].map(([, { key }]) => key)].map((key) => [keyName(key), key]));
  if (tree.closure !== undefined) await keepClosure(connection, tree, [...all.values()], changed.length > 0);
  const places = isPlaced ? placesOf(tree, nodes, all.values()) : [];
  await writePlaces(connection, tree, places);
  const byName = new Map(places.map((place) => [keyName(place.node.key), place]));
  return (entity) => shownOf(tree, byName.get(keyName(keyOf(tree, entity))));
}

function keyOf({ key }: TreeMap, entity: object): Key {
  return key.map((column) => column.encode(readColumn(column, entity)));
}

function shownOf({ path, level }: TreeMap, place: NodePlace | undefined): Place[] {
  if (place === undefined) return [];
  return [
    ...(path === undefined ? [] : [{ column: path, value: place.path }]),
    ...(level === undefined ? [] : [{ column: level, value: place.level }]),
  ];
}

/**
 * The closure of rows, from the parents' keys.
 *
 * `DELETE FROM c WHERE descendant IN (…)` · `INSERT INTO c (ancestor, descendant) WITH RECURSIVE …`
 */
async function keepClosure(
  connection: Connection,
  tree: TreeMap,
  keys: readonly Key[],
  isMove: boolean,
): Promise<void> {
  const { table, descendants } = tree.closure as NonNullable<TreeMap['closure']>;
  for (const chunk of chunksOf(keys)) {
    if (isMove) {
      const { text, params } = isOneOf(tree, descendants, chunk);
      await connection.run(`DELETE FROM ${table} WHERE ${text}`, params);
    }
    const { text, params } = isOneOf(tree, sqlOf('t', tree.key), chunk);
    await connection.run(insertClosure(tree, text), params);
  }
}

/** A row for each pair of one of the rows and one above it, and of each with itself. */
function insertClosure(tree: TreeMap, isRow: string): string {
  const { key, parent, table } = tree;
  const closure = tree.closure as NonNullable<TreeMap['closure']>;
  const [above, below] = [key.map((_, i) => `_a${i}`), key.map((_, i) => `_b${i}`)];
  const names = [...above, ...below].join(', ');
  const seed = `SELECT ${[...sqlOf('t', key), ...sqlOf('t', key)].join(', ')} FROM ${table} AS t WHERE ${isRow}`;
  const on = pairs(
    sqlOf('t', key),
    above.map((name) => `_up.${name}`),
  );
  const list = [...sqlOf('t', parent), ...below.map((name) => `_up.${name}`)].join(', ');
  const there = sqlOf('t', parent).map((column) => `${column} IS NOT NULL`);
  const step = `SELECT ${list} FROM ${table} AS t JOIN _up ON ${on} WHERE ${there.join(' AND ')}`;
  const columns = [...closure.ancestors, ...closure.descendants].join(', ');
  return `INSERT INTO ${closure.table} (${columns}) WITH RECURSIVE _up (${names}) AS (${seed} UNION ${step}) SELECT ${names} FROM _up`;
}

/** Where a row stands: as it is kept, and as it should be. */
interface NodePlace {
  readonly node: Node;
  readonly path: string;
  readonly level: number;
  /** The path that its row has, and what of it is to be put in the place of which beginning. */
  readonly from: string;
  readonly to: string;
}

function placesOf(tree: TreeMap, nodes: Nodes, keys: Iterable<Key>): NodePlace[] {
  const steps = new Map<Node, string>();
  const stepOfNode = (node: Node): string => {
    const step = steps.get(node) ?? stepOf(node.key);
    steps.set(node, step);
    return step;
  };
  return [...keys].flatMap((key) => {
    const chain = chainOf(nodes, key) ?? [];
    const node = chain[chain.length - 1];
    if (node === undefined) return [];
    const path = tree.path === undefined ? '' : chain.map(stepOfNode).join('');
    const stored = node.path ?? '';
    const shared = sharedEnd(stored, path);
    const [from, to] = [stored, path].map((text) => text.slice(0, text.length - shared)) as [string, string];
    return [{ node, path, level: chain.length - 1, from, to }];
  });
}

/** How many characters at their ends two paths share: whole steps. */
function sharedEnd(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  let [length, count] = [0, 1];
  // Behind the last dot there is nothing.
  while (count < left.length && count < right.length) {
    const [x, y] = [left[left.length - 1 - count] as string, right[right.length - 1 - count]];
    if (x !== y) break;
    length += x.length + 1;
    count += 1;
  }
  return length;
}

/** Rows whose paths change alike are written by one statement, rows that have none by one with CASE. */
async function writePlaces(
  connection: Connection,
  tree: TreeMap,
  places: readonly NodePlace[],
): Promise<void> {
  const groups = new Map<string, NodePlace[]>();
  const alone: NodePlace[] = [];
  for (const place of places) {
    const by = place.level - place.node.level;
    if (place.from === place.to && (by === 0 || tree.level === undefined)) continue;
    if (tree.path !== undefined && (place.node.path ?? '') === '') {
      alone.push(place);
      continue;
    }
    const name = `${place.from}\n${place.to}\n${by}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [place]);
    else group.push(place);
  }
  for (const chunk of chunksOf(alone)) await writeAlone(connection, tree, chunk);
  for (const group of groups.values()) {
    for (const chunk of chunksOf(group)) await writeAlike(connection, tree, chunk);
  }
}

/** `UPDATE t SET path = CASE WHEN key = ? THEN ? … END WHERE key IN (…)` */
async function writeAlone(
  connection: Connection,
  tree: TreeMap,
  places: readonly NodePlace[],
): Promise<void> {
  const { placeholder } = tree.map.dialect;
  const { path, level, key } = tree as TreeMap & { readonly path: MappedColumn };
  const params: SqlValue[] = [];
  const slot = (value: SqlValue): string => placeholder(params.push(value) - 1);
  const isRow = ({ node }: NodePlace): string =>
    key.map(({ sql }, i) => `${sql} = ${slot(node.key[i] as SqlValue)}`).join(' AND ');
  const cases = (value: (place: NodePlace) => string): string =>
    places.length === 1
      ? value(places[0] as NodePlace)
      : `CASE ${places.map((place) => `WHEN ${isRow(place)} THEN ${value(place)}`).join(' ')} ELSE NULL END`;
  const set = [
    `${path.sql} = ${cases((place) => slot(place.path))}`,
    ...(level === undefined ? [] : [`${level.sql} = ${cases((place) => String(place.level))}`]),
  ];
  const rows = isOneOf(
    tree,
    sqlOf('', key),
    places.map(({ node }) => node.key),
    params.length,
  );
  await connection.run(`UPDATE ${tree.table} SET ${set.join(', ')} WHERE ${rows.text}`, [
    ...params,
    ...rows.params,
  ]);
}

/** `UPDATE t SET path = CONCAT(?, SUBSTR(path, 5)), level = level + 1 WHERE key IN (…)` */
async function writeAlike(
  connection: Connection,
  tree: TreeMap,
  places: readonly NodePlace[],
): Promise<void> {
  const { path, level, key, table, map } = tree;
  const { from, to, node, level: now } = places[0] as NodePlace;
  const by = now - node.level;
  const params: SqlValue[] = [];
  const set: string[] = [];
  if (path !== undefined && from !== to) {
    // COALESCE gives the value a type, which CONCAT does not.
    const start = `COALESCE(${map.dialect.placeholder(0)}, ${path.sql})`;
    set.push(`${path.sql} = CONCAT(${start}, SUBSTR(${path.sql}, ${from.length + 1}))`);
    params.push(to);
  }
  if (level !== undefined && by !== 0) set.push(`${level.sql} = COALESCE(${level.sql}, 0) + (${by})`);
  const rows = isOneOf(
    tree,
    sqlOf('', key),
    places.map((place) => place.node.key),
    params.length,
  );
  await connection.run(`UPDATE ${table} SET ${set.join(', ')} WHERE ${rows.text}`, [
    ...params,
    ...rows.params,
  ]);
}

/** A key in a path: nothing but letters, digits and `%-_~!*()`, so that dots and quotes part nothing. */
function stepOf(key: Key): string {
  const parts = key.map((part) => {
    const text = part instanceof Uint8Array ? Buffer.from(part).toString('hex') : String(part);
    return encodeURIComponent(text).replace(/[.']/g, (sign) => (sign === '.' ? '%2E' : '%27'));
  });
  return `${parts.join(',')}.`;
}
