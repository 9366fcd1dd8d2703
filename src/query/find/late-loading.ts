/** `load()`: relations of entities that were read, created or saved before. */

import { error } from '../../base/error-codes.js';
import type { Connection, SqlValue } from '../../dialects/contract.js';
import { type EntityMap, isOwningToOne, type MappedColumn, type Values } from '../mapping/entity-map.js';
import { declaring } from '../mapping/family-fields.js';
import { readColumn } from '../mapping/read-column.js';
import { columnAt, layoutOfColumns } from '../mapping/row-layout.js';
import { layoutOf, rememberRow, rowOf } from '../mapping/row-state.js';
import { loadRelations } from './load-relations.js';
import { asOptions } from './option-errors.js';
import { labelRelations } from './option-shape.js';
import { inOneState } from './read-rows.js';
import { keyName } from './row-keys.js';
import { compileSelection, type Selection, SelectionCompiler } from './selection.js';

/** What late loading reads, checked. */
export interface LateCall {
  readonly selection: Selection;
  readonly values: readonly unknown[];
}

/** @throws PROPERTY_UNKNOWN · OPTION_UNKNOWN · OPTION_INVALID */
export function lateFor(map: EntityMap, relations: unknown): LateCall {
  const { compiled, values } = map.shapes.get<Selection>(
    (shape) => {
      shape.label('load');
      labelRelations(map, relations, shape);
    },
    // What `@RelationId` shows was read with the entities themselves.
    () => ({ ...compileSelection(map, { relations }, new SelectionCompiler(0)), relationIds: [] }),
  );
  return { selection: compiled, values };
}

/** Relations and the entities that have them: those that only a class below has are that class's to load. */
export interface LatePart {
  readonly map: EntityMap;
  readonly entities: readonly Values[];
  readonly call: LateCall;
}

/** @throws PROPERTY_UNKNOWN · OPTION_UNKNOWN · OPTION_INVALID */
export function latePartsFor(map: EntityMap, entities: readonly Values[], relations: unknown): LatePart[] {
  const names = asOptions('relations', relations);
  const isOwn = map.family === undefined || Object.keys(names).every((name) => map.knows(name));
  if (isOwn) return [{ map, entities, call: lateFor(map, relations) }];
  const byOwner = new Map<EntityMap, Values>();
  for (const [name, wanted] of Object.entries(names)) {
    const owners = map.knows(name) ? [map] : declaring(map, name);
    if (owners.length === 0) throw map.unknown(name, 'relations');
    for (const owner of owners) byOwner.set(owner, { ...byOwner.get(owner), [name]: wanted });
  }
  return [...byOwner].map(([owner, own]) => ({
    map: owner,
    entities: entities.filter((entity) => map.mapOfInstance(entity) === owner || owner.isInstance(entity)),
    call: lateFor(owner, own),
  }));
}

/** Loads relations into entities: a query each and level. */
export async function loadLate(
  connection: Connection,
  map: EntityMap,
  entities: readonly Values[],
  { selection, values }: LateCall,
): Promise<void> {
  const work = async (): Promise<void> => {
    await completeRows(connection, map, entities, selection);
    await loadRelations({ connection, values, seen: new Map() }, entities, selection);
  };
  await (connection.inTransaction ? work() : inOneState(connection, map, work));
}

const MAX_KEYS = 256;

/** Reads the keys of related entities that are not known: those of entities of which only a part was selected. */
async function completeRows(
  connection: Connection,
  map: EntityMap,
  entities: readonly Values[],
  { relations }: Selection,
): Promise<void> {
  const wanted = [...new Set(relations.flatMap(({ relation }) => relation.local))];
  const unknown = entities.filter((entity) => wanted.some((column) => !isKnown(column, entity)));
  if (unknown.length === 0) return;
  const owned = relations.filter(({ relation }) => isOwningToOne(relation.meta)).length;
  if (owned === 0 && wanted.every((column) => column.meta.primary)) throw keyMissing(map);
  const columns = map.columns.filter((column) => column.meta.primary || wanted.includes(column));
  const places = map.key.map((column) => columns.indexOf(column));
  for (let from = 0; from < unknown.length; from += MAX_KEYS) {
    const some = unknown.slice(from, from + MAX_KEYS);
    const keys = some.map((entity) => keyOf(map, entity));
    const rows = await connection.queryArrays(selectByKey(map, columns, some.length), keys.flat(), {
      bigints: columns.some((column) => column.needsBigints),
    });
    const byKey = new Map(rows.map((row) => [keyName(places.map((i) => row[i] as SqlValue)), row]));
    some.forEach((entity, i) => {
      complete(map, entity, columns, byKey.get(keyName(keys[i] as SqlValue[])));
    });
  }
}

/** Whether the row says it, or, of an entity that has none, the entity itself. */
function isKnown(column: MappedColumn, entity: Values): boolean {
  const place = layoutOf(entity)?.positions[column.index];
  return (place !== undefined && place >= 0) || readColumn(column, entity) !== undefined;
}

function keyOf(map: EntityMap, entity: Values): SqlValue[] {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  return map.key.map((column) => {
    const stored = row?.[layout?.positions[column.index] ?? -1];
    const value = stored ?? column.encode(readColumn(column, entity));
    if (value === null) throw keyMissing(map);
    return value;
  });
}

function keyMissing(map: EntityMap): Error {
  const columns = map.key.map(({ meta }) => meta.property);
  return error('KEY_MISSING', { entity: map.meta.name, method: 'load', columns });
}

function selectByKey(map: EntityMap, columns: readonly MappedColumn[], count: number): string {
  let next = 0;
  const one = (): string =>
    `(${map.key.map((column) => `${columnAt(column, map.sql)} = ${map.dialect.placeholder(next++)}`).join(' AND ')})`;
  const keys = Array.from({ length: count }, one).join(' OR ');
  return `SELECT ${columns.map((column) => columnAt(column, map.sql)).join(', ')} FROM ${map.source} WHERE ${keys}`;
}

/** Puts what was read beside what the row says already; the properties stay as they are. */
function complete(
  map: EntityMap,
  entity: Values,
  columns: readonly MappedColumn[],
  read: readonly SqlValue[] | undefined,
): void {
  if (read === undefined) return;
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  const known = layout?.map ?? map;
  const stored = (column: MappedColumn): SqlValue | undefined =>
    row?.[layout?.positions[column.index] ?? -1] ??
    read[columns.findIndex(({ index }) => index === column.index)];
  const all = known.columns.filter((column) => stored(column) !== undefined);
  rememberRow(
    entity,
    all.map((column) => stored(column) as SqlValue),
    layoutOfColumns(known, all),
  );
}

/** @throws ENTITY_INVALID for what is no entity of the map, nor could be */
export function refuseStranger(map: EntityMap, entity: unknown): void {
  const isObject = typeof entity === 'object' && entity !== null;
  if (isObject && !map.isStranger(entity)) return;
  const found = isObject ? `'${entity.constructor.name}'` : String(entity);
  throw error('ENTITY_INVALID', { entity: map.meta.name, problem: `load takes entities, not ${found}` });
}
