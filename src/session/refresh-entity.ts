/**
 * What a session does to instances that it knows: gives them what their row holds, whole or only where nobody has
 * changed them.
 */

import { keyName } from '../query/find/row-keys.js';
import { storedValue } from '../query/mapping/column-values.js';
import {
  type EntityMap,
  isOwningToOne,
  type MappedColumn,
  type MappedRelation,
  type RowLayout,
  type Values,
  writePath,
} from '../query/mapping/entity-map.js';
import { readColumn } from '../query/mapping/read-column.js';
import { relatedOf, setRelated } from '../query/mapping/related.js';
import { layoutOfColumns } from '../query/mapping/row-layout.js';
import { layoutOf, membersOf, rememberRow, rowOf } from '../query/mapping/row-state.js';
import { changesOf } from '../query/write/update.js';

type Row = Parameters<typeof storedValue>[0];

/** Finds the instance of a row that a relation leads to. */
export type FindRelated = (relation: MappedRelation, entity: Values) => Values | undefined;

/** Gives an entity back what its row holds: columns, related entities as far as they are known, and lists. */
export function resetEntity(map: EntityMap, entity: Values, findRelated: FindRelated): void {
  const row = rowOf(entity);
  const layout = layoutOf(entity);
  if (row === undefined || layout === undefined) return;
  for (const column of layout.columns) {
    if (column.meta.role === 'relation' || column.meta.role === 'discriminator') continue;
    const own = readColumn(column, entity);
    if (own === undefined && !column.meta.select) continue;
    const stored = storedValue(row, layout, column) ?? null;
    if (!isSame(column, own, stored)) writePath(map, entity, column.meta.path, column.decode(stored));
  }
  for (const relation of map.relations()) resetRelation(relation, entity, row, layout, findRelated);
}

function isSame(column: MappedColumn, own: unknown, stored: Row[number]): boolean {
  if (own === undefined) return false;
  try {
    return keyName([column.encode(own)]) === keyName([stored]);
  } catch {
    // What does not fit the column was not read from it.
    return false;
  }
}

function resetRelation(
  relation: MappedRelation,
  entity: Values,
  row: Parameters<typeof storedValue>[0],
  layout: RowLayout,
  findRelated: FindRelated,
): void {
  const { property } = relation.meta;
  const value = relatedOf(entity, relation);
  if (value === undefined) return;
  if (!isOwningToOne(relation.meta)) {
    const members = membersOf(entity, property);
    const known = members === undefined ? undefined : [...members];
    setRelated(entity, relation, relation.toMany ? known : known && (known[0] ?? null));
    return;
  }
  const key = relation.local.map((column) => storedValue(row, layout, column));
  if (key.includes(undefined)) return;
  if (key.includes(null)) setRelated(entity, relation, null);
  else if (!pointsTo(relation, value, key as Row))
    setRelated(entity, relation, findRelated(relation, entity));
}

function pointsTo({ remote }: MappedRelation, value: unknown, key: Row): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return remote.every((column, i) => isSame(column, readColumn(column, value), key[i] ?? null));
}

/**
 * Takes over a row that was read again.
 *
 * @param isExpired whether what the entity holds is known to be old; otherwise unsaved changes keep it at the row
 * from which they were made, so that a version that has gone on meanwhile is told when they are saved
 */
export function takeRow(
  map: EntityMap,
  known: Values,
  fresh: Values,
  isExpired: boolean,
  findRelated: FindRelated,
): void {
  const [row, layout] = [rowOf(fresh), layoutOf(fresh)];
  const [ownRow, ownLayout] = [rowOf(known), layoutOf(known)];
  if (row === undefined || layout === undefined || ownRow === undefined || ownLayout === undefined) return;
  const changed = new Set(changesOf(map, known).changes.map(({ column }) => column.index));
  const keepsRow = changed.size > 0 && !isExpired;
  if (keepsRow && hasOtherVersion(map, ownRow, ownLayout, row, layout)) return;
  const followers = keepsRow
    ? []
    : map.relations().filter((each) => isOwningToOne(each.meta) && leadsToRow(each, known));
  for (const column of layout.columns) {
    const stored = storedValue(row, layout, column) ?? null;
    const before = storedValue(ownRow, ownLayout, column);
    const isMissing = before === undefined;
    if (column.meta.role === 'relation' || column.meta.role === 'discriminator') continue;
    if (isMissing ? readColumn(column, known) !== undefined : keepsRow || changed.has(column.index)) continue;
    if (!isMissing && keyName([before]) === keyName([stored])) continue;
    const value = readColumn(column, fresh);
    if (value !== undefined) writePath(map, known, column.meta.path, value);
  }
  const [first, second] = keepsRow
    ? [
        { row: ownRow, layout: ownLayout },
        { row, layout },
      ]
    : [
        { row, layout },
        { row: ownRow, layout: ownLayout },
      ];
  rememberMerged(map, known, first, second);
  for (const relation of followers) resetRelation(relation, known, row, layout, findRelated);
}

/** Whether a to-one is the one that the entity's row refers to. */
export function leadsToRow(relation: MappedRelation, entity: Values): boolean {
  const [row, layout] = [rowOf(entity), layoutOf(entity)];
  if (row === undefined || layout === undefined) return false;
  const key = relation.local.map((column) => storedValue(row, layout, column));
  if (key.includes(undefined)) return false;
  const value = relatedOf(entity, relation);
  return key.includes(null) ? value === null : pointsTo(relation, value, key as Row);
}

function hasOtherVersion(
  { version }: EntityMap,
  ownRow: Row,
  ownLayout: RowLayout,
  row: Row,
  layout: RowLayout,
): boolean {
  if (version === undefined) return false;
  return (
    keyName([storedValue(ownRow, ownLayout, version) ?? null]) !==
    keyName([storedValue(row, layout, version) ?? null])
  );
}

interface PlacedRow {
  readonly row: Parameters<typeof storedValue>[0];
  readonly layout: RowLayout;
}

/** The columns of two rows, those of the first where both have one. */
function rememberMerged(map: EntityMap, entity: Values, first: PlacedRow, second: PlacedRow): void {
  const hasAll = second.layout.columns.every(({ index }) => (first.layout.positions[index] as number) >= 0);
  if (hasAll) {
    rememberRow(entity, [...first.row], first.layout);
    return;
  }
  const merged = (column: MappedColumn) =>
    storedValue(first.row, first.layout, column) ?? storedValue(second.row, second.layout, column);
  const columns = map.columns.filter((column) => merged(column) !== undefined);
  rememberRow(
    entity,
    columns.map((column) => merged(column) ?? null),
    layoutOfColumns(map, columns),
  );
}
