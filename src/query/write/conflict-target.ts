/** The properties by which `upsert()` is told that a row is there already → the unique key that they are. */

import { type SqlText, sqlText } from '../../ast/sql-text.js';
import { error } from '../../base/error-codes.js';
import type { EntityMap, MappedColumn } from '../mapping/entity-map.js';

/** A unique key of the table: a row that has the same values in its columns is there already. */
export interface ConflictTarget {
  readonly columns: readonly MappedColumn[];
  /** Of a unique index on some rows only: its condition. */
  readonly where: string | undefined;
}

/** What an upsert is to write. */
export interface UpsertOrder {
  readonly target: ConflictTarget;
  /** The columns that are written to a row which is there; all that an entity says when absent. */
  readonly update: ReadonlySet<MappedColumn> | undefined;
  /** Whether rows that would stay as they are, are left alone. */
  readonly onlyChanged: boolean;
  /** What a row that is there must meet to be written. */
  readonly where: unknown;
  /** Whether the version counts and the date is set although nothing else of the table is written: another one is. */
  readonly stamps?: boolean;
}

/**
 * The key that some properties are.
 *
 * @param paths properties: `isbn`, `address.street`, or a relation whose key this entity holds (`author`, `author.id`)
 * @param predicate of an index on some rows only
 * @throws PROPERTY_UNKNOWN · CONFLICT_TARGET_INVALID naming the keys that there are
 */
export function conflictTarget(
  map: EntityMap,
  paths: readonly string[],
  predicate: SqlText | undefined,
): ConflictTarget {
  if (predicate !== undefined) return findTarget(map, paths, predicate);
  let ofMap = targets.get(map);
  if (ofMap === undefined) {
    ofMap = new Map();
    targets.set(map, ofMap);
  }
  const name = paths.join('\n');
  let target = ofMap.get(name);
  if (target === undefined) {
    target = findTarget(map, paths, predicate);
    ofMap.set(name, target);
  }
  return target;
}

/** By the properties that name them; there are as many as there are keys. */
const targets = new WeakMap<EntityMap, Map<string, ConflictTarget>>();

function findTarget(
  map: EntityMap,
  paths: readonly string[],
  predicate: SqlText | undefined,
): ConflictTarget {
  const columns = paths.flatMap((path) => columnsAt(map, path, 'conflictPaths'));
  const names = columns.map(({ meta }) => meta.name);
  const isKey = uniqueKeys(map, predicate !== undefined).some((key) => sameNames(key, names));
  if (!isKey) throw error('CONFLICT_TARGET_INVALID', { entity: map.meta.name, paths, keys: keysOf(map) });
  return { columns, where: predicate === undefined ? undefined : sqlText(predicate) };
}

/** The columns that a property stands for: its own, or those that hold a relation's key. */
export function columnsAt(map: EntityMap, path: string, place: string): readonly MappedColumn[] {
  const own = map.columns.filter(
    ({ meta }) =>
      (meta.role !== 'relation' && meta.property === path) || meta.property.startsWith(`${path}.`),
  );
  if (own.length > 0) return own;
  const held = map.columns.filter(
    (column) => column.relation?.map.meta.property === path || keyPath(column) === path,
  );
  if (held.length > 0) return held;
  throw map.unknown(path, place);
}

/** `author.id`: what a column that holds a relation's key is on the other side. */
function keyPath({ relation }: MappedColumn): string | undefined {
  return relation === undefined
    ? undefined
    : `${relation.map.meta.property}.${relation.referenced().meta.property}`;
}

function uniqueKeys(map: EntityMap, ofSomeRows: boolean): readonly (readonly string[])[] {
  const { parts } = map.meta;
  // Where each class has a table, a key lies in one of them.
  const tables = parts?.map(({ target }) => map.mapOf(target).meta.table) ?? [map.meta.table];
  return tables.flatMap((table) => uniqueKeysOf(table, ofSomeRows));
}

function uniqueKeysOf(
  { primaryKey, uniques, indexes }: EntityMap['meta']['table'],
  ofSomeRows: boolean,
): readonly (readonly string[])[] {
  const unique = indexes.filter((index) => index.unique && (index.where === undefined || ofSomeRows));
  return [
    ...(primaryKey === undefined ? [] : [primaryKey.columns]),
    ...uniques.map(({ columns }) => columns),
    ...unique.flatMap(({ columns }) => {
      const names = columns.flatMap((column) => ('column' in column ? [column.column] : []));
      return names.length === columns.length ? [names] : [];
    }),
  ];
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

/** The keys as a person names them: `(id)`, `(author, title)`. */
function keysOf(map: EntityMap): readonly string[] {
  const propertyOf = (name: string): string => {
    const column = map.columns.find(({ meta }) => meta.name === name);
    return column?.relation?.map.meta.property ?? column?.meta.property ?? name;
  };
  return uniqueKeys(map, true).map((key) => `(${[...new Set(key.map(propertyOf))].join(', ')})`);
}
